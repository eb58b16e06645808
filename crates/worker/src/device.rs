//! The device of this worker: one per worker, opened once.

use std::cell::RefCell;

use ablation_models::Device;

/// What a worker computes on.
#[derive(Clone)]
pub(crate) struct Compute {
    pub device: Device,
    pub name: String,
}

thread_local! {
    static COMPUTE: RefCell<Option<Compute>> = const { RefCell::new(None) };
}

/// The opened device; the CPU if none was opened.
pub(crate) fn compute() -> Compute {
    COMPUTE.with_borrow_mut(|compute| {
        compute
            .get_or_insert_with(|| Compute { device: ablation_models::cpu(), name: ablation_models::cpu_name().into() })
            .clone()
    })
}

/// Opens WebGPU for everything this worker computes. To be called once, before the first bench, and only after the page has found an
/// adapter with `timestamp-query`: without it the graphics stack ends the worker instead of returning an error.
#[cfg(feature = "gpu")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn start_gpu() -> Result<(), crate::error::Failure> {
    let hint = "Train on the CPU instead; it is the faster device for models of this size.";
    let device = ablation_models::gpu().await.map_err(|error| crate::error::Failure::new("no-adapter", error, hint))?;
    COMPUTE.replace(Some(Compute { device, name: "WebGPU".into() }));
    Ok(())
}
