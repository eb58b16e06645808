//! Sections of a card that follow from the analysis alone, for a study and for an external table of results.

use ablation_report::{Analysis, Answer, Asked, Component, Idle, Question, in_words, sought_in_words};
use ablation_settings::{
    Unit,
    number::{resolved, significant},
};
use ablation_stats::{FEWEST_PAIRS, Interval, LEVEL, Verdict, planned_level, tost_power};

use super::content::item;
use super::{CardItem, Cell, Content};
use crate::tables::Findings;

/// Why a table of results is empty.
pub(super) const NOTHING_YET: &str = "no results yet";

/// Why a table of recovery is empty.
pub(super) const NO_RECOVERY: &str = "no component has been fine-tuned after ablation";

/// Every result with the label of its component.
fn answers(analysis: &Analysis) -> impl Iterator<Item = (&str, Question, &Answer)> {
    let aa_control = analysis.aa_control.iter().map(|answer| ("A/A control", Question::Aa, answer));
    let components = analysis
        .components
        .iter()
        .flat_map(|component| component.answers.iter().map(|(question, answer)| (component.label.as_str(), *question, answer)));
    components.chain(aa_control)
}

/// Every gap with its statistics, one row each; `missing` says why there is none.
pub(super) fn gaps(analysis: &Analysis, missing: &str) -> Content {
    let (unit, margin) = (analysis.unit_of_analysis, analysis.margin);
    let values = match unit {
        Unit::Seed => "values per seed",
        Unit::Repetition => "values per repetition",
    };
    let columns = [
        "component",
        "gap",
        "arms",
        "n",
        "mean",
        "SD",
        "95 % CI low",
        "95 % CI high",
        "95 % CI (BCa)",
        "mean / margin",
        "p (t test)",
        "p (sign flips)",
        "p (sign flips), adjusted",
        "p (equivalence)",
        "p (equivalence), adjusted",
        "p (equivalence, sign flips)",
        "P(worse)",
        "P(worse), 95 % CI low",
        "P(worse), 95 % CI high",
        "verdict",
        values,
    ];
    let rows = answers(analysis).map(|(label, question, answer)| -> [Cell; 21] {
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
            gap.tost_signflip.filter(|_| gap.n >= FEWEST_EXACT).map(|flips| flips.p()).into(),
            worse.into(),
            low.into(),
            high.into(),
            answer.verdict.map_or("no verdict".into(), |verdict| in_words(verdict, question, unit).into()),
            values.join(", ").into(),
        ]
    });
    Content::table(columns, rows, missing)
}

/// Pairs from which on the equivalence test by sign flips is shown: fewer cannot reach 0.05 in a family (methodology, section 11.6).
const FEWEST_EXACT: usize = 8;

/// Recovery fine-tuning: one row per component and budget.
pub(super) fn recovery(analysis: &Analysis) -> Content {
    let rows = analysis.components.iter().flat_map(|component| {
        component.recovery.iter().map(|recovered| -> [Cell; 8] {
            let [after, sham, short_retrained] = recovered.means;
            let gap = recovered.gap.as_ref();
            let interval: Option<Interval> = gap.and_then(|gap| gap.ci95);
            [
                component.label.as_str().into(),
                recovered.budget.into(),
                after.into(),
                sham.into(),
                short_retrained.into(),
                gap.map(|gap| gap.mean).into(),
                interval.map(|interval| interval.low).into(),
                interval.map(|interval| interval.high).into(),
            ]
        })
    });
    let columns = [
        "component",
        "fraction of steps",
        "ablated, then fine-tuned (H)",
        "sham (S)",
        "short retraining (Z)",
        "H − S",
        "95 % CI low",
        "95 % CI high",
    ];
    Content::table(columns, rows, NO_RECOVERY)
}

/// Which figures have nothing to show, and why.
pub(super) fn left_out(analysis: &Analysis) -> CardItem {
    let words = Idle::of(analysis).in_words(analysis);
    item("figures_left_out", words.map_or_else(|| Content::none("every figure has something to show"), Content::text))
}

/// The statistical methods.
pub(super) fn methods() -> CardItem {
    item(
        "methods",
        Content::text(
            "a gap is a paired difference between two arms with the same seed or repetition. Intervals are t intervals; BCa bootstrap \
                intervals are added from n = 10. p-values are two-sided, from the paired t test and the sign-flip test, which asks whether \
                the differences are symmetric about 0: where the two disagree, look at the skewness. The adjusted \
                p-value is the joint step-down max-T sign-flip test over all components with the same gap (all sign flips up to n = \
                14, a random sample of them beyond). Equivalence is tested with two one-sided t tests, adjusted by Holm, which leans on normality; the exact test by sign \
                flips stands beside it from n = 8. P(worse) is \
                the fraction of seeds or repetitions in which the first arm is worse, with a Clopper-Pearson interval; compare it with \
                0.75, not with 0.5",
        ),
    )
}

/// Power of the necessity test of each component with the present n, and the n that is required. `unit` is the unit of the loss.
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
                [(needs.pairs as f64).into(), sought_in_words(needs.sought, unit).into()]
            }
            Some(Verdict::Inconclusive { needs: None }) => [Cell::Missing, Cell::Missing],
            _ => ["none: the verdict is reached".into(), Cell::Missing],
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
    let columns = [
        "component",
        "SD of the necessity",
        "margin / SD",
        "power of the equivalence test",
        "n",
        "n required in total",
        "to detect",
    ];
    Content::table(columns, rows, NOTHING_YET)
}

pub(super) fn multiplicity(analysis: &Analysis) -> Vec<CardItem> {
    let families = &analysis.families;
    let row = |asked: &Asked| -> [Cell; 6] {
        [
            asked.question.name().into(),
            asked.question.formula().into(),
            if asked.question == Question::Necessity { "primary" } else { "secondary" }.into(),
            asked.components.len().into(),
            asked.units.len().into(),
            "step-down max-T sign-flip test; Holm for the equivalence tests".into(),
        ]
    };
    let comparisons: usize = families.iter().map(|asked| asked.components.len()).sum();
    vec![
        item(
            "families",
            Content::table(["family", "arms", "rank", "components", "n", "method"], families.iter().map(row), NOTHING_YET),
        ),
        item(
            "comparisons",
            Content::text(format!("{comparisons} in {} families; every comparison that was made is reported", families.len())),
        ),
        item("level", Content::text(format!("{LEVEL} within each family, not adjusted across families"))),
    ]
}

/// What a reader has to know of all verdicts together.
pub(super) fn warnings(findings: &Findings) -> CardItem {
    let texts: Vec<String> = findings.warnings().iter().map(|warning| warning.text.clone()).collect();
    item("warnings", Content::list(texts, "there is none"))
}

/// The A/A control: the reference trained again as if it were a variant. Its gap is noise.
pub(super) fn aa_control(analysis: &Analysis, unit: &str, missing: &str) -> Content {
    let units = analysis.unit_of_analysis;
    match &analysis.aa_control {
        None => Content::none(missing),
        Some(answer) => Content::Check {
            passed: !analysis.noise_floor_exceeded && answer.gap.n >= FEWEST_PAIRS,
            text: format!(
                "{}: {}: {}",
                Question::Aa.name(),
                gap_in_words(answer, analysis, unit),
                if answer.gap.n < FEWEST_PAIRS {
                    format!("{} cannot show a difference", units.many(answer.gap.n as u64))
                } else if analysis.noise_floor_exceeded {
                    analysis.noise_floor_in_words().unwrap_or_default()
                } else {
                    no_difference(analysis.margin, unit)
                }
            ),
        },
    }
}

/// The effect of fine-tuning on the reference, whose mean loss is `reference`.
pub(super) fn sham(analysis: &Analysis, reference: Option<f64>) -> Content {
    // The sham is the reference's, the same for every component.
    let recovered = analysis.components.iter().find(|component| !component.recovery.is_empty());
    let rows = recovered.iter().flat_map(|component| &component.recovery).filter_map(|recovered| {
        let gap = recovered.means[1]? - reference?;
        Some([recovered.budget.into(), gap.into()])
    });
    Content::table(["fraction of steps", "sham minus reference"], rows, NO_RECOVERY)
}

/// One kind of gap for every component.
pub(super) fn answers_to(analysis: &Analysis, question: Question, unit: &str, missing: &str) -> Content {
    let rows = analysis.components.iter().filter_map(|component| {
        let answer = component.answers.get(&question)?;
        Some([component.label.as_str().into(), gap_in_words(answer, analysis, unit).into()])
    });
    Content::table(["component", question.name()], rows, missing)
}

pub(super) fn verdict(analysis: &Analysis, findings: &Findings) -> Vec<CardItem> {
    let Analysis { components, unit_of_analysis: unit, .. } = analysis;
    let gap = |component: &Component, question: Question| -> Cell {
        component
            .answers
            .get(&question)
            .map(|_| component.verdict_in_words(question, *unit).unwrap_or_else(|| unit.many(1)))
            .into()
    };
    let row = |(component, judged): (&Component, String)| -> [Cell; 6] {
        let modifiers = component.own_modifiers();
        [
            component.label.as_str().into(),
            gap(component, Question::Disruption),
            gap(component, Question::Necessity),
            component.combined.map_or(judged, |combined| combined.name(component.changed).to_string()).into(),
            if modifiers.is_empty() { Cell::Missing } else { modifiers.join(", ").into() },
            component.combined.map(|combined| combined.meaning(component.changed)).into(),
        ]
    };
    let columns = ["component", "disruption", "necessity", "verdict", "modifiers", "meaning"];
    vec![
        item(
            "verdicts",
            Content::table(columns, components.iter().zip(findings.judged()).map(row), "the study has no components"),
        ),
        item(
            "does_not_show",
            Content::text(
                "These results do not extend to other model sizes, tasks or training budgets, or to the same components in other \
                    models. Necessity is about retraining without the component under this protocol. Disruption is about these \
                    ablations of these trained models.",
            ),
        ),
    ]
}

/// `−0.0028 to 0.013`.
pub(super) fn ends(interval: Interval) -> String {
    format!("{} to {}", significant(interval.low), significant(interval.high))
}

/// `−0.006 nats (95 % CI −0.014 to 0.001, n = 6 seeds)`, with the decimals that the margin resolves; `unit` is the unit of the loss.
fn gap_in_words(answer: &Answer, analysis: &Analysis, unit: &str) -> String {
    let number = |value: f64| resolved(value, analysis.margin);
    let space = if unit.is_empty() { "" } else { " " };
    let mean = number(answer.gap.mean);
    match answer.gap.ci95 {
        Some(interval) => format!(
            "{mean}{space}{unit} (95 % CI {} to {}, n = {})",
            number(interval.low),
            number(interval.high),
            analysis.unit_of_analysis.many(answer.gap.n as u64)
        ),
        None => format!("{mean}{space}{unit} ({}, no interval)", analysis.unit_of_analysis.many(1)),
    }
}

/// `no difference above the margin (0.044 nats)`.
fn no_difference(margin: Option<f64>, unit: &str) -> String {
    let space = if unit.is_empty() { "" } else { " " };
    match margin {
        Some(margin) => format!("no difference above the margin ({}{space}{unit})", resolved(margin, Some(margin))),
        None => "no significant difference".to_string(),
    }
}
