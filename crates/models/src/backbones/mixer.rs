//! An MLP-mixer (Tolstikhin et al. 2021, <https://arxiv.org/abs/2105.01601>): blocks of an MLP over the positions of each channel, then one
//! over the channels of each position. No attention; the weights of the first know the positions, so nothing else tells them. As in the
//! paper every layer has a bias; that of the last layer of token mixing is taken away again by a norm that centres.

use ablation_data::Layout;
use ablation_settings::{Field, Group, MissingSetting, Settings};

use super::mixing::{self, MadeMixing, Mixing, MixingBlocks};
use super::{Backbone, KEPT_BY_HIDDEN, Kind, product};
use crate::anatomy::{Component, Words, activation};
use crate::entry::Entry;
use crate::layers::Mlp;
use crate::layers::activations::Activation;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "mixer",
    label: "MLP-mixer",
    help: "Blocks of an MLP over positions and an MLP over channels, without attention.",
    value: Kind { mixes: true, causal: false, fields, build },
};

/// The MLP over the positions of a channel: its rows are channels.
struct TokenMixing {
    width: usize,
    /// Hidden width, as a multiple of the positions.
    expansion: f64,
    activation: Activation,
}

impl TokenMixing {
    fn hidden(&self, positions: usize) -> usize {
        libm::round(self.expansion * positions as f64).max(1.0) as usize
    }

    fn mlp(&self, positions: usize, output_gain: f64) -> Mlp {
        let (hidden, activation) = (self.hidden(positions), self.activation);
        Mlp { width: positions, hidden, gated: false, biased: true, activation, output_gain }
    }
}

impl Mixing for TokenMixing {
    fn name(&self) -> &'static str {
        "mix"
    }

    fn words(&self) -> Words<'static> {
        Words {
            kind: "token mixing",
            label: "token mixing",
            help: "Moves information between positions: one MLP over the positions, the same for every channel.",
        }
    }

    fn block(&self) -> &'static str {
        "A mixer block: token mixing, then MLP; each adds to the residual stream."
    }

    fn is_causal(&self) -> bool {
        false
    }

    fn parameters(&self, path: &str, positions: usize, output_gain: f64) -> Vec<Parameter> {
        self.mlp(positions, output_gain).parameters(path)
    }

    /// Inside, channels are the rows and hidden positions the columns.
    fn inside(&self, mix: &Component) -> Vec<Component> {
        vec![Component { positions: mix.channels, ..activation(mix, self.hidden(mix.positions)) }]
    }

    /// A row per channel.
    fn kept(&self, positions: usize) -> usize {
        product(&[KEPT_BY_HIDDEN, self.width, self.hidden(positions)])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        transposed(self.mlp(positions, 1.0).forward(scope, transposed(x, positions)), self.width)
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
    let expansion = settings.number("model.token_expansion")?;
    let mixing = |width, activation| -> MadeMixing { Ok(Box::new(TokenMixing { width, expansion, activation })) };
    Ok(Box::new(MixingBlocks::read(settings, &mixing)?))
}

fn fields(_: &Settings, _: &Layout) -> Vec<Field> {
    let help = "Hidden width of token mixing over the number of positions (D_S / S).";
    let expansion = Field::number("model.token_expansion", Group::Model, "Token mixing expansion", help, (0.25, 16.0), 2.0);
    mixing::fields(vec![expansion])
}
