//! `cargo xtask single-file`: the built page as one HTML file, which is opened from a disk, mailed, or uploaded to a course. It trains on the CPU
//! and needs no server and no network.
//!
//! The scripts of the page are bundled, with `files-inside.js` in the place of `files.js`; every file that they read lies in the document,
//! packed with gzip and written in base64. The Content-Security-Policy allows exactly the script and the style sheets of this file.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::prelude::{BASE64_STANDARD, Engine};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::assignment::Assignment;
use crate::docs_site::escaped;
use crate::{modules, page, paths, shell};

/// The scripts that are started: the page's own, and the worker's.
const MAIN: &str = "app/main.js";
const WORKER: &str = "app/worker.js";
/// Style sheets that other pages have.
const NOT_OF_THE_PAGE: [&str; 4] = ["class", "docs", "embed", "unscripted"];
/// What a page of the build has and one file has not.
const POLICY: &str = "<meta\n      http-equiv=\"Content-Security-Policy\"";
const BUILD: &str = "<meta name=\"ablation-build\"";
const ICON: &str = "<link rel=\"icon\"";

/// What is asked for.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// The assignment that the file opens.
    pub assignment: Option<PathBuf>,
    /// Where the documentation and the page for other sites are published.
    pub home: Option<String>,
    /// Whether the module that trains on WebGPU belongs into it.
    pub gpu: bool,
    /// The file to write.
    pub into: Option<PathBuf>,
}

/// Packs `dist/` into one file, and says where it is.
///
/// # Errors
/// When there is no built page, the assignment is none, or a file cannot be read or written.
pub fn run(options: &Options) -> Result<()> {
    let dist = paths::dist();
    let Some(missing) = modules(options.gpu).map(modules::Module::wasm).find(|file| !dist.join(file).is_file()) else {
        return write(&dist, options);
    };
    bail!("dist/{missing} is not there; run `cargo xtask build --release` first");
}

/// The modules that belong into the file.
fn modules(gpu: bool) -> impl Iterator<Item = &'static modules::Module> {
    modules::ALL.iter().filter(move |module| module.kept || gpu)
}

fn write(dist: &Path, options: &Options) -> Result<()> {
    let home = options.home.as_deref().map(folder_address).transpose()?;
    let assignment = options.assignment.as_deref().map(Assignment::read).transpose()?;
    let scripts = bundled(dist, options.gpu)?;
    let mut files = BTreeMap::new();
    for module in modules(options.gpu) {
        files.insert(module.wasm(), read(&module.file())?);
    }
    for folder in ["static/records", "static/studies", "static/assignments", "static/corpora"] {
        for path in page::files(&dist.join(folder))?
            .iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "json" || kind == "txt"))
        {
            let name = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            files.insert(format!("{folder}/{name}"), read(&dist.join(folder).join(path))?);
        }
    }
    if let Some(assignment) = &assignment {
        assignment.insert(&mut files)?;
    }
    let html = text(&dist.join("index.html"))?;
    let page = Page { html, sheets: sheets(dist)?, icon: read(&dist.join("static/icon.svg"))?, scripts, files };
    let text = page.text(home.as_deref(), assignment.as_ref().map(|one| one.id.as_str()))?;
    let name = assignment.as_ref().map_or("ablation-sandbox", |one| one.id.as_str());
    let into = options.into.clone().unwrap_or_else(|| paths::kept().join("single-file").join(format!("{name}.html")));
    if let Some(folder) = into.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(&into, &text).with_context(|| format!("{} cannot be written", into.display()))?;
    println!("{}: {:.1} MB", into.display(), text.len() as f64 / 1e6);
    Ok(())
}

/// An address that other addresses can be added to.
fn folder_address(home: &str) -> Result<String> {
    let path = home.strip_prefix("https://").or_else(|| home.strip_prefix("http://"));
    let host = path.and_then(|path| path.split('/').next()).unwrap_or_default();
    let is_folder = !home.contains(['?', '#', '"', '<', '>']) && !home.contains(char::is_whitespace) && !home.ends_with(".html");
    if host.is_empty() || !is_folder {
        bail!("`{home}` is no folder of a site; it looks like https://HOST/PATH/");
    }
    Ok(format!("{}/", home.trim_end_matches('/')))
}

/// A text with the line ends that browsers make of others before they compare its hash.
fn text(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The texts of the scripts by their names, each with everything that it imports.
fn bundled(dist: &Path, gpu: bool) -> Result<BTreeMap<String, String>> {
    let folder = paths::kept().join("single-file").join("scripts");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    page::copy_folder(&dist.join("app"), &folder.join("app"))?;
    fs::rename(folder.join("app/files-inside.js"), folder.join("app/files.js"))
        .context("app/files-inside.js cannot be put in place")?;
    let mut scripts = BTreeMap::new();
    scripts.insert(MAIN.to_owned(), bundle(&folder.join(MAIN), &["--format=esm"])?);
    // The worker and what it calls are no modules: `files-inside.js` says why.
    scripts.insert(WORKER.to_owned(), bundle(&folder.join(WORKER), &["--format=iife"])?);
    for module in modules(gpu) {
        // Nobody asks where the code is, which is handed over.
        let global = format!("--global-name=ENGINES.{}", module.name);
        let options = ["--format=iife", &global, "--define:import.meta.url=\"\""];
        scripts.insert(module.glue(), bundle(&dist.join(module.glue()), &options)?);
    }
    Ok(scripts)
}

/// One script with everything that it imports.
fn bundle(file: &Path, options: &[&str]) -> Result<String> {
    let mut esbuild = shell::command(paths::root().join("node_modules/.bin/esbuild"));
    esbuild.arg(file).args(options);
    esbuild.args(["--bundle", "--minify", "--charset=utf8", "--target=es2022", "--log-level=warning"]);
    shell::run_for_output(&mut esbuild)
}

/// Every style sheet that the page may ask for, by its name.
fn sheets(dist: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for path in page::files(&dist.join("style"))? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !NOT_OF_THE_PAGE.contains(&name.as_str()) {
            found.push((name, text(&dist.join("style").join(&path))?));
        }
    }
    Ok(found)
}

/// What the file is made of.
struct Page {
    html: String,
    sheets: Vec<(String, String)>,
    icon: Vec<u8>,
    scripts: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Page {
    /// The page as one text. `home` is where the rest of the site is, `opens` the assignment that is shown first.
    fn text(&self, home: Option<&str>, opens: Option<&str>) -> Result<String> {
        let main = self.scripts.get(MAIN).context("the page has no script")?;
        let mut html = self.html.clone();
        let mut hashes = Vec::new();
        let mut head = String::new();
        for (name, text) in &self.sheets {
            refuse_end("style", name, text)?;
            let link = format!("<link rel=\"stylesheet\" href=\"./style/{name}.css\"");
            let there = tag(&html, &link);
            // What is loaded late waits at the end of the head.
            let media = match there {
                Some(tag) if tag.contains("media=\"print\"") => "print",
                Some(_) => "all",
                None => "not all",
            };
            let style = format!("<style data-sheet=\"{name}\" media=\"{media}\">{text}</style>");
            match there.map(str::to_owned) {
                Some(tag) => html = html.replacen(&tag, &style, 1),
                None => head += &style,
            }
            hashes.push(hash(text));
        }
        for (name, text) in &self.scripts {
            refuse_end("script", name, text)?;
        }
        let policy = format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {script} blob: 'wasm-unsafe-eval'; \
             worker-src blob:; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types ablation-sandbox\" />",
            script = hash(main),
            styles = hashes.join(" ")
        );
        replace(&mut html, POLICY, &policy)?;
        let home_meta = home.map(|home| format!("<meta name=\"ablation-home\" content=\"{}\" />", escaped(home)));
        replace(&mut html, BUILD, home_meta.as_deref().unwrap_or_default())?;
        let icon = format!("<link rel=\"icon\" href=\"data:image/svg+xml;base64,{}\" />", BASE64_STANDARD.encode(&self.icon));
        replace(&mut html, ICON, &icon)?;
        html = html.replacen("</head>", &format!("{head}</head>"), 1);
        if let Some(name) = opens {
            html = html.replacen("<body", &format!("<body data-opens=\"{name}\""), 1);
        }
        html = linked(&html, home)?;
        let start = format!("<script type=\"module\" src=\"./{MAIN}\"></script>");
        if !html.contains(&start) {
            bail!("dist/index.html does not start {MAIN}");
        }
        html = html.replacen(&start, "", 1);
        let mut end = String::new();
        for (name, bytes) in &self.files {
            end += &format!("<script type=\"text/plain\" data-file=\"{}\">{}</script>\n", escaped(name), packed(bytes)?);
        }
        for (name, text) in self.scripts.iter().filter(|(name, _)| *name != MAIN) {
            end += &format!("<script type=\"text/plain\" data-script=\"{name}\">{text}</script>\n");
        }
        end += &format!("<script type=\"module\">{main}</script>\n");
        Ok(html.replacen("</body>", &format!("{end}</body>"), 1))
    }
}

/// The first tag that begins like this, whole.
fn tag<'a>(html: &'a str, begin: &str) -> Option<&'a str> {
    let start = html.find(begin)?;
    let length = html[start..].find('>')? + 1;
    Some(&html[start..start + length])
}

/// Puts something in the place of a tag.
fn replace(html: &mut String, begin: &str, with: &str) -> Result<()> {
    let tag = tag(html, begin).with_context(|| format!("dist/index.html has no `{begin}`"))?.to_owned();
    *html = html.replacen(&tag, with, 1);
    Ok(())
}

/// Links to other pages of the site lead to where it is published, or are left out, with the sentence around them where they stand in one.
fn linked(html: &str, home: Option<&str>) -> Result<String> {
    let to_home =
        |link: &str| home.map(|home| link.replacen("href=\"./", &format!("href=\"{}", escaped(home)), 1)).unwrap_or_default();
    let whole = if home.is_none() { replaced(html, "<span data-site>", "</span>", |_| String::new())? } else { html.to_owned() };
    replaced(&whole, "<a ", "</a>", |link| if link.contains("href=\"./") { to_home(link) } else { link.to_owned() })
}

/// A text with something else in the place of each element that begins and ends like this.
fn replaced(html: &str, begin: &str, end: &str, with: impl Fn(&str) -> String) -> Result<String> {
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(begin) {
        let length =
            rest[start..].find(end).with_context(|| format!("dist/index.html has a `{begin}` without its `{end}`"))? + end.len();
        kept += &rest[..start];
        kept += &with(&rest[start..start + length]);
        rest = &rest[start + length..];
    }
    Ok(kept + rest)
}

/// An element ends at its end tag, wherever that stands.
fn refuse_end(element: &str, name: &str, text: &str) -> Result<()> {
    let text = text.to_ascii_lowercase();
    if text.contains(&format!("</{element}")) || text.contains("<!--") {
        bail!("{name} contains `</{element}` or `<!--`, and cannot stand in an HTML file");
    }
    Ok(())
}

/// How a Content-Security-Policy names a text.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// Bytes, packed with gzip and written in base64.
fn packed(bytes: &[u8]) -> Result<String> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(BASE64_STANDARD.encode(gzip.finish()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTML: &str = r##"<!doctype html>
<html>
  <head>
    <meta
      http-equiv="Content-Security-Policy"
      content="default-src 'self'"
    />
    <meta name="ablation-build" content="abc" />
    <link rel="icon" href="./static/icon.svg" />
    <link rel="stylesheet" href="./style/base.css" />
    <link rel="stylesheet" href="./style/print.css" media="print" />
    <script type="module" src="./app/main.js"></script>
  </head>
  <body data-preset="repeat">
    <a class="skip" href="#outcomes">Skip</a>
    <a href="./docs/index.html">Docs</a>
    <p>Here. <span data-site>See <a href="./docs/a.html">a</a>, <a href="./docs/b.html">b</a>.</span> There.</p>
  </body>
</html>
"##;

    fn page() -> Page {
        let sheets = [("base", "a{}"), ("late", "b{}"), ("print", "c{}")];
        let scripts = [(MAIN, "start()"), (WORKER, "listen()"), ("cpu.js", "var ENGINES")];
        Page {
            html: HTML.to_owned(),
            sheets: sheets.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec(),
            icon: b"<svg/>".to_vec(),
            scripts: scripts.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
            files: [("static/a.json".to_owned(), b"{}".to_vec())].into(),
        }
    }

    #[test]
    fn the_policy_allows_the_script_and_the_style_sheets_of_the_file_and_no_others() {
        let text = page().text(None, None).unwrap();
        let policy = tag(&text, "<meta http-equiv=\"Content-Security-Policy\"").unwrap();
        for allowed in ["start()", "a{}", "b{}", "c{}"] {
            assert!(policy.contains(&hash(allowed)), "{allowed}: {policy}");
        }
        assert_eq!(policy.matches("sha256-").count(), 4);
        assert!(!policy.contains("'self'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(text.matches("Content-Security-Policy").count(), 1);
    }

    #[test]
    fn everything_lies_in_the_file_in_the_order_of_the_page() {
        let text = page().text(None, Some("positions")).unwrap();
        let mut rest = text.as_str();
        for part in [
            "<style data-sheet=\"base\" media=\"all\">a{}</style>",
            "<style data-sheet=\"print\" media=\"print\">c{}</style>",
            "<style data-sheet=\"late\" media=\"not all\">b{}</style></head>",
            "<body data-opens=\"positions\" data-preset=\"repeat\">",
            "<script type=\"text/plain\" data-file=\"static/a.json\">",
            "<script type=\"text/plain\" data-script=\"app/worker.js\">listen()</script>",
            "<script type=\"text/plain\" data-script=\"cpu.js\">var ENGINES</script>",
            "<script type=\"module\">start()</script>\n</body>",
        ] {
            let place = rest.find(part).unwrap_or_else(|| panic!("{part} is missing, or too early, in {text}"));
            rest = &rest[place + part.len()..];
        }
        assert!(!text.contains("src=\"") && !text.contains("href=\"./") && !text.contains("ablation-build"), "{text}");
    }

    #[test]
    fn links_to_the_rest_of_the_site_lead_there_or_are_left_out() {
        let alone = page().text(None, None).unwrap();
        assert!(alone.contains("href=\"#outcomes\"") && !alone.contains("Docs"), "{alone}");
        assert!(alone.contains("<p>Here.  There.</p>"), "{alone}");
        let home = folder_address("https://example.org/sandbox").unwrap();
        let text = page().text(Some(&home), None).unwrap();
        assert!(text.contains("<a href=\"https://example.org/sandbox/docs/index.html\">Docs</a>"), "{text}");
        assert!(text.contains("<meta name=\"ablation-home\" content=\"https://example.org/sandbox/\" />"), "{text}");
        assert!(text.contains("See <a href=\"https://example.org/sandbox/docs/a.html\">a</a>"), "{text}");
        for wrong in [
            "example.org",
            "https://",
            "https:///a",
            "https://h/index.html",
            "https://h/?a",
            "https://h/#a",
            "https://h/a b",
            "https://h/\">",
        ] {
            assert!(folder_address(wrong).unwrap_err().to_string().contains(&format!("`{wrong}`")), "{wrong}");
        }
    }

    #[test]
    fn a_text_that_would_end_its_element_is_refused_by_name() {
        let mut page = page();
        page.scripts.insert("cpu.js".to_owned(), "\"</ScRipt>\"".to_owned());
        assert!(page.text(None, None).unwrap_err().to_string().contains("cpu.js"));
    }

    #[test]
    fn a_packed_file_is_unpacked_to_the_same_bytes() {
        use std::io::Read;

        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        let packed = BASE64_STANDARD.decode(packed(&bytes).unwrap()).unwrap();
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, bytes);
    }
}
