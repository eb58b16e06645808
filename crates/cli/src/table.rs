//! Columns of text.

/// Which edge of its column a cell stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Names.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells under headings.
#[derive(Clone, Debug)]
pub struct Table {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without headings.
    pub fn plain(aligns: impl IntoIterator<Item = Align>) -> Self {
        Table { aligns: aligns.into_iter().collect(), rows: Vec::new() }
    }

    /// A table with headings.
    pub fn new(columns: impl IntoIterator<Item = (String, Align)>) -> Self {
        let (headings, aligns) = columns.into_iter().unzip();
        Table { aligns, rows: vec![headings] }
    }

    /// Adds a row; missing cells at its end are empty.
    pub fn push(&mut self, row: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(row.into_iter().map(Into::into).collect());
    }

    /// The table as lines, each after `indent`, without blanks at line ends.
    pub fn text(&self, indent: &str) -> String {
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| length(cell)).max();
        let widths: Vec<usize> = (0..self.aligns.len()).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.aligns).map(|((cell, &width), align)| {
                let blank = " ".repeat(width - length(cell));
                if *align == Align::Left { format!("{cell}{blank}") } else { format!("{blank}{cell}") }
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            text.push_str(&format!("{indent}{}\n", line.trim_end()));
        }
        text
    }
}

/// Columns that a text takes in a terminal; nothing that is printed here is wider than one column a character.
fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_left_and_numbers_right() {
        let mut table = Table::new([("arm".into(), Align::Left), ("loss".into(), Align::Right), ("".into(), Align::Left)]);
        table.push(["reference", "−0.5", "x"]);
        table.push(["ablated", "12.0"]);
        assert_eq!(table.text("  "), "  arm        loss\n  reference  −0.5  x\n  ablated    12.0\n");
    }
}
