//! What is left out from the start and what is ablated in a trained model: checked against what the sites allow, and turned into edits.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Cut, Grade, Operator as CutOperator, Site};
use ablation_random::Stream;
use burn::tensor::{Device, Tensor};

use crate::activations::Activations;
use crate::edits::{Edit, Edits, targets};
use crate::error::ModelError;
use crate::fleet::read;
use crate::model::{Model, captured};
use crate::operators::{Operator, Request};
use crate::scope::Pass;
use crate::weights::Weights;

/// The edits of a fleet of which replica `i` is trained without the sites `removed[i]`.
///
/// # Errors
/// If there is no such site, or training without it is refused.
pub(crate) fn removal(sites: &[Site], removed: &[&[String]]) -> Result<Edits, ModelError> {
    let mut edits = Edits::none(removed.len());
    for (replica, paths) in removed.iter().enumerate() {
        for path in *paths {
            let site = find(sites, path)?;
            if let Grade::Refused { reason } = &site.removal {
                return Err(ModelError::Refused { what: format!("training without `{path}`"), reason: reason.clone() });
            }
            for target in targets(sites, path) {
                edits.set(replica, &target.path, Edit::removal(target));
            }
        }
    }
    Ok(edits)
}

/// Whether an ablation is offered.
///
/// # Errors
/// If there is no such site, the operator is refused there, or a parameter is out of range.
pub(crate) fn check(sites: &[Site], cut: &Cut) -> Result<(), ModelError> {
    let site = find(sites, &cut.site)?;
    let what = format!("cut `{}` of `{}`", cut.operator.name(), cut.site);
    if let Grade::Refused { reason } = site.grade(cut.operator) {
        return Err(ModelError::Refused { what, reason });
    }
    let range = site.cuts.iter().find(|option| option.kind == cut.operator.name()).and_then(|option| option.factor);
    match (cut.operator, range) {
        (CutOperator::Scale { factor }, Some(range)) if !(range.minimum..=range.maximum).contains(&factor) => {
            let reason = format!("its factor is {factor}; choose one from {} to {}", range.minimum, range.maximum);
            Err(ModelError::Refused { what, reason })
        }
        _ => Ok(()),
    }
}

/// Whether ablations can be made together in a model that was trained without the sites `removed`.
///
/// # Errors
/// As [`check`]; or if a site would be ablated twice, or was never there.
pub(crate) fn check_together(sites: &[Site], removed: &[String], cuts: &[Cut]) -> Result<(), ModelError> {
    let mut taken: BTreeMap<&str, &str> =
        removed.iter().flat_map(|path| targets(sites, path)).map(|site| (site.path.as_str(), "never there")).collect();
    for cut in cuts {
        check(sites, cut)?;
        for site in targets(sites, &cut.site) {
            if let Some(reason) = taken.insert(&site.path, "cut already") {
                let what = format!("cut `{}` of `{}`", cut.operator.name(), cut.site);
                return Err(ModelError::Refused { what, reason: format!("`{}` was {reason}; name it once", site.path) });
            }
        }
    }
    Ok(())
}

/// The edits that ablate one trained model, by site. What operators take from the reference set is measured before any of the ablations.
///
/// `weights` and `edits`: one replica, and what it was trained without. `seed`: what operators draw from.
pub(crate) async fn edits(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    cuts: &[Cut],
    seed: u64,
    device: &Device,
) -> Result<Vec<(String, Edit)>, ModelError> {
    let sites = model.sites();
    let mut ablated: Vec<(&Site, &Operator, BTreeMap<String, f64>)> = Vec::new();
    for cut in cuts {
        let operator = Operator::find(cut.operator.name()).ok_or_else(|| ModelError::no_site(&cut.site, &sites))?;
        let parameters = match cut.operator {
            CutOperator::Scale { factor } => BTreeMap::from([("factor".to_string(), factor)]),
            _ => BTreeMap::new(),
        };
        ablated.extend(targets(&sites, &cut.site).into_iter().map(|site| (site, operator, parameters.clone())));
    }
    let needed = ablated.iter().filter(|(_, operator, _)| operator.needs_reference());
    let needed: BTreeSet<String> = needed.map(|(site, ..)| site.path.clone()).collect();
    let reference = reference(model, weights, edits, needed, &sites, device).await?;
    let edit = |(site, operator, parameters): &(&Site, &Operator, BTreeMap<String, f64>)| {
        let request = Request { site, parameters, stream: Stream::root(seed).at("ablation").at(&site.path) };
        (site.path.clone(), operator.edit(&request, reference.get(&site.path)))
    };
    Ok(ablated.iter().map(edit).collect())
}

/// Activations of sites on the reference set, read from the device at once.
async fn reference(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    paths: BTreeSet<String>,
    sites: &[Site],
    device: &Device,
) -> Result<BTreeMap<String, Activations>, ModelError> {
    if paths.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (batch, edits) = (model.reference(1, device), edits.resolve(sites, device));
    let (paths, tensors): (Vec<String>, Vec<Tensor<3>>) =
        captured(model, Pass::new(weights, &edits), &batch, paths.into_iter().collect()).into_iter().unzip();
    let activations = |(path, values): (String, Vec<f32>)| {
        let site = sites.iter().find(|site| site.path == path)?;
        Some((path, Activations { values, positions: site.positions, channels: site.channels }))
    };
    Ok(paths.into_iter().zip(read(tensors).await?).filter_map(activations).collect())
}

fn find<'a>(sites: &'a [Site], path: &str) -> Result<&'a Site, ModelError> {
    sites.iter().find(|site| site.path == path).ok_or_else(|| ModelError::no_site(path, sites))
}
