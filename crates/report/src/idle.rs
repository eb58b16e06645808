//! Figures that have nothing to show: their lines are flat, or lie on each other, by what the report itself says. They are left out, and a
//! sentence says which and why.

use crate::analysis::Analysis;
use crate::family::Question;
use crate::planned::Planned;

/// A power that reads as 1.
const CERTAIN: f64 = 0.995;

/// Which figures of an analysis have nothing to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// Indices of the components that were fine-tuned after an ablation which made no difference above the margin.
    pub recovery: Vec<usize>,
    /// Whether the power is 1 at every number of units.
    pub power: bool,
    /// Whether no component has a necessity above the margin, so that all share one rank.
    pub ranks: bool,
}

impl Idle {
    /// Those of an analysis.
    pub fn of(analysis: &Analysis) -> Self {
        let (components, planned) = (&analysis.components, Planned::of(analysis));
        let nothing_to_recover = |index: &usize| {
            let component = &components[*index];
            let disruption = component.answers.get(&Question::Disruption);
            let has_place = component.recovery.iter().any(|recovered| recovered.budget.is_finite());
            has_place && disruption.is_some_and(|answer| answer.is_within_margin())
        };
        let is_certain = |one: &Planned| one.powers().all(|(_, power)| power >= CERTAIN);
        let within = |mean: f64| mean == 0.0 || analysis.margin.is_some_and(|margin| mean.abs() < margin);
        let mut necessities = components.iter().filter_map(|component| component.answers.get(&Question::Necessity));
        Idle {
            recovery: (0..components.len()).filter(nothing_to_recover).collect(),
            power: planned.iter().any(|one| one.powers().next().is_some()) && planned.iter().all(is_certain),
            ranks: analysis.ranks.is_some() && necessities.all(|answer| within(answer.gap.mean)),
        }
    }

    /// Which figures are left out and why; none if all are there.
    pub fn in_words(&self, analysis: &Analysis) -> Option<String> {
        let labels: Vec<&str> = self.recovery.iter().map(|index| analysis.components[*index].label.as_str()).collect();
        let recovery = match labels.as_slice() {
            [] => None,
            [one] => Some(format!("the recovery of {one}, because ablating it makes no difference above the margin")),
            [first @ .., last] => Some(format!(
                "the recovery of {} and of {last}, because ablating them makes no difference above the margin",
                first.join(", of ")
            )),
        };
        let units = analysis.unit_of_analysis.name();
        let power = self.power.then(|| format!("the power, because it is 1 at every number of {units}"));
        let ranks = self.ranks.then(|| "the ranking, because no component has a mean necessity above the margin".to_string());
        let left_out: Vec<String> = recovery.into_iter().chain(ranks).chain(power).collect();
        (!left_out.is_empty()).then(|| format!("Left out of the figures: {}.", left_out.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_protocol::made_up::{run, six, six_world};
    use ablation_stats::{Extent, Verdict};

    fn analysis() -> Analysis {
        let study = six();
        crate::report(&study, &run(&study, six_world)).unwrap().analysis
    }

    #[test]
    fn figures_that_show_a_difference_stay() {
        let analysis = analysis();
        assert_eq!(Idle::of(&analysis), Idle::default());
        assert_eq!(Idle::default().in_words(&analysis), None);
    }

    #[test]
    fn recovery_of_what_was_not_disrupted_is_left_out() {
        let mut analysis = analysis();
        for (index, verdict) in
            [(0, Verdict::Equivalent), (1, Verdict::Worse { extent: Extent::Negligible }), (2, Verdict::Unchanged)]
        {
            analysis.components[index].answers.get_mut(&Question::Disruption).unwrap().verdict = Some(verdict);
        }
        analysis.components[2].recovery.clear();
        let idle = Idle::of(&analysis);
        assert_eq!(idle, Idle { recovery: vec![0, 1], ..Idle::default() });
        assert_eq!(
            idle.in_words(&analysis).unwrap(),
            "Left out of the figures: the recovery of − position and of − blocks.0.mlp, because ablating them makes no difference above the \
             margin."
        );
        analysis.components[0].answers.get_mut(&Question::Disruption).unwrap().verdict = None;
        assert_eq!(Idle::of(&analysis).recovery, [1], "what has no verdict was not shown");
    }

    #[test]
    fn a_power_of_1_and_equal_ranks_are_left_out() {
        let mut analysis = analysis();
        for component in &mut analysis.components {
            let necessity = component.answers.get_mut(&Question::Necessity).unwrap();
            (necessity.verdict, necessity.gap.mean, necessity.gap.sd) = (Some(Verdict::Equivalent), 0.001, Some(1e-6));
        }
        let idle = Idle::of(&analysis);
        assert_eq!(idle, Idle { power: true, ranks: true, ..Idle::default() });
        assert_eq!(
            idle.in_words(&analysis).unwrap(),
            "Left out of the figures: the ranking, because no component has a mean necessity above the margin; the power, because it is 1 at \
             every number of seeds."
        );
        analysis.margin = None;
        assert!(!Idle::of(&analysis).ranks, "without a margin every difference is an order");
    }
}
