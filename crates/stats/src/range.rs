//! Arguments with a range, and the two that come up everywhere: how confident an interval is, and what counts as
//! negligible.
//!
//! A confidence of 95 instead of 0.95, or a margin with a minus sign, gives no error in most packages but a table full of
//! numbers. Here it is refused where it enters.

use serde::{Deserialize, Serialize};

use crate::sample::LARGEST;

/// An argument outside the range in which a formula means anything.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} is {value}, but has to be {needed}")]
pub struct OutOfRange {
    /// What the argument stands for, with its article.
    pub what: &'static str,
    /// What it was.
    pub value: f64,
    /// What it has to be.
    pub needed: &'static str,
}

/// `value`, if it lies strictly between 0 and 1.
pub(crate) fn inside_unit(what: &'static str, value: f64) -> Result<f64, OutOfRange> {
    let needed = "larger than 0 and smaller than 1 (write 95 % as 0.95)";
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(OutOfRange { what, value, needed }) }
}

/// `value`, if it is finite and positive, and its square does not overflow.
pub(crate) fn positive(what: &'static str, value: f64) -> Result<f64, OutOfRange> {
    let needed = "larger than 0 and at most 1e100";
    if value > 0.0 && value <= LARGEST { Ok(value) } else { Err(OutOfRange { what, value, needed }) }
}

/// The share of studies in which an interval should cover the truth, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 90 %: the interval that goes with an equivalence test at 0.05.
    pub const P90: Self = Self(0.9);
    /// 95 %: the interval that goes with a two-sided test at 0.05.
    pub const P95: Self = Self(0.95);

    /// Checks the share.
    ///
    /// # Errors
    /// If it is not strictly between 0 and 1.
    pub fn new(share: f64) -> Result<Self, OutOfRange> {
        inside_unit("the confidence", share).map(Self)
    }

    /// The share.
    pub fn share(self) -> f64 {
        self.0
    }

    /// What is left outside on each side.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

/// The largest difference that is negligible, in the unit of the differences. Positive; fixed before looking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Margin(f64);

impl Margin {
    /// Checks the size.
    ///
    /// # Errors
    /// If it is not larger than 0 and at most [`LARGEST`].
    pub fn new(size: f64) -> Result<Self, OutOfRange> {
        positive("the margin", size).map(Self)
    }

    /// The size.
    pub fn size(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Margin {
    type Error = OutOfRange;

    fn try_from(size: f64) -> Result<Self, OutOfRange> {
        Self::new(size)
    }
}

impl From<Margin> for f64 {
    fn from(margin: Margin) -> Self {
        margin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        for share in [0.0, 1.0, 95.0, -0.5, f64::NAN, f64::INFINITY] {
            let error = Confidence::new(share).unwrap_err().to_string();
            assert!(error.contains(&format!("the confidence is {share}")) && error.contains("as 0.95"), "{error}");
        }
        for size in [0.0, -0.01, 1e101, f64::NAN, f64::INFINITY] {
            assert!(Margin::new(size).unwrap_err().to_string().contains(&format!("the margin is {size}")));
        }
    }

    #[test]
    fn a_margin_is_written_as_a_number_and_checked_when_read() {
        let margin = Margin::new(0.25).unwrap();
        assert_eq!(serde_json::to_string(&margin).unwrap(), "0.25");
        assert_eq!(serde_json::from_str::<Margin>("0.25").unwrap(), margin);
        assert!(serde_json::from_str::<Margin>("-1.0").unwrap_err().to_string().contains("the margin is -1"));
    }
}
