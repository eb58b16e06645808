//! `ablation sites`: the parts of the model, and how far the number of each cut and removal can be trusted.

use ablation_models::describe;
use ablation_protocol::{Grade, Site};
use serde::Serialize;

use crate::arguments::ListArguments;
use crate::number::count;
use crate::table::{Align::Left, Table};
use crate::{output, study};

/// The sites as JSON.
#[derive(Serialize)]
struct Sites<'a> {
    link: &'a str,
    parameters: usize,
    sites: &'a [Site],
}

/// Prints every site.
pub fn run(arguments: &ListArguments) -> anyhow::Result<()> {
    let study = describe(&study::link(&study::read(&arguments.study)?))?;
    if arguments.json {
        return output::json(&Sites { link: &study.link, parameters: study.parameters, sites: &study.sites });
    }
    let mut text = format!("{}: {} parts, {} parameters\n", study.link, study.sites.len(), count(study.parameters));
    for site in &study.sites {
        let parameters = count(site.parameters);
        text.push_str(&format!(
            "\n{}  ({}, {parameters} parameters, output {} x {})  {}\n",
            site.path, site.label, site.positions, site.channels, site.help
        ));
        let mut table = Table::plain([Left, Left, Left]);
        let mut row = |name: &str, grade: &Grade| table.push([name, grade_name(grade), grade.reason()]);
        row("remove from the start", &site.removal);
        for cut in &site.cuts {
            row(&format!("cut {}", cut.kind), &cut.grade);
        }
        text.push_str(&table.text("  "));
    }
    output::shown(&text)
}

/// The grade in a word.
pub fn grade_name(grade: &Grade) -> &'static str {
    match grade {
        Grade::Sound { .. } => "sound",
        Grade::Approximate { .. } => "approximate",
        Grade::Refused { .. } => "refused",
    }
}
