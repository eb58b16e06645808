//! Verdicts and questions in words, the same in every table, figure and card.

use ablation_stats::{Extent, Verdict};

use super::{Answer, Component, ProtocolArm, Question};
use crate::unit::Unit;

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

impl ProtocolArm {
    /// What is measured in it, for a legend of symbols.
    pub fn in_words(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "the reference",
            ProtocolArm::Cut => "the reference, cut",
            ProtocolArm::Sham => "the reference, trained on as long as the healed",
            ProtocolArm::Healed => "cut and trained on",
            ProtocolArm::Relearn => "trained without it, only as long as healing takes",
            ProtocolArm::RetrainedSame => "trained without it, hyper-parameters of the reference",
            ProtocolArm::RetrainedOwn => "trained without it, own hyper-parameters",
            ProtocolArm::Placebo => "the reference once more",
            ProtocolArm::Matched => "trained without it, as large as the reference",
            ProtocolArm::Variant => "a variant",
        }
    }
}

impl Component {
    /// The verdict with what qualifies it, such as `co-adapted, not necessary; recoverable`; none where there is none.
    pub fn judged(&self, unit: Unit) -> Option<String> {
        let alone = || match self.answers.get(&Question::Variant) {
            Some(Answer { verdict: Some(verdict), .. }) => Some(in_words(*verdict, unit)),
            _ => None,
        };
        let mut judged = self.combined.map(|combined| combined.name().to_string()).or_else(alone)?;
        if let Some(Verdict::Inconclusive { blocks: Some(blocks) }) =
            self.answers.get(&Question::Necessity).and_then(|answer| answer.verdict)
        {
            judged += &format!(": {} would tell", unit.many(blocks));
        }
        let modifiers: Vec<&str> = self.modifiers.iter().map(|modifier| modifier.name()).collect();
        if !modifiers.is_empty() {
            judged += &format!("; {}", modifiers.join(", "));
        }
        Some(judged)
    }
}

/// The verdict on one gap in words.
pub fn in_words(verdict: Verdict, unit: Unit) -> String {
    match verdict {
        Verdict::Worse { extent: Extent::Material } => "worse, materially".to_string(),
        Verdict::Worse { extent: Extent::Negligible } => "worse, detectable but negligible".to_string(),
        Verdict::Worse { extent: Extent::Plain } => "worse".to_string(),
        Verdict::BetterWithout => "better without".to_string(),
        Verdict::Equivalent => "equivalent".to_string(),
        Verdict::Inconclusive { blocks: Some(blocks) } => format!("inconclusive: {} would tell", unit.many(blocks)),
        Verdict::Inconclusive { blocks: None } => "inconclusive".to_string(),
    }
}
