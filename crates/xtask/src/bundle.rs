//! From a module's Rust to the two files that a browser loads: cargo compiles it, wasm-bindgen's library writes the JavaScript beside it and leaves
//! out what only debuggers read (names of functions, who produced the file).
//!
//! No wasm-opt. Measured at every shape of the benchmark, `-O1`, `-Os` and `-O3` left the CPU module as fast as the compiler had made it; `-Os` and
//! `-O3` made it smaller on disk but larger to download than this does (606 KB of brotli against 576), in a hundred seconds of a processor
//! against none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::modules::Module;
use crate::shell;

/// Compiles a module, and says where cargo put it. `jobs` is how many cores it may use, all of them unless said.
///
/// # Errors
/// When it does not compile.
pub fn compile(module: &Module, release: bool, jobs: Option<usize>) -> Result<PathBuf> {
    let mut cargo = shell::command("cargo");
    cargo.args(["build", "--locked", "--package", "ablation-worker", "--bin", module.name, "--features", module.name]);
    cargo.args(["--target", "wasm32-unknown-unknown", "--message-format", "json-render-diagnostics"]);
    if release {
        cargo.arg("--release");
    }
    if let Some(jobs) = jobs {
        cargo.arg("--jobs").arg(jobs.to_string());
    }
    let messages = shell::run_for_output(&mut cargo)?;
    artifact(&messages, module.name).with_context(|| format!("cargo does not say where it put the module {}", module.name))
}

/// The file of the binary `name` among cargo's messages, each a line of JSON.
fn artifact(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut binaries = messages.filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == name);
    let files = binaries.find_map(|message| message["filenames"].as_array().cloned())?;
    files.iter().filter_map(Value::as_str).map(PathBuf::from).find(|file| file.extension().is_some_and(|ending| ending == "wasm"))
}

/// Writes `NAME.js` and `NAME_bg.wasm` into a folder.
///
/// # Errors
/// When the compiled module cannot be read, or the files cannot be written.
#[cfg(feature = "bundle")]
pub fn write(module: &Module, compiled: &Path, release: bool, into: &Path) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(false);
    bindgen.debug(!release).keep_debug(!release).remove_name_section(release).remove_producers_section(release);
    // A page loads it, not a bundler.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_module_is_found_among_cargo_s_messages() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"build-script-build\"},\"filenames\":[\"/t/build\"]}\n",
            "not JSON\n",
            "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"cpu\"},\"filenames\":[\"/t/cpu.d\",\"/t/cpu.wasm\"]}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n"
        );
        assert_eq!(artifact(messages, "cpu"), Some(PathBuf::from("/t/cpu.wasm")));
        assert_eq!(artifact(messages, "gpu"), None);
    }
}
