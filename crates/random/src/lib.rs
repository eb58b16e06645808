//! Counter-based random streams addressed by name.
//!
//! A sequential generator makes every draw depend on all draws before it: remove one layer from a model and every
//! later weight, batch and noise value changes too, so that two arms of one seed are two unrelated runs and their
//! difference is mostly luck. Here every draw has an *address* instead. A parameter draws from a stream named by its
//! own path, an example from a stream named by its own index; what is not named is not touched, and arms of one seed
//! are truly paired.
//!
//! ```
//! use ablation_random::Stream;
//!
//! let weights = Stream::root(7).at("init").at("blocks.0.attn.query.weight");
//! let first = weights.draws().normal();
//! assert_eq!(first, weights.draws().normal()); // the same address, the same numbers
//! assert_ne!(first, Stream::root(8).at("init").at("blocks.0.attn.query.weight").draws().normal());
//! ```
//!
//! Everything is integer arithmetic, IEEE-exact arithmetic or `libm`, so the numbers are the same to the bit on every
//! machine and in WebAssembly. This is not a cryptographic generator.

mod blocks;
mod draws;
mod philox;
mod stream;

pub use draws::Draws;
pub use stream::{Indexed, Stream};
