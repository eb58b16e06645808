//! Errors as the page reads them: what happened, and what to do.

use ablation_models::ModelError;
use serde::Serialize;
use wasm_bindgen::JsValue;

/// A value for the page, or a failure.
#[cfg(feature = "models")]
pub(crate) type Outcome = Result<JsValue, Failure>;

/// `{code, message, hint}`.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    code: &'static str,
    message: String,
    hint: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl ToString, hint: impl ToString) -> Self {
        Failure { code, message: message.to_string(), hint: hint.to_string() }
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Failure::new(error.code(), &error, error.hint())
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        // Serialising three strings cannot fail; if it did, the message alone is still worth throwing.
        serde_wasm_bindgen::to_value(&failure).unwrap_or_else(|_| JsValue::from_str(&failure.message))
    }
}
