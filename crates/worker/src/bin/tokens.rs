//! The module of tokenizers: learning a byte pair encoding of a text.

fn main() {
    #[cfg(target_family = "wasm")]
    ablation_worker::start();
}
