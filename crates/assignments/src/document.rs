//! Opening one of the three files: JSON with a schema, or a sentence on what it is instead.

use ablation_settings::{Fields, LONGEST, StudyError, foreign, json_kind, read_json, shorten};
use serde_json::Value as Json;

use crate::text::trimmed;

/// Largest file that is read, in bytes: a submission of a megabyte, indented by an editor.
const LARGEST: usize = 8 << 20;

/// What files with these schemas are, for a message about one that was mistaken for another.
const SCHEMAS: [(&str, &str); 4] = [
    ("ablation-assignment/", "an assignment"),
    ("ablation-solution/", "a solution"),
    ("ablation-submission/", "a submission"),
    ("ablation-record/", "the record of a study"),
];

/// A kind of file.
pub(crate) struct Kind {
    /// Its schema.
    pub schema: &'static str,
    /// What it is called, with an article.
    pub name: &'static str,
    /// Where one comes from.
    pub source: &'static str,
}

/// The value of a file, and its fields behind `schema`.
pub(crate) fn open(text: &str, kind: &Kind) -> Result<(Json, Fields), StudyError> {
    let Kind { schema, name, source } = kind;
    if text.len() > LARGEST {
        let message = format!("it has {} bytes, and {name} has at most {LARGEST}. {source}", text.len());
        return Err(StudyError::new("", message));
    }
    // A mark that some editors write before the first character.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json: Json = read_json(text).map_err(|error| StudyError::new("", not_json(text, &error, source)))?;
    if !json.is_object() {
        let message = format!("this is {} and not {name}. {source}", json_kind(&json));
        return Err(StudyError::new("", message));
    }
    let mut fields = Fields::new("", json.clone())?;
    match fields.text("schema")? {
        Some(given) if given == *schema => Ok((json, fields)),
        Some(given) => {
            let what = SCHEMAS.iter().find(|(start, _)| given.starts_with(start)).map(|(_, what)| *what);
            let message = match what {
                Some(what) if what == *name => {
                    format!("this release reads {schema}, not {}; use the release that wrote it", shorten(&given, LONGEST))
                }
                Some(what) => format!("this is {what} and not {name}. {source}"),
                None => format!("`{}` is not `{schema}`, so this is not {name}. {source}", shorten(&given, LONGEST)),
            };
            Err(fields.error("schema", message))
        }
        None => {
            let message = match &json {
                one if one.get("nbformat").is_some() => format!("this is a notebook and not {name}. {source}"),
                one if one.get("variants").is_some() => format!("this is a study and not {name}. {source}"),
                _ => format!("it is missing, so this is not {name}; one has `\"schema\": \"{schema}\"`. {source}"),
            };
            Err(fields.error("schema", message))
        }
    }
}

fn not_json(text: &str, error: &serde_json::Error, source: &str) -> String {
    if trimmed(text).is_empty() {
        return format!("the file is empty. {source}");
    }
    if let Some(other) = foreign(text.as_bytes()) {
        return format!("this is {other} and not JSON. {source}");
    }
    let plain = error.to_string();
    let plain = if plain.contains("recurs") { "tables or lists stand too deep inside one another".to_string() } else { plain };
    if error.is_eof() {
        return format!("this is not JSON: {plain}. The file may have been cut off when it was copied");
    }
    format!("this is not JSON: {plain}. {source}")
}

/// A list; empty where it is missing.
pub(crate) fn list(fields: &mut Fields, name: &'static str, most: usize) -> Result<Vec<Json>, StudyError> {
    match fields.take(name) {
        None => Ok(Vec::new()),
        Some(Json::Array(list)) if list.len() <= most => Ok(list),
        Some(Json::Array(list)) => Err(fields.error(name, format!("there are {}; write at most {most}", list.len()))),
        Some(other) => Err(fields.error(name, format!("this is {}; write a list", json_kind(&other)))),
    }
}

/// A text that has to be there.
pub(crate) fn required(fields: &mut Fields, name: &'static str) -> Result<String, StudyError> {
    match fields.text(name)? {
        Some(text) if !trimmed(&text).is_empty() => Ok(text),
        _ => Err(fields.error(name, "it is missing; write a text in quotes")),
    }
}
