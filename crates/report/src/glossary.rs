//! The words of a report as data: gaps, verdicts and what qualifies them. See [`ablation_protocol::Term`].

use ablation_protocol::{StudyNumber, Term, study_numbers, terms};
use ablation_stats::Extent;
use serde::Serialize;

use crate::{Combined, Modifier, Question};

/// The whole vocabulary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Glossary {
    /// Every word, by group.
    pub terms: Vec<Term>,
    /// The numbers that a link may set for a study.
    pub numbers: Vec<StudyNumber>,
}

/// The vocabulary of the program: command line, page, card and documents use these words.
pub fn glossary() -> Glossary {
    let terms = [terms(), gaps(), verdicts(), extents(), combined(), combined_of_changes(), modifiers()].concat();
    Glossary { terms, numbers: study_numbers() }
}

fn gaps() -> Vec<Term> {
    let gap = |question: Question, name, meaning| Term::new("gap", question, name, meaning).symbol(question.formula());
    vec![
        gap(Question::Disruption, "disruption", "Loss of the ablated model minus loss of the reference."),
        gap(
            Question::Recovery,
            "recovery gap",
            "Loss of the ablated, then fine-tuned model minus loss of the sham: the damage that fine-tuning does not undo.",
        ),
        gap(
            Question::Untuned,
            "untuned gap",
            "Loss when retrained without the component at the reference's hyper-parameters, minus loss of the reference: what ablation \
             tables usually report where they retrain.",
        ),
        gap(
            Question::Necessity,
            "necessity",
            "Loss when retrained without the component, with its own search, minus loss of the reference.",
        ),
        gap(
            Question::Matched,
            "parameter-matched gap",
            "Necessity with a model that is widened to as many parameters as the reference.",
        ),
        gap(
            Question::TuningConfound,
            "tuning confound",
            "The part of the untuned gap that comes from hyper-parameters chosen for another model.",
        ),
        gap(
            Question::CoAdaptationGap,
            "co-adaptation gap",
            "Disruption minus necessity: how far ablation overstates the need for a component.",
        ),
        gap(
            Question::RecoveryAdvantage,
            "recovery advantage",
            "Loss of the short retraining minus loss of the ablated, then fine-tuned model.",
        ),
        gap(Question::Aa, "A/A gap", "Loss of the A/A control minus loss of the reference: noise."),
        gap(
            Question::Variant,
            "gap",
            "Loss of the variant minus loss of the reference, where it is not said how the variant was made.",
        ),
    ]
}

fn verdicts() -> Vec<Term> {
    let verdict = |key: &str, name, meaning| Term::new("verdict", key, name, meaning);
    vec![
        verdict("worse", "worse", "The loss is higher, with an adjusted p-value below 0.05."),
        verdict("better-without", "better", "The loss is lower, with an adjusted p-value below 0.05."),
        verdict("equivalent", "equivalent", "The difference lies within the margin that was fixed before any variant ran.")
            .source("two one-sided tests, Schuirmann 1987"),
        verdict("unchanged", "unchanged", "Identical in every seed: nothing was changed, or the switch is not connected."),
        verdict(
            "inconclusive",
            "inconclusive",
            "Neither a difference nor its absence was shown. This is not evidence of no effect.",
        ),
    ]
}

fn extents() -> Vec<Term> {
    vec![
        Term::new("extent", Extent::Material, "by the margin or more", "A test shows that the difference is the margin or more."),
        Term::new(
            "extent",
            Extent::Negligible,
            "but by less than the margin",
            "The equivalence test shows that it lies within the margin.",
        ),
        Term::new("extent", Extent::Plain, "size open", "Neither is shown, or there is no margin."),
    ]
}

fn combined() -> Vec<Term> {
    Combined::ALL.map(|one| Term::new("combined", one, one.name(false), one.meaning(false))).into()
}

/// Where something is changed rather than left out; the words that do not differ are left out.
fn combined_of_changes() -> Vec<Term> {
    let differs = |one: &Combined| one.meaning(true) != one.meaning(false);
    Combined::ALL
        .into_iter()
        .filter(differs)
        .map(|one| Term::new("combined-of-change", one, one.name(true), one.meaning(true)))
        .collect()
}

fn modifiers() -> Vec<Term> {
    Modifier::ALL.map(|modifier| Term::new("modifier", modifier, modifier.name(), modifier.meaning())).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_there_once_and_has_a_meaning() {
        let Glossary { terms, .. } = glossary();
        let keys: BTreeSet<(&str, &str)> = terms.iter().map(|term| (term.group, term.key.as_str())).collect();
        assert_eq!(keys.len(), terms.len());
        for term in &terms {
            assert!(term.meaning.ends_with('.'), "{term:?}");
        }
    }
}
