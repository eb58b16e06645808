//! Squared error of the scores against the one-hot target (Hui & Belkin 2021, <https://arxiv.org/abs/2006.07322>).

use super::{Loss, Rows};
use crate::entry::Entry;
use crate::kernels;
use crate::tensor::Tensor;

struct Squared;

pub(super) const ENTRY: Entry<&dyn Loss> = Entry {
    name: "squared",
    label: "squared error",
    help: "Mean squared difference between the scores and 1 for the target, 0 for every other token (Hui & Belkin 2021). Such scores are no \
        logarithms of probabilities, so the test cross-entropy stays high: compare arms with it by the score.",
    value: &Squared,
};

impl Loss for Squared {
    /// `(sum of z^2 - 2 z_k + 1) / classes`, which is the mean of `(z_j - [j = k])^2` over the classes `j`.
    fn costs(&self, rows: &Rows, _own: &[Tensor<3>]) -> Tensor<3> {
        let scores = rows.scores.clone();
        let classes = scores.dims()[2] as f64;
        let squares = rows.repeated(rows.mean(scores.clone() * scores.clone()));
        squares + (kernels::constant(1.0, &scores.device()) + scores * -2.0) * (1.0 / classes)
    }
}
