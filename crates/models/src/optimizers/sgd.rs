//! Stochastic gradient descent with momentum: a running sum of the gradient, and weight decay apart from it (Polyak 1964,
//! <https://doi.org/10.1016/0041-5553(64)90137-5>; Sutskever et al. 2013, <https://proceedings.mlr.press/v28/sutskever13.html>).

use ablation_settings::{Field, Group, Role};

use super::{NUMBERS, Number, Optimizer, Rule, Step, elementwise};
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::recipe::Recipe;
use crate::tensor::Tensor;

/// Gradient descent with the momentum of Polyak, not of Nesterov.
#[derive(Clone, Copy, Debug)]
pub struct Sgd;

pub(super) const ENTRY: Entry<&dyn Optimizer> = Entry {
    name: "sgd",
    label: "SGD with momentum",
    help: "Each number moves by a running sum of its gradient (heavy ball, Polyak 1964; not Nesterov). Weight decay is decoupled, as for \
        AdamW.",
    value: &Sgd,
};

impl Optimizer for Sgd {
    /// AdamW moves a number by about its rate whatever the gradient; here the gradient counts, and clipping leaves a norm of at most 1
    /// for all numbers together.
    fn learning_rate(&self, adamw: f64) -> f64 {
        adamw * 40.0
    }

    fn fields(&self) -> Vec<Field> {
        vec![momentum()]
    }

    fn state(&self) -> &'static [&'static str] {
        &["velocity"]
    }

    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        elementwise::<Sgd>(step, weights, gradient, state)
    }
}

fn momentum() -> Field {
    let help = "Momentum (mu): share of the running sum of gradients that is kept in each step; 0 is plain gradient descent.";
    Field::number("train.momentum", Group::Training, "Momentum", help, (0.0, 0.999), 0.9).role(Role::PerReplica)
}

impl Rule for Sgd {
    const STATES: usize = 1;

    /// Learning rate and momentum.
    fn numbers(recipe: &Recipe, made: u64) -> [f32; NUMBERS] {
        [recipe.rate(made), recipe.own[0], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].map(|number| number as f32)
    }

    /// `v <- mu v + g`, `w <- w - rate v`.
    #[inline(always)]
    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N> {
        let [rate, momentum, ..] = coefficients.clone();
        let first = momentum * number.first + gradient;
        Number { weight: number.weight - rate * first.clone(), first, ..number }
    }
}
