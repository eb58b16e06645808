//! What is wrong with a table, and where.

use std::fmt;

/// Where a row stands, as its reader will look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of a text, from 1.
    Line(u64),
    /// A row of a list, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// What is wrong with a table, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", position(.place, .column))]
pub struct TableError {
    /// The row; none if it is about the table as a whole.
    pub place: Option<Place>,
    /// The column, as this table spells it; none if it is about the row as a whole.
    pub column: Option<String>,
    /// What is wrong, and the way out.
    pub message: String,
}

fn position(place: &Option<Place>, column: &Option<String>) -> String {
    match (place, column) {
        (Some(place), Some(column)) => format!("{place}, column `{column}`: "),
        (Some(place), None) => format!("{place}: "),
        (None, Some(column)) => format!("column `{column}`: "),
        (None, None) => String::new(),
    }
}

impl TableError {
    pub(super) fn of_table(message: impl Into<String>) -> Self {
        TableError { place: None, column: None, message: message.into() }
    }

    pub(super) fn at(place: Option<Place>, column: &str, message: impl Into<String>) -> Self {
        TableError { place, column: Some(column.to_string()), message: message.into() }
    }

    /// The same with the column as `spelling` spells it.
    #[must_use]
    pub fn spelt(mut self, spelling: impl Fn(&str) -> Option<String>) -> Self {
        self.column = self.column.map(|column| spelling(&column).unwrap_or(column));
        self
    }
}
