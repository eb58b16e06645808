//! Reading a study file: from what a person writes to a [`Study`] that is complete and valid.
//!
//! A link is bent into shape and says so; a study file is refused instead. It is written once, run for hours and cited, so what runs has to
//! be what was written. TOML and JSON files have the same fields:
//!
//! ```toml
//! version = 1                     # of the format
//! title = "Positions"
//! claim = "A causal model does not need positions."   # optional
//! preset = "repeat"               # where settings start
//! tier = "sketch"                 # sketch, standard or gold
//! seed = 0                        # root of all seeds
//! margin = 0.02                   # share of what the reference learned; or { absolute = 0.01 }, a difference of losses
//!
//! [settings]                      # of the reference; dotted paths or tables
//! train.steps = 400
//!
//! [[variants]]
//! remove = "position"             # a part, a list of parts, or a pattern such as "blocks.*.mlp"
//! cuts = ["mean", "zero"]         # optional: ways to cut it, instead of all that are offered
//! matched = true                  # optional: also with as many parameters as the reference
//!
//! [[variants]]
//! name = "relu"                   # optional
//! swap = { "model.activation" = "relu" }
//!
//! [[variants]]
//! set = { "train.weight_decay" = 0 }
//!
//! [search]                        # all optional
//! trials = 8
//! tuning_seeds = 1
//! searches = 1
//! space = { "train.learning_rate" = [0.0003, 0.1] }
//!
//! [final]
//! seeds = 6
//!
//! [healing]
//! budgets = [0.01, 0.05, 0.2]
//! rates = [0.1, 0.3, 1.0]
//! relearn = true
//! ```

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::cut::{Cut, Operator};
use crate::describe::difference;
use crate::field::{Field, Kind};
use crate::fields::{Fields, StudyError, kind};
use crate::settings::{Settings, Value};
use crate::site::{Grade, Site};
use crate::space::{Dimension, Scale};
use crate::study::{Design, Healing, Margin, STUDY_VERSION, Study, Variant};
use crate::validate::{Catalog, nearest, validate};

/// Most variants of one study.
const MOST_VARIANTS: usize = 64;
/// Decades that the learning rate is searched over when nothing is said.
const DECADES: f64 = 2.5;
/// The setting that is always searched.
pub(crate) const RATE: &str = "train.learning_rate";
/// How far the parameters of a matched variant may be from those of the reference, as a share.
const MATCH: f64 = 0.01;

/// The study that a file describes.
///
/// # Errors
/// The first field that is missing, unknown, out of range or contradicts another, by its path, with the way out.
pub fn read_study(json: Json, catalog: &dyn Catalog) -> Result<Study, StudyError> {
    let mut file = Fields::new("", json)?;
    match file.take("version") {
        Some(version) if version == STUDY_VERSION => {}
        Some(version) => {
            let message = format!("this release reads version {STUDY_VERSION}, not {version}; use the release that wrote it");
            return Err(file.error("version", message));
        }
        None => return Err(file.error("version", format!("it is missing; write `version = {STUDY_VERSION}`"))),
    }
    let title = file.text("title")?.unwrap_or_default();
    let claim = file.text("claim")?.unwrap_or_default();
    let preset = file.text("preset")?;
    let presets = catalog.presets();
    let preset = match &preset {
        None => &presets[0],
        Some(name) => presets.iter().find(|preset| preset.name == *name).ok_or_else(|| {
            let known: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
            file.error("preset", format!("there is no preset `{name}`; there are: {}", known.join(", ")))
        })?,
    };
    let given = file.take("settings");
    let settings = reference(&file.path("settings"), &preset.settings, given, catalog)?;
    let sites = catalog.sites(&settings).map_err(|message| file.error("settings", message))?;
    let variants = match file.take("variants") {
        None => return Err(file.error("variants", "there is none; write at least one, such as `remove = \"position\"`")),
        Some(Json::Array(list)) if list.is_empty() || list.len() > MOST_VARIANTS => {
            return Err(file.error("variants", format!("there are {}; write 1 to {MOST_VARIANTS}", list.len())));
        }
        Some(Json::Array(list)) => list,
        Some(other) => return Err(file.error("variants", format!("this is {}; write a list of tables", kind(&other)))),
    };
    let variants = variants
        .into_iter()
        .enumerate()
        .map(|(index, json)| variant(&format!("variants[{index}]"), json, &settings, &sites, catalog))
        .collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    if let Some(twice) = variants.iter().find(|variant| !names.insert(&variant.name)) {
        return Err(file.error("variants", format!("two are called `{}`; give one of them another `name`", twice.name)));
    }
    let (design, space) = design(&mut file, &settings, catalog)?;
    let healing = healing(&mut file)?;
    let margin = margin(&mut file)?;
    let seed = u64::from(file.whole("seed", (0, u32::MAX))?.unwrap_or(0));
    file.finish()?;
    let title = if title.is_empty() { preset.label.clone() } else { title };
    let preset = preset.name.clone();
    Ok(Study { version: STUDY_VERSION, title, claim, preset, settings, variants, design, space, healing, margin, seed })
}

/// The complete settings of the reference, without what only a bench knows.
fn reference(path: &str, preset: &Settings, given: Option<Json>, catalog: &dyn Catalog) -> Result<Settings, StudyError> {
    let given = given.map_or(Ok(Settings::default()), |json| flatten(path, json))?;
    if let Some((setting, _)) = given.iter().find(|(setting, _)| !of_a_recipe(setting)) {
        let message = "it belongs to the page's bench, not to a study; seeds are drawn from the study's `seed`";
        return Err(StudyError::new(format!("{path}.{setting}"), message));
    }
    complete(path, &preset.overlaid(&given), &given, catalog)
}

/// Whether a setting is part of what is trained, rather than of the bench on the page.
fn of_a_recipe(path: &str) -> bool {
    ["task.", "model.", "train."].iter().any(|start| path.starts_with(start))
}

/// Validates and refuses what would have to be corrected, as far as it was said here.
fn complete(path: &str, settings: &Settings, given: &Settings, catalog: &dyn Catalog) -> Result<Settings, StudyError> {
    let (complete, corrections) = validate(settings, catalog);
    if let Some(correction) = corrections.into_iter().find(|correction| given.get(&correction.path).is_some()) {
        let message = format!("`{}` cannot be used: {}", correction.given, correction.reason);
        return Err(StudyError::new(format!("{path}.{}", correction.path), message));
    }
    Ok(complete.iter().filter(|(path, _)| of_a_recipe(path)).map(|(path, value)| (path, value.clone())).collect())
}

/// Nested tables as dotted paths.
fn flatten(path: &str, json: Json) -> Result<Settings, StudyError> {
    fn walk(at: &str, prefix: &str, json: Json, into: &mut Settings) -> Result<(), StudyError> {
        let refuse = |what: &str| Err(StudyError::new(format!("{at}.{prefix}"), format!("{what} is not a number or a name")));
        match json {
            Json::Object(map) => map.into_iter().try_for_each(|(name, json)| {
                let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                walk(at, &path, json, into)
            }),
            Json::String(text) => {
                into.set(prefix, Value::Text(text));
                Ok(())
            }
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => {
                    into.set(prefix, whole);
                    Ok(())
                }
                (None, Some(number)) if number.is_finite() => {
                    into.set(prefix, number);
                    Ok(())
                }
                _ => refuse(&number.to_string()),
            },
            other => refuse(kind(&other)),
        }
    }
    if !json.is_object() {
        return Err(StudyError::new(path, format!("this is {}; write a table of settings", kind(&json))));
    }
    let mut settings = Settings::default();
    walk(path, "", json, &mut settings)?;
    Ok(settings)
}

fn variant(path: &str, json: Json, reference: &Settings, sites: &[Site], catalog: &dyn Catalog) -> Result<Variant, StudyError> {
    let mut fields = Fields::new(path, json)?;
    let name = fields.text("name")?;
    let patterns = fields.texts("remove")?.unwrap_or_default();
    let operators = fields.texts("cuts")?;
    let matched = fields.flag("matched")?.unwrap_or(false);
    let mut set = Settings::default();
    for field in ["swap", "set"] {
        let Some(json) = fields.take(field) else { continue };
        let at = fields.path(field);
        for (setting, value) in flatten(&at, json)?.iter() {
            changeable(&at, setting, reference)?;
            set.set(setting, value.clone());
        }
    }
    if patterns.is_empty() && set.iter().next().is_none() {
        return Err(fields.error("remove", "nothing is changed; write what to `remove`, `swap` or `set`"));
    }
    let remove = expand(&fields.path("remove"), &patterns, sites)?;
    let settings = complete(&fields.path("set"), &reference.overlaid(&set), &set, catalog)?;
    let set: Settings = set.iter().map(|(path, _)| (path, settings.get(path).cloned().unwrap_or(Value::Integer(0)))).collect();
    if let Some((same, value)) = set.iter().find(|(path, value)| reference.get(path) == Some(value)) {
        return Err(fields.error("set", format!("`{same}` is {value} in the reference already, so nothing would change")));
    }
    let removed: Vec<&str> = remove.iter().map(|site| site.path.as_str()).collect();
    let grade = removal(&fields.path("remove"), &remove)?;
    let (cuts, no_cut) = cuts(&fields.path("cuts"), &remove, &set, operators.as_deref())?;
    let count = |settings: &Settings, removed: &[&str]| {
        let total = catalog.parameters(settings).map_err(|message| fields.error("set", message))?;
        let sites = catalog.sites(settings).map_err(|message| fields.error("set", message))?;
        let gone: usize = sites.iter().filter(|site| removed.contains(&site.path.as_str())).map(|site| site.parameters).sum();
        Ok(total.saturating_sub(gone))
    };
    let parameters = [count(reference, &[])?, count(&settings, &removed)?];
    let matched = if matched { Some(widened(&fields, &settings, &removed, parameters[0], catalog, count)?) } else { None };
    let label = difference(reference, &settings, &removed);
    let default = || {
        let changes = set.iter().map(|(path, value)| format!("{path}={value}"));
        patterns.iter().cloned().chain(changes).collect::<Vec<_>>().join("+")
    };
    let name = name.unwrap_or_else(default);
    fields.finish()?;
    let remove = remove.iter().map(|site| site.path.clone()).collect();
    Ok(Variant { name, label, remove, set, cuts, no_cut, grade, parameters, matched })
}

/// Whether a variant may change a setting: not the task, and not the budget, which is the same for every arm.
fn changeable(at: &str, setting: &str, reference: &Settings) -> Result<(), StudyError> {
    let refuse = |message: String| Err(StudyError::new(format!("{at}.{setting}"), message));
    match setting {
        _ if setting.starts_with("task.") => refuse("losses on other data cannot be compared; make it a study of its own".into()),
        "train.steps" | "train.batch" => refuse("the budget is the same for every arm; change it in `settings`".into()),
        _ if reference.get(setting).is_some() => Ok(()),
        _ => {
            let known: Vec<&str> = reference.iter().map(|(path, _)| path).collect();
            refuse(match nearest(setting, known.iter().copied()) {
                Some(name) => format!("there is no such setting; did you mean `{name}`?"),
                None => format!("there is no such setting; there are: {}", known.join(", ")),
            })
        }
    }
}

/// The sites that paths and patterns name; `*` stands for one step of a path.
fn expand<'a>(at: &str, patterns: &[String], sites: &'a [Site]) -> Result<Vec<&'a Site>, StudyError> {
    let mut found: Vec<&Site> = Vec::new();
    for pattern in patterns {
        let steps: Vec<&str> = pattern.split('.').collect();
        let matches = |site: &&Site| {
            let path: Vec<&str> = site.path.split('.').collect();
            path.len() == steps.len() && path.iter().zip(&steps).all(|(step, wanted)| *wanted == "*" || step == wanted)
        };
        let before = found.len();
        for site in sites.iter().filter(matches) {
            if !found.iter().any(|other| other.path == site.path) {
                found.push(site);
            }
        }
        if found.len() == before {
            let known: Vec<&str> = sites.iter().map(|site| site.path.as_str()).collect();
            return Err(StudyError::new(
                at,
                format!("there is no part `{pattern}` left to remove; the parts are: {}", known.join(", ")),
            ));
        }
    }
    Ok(found)
}

/// How far training without the sites can be trusted: as far as the least trusted of them.
fn removal(at: &str, sites: &[&Site]) -> Result<Grade, StudyError> {
    let mut grade = Grade::sound("Every other setting, the data and all weights they share are those of the reference.");
    for site in sites {
        match &site.removal {
            Grade::Refused { reason } => {
                return Err(StudyError::new(at, format!("training without `{}` is refused: {reason}", site.path)));
            }
            approximate @ Grade::Approximate { .. } => grade = approximate.clone(),
            Grade::Sound { .. } => {}
        }
    }
    Ok(grade)
}

/// The ways to cut a variant out of the trained reference, or why there is none.
type Ways = (Vec<Vec<Cut>>, Option<String>);

fn cuts(at: &str, sites: &[&Site], set: &Settings, wanted: Option<&[String]>) -> Result<Ways, StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    let training_only = set.iter().all(|(path, _)| path.starts_with("train."));
    let reason = match (sites.is_empty(), set.iter().next().is_some()) {
        (true, _) if training_only => Some("it acts in training only; a trained model holds nothing to cut".to_string()),
        (true, _) => Some("a swap puts something untrained in its place; there is no cut that does the same".to_string()),
        (false, true) => Some("it also changes settings, which a cut of the trained model cannot".to_string()),
        (false, false) => None,
    };
    if let Some(reason) = reason {
        return if wanted.is_some() { refuse(format!("there is nothing to cut: {reason}")) } else { Ok((vec![], Some(reason))) };
    }
    let all = [Operator::Mean, Operator::Skip, Operator::MeanByPosition, Operator::Zero];
    let grade = |operator: Operator| sites.iter().map(|site| site.grade(operator)).find(|grade| !grade.allowed());
    let offered: Vec<Operator> = all.into_iter().filter(|&operator| grade(operator).is_none()).collect();
    let chosen = match wanted {
        None => offered,
        Some(names) => names
            .iter()
            .map(|name| match offered.iter().find(|operator| operator.name() == name) {
                Some(operator) => Ok(*operator),
                None => {
                    let refused = Operator::parse(name, 0.0).and_then(grade).map(|grade| format!(": {}", grade.reason()));
                    let known: Vec<&str> = offered.iter().map(|operator| operator.name()).collect();
                    let reason = refused.unwrap_or_default();
                    let message = format!("`{name}` is not offered here{reason}; choose from: {}", known.join(", "));
                    Err(StudyError::new(at, message))
                }
            })
            .collect::<Result<Vec<_>, _>>()?,
    };
    let reason = chosen.is_empty().then(|| "no cut is offered for these parts together".to_string());
    let cut = |operator: Operator| sites.iter().map(move |site| Cut { site: site.path.clone(), operator }).collect();
    Ok((chosen.into_iter().map(cut).collect(), reason))
}

/// The variant's settings at the width that gives it the reference's number of parameters.
fn widened(
    fields: &Fields,
    settings: &Settings,
    removed: &[&str],
    wanted: usize,
    catalog: &dyn Catalog,
    count: impl Fn(&Settings, &[&str]) -> Result<usize, StudyError>,
) -> Result<Settings, StudyError> {
    const WIDTH: &str = "model.width";
    let now = settings.count(WIDTH).map_err(|error| fields.error("matched", error.to_string()))? as i64;
    let mut nearest: Option<(usize, i64)> = None;
    for width in now.saturating_sub(8)..=2 * now {
        let wider = settings.clone().with(WIDTH, width);
        let (valid, corrections) = validate(&wider, catalog);
        if corrections.iter().any(|correction| correction.path.starts_with("model.")) {
            continue;
        }
        let apart = count(&valid, removed)?.abs_diff(wanted);
        if nearest.is_none_or(|(least, _)| apart < least) {
            nearest = Some((apart, width));
        }
    }
    match nearest {
        Some((apart, width)) if apart as f64 <= MATCH * wanted as f64 => Ok(Settings::default().with(WIDTH, width)),
        Some((apart, width)) => {
            let share = 100.0 * apart as f64 / wanted as f64;
            let message = format!(
                "no width gives it as many parameters as the reference to within 1 %; the nearest is {width}, {share:.1} % off"
            );
            Err(fields.error("matched", message))
        }
        None => Err(fields.error("matched", "no other width is possible for this model")),
    }
}

fn design(file: &mut Fields, settings: &Settings, catalog: &dyn Catalog) -> Result<(Design, Vec<Dimension>), StudyError> {
    let tiers = Design::tiers();
    let mut design = match file.text("tier")? {
        None => tiers[0].clone(),
        Some(name) => tiers.iter().find(|tier| tier.tier == name).cloned().ok_or_else(|| {
            let known: Vec<&str> = tiers.iter().map(|tier| tier.tier.as_str()).collect();
            file.error("tier", format!("there is no tier `{name}`; there are: {}", known.join(", ")))
        })?,
    };
    let tier = design.clone();
    let mut space = Vec::new();
    if let Some(json) = file.take("search") {
        let mut search = Fields::new("search", json)?;
        design.trials = search.whole("trials", (1, 256))?.unwrap_or(design.trials);
        design.tuning_seeds = search.whole("tuning_seeds", (1, 16))?.unwrap_or(design.tuning_seeds);
        design.searches = search.whole("searches", (1, 32))?.unwrap_or(design.searches);
        if let Some(json) = search.take("space") {
            space = dimensions(json, settings, catalog)?;
        }
        search.finish()?;
    }
    if let Some(json) = file.take("final") {
        let mut last = Fields::new("final", json)?;
        design.seeds = last.whole("seeds", (1, 64))?.unwrap_or(design.seeds);
        last.finish()?;
    }
    if design != tier {
        design.tier = "own".to_string();
    }
    if !space.iter().any(|dimension| dimension.path == RATE) {
        space.insert(0, rate(settings, catalog)?);
    }
    Ok((design, space))
}

/// The range of the learning rate when nothing is said: so many decades about the reference's, within what the setting allows.
fn rate(settings: &Settings, catalog: &dyn Catalog) -> Result<Dimension, StudyError> {
    let centre = settings.number(RATE).map_err(|error| StudyError::new("settings", error.to_string()))?;
    let (minimum, maximum, _) = bounds("search.space", RATE, settings, catalog)?;
    let half = libm::pow(10.0, DECADES / 2.0);
    let three = |value: f64| format!("{value:.2e}").parse::<f64>().unwrap_or(value).clamp(minimum, maximum);
    Ok(Dimension {
        path: RATE.to_string(),
        low: three(centre / half),
        high: three(centre * half),
        scale: Scale::Log,
        whole: false,
        bounds: [minimum, maximum],
    })
}

fn dimensions(json: Json, settings: &Settings, catalog: &dyn Catalog) -> Result<Vec<Dimension>, StudyError> {
    const AT: &str = "search.space";
    let Json::Object(map) = json else {
        return Err(StudyError::new(AT, format!("this is {}; write a table of ranges", kind(&json))));
    };
    // Dotted keys of a TOML file arrive as nested tables.
    let mut ranges: Vec<(String, Json)> = Vec::new();
    let mut left: Vec<(String, Json)> = map.into_iter().rev().collect();
    while let Some((path, json)) = left.pop() {
        match json {
            Json::Object(map) => left.extend(map.into_iter().rev().map(|(name, json)| (format!("{path}.{name}"), json))),
            range => ranges.push((path, range)),
        }
    }
    ranges.into_iter().map(|(path, range)| dimension(&format!("{AT}.{path}"), path, &range, settings, catalog)).collect()
}

fn dimension(at: &str, path: String, range: &Json, settings: &Settings, catalog: &dyn Catalog) -> Result<Dimension, StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    if !path.starts_with("train.") || ["train.steps", "train.batch"].contains(&path.as_str()) {
        return refuse("only how a model is trained can be searched, and the budget is the same for every arm".into());
    }
    let (minimum, maximum, whole) = bounds(at, &path, settings, catalog)?;
    let pair = range.as_array().and_then(|list| match &list[..] {
        [low, high] => Some((low.as_f64()?, high.as_f64()?)),
        _ => None,
    });
    let Some((low, high)) = pair else { return refuse(format!("{range} is not a range; write [lowest, highest]")) };
    if !(minimum <= low && low < high && high <= maximum) {
        return refuse(format!("[{low}, {high}] is not a range within {minimum} to {maximum}, the lower end first"));
    }
    // What spans a decade is walked by factors.
    let scale = if low > 0.0 && high / low >= 10.0 { Scale::Log } else { Scale::Linear };
    if path == RATE && libm::log10(high / low) < DECADES - 1e-9 {
        return refuse(format!("the learning rate is searched over at least {DECADES} decades, or its optimum is likely missed"));
    }
    Ok(Dimension { path, low, high, scale, whole, bounds: [minimum, maximum] })
}

/// The bounds of a numeric setting, and whether it counts something.
pub(crate) fn bounds(at: &str, path: &str, settings: &Settings, catalog: &dyn Catalog) -> Result<(f64, f64, bool), StudyError> {
    let field: Option<Field> = catalog.fields(settings).into_iter().find(|field| field.path == path);
    match field.map(|field| field.kind) {
        Some(Kind::Number { minimum, maximum, .. }) => Ok((minimum, maximum, false)),
        Some(Kind::Integer { minimum, maximum, .. }) => Ok((minimum as f64, maximum as f64, true)),
        Some(Kind::Choice { .. }) => Err(StudyError::new(at, "it is a choice and has no range; make it a variant")),
        None => Err(StudyError::new(at, "there is no such setting")),
    }
}

fn healing(file: &mut Fields) -> Result<Healing, StudyError> {
    let mut healing = Healing { budgets: vec![0.01, 0.05, 0.2], rates: vec![0.1, 0.3, 1.0], relearn: true };
    if let Some(json) = file.take("healing") {
        let mut fields = Fields::new("healing", json)?;
        healing.budgets = fields.numbers("budgets", (0.001, 1.0))?.unwrap_or(healing.budgets);
        healing.rates = fields.numbers("rates", (0.001, 10.0))?.unwrap_or(healing.rates);
        healing.relearn = fields.flag("relearn")?.unwrap_or(healing.relearn);
        fields.finish()?;
    }
    Ok(healing)
}

fn margin(file: &mut Fields) -> Result<Margin, StudyError> {
    match file.take("margin") {
        None => Ok(Margin::Share(0.02)),
        Some(json @ Json::Object(_)) => {
            let mut fields = Fields::new("margin", json)?;
            let absolute = fields.number("absolute", (1e-9, 1e6))?;
            let share = fields.number("share", (1e-4, 0.5))?;
            let margin = match (absolute, share) {
                (Some(absolute), None) => Margin::Absolute(absolute),
                (None, Some(share)) => Margin::Share(share),
                _ => return Err(fields.error("absolute", "write either `absolute`, a difference of losses, or `share`")),
            };
            fields.finish()?;
            Ok(margin)
        }
        Some(json) => match json.as_f64().filter(|share| (1e-4..=0.5).contains(share)) {
            Some(share) => Ok(Margin::Share(share)),
            None => Err(file.error("margin", format!("{json} is not a share from 0.0001 to 0.5 of what the reference learned"))),
        },
    }
}
