//! The one translator between Rust and JSON-shaped JavaScript values.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::{Failure, Outcome};

/// A Rust value as plain objects, arrays, numbers, strings and nulls.
pub(crate) fn out(value: &impl Serialize) -> Outcome {
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&plain).map_err(|error| Failure::new("internal", error, "Please report this with the link of the study."))
}

/// A value of the page as a Rust value.
pub(crate) fn from<T: DeserializeOwned>(value: JsValue, what: &str) -> Result<T, Failure> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        Failure::new("bad-study", format!("this is not {what}: {error}"), "See the types in generated/protocol.d.ts.")
    })
}
