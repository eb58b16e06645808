//! `ablation sites`: the components of the model, how each can be ablated or left out, and how far the number can be trusted.

use ablation_models::{OPERATORS, Operator, describe};
use ablation_protocol::{AblationOption, Grade, Needs, Placement, Site};
use serde::Serialize;

use crate::arguments::ListArguments;
use crate::failure::bad_input;
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

/// The operator of a name that was typed.
///
/// # Errors
/// If there is none.
pub fn find_operator(name: &str) -> anyhow::Result<&'static Operator> {
    Operator::find(name).ok_or_else(|| {
        let known: Vec<&str> = OPERATORS.iter().map(|one| one.name).collect();
        bad_input(format!("there is no operator `{name}`; there are: {}", known.join(", ")))
    })
}

/// Prints every site.
pub fn run(arguments: &ListArguments) -> anyhow::Result<()> {
    let chosen = study::read(&arguments.study)?;
    let study = describe(&study::link(&chosen), &study::context(&arguments.study)?)?;
    if arguments.json {
        return output::json(&Sites { link: &study.link, parameters: study.parameters, sites: &study.sites });
    }
    let (sites, parameters) = (study.sites.len(), count(study.parameters));
    let mut text = format!("{}: {sites} components, {parameters} parameters\n", study::called(&chosen));
    for site in &study.sites {
        text.push_str(&format!("\n{}  {}\n  {}\n  {}\n", site.path, site.label, site.help, facts(site)));
        text.push_str(&operations(site).text("    "));
    }
    output::shown(&text)
}

/// Where a site stands, what it reads and how large it is.
fn facts(site: &Site) -> String {
    let mut facts = vec![placement(site)];
    if !site.reads.is_empty() {
        facts.push(format!("reads {}", site.reads.join(", ")));
    }
    let positions = if site.positions > 1 { format!("{} positions x ", site.positions) } else { String::new() };
    facts.push(format!("output {positions}{} channels", site.channels));
    facts.push(match &site.parent {
        // The matrices of the whole hold those of its slices.
        Some(parent) if site.placement == Placement::Slice => format!("parameters counted in {parent}"),
        _ => format!("{} parameters", count(site.parameters)),
    });
    facts.join("; ")
}

fn placement(site: &Site) -> String {
    match site.placement {
        Placement::Branch => match &site.adds_to {
            Some(stream) => format!("branch, adds to the stream after {stream}"),
            None => "branch, adds to the stream".to_string(),
        },
        Placement::Inline => "inline".to_string(),
        Placement::Source => "not on a residual branch".to_string(),
        Placement::Slice if site.kind == "input" => {
            "run of positions of its parent, whose channels stand side by side".to_string()
        }
        Placement::Slice => "slice of the channels of its parent".to_string(),
        Placement::Group => "group".to_string(),
    }
}

/// What can be done to a site: what it is, the grade, the reason.
fn operations(site: &Site) -> Table {
    let mut table = Table::plain([Left, Left, Left]);
    for option in &site.ablations {
        table.push([
            format!("ablate: {}", operator(option)),
            grade_name(&option.grade).into(),
            option.grade.reason().to_string(),
        ]);
    }
    table.push(["retrain without", grade_name(&site.removal), site.removal.reason()]);
    for swap in &site.swaps {
        table.push([format!("swap: {}={}", swap.path, swap.value), String::new(), swap.label.clone()]);
    }
    table
}

/// An operator with the numbers that it takes: `scale, factor -2 to 2`.
fn operator(option: &AblationOption) -> String {
    let takes = option.parameters.iter().map(|one| format!(", {} {} to {}", one.name, one.minimum, one.maximum));
    let needs = if option.needs == Needs::ReferenceSet { " (reference set)" } else { "" };
    format!("{}{}{needs}", option.operator, takes.collect::<String>())
}

/// The grade in a word.
pub fn grade_name(grade: &Grade) -> &'static str {
    match grade {
        Grade::Sound { .. } => "sound",
        Grade::Approximate { .. } => "approximate",
        Grade::Refused { .. } => "refused",
    }
}
