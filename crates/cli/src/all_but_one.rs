//! `ablation sweep --all-but-one`: each component of one trained model left in by itself, beside leaving it out by itself.
//!
//! Leaving out asks what the model loses without a component, leaving in what the component does without the others. Where several do the same
//! work the two disagree, and neither says what one component is worth.

use ablation_models::rank_agreement;
use ablation_stats::MOST_COMPONENTS;
use serde::Serialize;

use crate::components::Costs;
use crate::number::{signed, three_digits};
use crate::table::{Align::Left, Align::Right, Table};

/// What leaving out and leaving in find.
#[derive(Serialize)]
pub struct AllButOne {
    over: String,
    operator: &'static str,
    components: Vec<LeftIn>,
    /// The rise of the loss when all are ablated.
    all: Option<f64>,
    /// Whether leaving out and leaving in rank the components alike: 1 if they do.
    kendall_tau: Option<f64>,
}

/// Rises of the loss.
#[derive(Serialize)]
struct LeftIn {
    component: String,
    /// It alone is ablated.
    first: Option<f64>,
    /// All others are ablated.
    others: Option<f64>,
    /// What ablating it costs when all others are ablated.
    last: Option<f64>,
}

impl AllButOne {
    /// Ablates each component, and all others.
    ///
    /// # Errors
    /// If the device stops answering.
    pub fn measure(costs: &Costs) -> anyhow::Result<Self> {
        let names = &costs.components.names;
        let count = names.len();
        let others = |one: usize| (0..count).filter(move |other| *other != one).collect();
        let sets: Vec<Vec<usize>> =
            (0..count).map(|one| vec![one]).chain((0..count).map(others)).chain([(0..count).collect()]).collect();
        let rises = costs.of(&sets)?;
        let all = rises[2 * count];
        let left_in = |(index, name): (usize, &String)| LeftIn {
            component: name.clone(),
            first: rises[index],
            others: rises[count + index],
            last: all.zip(rises[count + index]).map(|(all, others)| all - others),
        };
        let components: Vec<LeftIn> = names.iter().enumerate().map(left_in).collect();
        Ok(AllButOne {
            over: costs.components.over.clone(),
            operator: costs.components.operator,
            kendall_tau: tau(&components),
            components,
            all,
        })
    }

    /// A table and a sentence.
    pub fn text(&self) -> String {
        let headings = [("component", Left), ("by itself", Right), ("all others", Right), ("behind all others", Right)];
        let mut table = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        for row in &self.components {
            table.push([row.component.clone(), signed(row.first), signed(row.others), signed(row.last)]);
        }
        table.push(["all together".to_string(), String::new(), signed(self.all)]);
        format!(
            "\nAll but one of {}, {}: leaving out (by itself) and leaving in (all others ablated)\n{}{}",
            self.over,
            self.operator,
            table.text("  "),
            self.sentence()
        )
    }

    /// Whether both orders agree.
    fn sentence(&self) -> String {
        let Some(tau) = self.kendall_tau else { return String::new() };
        if tau >= 1.0 {
            return "  Leaving out and leaving in rank the components alike (Kendall's tau 1).\n".to_string();
        }
        let count = self.components.len();
        let them = if count > MOST_COMPONENTS { format!("at most {MOST_COMPONENTS} of them") } else { format!("these {count}") };
        format!(
            "  Leaving out and leaving in rank the components differently (Kendall's tau {}; 1 is alike).\n  \
             `--together` with {them} gives the mean cost over all orders (Shapley values).\n",
            three_digits(Some(tau))
        )
    }
}

/// Kendall's tau between what components cost by themselves and behind all others.
fn tau(components: &[LeftIn]) -> Option<f64> {
    let costs = |cost: fn(&LeftIn) -> Option<f64>| components.iter().map(cost).collect::<Vec<_>>();
    rank_agreement(&costs(|row| row.first), &costs(|row| row.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of components that cost this by themselves and behind all others.
    fn found(first: &[f64], last: &[f64]) -> AllButOne {
        let row = |(first, last): (&f64, &f64)| LeftIn {
            component: "blocks.0.mlp".to_string(),
            first: Some(*first),
            others: None,
            last: Some(*last),
        };
        let components: Vec<LeftIn> = first.iter().zip(last).map(row).collect();
        AllButOne { over: "heads".to_string(), operator: "mean", kendall_tau: tau(&components), components, all: None }
    }

    #[test]
    fn a_disagreement_points_to_sets_of_at_most_eight() {
        assert!(found(&[1.0, 2.0, 3.0], &[0.1, 0.2, 0.9]).sentence().contains("alike (Kendall's tau 1)"));
        let three = found(&[1.0, 2.0, 3.0], &[0.1, 0.9, 0.2]).sentence();
        assert!(three.contains("tau 0.333;") && three.contains("`--together` with these 3 gives"), "{three}");
        let many: Vec<f64> = (0..9).map(f64::from).collect();
        let reversed: Vec<f64> = many.iter().rev().copied().collect();
        let nine = found(&many, &reversed).sentence();
        assert!(nine.contains("tau −1.00;") && nine.contains("`--together` with at most 8 of them gives"), "{nine}");
    }
}
