//! The rules of ARCHITECTURE.md on who may depend on whom, checked against what cargo resolves.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Workspace crates that each crate may use, in the order of the architecture: left knows nothing of right.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("ablation-random", &[]),
    ("ablation-stats", &["ablation-random"]),
    ("ablation-settings", &["ablation-random", "ablation-stats"]),
    ("ablation-protocol", &["ablation-random", "ablation-stats", "ablation-settings"]),
    ("ablation-report", &["ablation-random", "ablation-stats", "ablation-settings", "ablation-protocol"]),
    ("ablation-documents", &["ablation-stats", "ablation-settings", "ablation-protocol", "ablation-report"]),
    ("ablation-figures", &["ablation-stats", "ablation-settings", "ablation-protocol", "ablation-report", "ablation-data"]),
    ("ablation-data", &["ablation-random", "ablation-stats", "ablation-settings"]),
    (
        "ablation-models",
        &["ablation-random", "ablation-stats", "ablation-settings", "ablation-protocol", "ablation-report", "ablation-data"],
    ),
    (
        "ablation-worker",
        &[
            "ablation-settings",
            "ablation-protocol",
            "ablation-report",
            "ablation-documents",
            "ablation-figures",
            "ablation-models",
        ],
    ),
    (
        "ablation-cli",
        &[
            "ablation-stats",
            "ablation-settings",
            "ablation-protocol",
            "ablation-report",
            "ablation-documents",
            "ablation-figures",
            "ablation-data",
            "ablation-models",
        ],
    ),
    ("ablation-tests", &[]),
    ("ablation-fuzz", &["ablation-protocol", "ablation-report", "ablation-models", "ablation-cli"]),
    ("xtask", &[]),
];

/// Packages that only some crates may name. A trailing `*` stands for any ending.
const ONLY: [(&[&str], &[&str]); 7] = [
    (&["burn", "burn-*", "cubecl*", "wgpu*"], &["ablation-models"]),
    (&["wasm-bindgen-cli-support"], &["xtask"]),
    (
        &["wasm-bindgen", "wasm-bindgen-futures", "web-sys", "js-sys", "gloo*", "serde-wasm-bindgen", "console_error_panic_hook"],
        &["ablation-worker"],
    ),
    (&["clap*", "indicatif"], &["ablation-cli"]),
    (&["anyhow"], &["ablation-cli", "xtask"]),
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

#[test]
fn every_crate_is_in_the_list_and_uses_only_what_stands_left_of_it() {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    for package in packages() {
        let allowed =
            rules.get(package.name.as_str()).unwrap_or_else(|| panic!("`{}` has no rule; add it to MAY_USE", package.name));
        let ours = dependencies(&package).into_iter().filter(|name| rules.contains_key(name.as_str()));
        for name in ours {
            assert!(allowed.contains(&name.as_str()), "`{}` must not use `{name}`", package.name);
        }
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
