//! `cargo xtask test`: everything that has to hold, quickest first. Continuous integration runs this and nothing else.
//!
//! All stages share one target folder and the same flags, so that nothing is compiled twice.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::stages::{self, Stage};
use crate::{build, cargo, chromium, docs_site, modules, paths, setup, shell, sizes};

const STAGES: [Stage; 16] = [
    Stage { name: "fmt", about: "formatting", needs: None, run: fmt },
    Stage { name: "clippy", about: "lints, native", needs: None, run: clippy },
    Stage { name: "clippy-cpu", about: "lints of the CPU worker for wasm32", needs: None, run: clippy_cpu },
    Stage { name: "clippy-study", about: "lints of the worker for studies for wasm32", needs: None, run: clippy_study },
    Stage { name: "clippy-gpu", about: "lints of the GPU worker for wasm32", needs: None, run: clippy_gpu },
    Stage { name: "deny", about: "licences, advisories and sources of dependencies", needs: Some("cargo-deny"), run: deny },
    Stage { name: "docs", about: "documentation, warnings denied", needs: None, run: docs },
    Stage { name: "rust", about: "Rust tests", needs: None, run: rust },
    Stage { name: "fuzz", about: "the fuzz targets compile", needs: None, run: fuzz },
    Stage {
        name: "examples",
        about: "everything in examples/ runs, and what the documentation shows",
        needs: Some("bash"),
        run: examples,
    },
    Stage { name: "calibrate", about: "verdicts on a known truth, a tenth as often", needs: None, run: calibrate },
    Stage { name: "page", about: "types, lints and unit tests of the page and of the benchmark", needs: None, run: page },
    Stage { name: "build", about: "the page and its modules, as people download them", needs: None, run: build_page },
    Stage { name: "sizes", about: "size budgets of the modules", needs: None, run: budgets },
    Stage { name: "trunk", about: "Trunk builds the same page", needs: Some("trunk"), run: trunk },
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

fn deny() -> Result<()> {
    shell::run(&mut shell::words("cargo deny --all-features --locked check"))
}

fn docs() -> Result<()> {
    shell::run(shell::words("cargo doc --workspace --no-deps --locked").env("RUSTDOCFLAGS", "-D warnings"))
}

fn rust() -> Result<()> {
    shell::run(&mut shell::words("cargo test --workspace --locked"))?;
    shell::run(&mut shell::words("cargo test --package xtask --features bundle --locked"))
}

/// Running them takes a nightly compiler; that they compile is seen with the one that everything else uses. For the whole workspace, as are the
/// stages before, so that dependencies have the same features and are not compiled again.
fn fuzz() -> Result<()> {
    shell::run(&mut shell::words(
        "cargo clippy --workspace --bin fuzz-assignment --bin fuzz-link --bin fuzz-record --bin fuzz-study --bin fuzz-submission --bin fuzz-table \
         --features ablation-fuzz/targets --locked -- -D warnings",
    ))
}

/// Enough to see a rule that breaks; `ablation calibrate` counts how often verdicts are wrong.
fn calibrate() -> Result<()> {
    let program = cargo::binary(shell::words("cargo build --workspace --bin ablation --locked"), "ablation")?;
    shell::run(shell::command(program).args(["calibrate", "--small"]))
}

/// The script runs every other file of the folder. What the documentation shows is run as well. Folders in it are for courses, and tests of the
/// command line run them (`crates/cli/tests/all/assignments.rs`).
fn examples() -> Result<()> {
    let folder = paths::root().join("examples");
    let script = folder.join("headless.sh");
    let text = fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
    for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && name != "README.md" && name != "headless.sh" && !text.contains(&format!("examples/{name}")) {
            bail!("examples/{name} is not run by examples/headless.sh");
        }
    }
    // One that is there already can be named, as for the script.
    let program = match std::env::var_os("ABLATION") {
        Some(program) => program.into(),
        None => cargo::binary(shell::words("cargo build --workspace --bin ablation --locked"), "ablation")?,
    };
    let into = paths::kept().join("examples");
    if into.exists() {
        fs::remove_dir_all(&into).with_context(|| format!("{} cannot be emptied", into.display()))?;
    }
    shell::run(shell::command("bash").arg(script).arg(&into).env("ABLATION", &program))?;
    for made in ["ready.jsonl", "positions.study/record.json", "positions.html", "positions.csv", "results.txt"] {
        let size = fs::metadata(into.join(made)).map_or(0, |file| file.len());
        if size == 0 {
            bail!("examples/headless.sh did not write {made}");
        }
    }
    let count = docs_site::examples::run(&program, &into.join("docs"))?;
    println!("{count} examples of the documentation ran and printed what it shows");
    Ok(())
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

/// Trunk is not needed for anything else. What it builds has to be what `cargo xtask build` does, except that it is not stripped.
fn trunk() -> Result<()> {
    let into = paths::kept().join("trunk");
    let mut trunk = shell::words("trunk build --release --skip-version-check");
    // Trunk takes only `true` and `false` for this variable, while the convention is any value at all.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    shell::run(trunk.arg("--dist").arg(&into).env("NO_COLOR", plain.to_string()))?;
    let (ours, theirs) = (files(&paths::dist())?, files(&into)?);
    if ours != theirs {
        let differ: Vec<_> = ours.symmetric_difference(&theirs).map(|file| file.display().to_string()).collect();
        bail!("only one of dist/ and {} has {}", into.display(), differ.join(", "));
    }
    Ok(())
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).with_context(|| format!("{} cannot be read", inner.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.extend(path.strip_prefix(folder).map(Path::to_path_buf));
            }
        }
    }
    Ok(found)
}

fn browser() -> Result<()> {
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut npm = shell::npm(&paths::root());
    shell::run(npm.args(["run", "test:browser"]).env("DIST", paths::dist()).env("CHROMIUM", chromium))
}
