//! `ablation sweep --together`: every set of a few components, ablated together in one trained model.
//!
//! Where two components do the same work, leaving one out costs nothing, and leaving it out behind the other costs all. The table has both, the
//! mean over all orders (Shapley), and what each pair costs beyond its two parts.

use ablation_models::{Operator, chosen_together};
use ablation_protocol::Site;
use serde::Serialize;

use crate::failure::bad_input;
use crate::number::signed;
use crate::table::{Align::Left, Align::Right, Table};

/// What ablating the sets of some components with one operator costs.
#[derive(Serialize)]
pub struct Together {
    #[serde(flatten)]
    costs: ablation_models::Together,
    components: Vec<String>,
    /// The rise of the loss for every set: that of set `s` at index `s`, where bit `i` says whether component `i` is ablated.
    sets: Vec<Option<f64>>,
    /// What each pair costs beyond the sum of what its two components cost.
    pairs: Vec<Pair>,
    /// The components in the order in which each costs least behind those before it.
    cheapest_first: Vec<String>,
}

#[derive(Serialize)]
struct Pair {
    components: [String; 2],
    beyond: Option<f64>,
}

/// The components that were typed.
///
/// # Errors
/// If there are fewer than two or too many, one stands twice, is none or holds another one.
pub fn chosen<'a>(typed: &[String], sites: &'a [Site]) -> anyhow::Result<Vec<&'a Site>> {
    let typed: Vec<String> = typed.iter().map(|path| path.trim().to_string()).collect();
    chosen_together(&typed, sites)
        .map_err(|reason| bad_input(format!("`--together`: {reason}; `ablation sites` lists components")))
}

impl Together {
    /// From the rise of the loss for every set, the empty one first.
    pub fn of(components: &[&Site], operator: &Operator, sets: Vec<Option<f64>>) -> Self {
        let names: Vec<String> = components.iter().map(|site| site.path.clone()).collect();
        let beyond = |whole: usize, part: usize| Some(sets[whole]? - sets[part]?);
        let pairs = (0..names.len()).flat_map(|one| (one + 1..names.len()).map(move |other| (one, other)));
        let pairs = pairs.map(|(one, other)| Pair {
            components: [names[one].clone(), names[other].clone()],
            beyond: beyond(1 << one | 1 << other, 1 << one).zip(beyond(1 << other, 0)).map(|(behind, alone)| behind - alone),
        });
        Together {
            costs: ablation_models::Together::of(components, operator.name, &sets),
            pairs: pairs.collect(),
            cheapest_first: cheapest_first(&sets).into_iter().map(|index| names[index].clone()).collect(),
            components: names,
            sets,
        }
    }

    /// Two tables and a line.
    pub fn text(&self) -> String {
        let headings = [("component", Left), ("by itself", Right), ("behind all others", Right), ("Shapley value", Right)];
        let mut costs = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        for row in &self.costs.shares {
            costs.push([row.component.clone(), signed(row.first), signed(row.last), signed(row.shapley)]);
        }
        costs.push(["all together".to_string(), String::new(), String::new(), signed(self.costs.all)]);
        let headings = [("pair", Left), ("beyond its two parts", Right)];
        let mut pairs = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        for pair in &self.pairs {
            pairs.push([pair.components.join(" and "), signed(pair.beyond)]);
        }
        format!(
            "\nTogether, {}: ablated by itself, behind all others, and the mean over all orders\n{}\n{}\n  cheapest first: {}\n",
            self.costs.operator,
            costs.text("  "),
            pairs.text("  "),
            self.cheapest_first.join(", ")
        )
    }
}

/// The order in which each component costs least behind those before it; what is no number costs most.
fn cheapest_first(sets: &[Option<f64>]) -> Vec<usize> {
    let count = sets.len().trailing_zeros() as usize;
    let (mut ablated, mut order) = (0, Vec::new());
    while order.len() < count {
        let left = (0..count).filter(|index| ablated & (1 << index) == 0);
        let cost = |index: &usize| sets[ablated | 1 << index].unwrap_or(f64::INFINITY);
        let Some(next) = left.min_by(|one, other| cost(one).total_cmp(&cost(other))) else { break };
        ablated |= 1 << next;
        order.push(next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Components 0 and 1 do the same work, component 2 some of its own.
    #[test]
    fn the_cheapest_comes_first_and_then_what_is_cheapest_behind_it() {
        let cost = |set: usize| f64::from(u8::from(set & 3 == 3)) * 5.0 + f64::from(u8::from(set & 4 != 0));
        let sets: Vec<Option<f64>> = (0..8).map(|set| Some(cost(set))).collect();
        assert_eq!(cheapest_first(&sets), [0, 2, 1]);
        assert_eq!(cheapest_first(&[Some(0.0), None, Some(1.0), Some(2.0)]), [1, 0]);
    }
}
