//! What a validator changed, said aloud.
//!
//! A link whose values are silently bent shows results of a study that nobody asked for.

use serde::{Deserialize, Serialize};

use crate::shorten::{LONGEST, shorten};

/// One change that validation made to what was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Correction {
    /// The setting, or the part of a link, that was corrected.
    pub path: String,
    /// What was given.
    pub given: String,
    /// What is used instead.
    pub used: String,
    /// Why, as a sentence.
    pub reason: String,
}

impl Correction {
    /// `given` is replaced by `used` at `path`; `reason` is a sentence. Long texts are cut off.
    pub fn new(path: &str, given: impl ToString, used: impl ToString, reason: impl Into<String>) -> Self {
        let (path, given) = (shorten(path, LONGEST), shorten(&given.to_string(), LONGEST));
        Correction { path, given, used: used.to_string(), reason: reason.into() }
    }
}
