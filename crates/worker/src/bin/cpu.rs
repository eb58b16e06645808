//! The module that every visitor loads: training on the CPU.

fn main() {
    #[cfg(target_family = "wasm")]
    ablation_worker::start();
}
