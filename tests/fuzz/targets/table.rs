//! A table of results from elsewhere, whole or partial: refused, or analysed.
#![no_main]

use ablation_cli::results::parse;
use ablation_report::{Options, Subject, analyse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for (partial, higher_is_better) in [(false, false), (true, true)] {
        let Ok(results) = parse(text, partial) else { continue };
        let table = results.table;
        let subject = |name: &String| Subject { name: name.clone(), label: name.clone(), edge: false };
        let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
        let options = Options { margin: Some(0.1), higher_is_better, budgets: table.budgets.clone(), ..Options::default() };
        let _ = analyse(&table.series, &subjects, &options);
    }
});
