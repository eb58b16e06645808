//! No non-linearity: two linear maps after one another are one (Saxe, McClelland & Ganguli 2014, <https://arxiv.org/abs/1312.6120>).

use super::Activation;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "identity", label: "none (linear)", help: "x itself: the MLP is then a linear map.", value: |x| x };
