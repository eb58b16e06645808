//! Texts to train on, given with `--corpus FILE`.
//!
//! Settings name a text by its SHA-256. So a study on somebody's own text says which file it needs, wherever that lies.

use std::path::{Path, PathBuf};

use ablation_models::{Asset, Context, Models, open};
use ablation_protocol::Study;
use ablation_settings::complete;

use crate::failure::bad_input;
use crate::file;

/// More of a file is not read, in bytes: a text is no larger than a part of this, and how large a larger one is does not matter.
const LARGEST: u64 = 16 << 20;

/// Adds the texts of files. Returns a line that says what was given, empty for nothing.
///
/// # Errors
/// If a file cannot be read, or is larger than any text.
pub fn add(context: &mut Context, files: &[PathBuf]) -> anyhow::Result<String> {
    let mut given = Vec::new();
    for path in files {
        let sha256 = context.add(Asset::Corpus, bytes(path)?);
        given.push(format!("`--corpus {}` has the SHA-256 {sha256}", path.display()));
    }
    Ok(given.join(", "))
}

/// SHA-256 of the text of a file.
///
/// # Errors
/// As [`add`].
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    Ok(Context::default().add(Asset::Corpus, bytes(path)?))
}

/// Whether the data of a study can be trained on. `given`: what [`add`] returned.
///
/// # Errors
/// If its text is not in `context`, or is of no use: which one is needed, and what was given.
pub fn check(study: &Study, context: &Context, given: &str) -> anyhow::Result<()> {
    let settings = complete(&study.settings, &Models).map_err(|error| bad_input(error.to_string()))?;
    open(&settings, context).map(drop).map_err(|error| {
        let error = anyhow::Error::from(error);
        if given.is_empty() { error } else { error.context(given.to_string()) }
    })
}

/// The bytes of the file of a text.
///
/// # Errors
/// As [`add`].
pub fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let what = format!("the text `{}`", path.display());
    let bytes = file::bytes(path, LARGEST).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
    file::within(bytes, &what, LARGEST)
}
