//! A small diffusion model of points in the plane: a residual MLP that is told how much noise there is.

mod config;
mod exam;
mod schedule;
mod sites;

use std::cell::OnceCell;

use ablation_figures::Figure;
use ablation_protocol::Site;
use ablation_random::Stream;
use ablation_tasks::{PointTask, Split};
use burn::tensor::{Device, Tensor};

use crate::family::{Batch, Depth, Draw, Family, Measure, Paper, Subject};
use crate::layers::{Activation, Mlp, Norms, linear};
use crate::parameter::Parameter;
use crate::scope::Pass;
use crate::weights::upload;
pub use config::DenoiserConfig;
pub use schedule::{Noise, NoiseSchedule};

/// Sine and cosine features of a diffusion step.
const FEATURES: usize = 32;

/// The model and the points it is trained on.
pub struct Denoiser {
    config: DenoiserConfig,
    task: Box<dyn PointTask>,
    schedule: NoiseSchedule,
    /// Score of a sampler that learned nothing; takes as long to find out as the score of a model, so it is found once.
    trivial_score: OnceCell<f64>,
}

/// A clean point, the noise put on it, and the step it is put at.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Noised {
    point: [f32; 2],
    noise: [f32; 2],
    step: usize,
}

impl Denoiser {
    /// A model of a shape for a cloud of points.
    pub fn new(config: DenoiserConfig, task: Box<dyn PointTask>) -> Self {
        let schedule = NoiseSchedule::new(config.noise, config.steps);
        Denoiser { config, task, schedule, trivial_score: OnceCell::new() }
    }

    fn norms(&self) -> Norms {
        Norms { place: self.config.norm, width: self.config.width }
    }

    fn mlp(&self) -> Mlp {
        let activation = if self.config.gelu { Activation::Gelu } else { Activation::Relu };
        let output_gain = 1.0 / libm::sqrt(self.config.layers as f64);
        Mlp { width: self.config.width, hidden: self.config.width, activation, output_gain }
    }

    /// A point of the data with noise at a step drawn evenly; point, step and noise of an example are drawn from its own address.
    fn noised(&self, stream: &Stream, split: Split, index: u64) -> Noised {
        let mut draws = stream.at("noise").at(split.name()).index(index).draws();
        let step = 1 + draws.below(self.schedule.steps() as u64) as usize;
        let noise = [draws.normal() as f32, draws.normal() as f32];
        Noised { point: self.task.example(stream, split, index), noise, step }
    }

    /// Noised points of each replica as inputs, step features and targets.
    fn encode(&self, replicas: &[Vec<Noised>], device: &Device) -> Batch {
        let count = replicas.first().map_or(0, Vec::len);
        let (mut input, mut target) =
            (Vec::with_capacity(replicas.len() * count * 2), Vec::with_capacity(replicas.len() * count * 2));
        let mut features = Vec::with_capacity(replicas.len() * count * FEATURES);
        for noised in replicas.iter().flatten() {
            let left = self.schedule.left(noised.step);
            let (signal, noise) = (libm::sqrt(left) as f32, libm::sqrt(1.0 - left) as f32);
            input.extend((0..2).map(|axis| signal * noised.point[axis] + noise * noised.noise[axis]));
            target.extend(if self.config.predicts_noise { noised.noise } else { noised.point });
            features.extend(self.features(noised.step));
        }
        let points = [replicas.len(), count, 2];
        Batch {
            input: upload(input, points, device),
            condition: Some(upload(features, [replicas.len(), count, FEATURES], device)),
            target: upload(target, points, device),
        }
    }

    /// Sines, then cosines, of the step at geometric frequencies (Vaswani et al. 2017), the last step at 1000.
    fn features(&self, step: usize) -> [f32; FEATURES] {
        let half = FEATURES / 2;
        let time = 1000.0 * step as f64 / self.schedule.steps() as f64;
        let angle = |k: usize| time * libm::pow(10_000.0, -((k % half) as f64) / half as f64);
        std::array::from_fn(|k| if k < half { libm::sin(angle(k)) as f32 } else { libm::cos(angle(k)) as f32 })
    }
}

impl Family for Denoiser {
    fn parameters(&self) -> Vec<Parameter> {
        let width = self.config.width;
        let mut parameters = vec![
            Parameter::table("embed.weight".into(), 2, width, std::f64::consts::FRAC_1_SQRT_2),
            Parameter::bias("embed.bias".into(), width),
            Parameter::matrix("time.weight".into(), FEATURES, width, 1.0),
            Parameter::bias("time.bias".into(), width),
        ];
        for block in 0..self.config.layers {
            let mlp = format!("blocks.{block}.mlp");
            parameters.extend(self.norms().of_branch(&mlp));
            parameters.extend(self.mlp().parameters(&mlp));
        }
        parameters.extend(self.norms().of_output());
        parameters.push(Parameter::matrix("unembed.weight".into(), width, 2, 1.0));
        parameters.push(Parameter::bias("unembed.bias".into(), 2));
        parameters
    }

    fn sites(&self) -> Vec<Site> {
        sites::sites(&self.config, &self.parameters())
    }

    fn positions(&self) -> usize {
        1
    }

    fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        let examples = |&seed: &u64| {
            let stream = Stream::root(seed).at("data");
            (draw.first..draw.first + draw.count as u64).map(|index| self.noised(&stream, draw.split, index)).collect()
        };
        self.encode(&draw.seeds.iter().map(examples).collect::<Vec<_>>(), device)
    }

    fn reference(&self, replicas: usize, device: &Device) -> Batch {
        let stream = Stream::root(0).at("reference");
        let examples: Vec<Noised> = (0..exam::POINTS as u64).map(|index| self.noised(&stream, Split::Train, index)).collect();
        self.encode(&vec![examples; replicas], device)
    }

    /// The predicted noise or clean point: `[replicas, examples, 2]`.
    fn forward(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let (scope, input) = (pass.scope(), &batch.input);
        let mut x = scope.source("embed", input, self.config.width, |embed| linear(embed, input.clone()));
        if let Some(features) = &batch.condition {
            x = scope.branch("time", x, |time| linear(time, features.clone()));
        }
        for index in 0..self.config.layers {
            let block = scope.at(format_args!("blocks.{index}"));
            x = self.norms().branch(&block, "mlp", x, |mlp, x| self.mlp().forward(mlp, x));
        }
        let x = self.norms().output(&scope, x);
        scope.source("unembed", &x, 2, |unembed| linear(unembed, x.clone()))
    }

    /// Mean squared error of what is predicted.
    fn loss(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let error = self.forward(pass, batch) - batch.target.clone();
        (error.clone() * error).mean_dim(2).mean_dim(1)
    }

    fn loss_unit(&self) -> Option<&'static str> {
        None
    }

    fn examine(&self, pass: &Pass, papers: &[Paper], depth: Depth, device: &Device) -> Vec<Tensor<3>> {
        exam::examine(self, pass, papers, depth, device)
    }

    fn measure(&self, paper: &Paper, answers: &[Vec<f32>]) -> Vec<Measure> {
        exam::measure(self, paper, answers)
    }

    fn samples(&self, paper: &Paper, answers: &[Vec<f32>], subject: &Subject) -> Vec<Figure> {
        exam::samples(self, paper, answers, subject)
    }

    fn data(&self) -> Vec<Figure> {
        exam::data(self)
    }
}
