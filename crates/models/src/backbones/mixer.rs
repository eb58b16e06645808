//! An MLP-mixer (Tolstikhin et al. 2021, <https://arxiv.org/abs/2105.01601>): blocks of an MLP over the positions of each channel, then one
//! over the channels of each position. No attention; the weights of the first know the positions, so nothing else tells them. As in the
//! paper every layer has a bias; that of the last layer of token mixing is taken away again by a norm that centres.

use ablation_data::Layout;
use ablation_settings::{Field, Group, Meaning, MissingSetting, Settings};
use burn::tensor::Tensor;

use super::{Backbone, KEPT_BY_BLOCK, KEPT_BY_HIDDEN, Kind, product, total};
use crate::anatomy::{Component, Stream, Words, activation};
use crate::entry::{self, Entry};
use crate::layers::activations::{ACTIVATIONS, Activation};
use crate::layers::norms::Norms;
use crate::layers::{Mlp, Trunk};
use crate::parameter::Parameter;
use crate::scope::Scope;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "mixer",
    label: "MLP-mixer",
    help: "Blocks of an MLP over positions and an MLP over channels, without attention.",
    value: Kind { mixes: true, causal: false, fields, build },
};

/// What can be chosen about the blocks.
#[derive(Clone, Debug, PartialEq)]
struct MixerConfig {
    /// Blocks.
    layers: usize,
    /// Width of the residual stream.
    width: usize,
    /// Hidden width of each channel MLP.
    hidden: usize,
    /// Hidden width of each token-mixing MLP, as a multiple of the positions.
    token_expansion: f64,
    /// The norms of the residual stream.
    norms: Norms,
    /// The non-linearity of the MLPs.
    activation: &'static Entry<Activation>,
}

/// The blocks.
struct Mixer {
    config: MixerConfig,
}

impl Mixer {
    /// Branches that write into the stream start smaller the more of them there are (Radford et al. 2019).
    fn output_gain(&self) -> f64 {
        1.0 / libm::sqrt(2.0 * self.config.layers as f64)
    }

    /// The MLP over the positions of a channel: its rows are channels.
    fn token_mixing(&self, positions: usize) -> Mlp {
        let hidden = libm::round(self.config.token_expansion * positions as f64).max(1.0) as usize;
        Mlp {
            width: positions,
            hidden,
            gated: false,
            biased: true,
            activation: self.config.activation.value,
            output_gain: self.output_gain(),
        }
    }

    /// The MLP over the channels of a position.
    fn mlp(&self) -> Mlp {
        let MixerConfig { width, hidden, activation, .. } = self.config;
        Mlp { width, hidden, gated: false, biased: true, activation: activation.value, output_gain: self.output_gain() }
    }
}

impl Backbone for Mixer {
    fn norms(&self) -> Norms {
        self.config.norms
    }

    fn parameters(&self, positions: usize) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for block in 0..self.config.layers {
            let [mix, mlp] = ["mix", "mlp"].map(|branch| format!("blocks.{block}.{branch}"));
            parameters.extend(self.norms().of_branch(&mix));
            parameters.extend(self.token_mixing(positions).parameters(&mix));
            parameters.extend(self.norms().of_branch(&mlp));
            parameters.extend(self.mlp().parameters(&mlp));
        }
        parameters
    }

    fn sites(&self, stream: &mut Stream) {
        for index in 0..self.config.layers {
            let block = format!("blocks.{index}");
            let help = "A mixer block: token mixing, then MLP; each adds to the residual stream.";
            stream.block(&block, Words { kind: "block", label: &format!("block {index}"), help });
            let mix = Words {
                kind: "token mixing",
                label: "token mixing",
                help: "Moves information between positions: one MLP over the positions, the same for every channel.",
            };
            stream.branch(&format!("{block}.mix"), &block, mix, |mix| {
                // Inside, channels are the rows and hidden positions the columns.
                let hidden = self.token_mixing(mix.positions).hidden;
                vec![Component { positions: mix.channels, ..activation(&mix, hidden) }]
            });
            let mlp =
                Words { kind: "mlp", label: "MLP", help: "Computes on each position separately (channel mixing, width d_ff)." };
            stream.branch(&format!("{block}.mlp"), &block, mlp, |mlp| vec![activation(&mlp, self.config.hidden)]);
        }
    }

    /// Token mixing has a row per channel, the other MLP a row per position.
    fn kept(&self, positions: usize) -> usize {
        let MixerConfig { layers, width, hidden, .. } = self.config;
        let of_block = [
            product(&[KEPT_BY_BLOCK, positions, width]),
            product(&[KEPT_BY_HIDDEN, width, self.token_mixing(positions).hidden]),
            product(&[KEPT_BY_HIDDEN, positions, hidden]),
        ];
        product(&[layers, total(&of_block)])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let (norms, mixing, mlp) = (self.norms(), self.token_mixing(positions), self.mlp());
        let mut trunk = Trunk::new(x);
        for index in 0..self.config.layers {
            let block = scope.at(format_args!("blocks.{index}"));
            let mix = |mix: &Scope, x| transposed(mixing.forward(mix, transposed(x, positions)), self.config.width);
            trunk.branch(&norms, &block, "mix", |_| None, mix);
            trunk.branch(&norms, &block, "mlp", |scope| mlp.fused(scope), |scope, x| mlp.forward(scope, x));
        }
        trunk.finish(scope)
    }
}

/// Rows and columns of each example exchanged.
///
/// # Shapes
/// - `x`: `[replicas, examples * rows, columns]`
/// - result: `[replicas, examples * columns, rows]`
fn transposed(x: Tensor<3>, rows: usize) -> Tensor<3> {
    let [replicas, count, columns] = x.dims();
    let examples = count / rows;
    x.reshape([replicas, examples, rows, columns]).swap_dims(2, 3).reshape([replicas, examples * columns, rows])
}

fn build(settings: &Settings, _: &Layout) -> Result<Box<dyn Backbone>, MissingSetting> {
    let (width, expansion) = (settings.count("model.width")?, settings.number("model.expansion")?);
    let config = MixerConfig {
        layers: settings.count("model.layers")?,
        width,
        hidden: libm::round(expansion * width as f64).max(1.0) as usize,
        token_expansion: settings.number("model.token_expansion")?,
        norms: Norms::read(settings, width)?,
        activation: entry::chosen(ACTIVATIONS, settings, "model.activation")?,
    };
    Ok(Box::new(Mixer { config }))
}

fn fields(_: &Settings, _: &Layout) -> Vec<Field> {
    let number =
        |path: &str, label: &str, help: &str, default: f64| Field::number(path, Group::Model, label, help, (0.25, 16.0), default);
    let [place, kind] = Norms::fields();
    vec![
        Field::integer("model.layers", Group::Model, "Blocks", "Number of mixer blocks (layers).", (1, 8), 2)
            .means(Meaning::Layers),
        Field::integer("model.width", Group::Model, "Width", "Residual stream width (channels, d_model).", (8, 256), 32)
            .means(Meaning::Width),
        number(
            "model.token_expansion",
            "Token mixing expansion",
            "Hidden width of token mixing over the number of positions (D_S / S).",
            2.0,
        ),
        number("model.expansion", "MLP expansion", "MLP expansion ratio (d_ff / d_model).", 4.0).means(Meaning::Hidden),
        place,
        kind,
        entry::field(ACTIVATIONS, "model.activation", Group::Model, "Activation", "The non-linearity of each MLP.")
            .affects(&["activation"]),
    ]
}
