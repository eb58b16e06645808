//! Muon: momentum whose matrix is made orthogonal by Newton-Schulz iterations (Jordan et al. 2024, <https://kellerjordan.github.io/posts/muon/>),
//! for the matrices of the blocks; everything else is moved by AdamW.
//!
//! The orthogonal matrix is scaled by 0.2 times the root of its larger side (Liu et al. 2025, <https://arxiv.org/abs/2502.16982>), so that its numbers
//! are as large as AdamW's and one learning rate serves both.

use ablation_settings::{Field, Group, Role};

use super::adamw::AdamW;
use super::matrices::{slice, with_matrices};
use super::{NUMBERS, Number, Optimizer, Rule, Step, elementwise};
use crate::arithmetic::Arithmetic;
use crate::entry::Entry;
use crate::kernels;
use crate::recipe::Recipe;
use crate::tensor::Tensor;
use crate::weights::upload;

/// Newton-Schulz iterations.
const ITERATIONS: usize = 5;
/// Coefficients of the iteration `X <- a X + b (X X^T) X + c (X X^T)^2 X`.
const COEFFICIENTS: [f64; 3] = [3.4445, -4.7750, 2.0315];
/// Added to the norm that a matrix is divided by.
const EPSILON: f64 = 1e-7;
/// The root mean square of the numbers of an update of AdamW, about.
const SCALE: f64 = 0.2;

/// Muon with AdamW for everything that is no matrix of a block.
#[derive(Clone, Copy, Debug)]
pub struct Muon;

pub(super) const ENTRY: Entry<&dyn Optimizer> = Entry {
    name: "muon",
    label: "Muon",
    help: "Each matrix of the blocks moves by its momentum made orthogonal (Newton-Schulz, Jordan et al. 2024), scaled so that AdamW's learning rate \
        suits it (Liu et al. 2025); everything else moves by AdamW. Weight decay is decoupled.",
    value: &Muon,
};

impl Optimizer for Muon {
    fn fields(&self) -> Vec<Field> {
        let help =
            "Momentum (mu) of the matrices of the blocks: share of the running sum of gradients that is kept in each step.";
        let field = Field::number("train.momentum", Group::Training, "Momentum", help, (0.0, 0.999), 0.95);
        vec![field.role(Role::PerReplica)]
    }

    /// The momentum of matrices, and the means of AdamW for everything else. The second is zero for matrices.
    fn state(&self) -> &'static [&'static str] {
        &["first", "second"]
    }

    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        let [kept, squares] = [0, 1].map(|index: usize| state[index].clone());
        let (decayed, moved) = elementwise::<Momentum>(step, weights.clone(), gradient.clone(), vec![kept, squares.clone()]);
        let (others, means) = elementwise::<AdamW>(step, weights, gradient, state);
        let [momentum, direction] = [&moved[0], &moved[1]];
        let size = |larger: usize| {
            let size = |recipe: &Recipe| (recipe.rate(step.made) * SCALE * (larger as f64).sqrt()) as f32;
            upload::<3>(step.recipes.iter().map(size).collect(), [step.recipes.len(), 1, 1], &others.device())
        };
        let weights = with_matrices(step.layout, &others, |place| {
            slice(&decayed, place) - orthogonal(slice(direction, place)) * size(place.rows.max(place.columns))
        });
        let first = with_matrices(step.layout, &means[0], |place| slice(momentum, place));
        let second = with_matrices(step.layout, &means[1], |place| slice(&squares, place));
        (weights, vec![first, second])
    }
}

/// `v <- mu v + g`, and where Nesterov's momentum points: `g + mu v`. The weight only decays.
struct Momentum;

impl Rule for Momentum {
    const STATES: usize = 2;

    fn numbers(recipe: &Recipe, _made: u64) -> [f32; NUMBERS] {
        [recipe.own[0], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].map(|number| number as f32)
    }

    #[inline(always)]
    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N> {
        let [momentum, ..] = coefficients.clone();
        let first = momentum.clone() * number.first + gradient.clone();
        Number { second: gradient + momentum * first.clone(), first, ..number }
    }
}

/// The matrix with about the same singular vectors whose singular values lie near one (0.7 to 1.2); zero for a matrix of zeros.
///
/// # Shapes
/// - `matrix`, result: `[replicas, rows, columns]`
fn orthogonal(matrix: Tensor<3>) -> Tensor<3> {
    let [replicas, rows, columns] = matrix.dims();
    // The product of the matrix with itself is as large as the smaller side.
    let is_tall = rows > columns;
    let turned = |matrix: Tensor<3>| if is_tall { matrix.swap_dims(1, 2) } else { matrix };
    let flat = matrix.clone().reshape([replicas, 1, rows * columns]);
    let norm = kernels::root(kernels::product_transposed(flat.clone(), flat));
    let least = kernels::constant(EPSILON, &norm.device());
    let [a, b, c] = COEFFICIENTS;
    let start = turned(matrix / (norm + least));
    let end = (0..ITERATIONS).fold(start, |x, _| {
        let square = kernels::product_transposed(x.clone(), x.clone());
        let factor = square.clone() * b + kernels::product(square.clone(), square) * c;
        x.clone() * a + kernels::product(factor, x)
    });
    turned(end)
}
