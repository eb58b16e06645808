//! Denoising diffusion (Ho, Jain & Abbeel 2020, <https://arxiv.org/abs/2006.11239>): the model is given an example with noise on it and
//! the step that says how much, and predicts the noise or the clean example.

mod evaluation;
mod patches;
mod predictions;
mod sampler;
mod schedules;

use std::cell::OnceCell;
use std::rc::Rc;

use ablation_data::{ConstantPredictor, Data, Example, Layout, Samples, Split, examples};
use ablation_random::Stream;
use ablation_settings::{Field, Group, MissingSetting, Settings};
use burn::tensor::Device;

pub use patches::Patches;
pub use schedules::NoiseSchedule;

use super::cache::Cache;
use super::{Input, Interface, Kind, Objective};
use crate::batch::{Batch, Content, Draw, Target, integers, numbers, once_each};
use crate::entry::{self, Entry};
use crate::evaluation::{EvaluationSet, Measure};
use crate::kernels;
use crate::tensor::Tensor;
use predictions::{Level, PREDICTIONS, Prediction};
use schedules::NOISE_SCHEDULES;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "diffusion",
    label: "Denoising diffusion",
    help: "Mean squared error of what is predicted about an example with noise on it.",
    value: Kind {
        fits: |layout| matches!(layout, Layout::Numbers { .. }),
        positions: |layout, mixes| patches(layout, mixes).positions,
        unit: "of the data variance",
        budget: (800, 256, 0.003),
        fields,
        build,
    },
};

/// Sine and cosine features of a diffusion step.
const FEATURES: usize = 32;

/// Cells of the side of a patch, where a backbone mixes positions.
const PATCH: usize = 2;

/// Examples of the evaluation set at each noise level, and of the reference set.
const EXAMPLES: usize = 512;

/// Denoises examples of a data set.
pub struct Diffusion {
    data: Box<dyn Data>,
    patches: Patches,
    prediction: &'static Entry<Prediction>,
    schedule: NoiseSchedule,
    /// Features of each step, from step 0.
    features: Vec<[f32; FEATURES]>,
    evaluation_sets: Cache<Vec<Noised>>,
    /// What the constant predictor reaches; it takes as long to find out as the score of a model, so it is found once.
    constant: OnceCell<ConstantPredictor>,
}

/// A clean example, the noise put on it, and the step it is put at.
#[derive(Clone, Debug, PartialEq)]
struct Noised {
    clean: Vec<f32>,
    noise: Vec<f32>,
    class: Option<u32>,
    step: usize,
}

/// Noisy examples of one replica on the host, row by row.
struct Rows {
    input: Vec<f32>,
    /// Features of the step, a row an example.
    time: Vec<f32>,
    /// The class of each example, if there are classes.
    class: Vec<i32>,
    target: Vec<f32>,
}

impl Diffusion {
    /// Diffusion of a data set in so many steps. `mixes`: whether the backbone mixes positions; if not, an example is one position.
    ///
    /// # Errors
    /// If there is no prediction target or noise schedule of that name.
    pub fn new(data: Box<dyn Data>, mixes: bool, prediction: &str, schedule: &str, steps: usize) -> Result<Self, MissingSetting> {
        let unknown = |path: &str| MissingSetting { path: path.to_string(), expected: "a name from its list" };
        let prediction = entry::named(PREDICTIONS, prediction).ok_or_else(|| unknown("objective.prediction"))?;
        let schedule = NoiseSchedule::named(schedule, steps).ok_or_else(|| unknown("objective.noise_schedule"))?;
        let patches = patches(&data.layout(), mixes);
        let features = (0..=steps).map(|step| features(step, steps)).collect();
        let (evaluation_sets, constant) = (Cache::default(), OnceCell::new());
        Ok(Diffusion { data, patches, prediction, schedule, features, evaluation_sets, constant })
    }

    /// The examples of a split from `first` on, with noise at a step drawn evenly; step and noise of an example are drawn from its own
    /// address, whatever the example.
    fn noised(&self, examples: Vec<Example>, stream: &Stream, split: Split, first: u64) -> Vec<Noised> {
        let noises = stream.at("noise").at(split.name()).indexed();
        let noised = |(index, example): (u64, Example)| {
            let (clean, class) = match example {
                Example::Numbers { values, class } => (values, class),
                Example::Tokens { tokens, .. } => (tokens.into_iter().map(|token| token as f32).collect(), None),
            };
            let mut draws = noises.child(index).draws();
            let step = 1 + draws.below(self.schedule.steps() as u64) as usize;
            Noised { noise: draws.normals(clean.len()), clean, class, step }
        };
        (first..).zip(examples).map(noised).collect()
    }

    fn level(&self, step: usize) -> Level {
        let left = self.schedule.left(step);
        Level { signal: left.sqrt(), noise: (1.0 - left).sqrt() }
    }

    /// Examples noised to the given steps as inputs, step features, classes and targets.
    fn rows<'a>(&self, examples: impl ExactSizeIterator<Item = (&'a Noised, usize)>) -> Rows {
        let numbers = examples.len() * self.patches.positions * self.patches.channels;
        let mut rows = Rows {
            input: Vec::with_capacity(numbers),
            time: Vec::with_capacity(examples.len() * FEATURES),
            class: Vec::new(),
            target: Vec::with_capacity(numbers),
        };
        for (noised, step) in examples {
            let level = self.level(step);
            let (signal, noise) = (level.signal as f32, level.noise as f32);
            for (clean, eps) in self.patches.read(&noised.clean).zip(self.patches.read(&noised.noise)) {
                rows.input.push(signal * clean + noise * eps);
                rows.target.push((self.prediction.value.target)(clean, eps, level));
            }
            rows.time.extend_from_slice(&self.features[step]);
            rows.class.extend(noised.class.map(|class| class as i32));
        }
        rows
    }

    fn classes(&self) -> usize {
        match self.data.layout() {
            Layout::Numbers { classes, .. } => classes.unwrap_or(0),
            Layout::Tokens { .. } => 0,
        }
    }

    fn upload(&self, replicas: &[Rc<Rows>], examples: usize, device: &Device) -> Batch {
        let Patches { positions, channels, .. } = self.patches;
        let shape = [replicas.len(), examples * positions, channels];
        Batch {
            input: Content::Numbers(numbers(replicas, |rows| &rows.input, shape, device)),
            time: Some(numbers(replicas, |rows| &rows.time, [replicas.len(), examples, FEATURES], device)),
            class: (self.classes() > 0).then(|| integers(replicas, |rows| &rows.class, examples, device)),
            target: Target::Numbers(numbers(replicas, |rows| &rows.target, shape, device)),
        }
    }
}

impl Objective for Diffusion {
    fn data(&self) -> &dyn Data {
        &*self.data
    }

    fn interface(&self) -> Interface {
        let image = self.patches.positions * self.patches.channels > 2;
        Interface {
            input: Input::Numbers(self.patches.channels),
            outputs: self.patches.channels,
            positions: self.patches.positions,
            time: Some(FEATURES),
            classes: Some(self.classes()).filter(|classes| *classes > 0),
            embedding: match (self.patches.positions > 1, image) {
                (true, _) => ["patch embedding", "Maps each noisy patch to a vector (d_model)."],
                (false, true) => ["image embedding", "Maps a noisy image to a vector (d_model)."],
                (false, false) => ["point embedding", "Maps a noisy point to a vector (d_model)."],
            },
            unembedding: ["output projection", "Maps the residual stream to the prediction."],
        }
    }

    fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        let rows = |&seed: &u64| {
            let stream = Stream::root(seed).at("data");
            let noised = self.noised(draw.examples(&*self.data, &stream), &stream, draw.split, draw.first);
            self.rows(noised.iter().map(|noised| (noised, noised.step)))
        };
        self.upload(&once_each(draw.seeds, rows), draw.count, device)
    }

    fn reference(&self, replicas: usize, device: &Device) -> Batch {
        let stream = Stream::root(0).at("reference");
        let noised = self.noised(examples(&*self.data, &stream, Split::Train, 0, EXAMPLES), &stream, Split::Train, 0);
        let rows = Rc::new(self.rows(noised.iter().map(|noised| (noised, noised.step))));
        let every: Vec<_> = std::iter::repeat_n(rows, replicas).collect();
        self.upload(&every, EXAMPLES, device)
    }

    /// Mean squared error of what is predicted.
    fn loss(&self, output: Tensor<3>, batch: &Batch) -> Tensor<3> {
        match &batch.target {
            Target::Numbers(target) => {
                let [replicas, rows, width] = output.dims();
                let error = (output - target.clone()).reshape([replicas, 1, rows * width]);
                // The squares are summed by our own product, whose order is the same on every processor.
                kernels::product_transposed(error.clone(), error) / (rows * width) as f64
            }
            Target::Tokens(..) => unreachable!("the targets of a batch of numbers are numbers"),
        }
    }

    fn loss_unit(&self) -> Option<&'static str> {
        None
    }

    fn evaluation(&self, sets: &[EvaluationSet], device: &Device) -> Batch {
        evaluation::batch(self, sets, device)
    }

    fn evaluated(&self) -> usize {
        evaluation::COUNT
    }

    fn generate(&self, forward: &dyn Fn(&Batch) -> Tensor<3>, sets: &[EvaluationSet], device: &Device) -> Option<Tensor<3>> {
        Some(sampler::sample(self, forward, sets, device))
    }

    fn measure(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure> {
        evaluation::measure(self, set, answers)
    }

    fn samples(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Samples> {
        vec![evaluation::samples(self, set, answers)]
    }

    fn training_samples(&self) -> Samples {
        evaluation::training_samples(self)
    }
}

/// Sines, then cosines, of a step at geometric frequencies (Vaswani et al. 2017), the last step at 1000.
fn features(step: usize, steps: usize) -> [f32; FEATURES] {
    let half = FEATURES / 2;
    let time = 1000.0 * step as f64 / steps as f64;
    let angle = |k: usize| time * libm::pow(10_000.0, -((k % half) as f64) / half as f64);
    std::array::from_fn(|k| if k < half { libm::sin(angle(k)) as f32 } else { libm::cos(angle(k)) as f32 })
}

/// How an example is told to a backbone: in patches if it mixes positions, as one position if not.
fn patches(layout: &Layout, mixes: bool) -> Patches {
    let [height, width, channels] = shape(layout);
    let divides = height.is_multiple_of(PATCH) && width.is_multiple_of(PATCH);
    match mixes {
        true => Patches::square([height, width, channels], if divides { PATCH } else { 1 }),
        false => Patches::whole([height, width, channels]),
    }
}

/// Height, width and channels of an example.
fn shape(layout: &Layout) -> [usize; 3] {
    match *layout {
        Layout::Numbers { height, width, channels, .. } => [height, width, channels],
        Layout::Tokens { length, .. } => [1, length, 1],
    }
}

fn build(settings: &Settings, data: Box<dyn Data>, mixes: bool) -> Result<Box<dyn Objective>, MissingSetting> {
    let (prediction, schedule) = (settings.text("objective.prediction")?, settings.text("objective.noise_schedule")?);
    Ok(Box::new(Diffusion::new(data, mixes, prediction, schedule, settings.count("objective.diffusion_steps")?)?))
}

fn fields(_: &Settings) -> Vec<Field> {
    vec![
        entry::field(
            PREDICTIONS,
            "objective.prediction",
            Group::Model,
            "Prediction target",
            "What the output is trained to predict.",
        )
        .affects(&["unembedding"]),
        entry::field(
            NOISE_SCHEDULES,
            "objective.noise_schedule",
            Group::Model,
            "Noise schedule",
            "How the noise level grows over the diffusion steps.",
        ),
        Field::integer(
            "objective.diffusion_steps",
            Group::Model,
            "Diffusion steps",
            "Number of diffusion steps from the clean example to noise (T).",
            (50, 1000),
            100,
        ),
    ]
}
