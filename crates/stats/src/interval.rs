//! Intervals: from where to where.
//!
//! A pair of numbers says neither which comes first nor that the first is not the larger; half of all plotting mistakes
//! are a half-width taken for an end.

use serde::{Deserialize, Serialize};

/// From `low` to `high`, both included, in the unit of what it covers. Written as `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(type = "[low: number, high: number]"))]
#[serde(from = "[f64; 2]", into = "[f64; 2]")]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end; not below `low`.
    pub high: f64,
}

impl Interval {
    /// Whether the whole interval lies strictly between `-margin` and `margin`.
    pub fn is_within(self, margin: f64) -> bool {
        -margin < self.low && self.high < margin
    }
}

impl From<[f64; 2]> for Interval {
    fn from([low, high]: [f64; 2]) -> Self {
        Self { low, high }
    }
}

impl From<Interval> for [f64; 2] {
    fn from(interval: Interval) -> Self {
        [interval.low, interval.high]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_a_pair() {
        let interval = Interval { low: -0.5, high: 1.0 };
        assert_eq!(serde_json::to_string(&interval).unwrap(), "[-0.5,1.0]");
        assert_eq!(serde_json::from_str::<Interval>("[-0.5, 1.0]").unwrap(), interval);
    }

    #[test]
    fn an_end_on_the_margin_is_not_within() {
        let within = |low, high| Interval { low, high }.is_within(1.0);
        assert!(within(-0.9, 0.9));
        assert!(!within(-1.0, 0.9) && !within(-0.9, 1.0) && !within(-5.0, -2.0));
    }
}
