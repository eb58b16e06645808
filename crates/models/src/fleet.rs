//! Training many models in lock-step.
//!
//! A *fleet* is `R` replicas of one architecture: parameters `[R, rows, columns]`, activations `[R, examples * positions, width]`.
//! Seeds, learning rates and even models that go without a component train together, in the operations of one. A single model is a fleet
//! of one, and on the CPU a replica's weights do not depend on who else is in the fleet.

use std::rc::Rc;

use ablation_data::{Mixture, Split};
use ablation_protocol::Seeds;
use burn::tensor::Device;

use crate::batch::Draw;
use crate::dropout::Dropout;
use crate::edits::Edits;
use crate::error::ModelError;
use crate::evaluation::{Depth, Evaluation, EvaluationSet, Measure};
use crate::model::Model;
use crate::optimizers::{OPTIMIZERS, OptimizerState};
use crate::pruning::{self, Pruning};
use crate::recipe::Recipe;
use crate::resolved::ResolvedEdits;
use crate::scope::Pass;
use crate::tensor::{self, Tensor};
use crate::weights::Weights;

/// What one replica of a fleet is.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    /// Initial weights and dropout; examples and their order.
    pub seeds: Seeds,
    /// How it is trained. Steps and batch are the same in the whole fleet.
    pub recipe: Recipe,
}

impl Replica {
    /// A replica with one seed for everything.
    pub fn new(seed: u64, recipe: Recipe) -> Self {
        Replica { seeds: Seeds::new(seed, seed), recipe }
    }
}

/// A fleet in training.
pub struct Fleet {
    model: Rc<Model>,
    /// How each replica is trained, in the present course of a training that has two.
    recipes: Vec<Recipe>,
    seeds: Vec<Seeds>,
    /// What every replica is trained on; empty for the data of the model alone.
    mixture: Mixture,
    /// Steps to be made.
    steps: u64,
    /// Steps made before the optimiser began anew.
    made_before: u64,
    /// How weights are pruned, while that lies ahead.
    pruning: Option<Pruning>,
    /// Parameters after the steps so far, as they are trained; see [`Fleet::evaluated`].
    pub weights: Weights,
    /// What every forward pass changes.
    edits: Edits,
    /// The same on the device, and on the device with gradients.
    resolved: [ResolvedEdits; 2],
    /// Optimiser state.
    pub optimizer: OptimizerState,
    /// Index of the first training example; a recovered model goes on where its reference stopped.
    first_example: u64,
    device: Device,
    unread: Vec<Tensor<3>>,
}

impl Fleet {
    /// A fleet that starts from scratch.
    pub fn new(model: Rc<Model>, replicas: Vec<Replica>, edits: Edits, device: &Device) -> Self {
        let seeds: Vec<Seeds> = replicas.iter().map(|replica| replica.seeds).collect();
        let weights = Weights::start(&model.parameters(), &seeds, device);
        let pruning = replicas.first().and_then(|replica| replica.recipe.pruning.clone());
        let mut fleet = Fleet::starting(model, replicas, edits, weights, 0, device);
        if pruning.is_some() {
            fleet.recipes = courses(&fleet.recipes, Pruning::first_course(fleet.steps));
            fleet.pruning = pruning;
        }
        fleet
    }

    /// A fleet that starts from given weights, with a fresh optimiser, reading examples from `first_example` on. Where recipes prune, the
    /// weights are of models that were pruned, and what is zero in their matrices stays so.
    pub fn from_weights(
        model: Rc<Model>,
        replicas: Vec<Replica>,
        edits: Edits,
        weights: Weights,
        first_example: u64,
        device: &Device,
    ) -> Self {
        let is_pruned = replicas.first().is_some_and(|replica| replica.recipe.pruning.is_some());
        let mask = is_pruned.then(|| pruning::mask_of(&weights));
        let fleet = Fleet::starting(model, replicas, edits, weights, first_example, device);
        Fleet { optimizer: fleet.optimizer.masked(mask), ..fleet }
    }

    /// The same, with all weights in training.
    fn starting(
        model: Rc<Model>,
        replicas: Vec<Replica>,
        edits: Edits,
        weights: Weights,
        first_example: u64,
        device: &Device,
    ) -> Self {
        let optimizer = replicas.first().map_or(&OPTIMIZERS[0], |replica| replica.recipe.optimizer);
        let recipes: Vec<Recipe> = replicas.iter().map(|replica| replica.recipe.clone()).collect();
        let (steps, batch) = recipes.first().map_or((0, 0), |recipe| (recipe.steps, recipe.batch));
        Fleet {
            seeds: replicas.iter().map(|replica| replica.seeds).collect(),
            mixture: model.mixture(if first_example == 0 { steps * batch as u64 } else { 0 }),
            steps,
            made_before: 0,
            pruning: None,
            optimizer: OptimizerState::new(optimizer, &weights).averaging(&weights, &recipes),
            recipes,
            weights,
            resolved: Fleet::resolved(&model, &edits, device),
            edits,
            first_example,
            device: device.clone(),
            unread: Vec::new(),
            model,
        }
    }

    /// The same fleet, trained on a mixture and evaluated as before. An empty one changes nothing.
    #[must_use]
    pub fn trained_on(self, mixture: Mixture) -> Self {
        if mixture.is_empty() { self } else { Fleet { mixture, ..self } }
    }

    /// What every forward pass changes.
    pub fn edits(&self) -> &Edits {
        &self.edits
    }

    /// Replaces what every forward pass changes.
    pub fn edit(&mut self, edits: Edits) {
        self.resolved = Fleet::resolved(&self.model, &edits, &self.device);
        self.edits = edits;
    }

    fn resolved(model: &Model, edits: &Edits, device: &Device) -> [ResolvedEdits; 2] {
        let sites = model.sites();
        [device.clone(), device.clone().autodiff()].map(|device| edits.resolve(&sites, &device))
    }

    /// Steps made.
    pub fn step(&self) -> u64 {
        self.made_before + self.optimizer.step
    }

    /// Steps to be made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Whether the models are pruned in training, or were before.
    pub(crate) fn is_pruned(&self) -> bool {
        self.recipes.first().is_some_and(|recipe| recipe.pruning.is_some())
    }

    /// Number of models.
    pub fn replicas(&self) -> usize {
        self.recipes.len()
    }

    /// One update of every replica. Nothing is read from the device; see [`Fleet::losses`].
    pub fn advance(&mut self) {
        if self.step() == Pruning::first_course(self.steps) {
            self.prune();
        }
        let recipes = &self.recipes;
        let count = recipes.first().map_or(0, |recipe| recipe.batch);
        let first = self.first_example + self.step() * count as u64;
        let dropout = recipes.iter().any(|recipe| recipe.dropout > 0.0).then(|| Dropout {
            rates: recipes.iter().map(|recipe| recipe.dropout).collect(),
            seeds: self.seeds.iter().map(|seeds| seeds.init).collect(),
            step: first / count.max(1) as u64,
        });
        let seeds: Vec<u64> = self.seeds.iter().map(|seeds| seeds.data).collect();
        let draw = Draw { seeds: &seeds, mixture: &self.mixture, split: Split::Train, first, count };
        let batch = self.model.batch(&draw, &self.device.clone().autodiff());
        let leaves = self.weights.leaves();
        let pass = Pass { dropout: dropout.as_ref(), ..Pass::new(&leaves, &self.resolved[1]) };
        let [losses, minimised] = self.model.losses(&pass, &batch, recipes);
        // The sum over replicas: the gradient of each replica's weights is that of its own loss.
        let mut gradients = minimised.sum().backward();
        let gradient = leaves.gradient(&mut gradients);
        // Whoever else holds a weight forces a copy of it.
        drop((leaves, gradients));
        self.weights = self.optimizer.update(std::mem::take(&mut self.weights), gradient, recipes);
        self.unread.push(losses.inner());
    }

    /// Begins the second course of a training that prunes, if it is still ahead.
    fn prune(&mut self) {
        let Some(pruning) = self.pruning.take() else { return };
        let trained = self.evaluated();
        let mask = pruning.mask(&trained, &self.seeds);
        let weights = pruning.restarted(trained, &self.model, &self.seeds).updated(|numbers| numbers * mask.clone());
        self.begin_again(weights, mask);
    }

    /// Begins the second course with given weights.
    fn begin_again(&mut self, weights: Weights, mask: Tensor<2>) {
        self.made_before = Pruning::first_course(self.steps);
        self.recipes = courses(&self.recipes, self.steps - self.made_before);
        let optimizer = self.recipes.first().map_or(&OPTIMIZERS[0], |recipe| recipe.optimizer);
        self.optimizer = OptimizerState::new(optimizer, &weights).averaging(&weights, &self.recipes).masked(Some(mask));
        self.weights = weights;
    }

    /// Goes on where a training of the same kind stood after so many steps. `state`: what its optimiser remembered, in the order of
    /// [`OptimizerState::state`].
    pub(crate) fn restore(&mut self, weights: Weights, state: Vec<Weights>, step: u64) {
        let step = step.min(self.steps);
        if self.pruning.is_some() && step > Pruning::first_course(self.steps) {
            self.pruning = None;
            let mask = pruning::mask_of(&weights);
            self.begin_again(weights, mask);
        } else {
            self.weights = weights;
        }
        self.optimizer.restore(state, step - self.made_before);
    }

    /// The losses in training since the last call, as they are measured, whatever is minimised, one list of replicas per step, read from the device at once.
    pub async fn losses(&mut self) -> Result<Vec<Vec<f32>>, ModelError> {
        if self.unread.is_empty() {
            return Ok(Vec::new());
        }
        let losses = Tensor::cat(std::mem::take(&mut self.unread), 1);
        let steps = losses.dims()[1];
        let values = read(vec![losses]).await?.remove(0);
        Ok((0..steps).map(|step| (0..self.recipes.len()).map(|replica| values[replica * steps + step]).collect()).collect())
    }

    /// The weights that stand for the trained models: what is evaluated, ablated, saved and trained further. They are those of the last step, or
    /// their moving average.
    pub fn evaluated(&self) -> Weights {
        self.optimizer.evaluated(&self.weights)
    }

    /// Evaluates every replica. `without`: sites that each replica goes without, one list per replica.
    pub async fn evaluate(&self, without: &[Vec<String>]) -> Result<Vec<Evaluation>, ModelError> {
        evaluate(&self.model, &self.evaluated(), &self.edits, without, &self.device).await
    }

    /// The measures of every replica on its own evaluation set, without anything to look at. `sets`: one per replica.
    pub async fn measure(&self, sets: &[EvaluationSet], depth: Depth) -> Result<Vec<Vec<Measure>>, ModelError> {
        measure(&self.model, &self.evaluated(), &self.edits, sets, depth, &self.device).await
    }
}

/// Recipes of a part of a training: the same for so many steps, the warm-up as large a share of them as before.
fn courses(recipes: &[Recipe], steps: u64) -> Vec<Recipe> {
    recipes.iter().map(|recipe| recipe.continued(steps, recipe.learning_rate)).collect()
}

/// Evaluates every replica of some weights as a bench does. `without`: sites that each replica goes without, one list per replica.
pub async fn evaluate(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    without: &[Vec<String>],
    device: &Device,
) -> Result<Vec<Evaluation>, ModelError> {
    let set = EvaluationSet::shared();
    let sets = vec![set; without.len()];
    let answers = answers(model, weights, edits, &sets, Depth::Samples, device).await?;
    let first = answers.iter().map(|answers| model.measure(&set, answers)).collect();
    let measures = over_draws(first, model, weights, edits, &sets, Depth::Score, device).await?;
    let mut found = Vec::with_capacity(without.len());
    for ((answers, measures), without) in answers.iter().zip(measures).zip(without) {
        found.push(Evaluation { measures, samples: model.samples(&set, answers, without) });
    }
    Ok(found)
}

/// The measures of every replica of some weights on its own evaluation set, without anything to look at. `sets`: one per replica.
pub async fn measure(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    sets: &[EvaluationSet],
    depth: Depth,
    device: &Device,
) -> Result<Vec<Vec<Measure>>, ModelError> {
    let answers = answers(model, weights, edits, sets, depth, device).await?;
    let first = answers.iter().zip(sets).map(|(answers, set)| model.measure(set, answers)).collect();
    over_draws(first, model, weights, edits, sets, depth, device).await
}

/// The means of the measures of every replica over all draws of its constants. `first`: those of the first draw, which are all there are of
/// most replicas.
async fn over_draws(
    first: Vec<Vec<Measure>>,
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    sets: &[EvaluationSet],
    depth: Depth,
    device: &Device,
) -> Result<Vec<Vec<Measure>>, ModelError> {
    let mut means = first;
    for (replica, (measures, set)) in means.iter_mut().zip(sets).enumerate() {
        let Some(draws) = edits.further_draws(replica) else { continue };
        let count = draws.replicas();
        let answers = answers(model, &weights.repeat(replica, count), &draws, &vec![*set; count], depth, device).await?;
        let further: Vec<Vec<Measure>> = answers.iter().map(|answers| model.measure(set, answers)).collect();
        for (index, measure) in measures.iter_mut().enumerate() {
            // A loss that is not finite in one draw has no mean.
            let sum = further.iter().try_fold(measure.value, |sum, draw| Some(Some(sum? + draw[index].value?)));
            measure.value = sum.flatten().map(|sum| sum / (count + 1) as f64);
        }
    }
    Ok(means)
}

/// Bytes of one tensor of an evaluation, beyond which replicas are evaluated one by one. The batch bounds what training takes, and an
/// evaluation has a size of its own: that of four large models at once does not fit into a browser tab.
const TOGETHER: usize = 128 << 20;

/// The answers of each replica, read from the device at once where they are computed at once.
async fn answers(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    sets: &[EvaluationSet],
    depth: Depth,
    device: &Device,
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let each = size_of::<f32>().saturating_mul(model.largest()).saturating_mul(model.evaluated());
    if each.saturating_mul(sets.len()) <= TOGETHER {
        return answers_together(model, weights, edits, sets, depth, device).await;
    }
    let mut answers = Vec::with_capacity(sets.len());
    for (replica, set) in sets.iter().enumerate() {
        let (weights, edits) = (weights.repeat(replica, 1), edits.of_replica(replica));
        answers.extend(answers_together(model, &weights, &edits, std::slice::from_ref(set), depth, device).await?);
    }
    Ok(answers)
}

async fn answers_together(
    model: &Model,
    weights: &Weights,
    edits: &Edits,
    sets: &[EvaluationSet],
    depth: Depth,
    device: &Device,
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let edits = edits.resolve(&model.sites(), device);
    let answers = read(model.evaluate(&Pass::new(weights, &edits), sets, depth, device)).await?;
    let answers_of = |replica: usize| {
        let slice = |answer: &Vec<f32>| answer[replica * (answer.len() / sets.len())..][..answer.len() / sets.len()].to_vec();
        answers.iter().map(slice).collect()
    };
    Ok((0..sets.len()).map(answers_of).collect())
}

/// Reads tensors from the device in one go.
pub(crate) async fn read<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<Vec<f32>>, ModelError> {
    let data = tensor::read(tensors).await.map_err(|error| ModelError::Device(error.to_string()))?;
    data.into_iter().map(|data| data.try_into_vec::<f32>().map_err(|error| ModelError::Device(format!("{error:?}")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Models, build};
    use crate::edits::Edit;
    use ablation_settings::read_link;

    /// Models of images, of which the first goes without a branch.
    #[test]
    fn models_too_large_to_be_evaluated_together_find_what_each_finds_alone() {
        let link = "v=1&p=glyphs&model.layers=1";
        let model = build(&read_link(link, &Models).0.settings).unwrap();
        let each = size_of::<f32>() * model.largest() * model.evaluated();
        let replicas = TOGETHER / each + 1;
        let device = Device::flex();
        let seeds: Vec<u64> = (0..replicas as u64).collect();
        let weights = Weights::draw(&model.parameters(), &seeds, &device);
        let mut edits = Edits::none(replicas);
        edits.set(0, "blocks.0.mlp", Edit::ZERO);
        let sets: Vec<EvaluationSet> =
            seeds.iter().map(|&data| EvaluationSet::of_pair(ablation_protocol::EvaluationSplit::Test, data)).collect();
        let found = pollster::block_on(measure(&model, &weights, &edits, &sets, Depth::Loss, &device)).unwrap();
        let together = pollster::block_on(answers_together(&model, &weights, &edits, &sets, Depth::Loss, &device)).unwrap();
        let together: Vec<_> = together.iter().zip(&sets).map(|(answers, set)| model.measure(set, answers)).collect();
        assert_eq!(found, together);
        assert!(found.windows(2).all(|pair| pair[0] != pair[1]), "{found:?}");
    }
}
