//! One assignment that is packed with the page: what `cargo xtask scorm` and `cargo xtask single-file` read of it. The page and `ablation` read
//! the rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ablation_assignments::{ASSIGNMENT_SCHEMA, check_id, trimmed};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The assignments of the page.
pub const LIST: &str = "static/assignments/index.json";

/// An assignment: its name in links, what it is called, and its file.
pub struct Assignment {
    pub id: String,
    pub title: String,
    pub text: String,
}

impl Assignment {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no assignment, or has no usable `id` or `title`.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Self::parse(text).with_context(|| format!("{}", file.display()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no assignment, or has no usable `id` or `title`.
    pub fn parse(text: String) -> Result<Self> {
        let value: Value =
            serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text)).context("the assignment is no JSON")?;
        let field = |name: &str| match value[name].as_str() {
            Some(text) if !trimmed(text).is_empty() => Ok(text.to_owned()),
            _ => bail!("the assignment has no `{name}`, which is a text"),
        };
        let schema = field("schema")?;
        if schema != ASSIGNMENT_SCHEMA {
            bail!("`schema` is `{schema}`, and that of an assignment is `{ASSIGNMENT_SCHEMA}`");
        }
        let (id, title) = (field("id")?, field("title")?);
        if let Err(why) = check_id(&id) {
            bail!("`id`: {why}");
        }
        if id.starts_with('-') {
            bail!("`id`: `{id}` begins with a hyphen, which no link can name; begin it with a letter or a digit");
        }
        Ok(Self { id, title, text })
    }

    /// Puts the assignment among the files of the page, in the place of one of the same name.
    ///
    /// # Errors
    /// When the list that is there cannot be read.
    pub fn insert(&self, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        let list = match files.get(LIST) {
            Some(list) => serde_json::from_slice(list).with_context(|| format!("{LIST} is no JSON"))?,
            None => Value::Null,
        };
        let file = format!("{}.assignment.json", self.id);
        files.insert(LIST.to_owned(), self.listed(list, &file).to_string().into_bytes());
        files.insert(format!("static/assignments/{file}"), self.text.clone().into_bytes());
        Ok(())
    }

    fn listed(&self, list: Value, file: &str) -> Value {
        let mut all: Vec<Value> = list.as_array().cloned().unwrap_or_default();
        all.retain(|one| one["name"] != self.id.as_str());
        all.push(json!({ "name": self.id, "title": self.title, "file": file }));
        Value::Array(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_without_a_usable_id_or_title_is_refused_by_name() {
        let with = |id: &str| format!(r#"{{"schema": "ablation-assignment/v1", "id": "{id}", "title": "x"}}"#);
        for (text, named) in [
            ("no JSON".to_owned(), "no JSON"),
            (r#"{"id": "a", "title": "x"}"#.to_owned(), "`schema`"),
            (r#"{"schema": "ablation-solution/v1", "id": "a", "title": "x"}"#.to_owned(), "`ablation-solution/v1`"),
            (r#"{"schema": "ablation-assignment/v1", "title": "x"}"#.to_owned(), "`id`"),
            (r#"{"schema": "ablation-assignment/v1", "id": "a", "title": 7}"#.to_owned(), "`title`"),
            (with("a").replace("\"x\"", "\"\u{feff}\""), "`title`"),
            (with("../a"), "`../a` is no id"),
            (with(" positions "), "` positions ` is no id"),
            (with("file"), "`file` is what the page calls"),
            (with("-a"), "`-a` begins with a hyphen"),
        ] {
            let error = format!("{:#}", Assignment::parse(text.clone()).map(|_| ()).unwrap_err());
            assert!(error.contains(named), "{text}: {error}");
        }
        assert_eq!(Assignment::parse(format!("\u{feff}{}", with("positions"))).unwrap().id, "positions");
    }
}
