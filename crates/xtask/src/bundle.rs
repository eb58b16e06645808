//! From a module's Rust to the two files that a browser loads: cargo compiles it, wasm-bindgen's library writes the JavaScript beside it and leaves
//! out what only debuggers read (names of functions, who produced the file).
//!
//! No wasm-opt. Measured at every shape of the benchmark, `-O1`, `-Os` and `-O3` left the CPU module as fast as the compiler had made it; `-Os` and
//! `-O3` made it smaller on disk but larger to download than this does (606 KB of brotli against 576), in a hundred seconds of a processor
//! against none.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::modules::Module;
use crate::{cargo, shell};

/// Compiles a module, and says where cargo put it. `jobs` is how many cores it may use, all of them unless said.
///
/// # Errors
/// When it does not compile.
pub fn compile(module: &Module, release: bool, jobs: Option<usize>) -> Result<PathBuf> {
    let mut build = shell::command("cargo");
    build.args(["build", "--locked", "--package", "ablation-worker", "--bin", module.name, "--features", module.name]);
    build.args(["--target", "wasm32-unknown-unknown"]);
    if release {
        build.arg("--release");
    }
    if let Some(jobs) = jobs {
        build.arg("--jobs").arg(jobs.to_string());
    }
    cargo::binary(build, module.name)
}

/// Writes `NAME.js` and `NAME_bg.wasm` into a folder.
///
/// # Errors
/// When the compiled module cannot be read, or the files cannot be written.
#[cfg(feature = "bundle")]
pub fn write(module: &Module, compiled: &Path, release: bool, into: &Path) -> Result<()> {
    use anyhow::Context;

    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(false);
    bindgen.debug(!release).keep_debug(!release).remove_name_section(release).remove_producers_section(release);
    // A page loads it, not a bundler, and the JavaScript finds the code beside itself.
    bindgen.omit_default_module_path(false);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(into))
        .with_context(|| format!("the module {} cannot be written", module.name))
}

/// Says how to get a build of this program that can write modules.
///
/// # Errors
/// Always.
#[cfg(not(feature = "bundle"))]
pub fn write(module: &Module, _: &Path, _: bool, _: &Path) -> Result<()> {
    anyhow::bail!("this build of xtask cannot write the module {}; run `cargo xtask`, or add `--features bundle`", module.name)
}
