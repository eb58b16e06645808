//! Backbones: what stands between the embedding and the output, one per file.
//!
//! A backbone is parameters, sites and a map from the residual stream to the residual stream. What goes in and what comes out, and the
//! embeddings of both, belong to the model and its objective, so any backbone can be trained on any data that it fits.

mod mixer;
mod mixing;
mod recurrent;
mod residual_mlp;
mod state_space;
mod transformer;

use ablation_data::{Layout, Samples, Visibility};
use ablation_settings::{Field, Group, MissingSetting, Settings};

pub use residual_mlp::{ResidualMlp, ResidualMlpConfig};
pub use transformer::{Arrangement, Biases, Residual, Transformer, TransformerConfig};

use crate::anatomy::Stream;
use crate::entry::{self, Entry};
use crate::layers::norms::Norms;
use crate::layers::positions::{NO_POSITIONS, Position};
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// The blocks of a model.
pub trait Backbone {
    /// The norms of the residual stream, and its width; the model puts the last norm before its output.
    fn norms(&self) -> Norms;

    /// How positions enter.
    fn position(&self) -> &'static Entry<Position> {
        NO_POSITIONS
    }

    /// Whether a position reads earlier positions and itself only.
    fn is_causal(&self) -> bool {
        false
    }

    /// Whether the unembedding is the transposed embedding, of a model of tokens.
    fn ties_embeddings(&self) -> bool {
        false
    }

    /// The parameters of the blocks, for a stream of so many positions.
    fn parameters(&self, positions: usize) -> Vec<Parameter>;

    /// Adds the sites of the blocks to those of the stream, in forward order.
    fn sites(&self, stream: &mut Stream);

    /// Tensors that a pass on a GPU may hold besides the outputs of sites, such as attention scores that somebody looks at: numbers of
    /// each for one example.
    fn workspace(&self, _positions: usize) -> Vec<usize> {
        Vec::new()
    }

    /// Numbers that training keeps for the backward pass, for one example. Settings that nobody has validated yet may be of any size: this
    /// saturates.
    fn kept(&self, positions: usize) -> usize;

    /// The residual stream after the blocks. `scope` is the root of the model.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3>;

    /// What is kept of a forward pass to be looked at: paths that the pass offers, each with the rows of one example and their width.
    fn views(&self, _positions: usize) -> Vec<(String, [usize; 2])> {
        Vec::new()
    }

    /// What was kept, as something to look at. `views`: the first example, in the order of [`Backbone::views`]; `without`: sites that the
    /// model goes without.
    fn shown(&self, _views: &[Vec<f32>], _positions: usize, _without: &[String]) -> Vec<Samples> {
        Vec::new()
    }
}

/// Numbers kept for the backward pass of a block of two branches, per unit of width and position: streams, norms and projections.
const KEPT_BY_BLOCK: usize = 18;
/// The same per hidden unit of an MLP and row that it reads.
const KEPT_BY_HIDDEN: usize = 4;

/// A product that saturates.
fn product(factors: &[usize]) -> usize {
    factors.iter().fold(1, |product: usize, &factor| product.saturating_mul(factor))
}

/// A sum that saturates.
fn total(terms: &[usize]) -> usize {
    terms.iter().fold(0, |total: usize, &term| total.saturating_add(term))
}

/// A kind of backbone in the registry.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// Whether information moves between positions. If not, an example is one position that holds all its numbers.
    pub mixes: bool,
    /// Whether it can be kept from reading later positions.
    pub causal: bool,
    /// Its settings, given what is chosen so far.
    pub fields: fn(&Settings, &Layout) -> Vec<Field>,
    /// The backbone of complete settings.
    pub build: Build,
}

/// Builds a backbone from complete settings, for data of a layout.
pub(crate) type Build = fn(&Settings, &Layout) -> Result<Box<dyn Backbone>, MissingSetting>;

/// All of them, in the order shown.
const BACKBONES: &[Entry<Kind>] = &[transformer::ENTRY, residual_mlp::ENTRY, mixer::ENTRY, recurrent::ENTRY, state_space::ENTRY];

impl Kind {
    /// Whether a model of such data makes sense.
    fn fits(&self, layout: &Layout) -> bool {
        match *layout {
            // A model of tokens that does not mix positions can only answer by what stands at the position itself.
            Layout::Tokens { visibility, .. } => self.mixes && (self.causal || visibility != Visibility::Causal),
            // Where there is one position there is nothing to mix.
            Layout::Numbers { height, width, .. } => !self.mixes || height * width > 1,
        }
    }
}

/// The backbone that settings choose for data of a layout: the first that fits where they do not say.
pub(crate) fn chosen(settings: &Settings, layout: &Layout) -> Result<Kind, MissingSetting> {
    let name = settings.text(PATH).ok();
    let entry = fitting(layout).find(|entry| name.is_none_or(|name| entry.name == name));
    entry.map(|entry| entry.value).ok_or_else(|| MissingSetting { path: PATH.into(), expected: "a backbone that fits the data" })
}

/// The setting that chooses the backbone.
pub(crate) fn field(layout: &Layout) -> Option<Field> {
    let first = fitting(layout).next()?;
    let help = "The blocks between embedding and output.";
    Some(entry::field(fitting(layout), PATH, Group::Model, "Backbone", help).absent(first.name))
}

/// Path of the setting.
const PATH: &str = "model.backbone";

/// The backbones that fit data of a layout; the first is the default.
fn fitting(layout: &Layout) -> impl Iterator<Item = &'static Entry<Kind>> {
    BACKBONES.iter().filter(|entry| entry.value.fits(layout))
}
