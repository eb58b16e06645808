//! How a model knows the order of positions, one scheme a file.

mod alibi;
mod learned;
mod none;
mod rotary;
mod sinusoidal;

use crate::entry::Entry;
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// A position scheme.
pub trait PositionScheme: Sync {
    /// What its site adds, as a sentence; `None` if it has no site.
    fn site(&self) -> Option<&'static str> {
        None
    }

    /// Its parameters for a stream of so many positions and such a width.
    fn parameters(&self, _positions: usize, _width: usize) -> Vec<Parameter> {
        Vec::new()
    }

    /// The embedded input with the positions added. `scope` is the root of the model.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    fn add(&self, _scope: &Scope, x: Tensor<3>, _positions: usize) -> Tensor<3> {
        x
    }

    /// Whether the scores of attention fall with the distance.
    fn slopes(&self) -> bool {
        false
    }

    /// Whether queries and keys hold positions.
    fn places(&self) -> bool {
        false
    }

    /// Queries or keys with the positions in them, of `heads` heads beside each other.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, heads * head width]`
    fn place(&self, x: Tensor<3>, _positions: usize, _heads: usize) -> Tensor<3> {
        x
    }
}

/// A scheme as a member of the registry.
pub type Position = &'static dyn PositionScheme;

/// All of them; the first is the default.
pub const POSITIONS: &[Entry<Position>] = &[learned::ENTRY, none::ENTRY, sinusoidal::ENTRY, rotary::ENTRY, alibi::ENTRY];

/// No position scheme.
pub const NO_POSITIONS: &Entry<Position> = &POSITIONS[1];
