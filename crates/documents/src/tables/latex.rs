//! The verdict table for a paper.

use super::Grid;
use ablation_settings::visible_line;

pub(super) fn write(grid: &Grid, caption: &str) -> String {
    let line = |cells: &[String]| format!("{} \\\\\n", cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" & "));
    let rows: String = grid.rows.iter().map(|row| line(row)).collect();
    format!(
        "% needs \
            \\usepackage{{booktabs}}\n\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\begin{{tabular}}{{{}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n",
        escaped(caption),
        "l".repeat(grid.columns.len()),
        line(&grid.columns),
    )
}

/// Text that LaTeX prints as it is; signs of this crate's own tables that old engines do not know are spelt as commands.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible_line(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '<' => out.push_str("$<$"),
            '>' => out.push_str("$>$"),
            '−' => out.push_str("$-$"),
            '→' => out.push_str("$\\to$"),
            '±' => out.push_str("$\\pm$"),
            '≈' => out.push_str("$\\approx$"),
            '—' => out.push_str("---"),
            // A bracket at the start of a cell would be read as the optional argument of the line end before it.
            '[' => out.push_str("{[}"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_command() {
        let grid = Grid { columns: vec!["a_b".into()], rows: vec![vec!["− \\input{x} & 5 %".into()], vec!["[1, 2]".into()]] };
        let text = write(&grid, "±");
        assert!(text.contains("\\toprule\na\\_b \\\\\n\\midrule\n"), "{text}");
        assert!(text.contains("$-$ \\textbackslash{}input\\{x\\} \\& 5 \\% \\\\\n{[}1, 2] \\\\\n\\bottomrule"), "{text}");
        assert!(text.contains("\\caption{$\\pm$}"));
    }
}
