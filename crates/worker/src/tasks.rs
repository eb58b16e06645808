//! What the page offers before anything runs: its starting points, and what a link describes.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::assets;
use crate::error::{Failure, Outcome};
use crate::shapes::Catalog;
use crate::value;

/// Version of the product and its named starting points: `{version, presets}`.
#[wasm_bindgen]
pub fn catalog() -> Outcome {
    value::out(&Catalog { version: env!("CARGO_PKG_VERSION").to_string(), presets: ablation_models::presets() })
}

/// The study of a link with its form, its components and what the validator changed.
#[wasm_bindgen]
pub fn describe(link: &str) -> Outcome {
    let study = assets::with(|context| ablation_models::describe(link, context)).map_err(Failure::from)?;
    value::out(&study.drawn(|shown| ablation_figures::draw(&shown, "")))
}
