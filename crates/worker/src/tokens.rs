//! A text as tokens, for the data set that reads them.

use ablation_tokenizer::{By, encode as encoded};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Failure;

/// Learns a vocabulary of at most `size` tokens from a text in UTF-8 and encodes the text with it: the file that the data set `tokens` reads.
#[wasm_bindgen]
pub fn encode(text: &[u8], size: usize) -> Result<String, Failure> {
    let hint = "Choose another vocabulary size, or another text.";
    encoded(text, By::Learning(size)).map_err(|error| Failure::new("bad-study", error, hint))
}
