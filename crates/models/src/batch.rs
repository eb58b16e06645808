//! Examples of every replica of a fleet, on a device.

use std::rc::Rc;

use ablation_data::{Data, Example, Mixture, Split};
use ablation_random::Stream;
use burn::tensor::Device;

use crate::kernels;
use crate::tensor::{self, Integers, Tensor};
use crate::weights::upload;

/// Examples of every replica, on a device.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What goes in.
    pub input: Content,
    /// Features of the diffusion step that each example is noised to: `[replicas, examples, features]`.
    pub time: Option<Tensor<3>>,
    /// The class of each example: `[replicas, examples]`.
    pub class: Option<Integers<2>>,
    /// What should come out.
    pub target: Target,
}

impl Batch {
    /// Rows of a replica.
    pub(crate) fn rows(&self) -> usize {
        match &self.input {
            Content::Tokens(tokens) => tokens.dims()[1],
            Content::Numbers(numbers) => numbers.dims()[1],
        }
    }

    /// Some of the examples. What tokens weigh sums to one again.
    pub(crate) fn examples(&self, first: usize, count: usize, positions: usize) -> Self {
        let (row, rows) = (first * positions, count * positions);
        Batch {
            input: match &self.input {
                Content::Tokens(tokens) => Content::Tokens(tokens.clone().narrow(1, row, rows)),
                Content::Numbers(numbers) => Content::Numbers(numbers.clone().narrow(1, row, rows)),
            },
            time: self.time.clone().map(|time| time.narrow(1, first, count)),
            class: self.class.clone().map(|class| class.narrow(1, first, count)),
            target: match &self.target {
                Target::Tokens(tokens, weights) => {
                    let weights = weights.clone().narrow(1, row, rows);
                    let sum = weights.clone().sum_dim(1);
                    Target::Tokens(tokens.clone().narrow(1, row, rows), Box::new(weights / sum))
                }
                Target::Numbers(numbers) => Target::Numbers(numbers.clone().narrow(1, row, rows)),
            },
        }
    }
}

/// What goes into a model.
#[derive(Clone, Debug)]
pub enum Content {
    /// A token a row: `[replicas, examples * positions]`.
    Tokens(Integers<2>),
    /// Numbers: `[replicas, examples * positions, channels]`.
    Numbers(Tensor<3>),
}

/// What should come out of a model.
#[derive(Clone, Debug)]
pub enum Target {
    /// A token a row, and what it weighs in the loss; 0 where no token is asked for: `[replicas, examples * positions]` each.
    Tokens(Integers<2>, Box<Tensor<2>>),
    /// Numbers: `[replicas, examples * positions, outputs]`.
    Numbers(Tensor<3>),
}

/// Which examples a batch holds.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    /// Seed of the data stream of each replica.
    pub seeds: &'a [u64],
    /// What the examples are of; where it is empty, the data of the model.
    pub mixture: &'a Mixture,
    /// Training or held-out data.
    pub split: Split,
    /// Index of the first example.
    pub first: u64,
    /// Number of examples.
    pub count: usize,
}

impl Draw<'_> {
    /// The examples of a replica. `own`: the data of the model; `stream`: the data stream of the replica.
    pub(crate) fn examples(&self, own: &dyn Data, stream: &Stream) -> Vec<Example> {
        self.mixture.examples(own, stream, self.split, self.first, self.count)
    }
}

/// A part of the rows of every replica as a tensor of the given shape.
pub(crate) fn numbers<T, const D: usize>(
    replicas: &[Rc<T>],
    part: fn(&T) -> &Vec<f32>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D> {
    upload(stacked(replicas, part, shape.iter().product()), shape, device)
}

/// The same of whole numbers, `rows` of them a replica.
pub(crate) fn integers<T>(replicas: &[Rc<T>], part: fn(&T) -> &Vec<i32>, rows: usize, device: &Device) -> Integers<2> {
    let values = stacked(replicas, part, replicas.len() * rows);
    tensor::integers(values, [replicas.len(), rows], device)
}

/// One whole number, again and again. From the host, because the arithmetic of whole numbers on a device is a lot of code, which nothing else needs.
pub(crate) fn repeated(value: i32, shape: [usize; 2], device: &Device) -> Integers<2> {
    tensor::integers(vec![value; shape[0] * shape[1]], shape, device)
}

/// Tokens as numbers, which is what is read from a device: each looks itself up.
///
/// # Shapes
/// - `tokens`: `[replicas, rows]`
/// - result: `[replicas, rows, 1]`
pub(crate) fn as_numbers(tokens: Integers<2>, vocabulary: usize) -> Tensor<3> {
    let ([replicas, _], device) = (tokens.dims(), tokens.device());
    let values: Vec<f32> = (0..vocabulary).map(|token| token as f32).collect();
    kernels::gather(upload(values.repeat(replicas), [replicas, vocabulary, 1], &device), tokens)
}

fn stacked<T, N: Copy>(replicas: &[Rc<T>], part: fn(&T) -> &Vec<N>, count: usize) -> Vec<N> {
    let mut values = Vec::with_capacity(count);
    replicas.iter().for_each(|replica| values.extend_from_slice(part(replica)));
    values
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
