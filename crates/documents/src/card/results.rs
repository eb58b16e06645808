//! Blocks 8 to 14: what was found, how far it can be trusted, and how to get it again.

use ablation_protocol::{Margin, hash_text};
use ablation_report::{Question, Record};
use ablation_settings::number::significant;

use super::analysis::{self, NOTHING_YET, ends};
use super::content::item;
use super::{CardItem, Cell, Content};
use crate::tables::Findings;

/// How far losses may differ between devices: relative, tested by the crate that trains.
const TOLERANCE: &str = "1e-4";

pub(super) fn results(record: &Record) -> Vec<CardItem> {
    let cuttings = record.study.variants.iter().zip(&record.report.cuttings).flat_map(|(variant, cuttings)| {
        cuttings.iter().map(|cutting| -> [Cell; 5] {
            let interval = cutting.gap.as_ref().and_then(|gap| gap.ci95);
            [
                variant.label.as_str().into(),
                cutting.operator.as_str().into(),
                if cutting.primary { "primary".into() } else { "secondary".into() },
                cutting.gap.as_ref().map(|gap| gap.mean).into(),
                interval.map(ends).into(),
            ]
        })
    });
    let reference = match record.report.reference {
        Some(summary) => Content::text(format!(
            "mean loss {} {}, standard deviation {} over {} units; {}",
            significant(summary.mean),
            record.study.unit,
            summary.sd.map_or("none".to_string(), significant),
            summary.n,
            match record.report.trivial {
                Some(trivial) => format!("the best predictor that ignores its input has {}", significant(trivial)),
                None => "that of a predictor that ignores its input is not known".to_string(),
            }
        )),
        None => Content::none(NOTHING_YET),
    };
    vec![
        item("unit", Content::text(format!("loss ({}); a positive gap means that its first arm is worse", record.study.unit))),
        item("reference", reference),
        analysis::methods(),
        item("gaps", analysis::gaps(&record.report.analysis)),
        item(
            "all_cuts",
            Content::table(["component", "cut", "rank", "mean gap", "95 % interval"], cuttings, "no component can be cut"),
        ),
        item("healing", analysis::healing(&record.report.analysis)),
        item(
            "e_values",
            Content::none("the number of units is fixed in advance, and no verdict is meant before all of them are in"),
        ),
    ]
}

pub(super) fn power(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let margin = report.analysis.margin;
    let value = match margin {
        Some(margin) => Content::text(format!("{} {}", significant(margin), study.unit)),
        None if report.registration.is_some() => Content::none("the reference learned nothing, so a share of that is no margin"),
        None => Content::none("the search of the reference, which fixes it, is not complete"),
    };
    let derivation = match study.margin {
        Margin::Share(share) => format!(
            "{} % of what the reference learned: the loss of the best predictor that ignores its input, less that of the reference in its first search",
            significant(100.0 * share)
        ),
        Margin::Absolute(_) => "written into the study as a difference of losses".to_string(),
    };
    vec![
        item("margin", value),
        item("derivation", Content::text(derivation)),
        item(
            "fixed",
            Content::text(
                "by the study and the search of the reference, which is run before any variant; it is part of the registration hash",
            ),
        ),
        item("power", analysis::power(&report.analysis, &study.unit)),
    ]
}

pub(super) fn controls(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let relearn = if study.healing.relearn { "no component has been healed" } else { "relearning was not asked for" };
    let asked = study.variants.iter().any(|variant| variant.matched.is_some());
    let matched = if asked { NOTHING_YET } else { "no arm of equal size was asked for" };
    vec![
        item("placebo", analysis::placebo(&report.analysis, NOTHING_YET)),
        item("sham", analysis::sham(&report.analysis, report.reference.map(|reference| reference.mean))),
        item("relearn", analysis::answers_to(&report.analysis, Question::Saving, relearn)),
        item("matched", analysis::answers_to(&report.analysis, Question::Matched, matched)),
    ]
}

pub(super) fn deviations(record: &Record) -> Vec<CardItem> {
    let progress = record.report.progress;
    let complete = if progress.complete {
        Content::Check { passed: true, text: format!("all {} trials are in", progress.done) }
    } else {
        let text =
            format!("{} of the {} trials that are known so far are in; verdicts may change", progress.done, progress.known);
        Content::Check { passed: false, text }
    };
    vec![
        item("complete", complete),
        item(
            "changes",
            Content::text(
                "none to the study: one that is changed has another hash, and its record is refused. An outcome answers its trial, whichever study asked first, so it may be older than this study",
            ),
        ),
        item("excluded_runs", Content::text("none: a run that diverged counts as untrained")),
    ]
}

pub(super) fn reproduce(record: &Record) -> Vec<CardItem> {
    let table = Findings::of(&record.study, &record.report).csv();
    vec![
        item("command", Content::text("ablation run STUDY")),
        item("result_table_sha256", Content::text(hash_text(&table))),
        item("result_table", Content::text("the CSV file of all statistics, seven significant digits")),
        item(
            "tolerance",
            Content::text(format!(
                "the same file on the same build and kind of machine; losses within {TOLERANCE} of each other across devices, so that the hash differs and verdicts do not unless they were close"
            )),
        ),
    ]
}
