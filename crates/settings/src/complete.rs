//! From the compact settings of a trial to all that a model is built from, and back.
//!
//! A trial does not write a setting whose value means "as before this setting existed". So a setting can be added without changing the id of
//! any trial that was run before.

use crate::field::Field;
use crate::settings::{Settings, Value};
use crate::settled::settled;
use crate::validate::{Catalog, nearest, settle};

/// Why settings are not those of a trial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteSettings {
    /// A setting that has to be written is not.
    #[error("`{path}` is missing; a trial says every setting of its data, model and training")]
    Missing {
        /// Its path.
        path: String,
    },
    /// There is no such setting.
    #[error("there is no setting `{path}` for this data and model{}", .meant.as_ref().map_or(String::new(), |name| format!("; did you mean `{name}`?")))]
    Unknown {
        /// What was written.
        path: String,
        /// What was probably meant.
        meant: Option<String>,
    },
    /// A value cannot be used.
    #[error("`{path}` cannot be `{given}`: {reason}")]
    Unusable {
        /// Its path.
        path: String,
        /// What was written.
        given: String,
        /// Why not.
        reason: String,
    },
}

/// The settings without those whose value means "as before this setting existed".
pub fn compact(settings: &Settings, fields: &[Field]) -> Settings {
    let absent = |path: &str| fields.iter().find(|field| field.path == path).and_then(|field| field.absent.as_ref());
    settings.filtered(|path, value| absent(path) != Some(value))
}

/// All settings of a training that the compact ones describe.
///
/// # Errors
/// If one is missing that has to be written, is unknown, or is out of range; each by its path.
pub fn complete(given: &Settings, catalog: &dyn Catalog) -> Result<Settings, IncompleteSettings> {
    let choose = |field: &Field| written(field, given);
    // What cannot be used is passed on as its default: a value out of range may describe a model that no memory holds.
    let (settings, fields) = settled(catalog, &|field| choose(field).unwrap_or_else(|_| field.default_value()));
    if let Some(unusable) = fields.iter().find_map(|field| choose(field).err()) {
        return Err(unusable);
    }
    if let Some((path, _)) = given.iter().find(|(path, _)| settings.get(path).is_none()) {
        let meant = nearest(path, settings.iter().map(|(path, _)| path)).map(str::to_string);
        return Err(IncompleteSettings::Unknown { path: path.to_string(), meant });
    }
    Ok(settings)
}

/// The value that compact settings give to a field.
fn written(field: &Field, given: &Settings) -> Result<Value, IncompleteSettings> {
    match given.get(&field.path).map(|value| settle(field, value)) {
        Some((value, None)) => Ok(value),
        Some((_, Some(one))) => Err(IncompleteSettings::Unusable { path: one.path, given: one.given, reason: one.reason }),
        None if !field.in_trial() => Ok(field.default_value()),
        None => field.absent.clone().ok_or_else(|| IncompleteSettings::Missing { path: field.path.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Choice, Group};
    use crate::toy::Toy;
    use crate::validate::{Preset, validate};

    /// The toy catalogue of the next release.
    struct Grown;

    impl Catalog for Grown {
        fn fields(&self, chosen: &Settings) -> Vec<Field> {
            let options = ["layer", "rms"].map(|name| Choice::new(name, name, "")).to_vec();
            let kind = Field::choice("model.norm_kind", Group::Model, "Norm", "", options).absent("layer");
            Toy.fields(chosen).into_iter().chain([kind]).collect()
        }

        fn presets(&self) -> Vec<Preset> {
            Toy.presets()
        }
    }

    #[test]
    fn a_new_field_changes_no_settings_of_a_trial() {
        let (before, _) = validate(&Settings::default(), &Toy);
        let (after, _) = validate(&Settings::default(), &Grown);
        assert_ne!(before, after);
        assert_eq!(compact(&after, &Grown.fields(&after)), before);
        assert_eq!(complete(&before, &Grown), Ok(after.clone()));
        let other = after.with("model.norm_kind", "rms");
        assert_eq!(compact(&other, &Grown.fields(&other)), other);
        assert_eq!(complete(&other, &Grown), Ok(other));
    }

    #[test]
    fn what_is_missing_unknown_or_out_of_range_is_named() {
        let (all, _) = validate(&Settings::default(), &Toy);
        let mut without = all.clone();
        without.remove("train.warmup");
        let message = |settings: &Settings| complete(settings, &Toy).unwrap_err().to_string();
        assert_eq!(message(&without), "`train.warmup` is missing; a trial says every setting of its data, model and training");
        assert!(
            message(&all.clone().with("model.widht", 8))
                .contains("no setting `model.widht` for this data and model; did you mean `model.width`?")
        );
        assert!(message(&all.with("model.width", 4096)).contains("`model.width` cannot be `4096`: Width goes from 8 to 64"));
    }
}
