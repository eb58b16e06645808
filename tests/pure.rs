//! Pure crates use no clock, no files and none of the machine's mathematics: the lints say so (`clippy.toml`), and every crate obeys them that takes
//! the lints of the workspace. Here it is checked that no crate quietly stops to, and that the crates that may are the ones below.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;
use toml::{Table, Value};

/// Crates that talk to a device, a browser, a terminal or files. Every other crate is pure.
const IMPURE: [&str; 6] = ["ablation-models", "ablation-worker", "ablation-cli", "ablation-tests", "ablation-fuzz", "xtask"];

/// The lints that impure crates switch off, and the only ones.
const OFF: [&str; 2] = ["disallowed_methods", "disallowed_types"];

/// One of each kind of thing that a pure crate must not do.
const FORBIDDEN: [&str; 12] = [
    "f64::exp",
    "f32::tanh",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::fs::read_to_string",
    "std::fs::File",
    "std::env::var",
    "std::process::Command",
    "std::net::TcpStream",
    "std::io::stdin",
    "std::collections::HashMap",
    "std::collections::HashSet",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

fn read(file: &Path) -> Table {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The lints of the workspace, as a crate would write them that switches `OFF` off.
fn lints_of_an_impure_crate() -> Table {
    let manifest = read(&root().join("Cargo.toml"));
    let mut lints = manifest["workspace"]["lints"].as_table().expect("the workspace has lints").clone();
    let clippy = lints.get_mut("clippy").and_then(Value::as_table_mut).expect("the workspace has lints for clippy");
    for lint in OFF {
        assert!(!clippy.contains_key(lint), "the workspace leaves {lint} at its default, which is to warn");
        clippy.insert(lint.to_owned(), Value::from("allow"));
    }
    lints
}

#[test]
fn every_crate_but_the_listed_ones_takes_the_lints_of_the_workspace() {
    let own = lints_of_an_impure_crate();
    let packages = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace").packages;
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    for name in IMPURE {
        assert!(names.contains(name), "there is no crate `{name}`; take it out of IMPURE");
    }
    for package in &packages {
        let manifest = read(package.manifest_path.as_std_path());
        let lints = manifest.get("lints").and_then(Value::as_table).unwrap_or_else(|| panic!("`{}` has no lints", package.name));
        if IMPURE.contains(&package.name.as_str()) {
            assert_eq!(lints, &own, "`{}` has other lints than the workspace beside {OFF:?}", package.name);
        } else {
            assert_eq!(
                lints.get("workspace"),
                Some(&Value::from(true)),
                "`{}` is pure: `[lints] workspace = true`",
                package.name
            );
        }
    }
}

#[test]
fn clocks_files_and_the_machine_s_mathematics_are_forbidden() {
    let rules = read(&root().join("clippy.toml"));
    let mut paths = BTreeSet::new();
    for list in ["disallowed-methods", "disallowed-types"] {
        let rows = rules[list].as_array().unwrap_or_else(|| panic!("clippy.toml has no {list}"));
        paths.extend(rows.iter().filter_map(|row| row["path"].as_str()));
    }
    for forbidden in FORBIDDEN {
        assert!(paths.contains(forbidden), "clippy.toml does not forbid {forbidden}");
    }
}

#[test]
fn no_crate_has_a_clippy_toml_that_replaces_the_one_of_the_workspace() {
    let packages = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in the workspace").packages;
    for package in packages {
        let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
        for name in ["clippy.toml", ".clippy.toml"] {
            assert!(!folder.join(name).exists(), "{folder}/{name} hides the one of the workspace");
        }
    }
}
