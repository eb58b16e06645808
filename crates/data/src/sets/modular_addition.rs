//! Modular addition: `a b =` and the answer is `(a + b) mod p`.
//!
//! The task of the grokking papers (Power et al. 2022, <https://arxiv.org/abs/2201.02177>; Nanda et al. 2023,
//! <https://arxiv.org/abs/2301.05217>): the whole table can be memorised, and held-out pairs show whether it was understood.
//!
//! Both orders of a pair fall in the same split. With the orders split independently, a transformer that had only
//! memorised (p = 23, 80 % to train on, weight decay 0.1) still answered 79 % of the held-out pairs, because it had seen most
//! of them the other way round; with both held out it answered none. Such a score rewards memory, and a
//! model without positions cannot even tell the orders apart: to it those pairs are training data.
//!
//! What it takes to understand rather than memorise is strong weight decay (about 1) and small initial embeddings (about 0.02).

use ablation_random::{Draws, Stream};
use ablation_settings::{Field, Group, Settings};

use super::{Entry, Start, never};
use crate::about::{About, ConstantPredictor, Need, Score};
use crate::answers::{Answers, NOISE, noise};
use crate::data::{Data, Example};
use crate::error::{DataError, integer, number};
use crate::layout::{Layout, Visibility};
use crate::split::Split;

const MLP: &str = "the sum modulo p is not linear in the two numbers, and attention adds up linearly: one block without an MLP memorises the \
    training pairs and fails on held-out ones (a second block of attention can take the MLP's place)";

/// Pairs of numbers below a modulus, split once and for all.
#[derive(Clone, Debug, PartialEq)]
pub struct ModularAddition {
    /// The numbers, as many as the modulus.
    answers: Answers,
    train_share: f64,
    train: Vec<[u32; 2]>,
    tune: Vec<[u32; 2]>,
    test: Vec<[u32; 2]>,
}

/// Its line in the registry.
pub(crate) const ENTRY: Entry = Entry { about: &ABOUT, fields, build, harder: HARDER, fit: never, start: Some(start) };

const HARDER: &[(&str, &str)] = &[("data.modulus", "more pairs of numbers"), NOISE];

const ABOUT: About = About {
    name: "modular-addition",
    label: "Modular addition",
    help: "Two numbers and \"=\": the model predicts their sum modulo p, also for pairs that were held out of training.",
    score: Score::ACCURACY,
};

fn fields() -> Vec<Field> {
    vec![modulus(), train_share(), noise()]
}

fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    Ok(Box::new(ModularAddition::from_settings(settings)?))
}

fn start() -> Start {
    Start {
        label: "Modular addition",
        help: "A transformer learns a + b mod p. Does it need its MLP?",
        settings: Settings::default()
            .with("train.steps", 2500)
            .with("sandbox.recovery_steps", 250)
            .with("train.batch", 64)
            .with("model.layers", 1)
            .with("train.weight_decay", 1.0)
            .with("ablation.site", "blocks.0.mlp"),
    }
}

impl ModularAddition {
    fn from_settings(settings: &Settings) -> Result<Self, DataError> {
        let answers = Answers::from_settings(settings, integer(settings, &modulus())?)?;
        Ok(Self::new(answers, number(settings, &train_share())?))
    }

    /// The split depends on the modulus and the share alone, not on a training seed: seeds vary the model and the order of the
    /// examples, and results on different held-out pairs would not be paired. A larger share only adds pairs to the training set, down
    /// to two pairs that are left to hold out.
    ///
    /// Of the held-out pairs the first half is reported on and the rest tuned on.
    fn new(answers: Answers, train_share: f64) -> Self {
        let modulus = answers.count;
        let mut pairs: Vec<[u32; 2]> = (0..modulus).flat_map(|a| (a..modulus).map(move |b| [a, b])).collect();
        Stream::root(0).at("modular-addition").at("split").index(u64::from(modulus)).draws().shuffle(&mut pairs);
        let count = libm::round(train_share * pairs.len() as f64) as usize;
        let test = pairs.split_off(count.clamp(1, pairs.len() - 2));
        let (test, tune) = test.split_at(test.len().div_ceil(2));
        Self { answers, train_share, train: both_orders(&pairs), tune: both_orders(tune), test: both_orders(test) }
    }

    /// All pairs of a split, in a fixed order.
    pub fn pairs(&self, split: Split) -> &[[u32; 2]] {
        match split {
            Split::Train => &self.train,
            Split::Tune => &self.tune,
            Split::Test => &self.test,
        }
    }
}

fn both_orders(pairs: &[[u32; 2]]) -> Vec<[u32; 2]> {
    let mut both: Vec<_> = pairs.iter().flat_map(|&[a, b]| [[a, b], [b, a]]).collect();
    both.dedup(); // a pair of equals has one order
    both
}

fn modulus() -> Field {
    let help = "How many numbers there are; the sum starts again at 0 when it reaches it.";
    Field::integer("data.modulus", Group::Data, "Modulus", help, (2, 113), 23)
}

fn train_share() -> Field {
    let help = "Share of all pairs to train on; the others are held out.";
    Field::number("data.train_share", Group::Data, "Training share", help, (0.1, 0.95), 0.8)
}

impl Data for ModularAddition {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The numbers, and "=".
    fn layout(&self) -> Layout {
        Layout::Tokens { length: 3, vocabulary: self.answers.count as usize + 1, visibility: Visibility::Either }
    }

    fn draw(&self, draws: &mut Draws, split: Split) -> Example {
        let pairs = self.pairs(split);
        let [a, b] = pairs[draws.below(pairs.len() as u64) as usize];
        let modulus = self.answers.count;
        let mut targets = vec![None, None, Some((a + b) % modulus)];
        self.answers.disturb(&mut targets, draws);
        Example::Tokens { tokens: vec![a, b, modulus], targets }
    }

    fn train_share(&self) -> Option<f64> {
        Some(self.train_share)
    }

    fn token(&self, token: u32) -> String {
        if token == self.answers.count { "=".to_string() } else { token.to_string() }
    }

    /// A guess among the numbers; that the answer is never "=" is taken as known.
    fn constant(&self) -> ConstantPredictor {
        self.answers.uniform()
    }

    fn floor(&self) -> Option<f64> {
        Some(self.answers.floor())
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::yes("embed", "without it the model does not see the numbers"),
            Need::yes("blocks.*.attn", "the model predicts at \"=\", and only attention reads the two numbers from there"),
            Need::no("position", "a + b = b + a: the order does not matter"),
            Need::yes("blocks.*.mlp", MLP).up_to(1),
            Need::yes("unembed", "without it there is no prediction"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::tests::the_floor_is_reached;
    use crate::data::tests::sequence;
    use std::collections::BTreeSet;

    fn data(modulus: i64, share: f64) -> Result<ModularAddition, DataError> {
        ModularAddition::from_settings(&Settings::default().with("data.modulus", modulus).with("data.train_share", share))
    }

    #[test]
    fn every_pair_is_in_exactly_one_split_with_its_mirror_image() {
        for (modulus, share) in [(2, 0.1), (2, 0.95), (3, 0.5), (23, 0.8), (113, 0.3)] {
            let data = data(modulus, share).unwrap();
            let parts = [Split::Train, Split::Tune, Split::Test].map(|split| data.pairs(split));
            let listed = parts.concat();
            let pairs: BTreeSet<_> = listed.iter().copied().collect();
            assert_eq!((pairs.len(), listed.len()), ((modulus * modulus) as usize, pairs.len()), "each pair is listed once");
            for part in parts {
                assert!(!part.is_empty() && part.iter().all(|[a, b]| part.contains(&[*b, *a])));
            }
            let [tune, test] = [parts[1], parts[2]].map(|part| part.iter().filter(|[a, b]| a <= b).count());
            assert!(test - tune <= 1, "held-out pairs are halved");
        }
        let data = data(23, 0.8).unwrap();
        let share = data.pairs(Split::Train).len() as f64 / 529.0;
        assert!((share - 0.8).abs() < 0.02, "{share}");
    }

    #[test]
    fn the_answer_stands_at_the_equals_sign() {
        let (data, stream) = (data(23, 0.8).unwrap(), Stream::root(1));
        for i in 0..500 {
            let (tokens, targets) = sequence(&data, &stream, Split::Train, i);
            assert!(data.pairs(Split::Train).contains(&[tokens[0], tokens[1]]));
            assert_eq!((tokens.len(), tokens[2]), (3, 23));
            assert_eq!(targets, [None, None, Some((tokens[0] + tokens[1]) % 23)]);
        }
        assert_eq!([data.token(7), data.token(23)], ["7", "="]);
        assert_eq!(data.layout(), Layout::Tokens { length: 3, vocabulary: 24, visibility: Visibility::Either });
    }

    #[test]
    fn examples_stay_within_their_split_whatever_the_seed() {
        let data = data(11, 0.5).unwrap();
        let drawn = |split, seed| -> BTreeSet<_> {
            let pair = |i| sequence(&data, &Stream::root(seed), split, i).0;
            (0..2_000).map(pair).collect()
        };
        let (train, tune, test) = (drawn(Split::Train, 1), drawn(Split::Tune, 1), drawn(Split::Test, 2));
        assert!(train.is_disjoint(&tune) && train.is_disjoint(&test) && tune.is_disjoint(&test));
        assert_eq!(train.len() + tune.len() + test.len(), 121, "all pairs come up");
        assert_eq!(drawn(Split::Train, 3), train);
    }

    #[test]
    fn a_larger_share_only_adds_training_pairs() {
        let train = |share| data(23, share).unwrap().pairs(Split::Train).iter().copied().collect::<BTreeSet<_>>();
        assert!(train(0.3).is_subset(&train(0.8)));
        assert_eq!(data(23, 0.3).unwrap().train_share(), Some(0.3), "which says so to whoever mixes the two");
    }

    #[test]
    fn a_uniform_guess_is_as_good_as_said() {
        let data = data(23, 0.8).unwrap();
        let mut guess = Stream::root(3).draws();
        let answer = |i| sequence(&data, &Stream::root(2), Split::Test, i).1[2].unwrap();
        let hits = (0..40_000).filter(|i| guess.below(23) == u64::from(answer(*i))).count();
        assert!((hits as f64 / 40_000.0 - data.constant().score).abs() < 0.0051, "{hits}"); // five standard errors
        assert!((data.constant().loss - libm::log(23.0)).abs() < 1e-15);
    }

    #[test]
    fn label_noise_disturbs_the_targets_alone_and_its_floor_is_reached() {
        let noisy = ModularAddition::from_settings(
            &Settings::default().with("data.modulus", 23).with("data.train_share", 0.8).with(NOISE.0, 0.2),
        )
        .unwrap();
        the_floor_is_reached(&data(23, 0.8).unwrap(), &noisy, 0.2, 23);
    }

    /// From an independent implementation in Python. If it fails, stored records no longer describe this data.
    #[test]
    fn golden_examples_never_change() {
        let (data, stream) = (data(23, 0.8).unwrap(), Stream::root(1).at("data"));
        let tokens = |split, i| sequence(&data, &stream, split, i).0;
        assert_eq!(data.pairs(Split::Test)[..3], [[15, 21], [21, 15], [4, 22]]);
        assert_eq!(data.pairs(Split::Tune)[..3], [[0, 3], [3, 0], [0, 21]]);
        assert_eq!(tokens(Split::Train, 0), [0, 20, 23]);
        assert_eq!(tokens(Split::Test, 0), [16, 20, 23]);
        assert_eq!(tokens(Split::Tune, 0), [4, 3, 23]);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let message = |modulus, share| data(modulus, share).unwrap_err().to_string();
        assert!(message(0, 0.8).contains("`data.modulus` is 0; choose a value from 2 to 113"));
        assert!(message(i64::MAX, 0.8).contains("`data.modulus` is 9"));
        assert!(message(23, 1.0).contains("`data.train_share` is 1; choose a value from 0.1 to 0.95"));
        assert!(message(23, f64::NAN).contains("`data.train_share` is NaN"));
    }
}
