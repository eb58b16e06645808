//! `ablation sweep --pairs`: every pair of components of one trained model, ablated together.
//!
//! What a pair costs beyond the sum of what its two parts cost is what single ablations cannot show: above 0 each does work of the other, below 0
//! what one does is lost with the other anyway.

use serde::Serialize;

use crate::components::Costs;
use crate::number::{count, signed};
use crate::table::{Align::Left, Align::Right, Table};

/// Pairs that are printed of each sign.
const SHOWN: usize = 8;

/// What ablating the pairs of some components costs.
#[derive(Serialize)]
pub struct Pairs {
    over: String,
    operator: &'static str,
    components: Vec<String>,
    /// The rise of the loss when two components are ablated, by the indices of both; on the diagonal that of one by itself.
    together: Vec<Vec<Option<f64>>>,
    /// What two components cost together beyond the sum of what each costs by itself; nothing on the diagonal.
    beyond: Vec<Vec<Option<f64>>>,
}

impl Pairs {
    /// Ablates every pair.
    ///
    /// # Errors
    /// If the device stops answering.
    pub fn measure(costs: &Costs) -> anyhow::Result<Self> {
        let components = costs.components.names.clone();
        let all = 0..components.len();
        let sets: Vec<Vec<usize>> = all.clone().map(|one| vec![one]).chain(pairs(components.len())).collect();
        let rises = costs.of(&sets)?;
        let mut together = vec![vec![None; components.len()]; components.len()];
        for (set, rise) in sets.iter().zip(rises) {
            let (one, other) = (set[0], set[set.len() - 1]);
            together[one][other] = rise;
            together[other][one] = rise;
        }
        let beyond = |one: usize, other: usize| {
            Some(together[one][other]? - together[one][one]? - together[other][other]?).filter(|_| one != other)
        };
        let beyond = all.clone().map(|one| all.clone().map(|other| beyond(one, other)).collect()).collect();
        Ok(Pairs { over: costs.components.over.clone(), operator: costs.components.operator, components, together, beyond })
    }

    /// Some lines and a table.
    pub fn text(&self) -> String {
        let mut known: Vec<(f64, Vec<usize>)> =
            pairs(self.components.len()).filter_map(|pair| Some((self.beyond[pair[0]][pair[1]]?, pair))).collect();
        known.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let more = known.iter().filter(|(beyond, _)| *beyond > 0.0).count();
        let less = known.iter().filter(|(beyond, _)| *beyond < 0.0).count();
        let headings = [("pair", Left), ("by themselves", Right), ("together", Right), ("beyond", Right)];
        let mut table = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        let (first, last) = (more.min(SHOWN), known.len() - less.min(SHOWN));
        for (index, (beyond, pair)) in known.iter().enumerate() {
            if index >= first && index < last {
                if index == first {
                    table.push([format!("… {} between", count(last - first))]);
                }
                continue;
            }
            let (one, other) = (pair[0], pair[1]);
            let apart = self.together[one][one].zip(self.together[other][other]).map(|(one, other)| one + other);
            table.push([
                format!("{} and {}", self.components[one], self.components[other]),
                signed(apart),
                signed(self.together[one][other]),
                signed(Some(*beyond)),
            ]);
        }
        let all = pairs(self.components.len()).count();
        let missing = all - known.len();
        let unknown = if missing > 0 { format!("; of {} a loss is no number", count(missing)) } else { String::new() };
        format!(
            "\nPairs of {}, {}: what both cost together beyond what each costs by itself\n{}  {} pairs: {} cost more together (redundancy: each does work of the other),\n  {} cost less (overlap: what one does is lost with the other anyway){unknown}\n",
            self.over,
            self.operator,
            table.text("  "),
            count(all),
            count(more),
            count(less),
        )
    }
}

/// Every pair of so many components once.
fn pairs(components: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..components).flat_map(move |one| (one + 1..components).map(move |other| vec![one, other]))
}
