//! Mixtures: examples that come from several data sets.
//!
//! Which data set an example is of is drawn at the example's own address, from a stream that nothing else reads. So mixing changes nothing
//! else of the draw: an example is, to the bit, the one that its data set has at that address, and a mixture of one data set is that data
//! set. With the examples dealt out by their position in a batch instead, a batch of another size would be another mixture.

use std::fmt;
use std::rc::Rc;

use ablation_random::Stream;

use crate::data::{Data, Example};
use crate::other::Other;
use crate::split::Split;

/// Data sets, and how often an example is of each. An empty mixture is no mixture: its examples are those of the model's own data.
#[derive(Default)]
pub struct Mixture {
    /// Each data set, with the share of examples that are of it or of one before it; the last share is 1.
    sources: Vec<(f64, Box<dyn Data>)>,
    /// A second data set, and the examples of the whole training: 0 for one that goes on where another ended.
    beside: Option<(Rc<Other>, u64)>,
}

impl Mixture {
    /// A mixture of data sets, each with its weight: how often an example is of it, relative to the others. Weights are finite and from 0 on,
    /// and their sum is above 0.
    pub fn new(sources: Vec<(Box<dyn Data>, f64)>) -> Self {
        let total: f64 = sources.iter().map(|(_, weight)| weight).sum();
        let mut sum = 0.0;
        let share = |(data, weight): (Box<dyn Data>, f64)| {
            sum += weight;
            (sum / total, data)
        };
        Mixture { sources: sources.into_iter().map(share).collect(), beside: None }
    }

    /// A second data set beside the model's own. `examples`: those of the whole training; 0 if it goes on where another training ended.
    pub fn beside(other: Rc<Other>, examples: u64) -> Self {
        Mixture { sources: Vec::new(), beside: Some((other, examples)) }
    }

    /// Whether nothing is mixed.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.beside.is_none()
    }

    /// `count` examples of a split from `first` on; of `own` where nothing is mixed.
    pub fn examples(&self, own: &dyn Data, stream: &Stream, split: Split, first: u64, count: usize) -> Vec<Example> {
        let addresses = split.of(stream).indexed();
        let example = |index: u64| {
            let address = addresses.child(index);
            self.source(&address, index).unwrap_or(own).draw(&mut address.draws(), split)
        };
        (first..first + count as u64).map(example).collect()
    }

    /// The data set that the example at an address is of; none where nothing is mixed.
    fn source(&self, address: &Stream, index: u64) -> Option<&dyn Data> {
        if self.is_empty() {
            return None;
        }
        let drawn = address.at("source").draws().uniform(); // below 1
        if let Some((other, examples)) = &self.beside {
            let time = if *examples == 0 { 1.0 } else { (index as f64 / *examples as f64).min(1.0) };
            return (drawn < other.chance(time)).then(|| other.data());
        }
        self.sources.iter().find(|(share, _)| drawn < *share).map(|(_, data)| &**data)
    }
}

impl fmt::Debug for Mixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((other, _)) = &self.beside {
            return write!(f, "beside {other:?}");
        }
        f.debug_map().entries(self.sources.iter().map(|(share, data)| (data.about().name, share))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::examples;
    use crate::sets::build;
    use ablation_settings::Settings;

    /// Repeated, first and sorted letters: 16 tokens of a vocabulary of 8 each.
    fn letters(kind: &str) -> Box<dyn Data> {
        let letters = if kind == "repeat" { 8 } else { 7 };
        let settings = Settings::default().with("data.kind", kind).with("data.vocabulary", letters);
        build(&settings.with("data.length", 16).with("data.count", 8)).unwrap()
    }

    fn mixed(weights: &[(&str, f64)]) -> Mixture {
        Mixture::new(weights.iter().map(|(kind, weight)| (letters(kind), *weight)).collect())
    }

    fn drawn(mixture: &Mixture, seed: u64, first: u64, count: usize) -> Vec<Example> {
        mixture.examples(&*letters("repeat"), &Stream::root(seed).at("data"), Split::Train, first, count)
    }

    /// Index of the data set that each example is of; an example of none fails.
    fn sources(kinds: &[&str], seed: u64, first: u64, drawn: &[Example]) -> Vec<usize> {
        let alone = |kind: &&str| examples(&*letters(kind), &Stream::root(seed).at("data"), Split::Train, first, drawn.len());
        let alone: Vec<_> = kinds.iter().map(alone).collect();
        let source = |(index, example): (usize, &Example)| alone.iter().position(|alone| alone[index] == *example);
        drawn.iter().enumerate().map(|example| source(example).expect("the example of a source at its address")).collect()
    }

    #[test]
    fn sources_are_drawn_in_proportion_to_their_weights() {
        let (kinds, count) = (["repeat", "first", "sort"], 4_000);
        for weights in [[3.0, 1.0, 4.0], [1.0, 1.0, 1.0], [0.001, 0.0, 0.001], [0.0, 1e300, 9e300]] {
            let mixture = mixed(&[(kinds[0], weights[0]), (kinds[1], weights[1]), (kinds[2], weights[2])]);
            let found = sources(&kinds, 5, 0, &drawn(&mixture, 5, 0, count));
            for (source, weight) in weights.iter().enumerate() {
                let share = weight / weights.iter().sum::<f64>();
                let times = found.iter().filter(|&&other| other == source).count() as f64;
                // Five standard deviations; of a weight of 0 exactly none.
                let spread = 5.0 * (count as f64 * share * (1.0 - share)).sqrt();
                assert!((times - count as f64 * share).abs() <= spread, "{times} of {count} with weights {weights:?}");
            }
        }
    }

    #[test]
    fn a_mixture_of_one_data_set_is_that_data_set() {
        let alone = |kind: &str| examples(&*letters(kind), &Stream::root(2).at("data"), Split::Train, 7, 50);
        assert_eq!(drawn(&Mixture::default(), 2, 7, 50), alone("repeat"), "nothing is mixed: the model's own data");
        for mixture in [mixed(&[("sort", 1.0)]), mixed(&[("sort", 0.3), ("sort", 5.0)]), mixed(&[("first", 0.0), ("sort", 2.0)])]
        {
            assert_eq!(drawn(&mixture, 2, 7, 50), alone("sort"), "{mixture:?}");
        }
    }

    #[test]
    fn which_source_an_example_is_of_follows_from_its_address_alone() {
        let mixture = mixed(&[("repeat", 3.0), ("first", 1.0), ("sort", 4.0)]);
        let all = drawn(&mixture, 1, 0, 40);
        assert_eq!(drawn(&mixture, 1, 10, 30), all[10..], "whatever is drawn before it");
        assert_eq!(drawn(&mixed(&[("repeat", 30.0), ("first", 10.0), ("sort", 40.0)]), 1, 0, 40), all, "weights are relative");
        assert_ne!(drawn(&mixture, 2, 0, 40), all, "another seed");
        // A larger share of one source takes examples from the others and gives them none.
        let kinds = ["repeat", "first", "sort"];
        let more = drawn(&mixed(&[("repeat", 5.0), ("first", 1.0), ("sort", 2.0)]), 1, 0, 40);
        let pairs: Vec<_> = sources(&kinds, 1, 0, &all).into_iter().zip(sources(&kinds, 1, 0, &more)).collect();
        assert!(pairs.iter().all(|(before, after)| after <= before) && pairs.iter().any(|(before, after)| after < before));
    }

    fn beside(when: &str, share: f64, examples: u64) -> Mixture {
        let settings =
            Settings::default().with("data.other", "sort").with("data.other_when", when).with("data.other_share", share);
        let other = Other::read(&settings, &*letters("repeat")).unwrap().expect("sorted letters fit");
        Mixture::beside(Rc::new(other), examples)
    }

    /// Which examples of a training are of the other data, from `first` on.
    fn of_other(mixture: &Mixture, first: u64, count: usize) -> Vec<bool> {
        sources(&["repeat", "sort"], 5, first, &drawn(mixture, 5, first, count)).iter().map(|source| *source == 1).collect()
    }

    #[test]
    fn a_pre_training_is_all_of_the_other_data_and_what_follows_none() {
        let found = of_other(&beside("first", 0.25, 1_000), 0, 1_000);
        assert!(found[..250].iter().all(|is_other| *is_other) && found[250..].iter().all(|is_other| !is_other));
        // A batch of any size reads the same, and what goes on afterwards reads its own data.
        assert_eq!(of_other(&beside("first", 0.25, 1_000), 240, 20), found[240..260]);
        assert_eq!(of_other(&beside("first", 0.25, 0), 1_000, 50), [false; 50]);
    }

    #[test]
    fn a_second_data_set_fades_or_stays_as_it_is_set() {
        let count = |found: &[bool]| found.iter().filter(|is_other| **is_other).count() as f64;
        let fading = of_other(&beside("fading", 0.5, 4_000), 0, 4_000);
        for (part, share) in [0.875, 0.625, 0.375, 0.125].into_iter().enumerate() {
            let found = count(&fading[part * 1_000..][..1_000]);
            assert!((found - 1_000.0 * share).abs() < 80.0, "part {part}: {found}");
        }
        assert_eq!(count(&of_other(&beside("fading", 0.5, 0), 4_000, 100)), 0.0);
        let mixed = count(&of_other(&beside("mixed", 0.3, 4_000), 0, 4_000));
        assert!((mixed - 1_200.0).abs() < 150.0, "{mixed}");
        assert!(count(&of_other(&beside("mixed", 0.3, 0), 4_000, 1_000)) > 200.0, "a mixture stays one");
    }

    /// From an independent implementation in Python. If it fails, stored outcomes no longer describe the trials that they are filed under.
    #[test]
    fn golden_sources_never_change() {
        let mixture = mixed(&[("repeat", 3.0), ("first", 1.0), ("sort", 4.0)]);
        let found = sources(&["repeat", "first", "sort"], 1, 0, &drawn(&mixture, 1, 0, 24));
        assert_eq!(found, [2, 2, 0, 1, 2, 2, 0, 2, 2, 1, 0, 0, 2, 2, 2, 0, 1, 2, 0, 1, 2, 1, 2, 2]);
    }
}
