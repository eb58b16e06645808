//! Loops that compilers turn into SIMD, with results that do not depend on its width.

/// Partial sums kept by a reduction: a sum in eight lanes is the same sum whatever the hardware's vectors are.
const LANES: usize = 8;

/// `exp(x)` to about two units in the last place: `2^n` times a polynomial on `[-ln 2 / 2, ln 2 / 2]` (Cephes' `expf`).
/// Below -87 it is the smallest normal number's neighbourhood, above 88 it is near the largest number; never infinite.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding and subtracting this rounds to the nearest whole number, and leaves that number in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    // Two steps of the polynomial at a time (Estrin's scheme): half as many wait for each other as in Horner's.
    let square = r * r;
    let high = (1.987_569_1e-4 * r + 1.398_2e-3) * square + (8.333_452e-3 * r + 4.166_579_6e-2);
    let tail = high * square + (1.666_666_5e-1 * r + 0.5);
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    (tail * square + (r + 1.0)) * f32::from_bits(power)
}

/// The sum of `term` over the numbers at each index of slices of equal length, in eight lanes.
#[inline(always)]
pub(crate) fn sum<const N: usize>(slices: [&[f32]; N], term: impl Fn([f32; N]) -> f32) -> f32 {
    let count = slices.first().map_or(0, |slice| slice.len());
    debug_assert!(slices.iter().all(|slice| slice.len() == count), "slices of equal length");
    // Of slices of one length a compiler knows that every place is there, and makes vectors of the lanes.
    let slices = slices.map(|slice| slice[..count].as_chunks::<LANES>());
    let mut lanes = [0.0f32; LANES];
    for chunk in 0..count / LANES {
        let numbers: [&[f32; LANES]; N] = slices.map(|(whole, _)| &whole[chunk]);
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += term(numbers.map(|numbers| numbers[lane]));
        }
    }
    for (lane, total) in lanes[..count % LANES].iter_mut().enumerate() {
        *total += term(slices.map(|(_, rest)| rest[lane]));
    }
    together(lanes)
}

/// The largest of some numbers; one that is not a number is passed over.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for numbers in whole {
        for (lane, &number) in lanes.iter_mut().zip(numbers) {
            *lane = larger(*lane, number);
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
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

    #[test]
    fn a_sum_is_a_sum_whatever_its_length() {
        for count in 0usize..40 {
            let values: Vec<f32> = (0..count).map(|index| index as f32).collect();
            assert_eq!(sum([&values], |[value]| value), (count * count.saturating_sub(1) / 2) as f32);
            let triple: Vec<f32> = values.iter().map(|value| 3.0 * value).collect();
            assert_eq!(sum([&values, &triple], |[a, b]| b - a), 2.0 * sum([&values], |[value]| value));
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
