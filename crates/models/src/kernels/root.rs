//! The square root of each number.

use super::Pointwise;
use crate::arithmetic::Arithmetic;

/// `sqrt(x)`.
pub(super) struct Root;

impl Pointwise for Root {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        x.root()
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        x.constant(0.5) / x.root()
    }
}
