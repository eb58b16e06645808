//! What can go wrong with a model, and what to do about it.

use ablation_study::MissingSetting;
use ablation_tasks::TaskError;

/// Why a model could not be built, trained, cut or restored.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The device stopped answering.
    #[error("the device stopped answering: {0}")]
    Device(String),
    /// There is no such part in this model.
    #[error("there is no part `{path}` in this model; its parts are: {known}")]
    NoSite {
        /// The path asked for.
        path: String,
        /// The paths there are.
        known: String,
    },
    /// The cut or removal is not offered.
    #[error("{what} is refused: {reason}")]
    Refused {
        /// Cut or removal, and where.
        what: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// Bytes are not a checkpoint of this study.
    #[error("this checkpoint cannot be restored: {0}")]
    Checkpoint(String),
    /// A setting is missing; a mistake of a catalogue.
    #[error(transparent)]
    Missing(#[from] MissingSetting),
    /// The task could not be built.
    #[error(transparent)]
    Task(#[from] TaskError),
}
