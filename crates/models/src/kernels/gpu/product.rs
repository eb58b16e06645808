//! Products of matrices, a few of them in one kernel, with what happens to each number of a product before it is stored.
//!
//! A group of threads computes a tile of a product, a thread a number, out of tiles of both sides that it has read together. On models of
//! this size a step takes as long as it has kernels to start: so query, key and value are one kernel, and so are all gradients of weights of
//! a branch. Sums run in the order of the index.

#![allow(
    clippy::collapsible_if,
    reason = "what is known when a kernel is compiled stands alone, so that what it leaves out is not compiled"
)]

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::{CubeCount, CubeDim};

use super::matrices::{Matrices, Places};
use super::pointwise::{slope, value};
use super::{Float, empty};
use crate::kernels::Pointwise;
use crate::kernels::sides::Sides;

/// Rows and columns of a tile: as many threads as every WebGPU device runs in a group, and 2 KiB of its 16 KiB of shared memory.
const TILE: usize = 16;

/// Numbers of a product and how many it sums.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub replicas: usize,
    pub rows: usize,
    pub inner: usize,
    pub columns: usize,
}

/// What is multiplied.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    pub left: Matrices,
    pub right: Matrices,
    pub size: Size,
}

/// What the outputs of a branch are multiplied by: one number a replica, of a tensor `[replicas, 1, gates]`.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub gates: Float,
    pub index: usize,
}

/// What is done to the sums before they are stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Finish {
    pub gate: Option<Gate>,
    /// One row for each replica, added before the gate.
    pub bias: Option<Matrices>,
    /// Matrices of the shape of the product, added behind the gate.
    pub added: Option<Matrices>,
}

/// The product of two tensors, `[replicas, rows, columns]`, with a bias on every row.
pub(super) fn product(left: &Float, right: &Float, bias: Option<&Float>, sides: Sides) -> Float {
    let turned = |tensor: &Float, transposed: bool| {
        let matrices = Matrices::of(tensor);
        if transposed { matrices.transposed() } else { matrices }
    };
    let [replicas, rows, columns] = sides.product([left.shape().dims(), right.shape().dims()]);
    let inner = left.shape()[if sides.left_transposed { 1 } else { 2 }];
    let factors = Factors {
        left: turned(left, sides.left_transposed),
        right: turned(right, sides.right_transposed),
        size: Size { replicas, rows, inner, columns },
    };
    let output = empty(left, [replicas, rows, columns]);
    products(&factors, Finish { bias: bias.map(Matrices::of), ..Finish::default() }, &Matrices::of(&output), 1);
    output
}

/// The product of each pair, as many as `output` has matrices: a side with one only is a side of every product.
pub(super) fn products(factors: &Factors, finish: Finish, output: &Matrices, count: usize) {
    launch(factors, finish, output, count, 1);
}

/// The sum of the products of each pair of `terms` on both sides.
pub(super) fn summed(factors: &Factors, finish: Finish, output: &Matrices, terms: usize) {
    launch(factors, finish, output, 1, terms);
}

fn launch(factors: &Factors, Finish { gate, bias, added }: Finish, output: &Matrices, count: usize, terms: usize) {
    let Factors { left, right, size } = factors;
    let client = &left.memory().client;
    // A kernel takes all its buffers: what is not there is not read.
    let (is_biased, is_added, is_gated) = (bias.is_some(), added.is_some(), gate.is_some());
    let (bias, added) = (bias.unwrap_or_else(|| left.clone()), added.unwrap_or_else(|| left.clone()));
    let (gates, gate) = gate_arguments(gate, left);
    let (groups, dim) = groups(*size, size.replicas * count);
    values::launch(
        client,
        groups,
        dim,
        left.buffer(),
        right.buffer(),
        bias.buffer(),
        added.buffer(),
        gates,
        output.buffer(),
        left.places(),
        right.places(),
        bias.places(),
        added.places(),
        output.places(),
        gate,
        shape(*size, count, terms),
        is_biased,
        is_added,
        is_gated,
    );
}

/// The value of a function of the product with a bias, and the argument of that function: `[replicas, rows, columns]` each.
pub(super) fn activated<P: Pointwise>(factors: &Factors, bias: &Matrices) -> [Float; 2] {
    let Factors { left, right, size } = factors;
    let outputs = [(); 2].map(|()| empty(left.memory(), [size.replicas, size.rows, size.columns]));
    let (groups, dim) = groups(*size, size.replicas);
    let [output, argument] = outputs.each_ref().map(|output| output.clone().into_buffer_arg());
    of_function::launch::<P>(
        &left.memory().client,
        groups,
        dim,
        left.buffer(),
        right.buffer(),
        bias.buffer(),
        output,
        argument,
        left.places(),
        right.places(),
        bias.places(),
        shape(*size, 1, 1),
    );
    outputs
}

/// The product times the slope of a function at each number of `arguments`, which has the product's shape.
pub(super) fn sloped<P: Pointwise>(factors: &Factors, gate: Option<Gate>, arguments: Float) -> Float {
    let Factors { left, right, size } = factors;
    let output = empty(left.memory(), [size.replicas, size.rows, size.columns]);
    let is_gated = gate.is_some();
    let (gates, gate) = gate_arguments(gate, left);
    let (groups, dim) = groups(*size, size.replicas);
    of_slope::launch::<P>(
        &left.memory().client,
        groups,
        dim,
        left.buffer(),
        right.buffer(),
        arguments.into_buffer_arg(),
        gates,
        output.clone().into_buffer_arg(),
        left.places(),
        right.places(),
        gate,
        shape(*size, 1, 1),
        is_gated,
    );
    output
}

/// Gradients of weights, `left^T right` of each pair, and of biases, the sum of the rows of `right`.
pub(super) struct OfWeights {
    /// `left` with its rows as columns.
    pub factors: Factors,
    /// Where the weights' gradients belong.
    pub weights: Matrices,
    /// Where those of the biases do, if there are any.
    pub biases: Option<Matrices>,
    /// Pairs.
    pub count: usize,
}

/// Adds the gradients of the weights that a branch ends with, whose output a gate multiplies, and of those that it begins with. All of them lie in one
/// buffer, and either all have biases or none.
pub(super) fn of_weights(last: &OfWeights, gate: Option<Gate>, first: &OfWeights) {
    let [a, b] = [&last.factors, &first.factors];
    let is_gated = gate.is_some();
    let (gates, gate) = gate_arguments(gate, &a.left);
    let is_biased = last.biases.is_some();
    let rows = |size: Size| size.rows + usize::from(is_biased);
    let most = Size { rows: rows(a.size).max(rows(b.size)), columns: a.size.columns.max(b.size.columns), ..a.size };
    let (groups, dim) = groups(most, a.size.replicas * (last.count + first.count));
    let places = |of: &OfWeights| {
        let biases = of.biases.as_ref().unwrap_or(&of.weights);
        let Factors { left, right, size } = &of.factors;
        OfWeightsPlacesLaunch::new(left.places(), right.places(), of.weights.places(), biases.places(), shape(*size, of.count, 1))
    };
    gradients::launch(
        &a.left.memory().client,
        groups,
        dim,
        a.left.buffer(),
        a.right.buffer(),
        b.left.buffer(),
        b.right.buffer(),
        gates,
        last.weights.buffer(),
        places(last),
        places(first),
        gate,
        is_biased,
        is_gated,
    );
}

/// Buffer and place of a gate; any numbers stand for one that is not there.
fn gate_arguments(gate: Option<Gate>, other: &Matrices) -> (BufferArg, GatePlaceLaunch) {
    match gate {
        None => (other.buffer(), GatePlaceLaunch::new(0, 0)),
        Some(Gate { gates, index }) => {
            let gates = Matrices::of(&gates);
            (gates.buffer(), GatePlaceLaunch::new(gates.step(), index))
        }
    }
}

/// A group of threads for each tile.
fn groups(size: Size, products: usize) -> (CubeCount, CubeDim) {
    let tiles = |numbers: usize| numbers.div_ceil(TILE) as u32;
    (CubeCount::Static(tiles(size.columns), tiles(size.rows), products as u32), CubeDim::new_2d(TILE as u32, TILE as u32))
}

fn shape(Size { rows, inner, columns, .. }: Size, count: usize, terms: usize) -> ShapeLaunch {
    ShapeLaunch::new(rows, inner, columns, count, terms)
}

/// What is computed for each replica.
#[derive(CubeType, CubeLaunch)]
struct Shape {
    rows: usize,
    inner: usize,
    columns: usize,
    /// Products.
    count: usize,
    /// Pairs of matrices that each of them sums over.
    terms: usize,
}

#[derive(CubeType, CubeLaunch)]
struct GatePlace {
    replica: usize,
    index: usize,
}

#[derive(CubeType, CubeLaunch)]
struct OfWeightsPlaces {
    left: Places,
    right: Places,
    weights: Places,
    biases: Places,
    shape: Shape,
}

#[cube(launch)]
fn values(
    left: &[f32],
    right: &[f32],
    bias: &[f32],
    added: &[f32],
    gates: &[f32],
    output: &mut [f32],
    left_places: Places,
    right_places: Places,
    bias_places: Places,
    added_places: Places,
    output_places: Places,
    gate: GatePlace,
    shape: Shape,
    #[comptime] is_biased: bool,
    #[comptime] is_added: bool,
    #[comptime] is_gated: bool,
) {
    let product = CUBE_POS_Z as usize % shape.count;
    let replica = CUBE_POS_Z as usize / shape.count;
    let mut number = sum(left, right, &left_places, &right_places, &shape, product, replica, false);
    let (row, column) = (row(), column());
    if row < shape.rows && column < shape.columns {
        if is_biased {
            number += bias[bias_places.index(bias_places.start(product, replica), 0, column)];
        }
        if is_gated {
            number *= gates[replica * gate.replica + gate.index];
        }
        if is_added {
            number += added[added_places.index(added_places.start(product, replica), row, column)];
        }
        output[output_places.index(output_places.start(product, replica), row, column)] = number;
    }
}

#[cube(launch)]
fn of_function<P: Pointwise>(
    left: &[f32],
    right: &[f32],
    bias: &[f32],
    output: &mut [f32],
    argument: &mut [f32],
    left_places: Places,
    right_places: Places,
    bias_places: Places,
    shape: Shape,
) {
    let replica = CUBE_POS_Z as usize;
    let mut number = sum(left, right, &left_places, &right_places, &shape, 0, replica, false);
    let (row, column) = (row(), column());
    if row < shape.rows && column < shape.columns {
        number += bias[bias_places.index(bias_places.start(0, replica), 0, column)];
        let index = (replica * shape.rows + row) * shape.columns + column;
        argument[index] = number;
        output[index] = value::<P>(number);
    }
}

#[cube(launch)]
fn of_slope<P: Pointwise>(
    left: &[f32],
    right: &[f32],
    arguments: &[f32],
    gates: &[f32],
    output: &mut [f32],
    left_places: Places,
    right_places: Places,
    gate: GatePlace,
    shape: Shape,
    #[comptime] is_gated: bool,
) {
    let replica = CUBE_POS_Z as usize;
    let mut number = sum(left, right, &left_places, &right_places, &shape, 0, replica, false);
    let (row, column) = (row(), column());
    if row < shape.rows && column < shape.columns {
        if is_gated {
            number *= gates[replica * gate.replica + gate.index];
        }
        let index = (replica * shape.rows + row) * shape.columns + column;
        output[index] = number * slope::<P>(arguments[index]);
    }
}

#[cube(launch)]
fn gradients(
    left_of_last: &[f32],
    right_of_last: &[f32],
    left_of_first: &[f32],
    right_of_first: &[f32],
    gates: &[f32],
    output: &mut [f32],
    last: OfWeightsPlaces,
    first: OfWeightsPlaces,
    gate: GatePlace,
    #[comptime] is_biased: bool,
    #[comptime] is_gated: bool,
) {
    let products = last.shape.count + first.shape.count;
    let product = CUBE_POS_Z as usize % products;
    let replica = CUBE_POS_Z as usize / products;
    if product < last.shape.count {
        let mut number = sum(left_of_last, right_of_last, &last.left, &last.right, &last.shape, product, replica, is_biased);
        if is_gated {
            number *= gates[replica * gate.replica + gate.index];
        }
        add(output, &last, product, replica, number, is_biased);
    } else {
        let product = product - last.shape.count;
        let number = sum(left_of_first, right_of_first, &first.left, &first.right, &first.shape, product, replica, is_biased);
        add(output, &first, product, replica, number, is_biased);
    }
}

/// Adds a number of a gradient where it belongs; the row behind the last one is that of the bias.
#[cube]
fn add(output: &mut [f32], places: &OfWeightsPlaces, product: usize, replica: usize, number: f32, #[comptime] is_biased: bool) {
    let (row, column) = (row(), column());
    if column < places.shape.columns {
        if row < places.shape.rows {
            output[places.weights.index(places.weights.start(product, replica), row, column)] += number;
        } else if is_biased {
            if row == places.shape.rows {
                output[places.biases.index(places.biases.start(product, replica), 0, column)] += number;
            }
        }
    }
}

/// The row of the product that a thread computes.
#[cube]
fn row() -> usize {
    CUBE_POS_Y as usize * TILE + UNIT_POS_Y as usize
}

/// Its column.
#[cube]
fn column() -> usize {
    CUBE_POS_X as usize * TILE + UNIT_POS_X as usize
}

/// One number of a product. `is_extended`: whether the left-hand matrix has a row of ones behind its last one.
#[cube]
fn sum(
    left: &[f32],
    right: &[f32],
    left_places: &Places,
    right_places: &Places,
    shape: &Shape,
    product: usize,
    replica: usize,
    #[comptime] is_extended: bool,
) -> f32 {
    let mut left_tile = Shared::new_slice(TILE * TILE);
    let mut right_tile = Shared::new_slice(TILE * TILE);
    let (x, y) = (UNIT_POS_X as usize, UNIT_POS_Y as usize);
    let (row, column) = (row(), column());
    let mut total = 0.0f32;
    for term in 0..shape.terms {
        let left_start = left_places.start(product + term, replica);
        let right_start = right_places.start(product + term, replica);
        let mut first = 0usize;
        while first < shape.inner {
            let mut of_left = 0.0f32;
            if row < shape.rows && first + x < shape.inner {
                of_left = left[left_places.index(left_start, row, first + x)];
            }
            if is_extended {
                if row == shape.rows && first + x < shape.inner {
                    of_left = 1.0f32;
                }
            }
            let mut of_right = 0.0f32;
            if column < shape.columns && first + y < shape.inner {
                of_right = right[right_places.index(right_start, first + y, column)];
            }
            left_tile[y * TILE + x] = of_left;
            right_tile[y * TILE + x] = of_right;
            sync_cube();
            for inner in 0..TILE {
                total += left_tile[y * TILE + inner] * right_tile[inner * TILE + x];
            }
            sync_cube();
            first += TILE;
        }
    }
    total
}
