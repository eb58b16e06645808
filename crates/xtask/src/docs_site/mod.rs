//! The documentation as pages: every `docs/NAME.md` becomes `dist/docs/NAME.html`, with the colours and type of the page itself.
//!
//! A folder of Markdown reads well where the repository is browsed, and visitors of the published page never go there. So it is built with the
//! page. A page of the documentation loads no script but that of the theme and holds none, so that it works under a strict Content-Security-Policy,
//! which it states itself.
//!
//! The pages stand in the order in which `index.md` links to them; those that it does not name follow by name.

mod drawn;
pub mod examples;
mod gallery;
mod links;
mod markdown;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{offline, page, paths};
use markdown::Page;
pub use markdown::escaped;

const TEMPLATE: &str = include_str!("template.html");
/// The page with which the documentation begins.
const FIRST: &str = "index";

/// `cargo xtask docs-site`: the documentation with the styles and scripts that it loads, into `dist/` without its modules.
///
/// # Errors
/// When a page cannot be read or written, or a link leads nowhere.
pub fn run(into: Option<&Path>) -> Result<()> {
    // Trunk builds into a folder of its own, which it names, and puts the rest of the page there itself.
    let (into, count) = match (into, std::env::var_os("TRUNK_STAGING_DIR")) {
        (None, Some(staging)) => {
            let into = PathBuf::from(staging);
            let count = write(&into)?;
            (into, count)
        }
        (into, _) => {
            let into = into.map_or_else(paths::dist, Path::to_owned);
            page::copy(&into)?;
            let count = write(&into)?;
            (into, count)
        }
    };
    // What is kept for use without a network is listed last, when everything is there.
    offline::write(&into)?;
    println!("{count} pages in {}", into.join("docs").display());
    Ok(())
}

/// Writes the documentation below `into`, and says how many pages it has. What was there goes.
///
/// # Errors
/// When a page cannot be read or written, or a link leads nowhere.
pub fn write(into: &Path) -> Result<usize> {
    let pages = read(&paths::root().join("docs"))?;
    let dead = links::dead(&pages);
    if !dead.is_empty() {
        bail!("these links of the documentation lead nowhere:\n  {}", dead.join("\n  "));
    }
    let mut written = Vec::with_capacity(pages.len());
    for (index, page) in pages.iter().enumerate() {
        written.push((format!("{}.html", page.name), document(&pages, index)?));
    }
    let folder = into.join("docs");
    if folder.join("index.md").exists() {
        bail!("{} holds the sources of the documentation; choose another folder for its pages", folder.display());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for (name, text) in written {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(pages.len())
}

/// Every page of a folder, in order.
fn read(folder: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            pages.push(Page::read(&name, &text).with_context(|| format!("docs/{name}.md"))?);
        }
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    let named: Vec<String> = pages
        .iter()
        .filter(|page| page.name == FIRST)
        .flat_map(|page| &page.links)
        .filter_map(|link| link.split('#').next()?.strip_suffix(".md").map(str::to_owned))
        .collect();
    // Sorting is stable: pages that the first one does not name stay in the order of their names, behind the others.
    pages.sort_by_key(|page| match page.name.as_str() {
        FIRST => 0,
        name => named.iter().position(|other| other == name).map_or(usize::MAX, |place| place + 1),
    });
    Ok(pages)
}

/// One page as HTML.
fn document(pages: &[Page], index: usize) -> Result<String> {
    let page = &pages[index];
    let content = drawn::drawn(&page.html).with_context(|| format!("docs/{}.md", page.name))?;
    let items = pages.iter().map(|other| {
        let current = if other.name == page.name { " aria-current=\"page\"" } else { "" };
        format!("<li><a href=\"./{}.html\"{current}>{}</a></li>", other.name, escaped(&other.title))
    });
    let beside = |place: Option<usize>, class: &str, rel: &str, word: &str| match place.and_then(|place| pages.get(place)) {
        Some(other) => format!(
            "<a class=\"{class}\" rel=\"{rel}\" href=\"./{}.html\"><span>{word}</span> {}</a>",
            other.name,
            escaped(&other.title)
        ),
        None => String::new(),
    };
    Ok(filled(
        TEMPLATE,
        &[
            ("title", &escaped(&page.title)),
            ("description", &escaped(&page.description)),
            ("layout", if content.contains("<ul class=\"gallery\"") { "broad" } else { "text" }),
            ("pages", &items.collect::<String>()),
            ("contents", &contents(page)),
            ("content", &content),
            ("previous", &beside(index.checked_sub(1), "previous", "prev", "Previous")),
            ("next", &beside(Some(index + 1), "next", "next", "Next")),
        ],
    ))
}

/// The headings of a page as links; nothing where there are too few to choose from.
fn contents(page: &Page) -> String {
    if page.headings.len() < 2 {
        return String::new();
    }
    let link = |heading: &markdown::Heading| {
        format!("<li class=\"level-{}\"><a href=\"#{}\">{}</a></li>", heading.level, heading.id, escaped(&heading.text))
    };
    let items: String = page.headings.iter().map(link).collect();
    format!("<details class=\"contents\"><summary>On this page</summary><ul>{items}</ul></details>")
}

/// A template with its `{{names}}` replaced, in one pass, so that no value is taken for a part of the template.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        let value = values.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        out += value.unwrap_or_default();
        out += rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Vec<Page> {
        read(&paths::root().join("docs")).unwrap()
    }

    #[test]
    fn no_link_of_the_documentation_is_dead() {
        assert_eq!(links::dead(&pages()), Vec::<String>::new());
    }

    #[test]
    fn pages_stand_in_the_order_in_which_the_first_one_names_them() {
        let pages = pages();
        assert_eq!(pages[0].name, FIRST);
        let named = |name: &str| pages.iter().position(|page| page.name == name).unwrap();
        assert!(named("method") < named("glossary") && named("method") < named("limits"));
    }

    #[test]
    fn every_value_of_the_template_is_given_and_nothing_runs_inline() {
        let pages = pages();
        for index in 0..pages.len() {
            let html = document(&pages, index).unwrap();
            for name in TEMPLATE.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
                assert!(!html.contains(&format!("{{{{{name}}}}}")), "{}: {name}", pages[index].name);
            }
            // What is shown as code is text.
            let html: String = html.split("<pre").map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest)).collect();
            for forbidden in ["<script>", "<style", " style=\"", " onclick="] {
                assert!(!html.contains(forbidden), "{} has {forbidden}", pages[index].name);
            }
        }
    }

    #[test]
    fn a_value_is_never_taken_for_a_part_of_the_template() {
        assert_eq!(filled("<p>{{a}} {{b}}</p>", &[("a", "{{b}}"), ("b", "c")]), "<p>{{b}} c</p>");
    }
}
