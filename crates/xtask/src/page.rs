//! The page without its modules: `web/index.html`, and the folders and files that it names.
//!
//! `web/index.html` says what belongs into `dist/` by links with `data-trunk`, so that people who have Trunk can use it. The same links are read
//! here, and left out of the page that browsers get. So are comments of scripts and style sheets, a third of what is transferred; every line
//! keeps its number. Nothing else is changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{embeds, paths};

const LINK: &str = "<link";

/// Empties `into` and puts the page there.
///
/// # Errors
/// When a file cannot be read or written, by name.
pub fn write(into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("{} cannot be emptied", into.display()))?;
    }
    copy(into)
}

/// Puts the page into `into`, beside what is there.
///
/// # Errors
/// When a file cannot be read or written, by name.
pub fn copy(into: &Path) -> Result<()> {
    let source = paths::root().join("web/index.html");
    let html = fs::read_to_string(&source).with_context(|| format!("{} cannot be read", source.display()))?;
    fs::create_dir_all(into).with_context(|| format!("{} cannot be made", into.display()))?;
    for file in named(&html, "copy-file") {
        let from = source.with_file_name(file);
        let name = from.file_name().with_context(|| format!("web/index.html names the file {file}, which has no name"))?;
        copy_file(&from, &into.join(name))?;
    }
    for folder in named(&html, "copy-dir") {
        let from = source.with_file_name(folder);
        let name = from.file_name().with_context(|| format!("web/index.html names the folder {folder}, which has no name"))?;
        copy_folder(&from, &into.join(name))?;
    }
    let page = into.join("index.html");
    fs::write(&page, for_browsers(&html)).with_context(|| format!("{} cannot be written", page.display()))?;
    embeds::write(into, None)
}

/// What the page names by `<link data-trunk rel="…" href="…">`: `copy-dir` folders, `copy-file` files.
fn named<'a>(html: &'a str, rel: &str) -> Vec<&'a str> {
    let links = trunk_links(html).filter(|link| attribute(link, "rel") == Some(rel));
    links.filter_map(|link| attribute(link, "href")).collect()
}

/// The page without the links that say how to build it, each with the white space before it.
fn for_browsers(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(LINK) {
        let end = rest[start..].find('>').map_or(rest.len(), |length| start + length + 1);
        if is_for_trunk(&rest[start..end]) {
            kept.push_str(rest[..start].trim_end());
        } else {
            kept.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    kept + rest
}

/// Every `<link … data-trunk … >` of a page, in order.
fn trunk_links(html: &str) -> impl Iterator<Item = &str> {
    let tags = html.split(LINK).skip(1).map(|rest| rest.split('>').next().unwrap_or(rest));
    tags.filter(|tag| is_for_trunk(tag))
}

fn is_for_trunk(tag: &str) -> bool {
    tag.split_whitespace().any(|word| word == "data-trunk")
}

/// The value of `name="value"` in a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (before, rest) = tag.split_once(&format!("{name}=\""))?;
    before.ends_with(char::is_whitespace).then(|| rest.split('"').next())?
}

/// Copies a folder with what is in it; what is there already is replaced, or stays.
///
/// # Errors
/// When a file cannot be read or written, by name.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            copy_file(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// The files below a folder, by their paths in it.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).with_context(|| format!("{} cannot be read", inner.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.extend(path.strip_prefix(folder).map(Path::to_path_buf));
            }
        }
    }
    Ok(found)
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let failed = || format!("{} cannot be copied", from.display());
    if !from.extension().is_some_and(|kind| kind == "js" || kind == "css") {
        fs::copy(from, to).with_context(failed)?;
        return Ok(());
    }
    let text = fs::read_to_string(from).with_context(failed)?;
    fs::write(to, without_comments(&text)).with_context(failed)
}

/// A script or a style sheet without comments that have lines of their own, which become empty.
pub fn without_comments(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let content = line.trim();
        let begins = !inside && content.starts_with("/*");
        // What stands behind the end of a comment is code.
        let ends = content.ends_with("*/") && content.matches("*/").count() == 1;
        if inside || (begins && (ends || !content.contains("*/"))) {
            inside = !ends;
        } else if !content.starts_with("//") {
            kept.push_str(line.trim_end());
        }
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;

    fn index() -> String {
        fs::read_to_string(paths::root().join("web/index.html")).unwrap()
    }

    #[test]
    fn links_for_trunk_are_read_and_left_out() {
        let html = "<head>\n  <link\n    data-trunk\n    rel=\"copy-dir\"\n    href=\"./app\"\n  />\n  <link data-trunk rel=\"copy-file\" href=\"./embed.html\" />\n  <link rel=\"icon\" href=\"x\">\n</head>\n";
        assert_eq!(named(html, "copy-dir"), ["./app"]);
        assert_eq!(named(html, "copy-file"), ["./embed.html"]);
        assert_eq!(for_browsers(html), "<head>\n  <link rel=\"icon\" href=\"x\">\n</head>\n");
        assert_eq!(for_browsers("<p>nothing to drop"), "<p>nothing to drop");
    }

    #[test]
    fn comments_with_lines_of_their_own_are_left_out_and_lines_keep_their_numbers() {
        let text = "/** a\n * b\n */\nlet x = 1; // c\n  // d\n/* e */\n/* f */ let y = \"/* g */\";\n";
        assert_eq!(without_comments(text), "\n\n\nlet x = 1; // c\n\n\n/* f */ let y = \"/* g */\";\n");
    }

    /// In a text over several lines, a line that looks like a comment is none.
    #[test]
    fn no_text_of_the_page_holds_lines_that_look_like_comments() {
        let mut folders = vec![paths::root().join("web")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "js") {
                    let text = fs::read_to_string(&path).unwrap();
                    let code = without_comments(&text);
                    // Quotes that comments do not hold are as many as before.
                    for (odd, part) in code.split('`').enumerate().map(|(index, part)| (index % 2 == 1, part)) {
                        assert!(!odd || !part.lines().skip(1).any(str::is_empty), "{}: {part}", path.display());
                    }
                }
            }
        }
    }

    #[test]
    fn trunk_builds_the_same_modules_and_folders() {
        let html = index();
        let modules: Vec<_> = trunk_links(&html).filter_map(|link| attribute(link, "data-bin")).collect();
        let ours: Vec<_> = modules::ALL.iter().map(|module| module.name).collect();
        assert_eq!(modules, ours);
        assert_eq!(named(&html, "copy-dir"), ["./app", "./style", "../static"]);
        assert_eq!(named(&html, "copy-file"), ["./embed.html", "./class.html", "./element.js", "./service-worker.js"]);
    }

    #[test]
    fn every_page_beside_the_first_is_copied() {
        let web = fs::read_dir(paths::root().join("web")).unwrap();
        let files = web.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().unwrap().is_file());
        let mut beside: Vec<_> =
            files.map(|entry| entry.file_name().into_string().unwrap()).filter(|name| name != "index.html").collect();
        beside.sort();
        let html = index();
        let mut copied: Vec<_> =
            named(&html, "copy-file").into_iter().map(|file| file.trim_start_matches("./").to_owned()).collect();
        copied.sort();
        assert_eq!(copied, beside);
    }
}
