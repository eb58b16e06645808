//! Stories: small English-like stories, character by character, from a grammar whose entropy is known.
//!
//! Text is the one task here that cannot be solved exactly: how a sentence goes on is chance. How much of it is chance is known for no corpus;
//! of a grammar it can be computed, so a loss can be compared with the best possible one. A story remembers a name, a colour and a thing, and
//! comes back to them sentences later: what a model of the last few characters cannot know. Stories as data for small models are due
//! to Eldan & Li (2023), <https://arxiv.org/abs/2305.07759>; grammars as data with a known truth to Allen-Zhu & Li (2023),
//! <https://arxiv.org/abs/2305.13673>.
//!
//! # The entropy
//!
//! At each place of a story the grammar has a list of texts, none of which begins with another, so what was read decides which places the story
//! may be at: all the texts of one list that begin so. These states and the chances of the next character in them are a Markov chain. The
//! best possible loss is the entropy of the next character in each state, weighted with the probability of the state, over all positions.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise, surprise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::split::Split;

/// Every character of every story; the place of a character is its token.
const ALPHABET: &str = "\n .ABHLMSTabcdefghiklmnoprstuwxy";

/// Names, each with its pronoun.
const NAMES: [[&str; 2]; 6] = [["Anna", "She"], ["Ben", "He"], ["Mia", "She"], ["Tom", "He"], ["Lily", "She"], ["Max", "He"]];

const COLOURS: [&str; 6] = ["red", "blue", "green", "white", "black", "pink"];

const THINGS: [&str; 6] = ["ball", "cat", "dog", "kite", "fish", "boat"];

const VERBS: [&str; 4] = ["runs", "sings", "sleeps", "laughs"];

/// The beginnings of stories.
#[derive(Clone, Debug)]
pub struct Stories {
    length: u32,
    words: u32,
    /// The characters.
    answers: Answers,
    /// Computed when somebody asks.
    known: OnceCell<Known>,
}

/// What the grammar says of the targets.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    /// Mean entropy of a target given all characters before it, in nats.
    entropy: f64,
    /// How often each character is a target, before label noise.
    frequencies: Vec<f64>,
}

/// Where a story is, and what it remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    place: Place,
    name: usize,
    colour: usize,
    thing: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The name of a new story.
    #[default]
    Name,
    /// The colour of the thing.
    Colour,
    /// The thing.
    Thing,
    /// Another sentence, or the end.
    Sentence,
    /// What somebody likes.
    Liked,
    /// How the thing is.
    Quality,
    /// What somebody does.
    Verb,
}

/// A way to go on: a text, how often it is chosen relative to the others, and where the story is afterwards.
type Way = (String, u32, State);

/// Characters that may come next, each with its probability and the node after it.
type Node = Vec<(u32, f64, usize)>;

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] = &[("data.words", "more words to remember"), ("data.length", "longer stories"), NOISE];

const ABOUT: About = About {
    name: "stories",
    label: "Stories",
    help: "Small stories from a grammar, character by character. The model predicts the next character; the grammar's entropy is the best possible loss.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: its alphabet is what it is.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    (tokens == ALPHABET.len()).then(|| Settings::default().with("data.length", length as i64))
}

fn fields() -> Vec<Field> {
    vec![length(), words(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Stories::from_settings(settings)?))
}

fn length() -> Field {
    let help = "Characters in an example, from the beginning of a story on.";
    Field::integer("data.length", Group::Data, "Sequence length", help, (16, 128), 64).in_unit("characters")
}

fn words() -> Field {
    let help = "Number of different names, of colours and of things.";
    Field::integer("data.words", Group::Data, "Words", help, (2, NAMES.len() as i64), 4).in_unit("words")
}

impl Stories {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, ALPHABET.len() as u32)?;
        Ok(Self { length: integer(settings, &length())?, words: integer(settings, &words())?, answers, known: OnceCell::new() })
    }

    /// The grammar: how a story may go on. No text of a list begins with another one of it.
    fn ways(&self, state: State) -> Vec<Way> {
        let State { name, colour, thing, .. } = state;
        let words = 0..self.words as usize;
        let at = |place| State { place, ..state };
        let ([name, pronoun], colour, thing) = (NAMES[name], COLOURS[colour], THINGS[thing]);
        match state.place {
            Place::Name => {
                words.map(|name| (format!("{} has a ", NAMES[name][0]), 1, State { name, ..at(Place::Colour) })).collect()
            }
            Place::Colour => {
                words.map(|colour| (format!("{} ", COLOURS[colour]), 1, State { colour, ..at(Place::Thing) })).collect()
            }
            Place::Thing => {
                words.map(|thing| (format!("{}. ", THINGS[thing]), 1, State { thing, ..at(Place::Sentence) })).collect()
            }
            Place::Sentence => vec![
                (format!("{pronoun} likes "), 1, at(Place::Liked)),
                (format!("The {thing} is "), 1, at(Place::Quality)),
                (format!("{name} "), 1, at(Place::Verb)),
                ("The end.\n".to_string(), 1, State::default()),
            ],
            Place::Liked => {
                vec![("it. ".to_string(), 1, at(Place::Sentence)), (format!("the {thing}. "), 1, at(Place::Sentence))]
            }
            Place::Quality => vec![
                (format!("{colour}. "), 2, at(Place::Sentence)),
                ("small. ".to_string(), 1, at(Place::Sentence)),
                ("tall. ".to_string(), 1, at(Place::Sentence)),
            ],
            Place::Verb => VERBS.map(|verb| (format!("{verb}. "), 1, at(Place::Sentence))).to_vec(),
        }
    }

    /// The Markov chain of the characters; the first node is the beginning of a story. A node is what may still come of one list of ways.
    fn chain(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = vec![Node::new()];
        // The node at which each state begins, and the nodes still to be made: the ways that are left and how much of them was read.
        let mut begins = BTreeMap::from([(State::default(), 0)]);
        let mut open: Vec<(usize, Vec<Way>, usize)> = vec![(0, self.ways(State::default()), 0)];
        while let Some((node, ways, read)) = open.pop() {
            let total: u32 = ways.iter().map(|(_, weight, _)| weight).sum();
            let mut by_next: BTreeMap<u32, Vec<Way>> = BTreeMap::new();
            for way in ways {
                by_next.entry(token_of(way.0.as_bytes()[read])).or_default().push(way);
            }
            for (token, ways) in by_next {
                let weight: u32 = ways.iter().map(|(_, weight, _)| weight).sum();
                let ended = ways.iter().find(|(text, ..)| text.len() == read + 1).map(|(.., state)| *state);
                let fresh = nodes.len();
                let next = match ended {
                    Some(state) => *begins.entry(state).or_insert(fresh),
                    None => fresh,
                };
                if next == fresh {
                    nodes.push(Node::new());
                    open.push(ended.map_or((next, ways, read + 1), |state| (next, self.ways(state), 0)));
                }
                nodes[node].push((token, f64::from(weight) / f64::from(total), next));
            }
        }
        nodes
    }

    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let nodes = self.chain();
            let after = |chances: &[f64]| {
                let mut after = vec![0.0; nodes.len()];
                for (chance, node) in chances.iter().zip(&nodes) {
                    node.iter().for_each(|&(_, probability, next)| after[next] += chance * probability);
                }
                after
            };
            let entropies: Vec<f64> = nodes.iter().map(|node| self.entropy(node)).collect();
            // The first character is read and not asked for.
            let mut chances = vec![0.0; nodes.len()];
            chances[0] = 1.0;
            let (mut entropy, mut frequencies) = (0.0, vec![0.0; ALPHABET.len()]);
            for _ in 0..self.length {
                chances = after(&chances);
                for ((chance, node), own) in chances.iter().zip(&nodes).zip(&entropies) {
                    entropy += chance * own;
                    node.iter().for_each(|&(token, probability, _)| frequencies[token as usize] += chance * probability);
                }
            }
            let length = f64::from(self.length);
            frequencies.iter_mut().for_each(|frequency| *frequency /= length);
            Known { entropy: entropy / length, frequencies }
        })
    }

    /// Entropy of the target after a node, label noise included.
    fn entropy(&self, node: &Node) -> f64 {
        let likely: f64 = node.iter().map(|&(_, probability, _)| surprise(self.answers.observed(probability))).sum();
        likely + (ALPHABET.len() - node.len()) as f64 * surprise(self.answers.observed(0.0))
    }
}

/// The token of a character of the alphabet.
fn token_of(character: u8) -> u32 {
    ALPHABET.bytes().position(|other| other == character).unwrap_or_default() as u32
}

impl Data for Stories {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn layout(&self) -> Layout {
        Layout::Tokens { length: self.length as usize, vocabulary: ALPHABET.len(), visibility: Visibility::Causal }
    }

    /// Each character asks for the one after it; the last one is asked for and not read.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let length = self.length as usize;
        let (mut text, mut state) = (String::new(), State::default());
        while text.len() <= length {
            let ways = self.ways(state);
            let total: u32 = ways.iter().map(|(_, weight, _)| weight).sum();
            let mut drawn = draws.below(u64::from(total)) as u32;
            for (way, weight, next) in ways {
                if drawn < weight {
                    text.push_str(&way);
                    state = next;
                    break;
                }
                drawn -= weight;
            }
        }
        let tokens: Vec<u32> = text.bytes().take(length + 1).map(token_of).collect();
        let mut targets: Vec<_> = tokens[1..].iter().copied().map(Some).collect();
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens: tokens[..length].to_vec(), targets }
    }

    /// The character; a space and the end of a story as signs that can be seen.
    fn token(&self, token: u32) -> String {
        match ALPHABET.chars().nth(token as usize) {
            Some('\n') => "¶".to_string(),
            Some(' ') => "␣".to_string(),
            Some(character) => character.to_string(),
            None => token.to_string(),
        }
    }

    /// It knows how often each character comes.
    fn constant(&self) -> ConstantPredictor {
        self.answers.constant(&self.known().frequencies)
    }

    fn floor(&self) -> Option<f64> {
        Some(self.known().entropy)
    }

    fn needs(&self) -> Vec<Need> {
        let attention =
            "a word is spelt and a name is remembered from earlier characters, and only attention reads other positions";
        vec![
            Need::yes("embed", "without it the model does not see the characters"),
            Need::yes("blocks.*.attn", attention),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{is_mean, targets_have_probabilities};
    use crate::data::tests::sequence;
    use ablation_random::Stream;
    use std::collections::BTreeSet;

    fn data(length: i64, words: i64, noise: f64) -> Result<Stories, DataError> {
        let settings = Settings::default().with("data.length", length).with("data.words", words);
        Stories::from_settings(&settings.with("data.label_noise", noise))
    }

    /// The characters that are read, and the last one asked for.
    fn text(data: &Stories, seed: u64, split: Split, index: u64) -> String {
        let (tokens, targets) = sequence(data, &Stream::root(seed).at("data"), split, index);
        let tokens = tokens.into_iter().chain(targets.last().copied().flatten());
        tokens.map(|token| ALPHABET.chars().nth(token as usize).unwrap()).collect()
    }

    /// All states that a story can be in.
    fn states(data: &Stories) -> BTreeSet<State> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![State::default()]);
        while let Some(state) = open.pop() {
            if seen.insert(state) {
                open.extend(data.ways(state).into_iter().map(|(.., next)| next));
            }
        }
        seen
    }

    #[test]
    fn the_grammar_is_unambiguous_and_uses_the_whole_alphabet() {
        let data = data(64, 6, 0.0).unwrap();
        let mut used = BTreeSet::new();
        for state in states(&data) {
            let ways = data.ways(state);
            for (place, (text, weight, _)) in ways.iter().enumerate() {
                assert!(!text.is_empty() && *weight > 0);
                let others = ways.iter().enumerate().filter(|(other, _)| *other != place);
                assert!(others.into_iter().all(|(_, (other, ..))| !other.starts_with(text)), "{state:?}: {text:?}");
                used.extend(text.chars());
            }
        }
        assert_eq!(used.into_iter().collect::<String>(), ALPHABET);
        assert_eq!(["\n", " ", "A"].map(|one| data.token(token_of(one.as_bytes()[0]))), ["¶", "␣", "A"]);
    }

    #[test]
    fn every_character_asks_for_the_next() {
        for (length, words) in [(16, 2), (64, 4), (128, 6)] {
            let data = data(length, words, 0.0).unwrap();
            let mut names = BTreeSet::new();
            for index in 0..200 {
                let (tokens, targets) = sequence(&data, &Stream::root(1).at("data"), Split::Train, index);
                assert_eq!((tokens.len(), targets.len()), (length as usize, length as usize));
                assert!(
                    (1..tokens.len()).all(|place| targets[place - 1] == Some(tokens[place])) && targets.last().unwrap().is_some()
                );
                names.extend(text(&data, 1, Split::Train, index).split(' ').next().map(str::to_string));
            }
            assert_eq!(names.len(), words as usize);
        }
    }

    /// The probability of all stories from a state on that begin with a text: the sum over all ways of reading it. It shares with the
    /// chain of the characters only the grammar.
    fn probability(data: &Stories, state: State, text: &str) -> f64 {
        let ways = data.ways(state);
        let total: u32 = ways.iter().map(|(_, weight, _)| weight).sum();
        let of_way = |(way, weight, next): Way| {
            let rest = match text.strip_prefix(way.as_str()) {
                Some("") => 1.0,
                Some(rest) => probability(data, next, rest),
                None => f64::from(u8::from(way.starts_with(text))),
            };
            f64::from(weight) / f64::from(total) * rest
        };
        ways.into_iter().map(of_way).sum()
    }

    #[test]
    fn a_predictor_that_knows_the_grammar_reaches_the_floor() {
        for (length, words) in [(16, 2), (64, 4), (128, 6)] {
            let data = data(length, words, 0.0).unwrap();
            let loss = |index| {
                let text = text(&data, 2, Split::Test, index);
                let of = |text: &str| libm::log(probability(&data, State::default(), text));
                (of(&text[..1]) - of(&text), f64::from(data.length))
            };
            let losses: Vec<_> = (0..3_000).map(loss).collect();
            is_mean(&losses, data.floor().unwrap(), "the best loss");
        }
    }

    /// The same predictor where a part of the targets is drawn anew: it mixes what the grammar says with all characters.
    #[test]
    fn with_label_noise_it_reaches_the_floor_too() {
        let (clean, noisy) = (data(32, 3, 0.0).unwrap(), data(32, 3, 0.2).unwrap());
        let loss = |index| {
            let story = text(&clean, 2, Split::Test, index);
            let (tokens, targets) = sequence(&noisy, &Stream::root(2).at("data"), Split::Test, index);
            assert!(tokens.iter().zip(story.bytes()).all(|(token, character)| *token == token_of(character)));
            let of = |place: usize, next: char| {
                let before = &story[..place];
                let next = format!("{before}{next}");
                probability(&clean, State::default(), &next) / probability(&clean, State::default(), before)
            };
            let likelihood = |(place, target): (usize, &Option<u32>)| {
                let next = ALPHABET.chars().nth(target.unwrap() as usize).unwrap();
                -libm::log(0.8 * of(place + 1, next) + 0.2 / ALPHABET.len() as f64)
            };
            (targets.iter().enumerate().map(likelihood).sum(), targets.len() as f64)
        };
        let losses: Vec<_> = (0..1_500).map(loss).collect();
        is_mean(&losses, noisy.floor().unwrap(), "the best loss");
        assert!(noisy.floor() > clean.floor());
    }

    #[test]
    fn constants_are_as_said() {
        for (length, words) in [(16, 2), (64, 4), (100, 6)] {
            let data = data(length, words, 0.0).unwrap();
            targets_have_probabilities(&data, &data.known().frequencies.clone());
            assert!(data.floor().unwrap() < 0.5 * data.constant().loss);
        }
        let frequencies = data(64, 4, 0.0).unwrap().known().frequencies.clone();
        let noisy: Vec<f64> = frequencies.into_iter().map(|p| 0.7 * p + 0.3 / ALPHABET.len() as f64).collect();
        targets_have_probabilities(&data(64, 4, 0.3).unwrap(), &noisy);
    }

    /// From an independent implementation in Python, which sums over all texts of that length instead of over states of a chain. If it fails,
    /// stored records no longer describe this data.
    #[test]
    fn golden_examples_and_entropies_never_change() {
        let data = |length, words| data(length, words, 0.0).unwrap();
        assert_eq!(text(&data(64, 4), 1, Split::Train, 0), "Ben has a green kite. Ben runs. The kite is tall. The kite is gre");
        assert_eq!(text(&data(64, 4), 1, Split::Test, 9), "Ben has a red cat. The end.\nBen has a red ball. Ben sings. The en");
        assert_eq!(
            text(&data(128, 6), 1, Split::Tune, 3),
            "Anna has a red kite. The kite is small. The end.\nMia has a white cat. The end.\nLily has a white dog. The end.\nAnna has a white bo"
        );
        for (length, words, floor, constant) in [
            (16, 2, 0.08664339756999315, 2.231824679439409),
            (40, 6, 0.18730934741648833, 2.826301287844447),
            (64, 4, 0.16601700537064223, 2.794223752681852),
        ] {
            let data = data(length, words);
            let found = [data.floor().unwrap(), data.constant().loss];
            assert!((found[0] - floor).abs() < 1e-12 && (found[1] - constant).abs() < 1e-12, "{length} {words}: {found:?}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |length, words| data(length, words, 0.0).unwrap_err().to_string();
        assert!(message(15, 4).contains("`data.length` is 15; choose a value from 16 to 128"));
        assert!(message(64, 7).contains("`data.words` is 7; choose a value from 2 to 6"));
    }
}
