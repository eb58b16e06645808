//! Weight averaging: an exponential moving average of the weights, which stands for the trained model (Polyak & Juditsky 1992,
//! <https://doi.org/10.1137/0330046>; Izmailov et al. 2018, <https://arxiv.org/abs/1803.05407>).
//!
//! An average that starts from the initial weights holds a share of them for a long time, and an ablation that is compared after few steps is then
//! compared with a model that is partly untrained. So the average is bias-corrected (as the means of Adam are, Kingma & Ba 2015): after the first
//! step it is the weights of that step, and the initial weights never enter it.

use ablation_settings::{Field, Group, Role};

use crate::recipe::Recipe;
use crate::tensor::Tensor;
use crate::weights::upload;

/// The setting of the decay.
pub(crate) const PATH: &str = "train.averaging";

const HELP: &str = "Decay of the moving average of the weights (EMA): what it keeps of itself in each step, such as 0.99; 0 leaves it out. The average \
    is what is evaluated, ablated, saved and fine-tuned in place of the last weights, and fine-tuning has a new average of its own. It is \
    bias-corrected, so it holds nothing of the initial weights. Training curves are those of the weights that are trained (Polyak & Juditsky 1992; \
    Izmailov et al. 2018).";

pub(crate) fn field() -> Field {
    let field = Field::number(PATH, Group::Training, "Weight averaging", HELP, (0.0, 0.9999), 0.0);
    field.role(Role::PerReplica).absent(0.0)
}

/// Whether any of these replicas averages its weights.
pub(crate) fn is_used(recipes: &[Recipe]) -> bool {
    recipes.iter().any(|recipe| recipe.averaging > 0.0)
}

/// The average after an update: `b (1 - b^(t-1)) / (1 - b^t)` of what it was and `(1 - b) / (1 - b^t)` of the weights after update `t`. A replica
/// without averaging has its weights there, to the bit.
///
/// # Shapes
/// - `average`, `weights`, result: `[replicas, trained numbers]`
pub(crate) fn averaged(average: Tensor<2>, weights: &Tensor<2>, recipes: &[Recipe], updates: u64) -> Tensor<2> {
    let column = |number: fn(f64, f64) -> f64| {
        let numbers = recipes.iter().map(|recipe| number(recipe.averaging, updates as f64) as f32).collect();
        upload::<2>(numbers, [recipes.len(), 1], &weights.device())
    };
    average * column(kept) + weights.clone() * column(taken)
}

fn kept(decay: f64, updates: f64) -> f64 {
    decay * (1.0 - libm::pow(decay, updates - 1.0)) / (1.0 - libm::pow(decay, updates))
}

fn taken(decay: f64, updates: f64) -> f64 {
    (1.0 - decay) / (1.0 - libm::pow(decay, updates))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: with a decay of one half, the average of the second step weighs it two thirds.
    #[test]
    fn the_average_is_bias_corrected() {
        assert_eq!([kept(0.5, 1.0), taken(0.5, 1.0)], [0.0, 1.0], "nothing is left of the initial weights");
        assert!((kept(0.5, 2.0) - 1.0 / 3.0).abs() < 1e-12 && (taken(0.5, 2.0) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!([kept(0.0, 1.0), taken(0.0, 1.0), kept(0.0, 7.0), taken(0.0, 7.0)], [0.0, 1.0, 0.0, 1.0]);
        for updates in [1.0, 2.0, 10.0, 20_000.0] {
            assert!((kept(0.9999, updates) + taken(0.9999, updates) - 1.0).abs() < 1e-9, "{updates}");
        }
    }
}
