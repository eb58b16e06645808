//! What the service worker keeps for use without a network: it is told every file of the page with its hash.
//!
//! The list is made from what lies in `dist/`, so that no file can be forgotten, and is written into `service-worker.js`, so that another
//! build is another service worker to a browser. Its version is the hash of the list and of the program that reads it; `index.html` says the
//! version it belongs to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{modules, page, paths};

/// The service worker, in `web/` and in `dist/`.
pub const FILE: &str = "service-worker.js";
/// Where the list is put.
const PLACE: &str = "const BUILD = JSON.parse(\"null\");";
/// Where `index.html` says its version.
const VERSION: &str = "<meta name=\"ablation-build\" content=\"";

/// Writes the list of the files of a filled `dist/` into its service worker, and the version into `index.html`.
///
/// # Errors
/// When a file cannot be read or written, or has no place for what belongs into it.
pub fn write(dist: &Path) -> Result<()> {
    let source = source()?;
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).with_context(|| format!("{} cannot be read", index.display()))?;
    let html = versioned(&html, "").context("web/index.html has no place for its version")?;
    let mut files = hashes(dist)?;
    files.insert("index.html".to_owned(), hash(html.as_bytes()));
    let list: String = files.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect();
    let version = hash(format!("{list}{source}").as_bytes());
    let html = versioned(&html, &version).context("web/index.html has no place for its version")?;
    files.insert("index.html".to_owned(), hash(html.as_bytes()));
    let when_used: Vec<_> = modules::ALL
        .iter()
        .filter(|module| !module.kept)
        .flat_map(|module| [module.glue(), module.wasm()])
        .filter(|file| files.contains_key(file))
        .collect();
    let list = json!({ "version": version, "files": files, "whenUsed": when_used });
    let filled = source.replacen(PLACE, &format!("const BUILD = {list};"), 1);
    fs::write(&index, html).with_context(|| format!("{} cannot be written", index.display()))?;
    fs::write(dist.join(FILE), filled).with_context(|| format!("{FILE} cannot be written"))
}

/// The service worker without a list, which keeps nothing and takes away what was kept.
///
/// # Errors
/// When it cannot be read, or has no place for the list.
pub fn source() -> Result<String> {
    let file = paths::root().join("web").join(FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    text.contains(PLACE).then_some(()).with_context(|| format!("{} has no `{PLACE}`", file.display()))?;
    Ok(page::without_comments(&text))
}

/// A page with its version; `None` where it has no place for one.
fn versioned(html: &str, version: &str) -> Option<String> {
    let (before, rest) = html.split_once(VERSION)?;
    let (_, after) = rest.split_once('"')?;
    Some(format!("{before}{VERSION}{version}\"{after}"))
}

/// The hash of every file below `dist/`, by its path with slashes. The service worker is no file of the page, nor is what begins with a dot,
/// which many servers do not send.
fn hashes(dist: &Path) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for path in page::files(dist)? {
        let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
        let name = parts.with_context(|| format!("{} is not UTF-8", path.display()))?.join("/");
        if name == FILE || name.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        let bytes = fs::read(dist.join(&path)).with_context(|| format!("{} cannot be read", path.display()))?;
        found.insert(name, hash(&bytes));
    }
    Ok(found)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn list(dist: &Path) -> Value {
        let text = fs::read_to_string(dist.join(FILE)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("const BUILD = ")).unwrap();
        serde_json::from_str(line.trim_end_matches(';')).unwrap()
    }

    /// A folder as a build leaves it.
    fn dist(name: &str) -> std::path::PathBuf {
        let dist = std::env::temp_dir().join(format!("ablation-offline-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dist);
        fs::create_dir_all(dist.join("app")).unwrap();
        fs::write(dist.join("index.html"), format!("<head>{VERSION}\" /></head>")).unwrap();
        for file in ["app/main.js", "cpu.js", "cpu_bg.wasm", "gpu_bg.wasm", ".nojekyll"] {
            fs::write(dist.join(file), file).unwrap();
        }
        dist
    }

    #[test]
    fn every_file_is_listed_with_its_hash_and_the_large_module_is_kept_when_it_is_used() {
        let dist = dist("listed");
        write(&dist).unwrap();
        let list = list(&dist);
        let names: Vec<_> = list["files"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["app/main.js", "cpu.js", "cpu_bg.wasm", "gpu_bg.wasm", "index.html"]);
        for (name, known) in list["files"].as_object().unwrap() {
            assert_eq!(known.as_str().unwrap(), hash(&fs::read(dist.join(name)).unwrap()), "{name}");
        }
        assert_eq!(list["whenUsed"], json!(["gpu_bg.wasm"]));
        let html = fs::read_to_string(dist.join("index.html")).unwrap();
        assert_eq!(html, format!("<head>{VERSION}{}\" /></head>", list["version"].as_str().unwrap()));
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn the_version_changes_with_any_file_and_with_nothing_else() {
        let dist = dist("version");
        write(&dist).unwrap();
        let first = list(&dist);
        write(&dist).unwrap();
        assert_eq!(list(&dist), first);
        fs::write(dist.join("app/main.js"), "another").unwrap();
        write(&dist).unwrap();
        assert_ne!(list(&dist)["version"], first["version"]);
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn the_sources_are_the_service_worker_that_retires() {
        assert!(source().unwrap().contains(PLACE));
        let html = fs::read_to_string(paths::root().join("web/index.html")).unwrap();
        assert_eq!(versioned(&html, "").unwrap(), html, "web/index.html names no version");
    }
}
