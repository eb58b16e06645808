//! Text that somebody brings, in pieces of words: a file that a tokenizer has made of the text.

use ablation_settings::{Field, Group, Settings};

use super::{Entry, never};
use crate::about::{About, Score};
use crate::data::Data;
use crate::encoded::{self, LARGEST_VOCABULARY};
use crate::error::DataError;
use crate::text::Text;

/// SHA-256 of what is read when nothing is said: `static/corpora/miller-street.tokens.json`.
pub(crate) const BUILT_IN: &str = "f094b9ba211b8556d07fe2b99dc36e3bd3ddcfd99e2b485047493ca737be63a6";

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: &[], fit: never, start: None };

const ABOUT: About = About {
    name: "tokens",
    label: "Your own text in word pieces",
    help: "Passages of a text in pieces of words (byte pair encoding). The model predicts the next piece; whole passages are held out.",
    score: Score::BITS,
};

fn fields() -> Vec<Field> {
    let help = "The encoded text, by the SHA-256 of its file; the text that comes with the program where none is given.";
    vec![Field::file("data.corpus", Group::Data, "Encoded text", help, BUILT_IN), length(), vocabulary()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Text::new(&ABOUT, settings, [&length(), &vocabulary()], encoded::read)?))
}

fn length() -> Field {
    let help = "Tokens in an example, from anywhere in the text.";
    Field::integer("data.length", Group::Data, "Sequence length", help, (8, 256), 32).in_unit("tokens")
}

fn vocabulary() -> Field {
    let help = "Tokens (vocabulary size): at least as many as the encoded text has.";
    Field::integer("data.vocabulary", Group::Data, "Vocabulary size", help, (4, LARGEST_VOCABULARY), 512).in_unit("tokens")
}
