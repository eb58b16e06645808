//! The surface of the product in a Web Worker.
//!
//! Conversions only: values go in and out in the shapes of JSON, errors as `{code, message, hint}`. The page never loads this; its
//! workers do. A panic ends the worker, and the page puts another in its place, from the last checkpoint.

#![cfg(target_family = "wasm")]

#[cfg(feature = "bench")]
mod bench;
mod device;
mod error;
#[cfg(feature = "study")]
mod lane;
mod log;
mod run;
#[cfg(feature = "study")]
mod study;
mod value;

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "bench")]
pub use bench::Bench;
#[cfg(feature = "study")]
pub use lane::{Finished, Lane, Origins};
pub use run::Run;
#[cfg(feature = "study")]
pub use study::Study;

use error::{Failure, Outcome};

/// Version of the product and its named starting points: `{version, presets}`.
#[wasm_bindgen]
pub fn catalog() -> Outcome {
    #[derive(serde::Serialize)]
    struct Catalog {
        version: &'static str,
        presets: Vec<ablation_models::PresetLink>,
    }
    value::out(&Catalog { version: env!("CARGO_PKG_VERSION"), presets: ablation_models::presets() })
}

/// The study of a link with its form, its parts and what the validator changed.
#[wasm_bindgen]
pub fn describe(link: &str) -> Outcome {
    let study = ablation_models::describe(link).map_err(Failure::from)?;
    value::out(&study.drawn(|shown| ablation_figures::draw(&shown, "")))
}

/// What runs when a module is loaded.
pub fn start() {
    console_error_panic_hook::set_once();
    log::listen();
}
