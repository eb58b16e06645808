//! The study that was asked for: preset, link, file and single settings, merged in this order and passed through the one validator.

use std::path::Path;

use ablation_models::{ModelError, Models, NO_SITE, build};
use ablation_protocol::{Cut, Grade};
use ablation_settings::{
    Catalog, Correction, Link, Preset, Settings, Value, read_json, read_link, validate, visible, write_link,
};
use anyhow::Context;

use crate::arguments::StudyArguments;
use crate::failure::bad_input;
use crate::file;

/// A study file larger than this, in bytes, is not a study.
const LARGEST: u64 = 1 << 20;

/// Complete, valid settings, and nothing silently bent: every correction is a warning on stderr, or an error if `strict`.
///
/// A preset that does not exist and a link that cannot be read are always errors: the page can show another study and say so, but
/// nobody wants to wait here for a study that was not asked for.
pub fn read(arguments: &StudyArguments) -> anyhow::Result<Link> {
    let presets = Models.presets();
    let preset = arguments.preset.as_deref().map(|name| find(&presets, name)).transpose()?.unwrap_or(&presets[0]);
    let (preset, mut given, mut corrections) = match &arguments.link {
        Some(link) => from_link(link, preset, &presets)?,
        None => (preset, Settings::default(), Vec::new()),
    };
    if let Some(path) = &arguments.file {
        overlay(&mut given, &from_file(path)?);
    }
    for (path, value) in &arguments.set {
        given.set(path, value.as_str());
    }
    let mut start = preset.settings.clone();
    overlay(&mut start, &given);
    let (settings, more) = validate(&start, &Models);
    // A preset's own settings may belong to a family that the rest has left; only what was typed is worth a word.
    corrections.extend(more.into_iter().filter(|correction| given.get(&correction.path).is_some()));
    say(&corrections, arguments.strict)?;
    Ok(Link { preset: preset.name.clone(), settings })
}

/// The canonical link of a study, which is what models are made from.
pub fn link(study: &Link) -> String {
    write_link(study, &Models)
}

/// The same study with the cut that was typed; what was not typed is the study's, or the most trustworthy cut of another site.
///
/// # Errors
/// If nothing is cut, the site or the cut does not exist, the cut is refused there, or the factor cannot be used.
pub fn with_cut(study: Link, site: Option<&str>, kind: Option<&str>, factor: Option<f64>) -> anyhow::Result<Link> {
    let sites = build(&study.settings)?.sites();
    let present = study.settings.text("cut.site").ok().filter(|site| *site != NO_SITE);
    let path = site.or(present).ok_or_else(|| {
        bad_input(
            "this study cuts nothing; name a part with `--site`, for example `--site blocks.0.mlp` (`ablation sites` lists all)",
        )
    })?;
    let Some(site) = sites.iter().find(|site| site.path == path) else {
        let known = sites.iter().map(|site| site.path.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ModelError::NoSite { path: path.to_string(), known }.into());
    };
    let present = present.filter(|present| *present == path).and_then(|_| study.settings.text("cut.kind").ok());
    let trusted = site.cuts.iter().find(|cut| cut.grade.allowed()).or(site.cuts.first()).map(|cut| cut.kind.as_str());
    let kind = kind.or(present).or(trusted).unwrap_or_default();
    let option = site.cuts.iter().find(|cut| cut.kind == kind).ok_or_else(|| {
        let known = site.cuts.iter().map(|cut| cut.kind.as_str()).collect::<Vec<_>>().join(", ");
        bad_input(format!("there is no cut `{kind}` of `{path}`; choose one of: {known}"))
    })?;
    if let Grade::Refused { reason } = &option.grade {
        return Err(ModelError::Refused { what: format!("cut `{kind}` of `{path}`"), reason: reason.clone() }.into());
    }
    let mut settings: Settings = others(&study.settings, "cut.").with("cut.site", path).with("cut.kind", kind);
    match (factor, &option.factor) {
        (Some(_), None) => return Err(bad_input(format!("`--factor` goes with `--cut scale`, and this cut is `{kind}`"))),
        (Some(factor), Some(range)) if !(range.minimum..=range.maximum).contains(&factor) => {
            let (minimum, maximum) = (range.minimum, range.maximum);
            return Err(bad_input(format!("`--factor {factor}` is out of range; choose a number from {minimum} to {maximum}")));
        }
        (Some(factor), Some(_)) => settings.set("cut.factor", factor),
        (None, Some(range)) => {
            settings.set("cut.factor", study.settings.number("cut.factor").unwrap_or(range.default));
        }
        (None, None) => {}
    }
    let (settings, corrections) = validate(&settings, &Models);
    say(&corrections, true)?;
    Ok(Link { preset: study.preset, settings })
}

/// The cut of a study that has one.
pub fn cut(study: &Link) -> anyhow::Result<Cut> {
    ablation_models::cut_in(&study.settings).context("this study cuts nothing; name a part with `--site`")
}

fn find<'a>(presets: &'a [Preset], name: &str) -> anyhow::Result<&'a Preset> {
    presets.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let known = presets.iter().map(|preset| preset.name.as_str()).collect::<Vec<_>>().join(", ");
        bad_input(format!("there is no preset `{name}`; there are: {known}"))
    })
}

/// The preset of a link (`preset` if it names none), what it says beside it, and what had to be corrected.
fn from_link<'a>(link: &str, preset: &Preset, presets: &'a [Preset]) -> anyhow::Result<(&'a Preset, Settings, Vec<Correction>)> {
    let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment).trim();
    if fragment.is_empty() || (fragment.len() == link.trim().len() && fragment.contains("://")) {
        return Err(bad_input(format!("`--link {}` has no part after `#`, and that part is the study", link.trim())));
    }
    // Of two presets in a link the later one counts, so this one only stands in for a missing one.
    let (study, corrections) = read_link(&format!("p={}&{fragment}", preset.name), &Models);
    if let Some(fatal) = corrections.iter().find(|correction| ["link", "p"].contains(&correction.path.as_str())) {
        return Err(bad_input(format!("`--link {}` cannot be used: {}", shorten(fragment), fatal.reason)));
    }
    let preset = find(presets, &study.preset)?;
    let (base, _) = validate(&preset.settings, &Models);
    let said = study.settings.iter().filter(|(path, value)| base.get(path) != Some(value));
    Ok((preset, said.map(|(path, value)| (path, value.clone())).collect(), corrections))
}

fn from_file(path: &Path) -> anyhow::Result<Settings> {
    let what = format!("the study `{}`", path.display());
    let text = file::text(path, &what, LARGEST)?;
    settings(&text).map_err(|reason| bad_input(format!("{what} {reason}")))
}

/// The settings in a file's text, or what is wrong with it.
fn settings(text: &str) -> Result<Settings, String> {
    const SHAPE: &str = "write one JSON object such as {\"model.layers\": 1, \"train.steps\": 200}";
    let json: serde_json::Value = read_json(text).map_err(|error| match error.is_data() {
        true => format!("cannot be read: {error}"),
        false => format!("is not JSON: {error}; {SHAPE}"),
    })?;
    let serde_json::Value::Object(pairs) = json else { return Err(format!("is not an object; {SHAPE}")) };
    let setting = |(path, value): (String, serde_json::Value)| match serde_json::from_value::<Value>(value.clone()) {
        Ok(value) => Ok((path, value)),
        Err(_) => {
            Err(format!("sets `{path}` to `{}`, and a setting is a number or a text; {SHAPE}", shorten(&value.to_string())))
        }
    };
    pairs.into_iter().map(setting).collect()
}

fn overlay(settings: &mut Settings, over: &Settings) {
    over.iter().for_each(|(path, value)| settings.set(path, value.clone()));
}

/// The settings whose paths do not start with `prefix`.
fn others(settings: &Settings, prefix: &str) -> Settings {
    settings.iter().filter(|(path, _)| !path.starts_with(prefix)).map(|(path, value)| (path, value.clone())).collect()
}

fn say(corrections: &[Correction], strict: bool) -> anyhow::Result<()> {
    let lines = corrections.iter().map(|Correction { path, given, used, reason }| {
        let used = if used == "ignored" { "is ignored".to_string() } else { format!("becomes `{used}`") };
        format!("`{path}={given}` {used}: {reason}")
    });
    if strict && !corrections.is_empty() {
        return Err(bad_input(lines.collect::<Vec<_>>().join("\n       ")));
    }
    lines.for_each(|line| eprintln!("warning: {}", visible(&line)));
    Ok(())
}

/// Hostile input can carry megabytes in one value; a message repeats only the beginning.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST { text.to_string() } else { text.chars().take(LONGEST).chain("…".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_protocol::Operator;
    use ablation_settings::VERSION;

    fn study(preset: &str) -> Link {
        read(&arguments(Some(preset), None, &[])).unwrap()
    }

    fn arguments(preset: Option<&str>, link: Option<&str>, set: &[(&str, &str)]) -> StudyArguments {
        StudyArguments {
            preset: preset.map(str::to_string),
            link: link.map(str::to_string),
            file: None,
            set: set.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect(),
            strict: true,
        }
    }

    #[test]
    fn later_sources_win() {
        let link = format!("https://example.org/#v={VERSION}&p=two-moons&model.width=16&model.layers=1");
        let study = read(&arguments(Some("repeat"), Some(&link), &[("model.width", "24")])).unwrap();
        assert_eq!(study.preset, "two-moons");
        assert_eq!((study.settings.count("model.width"), study.settings.count("model.layers")), (Ok(24), Ok(1)));
    }

    #[test]
    fn a_link_without_a_preset_starts_from_the_one_that_was_named() {
        let study = read(&arguments(Some("two-moons"), Some("v=1&model.width=16"), &[])).unwrap();
        assert_eq!(study.preset, "two-moons");
    }

    #[test]
    fn leaving_the_family_of_the_link_is_no_mistake() {
        let study = read(&arguments(None, Some("v=1&p=repeat&train.steps=9"), &[("task.kind", "two-moons")])).unwrap();
        assert_eq!(study.settings.count("train.steps"), Ok(9));
    }

    #[test]
    fn another_site_gets_its_own_most_trustworthy_cut() {
        let cut_of = |study: Link| cut(&study).unwrap();
        let skipped = with_cut(study("repeat"), Some("blocks.0"), None, None).unwrap();
        assert_eq!(cut_of(skipped.clone()), Cut { site: "blocks.0".into(), operator: Operator::Skip });
        let scaled = with_cut(skipped, None, Some("scale"), Some(-1.5)).unwrap();
        assert_eq!(cut_of(scaled.clone()).operator, Operator::Scale { factor: -1.5 });
        assert_eq!(cut_of(with_cut(scaled, None, None, None).unwrap()).operator, Operator::Scale { factor: -1.5 });
    }

    #[test]
    fn a_cut_that_makes_no_sense_is_refused_with_the_way_out() {
        let message = |site, kind, factor| with_cut(study("repeat"), site, kind, factor).unwrap_err().to_string();
        assert!(message(Some("blocks.7"), None, None).contains("its parts are: embed"));
        assert!(message(Some("unembed"), None, None).contains("is refused"));
        assert!(message(Some("embed"), Some("bisect"), None).contains("choose one of: mean"));
        assert!(message(None, None, Some(0.5)).contains("goes with `--cut scale`"));
        assert!(message(None, Some("scale"), Some(f64::NAN)).contains("from -2 to 2"));
    }

    #[test]
    fn a_file_that_is_no_study_says_what_is_wrong() {
        for (text, word) in [
            ("", "not JSON"),
            ("{\"a\": 1", "not JSON"),
            ("[1]", "not an object"),
            ("{\"a\": null}", "`a`"),
            ("{\"a\": [1]}", "`a`"),
        ] {
            assert!(settings(text).unwrap_err().contains(word), "{text}");
        }
        assert_eq!(settings("{\"model.width\": 16}").unwrap().count("model.width"), Ok(16));
    }
}
