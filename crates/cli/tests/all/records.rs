//! The results that ship with the page are those of today's presets.
//!
//! A preset that is changed without a new record would show, as its result, the numbers of another study.

use std::fs;
use std::path::PathBuf;

use ablation_models::{describe, presets};
use serde_json::Value;

/// Bytes; a record is loaded before anything else on the page has happened. On the way it is compressed to an eighth.
const LARGEST: u64 = 160_000;

fn record(preset: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../static/records/{preset}.json"))
}

#[test]
fn every_preset_has_a_record_of_today_s_study() {
    for preset in presets() {
        let path = record(&preset.name);
        let again = format!(
            "make it again: cargo run -p ablation-cli -- bench --preset {0} --json > static/records/{0}.json",
            preset.name
        );
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; {again}", path.display()));
        let stored: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}; {again}", path.display()));
        // Through text on both sides, so that both numbers are read by the same reader.
        let today =
            serde_json::to_string(&describe(&preset.link).unwrap().drawn(|shown| ablation_figures::draw(&shown, ""))).unwrap();
        let today: Value = serde_json::from_str(&today).unwrap();
        for part in today.as_object().unwrap().keys() {
            assert!(stored["description"][part] == today[part], "the record of `{}` has another `{part}`; {again}", preset.name);
        }
        assert_eq!(stored["view"]["link"], preset.link, "{again}");
    }
}

#[test]
fn every_record_is_complete_and_small() {
    for preset in presets() {
        let size = fs::metadata(record(&preset.name)).unwrap().len();
        assert!(size <= LARGEST, "the record of `{}` has {size} bytes", preset.name);
        let stored: Value = serde_json::from_str(&fs::read_to_string(record(&preset.name)).unwrap()).unwrap();
        assert_eq!(stored["view"]["source"]["kind"], "stored");
        let panels = stored["view"]["panels"].as_array().unwrap();
        assert_eq!(panels.len(), 4);
        for arm in panels.iter().flat_map(|panel| panel["arms"].as_array().unwrap()) {
            assert_eq!(arm["status"], "done", "{}", preset.name);
            assert!(arm["measures"][0]["value"].is_number(), "{}", preset.name);
        }
        assert!(stored["view"]["contrast"]["sentence"].as_str().unwrap().starts_with("Ablating "));
    }
}

#[test]
fn every_reference_learned_something() {
    for preset in presets() {
        let stored: Value = serde_json::from_str(&fs::read_to_string(record(&preset.name)).unwrap()).unwrap();
        for measure in stored["view"]["panels"][0]["arms"][0]["measures"].as_array().unwrap() {
            let (value, constant_predictor) =
                (measure["value"].as_f64().unwrap(), measure["constant_predictor"].as_f64().unwrap());
            let better = if measure["goal"] == "lower" { value < constant_predictor } else { value > constant_predictor };
            assert!(better, "{}: {} is {value}, knowing nothing reaches {constant_predictor}", preset.name, measure["label"]);
        }
    }
}

#[test]
fn there_is_no_record_without_a_preset() {
    let names: Vec<String> = presets().into_iter().map(|preset| format!("{}.json", preset.name)).collect();
    for entry in fs::read_dir(record("x").parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || names.contains(&name), "static/records/{name} belongs to no preset");
    }
}
