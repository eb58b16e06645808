//! The vocabulary as files: for the page, which shows stored reports before there is an engine to ask, and for the documentation.
//! `UPDATE_EXPECT=1 cargo test --workspace --test page` writes both.

// The expectations are files of the page and of the documentation.
#![allow(clippy::disallowed_methods)]

use std::path::Path;

use ablation_report::glossary;

/// Groups of the vocabulary in the order of the page, with what their words are.
const GROUPS: [(&str, &str, &str); 13] = [
    ("arm", "Arms", "A study trains and measures these models. Every arm has the same seeds."),
    ("gap", "Gaps", "Differences between two arms, taken seed by seed. A positive gap of a loss is worse."),
    ("verdict", "Verdicts on one gap", "What the tests say of one gap. p-values are adjusted over all components of the study."),
    ("extent", "Sizes", "What is added to *worse* and *better* where a test shows how large the difference is."),
    ("combined", "Combined verdicts", "What disruption and necessity say of a component together."),
    (
        "combined-of-change",
        "Combined verdicts on a change",
        "The same verdicts where a setting was changed instead of a component left out.",
    ),
    ("modifier", "Modifiers", "What qualifies a combined verdict."),
    ("word", "Other words", "What reports and the page say of the models, the data and the runs."),
    ("card", "The protocol card", "Parts of a protocol card."),
    ("grade", "Grades", "How far the number of an ablation or a removal can be trusted."),
    ("tier", "Tiers", "How much is run."),
    ("stage", "Stages", "What a study does, in order."),
    ("reading energy_distance", "Numbers of a diffusion model", "What the sandbox shows of a model that generates samples."),
];

/// Compares a file of the repository with what it has to be, or writes it.
fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{file} is stale; run this test with UPDATE_EXPECT=1");
}

#[test]
fn the_page_has_the_vocabulary_of_the_engine() {
    let module = format!(
        "/* Written by `UPDATE_EXPECT=1 cargo test --workspace --test page`. Do not edit. */\n\nexport const GLOSSARY = {};\n",
        serde_json::to_string_pretty(&glossary()).unwrap()
    );
    check("web/app/generated/glossary.js", &module);
}

#[test]
fn the_documentation_has_the_vocabulary_of_the_engine() {
    let mut page = String::from(
        "<!-- Written by `UPDATE_EXPECT=1 cargo test --workspace --test page`. Do not edit. -->\n\n\
         # Glossary\n\n\
         Every word that the page, the command line and the reports use for arms, gaps and verdicts, with its one meaning. \
         `ablation glossary WORD` prints the same on a command line.\n",
    );
    let terms = glossary().terms;
    for term in &terms {
        assert!(GROUPS.iter().any(|(group, ..)| *group == term.group), "the group `{}` has no heading", term.group);
    }
    let cell = |text: &str| text.replace('|', "\\|");
    for (group, title, about) in GROUPS {
        page += &format!("\n## {title}\n\n{about}\n\n");
        let terms: Vec<_> = terms.iter().filter(|term| term.group == group).collect();
        let has_symbols = terms.iter().any(|term| term.symbol.is_some());
        page += if has_symbols {
            "| name | symbol | meaning | key |\n|---|---|---|---|\n"
        } else {
            "| name | meaning | key |\n|---|---|---|\n"
        };
        for term in terms {
            let symbol = if has_symbols { format!(" {} |", cell(term.symbol.unwrap_or_default())) } else { String::new() };
            let source = term.source.map(|source| format!(" ({source})")).unwrap_or_default();
            page += &format!("| {} |{symbol} {}{} | `{}` |\n", cell(term.name), cell(term.meaning), cell(&source), term.key);
        }
    }
    check("docs/glossary.md", &page);
}
