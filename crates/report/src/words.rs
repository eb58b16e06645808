//! Verdicts and questions in words, the same in every table, figure and card.

use ablation_protocol::Arm;
use ablation_settings::{Unit, number::significant};
use ablation_stats::{Extent, Needs, Sought, Verdict};

use super::{Analysis, Component, Modifier, Question, Run};

/// How many arms of a group a sentence names.
const NAMED: usize = 8;

impl Question {
    /// What is asked, in a word or three.
    pub fn name(self) -> &'static str {
        match self {
            Question::Necessity => "necessity",
            Question::Disruption => "disruption",
            Question::Recovery => "recovery gap",
            Question::TuningConfound => "tuning confound",
            Question::CoAdaptationGap => "co-adaptation gap",
            Question::Untuned => "untuned gap",
            Question::Matched => "parameter-matched gap",
            Question::RecoveryAdvantage => "recovery advantage",
            Question::Aa => "A/A gap",
            Question::Variant => "gap",
        }
    }
}

impl Question {
    /// The symbols in the differences of these questions, each with what it stands for; empty if they have none.
    pub fn legend(questions: &[Question]) -> String {
        let arms = arms_in(questions).into_iter().map(|arm| format!("{} = {}: {}", arm.symbol(), arm.label(), arm.meaning()));
        arms.collect::<Vec<String>>().join(" ")
    }

    /// The same for a table from elsewhere: what its labels say, because how its models were trained nobody has seen here.
    pub fn label_legend(questions: &[Question]) -> String {
        let arms = arms_in(questions).into_iter().map(|arm| format!("{} = {}", arm.symbol(), arm.label()));
        let legend = arms.collect::<Vec<String>>().join("; ");
        if legend.is_empty() { legend } else { format!("Arms as the table labels them: {legend}") }
    }
}

/// The arms in the formulas of these questions, in the order of tables.
fn arms_in(questions: &[Question]) -> Vec<Arm> {
    let is_used = |arm: &Arm| questions.iter().any(|question| question.formula().contains(arm.symbol()));
    Arm::ALL.into_iter().filter(is_used).collect()
}

impl Analysis {
    /// Arms that have the same values in every unit, a sentence for each group of them.
    pub fn identical_in_words(&self) -> Vec<String> {
        let name = |run: &Run| {
            let arm = run.arm.label();
            let component = run.component.and_then(|index| self.components.get(index)).map(|component| &component.component);
            match component {
                Some(component) if run.arm == Arm::Variant => format!("`{component}`"),
                Some(component) => format!("`{component}` ({arm})"),
                None => format!("the {arm}"),
            }
        };
        let every = self.unit_of_analysis.one();
        let group = |runs: &Vec<Run>| {
            let names: Vec<String> = runs.iter().take(NAMED).map(name).collect();
            let more = if runs.len() > NAMED { format!(" and {} more", runs.len() - NAMED) } else { String::new() };
            format!(
                "Identical in every {every}: {}{more}. Nothing was changed between them, or the switch is not connected.",
                names.join(", ")
            )
        };
        self.identical.iter().map(group).collect()
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
        let modifiers = self.own_modifiers();
        if !modifiers.is_empty() {
            judged += &format!("; {}", modifiers.join(", "));
        }
        Some(judged)
    }

    /// What qualifies its verdict and not that of every other component: that the reference solves the task is a warning above all of them.
    pub fn own_modifiers(&self) -> Vec<&'static str> {
        self.modifiers.iter().filter(|modifier| **modifier != Modifier::AtCeiling).map(|modifier| modifier.name()).collect()
    }

    /// How many units are needed to decide whether it is needed, where that is open.
    pub fn needs(&self) -> Option<Needs> {
        self.answers.get(&Question::Necessity)?.verdict?.needs()
    }

    /// The verdict on one of its gaps in words; none where there is none.
    pub fn verdict_in_words(&self, question: Question, unit: Unit) -> Option<String> {
        Some(in_words(self.answers.get(&question)?.verdict?, question, unit))
    }
}

/// The verdict on one gap in words. Of two arms that both lack the component it is said which is worse.
pub fn in_words(verdict: Verdict, question: Question, unit: Unit) -> String {
    let who = match question {
        Question::TuningConfound => "untuned is ",
        Question::CoAdaptationGap => "ablated is ",
        Question::RecoveryAdvantage => "short retraining is ",
        _ => "",
    };
    match verdict {
        Verdict::Worse { extent } => format!("{who}worse{}", by(extent)),
        Verdict::BetterWithout { extent } => format!("{who}better{}", by(extent)),
        Verdict::Unchanged if question == Question::TuningConfound => "same settings chosen".to_string(),
        Verdict::Unchanged => format!("unchanged: identical in every {}", unit.one()),
        Verdict::Equivalent => "equivalent".to_string(),
        Verdict::Inconclusive { needs: Some(needs) } => format!("inconclusive: {}", needs_in_words(needs, unit)),
        Verdict::Inconclusive { needs: None } => "inconclusive".to_string(),
    }
}

/// How many units are needed.
pub fn needs_in_words(needs: Needs, unit: Unit) -> String {
    let many = unit.many(needs.pairs);
    match needs.sought {
        Sought::Difference(_) => format!("about {many} needed (80 % power at the observed effect)"),
        Sought::Either(_) => format!("about {many} needed (80 % power)"),
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
