//! Weights as bytes and back: safetensors, in which a number comes back as the number it was, to the bit.
//!
//! A file of weights says in its metadata which trial it is of, a checksum of its numbers, and whether that training diverged. A file
//! that was swapped for another or changed in one bit would otherwise be used without anybody noticing.

use std::collections::HashMap;

use burn::tensor::Device;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::ModelError;
use crate::fleet::read;
use crate::layout::{Layout, Place};
use crate::parameter::Parameter;
use crate::weights::Weights;

/// Key of the note in the metadata of a file of weights. One key, because the format does not keep several in order, and the same weights
/// are the same bytes.
const NOTE: &str = "ablation-weights";

/// What a file of weights says about them.
#[derive(Serialize, Deserialize)]
struct Note {
    /// Id of the trial that they are of.
    trial: String,
    /// SHA-256 of all names and numbers in name order.
    sha256: String,
    /// Whether the training diverged.
    diverged: bool,
}

/// A tensor on its way into a file: name, shape, numbers.
pub(crate) type Named = (String, [usize; 3], Vec<f32>);

/// Tensors as a file; `note` is a key and a text that go with them.
pub(crate) fn write(tensors: &[Named], note: (&str, String)) -> Result<Vec<u8>, ModelError> {
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, _, values)| bytes(values)).collect();
    let mut views = Vec::with_capacity(tensors.len());
    for ((name, shape, _), bytes) in tensors.iter().zip(&bytes) {
        views.push((name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).map_err(refuse)?));
    }
    let (key, text) = note;
    safetensors::serialize(views, Some(HashMap::from([(key.to_string(), text)]))).map_err(refuse)
}

/// The numbers of one tensor of a file.
///
/// # Errors
/// If it is missing, or of another type or shape.
pub(crate) fn tensor(file: &SafeTensors, name: &str, shape: [usize; 3]) -> Result<Vec<f32>, ModelError> {
    let view = file.tensor(name).map_err(|_| ModelError::Checkpoint(format!("`{name}` is missing")))?;
    if view.shape() != shape || view.dtype() != Dtype::F32 {
        return Err(ModelError::Checkpoint(format!(
            "`{name}` is {:?} of shape {:?}, not f32 of shape {shape:?}",
            view.dtype(),
            view.shape()
        )));
    }
    Ok(view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect())
}

/// The parameters of all replicas that were read from the device, as tensors `[replicas, rows, columns]` whose names start with
/// `prefix`. `buffers`: what was read of [`Weights::buffers`].
pub(crate) fn tensors(prefix: &str, layout: &Layout, replicas: usize, buffers: &[Vec<f32>]) -> Vec<Named> {
    let tensor = |place: &Place| {
        let values = (0..replicas).flat_map(|replica| numbers(layout, place, buffers, replica)).copied().collect();
        (format!("{prefix}{}", place.path), [replicas, place.rows, place.columns], values)
    };
    layout.own().map(tensor).collect()
}

/// One parameter of one replica.
fn numbers<'a>(layout: &Layout, place: &Place, buffers: &'a [Vec<f32>], replica: usize) -> &'a [f32] {
    let (buffer, each) = if place.frozen { (1, layout.frozen()) } else { (0, layout.trained()) };
    &buffers[buffer][replica * each..][place.range()]
}

/// What a file of weights says about the training that made them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    /// Id of the trial.
    pub trial: String,
    /// Whether its loss was not a number at some point: then its weights may not be numbers either.
    pub diverged: bool,
}

/// The weights of a fleet, one file per replica, read from the device at once. Tensors are `[1, rows, columns]`. `origins`: one per replica.
pub(crate) async fn replicas(weights: &Weights, origins: &[Origin]) -> Result<Vec<Vec<u8>>, ModelError> {
    let layout = weights.layout();
    let buffers = read(weights.buffers()).await?;
    let file = |(replica, origin): (usize, &Origin)| {
        let tensor = |place: &Place| {
            (place.path.clone(), [1, place.rows, place.columns], numbers(layout, place, &buffers, replica).to_vec())
        };
        let tensors: Vec<Named> = layout.own().map(tensor).collect();
        let sha256 = checksum(tensors.iter().map(|(name, _, values)| (name.as_str(), bytes(values))));
        let note = Note { trial: origin.trial.clone(), sha256, diverged: origin.diverged };
        write(&tensors, (NOTE, serde_json::to_string(&note).map_err(refuse)?))
    };
    origins.iter().enumerate().map(file).collect()
}

/// The weights of a fleet out of one file per replica. `files`: bytes and the id of the trial that they should be of, if they have to be of one.
///
/// # Errors
/// The index of the first file that is no file, is of another architecture or trial, was changed since it was written, or holds
/// something that is no number although its training did not diverge; and what is wrong with it.
pub(crate) fn fleet(
    files: &[(&[u8], Option<&str>)],
    parameters: &[Parameter],
    device: &Device,
) -> Result<Weights, (usize, ModelError)> {
    let mut replicas = Vec::with_capacity(files.len());
    for (index, (file, trial)) in files.iter().enumerate() {
        replicas.push(replica(file, *trial, parameters).map_err(|error| (index, error))?);
    }
    let index = |parameter: &Parameter| parameters.iter().position(|other| other.path == parameter.path).unwrap_or_default();
    Ok(Weights::fill(parameters, replicas.len(), device, |parameter, replica| {
        std::mem::take(&mut replicas[replica][index(parameter)])
    }))
}

/// The numbers of one model, a list a parameter; nothing for a parameter that is tied to another.
fn replica(file: &[u8], trial: Option<&str>, parameters: &[Parameter]) -> Result<Vec<Vec<f32>>, ModelError> {
    let wrong = |what: String| Err(ModelError::Checkpoint(what));
    let (_, metadata) = SafeTensors::read_metadata(file).map_err(refuse)?;
    let note = metadata.metadata().as_ref().and_then(|metadata| metadata.get(NOTE));
    let note: Option<Note> = note.map(|note| serde_json::from_str(note)).transpose().map_err(refuse)?;
    let file = SafeTensors::deserialize(file).map_err(refuse)?;
    if let Some(Note { trial: other, sha256, .. }) = &note {
        if trial.is_some_and(|trial| other != trial) {
            return wrong(format!("they are the weights of trial {other}"));
        }
        let mut names = file.names();
        names.sort_unstable();
        let data = |name: &str| file.tensor(name).map(|view| view.data().to_vec()).unwrap_or_default();
        if checksum(names.into_iter().map(|name| (name, data(name)))) != *sha256 {
            return wrong("they were changed after they were saved: their checksum is another".to_string());
        }
    }
    let is_ours = |name: &&&str| parameters.iter().any(|parameter| parameter.path == **name && parameter.tied.is_none());
    let names = file.names();
    let mut left_over: Vec<&&str> = names.iter().filter(|name| !is_ours(name)).collect();
    left_over.sort_unstable();
    if let Some(first) = left_over.first() {
        let more = if left_over.len() > 1 { format!(" and {} more tensors", left_over.len() - 1) } else { String::new() };
        return wrong(format!("they are of another model: this one has no parameter `{first}`{more}"));
    }
    let diverged = note.is_some_and(|note| note.diverged);
    let mut replica = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let values = match parameter.tied {
            Some(_) => Vec::new(),
            None => tensor(&file, &parameter.path, [1, parameter.rows, parameter.columns])?,
        };
        if let Some(value) = values.iter().find(|value| !value.is_finite() && !diverged) {
            return wrong(format!("`{}` holds {value}, although its training did not diverge", parameter.path));
        }
        replica.push(values);
    }
    Ok(replica)
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// SHA-256 of names and numbers, in hexadecimal. `tensors`: in name order.
fn checksum<'a>(tensors: impl Iterator<Item = (&'a str, Vec<u8>)>) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in tensors {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the format says is wrong.
pub(crate) fn refuse(error: impl std::fmt::Display) -> ModelError {
    ModelError::Checkpoint(error.to_string())
}
