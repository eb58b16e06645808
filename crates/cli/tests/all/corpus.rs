//! `--corpus`: a text of one's own, named by its content.

use std::fs;

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
fn what_is_no_text_is_refused_with_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let refused = |bytes: &[u8], expected: &[&str]| {
        let file = home.path().join("bad.txt");
        fs::write(&file, bytes).unwrap();
        train(&["--corpus", file.to_str().unwrap()]).refused(expected);
    };
    refused(b"a", &["it has 1 characters", "give a longer text"]);
    refused(&b" \n".repeat(500), &["white space", "give a text"]);
    refused(&[0x89, 0x50, 0xff], &["UTF-8", "give another file"]);
    refused(&vec![b'a'; 10_000_000], &["10.0 MB", "at most 2 MB"]);
    train(&["--corpus", home.path().join("none").to_str().unwrap()]).refused(&["the text", "none", "cannot be read"]);
}
