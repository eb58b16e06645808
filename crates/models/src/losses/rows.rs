//! Scores with their targets, and what losses are made of.
//!
//! Everything is built from the operations of this crate, whose sums run in one order, so a training has the same bits on every processor.

use crate::batch::repeated;
use crate::kernels;
use crate::tensor::{Integers, Tensor};

/// The scores of a batch with their targets.
pub struct Rows {
    /// `[replicas, rows, classes]`.
    pub scores: Tensor<3>,
    /// `[replicas, rows]`; any class where a row carries no target.
    targets: Integers<2>,
    /// `[replicas, rows]`; 0 where a row carries no target.
    weights: Tensor<2>,
}

impl Rows {
    /// Scores `[replicas, rows, classes]`, targets and weights `[replicas, rows]`.
    pub fn new(scores: Tensor<3>, targets: Integers<2>, weights: Tensor<2>) -> Self {
        Rows { scores, targets, weights }
    }

    /// The weighted sum of a number a row: `[replicas, rows, 1]` to `[replicas, 1, 1]`.
    pub fn total(&self, rows: Tensor<3>) -> Tensor<3> {
        kernels::product(self.weights.clone().unsqueeze_dim(1), rows)
    }

    /// The number of each row's target: `[replicas, rows, classes]` to `[replicas, rows, 1]`.
    pub fn of_targets(&self, numbers: Tensor<3>) -> Tensor<3> {
        let [replicas, rows, classes] = numbers.dims();
        // A table for every row.
        let apart = numbers.reshape([replicas * rows, classes, 1]);
        kernels::gather(apart, self.targets.clone().reshape([replicas * rows, 1])).reshape([replicas, rows, 1])
    }

    /// The mean over the classes of each row: `[replicas, rows, classes]` to `[replicas, rows, 1]`.
    pub fn mean(&self, numbers: Tensor<3>) -> Tensor<3> {
        let [replicas, _, classes] = numbers.dims();
        let share = Tensor::full([replicas, classes, 1], 1.0 / classes as f64, &numbers.device());
        kernels::product(numbers, share)
    }

    /// A number a row repeated for every class: `[replicas, rows, 1]` to `[replicas, rows, classes]`.
    pub fn repeated(&self, rows: Tensor<3>) -> Tensor<3> {
        let [replicas, _, classes] = self.scores.dims();
        let ones = Tensor::ones([replicas, 1, classes], &rows.device());
        kernels::product(rows, ones)
    }

    /// The logarithm of the softmax's denominator: `[replicas, rows, 1]`.
    pub fn log_partition(&self) -> Tensor<3> {
        let [replicas, rows, classes] = self.scores.dims();
        let device = self.scores.device();
        // The cross-entropy of the first class is `ln Z - z`, a row at a time.
        let apart = self.scores.clone().reshape([replicas * rows, 1, classes]);
        let first = repeated(0, [replicas * rows, 1], &device);
        let surprisal = kernels::sparse_cross_entropy(apart, first, Tensor::ones([replicas * rows, 1], &device));
        surprisal.reshape([replicas, rows, 1]) + self.scores.clone().narrow(2, 0, 1)
    }

    /// `-ln p` of each class: `[replicas, rows, classes]`.
    pub fn surprisals(&self) -> Tensor<3> {
        self.repeated(self.log_partition()) - self.scores.clone()
    }
}
