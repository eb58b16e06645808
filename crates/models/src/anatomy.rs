//! Sites as the catalogue lists them: what may be cut or left out at each kind of part, graded, with the reason.
//!
//! The grades are about what the resulting number means. A cut that sets a value the rest of the model has never seen measures
//! that surprise as well as the part, so it is offered as approximate; a cut that would silently change something else is refused.

use ablation_protocol::{CutOption, Grade, Operator, Site, SiteKind, Swap};

use crate::layers::Norm;
use crate::weights::Parameter;

const OFF_DISTRIBUTION: &str =
    "The rest of the model never saw this value here, so part of the damage is surprise; compare with the mean.";
const ON_AVERAGE: &str = "The rest of the model keeps what this part says on average and loses what it says about the input.";
const PER_POSITION: &str = "As the mean, and what it says about each position stays.";
const FROM_THE_START: &str = "The model is trained from the same start, on the same batches, without it.";
const DOSE: &str = "A dose-response curve; values beyond 0 and 1 are outside what the model was trained on.";
const NO_PREDICTION: &str = "Without it there is no prediction to score. Cut what feeds it instead.";
const ERASED: &str = "It would erase the stream that passes through as well. Skip the block instead.";

/// A site as its family describes it.
pub(crate) struct Part {
    pub path: String,
    pub parent: Option<String>,
    pub kind: SiteKind,
    pub label: String,
    pub help: &'static str,
    /// `[positions, width]`, or `[width]` without positions.
    pub shape: Vec<usize>,
    pub swaps: Vec<Swap>,
    /// Whether norms stand in the stream, behind the branches.
    pub post_norm: bool,
}

impl Part {
    /// The site with its grades; its parameters are those whose path starts with the site's path.
    pub(crate) fn site(self, parameters: &[Parameter]) -> Site {
        let inside = |parameter: &&Parameter| parameter.path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('.'));
        Site {
            parameters: parameters.iter().filter(inside).map(Parameter::count).sum(),
            branch: matches!(self.kind, SiteKind::Position | SiteKind::Time | SiteKind::Attention | SiteKind::Mlp),
            inline: self.kind == SiteKind::Norm && (self.post_norm || self.parent.is_none()),
            removal: removal(self.kind),
            cuts: cuts(self.kind, self.shape.len() > 1, self.post_norm),
            label: self.label,
            help: self.help.to_string(),
            path: self.path,
            parent: self.parent,
            kind: self.kind,
            shape: self.shape,
            swaps: self.swaps,
        }
    }
}

/// A setting and its other value, as something to put in the place of a part.
pub(crate) fn swap(path: &str, value: &str, label: &str) -> Swap {
    Swap { path: path.to_string(), value: value.to_string(), label: label.to_string() }
}

/// Where the norms of a model could stand instead.
pub(crate) fn swaps_of_norms(place: Norm) -> Vec<Swap> {
    let all = [(Norm::Pre, "pre"), (Norm::Post, "post"), (Norm::None, "none")];
    let now = all.iter().find(|(other, _)| *other == place).map_or("none", |(_, name)| name);
    let others = all.iter().filter(|(other, _)| *other != place);
    others.map(|(_, name)| swap("model.norm", name, &format!("every norm {now} → {name}"))).collect()
}

/// Training without a part from the start.
fn removal(kind: SiteKind) -> Grade {
    match kind {
        SiteKind::Embedding => {
            Grade::approximate("The model is then blind to its input: this shows what can be predicted without reading it.")
        }
        SiteKind::Norm => Grade::approximate(
            "Without normalisation another learning rate may be best; with the reference's rate this is the common shortcut, not a fair retraining.",
        ),
        SiteKind::Activation => Grade::sound("The branch becomes a linear map; its parameters stay."),
        SiteKind::Unembedding => Grade::refused(NO_PREDICTION),
        SiteKind::Head => {
            Grade::sound("The output projection reads zeros in its place from the first step on; nothing else changes.")
        }
        SiteKind::Position | SiteKind::Time | SiteKind::Block | SiteKind::Attention | SiteKind::Mlp => {
            Grade::sound(FROM_THE_START)
        }
    }
}

/// Cutting a part out of a trained model. The most trustworthy operator stands first. Where zero is refused there is no scaling either:
/// a factor of zero is the same cut.
fn cuts(kind: SiteKind, positions: bool, post_norm: bool) -> Vec<CutOption> {
    let factor = Operator::Scale { factor: 0.0 };
    let mut cuts = match kind {
        SiteKind::Embedding | SiteKind::Attention | SiteKind::Head | SiteKind::Mlp => vec![
            CutOption::new(Operator::Mean, Grade::sound(ON_AVERAGE)),
            CutOption::new(Operator::MeanByPosition, Grade::sound(PER_POSITION)),
            CutOption::new(Operator::Zero, Grade::approximate(OFF_DISTRIBUTION)),
            CutOption::new(factor, Grade::approximate(DOSE)),
        ],
        SiteKind::Position => vec![
            CutOption::new(Operator::Mean, Grade::sound("Every position gets the same vector: order is gone, size stays.")),
            CutOption::new(Operator::Zero, Grade::approximate(OFF_DISTRIBUTION)),
            CutOption::new(
                Operator::MeanByPosition,
                Grade::refused(
                    "It says the same for every input, so its mean at a position is itself: nothing would change. Use the mean.",
                ),
            ),
            CutOption::new(factor, Grade::approximate(DOSE)),
        ],
        SiteKind::Time => vec![
            CutOption::new(
                Operator::Mean,
                Grade::sound("Every noise level gets the same vector: the level is gone, size stays."),
            ),
            CutOption::new(
                Operator::Zero,
                Grade::refused("A zero is not the absence of a noise level but one the model never saw. Use the mean."),
            ),
        ],
        // No number leads from a block with its norms to none: half a norm is nothing.
        SiteKind::Block if post_norm => vec![
            CutOption::new(
                Operator::Skip,
                Grade::approximate(
                    "It equals deleting the block with its norms; what follows was trained on what those norms put out.",
                ),
            ),
            CutOption::new(Operator::Zero, Grade::refused(ERASED)),
        ],
        SiteKind::Block => vec![
            CutOption::new(Operator::Skip, Grade::sound("Its branches add to the stream, so skipping it equals deleting it.")),
            CutOption::new(Operator::Zero, Grade::refused(ERASED)),
            CutOption::new(factor, Grade::approximate("Both branches are scaled; the second reads what the first has left.")),
        ],
        SiteKind::Norm => vec![
            CutOption::new(
                Operator::Skip,
                Grade::approximate(
                    "What follows was trained on normalised values; much of the damage is their size, not the missing norm.",
                ),
            ),
            CutOption::new(
                Operator::Zero,
                Grade::refused("It would silence everything that reads from it. Cut that part instead."),
            ),
        ],
        SiteKind::Activation => vec![
            CutOption::new(
                Operator::Skip,
                Grade::approximate("The branch becomes linear, with weights that were trained for a curve."),
            ),
            CutOption::new(Operator::Zero, Grade::refused("It would leave only the bias of the branch. Cut the branch instead.")),
        ],
        SiteKind::Unembedding => [Operator::Mean, Operator::Zero, factor]
            .into_iter()
            .map(|operator| CutOption::new(operator, Grade::refused(NO_PREDICTION)))
            .collect(),
    };
    if !positions {
        cuts.retain(|cut| cut.kind != Operator::MeanByPosition.name());
    }
    cuts
}
