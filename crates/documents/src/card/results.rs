//! Sections 8 to 14: results, margin and power, controls, verdicts, deviations and how to reproduce them.

use ablation_protocol::{Margin, hash_text};
use ablation_report::{Component, Question, Record, Report, SpeedRatio, Steps};
use ablation_settings::number::significant;

use super::analysis::{self, NOTHING_YET, ends};
use super::content::item;
use super::{CardItem, Cell, Content};
use crate::tables::Findings;

/// Relative difference of losses between devices; the crate that trains tests it.
const TOLERANCE: &str = "1e-4";

pub(super) fn results(record: &Record) -> Vec<CardItem> {
    let ablations = record.study.variants.iter().zip(&record.report.ablations).flat_map(|(variant, ablations)| {
        ablations.iter().map(|ablation| -> [Cell; 5] {
            let interval = ablation.gap.as_ref().and_then(|gap| gap.ci95);
            [
                variant.label.as_str().into(),
                ablation.operator.as_str().into(),
                if ablation.primary { "primary".into() } else { "secondary".into() },
                ablation.gap.as_ref().map(|gap| gap.mean).into(),
                interval.map(ends).into(),
            ]
        })
    });
    let reference = match record.report.reference {
        Some(summary) => Content::text(format!(
            "mean test loss {} {}, standard deviation {}, n = {}; {}",
            significant(summary.mean),
            record.study.unit,
            summary.sd.map_or("not defined".to_string(), significant),
            record.report.analysis.unit_of_analysis.many(summary.n as u64),
            match record.report.constant_predictor {
                Some(constant_predictor) =>
                    format!("constant predictor {} {}", significant(constant_predictor), record.study.unit),
                None => "the loss of the constant predictor is not known".to_string(),
            }
        )),
        None => Content::none(NOTHING_YET),
    };
    vec![
        item(
            "unit",
            Content::text(format!(
                "test loss in {}; a gap is the first arm minus the second, so a positive gap means that the first arm is worse",
                record.study.unit
            )),
        ),
        item("reference", reference),
        analysis::methods(),
        analysis::warnings(&Findings::of(&record.study, &record.report)),
        item("gaps", analysis::gaps(&record.report.analysis, NOTHING_YET)),
        item(
            "all_ablations",
            Content::table(
                ["component", "operator", "rank", "mean disruption", "95 % CI"],
                ablations,
                "no component can be ablated",
            ),
        ),
        item("recovery", analysis::recovery(&record.report.analysis)),
        analysis::left_out(&record.report.analysis),
        item("steps_to_threshold", steps_to_threshold(record)),
        item(
            "e_values",
            Content::none(
                "the number of seeds is fixed in advance, so no sequential test is needed; a verdict is final only when all trials are complete",
            ),
        ),
    ]
}

/// The second metric of a task that is solved exactly (methodology, section 11.4).
fn steps_to_threshold(record: &Record) -> Content {
    let Report { speed, analysis, .. } = &record.report;
    let Some(speed) = speed else {
        return Content::none(match analysis.at_ceiling {
            true => "no run of the reference says when it reached the threshold",
            false => "the reference does not solve the task exactly, so losses tell the arms apart",
        });
    };
    let row = |component: &Component, settings: &str, found: SpeedRatio| -> [Cell; 7] {
        [
            component.label.as_str().into(),
            settings.into(),
            found.steps.mean.into(),
            format!("{} of {}", found.steps.reached, found.steps.of).into(),
            found.ratio.into(),
            found.ci95.map(|interval| interval.low).into(),
            found.ci95.map(|interval| interval.high).into(),
        ]
    };
    let Steps { mean, reached, of } = speed.reference;
    let reached = format!("{reached} of {of}").into();
    let reference = ["reference".into(), "its own".into(), mean.into(), reached, Cell::Missing, Cell::Missing, Cell::Missing];
    let rows = analysis.components.iter().zip(&speed.components).flat_map(|(component, speed)| {
        let own = speed.retrained.map(|found| row(component, "its own", found));
        own.into_iter().chain(speed.untuned.map(|found| row(component, "the reference's", found)))
    });
    let columns = ["component", "settings", "steps", "reached", "times the reference", "95 % CI low", "95 % CI high"];
    Content::table(columns, std::iter::once(reference).chain(rows), NOTHING_YET)
}

pub(super) fn power(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let margin = report.analysis.margin;
    let value = match margin {
        Some(margin) => Content::text(format!("{} {}", significant(margin), study.unit)),
        None if report.registration.is_some() => {
            Content::none("the reference is no better than the constant predictor, so the margin would be zero")
        }
        None => Content::none("the search of the reference fixes the margin, and this search is not complete"),
    };
    let derivation = match study.margin {
        Margin::Share(share) => format!(
            "{} % of what the reference learned: the loss of the constant predictor minus the tune loss of the reference in its first search",
            significant(100.0 * share)
        ),
        Margin::Absolute(_) => "set in the study as a difference of losses".to_string(),
    };
    vec![
        item("margin", value),
        item("derivation", Content::text(derivation)),
        item(
            "fixed",
            Content::text(
                "by the study and the search of the reference, which runs before any variant is trained. The registration hash covers it",
            ),
        ),
        item("power", analysis::power(&report.analysis, &study.unit)),
    ]
}

pub(super) fn controls(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let short_retrain = if study.recovery.short_retrain { analysis::NO_RECOVERY } else { "short retraining was not requested" };
    let is_requested = study.variants.iter().any(|variant| variant.matched.is_some());
    let matched = if is_requested { NOTHING_YET } else { "no parameter-matched arm was requested" };
    vec![
        item("aa", analysis::aa_control(&report.analysis, &study.unit, NOTHING_YET)),
        item("sham", analysis::sham(&report.analysis, report.reference.map(|reference| reference.mean))),
        item("short-retrain", analysis::answers_to(&report.analysis, Question::RecoveryAdvantage, &study.unit, short_retrain)),
        item("matched", analysis::answers_to(&report.analysis, Question::Matched, &study.unit, matched)),
    ]
}

pub(super) fn deviations(record: &Record) -> Vec<CardItem> {
    let progress = record.report.progress;
    let complete = if progress.complete {
        Content::Check { passed: true, text: format!("all {} trials are complete", progress.done) }
    } else {
        let text = format!("{} of the {} trials known so far are complete; verdicts may change", progress.done, progress.known);
        Content::Check { passed: false, text }
    };
    vec![
        item("complete", complete),
        item(
            "changes",
            Content::text(
                "none: a changed study has a different hash, and its record is rejected. The result of a trial depends only on the trial \
                    itself, so it may have been computed earlier for another study",
            ),
        ),
        item("excluded_runs", Content::text("none: a diverged trial is scored with the loss of the untrained model")),
    ]
}

pub(super) fn reproduce(record: &Record) -> Vec<CardItem> {
    let table = Findings::of(&record.study, &record.report).csv();
    vec![
        item("command", Content::text("ablation run STUDY")),
        item("result_table_sha256", Content::text(hash_text(&table))),
        item("result_table", Content::text("the CSV file with all statistics, seven significant digits")),
        item(
            "tolerance",
            Content::text(format!(
                "the same build on the same kind of machine gives the same file. Losses on different devices agree within a relative \
                    difference of {TOLERANCE}, so the hash differs; a verdict can differ only if it is close to its threshold"
            )),
        ),
    ]
}
