//! From a study and what is known to what can be run: a pure function, asked again whenever something finished.
//!
//! A search, a cut of a trained model and its healing are trials like all others; they are merely not known before the outcomes that they
//! depend on. So resuming, live progress and sharing a study between machines are no features of their own: whoever holds the same
//! outcomes plans the same trials.
//!
//! Stages, in order: the search of the reference, which fixes the margin before any variant has run; the searches of all other arms; one
//! extension of the range for all arms if any of them chose a point at its edge; final trainings; cuts, then healing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::outcome::Outcomes;
use crate::search::{Extension, Found, Search, extension};
use crate::settings::Settings;
use crate::study::{Block, Margin, Study, Variant};
use crate::trial::{Continuation, Exam, Seeds, Trial};

/// The arms that have hyper-parameters of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Searched {
    /// R.
    Reference,
    /// P: the reference once more, as if it were a variant.
    Placebo,
    /// N: without the component of variant `i`.
    Own(usize),
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Role {
    /// A point of a search.
    Search {
        /// Whose.
        arm: Searched,
        /// Repetition of the search.
        search: u32,
        /// Index of the point.
        point: u32,
        /// Index of the tuning seed.
        seed: u32,
    },
    /// R, P or N: trained from scratch with the arm's own hyper-parameters.
    Trained {
        /// Which.
        arm: Searched,
        /// Where.
        block: Block,
    },
    /// U: without the component, with the reference's hyper-parameters.
    Shortcut {
        /// Index of the variant.
        variant: usize,
        /// Where.
        block: Block,
    },
    /// M: without the component, as many parameters as the reference, with N's hyper-parameters.
    Matched {
        /// Index of the variant.
        variant: usize,
        /// Where.
        block: Block,
    },
    /// Z: the cut architecture from scratch, with the updates of a healing budget.
    Relearn {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Where.
        block: Block,
    },
    /// D: cut out of R.
    Cut {
        /// Index of the variant.
        variant: usize,
        /// Index among the variant's cuts.
        cut: usize,
        /// Where.
        block: Block,
    },
    /// S: R, not cut, trained on.
    Sham {
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        block: Block,
    },
    /// H: R, cut, trained on.
    Healed {
        /// Index of the variant.
        variant: usize,
        /// Index of the budget.
        budget: usize,
        /// Index of the rate.
        rate: usize,
        /// Where.
        block: Block,
    },
}

impl Role {
    /// The block of a final trial.
    pub fn block(&self) -> Option<Block> {
        match *self {
            Role::Search { .. } => None,
            Role::Trained { block, .. }
            | Role::Shortcut { block, .. }
            | Role::Matched { block, .. }
            | Role::Relearn { block, .. }
            | Role::Cut { block, .. }
            | Role::Sham { block, .. }
            | Role::Healed { block, .. } => Some(block),
        }
    }

    /// Order of the stages.
    fn stage(&self) -> u8 {
        match self {
            Role::Search { arm: Searched::Reference, .. } => 0,
            Role::Search { .. } => 1,
            Role::Trained { .. } | Role::Shortcut { .. } | Role::Matched { .. } | Role::Relearn { .. } => 2,
            Role::Cut { .. } => 3,
            Role::Sham { .. } | Role::Healed { .. } => 4,
        }
    }
}

/// A trial and what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id of the trial.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// What is run.
    pub trial: Trial,
}

/// Everything that is known to be needed, done or not.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// In the order in which it should be run.
    pub trials: Vec<Planned>,
    /// The margin in the unit of the loss, once it is fixed.
    pub margin: Option<f64>,
    /// Every search that has begun.
    pub searches: BTreeMap<(u32, Searched), Search>,
    /// Index of the cut that does least damage on the tune split, by variant, once it is known.
    pub primary: BTreeMap<usize, usize>,
    /// Whether nothing will be added.
    pub complete: bool,
}

/// What can be run now: known to be needed, not done, and everything it goes on from is there.
pub fn plan(study: &Study, outcomes: &Outcomes) -> Vec<Planned> {
    let missing = |planned: &Planned| !outcomes.contains_key(&planned.id);
    let ready = |planned: &Planned| planned.trial.origin().is_none_or(|origin| outcomes.contains_key(&origin.id()));
    let mut trials: Vec<Planned> = schedule(study, outcomes).trials.into_iter().filter(missing).filter(ready).collect();
    // Two roles may ask for the same training, as when a variant's own search chooses what the reference's chose.
    let mut seen = BTreeSet::new();
    trials.retain(|planned| seen.insert(planned.id.clone()));
    trials
}

/// Everything that is known to be needed.
pub fn schedule(study: &Study, outcomes: &Outcomes) -> Schedule {
    let mut schedule = Schedule::default();
    schedule.fill(study, outcomes);
    // Blocked by seed, so that a study that is stopped has whole blocks; within a block by id, which is as good as a shuffle.
    schedule.trials.sort_by(|a, b| {
        let key = |planned: &Planned| (planned.role.stage(), planned.role.block().map(|block| (block.seed, block.search)));
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    schedule
}

impl Schedule {
    fn fill(&mut self, study: &Study, outcomes: &Outcomes) {
        for search in 0..study.design.searches {
            self.search(study, outcomes, search, Searched::Reference, &[]);
        }
        self.margin = self.fixed_margin(study, outcomes);
        if self.margin.is_none() {
            return;
        }
        let arms: Vec<Searched> = arms(study).collect();
        for search in 0..study.design.searches {
            for &arm in arms.iter().filter(|arm| **arm != Searched::Reference) {
                self.search(study, outcomes, search, arm, &[]);
            }
        }
        if !self.searched() {
            return;
        }
        if let Some(wider) = extension(study, self.searches.values()) {
            for search in 0..study.design.searches {
                for &arm in &arms {
                    self.search(study, outcomes, search, arm, &wider);
                }
            }
            if !self.searched() {
                return;
            }
        }
        for block in study.blocks() {
            self.finals(study, block);
        }
        self.cuts(study, outcomes);
        self.complete = self.primary.len() == study.variants.iter().filter(|variant| !variant.cuts.is_empty()).count();
    }

    /// Whether every search that has begun has chosen.
    fn searched(&self) -> bool {
        self.searches.values().all(|search| search.found().is_some())
    }

    /// Adds the points of one search, or with an extension puts the longer search in the place of the shorter.
    fn search(&mut self, study: &Study, outcomes: &Outcomes, search: u32, arm: Searched, extended: &[Extension]) {
        let known = Search::new(study, outcomes, search, arm, extended);
        self.trials.retain(|planned| !matches!(planned.role, Role::Search { arm: a, search: s, .. } if (a, s) == (arm, search)));
        self.trials.extend(known.trials.iter().cloned());
        self.searches.insert((search, arm), known);
    }

    /// The margin, fixed by the first search of the reference before its range may be extended.
    fn fixed_margin(&self, study: &Study, outcomes: &Outcomes) -> Option<f64> {
        let search = self.searches.get(&(0, Searched::Reference))?;
        let best = search.found()?;
        match study.margin {
            Margin::Absolute(margin) => Some(margin),
            Margin::Share(share) => {
                let planned = search.trials.first()?;
                let marks = outcomes.get(&planned.id)?.marks.get(&Exam::Tune)?;
                Some(share * (marks.trivial - best.score).max(0.0))
            }
        }
    }

    /// Trainings from scratch in one block.
    fn finals(&mut self, study: &Study, block: Block) {
        let (seeds, placebo) = (study.seeds(block, false), study.seeds(block, true));
        let Some(reference) = self.found(block, Searched::Reference) else { return };
        let chosen = |settings: &Settings, found: &Found| settings.overlaid(&found.settings);
        self.push(Role::Trained { arm: Searched::Reference, block }, train(chosen(&study.settings, &reference), &[], seeds));
        if let Some(found) = self.found(block, Searched::Placebo) {
            self.push(Role::Trained { arm: Searched::Placebo, block }, train(chosen(&study.settings, &found), &[], placebo));
        }
        for (index, variant) in study.variants.iter().enumerate() {
            let Some(own) = self.found(block, Searched::Own(index)) else { continue };
            let settings = study.settings.overlaid(&variant.set);
            // What a variant sets is not searched, so the reference's choice must not undo it.
            let borrowed = study.settings.overlaid(&reference.settings).overlaid(&variant.set);
            self.push(Role::Trained { arm: Searched::Own(index), block }, train(chosen(&settings, &own), &variant.remove, seeds));
            self.push(Role::Shortcut { variant: index, block }, train(borrowed.clone(), &variant.remove, seeds));
            if let Some(matched) = &variant.matched {
                let settings = chosen(&settings, &own).overlaid(matched);
                self.push(Role::Matched { variant: index, block }, train(settings, &variant.remove, seeds));
            }
            if study.healing.relearn && !variant.cuts.is_empty() {
                for (budget, share) in study.healing.budgets.iter().enumerate() {
                    let steps = steps(&borrowed, *share);
                    let settings = borrowed.overlaid(&shortened(&borrowed, steps));
                    self.push(Role::Relearn { variant: index, budget, block }, train(settings, &variant.remove, seeds));
                }
            }
        }
    }

    /// Cuts of the trained references, then healing of the least damaging one beside the sham.
    fn cuts(&mut self, study: &Study, outcomes: &Outcomes) {
        let references: Vec<(Block, Trial)> = self
            .trials
            .iter()
            .filter_map(|planned| match planned.role {
                Role::Trained { arm: Searched::Reference, block } => Some((block, planned.trial.clone())),
                _ => None,
            })
            .collect();
        for (index, variant) in study.variants.iter().enumerate() {
            for (block, reference) in &references {
                for (cut, cuts) in variant.cuts.iter().enumerate() {
                    let then = Continuation { cuts: cuts.clone(), steps: 0, learning_rate: 0.0 };
                    self.push(Role::Cut { variant: index, cut, block: *block }, continued(reference, then));
                }
            }
        }
        let with_cuts = study.variants.iter().enumerate().filter(|(_, variant)| !variant.cuts.is_empty());
        let primary = with_cuts.filter_map(|(index, variant)| Some((index, self.least_damage(index, variant, outcomes)?)));
        self.primary = primary.collect();
        for (block, reference) in &references {
            let rate = reference.settings.number(crate::read::RATE).unwrap_or(0.0);
            for (budget, share) in study.healing.budgets.iter().enumerate() {
                let steps = steps(&reference.settings, *share);
                for (index, factor) in study.healing.rates.iter().enumerate() {
                    let then = |cuts| Continuation { cuts, steps, learning_rate: rate * factor };
                    self.push(Role::Sham { budget, rate: index, block: *block }, continued(reference, then(vec![])));
                    for (variant, cut) in self.primary.clone() {
                        let cuts = study.variants[variant].cuts[cut].clone();
                        let role = Role::Healed { variant, budget, rate: index, block: *block };
                        self.push(role, continued(reference, then(cuts)));
                    }
                }
            }
        }
    }

    /// The cut whose mean loss over all blocks is lowest on the tune split, once all are there: the primary one, as the damage beyond it is
    /// the cut's and not the component's. Ties go to the more trustworthy one, which stands first.
    fn least_damage(&self, variant: usize, of: &Variant, outcomes: &Outcomes) -> Option<usize> {
        let mut sums = vec![Vec::new(); of.cuts.len()];
        for planned in &self.trials {
            if let Role::Cut { variant: index, cut, .. } = planned.role
                && index == variant
            {
                sums[cut].push(outcomes.get(&planned.id)?.marks.get(&Exam::Tune)?.scored());
            }
        }
        let means: Vec<f64> = sums.iter().map(|losses| ablation_stats::sum(losses.iter().copied())).collect();
        (0..means.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]).then(a.cmp(&b)))
    }

    fn found(&self, block: Block, arm: Searched) -> Option<Found> {
        self.searches.get(&(block.search, arm)).and_then(Search::found)
    }

    fn push(&mut self, role: Role, trial: Trial) {
        self.trials.push(Planned { id: trial.id(), role, trial });
    }
}

/// Every arm with a search, in the order of tables.
pub(crate) fn arms(study: &Study) -> impl Iterator<Item = Searched> + use<> {
    [Searched::Reference, Searched::Placebo].into_iter().chain((0..study.variants.len()).map(Searched::Own))
}

/// A training from scratch that is measured on both splits.
fn train(settings: Settings, remove: &[String], seeds: Seeds) -> Trial {
    Trial { settings, remove: remove.to_vec(), seeds, then: None, exams: vec![Exam::Tune, Exam::Test] }
}

fn continued(reference: &Trial, then: Continuation) -> Trial {
    Trial { then: Some(then), ..reference.clone() }
}

/// Updates of a healing budget; at least one.
fn steps(settings: &Settings, share: f64) -> u64 {
    let all = settings.count("train.steps").unwrap_or(0) as f64;
    (libm::round(all * share) as u64).max(1)
}

/// The settings of a shorter training: the warm-up takes the same share of it.
fn shortened(settings: &Settings, steps: u64) -> Settings {
    let (all, warmup) = (settings.count("train.steps").unwrap_or(1).max(1), settings.count("train.warmup").unwrap_or(0));
    let warmup = libm::round(warmup as f64 * steps as f64 / all as f64) as i64;
    Settings::default().with("train.steps", steps as i64).with("train.warmup", warmup)
}
