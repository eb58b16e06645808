//! A study's settings: dotted path to value.
//!
//! Links, files, forms and diffs all need the same flat shape, so it is the only one. Paths are the addresses users type
//! (`model.width`, `train.learning_rate`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canonical;

/// One setting's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A name from a list, or a path.
    Text(String),
}

/// Numbers are compared as numbers: a file holds 4.0 as 4.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Integer(whole), Value::Number(number)) | (Value::Number(number), Value::Integer(whole)) => {
                *whole as f64 == *number
            }
            (Value::Text(a), Value::Text(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::Text(value) => f.write_str(value),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_string())
    }
}

/// A setting that was asked for and is not there, or has another type. It means that a catalogue does not list what its reader
/// reads, which tests catch; a user's input never causes it, because it is completed by [`crate::validate`] first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting `{path}` is missing or is not {expected}; settings must pass validation before they are read")]
pub struct MissingSetting {
    /// The dotted path that was read.
    pub path: String,
    /// What the reader expected.
    pub expected: &'static str,
}

/// Dotted paths and their values, in path order.
///
/// Copies share their values until one of them is changed: a study plans thousands of trials with the same settings.
#[derive(Clone, Default)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(type = "{ [key in string]: Value }"))]
pub struct Settings(Arc<Shared>);

/// What the copies of settings share.
#[derive(Default)]
struct Shared {
    values: BTreeMap<String, Value>,
    /// Their canonical JSON, once it has been asked for.
    canonical: OnceLock<String>,
}

/// A copy is made to be changed.
impl Clone for Shared {
    fn clone(&self) -> Self {
        Shared { values: self.values.clone(), canonical: OnceLock::new() }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.values.fmt(f)
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.values == other.0.values
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.values.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Settings::new)
    }
}

impl Settings {
    fn new(values: BTreeMap<String, Value>) -> Self {
        Settings(Arc::new(Shared { values, canonical: OnceLock::new() }))
    }

    /// The values, to be changed.
    fn values_mut(&mut self) -> &mut BTreeMap<String, Value> {
        let shared = Arc::make_mut(&mut self.0);
        shared.canonical = OnceLock::new();
        &mut shared.values
    }

    /// The canonical JSON (RFC 8785) of the settings, written once for all copies.
    pub fn canonical(&self) -> &str {
        self.0.canonical.get_or_init(|| canonical::write(&self.0.values))
    }

    /// Sets one value; a former one is replaced.
    pub fn set(&mut self, path: &str, value: impl Into<Value>) {
        self.values_mut().insert(path.to_string(), value.into());
    }

    /// The same settings with one value set.
    #[must_use]
    pub fn with(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.set(path, value);
        self
    }

    /// The same settings with all of `changes` set.
    #[must_use]
    pub fn overlaid(&self, changes: &Settings) -> Self {
        changes.iter().fold(self.clone(), |settings, (path, value)| settings.with(path, value.clone()))
    }

    /// The value at a path, if there is one.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.values.get(path)
    }

    /// Removes the value at a path, if there is one.
    pub fn remove(&mut self, path: &str) -> Option<Value> {
        self.values_mut().remove(path)
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.values.is_empty()
    }

    /// The same settings without those that `keep` refuses.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str, &Value) -> bool) -> Self {
        let kept = self.0.values.iter().filter(|(path, value)| keep(path, value));
        Settings::new(kept.map(|(path, value)| (path.clone(), value.clone())).collect())
    }

    /// All pairs in path order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.values.iter().map(|(path, value)| (path.as_str(), value))
    }

    /// A whole number.
    pub fn integer(&self, path: &str) -> Result<i64, MissingSetting> {
        match self.get(path) {
            Some(Value::Integer(value)) => Ok(*value),
            _ => Err(missing(path, "a whole number")),
        }
    }

    /// A whole number that counts something; negative ones are refused.
    pub fn count(&self, path: &str) -> Result<usize, MissingSetting> {
        usize::try_from(self.integer(path)?).map_err(|_| missing(path, "a count"))
    }

    /// A number; whole numbers are numbers too.
    pub fn number(&self, path: &str) -> Result<f64, MissingSetting> {
        match self.get(path) {
            Some(Value::Number(value)) => Ok(*value),
            Some(Value::Integer(value)) => Ok(*value as f64),
            _ => Err(missing(path, "a number")),
        }
    }

    /// A name.
    pub fn text(&self, path: &str) -> Result<&str, MissingSetting> {
        match self.get(path) {
            Some(Value::Text(value)) => Ok(value),
            _ => Err(missing(path, "a name")),
        }
    }
}

impl<P: Into<String>> FromIterator<(P, Value)> for Settings {
    fn from_iter<I: IntoIterator<Item = (P, Value)>>(pairs: I) -> Self {
        Settings::new(pairs.into_iter().map(|(path, value)| (path.into(), value)).collect())
    }
}

fn missing(path: &str, expected: &'static str) -> MissingSetting {
    MissingSetting { path: path.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_what_it_is_and_refused_as_anything_else() {
        let settings = Settings::default().with("model.width", 32).with("train.learning_rate", 0.01).with("model.norm", "pre");
        assert_eq!(settings.count("model.width"), Ok(32));
        assert_eq!(settings.number("model.width"), Ok(32.0));
        assert_eq!(settings.text("model.norm"), Ok("pre"));
        assert!(settings.integer("train.learning_rate").is_err());
        assert!(settings.text("model.depth").unwrap_err().to_string().contains("`model.depth`"));
        assert!(Settings::default().with("n", -1).count("n").is_err());
    }

    #[test]
    fn settings_are_a_plain_json_object() {
        let settings = Settings::default().with("b", "x").with("a", 1);
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(json, r#"{"a":1,"b":"x"}"#);
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    }

    #[test]
    fn a_copy_that_is_changed_leaves_the_other_as_it_was() {
        let first = Settings::default().with("b", 0.5).with("a", 1.0);
        assert_eq!(first.canonical(), r#"{"a":1,"b":0.5}"#);
        let mut second = first.clone();
        second.set("a", 2);
        assert_eq!((first.canonical(), second.canonical()), (r#"{"a":1,"b":0.5}"#, r#"{"a":2,"b":0.5}"#));
        second.remove("b");
        assert_eq!((second.canonical(), first.number("b")), (r#"{"a":2}"#, Ok(0.5)));
    }
}
