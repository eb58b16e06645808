//! What was called otherwise in version 1: settings, operators and fields of study files, in one table each.
//!
//! Links, files and options of that version are answered with the new name, and taken over where a link or an option may be corrected.

use crate::settings::{Settings, Value};

/// Settings: the former path and that of today.
pub const SETTINGS: [(&str, &str); 15] = [
    ("cut.factor", "ablation.factor"),
    ("cut.kind", OPERATOR),
    ("cut.operator", OPERATOR),
    ("cut.site", "ablation.site"),
    ("heal.steps", "sandbox.recovery_steps"),
    ("model.diffusion_steps", "objective.diffusion_steps"),
    ("model.prediction", "objective.prediction"),
    ("model.schedule", "objective.noise_schedule"),
    ("task.count", "data.count"),
    ("task.kind", "data.kind"),
    ("task.length", "data.length"),
    ("task.modulus", "data.modulus"),
    ("task.noise", "data.noise"),
    ("task.train_share", "data.train_share"),
    ("task.vocabulary", "data.vocabulary"),
];

/// The setting whose values are the names of operators.
const OPERATOR: &str = "ablation.operator";

/// Ablation operators: the former name and that of today.
pub const OPERATORS: [(&str, &str); 1] = [("mean_by_position", "position_mean")];

/// Fields of study files: the former name and that of today.
pub const STUDY_FIELDS: [(&str, &str); 3] = [("cuts", "ablations"), ("healing", "recovery"), ("relearn", "short_retrain")];

/// The name of today of what one of the tables calls otherwise.
pub fn renamed(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(former, _)| *former == name).map(|(_, today)| *today)
}

/// The sentence that says the name of today, if one of the tables calls it otherwise.
pub fn sentence(table: &[(&'static str, &'static str)], name: &str) -> Option<String> {
    renamed(table, name).map(|today| format!("`{name}` is called `{today}` since version 2"))
}

/// A setting under its name of today, and why it changed; none where nothing did.
pub(crate) fn setting(path: &str, value: &Value) -> Option<(&'static str, Value, String)> {
    let now = renamed(&SETTINGS, path);
    let text = value.to_string();
    let operator = Some(now.unwrap_or(path)).filter(|path| *path == OPERATOR).and_then(|_| renamed(&OPERATORS, &text));
    let reasons = [sentence(&SETTINGS, path), operator.and_then(|_| sentence(&OPERATORS, &text))];
    let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join(", and ");
    let path = now.or(operator.map(|_| OPERATOR))?;
    Some((path, operator.map_or_else(|| value.clone(), Value::from), reason))
}

/// Settings under their names of today. Of a setting under both names the former one counts: a link is laid over its preset, which has
/// names of today only.
pub(crate) fn today(given: &Settings) -> Settings {
    let mut settings = Settings::default();
    for former in [false, true] {
        for (path, value) in given.iter().filter(|(path, _)| renamed(&SETTINGS, path).is_some() == former) {
            let (path, value) = setting(path, value).map_or((path, value.clone()), |(path, value, _)| (path, value));
            settings.set(path, value);
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_setting_has_the_value_under_its_name_of_today() {
        for (former, now) in SETTINGS {
            assert_eq!(today(&Settings::default().with(former, 3)), Settings::default().with(now, 3));
            let both = Settings::default().with(former, 3).with(now, 4);
            assert_eq!(today(&both), Settings::default().with(now, 3), "{former}");
        }
    }

    #[test]
    fn a_former_operator_is_renamed_under_either_name_of_its_setting() {
        for path in ["cut.kind", "cut.operator", "ablation.operator"] {
            let settings = Settings::default().with(path, "mean_by_position");
            assert_eq!(today(&settings), Settings::default().with("ablation.operator", "position_mean"));
        }
        let (.., reason) = setting("cut.kind", &Value::from("mean_by_position")).unwrap();
        assert_eq!(
            reason,
            "`cut.kind` is called `ablation.operator` since version 2, and `mean_by_position` is called `position_mean` since version 2"
        );
        assert_eq!(setting("model.width", &Value::from("mean_by_position")), None);
    }
}
