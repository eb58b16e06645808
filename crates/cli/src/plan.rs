//! `ablation plan`: the trials that can be run now, one per line, for whoever runs it elsewhere; or what a study takes, for whoever decides on it.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Outcomes, Phase, Planned, Study, Work, cost, plan, schedule};

use crate::arguments::PlanArguments;
use crate::folder::Folder;
use crate::number::count;
use crate::run::{Line, label};
use crate::table::{Align::Left, Align::Right, Table};
use crate::{output, study_file};

/// Prints lines or the summary.
///
/// # Errors
/// If the study cannot be read, or the folder holds another one.
pub fn run(arguments: &PlanArguments) -> anyhow::Result<()> {
    let study = study_file::read(&arguments.study)?;
    let folder = match &arguments.into {
        // Whoever only asks what it takes leaves no trace.
        Some(path) if arguments.summary => Some(Folder::at(path)).filter(Folder::has_study),
        // Made ready here, so that everybody who runs a line finds it.
        Some(path) => Some(Folder::open(path, Some(&study))?),
        None => study_file::folder(&arguments.study).map(|path| Folder::at(&path)).ok().filter(Folder::has_study),
    };
    let mut outcomes = Outcomes::new();
    if let Some(folder) = &folder {
        folder.belongs_to(&study)?;
        outcomes = folder.outcomes(&study, false)?;
        folder.check(&study, &mut outcomes);
    }
    let ready = plan(&study, &outcomes);
    if arguments.summary {
        // A folder may hold more, such as what a wider search once asked for.
        let known: BTreeSet<String> = schedule(&study, &outcomes).trials.into_iter().map(|planned| planned.id).collect();
        let done = known.iter().filter(|id| outcomes.contains_key(*id)).count();
        return output::shown(&summary(&study, &ready, done));
    }
    let line = |planned: Planned| {
        let Planned { id, role, trial, .. } = planned;
        Ok(serde_json::to_string(&Line { id: Some(id), role: Some(role), trial })? + "\n")
    };
    output::shown(&ready.into_iter().map(line).collect::<anyhow::Result<String>>()?)
}

fn summary(study: &Study, ready: &[Planned], done: usize) -> String {
    let mut now: BTreeMap<&str, usize> = BTreeMap::new();
    ready.iter().for_each(|planned| *now.entry(label(&planned.role)).or_default() += 1);
    let now: Vec<String> = now.into_iter().map(|(what, trials)| format!("{} to {what}", count(trials))).collect();
    let now = if now.is_empty() { "nothing".to_string() } else { now.join(", ") };
    format!("study   {} ({})\n{}done    {}\nready   {now}\n", study.title, &study.hash()[..16], takes(study), count(done))
}

/// What a study takes: its design, and trials and steps by arm.
pub fn takes(study: &Study) -> String {
    let design = &study.design;
    let searches = if design.searches > 1 { format!(", {} times", design.searches) } else { String::new() };
    let mut text = format!(
        "design  {}: each arm tries {} search points with {} tuning {} each{searches}; {} final {}\n\n",
        design.tier,
        design.trials,
        design.tuning_seeds,
        if design.tuning_seeds == 1 { "seed" } else { "seeds" },
        design.seeds,
        if design.seeds == 1 { "seed" } else { "seeds" },
    );
    let expected = cost(study);
    let mut table = Table::new([("stage".into(), Left), ("arm".into(), Left), ("trials".into(), Right), ("steps".into(), Right)]);
    let mut row = |what: &str, arm: &str, work: Work| {
        table.push([what.to_string(), arm.to_string(), count(work.runs as usize), count(work.updates as usize)]);
    };
    for item in &expected.items {
        row(phase(item.phase), item.arm.label(), item.work);
    }
    row("total", "", expected.total);
    text += &table.text("");
    text += "\nMore trials if a search ends at the edge of its range, which is then widened for every arm; fewer if two arms choose the same settings.\n";
    text
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Search => "search",
        Phase::Train => "train",
        Phase::Ablate => "ablate",
        Phase::Recover => "fine-tune",
    }
}
