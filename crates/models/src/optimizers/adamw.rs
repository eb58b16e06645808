//! AdamW: running means of the gradient and of its square, and weight decay apart from both.

use burn::tensor::Tensor;

use super::{Optimizer, Rule, Step, elementwise};
use crate::kernels::{NUMBERS, Number};
use crate::recipe::Recipe;

/// What is kept of the mean gradient in each update.
const BETA_1: f64 = 0.9;
/// What is kept of the mean squared gradient.
const BETA_2: f64 = 0.999;
/// Added to the root of the mean square.
const EPSILON: f64 = 1e-8;

/// AdamW with the usual constants.
#[derive(Clone, Copy, Debug)]
pub struct AdamW;

impl Optimizer for AdamW {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn label(&self) -> &'static str {
        "AdamW"
    }

    fn help(&self) -> &'static str {
        "Adam with decoupled weight decay: each number moves by its mean gradient over the root of its mean squared gradient."
    }

    fn source(&self) -> &'static str {
        "Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101"
    }

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
        let (size, scale) = (recipe.rate(made) / correction_1, 1.0 / libm::sqrt(correction_2));
        [size, scale, BETA_1, 1.0 - BETA_1, BETA_2, 1.0 - BETA_2, EPSILON, 0.0].map(|number| number as f32)
    }

    #[inline(always)]
    fn update(number: Number, gradient: f32, numbers: &[f32]) -> Number {
        let first = numbers[2] * number.first + numbers[3] * gradient;
        let second = numbers[4] * number.second + numbers[5] * gradient * gradient;
        let direction = numbers[0] * first / (second.sqrt() * numbers[1] + numbers[6]);
        Number { weight: number.weight - direction, first, second }
    }

    fn composed([weight, first, second]: [Tensor<2>; 3], gradient: Tensor<2>, told: &[Tensor<2>; NUMBERS]) -> [Tensor<2>; 3] {
        let [size, scale, keep_1, take_1, keep_2, take_2, epsilon, _] = told.clone();
        let first = first * keep_1 + gradient.clone() * take_1;
        let second = second * keep_2 + gradient.clone() * gradient * take_2;
        let direction = first.clone() * size / (second.clone().sqrt() * scale + epsilon);
        [weight - direction, first, second]
    }
}
