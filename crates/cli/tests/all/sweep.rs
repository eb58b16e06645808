//! `sweep`: every ablation of one model, beside random channels and beside what zeroing weights reports.

use crate::run::tiny;

#[test]
fn the_json_has_every_ablation_that_is_offered_and_its_controls() {
    let json =
        tiny(&["sweep", "--operator", "mean", "--operator", "zero", "--operator", "skip", "--random", "3", "--json"]).json();
    let rows = json["ablations"].as_array().unwrap();
    let row = |site: &str, operator: &str| rows.iter().find(|row| row["site"] == site && row["operator"] == operator);
    for site in ["embed", "position", "blocks.0.attn", "blocks.1.attn.heads.3", "blocks.1.mlp"] {
        for operator in ["mean", "zero"] {
            let row = row(site, operator).unwrap_or_else(|| panic!("{operator} of {site}"));
            let (loss, difference) = (row["loss"].as_f64().unwrap(), row["difference"].as_f64().unwrap());
            assert!((loss - json["loss"].as_f64().unwrap() - difference).abs() < 1e-12);
        }
    }
    assert!(row("blocks.0", "skip").is_some() && row("blocks.0", "zero").is_none() && row("norm", "skip").is_some());
    let controls = json["controls"].as_array().unwrap();
    for kind in ["head", "attention", "mlp"] {
        for operator in ["mean", "zero"] {
            let control = controls.iter().find(|row| row["kind"] == kind && row["operator"] == operator).unwrap();
            assert_eq!(control["differences"].as_array().unwrap().len(), 3);
        }
    }
    assert!(controls.iter().all(|row| row["operator"] != "skip"));
}

#[test]
fn the_table_has_a_line_for_each_component_and_explains_what_did_not_change() {
    let arguments = ["sweep", "--operator", "zero", "--random", "2", "--exhibits", "--set", "model.layers=1"];
    let text = tiny(&arguments).worked();
    for line in
        ["  blocks.0.mlp ", "  random channels, as many as one head: mean of 2", "  head_pruning", "Do not use these numbers"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("One seed"), "{text}");
    let text = tiny(&["sweep", "--operator", "frozen_scale", "--random", "0"]).worked();
    assert!(text.contains("  norm ") && !text.contains("random channels"), "{text}");
}

#[test]
fn threads_change_nothing() {
    let arguments =
        ["sweep", "--operator", "mean", "--operator", "frozen_scale", "--set", "model.layers=1", "--random", "2", "--json"];
    let with = |jobs: &str| tiny(&[&arguments[..], &["--jobs", jobs]].concat()).worked();
    assert_eq!(with("1"), with("3"));
}

#[test]
fn operators_that_do_not_exist_or_stand_twice_are_refused() {
    tiny(&["sweep", "--operator", "mena"]).refused(&["no operator `mena`", "position_mean"]);
    tiny(&["sweep", "--operator", "zero", "--operator", "zero"]).refused(&["twice"]);
}
