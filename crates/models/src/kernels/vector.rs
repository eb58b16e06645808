//! Eight numbers at a time. Every operation on them is that on each by itself, rounded as IEEE says, so results depend on no processor.

use std::ops::{Add, Mul, Sub};

use wide::{f32x8, i32x8};

/// How many numbers a vector has. A sum in so many lanes is the same sum however wide the vectors of the hardware are.
pub(super) const LANES: usize = 8;

/// So many numbers, filled up to a vector.
#[inline(always)]
fn filled(numbers: &[f32], fill: f32) -> f32x8 {
    let mut eight = [fill; LANES];
    eight[..numbers.len()].copy_from_slice(numbers);
    f32x8::new(eight)
}

/// What the exponential calculates with: a number, which compilers make vectors of in simple loops, or a vector.
pub(crate) trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// A constant of the formula.
    fn constant(value: f32) -> Self;
    /// The nearest number from `low` to `high`; what is not a number stays so.
    fn bounded(self, low: f32, high: f32) -> Self;
    /// `2^(m - 127)`, where `m` is the low eight bits of the sum of this number's bits and `bits`.
    fn power_of_two(self, bits: i32) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn constant(value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn bounded(self, low: f32, high: f32) -> Self {
        self.clamp(low, high)
    }

    #[inline(always)]
    fn power_of_two(self, bits: i32) -> Self {
        f32::from_bits(self.to_bits().wrapping_add(bits.cast_unsigned()) << 23)
    }
}

impl Number for f32x8 {
    #[inline(always)]
    fn constant(value: f32) -> Self {
        f32x8::splat(value)
    }

    #[inline(always)]
    fn bounded(self, low: f32, high: f32) -> Self {
        let [low, high] = [low, high].map(f32x8::splat);
        let raised = self.simd_lt(low).bitselect(low, self);
        raised.simd_gt(high).bitselect(high, raised)
    }

    #[inline(always)]
    fn power_of_two(self, bits: i32) -> Self {
        bytemuck::cast((bytemuck::cast::<f32x8, i32x8>(self) + i32x8::splat(bits)) << 23)
    }
}

/// `exp(x)` to about two units in the last place: `2^n` times a polynomial on `[-ln 2 / 2, ln 2 / 2]` (Cephes' `expf`).
/// Below -87 it is the smallest normal number's neighbourhood, above 88 it is near the largest number; never infinite.
#[inline(always)]
pub(crate) fn exp<N: Number>(x: N) -> N {
    // Adding and subtracting this rounds to the nearest whole number, and leaves that number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let c = N::constant;
    let x = x.bounded(-87.0, 88.0);
    let shifted = x * c(std::f32::consts::LOG2_E) + c(ROUND);
    let n = shifted - c(ROUND);
    let r = x - n * c(LN_2_HIGH) - n * c(LN_2_LOW);
    // Two steps of the polynomial at a time (Estrin's scheme): half as many wait for each other as in Horner's.
    let square = r * r;
    let high = (c(1.987_569_1e-4) * r + c(1.398_2e-3)) * square + (c(8.333_452e-3) * r + c(4.166_579_6e-2));
    let tail = high * square + (c(1.666_666_5e-1) * r + c(0.5));
    (tail * square + (r + c(1.0))) * shifted.power_of_two(127_i32.wrapping_sub(ROUND.to_bits().cast_signed()))
}

/// The sum of `term` over the numbers at each index of slices of equal length, in eight lanes.
#[inline(always)]
pub(crate) fn sum<const N: usize>(slices: [&[f32]; N], term: impl Fn([f32x8; N]) -> f32x8) -> f32 {
    let count = slices.first().map_or(0, |slice| slice.len());
    debug_assert!(slices.iter().all(|slice| slice.len() == count), "slices of equal length");
    // Of slices of one length a compiler knows that every place is there.
    let slices = slices.map(|slice| slice[..count].as_chunks::<LANES>());
    let mut lanes = f32x8::ZERO;
    for index in 0..count / LANES {
        lanes += term(slices.map(|(whole, _)| f32x8::new(whole[index])));
    }
    let rest = count % LANES;
    if rest > 0 {
        let terms = term(slices.map(|(_, rest)| filled(rest, 0.0)));
        // No lane is ever minus zero, so those beyond the end stay what they are.
        lanes += filled(&terms.to_array()[..rest], 0.0);
    }
    together(lanes.to_array())
}

/// The largest of some numbers; one that is not a number is passed over.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let lanes = whole.iter().fold(f32x8::splat(f32::NEG_INFINITY), |lanes, eight| larger(lanes, f32x8::new(*eight)));
    lanes.to_array().iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// The larger of two numbers in each lane: `b` if it is more than `a`.
#[inline(always)]
pub(super) fn larger(a: f32x8, b: f32x8) -> f32x8 {
    b.simd_gt(a).bitselect(b, a)
}

/// The lanes of a sum.
#[inline(always)]
fn together(lanes: [f32; LANES]) -> f32 {
    ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_the_exponential() {
        for step in -8700..8800 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 4e-7, "{x}");
        }
        assert!(exp(f32::NAN).is_nan());
        assert!(exp(-1e30) < 1e-37 && exp(1e30).is_finite());
    }

    /// Whatever they are, to the bit.
    #[test]
    fn exponentials_of_eight_numbers_are_those_of_each() {
        let rare = [0.0, -0.0, 1e-40, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e30, -1e30, 88.3, -87.4, f32::MIN_POSITIVE];
        let numbers: Vec<f32> = rare.into_iter().chain((-900..900).map(|step| step as f32 / 9.7)).collect();
        for start in (0..numbers.len()).step_by(LANES) {
            let eight = filled(&numbers[start..][..LANES.min(numbers.len() - start)], 0.0);
            for (found, x) in exp(eight).to_array().into_iter().zip(eight.to_array()) {
                assert!(found.to_bits() == exp(x).to_bits() || (found.is_nan() && x.is_nan()), "{x}");
            }
        }
    }

    #[test]
    fn a_sum_is_a_sum_whatever_its_length() {
        for count in 0usize..40 {
            let values: Vec<f32> = (0..count).map(|index| index as f32).collect();
            assert_eq!(sum([&values], |[value]| value), (count * count.saturating_sub(1) / 2) as f32);
            let triple: Vec<f32> = values.iter().map(|value| 3.0 * value).collect();
            assert_eq!(sum([&values, &triple], |[a, b]| b - a), 2.0 * sum([&values], |[value]| value));
            assert_eq!(sum([&values], |[value]| value + 1.0), sum([&values], |[value]| value) + count as f32);
        }
    }

    /// The order of a sum is a part of what it is: bits depend on it.
    #[test]
    fn a_sum_adds_its_lanes_in_their_order() {
        let values: Vec<f32> = (0..29).map(|index| (index as f32 * 1.7).sin()).collect();
        let mut lanes = [0.0f32; 8];
        for (index, value) in values.iter().enumerate() {
            lanes[index % 8] += value;
        }
        let [a, b, c, d] = std::array::from_fn(|lane| lanes[lane] + lanes[lane + 4]);
        assert_eq!(sum([&values], |[value]| value).to_bits(), ((a + b) + (c + d)).to_bits());
    }

    #[test]
    fn the_largest_number_is_found_wherever_it_is_and_what_is_no_number_is_passed_over() {
        for count in 1..20 {
            for place in 0..count {
                let mut values: Vec<f32> = (0..count).map(|index| -1.0 - index as f32).collect();
                values[place] = 3.5;
                values[(place + 1) % count] = if count > 1 { f32::NAN } else { 3.5 };
                assert_eq!(largest(&values), 3.5, "{values:?}");
            }
        }
        assert_eq!(largest(&[f32::NAN]), f32::NEG_INFINITY);
    }
}
