//! The module that is loaded once a WebGPU adapter was found.

fn main() {
    #[cfg(target_family = "wasm")]
    ablation_worker::start();
}
