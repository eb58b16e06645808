//! Settling every field of a catalogue, each after those that it depends on.

use crate::field::Field;
use crate::settings::{Settings, Value};
use crate::validate::Catalog;

/// The value that `choose` gives to every field of `catalog`, and the fields.
///
/// A field may depend on all that stand before it, so the catalogue has to be asked anew for each. That takes a millisecond where there are
/// fifty fields. As a field that has not been chosen mostly reads as its default, the list is followed while defaults are chosen; fields
/// that turn out otherwise than they were settled are settled again.
pub(crate) fn settled(catalog: &dyn Catalog, choose: &dyn Fn(&Field) -> Value) -> (Settings, Vec<Field>) {
    let mut settings = Settings::default();
    let mut fields: Vec<Field> = Vec::new();
    loop {
        let now = catalog.fields(&settings);
        let same = fields.iter().zip(&now).take_while(|(settled, now)| settled == now).count();
        if same == fields.len() && same == now.len() {
            return (settings, fields);
        }
        for stale in fields.drain(same..) {
            settings.remove(&stale.path);
        }
        for field in now.into_iter().skip(same) {
            let value = choose(&field);
            let is_default = value == field.default_value();
            settings.set(&field.path, value);
            fields.push(field);
            if !is_default {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::toy::Toy;
    use crate::validate::settle;

    /// One field after another, each from a catalogue that knows all before it: what `settled` has to come to.
    fn one_by_one(catalog: &dyn Catalog, choose: &dyn Fn(&Field) -> Value) -> Settings {
        let mut settings = Settings::default();
        while let Some(field) = catalog.fields(&settings).into_iter().find(|field| settings.get(&field.path).is_none()) {
            settings.set(&field.path, choose(&field));
        }
        settings
    }

    proptest! {
        #[test]
        fn following_defaults_comes_to_the_same_as_one_field_after_another(
            kind in prop_oneof![Just("text"), Just("points"), Just("neither")],
            width in prop::option::of(0_i64..80),
            heads in prop::option::of(0_i64..10),
            seed in prop::option::of(0_i64..10),
        ) {
            let mut given = Settings::default().with("model.kind", kind);
            for (path, value) in [("model.width", width), ("model.heads", heads), ("seed", seed)] {
                if let Some(value) = value {
                    given.set(path, value);
                }
            }
            let choose = |field: &Field| given.get(&field.path).map_or(field.default_value(), |value| settle(field, value).0);
            let (settings, fields) = settled(&Toy, &choose);
            prop_assert_eq!(&settings, &one_by_one(&Toy, &choose));
            prop_assert_eq!(fields, Toy.fields(&settings));
        }
    }
}
