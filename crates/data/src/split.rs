//! What is trained on, and what is held out.
//!
//! A score on the examples that a choice was made on is biased in favour of what was chosen. So the examples to choose on (`Tune`) and those
//! to report (`Test`) are drawn apart, at addresses of their own. Where a data set has finitely many examples it divides them; where it has
//! not, a test example is a training example only by chance.

use ablation_random::Stream;

/// Which examples: those to learn from, or those held out to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To learn from.
    Train,
    /// Held out, to choose hyper-parameters on.
    Tune,
    /// Held out, to report.
    Test,
}

impl Split {
    /// The name in the addresses of its examples: `"train"`, `"tune"` or `"test"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Tune => "tune",
            Self::Test => "test",
        }
    }

    /// The stream of this split's examples below `stream`; example `i` is drawn from its `index(i)`.
    pub fn of(self, stream: &Stream) -> Stream {
        stream.at(self.name())
    }
}
