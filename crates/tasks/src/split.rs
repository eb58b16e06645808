//! What is trained on, and what is held out.

use ablation_random::Stream;

/// Which examples: those to learn from, or those held out to measure with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// To learn from.
    Train,
    /// Held out.
    Test,
}

impl Split {
    /// `"train"` or `"test"`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }

    /// The stream of example `index` of this split.
    pub(crate) fn example(self, stream: &Stream, index: u64) -> Stream {
        stream.at(self.name()).index(index)
    }
}
