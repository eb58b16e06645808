//! The description and the table of a sensitivity.

use ablation_settings::arrange;

use super::super::listed;
use super::{Fate, Sensitivity, Sweep, Trial};
use crate::Table;
use crate::number::{MISSING, number};

impl Sensitivity {
    /// The search points of each arm and the chosen one, then the arms at an edge of the range.
    pub(super) fn describe(&self) -> String {
        let mut text = vec![format!("{} against {} (logarithmic), one strip per arm.", self.y.with_unit(), self.x.label)];
        for arm in &self.arms {
            let mut words = vec![format!("{} search points", arm.trials.len())];
            let count = |fate| arm.trials.iter().filter(|t| t.fate(self.ceiling) == fate).count();
            for (fate, word) in [
                (Fate::Diverged, "diverged, drawn at the top edge"),
                (Fate::Above, "above the loss before training, drawn at the top edge"),
                (Fate::Nowhere, "without a positive learning rate, not drawn"),
            ] {
                if count(fate) > 0 {
                    words.push(format!("{} {word}", count(fate)));
                }
            }
            words.push(match arm.best(self.ceiling) {
                None => "none chosen".into(),
                Some(best) => {
                    let edge = if self.is_at_edge(best.rate) { ", at an edge of the range" } else { "" };
                    format!("chosen: {} at {}{edge}", loss_in_words(&best), rate_in_words(best.rate))
                }
            });
            text.push(format!("{}: {}.", arm.label, words.join("; ")));
        }
        let edge = |a: &&Sweep| a.best(self.ceiling).is_some_and(|t| self.is_at_edge(t.rate));
        let edges: Vec<&str> = self.arms.iter().filter(edge).map(|a| a.label.as_str()).collect();
        if !edges.is_empty() {
            text.push(format!(
                "The chosen learning rate is at an edge of the range for {}; a better one may lie outside.",
                listed(&edges)
            ));
        }
        text.join(" ")
    }

    /// A row for each search point, by learning rate.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(["arm", self.x.label.as_str(), self.y.label.as_str(), "state"]);
        for arm in &self.arms {
            let mut order: Vec<usize> = (0..arm.trials.len()).collect();
            arrange(&mut order, |&a, &b| arm.trials[a].rate.total_cmp(&arm.trials[b].rate));
            for i in order {
                let trial = &arm.trials[i];
                let mut state = vec![];
                if arm.chosen == Some(i) {
                    state.push(if self.is_at_edge(trial.rate) { "chosen, at an edge" } else { "chosen" });
                }
                match trial.fate(self.ceiling) {
                    Fate::Diverged => state.push("diverged"),
                    Fate::Above => state.push("above the loss before training"),
                    Fate::Drawn | Fate::Nowhere => {}
                }
                let state = if state.is_empty() { MISSING.into() } else { state.join(", ") };
                table.push(vec![arm.label.clone(), rate_in_words(trial.rate), number(trial.loss), state]);
            }
        }
        table
    }
}

/// Two digits are enough for a learning rate: `3.1e-3`.
pub(super) fn rate_in_words(rate: f64) -> String {
    if rate.is_finite() { format!("{rate:.1e}") } else { MISSING.into() }
}

pub(super) fn loss_in_words(trial: &Trial) -> String {
    if trial.diverged || !trial.loss.is_finite() { "diverged".into() } else { number(trial.loss) }
}
