//! A measured value with its uncertainty, as the figures of a study take it.
//!
//! What could not be measured says why: a component that exists only during training cannot be cut, and a 0 in its place would
//! be read as "cutting it does nothing".

use crate::number::{MISSING, number};

/// A mean over seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The mean. One that is not finite counts as missing.
    pub value: f64,
    /// Lower and upper end of its 95 % interval; `None` where there is none, as with one seed. An infinite end is unbounded.
    pub interval: Option<(f64, f64)>,
    /// The value of each seed.
    pub seeds: Vec<f64>,
}

/// An estimate, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// It was measured.
    Known(Estimate),
    /// It was not, for this reason, such as `not applicable: weight decay acts only during training`.
    Missing(String),
}

impl Estimate {
    /// The interval in order, if both its ends are numbers.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        self.interval.filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (a.min(b), a.max(b)))
    }

    /// `[1.20, 1.60]`, or a dash.
    pub(crate) fn interval_in_words(&self) -> String {
        self.ends().map_or_else(|| MISSING.into(), |(a, b)| format!("[{}, {}]", bound(a), bound(b)))
    }

    /// `1.43 [1.20, 1.60]`, or `1.43 (one seed, no interval)`.
    pub(crate) fn in_words(&self) -> String {
        match (self.ends(), self.seeds.len()) {
            (Some(_), _) => format!("{} {}", number(self.value), self.interval_in_words()),
            (None, 1) => format!("{} (one seed, no interval)", number(self.value)),
            (None, _) => format!("{} (no interval)", number(self.value)),
        }
    }
}

impl Measured {
    /// The estimate, or the reason why nothing can be drawn.
    pub(crate) fn get(&self) -> Result<&Estimate, &str> {
        match self {
            Measured::Known(estimate) if estimate.value.is_finite() => Ok(estimate),
            Measured::Known(_) => Err("its mean is not a finite number"),
            Measured::Missing(reason) => Err(reason),
        }
    }
}

/// An end of an interval: infinity is said, not shown as missing.
fn bound(value: f64) -> String {
    match value {
        f64::INFINITY => "∞".into(),
        f64::NEG_INFINITY => "−∞".into(),
        _ => number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, interval: Option<(f64, f64)>) -> Estimate {
        Estimate { value, interval, seeds: vec![value] }
    }

    #[test]
    fn an_interval_is_in_order_and_made_of_numbers() {
        assert_eq!(estimate(1.0, Some((2.0, 0.5))).in_words(), "1.00 [0.500, 2.00]");
        assert_eq!(estimate(1.0, Some((f64::NEG_INFINITY, f64::INFINITY))).in_words(), "1.00 [−∞, ∞]");
        assert_eq!(estimate(1.0, Some((f64::NAN, 2.0))).in_words(), "1.00 (one seed, no interval)");
        assert_eq!(estimate(1.0, None).interval_in_words(), "—");
    }

    #[test]
    fn what_is_missing_says_why() {
        assert_eq!(Measured::Missing("refused".into()).get(), Err("refused"));
        assert_eq!(Measured::Known(estimate(f64::NAN, None)).get(), Err("its mean is not a finite number"));
        assert!(Measured::Known(estimate(0.0, None)).get().is_ok());
    }
}
