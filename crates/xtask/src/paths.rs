//! Where things are. Everything the commands install or build lies under the repository, in folders that git ignores.

use std::path::PathBuf;

/// The repository's root. Cargo says at run time where this package lies, which stays true where several checkouts share one
/// target folder.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.ancestors().nth(2).expect("crates/xtask lies two folders below the root").to_path_buf()
}

/// What is remembered from one run to the next, beside what cargo builds.
pub fn kept() -> PathBuf {
    root().join("target").join("xtask")
}

/// What is built and browsers load.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// The browser benchmark, with its own npm packages.
pub fn bench() -> PathBuf {
    root().join("tests").join("bench-web")
}
