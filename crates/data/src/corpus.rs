//! A text that somebody brings, parted into what is trained on and what is held out.
//!
//! Sequences of one passage have words and names in common: were they divided one by one, a model would be tested on passages that it has
//! read. So whole passages are held out, and passages that are equal stay together. Which ones is decided by a hash of each passage: it
//! does not hang on their order in the file.

use std::collections::BTreeMap;

use ablation_random::Stream;

use crate::split::Split;

/// The largest text, in bytes of UTF-8.
pub(crate) const LARGEST: usize = 2_000_000;

/// Of so many parts of the text one is held out to choose on, and one to report.
const PARTS: usize = 10;

/// A text with fewer passages than this is parted another way.
const FEWEST: usize = 20;

/// The three parts of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// What is trained on.
    pub train: String,
    /// Held out, to choose on.
    pub tune: String,
    /// Held out, to report.
    pub test: String,
    /// How it was parted: `blank lines`, `lines` or `pieces of equal length`.
    pub parted: &'static str,
    /// How many passages it has.
    pub passages: usize,
    /// What was changed before it was read, as sentences.
    pub corrections: Vec<String>,
}

impl Corpus {
    /// Reads a text of which each part holds at least `least` characters.
    ///
    /// # Errors
    /// What is the matter with the text and the way out, as a part of a sentence: it is too large, is no text, or too short.
    pub fn read(bytes: &[u8], least: usize) -> Result<Self, String> {
        let (text, corrections) = decoded(bytes)?;
        let characters = text.chars().count();
        if text.trim().is_empty() {
            return Err("there is nothing in it but white space; give a text".into());
        }
        // A part has to be left to train on that is larger than what is held out.
        let needed = 4 * least;
        if characters < needed {
            return Err(format!(
                "it has {}, and sequences of this length need {needed}; give a longer text, or set a shorter sequence length",
                counted(characters)
            ));
        }
        let held_out = (characters / PARTS).max(least);
        let (parted, separator, passages) = passages(&text, held_out);
        let splits = assigned(&passages, held_out, separator);
        let part = |split: Split| {
            let own = passages.iter().zip(&splits).filter(|(_, other)| **other == split);
            own.map(|(passage, _)| *passage).collect::<Vec<_>>().join(separator)
        };
        let corpus = Corpus {
            train: part(Split::Train),
            tune: part(Split::Tune),
            test: part(Split::Test),
            parted,
            passages: passages.len(),
            corrections,
        };
        for split in [Split::Train, Split::Tune, Split::Test] {
            let found = corpus.part(split).chars().count();
            if found < least {
                return Err(format!(
                    "its passages repeat so often that of {} only {found} are left for the {} part, and sequences of this length need {least}; \
                     give a text with more different passages",
                    counted(characters),
                    split.name()
                ));
            }
        }
        Ok(corpus)
    }

    /// What a reader should know of it, as sentences.
    pub fn notes(&self) -> Vec<String> {
        let sizes = [&self.train, &self.tune, &self.test].map(|part| part.chars().count());
        let [train, tune, test] = sizes;
        let mut notes = self.corrections.clone();
        notes.push(format!(
            "{} in {} passages, parted at {}: {train} to train on, {tune} to choose on, {test} to test with.",
            counted(sizes.iter().sum()),
            self.passages,
            self.parted
        ));
        notes
    }

    /// The text of a split.
    pub fn part(&self, split: Split) -> &str {
        match split {
            Split::Train => &self.train,
            Split::Tune => &self.tune,
            Split::Test => &self.test,
        }
    }
}

/// So many characters, in words.
pub(crate) fn counted(characters: usize) -> String {
    format!("{characters} character{}", if characters == 1 { "" } else { "s" })
}

/// Bytes as text with line feeds, and what was changed for it.
fn decoded(bytes: &[u8]) -> Result<(String, Vec<String>), String> {
    if bytes.len() > LARGEST {
        let (megabytes, most) = (bytes.len() as f64 / 1e6, LARGEST / 1_000_000);
        return Err(format!("it has {megabytes:.1} MB, and a text has at most {most} MB; give a part of it"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!("it is no text in UTF-8 (byte {} is none); save it as UTF-8, or give another file", error.valid_up_to() + 1)
    })?;
    if text.contains('\0') {
        return Err(
            "it holds the character 0, which no text does: it is a binary file, or text in UTF-16; save it as UTF-8".into()
        );
    }
    let mut corrections = Vec::new();
    let without_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    if without_mark.len() < text.len() {
        corrections.push("The byte order mark at the beginning was left out.".to_string());
    }
    let mut text = without_mark.to_string();
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
        corrections.push("Line ends were read as line feeds.".to_string());
    }
    Ok((text, corrections))
}

/// How a text is parted, what stands between two passages, and the passages: at blank lines, at lines where there are few of these, and in
/// pieces of equal length where there are few lines. A text is parted so only if no passage is larger than what is held out.
fn passages(text: &str, held_out: usize) -> (&'static str, &'static str, Vec<&str>) {
    let fits = |passages: &[&str]| passages.len() >= FEWEST && passages.iter().all(|passage| passage.chars().count() <= held_out);
    let paragraphs = paragraphs(text);
    if fits(&paragraphs) {
        return ("blank lines", "\n\n", paragraphs);
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    if fits(&lines) {
        return ("lines", "\n", lines);
    }
    let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
    // Half of what is held out: at least two pieces make up each held-out part.
    let pieces = starts.chunks((held_out / 2).max(1));
    let ends = pieces.clone().skip(1).map(|piece| piece[0]).chain([text.len()]);
    ("pieces of equal length", "", pieces.zip(ends).map(|(piece, end)| &text[piece[0]..end]).collect())
}

/// What stands between blank lines.
fn paragraphs(text: &str) -> Vec<&str> {
    let (mut found, mut begun, mut place) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            found.extend(begun.take().map(|start: usize| text[start..place].trim_end()));
        } else {
            begun.get_or_insert(place);
        }
        place += line.len();
    }
    found.extend(begun.map(|start| text[start..].trim_end()));
    found
}

/// The split of each passage. In the order of their hashes, equal ones together, passages are held out to choose on until there are
/// `held_out` characters, then as many to report; the others are trained on.
fn assigned(passages: &[&str], held_out: usize, separator: &str) -> Vec<Split> {
    let root = Stream::root(0).at("passages");
    let mut places: BTreeMap<(u64, &str), Vec<usize>> = BTreeMap::new();
    for (place, passage) in passages.iter().enumerate() {
        places.entry((root.at(passage).draws().u64(), passage)).or_default().push(place);
    }
    let mut splits = vec![Split::Train; passages.len()];
    let mut held = [(Split::Tune, 0), (Split::Test, 0)];
    for ((_, passage), places) in &places {
        let Some((split, characters)) = held.iter_mut().find(|(_, characters)| *characters < held_out) else { break };
        *characters += places.len() * (passage.chars().count() + separator.len());
        places.iter().for_each(|&place| splits[place] = *split);
    }
    splits
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A text of so many different paragraphs.
    fn text(paragraphs: usize) -> String {
        (0..paragraphs).map(|n| format!("Paragraph number {n} says that {} is odd.\n\n", 2 * n + 1)).collect()
    }

    fn error(bytes: &[u8]) -> String {
        Corpus::read(bytes, 17).unwrap_err()
    }

    #[test]
    fn every_passage_is_in_one_part_whatever_its_place_in_the_file() {
        let whole = text(200);
        let corpus = Corpus::read(whole.as_bytes(), 17).unwrap();
        assert_eq!((corpus.parted, corpus.passages), ("blank lines", 200));
        let parts =
            [Split::Train, Split::Tune, Split::Test].map(|split| corpus.part(split).split("\n\n").collect::<BTreeSet<_>>());
        assert!(parts[0].is_disjoint(&parts[1]) && parts[0].is_disjoint(&parts[2]) && parts[1].is_disjoint(&parts[2]));
        assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), 200);
        let characters = whole.chars().count();
        for held_out in [&corpus.tune, &corpus.test] {
            let share = held_out.chars().count() as f64 / characters as f64;
            assert!((0.09..0.12).contains(&share), "{share}");
        }
        let reversed = whole.split("\n\n").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n\n");
        let other = Corpus::read(reversed.as_bytes(), 17).unwrap();
        assert_eq!(other.test.split("\n\n").collect::<BTreeSet<_>>(), parts[2]);
    }

    #[test]
    fn passages_that_are_equal_stay_together() {
        let twice = text(100) + &text(100);
        let corpus = Corpus::read(twice.as_bytes(), 17).unwrap();
        let parts = [&corpus.train, &corpus.tune, &corpus.test].map(|part| part.split("\n\n").collect::<BTreeSet<_>>());
        assert!(parts[0].is_disjoint(&parts[1]) && parts[0].is_disjoint(&parts[2]) && parts[1].is_disjoint(&parts[2]));
        let message = error("The same line again.\n\n".repeat(300).as_bytes());
        assert!(message.contains("repeat so often") && message.contains("more different passages"), "{message}");
    }

    #[test]
    fn a_text_without_blank_lines_is_parted_at_lines_or_in_pieces() {
        let lines = text(60).replace("\n\n", "\n");
        assert_eq!(Corpus::read(lines.as_bytes(), 17).unwrap().parted, "lines");
        let one_line = lines.replace('\n', " ");
        let corpus = Corpus::read(one_line.as_bytes(), 17).unwrap();
        assert_eq!(corpus.parted, "pieces of equal length");
        let all = [&corpus.train, &corpus.tune, &corpus.test].map(|part| part.chars().count());
        assert_eq!(all.iter().sum::<usize>(), one_line.chars().count());
        // One long paragraph among short ones would be most of a part.
        let uneven = text(30) + &"A long paragraph. ".repeat(100);
        assert_eq!(Corpus::read(uneven.as_bytes(), 17).unwrap().parted, "pieces of equal length");
    }

    #[test]
    fn characters_of_any_script_are_counted_as_characters() {
        let emoji = "👩‍🔬🧪🎉".repeat(50);
        let corpus = Corpus::read(emoji.as_bytes(), 17);
        // Repeated pieces are equal ones; what is parted is never cut within a character.
        assert!(corpus.is_ok_and(|corpus| corpus.parted == "pieces of equal length"));
        let hebrew: String = (0..80).map(|n| format!("שורה מספר {n} בטקסט הזה.\n")).collect();
        assert_eq!(Corpus::read(hebrew.as_bytes(), 17).unwrap().parted, "lines");
    }

    #[test]
    fn what_is_no_text_is_refused_with_the_way_out() {
        assert!(error(b"").contains("nothing in it but white space; give a text"));
        assert!(error(" \n\t ".repeat(1000).as_bytes()).contains("nothing in it but white space"));
        assert!(error(b"a").contains("it has 1 character, and sequences of this length need 68; give a longer text"));
        assert!(error(&[0x89, b'P', b'N', b'G', 0xff]).contains("no text in UTF-8 (byte 1 is none)"));
        assert!(error(b"G\0r\0e\0e\0k\0").contains("text in UTF-16; save it as UTF-8"));
        assert!(error(&vec![b'a'; 10_000_000]).contains("it has 10.0 MB, and a text has at most 2 MB; give a part of it"));
        assert!(Corpus::read(&text(60_000).as_bytes()[..LARGEST], 17).is_ok());
    }

    #[test]
    fn what_was_changed_is_said() {
        let plain = text(60);
        let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
        let [corpus, changed] = [&plain, &windows].map(|text| Corpus::read(text.as_bytes(), 17).unwrap());
        assert_eq!(corpus.corrections, Vec::<String>::new());
        assert_eq!(changed.corrections.len(), 2);
        assert_eq!(Corpus { corrections: vec![], ..changed }, corpus, "it is the same text");
    }

    #[test]
    fn the_shortest_text_has_a_sequence_in_every_part() {
        for length in [68, 69, 75, 100, 170] {
            let letters: String = (0..length).map(|n| char::from(b'a' + (n * n % 26) as u8)).collect();
            let corpus = Corpus::read(letters.as_bytes(), 17).unwrap();
            assert!([&corpus.train, &corpus.tune, &corpus.test].iter().all(|part| part.chars().count() >= 17), "{length}");
        }
    }
}
