//! Settings in a study file: nested or dotted; invalid ones are rejected.

use ablation_settings::{Correction, Field, Meaning, Settings, StudyError, Value, json_kind, meant, nearest, validate};
use serde_json::Value as Json;

use crate::catalog::ModelCatalog;

/// The complete settings of the reference, without those of the sandbox.
pub(super) fn reference(
    path: &str,
    preset: &Settings,
    given: Option<Json>,
    catalog: &dyn ModelCatalog,
) -> Result<Settings, StudyError> {
    let given = given.map_or(Ok(Settings::default()), |json| flatten(path, json))?;
    let (settings, _) = validate(&preset.overlaid(&given), catalog);
    let fields = catalog.fields(&settings);
    if let Some(field) = fields.iter().find(|field| !field.in_trial() && given.get(&field.path).is_some()) {
        let message = "it belongs to the sandbox, not to a study; all seeds are drawn from the `seed` of the study";
        return Err(StudyError::new(format!("{path}.{}", field.path), message));
    }
    let (complete, corrections) = validate(&preset.overlaid(&given), catalog);
    let place = |setting: &str| format!("{path}.{setting}");
    usable(corrections, &given, place)?;
    let fields = catalog.fields(&complete);
    too_long_warmup(&complete, &given, &fields, place)?;
    Ok(of_trials(&complete, &fields))
}

/// The settings that trials have, without those of the sandbox.
pub(crate) fn of_trials(settings: &Settings, fields: &[Field]) -> Settings {
    settings.filtered(|path, _| fields.iter().any(|field| field.path == path && field.in_trial()))
}

/// Rejects settings of this file that would have to be corrected. `place`: where in the file a setting stands.
pub(super) fn usable(corrections: Vec<Correction>, given: &Settings, place: impl Fn(&str) -> String) -> Result<(), StudyError> {
    match corrections.into_iter().find(|correction| given.get(&correction.path).is_some()) {
        Some(one) => Err(StudyError::new(place(&one.path), format!("`{}` cannot be used: {}", one.given, one.reason))),
        None => Ok(()),
    }
}

/// Rejects a warm-up that somebody wrote and that is longer than the training: the learning rate would never reach its peak.
pub(super) fn too_long_warmup(
    settings: &Settings,
    given: &Settings,
    fields: &[Field],
    place: impl Fn(&str) -> String,
) -> Result<(), StudyError> {
    let (Some(warmup), Some(steps)) = (meant(fields, Meaning::Warmup), meant(fields, Meaning::Steps)) else { return Ok(()) };
    match (given.get(warmup), settings.number(warmup), settings.number(steps)) {
        (Some(_), Ok(long), Ok(all)) if long > all => Err(StudyError::new(place(warmup), too_long(long, all))),
        _ => Ok(()),
    }
}

/// That a warm-up of so many steps does not fit into a training.
pub(super) fn too_long(warmup: f64, steps: f64) -> String {
    format!(
        "{warmup} steps of warm-up are more than the {steps} steps of training, so the learning rate would never reach its peak; \
         write {steps} or fewer"
    )
}

/// That there is no setting of this name, with the one that was meant or all that there are.
pub(super) fn no_such_setting<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(name) => format!("there is no such setting; did you mean `{name}`?"),
        None => format!("there is no such setting; there are: {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// Nested tables as dotted paths.
pub(super) fn flatten(path: &str, json: Json) -> Result<Settings, StudyError> {
    fn walk(at: &str, prefix: &str, json: Json, into: &mut Settings) -> Result<(), StudyError> {
        let refuse = |what: &str| Err(StudyError::new(format!("{at}.{prefix}"), format!("{what} is not a number or a name")));
        match json {
            Json::Object(map) => map.into_iter().try_for_each(|(name, json)| {
                let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                walk(at, &path, json, into)
            }),
            _ if into.get(prefix).is_some() => {
                let message = "it stands twice, nested and with dots; keep one of them";
                Err(StudyError::new(format!("{at}.{prefix}"), message))
            }
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
            other => refuse(json_kind(&other)),
        }
    }
    if !json.is_object() {
        return Err(StudyError::new(path, format!("this is {}; write a table of settings", json_kind(&json))));
    }
    let mut settings = Settings::default();
    walk(path, "", json, &mut settings)?;
    Ok(settings)
}
