//! The exact sum, rounded once.
//!
//! Outcomes arrive in whatever order the workers finish. With the usual running sum the last digits of a mean would
//! depend on that order, and a report made twice from the same outcomes would differ from itself.
//!
//! Shewchuk (1997), "Adaptive precision floating-point arithmetic", <https://doi.org/10.1007/PL00009321>: the sum so
//! far is kept as numbers that do not overlap, so nothing is lost until the end. Python's `math.fsum` does the same.

/// The exact sum of `numbers` rounded to the nearest `f64`, whatever their order; 0 if there are none.
///
/// The numbers must be finite and their sum must not overflow, which a [`Sample`](crate::Sample)'s cannot; otherwise the
/// answer is not a number.
pub fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut parts: Vec<f64> = Vec::new(); // not overlapping, smallest first; their exact sum is the answer
    for number in numbers {
        let mut carried = number;
        let mut kept = 0;
        for i in 0..parts.len() {
            let (high, low) = two_sum(carried, parts[i]);
            if low != 0.0 {
                parts[kept] = low;
                kept += 1;
            }
            carried = high;
        }
        parts.truncate(kept);
        parts.push(carried);
    }
    rounded(&parts)
}

/// `a + b` exactly: the rounded sum and what the rounding lost (Knuth's TwoSum).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    let b_seen = high - a;
    (high, (a - (high - b_seen)) + (b - b_seen))
}

/// The sum of parts that do not overlap, rounded once, ties to even.
fn rounded(parts: &[f64]) -> f64 {
    let Some((&last, rest)) = parts.split_last() else {
        return 0.0;
    };
    let mut high = last;
    for (i, &part) in rest.iter().enumerate().rev() {
        let (total, low) = two_sum(high, part);
        high = total;
        if low != 0.0 {
            // `high` was rounded. If that was a tie, the sign of what lies below decides it.
            let below = if i > 0 { rest[i - 1] } else { 0.0 };
            let nudged = high + 2.0 * low;
            let same_sign = low.signum() == below.signum() && below != 0.0; // their product may vanish
            if same_sign && nudged - high == 2.0 * low {
                high = nudged;
            }
            break;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_to_cancellation() {
        assert_eq!(sum([]), 0.0);
        assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum([0.1; 10]), 1.0); // the running sum says 0.9999999999999999
        assert_eq!(sum([1.0, 1e-16, 1e-16, -1.0]), 2e-16);
    }

    #[test]
    fn a_tie_is_decided_by_what_lies_below_it() {
        let half = f64::EPSILON / 2.0; // half of the last place of 1
        assert_eq!(sum([1.0, half]), 1.0); // a tie goes to the even neighbour
        assert_eq!(sum([1.0, half, 1e-30]), 1.0 + f64::EPSILON);
        assert_eq!(sum([1.0 + f64::EPSILON, half]), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(sum([1.0 + f64::EPSILON, half, -1e-30]), 1.0 + f64::EPSILON);
        // Also where the product of what lies below would vanish.
        let (one_way, another) = ([1e-160, 1e-160, -3e-170], [-3e-170, 1e-160, 1e-160]);
        assert_eq!(sum(one_way), sum(another));
        assert_eq!(sum([1e-200, 1e-200 * half, 1e-230]), sum([1e-230, 1e-200 * half, 1e-200]));
    }

    #[test]
    fn the_order_does_not_matter_to_the_last_bit() {
        // A small keyed mess of magnitudes; every rotation and the reverse must agree.
        let mut state = 1_u64;
        let mut numbers: Vec<f64> = (0..200)
            .map(|i| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 11) as f64 / [1.0, 1e7, 1e15, 3e22][i % 4] - 5.0
            })
            .collect();
        let expected = sum(numbers.iter().copied());
        for _ in 0..200 {
            numbers.rotate_left(1);
            assert_eq!(sum(numbers.iter().copied()), expected);
        }
        assert_eq!(sum(numbers.iter().rev().copied()), expected);
    }
}
