//! Text that somebody brings, character by character; a text written for this project where nobody brings one.

use std::collections::BTreeMap;

use ablation_settings::{Field, Group, Settings, arrange_by_key};

use super::{Entry, never};
use crate::about::{About, Score};
use crate::corpus::{Corpus, counted};
use crate::data::Data;
use crate::encoded;
use crate::error::DataError;
use crate::split::Split;
use crate::text::{NONE, Read, Text};

/// SHA-256 of the text that is read when nothing is said: `static/corpora/miller-street.txt`.
pub(crate) const BUILT_IN: &str = "f0665f92cd8e844691fd7ec5ef30a25d1722d7cbfe3b0b8e51d871a9e12a2f50";

/// The largest vocabulary, in tokens.
const LARGEST_VOCABULARY: i64 = 256;

/// The token of every character that is not in the vocabulary.
const UNKNOWN: u32 = 0;

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit: never, start: None };

const HARDER: &[(&str, &str)] = &[];

const ABOUT: About = About {
    name: "text",
    label: "Your own text",
    help: "Passages of a text, character by character. The model predicts the next character; whole passages are held out.",
    score: Score::BITS,
};

fn fields() -> Vec<Field> {
    let help = "The text, by the SHA-256 of its file; the text that comes with the program where none is given.";
    vec![Field::file("data.corpus", Group::Data, "Text", help, BUILT_IN), length(), vocabulary()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Text::new(&ABOUT, settings, [&length(), &vocabulary()], characters)?))
}

fn length() -> Field {
    let help = "Characters in an example, from anywhere in the text.";
    Field::integer("data.length", Group::Data, "Sequence length", help, (8, 256), 64).in_unit("characters")
}

fn vocabulary() -> Field {
    let help = "Tokens (vocabulary size): the most frequent characters of the training part, and one for every other, which is not asked for.";
    Field::integer("data.vocabulary", Group::Data, "Vocabulary size", help, (4, LARGEST_VOCABULARY), 64).in_unit("tokens")
}

/// Reads a text as characters: the most frequent of its training part are tokens.
fn characters(bytes: &[u8], vocabulary: usize, least: usize) -> Result<Read, String> {
    if encoded::is_encoded(bytes) {
        return Err("it is an encoded text; choose the data set `tokens`, which reads it".into());
    }
    let corpus = Corpus::read(bytes, least)?;
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    corpus.train.chars().for_each(|character| *counts.entry(character).or_default() += 1);
    let mut ranked: Vec<(char, usize)> = counts.into_iter().collect();
    // The most frequent first; of those that are as frequent the one that comes first in Unicode.
    arrange_by_key(&mut ranked, |&(character, count)| (std::cmp::Reverse(count), character));
    let different = ranked.len();
    ranked.truncate(vocabulary - 1);
    let tokens: BTreeMap<char, u32> = ranked.iter().map(|(character, _)| *character).zip(1..).collect();
    let part =
        |text: &str| -> Vec<u32> { text.chars().map(|character| tokens.get(&character).copied().unwrap_or(UNKNOWN)).collect() };
    let mut read = Read {
        pieces: std::iter::once(NONE).chain(ranked.into_iter().map(|(character, _)| character)).map(String::from).collect(),
        unknown: Some(UNKNOWN),
        tokens_per_character: 1.0,
        train: part(&corpus.train),
        tune: part(&corpus.tune),
        test: part(&corpus.test),
        notes: Vec::new(),
    };
    for split in [Split::Train, Split::Tune, Split::Test] {
        let known = read.asked(split);
        if known < least {
            return Err(format!(
                "of the {} part {} of {} are among the {} that a model is asked for, the most frequent of the training part; set a larger \
                 vocabulary, or give a text that repeats its characters",
                split.name(),
                known,
                counted(read.part(split).len()),
                read.pieces.len() - 1
            ));
        }
    }
    read.notes = corpus.notes();
    let unknown = read.unknowns();
    if unknown > 0 {
        let total = read.train.len() + read.tune.len() + read.test.len();
        read.notes.push(unknown_noted(unknown, total, read.pieces.len(), different));
    }
    Ok(read)
}

/// What a reader should know of `unknown` characters of `total`, in a vocabulary of `size` tokens and a training part of `different`
/// characters. A larger vocabulary helps only where this one is full.
fn unknown_noted(unknown: usize, total: usize, size: usize, different: usize) -> String {
    let known = size - 1;
    let is_full = known < different;
    let share = 100.0 * unknown as f64 / total as f64;
    let share = if share < 0.01 { "less than 0.01 %".to_string() } else { format!("{share:.2} %") };
    let (are, they) = if unknown == 1 { ("is", "It is") } else { ("are", "They are") };
    let where_from = match is_full {
        true => format!("{are} not among the {known} most frequent of the training part"),
        false => format!("{are} not in the training part"),
    };
    let way_out = match is_full && (size as i64) < LARGEST_VOCABULARY {
        true => "; a larger vocabulary has fewer of them",
        false => "",
    };
    format!("{} ({share}) {where_from}. {they} read as one unknown token and not asked for{way_out}.", counted(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tests::sequence;
    use crate::files::Files;
    use ablation_random::Stream;
    use std::collections::BTreeSet;

    /// One text, whatever it is asked for as.
    struct One(Vec<u8>);

    impl Files for One {
        fn corpus(&self, _: &str) -> Option<&[u8]> {
            Some(&self.0)
        }
    }

    fn settings(length: i64, vocabulary: i64) -> Settings {
        let settings = Settings::default().with("data.corpus", BUILT_IN);
        settings.with("data.length", length).with("data.vocabulary", vocabulary)
    }

    fn opened(text: &str, length: i64, vocabulary: i64) -> Result<Box<dyn Data>, DataError> {
        let mut data = build(&settings(length, vocabulary))?;
        data.read(&One(text.as_bytes().to_vec()))?;
        Ok(data)
    }

    fn paragraphs(count: usize) -> String {
        (0..count).map(|n| format!("Paragraph {n} says that {} is odd, and so it is.\n\n", 2 * n + 1)).collect()
    }

    const STORY: &str = include_str!("../../../../static/corpora/miller-street.txt");

    /// Tokens of an example, the last one asked for included, as text.
    fn text(data: &dyn Data, split: Split, index: u64) -> String {
        let (tokens, targets) = sequence(data, &Stream::root(1).at("data"), split, index);
        let tokens: Vec<u32> = tokens.into_iter().chain(targets.last().copied().flatten()).collect();
        data.written(&tokens).unwrap()
    }

    #[test]
    fn every_character_asks_for_the_next() {
        let data = opened(STORY, 64, 64).unwrap();
        for (split, index) in
            [Split::Train, Split::Tune, Split::Test].into_iter().flat_map(|split| (0..50).map(move |n| (split, n)))
        {
            let (tokens, targets) = sequence(&*data, &Stream::root(1).at("data"), split, index);
            assert_eq!((tokens.len(), targets.len()), (64, 64));
            // What is held out may hold a character that the training part has not.
            assert!((1..64).all(|place| targets[place - 1] == Some(tokens[place]).filter(|token| *token != UNKNOWN)));
            assert!(targets.iter().flatten().count() > 60);
        }
        let shown: BTreeSet<String> = (0..64).map(|token| data.token(token)).collect();
        assert!(shown.contains("¶") && shown.contains("␣") && shown.contains("e"));
    }

    #[test]
    fn what_is_held_out_is_nowhere_in_what_is_trained_on() {
        let text_of = paragraphs(300);
        let data = opened(&text_of, 64, 64).unwrap();
        let number = |text: &str| {
            text.split("Paragraph ")
                .skip(1)
                .filter_map(|rest| rest.split_once(' '))
                .map(|(n, _)| n.to_string())
                .collect::<Vec<_>>()
        };
        let numbers = |split| (0..400).flat_map(|index| number(&text(&*data, split, index))).collect::<BTreeSet<_>>();
        let [train, tune, test] = [Split::Train, Split::Tune, Split::Test].map(numbers);
        assert!(train.len() > 150 && tune.len() > 15 && test.len() > 15, "{} {} {}", train.len(), tune.len(), test.len());
        assert!(train.is_disjoint(&test) && train.is_disjoint(&tune) && tune.is_disjoint(&test));
    }

    #[test]
    fn rare_characters_are_one_token_that_is_not_asked_for() {
        let data = opened(STORY, 64, 8).unwrap();
        assert_eq!(data.written(&[UNKNOWN, 1]).unwrap().chars().count(), 2);
        let examples = (0..20).map(|index| sequence(&*data, &Stream::root(1).at("data"), Split::Train, index));
        for (tokens, targets) in examples {
            assert!((1..64).all(|place| targets[place - 1] == Some(tokens[place]).filter(|token| *token != UNKNOWN)));
        }
    }

    #[test]
    fn what_is_not_in_the_vocabulary_is_said_with_a_way_out_where_there_is_one() {
        let notes = |text: &str, vocabulary: i64| opened(text, 64, vocabulary).unwrap().notes().join(" ");
        let full = notes(STORY, 8);
        assert!(full.contains("are not among the 7 most frequent of the training part"), "{full}");
        assert!(full.ends_with("not asked for; a larger vocabulary has fewer of them."), "{full}");
        // Each of three hundred numbers stands in one passage, so what is held out has digits and letters that are all known.
        assert!(!notes(&paragraphs(300), 64).contains("unknown"));
        // A mark of its own in each passage: those that are held out are nowhere else, and no vocabulary would have them.
        let marked: String = ('\u{3b1}'..)
            .take(40)
            .zip(0..)
            .map(|(mark, n)| format!("Paragraph {n} {mark} says that it is so, and so it is.\n\n"))
            .collect();
        let own = notes(&marked, 128);
        assert!(own.contains("not in the training part. ") && own.ends_with("unknown token and not asked for."), "{own}");
        assert!(!own.contains("larger vocabulary"), "{own}");
        // 400 letters, each as often: the largest vocabulary cannot be made larger.
        let letters: Vec<char> = ('\u{4e00}'..).take(400).collect();
        let lines: String =
            (0..400_usize).map(|n| format!("{}\n", letters.iter().cycle().skip(37 * n).take(30).collect::<String>())).collect();
        let largest = notes(&lines, LARGEST_VOCABULARY);
        assert!(largest.contains("most frequent") && !largest.contains("larger vocabulary"), "{largest}");
    }

    #[test]
    fn a_text_that_is_encoded_is_sent_to_its_data_set() {
        let message =
            opened(include_str!("../../../../static/corpora/miller-street.tokens.json"), 64, 64).err().unwrap().to_string();
        assert!(message.contains("choose the data set `tokens`"), "{message}");
    }

    #[test]
    fn one_character_that_is_not_known_is_one() {
        let one = unknown_noted(1, 100_000, 64, 1000);
        assert!(one.starts_with("1 character (less than 0.01 %) is not among the") && one.contains("It is read"), "{one}");
        assert!(unknown_noted(2, 100, 64, 1000).starts_with("2 characters (2.00 %) are not"));
    }

    /// Were no two characters the same, next to nothing would be asked for.
    #[test]
    fn a_text_of_which_next_to_nothing_is_known_is_refused() {
        let text: String = ('\u{4e00}'..).take(4000).collect();
        let message = opened(&text, 16, 8).err().unwrap().to_string();
        assert!(message.contains("of the train part 7 of") && message.contains("set a larger vocabulary"), "{message}");
    }

    #[test]
    fn the_constant_predictor_reaches_the_entropy_of_letters() {
        let constant = opened(STORY, 64, 64).unwrap().constant();
        assert!((4.0..4.6).contains(&constant.score), "the entropy of English letters and spaces: {constant:?}");
        assert!((constant.score * std::f64::consts::LN_2 - constant.loss).abs() < 1e-12);
    }

    #[test]
    fn a_text_that_is_not_here_is_named_and_nothing_is_asked_for_before_it_is_read() {
        struct Nothing;
        impl Files for Nothing {
            fn corpus(&self, _: &str) -> Option<&[u8]> {
                None
            }
        }
        let mut data = build(&settings(16, 8)).unwrap();
        let (tokens, targets) = sequence(&*data, &Stream::root(1).at("data"), Split::Train, 0);
        assert_eq!((tokens, targets), (vec![UNKNOWN; 16], vec![None; 16]));
        let message = data.read(&Nothing).unwrap_err().to_string();
        assert_eq!(message, format!("the corpus {BUILT_IN} cannot be used: it is not here; give the file"));
        let short = opened("Too short.", 64, 64).err().unwrap().to_string();
        assert!(short.contains("it has 10 characters, and sequences of this length need 260"), "{short}");
    }

    #[test]
    fn scripts_of_any_direction_and_emoji_are_characters() {
        let hebrew: String = (0..200).map(|n| format!("שורה מספר {n} בטקסט הזה 👩‍🔬🎉.\n")).collect();
        let data = opened(&hebrew, 32, 64).unwrap();
        assert!((0..20).any(|index| text(&*data, Split::Test, index).contains('ש')));
        assert!(data.constant().loss.is_finite());
    }

    /// If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let data = opened(STORY, 32, 64).unwrap();
        let found = [(Split::Train, 0), (Split::Tune, 1), (Split::Test, 2)].map(|(split, index)| text(&*data, split, index));
        assert_eq!(
            found,
            ["k, because he could think of no b", "t remember what it had been about", "obody knew whose it was. It came "]
        );
    }
}
