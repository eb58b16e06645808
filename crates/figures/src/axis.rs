//! Scales and round ticks.
//!
//! Ticks at 0.30000000000000004 come from adding steps; here a tick is a whole multiple of 1, 2 or 5 times a power of ten and
//! is read from its own decimal text, so that it is the nearest number to what its label says.

use crate::number::{fixed, number};
use crate::svg::{TEXT, width};

/// A finite, non-empty range, made safe for drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower end.
    pub minimum: f64,
    /// Upper end, greater than `minimum`.
    pub maximum: f64,
}

impl Range {
    /// The range between two numbers in either order. If they coincide or are not finite, a range around what is left is used.
    pub fn new(a: f64, b: f64) -> Self {
        let (minimum, maximum) = match (bounded(a), bounded(b)) {
            (Some(a), Some(b)) => (a.min(b), a.max(b)),
            (Some(a), None) | (None, Some(a)) => (a, a),
            (None, None) => (0.0, 1.0),
        };
        // Closer than this, ticks could not be told apart in their labels.
        let least = (1e-9 * minimum.abs().max(maximum.abs())).max(1e-290);
        if maximum - minimum > least {
            return Self { minimum, maximum };
        }
        let room = if minimum.abs() < 1e-280 { 1.0 } else { minimum.abs() * 0.1 };
        Self { minimum: minimum - room, maximum: maximum + room }
    }

    /// The range that holds all finite values, or 0..1 if there is none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut minimum, mut maximum) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|v| v.is_finite()) {
            minimum = minimum.min(value);
            maximum = maximum.max(value);
        }
        Self::new(minimum, maximum)
    }

    /// Whether the value lies inside, ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.minimum..=self.maximum).contains(&value)
    }

    /// Room around what is measured: zero is shown where it is not far below, otherwise a twentieth is added on each side.
    pub fn padded(&self) -> Self {
        let room = 0.05 * (self.maximum - self.minimum);
        let near_zero = self.minimum >= 0.0 && self.minimum < 0.5 * self.maximum;
        Self { minimum: if near_zero { 0.0 } else { self.minimum - room }, maximum: self.maximum + room }
    }
}

/// Keeps sums and differences of two such numbers finite.
fn bounded(value: f64) -> Option<f64> {
    value.is_finite().then(|| value.clamp(-1e300, 1e300))
}

/// A linear map from data to drawing units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub domain: Range,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    /// Where a value is drawn; values outside the domain land on its edge.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.domain.minimum) / (self.domain.maximum - self.domain.minimum);
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }
}

/// A tick: a round value and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value, the nearest number to its label.
    pub value: f64,
    /// The label, with as many decimals as its neighbours.
    pub label: String,
}

/// At most `most` + 1 round ticks inside the range, at a step of 1, 2 or 5 times a power of ten; whole numbers only if `whole`.
pub fn ticks(range: Range, most: usize, whole: bool) -> Vec<Tick> {
    let rough = (range.maximum - range.minimum) / most.max(1) as f64;
    let mut exponent = libm::floor(libm::log10(rough)) as i32;
    let mut mantissa = 1;
    while decimal(mantissa, exponent) < rough * (1.0 - 1e-9) {
        (mantissa, exponent) = match mantissa {
            1 => (2, exponent),
            2 => (5, exponent),
            _ => (1, exponent + 1),
        };
    }
    if whole && exponent < 0 {
        (mantissa, exponent) = (1, 0);
    }
    let step = decimal(mantissa, exponent);
    let (first, last) = (libm::ceil(range.minimum / step - 1e-9) as i64, libm::floor(range.maximum / step + 1e-9) as i64);
    let plain = (-3..=5).contains(&exponent);
    (first..=last)
        .map(|k| {
            let value = decimal(k * mantissa, exponent);
            Tick { value, label: if plain { fixed(value, (-exponent).max(0) as usize) } else { number(value) } }
        })
        .collect()
}

/// One and three times every power of ten inside a positive range, powers of ten first: the two are about evenly spaced on a
/// logarithmic axis. Where there are many powers, only every second, third, ... is there, and no threes.
pub(crate) fn decades(range: Range) -> Vec<Tick> {
    let exponent = |v: f64| libm::log10(v.max(1e-300));
    let (first, last) = (libm::floor(exponent(range.minimum)) as i32, libm::ceil(exponent(range.maximum)) as i32);
    let step = (last - first) / 8 + 1;
    let mantissas: &[i64] = if step > 1 { &[1] } else { &[1, 3] };
    let tick = |mantissa: i64, exponent: i32| {
        let plain = (-3..=5).contains(&exponent);
        let value = decimal(mantissa, exponent);
        let decimals = (-exponent).max(0) as usize;
        Tick { value, label: if plain { fixed(value, decimals) } else { format!("{mantissa}e{exponent}") } }
    };
    let all = |&mantissa: &i64| (first..=last).step_by(step as usize).map(move |exponent| tick(mantissa, exponent));
    mantissas.iter().flat_map(all).filter(|t| range.contains(t.value)).collect()
}

/// Those of the ticks, earlier ones before later ones, whose labels (centred at `at`) keep clear of one another.
pub(crate) fn fitting(ticks: Vec<Tick>, at: impl Fn(f64) -> f64) -> Vec<Tick> {
    let mut kept: Vec<Tick> = vec![];
    for tick in ticks {
        let room = |other: &Tick| (width(&tick.label, TEXT) + width(&other.label, TEXT)) / 2.0 + 6.0;
        if kept.iter().all(|other| (at(tick.value) - at(other.value)).abs() >= room(other)) {
            kept.push(tick);
        }
    }
    kept
}

/// `whole` times ten to the `exponent`, rounded once.
fn decimal(whole: i64, exponent: i32) -> f64 {
    format!("{whole}e{exponent}").parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(minimum: f64, maximum: f64) -> Vec<String> {
        ticks(Range::new(minimum, maximum), 5, false).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(labels(0.0, 2.4), ["0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(labels(0.0, 0.3), ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(-1.1, 1.1), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.0, 800.0), ["0", "200", "400", "600", "800"]);
        assert_eq!(labels(2.31, 2.34), ["2.31", "2.32", "2.33", "2.34"]);
    }

    #[test]
    fn a_tick_is_the_number_its_label_says() {
        for tick in ticks(Range::new(0.0, 0.3), 5, false) {
            assert_eq!(tick.value, tick.label.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn a_logarithmic_axis_has_ones_and_threes() {
        let labels = |a, b| decades(Range::new(a, b)).into_iter().map(|t| t.label).collect::<Vec<_>>();
        assert_eq!(labels(2e-4, 0.1), ["0.001", "0.01", "0.1", "3e-4", "0.003", "0.03"]);
        assert_eq!(labels(1.0, 1e30), ["1", "10000", "1e8", "1e12", "1e16", "1e20", "1e24", "1e28"]);
        assert!(decades(Range::new(1e-300, 1e300)).len() <= 9);
        assert!(decades(Range { minimum: 0.0, maximum: 1.0 }).len() <= 9);
    }

    #[test]
    fn ticks_give_way_to_those_before_them() {
        let fitted = fitting(decades(Range::new(0.01, 1.0)), |v| 40.0 * libm::log10(v));
        assert_eq!(fitted.into_iter().map(|t| t.label).collect::<Vec<_>>(), ["0.01", "0.1", "1"]);
    }

    #[test]
    fn steps_of_training_are_never_halved() {
        let whole: Vec<f64> = ticks(Range::new(0.0, 2.0), 5, true).into_iter().map(|t| t.value).collect();
        assert_eq!(whole, [0.0, 1.0, 2.0]);
    }

    #[test]
    fn no_range_is_too_strange_to_draw() {
        let ends = [0.0, -0.0, 1.0, -1.0, 1e-300, 1e300, -1e308, 5e-324, 1e17, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for a in ends {
            for b in ends {
                let range = Range::new(a, b);
                assert!(range.minimum < range.maximum, "{a} {b}");
                let count = ticks(range, 5, false).len();
                assert!((1..=6).contains(&count), "{a} {b}: {count} ticks");
                assert!(ticks(range, 5, true).len() <= 6);
            }
        }
    }

    #[test]
    fn values_outside_land_on_the_edge() {
        let scale = Scale { domain: Range::new(0.0, 10.0), from: 100.0, to: 0.0 };
        assert_eq!([scale.at(-5.0), scale.at(5.0), scale.at(50.0)], [100.0, 50.0, 0.0]);
    }

    #[test]
    fn zero_is_shown_when_it_is_near() {
        assert_eq!(Range::new(0.1, 2.0).padded().minimum, 0.0);
        assert!(Range::new(2.0, 2.4).padded().minimum > 1.9);
    }
}
