//! The files that people brought, for as long as the worker lives. The page hands them over before what names them.

use std::cell::RefCell;

use ablation_models::{Asset, Context};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static ASSETS: RefCell<Context> = RefCell::default();
}

/// Adds a text to train on and returns its SHA-256.
#[wasm_bindgen]
pub fn add_corpus(bytes: Vec<u8>) -> String {
    ASSETS.with_borrow_mut(|context| context.add(Asset::Corpus, bytes))
}

/// Does something with all of them.
pub(crate) fn with<T>(work: impl FnOnce(&Context) -> T) -> T {
    ASSETS.with_borrow(work)
}

/// A copy of all of them, for what waits meanwhile.
#[cfg(feature = "bench")]
pub(crate) fn all() -> Context {
    with(Context::clone)
}
