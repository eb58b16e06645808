//! The points of a search: evenly spread, fixed in advance, and the same for every arm.
//!
//! Points do not depend on results. So every arm gets the same ones, they can be run in any order, and the cost is known in advance.
//! Owen-scrambled Sobol points (Owen 1995; Burley 2020) cover a range more evenly than
//! independent draws: of eight points on a line one falls into each eighth.

use ablation_settings::{Settings, Value};
use serde::{Deserialize, Serialize};

/// Fraction of a range at each end that counts as its edge.
pub const EDGE: f64 = 0.1;

/// The scale of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Logarithmic: learning rates.
    Log,
    /// Linear.
    Linear,
}

/// One setting that is searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Path of the setting.
    pub path: String,
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
    /// Its scale.
    pub scale: Scale,
    /// Whether its values are integers.
    pub whole: bool,
    /// Smallest and largest valid value of the setting.
    pub bounds: [f64; 2],
}

impl Dimension {
    /// The value at a fraction `u` of the way from `low` to `high`, with three significant digits.
    pub fn value(&self, u: f64) -> Value {
        let value = match self.scale {
            Scale::Log => libm::exp(libm::log(self.low) + u * (libm::log(self.high) - libm::log(self.low))),
            Scale::Linear => self.low + u * (self.high - self.low),
        };
        if self.whole {
            return Value::Integer(libm::round(value) as i64);
        }
        Value::Number(format!("{value:.2e}").parse::<f64>().unwrap_or(value).clamp(self.low, self.high))
    }

    /// Where a value lies between `low` (0) and `high` (1).
    pub fn share(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Log => (libm::log(value) - libm::log(self.low)) / (libm::log(self.high) - libm::log(self.low)),
            Scale::Linear => (value - self.low) / (self.high - self.low),
        };
        share.clamp(0.0, 1.0)
    }
}

/// The settings of point `index`, in as many dimensions as `space` has. `scramble` selects one of 2^32 point sets.
pub fn point(space: &[Dimension], scramble: u32, index: u32) -> Settings {
    let value = |(axis, dimension): (usize, &Dimension)| {
        (dimension.path.clone(), dimension.value(f64::from(sobol_burley::sample(index, axis as u32, scramble))))
    };
    space.iter().enumerate().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> Dimension {
        Dimension {
            path: "train.learning_rate".into(),
            low: 1e-4,
            high: 1e-1,
            scale: Scale::Log,
            whole: false,
            bounds: [1e-6, 1.0],
        }
    }

    #[test]
    fn one_of_eight_points_falls_into_each_eighth_whatever_the_scramble() {
        for scramble in 0..50 {
            let mut shares: Vec<f64> = (0..8)
                .map(|index| rate().share(point(&[rate()], scramble, index).number("train.learning_rate").unwrap()))
                .collect();
            shares.sort_unstable_by(f64::total_cmp);
            for (eighth, share) in shares.iter().enumerate() {
                // A value of three digits may lie a little beyond the border that its point kept.
                assert!((share * 8.0 - eighth as f64 - 0.5).abs() < 0.51, "scramble {scramble}: {shares:?}");
            }
        }
    }

    /// Stored searches depend on these numbers.
    #[test]
    fn golden_points_never_change() {
        let rates: Vec<f64> = (0..4).map(|index| point(&[rate()], 7, index).number("train.learning_rate").unwrap()).collect();
        assert_eq!(rates, [0.011, 0.000122, 0.0278, 0.00278]);
    }

    #[test]
    fn shares_and_values_lead_to_each_other() {
        let linear = Dimension { low: 0.0, high: 200.0, scale: Scale::Linear, whole: true, ..rate() };
        assert_eq!(linear.value(0.25), Value::Integer(50));
        assert_eq!(linear.share(50.0), 0.25);
        assert_eq!(rate().value(0.0), Value::Number(1e-4));
        assert_eq!(rate().value(1.0), Value::Number(1e-1));
        assert!((rate().share(1e-2) - 2.0 / 3.0).abs() < 1e-12);
    }
}
