//! What is left out from the start and what is ablated in a trained model: checked against what the sites allow, and turned into edits.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Ablation, Grade, Site};
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
/// If there is no such site, the operator has no meaning or is refused there, or a parameter is unknown or out of range.
pub(crate) fn check(sites: &[Site], ablation: &Ablation) -> Result<(), ModelError> {
    let site = find(sites, &ablation.site)?;
    let refuse = |reason: String| Err(ModelError::Refused { what: spoken(ablation), reason });
    let option = match site.ablation(&ablation.operator) {
        Ok(option) => option,
        Err(reason) => return refuse(reason),
    };
    if let Grade::Refused { reason } = &option.grade {
        return refuse(reason.clone());
    }
    option.wrong_parameter(ablation).map_or(Ok(()), refuse)
}

/// Whether ablations can be made together in a model that was trained without the sites `removed`.
///
/// # Errors
/// As [`check`]; or if a site would be ablated twice, or was never there.
pub(crate) fn check_together(sites: &[Site], removed: &[String], ablations: &[Ablation]) -> Result<(), ModelError> {
    let mut taken: BTreeMap<&str, &str> = removed
        .iter()
        .flat_map(|path| targets(sites, path))
        .map(|site| (site.path.as_str(), "left out from the start"))
        .collect();
    for ablation in ablations {
        check(sites, ablation)?;
        for site in targets(sites, &ablation.site) {
            if let Some(reason) = taken.insert(&site.path, "ablated already") {
                let reason = format!("`{}` was {reason}; name it once", site.path);
                return Err(ModelError::Refused { what: spoken(ablation), reason });
            }
        }
    }
    Ok(())
}

/// Whether an ablation leaves nothing of what the component computes, as setting it to its mean does and halving it does not.
pub(crate) fn silences(sites: &[Site], ablation: &Ablation) -> bool {
    let Some(operator) = Operator::find(&ablation.operator) else { return false };
    let edit = |site: &Site| {
        let (positions, channels) = (site.positions, site.channels);
        let reference = Activations { values: vec![0.0; positions * channels], positions, channels };
        let request = Request { site, parameters: &ablation.parameters, stream: Stream::root(0) };
        operator.edit(&request, Some(&reference))
    };
    targets(sites, &ablation.site).into_iter().all(|site| edit(site).keep == 0.0)
}

/// An ablation inside an error message.
fn spoken(ablation: &Ablation) -> String {
    format!("ablation `{}` of `{}`", ablation.operator, ablation.site)
}

/// The edits that ablate one trained model, by site. What operators take from the reference set is measured before any of the ablations.
///
/// `weights` and `edits`: one replica, and what it was trained without. `seed`: what operators draw from.
pub(crate) async fn edits(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    ablations: &[Ablation],
    seed: u64,
    device: &Device,
) -> Result<Vec<(String, Edit)>, ModelError> {
    let sites = model.sites();
    let mut ablated: Vec<(&Site, &Operator, &BTreeMap<String, f64>)> = Vec::new();
    for ablation in ablations {
        check(&sites, ablation)?;
        let Some(operator) = Operator::find(&ablation.operator) else { continue };
        ablated.extend(targets(&sites, &ablation.site).into_iter().map(|site| (site, operator, &ablation.parameters)));
    }
    let needed = ablated.iter().filter(|(_, operator, _)| operator.needs_reference());
    let needed: BTreeSet<String> = needed.map(|(site, ..)| site.path.clone()).collect();
    let reference = reference(model, weights, edits, needed, &sites, device).await?;
    let edit = |&(site, operator, parameters): &(&Site, &Operator, &BTreeMap<String, f64>)| {
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
