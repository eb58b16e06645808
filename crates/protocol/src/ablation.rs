//! Changes to a *trained* model.
//!
//! An ablation is plain data, handed to the forward pass as an argument and never stored on the model, so there is nothing to restore.
//! It names an operator; what operators there are, which numbers they take and where they have a meaning is what the sites of a model
//! offer, see [`AblationOption`](crate::AblationOption).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One change to a trained model: what is done, and where. Flat JSON: `{"site": "blocks.0.attn", "operator": "scale", "factor": 0.5}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "types",
    derive(ts_rs::TS),
    ts(type = "{ site: string, operator: string, [parameter: string]: string | number }")
)]
pub struct Ablation {
    /// Path of the site.
    pub site: String,
    /// Name of the operator.
    pub operator: String,
    /// Values of the operator's parameters by name; one that is missing has its default.
    #[serde(flatten)]
    pub parameters: BTreeMap<String, f64>,
}

impl Ablation {
    /// An ablation without parameters.
    pub fn new(site: &str, operator: &str) -> Self {
        Ablation { site: site.to_string(), operator: operator.to_string(), parameters: BTreeMap::new() }
    }

    /// The same with the value of a parameter.
    #[must_use]
    pub fn with(mut self, parameter: &str, value: f64) -> Self {
        self.parameters.insert(parameter.to_string(), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ablation_is_flat_json() {
        let ablation = Ablation::new("blocks.0.attn", "scale").with("factor", 0.5);
        let json = r#"{"site":"blocks.0.attn","operator":"scale","factor":0.5}"#;
        assert_eq!(serde_json::to_string(&ablation).unwrap(), json);
        assert_eq!(serde_json::from_str::<Ablation>(json).unwrap(), ablation);
        let mean: Ablation = serde_json::from_str(r#"{"site":"position","operator":"mean"}"#).unwrap();
        assert_eq!(mean, Ablation::new("position", "mean"));
    }

    #[test]
    fn parameters_are_numbers() {
        for json in [r#"{"site":"a","operator":"scale","factor":"half"}"#, r#"{"site":"a","factor":1}"#, r#"{"operator":"mean"}"#]
        {
            assert!(serde_json::from_str::<Ablation>(json).is_err(), "{json}");
        }
    }
}
