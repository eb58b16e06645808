//! Opening a device.

use burn::tensor::Device;

/// Version of the arithmetic on the CPU. Raise it with every change that changes a bit of a trained weight or a loss: outcomes carry it, and
/// those of different versions are not compared in silence. One version is one set of bits, on every processor and in a browser.
///
/// 2: gradients of embeddings and biases are summed row by row, not by a matrix product and a reduction, and an attention reads its stream
/// once, which changes the order in which the gradients of query, key and value are added where no norm stands before it.
///
/// 3: products of matrices are our own, with one order of summation and no fused multiply-add, and attention is products of small matrices; the
/// polynomial of the exponential is evaluated in another order.
pub const NUMERICS: u32 = 3;

/// The CPU.
pub fn cpu() -> Device {
    Device::flex()
}

/// How the CPU is called on the page and in records.
pub fn cpu_name() -> &'static str {
    if cfg!(target_family = "wasm") { "CPU (WebAssembly SIMD)" } else { "CPU" }
}

/// WebGPU in a browser, Vulkan, Metal or DirectX natively. It can be opened once; the device is then shared.
///
/// # Errors
/// A sentence from the graphics stack if there is no adapter or it lacks what is needed.
#[cfg(feature = "gpu")]
pub async fn gpu() -> Result<Device, String> {
    Device::wgpu_options().tasks_max(256).init_async().await.map_err(|error| error.to_string())
}
