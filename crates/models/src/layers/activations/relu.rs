//! Rectified linear unit.

use burn::tensor::activation;

use super::Activation;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Activation> =
    Entry { name: "relu", label: "ReLU", help: "max(x, 0): zero below zero.", value: activation::relu };
