//! A key that flows over lines, for marks that repeat in every row and so cannot each have a label of their own.

use crate::svg::{Element, TEXT, width};
use crate::theme::MUTED;

/// Font size of the text.
const SIZE: f64 = TEXT;
/// Distance of baselines.
const LEADING: f64 = 16.0;
/// Room for a sample, left of its text.
const SAMPLE: f64 = 18.0;
/// A line of a key is long, so what a font is wider than thought adds up; the widest common ones by this.
const WIDER: f64 = 1.08;

/// One entry: what draws the sample around a middle point, and what it means.
pub(crate) struct Entry<'a> {
    pub sample: Box<dyn Fn(f64, f64) -> Element + 'a>,
    pub text: String,
}

impl<'a> Entry<'a> {
    pub fn new(text: impl Into<String>, sample: impl Fn(f64, f64) -> Element + 'a) -> Self {
        Self { sample: Box::new(sample), text: text.into() }
    }
}

/// Draws the entries from the top left, as many on a line as fit; returns the height they take.
pub(crate) fn draw(body: &mut Element, entries: &[Entry<'_>], top: f64, room: f64) -> f64 {
    let (mut x, mut y) = (0.0, top + 8.0);
    for entry in entries {
        let needed = SAMPLE + WIDER * width(&entry.text, SIZE);
        if x > 0.0 && x + needed > room {
            (x, y) = (0.0, y + LEADING);
        }
        body.add((entry.sample)(x + SAMPLE / 2.0 - 2.0, y));
        body.add(Element::text(x + SAMPLE, y + 4.2, &entry.text).set("fill", MUTED.paint()));
        x += needed + 12.0;
    }
    y + 8.0 - top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_wrap_where_the_line_is_full() {
        let entry = |text: &str| Entry::new(text, |_, _| Element::group());
        let mut body = Element::group();
        assert_eq!(draw(&mut body, &[entry("ablated"), entry("sham")], 0.0, 340.0), 16.0);
        assert_eq!(draw(&mut body, &[entry("ablated"), entry("sham"), entry("retrained")], 0.0, 80.0), 48.0);
    }
}
