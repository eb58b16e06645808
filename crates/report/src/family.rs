//! One question asked of every component: the gaps, adjusted for how many were asked about, and a verdict on each.

use ablation_protocol::Arm;
use ablation_random::Stream;
use ablation_stats::{
    Adjusted, Bootstrap, Confidence, Extent, Family, FamilyError, Gap, Interval, MOST_ENUMERATED, Margin, Paired, PairedError,
    Sample, Verdict,
};
use serde::{Deserialize, Serialize};

/// Resamples that are drawn where there are too many to enumerate.
const RESAMPLES: u32 = 10_000;

/// What is asked of every component. Each is a family of its own: p-values are adjusted within and never across questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// F1, necessity: `N - R`, what retraining without the component costs.
    Necessity,
    /// F2, disruption: `D - R`, the loss that ablating it adds.
    Disruption,
    /// F3, recovery gap: `H - S`, what is left of the cost after fine-tuning.
    Recovery,
    /// F4, tuning confound: `U - N`, what the untuned gap blames on the component that is the fault of hyper-parameters.
    TuningConfound,
    /// F5, co-adaptation gap: `(D - R) - (N - R)`, how far ablation overstates need.
    CoAdaptationGap,
    /// `U - R`, the untuned gap.
    Untuned,
    /// `M - R`, at equal parameter count.
    Matched,
    /// `Z - H`, what fine-tuning saves over training from scratch.
    RecoveryAdvantage,
    /// `P - R`, the A/A gap: the noise floor.
    Aa,
    /// `variant - reference`, of a table that does not say how variants were made.
    Variant,
}

impl Question {
    /// The difference in the symbols of the methodology.
    pub fn formula(self) -> &'static str {
        match self {
            Question::Necessity => "N − R",
            Question::Disruption => "D − R",
            Question::Recovery => "H − S",
            Question::TuningConfound => "U − N",
            Question::CoAdaptationGap => "D − N",
            Question::Untuned => "U − R",
            Question::Matched => "M − R",
            Question::RecoveryAdvantage => "Z − H",
            Question::Aa => "P − R",
            Question::Variant => "variant − reference",
        }
    }

    /// The arm that it is about: the minuend of its difference.
    pub fn arm(self) -> Arm {
        match self {
            Question::Necessity => Arm::Retrained,
            Question::Disruption | Question::CoAdaptationGap => Arm::Ablated,
            Question::Recovery => Arm::Recovered,
            Question::TuningConfound | Question::Untuned => Arm::RetrainedUntuned,
            Question::Matched => Arm::Matched,
            Question::RecoveryAdvantage => Arm::ShortRetrain,
            Question::Aa => Arm::Aa,
            Question::Variant => Arm::Variant,
        }
    }

    /// The question that an arm was run for; none of an arm that others are compared with.
    pub fn of(arm: Arm) -> Option<Self> {
        Some(match arm {
            Arm::Retrained => Question::Necessity,
            Arm::Ablated => Question::Disruption,
            Arm::Recovered => Question::Recovery,
            Arm::RetrainedUntuned => Question::Untuned,
            Arm::Matched => Question::Matched,
            Arm::ShortRetrain => Question::RecoveryAdvantage,
            Arm::Aa => Question::Aa,
            Arm::Variant => Question::Variant,
            Arm::Reference | Arm::Sham => return None,
        })
    }
}

/// The answer for one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Answer {
    /// The statistics of its gap.
    #[serde(flatten)]
    pub gap: Gap,
    /// The gap in every unit.
    pub values: Vec<f64>,
    /// Two-sided p-value, adjusted by the joint step-down max-T sign-flip test.
    pub adjusted: f64,
    /// The same by Holm on paired t tests, as a second opinion.
    pub adjusted_t: Option<f64>,
    /// p-value of the equivalence test, adjusted by Holm.
    pub adjusted_tost: Option<f64>,
    /// Units in which a retrained model is worse by more than five margins: rare failures that a mean hides (methodology, section 11.5). 0
    /// without a margin, and of other gaps.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: usize,
    /// The verdict; none for a single unit, which cannot have one, unless it is that nothing was changed.
    pub verdict: Option<Verdict>,
}

impl Answer {
    /// Whether the gap was shown to lie within the margin.
    pub fn is_within_margin(&self) -> bool {
        match self.verdict {
            Some(Verdict::Unchanged | Verdict::Equivalent) => true,
            Some(Verdict::Worse { extent } | Verdict::BetterWithout { extent }) => extent == Extent::Negligible,
            Some(Verdict::Inconclusive { .. }) | None => false,
        }
    }

    /// 95 % BCa bootstrap interval of the mean, a second opinion from ten units on: with fewer its intervals are far too short (methodology,
    /// section 6.10). Every resample of ten, 10,000 drawn ones beyond; none where all gaps are equal. Computed when it is asked for: it takes
    /// milliseconds, and a report is made anew with every outcome.
    pub fn bca95(&self) -> Option<Interval> {
        if self.values.len() < MOST_ENUMERATED {
            return None;
        }
        let sample = Sample::new(self.values.clone()).ok()?;
        // Always the same stream, so that a report made twice is the same.
        let drawn = |_| Bootstrap::drawn(&sample, RESAMPLES, &Stream::root(0).at("report").at("bca"));
        Bootstrap::enumerated(&sample).or_else(drawn).ok()?.bca(Confidence::P95)
    }

    /// In what share of the units the variant is worse, with the ends of its 95 % interval. The gap counts where the value is higher, which is
    /// worse only where lower is better.
    pub fn p_worse(&self, higher_is_better: bool) -> [f64; 3] {
        let (p, Interval { low, high }) = (self.gap.wins / self.gap.n as f64, self.gap.clopper_pearson);
        if higher_is_better { [1.0 - p, 1.0 - high, 1.0 - low] } else { [p, low, high] }
    }

    /// Whether the sign-flip test finds a difference while the 95 % t interval holds 0: a few units differ by much more than the others, or it
    /// is a close call. Then a direction is shown and no size.
    pub fn is_contested(&self) -> bool {
        let found = matches!(self.verdict, Some(Verdict::Worse { .. } | Verdict::BetterWithout { .. }));
        found && self.gap.ci95.is_some_and(|Interval { low, high }| low <= 0.0 && high >= 0.0)
    }
}

/// A question as it was asked: of whom, in which units, and every adjusted p-value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Asked {
    /// What was asked.
    pub question: Question,
    /// Indices of the components it was asked of.
    pub components: Vec<usize>,
    /// Indices of the units that were used: those in which every one of them has been measured.
    pub units: Vec<usize>,
    /// Adjusted p-values, in the order of `components`.
    #[serde(flatten)]
    pub family: Family,
}

impl Asked {
    /// Of the names of all units those that were not used, for lack of a run.
    pub fn left_out<'a>(&self, units: &'a [String]) -> Vec<&'a str> {
        // Used units ascend; a table may have a million of them.
        let is_used = |index: usize| self.units.binary_search(&index).is_ok();
        units.iter().enumerate().filter(|&(index, _)| !is_used(index)).map(|(_, name)| name.as_str()).collect()
    }
}

/// One member of a family: minuend and subtrahend in every unit.
pub(crate) struct Member {
    pub component: usize,
    pub arm: Vec<Option<f64>>,
    pub base: Vec<Option<f64>>,
}

/// What may turn one verdict into another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The smallest difference that matters, if one was fixed.
    pub margin: Option<Margin>,
    /// Whether higher values are better, so that a negative gap is harm.
    pub higher_is_better: bool,
}

/// Why a family has no answers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unanswered {
    /// A value cannot be used.
    #[error("{0}")]
    Paired(#[from] PairedError),
    /// The members do not go together.
    #[error("{0}")]
    Family(#[from] FamilyError),
}

/// Asks a question of its members, in the units in which all of them have been measured. `None` if there is no such unit.
pub(crate) fn ask(question: Question, members: &[Member], rules: Rules) -> Result<Option<(Asked, Vec<Answer>)>, Unanswered> {
    let measured = |member: &Member, unit: usize| member.arm[unit].is_some() && member.base[unit].is_some();
    let members: Vec<&Member> =
        members.iter().filter(|member| (0..member.arm.len()).any(|unit| measured(member, unit))).collect();
    let Some(first) = members.first() else { return Ok(None) };
    let units: Vec<usize> = (0..first.arm.len()).filter(|&unit| members.iter().all(|member| measured(member, unit))).collect();
    if units.is_empty() {
        return Ok(None);
    }
    let pick = |values: &[Option<f64>]| units.iter().filter_map(|&unit| values[unit]).collect::<Vec<f64>>();
    let pairs = members
        .iter()
        .map(|member| Paired::new(&pick(&member.base), &pick(&member.arm)))
        .collect::<Result<Vec<Paired>, PairedError>>()?;
    let gaps: Vec<Gap> = pairs.iter().map(|paired| Gap::in_family(paired, rules.margin, pairs.len())).collect();
    let family = Family::of_gaps(&pairs, &gaps)?;
    let answer = |(index, paired): (usize, &Paired)| {
        let gap = gaps[index].clone();
        let adjusted = family.max_t_step_down[index];
        let adjusted_tost = family.holm_on_tost.as_ref().map(|p| p[index]);
        let adjusted_beyond = family.holm_on_beyond.as_ref().map(|p| p[index]);
        let behind = Adjusted { difference: adjusted, equivalence: adjusted_tost, beyond: adjusted_beyond };
        // A verdict speaks of harm, a gap of a difference; they have the same sign where lower is better.
        let harm = if rules.higher_is_better {
            Gap { mean: -gap.mean, ci95: flipped(gap.ci95), ci90: flipped(gap.ci90), ..gap.clone() }
        } else {
            gap.clone()
        };
        let verdict = (units.len() > 1 || harm.is_unchanged()).then(|| Verdict::of(&harm, behind, rules.margin, pairs.len()));
        Answer {
            values: paired.differences().values().to_vec(),
            adjusted,
            adjusted_t: family.holm_on_t.as_ref().map(|p| p[index]),
            adjusted_tost,
            failures: if may_fail(question) { failures(paired.differences().values(), rules) } else { 0 },
            verdict,
            gap,
        }
    };
    let answers = pairs.iter().enumerate().map(answer).collect();
    let components = members.iter().map(|member| member.component).collect();
    Ok(Some((Asked { question, components, units: units.clone(), family: family.clone() }, answers)))
}

/// Whether the arm in question is a model that was trained to do well, so that a large gap means that its training failed.
fn may_fail(question: Question) -> bool {
    matches!(question, Question::Necessity | Question::Untuned | Question::Matched | Question::Variant)
}

/// A gap of so many margins is a failure.
const FAILURE: f64 = 5.0;

fn failures(gaps: &[f64], rules: Rules) -> usize {
    let Some(margin) = rules.margin else { return 0 };
    let harm = |gap: &&f64| if rules.higher_is_better { -**gap } else { **gap } > FAILURE * margin.size();
    gaps.iter().filter(harm).count()
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn flipped(interval: Option<Interval>) -> Option<Interval> {
    interval.map(|Interval { low, high }| Interval { low: -high, high: -low })
}
