//! Long texts in messages.
//!
//! Links, files and cells come from strangers and can carry megabytes in one value. A message repeats only the beginning.

/// Characters that a message repeats of one value.
pub const LONGEST: usize = 60;

/// The text if it has at most `longest` characters, or else its beginning and an ellipsis.
pub fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_string(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!([shorten("äöü", 3), shorten("äöü", 2), shorten("", 0), shorten("a", 0)], ["äöü", "äö…", "", "…"]);
    }
}
