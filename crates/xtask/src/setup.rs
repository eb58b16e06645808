//! `cargo xtask setup`: what is there, what is missing, and installing the latter. Safe to repeat; the second run only looks.
//!
//! Tools go into `.tools` and `node_modules`, which git ignores: another project's version of Trunk is neither used nor replaced.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{chromium, paths, shell, versions};

/// One thing that has to be there.
#[derive(Clone, Copy)]
pub enum Need {
    /// The wasm32 target of the pinned compiler.
    Target,
    /// Trunk, at a fixed version.
    Trunk,
    /// wasm-bindgen's command line, at the lockfile's version.
    Bindgen,
    /// Node itself.
    Node,
    /// The page's development packages.
    Packages,
    /// The benchmark's packages: our peers.
    Peers,
    /// A Chromium to drive.
    Chromium,
}

/// What a build needs.
pub const FOR_BUILD: [Need; 3] = [Need::Target, Need::Trunk, Need::Bindgen];
/// What the tests need.
pub const FOR_TEST: [Need; 6] = [Need::Target, Need::Trunk, Need::Bindgen, Need::Node, Need::Packages, Need::Chromium];
/// What everything needs.
pub const EVERYTHING: [Need; 7] =
    [Need::Target, Need::Trunk, Need::Bindgen, Need::Node, Need::Packages, Need::Chromium, Need::Peers];

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
    println!("\nInstalling what is missing, once. Times are for two cores; the compiler shows its progress.");
    for (i, need) in missing.iter().enumerate() {
        println!("\n[{}/{}] {}", i + 1, missing.len(), need.name());
        let start = Instant::now();
        install(*need).with_context(|| format!("{} could not be installed", need.name()))?;
        println!("[{}/{}] {} ready after {:.0} s", i + 1, missing.len(), need.name(), start.elapsed().as_secs_f64());
    }
    println!();
    Ok(())
}

impl Need {
    fn name(self) -> &'static str {
        match self {
            Need::Target => "wasm32 target",
            Need::Trunk => "Trunk",
            Need::Bindgen => "wasm-bindgen-cli",
            Need::Node => "Node.js",
            Need::Packages => "npm packages",
            Need::Chromium => "Chromium",
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
        Need::Trunk => tool("trunk", versions::TRUNK, "cargo compiles it, about 6 minutes"),
        Need::Bindgen => tool("wasm-bindgen", &bindgen_version()?, "cargo compiles it, about 3 minutes"),
        Need::Node => match shell::output(&mut shell::words("node --version")) {
            Some(version) if versions::major(&version) >= Some(20) => Found::There(version),
            Some(version) => bail!("Node.js {version} is too old; install version 20 or later from https://nodejs.org"),
            None => bail!("Node.js is missing; install version 20 or later from https://nodejs.org or your package manager"),
        },
        Need::Packages => packages(&paths::root(), "npm downloads them, under a minute"),
        Need::Peers => packages(&paths::bench(), "npm downloads them (about 330 MB), under a minute"),
        Need::Chromium => match chromium::find()? {
            Some(file) => Found::There(file.display().to_string()),
            None => Found::Missing("apt installs it where it may, about a minute"),
        },
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
        Need::Trunk => cargo_install("trunk", versions::TRUNK, true),
        // Its lockfile is older than its own dependencies allow with this compiler.
        Need::Bindgen => cargo_install("wasm-bindgen-cli", &bindgen_version()?, false),
        Need::Node => unreachable!("looking for Node.js fails where it is missing"),
        Need::Packages => npm_ci(&paths::root()),
        Need::Peers => npm_ci(&paths::bench()),
        Need::Chromium => chromium::install().map(|file| println!("found {}", file.display())),
    }
}

fn there_if(condition: bool, version: &str, takes: &'static str) -> Found {
    if condition { Found::There(version.to_owned()) } else { Found::Missing(takes) }
}

/// A tool in `.tools`, at exactly the wanted version.
fn tool(name: &str, wanted: &str, takes: &'static str) -> Found {
    let printed = shell::output(shell::command(paths::tool(name)).arg("--version"));
    there_if(printed.as_deref().and_then(versions::printed) == Some(wanted), wanted, takes)
}

fn bindgen_version() -> Result<String> {
    let file = paths::root().join("Cargo.lock");
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    versions::locked(&text, "wasm-bindgen").map(str::to_owned)
}

/// Tools that run for seconds are not worth minutes of optimising.
const PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

fn cargo_install(package: &str, version: &str, locked: bool) -> Result<()> {
    let mut install = shell::command("cargo");
    install.args(["install", package, "--version", version, "--force", "--root"]).arg(paths::tools());
    // A target folder of its own, so that an interrupted installation goes on where it stopped.
    install.arg("--target-dir").arg(paths::tools().join("target"));
    install.envs(PROFILE);
    if locked {
        install.arg("--locked");
    }
    shell::run(&mut install)?;
    let _ = fs::remove_dir_all(paths::tools().join("target"));
    Ok(())
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
