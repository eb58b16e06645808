//! `ablation calibrate`: how often the verdicts of this product are wrong, by running studies whose truth is known.
//!
//! Each study is run from many root seeds, and each run is a study as any other: planned, trained, tested on held-out data and judged by the
//! same rules. Whoever changes a rule sees here what it does to the verdicts.

mod list;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use ablation_models::Hardware;
use ablation_protocol::{Study, cost};
use ablation_report::{Rate, Report, Tally, Verdicts, report};
use anyhow::{Context, bail};
use serde::Serialize;

use crate::arguments::{CalibrateArguments, CalibrationFormat, DeviceKind};
use crate::device::{self, Opened};
use crate::failure::bad_input;
use crate::folder::Folder;
use crate::output;
use crate::progress::Shared;
use crate::run::{Means, jobs, stop_on_signal, to_its_end};
use list::{Known, Repeats};

/// What was found.
#[derive(Serialize)]
struct Calibration<'a> {
    /// Root seed of the first run of each study.
    seed: u32,
    /// One per study.
    studies: Vec<Calibrated<'a>>,
    /// The A/A controls of all studies together.
    pooled: Vec<Rate>,
}

/// What was found with one study.
#[derive(Serialize)]
struct Calibrated<'a> {
    /// Its name.
    name: &'a str,
    /// Its title.
    title: &'a str,
    /// How often it was run.
    repeats: usize,
    /// How often each verdict was given.
    verdicts: Vec<Verdicts>,
    /// How often they were wrong, and how often the A/A control was found to differ.
    rates: Vec<Rate>,
}

/// Runs the studies and prints what was counted.
///
/// # Errors
/// If the list or a folder cannot be used, somebody interrupts, or a promise is broken.
pub fn run(arguments: &CalibrateArguments) -> anyhow::Result<()> {
    let repeats = match (arguments.repeats, arguments.small) {
        (Some(repeats), _) => Repeats::Of(repeats),
        (None, true) => Repeats::Small,
        (None, false) => Repeats::Listed,
    };
    let jobs = jobs(arguments.jobs)?;
    let known = list::read(arguments.list.as_deref(), repeats)?;
    let most = known.iter().map(|one| one.repeats).max().unwrap_or(0);
    if arguments.seed.checked_add(most).is_none() {
        return Err(bad_input(format!("`--seed {}` is too large: the root seeds of {most} runs follow it", arguments.seed)));
    }
    let tallies = count(&known, arguments.seed, jobs, arguments.into.as_deref())?;
    let studies = known.iter().zip(&tallies).map(|(known, tally)| Calibrated {
        name: &known.name,
        title: &known.study.title,
        repeats: tally.studies(),
        verdicts: tally.verdicts(&known.truths),
        rates: tally.rates(&known.truths),
    });
    let pooled = tallies.iter().fold(Tally::default(), |all, tally| all.pooled(tally));
    let calibration = Calibration { seed: arguments.seed, studies: studies.collect(), pooled: pooled.rates(&Default::default()) };
    if arguments.json {
        output::json(&calibration)?;
    } else {
        output::shown(&match arguments.format {
            CalibrationFormat::Text => tables::text(&calibration),
            CalibrationFormat::Markdown => tables::markdown(&calibration),
        })?;
    }
    // The pooled rates count nothing that is not counted before.
    match calibration.studies.iter().flat_map(|study| &study.rates).filter(|rate| rate.broken).count() {
        0 => Ok(()),
        1 => bail!("1 rate is not what is promised"),
        count => bail!("{count} rates are not what is promised"),
    }
}

/// Runs every study from every root seed, several at a time, the first seed of all studies first.
fn count(known: &[Known], seed: u32, jobs: usize, into: Option<&Path>) -> anyhow::Result<Vec<Tally>> {
    let most = known.iter().map(|one| one.repeats).max().unwrap_or(0);
    let runs = (0..most).flat_map(|repeat| {
        let asked = known.iter().enumerate().filter(move |(_, one)| repeat < one.repeats);
        asked.map(move |(index, one)| Run {
            index,
            name: format!("{} {}", one.name, seed + repeat),
            folder: into.map(|into| into.join(&one.name).join((seed + repeat).to_string())),
            study: Study { seed: (seed + repeat).into(), ..one.study.clone() },
        })
    });
    let runs: Vec<Run> = runs.collect();
    let total = runs.iter().map(|run| cost(&run.study).total.updates).sum();
    let counting = Counting {
        device: device::open(DeviceKind::Cpu)?,
        stop: stop_on_signal(),
        progress: Shared::new(total),
        next: AtomicUsize::new(0),
        counted: Mutex::new(Counted { tallies: vec![Tally::default(); known.len()], failure: None }),
    };
    thread::scope(|scope| {
        (0..jobs.min(runs.len())).for_each(|_| drop(scope.spawn(|| counting.work(&runs))));
    });
    let Counted { tallies, failure } = counting.counted.into_inner().unwrap_or_else(PoisonError::into_inner);
    let done: usize = tallies.iter().map(Tally::studies).sum();
    let kept = match into {
        Some(into) => format!("kept in `{}`, and the same command goes on from there", into.display()),
        None => "not kept; `--into FOLDER` keeps them".to_string(),
    };
    let kept = format!("{done} of {} studies are done and {kept}", runs.len());
    match failure {
        Some(error) => Err(error.context(kept)),
        None if counting.stop.load(Ordering::Relaxed) => bail!("interrupted; {kept}"),
        None => Ok(tallies),
    }
}

/// One run of one study.
struct Run {
    /// Index of the study in the list.
    index: usize,
    /// What stands beside the progress.
    name: String,
    /// Where it is kept.
    folder: Option<PathBuf>,
    study: Study,
}

/// Studies that several threads run.
struct Counting {
    device: Opened,
    stop: &'static AtomicBool,
    progress: Shared,
    next: AtomicUsize,
    counted: Mutex<Counted>,
}

/// What they have found.
struct Counted {
    /// One per study of the list.
    tallies: Vec<Tally>,
    /// The first thing that went wrong.
    failure: Option<anyhow::Error>,
}

impl Counting {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs studies until there are no more, something goes wrong, or somebody interrupts.
    fn work(&self, runs: &[Run]) {
        while let Some(run) = runs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if self.counted().failure.is_some() {
                return;
            }
            let ran = self.run(run).with_context(|| run.name.clone());
            let mut counted = self.counted();
            match ran {
                Ok(Some(report)) => {
                    counted.tallies[run.index].add(&report.analysis, report.control_has_same_settings());
                }
                Ok(None) => return,
                Err(error) => {
                    counted.failure.get_or_insert(error);
                }
            }
        }
    }

    /// What one study says; nothing if somebody interrupts.
    fn run(&self, run: &Run) -> anyhow::Result<Option<Report>> {
        let forgotten = run.folder.is_none().then(tempfile::tempdir).transpose().context("there is no place for a study")?;
        let path = run.folder.as_deref().or(forgotten.as_ref().map(|folder| folder.path()));
        let folder = Folder::open(path.unwrap_or(Path::new(".")), Some(&run.study))?;
        let mut outcomes = folder.outcomes(&run.study, true)?;
        folder.check(&run.study, &mut outcomes);
        let context = ablation_models::Context::built_in();
        let means = Means {
            device: &self.device,
            context: &context,
            hardware: Hardware::Cpu { cores: 1 },
            jobs: 1,
            stop: self.stop,
            progress: &self.progress,
            what: Some(&run.name),
        };
        let (outcomes, failure) = to_its_end(&run.study, &folder, outcomes, means);
        if let Some(error) = failure {
            return Err(error);
        }
        let report = report(&run.study, &outcomes)?;
        if !report.progress.complete {
            return Ok(None);
        }
        // Two arms that choose alike train once.
        let saved = cost(&run.study).total.updates.saturating_sub(report.spent.updates);
        self.progress.advance(saved, &run.name, None);
        Ok(Some(report))
    }
}
