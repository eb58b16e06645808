//! What goes to stdout. A reader that stops reading (`ablation catalog | head`) is no failure.

use std::io::{ErrorKind, Write};

use ablation_settings::visible;
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

/// Prints text for a terminal, which what strangers wrote cannot steer.
pub fn shown(shown: &str) -> anyhow::Result<()> {
    text(&visible(shown))
}

/// Prints one line of JSON, in which what would steer a terminal is written as an escape.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    shown(&(serde_json::to_string(value)? + "\n"))
}
