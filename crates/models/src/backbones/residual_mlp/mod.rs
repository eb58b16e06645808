//! A residual MLP: blocks that add an MLP to the stream (He et al. 2016, <https://arxiv.org/abs/1512.03385>). An example is one position.

mod sites;

use ablation_data::Layout;
use ablation_settings::{Field, Group, Meaning, MissingSetting, Settings};

use super::{Backbone, KEPT_BY_BLOCK, KEPT_BY_HIDDEN, Kind, product};
use crate::anatomy::Stream;
use crate::entry::{self, Entry};
use crate::layers::activations::{ACTIVATIONS, Activation};
use crate::layers::norms::Norms;
use crate::layers::{Mlp, Trunk};
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "residual-mlp",
    label: "Residual MLP",
    help: "Blocks of one MLP each; an example is a single vector.",
    value: Kind { mixes: false, causal: false, fields, build },
};

/// What can be chosen about the blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct ResidualMlpConfig {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream and of the hidden layer of each block.
    pub width: usize,
    /// The norms of the residual stream.
    pub norms: Norms,
    /// The non-linearity of the MLPs.
    pub activation: &'static Entry<Activation>,
}

/// The blocks.
pub struct ResidualMlp {
    config: ResidualMlpConfig,
}

impl ResidualMlp {
    /// Blocks of a shape.
    pub fn new(config: ResidualMlpConfig) -> Self {
        ResidualMlp { config }
    }

    fn mlp(&self) -> Mlp {
        let ResidualMlpConfig { layers, width, activation, .. } = self.config;
        Mlp {
            width,
            hidden: width,
            gated: false,
            biased: true,
            activation: activation.value,
            output_gain: 1.0 / (layers as f64).sqrt(),
        }
    }
}

impl Backbone for ResidualMlp {
    fn norms(&self) -> Norms {
        self.config.norms
    }

    fn parameters(&self, _positions: usize) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for block in 0..self.config.layers {
            let mlp = format!("blocks.{block}.mlp");
            parameters.extend(self.norms().of_branch(&mlp));
            parameters.extend(self.mlp().parameters(&mlp));
        }
        parameters
    }

    fn sites(&self, stream: &mut Stream) {
        sites::add(&self.config, stream);
    }

    /// A block has one branch, and its hidden layer is as wide as the stream.
    fn kept(&self, positions: usize) -> usize {
        product(&[self.config.layers, positions, self.config.width, KEPT_BY_BLOCK / 2 + KEPT_BY_HIDDEN])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, _positions: usize) -> Tensor<3> {
        let (norms, mlp) = (self.norms(), self.mlp());
        let mut trunk = Trunk::new(x);
        for index in 0..self.config.layers {
            let block = scope.at(format_args!("blocks.{index}"));
            trunk.enter(&block);
            trunk.branch(&norms, &block, "mlp", |scope| mlp.fused(scope), |scope, x| mlp.forward(scope, x));
        }
        trunk.finish(scope)
    }
}

fn build(settings: &Settings, _: &Layout) -> Result<Box<dyn Backbone>, MissingSetting> {
    let width = settings.count("model.width")?;
    Ok(Box::new(ResidualMlp::new(ResidualMlpConfig {
        layers: settings.count("model.layers")?,
        width,
        norms: Norms::read(settings, width)?,
        activation: entry::chosen(ACTIVATIONS, settings, "model.activation")?,
    })))
}

fn fields(_: &Settings, _: &Layout) -> Vec<Field> {
    let [place, kind] = Norms::fields();
    vec![
        Field::integer("model.layers", Group::Model, "Blocks", "Number of residual blocks (layers).", (1, 8), 2)
            .means(Meaning::Layers),
        Field::integer("model.width", Group::Model, "Width", "Residual stream width (d_model).", (8, 256), 64)
            .means(Meaning::Width),
        place,
        kind,
        entry::field(ACTIVATIONS, "model.activation", Group::Model, "Activation", "The non-linearity of each MLP.")
            .affects(&["activation"]),
    ]
}
