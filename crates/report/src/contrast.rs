//! The statement the product exists for: what cutting costs beside what never having it costs.

use ablation_protocol::{Arm, Operator};
use ablation_settings::number::plain;
use serde::{Deserialize, Serialize};

/// The test loss of one arm; lower is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// Where it comes from.
    pub arm: Arm,
    /// Mean loss on the test split.
    pub loss: f64,
}

/// Gaps of one seed between arms. A gap is `None` until both of its arms are there, or when a loss is not finite.
///
/// Symbols of the methodology: disruption `D - R`, recovery `H - S`, necessity `U - R` (same hyper-parameters, one seed: the
/// study, not the bench, tunes each arm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// The site, as shown.
    pub site: Option<String>,
    /// Loss of the cut model minus loss of the intact one.
    pub disruption: Option<f64>,
    /// Loss of the healed model minus loss of its equally trained sham.
    pub recovery: Option<f64>,
    /// Loss of the model that never had it minus loss of the intact one.
    pub necessity: Option<f64>,
    /// Unit of the losses.
    pub unit: String,
    /// The contrast in words.
    pub sentence: String,
}

impl Contrast {
    /// The gaps between `measurements`; `cut` is the part as it is called in sentences (`the position embedding`) and what is done to it.
    /// `trivial` is the loss of the best predictor that does not look at its input.
    pub fn new(cut: Option<(&str, Operator)>, measurements: &[Measurement], trivial: Option<f64>, unit: &str) -> Self {
        let loss = |arm| measurements.iter().find(|m| m.arm == arm).map(|m| m.loss).filter(|loss| loss.is_finite());
        let gap = |arm, base| Some(loss(arm)? - loss(base)?);
        let diverged = measurements.iter().find(|m| !m.loss.is_finite()).map(|m| m.arm);
        let mut contrast = Contrast {
            site: cut.map(|(part, _)| part.to_string()),
            disruption: gap(Arm::Cut, Arm::Intact),
            recovery: gap(Arm::Healed, Arm::Sham),
            necessity: gap(Arm::Never, Arm::Intact),
            unit: unit.to_string(),
            sentence: String::new(),
        };
        contrast.sentence = match (cut, diverged) {
            (None, _) => "Choose a part of the model to cut it out.".to_string(),
            (Some((part, _)), Some(arm)) => format!(
                "The {} arm for {part} diverged: its loss is no longer a number. Lower the learning rate and run again.",
                arm.name()
            ),
            (Some((part, operator)), None) => contrast.say(part, operator),
        };
        if loss(Arm::Intact).zip(trivial).is_some_and(|(intact, trivial)| intact >= trivial) {
            contrast.sentence += " But the intact model does no better than guessing: it has learned nothing that could be cut.";
        }
        contrast
    }

    fn say(&self, part: &str, operator: Operator) -> String {
        let (cutting, what) = match operator {
            Operator::Scale { factor } => ("Scaling", format!("{part} by {factor}")),
            _ => ("Cutting", part.to_string()),
        };
        let Some(disruption) = self.disruption else {
            return format!("What {} {what} costs is seen once the intact model is trained.", cutting.to_lowercase());
        };
        let mut said =
            format!("{cutting} {what} {}", effect(disruption, &self.unit, ["costs", "helps by", "changes the loss by"]));
        if let Some(necessity) = self.necessity {
            let never = effect(necessity, &self.unit, ["is worse by", "is better by", "differs by"]);
            said += &format!("; a model that never had it {never}");
        }
        said += ".";
        if let Some(recovery) = self.recovery {
            let left = effect(recovery, &self.unit, ["is worse by", "is better by", "differs by"]);
            said += &format!(" After healing the cut model {left}, against an equally trained sham.");
        }
        said
    }
}

fn effect(gap: f64, unit: &str, [worse, better, nothing]: [&str; 3]) -> String {
    let amount = plain(gap.abs());
    if amount.chars().all(|c| c == '0' || c == '.') {
        // One seed cannot say that a part costs nothing.
        return format!("{nothing} less than 0.001 {unit}");
    }
    format!("{} {amount} {unit}", if gap > 0.0 { worse } else { better })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(pairs: &[(Arm, f64)]) -> Vec<Measurement> {
        pairs.iter().map(|&(arm, loss)| Measurement { arm, loss }).collect()
    }

    #[test]
    fn the_contrast_is_stated_in_numbers() {
        let losses =
            measured(&[(Arm::Intact, 0.5), (Arm::Cut, 1.93), (Arm::Healed, 0.62), (Arm::Sham, 0.42), (Arm::Never, 0.55)]);
        let contrast = Contrast::new(Some(("the position embedding", Operator::Mean)), &losses, Some(2.0), "nats");
        assert_eq!(
            contrast.sentence,
            "Cutting the position embedding costs 1.43 nats; a model that never had it is worse by 0.050 nats. \
             After healing the cut model is worse by 0.20 nats, against an equally trained sham."
        );
    }

    #[test]
    fn what_is_missing_is_missing_and_not_zero() {
        let contrast =
            Contrast::new(Some(("the mlp", Operator::Zero)), &measured(&[(Arm::Intact, 0.5), (Arm::Cut, 0.5)]), None, "nats");
        assert_eq!((contrast.disruption, contrast.recovery, contrast.necessity), (Some(0.0), None, None));
        assert_eq!(contrast.sentence, "Cutting the mlp changes the loss by less than 0.001 nats.");
        assert!(Contrast::new(None, &[], None, "nats").sentence.starts_with("Choose a part"));
    }

    #[test]
    fn a_help_is_called_a_help_and_scaling_scaling() {
        let losses = measured(&[(Arm::Intact, 0.5), (Arm::Cut, 0.4), (Arm::Never, 0.3)]);
        let sentence = |operator| Contrast::new(Some(("head 1", operator)), &losses, Some(2.0), "nats").sentence;
        assert_eq!(
            sentence(Operator::Zero),
            "Cutting head 1 helps by 0.10 nats; a model that never had it is better by 0.20 nats."
        );
        assert!(sentence(Operator::Scale { factor: 0.5 }).starts_with("Scaling head 1 by 0.5 helps by 0.10 nats; "));
    }

    #[test]
    fn a_model_that_learned_nothing_is_no_reference() {
        let losses = measured(&[(Arm::Intact, 2.12), (Arm::Cut, 2.11)]);
        let sentence = |trivial| Contrast::new(Some(("head 1", Operator::Zero)), &losses, trivial, "nats").sentence;
        assert!(sentence(Some(2.08)).ends_with("no better than guessing: it has learned nothing that could be cut."));
        assert!(!sentence(Some(2.2)).contains("guessing") && !sentence(None).contains("guessing"));
    }

    #[test]
    fn a_diverged_arm_is_named() {
        let contrast = Contrast::new(
            Some(("the norm", Operator::Zero)),
            &measured(&[(Arm::Intact, 0.5), (Arm::Never, f64::NAN)]),
            None,
            "nats",
        );
        assert_eq!(contrast.necessity, None);
        assert!(contrast.sentence.contains("never arm for the norm diverged"));
    }
}
