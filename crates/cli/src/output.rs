//! What goes to stdout. A reader that stops reading (`ablation catalog | head`) is no failure.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use serde::Serialize;

/// Prints text that already ends its lines.
pub fn text(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the output could not be written"),
        _ => Ok(()),
    }
}

/// Prints one line of JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    text(&(serde_json::to_string(value)? + "\n"))
}
