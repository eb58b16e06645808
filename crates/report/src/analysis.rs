//! From losses to verdicts: the same for a study that was run here and for a table from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::Arm;
use ablation_settings::Unit;
use ablation_stats::{Confidence, Gap, Interval, Margin, Paired, Sample, Verdict, t_interval};
use serde::{Deserialize, Serialize};

use crate::combined::{Combined, Modifier};
use crate::control::NoiseFloor;
use crate::family::{Answer, Asked, Member, Question, Rules, Unanswered, ask};
use crate::judge::{Circumstances, Doubt, SHORT, conclude, gap_verdict};
use crate::ranks::{Ranks, ranks};
use crate::series::{Diverged, Run, Series};

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
    /// How much worse than its own choice it is, in tuning runs, with other settings that the reference might as well have chosen.
    pub untuned_elsewhere: Vec<f64>,
}

impl Subject {
    /// A component of which nothing is known but its name.
    pub fn named(name: &str) -> Self {
        Subject { name: name.to_string(), label: name.to_string(), changed: false, edge: false, untuned_elsewhere: Vec::new() }
    }
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
    /// How much lower the loss of the reference is than that of the constant predictor, where that is known.
    pub learned: Option<f64>,
    /// Whether the reference reached the highest score in every seed.
    pub perfect_score: bool,
    /// Whether runs of the A/A control failed, so that the noise is not known.
    pub aa_failed: bool,
}

/// Recovery with one budget.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Recovered {
    /// Steps as a share of the training.
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
    /// One per component.
    pub components: Vec<Component>,
    /// Every question with its adjusted p-values.
    pub families: Vec<Asked>,
    /// The reference run again as if it were a variant.
    pub aa_control: Option<Answer>,
    /// Whether the A/A control may differ from the reference by more than the margin, or without a margin does differ: then nothing is called
    /// equivalent, and no combined verdict rests on a gap that may be noise.
    pub noise_floor_exceeded: bool,
    /// Whether the reference learned no more than the margin: then no verdict is given.
    #[serde(default)]
    pub untrained: bool,
    /// Whether the reference solves the task exactly: its loss is below the margin, or its score is the highest in every seed.
    #[serde(default)]
    pub at_ceiling: bool,
    /// How disruption, the untuned gap and necessity order the components.
    pub ranks: Option<Ranks>,
    /// Arms that have the same values in every unit, in groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identical: Vec<Vec<Run>>,
    /// Arms of which runs diverged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diverged: Vec<Diverged>,
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
    let untrained = options.learned.is_some_and(|learned| learned <= margin.map_or(0.0, Margin::size));
    // What was learned is not known of a table. Where no value of it reaches the margin, that says more of the margin than of the reference.
    let says_little = untrained || options.learned.is_none() && is_above_all(margin, series);
    let mut analysis = Analysis {
        units: series.units,
        unit_of_analysis: options.unit_of_analysis,
        margin: margin.map(Margin::size),
        higher_is_better: options.higher_is_better,
        components: subjects.iter().enumerate().map(|(index, subject)| component(series, index, subject, options)).collect(),
        families: Vec::new(),
        aa_control: None,
        noise_floor_exceeded: false,
        untrained,
        at_ceiling: options.perfect_score || !says_little && is_below(series, margin, options.higher_is_better),
        ranks: ranks(series, subjects.len(), rules),
        identical: series.identical(),
        diverged: series.diverged(),
    };
    let doubled: BTreeSet<Run> = analysis.identical.iter().flatten().copied().collect();
    let aa_control = Member { component: 0, arm: series.get(Arm::Aa, 0, 0), base: series.get(Arm::Reference, 0, 0) };
    if let Some((asked, mut answers)) = ask(Question::Aa, &[aa_control], rules)? {
        analysis.aa_control = answers.pop();
        analysis.families.push(asked);
    }
    let noise = match options.aa_failed || series.only_diverged(Arm::Aa, 0, 0) {
        true => NoiseFloor::unknown(),
        false => NoiseFloor::of(analysis.aa_control.as_ref(), margin),
    };
    analysis.noise_floor_exceeded = noise.exceeded;
    let circumstances = Circumstances {
        margin,
        noise,
        sketch: options.sketch,
        untrained: analysis.untrained,
        at_ceiling: analysis.at_ceiling,
        budget: short.map(|index| options.budgets[index]),
    };
    // A control that fails may only weaken what would be said without it.
    let noiseless = Circumstances { noise: NoiseFloor::default(), ..circumstances };
    let mut noiseless_verdicts: Vec<BTreeMap<Question, Verdict>> = vec![BTreeMap::new(); subjects.len()];
    for (done, question) in (0..).zip(QUESTIONS) {
        progress(done, QUESTIONS.len() as u64);
        let members: Vec<Member> = (0..subjects.len()).map(|index| member(series, question, index, short)).collect();
        let Some((asked, answers)) = ask(question, &members, rules)? else { continue };
        for (&index, mut answer) in asked.components.iter().zip(answers) {
            let is_doubled = is_doubled(&doubled, question, index, short);
            let members = asked.components.len();
            let doubt = Doubt { is_doubled, is_untrained: is_untrained(series, question, index, short) };
            let verdict = |circumstances| gap_verdict(&answer, question, &subjects[index], circumstances, members, doubt);
            let (found, judged) = (verdict(&noiseless), verdict(&circumstances));
            noiseless_verdicts[index].extend(found.map(|verdict| (question, verdict)));
            answer.verdict = judged;
            analysis.components[index].answers.insert(question, answer);
        }
        analysis.families.push(asked);
    }
    for (place, (component, subject)) in analysis.components.iter_mut().zip(subjects).enumerate() {
        let is_doubled = |question: Question| is_doubled(&doubled, question, place, short);
        (component.combined, component.modifiers) =
            conclude(component, &noiseless_verdicts[place], subject, &circumstances, is_doubled);
        shares(component, is_untrained(series, Question::Necessity, place, short));
    }
    Ok(analysis)
}

/// Whether the mean loss of the reference is below the margin, so that nothing can be better by as much.
fn is_below(series: &Series, margin: Option<Margin>, higher_is_better: bool) -> bool {
    let mean = series.mean(Arm::Reference, 0);
    !higher_is_better && mean.zip(margin).is_some_and(|(mean, margin)| mean >= 0.0 && mean < margin.size())
}

/// Whether the margin is larger than every value.
fn is_above_all(margin: Option<Margin>, series: &Series) -> bool {
    margin.zip(series.largest()).is_some_and(|(margin, largest)| margin.size() > largest)
}

/// What share of the damage of an ablation is co-adaptation and what share recovery undoes; none where ablating does no damage.
/// `is_untrained`: whether nothing is known of a model without the component.
fn shares(component: &mut Component, is_untrained: bool) {
    let answer = |question: Question| component.answers.get(&question);
    let hurts = answer(Question::Disruption).is_some_and(|answer| matches!(answer.verdict, Some(Verdict::Worse { .. })));
    let mean = |question: Question| answer(question).map(|answer| answer.gap.mean).filter(|_| hurts);
    component.co_adaptation = mean(Question::Disruption)
        .zip(mean(Question::Necessity))
        .filter(|(disruption, _)| *disruption != 0.0 && !is_untrained)
        .map(|(disruption, necessity)| (disruption - necessity) / disruption);
    component.recovered_share = component.recovered_share.filter(|_| hurts);
}

/// Index of the budget that a question is about; 0 where it is about none.
pub(crate) fn budget_of(question: Question, short: Option<usize>) -> usize {
    if question.arm().has_budget() { short.unwrap_or(0) } else { 0 }
}

/// Whether the arm that a question is about has the same values as an arm of another component in every unit.
fn is_doubled(doubled: &BTreeSet<Run>, question: Question, component: usize, short: Option<usize>) -> bool {
    doubled.contains(&Run { arm: question.arm(), component: Some(component), budget: budget_of(question, short) })
}

/// Whether a question compares what has no loss of its own: every run of the component's own search diverged, so that nothing is known of a
/// model without it, or both arms have the loss of the untrained model.
fn is_untrained(series: &Series, question: Question, component: usize, short: Option<usize>) -> bool {
    let only_diverged = |arm: Arm| {
        let budget = if arm.has_budget() { short.unwrap_or(0) } else { 0 };
        let is_shared = matches!(arm, Arm::Reference | Arm::Sham);
        series.only_diverged(arm, if is_shared { 0 } else { component }, budget)
    };
    let base = match question {
        Question::Recovery => Arm::Sham,
        Question::TuningConfound | Question::CoAdaptationGap => Arm::Retrained,
        Question::RecoveryAdvantage => Arm::Recovered,
        _ => Arm::Reference,
    };
    let own = |arm: Arm| matches!(arm, Arm::Retrained | Arm::Matched) && only_diverged(arm);
    let arm = question.arm();
    own(arm) || own(base) || (only_diverged(arm) && only_diverged(base))
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
pub(crate) fn short_budget(budgets: &[f64]) -> Option<usize> {
    budgets.iter().rposition(|&share| share <= SHORT).or((!budgets.is_empty()).then_some(0))
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
