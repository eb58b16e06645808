//! The verdict table for a terminal.

use super::Grid;
use ablation_settings::visible_line;

pub(super) fn write(grid: &Grid, caption: &str) -> String {
    let lines: Vec<Vec<String>> = std::iter::once(&grid.columns)
        .chain(&grid.rows)
        .map(|row| row.iter().map(|cell| visible_line(cell).into_owned()).collect())
        .collect();
    let widths: Vec<usize> = (0..grid.columns.len())
        .map(|column| lines.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for (index, row) in lines.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell}{}", " ".repeat(width - cell.chars().count()))).collect();
        out += cells.join("  ").trim_end();
        out.push('\n');
        if index == 0 {
            out += &widths.iter().map(|&width| "─".repeat(width)).collect::<Vec<_>>().join("  ");
            out.push('\n');
        }
    }
    format!("{out}\n{caption}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = vec![vec!["− mlp\u{1b}".into(), "1".into()], vec!["x".into(), "−2.00".into()]];
        let grid = Grid { columns: vec!["c".into(), "gap".into()], rows };
        assert_eq!(write(&grid, "n"), "c            gap\n───────────  ─────\n− mlp\\u001b  1\nx            −2.00\n\nn\n");
    }
}
