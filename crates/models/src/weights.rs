//! Parameters of a fleet: one tensor `[replicas, rows, columns]` for every path.
//!
//! Each value is drawn from a stream that is addressed by its own path, so that a model without one part starts from the same
//! numbers everywhere else. A shared generator would shift every later draw, and "same seed" would not mean same start.

use std::collections::BTreeMap;

use ablation_random::Stream;
use burn::tensor::{Device, Tensor, TensorData};

/// Standard deviation of embeddings of tokens, positions and classes at the start, as in GPT-2. With large embeddings a model memorises
/// pairs of modular addition instead of finding the rule.
pub(crate) const EMBEDDING_STD: f64 = 0.02;

/// The distribution that a parameter starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Independent normal draws with mean 0.
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// All ones.
    Ones,
    /// All zeros.
    Zeros,
}

/// One trained tensor of an architecture.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Address, e.g. `blocks.0.attn.query.weight`.
    pub path: String,
    /// Inputs of a matrix, positions of a table, 1 for a vector.
    pub rows: usize,
    /// Outputs.
    pub columns: usize,
    /// Where it starts.
    pub init: Init,
    /// Whether weight decay applies: matrices yes; tables, gains and biases no.
    pub decays: bool,
}

impl Parameter {
    /// A matrix `[inputs, outputs]` whose entries start with standard deviation `gain / sqrt(inputs)`.
    pub fn matrix(path: String, inputs: usize, outputs: usize, gain: f64) -> Self {
        let std = gain / libm::sqrt(inputs as f64);
        Parameter { path, rows: inputs, columns: outputs, init: Init::Normal { std }, decays: true }
    }

    /// A table `[rows, columns]` that is looked up: no decay.
    pub fn table(path: String, rows: usize, columns: usize, std: f64) -> Self {
        Parameter { path, rows, columns, init: Init::Normal { std }, decays: false }
    }

    /// A vector of zeros.
    pub fn bias(path: String, columns: usize) -> Self {
        Parameter { path, rows: 1, columns, init: Init::Zeros, decays: false }
    }

    /// A vector of ones.
    pub fn gain(path: String, columns: usize) -> Self {
        Parameter { path, rows: 1, columns, init: Init::Ones, decays: false }
    }

    /// Number of trained numbers.
    pub fn count(&self) -> usize {
        self.rows * self.columns
    }

    /// The initial values for one seed, row by row.
    pub fn draw(&self, seed: u64) -> Vec<f32> {
        match self.init {
            Init::Ones => vec![1.0; self.count()],
            Init::Zeros => vec![0.0; self.count()],
            Init::Normal { std } => {
                let mut draws = Stream::root(seed).at("init").at(&self.path).draws();
                (0..self.count()).map(|_| (draws.normal() * std) as f32).collect()
            }
        }
    }
}

/// The parameters of every replica of a fleet.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    tensors: BTreeMap<String, Tensor<3>>,
}

impl Weights {
    /// Initial weights, one replica a seed.
    pub fn draw(parameters: &[Parameter], seeds: &[u64], device: &Device) -> Self {
        let tensor = |parameter: &Parameter| {
            let values: Vec<f32> = seeds.iter().flat_map(|&seed| parameter.draw(seed)).collect();
            upload(values, [seeds.len(), parameter.rows, parameter.columns], device)
        };
        parameters.iter().map(|parameter| (parameter.path.clone(), tensor(parameter))).collect()
    }

    /// The tensor at a path.
    ///
    /// # Panics
    /// If the architecture does not list the path among its parameters; a test of each family holds the two together.
    pub fn get(&self, path: &str) -> &Tensor<3> {
        self.tensors.get(path).unwrap_or_else(|| panic!("`{path}` is not among the parameters of this architecture"))
    }

    /// Number of models.
    pub fn replicas(&self) -> usize {
        self.tensors.values().next().map_or(0, |tensor| tensor.dims()[0])
    }

    /// Paths and tensors in path order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor<3>)> {
        self.tensors.iter().map(|(path, tensor)| (path.as_str(), tensor))
    }

    /// The same weights with `change` applied to each tensor.
    pub fn map(&self, mut change: impl FnMut(&str, &Tensor<3>) -> Tensor<3>) -> Self {
        self.iter().map(|(path, tensor)| (path.to_string(), change(path, tensor))).collect()
    }

    /// One replica repeated `copies` times.
    pub fn repeat(&self, replica: usize, copies: usize) -> Self {
        self.map(|_, tensor| tensor.clone().narrow(0, replica, 1).repeat_dim(0, copies))
    }
}

impl IntoIterator for Weights {
    type Item = (String, Tensor<3>);
    type IntoIter = std::collections::btree_map::IntoIter<String, Tensor<3>>;

    fn into_iter(self) -> Self::IntoIter {
        self.tensors.into_iter()
    }
}

impl FromIterator<(String, Tensor<3>)> for Weights {
    fn from_iter<I: IntoIterator<Item = (String, Tensor<3>)>>(pairs: I) -> Self {
        Weights { tensors: pairs.into_iter().collect() }
    }
}

/// Host numbers as a tensor.
pub fn upload<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
