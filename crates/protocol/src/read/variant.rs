//! One variant of a study file: the components and settings that it changes, completed from a catalogue.

use std::collections::{BTreeMap, BTreeSet};

use ablation_settings::{
    Field, Fields, Group, Kind, Meaning, Role, Settings, StudyError, Value, arrange_by_key, former, nearest, validate,
};
use serde_json::Value as Json;

use super::settings::{flatten, no_such_setting, of_trials, too_long_warmup, usable};
use crate::ablation::Ablation;
use crate::arm::Arm;
use crate::catalog::ModelCatalog;
use crate::describe::difference;
use crate::site::{AblationOption, Grade, Site, overlap};
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
    name.as_deref().map_or(Ok(()), |name| nameable(&fields, name))?;
    let patterns = fields.texts("remove")?.unwrap_or_default();
    let wanted = wanted(&mut fields)?;
    let matched = fields.flag("matched")?.unwrap_or(false);
    let given = Given::read(&mut fields)?;
    fields.finish()?;
    if patterns.is_empty() && given.set.is_empty() {
        return Err(StudyError::new(path, "the variant changes nothing; write `remove`, `swap` or `set`"));
    }
    let Changed { settings, set, drops, known } = changed(&given, reference, catalog)?;
    // A component is removed from the variant's own model, which need not have those of the reference.
    let own = if set.is_empty() { None } else { Some(catalog.sites(&settings).map_err(|message| given.error(message))?) };
    let remove = expand(&fields.path("remove"), &patterns, own.as_deref().unwrap_or(sites), sites)?;
    let removed: Vec<&str> = remove.iter().map(|site| site.path.as_str()).collect();
    let grade = removal(&fields.path("remove"), &remove)?;
    let (ablations, not_ablated) =
        ways(&fields.path("ablations"), &remove, own.as_deref().unwrap_or(sites), &set, wanted, &known)?;
    let count = |settings: &Settings, removed: &[&str]| {
        let total = catalog.parameters(settings).map_err(|message| given.error(message))?;
        let sites = catalog.sites(settings).map_err(|message| given.error(message))?;
        let gone: usize = sites.iter().filter(|site| removed.contains(&site.path.as_str())).map(|site| site.parameters).sum();
        Ok(total.saturating_sub(gone))
    };
    let parameters = [count(reference, &[])?, count(&settings, &removed)?];
    let matched = if matched { Some(widened(&fields, &settings, &removed, parameters[0], catalog, count)?) } else { None };
    // A choice that comes along at its default goes without saying.
    let is_unsaid = |path: &str, value: &Value| {
        let is_default = |field: &Field| matches!(field.kind, Kind::Choice { .. }) && field.default_value() == *value;
        reference.get(path).is_none() && known.iter().any(|field| field.path == path && is_default(field))
    };
    let label = difference(reference, &settings.filtered(|path, value| !is_unsaid(path, value)), &removed);
    let default = || {
        let changes = given.set.iter().map(|(path, value)| format!("{path}={}", settings.get(path).unwrap_or(value)));
        patterns.iter().cloned().chain(changes).collect::<Vec<_>>().join("+")
    };
    let name = name.unwrap_or_else(default);
    let remove = remove.iter().map(|site| site.path.clone()).collect();
    Ok(Variant { name, label, remove, set, drops, ablations, not_ablated, grade, parameters, matched })
}

/// Rejects a name that tables give to another arm, or that says nothing.
fn nameable(fields: &Fields, name: &str) -> Result<(), StudyError> {
    let plain = name.trim();
    if plain.is_empty() {
        return Err(fields.error("name", "the name is empty; write one, or leave this field out"));
    }
    let arms = [Arm::Reference, Arm::Aa].map(Arm::text);
    match arms.iter().find(|arm| [arm.key, arm.label].iter().any(|taken| plain.eq_ignore_ascii_case(taken))) {
        Some(arm) => {
            Err(fields.error("name", format!("`{plain}` is the name of the {} in every table; write another", arm.label)))
        }
        None => Ok(()),
    }
}

/// The settings that a variant names, with the field of the file in which each of them stands.
struct Given {
    set: Settings,
    places: BTreeMap<String, String>,
    /// Where a mistake is reported that is no single setting's.
    at: String,
}

impl Given {
    fn read(fields: &mut Fields) -> Result<Self, StudyError> {
        let mut given = Given { set: Settings::default(), places: BTreeMap::new(), at: fields.path("set") };
        for field in ["swap", "set"] {
            let Some(json) = fields.take(field) else { continue };
            given.at = fields.path(field);
            for (setting, value) in flatten(&given.at, json)?.iter() {
                if given.set.get(setting).is_some() {
                    let message = "it stands in `swap` as well; keep one of them";
                    return Err(StudyError::new(format!("{}.{setting}", given.at), message));
                }
                given.set.set(setting, value.clone());
                given.places.insert(setting.to_string(), format!("{}.{setting}", given.at));
            }
        }
        Ok(given)
    }

    /// An error about the settings together.
    fn error(&self, message: impl Into<String>) -> StudyError {
        StudyError::new(&self.at, message)
    }

    /// An error about one of the settings, at the place where it stands.
    fn error_at(&self, setting: &str, message: impl Into<String>) -> StudyError {
        StudyError::new(self.place(setting), message)
    }

    fn place(&self, setting: &str) -> String {
        self.places.get(setting).cloned().unwrap_or_else(|| format!("{}.{setting}", self.at))
    }
}

/// What becomes of the reference's settings with a variant's changes.
struct Changed {
    /// All settings.
    settings: Settings,
    /// Those that change, and those that come with a chosen option, at their defaults unless the variant sets them.
    set: Settings,
    /// Those of the reference that went with an option that it had.
    drops: Vec<String>,
    /// The fields of all settings.
    known: Vec<Field>,
}

fn changed(given: &Given, reference: &Settings, catalog: &dyn ModelCatalog) -> Result<Changed, StudyError> {
    let there = catalog.fields(reference);
    if given.set.is_empty() {
        return Ok(Changed { settings: reference.clone(), set: Settings::default(), drops: Vec::new(), known: there });
    }
    let (complete, corrections) = validate(&reference.overlaid(&given.set), catalog);
    let known = catalog.fields(&complete);
    let settings = of_trials(&complete, &known);
    let role = |path: &str| known.iter().chain(&there).find(|field| field.path == path).map(|field| field.role);
    for (setting, _) in given.set.iter() {
        changeable(given, setting, role(setting), [reference, &settings])?;
    }
    usable(corrections, &given.set, |setting| given.place(setting))?;
    too_long_warmup(&settings, &given.set, &known, |setting| given.place(setting))?;
    if let Some((same, value)) = given.set.iter().find(|(path, _)| reference.get(path) == settings.get(path)) {
        return Err(given.error(format!("the reference already has `{same}` {value}, so the variant would change nothing")));
    }
    let (mut set, mut drops) = (Settings::default(), Vec::new());
    for (path, after) in settings.iter() {
        match reference.get(path) {
            Some(before) if before == after => {}
            Some(before) if given.set.get(path).is_none() => return Err(given.error(forced(path, role(path), before, after))),
            _ => set.set(path, after.clone()),
        }
    }
    drops.extend(reference.iter().map(|(path, _)| path).filter(|path| settings.get(path).is_none()).map(str::to_string));
    let comes_or_goes = set.iter().map(|(path, _)| path).chain(drops.iter().map(String::as_str));
    let measured = |path: &&str| matches!(role(path), Some(Role::Data | Role::Budget));
    if let Some(path) = comes_or_goes.into_iter().find(measured) {
        let message =
            format!("`{path}` comes or goes with this change, and it has to be the same in every arm; write a separate study");
        return Err(given.error(message));
    }
    Ok(Changed { settings, set, drops, known })
}

/// That a setting which the variant leaves alone cannot stay what it is.
fn forced(path: &str, role: Option<Role>, before: &impl ToString, after: &impl ToString) -> String {
    let (before, after) = (before.to_string(), after.to_string());
    let way_out = match role {
        Some(Role::Data | Role::Budget) => format!("every arm has the same, so change it in `settings`, for example to {after}"),
        _ => format!("set it here as well, for example to {after}"),
    };
    format!("`{path}` {before} is not valid with this change; {way_out}")
}

/// Whether a variant may change a setting: not the data, and not the budget, which is the same for every arm.
fn changeable(given: &Given, setting: &str, role: Option<Role>, known: [&Settings; 2]) -> Result<(), StudyError> {
    let refuse = |message: String| Err(given.error_at(setting, message));
    match role {
        Some(Role::Data) => refuse("losses on different data cannot be compared; write a separate study".into()),
        Some(Role::Budget) => refuse("every arm has the same budget; change it in `settings`".into()),
        _ if known.iter().any(|settings| settings.get(setting).is_some()) => Ok(()),
        _ => {
            if let Some(sentence) = former::sentence(&former::SETTINGS, setting) {
                return refuse(sentence);
            }
            let known: BTreeSet<&str> = known.iter().flat_map(|settings| settings.iter()).map(|(path, _)| path).collect();
            refuse(no_such_setting(setting, known.iter().copied()))
        }
    }
}

/// The components that paths and patterns name; `*` matches one step of a path. `reference`: the components of the reference.
fn expand<'a>(at: &str, patterns: &[String], sites: &'a [Site], reference: &[Site]) -> Result<Vec<&'a Site>, StudyError> {
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
            let gone = if reference.iter().any(|site| matches(&site)) { " once the settings are changed" } else { "" };
            return Err(StudyError::new(
                at,
                format!("there is no component `{pattern}`{gone}; {meant}the components are: {}", known.join(", ")),
            ));
        }
    }
    let contains = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    let outer = |inner: &&Site| found.iter().find(|outer| contains(&outer.path, &inner.path)).map(|outer| outer.path.clone());
    match found.iter().find_map(|inner| Some((inner, outer(inner)?))) {
        Some((inner, outer)) => {
            let message = format!("`{}` is a part of `{outer}`, which is removed as well; write one of them", inner.path);
            Err(StudyError::new(at, message))
        }
        None => Ok(found),
    }
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

/// An operator with its parameters.
type Wanted = (String, BTreeMap<String, f64>);

/// One way to ablate that a study file asks for.
enum WantedWay {
    /// The same at every component that the variant removes.
    Everywhere(Wanted),
    /// One operator a component; the variant need not remove all of them.
    Each(BTreeMap<String, Wanted>),
}

/// The ways that a variant names: `"mean"`, `["mean", "zero"]`, `{operator = "scale", factor = 0.5}`, `{sites = {position = "zero", norm = "skip"}}`;
/// none if it names none.
fn wanted(fields: &mut Fields) -> Result<Option<Vec<WantedWay>>, StudyError> {
    let list = match fields.take("ablations") {
        None => return Ok(None),
        Some(Json::Array(list)) if !list.is_empty() => list,
        Some(one) => vec![one],
    };
    let way = |json: Json| -> Option<WantedWay> {
        match json {
            Json::Object(mut table) if table.contains_key("sites") && table.len() == 1 => {
                let Json::Object(sites) = table.remove("sites")? else { return None };
                sites.into_iter().map(|(site, one)| Some((site, operator(one)?))).collect::<Option<_>>().map(WantedWay::Each)
            }
            one => operator(one).map(WantedWay::Everywhere),
        }
    };
    let refuse = || {
        let example =
            r#""mean", or a table like {operator = "scale", factor = 0.5} or {sites = {position = "zero", norm = "skip"}}"#;
        fields.error("ablations", format!("an ablation is the name of an operator, such as {example}, or a list of them"))
    };
    list.into_iter().map(way).collect::<Option<Vec<_>>>().map(Some).ok_or_else(refuse)
}

/// An operator as a study file names it.
fn operator(json: Json) -> Option<Wanted> {
    let table = match json {
        Json::String(name) => return Some((name, BTreeMap::new())),
        Json::Object(table) => table,
        _ => return None,
    };
    let name = table.get("operator")?.as_str()?.to_string();
    let parameters = table.into_iter().filter(|(key, _)| key != "operator");
    Some((name, parameters.map(|(key, value)| Some((key, value.as_f64()?))).collect::<Option<_>>()?))
}

/// The ways to ablate a variant's sites in the trained reference, or why there is none. `all`: every site of the model.
fn ways(
    at: &str,
    sites: &[&Site],
    all: &[Site],
    set: &Settings,
    wanted: Option<Vec<WantedWay>>,
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
    let wanted = wanted.unwrap_or_else(|| {
        let usual = offered.iter().filter(|option| option.parameters.is_empty());
        usual.map(|one| WantedWay::Everywhere((one.operator.clone(), BTreeMap::new()))).collect()
    });
    let everywhere: Vec<Wanted> = wanted
        .iter()
        .filter_map(|way| match way {
            WantedWay::Everywhere(one) => Some(with_defaults(&offered, one)),
            WantedWay::Each(_) => None,
        })
        .collect();
    let mut ways: Vec<Way> = Vec::with_capacity(wanted.len());
    for one in &wanted {
        let next = match one {
            WantedWay::Everywhere(one) => {
                changes_something(at, &offered, &with_defaults(&offered, one), &everywhere)?;
                way(at, sites, &offered, one)?
            }
            WantedWay::Each(each) => way_of_each(at, sites, all, each)?,
        };
        if ways.iter().any(|way| completed(way, all) == completed(&next, all)) {
            let name = next.sites.first().map_or("", |one| &one.operator);
            return refuse(format!("`{name}` is written twice"));
        }
        ways.push(next);
    }
    if !ways.is_empty() && ways.iter().all(|way| !way.is_of(sites.len())) {
        return refuse(
            "each of these also ablates what the variant does not remove; add one that does not, which the verdict is about"
                .into(),
        );
    }
    let reason = ways.is_empty().then(|| {
        "no ablation operator applies to all of these components; `ablations` may name one for each (`sites`)".to_string()
    });
    Ok((ways, reason))
}

/// What a way does, with every parameter, in the order of the sites' paths.
fn completed(way: &Way, all: &[Site]) -> BTreeMap<String, Wanted> {
    let one = |ablation: &Ablation| {
        let site = all.iter().find(|site| site.path == ablation.site);
        let offered = site.map_or(Vec::new(), |site| offered(std::slice::from_ref(&site)));
        (ablation.site.clone(), with_defaults(&offered, &(ablation.operator.clone(), ablation.parameters.clone())))
    };
    way.sites.iter().map(one).collect()
}

/// The operators that are offered at every site.
fn offered<'a>(sites: &[&'a Site]) -> Vec<&'a AblationOption> {
    let everywhere = |option: &&AblationOption| sites.iter().all(|site| site.grade(&option.operator).allowed());
    sites.first().map_or(Vec::new(), |site| site.ablations.iter().filter(everywhere).collect())
}

/// An operator with every parameter that it takes.
fn with_defaults(offered: &[&AblationOption], (name, given): &Wanted) -> Wanted {
    let option = offered.iter().find(|option| option.operator == *name);
    let defaults = option.into_iter().flat_map(|option| &option.parameters).map(|one| (one.name.clone(), one.default));
    (name.clone(), defaults.chain(given.clone()).collect())
}

/// Rejects an operator that leaves the component as it is, or does what another of the list does.
fn changes_something(at: &str, offered: &[&AblationOption], (name, given): &Wanted, wanted: &[Wanted]) -> Result<(), StudyError> {
    let option = offered.iter().find(|option| option.operator == *name);
    for parameter in option.into_iter().flat_map(|option| &option.parameters) {
        let (named, value) = (&parameter.name, given.get(&parameter.name));
        if value.is_some() && value == parameter.intact.as_ref() {
            let message = format!("`{name}` with {named} {} changes nothing; write another {named}", value.unwrap_or(&0.0));
            return Err(StudyError::new(at, message));
        }
        let other = parameter.at_zero.iter().find(|other| wanted.iter().any(|(name, _)| name == *other));
        if let (Some(0.0), Some(other)) = (value, other) {
            let message = format!("`{name}` with {named} 0 does the same as `{other}`; keep one of them");
            return Err(StudyError::new(at, message));
        }
    }
    Ok(())
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

/// An operator of its own at each of some components, which are those that the variant removes and perhaps others. `all`: every site of the model.
fn way_of_each(at: &str, sites: &[&Site], all: &[Site], each: &BTreeMap<String, Wanted>) -> Result<Way, StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    let mut named: Vec<(&Site, &Wanted)> = Vec::new();
    for (pattern, one) in each {
        named.extend(expand(at, std::slice::from_ref(pattern), all, all)?.into_iter().map(|site| (site, one)));
    }
    // In the order of the model.
    arrange_by_key(&mut named, |(site, _)| all.iter().position(|other| other.path == site.path));
    for (index, (site, _)) in named.iter().enumerate() {
        if let Some((other, _)) = named[..index].iter().find(|(other, _)| overlap(&site.path, &other.path)) {
            let message =
                format!("`sites`: `{}` and `{}` are the same or one is a part of the other; keep one", other.path, site.path);
            return refuse(message);
        }
    }
    if let Some(site) = sites.iter().find(|site| named.iter().all(|(other, _)| other.path != site.path)) {
        return refuse(format!("`{}` is removed by this variant and has no operator in `sites`; name one", site.path));
    }
    // The same at all that are removed, and nowhere else, is written as one operator.
    let same = named.iter().all(|(_, one)| named.first().is_some_and(|(_, first)| first == one));
    if let Some((_, one)) = named.first().filter(|_| same && named.len() == sites.len()) {
        changes_something(at, &offered(sites), &with_defaults(&offered(sites), one), &[])?;
        return way(at, sites, &offered(sites), one);
    }
    let ways = named.iter().map(|(site, one)| {
        let alone = std::slice::from_ref(site);
        let offered = offered(alone);
        changes_something(at, &offered, &with_defaults(&offered, one), &[])?;
        way(at, alone, &offered, one)
    });
    let ways: Vec<Way> = ways.collect::<Result<_, _>>()?;
    let label: Vec<String> = ways.iter().zip(&named).map(|(way, (site, _))| format!("{}: {}", site.path, way.label)).collect();
    Ok(Way {
        label: label.join(", "),
        // Each component has its own.
        phrase: String::new(),
        grade: least(ways.iter().map(|way| way.grade.clone())),
        sites: ways.into_iter().flat_map(|way| way.sites).collect(),
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
        arrange_by_key(&mut tried, |(apart, _)| *apart);
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
