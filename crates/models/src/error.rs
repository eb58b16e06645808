//! What can go wrong with a model, and what to do about it.

use ablation_data::DataError;
use ablation_protocol::Site;
use ablation_settings::MissingSetting;

/// Why a model could not be built, trained, ablated or restored.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The device stopped answering.
    #[error("the device stopped answering: {0}")]
    Device(String),
    /// There is no such component in this model.
    #[error("there is no component `{path}` in this model; its components are: {known}")]
    NoSite {
        /// The path asked for.
        path: String,
        /// The paths there are.
        known: String,
    },
    /// The ablation or removal is not offered.
    #[error("{what} is refused: {reason}")]
    Refused {
        /// Ablation or removal, and where.
        what: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// Trials cannot be trained in one fleet.
    #[error("{0}")]
    Trials(String),
    /// A trial is not one that could be run.
    #[error("trial {trial}: {what}")]
    BadTrial {
        /// Its id.
        trial: String,
        /// What is wrong with it, and the way out.
        what: String,
    },
    /// The weights that a trial goes on with are not there.
    #[error("trial {trial} goes on with the weights of trial {origin}, which {reason}; train that one again")]
    NoOrigin {
        /// Id of the trial.
        trial: String,
        /// Id of the trial that it goes on with: the same without its last stage.
        origin: String,
        /// What is the matter with them.
        reason: String,
    },
    /// An asset that is named by its content is not at hand.
    #[error("the {asset} {sha256} cannot be used: {reason}")]
    NoAsset {
        /// What it is for.
        asset: &'static str,
        /// Its SHA-256.
        sha256: String,
        /// What is the matter with it.
        reason: String,
    },
    /// The answers of a model are no sum over its components.
    #[error("direct and total effects cannot be told apart: {0}")]
    NoEffects(String),
    /// Bytes are not a checkpoint of this study.
    #[error("this checkpoint cannot be restored: {0}")]
    Checkpoint(String),
    /// A setting is missing; a mistake of a catalogue.
    #[error(transparent)]
    Missing(#[from] MissingSetting),
    /// The data set could not be built.
    #[error(transparent)]
    Data(DataError),
}

impl From<DataError> for ModelError {
    fn from(error: DataError) -> Self {
        match error {
            DataError::File { what, sha256, reason } => ModelError::NoAsset { asset: what, sha256, reason },
            other => ModelError::Data(other),
        }
    }
}

impl ModelError {
    /// There is no site of that path among `sites`.
    pub(crate) fn no_site(path: &str, sites: &[Site]) -> Self {
        let known = sites.iter().map(|site| site.path.as_str()).collect::<Vec<_>>().join(", ");
        ModelError::NoSite { path: path.to_string(), known }
    }

    /// The name of the kind of error, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            ModelError::Device(_) => "device-lost",
            ModelError::NoSite { .. } | ModelError::Trials(_) | ModelError::BadTrial { .. } => "bad-study",
            ModelError::Refused { .. } | ModelError::NoEffects(_) => "refused",
            ModelError::NoOrigin { .. } => "no-origin",
            ModelError::NoAsset { .. } => "no-asset",
            ModelError::Checkpoint(_) => "bad-checkpoint",
            ModelError::Missing(_) | ModelError::Data(_) => "internal",
        }
    }

    /// What to do about it, as a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            ModelError::Device(_) => "Go on from the last checkpoint on the CPU, or open the device again.",
            ModelError::NoSite { .. } => "Choose one of the components that this model has.",
            ModelError::Trials(_) => "Trials of one run differ only in seed, optimiser settings and removed components.",
            ModelError::Refused { .. } => "Choose another operator or another component.",
            ModelError::NoEffects(_) => {
                "Open a model for which they can be: of tokens, with residual connections and norms before its branches."
            }
            ModelError::BadTrial { .. } => {
                "Correct the trial, or plan the study again: what is planned from a study file can be run."
            }
            ModelError::NoOrigin { .. } => "Train the origin again, then this trial.",
            ModelError::NoAsset { .. } => "Give the file with this SHA-256, or choose another.",
            ModelError::Checkpoint(_) => "Open the link again; training starts anew.",
            ModelError::Missing(_) | ModelError::Data(_) => {
                "This is a mistake in the program; please report it with the link of the study."
            }
        }
    }
}
