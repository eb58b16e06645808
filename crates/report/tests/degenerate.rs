//! Studies that show little or nothing: too few seeds, runs that diverged, no spread, a margin that is too large. Each says so in a sentence,
//! and none has a verdict that its runs do not carry.

use std::collections::BTreeSet;

use ablation_protocol::made_up::{outcome, run, six, six_world};
use ablation_protocol::{Design, Margin, Outcome, Purpose, Searched, Study, Trial, schedule};
use ablation_report::{Combined, Component, Question, Record, Report, read_record};
use ablation_stats::Verdict;

const OPEN: Verdict = Verdict::Inconclusive { needs: None };

/// The report of a study, which survives its file.
fn report(study: &Study, world: impl Fn(&Trial) -> Outcome) -> Report {
    let record = Record::new(study, &run(study, world)).unwrap();
    assert!(record.report.progress.complete);
    read_record(&record.to_json()).unwrap().report
}

fn seeds(seeds: u32) -> Study {
    Study { design: Design { seeds, ..six().design }, ..six() }
}

/// The same trial with a loss that is no number.
fn diverged(trial: &Trial) -> Outcome {
    let mut outcome = Outcome { diverged: true, ..six_world(trial) };
    outcome.marks.values_mut().for_each(|marks| (marks.loss, marks.score) = (None, None));
    outcome
}

fn is_changed(trial: &Trial) -> bool {
    let number = |path: &str| trial.settings.number(path).unwrap();
    !trial.remove.is_empty() || number("train.weight_decay") == 0.0 || number("model.heads") == 2.0
}

fn verdict(component: &Component, question: Question) -> Option<Verdict> {
    component.answers.get(&question).and_then(|answer| answer.verdict)
}

#[track_caller]
fn says(report: &Report, code: &str, words: &str) {
    let found = report.warnings.iter().find(|warning| warning.code == code);
    assert!(found.is_some_and(|warning| warning.text.contains(words)), "{code}: {:?}", report.warnings);
}

fn has(report: &Report, code: &str) -> bool {
    report.warnings.iter().any(|warning| warning.code == code)
}

#[test]
fn one_seed_and_two_seeds_decide_nothing() {
    let one = report(&seeds(1), six_world);
    says(&one, "few-units", "One seed: no verdict");
    assert!(one.analysis.components.iter().all(|component| verdict(component, Question::Necessity).is_none()));
    let two = report(&seeds(2), six_world);
    says(&two, "few-units", "2 seeds: the sign-flip test needs 6");
    assert!(two.analysis.components.iter().all(|component| component.combined == Some(Combined::Undetermined)));
}

/// Two runs that diverged have one loss, that of the untrained model. It was read as "nothing was changed", and the control passed.
#[test]
fn runs_that_all_diverged_are_not_identical() {
    let report = report(&six(), diverged);
    assert!(report.analysis.identical.is_empty() && !has(&report, "identical") && report.analysis.noise_floor_exceeded);
    says(&report, "untrained", "Every run of the reference diverged");
    says(&report, "noise-floor", "every run of the A/A control diverged");
    says(&report, "diverged", "Among them are final runs: the reference in all 6 seeds, ");
    for component in &report.analysis.components {
        assert_eq!(component.combined, Some(Combined::Undetermined), "{}", component.component);
        assert!(component.answers.values().all(|answer| answer.verdict == Some(OPEN)), "{}", component.component);
    }
}

/// The loss of the untrained model says that training failed, and not what a model without the component could do.
#[test]
fn a_component_without_which_no_run_trains_is_not_called_necessary() {
    let report = report(&six(), |trial| if is_changed(trial) { diverged(trial) } else { six_world(trial) });
    assert!(!report.analysis.noise_floor_exceeded && !has(&report, "identical"));
    says(&report, "diverged", "`position` (retrained without, untuned) in all 6 seeds");
    for component in &report.analysis.components {
        assert_eq!((component.combined, verdict(component, Question::Necessity)), (Some(Combined::Undetermined), Some(OPEN)));
        assert!(component.modifiers.is_empty());
    }
    // What was measured stays.
    let position = &report.analysis.components[0];
    assert!(matches!(verdict(position, Question::Disruption), Some(Verdict::Worse { .. })));
    assert!(matches!(verdict(position, Question::Untuned), Some(Verdict::Worse { .. })), "the untuned gap is about just that");
}

#[test]
fn a_reference_that_diverged_in_one_seed_is_named() {
    let study = six();
    let lost: BTreeSet<String> = schedule(&study, &run(&study, six_world))
        .trials
        .into_iter()
        .filter(|planned| {
            let of_reference = matches!(planned.role, Purpose::Trained { arm: Searched::Reference, .. });
            of_reference && planned.role.pair().is_some_and(|pair| pair.seed == 2)
        })
        .map(|planned| planned.id)
        .collect();
    let report = report(&study, |trial| {
        let is_lost = lost.contains(&trial.id()) || trial.origin().is_some_and(|origin| lost.contains(&origin.id()));
        if is_lost { diverged(trial) } else { six_world(trial) }
    });
    says(&report, "diverged", "the reference in 1 of 6 seeds, ");
    let undecided = |component: &Component| component.combined == Some(Combined::Undetermined);
    assert!(report.analysis.components.iter().all(undecided), "{:?}", report.analysis.components[0].combined);
}

#[test]
fn seeds_that_change_nothing_are_one_run() {
    let damage = |trial: &Trial| trial.stages.get(1).map_or(0.0, |then| then.ablations.len() as f64);
    let report = |world: &dyn Fn(&Trial) -> Outcome| report(&six(), world);
    says(&report(&|trial| outcome(trial, 0.5, 3.0, 2.5)), "constant", "no more evidence than one");
    says(&report(&|trial| outcome(trial, 0.5 + damage(trial), 3.0, 2.5)), "constant", "no more evidence than one");
    assert!(!has(&report(&six_world), "constant"));
}

/// A margin beyond all that was learned, or a reference that learned nothing: no gap is judged, and no number of seeds would help.
#[test]
fn where_nothing_can_matter_no_gap_has_a_verdict() {
    let wide = report(&Study { margin: Margin::Absolute(5.0), ..six() }, six_world);
    says(&wide, "untrained", "The reference learned no more than the margin");
    assert!(!has(&wide, "solved"));
    let nothing = report(&six(), |trial| {
        let mut outcome = six_world(trial);
        outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| loss + 3.0));
        outcome
    });
    says(&nothing, "untrained", "no better than the constant predictor");
    for component in wide.analysis.components.iter().chain(&nothing.analysis.components) {
        assert_eq!(component.combined, Some(Combined::Undetermined), "{}", component.component);
        let is_open = |verdict: Option<Verdict>| matches!(verdict, Some(OPEN | Verdict::Unchanged));
        assert!(component.answers.values().all(|answer| is_open(answer.verdict)), "{}", component.component);
    }
}
