//! The description and the table of the rankings.

use ablation_settings::arrange;

use super::{Agreement, Column, Ranked, Ranks, places};
use crate::Table;
use crate::number::{MISSING, fixed, optional};

impl Agreement {
    fn in_words(self) -> String {
        let interval = self.interval.filter(|(a, b)| a.is_finite() && b.is_finite());
        let interval =
            interval.map_or_else(|| "(no interval)".into(), |(a, b)| format!("[{}, {}]", fixed(a.min(b), 2), fixed(a.max(b), 2)));
        format!("{} {interval}", fixed(self.tau, 2))
    }
}

impl Ranks {
    /// The correlations in words, if there are any.
    pub(super) fn agreements(&self) -> Option<String> {
        let in_words = |name: &str, agreement: Option<Agreement>| agreement.map(|a| format!("{name} {}", a.in_words()));
        let all = [in_words("disruption", self.disruption_and_necessity), in_words("untuned", self.untuned_and_necessity)];
        let all: Vec<String> = all.into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The order in each column, then the components that change places and the correlations.
    pub(super) fn describe(&self, columns: &[Column]) -> String {
        let mut text =
            vec!["Components ranked by their differences from the reference, the largest on top; lines connect the ranks of a component.".to_string()];
        for column in columns {
            let mut standing: Vec<(usize, String)> = self
                .components
                .iter()
                .zip(&column.places)
                .filter_map(|(c, p)| p.as_ref().map(|p| (p.slot, format!("{} {}", p.rank, c.label))))
                .collect();
            arrange(&mut standing, Ord::cmp);
            let standing: Vec<String> = standing.into_iter().map(|(_, text)| text).collect();
            let standing = if standing.is_empty() { "no component has a rank".into() } else { standing.join(", ") };
            text.push(format!("By {} gap ({}): {standing}.", column.heads.0, column.heads.1));
        }
        let moved: Vec<&str> =
            (0..self.components.len()).filter(|i| self.is_moved(*i)).map(|i| self.components[i].label.as_str()).collect();
        text.push(match moved.len() {
            0 => "Disruption and necessity rank every pair of components in the same order.".into(),
            _ => format!("Components that disruption and necessity rank differently, drawn in bold: {}.", moved.join(", ")),
        });
        if let Some(agreements) = self.agreements() {
            text.push(format!("Kendall's τ with necessity (95 % intervals): {agreements}."));
        }
        text.join(" ")
    }

    /// A row for each component.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new([
            "component",
            "rank by disruption",
            "disruption",
            "rank by untuned gap",
            "untuned gap",
            "rank by necessity",
            "necessity",
        ]);
        let ranks = |gap: fn(&Ranked) -> Option<f64>| places(&self.components.iter().map(gap).collect::<Vec<_>>());
        let (disruption, untuned, necessity) = (ranks(|c| c.disruption), ranks(|c| c.untuned), ranks(|c| c.necessity));
        for (i, c) in self.components.iter().enumerate() {
            let mut row = vec![c.label.clone()];
            for (places, gap) in [(&disruption, c.disruption), (&untuned, c.untuned), (&necessity, c.necessity)] {
                row.push(places[i].as_ref().map_or_else(|| MISSING.into(), |p| p.rank.clone()));
                row.push(optional(gap));
            }
            table.push(row);
        }
        table
    }
}
