//! Byte pair encodings of text: learned, written as `tokenizer.json`, and read from it.
//!
//! What a study trains on is the file that [`encode`] writes, named by its SHA-256, so which release learned the tokenizer does not matter to
//! whoever runs it again. The encoding is that of the package `tokenizers` of Hugging Face, so a file that Python's package wrote is read here and the other
//! way round, with the same ids.
//!
//! Sennrich, Haddow and Birch (2016), <https://doi.org/10.18653/v1/P16-1162>: the most frequent pair of neighbouring tokens becomes one token,
//! until there are as many tokens as were asked for.

mod encode;

use ablation_data::LARGEST_VOCABULARY;
use serde_json::Value;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, Model as _, SplitDelimiterBehavior};

pub use encode::{By, encode, tokenizer_json, tokens};

/// The token of a character that the training text does not have.
const UNKNOWN: &str = "[UNK]";

/// A word with the space before it, or any other white space by itself. Nothing is left out, so tokens joined are the text again. A word ends after
/// 64 characters: in what has no spaces, such as Chinese or DNA, learning and encoding would take the square of its length.
const WORDS: &str = r" ?\S{1,64}|\s";

/// The smallest vocabulary that can be asked for, in tokens.
pub const FEWEST: usize = 4;

/// Why a tokenizer cannot be learned, read or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// The characters of the text alone are more than the vocabulary.
    #[error(
        "the text has {characters} different characters, and a vocabulary of {size} tokens has room for {room}; choose {least} tokens or more"
    )]
    TooSmall {
        /// Different characters of the text.
        characters: usize,
        /// The size that was asked for, in tokens.
        size: usize,
        /// How many of them can be characters.
        room: usize,
        /// The smallest size that has room for them all.
        least: usize,
    },
    /// A text cannot be read, or has too many tokens; what is the matter and the way out.
    #[error("the text cannot be encoded: {0}")]
    Text(String),
    /// It is no `tokenizer.json`.
    #[error("it is no tokenizer.json: {0}; give one that the package `tokenizers` writes")]
    NotATokenizer(String),
    /// The library could not do what was asked for.
    #[error("the tokenizer cannot be used: {0}")]
    Failed(String),
}

/// Text as tokens, and back.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

impl Tokenizer {
    /// Learns a vocabulary of at most `size` tokens from a text: the unknown token, every character, and the most frequent pairs.
    ///
    /// # Errors
    /// If there is no room for the characters of the text.
    pub fn learn(text: &str, size: usize) -> Result<Self, TokenizerError> {
        let characters = text.chars().collect::<std::collections::BTreeSet<_>>().len();
        if characters + 1 > size {
            return Err(TokenizerError::TooSmall { characters, size, room: size.saturating_sub(1), least: characters + 1 });
        }
        let model = BPE::builder().unk_token(UNKNOWN.into()).build().map_err(failed)?;
        let words = Split::new(SplitPattern::Regex(WORDS.into()), SplitDelimiterBehavior::Isolated, false).map_err(failed)?;
        let mut inner = tokenizers::Tokenizer::new(model);
        inner.with_pre_tokenizer(Some(words)).with_decoder(Some(Fuse::new()));
        let unknown = vec![AddedToken::from(UNKNOWN, true)];
        let trainer =
            BpeTrainer::builder().vocab_size(size).min_frequency(2).special_tokens(unknown).show_progress(false).build();
        let mut trainer = tokenizers::models::TrainerWrapper::BpeTrainer(trainer);
        inner.train(&mut trainer, text.split_inclusive('\n')).map_err(failed)?;
        Ok(Tokenizer { inner })
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(json: &[u8]) -> Result<Self, TokenizerError> {
        let mut file: Value = serde_json::from_slice(json).map_err(|error| TokenizerError::NotATokenizer(error.to_string()))?;
        // Merges that are left out by chance would make other tokens of the same text.
        if let Some(dropout) = file.pointer_mut("/model/dropout") {
            *dropout = Value::Null;
        }
        let read = tokenizers::Tokenizer::from_bytes(file.to_string());
        let mut inner = read.map_err(|error| TokenizerError::NotATokenizer(error.to_string()))?;
        // A text is read whole, whatever the file says of batches.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(failed)?;
        Ok(Tokenizer { inner })
    }

    /// The tokenizer as `tokenizer.json`. The same tokenizer is the same text.
    ///
    /// # Errors
    /// If the library cannot write it.
    pub fn json(&self) -> Result<String, TokenizerError> {
        self.inner.to_string(true).map_err(failed)
    }

    /// Text as tokens, without any that mark its beginning or end.
    ///
    /// # Errors
    /// If the library cannot encode it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        Ok(self.inner.encode_fast(text, false).map_err(failed)?.get_ids().to_vec())
    }

    /// Tokens as text.
    ///
    /// # Errors
    /// If the library cannot decode them.
    pub fn decode(&self, tokens: &[u32]) -> Result<String, TokenizerError> {
        self.inner.decode(tokens, false).map_err(failed)
    }

    /// The text of every token, in the order of their numbers; empty for a number that stands for none.
    ///
    /// # Errors
    /// If there are more than a model can have, or the library cannot decode one.
    pub fn pieces(&self) -> Result<Vec<String>, TokenizerError> {
        let largest = self.inner.get_vocab(true).into_values().max().unwrap_or(0);
        if i64::from(largest) >= LARGEST_VOCABULARY {
            let count = u64::from(largest) + 1;
            let message =
                format!("the tokenizer has {count} tokens, and a model at most {LARGEST_VOCABULARY}; use a smaller one");
            return Err(TokenizerError::Text(message));
        }
        // Some decoders drop a space at the beginning, so the text of a token is what it adds behind a letter.
        let letter = (0..=largest).find_map(|token| {
            let text = self.decode(&[token]).ok()?;
            (text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some((token, text))
        });
        let piece = |token| {
            let behind = letter.as_ref().map(|(letter, text)| Some((self.decode(&[*letter, token]).ok()?, text)));
            match behind.flatten().as_ref().and_then(|(both, text)| both.strip_prefix(text.as_str())) {
                Some(piece) => Ok(piece.to_string()),
                None => self.decode(&[token]),
            }
        };
        (0..=largest).map(piece).collect()
    }

    /// The token of what it does not know, if it has one.
    pub fn unknown(&self) -> Option<u32> {
        use tokenizers::ModelWrapper;
        let name = match self.inner.get_model() {
            ModelWrapper::BPE(model) => model.get_unk_token().clone(),
            ModelWrapper::WordPiece(model) => Some(model.unk_token.clone()),
            ModelWrapper::WordLevel(model) => Some(model.unk_token.clone()),
            ModelWrapper::Unigram(_) => {
                let file: Value = serde_json::from_str(&self.json().ok()?).ok()?;
                return file.pointer("/model/unk_id")?.as_u64()?.try_into().ok();
            }
        }?;
        self.inner.get_model().token_to_id(&name)
    }
}

fn failed(error: impl ToString) -> TokenizerError {
    TokenizerError::Failed(error.to_string())
}
