//! Blocks 8 to 14: what was found, how far it can be trusted, and how to get it again.

use ablation_stats::{FEWEST_BLOCKS, Interval, LEVEL, Verdict, planned_level, tost_power};

use super::content::item;
use super::{CardItem, Cell, Content};
use crate::number::significant;
use crate::record::Record;
use crate::report::{Analysis, Answer, Asked, Component, Question, in_words, sought_in_words};
use crate::study::Margin;
use crate::tables::{Findings, judged};
use crate::trial::hash_text;
use crate::unit::Unit;

/// How far losses may differ between devices: relative, tested by the crate that trains.
const TOLERANCE: &str = "1e-4";

const NOTHING_YET: &str = "nothing has been measured yet";

/// Every answer with the name it goes by.
fn answers(record: &Record) -> impl Iterator<Item = (&str, bool, Question, &Answer)> {
    let analysis = &record.report.analysis;
    let placebo = analysis.placebo.iter().map(|answer| ("placebo", false, Question::Placebo, answer));
    let components = analysis.components.iter().flat_map(|component| {
        component.answers.iter().map(|(question, answer)| (component.label.as_str(), component.changed, *question, answer))
    });
    components.chain(placebo)
}

pub(super) fn results(record: &Record) -> Vec<CardItem> {
    let columns = [
        "component",
        "question",
        "gap",
        "n",
        "mean",
        "sd",
        "95 % low",
        "95 % high",
        "95 % BCa",
        "mean / margin",
        "p by t",
        "p by sign flips",
        "p adjusted",
        "p of equivalence",
        "the same adjusted",
        "P(worse)",
        "95 % low",
        "95 % high",
        "verdict",
        "every unit",
    ];
    let (unit, margin) = (record.report.analysis.unit_of_analysis, record.report.analysis.margin);
    let rows = answers(record).map(|(label, changed, question, answer)| -> [Cell; 20] {
        let gap = &answer.gap;
        let values: Vec<String> = answer.values.iter().map(|value| significant(*value)).collect();
        [
            label.into(),
            question.name().into(),
            question.formula().into(),
            gap.n.into(),
            gap.mean.into(),
            gap.sd.into(),
            gap.ci95.map(|interval| interval.low).into(),
            gap.ci95.map(|interval| interval.high).into(),
            answer.bca95().map(ends).into(),
            margin.map(|margin| gap.mean / margin).into(),
            gap.p_t.into(),
            gap.signflip.p().into(),
            answer.adjusted.into(),
            gap.tost_p.into(),
            answer.adjusted_tost.into(),
            (gap.wins / gap.n as f64).into(),
            gap.clopper_pearson.low.into(),
            gap.clopper_pearson.high.into(),
            answer.verdict.map_or("no verdict".into(), |verdict| in_words(verdict, question, changed, unit).into()),
            values.join(", ").into(),
        ]
    });
    let healing = record.report.analysis.components.iter().flat_map(|component| {
        component.healing.iter().map(|healed| -> [Cell; 8] {
            let [after, sham, relearned] = healed.means;
            let gap = healed.gap.as_ref();
            let interval: Option<Interval> = gap.and_then(|gap| gap.ci95);
            [
                component.label.as_str().into(),
                healed.budget.into(),
                after.into(),
                sham.into(),
                relearned.into(),
                gap.map(|gap| gap.mean).into(),
                interval.map(|interval| interval.low).into(),
                interval.map(|interval| interval.high).into(),
            ]
        })
    });
    let healing_columns =
        ["component", "share of updates", "healed", "sham", "relearned", "healed − sham", "95 % low", "95 % high"];
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
        item("unit", Content::text(format!("loss ({}); positive gaps are worse without the component", record.study.unit))),
        item("reference", reference),
        item(
            "methods",
            Content::text(
                "gaps are paired within units; intervals are t intervals, with BCa bootstrap intervals beside them from ten units on; p-values are two-sided paired t and sign-flip tests, adjusted within a question by joint step-down max-T sign flips; equivalence is two one-sided t tests, adjusted by Holm; P(worse) has a Clopper-Pearson interval, to be held against 0.75 rather than against a half",
            ),
        ),
        item("gaps", Content::table(columns, rows, NOTHING_YET)),
        item(
            "all_cuts",
            Content::table(["component", "cut", "rank", "mean gap", "95 % interval"], cuttings, "no component can be cut"),
        ),
        item("healing", Content::table(healing_columns, healing, "no component has been healed")),
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
    let asked = report.analysis.families.iter().find(|asked| asked.question == Question::Necessity);
    let level = planned_level(asked.map_or(1, |asked| asked.components.len()));
    let rows = report.analysis.components.iter().filter_map(|component| {
        let gap = &component.answers.get(&Question::Necessity)?.gap;
        let ratio = margin.zip(gap.sd.filter(|sd| *sd > 0.0)).map(|(margin, sd)| margin / sd);
        let verdict = component.answers.get(&Question::Necessity).and_then(|answer| answer.verdict);
        let [needed, sought]: [Cell; 2] = match verdict {
            Some(Verdict::Inconclusive { needs: Some(needs) }) => {
                [(needs.blocks as f64).into(), sought_in_words(needs.sought, &study.unit).into()]
            }
            Some(Verdict::Inconclusive { needs: None }) => [Cell::Missing, Cell::Missing],
            _ => ["decided".into(), Cell::Missing],
        };
        let row: [Cell; 7] = [
            component.label.as_str().into(),
            gap.sd.into(),
            ratio.into(),
            ratio.and_then(|ratio| tost_power(gap.n as u64, ratio, 0.0, level).ok()).into(),
            gap.n.into(),
            needed,
            sought,
        ];
        Some(row)
    });
    let columns =
        ["component", "sd of necessity", "margin / sd", "power of equivalence", "units", "units needed in all", "to tell"];
    vec![
        item("margin", value),
        item("derivation", Content::text(derivation)),
        item(
            "fixed",
            Content::text(
                "by the study and the search of the reference, which is run before any variant; it is part of the registration hash",
            ),
        ),
        item("power", Content::table(columns, rows, NOTHING_YET)),
    ]
}

pub(super) fn multiplicity(record: &Record) -> Vec<CardItem> {
    let families = &record.report.analysis.families;
    let row = |asked: &Asked| -> [Cell; 5] {
        [
            asked.question.name().into(),
            asked.question.formula().into(),
            asked.components.len().into(),
            asked.units.len().into(),
            "max-T step-down by sign flips; Holm for equivalence".into(),
        ]
    };
    let comparisons: usize = families.iter().map(|asked| asked.components.len()).sum();
    vec![
        item("families", Content::table(["family", "gap", "members", "units", "method"], families.iter().map(row), NOTHING_YET)),
        item(
            "comparisons",
            Content::text(format!("{comparisons}, in {} families; no comparison was made and left out", families.len())),
        ),
        item("level", Content::text(format!("{LEVEL} within each family; families are not adjusted for one another"))),
    ]
}

/// `−0.0028 to 0.013`.
fn ends(interval: Interval) -> String {
    format!("{} to {}", significant(interval.low), significant(interval.high))
}

/// `0.0051 [−0.0028, 0.013]`.
fn gap_in_words(answer: &Answer, unit: Unit) -> String {
    match answer.gap.ci95 {
        Some(interval) => {
            format!("{} (95 % {} to {})", significant(answer.gap.mean), significant(interval.low), significant(interval.high))
        }
        None => format!("{} ({})", significant(answer.gap.mean), unit.many(1)),
    }
}

pub(super) fn controls(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let analysis = &report.analysis;
    let placebo = match &analysis.placebo {
        None => Content::none(NOTHING_YET),
        Some(answer) => Content::Check {
            passed: !analysis.noise_floor_exceeded && answer.gap.n >= FEWEST_BLOCKS,
            text: if answer.gap.n < FEWEST_BLOCKS {
                let few = analysis.unit_of_analysis.many(answer.gap.n as u64);
                format!("{}: {few} cannot show a difference", gap_in_words(answer, analysis.unit_of_analysis))
            } else if analysis.noise_floor_exceeded {
                format!(
                    "{}: noise floor exceeded, so nothing is called equivalent",
                    gap_in_words(answer, analysis.unit_of_analysis)
                )
            } else {
                format!("{}: not different from the reference", gap_in_words(answer, analysis.unit_of_analysis))
            },
        },
    };
    // The sham is the reference's, the same for every component.
    let healed = analysis.components.iter().find(|component| !component.healing.is_empty());
    let sham = healed.iter().flat_map(|component| &component.healing).filter_map(|healed| {
        let gap = healed.means[1]? - report.reference?.mean;
        Some([healed.budget.into(), gap.into()])
    });
    let of = |question: Question| {
        analysis.components.iter().filter_map(move |component| {
            let answer = component.answers.get(&question)?;
            Some([component.label.as_str().into(), gap_in_words(answer, analysis.unit_of_analysis).into()])
        })
    };
    let relearn = if study.healing.relearn { "no component has been healed" } else { "relearning was not asked for" };
    let asked = study.variants.iter().any(|variant| variant.matched.is_some());
    let matched = if asked { NOTHING_YET } else { "no arm of equal size was asked for" };
    vec![
        item("placebo", placebo),
        item("sham", Content::table(["share of updates", "S − R"], sham, "no component has been healed")),
        item("relearn", Content::table(["component", "Z − H"], of(Question::Saving), relearn)),
        item("matched", Content::table(["component", "M − R"], of(Question::Matched), matched)),
    ]
}

pub(super) fn verdict(record: &Record) -> Vec<CardItem> {
    let Analysis { components, unit_of_analysis: unit, .. } = &record.report.analysis;
    let gap = |component: &Component, question: Question| -> Cell {
        component
            .answers
            .get(&question)
            .map(|_| component.verdict_in_words(question, *unit).unwrap_or_else(|| unit.many(1)))
            .into()
    };
    let row = |component: &Component| -> [Cell; 6] {
        let modifiers: Vec<&str> = component.modifiers.iter().map(|modifier| modifier.name()).collect();
        [
            component.label.as_str().into(),
            gap(component, Question::Disruption),
            gap(component, Question::Necessity),
            component
                .combined
                .map_or_else(|| judged(component, *unit), |combined| combined.name(component.changed).to_string())
                .into(),
            if modifiers.is_empty() { Cell::Missing } else { modifiers.join(", ").into() },
            component.combined.map(|combined| combined.meaning(component.changed)).into(),
        ]
    };
    let columns = ["component", "disruption", "necessity", "verdict", "modifiers", "what it means"];
    vec![
        item("verdicts", Content::table(columns, components.iter().map(row), "there is no component")),
        item(
            "does_not_show",
            Content::text(
                "Nothing here is shown of other sizes, other tasks, other budgets, or of these components in other models. A verdict of necessity is about learning without the component under this protocol, a verdict of disruption about these cuts of these models.",
            ),
        ),
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
