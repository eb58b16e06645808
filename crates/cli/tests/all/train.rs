//! `train`: curves, measures, saved weights.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::run::{Ended, TINY, ablation, keys, tiny};

fn save(path: &Path, arguments: &[&str]) -> Ended {
    tiny(&[&["train", "--save", path.to_str().unwrap()], arguments].concat())
}

#[test]
fn the_table_has_a_line_for_each_seed() {
    let text = tiny(&["train", "--seeds", "4,2", "--remove", "position"]).worked();
    assert!(text.contains("− position, 3 steps, CPU") && text.contains("test loss (nats)  accuracy"), "{text}");
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    assert!(lines.iter().any(|line| line.starts_with("4 ")) && lines.iter().any(|line| line.starts_with("2 ")), "{text}");
}

#[test]
fn the_json_has_curves_and_measures() {
    let json = tiny(&["train", "--seeds", "0,1", "--remove", "position", "--json"]).json();
    assert_eq!(keys(&json), ["device", "label", "link", "remove", "replicas", "seeds", "steps"]);
    assert_eq!((&json["seeds"], &json["remove"]), (&serde_json::json!([0, 1]), &serde_json::json!(["position"])));
    for replica in json["replicas"].as_array().unwrap() {
        assert_eq!(replica["losses"].as_array().unwrap().len(), 3);
        assert_eq!(replica["measures"][0]["unit"], "nats");
        assert!(replica["measures"][0]["value"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || tiny(&["train", "--preset", "two-moons", "--json"]).worked();
    assert_eq!(once(), once());
}

#[test]
fn a_seed_does_not_depend_on_who_trains_beside_it() {
    let replica = |seeds: &str, index: usize| tiny(&["train", "--seeds", seeds, "--json"]).json()["replicas"][index].clone();
    assert_eq!(replica("7", 0), replica("3,7", 1));
}

#[test]
fn saved_weights_are_safetensors_of_every_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    save(&path, &["--seeds", "5,6"]).worked();
    let bytes = fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.tensor("blocks.0.attn.query.weight").unwrap().shape(), [2, 8, 8]);
    assert!(tensors.tensors().iter().all(|(_, tensor)| tensor.shape()[0] == 2));
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let about: serde_json::Value = serde_json::from_str(&metadata.metadata().as_ref().unwrap()["ablation-train"]).unwrap();
    assert_eq!(about["seeds"], serde_json::json!([5, 6]));
    assert!(about["link"].as_str().unwrap().starts_with("v=1&p=repeat&"));
}

#[test]
fn an_existing_file_is_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    fs::write(&path, "precious").unwrap();
    // Refused before anything is trained.
    assert_eq!(save(&path, &["--remove", "unembed"]).code, Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    save(&path, &[]).worked();
    assert!(SafeTensors::deserialize(&fs::read(&path).unwrap()).is_ok());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["w.safetensors"], "no temporary file stays behind");
}

#[test]
fn a_run_that_is_killed_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    fs::write(&path, "precious").unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ablation"))
        .args(["train", "--set", "train.steps=20000", "--save", path.to_str().unwrap()])
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "it trains for long");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["w.safetensors"], "nothing half-written lies there meanwhile");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

/// A limit on the size of files ends a write as a full disk does.
#[cfg(unix)]
#[test]
fn weights_that_cannot_be_saved_take_no_measures_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    fs::write(&path, "precious").unwrap();
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let arguments = ["-c", script, env!("CARGO_BIN_EXE_ablation"), "train", "--save", path.to_str().unwrap()];
    let ended = std::process::Command::new("sh").args(arguments).args(TINY).output().unwrap();
    let [out, err] = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(ended.status.code(), Some(1), "{err}");
    assert!(out.contains("test loss (nats)") && err.contains("could not be written"), "{out}{err}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_training_that_diverges_prints_what_there_is_and_fails() {
    let diverging =
        ["--set", "train.learning_rate=1", "--set", "train.clip=0", "--set", "model.norm=none", "--set", "train.warmup=0"];
    let arguments = ["train", "--json", "--set", "model.width=64", "--set", "model.layers=8", "--set", "train.batch=4"];
    let ended = ablation(arguments.iter().chain(&diverging).chain(&["--set", "train.steps=40"]));
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("seed 0 diverged") && ended.err.contains("train.learning_rate"), "{}", ended.err);
    let json: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert!(json["replicas"][0]["losses"].as_array().unwrap().iter().any(|loss| loss.is_null()));
}

#[test]
fn settings_come_from_preset_link_file_and_command_in_this_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.json");
    fs::write(&file, r#"{"model.layers": 3, "train.steps": 9}"#).unwrap();
    let sources = ["--preset", "repeat", "--link", "v=1&p=two-moons&model.layers=4&seed=5", "--settings", file.to_str().unwrap()];
    let json = ablation(["train", "--json"].iter().chain(&sources).chain(&TINY)).json();
    let link = json["link"].as_str().unwrap();
    assert!(link.starts_with("v=1&p=two-moons&"), "{link}");
    for part in ["model.layers=3", "seed=5", "train.steps=3"] {
        assert!(link.contains(part), "{part} in {link}");
    }
}
