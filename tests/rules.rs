//! The rules of ARCHITECTURE.md on who may depend on whom, checked against what cargo resolves.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Packages that only some crates may name. A trailing `*` stands for any ending.
const ONLY: [(&[&str], &[&str]); 8] = [
    (&["burn", "burn-*", "cubecl*", "wgpu*"], &["ablation-models"]),
    (&["wasm-bindgen-cli-support"], &["xtask"]),
    (
        &["wasm-bindgen", "wasm-bindgen-futures", "web-sys", "js-sys", "gloo*", "serde-wasm-bindgen", "console_error_panic_hook"],
        &["ablation-worker"],
    ),
    (&["clap*", "indicatif"], &["ablation-cli"]),
    (&["anyhow"], &["ablation-cli", "xtask"]),
    (&["tokenizers"], &["ablation-tokenizer"]),
    (&["ctrlc", "toml"], &["ablation-cli"]),
    (&["csv"], &["ablation-cli", "ablation-documents"]),
];

fn packages() -> Vec<Package> {
    MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace").packages
}

/// Names of what a package is built from; what only its tests use is its own business.
fn dependencies(package: &Package) -> BTreeSet<String> {
    let built = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    built.map(|dependency| dependency.name.clone()).collect()
}

/// The crates of ARCHITECTURE.md in its order, each with those that it uses: the lines of the first block below "Crates".
fn architecture() -> Vec<(String, BTreeSet<String>)> {
    let text = include_str!("../ARCHITECTURE.md");
    let block = text.split("## Crates").nth(1).and_then(|text| text.split("```").nth(1)).expect("a list of crates");
    let name = |word: &str| match word.trim() {
        "xtask" => "xtask".to_string(),
        word => format!("ablation-{word}"),
    };
    let line = |line: &str| {
        let (own, others) = line.split_once(" uses ").unwrap_or((line, ""));
        (name(own), others.split(',').filter(|other| !other.trim().is_empty()).map(name).collect())
    };
    block.lines().filter(|line| !line.trim().is_empty()).map(line).collect()
}

#[test]
fn every_crate_uses_what_the_architecture_says_and_nothing_that_stands_below_it() {
    let listed = architecture();
    let uses: BTreeMap<&String, &BTreeSet<String>> = listed.iter().map(|(name, uses)| (name, uses)).collect();
    let packages = packages();
    let names: BTreeSet<String> = packages.iter().map(|package| package.name.to_string()).collect();
    assert_eq!(uses.keys().map(|name| (*name).clone()).collect::<BTreeSet<_>>(), names, "ARCHITECTURE.md lists every crate");
    for package in &packages {
        let ours: BTreeSet<String> = dependencies(package).into_iter().filter(|name| names.contains(name)).collect();
        assert_eq!(*uses[&package.name.to_string()], ours, "what `{}` uses", package.name);
    }
    for (place, (name, uses)) in listed.iter().enumerate() {
        let above: BTreeSet<&String> = listed[..place].iter().map(|(name, _)| name).collect();
        assert!(uses.iter().all(|other| above.contains(other)), "`{name}` uses what stands below it");
    }
}

#[test]
fn only_their_crates_name_the_tensor_library_the_browser_and_the_command_line() {
    for package in packages() {
        for name in dependencies(&package) {
            for (patterns, owners) in ONLY {
                let named = patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => name == *pattern,
                });
                assert!(
                    !named || owners.contains(&package.name.as_str()),
                    "`{}` must not name `{name}`; only {owners:?} may",
                    package.name
                );
            }
        }
    }
}

/// Planning, reporting and writing find settings by what they mean: a setting that is renamed or added is none of their business.
#[test]
fn protocol_report_and_documents_name_no_setting() {
    // The table of former names is about names.
    const ALLOWED: [&str; 1] = ["protocol/src/former.rs"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders: Vec<_> = ["protocol", "report", "documents"].iter().map(|name| root.join(name).join("src")).collect();
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let name = entry.strip_prefix(&root).expect("below crates").to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&entry).expect("a source file");
            // Made-up studies are tests that other crates share.
            if ALLOWED.contains(&name.as_str()) || name.ends_with("/made_up.rs") {
                continue;
            }
            read += 1;
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (number, line) in lines {
                for group in ["task.", "data.", "objective.", "model.", "train.", "sandbox.", "cut.", "ablation.", "heal."] {
                    let quoted = [format!("\"{group}"), format!("`{group}")];
                    assert!(
                        !quoted.iter().any(|quoted| line.contains(quoted.as_str())),
                        "crates/{name}:{}: `{group}…` is named; find the setting by its role or meaning",
                        number + 1
                    );
                }
            }
        }
    }
    assert!(read > 30, "{read} files");
}
