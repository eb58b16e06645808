//! Which of the trained or ablated models of the sandbox a number came from.

use serde::{Deserialize, Serialize};

/// The arms of a bench. Symbols of the methodology in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// Trained from scratch (R).
    Reference,
    /// The reference with a component ablated, not trained further (D).
    Ablated,
    /// The ablated model, fine-tuned with the ablation in place (H).
    Recovered,
    /// The reference, fine-tuned for as long on the same batches (S): without it, recovery is credited with what more training brings.
    Sham,
    /// Trained from scratch without the component, with a search of its own (N).
    Retrained,
    /// The same with the hyper-parameters of the reference (U): the common shortcut.
    RetrainedUntuned,
}

impl Arm {
    /// Every arm in the order of the panels.
    pub const ALL: [Arm; 6] = [Arm::Reference, Arm::Ablated, Arm::Recovered, Arm::Sham, Arm::Retrained, Arm::RetrainedUntuned];

    /// The key in files, tables and messages.
    pub fn name(self) -> &'static str {
        match self {
            Arm::Reference => "reference",
            Arm::Ablated => "ablated",
            Arm::Recovered => "recovered",
            Arm::Sham => "sham",
            Arm::Retrained => "retrained",
            Arm::RetrainedUntuned => "retrained-untuned",
        }
    }
}

/// An arm of the protocol: how a model came to be that a number was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtocolArm {
    /// R: trained from scratch, own search.
    Reference,
    /// D: the reference, cut, not trained further.
    Cut,
    /// S: the reference, not cut, trained further.
    Sham,
    /// H: the reference, cut, trained further.
    Healed,
    /// Z: without the component from scratch, for as long as healing takes.
    Relearn,
    /// U: without the component from scratch, with the reference's hyper-parameters.
    RetrainedSame,
    /// N: without the component from scratch, own search.
    RetrainedOwn,
    /// P: the reference once more, as if it were a variant.
    Placebo,
    /// M: as N, with as many parameters as the reference.
    Matched,
    /// A variant of which it is not said how it was made.
    Variant,
}

impl ProtocolArm {
    /// Every arm, in the order of tables.
    pub const ALL: [ProtocolArm; 10] = [
        ProtocolArm::Reference,
        ProtocolArm::Cut,
        ProtocolArm::Sham,
        ProtocolArm::Healed,
        ProtocolArm::Relearn,
        ProtocolArm::RetrainedSame,
        ProtocolArm::RetrainedOwn,
        ProtocolArm::Placebo,
        ProtocolArm::Matched,
        ProtocolArm::Variant,
    ];

    /// Its name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "reference",
            ProtocolArm::Cut => "cut",
            ProtocolArm::Sham => "sham",
            ProtocolArm::Healed => "healed",
            ProtocolArm::Relearn => "relearn",
            ProtocolArm::RetrainedSame => "retrained-same",
            ProtocolArm::RetrainedOwn => "retrained-own",
            ProtocolArm::Placebo => "placebo",
            ProtocolArm::Matched => "matched",
            ProtocolArm::Variant => "variant",
        }
    }

    /// The symbol of the methodology.
    pub fn symbol(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "R",
            ProtocolArm::Cut => "D",
            ProtocolArm::Sham => "S",
            ProtocolArm::Healed => "H",
            ProtocolArm::Relearn => "Z",
            ProtocolArm::RetrainedSame => "U",
            ProtocolArm::RetrainedOwn => "N",
            ProtocolArm::Placebo => "P",
            ProtocolArm::Matched => "M",
            ProtocolArm::Variant => "V",
        }
    }

    /// The arm of a name, a symbol, or what the question is called that it answers.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace([' ', '_'], "-");
        let by_name = ProtocolArm::ALL.into_iter().find(|arm| text == arm.name() || text == arm.symbol().to_lowercase());
        by_name.or(match text.as_str() {
            "disruption" => Some(ProtocolArm::Cut),
            "recovery" => Some(ProtocolArm::Healed),
            "shortcut" => Some(ProtocolArm::RetrainedSame),
            "necessity" => Some(ProtocolArm::RetrainedOwn),
            _ => None,
        })
    }

    /// What is measured in it where the study was run here.
    pub fn meaning(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "trained from scratch, own hyper-parameter search",
            ProtocolArm::Cut => "the reference, ablated after training, not trained further",
            ProtocolArm::Sham => "the reference, fine-tuned, not ablated (sham)",
            ProtocolArm::Healed => "the reference, ablated, then fine-tuned",
            ProtocolArm::Relearn => {
                "retrained without it from scratch, for only as many steps as the fine-tuning (short retraining)"
            }
            ProtocolArm::RetrainedSame => {
                "retrained without it from scratch, with the hyper-parameters of the reference (untuned)"
            }
            ProtocolArm::RetrainedOwn => "retrained without it from scratch, own hyper-parameter search",
            ProtocolArm::Placebo => {
                "A/A control: the reference once more as if it were a variant, own search and own initial weights"
            }
            ProtocolArm::Matched => "retrained without it from scratch, widened to the parameter count of the reference",
            ProtocolArm::Variant => "a variant of which it is not said how it was made",
        }
    }

    /// What a table from elsewhere says of it by its label, and no more: how its models were trained nobody has seen here.
    pub fn label_meaning(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "what the other arms are compared with",
            ProtocolArm::Cut => "ablated after training",
            ProtocolArm::Sham => "fine-tuned, not ablated",
            ProtocolArm::Healed => "ablated, then fine-tuned",
            ProtocolArm::Relearn => "retrained without it, as long as the fine-tuning",
            ProtocolArm::RetrainedSame => "retrained without it, hyper-parameters of the reference",
            ProtocolArm::RetrainedOwn => "retrained without it, hyper-parameters of its own",
            ProtocolArm::Placebo => "A/A control, the reference once more",
            ProtocolArm::Matched => "retrained without it, parameter-matched",
            ProtocolArm::Variant => "the variant",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProtocolArm;

    #[test]
    fn arms_are_known_by_name_symbol_and_question() {
        for arm in ProtocolArm::ALL {
            assert_eq!(ProtocolArm::parse(arm.name()), Some(arm));
            assert_eq!(ProtocolArm::parse(arm.symbol()), Some(arm));
            assert_eq!(serde_json::to_value(arm).unwrap(), arm.name());
        }
        assert_eq!(ProtocolArm::parse(" Retrained own "), Some(ProtocolArm::RetrainedOwn));
        assert_eq!(ProtocolArm::parse("necessity"), Some(ProtocolArm::RetrainedOwn));
        assert_eq!(ProtocolArm::parse("baseline"), None);
    }
}
