//! What the tests of models share: small odd-shaped models, weights that no symmetry hides behind, and host copies of tensors.

use std::collections::BTreeMap;
use std::rc::Rc;

use ablation_data::{Data, Mixture, Samples, Split};
use ablation_models::{
    ActivationCache, Activations, Batch, Content, Draw, Edit, Edits, Entry, EvaluationSet, Fleet, Integers, Interface, Known,
    Measure, Model, Models, OPTIMIZERS, Objective, Operator, Parameter, Pass, Place, Recipe, Replica, Request, SCHEDULES,
    Schedule, Target, Tensor, TrainingLoss, Weights, ablation_edits, build, upload,
};
use ablation_protocol::{Ablation, Site};
use ablation_random::Stream;
use ablation_settings::read_link;
use burn::tensor::{Device, TensorData};

/// Nothing divides anything: width 12, 3 heads, 7 positions, 5 letters.
pub const TRANSFORMER: &str =
    "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.layers=2&train.batch=5";

/// Width 9, 2 blocks.
pub const DENOISER: &str = "v=1&p=two-moons&model.width=9&model.layers=2&objective.diffusion_steps=53&train.batch=5";

/// Both families.
pub const FAMILIES: [&str; 2] = [TRANSFORMER, DENOISER];

/// The same with the norms in the stream.
pub const POST_NORM: [&str; 2] = [
    "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.layers=2&train.batch=5&model.norm=post",
    "v=1&p=two-moons&model.width=9&model.layers=2&objective.diffusion_steps=53&train.batch=5&model.norm=post",
];

/// A transformer that looks both ways; one letter of seven is hidden.
pub const BIDIRECTIONAL: &str = "v=1&p=repeat&data.kind=masked-repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3\
    &model.layers=2&train.batch=5";

/// The same with each position of the input as a component.
pub const IN_PARTS: &str = "v=1&p=repeat&data.kind=masked-repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3\
    &model.layers=2&train.batch=5&model.input_parts=7";

/// A mixer of the same size, whose hidden positions are no multiple of anything.
pub const MIXER: &str = "v=1&p=repeat&data.kind=masked-repeat&data.length=7&data.vocabulary=5&model.backbone=mixer&model.width=12\
    &model.layers=2&model.token_expansion=1.3&train.batch=5&ablation.site=none";

/// Recurrent models of the same size: a gated unit, and a diagonal state space.
pub const RECURRENT: [&str; 2] = [
    "v=1&p=repeat&data.length=7&data.vocabulary=5&model.backbone=gru&model.width=12&model.layers=2&train.batch=5&ablation.site=none",
    "v=1&p=repeat&data.length=7&data.vocabulary=5&model.backbone=ssm&model.width=12&model.layers=2&model.state_expansion=1.3&train.batch=5\
    &ablation.site=none",
];

/// Every shape that a model can have.
pub const SHAPES: [&str; 9] =
    [TRANSFORMER, DENOISER, POST_NORM[0], POST_NORM[1], BIDIRECTIONAL, MIXER, RECURRENT[0], RECURRENT[1], IN_PARTS];

/// The CPU.
pub fn device() -> Device {
    Device::flex()
}

/// The model of a link; panics if the link had to be corrected, because then the test would test something else.
pub fn family(link: &str) -> Rc<Model> {
    let (study, corrections) = read_link(link, &Models);
    assert_eq!(corrections, vec![], "{link}");
    build(&study.settings).expect("a corrected study builds")
}

/// A family with something added to its link.
pub fn family_with(link: &str, more: &str) -> Rc<Model> {
    family(&format!("{link}&{more}"))
}

/// The site of a path.
pub fn site(family: &Model, path: &str) -> Site {
    family.sites().into_iter().find(|site| site.path == path).unwrap_or_else(|| panic!("no site {path}"))
}

/// The schedule of a name.
pub fn schedule(name: &str) -> &'static Entry<Schedule> {
    SCHEDULES.iter().find(|schedule| schedule.name == name).unwrap_or_else(|| panic!("no schedule {name}"))
}

/// A recipe without anything that the name does not say.
pub fn plain(learning_rate: f64) -> Recipe {
    Recipe {
        steps: 20,
        batch: 5,
        learning_rate,
        weight_decay: 0.0,
        clip: 0.0,
        warmup: 0,
        schedule: schedule("constant"),
        dropout: 0.0,
        averaging: 0.0,
        optimizer: &OPTIMIZERS[0],
        own: Vec::new(),
        loss: TrainingLoss::default(),
        pruning: None,
    }
}

/// Five replicas that agree in nothing but batch and number of steps.
pub fn five_replicas() -> Vec<Replica> {
    let recipe = |learning_rate, weight_decay, clip, warmup, name, dropout| Recipe {
        weight_decay,
        clip,
        warmup,
        schedule: schedule(name),
        dropout,
        ..plain(learning_rate)
    };
    let recipes = [
        recipe(0.01, 0.0, 0.0, 0, "constant", 0.0),
        recipe(0.003, 0.3, 0.5, 2, "cosine", 0.0),
        recipe(0.02, 0.1, 0.0, 3, "constant", 0.25),
        recipe(0.007, 0.05, 0.1, 1, "cosine", 0.1),
        recipe(0.03, 1.0, 2.0, 0, "cosine", 0.0),
    ];
    recipes.into_iter().zip([3, 14, 15, 92, 653]).map(|(recipe, seed)| Replica::new(seed, recipe)).collect()
}

/// A fleet from scratch.
pub fn fleet(family: &Rc<Model>, replicas: &[Replica], edits: Edits) -> Fleet {
    Fleet::new(family.clone(), replicas.to_vec(), edits, &device())
}

/// The fleet after so many steps.
pub fn advanced(mut fleet: Fleet, steps: usize) -> Fleet {
    (0..steps).for_each(|_| fleet.advance());
    fleet
}

/// The losses so far, `[step][replica]`.
pub fn losses(fleet: &mut Fleet) -> Vec<Vec<f32>> {
    pollster::block_on(fleet.losses()).expect("the CPU answers")
}

/// A tensor on the host.
pub fn host<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_into_vec().expect("tensors are f32")
}

/// A tensor as bits: not even the sign of a zero may differ.
pub fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u32> {
    host(tensor).into_iter().map(f32::to_bits).collect()
}

/// The weights of one replica as bits, by path.
pub fn replica(weights: &Weights, index: usize) -> BTreeMap<String, Vec<u32>> {
    weights.iter().map(|(path, tensor)| (path.to_string(), bits(&tensor.clone().narrow(0, index, 1)))).collect()
}

/// Weights drawn for a test: unlike the initial ones no gain is one and no bias zero, so that one that is forgotten is missed.
pub fn random_weights(family: &Model, seeds: &[u64]) -> Weights {
    let draw = |parameter: &Parameter, seed: u64| -> Vec<f32> {
        let mut draws = Stream::root(seed).at("test-weights").at(&parameter.path).draws();
        let (mean, std) = if parameter.path.ends_with(".gain") {
            (1.0, 0.2)
        } else if parameter.path.ends_with(".bias") {
            (0.0, 0.3)
        } else {
            (0.0, 1.0 / (parameter.rows as f64).sqrt())
        };
        (0..parameter.count()).map(|_| (mean + std * draws.normal()) as f32).collect()
    };
    Weights::fill(&family.parameters(), seeds.len(), &device(), |parameter, replica| draw(parameter, seeds[replica]))
}

/// The weights with some tensors replaced by a constant.
pub fn filled(weights: &Weights, value: f32, which: impl Fn(&str) -> bool) -> Weights {
    weights.map(
        |path, tensor| if which(path) { Tensor::full(tensor.dims(), value.into(), &tensor.device()) } else { tensor.clone() },
    )
}

/// The product of each replica's matrices, by the tensor library: `[replicas, rows, inner]` and `[replicas, inner, columns]`.
pub fn matmul(left: &Tensor<3>, right: &Tensor<3>) -> Tensor<3> {
    let [left, right] = [left, right].map(|matrix| burn::tensor::Tensor::<3>::from(matrix.clone()));
    left.matmul(right).into()
}

/// Training examples of each replica.
pub fn batch(family: &Model, seeds: &[u64], count: usize) -> Batch {
    family.batch(&Draw { seeds, mixture: &Mixture::default(), split: Split::Train, first: 0, count }, &device())
}

/// The output of the model.
pub fn output(family: &Model, weights: &Weights, edits: &Edits, batch: &Batch) -> Tensor<3> {
    family.forward(&Pass::new(weights, &edits.resolve(&family.sites(), &device())), batch)
}

/// Activations by path, before the edits of their own sites.
pub fn captured(family: &Model, weights: &Weights, edits: &Edits, batch: &Batch, paths: &[&str]) -> BTreeMap<String, Tensor<3>> {
    let cache = ActivationCache::of(paths.iter().map(ToString::to_string));
    let edits = edits.resolve(&family.sites(), &device());
    family.forward(&Pass { cache: Some(&cache), ..Pass::new(weights, &edits) }, batch);
    cache.take().into_iter().collect()
}

/// An operator with its parameters.
pub type Way = (&'static str, &'static [(&'static str, f64)]);

/// The edit of an operator at a site.
pub fn ablate(site: &Site, (name, parameters): Way, reference: Option<&Activations>) -> Edit {
    let operator = Operator::find(name).unwrap_or_else(|| panic!("no operator {name}"));
    let parameters = parameters.iter().map(|(name, value)| (name.to_string(), *value)).collect();
    operator.edit(&Request { site, parameters: &parameters, stream: Stream::root(0) }, &known(reference))
}

/// The edit of an ablation at a site, or at one of the sites that make up a group.
pub fn edit_of(site: &Site, ablation: &Ablation, reference: Option<&Activations>) -> Edit {
    let operator = Operator::find(&ablation.operator).expect("an operator");
    operator.edit(&Request { site, parameters: &ablation.parameters, stream: Stream::root(0) }, &known(reference))
}

fn known(outputs: Option<&Activations>) -> Known<'_> {
    outputs.map_or_else(Known::default, Known::outputs)
}

/// The edits of an ablation, with what its operator needs taken from the model's own reference set. `weights`: one replica.
pub fn made(family: &Model, weights: &Weights, ablations: &[Ablation]) -> Edits {
    let found = pollster::block_on(ablation_edits(family, weights, &Edits::none(1), ablations, 0, &device()));
    let mut edits = Edits::none(1);
    for (path, edit) in found.unwrap_or_else(|error| panic!("{ablations:?}: {error}")) {
        edits.set(0, &path, edit);
    }
    edits
}

/// Integers on a device: `[replicas, rows]`.
pub fn integers(values: Vec<i32>, replicas: usize, device: &Device) -> Integers<2> {
    let rows = values.len() / replicas;
    Integers::from_data(TensorData::new(values, [replicas, rows]), device)
}

/// What goes in, on the host.
pub fn input_values(batch: &Batch) -> Vec<f32> {
    match &batch.input {
        Content::Tokens(_) => tokens(batch).into_iter().map(|token| token as f32).collect(),
        Content::Numbers(numbers) => host(numbers),
    }
}

/// The tokens that go in, on the host.
pub fn tokens(batch: &Batch) -> Vec<i32> {
    match &batch.input {
        Content::Tokens(tokens) => tokens.to_data().iter::<i32>().collect(),
        Content::Numbers(_) => panic!("the batch holds numbers"),
    }
}

/// Rows of the input of each replica.
pub fn rows(batch: &Batch) -> usize {
    match &batch.input {
        Content::Tokens(tokens) => tokens.dims()[1],
        Content::Numbers(numbers) => numbers.dims()[1],
    }
}

/// The numbers that should come out, on the host.
pub fn target_values(batch: &Batch) -> Vec<f32> {
    match &batch.target {
        Target::Tokens(..) => panic!("the batch asks for tokens"),
        Target::Numbers(numbers) => host(numbers),
    }
}

/// The same batch where gradients are computed.
pub fn with_gradients(batch: &Batch) -> Batch {
    let lift = |tensor: &Tensor<3>| Tensor::from_inner(tensor.clone());
    Batch {
        input: match &batch.input {
            Content::Tokens(tokens) => Content::Tokens(tokens.clone()),
            Content::Numbers(numbers) => Content::Numbers(lift(numbers)),
        },
        time: batch.time.as_ref().map(lift),
        class: batch.class.clone(),
        target: match &batch.target {
            Target::Tokens(tokens, weights) => Target::Tokens(tokens.clone(), Box::new(Tensor::from_inner((**weights).clone()))),
            Target::Numbers(numbers) => Target::Numbers(lift(numbers)),
        },
    }
}

/// Loss of each replica and the gradient of their sum by every parameter; zero where the loss was not reached.
pub fn gradients(family: &Model, weights: &Weights, edits: &Edits, batch: &Batch) -> (Vec<f32>, BTreeMap<String, Tensor<3>>) {
    minimised(family, weights, edits, batch, &vec![plain(0.0); weights.replicas()])
}

/// The same of what the training of each replica minimises.
pub fn minimised(
    family: &Model,
    weights: &Weights,
    edits: &Edits,
    batch: &Batch,
    recipes: &[Recipe],
) -> (Vec<f32>, BTreeMap<String, Tensor<3>>) {
    let leaves = weights.leaves();
    let batch = with_gradients(batch);
    let edits = edits.resolve(&family.sites(), &device().autodiff());
    let [_, losses] = family.losses(&Pass::new(&leaves, &edits), &batch, recipes);
    let mut gradients = losses.clone().sum().backward();
    let buffer = leaves.gradient(&mut gradients);
    let of_parameter = |place: &Place| {
        let numbers = buffer.clone().slice([0..weights.replicas(), place.range()]);
        (place.path.clone(), numbers.reshape([weights.replicas(), place.rows, place.columns]))
    };
    (host(&losses.inner()), leaves.layout().own().filter(|place| !place.frozen).map(of_parameter).collect())
}

/// The largest distance between two lists, where 1 is added to the size of each number that is expected.
pub fn distance(given: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(given.len(), expected.len());
    let apart = |(a, b): (&f32, &f32)| (a - b).abs() / (1.0 + b.abs());
    // `max` would pass over a NaN, which is farther than anything.
    given.iter().zip(expected).map(apart).fold(0.0, |most, apart| if most.is_nan() || apart <= most { most } else { apart })
}

/// Rows of numbers, and their width.
pub type Table = (Vec<f32>, usize);

/// A batch that every replica is given, whatever is asked for: host numbers without the replica axis.
#[derive(Clone)]
pub enum Given {
    /// Tokens, the tokens that are asked for, and what each weighs in the loss.
    Tokens(Vec<i32>, Vec<i32>, Vec<f32>),
    /// Inputs, step features and targets.
    Numbers(Table, Table, Table),
}

impl Given {
    /// On a device, for so many replicas; replica `own` is given this, the others its rows in reverse.
    pub fn batch(&self, replicas: usize, own: usize, device: &Device) -> Batch {
        let numbers = |(values, width): &Table| {
            let count = values.len() / width;
            upload(stacked(values, *width, replicas, own), [replicas, count, *width], device)
        };
        match self {
            Given::Tokens(tokens, targets, weights) => {
                let integers = |values: &[i32]| integers(stacked(values, 1, replicas, own), replicas, device);
                let weights = upload(stacked(weights, 1, replicas, own), [replicas, weights.len()], device);
                let target = Target::Tokens(integers(targets), Box::new(weights));
                Batch { input: Content::Tokens(integers(tokens)), time: None, class: None, target }
            }
            Given::Numbers(input, time, target) => Batch {
                input: Content::Numbers(numbers(input)),
                time: Some(numbers(time)),
                class: None,
                target: Target::Numbers(numbers(target)),
            },
        }
    }
}

/// Rows of `width` values for replica `own`, and in reverse for the others.
fn stacked<N: Copy>(values: &[N], width: usize, replicas: usize, own: usize) -> Vec<N> {
    let reversed: Vec<N> = values.chunks_exact(width).rev().flatten().copied().collect();
    (0..replicas).flat_map(|replica| if replica == own { values } else { &reversed }).copied().collect()
}

/// How a wrapped objective makes its batches.
type MakeBatch = dyn Fn(&dyn Objective, &Draw, &Device) -> Batch;

/// An objective whose batches come from somewhere else.
struct Fed {
    objective: Box<dyn Objective>,
    make: Box<MakeBatch>,
}

/// A model whose batches come from somewhere else. Nobody else may hold the model.
pub fn fed(model: Rc<Model>, make: impl Fn(&dyn Objective, &Draw, &Device) -> Batch + 'static) -> Rc<Model> {
    let model = Rc::into_inner(model).expect("nobody else holds the model");
    Rc::new(model.with_objective(|objective| Box::new(Fed { objective, make: Box::new(make) })))
}

impl Objective for Fed {
    fn data(&self) -> &dyn Data {
        self.objective.data()
    }
    fn interface(&self) -> Interface {
        self.objective.interface()
    }
    fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        (self.make)(&*self.objective, draw, device)
    }
    fn reference(&self, replicas: usize, device: &Device) -> Batch {
        self.objective.reference(replicas, device)
    }
    fn loss(&self, output: Tensor<3>, batch: &Batch) -> Tensor<3> {
        self.objective.loss(output, batch)
    }
    fn minimised(&self, shown: &Tensor<3>, output: &Tensor<3>, batch: &Batch, recipes: &[Recipe]) -> Option<Tensor<3>> {
        self.objective.minimised(shown, output, batch, recipes)
    }
    fn loss_unit(&self) -> Option<&'static str> {
        self.objective.loss_unit()
    }
    fn evaluation(&self, sets: &[EvaluationSet], device: &Device) -> Batch {
        self.objective.evaluation(sets, device)
    }
    fn evaluated(&self) -> usize {
        self.objective.evaluated()
    }
    fn generate(&self, forward: &dyn Fn(&Batch) -> Tensor<3>, sets: &[EvaluationSet], device: &Device) -> Option<Tensor<3>> {
        self.objective.generate(forward, sets, device)
    }
    fn measure(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure> {
        self.objective.measure(set, answers)
    }
    fn samples(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Samples> {
        self.objective.samples(set, answers)
    }
    fn training_samples(&self) -> Samples {
        self.objective.training_samples()
    }
}
