//! `glossary`: what the words mean.

use crate::run::{ablation, keys};

#[test]
fn a_word_is_found_by_its_name() {
    let text = ablation(["glossary", "necessity"]).worked();
    assert!(text.contains("N − R") && text.contains("own search"), "{text}");
    assert!(!text.contains("sketch"), "{text}");
}

#[test]
fn the_vocabulary_as_json_has_terms_and_numbers() {
    let json = ablation(["glossary", "--json"]).json();
    assert_eq!(keys(&json), ["numbers", "terms"]);
    assert!(json["terms"].as_array().unwrap().iter().any(|term| term["group"] == "arm" && term["symbol"] == "R"));
}
