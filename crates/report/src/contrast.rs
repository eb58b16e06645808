//! The statement the product exists for: what ablating a component costs beside what training without it costs.

use ablation_protocol::Arm;
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Contrast {
    /// The site, as shown.
    pub site: Option<String>,
    /// `D - R`: loss of the ablated model minus loss of the reference.
    pub disruption: Option<f64>,
    /// `H - S`: loss of the recovered model minus loss of its equally fine-tuned sham.
    pub recovery: Option<f64>,
    /// `Z - H`: loss of the model that learned anew without the component for as long as fine-tuning took minus loss of the recovered model.
    #[serde(default)]
    pub recovery_advantage: Option<f64>,
    /// `N - R`: loss of the model retrained without the component, with a search of its own, minus loss of the reference.
    pub necessity: Option<f64>,
    /// `U - R`: the same with the learning rate of the reference.
    pub untuned: Option<f64>,
    /// Unit of the losses.
    pub unit: String,
    /// The contrast in words.
    pub sentence: String,
}

impl Contrast {
    /// The gaps between `measurements`; `ablated` is the component as it is called in sentences (`the position embedding`) and what became
    /// of it (`replaced by its mean`). `constant_predictor` is the loss of the best model that ignores its input, `searched` the number of learning rates that
    /// reference and retrained model are the best of.
    pub fn new(
        ablated: Option<(&str, &str)>,
        measurements: &[Measurement],
        constant_predictor: Option<f64>,
        searched: usize,
        unit: &str,
    ) -> Self {
        let loss = |arm| measurements.iter().find(|m| m.arm == arm).map(|m| m.loss).filter(|loss| loss.is_finite());
        let gap = |arm, base| Some(loss(arm)? - loss(base)?);
        let diverged = measurements.iter().find(|m| !m.loss.is_finite()).map(|m| m.arm);
        let mut contrast = Contrast {
            site: ablated.map(|(component, _)| component.to_string()),
            disruption: gap(Arm::Ablated, Arm::Reference),
            recovery: gap(Arm::Recovered, Arm::Sham),
            recovery_advantage: gap(Arm::ShortRetrain, Arm::Recovered),
            necessity: gap(Arm::Retrained, Arm::Reference),
            untuned: gap(Arm::RetrainedUntuned, Arm::Reference),
            unit: unit.to_string(),
            sentence: String::new(),
        };
        contrast.sentence = match (ablated, diverged) {
            (None, _) => "Choose a component of the model to ablate.".to_string(),
            (Some((component, _)), Some(arm)) => format!(
                "The model \"{}\" of the contrast for {component} diverged: its loss is not finite. Lower the learning rate and train again.",
                arm.label()
            ),
            (Some((component, phrase)), None) => contrast.in_words(component, phrase, searched),
        };
        if loss(Arm::Reference).zip(constant_predictor).is_some_and(|(reference, constant)| reference >= constant) {
            contrast.sentence +=
                " But the loss of the reference is no lower than that of the constant predictor, so there is nothing to ablate.";
        }
        contrast
    }

    fn in_words(&self, component: &str, phrase: &str, searched: usize) -> String {
        let ablating = format!("Ablating {component} ({phrase})");
        let Some(disruption) = self.disruption else {
            return format!("{ablating} has an effect that is measured once the reference is trained.");
        };
        let mut sentence = format!("{ablating} {}", effect_on_loss(disruption, &self.unit));
        if let Some(necessity) = self.necessity {
            let gap = distance_from(necessity, &self.unit, "the reference");
            sentence += &format!("; retraining without it (best of {searched} learning rates) ends {gap}");
        } else if let Some(untuned) = self.untuned {
            let gap = distance_from(untuned, &self.unit, "the reference");
            sentence += &format!("; retraining without it at the reference's learning rate ends {gap} (untuned gap)");
        }
        sentence += ".";
        if let Some(recovery) = self.recovery {
            let gap = distance_from(recovery, &self.unit, "the sham");
            sentence += &format!(" After fine-tuning, the ablated model is {gap}");
            sentence += match self.recovery_advantage {
                None => ".",
                Some(advantage) if advantage > 0.0 && amount(advantage).is_some() => {
                    ", and better than a model that learned anew without it in as many steps."
                }
                Some(_) => ", and no better than a model that learned anew without it in as many steps.",
            };
        }
        sentence
    }
}

/// `raises the test loss by 1.43 nats`.
fn effect_on_loss(gap: f64, unit: &str) -> String {
    match amount(gap) {
        None => format!("changes the test loss by less than 0.001 {unit}"),
        Some(amount) if gap > 0.0 => format!("raises the test loss by {amount} {unit}"),
        Some(amount) => format!("lowers the test loss by {amount} {unit}"),
    }
}

/// `0.050 nats above the reference`.
fn distance_from(gap: f64, unit: &str, other: &str) -> String {
    match amount(gap) {
        None => format!("within 0.001 {unit} of {other}"),
        Some(amount) if gap > 0.0 => format!("{amount} {unit} above {other}"),
        Some(amount) => format!("{amount} {unit} below {other}"),
    }
}

/// The size of a gap; none if it is shown as zero, because one seed cannot say that a component costs nothing.
fn amount(gap: f64) -> Option<String> {
    Some(plain(gap.abs())).filter(|amount| !amount.chars().all(|c| c == '0' || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(pairs: &[(Arm, f64)]) -> Vec<Measurement> {
        pairs.iter().map(|&(arm, loss)| Measurement { arm, loss }).collect()
    }

    fn contrast(component: &str, phrase: &str, losses: &[(Arm, f64)], constant_predictor: Option<f64>) -> Contrast {
        Contrast::new(Some((component, phrase)), &measured(losses), constant_predictor, 4, "nats")
    }

    #[test]
    fn the_contrast_is_stated_in_numbers() {
        let arms =
            [(Arm::Reference, 0.5), (Arm::Ablated, 1.93), (Arm::Recovered, 0.62), (Arm::Sham, 0.42), (Arm::Retrained, 0.55)];
        assert_eq!(
            contrast("the position embedding", "replaced by its mean", &arms, Some(2.0)).sentence,
            "Ablating the position embedding (replaced by its mean) raises the test loss by 1.43 nats; retraining \
             without it (best of 4 learning rates) ends 0.050 nats above the reference. After fine-tuning, the ablated model is \
             0.20 nats above the sham."
        );
    }

    #[test]
    fn recovery_is_compared_with_learning_anew_for_as_long() {
        let arms = [(Arm::Reference, 0.5), (Arm::Ablated, 1.5), (Arm::Recovered, 0.6), (Arm::Sham, 0.5)];
        let with = |short| contrast("the MLP", "set to zero", &[&arms[..], &[(Arm::ShortRetrain, short)]].concat(), None);
        let (slower, faster) = (with(0.9), with(0.6));
        assert_eq!(slower.recovery_advantage, Some(0.9 - 0.6));
        assert!(
            slower.sentence.ends_with("above the sham, and better than a model that learned anew without it in as many steps.")
        );
        assert!(faster.sentence.ends_with(", and no better than a model that learned anew without it in as many steps."));
    }

    #[test]
    fn without_a_search_there_is_an_untuned_gap_and_no_necessity() {
        let arms = [(Arm::Reference, 0.5), (Arm::Ablated, 1.5), (Arm::RetrainedUntuned, 0.75)];
        let found = contrast("the MLP", "set to zero", &arms, None);
        assert_eq!((found.necessity, found.untuned), (None, Some(0.25)));
        assert!(found.sentence.contains("untuned gap") && !found.sentence.contains("best of"), "{}", found.sentence);
    }

    #[test]
    fn what_is_missing_is_missing_and_not_zero() {
        let contrast = contrast("the MLP", "set to zero", &[(Arm::Reference, 0.5), (Arm::Ablated, 0.5)], None);
        assert_eq!((contrast.disruption, contrast.recovery, contrast.necessity, contrast.untuned), (Some(0.0), None, None, None));
        assert_eq!(contrast.sentence, "Ablating the MLP (set to zero) changes the test loss by less than 0.001 nats.");
        assert!(Contrast::new(None, &[], None, 4, "nats").sentence.starts_with("Choose a component"));
    }

    #[test]
    fn an_improvement_is_called_one_and_the_operator_is_named() {
        let arms = [(Arm::Reference, 0.5), (Arm::Ablated, 0.4), (Arm::Retrained, 0.3)];
        let sentence = |phrase| contrast("head 1", phrase, &arms, Some(2.0)).sentence;
        assert_eq!(
            sentence("set to zero"),
            "Ablating head 1 (set to zero) lowers the test loss by 0.10 nats; retraining without it \
             (best of 4 learning rates) ends 0.20 nats below the reference."
        );
        assert!(sentence("scaled by 0.5").starts_with("Ablating head 1 (scaled by 0.5) lowers the test loss by 0.10 nats; "));
    }

    #[test]
    fn a_model_no_better_than_the_constant_predictor_is_no_reference() {
        let arms = [(Arm::Reference, 2.12), (Arm::Ablated, 2.11)];
        let sentence = |constant| contrast("head 1", "set to zero", &arms, constant).sentence;
        assert!(sentence(Some(2.08)).ends_with("no lower than that of the constant predictor, so there is nothing to ablate."));
        assert!(!sentence(Some(2.2)).contains("constant predictor") && !sentence(None).contains("constant predictor"));
    }

    #[test]
    fn a_diverged_arm_is_named() {
        let contrast = contrast("the norm", "set to zero", &[(Arm::Reference, 0.5), (Arm::Retrained, f64::NAN)], None);
        assert_eq!(contrast.necessity, None);
        assert!(
            contrast.sentence.contains("model \"retrained without\" of the contrast for the norm diverged"),
            "{}",
            contrast.sentence
        );
    }
}
