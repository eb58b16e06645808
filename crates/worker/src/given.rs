//! JSON-shaped JavaScript values as Rust values.

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::Failure;

/// A value of the page; `what` it should be, such as `a list of trials`.
pub(crate) fn given<T: DeserializeOwned>(value: JsValue, what: &str) -> Result<T, Failure> {
    serde_wasm_bindgen::from_value(value).map_err(|error| {
        Failure::new("bad-study", format!("this is not {what}: {error}"), "See the types in generated/protocol.d.ts.")
    })
}
