//! The kinds of content of an item of a card.

use ablation_settings::number::significant;
use serde::{Deserialize, Serialize};

use super::CardItem;

/// The content of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// A sentence or a value.
    Text {
        /// The sentence or value.
        text: String,
    },
    /// The item has no value.
    NotApplicable {
        /// The reason.
        reason: String,
    },
    /// Several sentences or values.
    List {
        /// The sentences or values.
        items: Vec<String>,
    },
    /// A condition that has to hold.
    Check {
        /// Whether it holds.
        passed: bool,
        /// The result of the check in words.
        text: String,
    },
    /// A table.
    Table {
        /// Headings.
        columns: Vec<String>,
        /// Rows, each as long as `columns`.
        rows: Vec<Vec<Cell>>,
    },
}

/// A cell of a table; JSON keeps numbers as numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Cell {
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// Not measured, or not defined.
    Missing,
}

impl Cell {
    /// The cell as text.
    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Number(number) => significant(*number),
            Cell::Text(text) => text.clone(),
            Cell::Missing => "—".to_string(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_string())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        if number.is_finite() { Cell::Number(number) } else { Cell::Missing }
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Cell::Number(number as f64)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Missing, Into::into)
    }
}

impl Content {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Content::Text { text: text.into() }
    }

    pub(super) fn none(reason: impl Into<String>) -> Self {
        Content::NotApplicable { reason: reason.into() }
    }

    /// A list, or the reason why it is empty.
    pub(super) fn list(items: Vec<String>, reason: &str) -> Self {
        if items.is_empty() { Content::none(reason) } else { Content::List { items } }
    }

    /// A table, or the reason why it is empty.
    pub(super) fn table<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = [Cell; N]>, reason: &str) -> Self {
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(Vec::from).collect();
        if rows.is_empty() {
            return Content::none(reason);
        }
        Content::Table { columns: columns.map(str::to_string).to_vec(), rows }
    }
}

/// An item with a name and content.
pub(super) fn item(name: &str, content: Content) -> CardItem {
    CardItem { name: name.to_string(), content }
}
