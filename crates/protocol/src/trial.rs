//! The unit of work: everything that decides one number, and nothing else.
//!
//! A trial is plain data whose id is a hash of that data. So an interrupted run resumes, two plans that ask for the same training share it,
//! and a cluster can be handed trials as lines of text: there is nothing else to agree on.
//!
//! What is done to the weights is a list of stages. A training from scratch is one stage. An ablation is a stage of no steps that ablates;
//! recovery fine-tuning is the same with steps; its sham is a stage with steps that ablates nothing.
//!
//! A stage may train on a mixture of data. A trial that is pretrained on a mixture and goes on with its own data has two stages:
//! ```json
//! [{"init": "scratch", "steps": 400, "data": [
//!     {"set": {}, "weight": 3},
//!     {"set": {"data.kind": "first", "data.vocabulary": 7}, "weight": 1}]},
//!  {"init": "previous", "steps": 100}]
//! ```
//! A mixture changes neither what the trial is evaluated on nor what its ablations take means of: both are its own data. Nor does it change
//! what a step costs, as an example of any source has the shape that the model reads.

use ablation_settings::{Settings, canonical};
use serde::{Deserialize, Serialize};

use crate::ablation::Ablation;

pub use ablation_settings::canonical::{hash, hash_text};

/// Version of what a trial means. An outcome of another version answers another question, so it is part of every id.
const MEANING: &str = "ablation-trial/v2";

/// Seeds of one training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// Initial weights and dropout.
    pub init: u64,
    /// Training examples, their order, and the held-out examples of both splits.
    pub data: u64,
    /// Initial weights that are drawn anew, for the A/A control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redraw: Option<Redraw>,
}

impl Seeds {
    /// Seeds of a training whose initial weights all follow from one seed.
    pub fn new(init: u64, data: u64) -> Self {
        Seeds { init, data, redraw: None }
    }
}

/// A share of the initial weights that is drawn from another seed. Everything else stays: a variant too keeps every weight, batch and order
/// that it has in common with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redraw {
    /// Weights in a million that are drawn anew; which ones is drawn as well.
    pub per_million: u32,
    /// Seed of the choice and of the new values.
    pub seed: u64,
}

/// Held-out examples that a trial is evaluated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationSplit {
    /// What hyper-parameters, operators and learning rates of recovery are chosen on.
    Tune,
    /// What is reported, once.
    Test,
}

/// What a training is evaluated on that other trials may continue from.
pub(crate) const BOTH: [EvaluationSplit; 2] = [EvaluationSplit::Tune, EvaluationSplit::Test];

/// Where the weights of a stage come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Drawn from the seed.
    Scratch,
    /// The weights that the stage before left.
    Previous,
    /// The weights file with this SHA-256.
    File(String),
}

/// One source of a mixture of training data. An example comes from it with a probability of its weight over the sum of all weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Settings of the data that differ from those that the trial is evaluated on. They may choose another data set, if the model can be
    /// trained on its examples: as many positions of as large a vocabulary, or as many numbers and classes.
    pub set: Settings,
    /// How often an example comes from it, relative to the other sources: finite, from 0 on, and not 0 for all of them. Which source it is
    /// is drawn at the example's own address, and the example as if there were no other source.
    pub weight: f64,
}

/// One thing that is done to the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Where its weights come from.
    pub init: Init,
    /// What it is trained on, a mixture of these; empty for the data that the trial is evaluated on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Source>,
    /// Training steps, with a fresh optimiser; 0 evaluates the weights as they are.
    pub steps: u64,
    /// Settings of the training that differ from the trial's.
    #[serde(default, skip_serializing_if = "Settings::is_empty")]
    pub recipe: Settings,
    /// What is ablated before the first step and stays so, at most one ablation a site.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ablations: Vec<Ablation>,
}

impl Stage {
    /// A training from scratch.
    pub fn scratch(steps: u64) -> Self {
        Stage { init: Init::Scratch, data: Vec::new(), steps, recipe: Settings::default(), ablations: Vec::new() }
    }

    /// What is done to the weights of the stage before.
    pub fn next(steps: u64, recipe: Settings, ablations: Vec<Ablation>) -> Self {
        Stage { init: Init::Previous, data: Vec::new(), steps, recipe, ablations }
    }
}

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Settings of data, model and training, without the number of steps, which each stage has of its own. A setting whose value means "as
    /// before this setting existed" is left out, so that new settings change no id.
    pub settings: Settings,
    /// Sites left out from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// What is drawn.
    pub seeds: Seeds,
    /// What is done to the weights, in order.
    pub stages: Vec<Stage>,
    /// What the weights of the last stage are evaluated on.
    pub evaluate: Vec<EvaluationSplit>,
}

impl Trial {
    /// 16 hexadecimal digits that name the content: the start of the SHA-256 of its canonical JSON (RFC 8785).
    ///
    /// At 64 bits a study of a million trials holds two that collide with a probability of 3 in 100 million.
    pub fn id(&self) -> String {
        CanonicalText::of(self).id(&self.seeds)
    }

    /// The trial whose weights this one continues from: the same without its last stage. None where the last stage needs no other.
    pub fn origin(&self) -> Option<Trial> {
        let (last, before) = self.stages.split_last()?;
        let goes_on = last.init == Init::Previous && !before.is_empty();
        goes_on.then(|| Trial { stages: before.to_vec(), evaluate: BOTH.to_vec(), ..self.clone() })
    }

    /// Whether other trials may continue from its weights: it is trained, ablates nothing, and is evaluated on both splits, as
    /// [`Trial::origin`] always is.
    pub fn may_be_origin(&self) -> bool {
        let trained = self.stages.last().is_some_and(|last| last.init != Init::Previous && last.ablations.is_empty());
        trained && self.evaluate.len() == 2
    }

    /// Training steps that running it takes, given the weights that it continues from.
    pub fn updates(&self) -> u64 {
        self.stages.last().map_or(0, |last| last.steps)
    }
}

/// What is hashed to the id of a trial, before and behind its seeds. The trials of one purpose differ in nothing else, so the rest is written once
/// for all of them.
#[derive(Clone, Debug)]
pub(crate) struct CanonicalText {
    before: String,
    behind: String,
}

impl CanonicalText {
    /// The text of a trial and of all that differ from it in their seeds.
    pub fn of(trial: &Trial) -> Self {
        // By name, so that a new field cannot be left out of the id.
        let Trial { settings, remove, seeds: _, stages, evaluate } = trial;
        let evaluate = canonical::write(evaluate);
        let remove = if remove.is_empty() { String::new() } else { format!("\"remove\":{},", canonical::write(remove)) };
        CanonicalText {
            before: format!("[\"{MEANING}\",{{\"evaluate\":{evaluate},{remove}\"seeds\":"),
            behind: format!(",\"settings\":{},\"stages\":{}}}]", settings.canonical(), canonical::write(stages)),
        }
    }

    /// The id of the trial with these seeds.
    pub fn id(&self, seeds: &Seeds) -> String {
        canonical::short_hash(&self.with(seeds))
    }

    /// The whole text.
    fn with(&self, seeds: &Seeds) -> String {
        let Seeds { init, data, redraw } = seeds;
        let [init, data] = [init, data].map(|seed| canonical::count(*seed));
        let redraw = redraw.map_or_else(String::new, |redraw| format!(",\"redraw\":{}", canonical::write(&redraw)));
        [&self.before, "{\"data\":", &data, ",\"init\":", &init, &redraw, "}", &self.behind].concat()
    }
}

#[cfg(test)]
mod tests {
    use ablation_settings::Value;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn trial() -> Trial {
        Trial {
            settings: Settings::default().with("train.batch", 8).with("train.learning_rate", 0.01).with("train.clip", 1.0),
            remove: vec![],
            seeds: Seeds::new(1, 1),
            stages: vec![Stage::scratch(40)],
            evaluate: vec![EvaluationSplit::Tune, EvaluationSplit::Test],
        }
    }

    fn recovered() -> Trial {
        let mut trial = trial();
        let ablation = Ablation::new("position", "mean");
        trial.stages.push(Stage::next(4, Settings::default().with("train.learning_rate", 1e-7), vec![ablation]));
        trial
    }

    fn any_number() -> impl Strategy<Value = f64> {
        any::<f64>().prop_filter("JSON has finite numbers only", |number| number.is_finite())
    }

    fn any_settings() -> impl Strategy<Value = Settings> {
        let text = any::<String>().prop_map(Value::Text);
        let value = prop_oneof![any::<i64>().prop_map(Value::Integer), any_number().prop_map(Value::Number), text];
        vec((any::<String>(), value), 0..4).prop_map(Settings::from_iter)
    }

    fn any_stage() -> impl Strategy<Value = Stage> {
        let init = prop_oneof![Just(Init::Scratch), Just(Init::Previous), any::<String>().prop_map(Init::File)];
        let source = (any_settings(), any_number()).prop_map(|(set, weight)| Source { set, weight });
        // A parameter is no field that every ablation has.
        let parameters = proptest::collection::btree_map("[a-z]{1,3}", any_number(), 0..3);
        let ablation = (any::<String>(), any::<String>(), parameters);
        let ablation = ablation.prop_map(|(site, operator, parameters)| Ablation { site, operator, parameters });
        (init, vec(source, 0..3), any::<u64>(), any_settings(), vec(ablation, 0..3))
            .prop_map(|(init, data, steps, recipe, ablations)| Stage { init, data, steps, recipe, ablations })
    }

    fn any_seeds() -> impl Strategy<Value = Seeds> {
        let redraw = (any::<u32>(), any::<u64>()).prop_map(|(per_million, seed)| Redraw { per_million, seed });
        (any::<u64>(), any::<u64>(), proptest::option::of(redraw)).prop_map(|(init, data, redraw)| Seeds { init, data, redraw })
    }

    fn any_trial() -> impl Strategy<Value = Trial> {
        let split = prop_oneof![Just(EvaluationSplit::Tune), Just(EvaluationSplit::Test)];
        (any_settings(), vec(any::<String>(), 0..3), any_seeds(), vec(any_stage(), 0..4), vec(split, 0..3))
            .prop_map(|(settings, remove, seeds, stages, evaluate)| Trial { settings, remove, seeds, stages, evaluate })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// What is put together from parts is what a serializer writes of the whole, whichever trial its other parts were written for.
        #[test]
        fn the_text_of_a_trial_is_its_canonical_json(trial in any_trial(), seeds in any_seeds()) {
            let text = CanonicalText::of(&trial);
            prop_assert_eq!(text.with(&trial.seeds), canonical::write(&(MEANING, &trial)));
            let other = Trial { seeds, ..trial };
            prop_assert_eq!(text.with(&seeds), canonical::write(&(MEANING, &other)));
            prop_assert_eq!(text.id(&seeds), &hash(&(MEANING, &other))[..16]);
        }
    }

    /// Every stored outcome is filed under such an id. If this test fails, stored studies no longer resume.
    ///
    /// The values are from Python, whose `json` writes the same canonical text for these trials once whole numbers are whole:
    /// ```text
    /// from hashlib import sha256; from json import dumps
    /// t = {"settings": {"train.batch": 8, "train.clip": 1, "train.learning_rate": 0.01}, "seeds": {"init": 1, "data": 1},
    ///      "stages": [{"init": "scratch", "steps": 40}], "evaluate": ["tune", "test"]}
    /// id = lambda t: sha256(dumps(["ablation-trial/v2", t], sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]
    /// print(id(t))
    /// t["stages"].append({"init": "previous", "steps": 4, "recipe": {"train.learning_rate": 1e-7},
    ///                     "ablations": [{"site": "position", "operator": "mean"}]})
    /// print(sha256(dumps(["ablation-trial/v2", t], sort_keys=True, separators=(",", ":")).replace("1e-07", "1e-7").encode()).hexdigest()[:16])
    /// ```
    #[test]
    fn golden_ids_never_change() {
        assert_eq!(trial().id(), "2a999746e4ac2c97");
        assert_eq!(recovered().id(), "a7396ee86430cd4e");
    }

    #[test]
    fn whatever_decides_the_number_decides_the_id() {
        let base = trial();
        let stage = |change: fn(&mut Stage)| {
            let mut trial = trial();
            change(&mut trial.stages[0]);
            trial
        };
        let others = [
            Trial { settings: base.settings.clone().with("train.batch", 9), ..base.clone() },
            Trial { remove: vec!["position".into()], ..base.clone() },
            Trial { seeds: Seeds::new(2, 1), ..base.clone() },
            Trial { seeds: Seeds::new(1, 2), ..base.clone() },
            Trial { seeds: Seeds { redraw: Some(Redraw { per_million: 5, seed: 1 }), ..base.seeds }, ..base.clone() },
            Trial { seeds: Seeds { redraw: Some(Redraw { per_million: 5, seed: 2 }), ..base.seeds }, ..base.clone() },
            Trial { evaluate: vec![EvaluationSplit::Tune], ..base.clone() },
            stage(|stage| stage.steps = 41),
            stage(|stage| stage.init = Init::File("0".repeat(64))),
            stage(|stage| stage.recipe.set("train.batch", 9)),
            stage(|stage| stage.data.push(Source { set: Settings::default(), weight: 1.0 })),
            recovered(),
        ];
        for other in others {
            assert_ne!(other.id(), base.id(), "{other:?}");
        }
    }

    #[test]
    fn a_trial_survives_its_line_of_text() {
        let line = serde_json::to_string(&recovered()).unwrap();
        let read: Trial = serde_json::from_str(&line).unwrap();
        assert_eq!((read.id(), &read), (recovered().id(), &recovered()));
        assert_eq!(read.origin().unwrap().id(), trial().id());
        assert_eq!((read.updates(), trial().updates()), (4, 40));
        assert!(trial().origin().is_none() && trial().may_be_origin() && !read.may_be_origin());
    }

    /// JavaScript writes 1.0 as 1: the same trial, under the same id.
    #[test]
    fn a_trial_that_javascript_has_written_keeps_its_id() {
        let line = serde_json::to_string(&trial()).unwrap();
        let shorter = line.replace("\"train.clip\":1.0", "\"train.clip\":1");
        assert_ne!(line, shorter);
        assert_eq!(serde_json::from_str::<Trial>(&shorter).unwrap().id(), trial().id());
    }
}
