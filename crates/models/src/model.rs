//! A model: data, an objective and a backbone, whichever fit together.
//!
//! The objective says what goes in and what comes out, the backbone what happens in between. What connects the two is here: the
//! embedding of the input, the positions, the conditions (the diffusion step and the class, each a branch of the residual stream), the
//! last norm and the output.
//!
//! Everything is a fleet: tensors start with a replica axis, and a model is a pure function of weights, edits and input.

use std::rc::Rc;

use ablation_data::{Data, Mixture, Other, Samples};
use ablation_protocol::Site;
use burn::tensor::Device;

use crate::activations::Tokens;
use crate::anatomy::{Stream, Words};
use crate::backbones::Backbone;
use crate::batch::{Batch, Content, Draw, as_numbers};
use crate::error::ModelError;
use crate::evaluation::{Depth, EvaluationSet, Measure};
use crate::fleet::read;
use crate::input_parts::InputParts;
use crate::kernels;
use crate::layers::norms::Norms;
use crate::layers::{STREAM, linear};
use crate::objectives::{Input, Interface, Objective};
use crate::parameter::{EMBEDDING_STD, Parameter};
use crate::recipe::Recipe;
use crate::scope::{ActivationCache, Pass, Scope};
use crate::tensor::Tensor;

/// A model that can be trained, ablated and evaluated.
pub struct Model {
    objective: Box<dyn Objective>,
    backbone: Box<dyn Backbone>,
    interface: Interface,
    /// What it is trained on beside its own data.
    other: Option<Rc<Other>>,
    /// What of the input can be ablated by itself.
    input_parts: InputParts,
}

impl Model {
    /// A model of an objective and a backbone.
    pub fn new(objective: Box<dyn Objective>, backbone: Box<dyn Backbone>) -> Self {
        let interface = objective.interface();
        Model { objective, backbone, interface, other: None, input_parts: InputParts::WHOLE }
    }

    /// The same model, trained on a second data set as well.
    #[must_use]
    pub(crate) fn beside(self, other: Option<Other>) -> Self {
        Model { other: other.map(Rc::new), ..self }
    }

    /// The same model with parts of its input as components.
    #[must_use]
    pub(crate) fn in_parts(self, input_parts: InputParts) -> Self {
        Model { input_parts, ..self }
    }

    /// What it is trained on beside its own data. `examples`: those of the whole training; 0 if it goes on where another one ended.
    pub(crate) fn mixture(&self, examples: u64) -> Mixture {
        self.other.as_ref().map_or(Mixture::default(), |other| Mixture::beside(other.clone(), examples))
    }

    /// The same model with another objective; what goes in and comes out is that of the new one.
    pub fn with_objective(self, change: impl FnOnce(Box<dyn Objective>) -> Box<dyn Objective>) -> Self {
        Model { other: self.other, input_parts: self.input_parts, ..Model::new(change(self.objective), self.backbone) }
    }

    /// The data set.
    pub fn data(&self) -> &dyn Data {
        self.objective.data()
    }

    /// Positions of an example; 1 where an example is a single vector.
    pub fn positions(&self) -> usize {
        self.interface.positions
    }

    /// Whether it answers with a score for each token.
    pub(crate) fn predicts_tokens(&self) -> bool {
        matches!(self.interface.input, Input::Tokens(_))
    }

    /// Whether a position reads earlier positions and itself only.
    pub fn is_causal(&self) -> bool {
        self.backbone.is_causal()
    }

    /// Every trained tensor.
    pub fn parameters(&self) -> Vec<Parameter> {
        let (width, positions) = (self.backbone.norms().width, self.positions());
        let mut parameters = match self.interface.input {
            Input::Tokens(vocabulary) => vec![Parameter::table("embed.weight".into(), vocabulary, width, EMBEDDING_STD)],
            Input::Numbers(channels) => vec![
                Parameter::table("embed.weight".into(), channels, width, (1.0 / channels as f64).sqrt()),
                Parameter::bias("embed.bias".into(), width),
            ],
        };
        parameters.extend(self.backbone.position().value.parameters(positions, width));
        if let Some(features) = self.interface.time {
            parameters.push(Parameter::matrix("time.weight".into(), features, width, 1.0));
            parameters.push(Parameter::bias("time.bias".into(), width));
        }
        if let Some(classes) = self.interface.classes {
            parameters.push(Parameter::table("class.weight".into(), classes, width, EMBEDDING_STD));
        }
        parameters.extend(self.backbone.parameters(positions));
        parameters.extend(self.backbone.norms().of_output());
        let unembed = Parameter::matrix("unembed.weight".into(), width, self.interface.outputs, 1.0);
        let is_tied = self.backbone.ties_embeddings() && self.interface.input == Input::Tokens(self.interface.outputs);
        parameters.push(if is_tied { unembed.tied_to_transposed("embed.weight") } else { unembed });
        if let Input::Numbers(_) = self.interface.input {
            parameters.push(Parameter::bias("unembed.bias".into(), self.interface.outputs));
        }
        parameters
    }

    /// Every site, in forward order.
    pub fn sites(&self) -> Vec<Site> {
        let norms = self.backbone.norms();
        let Interface { embedding: [label, help], .. } = self.interface;
        let mut stream = Stream::new("embed", Words { kind: "embedding", label, help }, self.positions(), norms);
        stream.inside_embedding(|embedding| self.input_parts.components(embedding));
        if let Some(help) = self.backbone.position().value.site() {
            stream.add("position", Words { kind: "position", label: "position embedding", help });
        }
        if self.interface.time.is_some() {
            let help = "Adds a vector that encodes the noise level (the diffusion step).";
            stream.add("time", Words { kind: "time", label: "time embedding", help });
        }
        if self.interface.classes.is_some() {
            let help = "Adds a vector for the class that the example is of.";
            stream.add("class", Words { kind: "class", label: "class embedding", help });
        }
        self.backbone.sites(&mut stream);
        let Interface { unembedding: [label, help], outputs, .. } = self.interface;
        let components = stream.finish("unembed", Words { kind: "unembedding", label, help }, outputs);
        let parameters = self.parameters();
        components.into_iter().map(|component| component.site(&parameters, self.interface.input)).collect()
    }

    /// Tensors that a pass on a GPU may hold besides the outputs of sites: numbers of each for one example.
    pub fn workspace(&self) -> Vec<usize> {
        self.backbone.workspace(self.positions())
    }

    /// The norms of the residual stream.
    pub(crate) fn norms(&self) -> Norms {
        self.backbone.norms()
    }

    /// Numbers that a backward pass keeps of the blocks, for one example.
    pub(crate) fn kept(&self) -> usize {
        self.backbone.kept(self.positions())
    }

    /// Numbers of the largest tensor of a forward pass, for one example.
    pub(crate) fn largest(&self) -> usize {
        let outputs = self.sites().into_iter().map(|site| site.positions * site.channels);
        outputs.chain(self.workspace()).max().unwrap_or(1)
    }

    /// Examples of a replica that go through the model at once when it is evaluated, at most.
    pub(crate) fn evaluated(&self) -> usize {
        self.objective.evaluated()
    }

    /// The examples of a draw.
    pub fn batch(&self, draw: &Draw, device: &Device) -> Batch {
        self.objective.batch(draw, device)
    }

    /// The inputs that each replica is evaluated on. `sets`: one per replica.
    pub(crate) fn evaluation(&self, sets: &[EvaluationSet], device: &Device) -> Batch {
        self.objective.evaluation(sets, device)
    }

    /// The reference set that means are taken of, the same for every replica.
    pub fn reference(&self, replicas: usize, device: &Device) -> Batch {
        self.objective.reference(replicas, device)
    }

    /// The tokens of the reference set, if the model reads tokens.
    pub(crate) async fn reference_tokens(&self, device: &Device) -> Result<Option<Tokens>, ModelError> {
        let (Content::Tokens(tokens), Input::Tokens(vocabulary)) = (self.reference(1, device).input, self.interface.input) else {
            return Ok(None);
        };
        let values = read(vec![as_numbers(tokens, vocabulary)]).await?.remove(0);
        Ok(Some(Tokens { values: values.into_iter().map(|token| token as i32).collect(), positions: self.positions() }))
    }

    /// The output of the model. Where sites are to put out what they do for a corrupted input, that input goes through the model first.
    ///
    /// # Shapes
    /// - result: `[replicas, examples * positions, outputs]`
    pub fn forward(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let corrupted = |edits: &_, batch: &_, paths| captured(self, Pass { edits, ..*pass }, batch, paths);
        match pass.edits.patched(batch, corrupted) {
            None => self.answer(pass, batch),
            Some(edits) => self.answer(&Pass { edits: &edits, ..*pass }, batch),
        }
    }

    fn answer(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        let (scope, positions, width) = (pass.scope(), self.positions(), self.backbone.norms().width);
        let mut x = match &batch.input {
            Content::Tokens(tokens) => {
                let [replicas, rows] = tokens.dims();
                let vectors = |embed: &Scope| kernels::gather(embed.weight("weight"), tokens.clone());
                let embed = |embed: &Scope| self.input_parts.edited(embed, vectors(embed), positions);
                scope.source("embed", [replicas, rows, width], &tokens.device(), embed)
            }
            Content::Numbers(numbers) => {
                let [replicas, rows, _] = numbers.dims();
                let embed = |embed: &Scope| self.input_parts.edited(embed, linear(embed, numbers.clone()), positions);
                scope.source("embed", [replicas, rows, width], &numbers.device(), embed)
            }
        };
        x = self.backbone.position().value.add(&scope, x, positions);
        if let Some(features) = &batch.time {
            x = scope.branch("time", x, |time| at_every_position(linear(time, features.clone()), positions));
        }
        if let Some(classes) = &batch.class {
            let vector = |class: &Scope| kernels::gather(class.weight("weight"), classes.clone());
            x = scope.branch("class", x, |class| at_every_position(vector(class), positions));
        }
        let x = self.backbone.forward(&scope, x, positions);
        scope.capture(STREAM, || x.clone());
        let x = self.backbone.norms().output(&scope, x);
        let [replicas, rows, _] = x.dims();
        let shape = [replicas, rows, self.interface.outputs];
        scope.source("unembed", shape, &x.device(), |unembed| match self.interface.input {
            Input::Tokens(_) => kernels::product(x.clone(), unembed.weight("weight")),
            Input::Numbers(_) => linear(unembed, x.clone()),
        })
    }

    /// The loss of each replica on a batch that is shown while it trains: `[replicas, 1, 1]`.
    pub fn loss(&self, pass: &Pass, batch: &Batch) -> Tensor<3> {
        self.objective.loss(self.forward(pass, batch), batch)
    }

    /// The same of what came out for a batch.
    pub(crate) fn loss_of(&self, output: Tensor<3>, batch: &Batch) -> Tensor<3> {
        self.objective.loss(output, batch)
    }

    /// The same, then what training minimises, which may be another loss. `recipes`: one per replica.
    pub fn losses(&self, pass: &Pass, batch: &Batch, recipes: &[Recipe]) -> [Tensor<3>; 2] {
        let output = self.forward(pass, batch);
        let shown = self.objective.loss(output.clone(), batch);
        let minimised = self.objective.minimised(&shown, &output, batch, recipes).unwrap_or_else(|| shown.clone());
        [shown, minimised]
    }

    /// Unit of the loss that is shown while a model trains, if it has one.
    pub fn loss_unit(&self) -> Option<&'static str> {
        self.objective.loss_unit()
    }

    /// Computes what each replica answers to its evaluation set; the answers stay on the device until they are all read at once: the
    /// output, with the score what was generated, and with samples what was written and what the backbone shows.
    ///
    /// # Shapes
    /// - `sets`: `[replicas]`
    /// - each answer: `[replicas, any, any]`
    pub fn evaluate(&self, pass: &Pass, sets: &[EvaluationSet], depth: Depth, device: &Device) -> Vec<Tensor<3>> {
        let views = if depth == Depth::Samples { self.backbone.views(self.positions()) } else { Vec::new() };
        let batch = self.objective.evaluation(sets, device);
        let cache = ActivationCache::of(views.iter().map(|(path, _)| path.clone()));
        let cached = if views.is_empty() { *pass } else { Pass { cache: Some(&cache), ..*pass } };
        let mut answers = vec![self.forward(&cached, &batch)];
        if depth >= Depth::Score {
            answers.extend(self.objective.generate(&|batch| self.forward(pass, batch), sets, device));
        }
        if depth == Depth::Samples {
            answers.extend(self.objective.write(&|batch| self.forward(pass, batch), sets, device));
        }
        let mut seen = cache.take();
        for (path, [rows, width]) in views {
            // A block that every replica leaves out shows nothing; zeros keep its place.
            let index = seen.iter().position(|(other, _)| *other == path);
            answers.push(match index {
                Some(index) => seen.swap_remove(index).1.narrow(1, 0, rows),
                None => Tensor::zeros([sets.len(), rows, width], device),
            });
        }
        answers
    }

    /// Measures of one replica, of its answers in the order of [`Model::evaluate`]: the test loss, then the score if it was asked for.
    pub fn measure(&self, set: &EvaluationSet, answers: &[Vec<f32>]) -> Vec<Measure> {
        self.objective.measure(set, answers)
    }

    /// What a person looks at: of one replica's answers to an evaluation with samples. `without`: sites that the replica goes without.
    pub fn samples(&self, set: &EvaluationSet, answers: &[Vec<f32>], without: &[String]) -> Vec<Samples> {
        let views = self.backbone.views(self.positions()).len();
        let (answers, views) = answers.split_at(answers.len().saturating_sub(views));
        let shown = self.backbone.shown(views, self.positions(), without);
        self.objective.samples(set, answers).into_iter().chain(shown).collect()
    }

    /// A few training examples.
    pub fn training_samples(&self) -> Samples {
        self.objective.training_samples()
    }
}

/// One row per example as one row per position.
///
/// # Shapes
/// - `x`: `[replicas, examples, width]`
/// - result: `[replicas, examples * positions, width]`
fn at_every_position(x: Tensor<3>, positions: usize) -> Tensor<3> {
    if positions == 1 {
        return x;
    }
    let [replicas, examples, width] = x.dims();
    x.reshape([replicas, examples, 1, width]).repeat_dim(2, positions).reshape([replicas, examples * positions, width])
}

/// Activations at the given paths for a batch.
pub(crate) fn captured(model: &Model, pass: Pass, batch: &Batch, paths: Vec<String>) -> Vec<(String, Tensor<3>)> {
    let cache = ActivationCache::of(paths);
    model.forward(&Pass { cache: Some(&cache), ..pass }, batch);
    cache.take()
}
