//! Pruning: a training that finds out which weights it can do without, and then trains without them.
//!
//! The first half of the steps trains the whole model. Then a share of each weight matrix is set to zero, where it stays, and the other half
//! trains what is left, with a learning rate and a memory that begin anew. What is left may go back to the numbers that it started from, which
//! Frankle & Carbin (2019), <https://arxiv.org/abs/1803.03635>, found to train as well as the whole model (a *lottery ticket*), to other
//! numbers, which they found to train worse, or nowhere, which is the older practice (Han et al. 2015, <https://arxiv.org/abs/1506.02626>).
//! Weights that are chosen at random are the control. The number of steps is that of the whole model, the search included.
//!
//! Only matrices are pruned, each by itself, so that no layer loses all it has; tables of embeddings, gains and biases are not. Weights are
//! compared on the device by arithmetic alone: training reads nothing from it.

use ablation_protocol::Seeds;
use ablation_random::Stream;
use ablation_settings::{Field, Group, MissingSetting, Settings};

use crate::entry::{self, Entry};
use crate::kernels;
use crate::layout::Place;
use crate::model::Model;
use crate::tensor::Tensor;
use crate::weights::{Weights, upload};

/// The setting of the share.
const SHARE: &str = "train.pruned";
/// The setting that chooses which weights go.
const BY: &str = "train.pruned_by";
/// The setting that chooses what becomes of the others.
const RESTART: &str = "train.pruned_restart";

/// Which weights go: one list, one line each.
const CHOICES: &[Entry<By>] = &[
    Entry {
        name: "magnitude",
        label: "the smallest",
        help: "Of each matrix the numbers that are nearest to zero after the first half of the steps.",
        value: By::Magnitude,
    },
    Entry {
        name: "random",
        label: "at random (control)",
        help: "Of each matrix as many numbers, drawn at random.",
        value: By::Chance,
    },
];

/// What becomes of the others: one list, one line each.
const RESTARTS: &[Entry<Restart>] = &[
    Entry {
        name: "rewind",
        label: "initial weights (lottery ticket)",
        help: "What is left goes back to the numbers that it started from.",
        value: Restart::Rewind,
    },
    Entry {
        name: "fresh",
        label: "other initial weights",
        help: "What is left starts from numbers of another seed.",
        value: Restart::Fresh,
    },
    Entry {
        name: "none",
        label: "trained weights",
        help: "What is left is trained further from where it is.",
        value: Restart::None,
    },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Magnitude,
    Chance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Restart {
    Rewind,
    Fresh,
    None,
}

/// How a training prunes; the same in a whole fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruning {
    share: f64,
    by: &'static Entry<By>,
    restart: &'static Entry<Restart>,
}

impl Pruning {
    /// Its settings; the share alone while nothing is pruned.
    pub(crate) fn fields(chosen: &Settings) -> Vec<Field> {
        // Which weights there are is the model's, so the stages of a trial share it, and no search chooses it.
        let group = Group::Model;
        let help = "Share of the numbers of each weight matrix that is set to zero after half of the steps; the other half trains what is left, \
            from its initial weights if nothing else is chosen. 0 prunes nothing.";
        let mut fields = vec![Field::number(SHARE, group, "Pruned weights", help, (0.0, 0.99), 0.0).absent(0.0)];
        if Pruning::is_set(chosen) {
            fields.push(entry::field(CHOICES, BY, group, "Which weights", "Which weights are pruned."));
            let help = "What the second half of the steps starts from.";
            fields.push(entry::field(RESTARTS, RESTART, group, "Restart from", help));
        }
        fields
    }

    /// Whether settings prune anything.
    pub(crate) fn is_set(settings: &Settings) -> bool {
        settings.number(SHARE).is_ok_and(|share| share > 0.0)
    }

    /// What settings say; none if nothing is pruned.
    ///
    /// # Errors
    /// If a setting names nothing that there is; never after validation.
    pub(crate) fn read(settings: &Settings) -> Result<Option<Self>, MissingSetting> {
        if !Pruning::is_set(settings) {
            return Ok(None);
        }
        Ok(Some(Pruning {
            share: settings.number(SHARE)?,
            by: entry::chosen(CHOICES, settings, BY)?,
            restart: entry::chosen(RESTARTS, settings, RESTART)?,
        }))
    }

    /// Steps before it prunes, of so many.
    pub(crate) fn first_course(steps: u64) -> u64 {
        steps / 2
    }

    /// Which trained numbers stay, of models that were trained for the first half of their steps: 1 or 0.
    ///
    /// # Shapes
    /// - result: `[replicas, trained numbers]`
    pub(crate) fn mask(&self, trained: &Weights, seeds: &[Seeds]) -> Tensor<2> {
        let layout = trained.layout();
        let replicas = trained.replicas();
        let mut mask = ones(trained);
        for place in layout.own().filter(|place| is_pruned(place, trained)) {
            let count = place.range().len();
            let scores = match self.by.value {
                By::Magnitude => magnitude(values(trained.trained(), place)),
                By::Chance => drawn(place, seeds, trained),
            };
            // At least one number of each matrix stays, where not all are equal.
            let kept = libm::round((1.0 - self.share) * count as f64).max(1.0);
            let stays = largest(scores, kept).reshape([replicas, count]);
            mask = mask.slice_assign([0..replicas, place.range()], stays);
        }
        mask
    }

    /// What the second half of the steps starts from, before the mask.
    pub(crate) fn restarted(&self, trained: Weights, model: &Model, seeds: &[Seeds]) -> Weights {
        let start = |seeds: &[Seeds]| Weights::start(&model.parameters(), seeds, &trained.trained().device());
        match self.restart.value {
            Restart::Rewind => start(seeds),
            Restart::Fresh => start(&seeds.iter().map(other).collect::<Vec<_>>()),
            Restart::None => trained,
        }
    }
}

/// Which numbers of pruned models stay, by what is left: a number that was pruned is zero, and no other number of a matrix is.
///
/// # Shapes
/// - result: `[replicas, trained numbers]`
pub(crate) fn mask_of(pruned: &Weights) -> Tensor<2> {
    let replicas = pruned.replicas();
    let mut mask = ones(pruned);
    for place in pruned.layout().own().filter(|place| is_pruned(place, pruned)) {
        let stays = above_zero(magnitude(values(pruned.trained(), place))).reshape([replicas, place.range().len()]);
        mask = mask.slice_assign([0..replicas, place.range()], stays);
    }
    mask
}

/// Whether some of the numbers of a parameter are pruned: those of the matrices, which are what decays.
fn is_pruned(place: &Place, weights: &Weights) -> bool {
    !place.frozen && place.range().end <= weights.layout().decaying()
}

fn ones(weights: &Weights) -> Tensor<2> {
    Tensor::ones(weights.trained().dims(), &weights.trained().device())
}

/// The numbers of a parameter: `[replicas, 1, numbers]`.
fn values(buffer: &Tensor<2>, place: &Place) -> Tensor<3> {
    let count = place.range().len();
    buffer.clone().narrow(1, place.offset, count).reshape([buffer.dims()[0], 1, count])
}

fn magnitude(x: Tensor<3>) -> Tensor<3> {
    kernels::root(x.clone() * x)
}

/// A number from 0 to 1 for each of a parameter: `[replicas, 1, numbers]`.
fn drawn(place: &Place, seeds: &[Seeds], weights: &Weights) -> Tensor<3> {
    let count = place.range().len();
    let mut scores = Vec::with_capacity(seeds.len() * count);
    for seeds in seeds {
        let mut draws = Stream::root(seeds.init).at("pruning").at(&place.path).draws();
        scores.extend((0..count).map(|_| draws.uniform() as f32));
    }
    upload(scores, [seeds.len(), 1, count], &weights.trained().device())
}

/// The seeds of other initial weights, with the same data.
fn other(seeds: &Seeds) -> Seeds {
    let init = Stream::root(seeds.init).at("pruning").at("fresh").draws().below(u64::MAX);
    Seeds { init, ..*seeds }
}

/// 1 for the `kept` largest numbers of each replica and 0 for the others, by halving the interval in which the limit between them lies. Of equal
/// numbers at the limit none stays.
///
/// # Shapes
/// - `scores`, result: `[replicas, 1, numbers]`, none below zero
fn largest(scores: Tensor<3>, kept: f64) -> Tensor<3> {
    /// The limit is then nearer to its true place than the numbers around it are to each other.
    const HALVINGS: usize = 64;
    let most = kernels::constant(kept + 0.5, &scores.device());
    // No number is larger than the root of the sum of all squares; at the lower end too many are kept, or just enough.
    let mut high = kernels::root((scores.clone() * scores.clone()).sum_dim(2)) * 1.01;
    let mut low = high.zeros_like();
    for _ in 0..HALVINGS {
        let middle = (low.clone() + high.clone()) * 0.5;
        let over = above_zero(above_zero(scores.clone() - middle.clone()).sum_dim(2) - most.clone());
        low = low.clone() + over.clone() * (middle.clone() - low);
        high = middle.clone() + over * (high - middle);
    }
    above_zero(scores - high)
}

/// 1 where a number is above zero and 0 where it is not.
fn above_zero(x: Tensor<3>) -> Tensor<3> {
    let half = kernels::constant(0.5, &x.device());
    // Everything above zero becomes more than one, and everything else stays at most zero.
    let parted = x * 1e30 - half.clone();
    kernels::bounded(parted * 1e6, 1.0) * 0.5 + half
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn numbers(x: Tensor<3>) -> Vec<f32> {
        x.into_data().try_into_vec::<f32>().unwrap()
    }

    #[test]
    fn the_largest_numbers_of_each_replica_are_kept() {
        let mut draws = Stream::root(5).draws();
        let (replicas, count) = (3, 257);
        // Of very different sizes, as weights of a matrix are.
        let scores: Vec<f32> =
            (0..replicas * count).map(|index| (draws.uniform().powi(3) * [1e-6, 1.0, 30.0][index / count]) as f32).collect();
        for kept in [1, 2, 51, 256, 257] {
            let found = numbers(largest(upload(scores.clone(), [replicas, 1, count], &Device::flex()), kept as f64));
            for (scores, found) in scores.chunks(count).zip(found.chunks(count)) {
                let mut sorted = scores.to_vec();
                sorted.sort_by(f32::total_cmp);
                let least = sorted[count - kept];
                let expected: Vec<f32> = scores.iter().map(|&score| if score >= least { 1.0 } else { 0.0 }).collect();
                assert_eq!(found, expected, "{kept}");
            }
        }
    }

    #[test]
    fn numbers_are_above_zero_or_not() {
        let x = vec![0.0, -0.0, 1e-20, -1e-20, 3.0, -3.0, f32::MAX, f32::MIN];
        let found = numbers(above_zero(upload(x.clone(), [1, 1, x.len()], &Device::flex())));
        assert_eq!(found, [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn other_initial_weights_have_a_seed_of_their_own_and_the_same_data() {
        let (first, second) = (other(&Seeds::new(1, 7)), other(&Seeds::new(2, 7)));
        assert!(first.init != 1 && first.init != second.init);
        assert_eq!((first.data, first.redraw), (7, None));
    }
}
