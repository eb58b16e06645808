//! What a file is that was handed in where JSON was asked for.
//!
//! "Expected value at line 1 column 1" helps nobody who has dropped a screenshot instead of a record. The first bytes of a file say what it is.

/// A kind of file, and how it begins.
struct Kind {
    name: &'static str,
    begins: fn(&[u8]) -> bool,
}

/// The kinds that are told apart; the first that fits is named.
const KINDS: [Kind; 11] = [
    Kind { name: "a PNG image", begins: |start| is_png(start) },
    Kind { name: "a JPEG image", begins: |start| start.starts_with(b"\xff\xd8\xff") },
    Kind { name: "a GIF image", begins: |start| start.starts_with(b"GIF8") },
    Kind { name: "a PDF", begins: |start| start.starts_with(b"%PDF") },
    Kind { name: "a zip archive", begins: |start| start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") },
    Kind { name: "a gzip archive", begins: |start| start.starts_with(b"\x1f\x8b") },
    Kind { name: "an SVG image", begins: |start| has_tag(start, "<svg") },
    Kind { name: "a web page", begins: |start| has_tag(start, "<!doctype html") || has_tag(start, "<html") },
    Kind { name: "a link", begins: is_link },
    Kind {
        name: "a study in TOML",
        begins: |start| first_line(start).is_some_and(|line| line.replace(' ', "").starts_with("version=")),
    },
    Kind { name: "a table (CSV)", begins: is_table },
];

/// What a file is by its first bytes, with an article, such as `a PNG image`; none if it may be JSON or nobody knows.
pub fn foreign(start: &[u8]) -> Option<&'static str> {
    const LOOKED_AT: usize = 1 << 10;
    let start = &start[..start.len().min(LOOKED_AT)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    KINDS.iter().find(|kind| (kind.begins)(start)).map(|kind| kind.name)
}

/// A browser that reads an image as text turns its first byte into U+FFFD.
fn is_png(start: &[u8]) -> bool {
    start.starts_with(b"\x89PNG") || start.starts_with("\u{fffd}PNG".as_bytes())
}

/// The text that the bytes begin with, in small letters.
fn text(start: &[u8]) -> String {
    String::from_utf8_lossy(start).trim_start().to_ascii_lowercase()
}

/// Whether the first tag of a page or of a drawing is this one. A declaration or a comment may stand before it.
fn has_tag(start: &[u8], tag: &str) -> bool {
    let text = text(start);
    text.starts_with(tag) || ((text.starts_with("<?xml") || text.starts_with("<!--")) && text.contains(tag))
}

fn is_link(start: &[u8]) -> bool {
    let text = text(start);
    ["https://", "http://", "#v="].iter().any(|scheme| text.starts_with(scheme))
}

fn first_line(start: &[u8]) -> Option<String> {
    text(start).lines().next().map(str::to_string)
}

/// A line of words between separators, which no JSON begins with.
fn is_table(start: &[u8]) -> bool {
    first_line(start).is_some_and(|line| {
        let separator = [',', ';', '\t'].into_iter().find(|separator| line.contains(*separator));
        !line.starts_with(['{', '[', '"']) && separator.is_some_and(|separator| line.split(separator).all(|cell| cell.len() < 40))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        for (start, name) in [
            (&b"\x89PNG\r\n\x1a\n"[..], "a PNG image"),
            ("\u{fffd}PNG\r\n".as_bytes(), "a PNG image"),
            (b"\xff\xd8\xff\xe0", "a JPEG image"),
            (b"%PDF-1.7", "a PDF"),
            (b"PK\x03\x04\x14\x00", "a zip archive"),
            (b"\x1f\x8b\x08", "a gzip archive"),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\">", "an SVG image"),
            (b"\n<!DOCTYPE html>\n<html>", "a web page"),
            (b"https://example.org/#v=2&preset=repeat", "a link"),
            (b"#v=2&preset=repeat", "a link"),
            (b"version = 2\n", "a study in TOML"),
            (b"component,arm,seed,value\n,reference,0,1.5\n", "a table (CSV)"),
            (b"\xef\xbb\xbfcomponent;arm;seed;value\r\n", "a table (CSV)"),
        ] {
            assert_eq!(foreign(start), Some(name), "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn json_is_no_other_file() {
        for text in ["", "{}", "[1,2]", " {\"a\": 1, \"b\": 2}", "\"a,b\"", "\u{feff}{\"a\":1}", "{", "hello"] {
            assert_eq!(foreign(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(start in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = foreign(&start);
        }
    }
}
