//! What every kind of figure becomes: a picture, its words and its numbers.
//!
//! The three travel together because a picture alone is lost on a reader who cannot see it, and on one who wants the numbers.

use serde::{Deserialize, Serialize};

/// A figure, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Figure {
    /// A short address within its panel, such as `loss` or `attention`; the same figure keeps its name between updates.
    pub name: String,
    /// The caption; also the picture's accessible name.
    pub title: String,
    /// What the picture shows, in sentences; also inside the SVG.
    pub description: String,
    /// A complete `<svg>` element.
    pub svg: String,
    /// The numbers behind the picture.
    pub table: Table,
}

/// The table twin of a figure. Cells are text made by [`crate::number`]; a missing value is an em dash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Table {
    /// Column headings.
    pub columns: Vec<String>,
    /// Rows, each as long as `columns`.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings and no rows yet.
    pub(crate) fn new<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns = columns.into_iter().map(str::to_string).collect();
        Self { columns, rows: vec![] }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row has one cell for each column");
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_json_has_the_names_the_page_reads() {
        let mut table = Table::new(["step", "loss"]);
        table.push(vec!["0".into(), "2.40".into()]);
        let figure =
            Figure { name: "loss".into(), title: "Loss".into(), description: "It falls.".into(), svg: "<svg/>".into(), table };
        let json = r#"{"name":"loss","title":"Loss","description":"It falls.","svg":"<svg/>","table":{"columns":["step","loss"],"rows":[["0","2.40"]]}}"#;
        assert_eq!(serde_json::to_string(&figure).unwrap(), json);
        assert_eq!(serde_json::from_str::<Figure>(json).unwrap(), figure);
    }
}
