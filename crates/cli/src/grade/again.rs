//! Running trials of a record again.
//!
//! A trial has the settings that the student's search chose, so the search is not run again; what a trial goes on with, such as the reference that
//! is ablated, is trained first.

use std::collections::BTreeMap;

use ablation_assignments::Again;
use ablation_models::{Context, Finished, Lane, ModelError};
use ablation_protocol::{Planned, Trial};

use crate::arguments::DeviceKind;
use crate::device::{self, Opened};
use crate::progress::Progress;
use crate::run::label;

/// Runs trials again, one after the other. What cannot be run says why.
///
/// # Errors
/// If there is no such device.
pub fn run(trials: Vec<Planned>, device: DeviceKind) -> anyhow::Result<Vec<Again>> {
    if trials.is_empty() {
        return Ok(Vec::new());
    }
    let device = device::open(device)?;
    let mut weights = BTreeMap::new();
    let mut again = Vec::new();
    for planned in trials {
        let finished = finished(&planned.trial, &mut weights, &device, false);
        let outcome = finished.map(|finished| finished.outcome).map_err(|error| error.to_string());
        again.push(Again { id: planned.id, what: label(&planned.role).to_string(), outcome });
    }
    Ok(again)
}

/// What becomes of a trial, once what it goes on with is trained; `weights` holds that, by id.
fn finished(
    trial: &Trial,
    weights: &mut BTreeMap<String, Vec<u8>>,
    device: &Opened,
    keeps: bool,
) -> Result<Finished, ModelError> {
    if let Some(origin) = trial.origin() {
        let id = origin.id();
        if !weights.contains_key(&id) {
            let trained = finished(&origin, weights, device, true)?;
            weights.extend(trained.weights.map(|bytes| (id, bytes)));
        }
    }
    let lane = Lane::new(std::slice::from_ref(trial), weights, &Context::built_in(), &device.device)?;
    let mut lane = if keeps { lane.keeping_weights() } else { lane };
    let mut progress = Progress::new(lane.progress().total);
    let finished = pollster::block_on(async {
        loop {
            let now = lane.step(device.stride).await?;
            progress.at(now.done, "run again", now.losses.first().copied().flatten());
            if now.done == now.total {
                return lane.finish(device.name).await;
            }
        }
    })?;
    finished.into_iter().next().ok_or_else(|| ModelError::Trials("a lane of one trial gave no outcome".into()))
}
