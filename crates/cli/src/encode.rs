//! `ablation encode`: from a text to tokens.

use std::fs;
use std::path::{Path, PathBuf, absolute};

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
/// If a file cannot be read or written, one would be written over another, or the text cannot be encoded.
pub fn run(arguments: &EncodeArguments) -> anyhow::Result<()> {
    let text = corpus::bytes(&arguments.text)?;
    let tokenizer = arguments.tokenizer.as_deref().map(tokenizer_bytes).transpose()?;
    let into = into(arguments)?;
    keep_apart(arguments, &into)?;
    // Before the work, so that nothing is half done where one cannot be written.
    let encoded_file = Replacement::open(&into)?;
    let tokenizer_file = arguments.save_tokenizer.as_deref().map(Replacement::open).transpose()?;
    let by = match &tokenizer {
        Some(json) => By::File(json),
        None => By::Learning(arguments.vocabulary as usize),
    };
    let encoded = encode(&text, by).map_err(|error| bad_input(format!("`{}`: {error}", arguments.text.display())))?;
    encoded_file.write(encoded.as_bytes())?;
    if let Some(file) = tokenizer_file {
        file.write(tokenizer_json(&encoded)?.as_bytes())?;
    }
    let (count, shown) = (tokens(&encoded)?, into.display());
    let sha256 = Context::default().add(Asset::Corpus, encoded.into_bytes());
    output::text(&format!(
        "{shown} has {count} tokens and the SHA-256 {sha256}; train on it with\n  \
         --set data.kind=tokens --set data.vocabulary={count} --corpus {}\n",
        quoted(&shown.to_string())
    ))
}

/// Where the encoded text goes.
fn into(arguments: &EncodeArguments) -> anyhow::Result<PathBuf> {
    match &arguments.into {
        Some(into) => Ok(into.clone()),
        None if arguments.text.as_os_str() == file::STDIN => {
            Err(bad_input("a text on standard input has no name; say where to write with `--into FILE`"))
        }
        None => Ok(arguments.text.with_extension("tokens.json")),
    }
}

/// Refuses to write a file over one that is read, or over the other one that is written.
fn keep_apart(arguments: &EncodeArguments, into: &Path) -> anyhow::Result<()> {
    let same = |path: &Path| fs::canonicalize(path).or_else(|_| absolute(path)).unwrap_or_else(|_| path.to_path_buf());
    let read = [Some(arguments.text.as_path()), arguments.tokenizer.as_deref()];
    let written = [Some(into), arguments.save_tokenizer.as_deref()];
    let mut taken: Vec<PathBuf> = read.into_iter().flatten().map(same).collect();
    for path in written.into_iter().flatten() {
        if taken.contains(&same(path)) {
            return Err(bad_input(format!(
                "`{}` would be written over; name another file with `--into` or `--save-tokenizer`",
                path.display()
            )));
        }
        taken.push(same(path));
    }
    Ok(())
}

/// A path as a shell takes it for one word.
fn quoted(path: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:,@%".contains(letter);
    if path.chars().all(is_plain) { path.to_string() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

fn tokenizer_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let what = format!("the tokenizer `{}`", path.display());
    let bytes = file::bytes(path, LARGEST).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
    file::within(bytes, &what, LARGEST)
}
