//! `docs/performance.md`: its tables are what a benchmark printed. Each stands below a line that names it, as a block of text.

use std::fs;

use anyhow::{Context, Result};

use crate::paths;

/// Puts what a benchmark printed in the place of what it printed before.
///
/// # Errors
/// When the page cannot be read or written, or has no place of that name.
pub fn write(section: &str, measured: &str) -> Result<()> {
    let file = paths::root().join("docs/performance.md");
    let page = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let page = filled(&page, section, measured).with_context(|| format!("docs/performance.md has no place for `{section}`"))?;
    fs::write(&file, page).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("docs/performance.md says so now");
    Ok(())
}

/// The page with another block of text below the line that names it.
fn filled(page: &str, section: &str, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- measured: {section} -->\n"))?;
    let (_, after) = rest.strip_prefix("```text\n")?.split_once("```\n")?;
    Some(format!("{before}<!-- measured: {section} -->\n```text\n{}\n```\n{after}", measured.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_stands_in_the_place_of_what_was() {
        let page = "a\n<!-- measured: x -->\n```text\nold\n```\nb\n<!-- measured: y -->\n```text\nother\n```\n";
        let new = "a\n<!-- measured: x -->\n```text\n1\n2\n```\nb\n<!-- measured: y -->\n```text\nother\n```\n";
        assert_eq!(filled(page, "x", "1\n2\n").unwrap(), new);
        assert_eq!(filled(page, "z", "1"), None);
    }

    #[test]
    fn the_page_has_a_place_for_every_benchmark() {
        let page = fs::read_to_string(paths::root().join("docs/performance.md")).unwrap();
        for section in ["browser", "gpu", "native", "study"] {
            assert!(filled(&page, section, "").is_some(), "{section}");
        }
    }
}
