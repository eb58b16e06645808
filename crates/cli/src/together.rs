//! `ablation sweep --together`: every set of a few components, ablated together in one trained model.
//!
//! Where two components do the same work, leaving one out costs nothing, and leaving it out behind the other costs all. The table has both, the
//! mean over all orders (Shapley), and what each pair costs beyond its two parts.

use ablation_models::Operator;
use ablation_protocol::{Ablation, Site};
use ablation_stats::{MOST_COMPONENTS, shapley};
use serde::Serialize;

use crate::failure::bad_input;
use crate::number::signed;
use crate::table::{Align::Left, Align::Right, Table};

/// What ablating the sets of some components with one operator costs.
#[derive(Serialize)]
pub struct Together {
    operator: String,
    components: Vec<String>,
    /// The rise of the loss for every set: that of set `s` at index `s`, where bit `i` says whether component `i` is ablated.
    sets: Vec<Option<f64>>,
    /// For each component its [`Shares`].
    shares: Vec<Shares>,
    /// What each pair costs beyond the sum of what its two components cost.
    pairs: Vec<Pair>,
    /// The components in the order in which each costs least behind those before it.
    cheapest_first: Vec<String>,
}

/// What one component costs.
#[derive(Serialize)]
struct Shares {
    component: String,
    /// Ablated by itself.
    first: Option<f64>,
    /// Ablated when all others are.
    last: Option<f64>,
    /// The mean over all orders.
    shapley: Option<f64>,
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
    if typed.len() < 2 || typed.len() > MOST_COMPONENTS {
        let count = typed.len();
        return Err(bad_input(format!(
            "`--together` takes 2 to {MOST_COMPONENTS} components with commas between them, and has {count}"
        )));
    }
    let typed: Vec<&str> = typed.iter().map(|path| path.trim()).collect();
    for (index, path) in typed.iter().enumerate() {
        if let Some(other) = typed[..index].iter().find(|other| overlap(path, other)) {
            return Err(bad_input(format!(
                "`--together`: `{path}` and `{other}` are the same or one is a part of the other; choose one of them"
            )));
        }
    }
    let find = |path: &&str| {
        let site = sites.iter().find(|site| site.path == *path);
        site.ok_or_else(|| bad_input(format!("`--together`: there is no component `{path}`; `ablation sites` lists them")))
    };
    typed.iter().map(find).collect()
}

fn overlap(one: &str, other: &str) -> bool {
    let within = |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    within(one, other) || within(other, one)
}

/// Every set of the components, as ablations with one operator; the first set is empty. None where the operator is not offered at each of them.
pub fn sets(components: &[&Site], operator: &Operator) -> Option<Vec<Vec<Ablation>>> {
    let offered = |site: &&Site| site.ablations.iter().any(|option| option.operator == operator.name && option.grade.allowed());
    if !components.iter().all(offered) {
        return None;
    }
    let members = |set: usize| components.iter().enumerate().filter(move |(index, _)| set & (1 << index) != 0);
    let ablations = |set| members(set).map(|(_, site)| Ablation::new(&site.path, operator.name)).collect();
    Some((0..1 << components.len()).map(ablations).collect())
}

impl Together {
    /// From the rise of the loss for each of [`sets`].
    pub fn of(components: &[&Site], operator: &Operator, sets: Vec<Option<f64>>) -> Self {
        let names: Vec<String> = components.iter().map(|site| site.path.clone()).collect();
        let all = sets.len() - 1;
        let beyond = |whole: usize, part: usize| Some(sets[whole]? - sets[part]?);
        let effects: Option<Vec<f64>> = sets.iter().copied().collect();
        let values = effects.as_deref().and_then(shapley);
        let shares = names.iter().enumerate().map(|(index, name)| Shares {
            component: name.clone(),
            first: beyond(1 << index, 0),
            last: beyond(all, all & !(1 << index)),
            shapley: values.as_ref().map(|values| values[index]),
        });
        let pairs = (0..names.len()).flat_map(|one| (one + 1..names.len()).map(move |other| (one, other)));
        let pairs = pairs.map(|(one, other)| Pair {
            components: [names[one].clone(), names[other].clone()],
            beyond: beyond(1 << one | 1 << other, 1 << one).zip(beyond(1 << other, 0)).map(|(behind, alone)| behind - alone),
        });
        Together {
            operator: operator.name.to_string(),
            shares: shares.collect(),
            pairs: pairs.collect(),
            cheapest_first: cheapest_first(&sets).into_iter().map(|index| names[index].clone()).collect(),
            components: names,
            sets,
        }
    }

    /// Two tables and a line.
    pub fn text(&self) -> String {
        let headings = [("component", Left), ("by itself", Right), ("behind all others", Right), ("Shapley value", Right)];
        let mut shares = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        for row in &self.shares {
            shares.push([row.component.clone(), signed(row.first), signed(row.last), signed(row.shapley)]);
        }
        shares.push(["all together".to_string(), String::new(), String::new(), signed(self.sets.last().copied().flatten())]);
        let headings = [("pair", Left), ("beyond its two parts", Right)];
        let mut pairs = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
        for pair in &self.pairs {
            pairs.push([pair.components.join(" and "), signed(pair.beyond)]);
        }
        format!(
            "\nTogether, {}: ablated by itself, behind all others, and the mean over all orders\n{}\n{}\n  cheapest first: {}\n",
            self.operator,
            shares.text("  "),
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
