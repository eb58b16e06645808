//! Lion: the sign of a mean of gradients (Chen et al. 2023, "Symbolic discovery of optimization algorithms",
//! <https://arxiv.org/abs/2302.06675>).

use super::{NUMBERS, Number, Optimizer, Rule, Step, elementwise};
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::recipe::Recipe;
use crate::tensor::Tensor;

/// What the direction keeps of the running mean; the rest is the present gradient.
const BETA_1: f64 = 0.9;
/// What the running mean keeps of itself in each update.
const BETA_2: f64 = 0.99;

/// Lion with the constants of the paper.
#[derive(Clone, Copy, Debug)]
pub struct Lion;

pub(super) const ENTRY: Entry<&dyn Optimizer> = Entry {
    name: "lion",
    label: "Lion",
    help: "Each number moves by the learning rate, in the direction of the sign of a mean of its gradients (Chen et al. 2023). Weight decay is \
        decoupled, as for AdamW.",
    value: &Lion,
};

impl Optimizer for Lion {
    /// Every number moves by the whole rate in every step, so the rate is a fraction of AdamW's: the paper says a third to a tenth.
    fn learning_rate(&self, adamw: f64) -> f64 {
        adamw / 5.0
    }

    fn state(&self) -> &'static [&'static str] {
        &["mean"]
    }

    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        elementwise::<Lion>(step, weights, gradient, state)
    }
}

impl Rule for Lion {
    const STATES: usize = 1;

    /// Learning rate; what the direction and the mean keep of the mean, and what comes in.
    fn numbers(recipe: &Recipe, made: u64) -> [f32; NUMBERS] {
        [recipe.rate(made), BETA_1, 1.0 - BETA_1, BETA_2, 1.0 - BETA_2, 0.0, 0.0, 0.0].map(|number| number as f32)
    }

    /// `w <- w - rate sign(b1 m + (1 - b1) g)`, `m <- b2 m + (1 - b2) g`.
    #[inline(always)]
    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N> {
        let [rate, keep_1, take_1, keep_2, take_2, ..] = coefficients.clone();
        let direction = (keep_1 * number.first.clone() + take_1 * gradient.clone()).sign();
        Number { weight: number.weight - rate * direction, first: keep_2 * number.first + take_2 * gradient, ..number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the formula by hand: the mean of -0.5 outweighs the gradient of 1 in the direction (0.9 * -0.5 + 0.1 * 1 < 0).
    #[test]
    fn a_number_moves_by_the_rate_against_the_sign_of_the_mean() {
        let coefficients = [0.1, 0.9, 0.1, 0.99, 0.01, 0.0, 0.0, 0.0];
        let number = Number { weight: 2.0_f32, first: -0.5, second: 0.0 };
        let Number { weight, first, second } = <Lion as Rule>::update(number, 1.0, &coefficients);
        assert!((weight - 2.1).abs() < 1e-6 && (first + 0.485).abs() < 1e-6 && second == 0.0, "{weight} {first}");
        let still = <Lion as Rule>::update(Number { weight: 2.0_f32, first: 0.0, second: 0.0 }, 0.0, &coefficients);
        assert_eq!((still.weight, still.first), (2.0, 0.0), "without a gradient nothing moves");
    }
}
