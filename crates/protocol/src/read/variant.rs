//! One variant of a study file: the components and settings that it changes, completed from a catalogue.

use std::collections::BTreeMap;

use ablation_settings::{Field, Fields, Group, Kind, Meaning, Role, Settings, StudyError, Value, former, nearest, validate};
use serde_json::Value as Json;

use super::settings::{complete, flatten};
use crate::ablation::Ablation;
use crate::catalog::ModelCatalog;
use crate::describe::difference;
use crate::site::{AblationOption, Grade, Site};
use crate::study::{Variant, Way};

/// Largest relative difference between the parameter counts of a parameter-matched variant and the reference.
const MATCH: f64 = 0.01;

pub(super) fn variant(
    path: &str,
    json: Json,
    reference: &Settings,
    sites: &[Site],
    catalog: &dyn ModelCatalog,
) -> Result<Variant, StudyError> {
    let mut fields = Fields::new(path, json)?;
    let name = fields.text("name")?;
    let patterns = fields.texts("remove")?.unwrap_or_default();
    let wanted = wanted(&mut fields)?;
    let matched = fields.flag("matched")?.unwrap_or(false);
    let fields_there = catalog.fields(reference);
    let mut set = Settings::default();
    for field in ["swap", "set"] {
        let Some(json) = fields.take(field) else { continue };
        let at = fields.path(field);
        for (setting, value) in flatten(&at, json)?.iter() {
            changeable(&at, setting, reference, &fields_there)?;
            set.set(setting, value.clone());
        }
    }
    if patterns.is_empty() && set.iter().next().is_none() {
        return Err(fields.error("remove", "the variant changes nothing; write `remove`, `swap` or `set`"));
    }
    let remove = expand(&fields.path("remove"), &patterns, sites)?;
    let settings = complete(&fields.path("set"), &reference.overlaid(&set), &set, catalog)?;
    unforced(&fields, reference, &settings, &set)?;
    let set: Settings = set.iter().map(|(path, _)| (path, settings.get(path).cloned().unwrap_or(Value::Integer(0)))).collect();
    if let Some((same, value)) = set.iter().find(|(path, value)| reference.get(path) == Some(value)) {
        return Err(
            fields.error("set", format!("the reference already has `{same}` {value}, so the variant would change nothing"))
        );
    }
    let removed: Vec<&str> = remove.iter().map(|site| site.path.as_str()).collect();
    let grade = removal(&fields.path("remove"), &remove)?;
    let (ablations, not_ablated) = ways(&fields.path("ablations"), &remove, &set, wanted, &fields_there)?;
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
    Ok(Variant { name, label, remove, set, ablations, not_ablated, grade, parameters, matched })
}

/// Rejects a variant whose settings are not valid together with a setting that it does not change.
fn unforced(fields: &Fields, reference: &Settings, settings: &Settings, set: &Settings) -> Result<(), StudyError> {
    let left_alone = reference.iter().chain(settings.iter()).map(|(path, _)| path).filter(|path| set.get(path).is_none());
    for path in left_alone {
        let message = match (reference.get(path), settings.get(path)) {
            (before, after) if before == after => continue,
            (Some(before), Some(after)) => {
                format!("`{path}` {before} is not valid with this change; set it here as well, for example to {after}")
            }
            (Some(before), None) => format!("with this change there is no `{path}`, which is {before} in the reference"),
            (None, after) => {
                format!(
                    "with this change `{path}` has to be set{}",
                    after.map_or(String::new(), |one| format!(", for example {one}"))
                )
            }
        };
        return Err(fields.error("set", message));
    }
    Ok(())
}

/// Whether a variant may change a setting: not the data, and not the budget, which is the same for every arm.
fn changeable(at: &str, setting: &str, reference: &Settings, known: &[Field]) -> Result<(), StudyError> {
    let refuse = |message: String| Err(StudyError::new(format!("{at}.{setting}"), message));
    let role = known.iter().find(|field| field.path == setting).map(|field| field.role);
    match role {
        Some(Role::Data) => refuse("losses on different data cannot be compared; write a separate study".into()),
        Some(Role::Budget) => refuse("every arm has the same budget; change it in `settings`".into()),
        _ if reference.get(setting).is_some() => Ok(()),
        _ => {
            if let Some(sentence) = former::sentence(&former::SETTINGS, setting) {
                return refuse(sentence);
            }
            let known: Vec<&str> = reference.iter().map(|(path, _)| path).collect();
            refuse(match nearest(setting, known.iter().copied()) {
                Some(name) => format!("there is no such setting; did you mean `{name}`?"),
                None => format!("there is no such setting; there are: {}", known.join(", ")),
            })
        }
    }
}

/// The components that paths and patterns name; `*` matches one step of a path.
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
        if found.len() == before && sites.iter().any(|site| matches(&site)) {
            return Err(StudyError::new(at, format!("`{pattern}` is already removed by this variant; write it once")));
        }
        if found.len() == before {
            let known: Vec<&str> = sites.iter().map(|site| site.path.as_str()).collect();
            let meant = nearest(pattern, known.iter().copied()).map_or(String::new(), |name| format!("did you mean `{name}`? "));
            return Err(StudyError::new(
                at,
                format!("there is no component `{pattern}`; {meant}the components are: {}", known.join(", ")),
            ));
        }
    }
    Ok(found)
}

/// The grade of retraining without these components: the lowest of their grades.
fn removal(at: &str, sites: &[&Site]) -> Result<Grade, StudyError> {
    let mut grade =
        Grade::sound("All other settings, the data and the initial values of the shared weights are those of the reference.");
    for site in sites {
        match &site.removal {
            Grade::Refused { reason } => {
                return Err(StudyError::new(at, format!("retraining without `{}` is not possible: {reason}", site.path)));
            }
            approximate @ Grade::Approximate { .. } => grade = approximate.clone(),
            Grade::Sound { .. } => {}
        }
    }
    Ok(grade)
}

/// The first approximate grade, or else the first: several sites can be trusted as far as the least trusted of them.
fn least(grades: impl Iterator<Item = Grade>) -> Grade {
    let mut grades: Vec<Grade> = grades.collect();
    let worst = grades.iter().position(|grade| matches!(grade, Grade::Approximate { .. })).unwrap_or(0);
    grades.swap_remove(worst)
}

/// An operator that a study file asks for, with its parameters.
type Wanted = (String, BTreeMap<String, f64>);

/// The operators that a variant names: `"mean"`, `["mean", "zero"]`, `{operator = "scale", factor = 0.5}`; none if it names none.
fn wanted(fields: &mut Fields) -> Result<Option<Vec<Wanted>>, StudyError> {
    let list = match fields.take("ablations") {
        None => return Ok(None),
        Some(Json::Array(list)) if !list.is_empty() => list,
        Some(one) => vec![one],
    };
    let operator = |json: Json| -> Option<Wanted> {
        let table = match json {
            Json::String(name) => return Some((name, BTreeMap::new())),
            Json::Object(table) => table,
            _ => return None,
        };
        let name = table.get("operator")?.as_str()?.to_string();
        let parameters = table.into_iter().filter(|(key, _)| key != "operator");
        Some((name, parameters.map(|(key, value)| Some((key, value.as_f64()?))).collect::<Option<_>>()?))
    };
    let refuse = || {
        let example = r#""mean", or a table like {operator = "scale", factor = 0.5}"#;
        fields.error("ablations", format!("an ablation is the name of an operator, such as {example}, or a list of them"))
    };
    list.into_iter().map(operator).collect::<Option<Vec<_>>>().map(Some).ok_or_else(refuse)
}

/// The ways to ablate a variant's sites in the trained reference, or why there is none.
fn ways(
    at: &str,
    sites: &[&Site],
    set: &Settings,
    wanted: Option<Vec<Wanted>>,
    known: &[Field],
) -> Result<(Vec<Way>, Option<String>), StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    let in_training = |path: &str| known.iter().any(|field| field.path == path && field.group == Group::Training);
    let training_only = set.iter().all(|(path, _)| in_training(path));
    let reason = match (sites.is_empty(), set.iter().next().is_some()) {
        (true, _) if training_only => {
            Some("it acts only during training; the trained model has no component to ablate".to_string())
        }
        (true, _) => Some("a replacement cannot be ablated; it was never trained with the rest of the model".to_string()),
        (false, true) => Some("it also changes settings; an ablation of the trained model cannot change settings".to_string()),
        (false, false) => None,
    };
    if let Some(reason) = reason {
        return if wanted.is_some() { refuse(format!("leave this field out: {reason}")) } else { Ok((Vec::new(), Some(reason))) };
    }
    let offered = offered(sites);
    let wanted = match wanted {
        None => offered
            .iter()
            .filter(|option| option.parameters.is_empty())
            .map(|one| (one.operator.clone(), BTreeMap::new()))
            .collect(),
        Some(wanted) => wanted,
    };
    if let Some((name, _)) = wanted.iter().enumerate().find(|(i, one)| wanted[..*i].contains(one)).map(|(_, one)| one) {
        return refuse(format!("`{name}` is written twice"));
    }
    let ways = wanted.iter().map(|one| way(at, sites, &offered, one)).collect::<Result<Vec<_>, _>>()?;
    let reason = ways.is_empty().then(|| "no ablation operator applies to all of these components".to_string());
    Ok((ways, reason))
}

/// The operators that are offered at every site.
fn offered<'a>(sites: &[&'a Site]) -> Vec<&'a AblationOption> {
    let everywhere = |option: &&AblationOption| sites.iter().all(|site| site.grade(&option.operator).allowed());
    sites.first().map_or(Vec::new(), |site| site.ablations.iter().filter(everywhere).collect())
}

/// One operator at every site.
fn way(at: &str, sites: &[&Site], offered: &[&AblationOption], (name, parameters): &Wanted) -> Result<Way, StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    let Some(option) = offered.iter().find(|option| option.operator == *name) else {
        let names: Vec<&str> = offered.iter().map(|option| option.operator.as_str()).collect();
        let defined = sites.iter().filter_map(|site| site.ablation(name).ok());
        let refused = defined.map(|option| &option.grade).find(|grade| !grade.allowed());
        let near = nearest(name, names.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
        let renamed = former::sentence(&former::OPERATORS, name).map(|sentence| format!(": {sentence}"));
        let why = refused.map(|grade| format!(": {}", grade.reason())).or(renamed).or(near).unwrap_or_default();
        return refuse(format!("the operator `{name}` does not apply here{why}; choose from: {}", names.join(", ")));
    };
    let ablation = |site: &&Site| Ablation { site: site.path.clone(), operator: name.clone(), parameters: parameters.clone() };
    let sites_of_way: Vec<Ablation> = sites.iter().map(ablation).collect();
    if let Some(wrong) = sites_of_way.first().and_then(|ablation| option.wrong_parameter(ablation)) {
        return refuse(format!("`{name}`: {wrong}"));
    }
    let values: Vec<String> = parameters.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let label = option.label.to_lowercase();
    Ok(Way {
        label: if values.is_empty() { label } else { format!("{label} ({})", values.join(", ")) },
        phrase: sites_of_way.first().map(|ablation| option.phrase_of(ablation)).unwrap_or_default(),
        grade: least(sites.iter().map(|site| site.grade(name))),
        sites: sites_of_way,
    })
}

/// What makes the variant as large as the reference: another width of the model, or, where none comes near enough, of its MLPs.
fn widened(
    fields: &Fields,
    settings: &Settings,
    removed: &[&str],
    wanted: usize,
    catalog: &dyn ModelCatalog,
    count: impl Fn(&Settings, &[&str]) -> Result<usize, StudyError>,
) -> Result<Settings, StudyError> {
    let known = catalog.fields(settings);
    let field_with = |meaning: Meaning| known.iter().find(|field| field.meaning == Some(meaning));
    let Some(width) = field_with(Meaning::Width) else {
        return Err(fields.error("matched", "this model has no width that could be changed"));
    };
    let hidden = field_with(Meaning::Hidden);
    let now = settings.count(&width.path).map_err(|error| fields.error("matched", error.to_string()))? as i64;
    let size = |change: &Settings| count(&settings.overlaid(change), removed);
    let is_near = |apart: usize| apart as f64 <= MATCH * wanted as f64;
    // The nearest that is a model at all. Counting takes a twentieth of the time of asking that.
    let nearest = |mut tried: Vec<(usize, Settings)>| {
        tried.sort_by_key(|(apart, _)| *apart);
        tried.into_iter().find(|(_, change)| validate(&settings.overlaid(change), catalog).1.is_empty())
    };
    let mut tried = Vec::new();
    for size_of_stream in now.saturating_sub(8).max(1)..=2 * now {
        let change = Settings::default().with(&width.path, size_of_stream);
        tried.push((size(&change)?.abs_diff(wanted), change));
    }
    let mut best = nearest(tried);
    if let Some(field) = hidden.filter(|_| !best.as_ref().is_some_and(|(apart, _)| is_near(*apart))) {
        let most = if let Kind::Number { maximum, .. } = field.kind { maximum as i64 } else { 1 };
        // More hidden numbers are more parameters, so the right number is found by halving.
        let (mut fewer, mut more, mut tried) = (0, most * now, Vec::new());
        while more - fewer > 1 {
            let hidden = fewer + (more - fewer) / 2;
            let change = Settings::default().with(&field.path, hidden as f64 / now as f64);
            let size = size(&change)?;
            if size >= wanted {
                more = hidden
            } else {
                fewer = hidden
            }
            tried.push((size.abs_diff(wanted), change));
        }
        best = best.into_iter().chain(nearest(tried)).min_by_key(|(apart, _)| *apart);
    }
    match best {
        Some((apart, change)) if is_near(apart) => Ok(change),
        Some((apart, change)) => {
            let share = 100.0 * apart as f64 / wanted as f64;
            let (path, value) = change.iter().next().map_or(("", String::new()), |(path, value)| (path, value.to_string()));
            let what = if hidden.is_some() { "no width of the model or of its MLPs" } else { "no width" };
            let message = format!(
                "{what} gives the parameter count of the reference within 1 %; the closest is `{path}` {value}, which is {share:.1} % off"
            );
            Err(fields.error("matched", message))
        }
        None => Err(fields.error("matched", "this model has no other valid width")),
    }
}
