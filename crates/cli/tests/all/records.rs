//! The results that ship with the page are those of today's presets.
//!
//! A preset that is changed without a new record would show, as its result, the numbers of another study. A record made before an option
//! was added stays that of its study, so what is compared is what the record says.

use std::fs;
use std::path::PathBuf;

use ablation_models::{Context, describe, presets};
use serde_json::Value;

/// Bytes; a record is loaded before anything else on the page has happened. On the way it is compressed to an eighth.
const LARGEST: u64 = 160_000;

fn record(preset: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../static/records/{preset}.json"))
}

/// Whether all that was said is said today, in the same order. There may be more to choose from than there was when a record was made; its
/// study and its numbers are the same, as those of any trial to which a setting was added at its `absent` value.
fn still_says(today: &Value, then: &Value) -> bool {
    match (today, then) {
        (Value::Object(today), Value::Object(then)) => {
            then.iter().all(|(key, then)| today.get(key).is_some_and(|today| still_says(today, then)))
        }
        (Value::Array(today), Value::Array(then)) => {
            let mut today = today.iter();
            then.iter().all(|then| today.any(|today| still_says(today, then)))
        }
        (today, then) => today == then,
    }
}

/// Says at each site what a record says once of each ablation operator, as the page does when it has loaded the record.
fn spell_out(record: &mut Value) {
    let operators = record["operators"].clone();
    let sites = record["description"]["sites"].as_array_mut().unwrap();
    for option in sites.iter_mut().flat_map(|site| site["ablations"].as_array_mut().unwrap()) {
        let texts = operators[option["operator"].as_str().unwrap()].as_object().cloned().unwrap_or_default();
        option.as_object_mut().unwrap().extend(texts);
    }
}

#[test]
fn a_record_says_what_is_said_today_if_options_were_added_and_nothing_was_changed() {
    let then = serde_json::json!({"value": "gelu", "options": [{"value": "gelu"}, {"value": "relu"}]});
    let grown =
        serde_json::json!({"value": "gelu", "options": [{"value": "gelu"}, {"value": "elu"}, {"value": "relu"}], "unit": null});
    assert!(still_says(&grown, &then) && !still_says(&then, &grown));
    let another = serde_json::json!({"value": "relu", "options": [{"value": "gelu"}, {"value": "relu"}]});
    let turned = serde_json::json!({"value": "gelu", "options": [{"value": "relu"}, {"value": "gelu"}]});
    assert!(!still_says(&another, &then) && !still_says(&turned, &then));
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
        let mut stored: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}; {again}", path.display()));
        spell_out(&mut stored);
        // Through text on both sides, so that both numbers are read by the same reader.
        let today = serde_json::to_string(
            &describe(&preset.link, &Context::built_in()).unwrap().drawn(|shown| ablation_figures::draw(&shown, "")),
        )
        .unwrap();
        let today: Value = serde_json::from_str(&today).unwrap();
        for part in today.as_object().unwrap().keys() {
            let same = still_says(&today[part], &stored["description"][part]);
            assert!(same, "the record of `{}` has another `{part}`; {again}", preset.name);
        }
        for field in today["fields"].as_array().unwrap() {
            let known = stored["description"]["settings"].get(field["path"].as_str().unwrap()).is_some();
            assert!(
                known || field["value"] == field["absent"],
                "the record of `{}` has no {}; {again}",
                preset.name,
                field["path"]
            );
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
