//! Reading an object whose fields are known, so that one that is not is named instead of ignored.
//!
//! A misspelt `tunning_seeds` that is skipped in silence runs another study than the one that was written.

use serde_json::{Map, Value as Json};

use crate::former;
use crate::shorten::{LONGEST, shorten};
use crate::validate::nearest;

/// What is wrong with a study, a record or a table, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(.path))]
pub struct StudyError {
    /// Dotted path of the field; empty for the whole.
    pub path: String,
    /// What is wrong, and the way out.
    pub message: String,
}

fn place(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("`{path}`: ") }
}

impl StudyError {
    /// An error at a path.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        StudyError { path: path.into(), message: message.into() }
    }
}

/// An object being read: every field is asked for by name, and what nobody asked for is an error at the end.
pub struct Fields {
    path: String,
    left: Map<String, Json>,
    asked: Vec<&'static str>,
}

impl Fields {
    /// The object at `path`.
    pub fn new(path: &str, json: Json) -> Result<Self, StudyError> {
        match json {
            Json::Object(left) => Ok(Fields { path: path.to_string(), left, asked: Vec::new() }),
            other => Err(StudyError::new(path, format!("this is {}; write a table of fields", json_kind(&other)))),
        }
    }

    /// Whether it has a field of this name that nobody has taken yet.
    pub fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    /// The full path of a field of it.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }

    /// An error about a field of it.
    pub fn error(&self, name: &str, message: impl Into<String>) -> StudyError {
        StudyError::new(self.path(name), message)
    }

    /// A field, if it is there.
    pub fn take(&mut self, name: &'static str) -> Option<Json> {
        self.asked.push(name);
        self.left.remove(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>, StudyError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.error(name, format!("this is {}; write a text in quotes", json_kind(&other)))),
        }
    }

    /// A finite number within bounds.
    pub fn number(&mut self, name: &'static str, (low, high): (f64, f64)) -> Result<Option<f64>, StudyError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_f64().filter(|number| (low..=high).contains(number));
        let shown = || shorten(&value.to_string(), LONGEST);
        number.map(Some).ok_or_else(|| self.error(name, format!("{} is not a number from {low} to {high}", shown())))
    }

    /// A whole number within bounds, which may be written as 4.0: some programs write every number so.
    pub fn whole(&mut self, name: &'static str, (low, high): (u32, u32)) -> Result<Option<u32>, StudyError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        // Every whole number of 32 bits is a number of double precision.
        let number = value.as_f64().filter(|number| number.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(number));
        let number = number.map(|number| number as u32);
        let shown = || shorten(&value.to_string(), LONGEST);
        number.map(Some).ok_or_else(|| self.error(name, format!("{} is not a whole number from {low} to {high}", shown())))
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, StudyError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(self.error(name, format!("this is {}; write true or false", json_kind(&other)))),
        }
    }

    /// A list of at most `most` finite numbers within bounds, from smallest to largest.
    pub fn numbers(&mut self, name: &'static str, most: u32, (low, high): (f64, f64)) -> Result<Option<Vec<f64>>, StudyError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let shown = shorten(&value.to_string(), LONGEST);
        let refuse = || self.error(name, format!("{shown} is not a list of 1 to {most} numbers from {low} to {high}"));
        let list = value.as_array().filter(|list| !list.is_empty() && list.len() <= most as usize).ok_or_else(refuse)?;
        let number = |json: &Json| json.as_f64().filter(|number| (low..=high).contains(number));
        let mut numbers = list.iter().map(number).collect::<Option<Vec<f64>>>().ok_or_else(refuse)?;
        numbers.sort_unstable_by(f64::total_cmp);
        match numbers.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.error(name, format!("{} stands twice; write it once", pair[0]))),
            None => Ok(Some(numbers)),
        }
    }

    /// One text, or a list of them.
    pub fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, StudyError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let list = match &value {
            Json::Array(list) => list.clone(),
            other => vec![other.clone()],
        };
        let texts: Option<Vec<String>> = list.iter().map(|json| json.as_str().map(str::to_string)).collect();
        let shown = || shorten(&value.to_string(), LONGEST);
        let refuse = || self.error(name, format!("{} is not a text or a list of texts", shown()));
        texts.filter(|texts| !texts.is_empty()).map(Some).ok_or_else(refuse)
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<(), StudyError> {
        let Some(name) = self.left.keys().next() else { return Ok(()) };
        let known = self.asked.join(", ");
        if let Some(sentence) = former::sentence(&former::STUDY_FIELDS, name) {
            return Err(StudyError::new(self.path(name), sentence));
        }
        let hint = match nearest(name, self.asked.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the fields here are: {known}"),
        };
        Err(StudyError::new(self.path(name), format!("there is no such field; {hint}")))
    }
}

/// What a value is, in words.
pub fn json_kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "empty",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_asked_for_is_named_with_what_was_meant() {
        let mut fields = Fields::new("search", json!({"trials": 8, "tunning_seeds": 2})).unwrap();
        assert_eq!(fields.whole("trials", (1, 256)), Ok(Some(8)));
        assert_eq!(fields.whole("tuning_seeds", (1, 16)), Ok(None));
        let error = fields.finish().unwrap_err().to_string();
        assert_eq!(error, "`search.tunning_seeds`: there is no such field; did you mean `tuning_seeds`?");
    }

    #[test]
    fn values_of_the_wrong_kind_are_named() {
        let mut fields =
            Fields::new("", json!({"a": "x", "b": -1, "c": [2, "y"], "d": 1, "e": [3, 1, 2], "f": [1, 2, 3], "g": [1, 2, 1.0]}))
                .unwrap();
        assert!(fields.number("a", (0.0, 1.0)).unwrap_err().to_string().contains("`a`: \"x\" is not a number"));
        assert!(fields.whole("b", (0, 9)).unwrap_err().to_string().contains("-1 is not a whole number from 0 to 9"));
        assert!(fields.numbers("c", 2, (0.0, 9.0)).is_err() && fields.texts("d").is_err());
        assert_eq!(fields.numbers("e", 3, (0.0, 9.0)), Ok(Some(vec![1.0, 2.0, 3.0])));
        assert!(fields.numbers("f", 2, (0.0, 9.0)).unwrap_err().to_string().contains("is not a list of 1 to 2 numbers"));
        assert_eq!(fields.numbers("g", 3, (0.0, 9.0)).unwrap_err().to_string(), "`g`: 1 stands twice; write it once");
        assert!(Fields::new("x", json!([1])).is_err());
    }
}
