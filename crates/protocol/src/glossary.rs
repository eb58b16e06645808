//! The vocabulary as data: what each arm, tier, stage and grade is called and what it means, and how much a study may ask for.
//!
//! The command line prints these rows and the page is built from them, so that no other program holds a copy of a word.

use serde::Serialize;

use crate::arm::Arm;
use crate::cost::Phase;
use crate::limits;

/// One word of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Term {
    /// What kind of word it is: `word`, `arm`, `gap`, `verdict`, ...
    pub group: &'static str,
    /// The key in files, tables and messages; unique within its group.
    pub key: String,
    /// The name that people read.
    pub name: &'static str,
    /// What it means, in a sentence or two.
    pub meaning: &'static str,
    /// The symbol of the methodology, if it has one.
    pub symbol: Option<&'static str>,
    /// Where the idea comes from, if it has a source.
    pub source: Option<&'static str>,
}

impl Term {
    /// A word; its key is what serde writes for `key`.
    ///
    /// # Panics
    /// If the key is not written as text, which every key of this program is.
    pub fn new(group: &'static str, key: impl Serialize, name: &'static str, meaning: &'static str) -> Self {
        let key = serde_json::to_value(key).ok().and_then(|key| key.as_str().map(str::to_string)).expect("keys are text");
        Term { group, key, name, meaning, symbol: None, source: None }
    }

    /// With the symbol of the methodology.
    #[must_use]
    pub fn symbol(self, symbol: &'static str) -> Self {
        Term { symbol: Some(symbol), ..self }
    }

    /// With its source.
    #[must_use]
    pub fn source(self, source: &'static str) -> Self {
        Term { source: Some(source), ..self }
    }
}

/// A number that a link may set for a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct StudyNumber {
    /// The key in links.
    pub key: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it is.
    pub help: &'static str,
    /// The smallest value.
    pub minimum: f64,
    /// The largest value.
    pub maximum: f64,
    /// Whether only whole numbers are taken.
    pub integer: bool,
}

/// The numbers that a link may set for a study, in the order of the form.
pub fn study_numbers() -> Vec<StudyNumber> {
    let whole = |key, label, help, (minimum, maximum): (u32, u32)| {
        let (minimum, maximum) = (f64::from(minimum), f64::from(maximum));
        StudyNumber { key, label, help, minimum, maximum, integer: true }
    };
    let (minimum, maximum) = limits::SHARE;
    vec![
        whole(
            "study.seeds",
            "Seeds",
            "Paired runs of every arm. With fewer than six no test can find a difference.",
            limits::SEEDS,
        ),
        whole(
            "study.trials",
            "Search points",
            "Hyper-parameter settings that each arm tries; the same number for every arm.",
            limits::TRIALS,
        ),
        StudyNumber {
            key: "study.margin",
            label: "Margin",
            help: "The smallest difference that matters, as a fraction of what the reference learned. Fixed before any variant runs.",
            minimum,
            maximum,
            integer: false,
        },
        whole(
            "study.seed",
            "Root seed",
            "All seeds are derived from it; the same study has the same seeds everywhere.",
            (0, u32::MAX),
        ),
    ]
}

/// The words of a protocol.
pub fn terms() -> Vec<Term> {
    [words(), arms(), stages(), tiers(), grades(), readings(), items()].concat()
}

/// What a study consists of and what is counted.
fn words() -> Vec<Term> {
    let word = |key: &'static str, meaning| Term::new("word", key, key, meaning);
    vec![
        word("component", "Any part of a model that can be ablated. Its path, such as `blocks.0.mlp`, is its site."),
        word("variant", "One change of the reference that a study asks about: components left out, or settings changed."),
        word("arm", "How a model came to be that a loss was measured on, such as ablated after training or retrained without."),
        word("gap", "The difference of the loss between two arms of the same seed."),
        word(
            "trial",
            "One model of one arm with one seed, trained as its arm says and measured. A study is a set of trials; `ablation plan` prints them.",
        ),
        word("step", "One update of the weights by the optimiser, on one batch."),
        word("search point", "One setting of the searched hyper-parameters; every arm with a search tries the same points."),
        word("fleet", "Several models that are trained together, step by step. What each learns does not depend on the others."),
        word("replica", "One model of a fleet."),
        word(
            "tune split",
            "Held-out examples on which choices are made: hyper-parameters, the primary ablation, rates of fine-tuning.",
        ),
        word("test split", "Held-out examples on which the reported losses are measured; nothing is chosen on them."),
        word("constant predictor", "The best model that ignores its input. A trained model has to reach a lower loss than this."),
        word(
            "floor",
            "The lowest expected loss that any predictor can have on the data: the entropy of the targets given the input. It is above 0 where \
             chance decides a part of the answer.",
        ),
        word(
            "label noise",
            "The share of the targets that are replaced by a uniform draw among the possible answers, in training and evaluation alike.",
        ),
    ]
}

fn arms() -> Vec<Term> {
    Arm::ALL.into_iter().map(|arm| Term::new("arm", arm, arm.label(), arm.meaning()).symbol(arm.symbol())).collect()
}

fn stages() -> Vec<Term> {
    let stage = |stage, name, meaning| Term::new("stage", stage, name, meaning);
    vec![
        stage(Phase::Search, "Hyper-parameter search", "Every arm with hyper-parameters of its own searches for them."),
        stage(Phase::Train, "Final training", "Trainings from scratch with every final seed."),
        stage(Phase::Ablate, "Ablation", "Components are ablated in trained models; nothing is trained."),
        stage(Phase::Recover, "Recovery fine-tuning", "Ablated models and their shams are trained further."),
    ]
}

fn tiers() -> Vec<Term> {
    vec![
        Term::new(
            "tier",
            "sketch",
            "sketch",
            "Six seeds: shows the direction of large effects. Where there is no difference, among six components, it shows that in 7, 60 or 97 of \
             100 studies if the margin is 1, 1.5 or 2 standard deviations of the gap.",
        ),
        Term::new("tier", "standard", "standard", "Ten seeds and twice as many search points: what a paper should report."),
        Term::new("tier", "gold", "gold", "The whole search repeated eight times: measures the variance of tuning as well."),
    ]
}

fn grades() -> Vec<Term> {
    vec![
        Term::new("grade", "sound", "sound", "The number measures what its name says."),
        Term::new(
            "grade",
            "approximate",
            "approximate",
            "It measures something close to what its name says; the reason says what differs.",
        ),
        Term::new("grade", "refused", "refused", "Not offered: the number would be misread. The reason says what to do instead."),
    ]
}

/// Items of a protocol card whose key is not what they are called.
pub fn items() -> Vec<Term> {
    let item = |key: &str, name, meaning| Term::new("card", key, name, meaning);
    vec![
        item("updates", "steps", "Steps of one training from scratch."),
        item("trials", "search points", "Points that the search of every arm tries."),
        item(
            "aa",
            "A/A control",
            "Whether the reference, trained once more as if it were a variant, differs from the reference.",
        ),
        item("short-retrain", "recovery advantage", "Short retraining minus the ablated, then fine-tuned model."),
        item("matched", "parameter-matched gap", "The retrained, parameter-matched model minus the reference."),
    ]
}

/// How the numbers of a diffusion model and its samples go together, in the order in which the sandbox shows them; the group names the score.
fn readings() -> Vec<Term> {
    let reading = |key: &str, name, meaning| Term::new("reading energy_distance", key, name, meaning);
    vec![
        reading(
            "denoising-error",
            "Denoising error",
            "Mean squared error of the predicted clean example over held-out examples at five fixed noise levels; lower is better. A model that \
             always predicts the mean of the data has 1. The gaps above are differences of this error.",
        ),
        reading("loss", "Loss", "The training loss over the steps, on a scale of its own."),
        reading("samples", "Samples", "Generated from pure noise, drawn with held-out examples."),
        reading(
            "energy-distance",
            "Energy distance",
            "Distance between the distributions of generated and held-out examples; 0 means equal. It need not move with the denoising error, \
             which is measured one step at a time.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::study::Design;

    #[test]
    fn every_word_is_there_once_and_has_a_meaning() {
        let words = terms();
        let keys: BTreeSet<(&str, &str)> = words.iter().map(|term| (term.group, term.key.as_str())).collect();
        assert_eq!(keys.len(), words.len());
        for Term { name, meaning, .. } in &words {
            assert!(!name.is_empty() && meaning.ends_with('.'), "{name}: {meaning}");
        }
        for Design { tier, .. } in Design::tiers() {
            assert!(keys.contains(&("tier", tier.as_str())), "{tier}");
        }
    }
}
