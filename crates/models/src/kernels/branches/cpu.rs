//! Branches on the CPU. A few rows at a time go through a whole branch: what one part of it writes, the next reads from the caches nearby.

use std::sync::Arc;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

use super::{Branch, Branches, Layer, MlpBranch, Part};
use crate::kernels::flex::row_by_row;
use crate::kernels::normalise::{Moments, Rows};
use crate::kernels::product::{Matrix, Right, add_product};
use crate::kernels::room::Room;

type Float = FloatTensor<Flex>;

/// About how many numbers of a hidden layer are computed before those of further rows.
const TOGETHER: usize = 65536;

/// Rows of an MLP that are computed together are so many or a multiple: whole tiles of most processors.
const TILES: usize = 8;

/// Numbers that a norm keeps of a row.
const MOMENTS: usize = size_of::<Moments>() / size_of::<f32>();

/// What the backward pass reads.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    trained: Float,
    gates: Float,
    /// Of each replica, branch by branch, and of a branch rows by rows that were computed together.
    numbers: Arc<Room>,
}

/// The parameters of one replica.
#[derive(Clone, Copy)]
pub(super) struct Parameters<'a>(&'a [f32]);

/// What the gradients of one replica's parameters are added to.
pub(super) struct OfParameters<'a>(&'a mut [f32]);

/// What a branch is given, in one replica.
#[derive(Clone, Copy)]
struct Given<'a> {
    parameters: Parameters<'a>,
    gates: &'a [f32],
    /// Whether the output is added to the stream.
    add: bool,
    /// Of the stream.
    shape: Rows,
}

impl Branches {
    /// The stream after them. `x`: `[replicas, rows, width]`; `trained`: `[replicas, trained numbers]`; `gates`: `[replicas, 1, gates]`.
    pub(in crate::kernels) fn forward(&self, x: Float, trained: &Float, gates: &Float) -> Float {
        self.run(x, trained, gates, None)
    }

    /// The same, and what the backward pass reads.
    pub(in crate::kernels) fn forward_kept(&self, x: Float, trained: Float, gates: Float) -> (Float, Kept) {
        let [replicas, rows, width] = x.shape().dims();
        let mut numbers = Room::take(replicas * self.kept(rows, width));
        let x = self.run(x, &trained, &gates, Some(&mut numbers));
        (x, Kept { trained, gates, numbers: Arc::new(numbers) })
    }

    /// `kept`: room for what the backward pass reads, if there will be one.
    fn run(&self, x: Float, trained: &Float, gates: &Float, mut kept: Option<&mut [f32]>) -> Float {
        let [replicas, rows, width] = x.shape().dims();
        let (mut x, trained, gates) = (row_by_row(x), trained.to_contiguous(), gates.to_contiguous());
        let each = self.kept(rows, width);
        for (replica, stream) in of_each(x.storage_mut(), replicas).enumerate() {
            let given = self.given([&trained, &gates], replica, Rows { rows, width });
            let mut kept = kept.as_deref_mut().map(|kept| &mut kept[replica * each..][..each]);
            for branch in self.each.iter() {
                let of_branch = kept.as_mut().and_then(|kept| kept.split_off_mut(..branch.kept(rows, width)));
                branch.forward(given, stream, of_branch);
            }
        }
        x
    }

    /// The gradients of the stream and of what is trained, where `wanted`. A parameter that no branch reads has a gradient of zero.
    pub(in crate::kernels) fn backward(&self, kept: Kept, grad: Float, [of_x, of_trained]: [bool; 2]) -> [Option<Float>; 2] {
        let Kept { trained, gates, numbers } = kept;
        let (mut grad, trained, gates) = (row_by_row(grad), row_by_row(trained), row_by_row(gates));
        let [replicas, rows, width] = grad.shape().dims();
        let each = self.kept(rows, width);
        let mut gradient = of_trained.then(|| vec![0.0; trained.shape().num_elements()]);
        for (replica, grad) in of_each(grad.storage_mut(), replicas).enumerate() {
            let given = self.given([&trained, &gates], replica, Rows { rows, width });
            let size = given.parameters.0.len();
            let mut gradient = gradient.as_mut().map(|gradient| &mut gradient[replica * size..][..size]);
            let mut kept = &numbers[replica * each..][..each];
            let mut written: Vec<Part> = Vec::new();
            for branch in self.each.iter().rev() {
                let (rest, of_branch) = kept.split_at(kept.len() - branch.kept(rows, width));
                kept = rest;
                match &mut gradient {
                    Some(gradient) if branch.parts().any(|part| written.contains(&part)) => {
                        branch.backward_shared(given, of_branch, grad, gradient, &written);
                    }
                    gradient => branch.backward(given, of_branch, grad, gradient.as_deref_mut()),
                }
                written.extend(branch.parts());
            }
        }
        let float = |values| Float::from_data(TensorData::new(values, trained.shape()));
        [of_x.then_some(grad), gradient.map(float)]
    }

    /// How many numbers the backward pass reads of so many rows.
    fn kept(&self, rows: usize, width: usize) -> usize {
        self.each.iter().map(|branch| branch.kept(rows, width)).sum()
    }

    fn given<'a>(&self, [trained, gates]: [&'a Float; 2], replica: usize, shape: Rows) -> Given<'a> {
        let of_replica = |tensor: &'a Float, each: usize| &tensor.storage::<f32>()[replica * each..][..each];
        let parameters = Parameters(of_replica(trained, trained.shape()[1]));
        // What stands for gates that nobody has is one number for all.
        let is_gated = self.each.iter().any(|branch| branch.gate.is_some());
        let gates = if is_gated { of_replica(gates, gates.shape()[2]) } else { &[] };
        Given { parameters, gates, add: self.add, shape }
    }
}

impl Branch {
    /// How many numbers the backward pass reads of so many rows: the stream before the norm and its moments, and what the layer keeps.
    fn kept(&self, rows: usize, width: usize) -> usize {
        let of_layer = match self.layer {
            Layer::Attention(of, parts) => of.kept(parts, rows),
            Layer::Mlp(_, parts) => MlpBranch::kept(parts, rows),
        };
        rows * width + rows * MOMENTS + of_layer
    }

    /// How many rows are computed together, about as many each time; whole examples where they are looked at together.
    fn together(&self, rows: usize) -> usize {
        let (columns, unit) = match self.layer {
            Layer::Attention(of, [query, ..]) => {
                let example = of.heads.positions;
                assert!(rows.is_multiple_of(example), "{rows} rows are no whole examples of {example} positions");
                (query.columns, example)
            }
            Layer::Mlp(_, [up, ..]) => (up.columns, TILES),
        };
        let times = (rows * columns).div_ceil(TOGETHER).max(1);
        rows.div_ceil(times).next_multiple_of(unit).min(rows)
    }

    /// Changes the stream.
    fn forward(&self, given: Given, stream: &mut [f32], mut kept: Option<&mut [f32]>) {
        let (width, together) = (given.shape.width, self.together(given.shape.rows));
        let weights = self.ready(given.parameters, false);
        let vectors = [self.gain, self.bias.unwrap_or(self.gain)].map(|part| given.parameters.of(part));
        let mut room = Room::take(together * width + if kept.is_some() { 0 } else { self.kept(together, width) });
        let (normed, room) = room.split_at_mut(together * width);
        for (index, stream) in stream.chunks_mut(together * width).enumerate() {
            let shape = Rows { rows: stream.len() / width, width };
            let is_kept = kept.is_some();
            let kept = match &mut kept {
                Some(kept) => &mut kept[index * self.kept(together, width)..],
                None => &mut *room,
            };
            let (x, kept) = kept[..self.kept(shape.rows, width)].split_at_mut(stream.len());
            let (moments, kept) = kept.split_at_mut(shape.rows * MOMENTS);
            let (moments, normed) = (moments.as_chunks_mut().0, &mut normed[..stream.len()]);
            x.copy_from_slice(stream);
            self.norm().moments(shape, x, moments);
            self.norm().forward(shape, x, moments, vectors, normed);
            match self.layer {
                Layer::Attention(of, parts) => of.forward(&weights, parts, normed, kept, stream),
                Layer::Mlp(of, parts) => of.forward(&weights, given.parameters, parts, normed, (kept, is_kept), stream),
            }
            self.pass_gate(given, stream);
            if given.add {
                stream.iter_mut().zip(&*x).for_each(|(output, x)| *output += x);
            }
        }
    }

    /// Changes the gradient of the stream after the branch into that of the stream before it; those of parameters are added to `gradient`.
    fn backward(&self, given: Given, kept: &[f32], grad: &mut [f32], mut gradient: Option<&mut [f32]>) {
        let (width, together) = (given.shape.width, self.together(given.shape.rows));
        let weights = self.ready(given.parameters, true);
        let vectors = [self.gain, self.bias.unwrap_or(self.gain)].map(|part| given.parameters.of(part));
        let mut room = Room::take(3 * together * width);
        let [normed, of_output, dx] = split(&mut room, [together * width; 3]);
        // Where no gradient of parameters is wanted, the norm has somewhere to write to.
        let mut unwanted = vec![0.0; if gradient.is_some() { 0 } else { 2 * width }];
        for (index, grad) in grad.chunks_mut(together * width).enumerate() {
            let (shape, count) = (Rows { rows: grad.len() / width, width }, grad.len());
            let [normed, of_output, dx] = [&mut *normed, &mut *of_output, &mut *dx].map(|room| &mut room[..count]);
            let kept = &kept[index * self.kept(together, width)..][..self.kept(shape.rows, width)];
            let (x, kept) = kept.split_at(count);
            let (moments, kept) = kept.split_at(shape.rows * MOMENTS);
            let moments = moments.as_chunks().0;
            self.norm().forward(shape, x, moments, vectors, normed);
            let of_output = match self.gate {
                None => &*grad,
                Some(_) => {
                    of_output.copy_from_slice(grad);
                    self.pass_gate(given, of_output);
                    of_output
                }
            };
            let of_layer = gradient.as_deref_mut().map(OfParameters);
            match self.layer {
                Layer::Attention(of, parts) => of.backward(&weights, of_layer, parts, [normed, kept, of_output], dx),
                Layer::Mlp(of, parts) => of.backward(&weights, of_layer, parts, [normed, kept, of_output], dx),
            }
            let of_vectors = match (&mut gradient, self.bias) {
                (Some(gradient), Some(bias)) => {
                    gradient.get_disjoint_mut([self.gain.range(), bias.range()]).expect("gain and bias lie apart")
                }
                (Some(gradient), None) => [&mut gradient[self.gain.range()], &mut []],
                (None, _) => split(&mut unwanted, [width; 2]),
            };
            self.norm().backward(shape, x, moments, vectors[0], dx, of_vectors);
            if given.add {
                grad.iter_mut().zip(&*dx).for_each(|(grad, dx)| *grad += dx);
            } else {
                grad.copy_from_slice(dx);
            }
        }
    }

    /// The same, for a branch that shares parameters with one that has `written` their gradients: each knows its own share, and shares are
    /// added as the gradient tape would.
    fn backward_shared(&self, given: Given, kept: &[f32], grad: &mut [f32], gradient: &mut [f32], written: &[Part]) {
        let mut own = Room::take(gradient.len());
        self.parts().for_each(|part| own[part.range()].fill(0.0));
        self.backward(given, kept, grad, Some(&mut own));
        for part in self.parts() {
            let (share, sum) = (&own[part.range()], &mut gradient[part.range()]);
            if written.contains(&part) {
                sum.iter_mut().zip(share).for_each(|(sum, share)| *sum += share);
            } else {
                sum.copy_from_slice(share);
            }
        }
    }

    /// The matrices, packed for products with rows of the stream; in the backward pass `transposed`.
    fn ready<'a>(&self, parameters: Parameters<'a>, transposed: bool) -> Vec<Right<'a>> {
        let of = |part| parameters.ready(part, transposed);
        match self.layer {
            Layer::Attention(_, parts) => parts.map(of).into(),
            Layer::Mlp(_, [up, _, down, _]) => [up, down].map(of).into(),
        }
    }

    /// Multiplies by the gate, if there is one.
    fn pass_gate(&self, given: Given, numbers: &mut [f32]) {
        if let Some(index) = self.gate {
            let gate = given.gates[index];
            numbers.iter_mut().for_each(|number| *number *= gate);
        }
    }
}

impl<'a> Parameters<'a> {
    /// Row by row.
    pub(super) fn of(self, part: Part) -> &'a [f32] {
        &self.0[part.range()]
    }

    fn ready(self, part: Part, transposed: bool) -> Right<'a> {
        let matrix = Matrix::new(self.of(part), part.rows, part.columns);
        Right::packed(if transposed { matrix.transposed() } else { matrix })
    }
}

impl OfParameters<'_> {
    /// The gradient of a bias that was added to every row, of that of the rows.
    pub(super) fn add_rows(&mut self, bias: Part, grad: &[f32]) {
        Rows { rows: grad.len() / bias.columns, width: bias.columns }.sum_rows(grad, &mut self.0[bias.range()]);
    }

    /// The gradient of `W` in `x W`, of that of the product.
    pub(super) fn add_product(&mut self, weight: Part, x: &[f32], grad: &[f32]) {
        let rows = x.len() / weight.rows;
        let (x, grad) = (Matrix::new(x, rows, weight.rows), Matrix::new(grad, rows, weight.columns));
        add_product(x.transposed(), grad, &mut self.0[weight.range()]);
    }
}

/// Pieces of such lengths, one after the other.
pub(super) fn split<const N: usize>(mut numbers: &mut [f32], lengths: [usize; N]) -> [&mut [f32]; N] {
    lengths.map(|length| {
        let (piece, rest) = std::mem::take(&mut numbers).split_at_mut(length);
        numbers = rest;
        piece
    })
}

/// The part of each replica.
fn of_each(numbers: &mut [f32], replicas: usize) -> impl Iterator<Item = &mut [f32]> {
    let each = numbers.len().checked_div(replicas).unwrap_or(0).max(1);
    numbers.chunks_exact_mut(each)
}
