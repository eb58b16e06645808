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

    /// What is measured in it.
    pub fn meaning(self) -> &'static str {
        match self {
            ProtocolArm::Reference => "trained from scratch, own search",
            ProtocolArm::Cut => "the reference, cut, not trained further",
            ProtocolArm::Sham => "the reference, not cut, trained further",
            ProtocolArm::Healed => "the reference, cut, trained further",
            ProtocolArm::Relearn => "the variant from scratch, only as long as healing takes",
            ProtocolArm::RetrainedSame => "the variant from scratch, hyper-parameters of the reference: the usual shortcut",
            ProtocolArm::RetrainedOwn => "the variant from scratch, own search",
            ProtocolArm::Placebo => "the reference once more as if it were a variant, own search and own initial weights",
            ProtocolArm::Matched => "the variant from scratch, as many parameters as the reference",
            ProtocolArm::Variant => "not said",
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
