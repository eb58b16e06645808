//! No non-linearity: two linear maps after one another are one (Saxe, McClelland & Ganguli 2014, <https://arxiv.org/abs/1312.6120>).

use super::Activation;
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::Pointwise;

pub(super) const ENTRY: Entry<Activation> = Entry {
    name: "identity",
    label: "none (linear)",
    help: "x itself: the MLP is then a linear map.",
    value: Activation::of::<Identity>(),
};

/// `x`.
struct Identity;

impl Pointwise for Identity {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        x
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        x.constant(1.0)
    }
}
