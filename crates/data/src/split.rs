//! What is trained on, and what is held out.
//!
//! What a choice was made on flatters whatever was chosen, so what is chosen on (`Tune`) and what is reported (`Test`) never meet.

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
    /// All that is held out, for whoever chooses nothing. Its examples have the addresses of the test split's: data without an end has
    /// nothing to divide, so there it *is* the test split; a finite corpus draws from both halves.
    HeldOut,
}

impl Split {
    /// The name in the addresses of its examples: `"train"`, `"tune"` or `"test"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Tune => "tune",
            Self::Test | Self::HeldOut => "test",
        }
    }

    /// The stream of this split's examples below `stream`; example `i` is drawn from its `index(i)`.
    pub fn of(self, stream: &Stream) -> Stream {
        stream.at(self.name())
    }
}
