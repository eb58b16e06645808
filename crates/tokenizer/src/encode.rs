//! From a text to the file that a data set reads.

use ablation_data::{Corpus, EncodedText, Encoding, Split, is_encoded};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Tokenizer, TokenizerError, failed};

/// Each part of a text needs as many characters: less is no text to train on, whatever its tokens are.
const LEAST: usize = 32;

/// The file: the text as tokens, and the tokenizer for other programs.
#[derive(Serialize)]
struct File {
    #[serde(flatten)]
    text: EncodedText,
    tokenizer: Value,
}

/// How a text becomes tokens.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A tokenizer of at most so many tokens, learned from the training part of the text.
    Learning(usize),
    /// A `tokenizer.json`.
    File(&'a [u8]),
}

/// The encoded text of a text: the file that the data set `tokens` reads. The same text and tokenizer are the same file.
///
/// # Errors
/// If the text cannot be read, the tokenizer cannot be learned or read, or a model cannot have as many tokens.
pub fn encode(text: &[u8], by: By) -> Result<String, TokenizerError> {
    if is_encoded(text) {
        return Err(TokenizerError::Text("it is an encoded text already; train on it, or give the text itself".into()));
    }
    let corpus = Corpus::read(text, LEAST).map_err(TokenizerError::Text)?;
    let tokenizer = match by {
        By::Learning(size) => Tokenizer::learn(&corpus.train, size)?,
        By::File(json) => Tokenizer::read(json)?,
    };
    let part = |split| tokenizer.encode(corpus.part(split));
    let pieces = tokenizer.pieces()?;
    let parts = [part(Split::Train)?, part(Split::Tune)?, part(Split::Test)?];
    let is_whole = tokenizer.decode(&parts[0])? == corpus.train;
    let encoding = Encoding {
        corpus: Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect(),
        pieces,
        unknown: tokenizer.unknown(),
        test_characters: corpus.test.chars().count(),
        notes: notes(&corpus, &parts, tokenizer.unknown(), is_whole),
        parts,
    };
    let file = File {
        text: EncodedText::new(encoding).map_err(TokenizerError::Text)?,
        tokenizer: serde_json::from_str(&tokenizer.json()?).map_err(failed)?,
    };
    serde_json::to_string(&file).map_err(failed)
}

/// How many tokens an encoded text has: the vocabulary that a model needs.
///
/// # Errors
/// If it is no encoded text.
pub fn tokens(file: &str) -> Result<usize, TokenizerError> {
    let text: EncodedText = serde_json::from_str(file).map_err(failed)?;
    Ok(text.tokens())
}

/// The `tokenizer.json` of an encoded text.
///
/// # Errors
/// If it is no encoded text.
pub fn tokenizer_json(file: &str) -> Result<String, TokenizerError> {
    let file: Value = serde_json::from_str(file).map_err(failed)?;
    serde_json::to_string_pretty(&file["tokenizer"]).map_err(failed)
}

/// What a reader should know: how the text was parted, and what it is as tokens. `is_whole`: whether the tokens of the training part make that part
/// again.
fn notes(corpus: &Corpus, parts: &[Vec<u32>; 3], unknown: Option<u32>, is_whole: bool) -> Vec<String> {
    let mut notes = corpus.notes();
    let [train, tune, test] = parts.each_ref().map(Vec::len);
    let per_token = corpus.test.chars().count() as f64 / test.max(1) as f64;
    notes.push(format!(
        "As tokens: {train} to train on, {tune} to choose on, {test} to test with; {per_token:.2} characters a token in the test part."
    ));
    let unknown = parts.iter().flatten().filter(|&&token| Some(token) == unknown).count();
    if unknown > 0 {
        let are = if unknown == 1 { "token is" } else { "tokens are" };
        notes.push(format!("{unknown} {are} unknown and not asked for: the tokenizer has none for these characters."));
    }
    if !is_whole {
        let lossy = "The tokens do not make the text again, as this tokenizer drops or changes some of it: bits per character cannot be compared with \
                     those of other tokens.";
        notes.push(lossy.into());
    }
    notes
}
