//! What is left out and what is cut out, checked against what the parts of a model allow and turned into edits.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Cut, Grade, Operator, Site};
use burn::tensor::{Device, Tensor};

use crate::edits::{Edit, Edits, SiteOutputs, targets};
use crate::error::ModelError;
use crate::family::{Family, tapped};
use crate::fleet::read;
use crate::scope::Pass;
use crate::weights::Weights;

/// The edits of a fleet of which replica `i` goes without the parts `removed[i]` from the start.
///
/// # Errors
/// If there is no such part, or no model can be trained without it.
pub(crate) fn absence(sites: &[Site], removed: &[&[String]]) -> Result<Edits, ModelError> {
    let mut edits = Edits::none(removed.len());
    for (replica, path) in removed.iter().enumerate().flat_map(|(replica, paths)| paths.iter().map(move |path| (replica, path))) {
        let site = find(sites, path)?;
        if let Grade::Refused { reason } = &site.removal {
            return Err(ModelError::Refused { what: format!("training without `{path}`"), reason: reason.clone() });
        }
        for target in targets(sites, path) {
            edits.set(replica, &target.path, Edit::absence(target));
        }
    }
    Ok(edits)
}

/// Whether a cut is offered.
///
/// # Errors
/// If there is no such part, the operator is refused there, or its factor is out of range.
pub(crate) fn check(sites: &[Site], cut: &Cut) -> Result<(), ModelError> {
    let site = find(sites, &cut.site)?;
    let what = format!("cut `{}` of `{}`", cut.operator.name(), cut.site);
    if let Grade::Refused { reason } = site.grade(cut.operator) {
        return Err(ModelError::Refused { what, reason });
    }
    let range = site.cuts.iter().find(|option| option.kind == cut.operator.name()).and_then(|option| option.factor);
    match (cut.operator, range) {
        (Operator::Scale { factor }, Some(range)) if !(range.minimum..=range.maximum).contains(&factor) => {
            let reason = format!("its factor is {factor}; choose one from {} to {}", range.minimum, range.maximum);
            Err(ModelError::Refused { what, reason })
        }
        _ => Ok(()),
    }
}

/// Whether cuts can be made together in a model that never had `removed`.
///
/// # Errors
/// As [`check`]; or if a part would be cut twice, or is not there to be cut.
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

/// The edits that cut one trained model, by site. Means are taken of what the sites say on the reference set before any of the cuts.
///
/// `weights` and `edits`: one replica, and what it goes without already.
pub(crate) async fn edits(
    family: &dyn Family,
    weights: &Weights,
    edits: &Edits,
    cuts: &[Cut],
    device: &Device,
) -> Result<Vec<(String, Edit)>, ModelError> {
    let sites = family.sites();
    let takes_mean = |cut: &&Cut| matches!(cut.operator, Operator::Mean | Operator::MeanByPosition);
    let listened: BTreeSet<String> =
        cuts.iter().filter(takes_mean).flat_map(|cut| targets(&sites, &cut.site)).map(|site| site.path.clone()).collect();
    let outputs = if listened.is_empty() { BTreeMap::new() } else { outputs(family, weights, edits, listened, device).await? };
    let edit = |cut: &Cut, site: &Site| (site.path.clone(), Edit::cut(site, cut.operator, outputs.get(&site.path)));
    Ok(cuts.iter().flat_map(|cut| targets(&sites, &cut.site).into_iter().map(move |site| edit(cut, site))).collect())
}

/// What sites say on the reference set.
async fn outputs(
    family: &dyn Family,
    weights: &Weights,
    edits: &Edits,
    paths: BTreeSet<String>,
    device: &Device,
) -> Result<BTreeMap<String, SiteOutputs>, ModelError> {
    let batch = family.reference(1, device);
    let (paths, tensors): (Vec<String>, Vec<Tensor<3>>) =
        tapped(family, Pass::new(weights, edits), &batch, paths.into_iter().collect()).into_iter().unzip();
    let widths: Vec<usize> = tensors.iter().map(|tensor| tensor.dims()[2]).collect();
    let seen = paths.into_iter().zip(read(tensors).await?).zip(widths);
    Ok(seen.map(|((path, values), width)| (path, SiteOutputs { values, positions: family.positions(), width })).collect())
}

fn find<'a>(sites: &'a [Site], path: &str) -> Result<&'a Site, ModelError> {
    sites.iter().find(|site| site.path == path).ok_or_else(|| ModelError::no_site(path, sites))
}
