//! Focal loss: cross-entropy that counts less where the prediction is good already (Lin et al. 2017, <https://arxiv.org/abs/1708.02002>).

use ablation_settings::{Field, Group, Role};

use super::{Loss, Rows};
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels::{self, Curve, Pointwise};
use crate::tensor::Tensor;

/// Below this, `1 - p` counts as this: its logarithm has to be finite.
const LEAST: f32 = 1e-6;

struct Focal;

pub(super) const ENTRY: Entry<&dyn Loss> = Entry {
    name: "focal",
    label: "focal",
    help: "Cross-entropy times (1 - p)^γ: targets that are predicted well already count less (Lin et al. 2017).",
    value: &Focal,
};

impl Loss for Focal {
    fn fields(&self) -> Vec<Field> {
        let help = "Focusing parameter γ of the focal loss: how much less a well predicted target counts; 0 is cross-entropy (Lin et al. 2017).";
        let field = Field::number("train.focal_gamma", Group::Training, "Focal γ", help, (0.0, 10.0), 2.0);
        vec![field.role(Role::PerReplica)]
    }

    /// `(1 - p)^γ * -ln p`, with the power as `exp(γ ln(1 - p))`.
    fn costs(&self, rows: &Rows, own: &[Tensor<3>]) -> Tensor<3> {
        let surprisals = rows.surprisals();
        let logarithms = kernels::pointwise(surprisals.clone(), Curve::of::<LogComplement>());
        kernels::pointwise(logarithms * own[0].clone(), Curve::of::<Exponential>()) * surprisals
    }
}

/// `ln(1 - exp(-x))`: the logarithm of the probability of everything else, from the surprisal of one class.
struct LogComplement;

impl Pointwise for LogComplement {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        complement(x).ln()
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        (-x.clone()).exp() / complement(x)
    }
}

#[inline(always)]
fn complement<N: Arithmetic>(x: N) -> N {
    let (one, least) = (x.constant(1.0), x.constant(LEAST));
    (one - (-x).exp()).max(least)
}

/// `exp(x)`.
struct Exponential;

impl Pointwise for Exponential {
    #[inline(always)]
    fn value<N: Arithmetic>(x: N) -> N {
        x.exp()
    }

    #[inline(always)]
    fn slope<N: Arithmetic>(x: N) -> N {
        x.exp()
    }
}
