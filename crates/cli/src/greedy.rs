//! `ablation sweep --greedy`: the component that costs least behind those that are out goes next, until all are out.
//!
//! How far a model can be ablated before it breaks, which single ablations do not say. Beside it stand random orders of the same components: a
//! greedy order that is no better has found nothing.

use ablation_models::random_orders;
use serde::Serialize;

use crate::components::Costs;
use crate::number::{measure as number, signed};
use crate::progress::Progress;
use crate::table::{Align::Left, Align::Right, Table};

/// The components of one sort in the order in which they went.
#[derive(Serialize)]
pub struct Greedy {
    over: String,
    operator: &'static str,
    steps: Vec<Step>,
    /// The random orders that it is compared with.
    random_orders: Vec<Vec<String>>,
}

/// One component more is ablated.
#[derive(Serialize)]
struct Step {
    component: String,
    /// The loss now.
    loss: Option<f64>,
    /// Its rise since before any ablation.
    rise: Option<f64>,
    /// Its rise since the step before: what this component costs behind those before it.
    cost: Option<f64>,
    /// The rise when as many components are ablated, in each random order.
    random: Vec<Option<f64>>,
}

impl Greedy {
    /// Ablates one component more in every step. `orders`: random orders beside it; `seed`: what they are drawn from.
    ///
    /// # Errors
    /// If the device stops answering.
    pub fn measure(costs: &Costs, orders: usize, seed: u64) -> anyhow::Result<Self> {
        let names = &costs.components.names;
        let orders = random_orders(names.len(), orders, seed);
        let prefixes: Vec<Vec<usize>> =
            orders.iter().flat_map(|order| (1..=order.len()).map(|count| ablated(&order[..count], None))).collect();
        let random = costs.of(&prefixes)?;
        let (mut out, mut steps, mut before) = (Vec::new(), Vec::new(), Some(0.0));
        let mut progress = Progress::new(names.len() as u64);
        while out.len() < names.len() {
            let left: Vec<usize> = (0..names.len()).filter(|index| !out.contains(index)).collect();
            let sets: Vec<Vec<usize>> = left.iter().map(|next| ablated(&out, Some(*next))).collect();
            let rises = costs.of(&sets)?;
            let Some(cheapest) = cheapest(&rises) else { break };
            let rise = rises[cheapest];
            steps.push(Step {
                component: names[left[cheapest]].clone(),
                loss: rise.zip(costs.loss).map(|(rise, loss)| loss + rise),
                rise,
                cost: rise.zip(before).map(|(rise, before)| rise - before),
                random: random.iter().skip(out.len()).step_by(names.len()).copied().collect(),
            });
            before = rise;
            out.push(left[cheapest]);
            progress.at(out.len() as u64, "ablate the cheapest", None);
        }
        let named = |order: &Vec<usize>| order.iter().map(|&index| names[index].clone()).collect();
        Ok(Greedy {
            over: costs.components.over.clone(),
            operator: costs.components.operator,
            steps,
            random_orders: orders.iter().map(named).collect(),
        })
    }

    /// A line and a table.
    pub fn text(&self) -> String {
        let orders = self.random_orders.len();
        let mut headings = vec![("out", Right), ("component", Left), ("it costs", Right), ("loss", Right), ("rise", Right)];
        let random = format!("as many at random, mean of {orders}");
        if orders > 0 {
            headings.push((&random, Right));
        }
        let mut table = Table::new(headings.into_iter().map(|(heading, align)| (heading.to_string(), align)));
        for (index, step) in self.steps.iter().enumerate() {
            let rises: Option<Vec<f64>> = step.random.iter().copied().collect();
            let mean = rises.map(|rises| rises.iter().sum::<f64>() / rises.len() as f64);
            let mut row =
                vec![(index + 1).to_string(), step.component.clone(), signed(step.cost), number(step.loss), signed(step.rise)];
            if orders > 0 {
                row.push(signed(mean));
            }
            table.push(row);
        }
        format!(
            "\nGreedy over {}, {}: what costs least behind those that are out goes next\n{}",
            self.over,
            self.operator,
            table.text("  ")
        )
    }
}

/// The components that are ablated, in the order of the model.
fn ablated(out: &[usize], next: Option<usize>) -> Vec<usize> {
    let mut set: Vec<usize> = out.iter().copied().chain(next).collect();
    set.sort_unstable();
    set
}

/// The index of the lowest rise, the first of equals; what is no number costs most.
fn cheapest(rises: &[Option<f64>]) -> Option<usize> {
    let cost = |index: &usize| rises[*index].unwrap_or(f64::INFINITY);
    (0..rises.len()).min_by(|one, other| cost(one).total_cmp(&cost(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_is_the_first_of_equals_and_no_missing_one() {
        assert_eq!(cheapest(&[None, Some(2.0), Some(-1.0), Some(-1.0)]), Some(2));
        assert_eq!(cheapest(&[None, None]), Some(0));
        assert_eq!(cheapest(&[]), None);
    }
}
