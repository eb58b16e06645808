//! The one validator: whatever comes in by link, file, message or form leaves as complete settings and a list of corrections.
//!
//! Which fields exist depends on what was chosen before them (a diffusion model has no heads), so the catalogue is a function of
//! the settings so far, and validation settles one field after another until none is left (`settled`).

use std::collections::BTreeMap;

use crate::correction::Correction;
use crate::field::{Field, Kind};
use crate::former;
use crate::settings::{Settings, Value};
use crate::settled::settled;

/// A named starting point.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// Name in links.
    pub name: String,
    /// Name as shown.
    pub label: String,
    /// One sentence on what it shows.
    pub help: String,
    /// What differs from the defaults.
    pub settings: Settings,
}

/// What can be set. Implemented by the crate that knows the models.
pub trait Catalog {
    /// The fields that apply given what is chosen so far, in an order in which a field stands after those it depends on.
    fn fields(&self, chosen: &Settings) -> Vec<Field>;
    /// The named starting points; the first is where a link that says nothing starts.
    fn presets(&self) -> Vec<Preset>;
}

/// Completes `given` to settings that hold exactly the fields of `catalog`.
///
/// Values out of range are clamped, values that cannot be read are replaced by the default, unknown paths are ignored; each is
/// reported. Settings of version 1 are taken over under their names of today. The result always passes validation again without a correction.
pub fn validate(given: &Settings, catalog: &dyn Catalog) -> (Settings, Vec<Correction>) {
    let renamed: Vec<_> = given.iter().filter_map(|(path, value)| Some((path, value, former::setting(path, value)?))).collect();
    let given = &former::today(given);
    let choose = |field: &Field| given.get(&field.path).map_or((field.default_value(), None), |value| settle(field, value));
    let (settings, fields) = settled(catalog, &|field| choose(field).0);
    let mut corrections: Vec<Correction> = fields.iter().filter_map(|field| choose(field).1).collect();
    let known: BTreeMap<&str, &Value> = settings.iter().collect();
    for (path, value, (now, _, reason)) in &renamed {
        let used = known
            .get(now)
            .map_or("ignored".to_string(), |used| if path == now { used.to_string() } else { format!("{now}={used}") });
        corrections.push(Correction::new(path, value, used, reason.clone()));
    }
    let is_renamed = |path: &str| renamed.iter().any(|(_, _, (now, _, _))| *now == path);
    for (path, value) in given.iter().filter(|(path, _)| !known.contains_key(path) && !is_renamed(path)) {
        corrections.push(Correction::new(path, value, "ignored", unknown(path, known.keys())));
    }
    (settings, corrections)
}

/// The value that is used for what was given, and the correction if they differ.
pub(crate) fn settle(field: &Field, given: &Value) -> (Value, Option<Correction>) {
    let default = field.default_value();
    let replaced = |reason: String| {
        let correction = Correction::new(&field.path, given, &default, reason);
        (default.clone(), Some(correction))
    };
    match &field.kind {
        Kind::Integer { minimum, maximum, .. } => match whole(given) {
            Some(value) => {
                let used = value.clamp(*minimum, *maximum);
                let correction = (used != value).then(|| out_of_range(field, given, used, minimum, maximum));
                (Value::Integer(used), correction)
            }
            None => replaced(format!("{} takes a whole number from {minimum} to {maximum}", field.label)),
        },
        Kind::Number { minimum, maximum, .. } => match finite(given) {
            Some(value) => {
                let used = value.clamp(*minimum, *maximum);
                let correction = (used != value).then(|| out_of_range(field, given, used, minimum, maximum));
                (Value::Number(used), correction)
            }
            None => replaced(format!("{} takes a number from {minimum} to {maximum}", field.label)),
        },
        Kind::Choice { options, .. } => {
            let text = given.to_string();
            if options.iter().any(|option| option.value == text) {
                return (Value::Text(text), None);
            }
            let names: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            replaced(format!("{} is one of: {}", field.label, names.join(", ")))
        }
        Kind::File { .. } => {
            let text = given.to_string().trim().to_ascii_lowercase();
            if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return (Value::Text(text), None);
            }
            replaced(format!("{} is named by its SHA-256, 64 hexadecimal digits as `sha256sum` prints them", field.label))
        }
    }
}

fn out_of_range(field: &Field, given: &Value, used: impl ToString, minimum: impl ToString, maximum: impl ToString) -> Correction {
    let reason = format!("{} goes from {} to {}", field.label, minimum.to_string(), maximum.to_string());
    Correction::new(&field.path, given, used, reason)
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(value) => Some(*value),
        // 2^53: beyond it a float no longer names one whole number.
        Value::Number(value) if value.trunc() == *value && value.abs() < 9_007_199_254_740_992.0 => Some(*value as i64),
        Value::Number(_) => None,
        Value::Text(text) => {
            let number = || text.trim().parse::<f64>().ok().and_then(|number| whole(&Value::Number(number)));
            text.trim().parse().ok().or_else(number)
        }
    }
}

fn finite(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Integer(value) => *value as f64,
        Value::Number(value) => *value,
        Value::Text(text) => text.trim().parse().ok()?,
    };
    number.is_finite().then_some(number)
}

fn unknown<'a>(path: &str, known: impl Iterator<Item = &'a &'a str>) -> String {
    match nearest(path, known.copied()) {
        Some(name) => format!("there is no such setting here; did you mean `{name}`?"),
        None => "there is no such setting for this data set and model".to_string(),
    }
}

/// What other programs call it, in the last step of a path, and what it is called here.
const ELSEWHERE: [(&str, &str); 21] = [
    ("lr", "learning_rate"),
    ("max_lr", "learning_rate"),
    ("wd", "weight_decay"),
    ("batch_size", "batch"),
    ("iterations", "steps"),
    ("iters", "steps"),
    ("max_steps", "steps"),
    ("warmup_steps", "warmup"),
    ("grad_clip", "clip"),
    ("optim", "optimizer"),
    ("d_model", "width"),
    ("dim", "width"),
    ("hidden_size", "width"),
    ("depth", "layers"),
    ("n_layers", "layers"),
    ("num_layers", "layers"),
    ("n_heads", "heads"),
    ("num_heads", "heads"),
    ("cut", "ablations"),
    ("heal", "recovery"),
    ("healing", "recovery"),
];

/// The name that was probably meant: what other programs call so, or what is spelt alike.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.collect();
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_string();
    let here = ELSEWHERE.iter().find(|(there, _)| *there == last(name)).map(|(_, here)| *here);
    let ends_in = |step: &str| known.iter().copied().find(|path| last(path) == step);
    here.and_then(ends_in).or_else(|| alike(name, known.iter().copied())).or_else(|| ends_in(&last(name)))
}

/// The name that is spelt most alike, if one is.
fn alike<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const FARTHEST: usize = 4;
    // The distance to a key of kilobytes takes as long as it is useless.
    let close = |known: &&str| known.len().abs_diff(name.len()) <= FARTHEST;
    let (distance, nearest) = known.filter(close).map(|known| (strsim::osa_distance(name, known), known)).min()?;
    // Of short names that have no letter in common none is meant; that two are settings of training is nothing in common.
    let split = |path: &str| path.rsplit_once('.').map(|(group, last)| (group.to_string(), last.len()));
    let lengths = match (split(name), split(nearest)) {
        (Some((group, one)), Some((other, two))) if group == other => [one, two],
        _ => [name.len(), nearest.len()],
    };
    let farthest = FARTHEST.min(lengths[0].max(lengths[1]) / 2);
    (distance <= farthest).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::Toy;

    #[test]
    fn what_is_not_said_takes_its_default() {
        let (settings, corrections) = validate(&Settings::default(), &Toy);
        assert_eq!(corrections, vec![]);
        assert_eq!(settings.count("model.heads"), Ok(4));
        assert_eq!(settings.number("train.learning_rate"), Ok(0.01));
    }

    #[test]
    fn values_out_of_range_are_clamped_and_said() {
        let (settings, corrections) = validate(&Settings::default().with("model.width", "4096"), &Toy);
        assert_eq!(settings.count("model.width"), Ok(64));
        assert_eq!(corrections[0].used, "64");
        assert_eq!(corrections[0].reason, "Width goes from 8 to 64");
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        for given in ["16.0", "1.6e1", " 16 "] {
            let (settings, corrections) = validate(&Settings::default().with("model.width", given), &Toy);
            assert_eq!((settings.count("model.width"), corrections), (Ok(16), vec![]), "{given}");
        }
        assert_eq!(validate(&Settings::default().with("model.width", "16.5"), &Toy).1.len(), 1);
    }

    #[test]
    fn values_of_the_wrong_kind_become_the_default() {
        for given in ["NaN", "inf", "", "1e999", "twelve"] {
            let (settings, corrections) = validate(&Settings::default().with("train.learning_rate", given), &Toy);
            assert_eq!(settings.number("train.learning_rate"), Ok(0.01), "{given}");
            assert_eq!(corrections.len(), 1, "{given}");
        }
        let (_, corrections) = validate(&Settings::default().with("model.kind", "sound"), &Toy);
        assert_eq!(corrections[0].reason, "Model is one of: text, points");
    }

    #[test]
    fn a_field_of_the_other_family_is_ignored_aloud() {
        let (settings, corrections) = validate(&Settings::default().with("model.kind", "points").with("model.heads", 2), &Toy);
        assert_eq!(settings.get("model.heads"), None);
        assert_eq!(corrections[0].path, "model.heads");
    }

    #[test]
    fn a_misspelt_path_names_the_nearest_one() {
        let (_, corrections) = validate(&Settings::default().with("model.widht", 8), &Toy);
        assert_eq!(corrections[0].reason, "there is no such setting here; did you mean `model.width`?");
    }

    #[test]
    fn a_name_of_other_programs_names_the_one_of_this() {
        let known = ["train.learning_rate", "train.weight_decay", "model.layers", "model.width", "ablations"];
        let cases = [
            ("train.lr", Some("train.learning_rate")),
            ("lr", Some("train.learning_rate")),
            ("train.wd", Some("train.weight_decay")),
            ("model.depth", Some("model.layers")),
            ("cut", Some("ablations")),
            ("model.heads", None),
            ("model.widht", Some("model.width")),
            ("width", Some("model.width")),
            ("train.width", Some("model.width")),
            ("train.seed", None),
        ];
        for (name, meant) in cases {
            assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        }
    }

    /// The toy has no field of the new names; `cli/src/study.rs` takes over those of the models.
    #[test]
    fn a_setting_of_version_1_is_named_as_it_is_called_now() {
        let (_, corrections) = validate(&Settings::default().with("model.schedule", "cosine"), &Toy);
        let [Correction { path, used, reason, .. }] = &corrections[..] else { panic!("{corrections:?}") };
        assert_eq!((path.as_str(), used.as_str()), ("model.schedule", "ignored"));
        assert_eq!(reason, "`model.schedule` is called `objective.noise_schedule` since version 2");
    }

    #[test]
    fn what_was_validated_passes_again_untouched() {
        let (settings, _) = validate(&Settings::default().with("model.width", -3).with("x", 1), &Toy);
        assert_eq!(validate(&settings, &Toy), (settings.clone(), vec![]));
    }
}
