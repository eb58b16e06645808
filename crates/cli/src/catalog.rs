//! `ablation catalog`: what can be chosen.

use ablation_models::{PresetLink, SetField, describe, presets};
use ablation_settings::{Field, Group, Kind, VERSION};
use serde::Serialize;

use crate::arguments::ListArguments;
use crate::table::{Align::Left, Align::Right, Table};
use crate::{output, study};

/// A choice with more options than this is not spelt out.
const MANY: usize = 8;

/// The catalogue as JSON.
#[derive(Serialize)]
struct Catalogue<'a> {
    version: &'a str,
    presets: Vec<PresetLink>,
    /// The study that `fields` are those of.
    link: &'a str,
    fields: &'a [SetField],
}

/// Prints presets, then settings.
pub fn run(arguments: &ListArguments) -> anyhow::Result<()> {
    let chosen = study::read(&arguments.study)?;
    let study = describe(&study::link(&chosen), &study::context(&arguments.study)?)?;
    if arguments.json {
        return output::json(&Catalogue { version: VERSION, presets: presets(), link: &study.link, fields: &study.fields });
    }
    let mut text = "Presets (--preset NAME)\n".to_string();
    let mut table = Table::plain([Left, Left, Left]);
    for preset in presets() {
        table.push([preset.name, preset.label, preset.help]);
    }
    text.push_str(&table.text("  "));
    text.push_str(&format!("\nSettings (--set PATH=VALUE). {}\n", study::called(&chosen)));
    let mut table = Table::new([
        ("path".into(), Left),
        ("value".into(), Right),
        ("default".into(), Right),
        ("takes".into(), Left),
        ("what it is".into(), Left),
    ]);
    for set in &study.fields {
        let Field { path, help, .. } = &set.field;
        table.push([path.clone(), set.value.to_string(), set.field.default_value().to_string(), takes(&set.field), help.clone()]);
    }
    text.push_str(&table.text("  "));
    output::shown(&text)
}

/// The values that a field takes, in a few words.
fn takes(field: &Field) -> String {
    let unit = field.unit.iter().map(|unit| format!(" {unit}")).collect::<String>();
    match &field.kind {
        Kind::Integer { minimum, maximum, .. } => format!("{minimum} to {maximum}{unit}"),
        Kind::Number { minimum, maximum, .. } => format!("{minimum} to {maximum}{unit}"),
        Kind::Choice { options, .. } if field.group == Group::Ablation && options.len() > MANY => {
            format!("{} or a path (see `ablation sites`)", options[0].value)
        }
        Kind::Choice { options, .. } => options.iter().map(|option| option.value.as_str()).collect::<Vec<_>>().join(" | "),
        Kind::File { .. } => "the SHA-256 of a file".to_string(),
    }
}
