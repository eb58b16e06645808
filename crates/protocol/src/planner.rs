//! The schedule of a study that is being run: built once, and updated by each outcome.
//!
//! Planning from nothing hashes every trial. A study of tens of thousands of trials is asked for what can run thousands of times, and almost every
//! outcome only says that one trial more is done, and that those that continue from its weights can begin. Trials are added where a search
//! chooses or where the last ablation of a variant has been measured; only then is the study planned anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::{Outcome, Outcomes};
use crate::planned::{Key, Planned, Purpose, Searched, key};
use crate::schedule::{Schedule, schedule};
use crate::study::Study;

/// A study that is being run.
#[derive(Clone, Debug)]
pub struct Planner {
    study: Study,
    outcomes: Outcomes,
    schedule: Schedule,
    /// Ids of the trials of the schedule, and their places in it.
    places: BTreeSet<(Key, usize)>,
    /// First places of the trials that can be run now.
    ready: BTreeSet<usize>,
    /// Trials of each search that have no outcome.
    searching: BTreeMap<(u32, Searched), usize>,
    /// Ablations of each variant that have no outcome.
    ablating: BTreeMap<usize, usize>,
    /// Distinct trials without an outcome.
    missing: usize,
}

impl Planner {
    /// A study with the outcomes that are known.
    pub fn new(study: &Study, outcomes: Outcomes) -> Self {
        let mut planner = Planner {
            study: study.clone(),
            outcomes,
            schedule: Schedule::default(),
            places: BTreeSet::new(),
            ready: BTreeSet::new(),
            searching: BTreeMap::new(),
            ablating: BTreeMap::new(),
            missing: 0,
        };
        planner.build();
        planner
    }

    /// The study.
    pub fn study(&self) -> &Study {
        &self.study
    }

    /// What is known.
    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// What is known, without the planner.
    pub fn into_outcomes(self) -> Outcomes {
        self.outcomes
    }

    /// Every trial that is known to be needed, done or not, in the order in which they should be run. A trial that serves several purposes
    /// is there several times.
    pub fn trials(&self) -> &[Planned] {
        &self.schedule.trials
    }

    /// The margin in the unit of the loss, once it is fixed.
    pub fn margin(&self) -> Option<f64> {
        self.schedule.margin
    }

    /// Whether every trial is done and none will be added.
    pub fn is_complete(&self) -> bool {
        self.schedule.complete && self.missing == 0
    }

    /// The trials that can be run now, each once: not done, and the weights that they continue from are there.
    pub fn ready(&self) -> impl Iterator<Item = &Planned> {
        self.ready.iter().map(|&place| &self.schedule.trials[place])
    }

    /// Adds an outcome.
    pub fn insert(&mut self, outcome: Outcome) {
        let id = outcome.trial.clone();
        let replaced = self.outcomes.insert(id.clone(), outcome);
        if let Some(before) = replaced {
            // What followed from another outcome may not follow from this one.
            if self.outcomes.get(&id) != Some(&before) {
                self.build();
            }
            return;
        }
        let places: Vec<usize> = self.places_of(&id).collect();
        let Some(&first) = places.first() else { return };
        self.missing -= 1;
        self.ready.remove(&first);
        let (mut grows, mut is_origin) = (false, false);
        for &place in &places {
            let Planned { role, trial, .. } = &self.schedule.trials[place];
            is_origin |= role.is_origin(trial);
            match *role {
                Purpose::Search { arm, search, .. } => grows |= self.searched((search, arm)),
                Purpose::Ablated { variant, .. } => grows |= counted_down(&mut self.ablating, &variant),
                _ => {}
            }
        }
        if grows {
            self.build();
        } else if is_origin {
            for (place, planned) in self.schedule.trials.iter().enumerate() {
                let continues = planned.origin.as_ref() == Some(&id) && !self.outcomes.contains_key(&planned.id);
                if continues && self.places_of(&planned.id).next() == Some(place) {
                    self.ready.insert(place);
                }
            }
        }
    }

    /// Takes an outcome away: its trial will be run again, and trials that depend on it leave the plan until then. Their outcomes stay.
    pub fn remove(&mut self, id: &str) -> Option<Outcome> {
        let outcome = self.outcomes.remove(id)?;
        self.build();
        Some(outcome)
    }

    /// Counts a trial of a search as done; says whether trials follow from that. The searches of the reference fix the margin and a candidate
    /// of every variant, and all searches together what is scored again and what is trained.
    fn searched(&mut self, search: (u32, Searched)) -> bool {
        let done = counted_down(&mut self.searching, &search);
        done && (search.1 == Searched::Reference || self.searching.values().all(|open| *open == 0))
    }

    /// Plans anew.
    fn build(&mut self) {
        self.schedule = schedule(&self.study, &self.outcomes);
        let trials = &self.schedule.trials;
        self.places = trials.iter().enumerate().map(|(place, planned)| (key(&planned.id), place)).collect();
        self.ready.clear();
        self.searching.clear();
        self.ablating.clear();
        self.missing = 0;
        // Both are in the order of ids.
        let mut outcomes = self.outcomes.keys().map(|id| key(id)).peekable();
        let mut previous = None;
        for &(id, place) in &self.places {
            while outcomes.next_if(|known| *known < id).is_some() {}
            if outcomes.peek() == Some(&id) {
                continue;
            }
            let planned = &trials[place];
            match planned.role {
                Purpose::Search { arm, search, .. } => *self.searching.entry((search, arm)).or_default() += 1,
                Purpose::Ablated { variant, .. } => *self.ablating.entry(variant).or_default() += 1,
                _ => {}
            }
            if previous.replace(id) != Some(id) {
                self.missing += 1;
                if planned.origin.as_ref().is_none_or(|origin| self.outcomes.contains_key(origin)) {
                    self.ready.insert(place);
                }
            }
        }
    }

    /// The places of a trial in the schedule.
    fn places_of(&self, id: &str) -> impl Iterator<Item = usize> {
        self.places.range((key(id), 0)..=(key(id), usize::MAX)).map(|(_, place)| *place)
    }
}

/// Counts one down; says whether none is left.
fn counted_down<K: Ord>(open: &mut BTreeMap<K, usize>, key: &K) -> bool {
    let Some(count) = open.get_mut(key) else { return false };
    *count = count.saturating_sub(1);
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{run, six, six_world, toy, world};
    use crate::schedule::{plan, schedule};

    /// After every outcome the planner plans what planning from nothing does.
    #[test]
    fn updating_gives_what_planning_anew_gives() {
        let mut gold = toy();
        (gold.design.searches, gold.design.seeds, gold.design.trials) = (2, 2, 4);
        let mut edge = toy();
        (edge.space[0].low, edge.space[0].high, edge.design.trials) = (0.02, 0.8, 4);
        for study in [toy(), gold, edge] {
            let mut planner = Planner::new(&study, Outcomes::new());
            for turn in 0.. {
                let fresh = plan(&study, planner.outcomes());
                assert!(planner.ready().eq(&fresh));
                let whole = schedule(&study, planner.outcomes());
                assert_eq!((planner.trials(), planner.margin()), (&whole.trials[..], whole.margin));
                // Not in order, and some that nobody has asked for yet.
                let Some(next) = fresh.get(turn * 7 % fresh.len().max(1)) else { break };
                planner.insert(world(0.3)(&next.trial));
            }
            assert!(planner.is_complete());
            assert_eq!(planner.into_outcomes(), run(&study, world(0.3)));
        }
    }

    #[test]
    fn what_is_taken_away_is_planned_again_with_what_follows_from_it() {
        let (study, all) = (six(), run(&six(), six_world));
        let mut planner = Planner::new(&study, all.clone());
        assert!(planner.is_complete() && planner.ready().next().is_none());
        let origin = planner.trials().iter().find(|planned| planned.role.is_origin(&planned.trial)).unwrap().id.clone();
        assert!(planner.remove("0").is_none());
        let outcome = planner.remove(&origin).unwrap();
        assert_eq!(planner.ready().map(|planned| planned.id.as_str()).collect::<Vec<_>>(), [origin.as_str()]);
        planner.insert(outcome);
        assert!(planner.is_complete() && *planner.outcomes() == all);
    }

    #[test]
    fn outcomes_that_nobody_asked_for_change_nothing() {
        let (study, mut all) = (six(), run(&six(), six_world));
        let (first, outcome) = all.pop_first().unwrap();
        for stranger in ["", "7", "7777777777777777", "8888888888888888888"] {
            all.insert(stranger.into(), Outcome { trial: stranger.into(), ..outcome.clone() });
        }
        let mut planner = Planner::new(&study, all);
        assert!(!planner.is_complete() && planner.ready().all(|planned| planned.id == first));
        planner.insert(Outcome { trial: "9".into(), ..outcome.clone() });
        planner.insert(outcome);
        assert!(planner.is_complete() && planner.ready().next().is_none());
    }
}
