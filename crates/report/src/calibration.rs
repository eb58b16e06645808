//! How often verdicts are wrong: studies whose truth is known, run again and again from other root seeds.
//!
//! Formulas that are right one by one do not make rules that are right together. A gate, a search and a table of verdicts, each of them
//! reasonable, once called a change that cannot matter harmful or helpful in 44 of 60 studies, and nobody knew before it was counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ablation_stats::{Confidence, Interval, LEVEL, clopper_pearson};
use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::combined::Combined;

/// A gate that fails in more than this share of studies costs more verdicts than it saves.
const MOST_GATES: f64 = 0.1;

/// What is true of a component, or of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// No model without it can be as good.
    Needed,
    /// A model without it is as good, within the margin.
    NotNeeded,
}

impl Truth {
    /// It, after "is".
    pub fn name(self) -> &'static str {
        match self {
            Truth::Needed => "needed",
            Truth::NotNeeded => "not needed",
        }
    }

    /// Whether a verdict fails this truth. What is needed has to be found. What is not needed may be called anything but that: a study that
    /// is undecided has said nothing wrong.
    pub fn is_failed_by(self, combined: Combined) -> bool {
        let found_needed =
            matches!(combined, Combined::Necessary | Combined::OverstatedByAblation | Combined::NeededDuringTraining);
        match self {
            Truth::Needed => !found_needed,
            Truth::NotNeeded => found_needed || combined == Combined::Harmful,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A component that is needed was not found to be.
    Missed,
    /// A component that is not needed was found to be needed, or to do harm.
    FoundToMatter,
    /// The test finds a difference between the reference and an A/A control whose search chose the same settings: they are the same.
    AaRejected,
    /// It finds one where the search of the control chose other settings. They may differ, and by how much is what the noise floor says.
    AaSearched,
    /// The noise floor was exceeded: the A/A control may differ from the reference by more than the margin.
    GateFailed,
}

impl Event {
    /// It in words.
    pub fn name(self) -> &'static str {
        match self {
            Event::Missed => "not found",
            Event::FoundToMatter => "found to matter",
            Event::AaRejected => "differs, at the same settings",
            Event::AaSearched => "differs, at other settings",
            Event::GateFailed => "noise floor exceeded",
        }
    }

    fn promise(self) -> Promise {
        match self {
            Event::Missed | Event::FoundToMatter => Promise::AtMost(LEVEL),
            Event::AaRejected => Promise::Exactly(LEVEL),
            Event::AaSearched => Promise::None,
            Event::GateFailed => Promise::AtMost(MOST_GATES),
        }
    }
}

/// How often something may happen, as a share of studies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// So often or less.
    AtMost(f64),
    /// Neither more often nor less often.
    Exactly(f64),
    /// Nothing is promised.
    None,
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// What happened.
    pub event: Event,
    /// To which component; none if it is about the A/A control.
    pub component: Option<String>,
    /// In how many studies.
    pub count: usize,
    /// Of how many.
    pub studies: usize,
    /// Clopper and Pearson's 95 % interval of the share; none without studies.
    pub interval: Option<Interval>,
    /// What is promised.
    pub promise: Promise,
    /// Whether the interval excludes what is promised. A few studies exclude little.
    pub broken: bool,
}

impl Rate {
    fn new(event: Event, component: Option<&str>, count: usize, studies: usize) -> Self {
        let interval = clopper_pearson(count as f64, studies as u64, Confidence::P95).ok();
        let promise = event.promise();
        let broken = interval.is_some_and(|Interval { low, high }| match promise {
            Promise::AtMost(most) => low > most,
            Promise::Exactly(share) => low > share || high < share,
            Promise::None => false,
        });
        Rate { event, component: component.map(str::to_string), count, studies, interval, promise, broken }
    }

    /// In what share of the studies; none without studies.
    pub fn share(&self) -> Option<f64> {
        (self.studies > 0).then(|| self.count as f64 / self.studies as f64)
    }
}

/// How often each verdict was given on a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdicts {
    /// Its name.
    pub component: String,
    /// What is true of it, where that is known.
    pub truth: Option<Truth>,
    /// Verdicts that were given, in their words, the most frequent first.
    pub given: Vec<(&'static str, usize)>,
}

/// What studies with one truth said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    studies: usize,
    components: BTreeMap<String, Counts>,
    /// Controls that chose the settings of the reference, and others.
    aa: [Controls; 2],
    gate_failed: usize,
}

/// A/A controls, and how many of them differ from the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Controls {
    studies: usize,
    rejected: usize,
}

/// The verdicts on one component, in the order of [`Combined::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counts {
    changed: bool,
    times: [usize; Combined::ALL.len()],
}

impl Tally {
    /// Counts a study. A component without a verdict is counted as undetermined. `same_settings`: whether the search of the A/A control chose
    /// what the reference's did.
    pub fn add(&mut self, analysis: &Analysis, same_settings: bool) {
        self.studies += 1;
        let controls = &mut self.aa[usize::from(!same_settings)];
        controls.studies += 1;
        controls.rejected += usize::from(analysis.aa_control.as_ref().is_some_and(|answer| answer.adjusted < LEVEL));
        self.gate_failed += usize::from(analysis.noise_floor_exceeded);
        for component in &analysis.components {
            let counts = self.components.entry(component.component.clone()).or_default();
            counts.changed = component.changed;
            let combined = component.combined.unwrap_or(Combined::Undetermined);
            let places = Combined::ALL.into_iter().zip(&mut counts.times);
            places.filter(|(one, _)| *one == combined).for_each(|(_, times)| *times += 1);
        }
    }

    /// How many studies were counted.
    pub fn studies(&self) -> usize {
        self.studies
    }

    /// Counts of the A/A control of both. The components of different studies are different ones, and are left out.
    #[must_use]
    pub fn pooled(&self, other: &Tally) -> Self {
        Tally {
            studies: self.studies + other.studies,
            components: BTreeMap::new(),
            aa: [0, 1].map(|index| Controls {
                studies: self.aa[index].studies + other.aa[index].studies,
                rejected: self.aa[index].rejected + other.aa[index].rejected,
            }),
            gate_failed: self.gate_failed + other.gate_failed,
        }
    }

    /// How often each verdict was given, by component.
    pub fn verdicts(&self, truths: &BTreeMap<String, Truth>) -> Vec<Verdicts> {
        let verdicts = |(component, counts): (&String, &Counts)| {
            let named = Combined::ALL.into_iter().zip(counts.times).filter(|(_, times)| *times > 0);
            let mut given: Vec<(&'static str, usize)> =
                named.map(|(combined, times)| (combined.name(counts.changed), times)).collect();
            given.sort_by_key(|(_, times)| Reverse(*times));
            Verdicts { component: component.clone(), truth: truths.get(component).copied(), given }
        };
        self.components.iter().map(verdicts).collect()
    }

    /// How often verdicts failed the truth, where that is known, and how often the A/A control was found to differ.
    pub fn rates(&self, truths: &BTreeMap<String, Truth>) -> Vec<Rate> {
        let known = self.components.iter().filter_map(|(name, counts)| Some((name, counts, *truths.get(name)?)));
        let failed = known.map(|(name, counts, truth)| {
            let event = if truth == Truth::Needed { Event::Missed } else { Event::FoundToMatter };
            let failing = Combined::ALL.into_iter().zip(counts.times).filter(|(combined, _)| truth.is_failed_by(*combined));
            Rate::new(event, Some(name), failing.map(|(_, times)| times).sum(), self.studies)
        });
        let [same, other] = self.aa;
        let aa_control = [
            (Event::AaRejected, same.rejected, same.studies),
            (Event::AaSearched, other.rejected, other.studies),
            (Event::GateFailed, self.gate_failed, self.studies),
        ];
        failed.chain(aa_control.map(|(event, count, studies)| Rate::new(event, None, count, studies))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Options, Subject, analyse};
    use crate::series::Series;
    use ablation_protocol::Arm;

    /// A study of one component: its gaps in eight seeds, and those of the A/A control.
    fn study(gaps: [f64; 8], aa: [f64; 8]) -> Analysis {
        let mut series = Series::new(8);
        for (unit, (gap, aa)) in gaps.into_iter().zip(aa).enumerate() {
            let loss = 1.0 + unit as f64 / 64.0;
            for (arm, value) in [(Arm::Reference, loss), (Arm::Retrained, loss + gap), (Arm::Aa, loss + aa)] {
                series.set(arm, 0, 0, unit, value);
            }
        }
        let options = Options { margin: Some(0.1), ..Options::default() };
        analyse(&series, &[Subject::named("part")], &options).unwrap()
    }

    const WORSE: [f64; 8] = [0.5, 0.6, 0.55, 0.52, 0.58, 0.53, 0.51, 0.6];
    const NONE: [f64; 8] = [0.01, -0.01, 0.02, -0.02, 0.005, -0.004, 0.011, -0.012];

    /// As [`NONE`], in other runs: arms with the same values in every seed would be one arm.
    const SAME: [f64; 8] = [-0.011, 0.012, 0.004, -0.013, 0.021, -0.019, -0.006, 0.009];

    fn truths(truth: Truth) -> BTreeMap<String, Truth> {
        BTreeMap::from([("part".to_string(), truth)])
    }

    fn tally(studies: &[Analysis]) -> Tally {
        let mut tally = Tally::default();
        studies.iter().for_each(|analysis| tally.add(analysis, true));
        tally
    }

    #[test]
    fn the_same_verdicts_are_right_or_wrong_by_the_truth() {
        let tally = tally(&[study(WORSE, SAME), study(WORSE, SAME), study(NONE, SAME)]);
        let rate = |truth| tally.rates(&truths(truth)).remove(0);
        let [needed, not] = [Truth::Needed, Truth::NotNeeded].map(rate);
        assert_eq!((needed.event, needed.count, needed.studies), (Event::Missed, 1, 3));
        assert_eq!((not.event, not.count, not.share()), (Event::FoundToMatter, 2, Some(2.0 / 3.0)));
        let verdicts = tally.verdicts(&truths(Truth::Needed));
        assert_eq!(verdicts[0].given, [("needed during training", 2), ("not necessary", 1)]);
        assert!(tally.rates(&BTreeMap::new()).iter().all(|rate| rate.component.is_none()), "an unknown truth has no errors");
    }

    #[test]
    fn an_undecided_study_misses_what_is_needed_and_says_nothing_wrong_of_what_is_not() {
        for combined in [Combined::Undetermined, Combined::Unchanged] {
            assert!(Truth::Needed.is_failed_by(combined) && !Truth::NotNeeded.is_failed_by(combined), "{combined:?}");
        }
        for combined in [Combined::CoAdapted, Combined::Redundant, Combined::NotNecessary] {
            assert!(Truth::Needed.is_failed_by(combined) && !Truth::NotNeeded.is_failed_by(combined), "{combined:?}");
        }
        for combined in [Combined::Necessary, Combined::OverstatedByAblation, Combined::NeededDuringTraining] {
            assert!(!Truth::Needed.is_failed_by(combined) && Truth::NotNeeded.is_failed_by(combined), "{combined:?}");
        }
        assert!(Truth::Needed.is_failed_by(Combined::Harmful) && Truth::NotNeeded.is_failed_by(Combined::Harmful));
    }

    #[test]
    fn controls_that_differ_and_gates_that_fail_are_counted_and_pooled() {
        let differs = WORSE.map(|gap| gap / 10.0);
        let (some, others) = (tally(&[study(NONE, SAME), study(NONE, differs)]), tally(&[study(NONE, WORSE)]));
        let counts = |tally: &Tally| {
            let rates = tally.rates(&BTreeMap::new());
            rates.iter().map(|rate| (rate.event, rate.count, rate.studies)).collect::<Vec<_>>()
        };
        // A difference of half the margin is found, and passes.
        assert_eq!(counts(&some), [(Event::AaRejected, 1, 2), (Event::AaSearched, 0, 0), (Event::GateFailed, 0, 2)]);
        let mut all = some.pooled(&others);
        assert_eq!(counts(&all), [(Event::AaRejected, 2, 3), (Event::AaSearched, 0, 0), (Event::GateFailed, 1, 3)]);
        // What a search chose otherwise is no error of the test.
        all.add(&study(NONE, differs), false);
        assert_eq!(counts(&all), [(Event::AaRejected, 2, 3), (Event::AaSearched, 1, 1), (Event::GateFailed, 1, 4)]);
    }

    #[test]
    fn a_promise_is_broken_where_chance_does_not_explain_it() {
        let broken = |event, count, studies| Rate::new(event, None, count, studies).broken;
        assert!(broken(Event::FoundToMatter, 44, 60) && !broken(Event::FoundToMatter, 5, 60));
        // Of few studies, many may be wrong by chance.
        assert!(!broken(Event::FoundToMatter, 1, 4) && broken(Event::FoundToMatter, 3, 4));
        assert!(!broken(Event::FoundToMatter, 0, 100), "no error is no error");
        // A test that never rejects is as little what it says as one that rejects often.
        let rejections = [(0, true), (1, false), (5, false), (10, false), (11, true)];
        for (count, expected) in rejections {
            assert_eq!(broken(Event::AaRejected, count, 100), expected, "{count} of 100");
        }
        assert!(!broken(Event::GateFailed, 10, 100) && broken(Event::GateFailed, 20, 100));
        let none = Rate::new(Event::GateFailed, None, 0, 0);
        assert_eq!((none.share(), none.interval, none.broken), (None, None, false));
    }
}
