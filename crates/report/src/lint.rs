//! Methodological problems of a study that a reviewer would raise.
//!
//! An error invalidates a claim, a warning weakens it, a note has to be reported with it. Every finding names its places and what to do; what
//! is wrong with several components in the same words is one finding.

use ablation_data::Harder;
use ablation_protocol::{Arm, Grade, Margin, Study};
use ablation_settings::{arrange_by_key, number::significant};
use ablation_stats::{Extent, FEWEST_PAIRS, LEVEL, Verdict};
use serde::{Deserialize, Serialize};

use crate::budget::inequalities;
use crate::{Analysis, Answer, Asked, Modifier, Question, Report, mixed};

/// Fraction of diverged runs of a search above which its best point depends mostly on chance.
const MOST_DIVERGED: f64 = 0.25;

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It invalidates a claim.
    Error,
    /// It weakens a claim.
    Warning,
    /// It has to be reported with the claim.
    Note,
}

/// A methodological problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Finding {
    /// Severity.
    pub level: Level,
    /// Code, such as `one-seed`; stable between releases.
    pub code: String,
    /// The components, arms or fields of the study that are concerned.
    pub places: Vec<String>,
    /// The problem.
    pub message: String,
    /// How to fix it.
    pub hint: String,
}

/// Every finding about a report, errors first. An empty list only means that none of these problems was found.
pub fn lint(study: &Study, report: &Report) -> Vec<Finding> {
    let mut findings = Findings::default();
    progress(&mut findings, report);
    units(&mut findings, study, report);
    budgets(&mut findings, study, report);
    controls(&mut findings, study, report);
    equivalence(&mut findings, study, report);
    searches(&mut findings, study, report);
    luck(&mut findings, &report.analysis);
    contested(&mut findings, &report.analysis);
    ablations(&mut findings, study, report);
    families(&mut findings, &report.analysis);
    remarks(&mut findings, study, report);
    engines(&mut findings, report);
    arrange_by_key(&mut findings.0, |finding| finding.level);
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, level: Level, code: &str, place: &str, message: impl Into<String>, hint: &str) {
        let (code, places, message, hint) = (code.to_string(), vec![place.to_string()], message.into(), hint.to_string());
        let new = Finding { level, code, places, message, hint };
        let is_said =
            |old: &&mut Finding| (old.level, &old.code, &old.message, &old.hint) == (level, &new.code, &new.message, &new.hint);
        match self.0.iter_mut().find(is_said) {
            // Repetitions of a search are of one arm.
            Some(old) if old.places.iter().any(|one| one == place) => {}
            Some(old) => old.places.extend(new.places),
            None => self.0.push(new),
        }
    }
}

fn progress(findings: &mut Findings, report: &Report) {
    let progress = report.progress;
    if !progress.complete {
        let message = format!("{} of the {} trials known so far are complete", progress.done, progress.known);
        findings.add(Level::Error, "incomplete", "study", message, "Run the rest of the study; the verdicts may change.");
    }
}

fn units(findings: &mut Findings, study: &Study, report: &Report) {
    // Units with all of their runs, not planned units.
    let used = report.analysis.families.iter().map(|asked| asked.units.len()).min();
    let measured = used.unwrap_or(report.analysis.units);
    let unit = report.analysis.unit_of_analysis;
    let hint = "Run at least six seeds, or six repetitions of the search.";
    match measured {
        0 => {}
        1 => findings.add(
            Level::Error,
            "one-seed",
            "final.seeds",
            format!("there is only {}, so there is no variance estimate and no verdict", unit.many(1)),
            hint,
        ),
        few if few < FEWEST_PAIRS => {
            let message = format!(
                "there are only {}; the sign-flip test needs {FEWEST_PAIRS} for a p-value below {LEVEL}",
                unit.many(few as u64)
            );
            findings.add(Level::Error, "few-units", "final.seeds", message, hint);
        }
        _ => {}
    }
    if study.design.searches == 1 {
        findings.add(
            Level::Warning,
            "one-search",
            "search.searches",
            "the hyper-parameter search was run once per arm, so all results are conditional on this search",
            "Report this limitation, or repeat the search, as in the tier `gold`.",
        );
    }
}

fn budgets(findings: &mut Findings, study: &Study, report: &Report) {
    for message in inequalities(study, report) {
        let hint =
            "Give every arm the same training steps, batch size and search points; otherwise the gap may come from the budget.";
        findings.add(Level::Error, "unequal-budgets", "budget", message, hint);
    }
}

/// Whether the analysis has this gap for any component.
fn has_gap(analysis: &Analysis, question: Question) -> bool {
    analysis.components.iter().any(|component| component.answers.contains_key(&question))
}

fn controls(findings: &mut Findings, study: &Study, report: &Report) {
    let analysis = &report.analysis;
    match &analysis.aa_control {
        None if has_gap(analysis, Question::Necessity) => findings.add(
            Level::Error,
            "no-aa-control",
            Arm::Aa.label(),
            "there is no A/A control (the reference trained again as if it were a variant), so the noise floor is not known",
            "Run the A/A control before you interpret a gap.",
        ),
        Some(aa_control) if analysis.noise_floor_exceeded && aa_control.gap.n > 1 => findings.add(
            Level::Error,
            "noise-floor",
            Arm::Aa.label(),
            analysis.noise_floor_in_words().unwrap_or_default(),
            "Run more seeds, search more points, or choose a wider margin in a new study.",
        ),
        _ => {}
    }
    for component in &analysis.components {
        if component.recovery.iter().any(|recovered| recovered.means[0].is_some() && recovered.means[1].is_none()) {
            findings.add(
                Level::Error,
                "no-sham",
                &component.label,
                "recovery fine-tuning has no sham control, so the effect of more training is counted as recovery",
                "Fine-tune the reference without the ablation for as many steps, on the same batches.",
            );
        }
    }
    if let Some((budget, gap)) = worst_sham(report) {
        let message = format!(
            "after {} % of the steps the sham is worse than the reference by {}, which is more than the margin",
            100.0 * budget,
            significant(gap)
        );
        let hint = "Add smaller recovery rates. A sham that loses what was learned makes any recovery look good.";
        findings.add(Level::Warning, "sham-worse", "recovery", message, hint);
    }
    for at_end in &report.rates_at_end {
        let message = format!(
            "the arm \"{}\" chose the recovery rate {} for {} % of the steps, which is at the end of the list of rates",
            at_end.arm.label(),
            at_end.rate,
            100.0 * at_end.budget
        );
        let place =
            at_end.component.and_then(|index| analysis.components.get(index)).map_or("recovery.rates", |one| one.label.as_str());
        let hint = "Add a rate beyond that end, so that recovery is not limited by the list.";
        findings.add(Level::Note, "rate-at-end", place, message, hint);
    }
    if !study.recovery.short_retrain && analysis.components.iter().any(|component| !component.recovery.is_empty()) {
        findings.add(
            Level::Note,
            "no-short-retrain",
            "recovery.short_retrain",
            "recovery fine-tuning was not compared with short retraining from scratch",
            "Set `recovery.short_retrain` before you call a component recoverable.",
        );
    }
}

/// The recovery budget after which the sham is worse than the reference by most, and by how much, if that is more than the margin.
fn worst_sham(report: &Report) -> Option<(f64, f64)> {
    let (reference, margin) = report.reference.as_ref().map(|summary| summary.mean).zip(report.analysis.margin)?;
    let shams = report.analysis.components.iter().flat_map(|component| &component.recovery);
    let gaps = shams.filter_map(|recovered| Some((recovered.budget, recovered.means[1]? - reference)));
    gaps.filter(|(_, gap)| *gap > margin).max_by(|a, b| a.1.total_cmp(&b.1))
}

fn equivalence(findings: &mut Findings, study: &Study, report: &Report) {
    let analysis = &report.analysis;
    for component in &analysis.components {
        for (question, answer) in &component.answers {
            let shown = analysis.margin.is_some() && answer.adjusted_tost.is_some_and(|p| p < LEVEL);
            if answer.verdict == Some(Verdict::Equivalent) && !shown {
                let message = format!("{} is called equivalent, but no equivalence test supports it", question.name());
                let hint =
                    "A difference that is not significant is inconclusive. Fix a margin in advance and test for equivalence.";
                findings.add(Level::Error, "untested-equivalence", &component.label, message, hint);
            }
        }
    }
    let no_margin = report.registration.is_some() && analysis.margin.is_none() && matches!(study.margin, Margin::Share(_));
    if no_margin || analysis.untrained {
        findings.add(
            Level::Error,
            "nothing-learned",
            "reference",
            "the reference is no better than the constant predictor by more than the margin, so no component can matter",
            "Train for more steps or search other learning rates. Without a trained reference there is nothing to ablate.",
        );
    }
    let message = if analysis.at_ceiling {
        Some("the reference solves the task exactly, so a verdict says what is needed to solve it and no more".to_string())
    } else {
        reached_floor(study, report).map(|floor| {
            format!(
                "the reference is within the margin of the best possible loss ({}), so a verdict says what is needed to reach that and no more",
                significant(floor)
            )
        })
    };
    if let Some(message) = message {
        findings.add(Level::Warning, "solved", "reference", message, &make_harder(study));
    }
}

/// The lowest loss that any predictor can have on the study's data, if the reference comes within the margin of it.
fn reached_floor(study: &Study, report: &Report) -> Option<f64> {
    let (reference, margin) = report.reference.as_ref().map(|summary| summary.mean).zip(report.analysis.margin)?;
    let floor = ablation_data::floor(&study.settings)?;
    (!report.analysis.untrained && reference - floor < margin).then_some(floor)
}

/// How to make the task of a study harder: the settings of its data that can be raised for that, as far as they are known.
fn make_harder(study: &Study) -> String {
    let settings = ablation_data::harder(&study.settings);
    let raise = |one: &Harder| format!("`{}` ({} now, at most {}) for {}", one.path, one.value, one.maximum, one.more);
    let raise: Vec<String> = settings.iter().map(raise).collect();
    match raise.as_slice() {
        [] => "Choose a harder setting, such as fewer steps, a smaller model or longer inputs, so that the reference is not perfect.".into(),
        raise => format!("Raise {}; or choose fewer steps or a smaller model, so that the reference is not perfect.", raise.join(", or ")),
    }
}

fn searches(findings: &mut Findings, study: &Study, report: &Report) {
    for tuning in &report.tuning {
        // Before all searches are complete, an edge extends the range; that is still to come.
        if !tuning.edges.is_empty() && report.reference.is_some() {
            let message = format!("its search chose {} at an edge of the range", tuning.edges.join(", "));
            let at_edge = report.tuning.iter().filter(|other| other.arm == tuning.arm && !other.edges.is_empty()).count();
            // The same rule as in the report: with fewer repetitions at an edge the verdict stands.
            if study.design.are_most(at_edge) {
                let hint = "Widen the range for all arms. Until then the verdicts that depend on this arm are withheld.";
                findings.add(Level::Error, "edge", tuning.arm_label(), message, hint);
            } else {
                let hint =
                    "Widen the range for all arms. Most repetitions of the search did not end at an edge, so the verdict stands.";
                findings.add(Level::Warning, "edge", tuning.arm_label(), message, hint);
            }
        }
        if tuning.under_tuned {
            findings.add(
                Level::Warning,
                "under-tuned",
                tuning.arm_label(),
                "the expected best tune loss still falls by more than the margin over the last quarter of its search points",
                "Give every arm more search points.",
            );
        }
        let trials = tuning.points.len() as f64 * f64::from(study.design.tuning_seeds);
        let diverged: u32 = tuning.points.iter().map(|point| point.diverged).sum();
        if trials > 0.0 && f64::from(diverged) > MOST_DIVERGED * trials {
            let message = format!("{diverged} of {trials} trials of its search diverged");
            let hint = "Lower the upper end of the learning rate range for all arms.";
            findings.add(Level::Warning, "diverged", tuning.arm_label(), message, hint);
        }
    }
}

fn ablations(findings: &mut Findings, study: &Study, report: &Report) {
    for (index, variant) in study.variants.iter().enumerate() {
        let ablations = report.ablations.get(index).map_or(&[][..], Vec::as_slice);
        if let [only] = ablations {
            findings.add(
                Level::Warning,
                "one-ablation",
                &variant.label,
                format!(
                    "only one ablation operator was used ({}), so the effect of the operator cannot be separated from that of the component",
                    only.operator
                ),
                "Omit `ablations` to use every operator that `ablation sites` lists. If there is only one, report this limitation.",
            );
        }
        let primary = ablations.iter().position(|ablation| ablation.primary);
        let ablated = primary.and_then(|index| variant.ablations.get(index)).map(|way| ("the primary ablation", &way.grade));
        for (what, grade) in ablated.into_iter().chain([("retraining without it", &variant.grade)]) {
            if let Grade::Approximate { reason } = grade {
                let message = format!("{what} is approximate: {reason}");
                let hint = "Report this wherever the number is shown.";
                findings.add(Level::Warning, "approximate", &variant.label, message, hint);
            }
        }
        if let Some(reason) = &variant.not_ablated {
            let hint = "Report its disruption as not measured, not as zero.";
            findings.add(Level::Note, "not-ablated", &variant.label, format!("it was not ablated: {reason}"), hint);
        }
    }
}

fn families(findings: &mut Findings, analysis: &Analysis) {
    // The smallest p-value of the sign-flip test with this n, times the size of the family.
    let least = |asked: &Asked| asked.components.len() as f64 * libm::pow(0.5, asked.units.len() as f64 - 1.0);
    let beyond = |asked: &&Asked| asked.units.len() >= FEWEST_PAIRS && least(asked) >= LEVEL;
    if let Some(asked) = analysis.families.iter().filter(beyond).max_by_key(|asked| asked.components.len()) {
        let message = format!(
            "with n = {} and {} components, sign-flip p-values adjusted by Holm cannot fall below {LEVEL}; the verdicts use the joint max-T test",
            analysis.unit_of_analysis.many(asked.units.len() as u64),
            asked.components.len()
        );
        let hint = "Report the joint test, or run more seeds if you need Holm-adjusted sign-flip tests.";
        findings.add(Level::Warning, "large-family", asked.question.name(), message, hint);
    }
}

/// A model that is worse with its own hyper-parameters but not with those of the reference: its search probably failed.
fn luck(findings: &mut Findings, analysis: &Analysis) {
    let is_worse = |answer: &Answer| matches!(answer.verdict, Some(Verdict::Worse { .. }));
    for component in &analysis.components {
        let [own, untuned] = [Question::Necessity, Question::Untuned].map(|question| component.answers.get(&question));
        let (Some(own), Some(untuned)) = (own, untuned) else { continue };
        let is_failed = component.modifiers.contains(&Modifier::SearchFailed);
        if is_failed || is_worse(own) && !is_worse(untuned) && untuned.gap.mean < own.gap.mean {
            findings.add(
                Level::Warning,
                "search-failed",
                &component.label,
                "the model retrained without it is worse than the reference with its own hyper-parameters, but not with the \
                    reference's: its hyper-parameter search probably failed",
                "Give every arm more search points or more tuning seeds. A failed search looks like necessity.",
            );
        }
    }
}

/// Sample skewness of the gaps; none where they do not vary.
fn skewness(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = ablation_stats::sum(values.iter().copied()) / n;
    let moment = |power: f64| ablation_stats::sum(values.iter().map(|value| libm::pow(value - mean, power))) / n;
    let variance = moment(2.0);
    (variance > 0.0).then(|| moment(3.0) / (variance * variance.sqrt()))
}

/// Differences that the sign-flip test finds although the t interval contains 0.
fn contested(findings: &mut Findings, analysis: &Analysis) {
    for component in &analysis.components {
        for (question, answer) in component.answers.iter().filter(|(_, answer)| answer.is_contested()) {
            let message = format!(
                "{}: the sign-flip test is significant, but the 95 % t interval includes 0 (skewness {}). The sign is supported, the size is \
                 not",
                question.name(),
                skewness(&answer.values).map_or("not defined".to_string(), significant)
            );
            let hint = "Show every value beside the mean. Claim the direction, not the size.";
            findings.add(Level::Warning, "contested", &component.label, message, hint);
        }
    }
}

fn engines(findings: &mut Findings, report: &Report) {
    let Some(message) = mixed(&report.engines) else { return };
    let same = report.engines.windows(2).all(|pair| pair[0].engine.numerics == pair[1].engine.numerics);
    let (level, code) = if same { (Level::Note, "mixed-devices") } else { (Level::Warning, "mixed-numerics") };
    findings.add(
        level,
        code,
        "trials",
        message,
        "Run the study anew with one release and on one kind of device, if a gap is small.",
    );
}

fn remarks(findings: &mut Findings, study: &Study, report: &Report) {
    if study.claim.is_empty() {
        let hint = "Write the `claim` before the study runs; the hash covers it.";
        findings.add(Level::Note, "no-claim", "claim", "the study states no claim, so it is exploratory", hint);
    }
    if report.spent.diverged > 0 {
        let message = format!(
            "{} of {} trials diverged; each is scored with the loss of the untrained model",
            report.spent.diverged, report.spent.runs
        );
        findings.add(
            Level::Note,
            "some-diverged",
            "trials",
            message,
            "No action is needed if these are large learning rates of a search.",
        );
    }
    for (variant, component) in study.variants.iter().zip(&report.analysis.components) {
        let necessity = component.answers.get(&Question::Necessity).and_then(|answer| answer.verdict);
        // A difference below the margin needs no explanation.
        let worse = matches!(necessity, Some(Verdict::Worse { extent: Extent::Plain | Extent::Material }));
        let [before, after] = variant.parameters;
        if worse && variant.matched.is_none() && after < before {
            let message = format!("the model retrained without it is worse, and it has {} parameters fewer", before - after);
            let hint = "Set `matched`, if a width allows it, to separate the effect of the component from that of model size.";
            findings.add(Level::Note, "no-matched", &variant.label, message, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::RateAtEnd;
    use crate::report;
    use ablation_protocol::{
        Design, Outcomes,
        made_up::{run, six, six_world},
    };

    /// The study and report of which each test changes one thing.
    fn found() -> (Study, Report) {
        let study = six();
        let report = report(&study, &run(&study, six_world)).unwrap();
        (study, report)
    }

    /// Level and code of every finding, once for each of its places.
    fn codes(study: &Study, report: &Report) -> Vec<(Level, String)> {
        let everywhere = |finding: Finding| vec![(finding.level, finding.code); finding.places.len()];
        lint(study, report).into_iter().flat_map(everywhere).collect()
    }

    #[test]
    fn a_sound_sketch_has_warnings_and_no_errors() {
        let (study, report) = found();
        let findings = lint(&study, &report);
        assert!(findings.iter().all(|finding| finding.level != Level::Error), "{findings:?}");
        assert!(findings.is_sorted_by_key(|finding| finding.level));
        assert!(findings.iter().all(|finding| !finding.places.is_empty() && finding.hint.ends_with('.')));
        assert!(findings.iter().flat_map(|finding| &finding.places).all(|place| !place.is_empty()));
        let said: BTreeSet<_> = findings.iter().map(|finding| (&finding.code, &finding.message, &finding.hint)).collect();
        assert_eq!(said.len(), findings.len(), "nothing is said twice");
        assert!(findings.iter().any(|finding| finding.places.len() > 1), "what is alike is said once, with its places");
        let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
        codes.dedup();
        assert_eq!(
            codes,
            [
                "one-search",
                "one-ablation",
                "approximate",
                "large-family",
                "rate-at-end",
                "not-ablated",
                "some-diverged",
                "no-matched"
            ]
        );
    }

    /// Each finding appears with its cause.
    #[test]
    fn every_problem_is_found() {
        type Change = fn(&mut Study, &mut Report);
        let cases: [(Level, &str, Change); 24] = [
            (Level::Warning, "mixed-numerics", |_, report| {
                let mut other = report.engines[0].clone();
                other.engine.numerics += 1;
                report.engines.push(other);
            }),
            (Level::Note, "mixed-devices", |_, report| {
                let mut other = report.engines[0].clone();
                other.engine.device.push('x');
                report.engines.push(other);
            }),
            (Level::Error, "incomplete", |_, report| report.progress.complete = false),
            (Level::Error, "one-seed", |_, report| report.analysis.families.iter_mut().for_each(|asked| asked.units.truncate(1))),
            (Level::Error, "few-units", |_, report| {
                report.analysis.families.iter_mut().for_each(|asked| asked.units.truncate(5))
            }),
            (Level::Error, "unequal-budgets", |_, report| drop(report.tuning[2].points.pop())),
            (Level::Error, "no-aa-control", |_, report| report.analysis.aa_control = None),
            (Level::Error, "noise-floor", |_, report| report.analysis.noise_floor_exceeded = true),
            (Level::Error, "no-sham", |_, report| report.analysis.components[0].recovery[0].means[1] = None),
            (Level::Error, "untested-equivalence", |_, report| report.analysis.margin = None),
            (Level::Error, "edge", |_, report| report.tuning[3].edges.push("train.learning_rate".into())),
            (Level::Warning, "under-tuned", |_, report| report.tuning[0].under_tuned = true),
            (Level::Warning, "search-failed", |_, report| {
                let answers = &mut report.analysis.components[1].answers;
                let verdict = Some(Verdict::Equivalent);
                let untuned = answers.get_mut(&Question::Untuned).unwrap();
                (untuned.verdict, untuned.gap.mean) = (verdict, 0.001);
            }),
            (Level::Warning, "diverged", |_, report| report.tuning[1].points[0].diverged = 3),
            (Level::Error, "nothing-learned", |_, report| report.analysis.margin = None),
            (Level::Warning, "solved", |_, report| report.analysis.at_ceiling = true),
            (Level::Warning, "sham-worse", |_, report| report.analysis.components[0].recovery[0].means[1] = Some(9.0)),
            (Level::Note, "rate-at-end", |_, report| {
                let at_end = RateAtEnd { arm: ablation_protocol::Arm::Sham, component: None, budget: 0.5, rate: 1.0 };
                report.rates_at_end.push(at_end);
            }),
            (Level::Note, "no-short-retrain", |study, _| study.recovery.short_retrain = false),
            (Level::Note, "no-claim", |study, _| study.claim.clear()),
            (Level::Warning, "one-ablation", |_, report| report.ablations[0].truncate(1)),
            (Level::Warning, "contested", |_, report| {
                let disruption = report.analysis.components[0].answers.get_mut(&Question::Disruption).unwrap();
                disruption.gap.ci95.as_mut().unwrap().low = -0.1;
            }),
            (Level::Warning, "approximate", |study, _| study.variants[0].grade = Grade::approximate("x")),
            (Level::Note, "not-ablated", |study, _| study.variants[0].not_ablated = Some("x".into())),
        ];
        let (study, report) = found();
        let before = codes(&study, &report);
        for (level, code, change) in cases {
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "codes are words with hyphens: {code}");
            let (mut study, mut report) = (study.clone(), report.clone());
            change(&mut study, &mut report);
            let after = codes(&study, &report);
            let count = |codes: &[(Level, String)]| codes.iter().filter(|one| **one == (level, code.to_string())).count();
            assert!(count(&after) > count(&before), "{code}: {after:?}");
        }
    }

    /// Each finding of the synthetic study disappears with its cause.
    #[test]
    fn a_problem_that_is_fixed_is_not_reported() {
        type Change = fn(&mut Study, &mut Report);
        let cases: [(&str, Change); 8] = [
            ("one-search", |study, _| study.design.searches = 8),
            ("one-ablation", |_, report| {
                report.ablations.iter_mut().filter(|ways| ways.len() == 1).for_each(|ways| ways.push(ways[0].clone()));
            }),
            ("approximate", |study, _| study.variants.iter_mut().for_each(|one| one.grade = Grade::sound("x"))),
            ("large-family", |_, report| {
                report.analysis.families.iter_mut().for_each(|asked| asked.units = (0..10).collect());
            }),
            ("not-ablated", |study, _| study.variants.iter_mut().for_each(|one| one.not_ablated = None)),
            ("some-diverged", |_, report| report.spent.diverged = 0),
            ("no-matched", |_, report| {
                let answers = report.analysis.components.iter_mut().filter_map(|one| one.answers.get_mut(&Question::Necessity));
                answers.for_each(|answer| answer.verdict = Some(Verdict::Worse { extent: Extent::Negligible }));
            }),
            ("no-matched", |study, _| {
                study.variants.iter_mut().for_each(|one| one.matched = Some(ablation_settings::Settings::default()));
            }),
        ];
        let (study, report) = found();
        for (code, change) in cases {
            let has = |codes: Vec<(Level, String)>| codes.iter().any(|one| one.1 == code);
            assert!(has(codes(&study, &report)), "{code}");
            let (mut study, mut report) = (study.clone(), report.clone());
            change(&mut study, &mut report);
            assert!(!has(codes(&study, &report)), "{code}");
        }
    }

    #[test]
    fn a_task_that_is_solved_comes_with_the_settings_that_make_it_harder() {
        let (mut study, mut report) = found();
        let solved = |study: &Study, report: &Report| lint(study, report).into_iter().find(|finding| finding.code == "solved");
        assert_eq!(solved(&study, &report), None);
        report.analysis.at_ceiling = true;
        study.settings.set("data.kind", "chess");
        let unknown = solved(&study, &report).unwrap();
        assert!(unknown.message.contains("solves the task exactly") && unknown.hint.starts_with("Choose a harder setting"));
        study.settings.set("data.kind", "sort");
        study.settings.set("data.count", 6);
        let sort = solved(&study, &report).unwrap().hint;
        assert!(sort.starts_with("Raise `data.count` (6 now, at most 32) for more letters to sort"), "{sort}");
        study.settings.set("data.count", 32);
        assert!(!solved(&study, &report).unwrap().hint.contains("data.count"), "it cannot be raised any more");
    }

    /// With label noise no model has a loss near 0 or every answer right.
    #[test]
    fn a_reference_that_reaches_the_best_possible_loss_has_solved_its_task() {
        let (mut study, mut report) = found();
        let solved = |study: &Study, report: &Report| lint(study, report).into_iter().find(|finding| finding.code == "solved");
        for (path, value) in [("data.vocabulary", 8), ("data.count", 8)] {
            study.settings.set(path, value);
        }
        study.settings.set("data.kind", "reverse");
        study.settings.set("data.label_noise", 0.1);
        // Right with 1 - 0.1 + 0.1 / 8, and each of seven others with 0.1 / 8.
        let floor = -(0.9125 * libm::log(0.9125) + 0.0875 * libm::log(0.0125));
        let margin = report.analysis.margin.unwrap();
        report.reference.as_mut().unwrap().mean = floor + 1.1 * margin;
        assert_eq!(solved(&study, &report), None);
        report.reference.as_mut().unwrap().mean = floor + 0.9 * margin;
        let found = solved(&study, &report).unwrap();
        assert!(found.message.contains(&format!("the best possible loss ({})", significant(floor))), "{}", found.message);
        assert!(found.hint.contains("`data.label_noise` (0.1 now, at most 0.9) for more label noise"), "{}", found.hint);
        report.analysis.untrained = true;
        assert_eq!(solved(&study, &report), None, "what learned nothing solved nothing");
    }

    /// As in the tier `gold`.
    #[test]
    fn an_arm_whose_search_was_repeated_is_named_once() {
        let (study, mut report) = found();
        report.tuning.push(report.tuning[0].clone());
        report.tuning.iter_mut().for_each(|tuning| tuning.under_tuned = true);
        let places = lint(&study, &report).into_iter().find(|finding| finding.code == "under-tuned").unwrap().places;
        let once: BTreeSet<_> = places.iter().collect();
        assert_eq!((once.len(), places.len()), (report.tuning.len() - 1, report.tuning.len() - 1), "{places:?}");
    }

    #[test]
    fn unequal_budgets_are_found_in_the_study() {
        let (mut study, report) = found();
        study.variants[1].set.set("train.steps", 512);
        let finding = lint(&study, &report).remove(0);
        assert_eq!((finding.level, finding.code.as_str()), (Level::Error, "unequal-budgets"));
        assert_eq!(finding.message, "− blocks.0.mlp is trained with `train.steps` 512");
    }

    /// Problems of studies that were run, not of reports that were edited.
    #[test]
    fn problems_of_studies_that_were_run_are_found() {
        let has = |findings: &[Finding], code: &str| findings.iter().any(|finding| finding.code == code);
        let one = Study { design: Design { seeds: 1, ..six().design }, ..six() };
        let findings = lint(&one, &report(&one, &run(&one, six_world)).unwrap());
        assert!(has(&findings, "one-seed") && !has(&findings, "incomplete") && !has(&findings, "noise-floor"), "{findings:?}");
        let findings = lint(&six(), &report(&six(), &Outcomes::new()).unwrap());
        assert!(has(&findings, "incomplete") && !has(&findings, "no-aa-control") && !has(&findings, "one-seed"), "{findings:?}");
        // A reference that learns nothing: its loss is that of the constant predictor.
        let idle = |trial: &ablation_protocol::Trial| {
            let mut outcome = six_world(trial);
            outcome.marks.values_mut().for_each(|marks| marks.constant_predictor = 0.0);
            outcome
        };
        let findings = lint(&six(), &report(&six(), &run(&six(), idle)).unwrap());
        assert!(has(&findings, "nothing-learned") && !has(&findings, "untested-equivalence"), "{findings:?}");
    }
}
