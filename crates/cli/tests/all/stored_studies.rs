//! The studies that come with the product can be read, and their records are theirs.

use std::fs;
use std::path::PathBuf;

use ablation_models::Models;
use ablation_protocol::{plan, read_study};
use ablation_report::{Combined, Question, read_record};
use serde_json::Value;

/// Bytes; the page shows a record before anything is computed. A record grows with the components and the runs that a study asks for, so it is
/// bounded by them as well: 8 kilobytes, 4 for each component and 120 bytes for each run.
const LARGEST: usize = 200_000;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../static/studies")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("static/studies/{name}: {error}"))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap_or_else(|error| panic!("static/studies/{name}: {error}"))
}

/// The fields of one study in the list.
fn listed(field: &str) -> Vec<String> {
    let list = json("index.json");
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_string()).collect()
}

#[test]
fn every_study_can_be_run() {
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let studies = names.filter(|name| name.ends_with(".json") && !name.ends_with(".record.json") && name != "index.json");
    let mut count = 0;
    for name in studies {
        read_study(json(&name), &Models).unwrap_or_else(|error| panic!("{name}: {error}"));
        count += 1;
    }
    assert!(count >= listed("name").len(), "{count} studies");
}

#[test]
fn every_record_is_complete_small_and_of_today_s_study() {
    for (file, record) in listed("file").into_iter().zip(listed("record")) {
        let again = "make it again with the command in static/studies/README.md";
        let text = text(&record);
        // Reading it computes its report anew and compares.
        let stored = read_record(&text).unwrap_or_else(|error| panic!("{record}: {error}; {again}"));
        let study = read_study(json(&file), &Models).unwrap();
        assert_eq!(stored.study.hash(), study.hash(), "{record} is of another study than {file}; {again}");
        assert!(stored.report.progress.complete, "{record}");
        // Trials get their ids from the settings of today: a setting that was added since must not have changed one.
        let unanswered: Vec<String> = plan(&study, &stored.outcomes).into_iter().map(|planned| planned.id).collect();
        assert!(unanswered.is_empty(), "{record} does not answer {unanswered:?} of today's {file}; {again}");
        let components = stored.report.analysis.components.len();
        let most = LARGEST.min(8_000 + 4_000 * components + 120 * stored.outcomes.len());
        assert!(text.len() <= most, "{record} has {} bytes of {} outcomes", text.len(), stored.outcomes.len());
    }
}

/// A published finding stands beside what is found here, never alone.
#[test]
fn a_published_finding_stands_beside_what_is_found_here() {
    let list = json("index.json");
    let mut count = 0;
    for study in list.as_array().unwrap() {
        let [published, here] = ["published", "here"].map(|field| study.get(field).and_then(Value::as_str));
        assert_eq!(published.is_some(), here.is_some(), "{}", study["name"]);
        if let (Some(published), Some(here)) = (published, here) {
            let year = published.split(|letter: char| !letter.is_ascii_digit()).any(|word| word.len() == 4);
            assert!(year && here.ends_with('.'), "{published} {here}");
            count += 1;
        }
    }
    assert!(count >= 5, "{count} of the studies have a published finding beside them");
}

/// The reason for the product, in two studies: the same component of the same model on the same data, needed or not.
#[test]
fn positions_are_needed_by_a_model_that_looks_both_ways_and_not_by_one_that_looks_back() {
    let position = |record: &str| {
        let analysis = read_record(&text(record)).unwrap().report.analysis;
        let component = analysis.components.into_iter().find(|component| component.component == "position").unwrap();
        (component, analysis.margin.unwrap())
    };
    let (back, _) = position("positions-causal.record.json");
    assert_eq!(back.combined, Some(Combined::CoAdapted));
    let (both, margin) = position("positions-bidirectional.record.json");
    assert!(matches!(both.combined, Some(Combined::Necessary | Combined::OverstatedByAblation)), "{:?}", both.combined);
    let gap = &both.answers[&Question::Necessity].gap;
    assert!(gap.ci95.unwrap().low > 10.0 * margin, "{gap:?} against {margin}");
}
