//! What people have to download, and how much that may be.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::modules::{self, Module};
use crate::paths;

/// The size of one module, in bytes.
pub struct Size {
    name: String,
    raw: u64,
    /// As a server would send it, at brotli's highest level.
    brotli: u64,
    budget: u64,
}

/// The sizes of the modules in `dist/`. Compressing the large one takes about a minute,
/// once for each version of it.
///
/// # Errors
/// When `dist/` holds no module, or one cannot be read.
pub fn measure() -> Result<Vec<Size>> {
    let present: Vec<_> = modules::ALL.iter().filter(|module| module.file().is_file()).collect();
    if present.is_empty() {
        bail!("there is no module in dist/; run `cargo xtask build --release` first");
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = present.iter().map(|module| scope.spawn(|| size(module))).collect();
        running.into_iter().map(|thread| thread.join().expect("compressing does not panic")).collect()
    })
}

fn size(module: &Module) -> Result<Size> {
    let bytes = fs::read(module.file())?;
    let kept = kept(module.name, &bytes);
    let known = fs::read_to_string(&kept).ok().and_then(|text| text.parse().ok());
    let brotli = match known {
        Some(brotli) => brotli,
        None => {
            let brotli = compressed(&bytes)?;
            fs::create_dir_all(kept.parent().unwrap_or(&kept))?;
            fs::write(&kept, brotli.to_string())?;
            brotli
        }
    };
    Ok(Size { name: module.wasm(), raw: bytes.len() as u64, brotli, budget: module.budget })
}

/// Where the compressed size of a module is kept, for compressing takes long and most builds change one module at most.
fn kept(name: &str, bytes: &[u8]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    paths::kept().join("sizes").join(format!("{name}-{:016x}", hasher.finish()))
}

/// How many bytes are left at brotli's highest level.
fn compressed(mut bytes: &[u8]) -> Result<u64> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut counted = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut counted, &parameters)?;
    Ok(counted.len() as u64)
}

/// Prints one line a module.
pub fn print(sizes: &[Size]) {
    for size in sizes {
        println!("  {}", line(size));
    }
}

/// Whether every module keeps to its budget.
///
/// # Errors
/// When one does not, with by how much.
pub fn check(sizes: &[Size]) -> Result<()> {
    let over: Vec<_> = sizes.iter().filter(|size| size.brotli > size.budget).map(line).collect();
    if over.is_empty() {
        return Ok(());
    }
    bail!("larger than allowed: {}", over.join("; "))
}

fn line(size: &Size) -> String {
    let kilobytes = |bytes: u64| format!("{} KB", bytes.div_ceil(1000));
    format!(
        "{:<12} {:>9}, {:>8} brotli of at most {}",
        size.name,
        kilobytes(size.raw),
        kilobytes(size.brotli),
        kilobytes(size.budget)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(brotli: u64) -> Size {
        Size { name: "cpu_bg.wasm".to_owned(), raw: 3_800_000, brotli, budget: 700_000 }
    }

    #[test]
    fn a_module_at_its_budget_passes() {
        assert!(check(&[sized(700_000)]).is_ok());
    }

    #[test]
    fn a_module_over_its_budget_is_named_with_both_numbers() {
        let error = check(&[sized(700_001)]).unwrap_err().to_string();
        assert!(error.contains("cpu_bg.wasm") && error.contains("701 KB brotli of at most 700 KB"), "{error}");
    }
}
