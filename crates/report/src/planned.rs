//! Whose power a report shows: the components whose necessity is undetermined, or else the one with the smallest effect.

use ablation_settings::arrange;
use ablation_stats::{Extent, FEWEST_PAIRS, Margin, Needs, Sought, Verdict, planned_level};

use crate::analysis::{Analysis, Component};
use crate::family::{Answer, Question};

/// Most units for which power is asked.
const MOST_UNITS: u32 = 200;

/// The necessity of a component, with the effect to detect.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The component.
    pub component: &'a Component,
    /// The effect.
    pub sought: Sought,
    answer: &'a Answer,
    sd: f64,
    level: f64,
}

impl<'a> Planned<'a> {
    /// Those whose power a report shows, in the order of the components; none if no necessity varies.
    pub fn of(analysis: &'a Analysis) -> Vec<Self> {
        let margin = analysis.margin.and_then(|margin| Margin::new(margin).ok());
        let asked = analysis.families.iter().find(|asked| asked.question == Question::Necessity);
        let level = planned_level(asked.map_or(1, |asked| asked.components.len()));
        let planned = analysis.components.iter().filter_map(|component| Planned::one(component, margin, level));
        let (open, mut decided): (Vec<Planned>, Vec<Planned>) = planned.partition(Planned::is_open);
        let open: Vec<Planned> = open.into_iter().filter(|planned| planned.needs().is_some()).collect();
        if !open.is_empty() {
            return open;
        }
        arrange(&mut decided, |a, b| a.effect().total_cmp(&b.effect()));
        decided.truncate(1);
        decided
    }

    fn one(component: &'a Component, margin: Option<Margin>, level: f64) -> Option<Self> {
        let answer = component.answers.get(&Question::Necessity)?;
        let sought = match answer.verdict? {
            Verdict::Inconclusive { needs: Some(needs) } => needs.sought,
            // A negligible difference is not an effect to plan for.
            Verdict::Worse { extent } | Verdict::BetterWithout { extent } if extent != Extent::Negligible => {
                Sought::of(&answer.gap, None)?
            }
            _ => Sought::of(&answer.gap, margin)?,
        };
        Some(Planned { component, answer, sd: answer.gap.sd.filter(|sd| *sd > 0.0)?, sought, level })
    }

    /// Whether its necessity is undetermined.
    pub fn is_open(&self) -> bool {
        matches!(self.answer.verdict, Some(Verdict::Inconclusive { .. }))
    }

    /// The required number of units according to the verdict.
    pub fn needs(&self) -> Option<Needs> {
        self.answer.verdict?.needs()
    }

    /// The effect in standard deviations.
    pub fn effect(&self) -> f64 {
        self.sought.difference() / self.sd
    }

    /// The power for every number of units, from the fewest that a verdict needs on.
    pub fn powers(&self) -> impl Iterator<Item = (u32, f64)> {
        let power = |units: u32| Some((units, self.sought.power(units.into(), self.sd, self.level).ok()?));
        (FEWEST_PAIRS as u32..=MOST_UNITS).filter_map(power)
    }
}
