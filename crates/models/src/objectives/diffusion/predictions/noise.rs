//! The noise that was added (Ho, Jain & Abbeel 2020): epsilon prediction.

use super::Prediction;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Prediction> = Entry {
    name: "noise",
    label: "the noise (epsilon)",
    help: "The noise that was added.",
    value: Prediction {
        target: |_, noise, _| noise,
        clean: |noised, predicted, level| (noised - level.noise * predicted) / level.signal,
        clean_tensor: |noised, predicted, level| (noised - predicted * level.noise) * (1.0 / level.signal),
    },
};
