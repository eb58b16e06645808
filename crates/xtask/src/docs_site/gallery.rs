//! The gallery: a card for every study of `static/studies/index.json`, from its stored record.
//!
//! The cards are made when the page is built, by the crates that draw and word every report: so a card says what the report says, a visitor downloads a
//! few kilobytes a study instead of every record and the module that reads it, and there is no second drawing in JavaScript to keep the same. These
//! crates are pure; the build compiles them in less than a minute, once, and no tensor library.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use ablation_documents::Findings;
use ablation_figures::study_thumbnail;
use ablation_report::{Combined, Record};
use anyhow::{Context, Result};
use serde_json::Value;

use super::{drawn::record, markdown::escaped};
use crate::{embeds, paths};

/// Where the page is, in a snippet; the script of the documentation puts the real address there.
const ADDRESS: &str = "https://HOST/PATH/";

/// Version of the links that open a setting in the sandbox.
const LINK_VERSION: &str = "1";

/// The cards of all stored studies.
///
/// # Errors
/// When the list of studies cannot be read.
pub fn html() -> Result<String> {
    let folder = paths::root().join("static/studies");
    let mut out = String::from("<ul class=\"gallery\">\n");
    for study in list(&folder)? {
        // A record of another version has to be made again; until then the rest of the page is still worth building.
        let result = stored(&study).unwrap_or_else(|error| {
            eprintln!("warning: the gallery shows no result of {}: {error:#}", study.name);
            "<p class=\"note\">This build cannot read its stored result.</p>".to_owned()
        });
        card(&mut out, &study, &sandbox(&folder, &study)?, &result);
    }
    Ok(out + "</ul>\n")
}

/// A study of the list.
struct Listed {
    name: String,
    title: String,
    file: String,
    record: String,
    /// What a paper reports, and what is found here; none of a study that no paper stands behind.
    published: Option<[String; 2]>,
}

fn list(folder: &Path) -> Result<Vec<Listed>> {
    let json = read_json(&folder.join("index.json"))?;
    let text = |study: &Value, key: &str| {
        let value = study[key].as_str().map(str::to_owned);
        value.with_context(|| format!("static/studies/index.json lists a study without `{key}`"))
    };
    let studies = json.as_array().context("static/studies/index.json is no list")?;
    let listed = |study| {
        Ok(Listed {
            name: text(study, "name")?,
            title: text(study, "title")?,
            file: text(study, "file")?,
            record: text(study, "record")?,
            published: match study.get("published") {
                Some(_) => Some([text(study, "published")?, text(study, "here")?]),
                None => None,
            },
        })
    };
    studies.iter().map(listed).collect()
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// What the stored record of a study says: the contrast, the first sentence, how many verdicts of which kind, and of how many seeds.
fn stored(study: &Listed) -> Result<String> {
    let record = record(&study.record)?;
    let findings = Findings::of(&record.study, &record.report);
    let analysis = &record.report.analysis;
    let seeds = analysis.unit_of_analysis.many(analysis.units as u64);
    let mut out = study_thumbnail(&record.study, &record.report);
    if let Some(headline) = findings.headlines().first() {
        let _ = write!(out, "\n<p>{}</p>", escaped(headline));
    }
    let _ = write!(out, "\n<p class=\"note\">{seeds}; {}</p>", escaped(&verdicts(&record)));
    if let Some([published, here]) = &study.published {
        let _ = write!(out, "\n<p><b>Published.</b> {}</p>\n<p><b>Here.</b> {}</p>", escaped(published), escaped(here));
    }
    Ok(out)
}

/// How many components got which verdict, in the order of the components.
fn verdicts(record: &Record) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for component in &record.report.analysis.components {
        let combined = component.combined.unwrap_or(Combined::Undetermined);
        let name = combined.name(component.changed);
        match counts.iter_mut().find(|(other, _)| *other == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts.iter().map(|(name, count)| format!("{name} ({count})")).collect::<Vec<_>>().join("; ")
}

/// The link that opens the reference of a study in the sandbox: its preset and what differs from it.
fn sandbox(folder: &Path, study: &Listed) -> Result<String> {
    let file = read_json(&folder.join(&study.file))?;
    let preset = file["preset"].as_str().with_context(|| format!("static/studies/{} names no preset", study.file))?;
    let mut link = format!("v={LINK_VERSION}&p={}", encoded(preset));
    for (path, value) in file["settings"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let _ = write!(link, "&{}={}", encoded(path), encoded(&value));
    }
    Ok(link)
}

/// Text as a part of a link.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn card(out: &mut String, study: &Listed, sandbox: &str, result: &str) {
    let Listed { name, title, .. } = study;
    let fragment = format!("view.study={name}&view.tab=report");
    let snippet = escaped(&embeds::snippet(title, &fragment, ADDRESS));
    let title = escaped(title);
    let link = |address: &str, words: &str| {
        format!("<a href=\"../index.html#{}\" aria-label=\"{words}: {title}\">{words}</a>", escaped(address))
    };
    let report = link(&fragment, "Open the report");
    let whole = link(&format!("view.study={name}&view.tab=study"), "Open the study");
    let sandbox = link(sandbox, "Open in the sandbox");
    let _ = writeln!(
        out,
        "<li class=\"card\" id=\"{name}\">\n<h2>{title}</h2>\n{result}\n<p class=\"doors\">{report} {whole} {sandbox}</p>\n\
         <details class=\"embed\"><summary>Embed<span class=\"unseen\">: {title}</span></summary>\n\
         <pre data-embed tabindex=\"0\"><code>{snippet}</code></pre></details>\n</li>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        paths::root().join("static/studies")
    }

    #[test]
    fn every_stored_study_has_a_card_with_its_result_and_its_links() {
        let html = html().unwrap();
        let studies = list(&folder()).unwrap();
        assert!(studies.len() > 5 && html.matches("<li class=\"card\"").count() == studies.len());
        // That every study of the list has a record is tested where records are made.
        let made: Vec<Listed> = studies.into_iter().filter(|study| folder().join(&study.record).exists()).collect();
        assert_eq!(html.matches("<svg").count(), made.len(), "a record that cannot be read");
        for study in made {
            assert!(html.contains(&format!("../index.html#view.study={}&amp;view.tab=report", study.name)), "{}", study.name);
            let source = format!("src=&quot;{ADDRESS}embed.html#view.study={}&amp;amp;view.tab=report&quot;", study.name);
            assert!(html.contains(&source), "{} has no snippet", study.name);
            let one = stored(&study).unwrap();
            for words in study.published.iter().flatten() {
                assert!(one.contains(&escaped(words)), "{}: {words}", study.name);
            }
            assert!(one.len() < 8_000, "the card of {} has {} bytes", study.name, one.len());
        }
        assert!(html.contains(" seeds; "), "{html}");
    }

    #[test]
    fn the_link_of_the_sandbox_says_what_the_study_says_of_its_reference() {
        let study = list(&folder()).unwrap().remove(0);
        let link = sandbox(&folder(), &study).unwrap();
        assert_eq!(link, "v=1&p=first&model.attention=causal&model.layers=2&train.batch=8&train.steps=400");
        assert_eq!(encoded("a b&c"), "a%20b%26c");
    }
}
