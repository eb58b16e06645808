//! What is run once every search has chosen: final trainings of all arms, ablations of the references, then recovery of the least damaging
//! ablation beside its sham.

use std::collections::BTreeMap;

use ablation_settings::{Meaning, Settings};

use crate::ablation::Ablation;
use crate::arm::Arm;
use crate::choice::Found;
use crate::outcome::{Marks, Outcomes};
use crate::planned::{Planned, Purpose, Searched, Template};
use crate::schedule::{Primary, Schedule};
use crate::study::{Pair, Study, Variant};
use crate::trial::{BOTH, EvaluationSplit, Stage, Trial};

/// The ablation of a variant that has turned out to be the least damaging.
#[derive(Clone, Copy)]
struct Settled<'a> {
    variant: usize,
    ablation: usize,
    sites: &'a [Ablation],
}

impl Schedule {
    /// Trainings from scratch in all pairs of one repetition of the search.
    pub(crate) fn finals(&mut self, study: &Study, search: u32) {
        let Some(reference) = self.found(search, Searched::Reference) else { return };
        let chosen = |settings: &Settings, found: &Found| settings.overlaid(&found.settings);
        let arm = Searched::Reference;
        let trial = train(study, chosen(&study.settings, &reference), &[]);
        self.push(study, search, trial, |pair| Purpose::Trained { arm, pair });
        if let Some(found) = self.found(search, Searched::Aa) {
            let arm = Searched::Aa;
            let trial = train(study, chosen(&study.settings, &found), &[]);
            self.push(study, search, trial, |pair| Purpose::Trained { arm, pair });
        }
        for (index, variant) in study.variants.iter().enumerate() {
            let arm = Searched::Own(index);
            let Some(own) = self.found(search, arm) else { continue };
            let settings = chosen(&study.settings.overlaid(&variant.set), &own);
            // What a variant sets is not searched, so the reference's choice must not undo it.
            let untuned = study.settings.overlaid(&reference.settings).overlaid(&variant.set);
            let trial = train(study, settings.clone(), &variant.remove);
            self.push(study, search, trial, |pair| Purpose::Trained { arm, pair });
            let trial = train(study, untuned.clone(), &variant.remove);
            self.push(study, search, trial, |pair| Purpose::Untuned { variant: index, pair });
            if let Some(matched) = &variant.matched {
                let trial = train(study, settings.overlaid(matched), &variant.remove);
                self.push(study, search, trial, |pair| Purpose::Matched { variant: index, pair });
            }
            if study.recovery.short_retrain && !variant.ablations.is_empty() {
                for (budget, share) in study.recovery.budgets.iter().enumerate() {
                    let steps = study.budget(*share);
                    let settings = untuned.overlaid(&study.warmup(&untuned, steps));
                    for (rate, settings) in short_rates(study, &settings).into_iter().enumerate() {
                        let trial = study.scratch(settings, steps, &variant.remove, &BOTH);
                        self.push(study, search, trial, |pair| Purpose::ShortRetrain { variant: index, budget, rate, pair });
                    }
                }
            }
        }
    }

    /// Ablations of the trained references, then recovery of the least damaging one beside the sham.
    pub(crate) fn ablations(&mut self, study: &Study, outcomes: &Outcomes) {
        // All references of one repetition of the search differ in nothing but their seeds.
        let mut references: BTreeMap<u32, Vec<(Pair, Planned)>> = BTreeMap::new();
        for planned in &self.trials {
            if let Purpose::Trained { arm: Searched::Reference, pair } = planned.role {
                references.entry(pair.search).or_default().push((pair, planned.clone()));
            }
        }
        for references in references.values() {
            for (variant, Variant { ablations, .. }) in study.variants.iter().enumerate() {
                for (ablation, way) in ablations.iter().enumerate() {
                    let stage = Stage::next(0, Settings::default(), way.sites.clone());
                    let role = |pair| Purpose::Ablated { variant, ablation, pair };
                    self.push_on(&stage, references.iter().map(|(pair, reference)| (role(*pair), reference)));
                }
            }
        }
        let ablatable = study.variants.iter().enumerate().filter(|(_, variant)| !variant.ablations.is_empty());
        if ablatable.clone().next().is_none() {
            // Nothing will be recovered, so nobody needs a sham.
            return;
        }
        let primary = ablatable.filter_map(|(index, variant)| Some((index, self.least_damage(index, variant, outcomes)?)));
        self.primary = primary.collect();
        let settled: Vec<Settled> = self
            .primary
            .iter()
            .filter(|(_, primary)| primary.settled)
            .map(|(&variant, primary)| {
                let sites = &study.variants[variant].ablations[primary.ablation].sites;
                Settled { variant, ablation: primary.ablation, sites }
            })
            .collect();
        self.ablated_candidates(study, &settled);
        for references in references.values() {
            let Some((_, first)) = references.first() else { continue };
            for (budget, share) in study.recovery.budgets.iter().enumerate() {
                for (rate, factor) in study.recovery.rates.iter().enumerate() {
                    let sham = Stage::next(study.budget(*share), further(study, &first.trial, *share, *factor), vec![]);
                    let role = |pair| Purpose::Sham { budget, rate, pair };
                    self.push_on(&sham, references.iter().map(|(pair, reference)| (role(*pair), reference)));
                    for &Settled { variant, sites, .. } in &settled {
                        let stage = Stage { ablations: sites.to_vec(), ..sham.clone() };
                        let role = |pair| Purpose::Recovered { variant, budget, rate, pair };
                        self.push_on(&stage, references.iter().map(|(pair, reference)| (role(*pair), reference)));
                    }
                }
            }
        }
    }

    /// Ablations of the references of the second round whose settings might as well have been chosen, the chosen ones among them.
    fn ablated_candidates(&mut self, study: &Study, settled: &[Settled]) {
        let mut references: Vec<Planned> = Vec::new();
        for search in 0..study.design.searches {
            let Some(search) = self.searches.get(&(search, Searched::Reference)) else { continue };
            let plateau = search.plateau();
            if plateau.len() > 1 {
                references.extend(search.trials.iter().filter(|planned| is_fresh(study, planned, &plateau)).cloned());
            }
        }
        for &Settled { variant, ablation, sites } in settled {
            let stage = Stage::next(0, Settings::default(), sites.to_vec());
            for reference in &references {
                let Purpose::Search { search, point, seed, .. } = reference.role else { continue };
                let role = Purpose::AblatedCandidate { variant, ablation, search, point, seed };
                self.push_on(&stage, [(role, reference)]);
            }
        }
    }

    /// The least damaging ablation over the pairs in which all ablations have been measured, of those that ablate only what the variant removes: the
    /// verdict compares it with training without that. Ties go to the more trustworthy one, which stands first.
    fn least_damage(&self, index: usize, variant: &Variant, outcomes: &Outcomes) -> Option<Primary> {
        let mut pairs: BTreeMap<Pair, BTreeMap<usize, Option<f64>>> = BTreeMap::new();
        for planned in &self.trials {
            if let Purpose::Ablated { variant: ablated, ablation, pair } = planned.role
                && ablated == index
            {
                let marks = outcomes.get(&planned.id).and_then(|outcome| outcome.marks.get(&EvaluationSplit::Tune));
                pairs.entry(pair).or_default().insert(ablation, marks.map(Marks::scored));
            }
        }
        let all = pairs.len();
        let whole: Vec<Vec<f64>> = pairs.into_values().filter_map(|ablations| ablations.into_values().collect()).collect();
        let sum = |ablation: usize| ablation_stats::sum(whole.iter().map(|losses| losses[ablation]));
        let is_as_wide = |index: &usize| variant.ablations[*index].is_of(variant.remove.len());
        let least = (0..variant.ablations.len()).filter(is_as_wide).min_by(|&a, &b| sum(a).total_cmp(&sum(b)).then(a.cmp(&b)))?;
        (!whole.is_empty()).then_some(Primary { ablation: least, settled: whole.len() == all })
    }

    /// Adds a training from scratch in every pair of one repetition of the search.
    fn push(&mut self, study: &Study, search: u32, trial: Trial, purpose: impl Fn(Pair) -> Purpose) {
        let template = Template::new(trial);
        for seed in 0..study.design.seeds {
            let pair = Pair { search, seed };
            let role = purpose(pair);
            let is_control = role.arm() == Some(Arm::Aa);
            self.trials.push(template.planned(role, study.seeds(pair, is_control), None));
        }
    }

    /// Adds trials that continue from the weights of others with one stage more. The others differ in nothing but their seeds.
    fn push_on<'a>(&mut self, stage: &Stage, origins: impl IntoIterator<Item = (Purpose, &'a Planned)>) {
        let mut template = None;
        for (role, origin) in origins {
            let template = template.get_or_insert_with(|| Template::new(continued(&origin.trial, stage.clone())));
            let planned = template.planned(role, origin.trial.seeds, Some(&origin.id));
            debug_assert_eq!(planned.trial, continued(&origin.trial, stage.clone()));
            self.trials.push(planned);
        }
    }
}

/// Whether a trial is a run of the second round of a point among these.
fn is_fresh(study: &Study, planned: &Planned, points: &[usize]) -> bool {
    let Purpose::Search { point, seed, .. } = planned.role else { return false };
    seed >= study.design.tuning_seeds && points.contains(&(point as usize))
}

/// A training from scratch for all steps, evaluated on both splits.
fn train(study: &Study, settings: Settings, remove: &[String]) -> Trial {
    study.scratch(settings, study.steps(), remove, &BOTH)
}

/// A reference with one stage more.
fn continued(reference: &Trial, stage: Stage) -> Trial {
    let mut trial = reference.clone();
    trial.stages.push(stage);
    trial
}

/// The settings that short retraining tries: as many learning rates as recovery (methodology, section 11.7), from about a third of the given one
/// on, each about three times the one before. Few steps want larger rates than many.
fn short_rates(study: &Study, settings: &Settings) -> Vec<Settings> {
    let rates = study.recovery.rates.len();
    let (Some(path), Some(rate)) = (study.path(Meaning::LearningRate), study.number(settings, Meaning::LearningRate)) else {
        return vec![settings.clone(); rates.min(1)];
    };
    if rates == 1 {
        return vec![settings.clone()];
    }
    let [least, most] = study.space.iter().find(|one| one.path == path).map_or([0.0, f64::INFINITY], |one| one.bounds);
    let factor = |index: usize| libm::pow(10.0, 0.5 * (index as f64 - 1.0));
    // Three digits, as search points have.
    let short = |value: f64| format!("{value:.2e}").parse::<f64>().unwrap_or(value).clamp(least, most);
    (0..rates).map(|index| settings.clone().with(path, short(rate * factor(index)))).collect()
}

/// What recovery fine-tuning sets: a learning rate relative to the reference's, and a warm-up of the same share of its steps.
fn further(study: &Study, reference: &Trial, share: f64, factor: f64) -> Settings {
    let warmup = study.warmup(&reference.settings, study.budget(share));
    match (study.path(Meaning::LearningRate), study.number(&reference.settings, Meaning::LearningRate)) {
        (Some(path), Some(rate)) => warmup.with(path, rate * factor),
        _ => warmup,
    }
}
