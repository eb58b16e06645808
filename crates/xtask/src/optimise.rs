//! wasm-opt over the modules that Trunk has put into `dist/`.
//!
//! Done here and not by Trunk, because Trunk would download Binaryen from GitHub, and because the results are kept: the large
//! module takes minutes, and most builds do not change it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{paths, shell};

/// A module and the level it is optimised at: the CPU module for speed, the other, whose work is done by the GPU, for size.
const MODULES: [(&str, &str); 2] = [("cpu_bg.wasm", "-O3"), ("gpu_bg.wasm", "-Os")];

/// What the modules use beyond the first version of WebAssembly; every browser with SIMD has them.
const FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Optimises every module in `dist/`, in place.
///
/// # Errors
/// When wasm-opt is missing or fails.
pub fn all() -> Result<()> {
    for (name, level) in MODULES {
        let module = paths::dist().join(name);
        if module.is_file() {
            one(&module, name, level).with_context(|| format!("{name} could not be optimised"))?;
        }
    }
    Ok(())
}

fn one(module: &Path, name: &str, level: &str) -> Result<()> {
    let kept = kept(&fs::read(module)?, name, level);
    if !kept.is_file() {
        let wasm_opt = paths::root().join("node_modules/binaryen/bin/wasm-opt");
        if !wasm_opt.is_file() {
            bail!("{} is missing; the npm package `binaryen` provides it", wasm_opt.display());
        }
        let folder = kept.parent().context("a kept module lies in a folder")?;
        forget(folder, name);
        fs::create_dir_all(folder)?;
        let unfinished = kept.with_extension("unfinished");
        let mut command = shell::command("node");
        command.arg(wasm_opt).arg(level).args(FEATURES).arg(module).arg("-o").arg(&unfinished);
        shell::run(&mut command)?;
        fs::rename(&unfinished, &kept)?;
    }
    fs::copy(&kept, module)?;
    Ok(())
}

/// Where the result for these bytes at this level is kept.
fn kept(bytes: &[u8], name: &str, level: &str) -> PathBuf {
    keep(name, "wasm", (bytes, level, FEATURES))
}

/// A file for something that takes long to compute and follows from `inputs`; it goes when the module changes.
pub fn keep(name: &str, extension: &str, inputs: impl Hash) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    inputs.hash(&mut hasher);
    let stem = name.trim_end_matches(".wasm");
    let file = format!("{stem}-{:016x}.{extension}", hasher.finish());
    paths::tools().join("modules").join(file)
}

/// Removes earlier results for this module.
fn forget(folder: &Path, name: &str) {
    let stem = name.trim_end_matches(".wasm");
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(stem) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_reused_only_for_the_same_bytes_at_the_same_level() {
        let one = kept(b"module", "cpu_bg.wasm", "-O3");
        assert_eq!(one, kept(b"module", "cpu_bg.wasm", "-O3"));
        assert_ne!(one, kept(b"modulf", "cpu_bg.wasm", "-O3"));
        assert_ne!(one, kept(b"module", "cpu_bg.wasm", "-Os"));
        assert!(one.file_name().unwrap().to_str().unwrap().starts_with("cpu_bg-"));
    }
}
