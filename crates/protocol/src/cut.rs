//! Changes to a *trained* model.
//!
//! A cut is plain data, handed to the forward pass as an argument and never stored on the model, so there is nothing to restore
//! and nothing to forget to restore. Kinds and their exact meaning follow Li & Janson (2024) and the tools that came before:
//! whatever stands at the site is multiplied by a number and a constant is added.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What replaces the output `A` of a site.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Operator {
    /// `A <- 0`, biases of the branch included.
    Zero,
    /// `A <- mean of A over a reference set and all positions`.
    Mean,
    /// `A_t <- mean of A_t over a reference set`, one constant a position.
    MeanByPosition,
    /// A block is passed by: its output becomes its input.
    Skip,
    /// `A <- factor * A`; 1 leaves the model untouched, 0 is [`Operator::Zero`].
    Scale {
        /// The multiplier.
        factor: f64,
    },
}

impl Operator {
    /// The name used in links, files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Operator::Zero => "zero",
            Operator::Mean => "mean",
            Operator::MeanByPosition => "mean_by_position",
            Operator::Skip => "skip",
            Operator::Scale { .. } => "scale",
        }
    }

    /// The operator of a name; `factor` is used by `scale` only.
    pub fn parse(name: &str, factor: f64) -> Option<Self> {
        match name {
            "zero" => Some(Operator::Zero),
            "mean" => Some(Operator::Mean),
            "mean_by_position" => Some(Operator::MeanByPosition),
            "skip" => Some(Operator::Skip),
            "scale" => Some(Operator::Scale { factor }),
            _ => None,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operator::Zero => f.write_str("set to zero"),
            Operator::Mean => f.write_str("replaced by its mean"),
            Operator::MeanByPosition => f.write_str("replaced by its mean at each position"),
            Operator::Skip => f.write_str("skipped"),
            Operator::Scale { factor } => write!(f, "scaled by {factor}"),
        }
    }
}

/// One change to a trained model: what is done, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// Path of the site.
    pub site: String,
    /// What replaces its output.
    #[serde(flatten)]
    pub operator: Operator,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_flat_json() {
        let cut = Cut { site: "blocks.0.attn".into(), operator: Operator::Scale { factor: 0.5 } };
        let json = r#"{"site":"blocks.0.attn","kind":"scale","factor":0.5}"#;
        assert_eq!(serde_json::to_string(&cut).unwrap(), json);
        assert_eq!(serde_json::from_str::<Cut>(json).unwrap(), cut);
        let mean: Cut = serde_json::from_str(r#"{"site":"position","kind":"mean","factor":null}"#).unwrap();
        assert_eq!(mean.operator, Operator::Mean);
    }

    #[test]
    fn names_lead_back_to_their_operators() {
        for operator in
            [Operator::Zero, Operator::Mean, Operator::MeanByPosition, Operator::Skip, Operator::Scale { factor: 2.0 }]
        {
            assert_eq!(Operator::parse(operator.name(), 2.0), Some(operator));
        }
        assert_eq!(Operator::parse("remove", 1.0), None);
    }
}
