//! What a training on tokens minimises, one loss per file, and what may be added to a loss, one addition per file.
//!
//! What is *measured* is plain cross-entropy in nats, whatever is minimised: the curves of a training, its steps to the threshold and the test
//! loss. A measure that contained a part of the loss would change when that part is left out, and a gap would say nothing about the model.
//!
//! Replicas of a fleet have one loss; the numbers of it, and the strength of each addition, are read for each replica.

mod cross_entropy;
mod focal;
mod label_smoothing;
mod rows;
mod squared;
mod z_loss;

use std::cell::OnceCell;

use ablation_settings::{Field, Group, MissingSetting, Role, Settings};

use crate::entry::{self, Entry};
use crate::recipe::Recipe;
use crate::tensor::Tensor;
use crate::weights::upload;

pub use rows::Rows;

/// The setting that chooses the loss.
const PATH: &str = "train.loss";

/// Every loss; the first one is the default, and what is measured.
pub const LOSSES: &[Entry<&dyn Loss>] = &[cross_entropy::ENTRY, focal::ENTRY, squared::ENTRY];

/// Everything that may be added to a loss.
pub const ADDITIONS: &[Addition] = &[label_smoothing::ADDITION, z_loss::ADDITION];

/// What a prediction costs.
pub trait Loss: Sync {
    /// Settings of its own.
    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    /// What each class of each row would cost if it were the target.
    ///
    /// # Shapes
    /// - `own`: the values of its own settings, in the order of [`Loss::fields`], `[replicas, 1, 1]` each
    /// - result: `[replicas, rows, classes]`
    fn costs(&self, rows: &Rows, own: &[Tensor<3>]) -> Tensor<3>;
}

/// A term that is added to a loss with a strength; 0 leaves it out.
#[derive(Clone, Copy)]
pub struct Addition {
    /// The setting of its strength.
    pub field: fn() -> Field,
    /// The term: `[replicas, 1, 1]`.
    pub term: fn(&Terms) -> Tensor<3>,
}

/// What additions are computed of.
pub struct Terms<'a> {
    /// Scores, targets and what each row weighs.
    pub rows: &'a Rows,
    /// The loss without additions: `[replicas, 1, 1]`.
    pub loss: &'a Tensor<3>,
    own: &'a [Tensor<3>],
    kind: &'a dyn Loss,
    costs: &'a OnceCell<Tensor<3>>,
}

impl Terms<'_> {
    /// What each class of each row would cost if it were the target: `[replicas, rows, classes]`.
    pub fn costs(&self) -> Tensor<3> {
        self.costs.get_or_init(|| self.kind.costs(self.rows, self.own)).clone()
    }
}

/// What the training of one replica minimises.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingLoss {
    /// The loss; the same in a whole fleet.
    pub kind: &'static Entry<&'static dyn Loss>,
    /// Values of its own settings, in the order of its fields.
    pub own: Vec<f64>,
    /// The strength of each addition, in the order of [`ADDITIONS`]; what is missing is 0.
    pub additions: Vec<f64>,
}

impl Default for TrainingLoss {
    /// Plain cross-entropy, which is what is measured.
    fn default() -> Self {
        TrainingLoss { kind: &LOSSES[0], own: Vec::new(), additions: Vec::new() }
    }
}

impl TrainingLoss {
    /// The loss of a training's settings. Objectives that have no such settings minimise what they measure.
    pub(crate) fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        let number = |field: &Field| match settings.get(&field.path) {
            None if field.absent.is_some() => Ok(0.0),
            _ => settings.number(&field.path),
        };
        let kind = entry::chosen_or_first(LOSSES, settings, PATH)?;
        Ok(TrainingLoss {
            own: kind.value.fields().iter().map(number).collect::<Result<_, _>>()?,
            additions: ADDITIONS.iter().map(|addition| number(&(addition.field)())).collect::<Result<_, _>>()?,
            kind,
        })
    }

    fn addition(&self, index: usize) -> f64 {
        self.additions.get(index).copied().unwrap_or(0.0)
    }
}

/// The settings of losses of tokens.
pub(crate) fn fields(chosen: &Settings) -> Vec<Field> {
    let help = "What the training of the model minimises. Curves and test losses are cross-entropy in nats whatever is chosen, so arms with \
        different losses can be compared.";
    let choice = entry::field(LOSSES, PATH, Group::Training, "Training loss", help).role(Role::Shared);
    let mut fields = vec![choice.affects(&["unembedding"]).absent(LOSSES[0].name)];
    // What follows depends on it.
    let Ok(kind) = entry::chosen_or_first(LOSSES, chosen, PATH) else { return fields };
    fields.extend(kind.value.fields());
    fields.extend(ADDITIONS.iter().map(|addition| (addition.field)()));
    fields
}

/// What is minimised; none where that is what is measured. `measured`: the cross-entropy of each replica, `[replicas, 1, 1]`.
///
/// An addition of strength 0 changes no bit of a replica's loss or gradients, so it does not matter which additions its neighbours have.
pub(crate) fn minimised(measured: &Tensor<3>, rows: &Rows, recipes: &[Recipe]) -> Option<Tensor<3>> {
    let kind = recipes.first()?.loss.kind;
    let used = |index: &usize| recipes.iter().any(|recipe| recipe.loss.addition(*index) != 0.0);
    let additions: Vec<usize> = (0..ADDITIONS.len()).filter(used).collect();
    let is_measured = *kind == LOSSES[0];
    if is_measured && additions.is_empty() {
        return None;
    }
    let column = |number: &dyn Fn(&TrainingLoss) -> f64| {
        let numbers = recipes.iter().map(|recipe| number(&recipe.loss) as f32).collect();
        upload::<3>(numbers, [recipes.len(), 1, 1], &measured.device())
    };
    let own: Vec<Tensor<3>> = (0..kind.value.fields().len()).map(|index| column(&|loss| loss.own[index])).collect();
    let costs = OnceCell::new();
    let terms = |loss| Terms { rows, loss, own: &own, kind: kind.value, costs: &costs };
    let loss = if is_measured { measured.clone() } else { rows.total(rows.of_targets(terms(measured).costs())) };
    let add = |sum: Tensor<3>, index: usize| {
        let term = (ADDITIONS[index].term)(&terms(&loss));
        sum + term * column(&|loss| loss.addition(index))
    };
    Some(additions.into_iter().fold(loss.clone(), add))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;
    use crate::optimizers::OPTIMIZERS;
    use crate::schedules::SCHEDULES;
    use crate::tensor::Integers;
    use burn::tensor::{Device, TensorData};

    const REPLICAS: usize = 2;
    const ROWS: usize = 4;
    const CLASSES: usize = 5;
    const TARGETS: [usize; REPLICAS * ROWS] = [3, 0, 2, 4, 4, 1, 0, 2];
    /// The second row of each replica carries no target.
    const WEIGHTS: [f64; REPLICAS * ROWS] = [0.25, 0.0, 0.5, 0.25, 0.125, 0.0, 0.25, 0.5];

    fn recipe(loss: TrainingLoss) -> Recipe {
        Recipe {
            steps: 1,
            batch: 1,
            learning_rate: 0.1,
            weight_decay: 0.0,
            clip: 0.0,
            warmup: 0,
            schedule: &SCHEDULES[0],
            dropout: 0.0,
            averaging: 0.0,
            optimizer: &OPTIMIZERS[0],
            own: Vec::new(),
            loss,
            pruning: None,
        }
    }

    fn scores() -> Vec<f64> {
        (0..REPLICAS * ROWS * CLASSES).map(|index| f64::from(((index as f32) * 1.7).sin() * 2.5)).collect()
    }

    /// Value, and gradient of the sum over the replicas, of what these replicas minimise.
    fn found(recipes: &[Recipe]) -> (Vec<f32>, Vec<f32>) {
        let device = Device::flex();
        let values = scores().into_iter().map(|score| score as f32).collect();
        let scores = Tensor::<3>::from_inner(upload(values, [REPLICAS, ROWS, CLASSES], &device)).require_grad();
        let targets = TARGETS.iter().map(|&target| target as i32).collect::<Vec<_>>();
        let targets = Integers::from_data(TensorData::new(targets, [REPLICAS, ROWS]), &device.clone().autodiff());
        let weights = WEIGHTS.iter().map(|&weight| weight as f32).collect();
        let weights = Tensor::<2>::from_inner(upload(weights, [REPLICAS, ROWS], &device));
        let measured = kernels::sparse_cross_entropy(scores.clone(), targets.clone(), weights.clone());
        let rows = Rows::new(scores.clone(), targets, weights);
        let loss = minimised(&measured, &rows, recipes).unwrap_or(measured);
        let gradients = loss.clone().sum().backward();
        let host = |tensor: Tensor<3>| tensor.into_data().try_into_vec::<f32>().unwrap();
        (host(loss.inner()), host(scores.grad(&gradients).expect("the loss depends on the scores")))
    }

    /// What a row costs, from the formulas of the papers, in double precision, with the targets smoothed as Szegedy et al. do it.
    fn row(scores: &[f64], target: usize, loss: &TrainingLoss) -> f64 {
        let total: f64 = scores.iter().map(|score| score.exp()).sum();
        let of_class = |class: usize| {
            let p = scores[class].exp() / total;
            match loss.kind.name {
                "cross-entropy" => -p.ln(),
                "focal" => (1.0 - p).powf(loss.own[0]) * -p.ln(),
                "squared" => {
                    let off = |(other, score): (usize, &f64)| (score - f64::from(u8::from(other == class))).powi(2);
                    scores.iter().enumerate().map(off).sum::<f64>() / scores.len() as f64
                }
                other => panic!("no formula of {other}"),
            }
        };
        let (smoothing, z) = (loss.addition(0), loss.addition(1));
        let uniform = 1.0 / scores.len() as f64;
        let mixed = (0..scores.len()).map(|class| {
            let share = smoothing * uniform + if class == target { 1.0 - smoothing } else { 0.0 };
            share * of_class(class)
        });
        mixed.sum::<f64>() + z * total.ln().powi(2)
    }

    fn expected(scores: &[f64], recipes: &[Recipe]) -> Vec<f64> {
        let rows = scores.chunks_exact(CLASSES).zip(TARGETS).zip(WEIGHTS).enumerate();
        let mut losses = vec![0.0; REPLICAS];
        for (index, ((scores, target), weight)) in rows {
            losses[index / ROWS] += weight * row(scores, target, &recipes[index / ROWS].loss);
        }
        losses
    }

    /// Every loss with every addition, in fleets whose replicas have numbers of their own.
    fn all() -> Vec<[Recipe; REPLICAS]> {
        let mut all = Vec::new();
        for kind in LOSSES {
            for additions in [[0.0, 0.0], [0.1, 0.0], [0.0, 0.01], [0.2, 0.003]] {
                let of = |own: f64, additions: &[f64]| {
                    let own = kind.value.fields().iter().map(|_| own).collect();
                    recipe(TrainingLoss { kind, own, additions: additions.to_vec() })
                };
                all.push([of(2.0, &additions), of(0.5, &[additions[1], 2.0 * additions[0]])]);
            }
        }
        all
    }

    /// Central differences in double precision, so that what is seen is the rounding of the losses alone.
    #[test]
    fn every_loss_and_its_gradient_are_those_of_the_formula_in_double_precision() {
        const STEP: f64 = 1e-5;
        for recipes in all() {
            let (values, gradient) = found(&recipes);
            let what = &recipes[0].loss;
            for (value, expected) in values.iter().zip(expected(&scores(), &recipes)) {
                assert!((f64::from(*value) - expected).abs() < 2e-6 * (1.0 + expected.abs()), "{what:?}: {value} and {expected}");
            }
            for (index, slope) in gradient.iter().enumerate() {
                let at = |by: f64| {
                    let mut scores = scores();
                    scores[index] += by;
                    expected(&scores, &recipes).iter().sum::<f64>()
                };
                let seen = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                assert!((seen - f64::from(*slope)).abs() < 2e-6 * (1.0 + seen.abs()), "{what:?}: {seen} and {slope}");
            }
        }
    }

    /// Neighbours with other additions and other numbers change no bit.
    #[test]
    fn what_a_replica_minimises_does_not_depend_on_its_neighbours() {
        // A zero is a zero, whatever its sign: added to a sum it changes nothing.
        let bits = |numbers: &[f32]| numbers.iter().map(|number| (number + 0.0).to_bits()).collect::<Vec<_>>();
        for [first, second] in all() {
            let (values, gradient) = found(&[first.clone(), second]);
            let (alone, gradient_alone) = found(&[first.clone(), first.clone()]);
            assert_eq!(bits(&values[..1]), bits(&alone[..1]), "{:?}", first.loss);
            assert_eq!(bits(&gradient[..ROWS * CLASSES]), bits(&gradient_alone[..ROWS * CLASSES]), "{:?}", first.loss);
        }
    }

    /// A prediction that is certain has `1 - p = 0`, whose logarithm no gradient survives.
    #[test]
    fn certain_predictions_cost_nothing_and_have_finite_gradients() {
        let device = Device::flex();
        for kind in LOSSES {
            for own in [0.0, 0.5, 2.0] {
                let own = kind.value.fields().iter().map(|_| own).collect();
                let recipes = [recipe(TrainingLoss { kind, own, additions: vec![0.1, 1e-4] })];
                let scores = Tensor::<3>::from_inner(upload(vec![60.0, 0.0, -60.0], [1, 1, 3], &device)).require_grad();
                let targets = Integers::from_data(TensorData::new(vec![0_i32], [1, 1]), &device.clone().autodiff());
                let weights = Tensor::<2>::from_inner(upload(vec![1.0], [1, 1], &device));
                let measured = kernels::sparse_cross_entropy(scores.clone(), targets.clone(), weights.clone());
                let loss = minimised(&measured, &Rows::new(scores.clone(), targets, weights), &recipes).expect("it is another");
                let gradient = scores.grad(&loss.clone().sum().backward()).expect("the loss depends on the scores");
                let numbers = [loss.inner(), gradient].map(|tensor| tensor.into_data().try_into_vec::<f32>().unwrap()).concat();
                assert!(numbers.iter().all(|number| number.is_finite()), "{}: {numbers:?}", kind.name);
            }
        }
    }
}
