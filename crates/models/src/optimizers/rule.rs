//! Optimisers that move each number by that number, its gradient and at most two numbers of state alone.
//!
//! Such an optimiser says its formula once, for anything that can be added and multiplied. The CPU runs it on single numbers, in one pass
//! over the buffer together with clipping and weight decay; a GPU has it written into a kernel that does the same.

use super::Step;
use crate::arithmetic::Arithmetic;
use crate::kernels;
use crate::recipe::Recipe;
use crate::tensor::Tensor;

/// How many coefficients a rule has at most.
pub const NUMBERS: usize = 8;

/// A weight and what an optimiser remembers of it. What a rule does not remember is zero.
#[derive(Clone, Copy, Debug)]
pub struct Number<N> {
    /// The weight.
    pub weight: N,
    /// The first number of state.
    pub first: N,
    /// The second number of state.
    pub second: N,
}

/// The formula of an optimiser.
pub trait Rule: Send + Sync + 'static {
    /// Buffers of state: 0, 1 or 2.
    const STATES: usize;

    /// Coefficients of the rule in the update after `made` updates of one replica.
    fn numbers(recipe: &Recipe, made: u64) -> [f32; NUMBERS];

    /// A number after an update. Weight decay and clipping have been applied to what comes in. `coefficients`: [`Rule::numbers`].
    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N>;
}

/// What changes from replica to replica and from update to update.
#[derive(Clone, Debug)]
pub(crate) struct UpdateNumbers {
    /// Largest norm of the gradient of the replica, if it is clipped.
    pub clip: Option<f32>,
    /// What weight decay leaves of a weight that decays.
    pub shrink: f32,
    /// Coefficients of the rule.
    pub rule: [f32; NUMBERS],
}

/// One update by a rule. Shapes are those of [`super::Optimizer::update`].
pub fn elementwise<R: Rule>(
    step: &Step,
    weights: Tensor<2>,
    gradient: Tensor<2>,
    state: Vec<Tensor<2>>,
) -> (Tensor<2>, Vec<Tensor<2>>) {
    kernels::update::<R>(step.layout, numbers::<R>(step), weights, gradient, state)
}

/// The numbers of an update, one per replica.
pub(crate) fn numbers<R: Rule>(step: &Step) -> Vec<UpdateNumbers> {
    let numbers = |recipe: &Recipe| UpdateNumbers {
        clip: (recipe.clip > 0.0).then_some(recipe.clip as f32),
        shrink: (1.0 - recipe.rate(step.made) * recipe.weight_decay) as f32,
        rule: R::numbers(recipe, step.made),
    };
    step.recipes.iter().map(numbers).collect()
}
