//! Walks over the positions of each example, from the first to the last.

use crate::tensor::Tensor;

/// The states of a recurrence, side by side. `step`: the state after a position, of the state before it (none at the first) and what the position
/// gives.
///
/// # Shapes
/// - `x`: `[replicas, examples * positions, channels]`; a position gives `[replicas, examples, channels]`
/// - a state: `[replicas, examples, width]`; result: `[replicas, examples * positions, width]`
pub(crate) fn scan(x: Tensor<3>, positions: usize, step: impl Fn(Option<Tensor<3>>, Tensor<3>) -> Tensor<3>) -> Tensor<3> {
    let [replicas, rows, channels] = x.dims();
    let examples = rows / positions;
    let beside = x.reshape([replicas, examples, positions * channels]);
    let mut states: Vec<Tensor<3>> = Vec::with_capacity(positions);
    for position in 0..positions {
        let given = beside.clone().narrow(2, position * channels, channels);
        states.push(step(states.last().cloned(), given));
    }
    let width = states.first().map_or(channels, |state| state.dims()[2]);
    Tensor::cat(states, 2).reshape([replicas, rows, width])
}
