//! White space at the ends of texts, as the page has it.
//!
//! Rust and JavaScript disagree on two characters: in JavaScript the byte order mark is white space, and the control character NEL is none. What is
//! judged both here and on the page is cut by the rule of JavaScript, so that a file which is checked here opens there, and every name has one seed.

/// A text without white space at its ends, as JavaScript's `trim` leaves it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_what_it_is_in_javascript() {
        assert_eq!(trimmed("\u{feff}\u{a0}\t\n a b \u{2028}\u{3000}\r"), "a b");
        assert_eq!(trimmed("\u{85}a\u{200b}"), "\u{85}a\u{200b}");
        assert_eq!(trimmed(" \u{feff} "), "");
    }
}
