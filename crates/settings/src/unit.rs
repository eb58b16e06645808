//! What a study has several of.

use serde::{Deserialize, Serialize};

/// The unit of analysis: what is drawn anew, paired and counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A seed of the final runs.
    #[default]
    Seed,
    /// A repetition of the whole search with the seeds that follow it.
    Repetition,
}

impl Unit {
    /// So many of them in words: `one seed`, `12 repetitions`.
    pub fn many(self, n: u64) -> String {
        match (self, n) {
            (Unit::Seed, 1) => "one seed".to_string(),
            (Unit::Repetition, 1) => "one repetition".to_string(),
            _ => format!("{n} {}", self.name()),
        }
    }

    /// The word for one of them.
    pub fn one(self) -> &'static str {
        match self {
            Unit::Seed => "seed",
            Unit::Repetition => "repetition",
        }
    }

    /// The word for several of them.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Seed => "seeds",
            Unit::Repetition => "repetitions",
        }
    }
}
