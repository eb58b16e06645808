//! Building with cargo, and finding what it has built: it knows where its target folder is, whatever the settings of a person say.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// Runs `cargo build …`, and says where the binary `name` is.
///
/// # Errors
/// When it does not compile.
pub fn binary(mut build: Command, name: &str) -> Result<PathBuf> {
    let messages = shell::run_for_output(build.args(["--message-format", "json-render-diagnostics"]))?;
    artifact(&messages, name).with_context(|| format!("cargo does not say where it put {name}"))
}

/// The file of the binary `name` among cargo's messages, one line of JSON each.
fn artifact(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut binaries = messages.filter(|message| {
        message["reason"] == "compiler-artifact" && message["target"]["name"] == name && message["target"]["kind"][0] == "bin"
    });
    let files = binaries.find_map(|message| message["filenames"].as_array().cloned())?;
    let endings = ["", "exe", "wasm"];
    let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.find(|file| endings.contains(&file.extension().and_then(|ending| ending.to_str()).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_cargo_s_messages() {
        let messages = concat!(
            "{\"reason\":\"compiler-artifact\",\"target\":{\"kind\":[\"lib\"],\"name\":\"cpu\"},\"filenames\":[\"/t/libcpu.rlib\"]}\n",
            "not JSON\n",
            "{\"reason\":\"compiler-artifact\",\"target\":{\"kind\":[\"bin\"],\"name\":\"cpu\"},\"filenames\":[\"/t/cpu.d\",\"/t/cpu.wasm\"]}\n",
            "{\"reason\":\"compiler-artifact\",\"target\":{\"kind\":[\"bin\"],\"name\":\"cli\"},\"filenames\":[\"/t/cli\"]}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n"
        );
        assert_eq!(artifact(messages, "cpu"), Some(PathBuf::from("/t/cpu.wasm")));
        assert_eq!(artifact(messages, "cli"), Some(PathBuf::from("/t/cli")));
        assert_eq!(artifact(messages, "gpu"), None);
    }
}
