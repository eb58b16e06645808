//! Text from strangers, made safe to show.
//!
//! A component, a title or a claim may hold anything. A raw escape character steers the terminal that a report is printed to; a
//! bidirectional override lets a line in a table, a page or a diff read as something that it does not say (Boucher and Anderson 2021,
//! <https://arxiv.org/abs/2111.00169>). Neither is dropped, which would hide that it was there: it is shown as the escape by which JSON,
//! JavaScript and Python write it.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character steers what shows it instead of being shown: the control characters C0 and C1, the marks, embeddings, overrides and
/// isolates of the bidirectional algorithm, and the two separators that some programs break lines at.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every steering character but the line feed shown as an escape such as `\u001b`. JSON stays the same JSON: there such
/// characters stand inside texts only.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |c| c == '\n')
}

/// The same on one line: a line feed is shown as an escape too.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

fn shown(text: &str, keeps: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hides = |c: char| steers(c) && !keeps(c);
    if !text.contains(hides) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) {
            // Writing into a text cannot fail. All of these characters have four digits.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_is_shown_as_an_escape() {
        assert_eq!(visible("a\u{1b}[2J\r\nb\u{9b}c"), "a\\u001b[2J\\u000d\nb\\u009bc");
        assert_eq!(visible_line("a\nb\tc"), "a\\u000ab\\u0009c");
        for c in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{2028}\u{7f}"
            .chars()
        {
            assert_eq!(visible(&c.to_string()), format!("\\u{:04x}", u32::from(c)));
        }
        // Scripts that run from right to left, accents and joined emoji are text.
        for plain in ["− mlp", "משקל", "e\u{301}", "👩\u{200d}🔬", "a\u{a0}b"] {
            assert!(matches!(visible_line(plain), Cow::Borrowed(text) if text == plain));
        }
    }

    proptest! {
        #[test]
        fn json_stays_the_same_json(text in "[\\PC\u{0}-\u{1f}\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}\\\\\"]{0,40}") {
            let value = serde_json::json!({ &text: [&text] });
            for json in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let shown = visible(&json);
                prop_assert!(!shown.contains(|c| steers(c) && c != '\n'));
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&shown).unwrap(), &value);
            }
        }
    }
}
