//! From a study and its outcomes to what they say: pure, independent of the order of the outcomes, and content with any part of them.

use std::collections::BTreeSet;

use ablation_protocol::{Arm, Margin, Outcomes, Schedule, Searched, Study, hash, schedule};
use ablation_settings::Settings;
use serde::{Deserialize, Serialize};

use crate::analysis::{Analysis, Options, Subject, analyse};
use crate::engine::{self, Computed};
use crate::family::Unanswered;
use crate::losses::{self, AblationGap, RateAtEnd};
use crate::speed::{Speed, speed};
use crate::stability::{Stability, stability};
use crate::tuning::{self, Tuning};
use crate::warnings::{Warning, warnings};

/// How far a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "StudyProgress"))]
pub struct Progress {
    /// Distinct trials with an outcome.
    pub done: usize,
    /// Distinct trials that are known to be needed.
    pub known: usize,
    /// Whether all are done and no more will be added.
    pub complete: bool,
}

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Spent {
    /// Trials run, those that diverged included.
    pub runs: usize,
    /// Of them those whose loss stopped being a number.
    pub diverged: usize,
    /// Training steps of all of them together.
    pub updates: u64,
}

/// Mean and spread of the reference over the units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Summary {
    /// Units.
    pub n: usize,
    /// Mean loss on the test split.
    pub mean: f64,
    /// Standard deviation.
    pub sd: Option<f64>,
}

/// What a study says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Report {
    /// Hash of the study.
    pub study: String,
    /// SHA-256 of the study's hash and the margin in the unit of the loss, which exists before any variant runs.
    pub registration: Option<String>,
    /// How far it is.
    pub progress: Progress,
    /// What was spent.
    pub spent: Spent,
    /// What computed it.
    pub engines: Vec<Computed>,
    /// What the best predictor loses that does not look at its input.
    pub constant_predictor: Option<f64>,
    /// The reference.
    pub reference: Option<Summary>,
    /// Every search, the reference's first.
    pub tuning: Vec<Tuning>,
    /// The ablations of every component that has been ablated, by component.
    pub ablations: Vec<Vec<AblationGap>>,
    /// Gaps, verdicts and orders.
    pub analysis: Analysis,
    /// Steps to the threshold, where the reference solves the task exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<Speed>,
    /// How far the verdicts hang on single choices, once the study is complete.
    #[serde(default)]
    pub stability: Stability,
    /// Recovery rates that were chosen at an end of their list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates_at_end: Vec<RateAtEnd>,
    /// What a reader has to know of all verdicts together.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// The report of what is known so far.
///
/// # Errors
/// If outcomes hold values that cannot be averaged; outcomes made by this product never do.
pub fn report(study: &Study, outcomes: &Outcomes) -> Result<Report, Unanswered> {
    let schedule = schedule(study, outcomes);
    let series = losses::series(study, &schedule, outcomes);
    let constant_predictor = losses::constant_predictor(&schedule, outcomes);
    let subjects: Vec<Subject> = study
        .variants
        .iter()
        .enumerate()
        .map(|(index, variant)| Subject {
            name: variant.name.clone(),
            label: variant.label.clone(),
            changed: variant.remove.is_empty(),
            edge: [Searched::Own(index), Searched::Reference].into_iter().any(|arm| ends_at_edge(study, &schedule, arm)),
            untuned_elsewhere: untuned_elsewhere(study, &schedule, index),
        })
        .collect();
    let options = Options {
        margin: schedule.margin,
        higher_is_better: false,
        budgets: study.recovery.budgets.clone(),
        unit_of_analysis: study.design.unit(),
        sketch: study.design.is_sketch(),
        learned: constant_predictor.zip(series.mean(Arm::Reference, 0)).map(|(constant, loss)| constant - loss),
        perfect_score: losses::has_perfect_score(&schedule, outcomes),
        aa_failed: false,
    };
    let analysis = analyse(&series, &subjects, &options)?;
    let values: Vec<f64> = series.get(Arm::Reference, 0, 0).into_iter().flatten().collect();
    let progress = progress(&schedule, outcomes);
    let stability = match progress.complete {
        true => stability(study, &schedule, outcomes, &series, &subjects, &options)?,
        false => Stability::default(),
    };
    let mut report = Report {
        registration: schedule.margin.map(|margin| registration(study, margin)),
        study: study.hash(),
        progress,
        spent: spent(&schedule, outcomes),
        engines: engine::engines(&schedule, outcomes),
        constant_predictor,
        reference: summary(&values),
        tuning: tuning::tuning(study, &schedule),
        ablations: losses::ablations(study, &schedule, outcomes),
        speed: if analysis.at_ceiling { speed(study, &schedule, outcomes) } else { None },
        analysis,
        stability,
        rates_at_end: losses::rates_at_end(study, &schedule, outcomes),
        warnings: Vec::new(),
    };
    report.warnings = warnings(study, &report);
    Ok(report)
}

impl Report {
    /// Whether the A/A control chose the settings of the reference, in every repetition of the search.
    pub fn control_has_same_settings(&self) -> bool {
        let chosen = |arm: &str| -> Vec<Option<&Settings>> {
            let searches = self.tuning.iter().filter(|tuning| tuning.arm == arm);
            searches.map(|tuning| Some(&tuning.points.get(tuning.chosen?)?.settings)).collect()
        };
        chosen(Arm::Reference.name()) == chosen(Arm::Aa.name())
    }
}

/// How much worse a variant is than its own choice with other settings that the reference might as well have chosen, in the tuning runs of
/// the first round, in which all arms have the same seeds.
fn untuned_elsewhere(study: &Study, schedule: &Schedule, variant: usize) -> Vec<f64> {
    let mut gaps = Vec::new();
    for search in 0..study.design.searches {
        let searches = [Searched::Reference, Searched::Own(variant)].map(|arm| schedule.searches.get(&(search, arm)));
        let [Some(reference), Some(own)] = searches else { continue };
        let (Some(borrowed), Some(found)) = (reference.found(), own.found()) else { continue };
        let score = |point: usize| own.points.get(point).and_then(|point| point.score);
        let others = reference.plateau().into_iter().filter(|point| *point != borrowed.index);
        gaps.extend(others.filter_map(|point| Some(score(point)? - score(found.index)?)));
    }
    gaps
}

/// The hash that fixes the margin together with everything else.
fn registration(study: &Study, margin: f64) -> String {
    let derivation = match study.margin {
        Margin::Share(share) => ("share", share),
        Margin::Absolute(margin) => ("absolute", margin),
    };
    hash(&("ablation-registration/v1", study.hash(), derivation, margin))
}

/// Whether an arm's search, or most of its repetitions, chose a point at an edge although the range had been widened, or could not be.
/// Before that an edge is a reason to widen; afterwards it is a reason to doubt.
fn ends_at_edge(study: &Study, schedule: &Schedule, arm: Searched) -> bool {
    let searches = (0..study.design.searches).filter_map(|search| schedule.searches.get(&(search, arm)));
    let margin = schedule.margin.unwrap_or(0.0);
    let at_edge = searches.filter(|search| !search.edges(margin).is_empty()).count();
    schedule.settled && study.design.are_most(at_edge)
}

fn progress(schedule: &Schedule, outcomes: &Outcomes) -> Progress {
    let ids: BTreeSet<&str> = schedule.trials.iter().map(|planned| planned.id.as_str()).collect();
    let done = ids.iter().filter(|id| outcomes.contains_key(**id)).count();
    Progress { done, known: ids.len(), complete: schedule.complete && done == ids.len() }
}

fn spent(schedule: &Schedule, outcomes: &Outcomes) -> Spent {
    let mut seen = BTreeSet::new();
    let mut spent = Spent::default();
    for planned in &schedule.trials {
        let Some(outcome) = outcomes.get(&planned.id).filter(|_| seen.insert(&planned.id)) else { continue };
        spent.runs += 1;
        spent.diverged += usize::from(outcome.diverged);
        spent.updates = spent.updates.saturating_add(planned.trial.updates());
    }
    spent
}

fn summary(values: &[f64]) -> Option<Summary> {
    let sample = ablation_stats::Sample::new(values).ok()?;
    Some(Summary { n: sample.len(), mean: sample.mean(), sd: sample.standard_deviation() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Component;
    use crate::combined::{Combined, Modifier};
    use crate::family::Question;
    use crate::series::Series;
    use ablation_protocol::{
        Trial,
        made_up::{run, toy, world},
    };
    use ablation_stats::Verdict;

    fn verdict(component: &Component, question: Question) -> Option<Verdict> {
        component.answers.get(&question).and_then(|answer| answer.verdict)
    }

    #[test]
    fn a_co_adapted_component_is_found() {
        let study = toy();
        let report = report(&study, &run(&study, world(0.0))).unwrap();
        assert!(report.progress.complete && !report.analysis.noise_floor_exceeded);
        let [position, decay] = &report.analysis.components[..] else { panic!("two components") };
        assert_eq!(position.combined, Some(Combined::CoAdapted));
        assert!(matches!(verdict(position, Question::Disruption), Some(Verdict::Worse { .. })));
        assert_eq!(verdict(position, Question::Necessity), Some(Verdict::Equivalent));
        assert!(
            (position.answers[&Question::Disruption].gap.mean - 1.0).abs() < 0.01,
            "the mean, not zero, is the primary ablation"
        );
        assert!(report.ablations[0][0].primary && !report.ablations[0][1].primary);
        assert!((position.co_adaptation.unwrap() - 1.0).abs() < 0.01);
        // After 5 updates of 100, 0.5^0.5 of the damage is left.
        assert!((position.recovered_share.unwrap() - 0.293).abs() < 0.01, "{:?}", position.recovered_share);
        assert_eq!(decay.combined, Some(Combined::NotNecessary));
        assert_eq!(verdict(decay, Question::Disruption), None, "not applicable, and not zero");
    }

    #[test]
    fn what_is_needed_is_found_and_ablation_overstates_it() {
        let study = toy();
        let report = report(&study, &run(&study, world(0.3))).unwrap();
        assert_eq!(report.analysis.components[0].combined, Some(Combined::OverstatedByAblation));
        assert_eq!(report.analysis.components[1].combined, Some(Combined::NotNecessary));
    }

    /// 7.5 of the methodology: six seeds claim that there is no difference only where the margin is wide for them.
    #[test]
    fn a_sketch_claims_no_equivalence_that_its_spread_forbids() {
        let mut series = Series::new(6);
        // A standard deviation of 0.0089.
        for (unit, gap) in [0.01, -0.01, 0.01, -0.01, 0.004, -0.004].into_iter().enumerate() {
            series.set(Arm::Reference, 0, 0, unit, 1.0);
            series.set(Arm::Retrained, 0, 0, unit, 1.0 + gap);
        }
        let necessity = |margin, sketch| {
            let subject =
                Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
            let options = Options { margin: Some(margin), sketch, ..Options::default() };
            verdict(&analyse(&series, &[subject], &options).unwrap().components[0], Question::Necessity)
        };
        assert_eq!(necessity(0.011, false), Some(Verdict::Equivalent));
        assert!(
            matches!(
                necessity(0.011, true),
                Some(Verdict::Inconclusive { needs: Some(ablation_stats::Needs { pairs: 10.., .. }) })
            ),
            "fewer would be a sketch again"
        );
        assert_eq!(necessity(0.014, true), Some(Verdict::Equivalent));
        let sketches = ablation_protocol::Design::tiers().map(|tier| tier.is_sketch());
        assert_eq!(sketches, [true, false, false]);
    }

    /// Ten pairs that differ by a fraction of the margin, every time: that is found, and it matters to no verdict.
    #[test]
    fn what_is_found_within_the_margin_qualifies_nothing() {
        let mut series = Series::new(10);
        let means = [
            (Arm::Reference, 1.0),
            (Arm::Ablated, 1.302),
            (Arm::Retrained, 1.3),
            (Arm::RetrainedUntuned, 1.304),
            (Arm::Matched, 1.3),
        ];
        for unit in 0..10 {
            let luck = |arm: Arm| 0.0001 * ((unit * 7 + arm as usize * 3) % 5) as f64;
            means.iter().for_each(|(arm, mean)| series.set(*arm, 0, 0, unit, mean + luck(*arm)));
        }
        let subject =
            || Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { margin: Some(0.05), ..Options::default() };
        let analysis = analyse(&series, &[subject()], &options).unwrap();
        // From ten units on there is a second opinion on the interval, of all resamples.
        let answer = &analysis.components[0].answers[&Question::Necessity];
        let (bca, t, gap) = (answer.bca95().unwrap(), answer.gap.ci95.unwrap(), &answer.gap);
        assert!(bca.low <= gap.mean && gap.mean <= bca.high && bca.high - bca.low < t.high - t.low, "{bca:?} beside {t:?}");
        let co_adaptation_gap = verdict(&analysis.components[0], Question::CoAdaptationGap);
        assert!(matches!(co_adaptation_gap, Some(Verdict::Worse { .. })), "{co_adaptation_gap:?}");
        assert_eq!(analysis.components[0].combined, Some(Combined::Necessary), "not overstated");
        let tuning_confound = verdict(&analysis.components[0], Question::TuningConfound);
        assert!(matches!(tuning_confound, Some(Verdict::Worse { .. })), "{tuning_confound:?}");
        assert!(!analysis.components[0].modifiers.contains(&Modifier::UntunedMisleading));

        // And where never having had it costs next to nothing, capacity explains nothing.
        for unit in 0..10 {
            let luck = 0.0001 * (unit % 5) as f64;
            series.set(Arm::Retrained, 0, 0, unit, 1.001 + luck);
            series.set(Arm::Matched, 0, 0, unit, 1.0 + luck);
        }
        let analysis = analyse(&series, &[subject()], &options).unwrap();
        assert!(!analysis.components[0].modifiers.contains(&Modifier::ExplainedBySize));
    }

    /// Where noise may be as large as the margin, or a sketch cannot tell, a difference that was found is not called negligible.
    #[test]
    fn what_cannot_be_shown_to_be_none_is_not_called_negligible() {
        let extent = |aa_control: f64, spread: f64, sketch: bool| {
            let mut series = Series::new(8);
            for unit in 0..8 {
                let noise = spread * (unit % 4) as f64;
                series.set(Arm::Reference, 0, 0, unit, 1.0);
                series.set(Arm::Aa, 0, 0, unit, 1.0 + aa_control + 0.0001 * (unit % 3) as f64);
                series.set(Arm::Retrained, 0, 0, unit, 1.0 - 0.001 - noise);
            }
            let subject =
                Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
            let options = Options { margin: Some(0.01), sketch, ..Options::default() };
            let analysis = analyse(&series, &[subject], &options).unwrap();
            match verdict(&analysis.components[0], Question::Necessity) {
                Some(Verdict::BetterWithout { extent }) => extent,
                other => panic!("{other:?}"),
            }
        };
        use ablation_stats::Extent::{Negligible, Plain};
        assert_eq!(extent(0.0, 0.0005, false), Negligible);
        assert_eq!(extent(0.02, 0.0005, false), Plain, "the aa_control differs by more than the margin");
        assert_eq!(extent(0.0, 0.0005, true), Negligible);
        assert_eq!(extent(0.0, 0.0065, true), Plain, "the margin is no 1.5 standard deviations");
    }

    /// A need that only its own search sees, and one that may be smaller than the margin, whichever way is better.
    #[test]
    fn what_a_need_may_come_from_is_said() {
        let modifiers = |own: f64, untuned: f64, higher_is_better: bool| {
            let sign = if higher_is_better { -1.0 } else { 1.0 };
            let mut series = Series::new(8);
            for unit in 0..8 {
                let noise = 0.002 * (unit * unit % 5) as f64;
                series.set(Arm::Reference, 0, 0, unit, 1.0);
                series.set(Arm::Retrained, 0, 0, unit, 1.0 + sign * (own + noise));
                series.set(Arm::RetrainedUntuned, 0, 0, unit, 1.0 + sign * (untuned + noise - 0.003));
            }
            let subject =
                Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
            let options = Options { margin: Some(0.05), higher_is_better, ..Options::default() };
            analyse(&series, &[subject], &options).unwrap().components[0].modifiers.clone()
        };
        for higher_is_better in [false, true] {
            let modifiers = |own, untuned| modifiers(own, untuned, higher_is_better);
            assert_eq!(modifiers(0.5, 0.5), []);
            assert_eq!(modifiers(0.5, 0.0), [Modifier::SearchFailed]);
            assert_eq!(modifiers(0.5, -0.6), [Modifier::SearchFailed], "the untuned even helps");
            assert_eq!(modifiers(0.048, 0.048), [Modifier::BelowMargin]);
            assert_eq!(modifiers(0.01, 0.01), [], "no need at all");
        }
    }

    /// Recovery of one seed of two is done: what it undid is said of that seed.
    #[test]
    fn the_share_that_recovery_undoes_is_paired() {
        let mut series = Series::new(7);
        for unit in 0..7 {
            series.set(Arm::Reference, 0, 0, unit, 1.0 + 0.001 * unit as f64);
            series.set(Arm::Ablated, 0, 0, unit, 2.0 + unit as f64);
        }
        series.set(Arm::Recovered, 0, 0, 0, 1.5);
        series.set(Arm::Sham, 0, 0, 0, 1.0);
        let subject =
            Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { margin: Some(0.05), budgets: vec![0.05], ..Options::default() };
        let analysis = analyse(&series, &[subject], &options).unwrap();
        assert_eq!(analysis.components[0].recovered_share, Some(0.5));
    }

    #[test]
    fn a_report_of_some_of_the_outcomes_uses_whole_pairs_and_claims_less() {
        let study = toy();
        let all = run(&study, world(0.0));
        let complete = report(&study, &all).unwrap();
        assert_eq!(complete.analysis.units, 6);
        assert!(
            complete.analysis.components[0].answers.values().all(|answer| answer.bca95().is_none()),
            "six are too few for one"
        );
        let schedule = schedule(&study, &all);
        let early = |planned: &&ablation_protocol::Planned| planned.role.pair().is_none_or(|pair| pair.seed < 3);
        let some: Outcomes =
            schedule.trials.iter().filter(early).map(|planned| (planned.id.clone(), all[&planned.id].clone())).collect();
        let partial = report(&study, &some).unwrap();
        assert!(!partial.progress.complete && partial.progress.done > 50);
        let answer = &partial.analysis.components[0].answers[&Question::Necessity];
        assert_eq!(answer.values, complete.analysis.components[0].answers[&Question::Necessity].values[..3]);
        assert_eq!(
            partial.analysis.components[0].answers[&Question::Disruption].gap.n,
            3,
            "the ablation that so far raises the loss least"
        );
        assert!(matches!(answer.verdict, Some(Verdict::Inconclusive { .. } | Verdict::Equivalent)));
        let nothing = report(&study, &Outcomes::new()).unwrap();
        assert!(nothing.analysis.components.iter().all(|component| component.answers.is_empty() && component.combined.is_none()));
    }

    #[test]
    fn one_seed_gets_no_verdict() {
        let mut study = toy();
        study.design.seeds = 1;
        let report = report(&study, &run(&study, world(0.3))).unwrap();
        assert!(report.analysis.components.iter().all(|component| component.combined.is_none()));
        assert!(report.analysis.components[0].answers[&Question::Necessity].verdict.is_none());
    }

    #[test]
    fn repetitions_of_the_search_are_the_units_of_a_gold_study() {
        let mut study = toy();
        (study.design.searches, study.design.seeds) = (7, 2);
        let report = report(&study, &run(&study, world(0.3))).unwrap();
        let answer = &report.analysis.components[0].answers[&Question::Necessity];
        assert_eq!((report.analysis.units, answer.gap.n), (7, 7));
        assert!(matches!(answer.verdict, Some(Verdict::Worse { .. })));
    }

    #[test]
    fn an_aa_control_that_differs_forbids_equivalence() {
        let study = toy();
        // Initial weights, which only the A/A control has of its own, matter by more than the margin.
        let noisy = |trial: &Trial| {
            let mut outcome = world(0.0)(trial);
            let extra = if trial.seeds.redraw.is_none() { 0.0 } else { 0.2 };
            outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| loss + extra));
            outcome
        };
        let report = report(&study, &run(&study, noisy)).unwrap();
        assert!(report.analysis.noise_floor_exceeded);
        let necessity = verdict(&report.analysis.components[0], Question::Necessity);
        assert!(matches!(necessity, Some(Verdict::Inconclusive { .. })), "{necessity:?}");
    }

    #[test]
    fn a_search_that_ends_at_an_edge_of_what_can_be_set_gives_no_verdict() {
        let mut study = toy();
        // The range cannot be widened, and the best rate lies below it.
        let rate = &mut study.space[0];
        (rate.low, rate.high, rate.bounds) = (0.02, 1.0, [0.02, 1.0]);
        let steep = |trial: &Trial| {
            let mut outcome = world(0.3)(trial);
            let extra = libm::log10(trial.settings.number("train.learning_rate").unwrap() / 0.02);
            outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| loss + extra));
            outcome
        };
        let report = report(&study, &run(&study, steep)).unwrap();
        let component = &report.analysis.components[0];
        assert!(component.modifiers.contains(&Modifier::SearchAtEdge));
        assert_eq!(component.combined, Some(Combined::Undetermined));
    }

    #[test]
    fn a_report_survives_its_json_and_the_order_of_outcomes() {
        let study = toy();
        let outcomes = run(&study, world(0.0));
        let report = report(&study, &outcomes).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    /// The worked example of the methodology, section 7.11.
    #[test]
    fn reference_arithmetic() {
        let mut series = Series::new(6);
        let means = [
            (Arm::Reference, 1.482),
            (Arm::Ablated, 2.913),
            (Arm::Recovered, 1.561),
            (Arm::Sham, 1.470),
            (Arm::Retrained, 1.531),
            (Arm::RetrainedUntuned, 1.566),
        ];
        for unit in 0..6 {
            let luck = unit as f64 * 0.01;
            means.iter().for_each(|(arm, mean)| series.set(*arm, 0, 0, unit, mean + luck));
        }
        let subject =
            Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { margin: Some(0.01), budgets: vec![0.05], ..Options::default() };
        let analysis = analyse(&series, &[subject], &options).unwrap();
        let component = &analysis.components[0];
        let mean = |question: Question| component.answers[&question].gap.mean;
        for (question, expected) in [
            (Question::Disruption, 1.431),
            (Question::Recovery, 0.091),
            (Question::Necessity, 0.049),
            (Question::TuningConfound, 0.035),
        ] {
            assert!((mean(question) - expected).abs() < 1e-9, "{question:?}");
        }
        assert!((component.co_adaptation.unwrap() - 0.965758).abs() < 1e-6);
        assert!((component.recovered_share.unwrap() - 0.936937).abs() < 1e-6);
    }
}
