//! Weights as bytes and back: safetensors, in which a number comes back as the number it was, to the bit.

use std::collections::HashMap;

use burn::tensor::Device;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::error::ModelError;
use crate::fleet::read;
use crate::weights::{Parameter, Weights, upload};

/// A tensor on its way into a file: name, shape, numbers.
pub(crate) type Named<'a> = (String, [usize; 3], &'a [f32]);

/// Tensors as a file; `note` is a key and a text that go with them.
pub(crate) fn write(tensors: &[Named], note: Option<(&str, String)>) -> Result<Vec<u8>, ModelError> {
    let bytes = |(_, _, values): &Named| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let bytes: Vec<Vec<u8>> = tensors.iter().map(bytes).collect();
    let mut views = Vec::with_capacity(tensors.len());
    for ((name, shape, _), bytes) in tensors.iter().zip(&bytes) {
        views.push((name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).map_err(refuse)?));
    }
    let note = note.map(|(key, text)| HashMap::from([(key.to_string(), text)]));
    safetensors::serialize(views, note).map_err(refuse)
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

/// The weights of a fleet, one file a replica, read from the device at once. Tensors are `[1, rows, columns]`.
pub(crate) async fn replicas(weights: &Weights) -> Result<Vec<Vec<u8>>, ModelError> {
    let count = weights.replicas();
    let (paths, tensors): (Vec<&str>, Vec<_>) = weights.iter().map(|(path, tensor)| (path, tensor.clone())).unzip();
    let shapes: Vec<[usize; 3]> = tensors.iter().map(|tensor| tensor.dims()).collect();
    let values = read(tensors).await?;
    let of = |replica: usize| {
        let tensors: Vec<Named> = paths
            .iter()
            .zip(&shapes)
            .zip(&values)
            .map(|((path, &[_, rows, columns]), values)| {
                (path.to_string(), [1, rows, columns], &values[replica * rows * columns..][..rows * columns])
            })
            .collect();
        write(&tensors, None)
    };
    (0..count).map(of).collect()
}

/// The numbers of one model, a list a parameter.
///
/// # Errors
/// If the file cannot be read or is of another architecture.
pub(crate) fn replica(file: &[u8], parameters: &[Parameter]) -> Result<Vec<Vec<f32>>, ModelError> {
    let file = SafeTensors::deserialize(file).map_err(refuse)?;
    parameters.iter().map(|parameter| tensor(&file, &parameter.path, [1, parameter.rows, parameter.columns])).collect()
}

/// The weights of a fleet out of those of its replicas.
pub(crate) fn fleet(replicas: &[Vec<Vec<f32>>], parameters: &[Parameter], device: &Device) -> Weights {
    let all = |(index, parameter): (usize, &Parameter)| {
        let values = replicas.iter().flat_map(|replica| &replica[index]).copied().collect();
        (parameter.path.clone(), upload(values, [replicas.len(), parameter.rows, parameter.columns], device))
    };
    parameters.iter().enumerate().map(all).collect()
}

/// What the format says is wrong.
pub(crate) fn refuse(error: impl std::fmt::Display) -> ModelError {
    ModelError::Checkpoint(error.to_string())
}
