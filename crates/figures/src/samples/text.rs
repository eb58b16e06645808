//! How a model goes on with a text, beside the beginning that it was given.

use super::TEXT;
use crate::svg::{Element, document_of};
use crate::theme::{MONO, MUTED};
use crate::{Figure, Table};

const WIDTH: f64 = 340.0;
const LINE_HEIGHT: f64 = 17.0;
const SIZE: f64 = 12.0;
/// Characters of a line; a character is 0.62 of its size wide in the widest of the fonts.
const COLUMNS: usize = (WIDTH / (0.62 * SIZE)) as usize;

/// Draws a beginning and what a model wrote after it.
pub(super) fn figure(beginning: &str, continuation: &str) -> Figure {
    let mut body = Element::group().set("font-family", MONO).put("font-size", SIZE);
    let (given, written) = (beginning.chars().count(), continuation.chars().count());
    let characters: Vec<char> = beginning.chars().chain(continuation.chars()).collect();
    for (line, start) in (0..characters.len()).step_by(COLUMNS).enumerate() {
        let end = (start + COLUMNS).min(characters.len());
        let part = given.clamp(start, end);
        let y = line as f64 * LINE_HEIGHT + 12.5;
        for (from, to, muted) in [(start, part, true), (part, end, false)] {
            if from == to {
                continue;
            }
            let text: String =
                characters[from..to].iter().map(|&character| if character == ' ' { '\u{a0}' } else { character }).collect();
            let element = Element::text((from - start) as f64 * 0.62 * SIZE, y, &text);
            body.add(if muted { element.set("fill", MUTED.paint()) } else { element });
        }
    }
    let title = "A text that it wrote";
    let description = format!(
        "The first {given} characters, muted, were given. The {written} after them were drawn one by one from what the model predicts."
    );
    let mut table = Table::new(["given", "written"]);
    table.push(vec![beginning.to_string(), continuation.to_string()]);
    let height = characters.len().div_ceil(COLUMNS).max(1) as f64 * LINE_HEIGHT + 4.0;
    Figure {
        name: "text".into(),
        title: title.into(),
        svg: document_of(TEXT, (WIDTH, height), title, &description, &[], body),
        description,
        table,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_muted_and_lines_hold_every_character() {
        let (given, written) = ("The cat sat on the mat and ", "then it <went> away, as cats do. ".repeat(3));
        let found = figure(given, &written);
        assert!(found.svg.contains("&lt;went&gt;") && found.svg.contains(&MUTED.paint().to_string()), "{}", found.svg);
        assert!(
            found.description.contains("27 characters") && found.description.contains("99 after them"),
            "{}",
            found.description
        );
        assert_eq!(found.table.rows, vec![vec![given.to_string(), written]]);
        assert!(figure("", "").svg.starts_with("<svg"));
    }
}
