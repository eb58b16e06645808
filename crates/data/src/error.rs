//! Why settings do not describe a data set, and the one way of reading a setting within its range.

use ablation_settings::{Field, Kind, MissingSetting, Settings};

/// Why settings do not describe a data set. Settings that passed validation never cause it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DataError {
    /// There is no data set of that name.
    #[error("there is no data set `{kind}`; `data.kind` is one of: {known}")]
    Unknown {
        /// The name given.
        kind: String,
        /// The names there are.
        known: String,
    },
    /// A setting lies outside its range.
    #[error("`{path}` is {value}; choose a value from {minimum} to {maximum}")]
    OutOfRange {
        /// The dotted path.
        path: String,
        /// The value given.
        value: f64,
        /// Smallest value.
        minimum: f64,
        /// Largest value.
        maximum: f64,
    },
    /// A file that the data set reads is not at hand, or cannot be used.
    #[error("the {what} {sha256} cannot be used: {reason}")]
    File {
        /// What the file is for, such as `corpus`.
        what: &'static str,
        /// Its SHA-256.
        sha256: String,
        /// What is the matter with it, and the way out.
        reason: String,
    },
    /// A setting is missing or has the wrong type.
    #[error(transparent)]
    Missing(#[from] MissingSetting),
}

/// The whole number at `field`'s path, within its range.
pub(crate) fn integer(settings: &Settings, field: &Field) -> Result<u32, DataError> {
    let value = settings.integer(&field.path)?;
    within(field, value as f64)?;
    u32::try_from(value).map_err(|_| out_of_range(field, value as f64, 0.0, f64::from(u32::MAX)))
}

/// The number at `field`'s path, within its range.
pub(crate) fn number(settings: &Settings, field: &Field) -> Result<f64, DataError> {
    let value = settings.number(&field.path)?;
    within(field, value)?;
    Ok(value)
}

fn within(field: &Field, value: f64) -> Result<(), DataError> {
    let (minimum, maximum) = match field.kind {
        Kind::Integer { minimum, maximum, .. } => (minimum as f64, maximum as f64),
        Kind::Number { minimum, maximum, .. } => (minimum, maximum),
        Kind::Choice { .. } | Kind::File { .. } => return Ok(()),
    };
    let inside = (minimum..=maximum).contains(&value); // false for NaN
    if inside { Ok(()) } else { Err(out_of_range(field, value, minimum, maximum)) }
}

fn out_of_range(field: &Field, value: f64, minimum: f64, maximum: f64) -> DataError {
    DataError::OutOfRange { path: field.path.clone(), value, minimum, maximum }
}
