//! `effects`: what a component adds itself, what later ones make up for, and heads ablated beside heads that were never there.

use crate::run::tiny;

#[test]
fn the_parts_of_an_effect_add_up() {
    let json = tiny(&["effects", "--operator", "zero", "--json"]).json();
    let effects = json["effects"].as_array().unwrap();
    let value = |one: &serde_json::Value, part: &str| one[part]["value"].as_f64().unwrap();
    let paths: Vec<&str> = effects.iter().map(|one| one["site"].as_str().unwrap()).collect();
    for path in ["position", "blocks.0.attn", "blocks.0.attn.heads.1", "blocks.1.mlp"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    for one in effects {
        assert!((value(one, "direct") + value(one, "later") - value(one, "frozen")).abs() < 1e-9, "{one}");
        assert!(value(one, "direct") != 0.0 && one["loss"].as_f64().is_some(), "{one}");
    }
    let last = effects.iter().find(|one| one["site"] == "blocks.1.mlp").unwrap();
    assert!(last["branches"].as_array().unwrap().is_empty() && value(last, "later") == 0.0, "{last}");
    assert!(json["loss"].as_f64().unwrap() > 0.0 && json.get("heads").is_none());
}

#[test]
fn heads_are_ablated_and_retrained_without() {
    let json = tiny(&["effects", "--retrain", "2", "--set", "model.layers=1", "--json"]).json();
    let heads = json["heads"].as_array().unwrap();
    assert_eq!(heads.len(), 4);
    let list = |head: &serde_json::Value, part: &str| -> Vec<f64> {
        head[part].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    for (index, head) in heads.iter().enumerate() {
        assert_eq!(head["site"], format!("blocks.0.attn.heads.{index}"));
        let [ablated, retrained] = ["ablated", "retrained"].map(|part| list(head, part));
        assert!(ablated.len() == 2 && ablated[0] != ablated[1] && retrained[0] != retrained[1] && ablated != retrained);
    }
    // What the first seed finds is what it finds alone.
    let alone = tiny(&["effects", "--retrain", "1", "--set", "model.layers=1", "--json"]).json();
    assert_eq!(list(&alone["heads"][2], "retrained")[0], list(&heads[2], "retrained")[0]);
    assert_eq!(list(&alone["heads"][2], "ablated")[0], list(&heads[2], "ablated")[0]);
    // And what `train --remove` finds, but for the rounding of an attention whose pattern is looked at.
    let without = tiny(&["train", "--set", "model.layers=1", "--remove", "blocks.0.attn.heads.2", "--json"]).json();
    let expected = without["replicas"][0]["measures"][0]["value"].as_f64().unwrap() - alone["loss"].as_f64().unwrap();
    let found = list(&alone["heads"][2], "retrained")[0];
    assert!((found - expected).abs() < 1e-6, "{found} {expected}");
}

#[test]
fn the_text_has_both_maps_and_says_what_the_columns_are() {
    let text = tiny(&["effects", "--retrain", "1", "--set", "model.layers=1"]).worked();
    for words in ["  blocks.0.mlp ", "made up", "ablated in the trained model; one seed", "(untuned); one seed", "  layer 0  "] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!tiny(&["effects", "--set", "model.layers=1"]).worked().contains("layer 0"));
}

#[test]
fn what_has_no_such_effects_is_refused() {
    tiny(&["effects", "--set", "model.norm=post"]).refused(&["blocks.0.attn_norm", "norms before its branches"]);
    tiny(&["effects", "--set", "seed=999999", "--retrain", "2"]).refused(&["1000000", "--retrain"]);
    tiny(&["effects", "--operator", "mena"]).refused(&["no operator `mena`", "position_mean"]);
    tiny(&["effects", "--operator", "frozen_scale"]).refused(&["offered at no branch"]);
    tiny(&["effects", "--set", "model.backbone=mixer", "--set", "data.kind=masked-repeat", "--retrain", "1"])
        .refused(&["has no heads"]);
}
