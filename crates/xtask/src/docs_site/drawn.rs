//! What a page shows of stored studies: `<!-- figure STUDY NAME -->` stands for a figure of a stored record, `<!-- gallery -->` for the cards of all.
//!
//! Drawn when the page is built, from the record in `static/studies`: a picture that was copied into the documentation would be out of date with the
//! next record. Where the repository is browsed these are comments, and the text around them has to make sense without.

use anyhow::{Context, Result, bail};

use ablation_figures::study_figures;
use ablation_report::{Record, read_record};

use super::{gallery, markdown::escaped};
use crate::paths;

/// Whether a piece of HTML stands for something that is drawn.
pub fn is_marker(html: &str) -> bool {
    marker(html).is_some()
}

fn marker(html: &str) -> Option<Marker<'_>> {
    let words = html.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    match words.split(' ').collect::<Vec<_>>()[..] {
        ["gallery"] => Some(Marker::Gallery),
        ["figure", study, name] => Some(Marker::Figure { study, name }),
        _ => None,
    }
}

#[derive(Debug, PartialEq)]
enum Marker<'a> {
    Gallery,
    Figure { study: &'a str, name: &'a str },
}

/// The HTML of a page with everything drawn.
///
/// # Errors
/// When a figure is asked for that the study does not have.
pub fn drawn(html: &str) -> Result<String> {
    let mut out = String::with_capacity(html.len());
    for line in html.split_inclusive('\n') {
        match marker(line) {
            Some(Marker::Gallery) => out += &gallery::html()?,
            Some(Marker::Figure { study, name }) => out += &figure(study, name)?,
            None => out += line,
        }
    }
    Ok(out)
}

/// The stored record of a study.
///
/// # Errors
/// When there is none, or this version cannot read it.
pub fn record(file: &str) -> Result<Record> {
    let path = paths::root().join("static/studies").join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    read_record(&text).with_context(|| format!("static/studies/{file}"))
}

fn figure(study: &str, name: &str) -> Result<String> {
    let record = match record(&format!("{study}.record.json")) {
        Ok(record) => record,
        // A record of another version has to be made again; until then the rest of the page is still worth building.
        Err(error) => {
            eprintln!("warning: the documentation lacks the figure {name} of {study}: {error:#}");
            return Ok("<p class=\"note\">This build cannot read the stored study of this figure.</p>\n".to_owned());
        }
    };
    let figures = study_figures(&record.study, &record.report);
    match figures.iter().find(|figure| figure.name == name) {
        Some(figure) => Ok(format!("<figure>{}<figcaption>{}</figcaption></figure>\n", figure.svg, escaped(&figure.title))),
        None => {
            let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
            bail!("the study {study} has no figure `{name}`; it has {}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_for_editors_are_no_markers() {
        assert_eq!(marker("<!-- gallery -->\n"), Some(Marker::Gallery));
        assert_eq!(marker("<!-- figure a b -->"), Some(Marker::Figure { study: "a", name: "b" }));
        assert!(!is_marker("<!-- a gallery -->") && !is_marker("<p>"));
    }

    #[test]
    fn figures_are_drawn_and_one_that_does_not_exist_is_named() {
        let html = drawn("<p>a</p>\n<!-- figure planted contrast -->\n<p>b</p>\n").unwrap();
        assert!(html.starts_with("<p>a</p>\n<figure><svg") && html.ends_with("</figure>\n<p>b</p>\n"));
        assert!(drawn("<!-- figure planted none -->\n").unwrap_err().to_string().contains("it has contrast, "));
        assert!(drawn("<!-- figure none contrast -->\n").unwrap().contains("cannot read"));
    }
}
