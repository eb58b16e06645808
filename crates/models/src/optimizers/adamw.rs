//! AdamW: running means of the gradient and of its square, and weight decay apart from both (Loshchilov & Hutter 2019,
//! <https://arxiv.org/abs/1711.05101>).

use super::{NUMBERS, Number, Optimizer, Rule, Step, elementwise};
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::recipe::Recipe;
use crate::tensor::Tensor;

/// What is kept of the mean gradient in each update.
const BETA_1: f64 = 0.9;
/// What is kept of the mean squared gradient.
const BETA_2: f64 = 0.999;
/// Added to the root of the mean square.
const EPSILON: f64 = 1e-8;

/// AdamW with the usual constants.
#[derive(Clone, Copy, Debug)]
pub struct AdamW;

pub(super) const ENTRY: Entry<&dyn Optimizer> = Entry {
    name: "adamw",
    label: "AdamW",
    help: "Adam with decoupled weight decay: each number moves by its mean gradient over the root of its mean squared gradient \
        (Loshchilov & Hutter 2019).",
    value: &AdamW,
};

impl Optimizer for AdamW {
    fn state(&self) -> &'static [&'static str] {
        &["first", "second"]
    }

    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        elementwise::<AdamW>(step, weights, gradient, state)
    }
}

impl Rule for AdamW {
    const STATES: usize = 2;

    /// Learning rate over the bias correction of the mean gradient; one over the root of the bias correction of the mean square;
    /// what is kept of either mean and what comes in (two numbers each, because in single precision one minus 0.999 is off by a
    /// hundred-thousandth); what is added to the root.
    fn numbers(recipe: &Recipe, made: u64) -> [f32; NUMBERS] {
        let updates = (made + 1) as f64;
        let (correction_1, correction_2) = (1.0 - libm::pow(BETA_1, updates), 1.0 - libm::pow(BETA_2, updates));
        let (size, scale) = (recipe.rate(made) / correction_1, 1.0 / correction_2.sqrt());
        [size, scale, BETA_1, 1.0 - BETA_1, BETA_2, 1.0 - BETA_2, EPSILON, 0.0].map(|number| number as f32)
    }

    #[inline(always)]
    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N> {
        let [size, scale, keep_1, take_1, keep_2, take_2, epsilon, _] = coefficients.clone();
        let first = keep_1 * number.first + take_1 * gradient.clone();
        let second = keep_2 * number.second + take_2 * gradient.clone() * gradient;
        let direction = size * first.clone() / (second.clone().root() * scale + epsilon);
        Number { weight: number.weight - direction, first, second }
    }
}
