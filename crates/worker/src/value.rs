//! Rust values as JSON-shaped JavaScript values.

use serde::Serialize;

use crate::error::{Failure, Outcome};

/// A Rust value as plain objects, arrays, numbers, strings and nulls.
pub(crate) fn out(value: &impl Serialize) -> Outcome {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).map_err(|error| Failure::new("internal", error, "Please report this with the link of the study."))
}
