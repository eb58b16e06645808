//! A transformer (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>): blocks of attention and MLP.

mod options;
mod sites;

use ablation_data::{AttentionMap, Layout, Samples, Visibility};
use ablation_settings::{Choice, Field, Group, Kind as FieldKind, Meaning, MissingSetting, Settings};

use super::{Backbone, KEPT_BY_BLOCK, KEPT_BY_HIDDEN, Kind, product, total};
use crate::anatomy::Stream;
use crate::entry::{self, Entry};
use crate::layers::activations::{ACTIVATIONS, Activation};
use crate::layers::norms::{NORM_KINDS, NormKind, NormPlacement, Norms};
use crate::layers::positions::{POSITIONS, Position};
use crate::layers::{Attention, Convolution, MLP_KINDS, Mlp, MlpKind, Trunk};
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;
use options::OPTIONS;

pub use options::{Arrangement, Biases, Residual};

pub(super) const ENTRY: Entry<Kind> = Entry {
    name: "transformer",
    label: "Transformer",
    help: "Blocks of multi-head attention and MLP.",
    value: Kind { mixes: true, causal: true, fields, build },
};

/// What can be chosen about the blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerConfig {
    /// Blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Hidden width of each MLP.
    pub hidden: usize,
    /// Heads of each attention; divides the width.
    pub heads: usize,
    /// Heads of keys and values of each attention; divides `heads`.
    pub key_heads: usize,
    /// The norm of queries and keys, if they are normalised.
    pub query_key_norm: Option<&'static Entry<NormKind>>,
    /// What each MLP computes.
    pub mlp: &'static Entry<MlpKind>,
    /// Whether attention is causal; otherwise it is bidirectional.
    pub causal: bool,
    /// How many positions one looks at at most where attention is causal, itself among them, if there is a limit.
    pub window: Option<usize>,
    /// How positions enter.
    pub position: &'static Entry<Position>,
    /// The norms of the residual stream.
    pub norms: Norms,
    /// The non-linearity of the MLPs.
    pub activation: &'static Entry<Activation>,
    /// Which linear maps have biases.
    pub biases: Biases,
    /// Around which branches there is a residual connection.
    pub residual: Residual,
    /// How the blocks are arranged.
    pub arrangement: Arrangement,
    /// Whether the unembedding is the transposed embedding, of a model of tokens.
    pub tied: bool,
    /// How many positions a causal convolution of what attention reads looks at, itself among them, if there is one.
    pub convolution: Option<usize>,
}

impl TransformerConfig {
    /// Two blocks of width 32 with four heads, and no option chosen.
    pub fn plain() -> Self {
        TransformerConfig {
            layers: 2,
            width: 32,
            hidden: 128,
            heads: 4,
            key_heads: 4,
            query_key_norm: None,
            mlp: &MLP_KINDS[0],
            causal: true,
            window: None,
            position: &POSITIONS[0],
            norms: Norms { place: NormPlacement::Pre, kind: &NORM_KINDS[0], width: 32 },
            activation: &ACTIVATIONS[0],
            biases: Biases { attention: false, mlp: true },
            residual: Residual { attention: true, mlp: true },
            arrangement: Arrangement { parallel: false, shared: false },
            tied: false,
            convolution: None,
        }
    }
}

/// The blocks.
pub struct Transformer {
    config: TransformerConfig,
}

impl Transformer {
    /// Blocks of a shape.
    pub fn new(config: TransformerConfig) -> Self {
        Transformer { config }
    }

    /// Branches that write into the stream start smaller the more of them there are (Radford et al. 2019).
    fn output_gain(&self) -> f64 {
        1.0 / (2.0 * self.config.layers as f64).sqrt()
    }

    /// The parameters of one block, as if it had weights of its own.
    fn block(&self, index: usize) -> Vec<Parameter> {
        let [attn, mlp] = ["attn", "mlp"].map(|branch| format!("blocks.{index}.{branch}"));
        let norms = self.config.norms;
        let mut parameters = [norms.of_branch(&attn), self.attention().parameters(&attn)].concat();
        parameters.extend(self.convolution().iter().flat_map(|one| one.parameters(&format!("{attn}.{CONVOLUTION}"))));
        parameters.extend([norms.of_branch(&mlp), self.mlp().parameters(&mlp)].concat());
        parameters
    }

    fn convolution(&self) -> Option<Convolution> {
        self.config.convolution.map(|kernel| Convolution { width: self.config.width, kernel })
    }

    fn attention(&self) -> Attention {
        let TransformerConfig { width, heads, key_heads, query_key_norm, position, causal, window, biases, .. } = self.config;
        Attention {
            width,
            heads,
            key_heads,
            biased: biases.attention,
            norm: query_key_norm,
            position: position.value,
            causal,
            window,
            output_gain: self.output_gain(),
        }
    }

    fn mlp(&self) -> Mlp {
        let TransformerConfig { width, hidden, mlp, activation, biases, .. } = self.config;
        Mlp {
            width,
            hidden,
            gated: mlp.value.gated,
            biased: biases.mlp,
            activation: activation.value,
            output_gain: self.output_gain(),
        }
    }
}

impl Backbone for Transformer {
    fn norms(&self) -> Norms {
        self.config.norms
    }

    fn position(&self) -> &'static Entry<Position> {
        self.config.position
    }

    fn is_causal(&self) -> bool {
        self.config.causal
    }

    fn ties_embeddings(&self) -> bool {
        self.config.tied
    }

    fn parameters(&self, _positions: usize) -> Vec<Parameter> {
        let mut parameters = self.block(0);
        for index in 1..self.config.layers {
            let own = self.block(index);
            let first = self.block(0);
            let tied = |(own, first): (Parameter, &Parameter)| {
                if self.config.arrangement.shared { own.tied_to(&first.path) } else { own }
            };
            parameters.extend(own.into_iter().zip(&first).map(tied));
        }
        parameters
    }

    fn sites(&self, stream: &mut Stream) {
        sites::add(&self.config, stream);
    }

    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let TransformerConfig { residual, arrangement, .. } = self.config;
        let (norms, convolution, attention, mlp) = (self.norms(), self.convolution(), self.attention(), self.mlp());
        let mut trunk = Trunk::new(x);
        for index in 0..self.config.layers {
            let block = scope.at(format_args!("blocks.{index}"));
            trunk.enter(&block);
            let attend = |attn: &Scope, x| {
                let convolve = |one: Convolution, x| attn.inline(CONVOLUTION, x, |scope, x| one.forward(scope, x, positions));
                let x = if let Some(one) = convolution { convolve(one, x) } else { x };
                attention.forward(attn, x, positions)
            };
            let fused = |attn: &Scope| if convolution.is_none() { attention.fused(attn, positions) } else { None };
            let think = |scope: &Scope, x| mlp.forward(scope, x);
            let before = arrangement.parallel.then(|| trunk.read(scope));
            if residual.attention {
                trunk.branch(&norms, &block, "attn", fused, attend);
            } else {
                trunk.change(scope, |x| norms.replacing(&block, "attn", x, attend));
            }
            match before {
                _ if !residual.mlp => trunk.change(scope, |x| norms.replacing(&block, "mlp", x, think)),
                Some(before) => trunk.change(scope, |x| norms.branch_of(&block, "mlp", x, before, think)),
                None => trunk.branch(&norms, &block, "mlp", |scope| mlp.fused(scope), think),
            }
        }
        trunk.finish(scope)
    }

    /// The attention scores of each block: a number for each head and pair of positions.
    fn workspace(&self, positions: usize) -> Vec<usize> {
        vec![self.config.heads * positions * positions; self.config.layers]
    }

    fn kept(&self, positions: usize) -> usize {
        /// Kept per pair of positions and head, where attention is not fused: scores and pattern.
        const KEPT_BY_PAIR: usize = 2;
        let TransformerConfig { layers, width, hidden, heads, .. } = self.config;
        let of_position = [
            product(&[KEPT_BY_BLOCK, width]),
            product(&[KEPT_BY_HIDDEN, hidden]),
            product(&[KEPT_BY_PAIR, heads, positions]),
            self.convolution().map_or(0, |one| one.kept()),
        ];
        product(&[layers, positions, total(&of_position)])
    }

    /// The attention pattern of each block: `[heads * positions, positions]`.
    fn views(&self, positions: usize) -> Vec<(String, [usize; 2])> {
        let pattern = |block| (format!("blocks.{block}.attn.pattern"), [self.config.heads * positions, positions]);
        (0..self.config.layers).map(pattern).collect()
    }

    fn shown(&self, views: &[Vec<f32>], positions: usize, without: &[String]) -> Vec<Samples> {
        let map = |block: usize, head: usize, weights: &[f32]| {
            let path = format!("blocks.{block}.attn.heads.{head}");
            let inside =
                |site: &String| path == *site || path.strip_prefix(site.as_str()).is_some_and(|rest| rest.starts_with('.'));
            AttentionMap {
                label: format!("block {block} head {head}"),
                weights: weights.to_vec(),
                ablated: without.iter().any(inside),
            }
        };
        let block = |(block, pattern): (usize, &Vec<f32>)| {
            let heads = pattern.chunks_exact(positions * positions).enumerate();
            heads.map(|(head, weights)| map(block, head, weights)).collect()
        };
        vec![Samples::Attention { positions, blocks: views.iter().enumerate().map(block).collect() }]
    }
}

fn build(settings: &Settings, _: &Layout) -> Result<Box<dyn Backbone>, MissingSetting> {
    let heads =
        settings.text("model.heads")?.parse().map_err(|_| MissingSetting { path: "model.heads".into(), expected: "a count" })?;
    let mlp = entry::chosen_or_first(MLP_KINDS, settings, MLP)?;
    let (width, expansion) = (settings.count("model.width")?, settings.number("model.expansion")?);
    let mut config = TransformerConfig {
        layers: settings.count("model.layers")?,
        width,
        hidden: (mlp.value.hidden)(libm::round(expansion * width as f64).max(1.0) as usize),
        heads,
        key_heads: key_heads(settings, heads)?,
        query_key_norm: query_key_norm(settings)?,
        mlp,
        causal: settings.text("model.attention")? != "bidirectional",
        window: if settings.text("model.attention")? == "window" { Some(settings.count(WINDOW)?) } else { None },
        position: entry::chosen(POSITIONS, settings, "model.position")?,
        norms: Norms::read(settings, width)?,
        activation: entry::chosen(ACTIVATIONS, settings, "model.activation")?,
        ..TransformerConfig::plain()
    };
    OPTIONS.iter().try_for_each(|option| (option.apply)(settings, &mut config))?;
    Ok(Box::new(Transformer::new(config)))
}

fn fields(chosen: &Settings, layout: &Layout) -> Vec<Field> {
    let [place, kind] = Norms::fields();
    let mut fields = vec![
        Field::integer("model.layers", Group::Model, "Blocks", "Number of transformer blocks (layers).", (1, 8), 2)
            .means(Meaning::Layers),
        Field::integer("model.width", Group::Model, "Width", "Residual stream width (d_model).", (8, 256), 32)
            .means(Meaning::Width),
        Field::number(
            "model.expansion",
            Group::Model,
            "MLP expansion",
            "MLP expansion ratio (d_ff / d_model).",
            (0.25, 16.0),
            4.0,
        )
        .means(Meaning::Hidden),
        heads(chosen),
        key_head_field(chosen),
        query_key_norm_field(),
        Field::choice("model.attention", Group::Model, "Attention mask", "Which positions a position may read.", masks(layout))
            .affects(&["attention"]),
    ];
    if chosen.text("model.attention").is_ok_and(|mask| mask == "window") {
        let help = "How many positions each one reads at most, itself among them.";
        fields.push(Field::integer(WINDOW, Group::Model, "Window", help, (1, 256), 4));
    }
    fields.extend([
        entry::field(
            POSITIONS,
            "model.position",
            Group::Model,
            "Position encoding",
            "How the order of positions enters the model.",
        )
        .affects(&["position"]),
        place,
        kind,
        entry::field(MLP_KINDS, MLP, Group::Model, "MLP", "What each MLP computes between its linear maps.")
            .affects(&["mlp"])
            .absent(MLP_KINDS[0].name),
        entry::field(ACTIVATIONS, "model.activation", Group::Model, "Activation", "The non-linearity of each MLP.")
            .affects(&["activation"]),
    ]);
    fields.extend(OPTIONS.iter().filter_map(|option| (option.field)(chosen, layout)));
    fields
}

/// Name of the convolution in an attention.
const CONVOLUTION: &str = "conv";
const WINDOW: &str = "model.window";
const MLP: &str = "model.mlp";
const KEY_HEADS: &str = "model.key_heads";
const QUERY_KEY_NORM: &str = "model.query_key_norm";
/// The choice of a field that leaves something out, or as it was.
const NONE: &str = "none";
const EACH: &str = "each";

/// How many heads of keys and values there are.
fn key_heads(settings: &Settings, heads: usize) -> Result<usize, MissingSetting> {
    match settings.text(KEY_HEADS) {
        Err(_) | Ok(EACH) => Ok(heads),
        Ok(count) => count.parse().map_err(|_| MissingSetting { path: KEY_HEADS.into(), expected: "a count" }),
    }
}

/// Numbers of heads of keys and values that divide the number of heads.
fn key_head_field(chosen: &Settings) -> Field {
    let heads = chosen.text("model.heads").ok().and_then(|heads| heads.parse().ok()).unwrap_or(1_usize);
    let mut options =
        vec![Choice::new(EACH, "one for each head", "Every head has keys and values of its own (multi-head attention).")];
    for count in (1..heads).rev().filter(|count| heads.is_multiple_of(*count)) {
        let help = if count == 1 {
            "All heads share one (multi-query attention)."
        } else {
            "Heads beside each other share (grouped-query attention)."
        };
        options.push(Choice::new(&count.to_string(), &count.to_string(), help));
    }
    let help = "Number of heads of keys and values in each attention; the heads of queries share them.";
    Field::choice(KEY_HEADS, Group::Model, "Key and value heads", help, options).affects(&["attention"]).absent(EACH)
}

/// The norm of queries and keys, if there is one.
fn query_key_norm(settings: &Settings) -> Result<Option<&'static Entry<NormKind>>, MissingSetting> {
    match settings.text(QUERY_KEY_NORM) {
        Err(_) | Ok(NONE) => Ok(None),
        Ok(_) => entry::chosen(NORM_KINDS, settings, QUERY_KEY_NORM).map(Some),
    }
}

fn query_key_norm_field() -> Field {
    let mut options = vec![Choice::new(NONE, "none", "Scores grow with the lengths of queries and keys.")];
    options.extend(NORM_KINDS.iter().map(|kind| Choice::new(kind.name, kind.label, kind.help)));
    let help = "Normalisation of each query and each key, head by head, before they are compared (QK-norm).";
    Field::choice(QUERY_KEY_NORM, Group::Model, "Query and key norm", help, options).affects(&["attention"]).absent(NONE)
}

/// Numbers of heads that divide the width.
fn heads(chosen: &Settings) -> Field {
    let width = chosen.count("model.width").unwrap_or(1);
    let divides = |heads: &usize| width.is_multiple_of(*heads);
    let options = (1..=16).filter(divides).map(|heads| Choice::new(&heads.to_string(), &heads.to_string(), "")).collect();
    let help = "Number of attention heads in each block (d_head = d_model / heads).";
    let mut field = Field::choice("model.heads", Group::Model, "Heads", help, options);
    if let FieldKind::Choice { default, .. } = &mut field.kind {
        *default = if width.is_multiple_of(4) { "4" } else { "1" }.to_string();
    }
    field
}

/// The masks that make sense for the data: a bidirectional model is not offered where it could read the answer.
fn masks(layout: &Layout) -> Vec<Choice> {
    let causal = || Choice::new("causal", "causal", "Each position reads earlier ones and itself.");
    let window =
        || Choice::new("window", "causal, in a window", "Each position reads itself and a few before it (sliding window).");
    let bidirectional = || Choice::new("bidirectional", "bidirectional", "Each position reads all positions.");
    match layout {
        Layout::Tokens { visibility: Visibility::Causal, .. } => vec![causal(), window()],
        Layout::Tokens { visibility: Visibility::Either, .. } => vec![causal(), bidirectional(), window()],
        Layout::Tokens { visibility: Visibility::Bidirectional, .. } | Layout::Numbers { .. } => {
            vec![bidirectional(), causal(), window()]
        }
    }
}
