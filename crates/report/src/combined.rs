//! What disruption and necessity say together (methodology, section 7.10).

use ablation_stats::Verdict;
use serde::{Deserialize, Serialize};

/// The combined verdict on a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Combined {
    /// Ablating it hurts, retraining without it does not.
    CoAdapted,
    /// Both hurt, and ablating more.
    OverstatedByAblation,
    /// Both hurt alike.
    Necessary,
    /// Neither hurts.
    Redundant,
    /// Only retraining without it hurts; ablating does not show it, or cannot be done.
    NeededDuringTraining,
    /// Retraining without it does no harm; that ablating does was not shown, or ablating even helps.
    NotNecessary,
    /// The model retrained without it is better.
    Harmful,
    /// An arm has the values of another in every seed, so nothing was compared.
    Unchanged,
    /// Not enough was seen.
    Undetermined,
}

impl Combined {
    /// Every verdict, in the order of the glossary.
    pub const ALL: [Combined; 9] = [
        Combined::CoAdapted,
        Combined::OverstatedByAblation,
        Combined::Necessary,
        Combined::Redundant,
        Combined::NeededDuringTraining,
        Combined::NotNecessary,
        Combined::Harmful,
        Combined::Unchanged,
        Combined::Undetermined,
    ];

    /// The verdict of two verdicts; `disruption` is `None` where a component cannot be ablated. `co_adaptation_gap` says whether ablation overstates
    /// need significantly.
    pub fn of(disruption: Option<Verdict>, necessity: Verdict, co_adaptation_gap: bool) -> Self {
        use Verdict::{BetterWithout, Equivalent, Inconclusive, Unchanged, Worse};
        match (disruption, necessity) {
            // Whatever ablation did, a model that was retrained without the component is not the reference bit for bit.
            (_, Unchanged) => Combined::Unchanged,
            (_, Inconclusive { .. }) => Combined::Undetermined,
            (_, BetterWithout { .. }) => Combined::Harmful,
            // An ablation that changes nothing shows neither that a component is redundant nor that it is not.
            (Some(Unchanged), Equivalent) => Combined::Unchanged,
            (Some(Worse { .. }), Equivalent) => Combined::CoAdapted,
            (Some(Worse { .. }), Worse { .. }) if co_adaptation_gap => Combined::OverstatedByAblation,
            // That ablation was not shown to hurt is no evidence against a need that was shown.
            (Some(Worse { .. } | Inconclusive { .. }), Worse { .. }) => Combined::Necessary,
            (Some(Equivalent), Equivalent) => Combined::Redundant,
            (Some(Equivalent | Unchanged | BetterWithout { .. }) | None, Worse { .. }) => Combined::NeededDuringTraining,
            (Some(Inconclusive { .. } | BetterWithout { .. }) | None, Equivalent) => Combined::NotNecessary,
        }
    }

    /// The verdict in a word or three. Of a component that is left out it speaks of the component; of something that is changed, where "harmful" would
    /// not say which of the two is, it speaks of the change.
    pub fn name(self, changed: bool) -> &'static str {
        match self {
            Combined::CoAdapted => "co-adapted, not necessary",
            Combined::OverstatedByAblation => "useful, overstated by ablation",
            Combined::Necessary => "necessary",
            Combined::Redundant => "redundant",
            Combined::NeededDuringTraining if changed => "worse with the change",
            Combined::NeededDuringTraining => "needed during training",
            Combined::NotNecessary if changed => "as good with the change",
            Combined::NotNecessary => "not necessary",
            Combined::Harmful if changed => "better with the change",
            Combined::Harmful => "harmful here",
            Combined::Unchanged => "unchanged",
            Combined::Undetermined => "undetermined",
        }
    }

    /// [`Combined::name`] in a word or two, for a cell of a figure.
    pub fn word(self, changed: bool) -> &'static str {
        match self {
            Combined::CoAdapted => "co-adapted",
            Combined::OverstatedByAblation => "overstated",
            Combined::NeededDuringTraining if changed => "worse",
            Combined::NeededDuringTraining => "needed in training",
            Combined::NotNecessary if changed => "as good",
            Combined::Harmful if changed => "better",
            Combined::Harmful => "harmful",
            Combined::Necessary | Combined::Redundant | Combined::NotNecessary | Combined::Unchanged | Combined::Undetermined => {
                self.name(changed)
            }
        }
    }

    /// What it means, in two sentences.
    pub fn meaning(self, changed: bool) -> &'static str {
        match self {
            Combined::CoAdapted => {
                "Ablating it in the trained model makes it worse, because the rest has adapted to it. A model retrained without it is as good, \
                 within the margin."
            }
            Combined::OverstatedByAblation => {
                "A model retrained without it is worse, so it is useful. Ablating it in a trained model overstates how useful."
            }
            Combined::Necessary => {
                "A model retrained without it is worse, even with its own hyper-parameter search. It is needed for this task."
            }
            Combined::Redundant => {
                "Neither ablating it nor retraining without it makes a difference above the margin. Other components may do its work."
            }
            Combined::NeededDuringTraining if changed => {
                "A model trained with the change from the start is worse. The original setting is needed here; no ablation measures that."
            }
            Combined::NeededDuringTraining => {
                "A model retrained without it is worse. That ablating it makes the trained model worse was not shown, or was not measured."
            }
            Combined::NotNecessary if changed => {
                "A model trained with the change from the start is as good, within the margin. The original setting is not necessary here."
            }
            Combined::NotNecessary => {
                "A model without it is as good, within the margin. That ablating it makes the trained model worse was not shown, or was not \
                 measured."
            }
            Combined::Harmful if changed => {
                "A model trained with the change from the start is better. The change improves this model on this task."
            }
            Combined::Harmful => {
                "A model retrained without it is better. This model does better on this task without the component."
            }
            Combined::Unchanged => UNCHANGED,
            Combined::Undetermined if changed => {
                "Neither a difference nor its absence was shown. This is not evidence that the change has no effect."
            }
            Combined::Undetermined => {
                "Neither a difference nor equivalence was shown. This is not evidence that the component is not needed."
            }
        }
    }
}

/// What it means that arms are identical in every seed, and what to do about it.
const UNCHANGED: &str = "Two arms have the same values in every seed: the switch had no effect. Check whether it changes the \
                                    parameter count, or any output of the model.";

/// What qualifies a combined verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Modifier {
    /// Fine-tuning for a twentieth of the training, or less, makes up for the ablation, and faster than training from scratch.
    Recoverable,
    /// The untuned gap blames the component for hyper-parameters that were not its own.
    UntunedMisleading,
    /// At equal parameter count the difference is gone.
    ExplainedBySize,
    /// The search chose a point at the edge of its range even after the range was widened, so the arm may be under-tuned.
    SearchAtEdge,
    /// The same for some of the settings that the reference might as well have chosen, and not for others.
    UntunedDepends,
    /// With the reference's hyper-parameters the variant does as well as the reference, and with those of its own search it does not.
    SearchFailed,
    /// A difference was found that may be smaller than the margin.
    BelowMargin,
    /// The reference solves the task exactly.
    AtCeiling,
}

impl Modifier {
    /// Every modifier, in the order of the glossary.
    pub const ALL: [Modifier; 8] = [
        Modifier::Recoverable,
        Modifier::UntunedMisleading,
        Modifier::UntunedDepends,
        Modifier::ExplainedBySize,
        Modifier::SearchAtEdge,
        Modifier::SearchFailed,
        Modifier::BelowMargin,
        Modifier::AtCeiling,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Modifier::Recoverable => "recoverable",
            Modifier::UntunedMisleading => "untuned gap misleading",
            Modifier::ExplainedBySize => "explained by size",
            Modifier::SearchAtEdge => "search at an edge",
            Modifier::SearchFailed => "search failed",
            Modifier::UntunedDepends => "untuned gap depends on the reference's setting",
            Modifier::BelowMargin => "may be below the margin",
            Modifier::AtCeiling => "at the ceiling",
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Modifier::Recoverable => {
                "Fine-tuning for at most a twentieth of the training recovers the loss, and faster than training from scratch."
            }
            Modifier::UntunedMisleading => {
                "Part of the untuned gap comes from hyper-parameters that were chosen for another model."
            }
            Modifier::ExplainedBySize => "With as many parameters as the reference the difference is gone.",
            Modifier::SearchAtEdge => {
                "The best search point lies at the edge of the range even after it was widened, so the arm may be under-tuned."
            }
            Modifier::UntunedDepends => {
                "Whether the untuned gap is misleading depends on which of several equally good settings the reference uses."
            }
            Modifier::SearchFailed => {
                "A model without it is as good as the reference with the reference's hyper-parameters, so its own search failed."
            }
            Modifier::BelowMargin => "A difference was found, and it may be smaller than the margin.",
            Modifier::AtCeiling => {
                "The reference solves the task exactly. The verdict is about solving this task; on a harder one it may be another."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_stats::Extent;

    const WORSE: Verdict = Verdict::Worse { extent: Extent::Plain };
    const BETTER: Verdict = Verdict::BetterWithout { extent: Extent::Plain };
    const OPEN: Verdict = Verdict::Inconclusive { needs: None };

    /// A verdict or modifier that is added has to be counted here, and then listed.
    #[test]
    fn every_verdict_and_every_modifier_is_listed() {
        let place = |combined: Combined| match combined {
            Combined::CoAdapted => 0,
            Combined::OverstatedByAblation => 1,
            Combined::Necessary => 2,
            Combined::Redundant => 3,
            Combined::NeededDuringTraining => 4,
            Combined::NotNecessary => 5,
            Combined::Harmful => 6,
            Combined::Unchanged => 7,
            Combined::Undetermined => 8,
        };
        assert_eq!(Combined::ALL.map(place), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        let place = |modifier: Modifier| match modifier {
            Modifier::Recoverable => 0,
            Modifier::UntunedMisleading => 1,
            Modifier::UntunedDepends => 2,
            Modifier::ExplainedBySize => 3,
            Modifier::SearchAtEdge => 4,
            Modifier::SearchFailed => 5,
            Modifier::BelowMargin => 6,
            Modifier::AtCeiling => 7,
        };
        assert_eq!(Modifier::ALL.map(place), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_table_of_the_methodology() {
        use Verdict::Equivalent;
        let cases = [
            (Some(WORSE), Equivalent, false, Combined::CoAdapted),
            (Some(WORSE), WORSE, true, Combined::OverstatedByAblation),
            (Some(WORSE), WORSE, false, Combined::Necessary),
            (Some(Equivalent), Equivalent, false, Combined::Redundant),
            // Ablation changes the loss by more than the margin, so nobody may say that it does not.
            (Some(BETTER), Equivalent, false, Combined::NotNecessary),
            (Some(Equivalent), WORSE, false, Combined::NeededDuringTraining),
            (None, WORSE, false, Combined::NeededDuringTraining),
            (None, BETTER, false, Combined::Harmful),
            (Some(WORSE), BETTER, true, Combined::Harmful),
        ];
        for (disruption, necessity, co_adaptation_gap, combined) in cases {
            assert_eq!(Combined::of(disruption, necessity, co_adaptation_gap), combined, "{disruption:?} {necessity:?}");
        }
        // Identical arms show nothing: never that a component is redundant, and no need is lost for an ablation that did nothing.
        for disruption in [None, Some(WORSE), Some(Equivalent), Some(BETTER), Some(OPEN), Some(Verdict::Unchanged)] {
            assert_eq!(Combined::of(disruption, Verdict::Unchanged, true), Combined::Unchanged, "{disruption:?}");
        }
        assert_eq!(Combined::of(Some(Verdict::Unchanged), Equivalent, false), Combined::Unchanged);
        assert_eq!(Combined::of(Some(Verdict::Unchanged), WORSE, false), Combined::NeededDuringTraining);
        assert_eq!(Combined::of(Some(Verdict::Unchanged), BETTER, false), Combined::Harmful);
        for disruption in [None, Some(WORSE), Some(Equivalent), Some(BETTER), Some(OPEN), Some(Verdict::Unchanged)] {
            assert_eq!(Combined::of(disruption, OPEN, true), Combined::Undetermined, "never read as not necessary");
        }
    }
}
