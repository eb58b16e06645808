//! `ablation encode`: from a text to tokens.

use std::path::Path;

use ablation_models::{Asset, Context};
use ablation_tokenizer::{By, encode, tokenizer_json, tokens};

use crate::arguments::EncodeArguments;
use crate::failure::bad_input;
use crate::file::Replacement;
use crate::{corpus, file, output};

/// The largest tokenizer.json that is read, in bytes: those of large language models have less.
const LARGEST: u64 = 64 << 20;

/// Writes the encoded text, and the tokenizer where that is asked for, and prints what to type next.
///
/// # Errors
/// If a file cannot be read or written, or the text cannot be encoded.
pub fn run(arguments: &EncodeArguments) -> anyhow::Result<()> {
    let text = corpus::bytes(&arguments.text)?;
    let tokenizer = arguments.tokenizer.as_deref().map(tokenizer_bytes).transpose()?;
    let by = match &tokenizer {
        Some(json) => By::File(json),
        None => By::Learning(arguments.vocabulary as usize),
    };
    let encoded = encode(&text, by).map_err(|error| bad_input(format!("`{}`: {error}", arguments.text.display())))?;
    let into = arguments.into.clone().unwrap_or_else(|| arguments.text.with_extension("tokens.json"));
    Replacement::open(&into)?.write(encoded.as_bytes())?;
    if let Some(path) = &arguments.save_tokenizer {
        Replacement::open(path)?.write(tokenizer_json(&encoded)?.as_bytes())?;
    }
    let (count, shown) = (tokens(&encoded)?, into.display());
    let sha256 = Context::default().add(Asset::Corpus, encoded.into_bytes());
    output::text(&format!(
        "{shown} has {count} tokens and the SHA-256 {sha256}; train on it with\n  \
         --set data.kind=tokens --set data.vocabulary={count} --corpus {shown}\n"
    ))
}

fn tokenizer_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let what = format!("the tokenizer `{}`", path.display());
    let bytes = file::bytes(path, LARGEST).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
    file::within(bytes, &what, LARGEST)
}
