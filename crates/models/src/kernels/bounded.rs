//! Numbers kept within -1 and 1.

use super::Pointwise;
use crate::arithmetic::Arithmetic;

/// 1 for numbers between -1 and 1, 0 for all others.
pub(super) struct Within;

impl Pointwise for Within {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        Bounded::slope(x)
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        x.constant(0.0)
    }
}

/// `min(max(x, -1), 1)`; what is not a number stays so.
pub(super) struct Bounded;

impl Pointwise for Bounded {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        let least = x.constant(-1.0);
        -(-x.max(least.clone())).max(least)
    }

    /// One within, zero beyond.
    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        let (zero, one) = (x.constant(0.0), x.constant(1.0));
        let square = x.clone() * x;
        (one - square).sign().max(zero)
    }
}

#[cfg(test)]
mod tests {
    use crate::kernels;
    use crate::weights::upload;
    use burn::tensor::Device;

    #[test]
    fn bounded_numbers_are_those_of_the_standard_library_to_the_bit() {
        for limit in [4.0, 2.771_385_f32] {
            let beside = [limit, limit.next_up(), limit.next_down(), 0.0, 0.1, 0.3 * limit, 1e-30, 1e30, f32::MAX, f32::INFINITY];
            let x: Vec<f32> = beside.iter().flat_map(|&x| [x, -x]).chain([f32::NAN]).collect();
            let found = kernels::bounded(upload(x.clone(), [1, 1, x.len()], &Device::flex()), f64::from(limit));
            let found = found.into_data().try_into_vec::<f32>().unwrap();
            for (x, found) in x.into_iter().zip(found) {
                let expected = x.clamp(-limit, limit);
                // The sign of a zero is lost.
                assert!(found == expected || found.is_nan() && expected.is_nan(), "{x}: {found} and {expected}");
            }
        }
    }
}
