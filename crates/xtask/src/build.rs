//! `cargo xtask build`: Trunk builds `dist/`, the modules are stripped, and their sizes are printed.
//!
//! There are three modules: the page starts with the smallest, loads that of studies when somebody turns to one, and that with WebGPU,
//! which is six times as large and takes minutes to build, only where an adapter was found; `--cpu-only` leaves it out for quick work.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{paths, shell, sizes, strip};

/// How to build.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Optimised as people download it.
    pub release: bool,
    /// Without the WebGPU module.
    pub cpu_only: bool,
}

/// Builds into `dist/`.
///
/// # Errors
/// When Trunk fails, or what it built cannot be stripped.
pub fn run(options: Options) -> Result<()> {
    if !options.cpu_only {
        println!("A first build of all modules takes about 15 minutes on two cores, a later one two.");
    }
    let page = if options.cpu_only { Some(Page::without_gpu()?) } else { None };
    let mut trunk = shell::command(paths::tool("trunk"));
    trunk.args(["build", "--skip-version-check"]);
    if options.release {
        trunk.arg("--release");
    }
    if let Some(page) = &page {
        trunk.args(["--html-output", "index.html"]).arg(&page.0);
    }
    // Trunk takes only `true` and `false` for this variable, while the convention is any value at all.
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        trunk.env("NO_COLOR", "true");
    } else {
        trunk.env_remove("NO_COLOR");
    }
    shell::run(&mut trunk)?;
    if options.release {
        strip::all()?;
        sizes::print(&sizes::measure()?);
    }
    Ok(())
}

/// A copy of the page's HTML without the line that asks for the WebGPU module. It lies beside the original, because the links in
/// it are relative, and is removed when it is no longer needed.
struct Page(PathBuf);

impl Page {
    fn without_gpu() -> Result<Self> {
        let original = paths::root().join("web/index.html");
        let text = fs::read_to_string(&original).with_context(|| format!("{} cannot be read", original.display()))?;
        let page = Self(original.with_file_name(".cpu-only.html"));
        fs::write(&page.0, without_gpu(&text)).with_context(|| format!("{} cannot be written", page.0.display()))?;
        Ok(page)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Drops every `<link … data-bin="gpu" …>`.
fn without_gpu(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<link") {
        let end = rest[start..].find('>').map_or(rest.len(), |length| start + length + 1);
        let gpu = rest[start..end].contains("data-bin=\"gpu\"");
        kept.push_str(&rest[..if gpu { start } else { end }]);
        rest = &rest[end..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_link_to_the_gpu_module_is_dropped() {
        let html = "<head>\n<link data-trunk rel=\"rust\" data-bin=\"cpu\" />\n<link data-trunk\n  rel=\"rust\" data-bin=\"gpu\" />\n<link rel=\"icon\"></head>";
        assert_eq!(without_gpu(html), "<head>\n<link data-trunk rel=\"rust\" data-bin=\"cpu\" />\n\n<link rel=\"icon\"></head>");
        assert_eq!(without_gpu("<p>nothing to drop"), "<p>nothing to drop");
    }
}
