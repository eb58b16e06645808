//! A measured value with its uncertainty, or the reason why there is none.
//!
//! A component that exists only during training cannot be ablated; a 0 in place of the reason would be read as "ablation has no effect".

use crate::number::{MISSING, to_margin};

/// A mean over seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The mean. One that is not finite counts as missing.
    pub value: f64,
    /// Lower and upper end of the 95 % interval; `None` where there is none, as with one seed. An infinite end is unbounded.
    pub interval: Option<(f64, f64)>,
    /// The value of each seed.
    pub seeds: Vec<f64>,
}

/// An estimate, or the reason why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// Measured.
    Known(Estimate),
    /// Not measured, with the reason, such as `not ablatable: acts only during training`.
    Missing(String),
}

impl Estimate {
    /// The interval in order, if both its ends are numbers.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        self.interval.filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (a.min(b), a.max(b)))
    }

    /// Whether the whole interval lies within the margin.
    pub(crate) fn is_within(&self, margin: Option<f64>) -> bool {
        margin.zip(self.ends()).is_some_and(|(margin, (low, high))| -margin < low && high < margin)
    }

    /// `1.20 to 1.60`, or a dash.
    pub(crate) fn interval_in_words(&self, margin: Option<f64>) -> String {
        self.ends().map_or_else(|| MISSING.into(), |(a, b)| format!("{} to {}", bound(a, margin), bound(b, margin)))
    }

    /// `1.43 nats (95 % interval 1.20 to 1.60, n = 6)`, or `1.43 nats (one seed, no interval)`; `n` where the seeds are known.
    pub(crate) fn in_words(&self, unit: Option<&str>, margin: Option<f64>) -> String {
        let unit = unit.map_or_else(String::new, |unit| format!(" {unit}"));
        let value = to_margin(self.value, margin);
        match (self.ends(), self.seeds.len()) {
            (Some(_), 0) => format!("{value}{unit} (95 % interval {})", self.interval_in_words(margin)),
            (Some(_), n) => format!("{value}{unit} (95 % interval {}, n = {n})", self.interval_in_words(margin)),
            (None, 1) => format!("{value}{unit} (one seed, no interval)"),
            (None, _) => format!("{value}{unit} (no interval)"),
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

/// An end of an interval; infinity is shown as such, not as missing.
fn bound(value: f64, margin: Option<f64>) -> String {
    match value {
        f64::INFINITY => "∞".into(),
        f64::NEG_INFINITY => "−∞".into(),
        _ => to_margin(value, margin),
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
        let in_words = |interval, margin| estimate(1.0, interval).in_words(Some("nats"), margin);
        assert_eq!(in_words(Some((2.0, 0.5)), None), "1.00 nats (95 % interval 0.500 to 2.00, n = 1)");
        assert_eq!(in_words(Some((0.00456, 2.0)), Some(0.027)), "1.00 nats (95 % interval 0.005 to 2.00, n = 1)");
        assert_eq!(in_words(Some((f64::NEG_INFINITY, f64::INFINITY)), None), "1.00 nats (95 % interval −∞ to ∞, n = 1)");
        assert_eq!(in_words(Some((f64::NAN, 2.0)), None), "1.00 nats (one seed, no interval)");
        assert_eq!(estimate(1.0, None).interval_in_words(None), "—");
    }

    #[test]
    fn a_gap_is_within_the_margin_only_with_its_whole_interval() {
        assert!(estimate(0.0, Some((-0.01, 0.02))).is_within(Some(0.03)));
        assert!(!estimate(0.0, Some((-0.01, 0.04))).is_within(Some(0.03)));
        assert!(!estimate(0.0, None).is_within(Some(0.03)) && !estimate(0.0, Some((0.0, 0.0))).is_within(None));
    }

    #[test]
    fn a_missing_value_has_a_reason() {
        assert_eq!(Measured::Missing("refused".into()).get(), Err("refused"));
        assert_eq!(Measured::Known(estimate(f64::NAN, None)).get(), Err("its mean is not a finite number"));
        assert!(Measured::Known(estimate(0.0, None)).get().is_ok());
    }
}
