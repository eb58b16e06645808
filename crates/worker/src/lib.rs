//! The surface of the product in a Web Worker.
//!
//! Conversions only: values go in and out in the shapes of JSON, errors as `{code, message, hint}`. The page never loads this; its
//! workers do. A panic ends the worker, and the page puts another in its place, from the last checkpoint. Natively there are the shapes
//! alone, from which a test makes the page's types.

pub mod shapes;

#[cfg(all(target_family = "wasm", feature = "models"))]
mod assets;
#[cfg(all(target_family = "wasm", feature = "bench"))]
mod bench;
#[cfg(all(target_family = "wasm", feature = "models"))]
mod device;
#[cfg(all(target_family = "wasm", feature = "bench"))]
mod effects;
#[cfg(target_family = "wasm")]
mod error;
#[cfg(all(target_family = "wasm", feature = "bench"))]
mod given;
#[cfg(all(target_family = "wasm", feature = "lanes"))]
mod lane;
#[cfg(target_family = "wasm")]
mod log;
#[cfg(all(target_family = "wasm", feature = "bench"))]
mod run;
#[cfg(all(target_family = "wasm", feature = "study"))]
mod study;
#[cfg(target_family = "wasm")]
mod surface;
#[cfg(all(target_family = "wasm", feature = "bench"))]
mod tasks;
#[cfg(all(target_family = "wasm", feature = "tokens"))]
mod tokens;
#[cfg(all(target_family = "wasm", feature = "models"))]
mod value;

#[cfg(all(target_family = "wasm", feature = "models"))]
pub use assets::add_corpus;
#[cfg(all(target_family = "wasm", feature = "bench"))]
pub use bench::Bench;
#[cfg(all(target_family = "wasm", feature = "bench"))]
pub use effects::Effects;
#[cfg(all(target_family = "wasm", feature = "lanes"))]
pub use lane::{Finished, Lane, Origins};
#[cfg(all(target_family = "wasm", feature = "bench"))]
pub use run::Run;
#[cfg(all(target_family = "wasm", feature = "study"))]
pub use study::Study;
#[cfg(target_family = "wasm")]
pub use surface::start;
#[cfg(all(target_family = "wasm", feature = "bench"))]
pub use tasks::{catalog, describe};
#[cfg(all(target_family = "wasm", feature = "tokens"))]
pub use tokens::encode;
