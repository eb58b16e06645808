//! Cross-entropy: minus the logarithm of the probability of the target, which is what is measured as well.

use super::{Loss, Rows};
use crate::entry::Entry;
use crate::tensor::Tensor;

struct CrossEntropy;

pub(super) const ENTRY: Entry<&dyn Loss> = Entry {
    name: "cross-entropy",
    label: "cross-entropy",
    help: "Minus the logarithm of the target's probability, in nats: -ln p.",
    value: &CrossEntropy,
};

impl Loss for CrossEntropy {
    fn costs(&self, rows: &Rows, _own: &[Tensor<3>]) -> Tensor<3> {
        rows.surprisals()
    }
}
