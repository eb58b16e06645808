//! One update of all numbers of all replicas: the norm of each gradient, then clipping, weight decay and the rule of an optimiser, a thread
//! a number.

use burn::backend::ops::FloatTensorOps;
use burn::backend::{Cube, TensorMetadata};
use burn::cubecl;
use burn::tensor::TensorData;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::sums::sums;
use super::term::Term;
use super::{Float, empty, threads};
use crate::kernels::update::Update;
use crate::optimizers::{NUMBERS, Number, Rule, UpdateNumbers};

/// Coefficients that a kernel gets for each replica: the limit of the norm, what weight decay leaves, and those of the rule.
const COEFFICIENTS: usize = 2 + NUMBERS;

/// What the kernel of a rule is given.
pub(crate) struct Buffers {
    /// Weight, gradient and both numbers of state.
    numbers: [Float; 4],
    /// The squared norm of the gradient of each replica.
    squares: Float,
    coefficients: Float,
    each: usize,
    decaying: usize,
}

impl Update {
    /// Weights and state after the update.
    pub(super) fn launch(&self, numbers: [Float; 4]) -> (Float, Float, Float) {
        let replicas = self.replicas.len();
        let [weight, gradient, first, second] = numbers;
        let squares = sums(gradient.clone(), [replicas], true);
        let values: Vec<f32> = self.replicas.iter().flat_map(coefficients).collect();
        let coefficients = Cube::float_from_data(TensorData::new(values, [replicas, COEFFICIENTS]), &gradient.device);
        let [weight, first, second] = [weight, first, second].map(writable);
        let (each, decaying) = (self.layout.trained(), self.layout.decaying());
        let buffers =
            Buffers { numbers: [weight.clone(), gradient, first.clone(), second.clone()], squares, coefficients, each, decaying };
        (self.launch)(buffers);
        (weight, first, second)
    }
}

/// The tensor itself, or a copy where somebody else still holds it or where replicas share numbers.
fn writable(tensor: Float) -> Float {
    if tensor.can_mut() && tensor.is_contiguous() {
        return tensor;
    }
    let output = empty(&tensor, tensor.shape());
    let (count, dim) = threads(&tensor, tensor.shape().num_elements());
    copy::launch(&output.client, count, dim, tensor.into_linear_view(), output.clone().into_buffer_arg());
    output
}

#[cube(launch)]
fn copy(from: LinearView<'_, f32>, output: &mut [f32]) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    output[ABSOLUTE_POS] = from.read(ABSOLUTE_POS);
}

/// A limit of 0 stands for none: a recipe of 0 does not clip.
fn coefficients(numbers: &UpdateNumbers) -> impl Iterator<Item = f32> {
    [numbers.clip.unwrap_or(0.0), numbers.shrink].into_iter().chain(numbers.rule)
}

/// Starts the kernel of a rule.
pub(crate) fn launch<R: Rule>(buffers: Buffers) {
    let Buffers { numbers: [weight, gradient, first, second], squares, coefficients, each, decaying } = buffers;
    let client = weight.client.clone();
    let (count, dim) = threads(&weight, weight.shape().num_elements());
    let gradient = gradient.into_linear_view();
    let [weight, first, second, squares, coefficients] =
        [weight, first, second, squares, coefficients].map(Float::into_buffer_arg);
    apply::launch::<R>(&client, count, dim, weight, gradient, first, second, squares, coefficients, each, decaying);
}

#[cube(launch)]
fn apply<R: Rule>(
    weight: &mut [f32],
    gradient: LinearView<'_, f32>,
    first: &mut [f32],
    second: &mut [f32],
    squares: &[f32],
    coefficients: &[f32],
    each: usize,
    decaying: usize,
) {
    if ABSOLUTE_POS >= weight.len() {
        terminate!();
    }
    let replica = ABSOLUTE_POS / each;
    let limit = coefficients[replica * COEFFICIENTS];
    let mut factor = 1.0f32;
    // Without a limit nothing is divided: a square that overflows would make the gradient zero.
    if limit > 0.0 {
        factor = limit / (squares[replica].sqrt() + 1e-6);
        // A norm that is not a number stays one, so that a replica that diverged is seen.
        if factor > 1.0 {
            factor = 1.0;
        }
    }
    let mut before = weight[ABSOLUTE_POS];
    if ABSOLUTE_POS % each < decaying {
        before *= coefficients[replica * COEFFICIENTS + 1];
    }
    let mut numbers = Sequence::<f32>::new();
    #[unroll]
    for index in 0..NUMBERS {
        numbers.push(coefficients[replica * COEFFICIENTS + 2 + index]);
    }
    let mut before_first = 0.0f32;
    let mut before_second = 0.0f32;
    if comptime!(R::STATES > 0) {
        before_first = first[ABSOLUTE_POS];
    }
    if comptime!(R::STATES > 1) {
        before_second = second[ABSOLUTE_POS];
    }
    let after = formula::<R>(before, before_first, before_second, gradient.read(ABSOLUTE_POS) * factor, numbers);
    weight[ABSOLUTE_POS] = after.weight;
    if comptime!(R::STATES > 0) {
        first[ABSOLUTE_POS] = after.first;
    }
    if comptime!(R::STATES > 1) {
        second[ABSOLUTE_POS] = after.second;
    }
}

/// A number after the update, inside a kernel.
#[derive(CubeType)]
struct After {
    weight: f32,
    first: f32,
    second: f32,
}

/// The formula of the rule, written into the kernel.
// Before it is expanded the body is a placeholder, which does not mention the rule.
#[allow(clippy::extra_unused_type_parameters)]
#[cube]
fn formula<R: Rule>(weight: f32, first: f32, second: f32, gradient: f32, coefficients: Sequence<f32>) -> After {
    intrinsic!(|scope| {
        let term = |value: NativeExpand<f32>| Term { scope, value };
        let coefficients: Vec<Term> = coefficients.iter_cloned().map(term).collect();
        let coefficients: [Term; NUMBERS] = coefficients.try_into().unwrap_or_else(|_| unreachable!("a rule has as many"));
        let number = Number { weight: term(weight), first: term(first), second: term(second) };
        let Number { weight, first, second } = R::update(number, term(gradient), &coefficients);
        AfterExpand { weight: weight.value, first: first.value, second: second.value }
    })
}
