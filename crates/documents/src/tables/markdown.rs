//! The verdict table in GitHub's Markdown.

use super::Grid;
use ablation_settings::visible_line;

pub(super) fn write(grid: &Grid, caption: &str) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" | "));
    let rule = "|---".repeat(grid.columns.len()) + "|\n";
    let rows: String = grid.rows.iter().map(|row| line(row)).collect();
    format!("{}{rule}{rows}\n{}\n", line(&grid.columns), escaped(caption))
}

/// Text that stays text: a component can be called anything, and Markdown is shown as HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible_line(text).chars() {
        match c {
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' | '$' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_cells() {
        let grid = Grid { columns: vec!["a".into(), "b".into()], rows: vec![vec!["x|y\n<b>".into(), "[1]".into()]] };
        assert_eq!(write(&grid, "c"), "| a | b |\n|---|---|\n| x\\|y\\\\u000a&lt;b&gt; | \\[1\\] |\n\nc\n");
    }
}
