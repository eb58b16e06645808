//! The example before noise was added: x0 prediction.

use super::Prediction;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Prediction> = Entry {
    name: "data",
    label: "the clean example (x0)",
    help: "The example before noise was added.",
    value: Prediction {
        target: |clean, _, _| clean,
        clean: |_, predicted, _| predicted,
        clean_tensor: |_, predicted, _| predicted,
    },
};
