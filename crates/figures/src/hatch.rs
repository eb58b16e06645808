//! Diagonal hatching, for ablated components and approximate values.

use crate::number::coordinate;
use std::fmt::Write;

/// Distance of the lines along an edge.
const STEP: f64 = 7.0;

/// Diagonals through a rectangle whose upper left corner is (`x`, `y`), as path text; computed rather than clipped, because a
/// clip path would need an id.
pub(crate) fn hatching(x: f64, y: f64, width: f64, height: f64) -> String {
    let n = |v| coordinate(v, 1);
    let mut path = String::new();
    let mut sum = STEP;
    while sum < width + height {
        let (low, high) = ((sum - height).max(0.0), sum.min(width));
        let _ = write!(path, "M{} {}L{} {}", n(x + low), n(y + sum - low), n(x + high), n(y + sum - high));
        sum += STEP;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_inside() {
        assert_eq!(hatching(0.0, 0.0, 10.0, 10.0), "M0 7L7 0M4 10L10 4");
        assert_eq!(hatching(100.0, 50.0, 4.0, 12.0), "M100 57L104 53M102 62L104 60");
        assert_eq!(hatching(0.0, 0.0, 2.0, 2.0), "");
    }
}
