//! The protocol of a study file: design, search space, recovery fine-tuning and margin.

use ablation_settings::{Field, Fields, Group, Kind, LONGEST, Meaning, Role, Settings, StudyError, json_kind, meant, shorten};
use serde_json::Value as Json;

use crate::catalog::ModelCatalog;
use crate::limits;
use crate::space::{Dimension, Scale};
use crate::study::{Design, Margin, RecoveryPlan, Variant, budget_steps};

use super::settings::{no_such_setting, too_long};

/// Default width of the learning rate range, in decades.
const DECADES: f64 = 2.5;

pub(super) fn design(
    file: &mut Fields,
    settings: &Settings,
    catalog: &dyn ModelCatalog,
) -> Result<(Design, Vec<Dimension>), StudyError> {
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
        design.trials = search.whole("trials", limits::TRIALS)?.unwrap_or(design.trials);
        design.tuning_seeds = search.whole("tuning_seeds", limits::TUNING_SEEDS)?.unwrap_or(design.tuning_seeds);
        design.searches = search.whole("searches", limits::SEARCHES)?.unwrap_or(design.searches);
        if let Some(json) = search.take("space") {
            space = dimensions(json, settings, catalog)?;
        }
        search.finish()?;
    }
    if let Some(json) = file.take("final") {
        let mut last = Fields::new("final", json)?;
        design.seeds = last.whole("seeds", limits::SEEDS)?.unwrap_or(design.seeds);
        last.finish()?;
    }
    if design != tier {
        design.tier = "own".to_string();
    }
    // The learning rate is always searched.
    let rate = learning_rate(settings, catalog)?;
    if !space.iter().any(|dimension| dimension.path == rate.path) {
        space.insert(0, rate);
    }
    Ok((design, space))
}

/// The default range of the learning rate: so many decades around that of the reference, within the bounds of the setting.
fn learning_rate(settings: &Settings, catalog: &dyn ModelCatalog) -> Result<Dimension, StudyError> {
    let fields = catalog.fields(settings);
    let path = meant(&fields, Meaning::LearningRate)
        .ok_or_else(|| StudyError::new("settings", "there is no learning rate to search"))?;
    let centre = settings.number(path).map_err(|error| StudyError::new("settings", error.to_string()))?;
    let (minimum, maximum, _) = bounds("search.space", path, &fields)?;
    let all = libm::pow(10.0, DECADES);
    let three = |value: f64| format!("{value:.2e}").parse::<f64>().unwrap_or(value).clamp(minimum, maximum);
    // A part that exceeds the bounds at one end is added at the other.
    let low = (centre / all.sqrt()).min(maximum / all).max(minimum);
    Ok(Dimension {
        path: path.to_string(),
        low: three(low),
        high: three(low * all),
        scale: Scale::Log,
        whole: false,
        bounds: [minimum, maximum],
    })
}

fn dimensions(json: Json, settings: &Settings, catalog: &dyn ModelCatalog) -> Result<Vec<Dimension>, StudyError> {
    const AT: &str = "search.space";
    let Json::Object(map) = json else {
        return Err(StudyError::new(AT, format!("this is {}; write a table of ranges", json_kind(&json))));
    };
    // Dotted keys of a TOML file arrive as nested tables.
    let mut ranges: Vec<(String, Json)> = Vec::new();
    let mut left: Vec<(String, Json)> = map.into_iter().rev().collect();
    while let Some((path, json)) = left.pop() {
        match json {
            Json::Object(map) => left.extend(map.into_iter().rev().map(|(name, json)| (format!("{path}.{name}"), json))),
            _ if ranges.iter().any(|(known, _)| *known == path) => {
                return Err(StudyError::new(format!("{AT}.{path}"), "it stands twice, nested and with dots; keep one of them"));
            }
            range => ranges.push((path, range)),
        }
    }
    ranges.into_iter().map(|(path, range)| dimension(&format!("{AT}.{path}"), path, &range, settings, catalog)).collect()
}

fn dimension(
    at: &str,
    path: String,
    range: &Json,
    settings: &Settings,
    catalog: &dyn ModelCatalog,
) -> Result<Dimension, StudyError> {
    let refuse = |message: String| Err(StudyError::new(at, message));
    let fields = catalog.fields(settings);
    let searchable = |field: &Field| {
        field.group == Group::Training && matches!(field.role, Role::Shared | Role::PerReplica) && field.in_trial()
    };
    let field = fields.iter().find(|field| field.path == path);
    if field.is_none() {
        let known =
            fields.iter().filter(|field| searchable(field) && !matches!(field.kind, Kind::Choice { .. } | Kind::File { .. }));
        return refuse(no_such_setting(&path, known.map(|field| field.path.as_str())));
    }
    if !field.is_some_and(searchable) {
        return refuse("only training hyper-parameters can be searched, and every arm has the same budget".into());
    }
    let (minimum, maximum, whole) = bounds(at, &path, &fields)?;
    let pair = range.as_array().and_then(|list| match &list[..] {
        [low, high] => Some((low.as_f64()?, high.as_f64()?)),
        _ => None,
    });
    let shown = shorten(&range.to_string(), LONGEST);
    let Some((low, high)) = pair else { return refuse(format!("{shown} is not a range; write [lowest, highest]")) };
    if !(minimum <= low && low < high && high <= maximum) {
        return refuse(format!("{shown} is not a range within {minimum} to {maximum}; write the lower end first"));
    }
    let steps = meant(&fields, Meaning::Steps).and_then(|path| settings.number(path).ok());
    if let Some(steps) = steps.filter(|steps| meant(&fields, Meaning::Warmup) == Some(&path) && high > *steps) {
        return refuse(too_long(high, steps));
    }
    // A range of a decade or more is logarithmic.
    let scale = if low > 0.0 && high / low >= 10.0 { Scale::Log } else { Scale::Linear };
    if meant(&fields, Meaning::LearningRate) == Some(&path) && libm::log10(high / low) < DECADES - 1e-9 {
        return refuse(format!(
            "search the learning rate over at least {DECADES} decades; a narrower range is likely to miss the optimum"
        ));
    }
    Ok(Dimension { path, low, high, scale, whole, bounds: [minimum, maximum] })
}

/// The bounds of a numeric setting, and whether it counts something.
fn bounds(at: &str, path: &str, fields: &[Field]) -> Result<(f64, f64, bool), StudyError> {
    match fields.iter().find(|field| field.path == path).map(|field| &field.kind) {
        Some(Kind::Number { minimum, maximum, .. }) => Ok((*minimum, *maximum, false)),
        Some(Kind::Integer { minimum, maximum, .. }) => Ok((*minimum as f64, *maximum as f64, true)),
        Some(Kind::Choice { .. } | Kind::File { .. }) => {
            Err(StudyError::new(at, "it is a choice without a range; compare its values as variants"))
        }
        None => Err(StudyError::new(at, "there is no such setting")),
    }
}

/// `steps`: those of the reference.
pub(super) fn recovery(file: &mut Fields, steps: u64) -> Result<RecoveryPlan, StudyError> {
    let mut budgets = vec![0.01, 0.05, 0.2];
    // Of a short training two of these may be the same number of steps.
    budgets.dedup_by_key(|share| budget_steps(steps, *share));
    let mut recovery = RecoveryPlan { budgets, rates: vec![0.03, 0.1, 0.3, 1.0], short_retrain: true };
    if let Some(json) = file.take("recovery") {
        let mut fields = Fields::new("recovery", json)?;
        let most = limits::MANY.1;
        recovery.budgets = fields.numbers("budgets", most, limits::BUDGET)?.unwrap_or(recovery.budgets);
        recovery.rates = fields.numbers("rates", most, limits::RATE)?.unwrap_or(recovery.rates);
        recovery.short_retrain = fields.flag("short_retrain")?.unwrap_or(recovery.short_retrain);
        fields.finish()?;
        let same = |pair: &&[f64]| budget_steps(steps, pair[0]) == budget_steps(steps, pair[1]);
        if let Some(pair) = recovery.budgets.windows(2).find(same) {
            let count = budget_steps(steps, pair[0]);
            let count = if count == 1 { "1 step".to_string() } else { format!("{count} steps") };
            let message = format!("{} and {} of {steps} steps are both {count}; keep one of them", pair[0], pair[1]);
            return Err(fields.error("budgets", message));
        }
    }
    Ok(recovery)
}

/// Rejects a search of what a variant's model does not have.
pub(super) fn searched_everywhere(space: &[Dimension], variants: &[Variant]) -> Result<(), StudyError> {
    for Dimension { path, .. } in space {
        if let Some(variant) = variants.iter().find(|variant| variant.drops.contains(path)) {
            let message =
                format!("the variant `{}` has no such setting, and every arm is searched alike; leave it out", variant.name);
            return Err(StudyError::new(format!("search.space.{path}"), message));
        }
    }
    Ok(())
}

pub(super) fn margin(file: &mut Fields) -> Result<Margin, StudyError> {
    match file.take("margin") {
        None => Ok(Margin::Share(0.02)),
        Some(json @ Json::Object(_)) => {
            let mut fields = Fields::new("margin", json)?;
            let absolute = fields.number("absolute", limits::ABSOLUTE)?;
            let share = fields.number("share", limits::SHARE)?;
            let margin = match (absolute, share) {
                (Some(absolute), None) => Margin::Absolute(absolute),
                (None, Some(share)) => Margin::Share(share),
                _ => return Err(fields.error("absolute", "write either `absolute`, a difference of losses, or `share`")),
            };
            fields.finish()?;
            Ok(margin)
        }
        Some(json) => match json.as_f64().filter(|share| (limits::SHARE.0..=limits::SHARE.1).contains(share)) {
            Some(share) => Ok(Margin::Share(share)),
            None => {
                Err(file.error("margin", format!("{json} is not a fraction from 0.0001 to 0.5 of what the reference learned")))
            }
        },
    }
}
