//! A text that a tokenizer has made tokens of, as a file: its three parts, and the text of every token.
//!
//! The library that learns and applies tokenizers is larger than everything else that a page loads, and is used once for a text. So it stands
//! apart and writes this file, which is all that a data set needs. Like a text it is named by its SHA-256, so that a study on it can be run
//! again whatever later releases of that library do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::split::Split;
use crate::text::Read;

/// What [`EncodedText::kind`] says.
const KIND: &str = "encoded text";

/// The version of the format.
const VERSION: u32 = 1;

/// The most tokens that there can be.
pub const LARGEST_VOCABULARY: i64 = 4096;

/// A text as tokens. In the file the tokenizer stands beside it, for other programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncodedText {
    /// `encoded text`.
    kind: String,
    /// 1.
    version: u32,
    /// SHA-256 of the text.
    corpus: String,
    /// How many tokens there are.
    tokens: usize,
    /// The text of each token.
    pieces: Vec<String>,
    /// The token of what has none, if there is one.
    unknown: Option<u32>,
    /// Characters of the test part.
    test_characters: usize,
    /// Tokens of the three parts.
    lengths: [usize; 3],
    /// The tokens of what is trained on, two bytes each, the lower one first, in base64url.
    train: String,
    /// Of what is held out to choose on.
    tune: String,
    /// Of what is held out to report.
    test: String,
    /// What a reader should know of the text, as sentences.
    notes: Vec<String>,
}

/// What an [`EncodedText`] is made of.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// SHA-256 of the text.
    pub corpus: String,
    /// The text of each token.
    pub pieces: Vec<String>,
    /// The token of what has none, if there is one.
    pub unknown: Option<u32>,
    /// Characters of the test part.
    pub test_characters: usize,
    /// The tokens of the training part, the tuning part and the test part.
    pub parts: [Vec<u32>; 3],
    /// What a reader should know of the text, as sentences.
    pub notes: Vec<String>,
}

impl EncodedText {
    /// The file of a text.
    ///
    /// # Errors
    /// If there are more tokens than a model can have; what to do, as a part of a sentence.
    pub fn new(encoding: Encoding) -> Result<Self, String> {
        let tokens = encoding.pieces.len();
        if tokens as i64 > LARGEST_VOCABULARY {
            return Err(format!(
                "the tokenizer has {tokens} tokens, and a model at most {LARGEST_VOCABULARY}; use a smaller one"
            ));
        }
        let lengths = encoding.parts.each_ref().map(Vec::len);
        let [train, tune, test] = encoding.parts.map(|part| packed(&part));
        Ok(EncodedText {
            kind: KIND.into(),
            version: VERSION,
            corpus: encoding.corpus,
            tokens,
            pieces: encoding.pieces,
            unknown: encoding.unknown,
            test_characters: encoding.test_characters,
            lengths,
            train,
            tune,
            test,
            notes: encoding.notes,
        })
    }

    /// How many tokens there are: the vocabulary that a model needs.
    pub fn tokens(&self) -> usize {
        self.tokens
    }
}

/// Tokens, two bytes each.
fn packed(tokens: &[u32]) -> String {
    let bytes: Vec<u8> = tokens.iter().flat_map(|&token| (token as u16).to_le_bytes()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `length` tokens below `count`, two bytes each.
fn unpacked(text: &str, length: usize, count: usize) -> Result<Vec<u32>, String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged("a part of it is not in base64url"))?;
    if Some(bytes.len()) != length.checked_mul(2) {
        return Err(damaged("a part of it is cut off"));
    }
    let tokens: Vec<u32> =
        bytes.chunks(2).map(|pair| pair.iter().rev().fold(0, |token, &byte| 256 * token + u32::from(byte))).collect();
    match tokens.iter().find(|&&token| token as usize >= count) {
        Some(token) => Err(damaged(&format!("it uses token {token} of {count}"))),
        None => Ok(tokens),
    }
}

fn damaged(what: &str) -> String {
    format!("it is damaged: {what}; make it again from the text")
}

/// Whether a file says that it is an encoded text, whatever else is in it, even if its end is missing.
pub fn is_encoded(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let bytes = without_mark(bytes).trim_ascii_start();
    let says_so = |bytes: &[u8]| serde_json::from_slice::<Kind>(bytes).is_ok_and(|one| one.kind == KIND);
    bytes.starts_with(b"{\"kind\":\"encoded text\"") || (bytes.starts_with(b"{") && says_so(bytes))
}

/// Bytes without the byte order mark that some programs put in front.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Reads an encoded text for a model with a `vocabulary`; each part needs `least` tokens that are asked for.
///
/// # Errors
/// If it is none, is damaged, too short, or has more tokens than the model; with the way out, as a part of a sentence.
pub(crate) fn read(bytes: &[u8], vocabulary: usize, least: usize) -> Result<Read, String> {
    let other = || "it is no encoded text; choose the data set `text` for a text, or encode it first".to_string();
    if !is_encoded(bytes) {
        return Err(other());
    }
    let file: EncodedText = serde_json::from_slice(without_mark(bytes)).map_err(|error| damaged(&error.to_string()))?;
    if file.version != VERSION {
        return Err(format!(
            "it is version {} of an encoded text, and this release reads {VERSION}; encode the text again",
            file.version
        ));
    }
    let count = file.pieces.len();
    if count != file.tokens
        || count == 0
        || file.unknown.is_some_and(|token| token as usize >= count)
        || file.test_characters == 0
    {
        return Err(damaged("its numbers do not agree"));
    }
    if count as i64 > LARGEST_VOCABULARY {
        return Err(format!(
            "it has {count} tokens, and a model at most {LARGEST_VOCABULARY}; encode the text again with a smaller vocabulary"
        ));
    }
    if count > vocabulary {
        return Err(format!("it has {count} tokens, and the model {vocabulary}; set `data.vocabulary` to {count}"));
    }
    let [train, tune, test] = file.lengths;
    let test = unpacked(&file.test, test, count)?;
    let read = Read {
        tokens_per_character: test.len() as f64 / file.test_characters as f64,
        train: unpacked(&file.train, train, count)?,
        tune: unpacked(&file.tune, tune, count)?,
        test,
        pieces: file.pieces,
        unknown: file.unknown,
        notes: file.notes,
    };
    for split in [Split::Train, Split::Tune, Split::Test] {
        let asked = read.asked(split);
        if asked < least {
            return Err(format!(
                "its {} part has {asked} tokens, and sequences of this length need {least}; give a longer text, or set a shorter sequence length",
                split.name()
            ));
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding() -> Encoding {
        Encoding {
            corpus: "0".repeat(64),
            pieces: ["", "a", " b", "\n"].map(String::from).to_vec(),
            unknown: Some(0),
            test_characters: 12,
            parts: [vec![1, 2, 3, 1, 2, 3, 0], vec![1, 1, 1, 1], vec![2, 2, 2, 2]],
            notes: vec!["A note.".into()],
        }
    }

    fn file() -> String {
        serde_json::to_string(&EncodedText::new(encoding()).unwrap()).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let read = read(file().as_bytes(), 8, 4).unwrap();
        assert_eq!([read.train.clone(), read.tune.clone(), read.test.clone()], encoding().parts);
        assert_eq!((read.pieces.clone(), read.unknown, read.notes.clone()), (encoding().pieces, Some(0), encoding().notes));
        assert_eq!(read.tokens_per_character, 4.0 / 12.0);
        assert_eq!((read.asked(Split::Train), read.unknowns()), (6, 1));
    }

    #[test]
    fn what_is_of_no_use_says_why_and_what_to_do() {
        let message = |text: &str, vocabulary: usize, least: usize| read(text.as_bytes(), vocabulary, least).unwrap_err();
        assert!(message("Once upon a time", 8, 4).contains("choose the data set `text`"));
        assert!(message(&file().replace("encoded text", "poem"), 8, 4).contains("choose the data set `text`"));
        assert!(message(&file().replace("\"version\":1", "\"version\":2"), 8, 4).contains("encode the text again"));
        assert!(message(&file(), 3, 4).contains("set `data.vocabulary` to 4"));
        assert!(message(&file(), 8, 5).contains("its tune part has 4 tokens"));
        let cut = file();
        assert!(message(&cut[..cut.len() - 30], 8, 4).contains("it is damaged"));
        assert!(message(&cut.replace("\"test_characters\":12,", ""), 8, 4).contains("missing field `test_characters`"));
        assert!(!is_encoded(b"Once") && !is_encoded(b"{\"kind\": \"poem\"}") && !is_encoded(b"{"));
        let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&cut).unwrap()).unwrap();
        assert!(is_encoded(pretty.as_bytes()) && read(format!("\u{feff}{pretty}").as_bytes(), 8, 4).is_ok());
        assert!(message(&cut.replace("\"lengths\":[7,", "\"lengths\":[6,"), 8, 4).contains("cut off"));
        let damage = [
            ("\"tokens\":4", "\"tokens\":5"),
            ("\"unknown\":0", "\"unknown\":4"),
            ("\"test_characters\":12", "\"test_characters\":0"),
        ];
        for (from, to) in damage.into_iter().chain([
            ("\"tune\":\"AQ", "\"tune\":\"Aw"),
            ("\"tune\":\"AQ", "\"tune\":\"BA"),
            ("\"tune\":\"AQ", "\"tune\":\"!!"),
        ]) {
            let text = file().replace(from, to);
            assert_ne!(text, file(), "{from}");
            // Token 3 for token 1 is another text, and no damage that can be seen.
            assert_eq!(read(text.as_bytes(), 8, 4).is_err(), to != "\"tune\":\"Aw", "{to}");
        }
        let many = Encoding { pieces: vec![String::new(); 5000], ..encoding() };
        assert!(EncodedText::new(many).unwrap_err().contains("use a smaller one"));
    }
}
