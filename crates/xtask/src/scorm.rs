//! `cargo xtask scorm --assignment FILE`: the built page with one assignment as a SCORM 1.2 package, which a learning management system takes as
//! an upload: a zip with `imsmanifest.xml`, a launch page and the files of `dist/`.
//!
//! The launch page opens `index.html#view.assignment=ID`. The manifest lists every file of the package. The service worker is packed without
//! its list, so that nothing is kept in the browser from the address of somebody else's system.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use zip::write::FileOptions;

use crate::docs_site::escaped;
use crate::{offline, page, paths};

const MANIFEST: &str = "imsmanifest.xml";
const LAUNCH: &str = "launch.html";
const LIST: &str = "static/assignments/index.json";

/// What is read of an assignment; the page and `ablation` read the rest.
struct Assignment {
    id: String,
    title: String,
}

/// Packs `dist/` with an assignment, and says where the package is.
///
/// # Errors
/// When there is no built page, the assignment has no usable `id` or `title`, or a file cannot be read or written.
pub fn run(assignment: &Path, into: Option<&Path>) -> Result<()> {
    let text = fs::read_to_string(assignment).with_context(|| format!("{} cannot be read", assignment.display()))?;
    let read = read(&text).with_context(|| format!("{}", assignment.display()))?;
    let dist = paths::dist();
    if !dist.join("index.html").is_file() || !dist.join("cpu_bg.wasm").is_file() {
        bail!("there is no built page in dist/; run `cargo xtask build --release` first");
    }
    let files = files(&dist, &read, text)?;
    let count = files.len();
    let into = into.map_or_else(|| paths::kept().join("scorm").join(format!("{}.zip", read.id)), PathBuf::from);
    if let Some(folder) = into.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let bytes = zipped(&files)?;
    fs::write(&into, &bytes).with_context(|| format!("{} cannot be written", into.display()))?;
    println!("{}: {count} files, {:.1} MB", into.display(), bytes.len() as f64 / 1e6);
    Ok(())
}

fn read(text: &str) -> Result<Assignment> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).context("the assignment is no JSON")?;
    let field = |name: &str| match value[name].as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => bail!("the assignment has no `{name}`, which is a text"),
    };
    let (id, title) = (field("id")?, field("title")?);
    let allowed = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
    if id.len() > 40 || !id.chars().all(allowed) {
        bail!("the id `{id}` is none: it has at most 40 of a-z, 0-9 and hyphens, such as `positions-1`");
    }
    Ok(Assignment { id, title })
}

/// Every file of the package by its path, the manifest among them.
fn files(dist: &Path, assignment: &Assignment, text: String) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for path in page::files(dist)? {
        let parts: Option<Vec<_>> = path.iter().map(|part| part.to_str()).collect();
        let name = parts.with_context(|| format!("{} is not UTF-8", path.display()))?.join("/");
        if name.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        files.insert(name, fs::read(dist.join(&path)).with_context(|| format!("{} cannot be read", path.display()))?);
    }
    files.insert(offline::FILE.to_owned(), offline::source()?.into_bytes());
    let file = format!("{}.assignment.json", assignment.id);
    let list = match files.get(LIST) {
        Some(list) => serde_json::from_slice(list).with_context(|| format!("{LIST} is no JSON"))?,
        None => Value::Null,
    };
    files.insert(LIST.to_owned(), listed(list, assignment, &file).to_string().into_bytes());
    files.insert(format!("static/assignments/{file}"), text.into_bytes());
    files.insert(LAUNCH.to_owned(), launch(assignment).into_bytes());
    files.insert(MANIFEST.to_owned(), Vec::new());
    let manifest = manifest(assignment, files.keys().filter(|name| *name != MANIFEST));
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    Ok(files)
}

/// The list of assignments of the page with this one in it, in the place of one of the same name.
fn listed(list: Value, Assignment { id, title }: &Assignment, file: &str) -> Value {
    let mut all: Vec<Value> = list.as_array().cloned().unwrap_or_default();
    all.retain(|one| one["name"] != id.as_str());
    all.push(json!({ "name": id, "title": title, "file": file }));
    Value::Array(all)
}

/// A page that leads to the assignment without a script.
fn launch(Assignment { id, title }: &Assignment) -> String {
    let (title, address) = (escaped(title), format!("./index.html#view.assignment={id}"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\" />\n    \
         <meta http-equiv=\"refresh\" content=\"0; url={address}\" />\n    <title>{title}</title>\n  </head>\n  \
         <body>\n    <p><a href=\"{address}\">{title}</a></p>\n  </body>\n</html>\n"
    )
}

/// The manifest of SCORM 1.2 (ADL, content packaging): one organisation with one item, which is one resource with all files.
fn manifest<'a>(Assignment { id, title }: &Assignment, files: impl Iterator<Item = &'a String>) -> String {
    let title = escaped(title);
    let files: String = files.map(|name| format!("      <file href=\"{}\"/>\n", escaped(&address(name)))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <manifest identifier=\"ablation-{id}\" version=\"1.0\" xmlns=\"http://www.imsproject.org/xsd/imscp_rootv1p1p2\" \
         xmlns:adlcp=\"http://www.adlnet.org/xsd/adlcp_rootv1p2\">\n  \
         <metadata>\n    <schema>ADL SCORM</schema>\n    <schemaversion>1.2</schemaversion>\n  </metadata>\n  \
         <organizations default=\"course\">\n    <organization identifier=\"course\">\n      <title>{title}</title>\n      \
         <item identifier=\"item\" identifierref=\"page\">\n        <title>{title}</title>\n      </item>\n    \
         </organization>\n  </organizations>\n  <resources>\n    \
         <resource identifier=\"page\" type=\"webcontent\" adlcp:scormtype=\"sco\" href=\"{LAUNCH}\">\n\
         {files}    </resource>\n  </resources>\n</manifest>\n"
    )
}

/// A path as an address in a manifest.
fn address(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(byte.into());
        } else {
            text += &format!("%{byte:02X}");
        }
        text
    })
}

fn zipped(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, FileOptions::default())?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Read;

    use super::*;

    const TEXT: &str = r#"{"schema": "ablation-assignment/v1", "id": "positions", "title": "Positions & \"masks\" <1>"}"#;

    /// The package of a small folder, by the names in it.
    fn package(name: &str) -> BTreeMap<String, String> {
        let dist = std::env::temp_dir().join(format!("ablation-scorm-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dist);
        fs::create_dir_all(dist.join("static/assignments")).unwrap();
        for file in ["index.html", "cpu_bg.wasm", "a b&c.js", ".nojekyll", offline::FILE] {
            fs::write(dist.join(file), file).unwrap();
        }
        fs::write(dist.join(LIST), r#"[{"name":"positions","title":"old"},{"name":"heads","title":"Heads"}]"#).unwrap();
        let files = files(&dist, &read(TEXT).unwrap(), TEXT.to_owned()).unwrap();
        fs::remove_dir_all(dist).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(zipped(&files).unwrap())).unwrap();
        let read = |index| {
            let mut file = zip.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().to_owned(), text)
        };
        (0..files.len()).map(read).collect()
    }

    #[test]
    fn the_manifest_lists_exactly_the_files_of_the_package() {
        let package = package("exactly");
        let manifest = &package[MANIFEST];
        let hrefs = manifest.split("<file href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned);
        let listed: BTreeSet<_> = hrefs.collect();
        let there: BTreeSet<_> = package.keys().filter(|name| *name != MANIFEST).map(|name| address(name)).collect();
        assert_eq!(listed, there);
        assert!(there.contains("a%20b%26c.js") && !there.contains(".nojekyll"), "{there:?}");
    }

    #[test]
    fn the_manifest_has_the_structure_of_scorm_and_leads_to_the_assignment() {
        let package = package("structure");
        let manifest = &package[MANIFEST];
        let mut rest = manifest.as_str();
        for part in [
            "<manifest identifier=\"ablation-positions\"",
            "<schema>ADL SCORM</schema>",
            "<schemaversion>1.2</schemaversion>",
            "<organizations default=\"course\">",
            "<organization identifier=\"course\">",
            "<title>Positions &amp; &quot;masks&quot; &lt;1&gt;</title>",
            "<item identifier=\"item\" identifierref=\"page\">",
            "<resource identifier=\"page\" type=\"webcontent\" adlcp:scormtype=\"sco\" href=\"launch.html\">",
            "</resources>",
            "</manifest>",
        ] {
            let place = rest.find(part).unwrap_or_else(|| panic!("{part} is missing, or too early, in {manifest}"));
            rest = &rest[place + part.len()..];
        }
        assert!(package[LAUNCH].contains("url=./index.html#view.assignment=positions\""), "{}", package[LAUNCH]);
        assert_eq!(package["static/assignments/positions.assignment.json"], TEXT);
        let list: Value = serde_json::from_str(&package[LIST]).unwrap();
        let names: Vec<_> = list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["heads", "positions"]);
        assert_eq!(package[offline::FILE], offline::source().unwrap(), "it keeps nothing");
    }

    #[test]
    fn an_assignment_without_a_usable_id_or_title_is_refused_by_name() {
        for (text, named) in [
            ("no JSON", "no JSON"),
            (r#"{"title": "x"}"#, "`id`"),
            (r#"{"id": "a", "title": 7}"#, "`title`"),
            (r#"{"id": "../a", "title": "x"}"#, "`../a`"),
        ] {
            let error = format!("{:#}", read(text).map(|_| ()).unwrap_err());
            assert!(error.contains(named), "{text}: {error}");
        }
        assert_eq!(read(&format!("\u{feff}{TEXT}")).unwrap().id, "positions");
    }
}
