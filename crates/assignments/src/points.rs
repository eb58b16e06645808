//! Points, counted in hundredths, so that a total is the sum of its parts to the last digit.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// Hundredths in a point.
const WHOLE: u64 = 100;

/// The most points that a question is worth.
pub const MOST: u32 = 1000;

/// Points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Points(u64);

impl Points {
    /// None.
    pub const ZERO: Points = Points(0);

    /// So many whole points.
    pub fn whole(points: u32) -> Self {
        Points(WHOLE * u64::from(points))
    }

    /// The share `done / of` of them, rounded down to a hundredth; all of them only where all is done.
    #[must_use]
    pub fn share(self, done: u64, of: u64) -> Self {
        if done >= of {
            return self;
        }
        let part = u128::from(self.0) * u128::from(done) / u128::from(of);
        Points(u64::try_from(part).unwrap_or(self.0))
    }

    /// As a number.
    pub fn number(self) -> f64 {
        self.0 as f64 / WHOLE as f64
    }

    /// As a number in JSON, whole where it is.
    pub fn json(self) -> serde_json::Value {
        if self.0.is_multiple_of(WHOLE) { serde_json::json!(self.floor()) } else { serde_json::json!(self.number()) }
    }

    /// Whole points, rounded down.
    pub fn floor(self) -> u64 {
        self.0 / WHOLE
    }
}

impl Add for Points {
    type Output = Points;

    fn add(self, other: Points) -> Points {
        Points(self.0 + other.0)
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Points>>(points: I) -> Points {
        points.fold(Points::ZERO, Add::add)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_whole_only_where_all_is_done() {
        let three = Points::whole(3);
        assert_eq!(three.share(5, 6).to_string(), "2.5");
        assert_eq!(three.share(2, 3), Points::whole(2));
        assert_eq!([three.share(9999, 10_000).to_string(), three.share(0, 7).to_string()], ["2.99", "0"]);
        assert_eq!((three.share(7, 7), three.share(0, 0)), (three, three));
        assert_eq!((three.share(1, 2).floor(), three.share(1, 2).json().to_string()), (1, "1.5".into()));
        assert_eq!(three.json().to_string(), "3");
    }
}
