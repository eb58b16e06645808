//! `cargo xtask test`: everything that has to hold, quickest first. Continuous integration runs this and nothing else.
//!
//! All stages share one target folder and the same flags, so that nothing is compiled twice.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::engines::{Engine, FIREFOX, WEBKIT};
use crate::stages::{self, Stage};
use crate::{build, cargo, chromium, docs_site, modules, page, paths, setup, shell, single_file, sizes};

const STAGES: [Stage; 19] = [
    Stage { name: "fmt", about: "formatting", needs: &[], run: fmt },
    Stage { name: "clippy", about: "lints, native", needs: &[], run: clippy },
    Stage { name: "clippy-cpu", about: "lints of the CPU worker for wasm32", needs: &[], run: clippy_cpu },
    Stage { name: "clippy-study", about: "lints of the worker for studies for wasm32", needs: &[], run: clippy_study },
    Stage { name: "clippy-tokens", about: "lints of the worker for tokenizers for wasm32", needs: &[], run: clippy_tokens },
    Stage { name: "clippy-gpu", about: "lints of the GPU worker for wasm32", needs: &[], run: clippy_gpu },
    Stage { name: "deny", about: "licences, advisories and sources of dependencies", needs: &[&["cargo-deny"]], run: deny },
    Stage { name: "docs", about: "documentation, warnings denied", needs: &[], run: docs },
    Stage { name: "rust", about: "Rust tests", needs: &[], run: rust },
    Stage { name: "fuzz", about: "the fuzz targets compile", needs: &[], run: fuzz },
    Stage {
        name: "examples",
        about: "everything in examples/ runs, and what the documentation shows",
        needs: &[&["bash"]],
        run: examples,
    },
    Stage { name: "calibrate", about: "verdicts on a known truth, a tenth as often", needs: &[], run: calibrate },
    Stage { name: "page", about: "types, lints and unit tests of the page and of the benchmark", needs: &[], run: check_page },
    Stage { name: "build", about: "the page and its modules, as people download them", needs: &[], run: build_page },
    Stage { name: "sizes", about: "size budgets of the modules", needs: &[], run: budgets },
    Stage { name: "trunk", about: "Trunk builds the same page", needs: &[&["trunk"]], run: trunk },
    Stage { name: "browser", about: "the page in headless Chromium", needs: &[], run: browser },
    Stage { name: FIREFOX.key, about: "the page on the CPU in Firefox", needs: FIREFOX.programs, run: firefox },
    Stage { name: WEBKIT.key, about: "the page on the CPU in WebKit", needs: WEBKIT.programs, run: webkit },
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

fn clippy_tokens() -> Result<()> {
    worker_clippy("tokens")
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

fn check_page() -> Result<()> {
    shell::run(shell::npm(&paths::root()).args(["run", "check"]))?;
    shell::run(shell::npm(&paths::root()).args(["run", "test:unit"]))?;
    shell::run(&mut shell::words("node --test tests/bench-web/report.test.mjs tests/bench-web/fleets.test.mjs"))
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
    let (ours, theirs) = (page::files(&paths::dist())?, page::files(&into)?);
    if ours != theirs {
        let differ: Vec<_> = ours.symmetric_difference(&theirs).map(|file| file.display().to_string()).collect();
        bail!("only one of dist/ and {} has {}", into.display(), differ.join(", "));
    }
    Ok(())
}

fn browser() -> Result<()> {
    single_file::run(&single_file::Options::default())?;
    shell::run(&mut browser_tests("test:browser")?)
}

fn firefox() -> Result<()> {
    engine(&FIREFOX)
}

fn webkit() -> Result<()> {
    engine(&WEBKIT)
}

/// What a browser comes to is compared with what Chromium does.
fn engine(engine: &Engine) -> Result<()> {
    single_file::run(&single_file::Options::default())?;
    let mut tests = browser_tests("test:engine")?;
    // Firefox goes by several names.
    if let Some(program) = engine.find() {
        tests.env(engine.key.to_uppercase(), program);
    }
    shell::run(tests.env("ENGINE", engine.key))
}

/// A script of tests that drive Chromium on the built page.
fn browser_tests(script: &str) -> Result<Command> {
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut npm = shell::npm(&paths::root());
    npm.args(["run", script]).env("DIST", paths::dist()).env("CHROMIUM", chromium);
    Ok(npm)
}
