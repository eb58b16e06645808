//! The arms of an ablation study: how a model came to be that a number was measured on. One table, from which every key, name and
//! explanation is printed.

use serde::{Deserialize, Serialize};

/// An arm. Symbols are those of the formulas for gaps, for example `N - R`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// R: trained from scratch, own hyper-parameter search.
    Reference,
    /// D: the reference with the component ablated after training, not trained further.
    Ablated,
    /// S: the reference trained on exactly as the recovered model.
    Sham,
    /// H: the ablated model, fine-tuned with the ablation in place.
    Recovered,
    /// Z: trained from scratch without the component for as many steps as recovery took.
    ShortRetrain,
    /// U: trained from scratch without the component, with the hyper-parameters of the reference.
    RetrainedUntuned,
    /// N: trained from scratch without the component, own hyper-parameter search.
    Retrained,
    /// P: the reference once more, as if it were a variant.
    Aa,
    /// M: as N, widened to the parameter count of the reference.
    Matched,
    /// A variant that a table from elsewhere does not describe.
    Variant,
}

/// What the product says of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ArmText {
    /// Key in files, tables and messages.
    pub key: &'static str,
    /// Symbol in formulas.
    pub symbol: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What it is, in a sentence or two.
    pub meaning: &'static str,
}

impl Arm {
    /// Every arm, in the order of tables.
    pub const ALL: [Arm; 10] = [
        Arm::Reference,
        Arm::Ablated,
        Arm::Sham,
        Arm::Recovered,
        Arm::ShortRetrain,
        Arm::RetrainedUntuned,
        Arm::Retrained,
        Arm::Aa,
        Arm::Matched,
        Arm::Variant,
    ];

    /// The arms of the sandbox, in the order of its panels.
    pub const SANDBOX: [Arm; 7] =
        [Arm::Reference, Arm::Ablated, Arm::Recovered, Arm::Sham, Arm::ShortRetrain, Arm::Retrained, Arm::RetrainedUntuned];

    /// Key, symbol, name and meaning. The one table of arms.
    pub fn text(self) -> ArmText {
        let row = |key, symbol, label, meaning| ArmText { key, symbol, label, meaning };
        match self {
            Arm::Reference => row("reference", "R", "reference", "Trained from scratch, with its own hyper-parameter search."),
            Arm::Ablated => {
                row("ablated", "D", "ablated", "The reference with the component ablated after training, not trained further.")
            }
            Arm::Sham => row(
                "sham",
                "S",
                "fine-tuned, not ablated (sham)",
                "The reference, fine-tuned for as long as the ablated model: the control for the effect of further training.",
            ),
            Arm::Recovered => row(
                "recovered",
                "H",
                "ablated, then fine-tuned",
                "The ablated model, trained further for a stated fraction of the reference's steps.",
            ),
            Arm::ShortRetrain => row(
                "short-retrain",
                "Z",
                "short retraining",
                "Trained from scratch without the component, for only as many steps as the fine-tuning: separates recovery from learning anew.",
            ),
            Arm::RetrainedUntuned => row(
                "retrained-untuned",
                "U",
                "retrained without, untuned",
                "Trained from scratch without the component, with the hyper-parameters of the reference: the common shortcut.",
            ),
            Arm::Retrained => row(
                "retrained",
                "N",
                "retrained without",
                "Trained from scratch without the component, with its own hyper-parameter search of the same budget.",
            ),
            Arm::Aa => row(
                "aa",
                "P",
                "A/A control",
                "The reference once more, searched and trained as if it were a variant: its difference from the reference is noise.",
            ),
            Arm::Matched => row(
                "matched",
                "M",
                "retrained, parameter-matched",
                "As retrained without, widened until it has as many parameters as the reference.",
            ),
            Arm::Variant => row("variant", "V", "variant", "A changed model of which the table does not say how it was made."),
        }
    }

    /// The key in files, tables and messages.
    pub fn name(self) -> &'static str {
        self.text().key
    }

    /// The symbol in formulas.
    pub fn symbol(self) -> &'static str {
        self.text().symbol
    }

    /// Whether it is trained for a share of the steps, of which there may be several.
    pub fn has_budget(self) -> bool {
        matches!(self, Arm::Recovered | Arm::Sham | Arm::ShortRetrain)
    }

    /// Name as shown.
    pub fn label(self) -> &'static str {
        self.text().label
    }

    /// What it is, in a sentence or two.
    pub fn meaning(self) -> &'static str {
        self.text().meaning
    }

    /// The arm of a key, a symbol, the gap it answers, or another common name; capitals, spaces and underscores do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace([' ', '_'], "-");
        let by_key = Arm::ALL.into_iter().find(|arm| text == arm.name() || text == arm.symbol().to_lowercase());
        by_key.or(match text.as_str() {
            "disruption" | "cut" => Some(Arm::Ablated),
            "recovery" | "healed" | "fine-tuned" => Some(Arm::Recovered),
            "relearn" => Some(Arm::ShortRetrain),
            "shortcut" | "untuned" | "retrained-same" => Some(Arm::RetrainedUntuned),
            "necessity" | "retrained-own" => Some(Arm::Retrained),
            "placebo" | "a/a" | "aa-control" => Some(Arm::Aa),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Arm;

    #[test]
    fn every_arm_is_found_by_its_key_and_its_symbol() {
        for arm in Arm::ALL {
            assert_eq!(Arm::parse(arm.name()), Some(arm));
            assert_eq!(Arm::parse(arm.symbol()), Some(arm));
            assert_eq!(serde_json::to_value(arm).unwrap(), arm.name());
        }
        assert_eq!(Arm::parse(" Retrained Untuned "), Some(Arm::RetrainedUntuned));
        assert_eq!(Arm::parse("placebo"), Some(Arm::Aa));
        assert_eq!(Arm::parse("something else"), None);
    }
}
