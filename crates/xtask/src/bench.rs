//! `cargo xtask bench`: our trainer beside its peers in one headless Chromium, or with `--sketch` a whole study on one and two cores, with
//! the command line and on the page. The measuring is JavaScript, because that is where the peers and the page live; this command provides
//! what it needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{build, chromium, paths, setup, shell};

/// Sets up, builds the CPU module as people download it, and measures.
///
/// # Errors
/// When building fails, or a trainer fails or does not learn.
pub fn run(json: Option<&Path>, rest: &[OsString]) -> Result<()> {
    let mut driver = ready(paths::bench().join("run.mjs"))?;
    println!("\nMeasuring takes about three minutes; leave the machine alone meanwhile.");
    driver.arg("--dist").arg(paths::dist());
    if let Some(file) = json {
        driver.arg("--json").arg(std::path::absolute(file)?);
    }
    shell::run(driver.args(rest))
}

/// The same for a sketch of six components: seconds on one and on two cores. `rest` may name another study.
///
/// # Errors
/// When building fails, or the study does not come to its end.
pub fn sketch(rest: &[OsString]) -> Result<()> {
    let mut driver = ready(paths::root().join("tests/web/sketch.js"))?;
    shell::run(shell::command("cargo").args(["build", "--release", "-p", "ablation-cli"]))?;
    println!("\nMeasuring takes about twelve minutes; leave the machine alone meanwhile.");
    shell::run(driver.args(rest))
}

/// The driver, with everything set up and the page built as people download it.
fn ready(script: PathBuf) -> Result<Command> {
    setup::run(&setup::EVERYTHING)?;
    build::run(build::Options { release: true, cpu_only: true })?;
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut driver = shell::command("node");
    driver.arg(script).env("CHROMIUM", chromium);
    Ok(driver)
}
