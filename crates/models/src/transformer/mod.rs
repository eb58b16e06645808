//! A small transformer on a toy sequence task.

mod config;
mod exam;
mod sites;

use ablation_figures::Figure;
use ablation_protocol::Site;
use ablation_random::Stream;
use ablation_tasks::{Sequence, SequenceTask, Split};
use burn::tensor::{Device, Tensor, activation};

use crate::family::{Batch, Depth, Draw, Family, Measure, Paper, Subject};
use crate::kernels;
use crate::layers::{Activation, Attention, Mlp, Norms};
use crate::parameter::Parameter;
use crate::scope::{Pass, Scope};
use crate::weights::upload;
pub use config::TransformerConfig;

/// Standard deviation of token and position embeddings at the start, as in GPT-2. With large embeddings the model memorises pairs
/// of modular addition instead of finding the rule.
const EMBEDDING_STD: f64 = 0.02;

/// The model and the task it is trained on.
pub struct Transformer {
    config: TransformerConfig,
    task: Box<dyn SequenceTask>,
}

impl Transformer {
    /// A model of a shape for a task.
    pub fn new(config: TransformerConfig, task: Box<dyn SequenceTask>) -> Self {
        Transformer { config, task }
    }

    fn norms(&self) -> Norms {
        Norms { place: self.config.norm, width: self.config.width }
    }

    /// Branches that write into the stream start smaller the more of them there are (Radford et al. 2019).
    fn output_gain(&self) -> f64 {
        1.0 / libm::sqrt(2.0 * self.config.layers as f64)
    }

    fn attention(&self) -> Attention {
        let TransformerConfig { width, heads, causal, .. } = self.config;
        Attention { width, heads, causal, output_gain: self.output_gain() }
    }

    fn mlp(&self) -> Mlp {
        let activation = if self.config.gelu { Activation::Gelu } else { Activation::Relu };
        Mlp { width: self.config.width, hidden: self.config.hidden, activation, output_gain: self.output_gain() }
    }

    fn block(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        let x = self.norms().branch(scope, "attn", x, |attn, x| self.attention().forward(attn, x, self.task.length()));
        self.norms().branch(scope, "mlp", x, |mlp, x| self.mlp().forward(mlp, x))
    }

    fn examples(&self, stream: &Stream, split: Split, first: u64, count: usize) -> Vec<Sequence> {
        (first..first + count as u64).map(|index| self.task.example(stream, split, index)).collect()
    }

    /// Sequences of each replica as one-hot inputs and one-hot targets weighted to sum to one a replica. One-hot, because the
    /// gradient of a lookup runs in a single thread a column in browsers.
    fn encode(&self, replicas: &[Vec<Sequence>], device: &Device) -> Batch {
        let vocabulary = self.task.vocabulary();
        let rows = replicas.first().map_or(0, Vec::len) * self.task.length();
        let mut input = vec![0.0f32; replicas.len() * rows * vocabulary];
        let mut target = input.clone();
        for (replica, sequences) in replicas.iter().enumerate() {
            let scored = sequences.iter().flat_map(|sequence| &sequence.targets).flatten().count().max(1);
            let tokens = sequences.iter().flat_map(|sequence| sequence.tokens.iter().zip(&sequence.targets));
            for (row, (&token, goal)) in tokens.enumerate() {
                let start = (replica * rows + row) * vocabulary;
                input[start + token as usize] = 1.0;
                if let Some(goal) = goal {
                    target[start + *goal as usize] = 1.0 / scored as f32;
                }
            }
        }
        let shape = [replicas.len(), rows, vocabulary];
        Batch { input: upload(input, shape, device), condition: None, target: upload(target, shape, device) }
    }
}

impl Family for Transformer {
    fn parameters(&self) -> Vec<Parameter> {
        let (width, vocabulary) = (self.config.width, self.task.vocabulary());
        let mut parameters = vec![Parameter::table("embed.weight".into(), vocabulary, width, EMBEDDING_STD)];
        if self.config.positions {
            parameters.push(Parameter::table("position.weight".into(), self.task.length(), width, EMBEDDING_STD));
        }
        for block in 0..self.config.layers {
            let [attn, mlp] = ["attn", "mlp"].map(|branch| format!("blocks.{block}.{branch}"));
            parameters.extend(self.norms().of_branch(&attn));
            parameters.extend(self.attention().parameters(&attn));
            parameters.extend(self.norms().of_branch(&mlp));
            parameters.extend(self.mlp().parameters(&mlp));
        }
        parameters.extend(self.norms().of_output());
        parameters.push(Parameter::matrix("unembed.weight".into(), width, vocabulary, 1.0));
        parameters
    }

    fn sites(&self) -> Vec<Site> {
        sites::sites(&self.config, &*self.task, &self.parameters())
    }

    fn positions(&self) -> usize {
        self.task.length()
    }

    /// The attention scores of each block: a number for each head and pair of positions.
    fn workspace(&self) -> Vec<usize> {
        vec![self.config.heads * self.task.length() * self.task.length(); self.config.layers]
    }

    fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        let examples = |&seed: &u64| self.examples(&Stream::root(seed).at("data"), draw.split, draw.first, draw.count);
        self.encode(&draw.seeds.iter().map(examples).collect::<Vec<_>>(), device)
    }

    fn reference(&self, replicas: usize, device: &Device) -> Batch {
        let count = exam::TOKENS / self.task.length();
        let examples = self.examples(&Stream::root(0).at("reference"), Split::Train, 0, count);
        self.encode(&vec![examples; replicas], device)
    }

    /// One row of scores for each token: `[replicas, examples * positions, vocabulary]`.
    fn forward(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let (scope, input) = (pass.scope(), &batch.input);
        let examples = input.dims()[1] / self.task.length();
        let mut x = scope.source("embed", input, self.config.width, |embed| input.clone().matmul(embed.weight("weight")));
        if self.config.positions {
            x = scope.branch("position", x, |position| position.weight("weight").repeat_dim(1, examples));
        }
        for index in 0..self.config.layers {
            x = self.block(&scope.at(format_args!("blocks.{index}")), x);
        }
        let x = self.norms().output(&scope, x);
        scope.source("unembed", &x, self.task.vocabulary(), |unembed| x.clone().matmul(unembed.weight("weight")))
    }

    /// Mean cross-entropy in nats over the tokens that carry a target.
    fn loss(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let scores = self.forward(pass, batch);
        if kernels::available(&scores.device()) {
            return kernels::cross_entropy(scores, batch.target.clone());
        }
        let log_probabilities = activation::log_softmax(scores, 2);
        -(log_probabilities * batch.target.clone()).sum_dim(2).sum_dim(1)
    }

    fn loss_unit(&self) -> Option<&'static str> {
        Some("nats")
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
