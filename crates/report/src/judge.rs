//! The verdict logic: from the statistics of the gaps of a component to what may be said of it (methodology, sections 7.10 and 11).
//!
//! Every rule that can hold a verdict back, weaken it or qualify it stands here, so that what a study says depends on one file and on the
//! rule that chooses search points ([`ablation_protocol`]), and nothing else.

use std::collections::BTreeMap;

use ablation_protocol::FEWEST_OF_A_STANDARD;
use ablation_stats::{Extent, Margin, Needs, Verdict};

use crate::analysis::{Component, Subject};
use crate::combined::{Combined, Modifier};
use crate::control::NoiseFloor;
use crate::family::{Answer, Question};

/// Largest share of the training that still counts as a short recovery (methodology, section 7.10).
pub(crate) const SHORT: f64 = 0.05;

/// Standard deviations of a gap that the margin of a sketch must hold before it may claim equivalence (methodology, section 7.5).
const SKETCHY: f64 = 1.5;

/// What verdicts depend on beside the gaps of a component.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Circumstances {
    /// The smallest difference that matters, if one was fixed.
    pub margin: Option<Margin>,
    /// What the A/A control says.
    pub noise: NoiseFloor,
    /// Whether so little was run that a difference is called none only where the margin is wide for its spread.
    pub sketch: bool,
    /// Whether the reference learned no more than the margin, so that no component can matter.
    pub untrained: bool,
    /// Whether the reference solves the task exactly.
    pub at_ceiling: bool,
    /// The recovery budget that the verdict is about, as a share of the training.
    pub budget: Option<f64>,
}

impl Circumstances {
    /// Whether there is enough of an answer to call its difference none.
    fn can_show_none(&self, answer: &Answer) -> bool {
        let is_wide = |margin: Margin| answer.gap.sd.is_none_or(|sd| margin.size() >= SKETCHY * sd);
        !self.sketch || self.margin.is_none_or(is_wide)
    }
}

/// What makes the values of one gap doubtful.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Doubt {
    /// Whether its arm has the same values as an arm of another component in every unit.
    pub is_doubled: bool,
    /// Whether runs that diverged are all there is.
    pub is_untrained: bool,
}

/// The verdict on one gap, as far as the circumstances allow. `members`: size of its family.
pub(crate) fn gap_verdict(
    answer: &Answer,
    question: Question,
    subject: &Subject,
    circumstances: &Circumstances,
    members: usize,
    doubt: Doubt,
) -> Option<Verdict> {
    let mut verdict = answer.verdict?;
    if doubt.is_untrained || (circumstances.untrained && verdict != Verdict::Unchanged) {
        return Some(Verdict::Inconclusive { needs: None });
    }
    let can_show_none = circumstances.can_show_none(answer);
    if circumstances.noise.exceeded || !can_show_none {
        verdict = verdict.without_negligible();
    }
    if verdict == Verdict::Equivalent && circumstances.noise.exceeded {
        verdict = Verdict::Inconclusive { needs: None };
    }
    if verdict == Verdict::Equivalent && !can_show_none {
        verdict = beyond_a_sketch(Verdict::inconclusive(&answer.gap, circumstances.margin, members));
    }
    if subject.edge && asks_for_own_search(question) && verdict != Verdict::Unchanged {
        verdict = Verdict::Inconclusive { needs: None };
    }
    // An arm that is another one measured twice can differ from the reference, and it cannot show that it does not.
    if doubt.is_doubled && verdict == Verdict::Equivalent {
        verdict = Verdict::Unchanged;
    }
    Some(verdict)
}

/// Whether the gap depends on the component's own search.
fn asks_for_own_search(question: Question) -> bool {
    matches!(question, Question::Necessity | Question::TuningConfound | Question::CoAdaptationGap | Question::Matched)
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

/// What a component's gaps say together: its combined verdict and what qualifies it. `verdicts`: on each gap, as if there were no noise floor,
/// which then only takes away. `is_doubled`: as of [`gap_verdict`].
pub(crate) fn conclude(
    component: &Component,
    verdicts: &BTreeMap<Question, Verdict>,
    subject: &Subject,
    circumstances: &Circumstances,
    is_doubled: impl Fn(Question) -> bool,
) -> (Option<Combined>, Vec<Modifier>) {
    let found = |question: Question| {
        let verdict = weighed(*verdicts.get(&question)?, circumstances);
        Some(if is_doubled(question) && verdict == Verdict::Equivalent { Verdict::Unchanged } else { verdict })
    };
    let is_worse = |question: Question| matches!(found(question), Some(Verdict::Worse { .. }));
    let is_as_good = |question: Question| matches!(found(question), Some(Verdict::Equivalent | Verdict::BetterWithout { .. }));
    let Some(necessity) = found(Question::Necessity) else { return (None, Vec::new()) };
    let mut combined = Combined::of(found(Question::Disruption), necessity, is_worse(Question::CoAdaptationGap));
    // A model without the component that does as well exists, whatever its own search found (section 11.2).
    let search_failed = is_worse(Question::Necessity) && is_as_good(Question::Untuned);
    if search_failed {
        combined = Combined::NotNecessary;
    }
    if is_worse(Question::Necessity) && found(Question::Untuned) == Some(Verdict::Unchanged) {
        combined = Combined::Unchanged;
    }
    if combined != Combined::Unchanged && rests_on_noise(component, combined, circumstances) {
        combined = Combined::Undetermined;
    }
    let mut modifiers = Vec::new();
    if subject.edge {
        modifiers.push(Modifier::SearchAtEdge);
    }
    // Nothing qualifies what is not known.
    if combined == Combined::Undetermined {
        return (Some(combined), modifiers);
    }
    let may_be_noise =
        |question: Question| component.answers.get(&question).is_some_and(|answer| circumstances.noise.may_be_noise(&answer.gap));
    // What qualifies a verdict has to lie beyond the noise as well.
    let known = |question: Question| found(question).filter(|verdict| *verdict == Verdict::Unchanged || !may_be_noise(question));
    let matters = |question: Question| matches!(known(question), Some(Verdict::Worse { .. }));
    let is_short = circumstances.budget.is_some_and(|share| share <= SHORT);
    let faster = matters(Question::RecoveryAdvantage);
    if is_short && matters(Question::Disruption) && known(Question::Recovery) == Some(Verdict::Equivalent) && faster {
        modifiers.push(Modifier::Recoverable);
    }
    if matters(Question::TuningConfound) {
        let margin = circumstances.margin.map_or(0.0, Margin::size);
        let holds = subject.untuned_elsewhere.iter().all(|gap| *gap > margin);
        modifiers.push(if holds { Modifier::UntunedMisleading } else { Modifier::UntunedDepends });
    }
    if matters(Question::Necessity) && known(Question::Matched) == Some(Verdict::Equivalent) {
        modifiers.push(Modifier::ExplainedBySize);
    }
    if search_failed {
        modifiers.push(Modifier::SearchFailed);
    }
    let extent = match necessity {
        Verdict::Worse { extent } | Verdict::BetterWithout { extent } => Some(extent),
        _ => None,
    };
    if circumstances.margin.is_some() && extent == Some(Extent::Plain) {
        modifiers.push(Modifier::BelowMargin);
    }
    if circumstances.at_ceiling && combined != Combined::Unchanged {
        modifiers.push(Modifier::AtCeiling);
    }
    (Some(combined), modifiers)
}

/// The verdict on whether a difference matters. One that was found and certainly lies within the margin counts as none: paired runs can show
/// differences of a millionth. That of a model no better than the constant predictor counts as not known.
fn weighed(verdict: Verdict, circumstances: &Circumstances) -> Verdict {
    match verdict {
        Verdict::Unchanged => Verdict::Unchanged,
        _ if circumstances.untrained => Verdict::Inconclusive { needs: None },
        Verdict::Worse { extent: Extent::Negligible } | Verdict::BetterWithout { extent: Extent::Negligible } => {
            Verdict::Equivalent
        }
        verdict => verdict,
    }
}

/// Whether any gap that a combined verdict rests on may be noise (section 11.3).
fn rests_on_noise(component: &Component, combined: Combined, circumstances: &Circumstances) -> bool {
    let mut questions = vec![Question::Necessity, Question::Disruption, Question::Untuned];
    if combined == Combined::OverstatedByAblation {
        questions.push(Question::CoAdaptationGap);
    }
    let answers = questions.iter().filter_map(|question| component.answers.get(question));
    let changed = answers.filter(|answer| answer.verdict != Some(Verdict::Unchanged));
    changed.into_iter().any(|answer| circumstances.noise.may_be_noise(&answer.gap))
}
