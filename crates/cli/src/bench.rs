//! `ablation bench`: train, ablate, fine-tune beside a sham, retrain without; the contrast that the page shows, as text or as a record.

use std::path::Path;

use ablation_figures::Figure;
use ablation_models::{self as models, Bench, Description, Phase, Status, View, describe};
use ablation_protocol::{Ablation, Arm, Grade, Site};
use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::Value as Json;

use crate::arguments::BenchArguments;
use crate::device::Opened;
use crate::file::Replacement;
use crate::number::{MISSING, count, measure, rounded, signed};
use crate::progress::Progress;
use crate::sites::grade_name;
use crate::table::{Align::Left, Align::Right, Table};
use crate::train::heading;
use crate::{device, output, study};

/// A study with its results; what the page ships with.
#[derive(Serialize)]
struct Record {
    description: Description<Figure>,
    view: View<Figure>,
}

/// Trains every arm, then prints and draws.
///
/// # Errors
/// Among others if an arm diverged; what there is has been printed by then.
pub fn run(arguments: &BenchArguments) -> anyhow::Result<()> {
    let study = study::read(&arguments.study)?;
    let study = study::with_ablation(study, arguments.site.as_deref(), arguments.operator.as_deref(), &arguments.parameters)?;
    let ablation = study::ablation(&study)?;
    let device = device::open(arguments.device)?;
    if let Some(folder) = &arguments.svg {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
    }
    let link = study::link(&study);
    let context = study::context(&arguments.study)?;
    let view = pollster::block_on(train(&link, &context, &device))?;
    let record =
        Record { description: describe(&link, &context)?.drawn(|shown| ablation_figures::draw(&shown, "")), view: stored(view) };
    if arguments.json {
        output::json(&told_once(&record)?)?
    } else {
        output::shown(&report(&study::called(&study), &record, &ablation))?
    }
    if let Some(folder) = &arguments.svg {
        draw(&record, folder)?;
    }
    match diverged(&record.view) {
        Some(arm) => {
            bail!("the arm `{arm}` diverged: its loss is not finite; lower `train.learning_rate`, or set `train.clip=1`")
        }
        None => Ok(()),
    }
}

/// The record as a file. What is said of an operator stands in it once, below `operators`, and not again at every site that offers it.
fn told_once(record: &Record) -> anyhow::Result<Json> {
    let mut json = serde_json::to_value(record)?;
    let mut operators = serde_json::Map::new();
    let sites = json["description"]["sites"].as_array_mut().into_iter().flatten();
    for option in sites.filter_map(|site| site["ablations"].as_array_mut()).flatten().filter_map(Json::as_object_mut) {
        let Some(name) = option.get("operator").and_then(Json::as_str).map(str::to_string) else { continue };
        let texts: serde_json::Map<_, _> = option
            .iter()
            .filter(|(key, _)| !["operator", "grade"].contains(&key.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        option.retain(|key, _| ["operator", "grade"].contains(&key.as_str()));
        operators.insert(name, Json::Object(texts));
    }
    json["operators"] = Json::Object(operators);
    Ok(json)
}

async fn train(link: &str, context: &models::Context, device: &Opened) -> anyhow::Result<View<Figure>> {
    let mut bench = Bench::open(link, context, &device.device)?;
    // A step of the recovered model is one of its sham as well, so it counts twice.
    let (mut done, mut total) = (0, 0);
    let mut weigh = |bench: &Bench| {
        let weight = |phase: &str| if phase == "recovery" { 2 } else { 1 };
        let steps = bench.progress().steps;
        done = steps.iter().map(|(phase, (done, _))| weight(phase) * done).sum::<u64>();
        total = steps.iter().map(|(phase, (_, of))| weight(phase) * of).sum::<u64>();
        (done, total)
    };
    let mut progress = Progress::new(weigh(&bench).1);
    while bench.phase() != Phase::Done {
        let (what, arms) = match bench.phase() {
            Phase::Reference => ("train the reference", &["reference"][..]),
            Phase::Recovery => ("fine-tune beside the sham", &["recovered"][..]),
            Phase::ShortRetrain => ("retrain without it as briefly", &["short-retrain"][..]),
            Phase::Retrained | Phase::Done => ("retrain without it", &["retrained", "retrained-untuned"][..]),
        };
        let losses = bench.step(device.stride).await?.losses;
        let latest = arms.iter().find_map(|arm| losses.get(arm).copied().flatten());
        progress.at(weigh(&bench).0, what, latest);
    }
    Ok(bench.view(device.name).await?.drawn(|arm, shown| ablation_figures::draw(&shown, arm)))
}

/// The view as it is kept: marked as stored, with numbers as precise as anybody reads.
fn stored(mut view: View<Figure>) -> View<Figure> {
    view.source.kind = "stored".into();
    let round = |value: &mut Option<f64>| *value = value.map(rounded);
    for arm in view.panels.iter_mut().flat_map(|panel| &mut panel.arms) {
        for measure in &mut arm.measures {
            round(&mut measure.value);
            round(&mut measure.constant);
        }
    }
    let contrast = &mut view.contrast;
    let gaps = [
        &mut contrast.disruption,
        &mut contrast.recovery,
        &mut contrast.recovery_advantage,
        &mut contrast.necessity,
        &mut contrast.untuned,
    ];
    gaps.into_iter().for_each(round);
    view
}

/// Writes the sample of the data and the figures of every panel.
fn draw(Record { description, view }: &Record, folder: &Path) -> anyhow::Result<()> {
    let data = description.data.iter().map(|figure| ("task", figure));
    let panels = view.panels.iter().flat_map(|panel| panel.figures.iter().map(move |figure| (panel.name.as_str(), figure)));
    for (panel, figure) in data.chain(panels) {
        let name: String =
            format!("{panel}-{}", figure.name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Replacement::open(&folder.join(name + ".svg"))?.write(figure.svg.as_bytes())?;
    }
    Ok(())
}

/// The first arm that ended without a loss.
fn diverged(view: &View<Figure>) -> Option<&str> {
    let arms = view.panels.iter().flat_map(|panel| &panel.arms);
    let mut done = arms.filter(|arm| arm.status == Status::Done);
    done.find(|arm| arm.measures.first().is_some_and(|loss| loss.value.is_none())).map(|arm| arm.name.as_str())
}

/// The contrast as text. `called`: what the settings are called.
fn report(called: &str, Record { description, view }: &Record, ablation: &Ablation) -> String {
    let site = description.sites.iter().find(|site| site.path == ablation.site);
    let option = site.and_then(|site| site.ablation(&ablation.operator).ok());
    let graded =
        |grade: Option<Grade>| grade.map_or(String::new(), |grade| format!(": {} — {}", grade_name(&grade), grade.reason()));
    let removal = site.map(|site: &Site| site.removal.clone());
    let mut text = format!("settings {called}\nlink     {}\ndevice   {}\n", view.link, view.source.device);
    let phrase = option.map_or_else(|| ablation.operator.clone(), |option| option.phrase_of(ablation));
    text.push_str(&format!("ablation {} {phrase}{}\n", ablation.site, graded(option.map(|option| option.grade.clone()))));
    text.push_str(&format!("removal  {}{}\n\n", ablation.site, graded(removal)));
    text.push_str(&arms(view));
    let contrast = &view.contrast;
    let mut table = Table::plain([Left, Right, Left, Left]);
    for (label, gap, help) in [
        ("Disruption", contrast.disruption, "ablated in the trained model, minus the reference"),
        ("Recovery gap", contrast.recovery, "ablated, then fine-tuned, minus an equally fine-tuned sham"),
        ("Recovery advantage", contrast.recovery_advantage, "retrained without it as briefly, minus ablated, then fine-tuned"),
        ("Necessity", contrast.necessity, "retrained without it, best of several learning rates, minus the reference"),
        ("Untuned gap", contrast.untuned, "retrained without it at the reference's learning rate, minus the reference"),
    ] {
        table.push([label, &signed(gap), &contrast.unit, help]);
    }
    text.push_str(&format!("\n{}\n{}\n", table.text(""), contrast.sentence));
    if view.source.seeds == 1 {
        text.push_str("One seed: no verdict. Another seed can turn the order around.\n");
    }
    text
}

/// An arm by the name that people read.
fn arm_label(key: &str) -> String {
    Arm::parse(key).map_or_else(|| key.to_string(), |arm| arm.label().to_string())
}

/// The arms with their measures, and what the constant predictor reaches.
fn arms(view: &View<Figure>) -> String {
    let all = || view.panels.iter().flat_map(|panel| &panel.arms);
    let measures = all().map(|arm| arm.measures.as_slice()).find(|measures| !measures.is_empty()).unwrap_or_default();
    let fixed = [("arm".to_string(), Left), ("what is different".to_string(), Left), ("steps".to_string(), Right)];
    let mut table = Table::new(fixed.into_iter().chain(measures.iter().map(|one| (heading(one), Right))));
    for arm in all() {
        let values =
            measures.iter().map(|one| arm.measures.iter().find(|other| other.name == one.name).and_then(|other| other.value));
        let values = values.map(measure);
        let steps = if arm.status == Status::Refused { MISSING.to_string() } else { count(arm.step as usize) };
        table.push([arm_label(&arm.name), arm.label.clone(), steps].into_iter().chain(values));
    }
    let constant_predictor = measures.iter().map(|one| measure(one.constant));
    table.push(
        ["constant predictor".to_string(), "ignores its input".to_string(), MISSING.to_string()]
            .into_iter()
            .chain(constant_predictor),
    );
    let refused = all().filter_map(|arm| Some(format!("{}: {}\n", arm_label(&arm.name), arm.reason.as_ref()?)));
    table.text("") + &refused.collect::<String>()
}
