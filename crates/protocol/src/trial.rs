//! The unit of work: everything that decides one number, and nothing else.
//!
//! A trial is plain data whose id is a hash of that data. So a run that was interrupted goes on where it stood, two plans that ask for
//! the same training share it, and a cluster can be handed trials as lines of text: there is nothing else to agree on.

use ablation_settings::Settings;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ablation::Ablation;

/// Version of what a trial means. An outcome of another version answers another question, so it is part of every id.
const MEANING: &str = "ablation-trial/v1";

/// Seeds of one training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeds {
    /// Initial weights and dropout.
    pub init: u64,
    /// Training examples, their order, and the held-out examples of both splits.
    pub data: u64,
}

/// Held-out examples that a trial is measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exam {
    /// What hyper-parameters, operators and healing rates are chosen on.
    Tune,
    /// What is reported, once.
    Test,
}

/// What happens to a trained model: a cut, further training, or both. Without a cut it is the sham.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuation {
    /// What is cut out, one cut a site; none for the sham.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Ablation>,
    /// Updates after the cut, with a fresh optimiser; 0 measures the cut alone.
    pub steps: u64,
    /// Their largest learning rate.
    pub learning_rate: f64,
}

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Complete settings of task, model and training.
    pub settings: Settings,
    /// Sites left out from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// What is drawn.
    pub seeds: Seeds,
    /// What happens to the trained model; nothing for a training from scratch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Continuation>,
    /// What it is measured on.
    pub exams: Vec<Exam>,
}

impl Trial {
    /// 16 hexadecimal digits that name the content: the start of the SHA-256 of its canonical JSON.
    ///
    /// At 64 bits a study of a million trials holds two that collide with a probability of 3 in 100 million.
    pub fn id(&self) -> String {
        hash(&(MEANING, self))[..16].to_string()
    }

    /// The training whose weights this one goes on with.
    pub fn origin(&self) -> Option<Trial> {
        self.then.as_ref().map(|_| Trial { then: None, exams: vec![Exam::Tune, Exam::Test], ..self.clone() })
    }

    /// Updates that running it takes, given the weights it goes on with.
    pub fn updates(&self) -> u64 {
        match &self.then {
            Some(then) => then.steps,
            None => self.settings.count("train.steps").unwrap_or(0) as u64,
        }
    }
}

/// SHA-256 of the JSON of a value, in hexadecimal. Keys of settings are sorted and numbers have one spelling, so equal values have equal
/// hashes on every machine.
pub fn hash(value: &impl Serialize) -> String {
    hash_text(&serde_json::to_string(value).expect("plain data is JSON"))
}

/// SHA-256 of a text, in hexadecimal.
pub fn hash_text(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial() -> Trial {
        Trial {
            settings: Settings::default().with("train.steps", 40).with("train.learning_rate", 0.01),
            remove: vec![],
            seeds: Seeds { init: 1, data: 1 },
            then: None,
            exams: vec![Exam::Tune, Exam::Test],
        }
    }

    /// Every stored outcome is filed under such an id. If this test fails, stored studies no longer resume.
    #[test]
    fn golden_ids_never_change() {
        // From Python: sha256 of ["ablation-trial/v1",{"settings":{"train.learning_rate":0.01,"train.steps":40},"seeds":{"init":1,"data":1},"exams":["tune","test"]}].
        assert_eq!(trial().id(), "3d4b71875ce47783");
    }

    #[test]
    fn whatever_decides_the_number_decides_the_id() {
        let base = trial();
        let cut = Ablation::new("position", "mean");
        let then = Some(Continuation { cuts: vec![cut], steps: 4, learning_rate: 0.001 });
        let others = [
            Trial { settings: base.settings.clone().with("train.steps", 41), ..base.clone() },
            Trial { remove: vec!["position".into()], ..base.clone() },
            Trial { seeds: Seeds { init: 2, data: 1 }, ..base.clone() },
            Trial { seeds: Seeds { init: 1, data: 2 }, ..base.clone() },
            Trial { exams: vec![Exam::Tune], ..base.clone() },
            Trial { then, ..base.clone() },
        ];
        for other in others {
            assert_ne!(other.id(), base.id(), "{other:?}");
        }
    }

    #[test]
    fn a_trial_survives_its_line_of_text() {
        let sham = Trial { then: Some(Continuation { cuts: vec![], steps: 4, learning_rate: 0.001 }), ..trial() };
        let line = serde_json::to_string(&sham).unwrap();
        let read: Trial = serde_json::from_str(&line).unwrap();
        assert_eq!((read.id(), &read), (sham.id(), &sham));
        assert_eq!(read.origin().unwrap().id(), trial().id());
        assert_eq!((read.updates(), trial().updates()), (4, 40));
    }
}
