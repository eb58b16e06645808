//! Every set of a few components, ablated together.
//!
//! Where two components do the same work, leaving one out costs nothing, and leaving it out behind the other costs all. So each component has
//! several costs: by itself, behind all others, and the mean over all orders (Shapley).

use ablation_protocol::{Ablation, Site, overlap};
use ablation_stats::{MOST_COMPONENTS, kendall_tau, shapley};
use serde::Serialize;

/// Two components are ranked the same by both, or are tied.
const FEWEST_RANKED: usize = 3;

/// What one of several components costs: rises of the loss, none where a loss is not finite.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Shares {
    /// Its path.
    pub component: String,
    /// Ablated by itself.
    pub first: Option<f64>,
    /// Ablated when all others are.
    pub last: Option<f64>,
    /// The mean over all orders.
    pub shapley: Option<f64>,
}

/// What several components cost, one by one and together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Together {
    /// What each is ablated by.
    pub operator: String,
    /// Of each component.
    pub shares: Vec<Shares>,
    /// The rise of the loss when all are ablated.
    pub all: Option<f64>,
    /// Whether leaving out (`first`) and leaving in (`last`) rank the components alike: Kendall's tau, 1 if they do.
    pub kendall_tau: Option<f64>,
}

/// The components with these paths.
///
/// # Errors
/// If there are fewer than two or too many, one stands twice, is none or holds another one: a sentence.
pub fn chosen<'a>(paths: &[String], sites: &'a [Site]) -> Result<Vec<&'a Site>, String> {
    if paths.len() < 2 || paths.len() > MOST_COMPONENTS {
        return Err(format!("it takes 2 to {MOST_COMPONENTS} components, and has {}", paths.len()));
    }
    for (index, path) in paths.iter().enumerate() {
        if let Some(other) = paths[..index].iter().find(|other| overlap(path, other)) {
            return Err(format!("`{path}` and `{other}` are the same or one is a part of the other; choose one of them"));
        }
    }
    let find = |path: &String| {
        let site = sites.iter().find(|site| site.path == *path);
        site.ok_or_else(|| format!("there is no component `{path}`"))
    };
    paths.iter().map(find).collect()
}

/// Every set of the components, as ablations with one operator: bit `i` of a set's index says whether component `i` is in it.
///
/// # Errors
/// If the operator is not offered at each of them: a sentence.
pub fn every_set(components: &[&Site], operator: &str) -> Result<Vec<Vec<Ablation>>, String> {
    for site in components {
        let grade = site.grade(operator);
        if !grade.allowed() {
            return Err(format!("`{}` of `{}`: {}", operator, site.path, grade.reason()));
        }
    }
    let members = |set: usize| components.iter().enumerate().filter(move |(index, _)| set & (1 << index) != 0);
    let ablations = |set| members(set).map(|(_, site)| Ablation::new(&site.path, operator)).collect();
    Ok((0..1 << components.len()).map(ablations).collect())
}

/// What each component costs. `sets`: the rise of the loss for each of [`every_set`].
fn shares(components: &[&Site], sets: &[Option<f64>]) -> Vec<Shares> {
    let all = sets.len() - 1;
    let beyond = |whole: usize, part: usize| Some(sets[whole]? - sets[part]?);
    let effects: Option<Vec<f64>> = sets.iter().copied().collect();
    let values = effects.as_deref().and_then(shapley);
    let share = |(index, site): (usize, &&Site)| Shares {
        component: site.path.clone(),
        first: beyond(1 << index, 0),
        last: beyond(all, all & !(1 << index)),
        shapley: values.as_ref().map(|values| values[index]),
    };
    components.iter().enumerate().map(share).collect()
}

/// Kendall's tau between what components cost by themselves and behind all others. None if a cost is missing, all are tied, or there are only two.
pub fn rank_agreement(first: &[Option<f64>], last: &[Option<f64>]) -> Option<f64> {
    let known = |costs: &[Option<f64>]| costs.iter().copied().collect::<Option<Vec<f64>>>();
    let (first, last) = (known(first)?, known(last)?);
    if first.len() < FEWEST_RANKED { None } else { kendall_tau(&first, &last).ok().flatten() }
}

impl Together {
    /// From the rise of the loss for each of [`every_set`].
    pub fn of(components: &[&Site], operator: &str, sets: &[Option<f64>]) -> Self {
        let shares = shares(components, sets);
        let costs = |cost: fn(&Shares) -> Option<f64>| shares.iter().map(cost).collect::<Vec<_>>();
        Together {
            operator: operator.to_string(),
            kendall_tau: rank_agreement(&costs(|one| one.first), &costs(|one| one.last)),
            all: sets.last().copied().flatten(),
            shares,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_components_and_missing_costs_are_not_ranked() {
        let some = |costs: &[f64]| costs.iter().map(|cost| Some(*cost)).collect::<Vec<_>>();
        assert_eq!(rank_agreement(&some(&[1.0, 2.0]), &some(&[1.0, 2.0])), None);
        assert_eq!(rank_agreement(&some(&[1.0, 1.0, 1.0]), &some(&[1.0, 2.0, 3.0])), None);
        assert_eq!(rank_agreement(&[Some(1.0), None, Some(2.0)], &some(&[1.0, 2.0, 3.0])), None);
        assert_eq!(rank_agreement(&some(&[1.0, f64::NAN, 2.0]), &some(&[1.0, 2.0, 3.0])), None);
        assert_eq!(rank_agreement(&some(&[1.0, 2.0, 3.0]), &some(&[0.1, 0.2, 0.9])), Some(1.0));
    }
}
