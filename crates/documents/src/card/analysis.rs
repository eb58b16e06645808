//! What a card shows of an analysis, whether a study was run here or its results come from elsewhere.

use ablation_report::{Analysis, Answer, Asked, Component, Question, in_words, sought_in_words};
use ablation_settings::{Unit, number::significant};
use ablation_stats::{FEWEST_BLOCKS, Interval, LEVEL, Verdict, planned_level, tost_power};

use super::content::item;
use super::{CardItem, Cell, Content};
use crate::tables::judged;

pub(super) const NOTHING_YET: &str = "nothing has been measured yet";

/// Every answer with the name it goes by.
fn answers(analysis: &Analysis) -> impl Iterator<Item = (&str, Question, &Answer)> {
    let placebo = analysis.placebo.iter().map(|answer| ("A/A control", Question::Placebo, answer));
    let components = analysis
        .components
        .iter()
        .flat_map(|component| component.answers.iter().map(|(question, answer)| (component.label.as_str(), *question, answer)));
    components.chain(placebo)
}

/// Every gap with its statistics.
pub(super) fn gaps(analysis: &Analysis) -> Content {
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
    let (unit, margin) = (analysis.unit_of_analysis, analysis.margin);
    let rows = answers(analysis).map(|(label, question, answer)| -> [Cell; 20] {
        let gap = &answer.gap;
        let [worse, low, high] = answer.p_worse(analysis.higher_is_better);
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
            analysis.bca95(answer).map(ends).into(),
            margin.map(|margin| gap.mean / margin).into(),
            gap.p_t.into(),
            gap.signflip.p().into(),
            answer.adjusted.into(),
            gap.tost_p.into(),
            answer.adjusted_tost.into(),
            worse.into(),
            low.into(),
            high.into(),
            answer.verdict.map_or("no verdict".into(), |verdict| in_words(verdict, question, unit).into()),
            values.join(", ").into(),
        ]
    });
    Content::table(columns, rows, NOTHING_YET)
}

/// Every budget of every component that was healed.
pub(super) fn healing(analysis: &Analysis) -> Content {
    let rows = analysis.components.iter().flat_map(|component| {
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
    let columns = ["component", "share of updates", "healed", "sham", "relearned", "healed − sham", "95 % low", "95 % high"];
    Content::table(columns, rows, "no component has been healed")
}

/// How gaps are judged.
pub(super) fn methods() -> CardItem {
    item(
        "methods",
        Content::text(
            "gaps are paired within units; intervals are t intervals, with BCa bootstrap intervals beside them from ten units on; p-values are two-sided paired t and sign-flip tests, adjusted within a question by joint step-down max-T sign flips, of which all are made up to 14 units and a sample beyond; equivalence is two one-sided t tests, adjusted by Holm; P(worse) has a Clopper-Pearson interval, to be held against 0.75 rather than against a half",
        ),
    )
}

/// What the units there are can tell of the necessity of each component, losses in this unit, and what it would take.
pub(super) fn power(analysis: &Analysis, unit: &str) -> Content {
    let margin = analysis.margin;
    let asked = analysis.families.iter().find(|asked| asked.question == Question::Necessity);
    let level = planned_level(asked.map_or(1, |asked| asked.components.len()));
    let rows = analysis.components.iter().filter_map(|component| {
        let gap = &component.answers.get(&Question::Necessity)?.gap;
        let ratio = margin.zip(gap.sd.filter(|sd| *sd > 0.0)).map(|(margin, sd)| margin / sd);
        let verdict = component.answers.get(&Question::Necessity).and_then(|answer| answer.verdict);
        let [needed, sought]: [Cell; 2] = match verdict {
            Some(Verdict::Inconclusive { needs: Some(needs) }) => {
                [(needs.blocks as f64).into(), sought_in_words(needs.sought, unit).into()]
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
    Content::table(columns, rows, NOTHING_YET)
}

pub(super) fn multiplicity(analysis: &Analysis) -> Vec<CardItem> {
    let families = &analysis.families;
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

/// The reference once more: how far it differs is noise.
pub(super) fn placebo(analysis: &Analysis, missing: &str) -> Content {
    match &analysis.placebo {
        None => Content::none(missing),
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
    }
}

/// What further training does to the intact model, whose mean is `reference`.
pub(super) fn sham(analysis: &Analysis, reference: Option<f64>) -> Content {
    // The sham is the reference's, the same for every component.
    let healed = analysis.components.iter().find(|component| !component.healing.is_empty());
    let rows = healed.iter().flat_map(|component| &component.healing).filter_map(|healed| {
        let gap = healed.means[1]? - reference?;
        Some([healed.budget.into(), gap.into()])
    });
    Content::table(["share of updates", "S − R"], rows, "no component has been healed")
}

/// The answers to one question.
pub(super) fn answers_to(analysis: &Analysis, question: Question, missing: &str) -> Content {
    let rows = analysis.components.iter().filter_map(|component| {
        let answer = component.answers.get(&question)?;
        Some([component.label.as_str().into(), gap_in_words(answer, analysis.unit_of_analysis).into()])
    });
    Content::table(["component", question.formula()], rows, missing)
}

pub(super) fn verdict(analysis: &Analysis) -> Vec<CardItem> {
    let Analysis { components, unit_of_analysis: unit, .. } = analysis;
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

/// `−0.0028 to 0.013`.
pub(super) fn ends(interval: Interval) -> String {
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
