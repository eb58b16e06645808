//! Verdicts and questions in words, the same in every table, figure and card.

use ablation_protocol::Arm;
use ablation_settings::{Unit, number::significant};
use ablation_stats::{Extent, Needs, Sought, Verdict};

use crate::analysis::{budget_of, short_budget};

use super::{Analysis, Component, Diverged, Modifier, Question, Run};

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
        let every = self.unit_of_analysis.one();
        let group = |runs: &Vec<Run>| {
            let mut names: Vec<String> = runs.iter().map(|run| self.name_of(run)).collect();
            // Several budgets have one name.
            names.dedup();
            format!(
                "Identical in every {every}: {}. Nothing was changed between them, or the switch is not connected.",
                some_of(&names)
            )
        };
        self.identical.iter().map(group).collect()
    }

    /// Which arms diverged, in how many units; none where none did.
    pub fn diverged_in_words(&self) -> Option<String> {
        let units = self.unit_of_analysis;
        // First what verdicts rest on.
        let (budgets, whole): (Vec<&Diverged>, Vec<&Diverged>) = self.diverged.iter().partition(|one| one.run.arm.has_budget());
        let mut said: Vec<String> = whole
            .into_iter()
            .chain(budgets)
            .map(|one| {
                let name = self.name_of(&one.run);
                match one.is_all() {
                    true if one.of > 1 => format!("{name} in all {}", units.many(one.of as u64)),
                    true => format!("{name} in {}", units.many(1)),
                    false => format!("{name} in {} of {}", one.units, units.many(one.of as u64)),
                }
            })
            .collect();
        said.dedup();
        (!said.is_empty()).then(|| format!("Among them are final runs: {}.", some_of(&said)))
    }

    /// Whether every run of the reference diverged.
    pub(crate) fn reference_diverged(&self) -> bool {
        self.diverged.iter().any(|one| one.run.arm == Arm::Reference && one.run.component.is_none() && one.is_all())
    }

    /// How many runs of the arm that a question is about diverged, of how many, at the budget of the verdict; none where none did.
    pub fn diverged_of(&self, question: Question, component: usize) -> Option<&Diverged> {
        let budgets: Vec<f64> = self.components.get(component)?.recovery.iter().map(|recovered| recovered.budget).collect();
        let run = Run { arm: question.arm(), component: Some(component), budget: budget_of(question, short_budget(&budgets)) };
        self.diverged.iter().find(|one| one.run == run)
    }

    /// An arm as a message names it.
    fn name_of(&self, run: &Run) -> String {
        let budgets = self.components.first().map_or(&[][..], |component| &component.recovery);
        let at = budgets.get(run.budget).filter(|_| budgets.len() > 1 && run.arm.has_budget());
        let at = at.map_or(String::new(), |at| format!(" at {} % of the steps", significant(100.0 * at.budget)));
        let arm = format!("{}{at}", run.arm.label());
        let component = run.component.and_then(|index| self.components.get(index)).map(|component| &component.component);
        match component {
            Some(component) if run.arm == Arm::Variant => format!("`{component}`"),
            Some(component) => format!("`{component}` ({arm})"),
            None => format!("the {arm}"),
        }
    }
}

/// The first of some names, and how many more there are.
fn some_of(names: &[String]) -> String {
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ") + &more
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
