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

/// The sum of `term(i)` over `0..count`, in eight lanes.
#[inline(always)]
pub(crate) fn sum(count: usize, term: impl Fn(usize) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let whole = count - count % LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += term(start + lane);
        }
    }
    for index in whole..count {
        lanes[index - whole] += term(index);
    }
    together(lanes)
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
        for count in 0..40 {
            assert_eq!(sum(count, |index| index as f32), (count * count.saturating_sub(1) / 2) as f32);
        }
    }
}
