//! `calibrate`: studies whose truth is known, again and again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::run::ablation;

/// A list of one study that takes a moment, with six seeds so that its test can reject.
fn tiny(home: &Path, truth: &Value) -> PathBuf {
    let study = json!({
        "version": 2,
        "title": "Tiny",
        "preset": "repeat",
        "settings": {"model.width": 8, "model.layers": 1, "train.steps": 3, "train.batch": 4},
        "variants": [{"name": "relu", "swap": {"model.activation": "relu"}}],
        "search": {"trials": 2},
        "final": {"seeds": 6},
        "recovery": {"budgets": [0.05], "rates": [1.0], "short_retrain": false},
    });
    fs::write(home.join("tiny.json"), study.to_string()).unwrap();
    let list = home.join("list.json");
    fs::write(&list, json!([{"study": "tiny.json", "repeats": 20, "truth": truth}]).to_string()).unwrap();
    list
}

fn calibrate(list: &Path, more: &[&str]) -> crate::run::Ended {
    ablation([&["calibrate", list.to_str().unwrap()], more].concat())
}

#[test]
fn a_calibration_counts_every_verdict_and_goes_on_where_it_was() {
    let home = tempfile::tempdir().unwrap();
    let list = tiny(home.path(), &json!({"relu": "not-needed"}));
    let into = home.path().join("runs");
    let kept = ["--into", into.to_str().unwrap()];
    let two = calibrate(&list, &[&["--repeats", "2", "--jobs", "1", "--json"][..], &kept].concat()).json();
    let study = &two["studies"][0];
    assert_eq!((&study["name"], &study["repeats"], &two["seed"]), (&"tiny".into(), &2.into(), &0.into()));
    let given = study["verdicts"][0]["given"].as_array().unwrap();
    assert_eq!(given.iter().map(|one| one[1].as_u64().unwrap()).sum::<u64>(), 2, "{study}");
    let events: Vec<&str> = study["rates"].as_array().unwrap().iter().map(|rate| rate["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["found-to-matter", "aa-rejected", "aa-searched", "gate-failed"]);
    // Kept studies are not run again, others follow, and neither the folder nor the number of threads changes what is counted.
    let outcome = into.join("tiny/0/outcomes");
    let before = fs::metadata(&outcome).unwrap().modified().unwrap();
    let three = calibrate(&list, &[&["--repeats", "3", "--jobs", "3", "--json"][..], &kept].concat()).json();
    assert_eq!(fs::metadata(&outcome).unwrap().modified().unwrap(), before);
    assert_eq!(calibrate(&list, &["--repeats", "3", "--json"]).json(), three);
    // Each is a study as any other.
    let folder = into.join("tiny/2");
    assert!(ablation(["report", folder.to_str().unwrap()]).worked().contains("complete: "));
}

#[test]
fn a_calibration_is_printed_as_text_and_as_markdown() {
    let home = tempfile::tempdir().unwrap();
    let list = tiny(home.path(), &json!({}));
    let text = calibrate(&list, &["--small", "--seed", "7"]).worked();
    assert!(text.contains("tiny   relu       not known") && text.contains("of 2"), "{text}");
    let page = calibrate(&list, &["--small", "--seed", "7", "--format", "md"]).worked();
    assert!(page.contains("* `tiny`: Tiny. Root seeds 7 to 8.") && page.contains("| tiny | A/A control |"), "{page}");
}

/// Three steps teach nothing, so no study can find what is said to be needed.
#[test]
fn a_promise_that_is_broken_is_no_success() {
    let home = tempfile::tempdir().unwrap();
    let list = tiny(home.path(), &json!({"relu": "needed"}));
    let ended = calibrate(&list, &["--repeats", "2"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.out.contains("not found") && ended.out.contains("2 of 2") && ended.out.contains("at most 5 %: broken"));
    assert_eq!(ended.err, "error: 1 rate is not what is promised\n");
}

/// The study that comes with the program, once: what is needed is found, and what is not needed is not.
#[test]
fn the_planted_truth_is_found() {
    let home = tempfile::tempdir().unwrap();
    let study = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../static/studies/planted.json");
    fs::copy(study, home.path().join("planted.json")).unwrap();
    let truth = json!({"attention": "needed", "MLP": "not-needed", "final norm": "not-needed"});
    let list = home.path().join("list.json");
    fs::write(&list, json!([{"study": "planted.json", "repeats": 1, "truth": truth}]).to_string()).unwrap();
    let found = calibrate(&list, &["--json"]).json();
    let rates = found["studies"][0]["rates"].as_array().unwrap();
    let failed =
        |event: &str| rates.iter().filter(|rate| rate["event"] == event).map(|rate| rate["count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((failed("missed"), failed("found-to-matter"), failed("gate-failed")), (0, 0, 0), "{found}");
}

#[test]
fn a_calibration_that_cannot_be_run_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let list = tiny(home.path(), &json!({"gelu": "needed"}));
    calibrate(&list, &[]).refused(&["list.json`, entry 1", "no variant `gelu`", "relu"]);
    calibrate(&home.path().join("none.json"), &[]).refused(&["none.json", "cannot be read"]);
    let list = tiny(home.path(), &json!({}));
    calibrate(&list, &["--repeats", "0"]).refused(&["run 0 times"]);
    calibrate(&list, &["--jobs", "0"]).refused(&["--jobs 0"]);
    calibrate(&list, &["--seed", "4294967295"]).refused(&["--seed 4294967295", "too large"]);
    fs::write(home.path().join("tiny.json"), "{").unwrap();
    calibrate(&list, &[]).refused(&["tiny.json", "not JSON"]);
}
