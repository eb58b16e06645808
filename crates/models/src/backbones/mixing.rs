//! Blocks of something that moves information between positions, then an MLP over the channels of each position (Yu et al. 2022, "MetaFormer",
//! <https://arxiv.org/abs/2111.11418>). A backbone of this kind says only what moves the information.

use ablation_settings::{Field, Group, Meaning, MissingSetting, Settings};

use super::{Backbone, KEPT_BY_BLOCK, KEPT_BY_HIDDEN, product, total};
use crate::anatomy::{Component, Stream, Words, activation};
use crate::entry::{self, Entry};
use crate::layers::activations::{ACTIVATIONS, Activation};
use crate::layers::norms::Norms;
use crate::layers::{Mlp, Trunk};
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// What moves information between positions.
pub(super) trait Mixing {
    /// Name in paths, as in `blocks.0.mix`.
    fn name(&self) -> &'static str;

    /// What it is.
    fn words(&self) -> Words<'static>;

    /// What a block of it is.
    fn block(&self) -> &'static str;

    /// Whether a position reads earlier positions and itself only.
    fn is_causal(&self) -> bool;

    /// Its parameters at a path, for a stream of so many positions. `output_gain`: standard deviation of what writes into the stream at the
    /// start, relative to that of other matrices.
    fn parameters(&self, path: &str, positions: usize, output_gain: f64) -> Vec<Parameter>;

    /// What is inside it.
    fn inside(&self, _branch: &Component) -> Vec<Component> {
        Vec::new()
    }

    /// Numbers that training keeps for the backward pass beyond those of any branch, for one example.
    fn kept(&self, positions: usize) -> usize;

    /// Its output, of the stream as it reads it.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3>;
}

/// What mixes, or the setting that it lacks.
pub(super) type MadeMixing = Result<Box<dyn Mixing>, MissingSetting>;

/// The blocks.
pub(super) struct MixingBlocks {
    /// Blocks.
    layers: usize,
    /// Width of the residual stream.
    width: usize,
    /// Hidden width of each MLP.
    hidden: usize,
    /// The norms of the residual stream.
    norms: Norms,
    /// The non-linearity of the MLPs.
    activation: &'static Entry<Activation>,
    /// What moves information between positions.
    mixing: Box<dyn Mixing>,
}

impl MixingBlocks {
    /// The blocks of complete settings. `mixing`: from the width and the non-linearity.
    pub(super) fn read(settings: &Settings, mixing: &dyn Fn(usize, Activation) -> MadeMixing) -> Result<Self, MissingSetting> {
        let (width, expansion) = (settings.count("model.width")?, settings.number("model.expansion")?);
        let activation = entry::chosen(ACTIVATIONS, settings, "model.activation")?;
        Ok(MixingBlocks {
            layers: settings.count("model.layers")?,
            width,
            hidden: libm::round(expansion * width as f64).max(1.0) as usize,
            norms: Norms::read(settings, width)?,
            activation,
            mixing: mixing(width, activation.value)?,
        })
    }

    /// Branches that write into the stream start smaller the more of them there are (Radford et al. 2019).
    fn output_gain(&self) -> f64 {
        1.0 / (2.0 * self.layers as f64).sqrt()
    }

    /// The MLP over the channels of a position.
    fn mlp(&self) -> Mlp {
        let (width, hidden, activation) = (self.width, self.hidden, self.activation.value);
        Mlp { width, hidden, gated: false, biased: true, activation, output_gain: self.output_gain() }
    }
}

impl Backbone for MixingBlocks {
    fn norms(&self) -> Norms {
        self.norms
    }

    fn is_causal(&self) -> bool {
        self.mixing.is_causal()
    }

    fn parameters(&self, positions: usize) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for block in 0..self.layers {
            let [mix, mlp] = [self.mixing.name(), "mlp"].map(|branch| format!("blocks.{block}.{branch}"));
            parameters.extend(self.norms.of_branch(&mix));
            parameters.extend(self.mixing.parameters(&mix, positions, self.output_gain()));
            parameters.extend(self.norms.of_branch(&mlp));
            parameters.extend(self.mlp().parameters(&mlp));
        }
        parameters
    }

    fn sites(&self, stream: &mut Stream) {
        for index in 0..self.layers {
            let block = format!("blocks.{index}");
            stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help: self.mixing.block() });
            let path = format!("{block}.{}", self.mixing.name());
            stream.branch(&path, &block, self.mixing.words(), |branch| self.mixing.inside(&branch));
            let mlp =
                Words { kind: "mlp", label: "MLP", help: "Computes on each position separately (channel mixing, width d_ff)." };
            stream.branch(&format!("{block}.mlp"), &block, mlp, |mlp| vec![activation(&mlp, self.hidden)]);
        }
    }

    fn kept(&self, positions: usize) -> usize {
        let of_block = [
            product(&[KEPT_BY_BLOCK, positions, self.width]),
            self.mixing.kept(positions),
            product(&[KEPT_BY_HIDDEN, positions, self.hidden]),
        ];
        product(&[self.layers, total(&of_block)])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let mlp = self.mlp();
        let mut trunk = Trunk::new(x);
        for index in 0..self.layers {
            let block = scope.at(format_args!("blocks.{index}"));
            trunk.enter(&block);
            let mix = |mix: &Scope, x| self.mixing.forward(mix, x, positions);
            trunk.branch(&self.norms, &block, self.mixing.name(), |_| None, mix);
            trunk.branch(&self.norms, &block, "mlp", |scope| mlp.fused(scope), |scope, x| mlp.forward(scope, x));
        }
        trunk.finish(scope)
    }
}

/// The settings of such blocks; `own`: those of what moves the information.
pub(super) fn fields(own: Vec<Field>) -> Vec<Field> {
    let [place, kind] = Norms::fields();
    let mut fields = vec![
        Field::integer("model.layers", Group::Model, "Blocks", "Number of blocks (layers).", (1, 8), 2).means(Meaning::Layers),
        Field::integer("model.width", Group::Model, "Width", "Residual stream width (channels, d_model).", (8, 256), 32)
            .means(Meaning::Width),
    ];
    fields.extend(own);
    let help = "MLP expansion ratio (d_ff / d_model).";
    fields.extend([
        Field::number("model.expansion", Group::Model, "MLP expansion", help, (0.25, 16.0), 4.0).means(Meaning::Hidden),
        place,
        kind,
        entry::field(ACTIVATIONS, "model.activation", Group::Model, "Activation", "The non-linearity of each MLP.")
            .affects(&["activation"]),
    ]);
    fields
}
