//! `cargo xtask build`: compiles the modules, fills `dist/`, and prints the sizes of the modules.
//!
//! There are three modules: the page starts with the smallest, loads the one for studies when somebody turns to one, and the one with WebGPU,
//! which is six times as large and takes minutes to build, only where an adapter was found; `--cpu-only` leaves it out for quick work.

use std::path::PathBuf;

use anyhow::Result;

use crate::modules::{self, Module};
use crate::{bundle, docs_site, offline, page, paths, sizes};

/// How to build.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Optimised as people download it.
    pub release: bool,
    /// Without the WebGPU module.
    pub cpu_only: bool,
}

impl Options {
    /// The modules that are asked for, in the order in which the page needs them.
    pub fn modules(self) -> impl Iterator<Item = &'static Module> {
        modules::ALL.iter().filter(move |module| !(self.cpu_only && module.name == "gpu"))
    }
}

/// Builds into `dist/`. What was there stays until everything is compiled.
///
/// # Errors
/// When a module does not compile, or a file cannot be written.
pub fn run(options: Options) -> Result<()> {
    let minutes: u32 = options.modules().map(|module| module.minutes).sum();
    println!("A first build takes about {minutes} minutes on two cores, a later one compiles what has changed.");
    let mut compiled: Vec<(&Module, PathBuf)> = Vec::new();
    for module in options.modules() {
        compiled.push((module, bundle::compile(module, options.release, None)?));
    }
    page::write(&paths::dist())?;
    docs_site::write(&paths::dist())?;
    for (module, file) in compiled {
        bundle::write(module, &file, options.release, &paths::dist())?;
    }
    offline::write(&paths::dist())?;
    if options.release {
        sizes::print(&sizes::measure()?);
    }
    Ok(())
}
