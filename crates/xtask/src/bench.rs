//! `cargo xtask bench`: our trainer beside its peers in one headless Chromium. The measuring is JavaScript, in `tests/bench-web`,
//! because that is where the peers live; this command provides what it needs.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{build, chromium, paths, setup, shell};

/// Sets up, builds the CPU module as people download it, and measures.
///
/// # Errors
/// When building fails, or a trainer fails or does not learn.
pub fn run(json: Option<&Path>, rest: &[OsString]) -> Result<()> {
    setup::run(&setup::EVERYTHING)?;
    build::run(build::Options { release: true, cpu_only: true })?;
    println!("\nMeasuring takes about three minutes; leave the machine alone meanwhile.");
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut driver = shell::command("node");
    driver.arg(paths::bench().join("run.mjs")).arg("--dist").arg(paths::dist()).env("CHROMIUM", chromium);
    if let Some(file) = json {
        driver.arg("--json").arg(std::path::absolute(file)?);
    }
    shell::run(driver.args(rest))
}
