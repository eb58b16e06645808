//! K-hop lookup: pairs of letters, each a step from the first to the second, then letters; at each of these the model says where so many
//! steps lead.
//!
//! One step is recall. Each further step starts where the one before ended, so the number of steps sets how much has to be computed one after
//! the other: by depth, about one layer for each doubling of the steps (Sanford, Hsu & Telgarsky 2024, <https://arxiv.org/abs/2402.09268>).

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use super::Entry;
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer};
use crate::layout::{Layout, Visibility};
use crate::letters::letter;
use crate::split::Split;

const POSITION: &str =
    "one block without position embeddings sees the pairs as a set with counts, in which every letter comes exactly twice";

/// One cycle through all letters, cut into pairs, and questions about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KHop {
    hops: u32,
    queries: u32,
    /// The letters.
    answers: Answers,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit, start: None };

const HARDER: &[(&str, &str)] =
    &[("data.hops", "more steps one after the other"), ("data.nodes", "more pairs to look through"), NOISE];

const ABOUT: About = About {
    name: "k-hop",
    label: "K-hop lookup",
    help: "Pairs of letters in random order, each a step from one letter to the next, then some letters. At each of these the model says the letter k steps on.",
    score: Score::ACCURACY,
};

/// The settings with which examples have so many tokens of so many: a pair for each letter, and the rest are queries.
fn fit(length: usize, tokens: usize) -> Option<Settings> {
    let queries = length.checked_sub(2 * tokens)?;
    Some(Settings::default().with("data.nodes", tokens as i64).with("data.queries", queries as i64))
}

fn fields() -> Vec<Field> {
    vec![hops(), nodes(), queries(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(KHop::from_settings(settings)?))
}

impl KHop {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &nodes())?)?;
        Ok(Self { hops: integer(settings, &hops())?, queries: integer(settings, &queries())?, answers })
    }
}

fn hops() -> Field {
    let help = "Steps from a query to its answer (k).";
    Field::integer("data.hops", Group::Data, "Hops", help, (1, 6), 2).in_unit("steps")
}

/// More than the most steps, so that a path never comes back to where it began.
fn nodes() -> Field {
    let help = "Number of different letters; from each leads one step, and chance accuracy is one over this number.";
    Field::integer("data.nodes", Group::Data, "Letters", help, (8, 26), 8).in_unit("letters")
}

fn queries() -> Field {
    let help = "Letters after the pairs, at which the model says the letter k steps on.";
    Field::integer("data.queries", Group::Data, "Queries", help, (1, 12), 8).in_unit("letters")
}

impl Data for KHop {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// A pair for each letter, then the queries.
    fn layout(&self) -> Layout {
        let (nodes, queries) = (self.answers.count as usize, self.queries as usize);
        Layout::Tokens { length: 2 * nodes + queries, vocabulary: nodes, visibility: Visibility::Either }
    }

    /// All steps together are one cycle through all letters, each such cycle as likely as any other.
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let nodes = self.answers.count as usize;
        let mut cycle: Vec<u32> = (0..self.answers.count).collect();
        draws.shuffle(&mut cycle);
        let mut order: Vec<usize> = (0..nodes).collect();
        draws.shuffle(&mut order);
        // Places in the cycle.
        let queries: Vec<usize> = (0..self.queries).map(|_| draws.below(nodes as u64) as usize).collect();
        let after = |place: usize, steps: usize| cycle[(place + steps) % nodes];
        let shown = order.iter().flat_map(|&place| [after(place, 0), after(place, 1)]);
        let tokens = shown.chain(queries.iter().map(|&place| after(place, 0))).collect();
        let mut targets = vec![None; 2 * nodes];
        targets.extend(queries.iter().map(|&place| Some(after(place, self.hops as usize))));
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens, targets }
    }

    fn token(&self, token: u32) -> String {
        letter(token)
    }

    /// A guess among the letters, which are equally likely.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the letters"),
            Need::yes("blocks.*.attn", "the steps stand at other positions, and only attention reads other positions"),
            Need::yes("position", POSITION).up_to(1),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::{targets_have_probabilities, the_floor_is_reached};
    use crate::data::tests::sequence;
    use ablation_random::Stream;
    use std::collections::BTreeMap;

    fn data(hops: i64, nodes: i64, queries: i64, noise: f64) -> Result<KHop, DataError> {
        let settings = Settings::default().with("data.hops", hops).with("data.nodes", nodes);
        KHop::from_settings(&settings.with("data.queries", queries).with("data.label_noise", noise))
    }

    #[test]
    fn each_query_asks_where_so_many_steps_lead() {
        for (hops, nodes, queries) in [(1, 8, 1), (2, 8, 8), (6, 8, 12), (3, 26, 4)] {
            let (data, stream) = (data(hops, nodes, queries, 0.0).unwrap(), Stream::root(1));
            for index in 0..300 {
                let (tokens, targets) = sequence(&data, &stream, Split::Train, index);
                let (shown, asked) = tokens.split_at(2 * nodes as usize);
                let step: BTreeMap<u32, u32> = shown.chunks(2).map(|pair| (pair[0], pair[1])).collect();
                assert_eq!((step.len(), asked.len()), (nodes as usize, queries as usize), "each letter has one step");
                let walk = |from: u32, steps: i64| (0..steps).fold(from, |letter, _| step[&letter]);
                assert!((1..nodes).all(|steps| walk(0, steps) != 0) && walk(0, nodes) == 0, "one cycle through all letters");
                let answers: Vec<_> = asked.iter().map(|query| Some(walk(*query, hops))).collect();
                assert!(targets[..shown.len()].iter().all(Option::is_none));
                assert_eq!(targets[shown.len()..], answers);
            }
        }
    }

    #[test]
    fn constants_are_as_said() {
        targets_have_probabilities(&data(2, 8, 8, 0.0).unwrap(), &[0.125; 8]);
        targets_have_probabilities(&data(6, 10, 3, 0.3).unwrap(), &[0.1; 10]);
        the_floor_is_reached(&data(2, 8, 8, 0.0).unwrap(), &data(2, 8, 8, 0.2).unwrap(), 0.2, 8);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let stream = Stream::root(1).at("data");
        let text = |noise, split, index| {
            let data = data(2, 8, 8, noise).unwrap();
            let (tokens, targets) = sequence(&data, &stream, split, index);
            tokens.into_iter().chain(targets.into_iter().flatten()).map(|token| data.token(token)).collect::<String>()
        };
        assert_eq!(text(0.0, Split::Train, 0), "FHDGCFGEHDACEBBAHDCHFHCFGEHGDGHD");
        assert_eq!(text(0.0, Split::Test, 9), "ADDEECFHCGBAGFHBABGDCBFCEDHCFDBF");
        assert_eq!(text(0.5, Split::Test, 9), "ADDEECFHCGBAGFHBABGDCBFCEDHCCDBF");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |hops, nodes, queries| data(hops, nodes, queries, 0.0).unwrap_err().to_string();
        assert!(message(7, 8, 8).contains("`data.hops` is 7; choose a value from 1 to 6"));
        assert!(message(2, 7, 8).contains("`data.nodes` is 7; choose a value from 8 to 26"));
        assert!(message(2, 8, 13).contains("`data.queries` is 13; choose a value from 1 to 12"));
    }
}
