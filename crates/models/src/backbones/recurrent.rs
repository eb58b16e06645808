//! Blocks of a gated recurrent unit and an MLP (Cho et al. 2014, <https://arxiv.org/abs/1406.1078>): a state that each position updates is all that
//! moves information. The reset gate multiplies what the state's product gives, as in cuDNN, so that one product serves all three gates.

use ablation_data::Layout;
use ablation_settings::{Field, MissingSetting, Settings};

use super::mixing::{self, Mixing, MixingBlocks};
use super::{Backbone, Kind, product};
use crate::anatomy::Words;
use crate::entry::Entry;
use crate::kernels;
use crate::layers::gates::{sigmoid, tanh};
use crate::layers::linear::affine;
use crate::layers::scan::scan;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "gru",
    label: "Gated recurrent unit",
    help: "Blocks of a gated recurrent unit over positions (GRU, Cho et al. 2014) and an MLP, without attention. Each position reads itself and earlier \
        ones.",
    value: Kind { mixes: true, causal: true, fields, build },
};

/// Gates of a unit: update, reset and candidate.
const GATES: usize = 3;

/// `z = σ(x W_z + b_z + h U_z)`, `r = σ(x W_r + b_r + h U_r)`, `n = tanh(x W_n + b_n + r (h U_n))`, `h <- n + z (h - n)`; the states are projected
/// into the stream.
struct Recurrent {
    width: usize,
}

impl Mixing for Recurrent {
    fn name(&self) -> &'static str {
        "gru"
    }

    fn words(&self) -> Words<'static> {
        Words {
            kind: "recurrent unit",
            label: "recurrent unit",
            help: "Moves information between positions: a state that each position updates through gates (GRU).",
        }
    }

    fn block(&self) -> &'static str {
        "A recurrent block: gated recurrent unit, then MLP; each adds to the residual stream."
    }

    fn is_causal(&self) -> bool {
        true
    }

    fn parameters(&self, path: &str, _positions: usize, output_gain: f64) -> Vec<Parameter> {
        let (width, gates) = (self.width, GATES * self.width);
        vec![
            Parameter::matrix(format!("{path}.input.weight"), width, gates, 1.0),
            Parameter::bias(format!("{path}.input.bias"), gates),
            Parameter::matrix(format!("{path}.state.weight"), width, gates, 1.0),
            Parameter::matrix(format!("{path}.output.weight"), width, width, output_gain),
        ]
    }

    /// What a position gives and the product of the state, for each gate; and about as much for the gates themselves.
    fn kept(&self, positions: usize) -> usize {
        product(&[8 * GATES, positions, self.width])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let width = self.width;
        let given = affine(&scope.at("input"), x, true);
        let recurrent = scope.at("state").weight("weight");
        let one = kernels::constant(1.0, &given.device());
        let states = scan(given, positions, |state, given| {
            let gate = |of: &Tensor<3>, index: usize| of.clone().narrow(2, index * width, width);
            // At the first position the state is zero.
            let Some(state) = state else { return (one.clone() - sigmoid(gate(&given, 0))) * tanh(gate(&given, 2)) };
            let seen = kernels::product(state.clone(), recurrent.clone());
            let update = sigmoid(gate(&given, 0) + gate(&seen, 0));
            let reset = sigmoid(gate(&given, 1) + gate(&seen, 1));
            let candidate = tanh(gate(&given, 2) + reset * gate(&seen, 2));
            candidate.clone() + update * (state - candidate)
        });
        affine(&scope.at("output"), states, false)
    }
}

fn build(settings: &Settings, _: &Layout) -> Result<Box<dyn Backbone>, MissingSetting> {
    Ok(Box::new(MixingBlocks::read(settings, &|width, _| Ok(Box::new(Recurrent { width })))?))
}

fn fields(_: &Settings, _: &Layout) -> Vec<Field> {
    mixing::fields(Vec::new())
}
