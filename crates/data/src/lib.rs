//! Data sets, one per file.
//!
//! Each is small enough to be learned in seconds and explained in a sentence, so it is *known* which components a model
//! needs for it ([`Need`]). That is the ground truth against which the verdicts of a study are checked, and no benchmark of
//! real data has it.
//!
//! Example `i` is a function of a stream and `i` alone: there is no shuffled file and no epoch. Arms of one seed read the same
//! examples in the same order whatever else differs between them, and any example can be made again.
//!
//! Adding a data set is one file in `sets` and its lines in `sets/mod.rs`.

mod about;
mod answers;
mod corpus;
mod data;
mod encoded;
mod error;
mod files;
mod layout;
mod letters;
mod mixture;
mod numbers;
mod other;
mod samples;
mod sets;
mod split;
mod text;

pub use about::{About, ConstantPredictor, Goal, Need, Score};
pub use corpus::Corpus;
pub use data::{Data, Example, example, examples};
pub use encoded::{EncodedText, Encoding, LARGEST_VOCABULARY, is_encoded};
pub use error::DataError;
pub use files::Files;
pub use layout::{Layout, Visibility};
pub use mixture::Mixture;
pub use numbers::{CLOUD, cloud, noise_predictor};
pub use other::Other;
pub use samples::{AttentionMap, Losses, Samples, Series, Shown, TokenExample};
pub use sets::{Description, Harder, build, built_in_corpora, describe, fields, floor, harder, open, presets};
pub use split::Split;
