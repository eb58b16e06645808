//! `ablation sweep`: every ablation of every component of one trained model, in fleets, beside random channels as a control.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use ablation_models::{
    Control, Depth, EXHIBITS, Edits, Operator, ShownExhibit, Sweep, ablation_edits, build, controls, every_set, measure,
};
use ablation_protocol::{Ablation, AblationOption, Site};
use serde::Serialize;

use crate::all_but_one::AllButOne;
use crate::arguments::{DeviceKind, SweepArguments};
use crate::components::{self, Costs};
use crate::failure::bad_input;
use crate::greedy::Greedy;
use crate::number::{MISSING, measure as number, signed};
use crate::pairs::Pairs;
use crate::sites::{find_operator, grade_name};
use crate::table::{Align::Left, Align::Right, Table};
use crate::together::{self, Together};
use crate::trained::Trained;
use crate::{device, fleets, output, study};

/// Operators of which each ablation is one or a few passes through the model. The others are fitted, or are about one source of attention.
const USUAL: [&str; 8] = ["mean", "position_mean", "zero", "resample", "scale", "noise", "skip", "frozen_scale"];

/// Everything that was found.
#[derive(Serialize)]
struct Swept {
    link: String,
    seed: u64,
    device: &'static str,
    unit: String,
    /// Test loss of the model as it was trained.
    loss: Option<f64>,
    ablations: Vec<Row>,
    controls: Vec<ControlRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    together: Vec<Together>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<Pairs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    greedy: Option<Greedy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_but_one: Option<AllButOne>,
    exhibits: Vec<ExhibitRow>,
    seconds: Option<Seconds>,
}

/// One ablation.
#[derive(Serialize)]
struct Row {
    site: String,
    kind: String,
    operator: String,
    grade: &'static str,
    loss: Option<f64>,
    difference: Option<f64>,
    /// Why the loss did not change in any bit, if it did not.
    unchanged: Option<String>,
}

/// Random channels under one operator.
#[derive(Serialize)]
struct ControlRow {
    /// The kind of component that has as many.
    kind: String,
    operator: String,
    /// One a draw.
    differences: Vec<Option<f64>>,
}

/// What zeroing weights reports.
#[derive(Serialize)]
struct ExhibitRow {
    exhibit: &'static str,
    component: String,
    difference: Option<f64>,
    sound: Option<String>,
    sound_difference: Option<f64>,
    verdict: String,
}

/// How long it took.
#[derive(Serialize)]
struct Seconds {
    /// Each ablation by itself, on one core.
    one_by_one: f64,
    /// The same in fleets, on one core.
    in_fleets: f64,
    /// The same in fleets, on all threads.
    on_all_threads: f64,
    threads: usize,
}

/// Trains, ablates and prints.
///
/// # Errors
/// If an operator does not exist, or the training diverged.
pub fn run(arguments: &SweepArguments) -> anyhow::Result<()> {
    let study = study::read(&arguments.study)?;
    let device = device::open(arguments.device)?;
    let operators = operators(arguments)?;
    let sites = build(&study.settings)?.sites();
    let asked = asked(&sites, &operators);
    let chosen = if arguments.together.is_empty() { Vec::new() } else { together::chosen(&arguments.together, &sites)? };
    let components = components::chosen(arguments, &sites, &operators)?;
    let link = study::link(&study);
    let seed = study.settings.count("seed")? as u64;
    let context = study::context(&arguments.study)?;
    let trained = Trained::train(&study.settings, &link, context, arguments.device)?;
    let random = controls(&sites, usize::from(arguments.random), seed);
    let threads = threads(arguments);
    let begun = Instant::now();
    let (loss, losses) = fleets::losses(&trained, &one_each(&asked), threads)?;
    let on_all_threads = begun.elapsed();
    let difference = |after: Option<f64>| Some(after? - loss?);
    let mut rows = Vec::with_capacity(asked.len());
    for ((site, option, ablation), after) in asked.iter().zip(&losses) {
        let unchanged = if *after == loss { Some(why_unchanged(&trained, ablation)?) } else { None };
        rows.push(Row {
            site: site.path.clone(),
            kind: site.kind.clone(),
            operator: option.operator.clone(),
            grade: grade_name(&option.grade),
            loss: *after,
            difference: difference(*after),
            unchanged,
        });
    }
    let costs = components.as_ref().map(|components| Costs { components, trained: &trained, threads, loss });
    let asked_for = |asked: bool| costs.as_ref().filter(|_| asked);
    let swept = Swept {
        unit: ablation_protocol::ModelCatalog::unit(&ablation_models::Models, &study.settings),
        link,
        seed,
        device: device.name,
        loss,
        ablations: rows,
        controls: control_rows(&trained, &random, &operators, &difference)?,
        together: sets(&trained, &chosen, &operators, &difference)?,
        pairs: asked_for(arguments.pairs).map(Pairs::measure).transpose()?,
        greedy: asked_for(arguments.greedy)
            .map(|costs| Greedy::measure(costs, usize::from(arguments.random), seed))
            .transpose()?,
        all_but_one: asked_for(arguments.all_but_one).map(AllButOne::measure).transpose()?,
        exhibits: if arguments.exhibits { exhibits(&trained, &difference)? } else { Vec::new() },
        seconds: if arguments.compare { Some(compare(&trained, &asked, &losses, on_all_threads, threads)?) } else { None },
    };
    if arguments.json {
        return output::json(&swept);
    }
    output::shown(&text(&study::called(&study), &swept, &operators))
}

/// The operators that were typed, or the usual ones.
fn operators(arguments: &SweepArguments) -> anyhow::Result<Vec<&'static Operator>> {
    let typed = arguments.operators.iter().map(String::as_str);
    let names: Vec<&str> = match (arguments.operators.is_empty(), components::option(arguments)) {
        (false, _) => typed.collect(),
        (true, Some(_)) => vec![components::usual_operator(arguments)],
        (true, None) => USUAL.to_vec(),
    };
    if let Some((index, name)) = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name)) {
        return Err(bad_input(format!("`--operator {name}` stands twice ({}); write it once", index + 1)));
    }
    names.into_iter().map(find_operator).collect()
}

/// One thing to be measured: where, how, and both as an ablation.
type Asked<'a> = (&'a Site, &'a AblationOption, Ablation);

/// Every component with every operator that is offered there.
fn asked<'a>(sites: &'a [Site], operators: &[&Operator]) -> Vec<Asked<'a>> {
    let offered = |site: &'a Site| {
        let wanted = |option: &&AblationOption| option.grade.allowed() && operators.iter().any(|one| one.name == option.operator);
        site.ablations.iter().filter(wanted).map(move |option| (site, option, Ablation::new(&site.path, &option.operator)))
    };
    sites.iter().flat_map(offered).collect()
}

fn threads(arguments: &SweepArguments) -> usize {
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    match (arguments.device, arguments.jobs) {
        (DeviceKind::Gpu, _) => 1,
        (DeviceKind::Cpu, Some(jobs)) => usize::from(jobs),
        (DeviceKind::Cpu, None) => cores(),
    }
}

/// Each ablation by itself.
fn one_each(asked: &[Asked]) -> Vec<Vec<Ablation>> {
    asked.iter().map(|(.., ablation)| vec![ablation.clone()]).collect()
}

/// The loss under each ablation, each by itself: its own look at the reference set, its own passes through the whole model.
fn one_by_one(trained: &Trained, asked: &[Asked]) -> anyhow::Result<Vec<Option<f64>>> {
    let (model, weights, device) = trained.model()?;
    let (mut losses, none) = (Vec::with_capacity(asked.len()), Edits::none(1));
    for (.., ablation) in asked {
        let mut edits = Edits::none(1);
        let ablations = std::slice::from_ref(ablation);
        let made = ablation_edits(&model, &weights, &none, ablations, trained.seed, &device.device);
        pollster::block_on(made)?.into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
        let measured =
            pollster::block_on(measure(&model, &weights, &edits, &[Trained::examples()], Depth::Loss, &device.device))?;
        losses.push(measured.first().and_then(|measures| measures.first()?.value));
    }
    Ok(losses)
}

/// Measures everything again one by one and in fleets on one core.
///
/// # Errors
/// If a loss is another one by one: that would be a mistake of the program.
fn compare(
    trained: &Trained,
    asked: &[Asked],
    losses: &[Option<f64>],
    on_all_threads: Duration,
    threads: usize,
) -> anyhow::Result<Seconds> {
    let begun = Instant::now();
    let alone = one_by_one(trained, asked)?;
    let by_one = begun.elapsed();
    let begun = Instant::now();
    fleets::losses(trained, &one_each(asked), 1)?;
    let fleets = begun.elapsed();
    if let Some(index) = (0..asked.len()).find(|&index| alone[index] != losses[index]) {
        let (.., ablation) = &asked[index];
        anyhow::bail!("`{}` of `{}` has another loss in a fleet; please report this", ablation.operator, ablation.site);
    }
    let [one_by_one, in_fleets, on_all_threads] = [by_one, fleets, on_all_threads].map(|time| time.as_secs_f64());
    Ok(Seconds { one_by_one, in_fleets, on_all_threads, threads })
}

/// Whether nothing at the site changed, or nobody reads what changed.
fn why_unchanged(trained: &Trained, ablation: &Ablation) -> anyhow::Result<String> {
    let (model, weights, device) = trained.model()?;
    let one = std::slice::from_ref(ablation);
    let sweep = pollster::block_on(Sweep::new(
        &model,
        &weights,
        one,
        &[],
        Trained::examples(),
        trained.seed,
        (trained.hardware(), &device.device),
    ))?;
    Ok(match pollster::block_on(sweep.change(ablation))? {
        Some(change) if change.moved > 0.0 => format!(
            "its output was {} before and is {} after (root mean square), and no answer moved: nothing after it reads it",
            number(Some(change.before)),
            number(Some(change.after))
        ),
        Some(_) => "nothing changed at the component itself: its output is what it is replaced by".to_string(),
        None => "what changed inside it did not move any answer".to_string(),
    })
}

fn control_rows(
    trained: &Trained,
    random: &[Control],
    operators: &[&'static Operator],
    difference: &dyn Fn(Option<f64>) -> Option<f64>,
) -> anyhow::Result<Vec<ControlRow>> {
    if random.is_empty() {
        return Ok(Vec::new());
    }
    let (model, weights, device) = trained.model()?;
    let sweep = pollster::block_on(Sweep::new(
        &model,
        &weights,
        &[],
        random,
        Trained::examples(),
        trained.seed,
        (trained.hardware(), &device.device),
    ))?;
    let mut rows = Vec::new();
    for operator in operators {
        let ablation = Ablation::new("", operator.name);
        let losses = pollster::block_on(sweep.controls(&ablation, random))?;
        for kind in kinds(random) {
            let own = random.iter().zip(&losses).filter(|(control, _)| control.kind == kind);
            let differences: Vec<Option<f64>> = own.map(|(_, loss)| difference(*loss)).collect();
            if differences.iter().any(Option::is_some) {
                rows.push(ControlRow { kind: kind.to_string(), operator: operator.name.to_string(), differences });
            }
        }
    }
    Ok(rows)
}

/// What every set of the components costs, for each operator that is offered at all of them.
///
/// # Errors
/// If none is.
fn sets(
    trained: &Trained,
    components: &[&Site],
    operators: &[&'static Operator],
    difference: &dyn Fn(Option<f64>) -> Option<f64>,
) -> anyhow::Result<Vec<Together>> {
    if components.is_empty() {
        return Ok(Vec::new());
    }
    let (model, weights, device) = trained.model()?;
    let (mut all, mut missing) = (Vec::new(), Vec::new());
    for operator in operators {
        let Ok(sets) = every_set(components, operator.name) else {
            missing.push(operator.name);
            continue;
        };
        let every = sets.last().cloned().unwrap_or_default();
        let sweep = pollster::block_on(Sweep::new(
            &model,
            &weights,
            &every,
            &[],
            Trained::examples(),
            trained.seed,
            (trained.hardware(), &device.device),
        ))?;
        let losses = pollster::block_on(sweep.losses(&sets))?;
        all.push(Together::of(components, operator, losses.into_iter().map(difference).collect()));
    }
    if all.is_empty() {
        let names: Vec<&str> = operators.iter().map(|operator| operator.name).collect();
        return Err(bad_input(format!(
            "`--together`: none of {} is offered at all of these components; `ablation sites` says which are",
            names.join(", ")
        )));
    }
    if !missing.is_empty() {
        eprintln!("note: `--together`: not offered at all of these components: {}", missing.join(", "));
    }
    Ok(all)
}

/// The kinds that there are controls for, in order.
fn kinds(random: &[Control]) -> Vec<&str> {
    let mut kinds: Vec<&str> = random.iter().map(|control| control.kind.as_str()).collect();
    kinds.dedup();
    kinds
}

fn exhibits(trained: &Trained, difference: &dyn Fn(Option<f64>) -> Option<f64>) -> anyhow::Result<Vec<ExhibitRow>> {
    let (model, weights, device) = trained.model()?;
    let shown: Vec<(&'static str, ShownExhibit)> =
        EXHIBITS.iter().flat_map(|exhibit| (exhibit.shown)(&model).into_iter().map(|shown| (exhibit.name, shown))).collect();
    let sound: Vec<Ablation> = shown.iter().filter_map(|(_, shown)| shown.sound.clone()).collect();
    let sweep = pollster::block_on(Sweep::new(
        &model,
        &weights,
        &sound,
        &[],
        Trained::examples(),
        trained.seed,
        (trained.hardware(), &device.device),
    ))?;
    let mut rows = Vec::with_capacity(shown.len());
    for (exhibit, shown) in shown {
        let none = Edits::none(1);
        let zeroed = shown.weights(&weights);
        let measured = pollster::block_on(measure(&model, &zeroed, &none, &[Trained::examples()], Depth::Loss, &device.device))?;
        let sound_loss = match &shown.sound {
            None => None,
            Some(ablation) if shown.channels.is_empty() => pollster::block_on(sweep.losses(&[vec![ablation.clone()]]))?[0],
            Some(ablation) => {
                let channels = BTreeMap::from([(ablation.site.clone(), shown.channels.clone())]);
                let control = Control { kind: "channels".into(), channels };
                pollster::block_on(sweep.controls(ablation, &[control]))?[0]
            }
        };
        rows.push(ExhibitRow {
            exhibit,
            difference: difference(measured.first().and_then(|measures| measures.first()?.value)),
            sound: shown.sound.map(|ablation| ablation.operator),
            sound_difference: difference(sound_loss),
            component: shown.component,
            verdict: shown.verdict,
        });
    }
    Ok(rows)
}

/// Everything as text. `called`: what the settings are called.
fn text(called: &str, swept: &Swept, operators: &[&'static Operator]) -> String {
    let unit = if swept.unit.is_empty() { String::new() } else { format!(" {}", swept.unit) };
    let in_unit = if swept.unit.is_empty() { String::new() } else { format!(" in {}", swept.unit) };
    let mut text = format!("settings {called}\nlink     {}\ndevice   {}\n", swept.link, swept.device);
    text.push_str(&format!("loss     {}{unit} on the test split, before any ablation\n\n", number(swept.loss)));
    text.push_str(&format!("Rise of the loss{in_unit} when one component is ablated; seed {}\n", swept.seed));
    text.push_str(&table(swept, operators).text("  "));
    let why = |row: &Row| Some(format!("  {} {}: {}\n", row.site, row.operator, row.unchanged.as_ref()?));
    let unchanged: String = swept.ablations.iter().filter_map(why).collect();
    if !unchanged.is_empty() {
        text.push_str(&format!("\n`=`: the loss is the same in every bit\n{unchanged}"));
    }
    swept.together.iter().for_each(|together| text.push_str(&together.text()));
    let sections = [
        swept.pairs.as_ref().map(Pairs::text),
        swept.greedy.as_ref().map(Greedy::text),
        swept.all_but_one.as_ref().map(AllButOne::text),
    ];
    text.extend(sections.into_iter().flatten());
    if !swept.exhibits.is_empty() {
        text.push_str(
            "\nExhibits: what is reported where weights are set to zero, which is not what its name says. Do not use these numbers.\n",
        );
        text.push_str(&exhibit_table(swept));
    }
    if let Some(Seconds { one_by_one, in_fleets, on_all_threads, threads }) = &swept.seconds {
        text.push_str(&format!(
            "\n{} ablations: {one_by_one:.2} s one by one, {in_fleets:.2} s in fleets on one core ({:.1} times as fast), {on_all_threads:.2} s on {threads} threads ({:.1} times as fast); every loss is the same\n",
            swept.ablations.len(),
            one_by_one / in_fleets,
            one_by_one / on_all_threads,
        ));
    }
    text.push_str("\nOne seed, and nothing is trained further: no verdict, and no necessity. `ablation run` asks what a model without it can do.\n");
    text
}

/// A line for each component, a column for each operator, and the controls below.
fn table(swept: &Swept, operators: &[&'static Operator]) -> Table {
    let columns = operators.iter().map(|operator| (operator.name.to_string(), Right));
    let mut table = Table::new(std::iter::once(("component".to_string(), Left)).chain(columns));
    let mut sites: Vec<&str> = swept.ablations.iter().map(|row| row.site.as_str()).collect();
    sites.dedup();
    for site in sites {
        let cell = |operator: &&Operator| {
            let row = swept.ablations.iter().find(|row| row.site == site && row.operator == operator.name);
            row.map_or(String::new(), |row| if row.unchanged.is_some() { "=".into() } else { signed(row.difference) })
        };
        table.push(std::iter::once(site.to_string()).chain(operators.iter().map(cell)));
    }
    let mut kinds: Vec<&str> = swept.controls.iter().map(|row| row.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let values = |operator: &&Operator| -> Option<Vec<f64>> {
            let row = swept.controls.iter().find(|row| row.kind == kind && row.operator == operator.name)?;
            row.differences.iter().copied().collect()
        };
        let draws = swept.controls.iter().find(|row| row.kind == kind).map_or(0, |row| row.differences.len());
        let mut line = |label: String, of: &dyn Fn(Vec<f64>) -> f64| {
            let cell = |operator: &&Operator| values(operator).map_or(String::new(), |values| signed(Some(of(values))));
            table.push(std::iter::once(label).chain(operators.iter().map(cell)));
        };
        line(format!("random channels, as many as one {kind}: mean of {draws}"), &|values| {
            values.iter().sum::<f64>() / values.len() as f64
        });
        line("  the most".to_string(), &|values| values.into_iter().fold(f64::NEG_INFINITY, f64::max));
    }
    table
}

fn exhibit_table(swept: &Swept) -> String {
    let headings = [("exhibit", Left), ("component", Left), ("reports", Right), ("sound", Left), ("finds", Right), ("", Left)];
    let mut table = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
    for row in &swept.exhibits {
        table.push([
            row.exhibit.to_string(),
            row.component.clone(),
            signed(row.difference),
            row.sound.clone().unwrap_or_else(|| MISSING.to_string()),
            signed(row.sound_difference),
            row.verdict.clone(),
        ]);
    }
    table.text("  ")
}
