//! The module of studies: planning, running and reporting them on the CPU.

fn main() {
    #[cfg(target_family = "wasm")]
    ablation_worker::start();
}
