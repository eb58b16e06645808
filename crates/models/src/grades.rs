//! What the number of an ablation or of a removal means at each kind of component: sound, approximate or refused, with the reason.
//!
//! The common ways of ablating are unsound for some components, and a number from an unsound ablation looks just like a number. The
//! grades are data: each operator says in its own file what it means at each [`Placement`]; training without a component is graded by
//! placement in [`REMOVAL`]; [`KINDS`] replaces single grades for kinds of components that several backbones have, and a backbone may
//! replace more for a site of its own.

use ablation_protocol::{Grade, Placement};

/// A grade with its reason, as the tables hold it.
#[derive(Clone, Copy, Debug)]
pub struct Graded {
    mark: Mark,
    reason: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Mark {
    Sound,
    Approximate,
    Refused,
}

/// It measures what its name says.
pub const fn sound(reason: &'static str) -> Graded {
    Graded { mark: Mark::Sound, reason }
}

/// It measures something near to what its name says.
pub const fn approximate(reason: &'static str) -> Graded {
    Graded { mark: Mark::Approximate, reason }
}

/// It is not offered; the reason says what to do instead.
pub const fn refused(reason: &'static str) -> Graded {
    Graded { mark: Mark::Refused, reason }
}

impl Graded {
    /// The grade as a study holds it.
    pub fn grade(self) -> Grade {
        match self.mark {
            Mark::Sound => Grade::sound(self.reason),
            Mark::Approximate => Grade::approximate(self.reason),
            Mark::Refused => Grade::refused(self.reason),
        }
    }
}

/// What a grade is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum What {
    /// Training without the component.
    Removal,
    /// Ablating it with the operator of this name.
    Operator(&'static str),
    /// Ablating it in any way.
    EveryOperator,
}

/// A grade that replaces the one of the placement.
pub(crate) type Override = (What, Graded);

/// Training without a component, by placement.
const REMOVAL: &[(Placement, Graded)] = &[
    (Placement::Branch, FROM_THE_START),
    (Placement::Group, FROM_THE_START),
    (Placement::Slice, sound("The next projection reads zeros in these channels from the first step on; nothing else changes.")),
    (
        Placement::Inline,
        sound("Its input passes unchanged from the first step on; the initial weights and batches are the reference's."),
    ),
    (Placement::Source, approximate("Everything after it reads zeros: the loss shows what can be predicted without this input.")),
];

const FROM_THE_START: Graded = sound("Trained without it from the same initial weights, on the same batches.");
const NO_PREDICTION: Graded = refused("Without it there is no prediction to evaluate. Ablate one of its inputs.");
const NOT_OF_INPUT: Graded =
    refused("A position embedding does not depend on the input, so this would change nothing. Use the mean.");
const NOT_NULL: Graded =
    refused("A zero time embedding never occurs in training (off-distribution); scaling moves towards it. Use the mean.");

/// Grades of kinds that differ from those of their placement.
const KINDS: &[(&str, &[Override])] = &[
    (
        "position",
        &[
            (What::Operator("mean"), sound("Every position gets the same vector: order is removed, the norm stays realistic.")),
            (What::Operator("position_mean"), NOT_OF_INPUT),
            (What::Operator("resample"), NOT_OF_INPUT),
            (What::Operator("patch"), NOT_OF_INPUT),
            (What::Operator("optimal"), NOT_OF_INPUT),
        ],
    ),
    (
        "time",
        &[
            (
                What::Operator("mean"),
                sound("Every noise level gets the same vector: the level is removed, the norm stays realistic."),
            ),
            (What::Operator("zero"), NOT_NULL),
            (What::Operator("scale"), NOT_NULL),
        ],
    ),
    (
        "norm",
        &[
            (
                What::Removal,
                approximate(
                    "Without normalisation another learning rate may be best: with the reference's this is \"retrained without, untuned\".",
                ),
            ),
            (
                What::Operator("skip"),
                approximate(
                    "The layers after it were trained on normalised inputs: much of the rise in loss comes from the changed scale of the activations.",
                ),
            ),
        ],
    ),
    (
        "activation",
        &[
            (What::Removal, sound("The MLP becomes a linear map with the same parameters.")),
            (What::Operator("skip"), approximate("The MLP becomes linear, with weights that were trained for the activation.")),
            (What::Operator("zero"), refused("Only the output bias of the MLP would be left. Ablate the MLP instead.")),
        ],
    ),
    (
        "input",
        &[(
            What::Removal,
            sound("The model is trained on examples without it: what is lost is what the rest of the input does not say."),
        )],
    ),
    ("unembedding", &[(What::Removal, NO_PREDICTION), (What::EveryOperator, NO_PREDICTION)]),
];

/// What a block with its norms in the stream allows, on top of the grades of a group.
pub(crate) const POST_NORM_BLOCK: &[Override] = &[
    (
        What::Operator("skip"),
        approximate("It equals deleting the block with its norms; the next layer was trained on the output of those norms."),
    ),
    (
        What::Operator("scale"),
        refused("The norms of the block are part of the residual stream and cannot be scaled. Skip the block instead."),
    ),
];

/// The grade of something at a component: the backbone's own, else that of its kind, else that of its placement (`usual`).
pub(crate) fn grade(what: What, kind: &str, own: &[Override], usual: Option<Graded>) -> Option<Grade> {
    let of_kind = KINDS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, overrides)| overrides);
    let meant = |(about, _): &&Override| *about == what || (*about == What::EveryOperator && matches!(what, What::Operator(_)));
    let replaced = own.iter().chain(of_kind).find(meant).map(|(_, grade)| *grade);
    // An operator that has no meaning at a placement gets none from a kind.
    usual.map(|usual| replaced.unwrap_or(usual).grade())
}

/// The grade of training without a component.
pub(crate) fn removal(kind: &str, placement: Placement, own: &[Override]) -> Grade {
    let usual = REMOVAL.iter().find(|(known, _)| *known == placement).map(|(_, grade)| *grade);
    grade(What::Removal, kind, own, usual).unwrap_or_else(|| Grade::refused("no training without it is defined"))
}
