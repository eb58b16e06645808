//! What lets other sites show a sandbox: a still picture of each preset, a page of its own for each preset and study, and the description of its
//! frame in oEmbed (<https://oembed.com>), where the address is known at which `dist/` will be published.
//!
//! A fragment is not sent to a server, so a link to `index.html#…` cannot be described by a file; the pages in `share/` can.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::docs_site::escaped;

/// Where the stills are put into `embed.html`.
const STILLS: &str = "<!-- stills -->";
/// Size of a frame in oEmbed, which is a static file and cannot heed `maxwidth`.
const SIZE: (u32, u32) = (640, 640);
/// What a frame may do and use, as `web/app/snippets.js` says it.
const SANDBOX: &str = "allow-scripts allow-same-origin allow-downloads allow-popups";
const ALLOW: &str = "fullscreen; clipboard-write; screen-wake-lock";
/// Width and height of a panel in a picture, and the margin.
const PANEL: (f64, f64) = (340.0, 194.0);
const MARGIN: f64 = 16.0;
/// Characters of a line of text in a picture.
const LINE: usize = 92;

/// A preset or a study that can be shown in a frame.
struct Shown {
    /// Name of its files.
    name: String,
    title: String,
    /// What it comes to, or claims.
    sentence: String,
    fragment: String,
    /// Width and height of its picture.
    picture: Option<(u32, u32)>,
}

/// Writes pictures and stills into a filled `dist/`, and with an address the pages in `share/` and what describes them in `oembed/`.
///
/// # Errors
/// When a stored result cannot be read, a file cannot be written, or the address is none.
pub fn write(dist: &Path, address: Option<&str>) -> Result<()> {
    let presets = presets(dist)?;
    let embed = dist.join("embed.html");
    let html = fs::read_to_string(&embed).with_context(|| format!("{} cannot be read", embed.display()))?;
    let stills: Vec<_> = presets.iter().map(still).collect();
    put(&embed, &html.replace(STILLS, &stills.join("\n      ")))?;
    let Some(address) = address else { return Ok(()) };
    let address = checked(address)?;
    for shown in presets.iter().chain(&studies(dist)?) {
        put(&dist.join("share").join(format!("{}.html", shown.name)), &page(shown, &address))?;
        put(&dist.join("oembed").join(format!("{}.json", shown.name)), &format!("{:#}\n", oembed(shown, &address)))?;
    }
    Ok(())
}

/// An address with a slash at its end.
fn checked(address: &str) -> Result<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or_default();
    if rest.is_empty() || address.contains(|one: char| one.is_whitespace() || "\"'<>#?".contains(one)) {
        bail!("`{address}` is no address of a folder; it looks like https://example.org/ablation/");
    }
    Ok(format!("{}/", address.trim_end_matches('/')))
}

/// Reads the stored results of the presets and draws their pictures.
fn presets(dist: &Path) -> Result<Vec<Shown>> {
    let folder = dist.join("static/records");
    let files = fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    names.into_iter().map(|name| preset(dist, name)).collect()
}

fn preset(dist: &Path, name: String) -> Result<Shown> {
    let record = read(&dist.join(format!("static/records/{name}.json")))?;
    let title = text(&record["description"]["data_set"]["label"], &name)?;
    let sentence = text(&record["view"]["contrast"]["sentence"], &name)?;
    let (picture, size) = picture(&record, &title, &sentence);
    put(&dist.join("pictures").join(format!("{name}.svg")), &picture)?;
    let fragment = format!("v=1&p={name}");
    Ok(Shown { name, title, sentence, fragment, picture: Some(size) })
}

fn studies(dist: &Path) -> Result<Vec<Shown>> {
    let folder = dist.join("static/studies");
    let list = read(&folder.join("index.json"))?;
    let studies = list.as_array().context("static/studies/index.json is no list")?;
    let mut all = Vec::new();
    for study in studies {
        let name = text(&study["name"], "static/studies/index.json")?;
        let file = read(&folder.join(text(&study["file"], &name)?))?;
        let sentence = file["claim"].as_str().unwrap_or_default().to_owned();
        let fragment = format!("view.study={name}&view.tab=report");
        all.push(Shown {
            title: text(&study["title"], &name)?,
            name: format!("study-{name}"),
            sentence,
            fragment,
            picture: None,
        });
    }
    Ok(all)
}

/// The curves of all arms under the sentence, and its size.
fn picture(record: &Value, title: &str, sentence: &str) -> (String, (u32, u32)) {
    let lines = wrapped(sentence);
    let top = MARGIN + 24.0 + 20.0 * lines.len() as f64;
    let mut body =
        format!("<text x=\"{MARGIN}\" y=\"{}\" font-size=\"17\" font-weight=\"600\">{}</text>", MARGIN + 12.0, escaped(title));
    for (index, line) in lines.iter().enumerate() {
        body += &format!(
            "<text x=\"{MARGIN}\" y=\"{}\" font-size=\"15\">{}</text>",
            MARGIN + 36.0 + 20.0 * index as f64,
            escaped(line)
        );
    }
    let (mut count, mut bottom) = (0.0_f64, top);
    for panel in record["view"]["panels"].as_array().into_iter().flatten() {
        let figures = panel["figures"].as_array();
        let Some(svg) = figures.and_then(|all| all.iter().find(|one| one["name"] == "loss")).and_then(|one| one["svg"].as_str())
        else {
            continue;
        };
        let (x, y) = (MARGIN + (count % 2.0) * (PANEL.0 + MARGIN), top + (count / 2.0).floor() * (PANEL.1 + 40.0));
        let label = panel["label"].as_str().unwrap_or_default();
        body += &format!("<text x=\"{x}\" y=\"{}\" font-size=\"14\" font-weight=\"600\">{}</text>", y + 24.0, escaped(label));
        let place = format!("<svg x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{}\" ", y + 32.0, PANEL.0, PANEL.1);
        body += &svg.replacen("<svg ", &place, 1);
        count += 1.0;
        bottom = y + PANEL.1 + 40.0;
    }
    let (width, height) = ((2.0 * PANEL.0 + 3.0 * MARGIN) as u32, (bottom + MARGIN) as u32);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" fill=\"#1c1d1f\"><title>{}</title><desc>{}</desc>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>{body}</svg>\n",
        escaped(title),
        escaped(sentence)
    );
    (svg, (width, height))
}

/// A text in lines.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// What is shown of a preset where scripts are off: the address chooses it by its fragment.
fn still(shown: &Shown) -> String {
    let Shown { name, fragment, sentence, .. } = shown;
    let (width, height) = shown.picture.unwrap_or(SIZE);
    format!(
        "<a class=\"still\" id=\"{0}\" href=\"./#{0}\" target=\"_blank\" rel=\"noopener\"><img src=\"./pictures/{name}.svg\" width=\"{width}\" \
         height=\"{height}\" alt=\"{1}\" /></a>",
        escaped(fragment),
        escaped(sentence)
    )
}

/// What an author pastes into a page, as `web/app/snippets.js` writes it.
pub fn snippet(title: &str, fragment: &str, address: &str) -> String {
    format!(
        "<iframe src=\"{}\"\n        title=\"{}\"\n        width=\"100%\" height=\"{}\" loading=\"lazy\" style=\"border:0\"\n        \
         sandbox=\"{SANDBOX}\"\n        allow=\"{ALLOW}\"></iframe>",
        escaped(&format!("{address}embed.html#{fragment}")),
        escaped(&format!("Ablation sandbox: {title}")),
        SIZE.1
    )
}

fn frame(shown: &Shown, address: &str) -> String {
    format!(
        "<iframe src=\"{}\" title=\"{}\" width=\"{}\" height=\"{}\" loading=\"lazy\" style=\"border:0\" sandbox=\"{SANDBOX}\" allow=\"{ALLOW}\"></iframe>",
        escaped(&format!("{address}embed.html#{}", shown.fragment)),
        escaped(&format!("Ablation sandbox: {}", shown.title)),
        SIZE.0,
        SIZE.1
    )
}

fn oembed(shown: &Shown, address: &str) -> Value {
    let mut answer = json!({
        "type": "rich",
        "version": "1.0",
        "title": shown.title,
        "provider_name": "Ablation Sandbox",
        "provider_url": address,
        "cache_age": 86400,
        "html": frame(shown, address),
        "width": SIZE.0,
        "height": SIZE.1,
    });
    if let Some((width, height)) = shown.picture {
        answer["thumbnail_url"] = json!(format!("{address}pictures/{}.svg", shown.name));
        answer["thumbnail_width"] = json!(width);
        answer["thumbnail_height"] = json!(height);
    }
    answer
}

/// A page that can be linked to and described: it holds what is known without scripts, and leads to the sandbox.
fn page(shown: &Shown, address: &str) -> String {
    let (title, sentence) = (escaped(&shown.title), escaped(&shown.sentence));
    let picture = shown.picture.map_or_else(String::new, |(width, height)| {
        format!(
            "    <p><img src=\"../pictures/{}.svg\" width=\"{width}\" height=\"{height}\" alt=\"{sentence}\" /></p>\n",
            shown.name
        )
    });
    format!(
        "<!doctype html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\" />\n    \
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'none'\" />\n    \
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n    <title>{title} - Ablation Sandbox</title>\n    \
         <meta name=\"description\" content=\"{sentence}\" />\n    <meta property=\"og:title\" content=\"{title}\" />\n    \
         <meta property=\"og:description\" content=\"{sentence}\" />\n    \
         <link rel=\"alternate\" type=\"application/json+oembed\" href=\"{}\" title=\"{title}\" />\n    \
         <link rel=\"stylesheet\" href=\"../style/tokens.css\" />\n    <link rel=\"stylesheet\" href=\"../style/base.css\" />\n  </head>\n  \
         <body>\n    <h1>{title}</h1>\n    <p>{sentence}</p>\n{picture}    <p><a href=\"../#{}\">Open it in the sandbox</a></p>\n  </body>\n</html>\n",
        escaped(&format!("{address}oembed/{}.json", shown.name)),
        escaped(&shown.fragment)
    )
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))
}

fn text(value: &Value, of: &str) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("{of} lacks a text"))?.to_owned())
}

fn put(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{page, paths};

    /// A `dist/` without modules.
    fn filled(name: &str) -> std::path::PathBuf {
        let dist = std::env::temp_dir().join(format!("ablation-embeds-{name}-{}", std::process::id()));
        page::write(&dist).unwrap();
        dist
    }

    #[test]
    fn every_preset_has_a_picture_and_a_still() {
        let dist = filled("stills");
        let html = fs::read_to_string(dist.join("embed.html")).unwrap();
        assert!(!html.contains(STILLS));
        assert!(html.contains("id=\"v=1&amp;p=repeat\""), "the fragment of a plain link chooses it");
        let pictures = fs::read_dir(dist.join("pictures")).unwrap().count();
        let records = fs::read_dir(paths::root().join("static/records")).unwrap();
        let records =
            records.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|kind| kind == "json")).count();
        assert_eq!(pictures, records);
        assert_eq!(html.matches("class=\"still\"").count(), records);
        let picture = fs::read_to_string(dist.join("pictures/repeat.svg")).unwrap();
        assert_eq!(picture.matches("<svg ").count(), 5, "four arms in one picture");
        assert!(!dist.join("oembed").exists(), "without an address nothing is described");
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn oembed_describes_one_frame_on_our_address_for_each_preset_and_study() {
        let dist = filled("oembed");
        write(&dist, Some("https://example.org/lab")).unwrap();
        let files: Vec<_> = fs::read_dir(dist.join("oembed")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() > 12, "{} files", files.len());
        for file in files {
            let answer = read(&file).unwrap();
            assert_eq!(answer["type"], "rich", "{}", file.display());
            assert_eq!(answer["version"], "1.0");
            assert!(answer["width"].is_u64() && answer["height"].is_u64() && !answer["title"].as_str().unwrap().is_empty());
            let html = answer["html"].as_str().unwrap();
            assert!(
                html.starts_with("<iframe src=\"https://example.org/lab/embed.html#") && html.ends_with("></iframe>"),
                "{html}"
            );
            assert_eq!(html.matches('<').count(), 2, "{html}");
            let thumbnail = ["thumbnail_url", "thumbnail_width", "thumbnail_height"].map(|key| answer.get(key).is_some());
            assert!(thumbnail == [true; 3] || thumbnail == [false; 3], "all three or none");
            let name = file.file_stem().unwrap().to_str().unwrap();
            let page = fs::read_to_string(dist.join(format!("share/{name}.html"))).unwrap();
            assert!(
                page.contains(&format!("application/json+oembed\" href=\"https://example.org/lab/oembed/{name}.json\"")),
                "{page}"
            );
        }
        fs::remove_dir_all(dist).unwrap();
    }

    #[test]
    fn frames_are_those_that_the_page_offers_to_copy() {
        let snippets = fs::read_to_string(paths::root().join("web/app/snippets.js")).unwrap();
        assert!(snippets.contains(SANDBOX) && snippets.contains(ALLOW));
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        for wrong in ["example.org", "https://", "ftp://example.org", "https://example.org/\"x", "https://example.org/#a"] {
            assert!(checked(wrong).unwrap_err().to_string().contains(wrong), "{wrong}");
        }
        assert_eq!(checked("https://example.org/lab/").unwrap(), "https://example.org/lab/");
    }

    #[test]
    fn foreign_texts_stay_texts() {
        let shown = Shown {
            name: "x".into(),
            title: "\"><script>".into(),
            sentence: "a < b & \"c\"".into(),
            fragment: "v=1&p=x".into(),
            picture: None,
        };
        for html in [frame(&shown, "https://example.org/"), still(&shown), super::page(&shown, "https://example.org/")] {
            assert!(!html.contains("<script>") && !html.contains("a < b"), "{html}");
        }
    }
}
