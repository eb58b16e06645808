//! `glossary`: what the words mean.

use crate::run::{ablation, keys};

#[test]
fn a_word_is_found_by_its_name() {
    let text = ablation(["glossary", "necessity"]).worked();
    assert!(text.contains("N − R") && text.contains("own search"), "{text}");
    assert!(!text.contains("sketch"), "{text}");
}

#[test]
fn a_word_may_be_asked_for_as_json_and_one_that_is_not_there_is_said() {
    let json = ablation(["glossary", "--json", "necessity"]).json();
    let terms = json["terms"].as_array().unwrap();
    assert!(!terms.is_empty() && terms.iter().all(|term| term.to_string().to_lowercase().contains("necessity")));
    for json in [&[][..], &["--json"]] {
        ablation([&["glossary", "zzzz"], json].concat()).refused(&["`zzzz`", "`ablation glossary` lists all"]);
    }
}

#[test]
fn the_vocabulary_as_json_has_terms_and_numbers() {
    let json = ablation(["glossary", "--json"]).json();
    assert_eq!(keys(&json), ["numbers", "terms"]);
    assert!(json["terms"].as_array().unwrap().iter().any(|term| term["group"] == "arm" && term["symbol"] == "R"));
}
