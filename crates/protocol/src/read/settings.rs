//! Settings in a study file: nested or dotted; invalid ones are rejected.

use ablation_settings::{Field, Settings, StudyError, Value, json_kind, validate};
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
    complete(path, &preset.overlaid(&given), &given, catalog)
}

/// The settings that trials have, without those of the sandbox.
pub(crate) fn of_trials(settings: &Settings, fields: &[Field]) -> Settings {
    settings.filtered(|path, _| fields.iter().any(|field| field.path == path && field.in_trial()))
}

/// Validates settings and rejects those of this file that would have to be corrected.
pub(super) fn complete(
    path: &str,
    settings: &Settings,
    given: &Settings,
    catalog: &dyn ModelCatalog,
) -> Result<Settings, StudyError> {
    let (complete, corrections) = validate(settings, catalog);
    if let Some(correction) = corrections.into_iter().find(|correction| given.get(&correction.path).is_some()) {
        let message = format!("`{}` cannot be used: {}", correction.given, correction.reason);
        return Err(StudyError::new(format!("{path}.{}", correction.path), message));
    }
    Ok(of_trials(&complete, &catalog.fields(&complete)))
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
