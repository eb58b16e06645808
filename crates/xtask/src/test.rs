//! `cargo xtask test`: everything that has to hold, quickest first. Continuous integration runs this and nothing else.
//!
//! All stages share one target folder and the same flags, so that nothing is compiled twice.

use anyhow::{Context, Result, bail};

use crate::stages::{self, Stage};
use crate::{build, chromium, modules, paths, setup, shell, sizes};

const STAGES: [Stage; 11] = [
    Stage { name: "fmt", about: "formatting", needs: None, run: fmt },
    Stage { name: "clippy", about: "lints, native", needs: None, run: clippy },
    Stage { name: "clippy-cpu", about: "lints of the CPU worker for wasm32", needs: None, run: clippy_cpu },
    Stage { name: "clippy-study", about: "lints of the worker for studies for wasm32", needs: None, run: clippy_study },
    Stage { name: "clippy-gpu", about: "lints of the GPU worker for wasm32", needs: None, run: clippy_gpu },
    Stage { name: "docs", about: "documentation, warnings denied", needs: None, run: docs },
    Stage { name: "rust", about: "Rust tests", needs: None, run: rust },
    Stage { name: "page", about: "types, lints and unit tests of the page and of the benchmark", needs: None, run: page },
    Stage { name: "build", about: "the page and its modules, as people download them", needs: None, run: build_page },
    Stage { name: "sizes", about: "size budgets of the modules", needs: None, run: budgets },
    Stage { name: "browser", about: "the page in headless Chromium", needs: None, run: browser },
];

/// The names that `--only` takes.
pub fn stage_names() -> Vec<&'static str> {
    STAGES.iter().map(|stage| stage.name).collect()
}

/// Sets up, then runs all stages, or one.
///
/// # Errors
/// When setting up or a stage fails.
pub fn run(only: Option<&str>) -> Result<()> {
    println!(
        "Everything takes about an hour on two cores the first time, and a part of it later; each stage says how long it took."
    );
    setup::run(&setup::FOR_TEST)?;
    stages::run(&STAGES, only)
}

fn fmt() -> Result<()> {
    shell::run(&mut shell::words("cargo fmt --all --check"))
}

fn clippy() -> Result<()> {
    shell::run(&mut shell::words("cargo clippy --workspace --all-targets --locked -- -D warnings"))?;
    shell::run(&mut shell::words("cargo clippy --package xtask --all-targets --features bundle --locked -- -D warnings"))
}

fn clippy_cpu() -> Result<()> {
    worker_clippy("cpu")
}

fn clippy_study() -> Result<()> {
    worker_clippy("study")
}

fn clippy_gpu() -> Result<()> {
    worker_clippy("gpu")
}

/// Lints one of the worker's binaries. In release, because the build stage compiles its build scripts and macros there too.
fn worker_clippy(module: &str) -> Result<()> {
    shell::run(&mut shell::words(&format!(
        "cargo clippy --package ablation-worker --bin {module} --features {module} \
         --target wasm32-unknown-unknown --release --locked -- -D warnings"
    )))
}

fn docs() -> Result<()> {
    shell::run(shell::words("cargo doc --workspace --no-deps --locked").env("RUSTDOCFLAGS", "-D warnings"))
}

fn rust() -> Result<()> {
    shell::run(&mut shell::words("cargo test --workspace --locked"))
}

fn page() -> Result<()> {
    shell::run(shell::npm(&paths::root()).args(["run", "check"]))?;
    shell::run(shell::npm(&paths::root()).args(["run", "test:unit"]))?;
    shell::run(&mut shell::words("node --test tests/bench-web/report.test.mjs"))
}

fn build_page() -> Result<()> {
    build::run(build::Options { release: true, cpu_only: false })
}

fn budgets() -> Result<()> {
    if let Some(missing) = modules::ALL.iter().find(|module| !module.file().is_file()) {
        bail!("dist/ lacks {}; `cargo xtask build --release` makes it", missing.wasm());
    }
    let sizes = sizes::measure()?;
    sizes::print(&sizes);
    sizes::check(&sizes)
}

fn browser() -> Result<()> {
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut npm = shell::npm(&paths::root());
    shell::run(npm.args(["run", "test:browser"]).env("DIST", paths::dist()).env("CHROMIUM", chromium))
}
