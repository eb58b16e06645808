//! From losses to verdicts: the same for a study that was run here and for a table from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Arm, FEWEST_OF_A_STANDARD};
use ablation_settings::Unit;
use ablation_stats::{Confidence, Extent, Gap, Interval, Margin, Needs, Paired, Sample, Verdict, t_interval};
use serde::{Deserialize, Serialize};

use crate::combined::{Combined, Modifier};
use crate::family::{Answer, Asked, Member, Question, Rules, Unanswered, ask};
use crate::ranks::{Ranks, ranks};
use crate::series::{Run, Series};

/// Largest share of the training that still counts as a short recovery (methodology, section 7.10).
const SHORT: f64 = 0.05;

/// A component as it enters an analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Its name; unique.
    pub name: String,
    /// Its difference from the reference.
    pub label: String,
    /// Whether it is not left out but changed.
    pub changed: bool,
    /// Whether its search ended at an edge, so that its necessity cannot be judged.
    pub edge: bool,
}

/// How an analysis is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The smallest difference that matters, fixed beforehand.
    pub margin: Option<f64>,
    /// Whether higher values are better.
    pub higher_is_better: bool,
    /// Recovery budgets as shares of the training, ascending.
    pub budgets: Vec<f64>,
    /// What the units are.
    pub unit_of_analysis: Unit,
    /// Whether so little was run that a difference is called none only where the margin is 1.5 standard deviations of it or more.
    pub sketch: bool,
}

/// Standard deviations of a gap that the margin of a sketch must hold before it may claim equivalence (methodology, section 7.5).
const SKETCHY: f64 = 1.5;

/// Recovery with one budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Recovered {
    /// Updates as a share of the training.
    pub budget: f64,
    /// Mean loss of the recovered model (H), its sham (S) and the model that learned anew (Z).
    pub means: [Option<f64>; 3],
    /// 95 % t intervals of these means, over units; for drawing, as the gap is what is judged.
    pub intervals: [Option<Interval>; 3],
    /// `H - S`, without adjustment: one budget was chosen beforehand for the verdict.
    pub gap: Option<Gap>,
}

/// Everything that was found about one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Component {
    /// Its name.
    pub component: String,
    /// Its difference from the reference.
    pub label: String,
    /// Whether it is not left out but changed.
    pub changed: bool,
    /// Mean loss of each of its arms, without those of recovery.
    pub means: BTreeMap<Arm, f64>,
    /// The answer to every question that could be asked of it.
    pub answers: BTreeMap<Question, Answer>,
    /// Recovery, by budget.
    pub recovery: Vec<Recovered>,
    /// `(D - H) / (D - S)` at the budget of the verdict, where ablating it raises the loss: what share of the damage recovery undoes.
    pub recovered_share: Option<f64>,
    /// `(mean d_D - mean d_N) / mean d_D`, where ablating it raises the loss: what share of the damage is co-adaptation.
    pub co_adaptation: Option<f64>,
    /// The verdict on disruption and necessity together.
    pub combined: Option<Combined>,
    /// What qualifies it.
    pub modifiers: Vec<Modifier>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Analysis {
    /// Units of analysis.
    pub units: usize,
    /// What they are.
    pub unit_of_analysis: Unit,
    /// The margin, in the unit of the loss.
    pub margin: Option<f64>,
    /// Whether higher values are better.
    pub higher_is_better: bool,
    /// One a component.
    pub components: Vec<Component>,
    /// Every question with its adjusted p-values.
    pub families: Vec<Asked>,
    /// The reference run again as if it were a variant.
    pub aa_control: Option<Answer>,
    /// Whether the A/A control differs from the reference, or may differ by more than the margin: then nothing is called equivalent.
    pub noise_floor_exceeded: bool,
    /// How disruption, the untuned gap and necessity order the components.
    pub ranks: Option<Ranks>,
    /// Arms that have the same values in every unit, in groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identical: Vec<Vec<Run>>,
}

/// Differences of an analysis up to which bootstrap intervals are computed: their resamples take 0.2 ms a difference. What has more has
/// seeds enough for the t interval to be as good.
const MOST_RESAMPLED: usize = 10_000;

impl Analysis {
    /// 95 % BCa bootstrap interval of an answer, as [`Answer::bca95`]; none of an analysis with very many differences.
    pub fn bca95(&self, answer: &Answer) -> Option<Interval> {
        let answers = self.components.iter().flat_map(|component| component.answers.values()).chain(&self.aa_control);
        let differences: usize = answers.map(|answer| answer.values.len()).sum();
        if differences <= MOST_RESAMPLED { answer.bca95() } else { None }
    }
}

/// Asks every question of every component.
///
/// # Errors
/// If values are not numbers that can be averaged.
pub fn analyse(series: &Series, subjects: &[Subject], options: &Options) -> Result<Analysis, Unanswered> {
    analyse_with(series, subjects, options, &mut |_, _| {})
}

/// The same, saying after each question how many are done and how many there are: with a million runs a question takes seconds.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_with(
    series: &Series,
    subjects: &[Subject],
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Analysis, Unanswered> {
    let margin = options.margin.and_then(|margin| Margin::new(margin).ok());
    let rules = Rules { margin, higher_is_better: options.higher_is_better };
    let short = short_budget(&options.budgets);
    let mut analysis = Analysis {
        units: series.units,
        unit_of_analysis: options.unit_of_analysis,
        margin: margin.map(Margin::size),
        higher_is_better: options.higher_is_better,
        components: subjects.iter().enumerate().map(|(index, subject)| component(series, index, subject, options)).collect(),
        families: Vec::new(),
        aa_control: None,
        noise_floor_exceeded: false,
        ranks: ranks(series, subjects.len(), rules),
        identical: series.identical(),
    };
    let doubled: BTreeSet<Run> = analysis.identical.iter().flatten().copied().collect();
    let aa_control = Member { component: 0, arm: series.get(Arm::Aa, 0, 0), base: series.get(Arm::Reference, 0, 0) };
    if let Some((asked, mut answers)) = ask(Question::Aa, &[aa_control], rules)? {
        analysis.aa_control = answers.pop();
        analysis.families.push(asked);
    }
    analysis.noise_floor_exceeded = analysis.aa_control.as_ref().is_some_and(|aa_control| exceeds(aa_control, margin));
    for (done, question) in (0..).zip(QUESTIONS) {
        progress(done, QUESTIONS.len() as u64);
        let members: Vec<Member> = (0..subjects.len()).map(|index| member(series, question, index, short)).collect();
        let Some((asked, answers)) = ask(question, &members, rules)? else { continue };
        for (&index, mut answer) in asked.components.iter().zip(answers) {
            if analysis.noise_floor_exceeded && answer.verdict == Some(Verdict::Equivalent) {
                answer.verdict = Some(Verdict::Inconclusive { needs: None });
            }
            let can_show_none = can_show_none(&answer, margin, options.sketch);
            if analysis.noise_floor_exceeded || !can_show_none {
                answer.verdict = answer.verdict.map(Verdict::without_negligible);
            }
            if answer.verdict == Some(Verdict::Equivalent) && !can_show_none {
                answer.verdict = Some(beyond_a_sketch(Verdict::inconclusive(&answer.gap, margin, asked.components.len())));
            }
            if subjects[index].edge && asks_for_own_search(question) && answer.verdict != Some(Verdict::Unchanged) {
                answer.verdict = answer.verdict.map(|_| Verdict::Inconclusive { needs: None });
            }
            if is_doubled(&doubled, question, index, short) {
                answer.verdict = answer.verdict.map(never_equivalent);
            }
            analysis.components[index].answers.insert(question, answer);
        }
        analysis.families.push(asked);
    }
    // Where the noise floor is exceeded nothing is called negligible either.
    let negligible = margin.filter(|_| !analysis.noise_floor_exceeded);
    for (place, (component, subject)) in analysis.components.iter_mut().zip(subjects).enumerate() {
        let is_doubled = |question: Question| is_doubled(&doubled, question, place, short);
        let budget = short.map(|index| options.budgets[index]);
        conclude(component, subject, budget, negligible, options.sketch, is_doubled);
    }
    Ok(analysis)
}

/// The arm that a question is about: the minuend of its difference.
fn asked_arm(question: Question) -> Arm {
    match question {
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

/// Whether the arm that a question is about has the same values as an arm of another component in every unit.
fn is_doubled(doubled: &BTreeSet<Run>, question: Question, component: usize, short: Option<usize>) -> bool {
    let budget = if matches!(question, Question::Recovery | Question::RecoveryAdvantage) { short.unwrap_or(0) } else { 0 };
    doubled.contains(&Run { arm: asked_arm(question), component: Some(component), budget })
}

/// The verdict on an arm that is another one measured twice: it can differ from the reference, and it cannot show that it does not.
fn never_equivalent(verdict: Verdict) -> Verdict {
    if verdict == Verdict::Equivalent { Verdict::Unchanged } else { verdict }
}

/// Every question but the A/A control's, in the order of tables.
const QUESTIONS: [Question; 9] = [
    Question::Necessity,
    Question::Disruption,
    Question::Recovery,
    Question::TuningConfound,
    Question::CoAdaptationGap,
    Question::Untuned,
    Question::Matched,
    Question::RecoveryAdvantage,
    Question::Variant,
];

/// The budget that the verdict on recovery is about: the largest that is still short, else the smallest.
fn short_budget(budgets: &[f64]) -> Option<usize> {
    budgets.iter().rposition(|&share| share <= SHORT).or((!budgets.is_empty()).then_some(0))
}

fn asks_for_own_search(question: Question) -> bool {
    matches!(question, Question::Necessity | Question::TuningConfound | Question::CoAdaptationGap | Question::Matched)
}

fn member(series: &Series, question: Question, component: usize, short: Option<usize>) -> Member {
    let values = |arm: Arm| series.get(arm, component, 0);
    let recovered = |arm: Arm| short.map_or(vec![None; series.units], |budget| series.get(arm, component, budget));
    let base = |arm: Arm, budget: usize| series.base(arm, component, budget);
    let reference = || base(Arm::Reference, 0);
    let (arm, base) = match question {
        Question::Necessity => (values(Arm::Retrained), reference()),
        Question::Disruption => (values(Arm::Ablated), reference()),
        Question::Recovery => {
            (recovered(Arm::Recovered), short.map_or(vec![None; series.units], |budget| base(Arm::Sham, budget)))
        }
        Question::TuningConfound => (values(Arm::RetrainedUntuned), values(Arm::Retrained)),
        // Both gaps have the same subtrahend.
        Question::CoAdaptationGap => (values(Arm::Ablated), values(Arm::Retrained)),
        Question::Untuned => (values(Arm::RetrainedUntuned), reference()),
        Question::Matched => (values(Arm::Matched), reference()),
        Question::RecoveryAdvantage => (recovered(Arm::ShortRetrain), recovered(Arm::Recovered)),
        Question::Aa => (series.get(Arm::Aa, 0, 0), series.get(Arm::Reference, 0, 0)),
        Question::Variant => (values(Arm::Variant), reference()),
    };
    Member { component, arm, base }
}

/// The A/A control gate of the methodology, section 7.8.
fn exceeds(aa_control: &Answer, margin: Option<Margin>) -> bool {
    let differs = aa_control.adjusted < ablation_stats::LEVEL;
    let within = |margin: Margin| aa_control.gap.ci90.is_some_and(|interval| interval.is_within(margin.size()));
    differs || margin.is_some_and(|margin| !within(margin))
}

fn component(series: &Series, index: usize, subject: &Subject, options: &Options) -> Component {
    let sample = |values: Vec<Option<f64>>| Sample::new(values.into_iter().flatten().collect::<Vec<f64>>()).ok();
    let mean = |arm: Arm| sample(series.get(arm, index, 0)).map(|sample| sample.mean());
    let recovered = |(budget, &share): (usize, &f64)| {
        let (recovered, sham) = (series.get(Arm::Recovered, index, budget), series.base(Arm::Sham, index, budget));
        let pairs = sham.iter().zip(&recovered).filter_map(|(sham, recovered)| sham.zip(*recovered));
        let (before, after): (Vec<f64>, Vec<f64>) = pairs.unzip();
        let arms = [recovered, sham, series.get(Arm::ShortRetrain, index, budget)].map(sample);
        Recovered {
            budget: share,
            means: arms.each_ref().map(|arm| arm.as_ref().map(Sample::mean)),
            intervals: arms.map(|arm| arm.and_then(|sample| t_interval(&sample, Confidence::P95))),
            gap: Paired::new(&before, &after).ok().map(|paired| Gap::of(&paired, None)),
        }
    };
    let arms = [Arm::Ablated, Arm::RetrainedUntuned, Arm::Retrained, Arm::Matched, Arm::Variant];
    let means = arms.into_iter().filter_map(|arm| Some((arm, mean(arm)?))).collect();
    let recovered_share = short_budget(&options.budgets).and_then(|budget| {
        let [ablated, recovered] = [(Arm::Ablated, 0), (Arm::Recovered, budget)].map(|(arm, at)| series.get(arm, index, at));
        let sham = series.base(Arm::Sham, index, budget);
        // In the units that have all three, so that no arm is lucky alone.
        let whole = ablated
            .into_iter()
            .zip(recovered)
            .zip(sham)
            .filter_map(|((ablated, recovered), sham)| Some((ablated? - recovered?, ablated? - sham?)));
        let (undone, damage): (Vec<f64>, Vec<f64>) = whole.unzip();
        let damage = ablation_stats::sum(damage);
        (damage != 0.0).then(|| ablation_stats::sum(undone) / damage)
    });
    let any = (0..options.budgets.len()).any(|budget| series.has(Arm::Recovered, index, budget));
    Component {
        component: subject.name.clone(),
        label: subject.label.clone(),
        changed: subject.changed,
        means,
        answers: BTreeMap::new(),
        recovery: if any { options.budgets.iter().enumerate().map(recovered).collect() } else { Vec::new() },
        recovered_share,
        co_adaptation: None,
        combined: None,
        modifiers: Vec::new(),
    }
}

/// Whether there is enough of an answer to call its difference none.
fn can_show_none(answer: &Answer, margin: Option<Margin>, sketch: bool) -> bool {
    let wide = |margin: Margin| answer.gap.sd.is_none_or(|sd| margin.size() >= SKETCHY * sd);
    !sketch || margin.is_none_or(wide)
}

/// The same with enough units to be no sketch: as one it would be held back again.
fn beyond_a_sketch(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Inconclusive { needs: Some(needs) } => {
            let pairs = needs.pairs.max(FEWEST_OF_A_STANDARD.into());
            Verdict::Inconclusive { needs: Some(Needs { pairs, ..needs }) }
        }
        verdict => verdict,
    }
}

/// What follows from the answers.
fn conclude(
    component: &mut Component,
    subject: &Subject,
    short: Option<f64>,
    margin: Option<Margin>,
    sketch: bool,
    is_doubled: impl Fn(Question) -> bool,
) {
    let answer = |question: Question| component.answers.get(&question);
    let verdict = |question: Question| answer(question).and_then(|answer| answer.verdict);
    let is_worse = |question: Question| matches!(verdict(question), Some(Verdict::Worse { .. }));
    let mean = |question: Question| answer(question).map(|answer| answer.gap.mean);
    let hurts = is_worse(Question::Disruption);
    let share = |part: f64, whole: f64| (hurts && whole != 0.0).then(|| part / whole);
    component.co_adaptation = mean(Question::Disruption)
        .zip(mean(Question::Necessity))
        .and_then(|(disruption, necessity)| share(disruption - necessity, disruption));
    // A difference that was found and is smaller than the margin is no need: what is weighed here is whether it matters.
    let weighed = |question: Question| {
        let answer = answer(question)?;
        let verdict = answer.weighed(margin.filter(|_| can_show_none(answer, margin, sketch)))?;
        Some(if is_doubled(question) { never_equivalent(verdict) } else { verdict })
    };
    let matters = |question: Question| matches!(weighed(question), Some(Verdict::Worse { .. }));
    component.combined = weighed(Question::Necessity)
        .map(|necessity| Combined::of(weighed(Question::Disruption), necessity, matters(Question::CoAdaptationGap)));
    let mut modifiers = Vec::new();
    let quick = short.is_some_and(|share| share <= SHORT);
    if quick
        && matters(Question::Disruption)
        && weighed(Question::Recovery) == Some(Verdict::Equivalent)
        && is_worse(Question::RecoveryAdvantage)
    {
        modifiers.push(Modifier::Recoverable);
    }
    if matters(Question::TuningConfound) {
        modifiers.push(Modifier::UntunedMisleading);
    }
    if matters(Question::Necessity) && weighed(Question::Matched) == Some(Verdict::Equivalent) {
        modifiers.push(Modifier::ExplainedBySize);
    }
    if subject.edge {
        modifiers.push(Modifier::SearchAtEdge);
    }
    let size = |question: Question| mean(question).map(f64::abs);
    let smaller = size(Question::Untuned).zip(size(Question::Necessity)).is_some_and(|(untuned, own)| untuned < own);
    let helps = matches!(verdict(Question::Untuned), Some(Verdict::BetterWithout { .. }));
    if matters(Question::Necessity) && !is_worse(Question::Untuned) && (helps || smaller) {
        modifiers.push(Modifier::SearchFailed);
    }
    let open = Some(Extent::Plain);
    let extent = match weighed(Question::Necessity) {
        Some(Verdict::Worse { extent } | Verdict::BetterWithout { extent }) => Some(extent),
        _ => None,
    };
    if margin.is_some() && extent == open {
        modifiers.push(Modifier::BelowMargin);
    }
    component.recovered_share = component.recovered_share.filter(|_| hurts);
    component.modifiers = modifiers;
}
