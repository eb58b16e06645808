//! Blocks of a diagonal linear state space and an MLP: channels that forget at a rate of their own, normalised as in linear recurrent units (Orvieto
//! et al. 2023, <https://arxiv.org/abs/2303.06349>), and a gate (Dauphin et al. 2017, <https://arxiv.org/abs/1612.08083>). The rates are real, and do not
//! depend on the input. The gate is a sigmoid and no SiLU: it is one half where its input fades, so a stack without norms still learns.

use ablation_data::Layout;
use ablation_protocol::Placement;
use ablation_settings::{Field, Group, MissingSetting, Settings};

use super::mixing::{self, Mixing, MixingBlocks};
use super::{Backbone, Kind, product};
use crate::anatomy::{Component, Words};
use crate::batch::repeated;
use crate::entry::Entry;
use crate::kernels;
use crate::layers::gates::sigmoid;
use crate::layers::linear::affine;
use crate::layers::scan::scan;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "ssm",
    label: "Diagonal state space",
    help: "Blocks of a diagonal linear recurrence over positions (Orvieto et al. 2023), with a gate, and an MLP, without attention. Each position reads \
        itself and earlier ones.",
    value: Kind { mixes: true, causal: true, fields, build },
};

/// Added to the logit of each rate: half of the states keep more than 0.88 of themselves at the start.
const SLOW: f64 = 2.0;
/// Standard deviation of the logits at the start: some states forget at once, some remember for a hundred positions.
const SPREAD: f64 = 2.0;

/// `h_t = a h_(t-1) + sqrt(1 - a^2) (x_t W_in)`, `y_t = (h_t * σ(x_t W_gate)) W_out`, with rates `a = σ(λ + 2)`.
struct StateSpace {
    width: usize,
    states: usize,
}

impl Mixing for StateSpace {
    fn name(&self) -> &'static str {
        "ssm"
    }

    fn words(&self) -> Words<'static> {
        Words {
            kind: "state space",
            label: "state space",
            help: "Moves information between positions: states that each keep a share of themselves and add what a position gives.",
        }
    }

    fn block(&self) -> &'static str {
        "A state-space block: diagonal state space, then MLP; each adds to the residual stream."
    }

    fn is_causal(&self) -> bool {
        true
    }

    fn parameters(&self, path: &str, _positions: usize, output_gain: f64) -> Vec<Parameter> {
        let (width, states) = (self.width, self.states);
        vec![
            Parameter::matrix(format!("{path}.input.weight"), width, states, 1.0),
            Parameter::matrix(format!("{path}.gate.weight"), width, states, 1.0),
            Parameter::table(format!("{path}.rate.logit"), 1, states, SPREAD),
            Parameter::matrix(format!("{path}.output.weight"), states, width, output_gain),
        ]
    }

    fn inside(&self, branch: &Component) -> Vec<Component> {
        vec![Component {
            path: format!("{}.scan", branch.path),
            kind: "recurrence",
            placement: Placement::Inline,
            label: "recurrence".to_string(),
            help: "What states keep from position to position. Without it a position reads only itself.",
            channels: self.states,
            ..branch.clone()
        }]
    }

    fn kept(&self, positions: usize) -> usize {
        product(&[10, positions, self.states])
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        // One reader of what comes in, as in attention.
        let x = x * 1.0;
        let gate = sigmoid(affine(&scope.at("gate"), x.clone(), false));
        let given = affine(&scope.at("input"), x, false);
        let states = scope.inline("scan", given, |_, given| self.states(scope, given, positions));
        affine(&scope.at("output"), states * gate, false)
    }
}

impl StateSpace {
    /// The states of each position.
    ///
    /// # Shapes
    /// - `given`, result: `[replicas, examples * positions, states]`
    fn states(&self, scope: &Scope, given: Tensor<3>, positions: usize) -> Tensor<3> {
        let [replicas, rows, _] = given.dims();
        let examples = rows / positions;
        // A row for every example: its gradient is summed row by row.
        let first = repeated(0, [replicas, examples], &given.device());
        let rate = sigmoid(kernels::gather(scope.at("rate").weight("logit"), first) + kernels::constant(SLOW, &given.device()));
        let taken = kernels::root(kernels::constant(1.0, &given.device()) - rate.clone() * rate.clone());
        scan(given, positions, |state, given| {
            let given = given * taken.clone();
            match state {
                None => given,
                Some(state) => state * rate.clone() + given,
            }
        })
    }
}

fn build(settings: &Settings, _: &Layout) -> Result<Box<dyn Backbone>, MissingSetting> {
    let expansion = settings.number("model.state_expansion")?;
    let states = |width: usize| libm::round(expansion * width as f64).max(1.0) as usize;
    Ok(Box::new(MixingBlocks::read(settings, &|width, _| Ok(Box::new(StateSpace { width, states: states(width) })))?))
}

fn fields(_: &Settings, _: &Layout) -> Vec<Field> {
    let help = "Number of states over the width of the residual stream (expansion E of Mamba).";
    let states = Field::number("model.state_expansion", Group::Model, "State expansion", help, (0.25, 8.0), 2.0);
    mixing::fields(vec![states])
}
