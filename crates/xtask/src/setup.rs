//! `cargo xtask setup`: what is there, what is missing, and installing the latter. Safe to repeat; the second run only looks.
//!
//! A page needs the pinned compiler and nothing else; Node and a browser are for tests and benchmarks. What is installed lies in `node_modules`,
//! which git ignores.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::engines::{Engine, FIREFOX, WEBKIT};
use crate::{chromium, paths, shell};

/// One thing that has to be there.
#[derive(Clone, Copy)]
pub enum Need {
    /// The wasm32 target of the pinned compiler.
    Target,
    /// Node itself.
    Node,
    /// The page's development packages.
    Packages,
    /// The benchmark's packages: our peers.
    Peers,
    /// A Chromium to drive.
    Chromium,
    /// A Firefox to drive, where it can be had.
    Firefox,
    /// A WebKit to drive, where it can be had.
    WebKit,
}

/// What a build needs.
pub const FOR_BUILD: [Need; 1] = [Need::Target];
/// What the tests need.
pub const FOR_TEST: [Need; 6] = [Need::Target, Need::Node, Need::Packages, Need::Chromium, Need::Firefox, Need::WebKit];
/// What everything needs.
pub const EVERYTHING: [Need; 7] =
    [Need::Target, Need::Node, Need::Packages, Need::Chromium, Need::Firefox, Need::WebKit, Need::Peers];

/// What looking at a need has found.
enum Found {
    There(String),
    /// Missing, and what installing it takes.
    Missing(&'static str),
}

/// Looks at every need, says what is missing and how long that takes, and installs it.
///
/// # Errors
/// Where something is missing that cannot be installed from here, with what to do.
pub fn run(needs: &[Need]) -> Result<()> {
    let mut missing = Vec::new();
    for need in needs {
        match look(*need)? {
            Found::There(version) => println!("  {:<18} {version}", need.name()),
            Found::Missing(takes) => {
                println!("  {:<18} missing: {takes}", need.name());
                missing.push(*need);
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("\nInstalling what is missing, once.");
    for (i, need) in missing.iter().enumerate() {
        println!("\n[{}/{}] {}", i + 1, missing.len(), need.name());
        let start = Instant::now();
        install(*need).with_context(|| format!("{} could not be installed", need.name()))?;
        println!("[{}/{}] {} took {:.0} s", i + 1, missing.len(), need.name(), start.elapsed().as_secs_f64());
    }
    println!();
    Ok(())
}

impl Need {
    fn name(self) -> &'static str {
        match self {
            Need::Target => "wasm32 target",
            Need::Node => "Node.js",
            Need::Packages => "npm packages",
            Need::Chromium => "Chromium",
            Need::Firefox => FIREFOX.name,
            Need::WebKit => WEBKIT.name,
            Need::Peers => "benchmark peers",
        }
    }
}

fn look(need: Need) -> Result<Found> {
    Ok(match need {
        Need::Target => {
            let sysroot = shell::output(&mut shell::words("rustc --print sysroot")).context("rustc does not run")?;
            let library = Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown");
            there_if(library.is_dir(), "installed", "rustup downloads it (about 20 MB)")
        }
        Need::Node => match shell::output(&mut shell::words("node --version")) {
            Some(version) if major(&version) >= Some(20) => Found::There(version),
            Some(version) => bail!("Node.js {version} is too old; install version 20 or later from https://nodejs.org"),
            None => bail!("Node.js is missing; install version 20 or later from https://nodejs.org or your package manager"),
        },
        Need::Packages => packages(&paths::root(), "npm downloads them, under a minute"),
        Need::Peers => packages(&paths::bench(), "npm downloads them (about 330 MB), under a minute"),
        Need::Chromium => match chromium::find()? {
            Some(file) => Found::There(file.display().to_string()),
            None => Found::Missing("apt installs it where it may, about a minute"),
        },
        Need::Firefox => other_browser(&FIREFOX),
        Need::WebKit => other_browser(&WEBKIT),
    })
}

fn install(need: Need) -> Result<()> {
    match need {
        Need::Target => {
            if shell::find(&["rustup"]).is_none() {
                bail!("rustup is missing; install the compiler through https://rustup.rs");
            }
            shell::run(&mut shell::words("rustup target add wasm32-unknown-unknown"))
        }
        Need::Node => unreachable!("looking for Node.js fails where it is missing"),
        Need::Packages => npm_ci(&paths::root()),
        Need::Peers => npm_ci(&paths::bench()),
        Need::Chromium => chromium::install().map(|file| println!("found {}", file.display())),
        Need::Firefox => FIREFOX.install(),
        Need::WebKit => WEBKIT.install(),
    }
}

fn other_browser(engine: &Engine) -> Found {
    match engine.find() {
        Some(file) => Found::There(file.display().to_string()),
        None => Found::Missing("apt installs it where it may, about a minute; elsewhere its tests are skipped"),
    }
}

fn there_if(condition: bool, version: &str, takes: &'static str) -> Found {
    if condition { Found::There(version.to_owned()) } else { Found::Missing(takes) }
}

/// Packages are there when what was installed last is what the lockfile asks for.
fn packages(folder: &Path, takes: &'static str) -> Found {
    let wanted = fs::read(folder.join("package-lock.json")).ok();
    let installed = fs::read(installed_lock(folder)).ok();
    there_if(wanted.is_some() && wanted == installed, "as locked", takes)
}

fn npm_ci(folder: &Path) -> Result<()> {
    shell::run(shell::npm(folder).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::copy(folder.join("package-lock.json"), installed_lock(folder)).context("the lockfile cannot be copied")?;
    Ok(())
}

/// A copy of the lockfile that was installed; it vanishes together with the packages.
fn installed_lock(folder: &Path) -> std::path::PathBuf {
    folder.join("node_modules").join(".installed-lock.json")
}

/// The first number of a version such as `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read_from_what_it_prints() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("none"), None);
    }
}
