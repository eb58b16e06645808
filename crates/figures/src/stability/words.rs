//! The description and the table of the verdicts under other choices.

use super::{Judged, Stability, StabilityRow};
use crate::Table;
use crate::number::MISSING;

impl Stability {
    /// What was varied, then every component whose verdict would be another, then those whose verdict stays.
    pub(super) fn describe(&self) -> String {
        let (settings, unit) = (self.settings.len(), &self.unit);
        let varied = [
            (settings > 0).then(|| "with another setting of the reference that scored as well in its search".to_string()),
            (self.units > 0).then(|| format!("without any one of the {} {unit}s, which are numbered from 1", self.units)),
        ];
        let varied: Vec<String> = varied.into_iter().flatten().collect();
        let mut text = vec![format!("What the verdict on each component would be {}.", varied.join(", or "))];
        if let Some(chosen) = self.chosen.as_ref().filter(|_| settings > 0) {
            text.push(format!("As reported, the reference uses {chosen}; the others are {}.", self.settings.join("; ")));
        }
        text.push("Dots: the same verdict. Unequal signs on a coloured ground: another verdict.".into());
        for row in self.rows.iter().filter(|row| row.hangs()) {
            let mut others = vec![];
            for (setting, verdict) in self.settings.iter().zip(&row.settings) {
                others.extend(row.another(verdict).map(|verdict| format!("{} with {setting}", verdict.name)));
            }
            others.extend(self.without_in_words(row));
            text.push(format!("{}: {} as reported; {}.", row.label, name(&row.reported), others.join("; ")));
        }
        let stays: Vec<&str> = self.rows.iter().filter(|row| !row.hangs()).map(|row| row.label.as_str()).collect();
        if !stays.is_empty() {
            text.push(format!("The same verdict everywhere: {}.", stays.join(", ")));
        }
        text.join(" ")
    }

    /// `not necessary without seed 3`, one for each other verdict.
    fn without_in_words(&self, row: &StabilityRow) -> Vec<String> {
        let in_words = |(verdict, units): (&Judged, Vec<usize>)| {
            let numbers: Vec<String> = units.iter().map(usize::to_string).collect();
            let units = match numbers.as_slice() {
                [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
                numbers => numbers.concat(),
            };
            format!("{} without {} {units}", verdict.name, self.unit)
        };
        row.without().into_iter().map(in_words).collect()
    }

    /// A row for each component, a column for each setting and one for the units.
    pub(super) fn table(&self) -> Table {
        let reported = self.chosen.as_ref().map_or_else(|| "as reported".into(), |chosen| format!("as reported ({chosen})"));
        let mut columns = vec!["component".to_string(), reported];
        columns.extend(self.settings.iter().map(|setting| format!("with {setting}")));
        columns.extend((self.units > 0).then(|| format!("without one {}", self.unit)));
        let mut table = Table::new(columns.iter().map(String::as_str));
        for row in &self.rows {
            let mut cells = vec![row.label.clone(), name(&row.reported).into()];
            cells.extend(row.settings.iter().map(|verdict| name(verdict).to_string()));
            if self.units > 0 {
                let others = self.without_in_words(row);
                cells.push(if others.is_empty() { name(&row.reported).into() } else { others.join("; ") });
            }
            table.push(cells);
        }
        table
    }
}

fn name(verdict: &Option<Judged>) -> &str {
    verdict.as_ref().map_or(MISSING, |verdict| &verdict.name)
}
