//! Examples of every replica of a fleet, on a device.

use std::rc::Rc;

use ablation_data::Split;
use burn::tensor::{Device, Tensor};

use crate::weights::upload;

/// Examples of every replica, on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What goes in: `[replicas, examples * positions, inputs]`.
    pub input: Tensor<3>,
    /// Features of the diffusion step that each example is noised to: `[replicas, examples, features]`.
    pub time: Option<Tensor<3>>,
    /// The class of each example, one-hot: `[replicas, examples, classes]`.
    pub class: Option<Tensor<3>>,
    /// What should come out, as the loss of the objective wants it: `[replicas, examples * positions, outputs]`.
    pub target: Tensor<3>,
}

/// Which examples a batch holds.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    /// Seed of the data stream of each replica.
    pub seeds: &'a [u64],
    /// Training or held-out data.
    pub split: Split,
    /// Index of the first example.
    pub first: u64,
    /// Number of examples.
    pub count: usize,
}

/// Examples of one replica on the host, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub input: Vec<f32>,
    /// Empty where the model is not told a diffusion step.
    pub time: Vec<f32>,
    /// Empty where the model is not told a class.
    pub class: Vec<f32>,
    pub target: Vec<f32>,
}

/// Widths of the rows of a batch, and how many examples there are of how many positions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Widths {
    pub examples: usize,
    pub positions: usize,
    pub input: usize,
    pub time: usize,
    pub class: usize,
    pub target: usize,
}

impl Batch {
    /// The rows of every replica on a device.
    pub(crate) fn upload(replicas: &[Rc<Rows>], widths: Widths, device: &Device) -> Self {
        let tensor = |rows: usize, width: usize, part: fn(&Rows) -> &Vec<f32>| {
            let mut values = Vec::with_capacity(replicas.len() * rows * width);
            replicas.iter().for_each(|replica| values.extend_from_slice(part(replica)));
            upload::<3>(values, [replicas.len(), rows, width], device)
        };
        let Widths { examples, positions, .. } = widths;
        Batch {
            input: tensor(examples * positions, widths.input, |rows| &rows.input),
            time: (widths.time > 0).then(|| tensor(examples, widths.time, |rows| &rows.time)),
            class: (widths.class > 0).then(|| tensor(examples, widths.class, |rows| &rows.class)),
            target: tensor(examples * positions, widths.target, |rows| &rows.target),
        }
    }
}

/// What `make` gives for each key, made once for equal ones: replicas with one data seed share their examples.
pub(crate) fn once_each<K: PartialEq, T>(keys: &[K], make: impl Fn(&K) -> T) -> Vec<Rc<T>> {
    let mut made: Vec<Rc<T>> = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let twin = keys[..index].iter().position(|other| other == key);
        made.push(twin.map_or_else(|| Rc::new(make(key)), |twin| made[twin].clone()));
    }
    made
}
