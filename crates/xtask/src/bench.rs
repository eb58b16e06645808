//! `cargo xtask bench`: our trainer beside its peers in one headless Chromium, with `--gpu` fleets on WebGPU beside the same on one core, with
//! `--native` beside JAX on this processor, with `--sketch` a whole study on one and two cores. In the browser the measuring is JavaScript,
//! because that is where the peers and the page live; this command provides what it needs. `--write` puts what was measured into
//! `docs/performance.md`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{against, build, chromium, native, paths, performance, setup, shell};

/// What is measured.
#[derive(Debug, Default, PartialEq)]
pub enum What {
    /// A step in a browser, beside the fastest trainers on npm.
    #[default]
    Browser,
    /// A step of fleets on WebGPU in a browser, beside one core.
    Gpu,
    /// A step on this processor, beside JAX.
    Native,
    /// A whole study.
    Sketch,
    /// A native step, beside that of a commit.
    Against(String),
}

/// What is asked for; `rest` goes to the driver.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    pub what: What,
    pub json: Option<PathBuf>,
    pub write: bool,
    pub rest: Vec<OsString>,
}

impl Options {
    /// Says which benchmark is asked for.
    ///
    /// # Errors
    /// When another one was asked for already.
    pub fn choose(&mut self, what: What) -> Result<()> {
        if self.what != What::Browser {
            bail!("one benchmark at a time: choose one of --gpu, --native, --sketch and --against");
        }
        self.what = what;
        Ok(())
    }

    /// Refuses what the benchmark that is asked for does not take.
    ///
    /// # Errors
    /// An option that belongs to another benchmark, by name.
    pub fn check(&self) -> Result<()> {
        if self.json.is_some() && !matches!(self.what, What::Browser | What::Gpu) {
            bail!("only the benchmarks of a step in the browser take --json");
        }
        if let (What::Native | What::Against(_), Some(first)) = (&self.what, self.rest.first()) {
            bail!("this benchmark has no driver that takes `{}`", first.to_string_lossy());
        }
        if self.write && matches!(self.what, What::Against(_)) {
            bail!("docs/performance.md has no place for a comparison of two commits: leave out --write");
        }
        Ok(())
    }
}

/// Sets up, builds what is measured, and measures.
///
/// # Errors
/// When building fails, a trainer fails or does not learn, or a study does not come to its end.
pub fn run(options: &Options) -> Result<()> {
    let (section, measured) = match &options.what {
        What::Browser => ("browser", browser(options)?),
        What::Gpu => ("gpu", gpu(options)?),
        What::Native => ("native", native::run()?),
        What::Sketch => ("study", sketch(options)?),
        What::Against(commit) => return against::run(commit),
    };
    print!("{measured}");
    if options.write { performance::write(section, &measured) } else { Ok(()) }
}

/// A step in a browser.
fn browser(options: &Options) -> Result<String> {
    let driver = ready(paths::bench().join("run.mjs"), true)?;
    println!("\nMeasuring takes about three minutes; leave the machine alone meanwhile.");
    on_the_page(driver, options)
}

/// A step of fleets on WebGPU.
fn gpu(options: &Options) -> Result<String> {
    let driver = ready(paths::bench().join("gpu.mjs"), false)?;
    println!(
        "\nMeasuring takes about three minutes with a graphics card, and up to twenty without; leave the machine alone meanwhile."
    );
    on_the_page(driver, options)
}

/// What a driver of `tests/bench-web` prints about the modules in `dist/`.
fn on_the_page(mut driver: Command, options: &Options) -> Result<String> {
    driver.arg("--dist").arg(paths::dist());
    if let Some(file) = &options.json {
        driver.arg("--json").arg(std::path::absolute(file)?);
    }
    shell::run_for_output(driver.args(&options.rest))
}

/// A sketch of six components, or the study that the driver is told.
fn sketch(options: &Options) -> Result<String> {
    let mut driver = ready(paths::root().join("tests/web/sketch.js"), true)?;
    shell::run(shell::command("cargo").args(["build", "--release", "-p", "ablation-cli"]))?;
    println!("\nMeasuring takes about twelve minutes; leave the machine alone meanwhile.");
    shell::run_for_output(driver.args(&options.rest))
}

/// The driver, with everything set up and the page built as people download it, or without its module for WebGPU.
fn ready(script: PathBuf, cpu_only: bool) -> Result<Command> {
    setup::run(&setup::EVERYTHING)?;
    build::run(build::Options { release: true, cpu_only })?;
    let chromium = chromium::find()?.context("there is no Chromium; `cargo xtask setup` says how to get one")?;
    let mut driver = shell::command("node");
    driver.arg(script).env("CHROMIUM", chromium);
    Ok(driver)
}
