//! The letters that token data sets are written in, and the settings that they share.

use ablation_settings::{Field, Group};

/// Tokens `0..52` as shown.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token as a letter; a number beyond the alphabet.
pub(crate) fn letter(token: u32) -> String {
    LETTERS.chars().nth(token as usize).map_or_else(|| token.to_string(), String::from)
}

/// A token as a small letter; a number beyond the alphabet.
pub(crate) fn small(token: u32) -> String {
    LETTERS.chars().skip(26).nth(token as usize).map_or_else(|| token.to_string(), String::from)
}

/// How many different letters there are.
pub(crate) fn vocabulary() -> Field {
    let help = "Number of different letters (vocabulary size); chance accuracy is one over this number.";
    Field::integer("data.vocabulary", Group::Data, "Vocabulary size", help, (2, LETTERS.len() as i64), 8).in_unit("letters")
}

/// Tokens in a sequence that repeats.
pub(crate) fn length() -> Field {
    let help = "Tokens in an example; the second half repeats the first.";
    Field::integer("data.length", Group::Data, "Sequence length", help, (4, 64), 16).in_unit("tokens")
}
