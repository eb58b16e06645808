//! Study files of version 1: what in them is called otherwise now.

use std::collections::BTreeSet;

use ablation_settings::former::{OPERATORS, SETTINGS, STUDY_FIELDS, sentence};
use serde_json::Value as Json;

use crate::former::FORMER_STUDY_VERSION;
use crate::study::STUDY_VERSION;

/// Why a file of version 1 is not read, with everything in it that has another name now.
pub(super) fn refusal(file: &Json) -> String {
    let mut names = BTreeSet::new();
    collect("", file, &mut names);
    let new = if names.is_empty() {
        "; nothing else in this file is called otherwise now".to_string()
    } else {
        format!(" and the new names: {}", names.into_iter().collect::<Vec<_>>().join(", "))
    };
    format!(
        "this file is of version {FORMER_STUDY_VERSION}. Version {STUDY_VERSION} renamed settings and words: write `version = \
            {STUDY_VERSION}`{new}"
    )
}

fn collect(path: &str, json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            for (name, json) in map {
                let path = format!("{path}.{name}");
                names.extend(sentence(&STUDY_FIELDS, name));
                // Settings stand nested or dotted, below several fields.
                let setting = SETTINGS.iter().find(|(former, _)| path.ends_with(&format!(".{former}")));
                names.extend(setting.and_then(|(former, _)| sentence(&SETTINGS, former)));
                collect(&path, json, names);
            }
        }
        Json::Array(list) => list.iter().for_each(|json| collect(path, json, names)),
        Json::String(text) => names.extend(sentence(&OPERATORS, text)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use serde_json::json;

    #[test]
    fn a_file_of_version_1_is_told_every_name_that_changed_and_no_other() {
        let file = json!({
            "version": 1,
            "settings": {"model": {"schedule": "cosine"}, "train.steps": 4},
            "variants": [{"remove": "position", "cuts": ["mean_by_position", "zero"]}],
            "healing": {"budgets": [0.1], "relearn": true},
        });
        let changes = [
            "`cuts` is called `ablations` since version 2",
            "`healing` is called `recovery` since version 2",
            "`mean_by_position` is called `position_mean` since version 2",
            "`model.schedule` is called `objective.noise_schedule` since version 2",
            "`relearn` is called `short_retrain` since version 2",
        ];
        assert!(refusal(&file).ends_with(&format!("and the new names: {}", changes.join(", "))));
        assert!(
            refusal(&json!({"version": 1, "settings": {"train.steps": 4}}))
                .ends_with("`version = 2`; nothing else in this file is called otherwise now")
        );
    }
}
