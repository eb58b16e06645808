//! What is left out from the start and what is ablated in a trained model: checked against what the sites allow, and turned into edits.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Ablation, Grade, Site};
use ablation_random::Stream;
use burn::tensor::Device;

use crate::activations::{Activations, NormReference, Tokens};
use crate::edits::{Edit, Edits, targets};
use crate::error::ModelError;
use crate::fit::{self, Fitted};
use crate::fleet::read;
use crate::layers::norms::SCALE;
use crate::model::{Model, captured};
use crate::operators::{Known, Operator, Request, Resolve};
use crate::scope::Pass;
use crate::tensor::Tensor;
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
        let outputs = Activations { values: vec![0.0; positions * channels], positions, channels };
        let scale = Activations { values: vec![1.0; positions], positions, channels: 1 };
        let norm = NormReference { scale, gain: vec![1.0; channels], bias: None, centred: false };
        let request = Request { site, parameters: &ablation.parameters, stream: Stream::root(0) };
        operator.edit(&request, &Known { outputs: Some(&outputs), norm: Some(&norm), tokens: None })
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
///
/// # Errors
/// If an ablation is not offered, or the device stops answering.
pub async fn edits(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    ablations: &[Ablation],
    seed: u64,
    device: &Device,
) -> Result<Vec<(String, Edit)>, ModelError> {
    let reference = Reference::of(model, weights, edits, ablations, &BTreeSet::new(), device).await?;
    edits_beside(&reference, model, weights, edits, ablations, seed, device).await
}

/// The same beside what is known of the reference set already.
pub(crate) async fn edits_beside(
    reference: &Reference,
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    ablations: &[Ablation],
    seed: u64,
    device: &Device,
) -> Result<Vec<(String, Edit)>, ModelError> {
    let sites = model.sites();
    let stream = Stream::root(seed).at("ablation");
    let (mut made, mut fitted) = (Vec::new(), Vec::new());
    for Ablated { site, operator, parameters } in ablated(&sites, ablations)? {
        let request = Request { site, parameters, stream };
        if let (Resolve::Fitted { steps, .. }, Some(outputs)) = (operator.resolve, reference.outputs.get(&site.path)) {
            fitted.push(Fitted { site, index: made.len(), steps: request.parameter(steps) as usize, spread: outputs.spread() });
        }
        made.push((site.path.clone(), operator.edit(&request, &reference.known(&site.path))));
    }
    fit::constants(model, weights, edits, &fitted, &mut made, device).await?;
    Ok(made)
}

/// What an operator does to some channels of a site, whether or not it is offered there: as a control for components of that size. None if
/// it does more than put something in the place of each channel by itself.
pub(crate) fn edit_of_channels(
    reference: &Reference,
    site: &Site,
    channels: &[usize],
    ablation: &Ablation,
    seed: u64,
) -> Option<Edit> {
    let operator =
        Operator::find(&ablation.operator).filter(|one| matches!(one.resolve, Resolve::Alone(_) | Resolve::Reference(_)))?;
    let request = Request { site, parameters: &ablation.parameters, stream: Stream::root(seed).at("ablation") };
    let edit = operator.edit(&request, &reference.known(&site.path));
    (edit.pass == 0.0 && edit.pattern.is_none() && edit.directions.is_empty()).then(|| edit.restricted(channels, site.channels))
}

/// One site with what is done to it.
struct Ablated<'a> {
    site: &'a Site,
    operator: &'static Operator,
    parameters: &'a BTreeMap<String, f64>,
}

/// The sites that ablations change.
fn ablated<'a>(sites: &'a [Site], ablations: &'a [Ablation]) -> Result<Vec<Ablated<'a>>, ModelError> {
    let mut ablated = Vec::new();
    for ablation in ablations {
        check(sites, ablation)?;
        let Some(operator) = Operator::find(&ablation.operator) else { continue };
        let at = |site| Ablated { site, operator, parameters: &ablation.parameters };
        ablated.extend(targets(sites, &ablation.site).into_iter().map(at));
    }
    Ok(ablated)
}

/// What is known of the reference set, by site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reference {
    outputs: BTreeMap<String, Activations>,
    norms: BTreeMap<String, NormReference>,
    tokens: Option<Tokens>,
}

impl Reference {
    /// What the operators of some ablations need, read from the device at once. `also`: sites whose outputs are needed as well.
    pub(crate) async fn of(
        model: &Model,
        weights: &Weights,
        edits: &Edits,
        ablations: &[Ablation],
        also: &BTreeSet<String>,
        device: &Device,
    ) -> Result<Self, ModelError> {
        let sites = model.sites();
        let (mut outputs, mut norms) = (BTreeMap::new(), BTreeMap::new());
        let mut reference = Reference::default();
        outputs.extend(sites.iter().filter(|site| also.contains(&site.path)).map(|site| (site.path.clone(), site)));
        for Ablated { site, operator, .. } in ablated(&sites, ablations)? {
            match operator.resolve {
                Resolve::Alone(_) => {}
                Resolve::Tokens(_) if reference.tokens.is_some() => {}
                Resolve::Tokens(_) => reference.tokens = model.reference_tokens(device).await?,
                Resolve::Reference(_) | Resolve::Fitted { .. } => drop(outputs.insert(site.path.clone(), site)),
                Resolve::Norm(_) => drop(norms.insert(format!("{}.{SCALE}", site.path), site)),
            }
        }
        if outputs.is_empty() && norms.is_empty() {
            return Ok(reference);
        }
        let (batch, edits) = (model.reference(1, device), edits.resolve(&sites, device));
        let paths = outputs.keys().chain(norms.keys()).cloned().collect();
        let (paths, tensors): (Vec<String>, Vec<Tensor<3>>) =
            captured(model, Pass::new(weights, &edits), &batch, paths).into_iter().unzip();
        for (path, values) in paths.into_iter().zip(read(tensors).await?) {
            if let Some(site) = outputs.get(&path) {
                let seen = Activations { values, positions: site.positions, channels: site.channels };
                reference.outputs.insert(path, seen);
            } else if let Some(site) = norms.get(&path) {
                let scale = Activations { values, positions: site.positions, channels: 1 };
                reference.norms.insert(site.path.clone(), norm(model, weights, site, scale).await?);
            }
        }
        Ok(reference)
    }

    /// What is known of a site.
    fn known(&self, path: &str) -> Known<'_> {
        Known { outputs: self.outputs.get(path), norm: self.norms.get(path), tokens: self.tokens.as_ref() }
    }
}

/// A norm with its parameters.
async fn norm(model: &Model, weights: &Weights, site: &Site, scale: Activations) -> Result<NormReference, ModelError> {
    let bias = format!("{}.bias", site.path);
    let bias = model.parameters().iter().any(|parameter| parameter.path == bias).then_some(bias);
    let paths = std::iter::once(format!("{}.gain", site.path)).chain(bias);
    let mut parameters = read(paths.map(|path| weights.get(&path).clone()).collect()).await?.into_iter();
    let gain = parameters.next().unwrap_or_default();
    Ok(NormReference { scale, gain, bias: parameters.next(), centred: model.norms().kind.value.is_centred() })
}

fn find<'a>(sites: &'a [Site], path: &str) -> Result<&'a Site, ModelError> {
    sites.iter().find(|site| site.path == path).ok_or_else(|| ModelError::no_site(path, sites))
}
