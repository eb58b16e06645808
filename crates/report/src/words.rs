//! Verdicts and questions in words, the same in every table, figure and card.

use ablation_protocol::ProtocolArm;
use ablation_settings::{Unit, number::significant};
use ablation_stats::{Extent, FEWEST_BLOCKS, Needs, Sought, Verdict};

use super::{Analysis, Answer, Component, Question};

impl Question {
    /// What is asked, in a word or three.
    pub fn name(self) -> &'static str {
        match self {
            Question::Necessity => "necessity",
            Question::Disruption => "disruption",
            Question::Recovery => "left after healing",
            Question::Entanglement => "entanglement",
            Question::Surplus => "surplus",
            Question::Shortcut => "shortcut",
            Question::Matched => "at equal size",
            Question::Saving => "saved by healing",
            Question::Placebo => "placebo",
            Question::Variant => "gap",
        }
    }
}

impl Question {
    /// The symbols in the differences of these questions, each with what it stands for; empty if they have none.
    pub fn legend(questions: &[Question]) -> String {
        let is_used = |arm: &ProtocolArm| questions.iter().any(|question| question.formula().contains(arm.symbol()));
        let arms = ProtocolArm::ALL.into_iter().filter(is_used).map(|arm| format!("{}: {}", arm.symbol(), arm.meaning()));
        arms.collect::<Vec<String>>().join("; ")
    }
}

impl Analysis {
    /// That there are too few units to find anything, which is read before the numbers or not at all; none if there are enough for one
    /// question at least.
    pub fn too_few(&self) -> Option<String> {
        let asked = self.families.iter().filter(|asked| asked.question != Question::Placebo);
        match asked.map(|asked| asked.units.len()).max()? {
            1 => Some(format!("{}: no verdict; another one can turn the order around", self.unit_of_analysis.many(1))),
            few if few < FEWEST_BLOCKS => Some(format!(
                "{}: no test of fewer than {FEWEST_BLOCKS} can find a difference, whatever its size, so none is called none either",
                self.unit_of_analysis.many(few as u64)
            )),
            _ => None,
        }
    }

    /// How to read a difference that was found beside an interval that holds 0; none where there is no such.
    pub fn contested(&self) -> Option<&'static str> {
        let any = self.components.iter().flat_map(|component| component.answers.values()).any(Answer::is_contested);
        any.then_some("Where a difference is found and the interval holds 0, its direction is shown and its size is not.")
    }
}

impl Component {
    /// The verdict with what qualifies it, such as `co-adapted, not necessary; recoverable`; none where there is none.
    pub fn judged(&self, unit: Unit) -> Option<String> {
        let alone = || self.verdict_in_words(Question::Variant, unit);
        let mut judged = self.combined.map(|combined| combined.name(self.changed).to_string()).or_else(alone)?;
        if let Some(needs) = self.needs() {
            judged += &format!(": {}", needs_in_words(needs, unit));
        }
        let modifiers: Vec<&str> = self.modifiers.iter().map(|modifier| modifier.name()).collect();
        if !modifiers.is_empty() {
            judged += &format!("; {}", modifiers.join(", "));
        }
        Some(judged)
    }

    /// What would tell whether it is needed, where that is open.
    pub fn needs(&self) -> Option<Needs> {
        self.answers.get(&Question::Necessity)?.verdict?.needs()
    }

    /// The verdict on one of its gaps in words; none where there is none.
    pub fn verdict_in_words(&self, question: Question, unit: Unit) -> Option<String> {
        Some(in_words(self.answers.get(&question)?.verdict?, question, self.changed, unit))
    }
}

/// The verdict on one gap in words. Only of a part that is left out it can be said that a model is better without; of two arms that both lack
/// it, which is worse.
pub fn in_words(verdict: Verdict, question: Question, changed: bool, unit: Unit) -> String {
    use Question::{Disruption, Matched, Necessity, Recovery, Shortcut};
    let left_out = !changed && matches!(question, Necessity | Disruption | Recovery | Shortcut | Matched);
    let who = match question {
        Question::Entanglement => "the shortcut is ",
        Question::Surplus => "cut is ",
        Question::Saving => "relearned is ",
        _ => "",
    };
    match verdict {
        Verdict::Worse { extent } => format!("{who}worse{}", by(extent)),
        Verdict::BetterWithout { extent } if left_out => format!("better without{}", by(extent)),
        Verdict::BetterWithout { extent } => format!("{who}better{}", by(extent)),
        Verdict::Equivalent => "equivalent".to_string(),
        Verdict::Inconclusive { needs: Some(needs) } => format!("inconclusive: {}", needs_in_words(needs, unit)),
        Verdict::Inconclusive { needs: None } => "inconclusive".to_string(),
    }
}

/// How many units would tell, and if what.
pub fn needs_in_words(needs: Needs, unit: Unit) -> String {
    let many = unit.many(needs.blocks);
    match needs.sought {
        Sought::Difference(_) => format!("about {many} would tell, if it is as large as seen"),
        Sought::Either(_) => format!("about {many} would tell"),
    }
}

/// What units are planned to tell, losses in this unit.
pub fn sought_in_words(sought: Sought, unit: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let size = significant(sought.difference());
    match sought {
        Sought::Difference(_) => format!("a difference of {size}{unit}, as seen"),
        Sought::Either(_) => format!("a difference of {size}{unit} (the margin) or none"),
    }
}

fn by(extent: Extent) -> &'static str {
    match extent {
        Extent::Material => ", by the margin or more",
        Extent::Negligible => ", but by less than the margin",
        Extent::Plain => "",
    }
}
