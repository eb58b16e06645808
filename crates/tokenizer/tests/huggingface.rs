//! The same tokens as Hugging Face's package for Python: `tests/reference/tokenizer.py` made the files.

use ablation_tokenizer::{By, Tokenizer, encode, tokenizer_json, tokens};
use serde_json::Value;

const THEIRS: &str = include_str!("huggingface.json");
const OURS: &str = include_str!("ours.json");
const IDS: &str = include_str!("ids.json");
const STORY: &str = include_str!("../../../static/corpora/miller-street.txt");

fn expected(name: &str) -> Vec<(String, Vec<u32>)> {
    let all: Vec<Value> = serde_json::from_str(IDS).unwrap();
    let ids = |one: &Value| one[name].as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect();
    all.iter().map(|one| (one["text"].as_str().unwrap().to_string(), ids(one))).collect()
}

#[test]
fn a_file_that_python_wrote_gives_the_ids_that_python_gives() {
    let tokenizer = Tokenizer::read(THEIRS.as_bytes()).unwrap();
    let all = expected("huggingface");
    assert!(all.len() > 3 && all.iter().any(|(_, ids)| ids.len() > 500));
    for (text, ids) in all {
        assert_eq!(tokenizer.encode(&text).unwrap(), ids, "{text:?}");
    }
}

#[test]
fn python_gives_the_ids_that_we_give_with_a_file_that_we_wrote() {
    let tokenizer = Tokenizer::read(OURS.as_bytes()).unwrap();
    for (text, ids) in expected("ours") {
        assert_eq!(tokenizer.encode(&text).unwrap(), ids, "{text:?}");
    }
    // What is read is written again as it was.
    let again: Value = serde_json::from_str(&tokenizer.json().unwrap()).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(OURS).unwrap());
}

/// The words of a text are counted in the order of a table that changes from run to run, and the tokenizer may not.
#[test]
fn what_is_learned_from_a_text_is_the_same_every_time() {
    let learned = || encode(STORY.as_bytes(), By::Learning(160)).unwrap();
    let first = learned();
    assert_eq!(tokenizer_json(&first).unwrap(), OURS);
    for _ in 0..5 {
        assert_eq!(learned(), first);
    }
}

#[test]
fn the_encoded_text_that_comes_with_the_program_is_that_of_its_text() {
    let stored = include_str!("../../../static/corpora/miller-street.tokens.json");
    assert_eq!(encode(STORY.as_bytes(), By::Learning(512)).unwrap(), stored);
    assert_eq!(tokens(stored).unwrap(), 512);
}

#[test]
fn an_encoded_text_joined_is_the_text() {
    let tokenizer = Tokenizer::read(OURS.as_bytes()).unwrap();
    let pieces = tokenizer.pieces().unwrap();
    // What is held out may have characters that the tokenizer has not seen.
    let seen = ablation_data::Corpus::read(STORY.as_bytes(), 32).unwrap().train;
    let joined: String = tokenizer.encode(&seen).unwrap().into_iter().map(|token| pieces[token as usize].as_str()).collect();
    assert!(joined == seen, "{} characters came of {}", joined.len(), seen.len());
}

#[test]
fn a_text_can_be_encoded_with_a_tokenizer_of_somebody_else() {
    let file = encode(STORY.as_bytes(), By::File(THEIRS.as_bytes())).unwrap();
    assert_eq!(tokens(&file).unwrap(), 300);
    assert_eq!(serde_json::from_str::<Value>(&tokenizer_json(&file).unwrap()).unwrap()["model"]["type"], "BPE");
}

#[test]
fn what_cannot_be_used_says_why_and_what_to_do() {
    let message = |text: &[u8], by: By| encode(text, by).unwrap_err().to_string();
    let size = message(STORY.as_bytes(), By::Learning(20));
    assert!(size.contains("room for 19; choose 55 tokens or more"), "{size}");
    for (text, reason) in [
        (&b"a"[..], "give a longer text"),
        (b"    \n   \n", "nothing in it but white space"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (&[b'x'; 2_000_001], "at most 2 MB"),
    ] {
        let message = message(text, By::Learning(100));
        assert!(message.contains(reason), "{message}");
    }
    let other = message(STORY.as_bytes(), By::File(b"{}"));
    assert!(other.contains("no tokenizer.json"), "{other}");
}

/// Emoji of several code points, right-to-left script, combining marks: whatever the characters, joined tokens are the text.
#[test]
fn any_script_is_encoded() {
    let passages: String = (0..60)
        .map(|n| format!("\u{5e9}\u{5dc}\u{5d5}\u{5dd} {n} \u{1f469}\u{200d}\u{1f52c} e\u{301}te\u{301} \u{6f22}\u{5b57}\n\n"))
        .collect();
    let file = encode(passages.as_bytes(), By::Learning(64)).unwrap();
    let tokenizer = Tokenizer::read(tokenizer_json(&file).unwrap().as_bytes()).unwrap();
    let pieces = tokenizer.pieces().unwrap();
    let joined: String = tokenizer.encode(&passages).unwrap().into_iter().map(|token| pieces[token as usize].as_str()).collect();
    assert_eq!(joined, passages);
}

/// Merges that are left out by chance, tokens that are too many, an unknown token, and text that is lost.
#[test]
fn what_other_tokenizers_do_is_kept_out_or_said() {
    let changed = |pointer: &str, value: Value| {
        let mut file: Value = serde_json::from_str(THEIRS).unwrap();
        *file.pointer_mut(pointer).unwrap() = value;
        file.to_string()
    };
    let encoded = |json: &str| encode(STORY.as_bytes(), By::File(json.as_bytes()));
    let plain = encoded(THEIRS).unwrap();
    let parts = |file: &str| serde_json::from_str::<Value>(file).unwrap()["train"].clone();
    assert_eq!(parts(&encoded(&changed("/model/dropout", 0.5.into())).unwrap()), parts(&plain));
    assert!(!plain.contains("cannot be compared"), "a byte-level encoding loses nothing");
    let lower = changed("/normalizer", serde_json::json!({"type": "Lowercase"}));
    assert!(encoded(&lower).unwrap().contains("bits per character cannot be compared"));
    let words = |vocabulary: Value| {
        serde_json::json!({"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"}, "model":
        {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"}})
        .to_string()
    };
    let many = encoded(&words(serde_json::json!({"[UNK]": 0, "the": 4_294_967_295_u32}))).unwrap_err().to_string();
    assert!(many.contains("4294967296 tokens") && many.contains("use a smaller one"), "{many}");
    let unigram = serde_json::json!({"version": "1.0", "added_tokens": [], "model": {"type": "Unigram", "unk_id": 1, "vocab": [["e", -1.0], ["<unk>", -9.0], [" ", -2.0]]}});
    let file: Value = serde_json::from_str(&encoded(&unigram.to_string()).unwrap()).unwrap();
    assert_eq!(file["unknown"], 1);
}

/// Learning and encoding took the square of the length of a word.
#[test]
fn what_has_no_spaces_is_encoded_as_well() {
    let letters: String =
        (0..120_000_u32).map(|n| ['A', 'C', 'G', 'T'][(n.wrapping_mul(2_654_435_761) >> 13) as usize % 4]).collect();
    let file = encode(letters.as_bytes(), By::Learning(64)).unwrap();
    assert_eq!(tokens(&file).unwrap(), 64);
    let pieces: Vec<String> = serde_json::from_value(serde_json::from_str::<Value>(&file).unwrap()["pieces"].clone()).unwrap();
    assert!(pieces.iter().all(|piece| piece.len() <= 64));
}
