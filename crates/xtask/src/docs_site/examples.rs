//! Runs what the documentation shows: every block of `sh` that begins with `ablation`, page by page, in a folder that holds the repository's
//! `examples`, `static/studies`, `static/assignments` and `static/corpora`. A block of `text` behind it shows a part of the output, line by line; `…` stands for lines that are left out.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Page, read};
use crate::{page, paths};

/// Examples that take minutes, which a stage of their own runs word for word.
const ELSEWHERE: [&str; 1] = ["ablation calibrate --small\n"];

/// Runs the examples of every page with this program, in a folder that is made for it, and says how many there were.
///
/// # Errors
/// When an example fails, or prints something else than the page shows.
pub fn run(program: &Path, into: &Path) -> Result<usize> {
    let mut count = 0;
    for page in read(&paths::root().join("docs"))? {
        let folder = into.join(&page.name);
        let examples = of(&page);
        if examples.is_empty() {
            continue;
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        page::copy_folder(&paths::root().join("examples"), &folder.join("examples"))?;
        for shown in ["static/studies", "static/assignments", "static/corpora"] {
            page::copy_folder(&paths::root().join(shown), &folder.join(shown))?;
        }
        for example in examples {
            println!("docs/{}.md: {}", page.name, example.commands.lines().next().unwrap_or_default());
            example.run(program, &folder).with_context(|| format!("docs/{}.md:\n{}", page.name, example.commands))?;
            count += 1;
        }
    }
    Ok(count)
}

/// Commands, and lines that they print.
#[derive(Debug, PartialEq)]
struct Example<'a> {
    commands: &'a str,
    shown: Option<&'a str>,
}

/// The examples of a page.
fn of(page: &Page) -> Vec<Example<'_>> {
    let code = &page.code;
    let blocks = code.iter().enumerate().filter(|(_, (language, text))| is_run(language, text));
    let shown = |index: usize| code.get(index + 1).filter(|(language, _)| language == "text").map(|(_, text)| text.as_str());
    blocks.map(|(index, (_, commands))| Example { commands, shown: shown(index) }).collect()
}

fn is_run(language: &str, text: &str) -> bool {
    language == "sh" && text.starts_with("ablation ") && !ELSEWHERE.contains(&text)
}

impl Example<'_> {
    fn run(&self, program: &Path, folder: &Path) -> Result<()> {
        let script = format!("set -euo pipefail\nablation() {{ \"$ABLATION\" \"$@\"; }}\n{}", self.commands);
        let done = Command::new("bash")
            .args(["-c", &script])
            .current_dir(folder)
            .env("ABLATION", program)
            .output()
            .context("bash cannot be run")?;
        if !done.status.success() {
            bail!("{}\n{}", done.status, String::from_utf8_lossy(&done.stderr));
        }
        let printed = String::from_utf8_lossy(&done.stdout);
        match self.shown.and_then(|shown| missing(shown, &printed)) {
            Some(line) => bail!("it does not print the line `{line}`, or not in this order, but\n{printed}"),
            None => Ok(()),
        }
    }
}

/// The first line that is shown and not printed, after those before it. Columns may be of another width.
fn missing<'a>(shown: &'a str, printed: &str) -> Option<&'a str> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut printed = printed.lines().map(words);
    let mut lines = shown.lines().map(str::trim_end).filter(|line| !line.is_empty() && *line != "…");
    lines.find(|line| !printed.any(|other| other == words(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_the_blocks_that_call_the_program() {
        let text = "# A\n\n```sh\nablation plan a\n```\n\nIt prints\n\n```text\nb\n```\n\n```sh\ncargo xtask serve\n```\n\n```sh\nablation run a\n```\n";
        let page = Page::read("a", text).unwrap();
        assert_eq!(
            of(&page),
            [
                Example { commands: "ablation plan a\n", shown: Some("b\n") },
                Example { commands: "ablation run a\n", shown: None }
            ]
        );
    }

    #[test]
    fn what_is_shown_has_to_be_printed_in_this_order() {
        assert_eq!(missing("a 1\n…\nc\n", "a   1\nb\nc  \n"), None);
        assert_eq!(missing("c\na\n", "a\nb\nc\n"), Some("a"));
        assert_eq!(missing("A\n", "a\n"), Some("A"));
    }
}
