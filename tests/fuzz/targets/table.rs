//! A table of results from elsewhere, whole or partial: refused, or analysed.
#![no_main]

use ablation_cli::results::parse;
use ablation_study::{Options, Subject, analyse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: (bool, bool, Option<f64>, &str)| {
    let (partial, higher_is_better, margin, text) = given;
    let Ok(results) = parse(text, partial) else { return };
    let table = results.table;
    let subject = |name: &String| Subject { name: name.clone(), label: name.clone(), edge: false };
    let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
    let options = Options { margin, higher_is_better, budgets: table.budgets.clone(), ..Options::default() };
    let _ = analyse(&table.series, &subjects, &options);
});
