//! `--corpus`: a text of one's own, named by its content.

use std::fs;
use std::path::Path;

use ablation_models::{Asset, Context};

use crate::run::{Ended, ablation};

const TEXT: [&str; 9] = ["train", "--seeds", "0", "--set", "data.kind=text", "--set", "train.steps=2", "--set", "data.length=16"];

fn train(more: &[&str]) -> Ended {
    ablation([&TEXT[..], &["--set", "model.width=16", "--set", "train.batch=4", "--json"], more].concat())
}

#[test]
fn a_text_is_trained_on_and_named_by_its_content() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("notes.txt");
    let text: String = (0..200).map(|n| format!("Note {n} says that {} is odd.\n\n", 2 * n + 1)).collect();
    fs::write(&file, &text).unwrap();
    let sha256 = Context::default().add(Asset::Corpus, text.into_bytes());
    let path = file.to_str().unwrap();
    let found = train(&["--corpus", path]).json();
    assert!(found["link"].as_str().unwrap().contains(&format!("data.corpus={sha256}")), "{found}");
    assert_eq!(found["replicas"][0]["measures"][1]["name"], "bits_per_character");
    let shipped = train(&[]).json();
    let built_in = fs::read("../../static/corpora/miller-street.txt").unwrap();
    let built_in = Context::default().add(Asset::Corpus, built_in);
    assert!(shipped["link"].as_str().unwrap().contains(&built_in), "{shipped}");
    assert_ne!(shipped["replicas"], found["replicas"]);
    let named = format!("data.corpus={sha256}");
    train(&["--set", &named]).refused(&[&sha256, "it is not here", "give the file"]);
    let other = format!("data.corpus={}", "ab".repeat(32));
    train(&["--set", &other, "--corpus", path]).refused(&["notes.txt", &sha256, "abab", "give that file"]);
    ablation(["train", "--corpus", path]).refused(&["notes.txt", "read no text", "data.kind=text"]);
}

#[test]
fn a_text_is_encoded_and_trained_on_in_pieces_of_words() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).to_str().unwrap().to_string();
    let text: String = (0..300).map(|n| format!("Note {n} says that {} is odd.\n\n", 2 * n + 1)).collect();
    fs::write(at("notes.txt"), &text).unwrap();
    let said = ablation(["encode", &at("notes.txt"), "--vocabulary", "64", "--save-tokenizer", &at("tokenizer.json")]).worked();
    let encoded = fs::read(at("notes.tokens.json")).unwrap();
    let sha256 = Context::default().add(Asset::Corpus, encoded);
    assert!(said.contains(&sha256) && said.contains("--set data.vocabulary=64"), "{said}");
    let given = ["--set", "data.kind=tokens", "--set", "data.vocabulary=64", "--corpus", &at("notes.tokens.json")];
    let found = train(&given).json();
    assert!(found["link"].as_str().unwrap().contains(&format!("data.corpus={sha256}")), "{found}");
    let [loss, bits] = [0, 1].map(|index| found["replicas"][0]["measures"][index]["value"].as_f64().unwrap());
    assert_eq!(found["replicas"][0]["measures"][1]["name"], "bits_per_character");
    // Per character and not per token, of which there are fewer.
    assert!(bits < 0.8 * loss / std::f64::consts::LN_2, "{loss} nats a token are {bits} bits a character");
    train(&["--set", "data.kind=tokens", "--set", "data.vocabulary=63", "--corpus", &at("notes.tokens.json")])
        .refused(&["it has 64 tokens, and the model 63", "set `data.vocabulary` to 64"]);
    train(&["--set", "data.kind=tokens", "--corpus", &at("notes.txt")])
        .refused(&["no encoded text", "choose the data set `text`"]);
    train(&["--corpus", &at("notes.tokens.json")]).refused(&["an encoded text", "choose the data set `tokens`"]);
    // The tokenizer that was saved makes the same tokens.
    ablation(["encode", &at("notes.txt"), "--tokenizer", &at("tokenizer.json"), "--into", &at("again.json")]).worked();
    assert_eq!(fs::read(at("again.json")).unwrap(), fs::read(at("notes.tokens.json")).unwrap());
    ablation(["encode", &at("notes.txt"), "--vocabulary", "10"]).refused(&["notes.txt", "different characters", "choose"]);
    ablation(["encode", &at("notes.txt"), "--tokenizer", &at("notes.txt")]).refused(&["no tokenizer.json"]);
    ablation(["encode", &at("none")]).refused(&["none", "cannot be read"]);
    ablation(["encode", &at("notes.tokens.json"), "--into", &at("twice.json")]).refused(&["an encoded text already"]);
    // Nothing that is read is written over, and no two files have one name.
    for (option, path) in
        [("--into", "notes.txt"), ("--save-tokenizer", "notes.txt"), ("--save-tokenizer", "./notes.tokens.json")]
    {
        ablation(["encode", &at("notes.txt"), option, &at(path)]).refused(&["would be written over"]);
    }
    assert_eq!(fs::read_to_string(at("notes.txt")).unwrap(), text);
    ablation(["encode", &at("notes.txt"), "--into", &at("new.json"), "--save-tokenizer", &at("none/a.json")]);
    assert!(!Path::new(&at("new.json")).exists(), "nothing is half done");
    let spaced = ablation(["encode", &at("notes.txt"), "--into", &at("my notes.json")]).worked();
    assert!(spaced.contains("--corpus '") && spaced.contains("my notes.json'"), "{spaced}");
}

#[test]
fn what_is_no_text_is_refused_with_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let refused = |bytes: &[u8], expected: &[&str]| {
        let file = home.path().join("bad.txt");
        fs::write(&file, bytes).unwrap();
        train(&["--corpus", file.to_str().unwrap()]).refused(expected);
    };
    refused(b"a", &["it has 1 character,", "give a longer text"]);
    refused(&b" \n".repeat(500), &["white space", "give a text"]);
    refused(&[0x89, 0x50, 0xff], &["UTF-8", "give another file"]);
    refused(&vec![b'a'; 10_000_000], &["10.0 MB", "at most 2 MB"]);
    train(&["--corpus", home.path().join("none").to_str().unwrap()]).refused(&["the text", "none", "cannot be read"]);
}

/// A study of one variant on the text with this hash.
fn study(folder: &Path, sha256: &str) -> String {
    let path = folder.join("study.toml");
    let text = format!(
        r#"
        version = 2
        title = "of a text"
        preset = "repeat"
        [settings]
        data.kind = "text"
        data.corpus = "{sha256}"
        data.length = 16
        model.width = 8
        model.layers = 1
        train.steps = 4
        train.batch = 4
        [[variants]]
        remove = "position"
        [search]
        trials = 2
        [final]
        seeds = 2
        "#
    );
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn a_study_and_its_record_say_which_text_they_need() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).to_str().unwrap().to_string();
    let text: String = (0..200).map(|n| format!("Note {n} says that {} is odd.\n\n", 2 * n + 1)).collect();
    fs::write(at("notes.txt"), &text).unwrap();
    fs::write(at("other.txt"), text.replace("Note", "Line")).unwrap();
    let sha256 = Context::default().add(Asset::Corpus, text.into_bytes());
    let study = study(home.path(), &sha256);
    let run = |into: &str, more: &[&str]| ablation([&["run", &study, "--into", into], more].concat());

    let without = at("without");
    run(&without, &[]).refused(&[&sha256, "it is not here", "`--corpus FILE`", "`data.corpus`"]);
    run(&without, &["--corpus", &at("other.txt")]).refused(&["other.txt", &sha256, "it is not here"]);
    assert!(!Path::new(&without).exists(), "nothing is begun without it");

    let whole = at("whole");
    assert!(run(&whole, &["--corpus", &at("notes.txt")]).worked().contains("complete: "));
    let record = format!("{whole}/record.json");
    assert!(fs::read_to_string(&record).unwrap().contains(&sha256), "the record names its text");
    // What is known is told and taken over without it.
    assert!(ablation(["report", &record]).worked().contains("complete: "));
    assert!(run(&whole, &[]).worked().contains("complete: "));
    assert_eq!(run(&at("again"), &["--from", &record]).code, Some(0));
    assert_eq!(fs::read_to_string(format!("{}/record.json", at("again"))).unwrap(), fs::read_to_string(&record).unwrap());
    // What is not is not.
    let more = fs::read_to_string(&study).unwrap().replace("seeds = 2", "seeds = 3");
    fs::write(&study, more).unwrap();
    let refused = run(&at("more"), &["--from", &record]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains(&format!("the corpus {sha256}")) && refused.err.contains("`--corpus FILE`"), "{}", refused.err);
    assert_eq!(run(&at("more"), &["--from", &record, "--corpus", &at("notes.txt")]).code, Some(0));

    // A line of the plan is a trial that needs it as well.
    let line = ablation(["plan", &study, "--into", &at("plan")]).worked();
    let line = line.lines().next().unwrap();
    let one = |more: &[&str]| ablation([&["run", "--trial", line, "--into", &at("one")], more].concat());
    one(&[]).refused(&[&sha256, "it is not here", "`--corpus FILE`"]);
    one(&["--corpus", &at("notes.txt")]).worked();
}
