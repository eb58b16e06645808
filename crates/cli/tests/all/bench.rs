//! `bench`: the contrast as text, as a record, as figures.

use std::fs;

use ablation_models::{PresetLink, presets};

use crate::run::{keys, tiny};

#[test]
fn every_preset_shows_its_contrast() {
    for PresetLink { name: preset, .. } in presets() {
        let text = tiny(&["bench", "--preset", &preset]).worked();
        for word in [
            "\nreference ",
            "\nablated ",
            "\nablated, then fine-tuned ",
            "\nfine-tuned, not ablated (sham) ",
            "\nretrained without ",
            "\nconstant predictor ",
            "Disruption",
            "Necessity",
            "Ablating ",
        ] {
            assert!(text.contains(word), "{preset}: `{word}` in\n{text}");
        }
        assert!(text.contains("One seed: no verdict."), "{text}");
    }
}

#[test]
fn the_record_is_a_description_and_a_view_and_says_once_what_an_operator_is() {
    let record = tiny(&["bench", "--site", "blocks.0", "--operator", "scale", "--parameter", "factor=-0.5", "--json"]).json();
    assert_eq!(keys(&record), ["description", "operators", "view"]);
    let sites = record["description"]["sites"].as_array().unwrap();
    for option in sites.iter().flat_map(|site| site["ablations"].as_array().unwrap()) {
        assert_eq!(keys(option), ["grade", "operator"]);
        assert!(record["operators"][option["operator"].as_str().unwrap()]["help"].is_string(), "{option}");
    }
    let view = &record["view"];
    assert_eq!(view["link"], record["description"]["link"]);
    assert!(view["link"].as_str().unwrap().contains("ablation.factor=-0.5"));
    assert_eq!((&view["source"]["kind"], &view["source"]["seeds"]), (&"stored".into(), &1.into()));
    let arms: Vec<_> = view["panels"].as_array().unwrap().iter().flat_map(|panel| panel["arms"].as_array().unwrap()).collect();
    let names: Vec<_> = arms.iter().map(|arm| arm["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["reference", "ablated", "recovered", "sham", "short-retrain", "retrained"]);
    assert!(arms.iter().all(|arm| arm["status"] == "done" && arm["measures"][0]["value"].is_number()));
    for gap in ["disruption", "recovery", "recovery_advantage", "necessity", "untuned"] {
        assert!(view["contrast"][gap].is_number(), "{gap}");
    }
}

#[test]
fn the_same_input_gives_the_same_record() {
    let once = || tiny(&["bench", "--json"]).worked();
    assert_eq!(once(), once());
}

#[test]
fn figures_are_written_as_svg() {
    let folder = tempfile::tempdir().unwrap();
    let figures = folder.path().join("a/b");
    tiny(&["bench", "--preset", "two-moons", "--svg", figures.to_str().unwrap()]).worked();
    for panel in ["reference", "ablated", "recovered", "retrained"] {
        let svg = fs::read_to_string(figures.join(format!("{panel}-loss.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    }
    let files = || fs::read_dir(&figures).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(files().count() > 8 && files().all(|name| name.ends_with(".svg")));
}
