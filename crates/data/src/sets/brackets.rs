//! Balanced brackets: after every closing bracket, say which bracket has to be closed next, or that all are closed.
//!
//! The Dyck language of several kinds of brackets and bounded depth, which needs a memory of what is open (Hewitt et al. 2020,
//! <https://arxiv.org/abs/2010.07515>; Yao et al. 2021, <https://arxiv.org/abs/2105.11115>). What comes next in such a sequence is chance, as a
//! bracket may always be opened. Which bracket is to be closed is not: so that is asked for, and every target is decided by what came
//! before. After an opening bracket the answer is its own counterpart, which needs no memory, so there nothing is asked.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::split::Split;

/// Closing and opening brackets of each kind.
const BRACKETS: [[&str; 2]; 4] = [[")", "("], ["]", "["], ["}", "{"], [">", "<"]];

/// The answer where nothing is open.
const BALANCED: &str = ".";

const POSITION: &str = "one block without position embeddings sees the earlier brackets as a set with counts: it knows which are open, and not \
    which was opened last";

/// Balanced sequences. Tokens are the closing brackets, the mark for "balanced", and the opening brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brackets {
    pairs: u32,
    kinds: u32,
    depth: u32,
    /// The closing brackets, and that there is none.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] =
    &[("data.depth", "deeper nesting"), ("data.pairs", "longer sequences"), ("data.kinds", "more kinds of brackets"), NOISE];

const ABOUT: About = About {
    name: "brackets",
    label: "Balanced brackets",
    help: "A balanced sequence of brackets. After every closing bracket the model says which bracket has to be closed next, or that none is open.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: two brackets of each kind, and the answer that none is open.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let kinds = tokens.checked_sub(1).filter(|brackets| brackets.is_multiple_of(2) && length.is_multiple_of(2))? / 2;
    Some(Settings::default().with("data.pairs", (length / 2) as i64).with("data.kinds", kinds as i64))
}

fn fields() -> Vec<Field> {
    vec![pairs(), kinds(), depth(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(Brackets::from_settings(settings)?))
}

fn pairs() -> Field {
    let help = "Pairs of brackets; an example has twice as many tokens.";
    Field::integer("data.pairs", Group::Data, "Pairs", help, (4, 32), 12).in_unit("pairs")
}

fn kinds() -> Field {
    let help = "How many kinds of brackets there are (k of the Dyck language).";
    Field::integer("data.kinds", Group::Data, "Kinds", help, (1, BRACKETS.len() as i64), 3).in_unit("kinds")
}

fn depth() -> Field {
    let help = "The most brackets that are open at once.";
    Field::integer("data.depth", Group::Data, "Depth", help, (2, 16), 4).in_unit("brackets")
}

/// What comes next, by how many brackets are open and how many are still to come.
enum Next {
    Opens,
    Closes,
    /// Each as likely as the other.
    Either,
}

impl Brackets {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let [pairs, kinds, depth] = [pairs(), kinds(), depth()].map(|field| integer(settings, &field));
        let kinds = kinds?;
        Ok(Self { pairs: pairs?, kinds, depth: depth?, answers: Answers::from_settings(settings, kinds + 1)? })
    }

    /// Brackets are opened and closed at random within the depth, and closed in time for the end.
    fn next(&self, open: u32, left: u32) -> Next {
        if open == 0 {
            Next::Opens
        } else if open == self.depth.min(left) {
            Next::Closes
        } else {
            Next::Either
        }
    }

    /// The share of the closing brackets after which nothing is open: the expected number of such places, by the chances of each depth at each
    /// place, over the number of closing brackets.
    fn balanced(&self) -> f64 {
        // The chance that so many are open.
        let mut chance = vec![0.0; self.depth as usize + 2];
        chance[0] = 1.0;
        let mut balanced = 0.0;
        for left in (1..=2 * self.pairs).rev() {
            let mut after = vec![0.0; chance.len()];
            for open in 0..=self.depth {
                let place = open as usize;
                let opens = match self.next(open, left) {
                    Next::Opens => 1.0,
                    Next::Closes => 0.0,
                    Next::Either => 0.5,
                };
                after[place + 1] += opens * chance[place];
                if open > 0 {
                    after[place - 1] += (1.0 - opens) * chance[place];
                }
            }
            balanced += after[0];
            chance = after;
        }
        balanced / f64::from(self.pairs)
    }

    /// How likely each answer is at a scored position: all kinds alike.
    fn probabilities(&self) -> Vec<f64> {
        let balanced = self.balanced();
        let mut probabilities = vec![(1.0 - balanced) / f64::from(self.kinds); self.kinds as usize];
        probabilities.push(balanced);
        probabilities
    }
}

impl Data for Brackets {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// Two brackets of each kind, and the mark.
    fn layout(&self) -> Layout {
        let (length, vocabulary) = (2 * self.pairs as usize, 2 * self.kinds as usize + 1);
        Layout::Tokens { length, vocabulary, visibility: Visibility::Causal }
    }

    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let (mut tokens, mut targets) = (Vec::new(), Vec::new());
        let mut open: Vec<u32> = Vec::new();
        for left in (1..=2 * self.pairs).rev() {
            let opens = match self.next(open.len() as u32, left) {
                Next::Opens => true,
                Next::Closes => false,
                Next::Either => draws.below(2) == 0,
            };
            let closed = if opens { None } else { open.pop() };
            match closed {
                Some(kind) => {
                    tokens.push(kind);
                    targets.push(Some(open.last().copied().unwrap_or(self.kinds)));
                }
                None => {
                    let kind = draws.below(u64::from(self.kinds)) as u32;
                    open.push(kind);
                    tokens.push(self.answers.count + kind);
                    targets.push(None);
                }
            }
        }
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        let bracket =
            |kind: u32, side: usize| BRACKETS.get(kind as usize).map_or_else(|| token.to_string(), |kind| kind[side].to_string());
        match token {
            closing if closing < self.kinds => bracket(closing, 0),
            balanced if balanced == self.kinds => BALANCED.to_string(),
            opening => bracket(opening - self.answers.count, 1),
        }
    }

    /// It knows how often nothing is open and how many kinds there are.
    fn constant(&self) -> ConstantPredictor {
        self.answers.constant(&self.probabilities())
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    /// With one kind of brackets, or at most one open below the one that was closed, counts are enough.
    fn needs(&self) -> Vec<Need> {
        let position = (self.kinds > 1 && self.depth > 2).then(|| Need::yes("position", POSITION).up_to(1));
        let embed = Need::yes("embed", "without it the model does not see the brackets");
        let attention = "what is open was opened at an earlier position, and only attention reads other positions";
        let rest = [Need::yes("blocks.*.attn", attention), Need::yes("unembed", "without it there is no prediction")];
        [embed].into_iter().chain(position).chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{targets_have_probabilities, the_floor_is_reached};
    use crate::data::tests::sequence;
    use ablation_random::Stream;

    fn data(pairs: i64, kinds: i64, depth: i64, noise: f64) -> Result<Brackets, DataError> {
        let settings = Settings::default().with("data.pairs", pairs).with("data.kinds", kinds);
        Brackets::from_settings(&settings.with("data.depth", depth).with("data.label_noise", noise))
    }

    #[test]
    fn sequences_are_balanced_and_the_target_is_the_bracket_to_close() {
        for (pairs, kinds, depth) in [(4, 1, 2), (12, 3, 4), (32, 4, 16), (5, 2, 16)] {
            let (data, stream) = (data(pairs, kinds, depth, 0.0).unwrap(), Stream::root(1));
            let mut deepest = 0;
            for index in 0..300 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                assert_eq!((tokens.len(), targets.len()), (2 * pairs as usize, 2 * pairs as usize));
                // Read as text: pairs that touch vanish, again and again, until only what is open is left.
                for place in 0..tokens.len() {
                    let mut open: String = tokens[..=place].iter().map(|token| data.token(*token)).collect();
                    for _ in 0..tokens.len() {
                        open =
                            BRACKETS.iter().fold(open, |text, [close, opening]| text.replace(&format!("{opening}{close}"), ""));
                    }
                    assert!(open.chars().all(|one| "([{<".contains(one)), "{open}");
                    deepest = deepest.max(open.len());
                    let counterpart =
                        |last: char| BRACKETS.iter().find(|[_, opening]| opening.starts_with(last)).map(|[close, _]| *close);
                    let answer = open.chars().last().map_or(Some("."), counterpart);
                    let asked = targets[place].map(|target| data.token(target));
                    let is_closing = i64::from(tokens[place]) < kinds;
                    assert_eq!(asked.as_deref(), answer.filter(|_| is_closing), "{place}");
                    assert!(place + 1 < tokens.len() || open.is_empty(), "it ends balanced");
                }
            }
            assert!(deepest <= depth as usize && deepest >= 2.max(depth.min(pairs) as usize * 2 / 5), "{deepest} of {depth}");
        }
    }

    #[test]
    fn constants_are_as_said() {
        let probabilities = |pairs, kinds, depth| data(pairs, kinds, depth, 0.0).unwrap().probabilities();
        for (pairs, kinds, depth) in [(12, 3, 4), (4, 1, 2), (20, 4, 16)] {
            targets_have_probabilities(&data(pairs, kinds, depth, 0.0).unwrap(), &probabilities(pairs, kinds, depth));
        }
        let noisy: Vec<f64> = probabilities(12, 3, 4).into_iter().map(|p| 0.7 * p + 0.3 / 4.0).collect();
        targets_have_probabilities(&data(12, 3, 4, 0.3).unwrap(), &noisy);
        the_floor_is_reached(&data(12, 3, 4, 0.0).unwrap(), &data(12, 3, 4, 0.2).unwrap(), 0.2, 4);
    }

    /// By hand, of eight brackets that are at most two deep: pairs of places "open, then open or close" until the end. At depth 1 with places left
    /// a bracket opens or closes with one half each, so of three such choices each balances with one half, and the last place always does.
    #[test]
    fn the_share_of_balanced_places_is_the_one_found_by_hand() {
        assert!((data(4, 2, 2, 0.0).unwrap().balanced() - (0.5 * 3.0 + 1.0) / 4.0).abs() < 1e-15);
    }

    #[test]
    fn the_order_matters_only_where_two_kinds_can_be_open_below_the_one_that_was_closed() {
        let asks = |kinds, depth| data(12, kinds, depth, 0.0).unwrap().needs().iter().any(|need| need.site == "position");
        assert_eq!([asks(1, 4), asks(3, 2), asks(2, 3), asks(3, 4)], [false, false, true, true]);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(12, 3, 4, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "[]{}({()({})}){}{}{}[[]]..})})....].");
        assert_eq!(text(0.0, Split::Test, 9), "[()([{}{}[]]){{()[]}}]()]]]])]}}}]..");
        assert_eq!(text(0.5, Split::Test, 9), "[()([{}{}[]]){{()[]}}]()}]]}]].}}..}");
        let constant = data(12, 3, 4, 0.0).unwrap().constant();
        assert!(
            (constant.loss - 1.3595184460667413).abs() < 1e-12 && (constant.score - 0.3541463216145833).abs() < 1e-12,
            "{constant:?}"
        );
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |pairs, kinds, depth| data(pairs, kinds, depth, 0.0).unwrap_err().to_string();
        assert!(message(3, 3, 4).contains("`data.pairs` is 3; choose a value from 4 to 32"));
        assert!(message(12, 5, 4).contains("`data.kinds` is 5; choose a value from 1 to 4"));
        assert!(message(12, 3, 1).contains("`data.depth` is 1; choose a value from 2 to 16"));
    }
}
