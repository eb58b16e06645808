//! The page shows stored reports before there is an engine to ask, so it holds the vocabulary as a file, which is written here:
//! `UPDATE_EXPECT=1 cargo test --workspace --test page`.

// The expectation is a file of the page.
#![allow(clippy::disallowed_methods)]

use std::path::Path;

#[test]
fn the_page_has_the_vocabulary_of_the_engine() {
    let module = format!(
        "/* Written by `UPDATE_EXPECT=1 cargo test --workspace --test page`. Do not edit. */\n\nexport const GLOSSARY = {};\n",
        serde_json::to_string_pretty(&ablation_report::glossary()).unwrap()
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/app/generated/glossary.js");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &module).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == module, "{} is stale; run this test with UPDATE_EXPECT=1", file.display());
}
