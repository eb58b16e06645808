//! A very small SVG builder.
//!
//! Text is escaped here and nowhere else: a token, a label or a study's name comes from a link that anyone can write, and the
//! page puts the figure into its document as it is.

use ablation_settings::visible;

use crate::number::coordinate;
use crate::theme::{FONT, INK, PAPER};
use std::fmt::Write;

/// Font size of text in figures of a report and in curves, in units. At their natural width a unit is a pixel, and text of less than 12 pixels is
/// hard to read.
pub(crate) const TEXT: f64 = 12.0;

/// An element under construction.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    tag: &'static str,
    attributes: String,
    content: String,
}

impl Element {
    /// An element without attributes or content.
    pub fn new(tag: &'static str) -> Self {
        Self { tag, attributes: String::new(), content: String::new() }
    }

    /// A group.
    pub fn group() -> Self {
        Self::new("g")
    }

    /// A path.
    pub fn path(d: &str) -> Self {
        Self::new("path").set("d", d)
    }

    /// A straight line.
    pub fn line(x1: f64, y1: f64, x2: f64, y2: f64) -> Self {
        Self::path(&format!("M{}L{}", point(x1, y1), point(x2, y2)))
    }

    /// A rectangle.
    pub fn rect(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self::new("rect").put("x", x).put("y", y).put("width", width).put("height", height)
    }

    /// Text at a baseline position.
    pub fn text(x: f64, y: f64, content: &str) -> Self {
        let mut element = Self::new("text").put("x", x).put("y", y);
        element.content = escape(content);
        element
    }

    /// Text with a list of horizontal positions, one for each character.
    pub fn text_at(positions: &str, y: f64, content: &str) -> Self {
        let mut element = Self::new("text").set("x", positions).put("y", y);
        element.content = escape(content);
        element
    }

    /// Sets an attribute to text.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let _ = write!(self.attributes, " {name}=\"{}\"", escape(value));
        self
    }

    /// Sets an attribute to a number, rounded to two decimals.
    pub fn put(self, name: &str, value: f64) -> Self {
        self.set(name, &coordinate(value, 2))
    }

    /// Adds a child.
    pub fn add(&mut self, child: Element) {
        child.write(&mut self.content);
    }

    /// Adds a child, for chains.
    pub fn with(mut self, child: Element) -> Self {
        self.add(child);
        self
    }

    fn write(&self, out: &mut String) {
        let Self { tag, attributes, content } = self;
        let _ = if content.is_empty() {
            write!(out, "<{tag}{attributes}/>")
        } else {
            write!(out, "<{tag}{attributes}>{content}</{tag}>")
        };
    }
}

/// A complete picture: `body` in a root element with its size, name and description. `data` are `data-*` attributes for the page.
pub(crate) fn document(
    width: f64,
    height: f64,
    title: &str,
    description: &str,
    data: &[(&str, String)],
    body: Element,
) -> String {
    document_of(TEXT, (width, height), title, description, data, body)
}

/// [`document`] with another font size.
pub(crate) fn document_of(
    text: f64,
    (width, height): (f64, f64),
    title: &str,
    description: &str,
    data: &[(&str, String)],
    body: Element,
) -> String {
    let mut root = Element::new("svg")
        .set("xmlns", "http://www.w3.org/2000/svg")
        .set("viewBox", &format!("0 0 {} {}", coordinate(width, 1), coordinate(height, 1)))
        .set("role", "img")
        .set("font-family", FONT)
        .put("font-size", text)
        .set("fill", INK.paint());
    for (name, value) in data {
        root = root.set(name, value);
    }
    let named = |tag, text: &str| {
        let mut element = Element::new(tag);
        element.content = escape(text);
        element
    };
    let root = root.with(named("title", title)).with(named("desc", description)).with(body);
    let mut out = String::new();
    root.write(&mut out);
    out
}

/// Text that stays readable where it crosses a line.
pub(crate) fn haloed(text: Element) -> Element {
    text.set("paint-order", "stroke").set("stroke", PAPER.paint()).set("stroke-width", "3").set("stroke-linejoin", "round")
}

/// `x y` with one decimal: a tenth of a unit is less than anyone sees, and curves are most of a figure's size.
pub(crate) fn point(x: f64, y: f64) -> String {
    format!("{} {}", coordinate(x, 1), coordinate(y, 1))
}

/// About how wide a text is, in units, at a font size. Fonts differ; this errs on the wide side for common sans-serif ones.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | 'I' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' | ' ' | '\u{a0}' | '(' | ')' | '['
        | ']' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '→' => 0.9,
        c if c.is_uppercase() => 0.69,
        c if (c as u32) > 0x2e80 => 1.0,
        _ => 0.57,
    };
    size * text.chars().map(em).sum::<f64>()
}

/// The text, or as much of it as fits `room` units at a font size, with an ellipsis.
pub(crate) fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut shorter: Vec<char> = text.chars().collect();
    while shorter.pop().is_some() {
        let text: String = shorter.iter().chain(&['…']).collect();
        if width(&text, size) <= room {
            return text;
        }
    }
    "…".into()
}

/// Escapes markup (single quotes stay: attributes are always in double ones). What would steer a reader, or is not allowed in XML, is shown as
/// an escape; two characters that are none become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(&text.replace(['\t', '\r'], " ")).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        let mut out = String::new();
        Element::text(0.0, 0.0, "<script>alert(\"1\")</script> & 'x'\u{0}").set("class", "a\"b").write(&mut out);
        assert_eq!(
            out,
            "<text x=\"0\" y=\"0\" class=\"a&quot;b\">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'x'\\u0000</text>"
        );
    }

    #[test]
    fn a_picture_has_a_name_a_description_and_a_size() {
        let svg = document(340.0, 200.0, "Loss", "It falls.", &[("data-x", "0,800".into())], Element::group());
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 340 200\" role=\"img\""));
        assert!(svg.contains("data-x=\"0,800\"><title>Loss</title><desc>It falls.</desc><g/></svg>"));
    }

    #[test]
    fn long_text_is_shortened_to_its_room() {
        assert_eq!(shortened("äöüäöü", 10.0, 25.0), "äöü…");
        assert_eq!(shortened("äöü", 10.0, 25.0), "äöü");
        assert_eq!(shortened("äöü", 10.0, 0.0), "…");
    }
}
