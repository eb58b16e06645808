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

#[test]
fn sets_of_components_are_ablated_together() {
    let arguments = ["sweep", "--operator", "mean", "--random", "0", "--together", "blocks.0.attn,blocks.0.mlp,blocks.1.attn"];
    let json = tiny(&[&arguments[..], &["--json"]].concat()).json();
    let together = &json["together"][0];
    let rise = |set: usize| together["sets"][set].as_f64().unwrap();
    assert_eq!(rise(0), 0.0, "nothing is ablated");
    // One component by itself is the ablation of the table above.
    let single = json["ablations"].as_array().unwrap().iter().find(|row| row["site"] == "blocks.0.mlp").unwrap();
    assert_eq!(rise(2), single["difference"].as_f64().unwrap());
    let shares = together["shares"].as_array().unwrap();
    let value = |index: usize, key: &str| shares[index][key].as_f64().unwrap();
    assert_eq!((value(1, "first"), value(1, "last")), (rise(2), rise(7) - rise(5)));
    let sum: f64 = (0..3).map(|index| value(index, "shapley")).sum();
    assert!((sum - rise(7)).abs() < 1e-9, "{sum} of {}", rise(7));
    assert_eq!(together["pairs"][0]["components"], serde_json::json!(["blocks.0.attn", "blocks.0.mlp"]));
    assert!((together["pairs"][0]["beyond"].as_f64().unwrap() - (rise(3) - rise(1) - rise(2))).abs() < 1e-12);
    assert_eq!(together["cheapest_first"].as_array().unwrap().len(), 3);
    let text = tiny(&arguments).worked();
    assert!(text.contains("behind all others") && text.contains("cheapest first: blocks."), "{text}");
}

#[test]
fn sets_of_what_is_no_component_or_a_part_of_another_are_refused() {
    let together = |components: &str| tiny(&["sweep", "--operator", "mean", "--random", "0", "--together", components]);
    together("blocks.0.attn").refused(&["takes 2 to 8 components", "has 1"]);
    together("blocks.0.attn,blocks.0.atn").refused(&["no component `blocks.0.atn`"]);
    together("blocks.0.attn.heads.0,blocks.0.attn").refused(&["`blocks.0.attn.heads.0`", "choose one of them"]);
    together("blocks.0,blocks.1").refused(&["none of mean is offered"]);
}
