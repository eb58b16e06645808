//! What has to hold whatever is in the input that other people hand in, one function for each kind. A function that returns is content; one that
//! panics has found something.
//!
//! `tests/stored.rs` tries them on stored files and on damaged copies of these; the fuzz targets in `targets` try them on what a fuzzer thinks of.

use ablation_cli::{results, study_file};
use ablation_models::Models;
use ablation_protocol::{Study, plan, read_linked};
use ablation_report::{Failed, Options, Subject, analyse, read_record, record_outcomes};

/// A link: whatever it says, it is bent into a set-up whose own link needs no bending.
pub fn link(text: &str) {
    let linked = read_linked(text, &Models);
    let again = read_linked(&linked.link, &Models);
    assert_eq!((again.link, again.corrections), (linked.link, vec![]));
}

/// A study file, TOML or JSON: refused, or a study that can be planned and survives its own file.
pub fn study(text: &str) {
    for is_json in [false, true] {
        let Ok(study) = study_file::parse(text, is_json) else { continue };
        assert!(!plan(&study, &Default::default()).is_empty(), "there is nothing to run");
        assert_eq!(Study::from_json(&study.to_json()), Ok(study));
    }
}

/// A record: refused, or one that is written as it was read.
pub fn record(text: &str) {
    let _ = record_outcomes(text);
    if let Ok(record) = read_record(text) {
        assert_eq!(read_record(&record.to_json()), Ok(record));
    }
}

/// A table of results from elsewhere, whole or partial: refused, or analysed.
pub fn table(text: &str) {
    for (partial, higher_is_better) in [(false, false), (true, true)] {
        let failed = if partial { Failed::Marks { values: vec![-1.0], not_a_number: true } } else { Failed::Unstated };
        let Ok(results) = results::parse(text, &results::Options { partial, failed }) else { continue };
        let table = results.table;
        let subject = |name: &String| Subject::named(name);
        let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
        let options = Options { margin: Some(0.1), higher_is_better, budgets: table.budgets.clone(), ..Options::default() };
        let _ = analyse(&table.series, &subjects, &options);
    }
}
