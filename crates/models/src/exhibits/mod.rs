//! Exhibits: what tools report that ablate by setting weights to zero, beside the sound ablation of the same component.
//!
//! Such a number looks like any other, so it is shown to be seen through: each exhibit says what it does to this model besides what its name
//! says. Nothing else in the program sets weights to zero, and no study can. After OBLITERATUS, whose four strategies these are
//! (<https://github.com/elder-plinius/OBLITERATUS>, commit d6af36f). To add one: a file, and its line in [`EXHIBITS`].

mod embedding;
mod feed_forward;
mod head;
mod layer;

use ablation_protocol::Ablation;

use crate::model::Model;
use crate::tensor::Tensor;
use crate::weights::{Weights, upload};

/// All of them.
pub const EXHIBITS: &[Exhibit] = &[layer::EXHIBIT, head::EXHIBIT, feed_forward::EXHIBIT, embedding::EXHIBIT];

/// One way of ablating by setting weights to zero.
#[derive(Clone, Copy, Debug)]
pub struct Exhibit {
    /// Name on the command line and in tables.
    pub name: &'static str,
    /// What it does, as a sentence.
    pub help: &'static str,
    /// What it is done to in a model.
    pub shown: fn(&Model) -> Vec<Shown>,
}

/// An exhibit at one component.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What it says it removes.
    pub component: String,
    /// What becomes zero.
    pub zeroed: Vec<Zeroed>,
    /// What is wrong with its number in this model, or that nothing is.
    pub verdict: String,
    /// The ablation of the same component whose number can be trusted, if one is offered.
    pub sound: Option<Ablation>,
    /// Of the sound ablation, the channels of the site that it is made at; all of them if none are named.
    pub channels: Vec<usize>,
}

/// A part of a parameter that becomes zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Zeroed {
    /// Path of the parameter.
    pub path: String,
    /// Rows and columns; all of them where none are named.
    pub part: Part,
}

/// Which numbers of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// All.
    Whole,
    /// Rows from one to another.
    Rows(usize, usize),
    /// Columns from one to another.
    Columns(usize, usize),
}

impl Zeroed {
    fn whole(path: String) -> Self {
        Zeroed { path, part: Part::Whole }
    }
}

impl Shown {
    /// The weights that the exhibit leaves, of every replica. A part beyond the edge of a matrix is empty, as it is in the original.
    pub fn weights(&self, weights: &Weights) -> Weights {
        weights.map(|path, tensor| {
            let parts = self.zeroed.iter().filter(|zeroed| zeroed.path == path);
            parts.fold(tensor.clone(), |tensor, zeroed| zeroed.part.cleared(tensor))
        })
    }
}

impl Part {
    fn cleared(&self, tensor: Tensor<3>) -> Tensor<3> {
        let ([replicas, rows, columns], device) = (tensor.dims(), tensor.device());
        let is_gone = |row: usize, column: usize| match *self {
            Part::Whole => true,
            Part::Rows(from, to) => (from..to).contains(&row),
            Part::Columns(from, to) => (from..to).contains(&column),
        };
        let kept =
            (0..replicas * rows * columns).map(|index| if is_gone(index / columns % rows, index % columns) { 0.0 } else { 1.0 });
        tensor * upload(kept.collect(), [replicas, rows, columns], &device)
    }
}

/// The paths of the parameters inside a component.
fn inside(model: &Model, component: &str) -> Vec<String> {
    let paths = model.parameters().into_iter().map(|parameter| parameter.path);
    paths.filter(|path| path.strip_prefix(component).is_some_and(|rest| rest.starts_with('.'))).collect()
}

/// Whether the model has a parameter.
fn has(model: &Model, path: &str) -> bool {
    model.parameters().iter().any(|parameter| parameter.path == path)
}
