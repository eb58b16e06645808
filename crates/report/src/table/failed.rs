//! Runs that failed and were written down as a number.
//!
//! A script that has to write something for a crashed run writes 1000000, 999 or -1. Averaged with the others it makes a mean of 600003,
//! which is no result. So a round number far outside of all others is asked about, and a run that is said to have failed is counted as
//! that.

use super::Place;

/// A value is far outside if it is so many times larger than every other.
const FAR: f64 = 50.0;

/// Fewer other values say nothing of where values usually lie.
const FEWEST_OTHERS: usize = 4;

/// Which values mark runs that failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Failed {
    /// It is not said; a value that looks like a mark is refused.
    #[default]
    Unstated,
    /// None: every number was measured.
    Nothing,
    /// These numbers; with `not_a_number` also what is no number at all, such as NaN and an empty cell.
    Marks {
        /// The numbers.
        values: Vec<f64>,
        /// Whether NaN, infinities and empty cells do.
        not_a_number: bool,
    },
}

impl Failed {
    /// Whether a value marks a failed run; `None` stands for what is no number.
    pub(super) fn is_mark(&self, value: Option<f64>) -> bool {
        match (self, value) {
            (Failed::Marks { values, .. }, Some(value)) => values.contains(&value),
            (Failed::Marks { not_a_number, .. }, None) => *not_a_number,
            _ => false,
        }
    }
}

/// A value that looks like a mark, with the rows that have it and the ends of all other values.
pub(super) struct Suspect {
    pub value: f64,
    pub places: Vec<Place>,
    pub others: [f64; 2],
}

/// The first value that looks like a mark for a failed run; none if all look measured.
pub(super) fn suspect(cells: &[(f64, Place)]) -> Option<Suspect> {
    let others = |value: f64| cells.iter().map(|(other, _)| *other).filter(move |other| *other != value);
    let ends = |value: f64| {
        others(value).fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], other| [low.min(other), high.max(other)])
    };
    let largest = cells.iter().map(|(value, _)| *value).max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    let candidates = [largest, -1.0];
    candidates.into_iter().find_map(|value| {
        let places: Vec<Place> = cells.iter().filter(|(other, _)| *other == value).map(|(_, place)| *place).collect();
        if places.is_empty() || cells.len() - places.len() < FEWEST_OTHERS {
            return None;
        }
        let [low, high] = ends(value);
        let is_far = value.abs() >= FAR * low.abs().max(high.abs());
        let is_impossible = value == -1.0 && low >= 0.0;
        ((is_round(value) && is_far) || is_impossible).then_some(Suspect { value, places, others: [low, high] })
    })
}

/// Whether a number has the digits of a mark: a power of ten from a hundred on, or nines only.
fn is_round(value: f64) -> bool {
    let text = format!("{}", value.abs());
    let nines = text.len() > 1 && text.bytes().all(|byte| byte == b'9');
    let power = text.len() > 2 && text.starts_with('1') && text.bytes().skip(1).all(|byte| byte == b'0');
    nines || power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[f64]) -> Option<(f64, usize)> {
        let cells: Vec<(f64, Place)> = values.iter().enumerate().map(|(row, value)| (*value, Place::Row(row as u64))).collect();
        suspect(&cells).map(|suspect| (suspect.value, suspect.places.len()))
    }

    #[test]
    fn a_round_number_far_outside_is_asked_about() {
        assert_eq!(found(&[0.1, 16.2, 1e6, 1e6, 0.3, 0.2]), Some((1e6, 2)));
        assert_eq!(found(&[2.1, 2.2, 999.0, 2.3, 2.0]), Some((999.0, 1)));
        assert_eq!(found(&[2.1, 2.2, 1e9, 2.3, 2.0]), Some((1e9, 1)));
        assert_eq!(found(&[2.1, 2.2, -999.0, 2.3, 2.0]), Some((-999.0, 1)));
        assert_eq!(found(&[0.8, 0.9, -1.0, 0.7, 0.9, -1.0]), Some((-1.0, 2)));
    }

    #[test]
    fn what_was_measured_is_not() {
        assert_eq!(found(&[0.1, 16.2, 1e6, 5e5, 0.3, 0.2]), None, "others come near");
        assert_eq!(found(&[2.1, 2.2, 1234.0, 2.3, 2.0]), None, "not round");
        assert_eq!(found(&[0.8, -0.9, -1.0, 0.7, 0.9]), None, "others are negative");
        assert_eq!(found(&[1.0, 1.0, 100.0]), None, "too few others");
        assert_eq!(found(&[100.0, 99.0, 98.5, 99.0, 100.0, 97.0]), None, "a score in per cent");
        assert_eq!(found(&[]), None);
    }
}
