//! Gaussian error linear unit, tanh approximation (Hendrycks & Gimpel 2016, <https://arxiv.org/abs/1606.08415>).

use super::Activation;
use crate::entry::Entry;
use crate::kernels;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "gelu", label: "GELU", help: "x Φ(x), tanh approximation: smooth.", value: kernels::gelu };
