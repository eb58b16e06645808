//! The settings that were asked for: preset, link, file and single settings, merged in this order and passed through the one validator.

use std::path::Path;

use ablation_models::{Context, ModelError, Models, build};
use ablation_protocol::{Ablation, Grade};
use ablation_settings::{
    Catalog, Correction, Field, LONGEST, Link, Meaning, Preset, Settings, Value, meant, read_json, read_link, shorten, validate,
    visible, write_link,
};

use crate::arguments::StudyArguments;
use crate::failure::bad_input;
use crate::{corpus, file};

/// A file larger than this, in bytes, holds no settings.
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
    if let Some(path) = &arguments.corpus {
        name_corpus(&mut given, path)?;
    }
    let mut start = preset.settings.clone();
    overlay(&mut start, &given);
    let (settings, more) = validate(&start, &Models);
    // A preset's own settings may belong to a family that the rest has left; only what was typed is worth a word.
    corrections.extend(more.into_iter().filter(|correction| given.get(&correction.path).is_some()));
    for one in forced(preset, &given, &settings) {
        if !corrections.iter().any(|other| other.path == one.path) {
            corrections.push(one);
        }
    }
    if let Some(path) = arguments.corpus.as_ref().filter(|_| settings.get(CORPUS).is_none()) {
        let path = path.display();
        return Err(bad_input(format!(
            "`--corpus {path}`: these settings read no text; add `--set data.kind=text` (or `tokens` for an encoded text), or leave it out"
        )));
    }
    say(&corrections, arguments.strict)?;
    Ok(Link { preset: preset.name.clone(), settings })
}

/// The setting that names a text.
const CORPUS: &str = "data.corpus";

/// Names a text by its content, unless another one was asked for.
fn name_corpus(given: &mut Settings, path: &Path) -> anyhow::Result<()> {
    let sha256 = corpus::sha256(path)?;
    match given.get(CORPUS) {
        Some(asked) if asked.to_string() != sha256 => Err(bad_input(format!(
            "`--corpus {}` has the SHA-256 {sha256}, and the settings ask for {asked}; give that file, or leave `{CORPUS}` out",
            path.display()
        ))),
        _ => {
            given.set(CORPUS, sha256.as_str());
            Ok(())
        }
    }
}

/// The files that settings may name: the text that comes with the program, and the one that was given.
///
/// # Errors
/// If that cannot be read.
pub fn context(arguments: &StudyArguments) -> anyhow::Result<Context> {
    let mut context = Context::built_in();
    corpus::add(&mut context, arguments.corpus.as_slice())?;
    Ok(context)
}

/// Corrections of what nobody typed: a value of the preset that is not valid any more with what was typed, such as a number of heads that
/// does not divide another width. What merely follows, such as a default that is a share of the steps, is none.
fn forced(preset: &Preset, given: &Settings, settings: &Settings) -> Vec<Correction> {
    let (base, _) = validate(&preset.settings, &Models);
    let fields = Models.fields(settings);
    // Another data set has another model, as everybody knows.
    let same_data = meant(&fields, Meaning::Data).is_none_or(|path| base.get(path) == settings.get(path));
    let of = |field: &Field| {
        let (before, after) = (base.get(&field.path)?, settings.get(&field.path)?);
        if before == after || given.get(&field.path).is_some() {
            return None;
        }
        let (_, corrections) = validate(&settings.clone().with(&field.path, before.clone()), &Models);
        corrections.into_iter().find(|one| one.path == field.path).map(|one| Correction { used: after.to_string(), ..one })
    };
    if same_data { fields.iter().filter_map(of).collect() } else { Vec::new() }
}

/// What settings are called at the head of a list: its preset and every setting that differs from it.
pub fn called(study: &Link) -> String {
    let presets = Models.presets();
    let Some(preset) = presets.iter().find(|preset| preset.name == study.preset) else { return link(study) };
    let (base, _) = validate(&preset.settings, &Models);
    let differs = study.settings.iter().filter(|(path, value)| base.get(path) != Some(value));
    let differs: Vec<String> = differs.map(|(path, value)| format!("{path}={value}")).collect();
    let with = if differs.is_empty() { String::new() } else { format!(" with {}", differs.join(", ")) };
    format!("Preset {} ({}){with}", preset.name, preset.label)
}

/// The canonical link of the settings, which is what models are made from.
pub fn link(study: &Link) -> String {
    write_link(study, &Models)
}

/// The same study with the ablation that was typed; what was not typed is the study's, or the most trustworthy operator of another site.
///
/// # Errors
/// If nothing is ablated, the site or the operator does not exist, the ablation is refused there, or a parameter cannot be used.
pub fn with_ablation(
    study: Link,
    site: Option<&str>,
    operator: Option<&str>,
    parameters: &[(String, f64)],
) -> anyhow::Result<Link> {
    let sites = build(&study.settings)?.sites();
    let present = ablation_models::ablation_in(&study.settings);
    let path = site.or(present.as_ref().map(|ablation| ablation.site.as_str())).ok_or_else(nothing_ablated)?;
    let Some(site) = sites.iter().find(|site| site.path == path) else {
        let known = sites.iter().map(|site| site.path.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ModelError::NoSite { path: path.to_string(), known }.into());
    };
    let present = present.as_ref().filter(|ablation| ablation.site == path);
    let trusted = site.ablations.iter().find(|option| option.grade.allowed()).or(site.ablations.first());
    let name = operator.or(present.map(|ablation| ablation.operator.as_str())).or(trusted.map(|option| option.operator.as_str()));
    let name = name.unwrap_or_default();
    let option = site.ablation(name).map_err(bad_input)?;
    if let Grade::Refused { reason } = &option.grade {
        return Err(ModelError::Refused { what: format!("ablation `{name}` of `{path}`"), reason: reason.clone() }.into());
    }
    if let Some((name, _)) =
        parameters.iter().enumerate().find(|(i, one)| parameters[..*i].iter().any(|other| other.0 == one.0)).map(|(_, one)| one)
    {
        return Err(bad_input(format!("`--parameter {name}` stands twice; the operator takes one value of it")));
    }
    let kept =
        present.filter(|ablation| ablation.operator == name).map(|ablation| ablation.parameters.clone()).unwrap_or_default();
    let typed = Ablation { site: path.into(), operator: name.into(), parameters: parameters.iter().cloned().collect() };
    if let Some(wrong) = option.wrong_parameter(&typed) {
        return Err(bad_input(format!("`--operator {name}`: {wrong}")));
    }
    let mut settings: Settings = others(&study.settings, "ablation.").with("ablation.site", path).with("ablation.operator", name);
    for (parameter, value) in kept.into_iter().chain(typed.parameters) {
        settings.set(&format!("ablation.{parameter}"), value);
    }
    let (settings, corrections) = validate(&settings, &Models);
    say(&corrections, true)?;
    Ok(Link { preset: study.preset, settings })
}

/// The ablation of settings that have one.
pub fn ablation(study: &Link) -> anyhow::Result<Ablation> {
    ablation_models::ablation_in(&study.settings).ok_or_else(nothing_ablated)
}

fn nothing_ablated() -> anyhow::Error {
    bad_input(
        "these settings ablate nothing; name a component with `--site`, for example `--site blocks.0.mlp` (`ablation sites` lists all)",
    )
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
        return Err(bad_input(format!("`--link {}` has no part after `#`, and that part holds the settings", link.trim())));
    }
    // Of two presets in a link the later one counts, so this one only stands in for a missing one.
    let (study, corrections) = read_link(&format!("p={}&{fragment}", preset.name), &Models);
    if let Some(fatal) = corrections.iter().find(|correction| ["link", "p"].contains(&correction.path.as_str())) {
        return Err(bad_input(format!("`--link {}` cannot be used: {}", shorten(fragment, LONGEST), fatal.reason)));
    }
    let preset = find(presets, &study.preset)?;
    let (base, _) = validate(&preset.settings, &Models);
    let changed = study.settings.iter().filter(|(path, value)| base.get(path) != Some(value));
    Ok((preset, changed.map(|(path, value)| (path, value.clone())).collect(), corrections))
}

fn from_file(path: &Path) -> anyhow::Result<Settings> {
    let what = format!("the settings `{}`", path.display());
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
        Err(_) => Err(format!(
            "sets `{path}` to `{}`, and a setting is a number or a text; {SHAPE}",
            shorten(&value.to_string(), LONGEST)
        )),
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

#[cfg(test)]
mod tests {
    use super::*;
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
            corpus: None,
            strict: true,
        }
    }

    /// Whether in a link or after `--set`, each setting of version 1 is taken over, and each is said.
    #[test]
    fn settings_of_version_1_are_taken_over() {
        let former = [("cut.site", "blocks.0.mlp"), ("cut.kind", "mean_by_position"), ("heal.steps", "7"), ("task.length", "10")];
        let pairs: Vec<String> = former.iter().map(|(path, value)| format!("{path}={value}")).collect();
        let link = format!("#v={VERSION}&p=repeat&{}", pairs.join("&"));
        let (from_link, corrections) = read_link(&link, &Models);
        assert_eq!(corrections.len(), 4, "{corrections:?}");
        let reason = |path: &str| corrections.iter().find(|one| one.path == path).map(|one| one.reason.as_str());
        assert_eq!(reason("cut.site"), Some("`cut.site` is called `ablation.site` since version 2"));
        assert_eq!(reason("heal.steps"), Some("`heal.steps` is called `sandbox.recovery_steps` since version 2"));
        assert_eq!(reason("task.length"), Some("`task.length` is called `data.length` since version 2"));
        let strict = arguments(Some("repeat"), None, &former);
        let refused = read(&strict).unwrap_err().to_string();
        assert!(refused.contains("`cut.site=blocks.0.mlp` becomes `ablation.site=blocks.0.mlp`"), "{refused}");
        let from_set = read(&StudyArguments { strict: false, ..strict }).unwrap();
        for study in [from_link, from_set] {
            let ablation = ablation(&study).unwrap();
            assert_eq!((ablation.site.as_str(), ablation.operator.as_str()), ("blocks.0.mlp", "position_mean"));
            assert_eq!(study.settings.count("sandbox.recovery_steps"), Ok(7));
            assert_eq!(study.settings.count("data.length"), Ok(10));
        }
        let diffusion = format!("v={VERSION}&p=two-moons&model.prediction=data&model.schedule=linear&model.diffusion_steps=60");
        let (study, corrections) = read_link(&diffusion, &Models);
        assert_eq!(corrections.len(), 3, "{corrections:?}");
        assert_eq!(study.settings.count("objective.diffusion_steps"), Ok(60));
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
        let study = read(&arguments(None, Some("v=1&p=repeat&train.steps=9"), &[("data.kind", "two-moons")])).unwrap();
        assert_eq!(study.settings.count("train.steps"), Ok(9));
    }

    #[test]
    fn another_site_gets_its_own_most_trustworthy_operator() {
        let skipped = with_ablation(study("repeat"), Some("blocks.0"), None, &[]).unwrap();
        assert_eq!(ablation(&skipped).unwrap(), Ablation::new("blocks.0", "skip"));
        let by_default = with_ablation(skipped.clone(), None, Some("scale"), &[]).unwrap();
        assert_eq!(ablation(&by_default).unwrap(), Ablation::new("blocks.0", "scale").with("factor", 0.5));
        let scaled = with_ablation(skipped, None, Some("scale"), &[("factor".into(), -1.5)]).unwrap();
        let expected = Ablation::new("blocks.0", "scale").with("factor", -1.5);
        assert_eq!(ablation(&scaled).unwrap(), expected);
        assert_eq!(ablation(&with_ablation(scaled, None, None, &[]).unwrap()).unwrap(), expected);
    }

    #[test]
    fn an_ablation_that_makes_no_sense_is_refused_with_the_way_out() {
        let message = |site, operator, factor: Option<f64>| {
            let parameters: Vec<(String, f64)> = factor.into_iter().map(|factor| ("factor".into(), factor)).collect();
            with_ablation(study("repeat"), site, operator, &parameters).unwrap_err().to_string()
        };
        assert!(message(Some("blocks.7"), None, None).contains("its components are: embed"));
        assert!(message(Some("unembed"), None, None).contains("is refused"));
        assert!(message(Some("embed"), Some("bisect"), None).contains("Choose from: mean"));
        assert!(message(Some("embed"), Some("zeros"), None).contains("Did you mean `zero`?"));
        assert!(message(None, None, Some(0.5)).contains("`mean` takes no `factor`"));
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
