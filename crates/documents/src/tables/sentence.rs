//! A component in a sentence: the ablated model, the model retrained without it, and the verdict.

use ablation_protocol::THRESHOLD;
use ablation_report::{Analysis, Answer, Combined, Component, Modifier, Question, SpeedRatio, Steps, needs_in_words};
use ablation_settings::{Unit, number::plain};
use ablation_stats::Verdict;

use super::{Findings, Note, signed};

/// The sentences on a component, the one with both gaps and the verdict first.
pub(super) fn write(findings: &Findings, index: usize) -> Vec<String> {
    let component = &findings.analysis.components[index];
    let fallback = Note::default();
    let note = findings.notes.get(index).unwrap_or(&fallback);
    let unit = if findings.unit.is_empty() { String::new() } else { format!(" {}", findings.unit) };
    let (label, units) = (&component.label, findings.analysis.unit_of_analysis);
    let Analysis { higher_is_better, margin, .. } = *findings.analysis;
    let wording = Wording { unit: &unit, units, higher_is_better, margin };
    if component.answers.is_empty() && !note.failed.is_empty() {
        return vec![format!("{label}: runs failed, so no difference is given.")];
    }
    if component.answers.is_empty() {
        return vec![format!("{label}: not measured yet.")];
    }
    if let Some(answer) = component.answers.get(&Question::Variant) {
        let verdict = component.verdict_in_words(Question::Variant, units).unwrap_or_else(|| no_verdict(units));
        if answer.gap.is_unchanged() {
            let cause = "Nothing was changed, or the switch is not connected.".to_string();
            return vec![format!("{label}: {verdict} to the reference."), cause];
        }
        let direction = if answer.gap.mean < 0.0 { "lower than the reference" } else { "higher than the reference" };
        let amount = plain(answer.gap.mean.abs());
        let sentence = format!("{label}: {amount}{unit} {direction}{}: {verdict}.", interval(answer, 1.0, units));
        return std::iter::once(sentence).chain(contested(answer, "The variant differs from the reference", units)).collect();
    }
    let ablated = match (component.answers.get(&Question::Disruption), &note.not_ablated) {
        (Some(answer), _) => all_diverged(findings, index, Question::Disruption, "the ablated model").unwrap_or_else(|| {
            let about = if note.ablation.is_some() { "about " } else { "" };
            format!("the ablated model {}", effect(answer, wording, about, COMPARED))
        }),
        (None, Some(reason)) => format!("it cannot be ablated ({reason})"),
        (None, None) if note.has_failed(Question::Disruption) => "runs of the ablated model failed".to_string(),
        (None, None) => "the ablated model has not been measured yet".to_string(),
    };
    let without = retraining(component);
    let retrained = match component.answers.get(&Question::Necessity) {
        Some(answer) => all_diverged(findings, index, Question::Necessity, without).unwrap_or_else(|| {
            let about = if note.removal.is_some() { "about " } else { "" };
            let model = if component.changed { "a model retrained with the change" } else { "a model retrained without it" };
            format!("{model} {}", effect(answer, wording, about, COMPARED))
        }),
        None if note.has_failed(Question::Necessity) => format!("runs of {without} failed"),
        None => format!("{without} has not been measured yet"),
    };
    let mut sentences = vec![format!("{label}: {ablated}; {retrained}: {}.", conclusion(findings, index, note))];
    sentences.extend(failures(component, units));
    sentences.extend(some_diverged(findings, index, Question::Disruption, "the ablated model"));
    sentences.extend(some_diverged(findings, index, Question::Necessity, without));
    sentences.extend(other_ablations(&note.ablations, &unit));
    let retraining = if component.changed { "Retraining with the change" } else { "Retraining without it" };
    let differs = |what: &str| format!("{what} makes a difference");
    let asked = [(Question::Disruption, differs("Ablating it")), (Question::Necessity, differs(retraining))];
    sentences.extend(asked.into_iter().filter_map(|(question, what)| contested(component.answers.get(&question)?, &what, units)));
    if let Some(answer) = component.answers.get(&Question::Matched) {
        sentences.push(format!("Parameter-matched, it {}.", effect(answer, wording, "", COMPARED)));
    }
    sentences.extend(component.modifiers.iter().filter_map(|modifier| qualified(component, *modifier, &unit)));
    sentences.extend(learning(findings, index));
    sentences.extend(hangs_on(findings, index));
    let approximations = [("The ablation", &note.ablation), ("Retraining without it", &note.removal)];
    sentences.extend(
        approximations
            .into_iter()
            .filter_map(|(what, reason)| Some(format!("{what} is approximate: {}.", reason.as_ref()?.trim_end_matches('.')))),
    );
    sentences
}

/// How many times the steps of the reference it takes to reach the threshold without the component, where the task is solved exactly and
/// losses cannot tell (methodology, section 11.4).
fn learning(findings: &Findings, index: usize) -> Option<String> {
    let speed = findings.speed.as_ref()?;
    let component = speed.components.get(index)?;
    let own = component.retrained?;
    let Steps { reached, of, .. } = own.steps;
    let missed = match of - reached {
        0 => String::new(),
        missed => format!("; {missed} of {} never do", findings.analysis.unit_of_analysis.many(of as u64)),
    };
    if reached == 0 {
        return Some(format!("No model retrained {} reaches {}.", without(findings, index), threshold()));
    }
    let (ratio, [reference, arm]) = (times(own)?, own.paired?);
    // Where both arms have the same settings they are the same runs.
    let untuned = component.untuned.filter(|untuned| Some(*untuned) != component.retrained).and_then(times);
    let untuned = untuned.map(|ratio| format!(", and {ratio} with the settings of the reference"));
    Some(format!(
        "To reach {} it takes {ratio} times the steps of the reference ({arm:.0} instead of {reference:.0}){}{missed}.",
        threshold(),
        untuned.unwrap_or_default(),
    ))
}

/// `1.80 (95 % 1.61 to 2.02)`.
fn times(SpeedRatio { ratio, ci95, .. }: SpeedRatio) -> Option<String> {
    let interval = ci95.map(|ends| format!(" (95 % {} to {})", plain(ends.low), plain(ends.high)));
    Some(plain(ratio?) + &interval.unwrap_or_default())
}

fn threshold() -> String {
    format!("{:.0} % of the loss of the constant predictor", 100.0 * THRESHOLD)
}

fn without(findings: &Findings, index: usize) -> &'static str {
    if findings.analysis.components[index].changed { "with the change" } else { "without it" }
}

/// That the verdict would be another with another setting of the reference that scored as well, or without one seed.
fn hangs_on(findings: &Findings, index: usize) -> Vec<String> {
    let Findings { analysis, stability, .. } = findings;
    let component = &analysis.components[index];
    let name = |combined: Combined| combined.name(component.changed);
    let mut sentences = Vec::new();
    for (settings, combined) in stability.other_settings(analysis, index) {
        let settings: Vec<String> = settings.iter().map(|(path, value)| format!("{path} {value}")).collect();
        sentences.push(format!(
            "The verdict depends on the setting of the reference: with {}, which scored as well, it would be \"{}\".",
            settings.join(", "),
            name(combined)
        ));
    }
    let units = stability.deciding_units(analysis, index);
    if let [(_, combined), ..] = units[..] {
        let unit = analysis.unit_of_analysis;
        let (count, all) = (units.len(), unit.many(stability.left_out.len() as u64));
        let all_same = units.iter().all(|(_, other)| *other == combined);
        let what = if all_same { format!("it would be \"{}\"", name(combined)) } else { "it would be another".to_string() };
        sentences.push(match count {
            1 => format!("The verdict depends on one of the {all}: without it {what}."),
            count => format!("The verdict depends on single ones of the {all}: without any of {count} of them {what}."),
        });
    }
    sentences
}

/// That no verdict would be another; none if one would, which its own sentence says, or if nothing could be varied.
pub(super) fn stable(findings: &Findings) -> Option<String> {
    let Findings { analysis, stability, .. } = findings;
    let hangs =
        |index| !stability.other_settings(analysis, index).is_empty() || !stability.deciding_units(analysis, index).is_empty();
    if analysis.components.iter().all(|one| one.combined.is_none()) || (0..analysis.components.len()).any(hangs) {
        return None;
    }
    let settings = match stability.settings.len() {
        0 => None,
        1 => Some("with the other setting of the reference that scored as well".to_string()),
        count => Some(format!("with each of the {count} other settings of the reference that scored as well")),
    };
    let units = stability.left_out.len() as u64;
    let units = (units > 0).then(|| format!("without any one of the {}", analysis.unit_of_analysis.many(units)));
    let varied: Vec<String> = settings.into_iter().chain(units).collect();
    (!varied.is_empty()).then(|| format!("Every verdict stays the same {}.", varied.join(" and ")))
}

/// How many runs of the retrained model failed, where some did, and how many could have gone unseen where it is called as good (methodology,
/// section 11.5): none of n is seen with a probability of 5 % if each fails with a probability of 1 - 0.05^(1/n).
fn failures(component: &Component, units: Unit) -> Option<String> {
    const UNSEEN: f64 = 0.05;
    let answer = component.answers.get(&Question::Necessity)?;
    let (count, n) = (answer.failures, answer.gap.n);
    let as_good = matches!(component.combined, Some(Combined::CoAdapted | Combined::Redundant | Combined::NotNecessary));
    match count {
        0 if as_good => {
            let unseen = 100.0 * (1.0 - libm::pow(UNSEEN, 1.0 / n as f64));
            Some(format!(
                "None of {} failed (a gap above five margins), so at most {unseen:.0} % do (95 % confidence).",
                units.many(n as u64)
            ))
        }
        0 => None,
        // Where most are worse by as much, that is the effect and no failure.
        _ if 2 * count > n => None,
        _ => Some(format!("{count} of {} failed (a gap above five margins).", units.many(n as u64))),
    }
}

/// What is said of an ablated or retrained model: that it is worse, better, not known to be either, or bit for bit the reference.
const COMPARED: [&str; 4] = ["is worse by", "is better by", "differs by", "is identical to the reference"];

/// Of several ablations the others, so that nobody has to take the least damaging on trust; nothing where none does damage.
fn other_ablations(ablations: &[(String, f64)], unit: &str) -> Option<String> {
    let [(least, _), others @ ..] = ablations else { return None };
    if ablations.iter().all(|(_, gap)| is_none(*gap)) {
        return None;
    }
    let others: Vec<String> = others.iter().map(|(operator, gap)| format!("{}{unit} with {operator}", signed(*gap))).collect();
    Some(format!(
        "The operator is {least}, which has the lowest loss on the tune split; the difference would be {}.",
        others.join(", ")
    ))
}

/// That test and interval do not say the same, where they do not. `what`: the difference that the test finds, as a clause.
fn contested(answer: &Answer, what: &str, units: Unit) -> Option<String> {
    let same = |value: &&f64| **value * answer.gap.mean > 0.0;
    answer.is_contested().then(|| {
        format!(
            "{what} by the sign-flip test: {} of {} differ in the same direction. But the 95 % interval includes 0, so the direction is \
                shown and the size is not.",
            answer.values.iter().filter(same).count(),
            units.many(answer.gap.n as u64),
        )
    })
}

fn no_verdict(units: Unit) -> String {
    format!("{}, no verdict", units.many(1))
}

/// What a sentence about a number needs beside it.
#[derive(Clone, Copy)]
struct Wording<'a> {
    /// After a number, with a space before it.
    unit: &'a str,
    units: Unit,
    higher_is_better: bool,
    margin: Option<f64>,
}

/// `costs 1.43 nats (95 % 1.31 to 1.55)`.
fn effect(answer: &Answer, wording: Wording, about: &str, [worse, better, nothing, same]: [&str; 4]) -> String {
    let Wording { unit, units, higher_is_better, margin } = wording;
    if answer.gap.is_unchanged() {
        return format!("{same} (identical in every {})", units.one());
    }
    let amount = plain(answer.gap.mean.abs());
    if is_none(answer.gap.mean) {
        let is_tight = answer.gap.ci95.is_some_and(|all| is_none(all.low) && is_none(all.high));
        let within = interval(answer, 1.0, units);
        return match (answer.verdict, margin) {
            // A number that reads as zero is no evidence; that it lies within the margin is.
            (Some(_), Some(margin)) if answer.is_within_margin() => {
                let within = within.trim_start_matches(" (").trim_end_matches(')');
                let within = if is_tight { String::new() } else { format!("; {within}") };
                format!("shows no difference above the margin ({}{unit}{within})", plain(margin))
            }
            (Some(Verdict::Inconclusive { .. }), _) => format!("has an undetermined difference{within}"),
            (Some(_), _) if is_tight => format!("{nothing} less than 0.001{unit} on average (over the whole 95 % interval)"),
            (Some(_), _) => format!("{nothing} less than 0.001{unit} on average{within}"),
            (None, _) => format!("{nothing} less than 0.001{unit}{within}"),
        };
    }
    let verb = if (answer.gap.mean < 0.0) == higher_is_better { worse } else { better };
    let sign = if answer.gap.mean < 0.0 { -1.0 } else { 1.0 };
    // What may as well be nothing is said of these units and not of the model.
    let average = if answer.gap.ci95.is_some_and(|all| all.low <= 0.0 && all.high >= 0.0) { " on average" } else { "" };
    format!("{verb} {about}{amount}{unit}{average}{}", interval(answer, sign, units))
}

/// Whether a number reads as zero.
fn is_none(value: f64) -> bool {
    plain(value).chars().all(|c| c == '0' || c == '.')
}

/// The interval in the direction that the verb says.
fn interval(answer: &Answer, sign: f64, units: Unit) -> String {
    match answer.gap.ci95 {
        Some(_) if answer.gap.is_constant() => format!(" (the same in all {})", units.many(answer.gap.n as u64)),
        Some(interval) => {
            let (a, b) = (sign * interval.low, sign * interval.high);
            format!(" (95 % {} to {})", signed(a.min(b)), signed(a.max(b)))
        }
        None => format!(" ({})", units.many(1)),
    }
}

/// What was done to learn whether a component is needed.
fn retraining(component: &Component) -> &'static str {
    if component.changed { "retraining with the change" } else { "retraining without it" }
}

/// That every run of an arm diverged, so that a number would be that of the untrained model.
fn all_diverged(findings: &Findings, index: usize, question: Question, what: &str) -> Option<String> {
    let one = findings.analysis.diverged_of(question, index).filter(|one| one.is_all())?;
    Some(if one.of == 1 { format!("the run of {what} diverged") } else { format!("all {} runs of {what} diverged", one.of) })
}

/// That some runs of an arm diverged.
fn some_diverged(findings: &Findings, index: usize, question: Question, what: &str) -> Option<String> {
    let one = findings.analysis.diverged_of(question, index).filter(|one| !one.is_all())?;
    Some(format!("{} of {} runs of {what} diverged and count with the loss of the untrained model.", one.units, one.of))
}

/// The verdict, never more than was shown.
fn conclusion(findings: &Findings, index: usize, note: &Note) -> String {
    let component = &findings.analysis.components[index];
    let unit = findings.analysis.unit_of_analysis;
    match (component.combined, component.answers.get(&Question::Necessity)) {
        (Some(combined), Some(Answer { verdict: Some(Verdict::Inconclusive { needs }), .. })) => {
            let because = match needs {
                Some(needs) => needs_in_words(*needs, unit),
                None if all_diverged(findings, index, Question::Necessity, "").is_some() => {
                    "because a run that diverged does not say how well others would do".to_string()
                }
                None if findings.analysis.untrained => "because the reference learned too little".to_string(),
                None if findings.analysis.noise_floor_exceeded => {
                    "because the A/A control may differ from the reference by as much".to_string()
                }
                None if component.changed => "which is not evidence that the change makes no difference".to_string(),
                None => "which is not evidence that it is not needed".to_string(),
            };
            format!("{}, {because}", combined.name(component.changed))
        }
        (Some(combined @ Combined::Undetermined), _) if findings.analysis.noise_floor_exceeded => {
            format!("{}, because the A/A control may differ from the reference by as much", combined.name(component.changed))
        }
        (Some(combined), _) => combined.name(component.changed).to_string(),
        (None, Some(answer)) if answer.gap.n == 1 => no_verdict(unit),
        (None, None) if note.has_failed(Question::Necessity) => "no verdict".to_string(),
        (None, _) => "no verdict yet".to_string(),
    }
}

fn qualified(component: &Component, modifier: Modifier, unit: &str) -> Option<String> {
    let mean = |question: Question| component.answers.get(&question).map(|answer| answer.gap.mean);
    Some(match modifier {
        Modifier::Recoverable => match component.recovered_share {
            Some(share) => format!("Brief fine-tuning recovers {:.0} % of the increase in loss.", 100.0 * share),
            None => "Brief fine-tuning recovers the increase in loss.".to_string(),
        },
        Modifier::UntunedMisleading => format!(
            "The untuned gap, which reuses the reference's hyper-parameters, is {}{unit}.",
            signed(mean(Question::Untuned)?)
        ),
        Modifier::ExplainedBySize => "At equal parameter count the difference is gone.".to_string(),
        Modifier::SearchFailed => format!(
            "With the reference's hyper-parameters it differs by only {}{unit}: its own hyper-parameter search likely failed.",
            signed(mean(Question::Untuned)?)
        ),
        Modifier::UntunedDepends => format!(
            "The untuned gap, which reuses the reference's hyper-parameters, is {}{unit}; whether it is misleading depends on which of \
             several equally good settings the reference uses.",
            signed(mean(Question::Untuned)?)
        ),
        // A warning says it once for all components.
        Modifier::AtCeiling => return None,
        Modifier::BelowMargin => "The difference may be below the margin.".to_string(),
        Modifier::SearchAtEdge => "Its search ended at an edge of the range, so the arm may be under-tuned.".to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tests::found;
    use ablation_protocol::Arm;
    use ablation_protocol::{
        Design, Outcomes, Study,
        made_up::{run, six, six_world},
    };
    use ablation_report::{Options, Series, Subject, analyse, report};

    #[test]
    fn sentences_say_what_was_shown_and_no_more() {
        let (study, report) = found();
        let sentences = Findings::of(&study, &report).sentences();
        assert!(sentences[0].starts_with("− position: the ablated model is worse by 1."), "{}", sentences[0]);
        assert!(sentences[0].contains("a model retrained without it ") && sentences[0].contains(": co-adapted, not necessary."));
        let ablations =
            " The operator is mean, which has the lowest loss on the tune split; the difference would be 1.88 nats with zero. ";
        assert!(sentences[0].contains(ablations), "{}", sentences[0]);
        assert!(sentences[0].contains(
            "The untuned gap, which reuses the reference's hyper-parameters, is 0.14 nats; whether it is misleading depends"
        ));
        assert!(sentences[2].ends_with("Retraining without it is approximate: it matters."), "{}", sentences[2]);
        assert!(
            sentences[3].contains("undetermined, ")
                && sentences[3].contains("about 17 seeds needed (80 % power at the observed effect)."),
            "{}",
            sentences[3]
        );
        assert!(
            sentences[4].starts_with("weight decay 0.1 → 0: it cannot be ablated (it acts only during training"),
            "{}",
            sentences[4]
        );
        assert!(
            sentences[5].contains("a model retrained with the change is better by 0.085")
                && sentences[5].contains("better with the change")
        );
    }

    /// A verdict that hangs on a choice says so in its sentence; where none does, one line says that.
    #[test]
    fn what_the_verdicts_hang_on_is_said() {
        use ablation_report::{Combined, LeftOut};
        let (study, report) = found();
        let sentences = |report: &ablation_report::Report| Findings::of(&study, report).sentences();
        let stays = "Every verdict stays the same with each of the 2 other settings of the reference that scored as well.";
        assert_eq!(sentences(&report).last().unwrap(), stays);
        assert_eq!(sentences(&report).len(), 7);
        let mut spared = report.clone();
        let same: Vec<Option<Combined>> = report.analysis.components.iter().map(|component| component.combined).collect();
        spared.stability.settings.truncate(1);
        spared.stability.left_out = (0..7).map(|unit| LeftOut { unit, verdicts: same.clone() }).collect();
        let stays = "Every verdict stays the same with the other setting of the reference that scored as well and without any one of the 7 \
                     seeds.";
        assert_eq!(sentences(&spared).last().unwrap(), stays);
        spared.stability.settings.clear();
        assert_eq!(sentences(&spared).last().unwrap(), "Every verdict stays the same without any one of the 7 seeds.");
        spared.stability.left_out[2].verdicts[0] = Some(Combined::Undetermined);
        let hanging = sentences(&spared);
        assert_eq!(hanging.len(), 6);
        let words = "The verdict depends on one of the 7 seeds: without it it would be \"undetermined\".";
        assert!(hanging[0].contains(words) && !hanging[1].contains("depends on one"), "{}", hanging[0]);
        let mut settings = report.clone();
        settings.stability.settings[1].verdicts[4] = Some(Combined::Harmful);
        let words = "The verdict depends on the setting of the reference: with train.learning_rate 0.0169, which scored as well, it would be \
                     \"better with the change\".";
        assert!(sentences(&settings)[4].contains(words), "{}", sentences(&settings)[4]);
        settings.stability = Default::default();
        assert_eq!(sentences(&settings).len(), 6, "nothing was varied, so nothing is said of it");
    }

    #[test]
    fn a_headline_is_the_first_sentence() {
        let (study, report) = found();
        let findings = Findings::of(&study, &report);
        let parts = findings.parted();
        assert_eq!(parts.len(), study.variants.len() + 1);
        for (variant, part) in study.variants.iter().zip(&parts) {
            assert_eq!(part.component.as_ref(), Some(&variant.name));
            assert!(part.first.starts_with(&format!("{}: ", variant.label)), "the page shows the label in bold: {}", part.first);
        }
        assert!(parts[6].component.is_none() && parts[6].first.starts_with("Every verdict stays") && parts[6].rest.is_empty());
        for (headline, sentence) in findings.headlines().iter().zip(findings.sentences()) {
            assert!(sentence.starts_with(headline.as_str()) && headline.ends_with('.'), "{headline}");
        }
        assert!(findings.headlines()[0].ends_with(": co-adapted, not necessary."), "{}", findings.headlines()[0]);
    }

    /// Ten seeds of which all are worse, nine by a little and one by a hundred times as much.
    #[test]
    fn where_test_and_interval_differ_it_is_said() {
        let mut series = Series::new(10);
        for unit in 0..10 {
            let disruption = if unit == 3 { 9.0 } else { 0.1 + 0.001 * unit as f64 };
            series.set(Arm::Reference, 0, 0, unit, 1.0);
            series.set(Arm::Ablated, 0, 0, unit, 1.0 + disruption);
            series.set(Arm::Retrained, 0, 0, unit, 1.5 + 0.001 * unit as f64);
        }
        let subject =
            Subject { name: "x".into(), label: "− x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let analysis = analyse(&series, &[subject], &Options { margin: Some(0.05), ..Options::default() }).unwrap();
        assert!(analysis.components[0].answers[&Question::Disruption].is_contested());
        let sentence = &Findings::elsewhere(&analysis, "nats").sentences()[0];
        let words = "Ablating it makes a difference by the sign-flip test: 10 of 10 seeds differ in the same direction.";
        assert!(sentence.contains(words) && !sentence.contains("Retraining without it makes"), "{sentence}");
    }

    #[test]
    fn where_higher_is_better_lower_is_worse() {
        let mut series = Series::new(8);
        for unit in 0..8 {
            let noise = 0.001 * (unit * unit % 5) as f64;
            series.set(Arm::Reference, 0, 0, unit, 0.9);
            series.set(Arm::Ablated, 0, 0, unit, 0.4 + noise);
            series.set(Arm::Retrained, 0, 0, unit, 0.95 + noise);
            series.set(Arm::Reference, 1, 0, unit, 0.9);
        }
        let subject = Subject { name: "x".into(), label: "x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { higher_is_better: true, ..Options::default() };
        let analysis = analyse(&series, &[subject], &options).unwrap();
        let sentence = &Findings::elsewhere(&analysis, "").sentences()[0];
        assert!(
            sentence.starts_with(
                "x: the ablated model is worse by 0.50 (95 % 0.50 to 0.50); a model retrained without it is better by 0.05"
            ),
            "{sentence}"
        );
        assert!(sentence.ends_with(": harmful here."), "{sentence}");
    }

    /// An ablation that changes nothing, a variant that is the reference, and a difference that no seed changes.
    #[test]
    fn what_is_identical_is_not_called_equivalent() {
        let mut series = Series::new(6);
        for unit in 0..6 {
            let luck = 0.25 * unit as f64;
            series.set(Arm::Reference, 0, 0, unit, luck);
            series.set(Arm::Ablated, 0, 0, unit, luck);
            series.set(Arm::Retrained, 0, 0, unit, luck + 0.001 * (unit % 2) as f64);
            series.set(Arm::Variant, 1, 0, unit, luck);
            series.set(Arm::Variant, 2, 0, unit, luck + 1.0);
        }
        let subject = |name: &str| Subject {
            name: name.into(),
            label: name.into(),
            changed: false,
            edge: false,
            untuned_elsewhere: Vec::new(),
        };
        let options = Options { margin: Some(0.05), ..Options::default() };
        let analysis = analyse(&series, &["a", "b", "c"].map(subject), &options).unwrap();
        let findings = Findings::elsewhere(&analysis, "");
        assert_eq!(
            findings.sentences(),
            [
                "a: the ablated model is identical to the reference (identical in every seed); a model retrained without it shows no difference above the \
                 margin (0.050; 95 % 0.000 to 0.001): unchanged.",
                "b: unchanged: identical in every seed to the reference. Nothing was changed, or the switch is not connected.",
                "c: 1.00 higher than the reference (the same in all 6 seeds): worse, by the margin or more.",
            ]
        );
        assert_eq!(findings.grid().rows[1][3..], ["0 (identical in all 6 seeds)", "unchanged: identical in every seed", "6"]);
        assert_eq!(findings.grid().rows[2][3], "1.00 (the same in all 6 seeds)");
        let identical = "Identical in every seed: the reference, `a` (ablated), `b`. Nothing was changed between them";
        assert!(findings.caption().contains(identical), "{}", findings.caption());
    }

    /// A mean of zero is no evidence that there is no difference.
    #[test]
    fn no_difference_is_said_only_where_it_was_shown() {
        let sentence = |spread: f64, units: usize| {
            let mut series = Series::new(units);
            for unit in 0..units {
                let sign = if unit % 2 == 0 { 1.0 } else { -1.0 };
                series.set(Arm::Reference, 0, 0, unit, 1.0);
                series.set(Arm::Ablated, 0, 0, unit, 3.0 + 0.01 * unit as f64);
                series.set(Arm::Retrained, 0, 0, unit, 1.0 + sign * spread);
            }
            let subject =
                Subject { name: "x".into(), label: "x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
            let analysis = analyse(&series, &[subject], &Options { margin: Some(0.042), ..Options::default() }).unwrap();
            Findings::elsewhere(&analysis, "nats").sentences().remove(0)
        };
        let shown = sentence(0.004, 8);
        let words = "; a model retrained without it shows no difference above the margin (0.042 nats; 95 % −0.004 to 0.004): ";
        assert!(shown.contains(words), "{shown}");
        let tight = sentence(0.0001, 8);
        assert!(tight.contains(" shows no difference above the margin (0.042 nats): "), "{tight}");
        let open = sentence(0.4, 8);
        assert!(open.contains("; a model retrained without it has an undetermined difference (95 % −0.36 to 0.36): "), "{open}");
        assert!(![shown, tight, open].concat().contains("less than"));
    }

    /// A number where training failed would be that of the untrained model.
    #[test]
    fn runs_that_diverged_are_said_to_have_and_have_no_number() {
        let diverge = |trial: &ablation_protocol::Trial| {
            let mut outcome = ablation_protocol::Outcome { diverged: true, ..six_world(trial) };
            outcome.marks.values_mut().for_each(|marks| marks.loss = None);
            outcome
        };
        let study = six();
        let without =
            report(&study, &run(&study, |trial| if trial.remove.is_empty() { six_world(trial) } else { diverge(trial) }));
        let without = without.unwrap();
        let findings = Findings::of(&study, &without);
        let sentence = &findings.sentences()[0];
        assert!(
            sentence.contains("; all 6 runs of retraining without it diverged: undetermined, because a run that"),
            "{sentence}"
        );
        let row = &findings.grid().rows[0];
        assert!(row[1].starts_with("1.4") && row[3] == "diverged" && row[5] == "undetermined", "{row:?}");
        let all = report(&study, &run(&study, diverge)).unwrap();
        let findings = Findings::of(&study, &all);
        assert!(findings.sentences()[0].starts_with("− position: all 6 runs of the ablated model diverged; all 6 runs of"));
        assert!(!findings.text().contains("identical") && !findings.sentences().concat().contains("identical"));

        let planned = ablation_protocol::schedule(&study, &run(&study, six_world)).trials;
        let is_lost = |role: ablation_protocol::Purpose| role.arm() == Some(Arm::Retrained) && role.pair().unwrap().seed == 2;
        let lost: Vec<&str> = planned.iter().filter(|one| is_lost(one.role)).map(|one| one.id.as_str()).collect();
        let world = |trial: &ablation_protocol::Trial| match lost.contains(&trial.id().as_str()) {
            true => diverge(trial),
            false => six_world(trial),
        };
        let some = report(&study, &run(&study, world)).unwrap();
        let sentence = &Findings::of(&study, &some).sentences()[1];
        let words = "1 of 6 runs of retraining without it diverged and count with the loss of the untrained model.";
        assert!(sentence.contains(words), "{sentence}");
    }

    #[test]
    fn one_seed_and_no_seed_get_no_verdict() {
        let study = Study { design: Design { seeds: 1, ..six().design }, ..six() };
        let one = report(&study, &run(&study, six_world)).unwrap();
        let sentence = &Findings::of(&study, &one).sentences()[0];
        assert!(sentence.contains("nats (one seed)") && sentence.contains(": one seed, no verdict. "), "{sentence}");
        let none = report(&study, &Outcomes::new()).unwrap();
        assert_eq!(Findings::of(&study, &none).sentences()[0], "− position: not measured yet.");
    }
}
