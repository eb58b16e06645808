//! The WebAssembly modules: what they are for, and how much people may have to download.

use std::path::PathBuf;

use crate::paths;

/// One module: a binary of the package `ablation-worker` with a feature of the same name.
pub struct Module {
    /// Name of the binary, and of the files in `dist/`.
    pub name: &'static str,
    /// What the page does with it.
    pub purpose: &'static str,
    /// Minutes that a first build takes on two cores.
    pub minutes: u32,
    /// The most bytes it may have as a server sends it, compressed by brotli.
    pub budget: u64,
    /// Whether it is kept for use without a network with the page, and not only once it is used.
    pub kept: bool,
}

/// All modules, in the order in which the page needs them.
pub const ALL: [Module; 4] = [
    // Loaded before anything can be shown: half a second at 10 Mbit/s.
    Module { name: "cpu", purpose: "the sandbox on the CPU", minutes: 4, budget: 700_000, kept: true },
    // Loaded when somebody turns to a study.
    Module { name: "study", purpose: "studies and reports", minutes: 1, budget: 1_000_000, kept: true },
    // Loaded when somebody wants a text in pieces of words.
    Module { name: "tokens", purpose: "tokenizers", minutes: 2, budget: 1_000_000, kept: false },
    // Loaded behind a page that already works, and only where there is a GPU.
    Module { name: "gpu", purpose: "training on WebGPU", minutes: 8, budget: 3_000_000, kept: false },
];

impl Module {
    /// The file name of the WebAssembly code in `dist/`.
    pub fn wasm(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    /// The file name of the JavaScript that loads it.
    pub fn glue(&self) -> String {
        format!("{}.js", self.name)
    }

    /// The WebAssembly code in `dist/`.
    pub fn file(&self) -> PathBuf {
        paths::dist().join(self.wasm())
    }
}
