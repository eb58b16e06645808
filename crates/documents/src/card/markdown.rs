//! A card in GitHub's Markdown.

use super::{Card, Cell, Content};
use crate::tables::escaped;

pub(super) fn write(card: &Card) -> String {
    let mut out = format!("# Protocol card: {}\n", escaped(&card.title));
    if !card.found().is_empty() {
        out += "\n## Summary of results\n\n";
        card.found().iter().for_each(|sentence| out += &format!("* {}\n", escaped(sentence)));
    }
    for section in &card.sections {
        out += &format!("\n## {}. {}\n\n", section.number, escaped(&section.title));
        for item in card.rest(section) {
            let name = item.label();
            out += &match &item.content {
                Content::Text { text } => format!("* **{name}**: {}\n", escaped(text)),
                Content::NotApplicable { reason } => format!("* **{name}**: not applicable: {}\n", escaped(reason)),
                Content::Check { passed, text } => {
                    format!("* **{name}**: {}: {}\n", if *passed { "pass" } else { "**fail**" }, escaped(text))
                }
                Content::List { items } => {
                    let lines: String = items.iter().map(|one| format!("  * {}\n", escaped(one))).collect();
                    format!("* **{name}**:\n{lines}")
                }
                Content::Table { columns, rows } => format!("* **{name}**:\n\n{}\n", table(columns, rows)),
            };
        }
    }
    out
}

fn table(columns: &[String], rows: &[Vec<Cell>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = line(columns.iter().map(|column| escaped(column)).collect());
    let rows: String = rows.iter().map(|row| line(row.iter().map(|cell| escaped(&cell.shown())).collect())).collect();
    format!("{head}{}|\n{rows}", "|---".repeat(columns.len()))
}
