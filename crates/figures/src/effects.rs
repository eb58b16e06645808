//! What ablations do to the answer: the direct effect of each component beside the total one, and what each head costs.

mod bars;
mod heads;

pub use bars::{Effect, EffectBars};
pub use heads::{HeadCosts, HeadPanel};
