//! `ablation run`: a study from where it stands to its end, on every core, or a single trial of it.
//!
//! Nothing is kept in memory that is not in the folder as well, so a run may be killed at any moment and loses what its cores were busy
//! with.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use ablation_models::{Asset, Context, Finished, Hardware, Lane, ModelError, Packer, implausible, largest_score};
use ablation_protocol::{Outcomes, Planned, Planner, Purpose, Searched, Study, Trial, cost};
use ablation_report::{Record, RecordOutcomes, read_record, record_outcomes};
use ablation_settings::{StudyError, read_json, visible_line};
use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::arguments::{DeviceKind, RunArguments};
use crate::device::Opened;
use crate::failure::bad_input;
use crate::folder::Folder;
use crate::progress::{Progress, Shared};
use crate::{by_id, corpus, device, faster, file, output, report, study_file};

/// A trial as a line of text; what `ablation plan` prints.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Id of the trial.
    #[serde(default)]
    pub id: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub role: Option<Purpose>,
    /// What is run.
    pub trial: Trial,
}

// Where a panic aborts, one mistake in one lane would take the whole run and its record with it, and nothing would say so.
const _: () = assert!(cfg!(panic = "unwind"), "build the command line in a profile that unwinds");

/// A line longer than this, in bytes, is no trial.
const LONGEST_LINE: u64 = 1 << 20;

/// A file of weights is no longer than this, in bytes.
const LARGEST_WEIGHTS: u64 = 1 << 30;

/// Threads of one process, at most: asking a system for more than it gives is a panic.
const MOST_JOBS: usize = 256;

/// Runs what was asked for.
///
/// # Errors
/// Among others if the folder holds another study, or cannot be written to; what was saved stays.
pub fn run(arguments: &RunArguments) -> anyhow::Result<()> {
    let jobs = jobs(arguments.jobs)?;
    let study = arguments.study.as_deref().map(study_file::read).transpose()?;
    let folder = match (&arguments.into, &arguments.study) {
        (Some(folder), _) => folder.clone(),
        (None, Some(study)) => study_file::folder(study)?,
        (None, None) => return Err(bad_input("give the folder that the outcome belongs to, with `--into FOLDER`")),
    };
    match (&arguments.trial, study) {
        (Some(line), study) => one(line, &folder, study.as_ref(), arguments),
        (None, Some(study)) => all(&study, &folder, jobs, arguments),
        (None, None) => Err(bad_input("give the study to run, or a line of `ablation plan` with `--trial`")),
    }
}

/// Threads to run: as many as were asked for, or one per core.
///
/// # Errors
/// If there are none, or more than a process gets.
pub fn jobs(given: Option<usize>) -> anyhow::Result<usize> {
    match given {
        Some(0) => Err(bad_input("`--jobs 0` runs nothing; give at least 1, or leave it out for one per core")),
        Some(jobs) if jobs > MOST_JOBS => Err(bad_input(format!(
            "`--jobs {jobs}` is more than {MOST_JOBS}; give fewer, and let several processes share the folder, or leave it out for one per core"
        ))),
        Some(jobs) => Ok(jobs),
        None => Ok(thread::available_parallelism().map_or(1, usize::from).min(MOST_JOBS)),
    }
}

/// Runs one trial, unless it is done.
fn one(line: &str, folder: &Path, study: Option<&Study>, arguments: &RunArguments) -> anyhow::Result<()> {
    let line = match by_id::is_id(line) && !Path::new(line).exists() {
        true => match by_id::find(line, folder, study)? {
            Some(line) => line,
            None => return Ok(()),
        },
        false => read_line(line)?,
    };
    let id = line.trial.id();
    let folder = Folder::open(folder, study)?;
    // Without a role nobody knows whether another trial goes on with these weights: they are kept where it would find them, which is under
    // the id of a trial that is evaluated on both splits.
    let is_origin = line.role.as_ref().map(|role| role.is_origin(&line.trial));
    let keeps = is_origin.unwrap_or(line.trial.evaluate.len() == 2);
    if folder.has(&id, keeps)? {
        return Ok(());
    }
    let origins: BTreeSet<String> = line.trial.origin().iter().map(Trial::id).collect();
    let weights = folder.origins(&origins)?;
    if let Some(gone) = origins.iter().find(|id| !weights.contains_key(*id)) {
        let folder = folder.path().display();
        bail!(
            "the weights of trial {gone} are not in `{folder}`; run that trial first: it is this one without its last stage, evaluated on `tune` \
             and `test`. If it is of a study, `ablation plan` prints it again"
        );
    }
    let (mut context, mut given) = context(&arguments.weights)?;
    let texts = corpus::add(&mut context, &arguments.corpus)?;
    given.extend(Some(texts).filter(|texts| !texts.is_empty()));
    let given = given.join(", ");
    let whole = || bad_input("`--device faster` measures a whole study; write `--device cpu` or `--device gpu` for one trial");
    let device = device::open(arguments.device.chosen().ok_or_else(whole)?)?;
    let mut lane = match Lane::new(&[line.trial], &weights, &context, &device.device) {
        Err(error) => {
            // While weights of no use lie there, `plan` takes their trial for done, and whoever runs what is planned would never get further.
            if let ModelError::NoOrigin { origin, reason, .. } = &error
                && let Some(seen) = weights.get(origin)
            {
                folder.discard_weights(origin, seen, &format!("the weights {reason}"))?;
            }
            return Err(match error {
                ModelError::NoAsset { .. } if !given.is_empty() => anyhow::Error::from(error).context(given),
                error => error.into(),
            });
        }
        Ok(lane) if keeps => lane.keeping_weights(),
        Ok(lane) => lane,
    };
    let mut progress = Progress::new(lane.progress().total);
    let finished = pollster::block_on(async {
        loop {
            let now = lane.step(device.stride).await?;
            progress.at(now.done, "train", now.losses.first().copied().flatten());
            if now.done == now.total {
                return lane.finish(device.name).await;
            }
        }
    })?;
    drop(progress);
    finished.iter().try_for_each(|finished| folder.save(finished, keeps))
}

/// The files that a trial may begin with beside those of the program, and lines that say which they are.
fn context(weights: &[PathBuf]) -> anyhow::Result<(Context, Vec<String>)> {
    let (mut context, mut given) = (Context::built_in(), Vec::new());
    for path in weights {
        let what = format!("the weights `{}`", path.display());
        let bytes = file::bytes(path, LARGEST_WEIGHTS).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
        let sha256 = context.add(Asset::Weights, file::within(bytes, &what, LARGEST_WEIGHTS)?);
        given.push(format!("`--weights {}` has the SHA-256 {sha256}", path.display()));
    }
    Ok((context, given))
}

fn read_line(given: &str) -> anyhow::Result<Line> {
    let text = if given.is_empty() || given.trim_start().starts_with('{') {
        given.to_string()
    } else {
        let what = match given {
            file::STDIN => "the trial on standard input".to_string(),
            path => format!("the file `{path}` that `--trial` names"),
        };
        file::text(Path::new(given), &what, LONGEST_LINE)?
    };
    let line: Line = read_json(&text).map_err(|error| {
        bad_input(format!("`--trial` takes one line of `ablation plan`, {{\"id\": …, \"role\": …, \"trial\": …}}: {error}"))
    })?;
    match &line.id {
        Some(id) if *id != line.trial.id() => Err(bad_input(format!(
            "this trial hashes to {} and not to {id}: the line was changed; print it again with `ablation plan`",
            line.trial.id()
        ))),
        _ => Ok(line),
    }
}

/// Runs a study to its end.
fn all(study: &Study, folder: &Path, jobs: usize, arguments: &RunArguments) -> anyhow::Result<()> {
    let mut context = Context::built_in();
    let texts = corpus::add(&mut context, &arguments.corpus)?;
    let given = arguments.from.as_deref().map(|record| given(record, study)).transpose()?.unwrap_or_default();
    // Where nothing is left to be trained nobody needs the text.
    let is_known = || Planner::new(study, given.clone()).is_complete() || complete(study, folder).is_some();
    corpus::check(study, &context, &texts).or_else(|error| if is_known() { Ok(()) } else { Err(error) })?;
    let folder = match Folder::open(folder, Some(study)) {
        Ok(folder) => folder,
        // Where nothing is left to be run nothing has to be written.
        Err(error) => match complete(study, folder) {
            Some(record) => return output::shown(&report::text(&record.study, &record.report)),
            None => return Err(error),
        },
    };
    let mut outcomes = folder.outcomes(study, true)?;
    let kind = match arguments.device.chosen() {
        Some(kind) => kind,
        None => faster::device(study, if outcomes.is_empty() { &given } else { &outcomes }, &context, jobs)?,
    };
    let device = device::open(kind)?;
    if let Some(other) = given.values().map(|outcome| &outcome.device).find(|other| *other != device.name) {
        eprintln!(
            "note: some of them were computed by {} and what is missing is by {}: the same to about four digits",
            visible_line(other),
            device.name
        );
    }
    for (id, outcome) in given {
        if let Entry::Vacant(place) = outcomes.entry(id) {
            folder.save_outcome(&outcome)?;
            place.insert(outcome);
        }
    }
    folder.check(study, &mut outcomes);
    // A graphics card runs one fleet at a time, and the larger the better.
    let (jobs, hardware) = match kind {
        DeviceKind::Gpu => (1, Hardware::Gpu),
        DeviceKind::Cpu => (jobs, Hardware::Cpu { cores: jobs }),
    };
    let (progress, stop) = (Shared::new(cost(study).total.updates), stop_on_signal());
    let means = Means { device: &device, context: &context, hardware, jobs, stop, progress: &progress, what: None };
    let (outcomes, failure) = to_its_end(study, &folder, outcomes, means);
    drop(progress);
    // Whatever happened, what is known goes into the record.
    let record = Record::new(study, &outcomes).map_err(|error| {
        bad_input(format!("the outcomes in the folder `{}` cannot be used: {error}", folder.path().display()))
    })?;
    let written = folder.write_record(&record);
    let path = folder.path().display();
    if let Some(error) = failure {
        let kept = format!("{} outcomes are saved in `{path}`, and the same command goes on from there", outcomes.len());
        return Err(error.context(kept));
    }
    let written = written?;
    if stop.load(Ordering::Relaxed) {
        bail!("interrupted; {} outcomes are saved in `{path}`, and the same command goes on from there", outcomes.len());
    }
    output::shown(&summary(&record, &written))
}

/// The record of a study that was run to its end in a folder into which nothing can be written; none if it was not, or cannot be read.
fn complete(study: &Study, folder: &Path) -> Option<Record> {
    let folder = Some(Folder::at(folder)).filter(Folder::has_study)?;
    folder.belongs_to(study).ok()?;
    let mut outcomes = folder.outcomes(study, false).ok()?;
    folder.check_evaluations(study, &mut outcomes);
    let record = Record::new(study, &outcomes).ok()?;
    record.report.progress.complete.then_some(record)
}

/// The outcomes of a record, if they can be gone on with. What answers nothing yet may do so once what comes before it is there, and does no
/// harm if it never does.
fn given(record: &Path, study: &Study) -> anyhow::Result<Outcomes> {
    let (what, text) = report::text_of(record)?;
    let refuse = |error: StudyError| bad_input(format!("{what}: {error}"));
    let stored = record_outcomes(&text).map_err(refuse)?;
    let count = stored.count();
    // Their numbers decide what is run next, so whoever takes them has to know whether the record says what follows from them.
    if let RecordOutcomes::Current(_) = stored
        && let Err(error) = read_record(&text)
    {
        eprintln!(
            "warning: {what} cannot be verified, and its outcomes are taken as they stand: {}",
            visible_line(&error.to_string())
        );
    }
    let outcomes = stored.answering(study);
    let scores = largest_score(&study.settings);
    if let Some((id, why)) = outcomes.iter().find_map(|(id, outcome)| Some((id, implausible(outcome, scores)?))) {
        return Err(refuse(StudyError::new(format!("outcomes.{id}"), why)));
    }
    // What cannot be averaged would end the run at its very end, and every run after it.
    let used = Record::new(study, &outcomes).map_err(refuse)?.outcomes.len();
    if used == 0 {
        return Err(bad_input(format!(
            "{what} has {} outcomes, and none answers a trial of this study: other settings, or another seed; leave `--from` out",
            count
        )));
    }
    eprintln!("note: {used} of the {count} outcomes of the record answer trials of this study so far");
    Ok(outcomes)
}

fn summary(record: &Record, path: &Path) -> String {
    format!("{}\nrecord  {}\n", report::text(&record.study, &record.report), path.display())
}

/// What a study is run with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// What computes.
    pub device: &'a Opened,
    /// The files that trials read.
    pub context: &'a Context,
    /// How trials are packed.
    pub hardware: Hardware,
    /// Lanes at a time.
    pub jobs: usize,
    /// Raised by whoever wants an end.
    pub stop: &'a AtomicBool,
    /// Told of every step.
    pub progress: &'a Shared,
    /// What stands beside the progress, in place of what a trial is for.
    pub what: Option<&'a str>,
}

/// Runs a study until nothing of it is left, something goes wrong, or somebody wants an end: every outcome, and what went wrong.
pub fn to_its_end(study: &Study, folder: &Folder, outcomes: Outcomes, means: Means) -> (Outcomes, Option<anyhow::Error>) {
    let work = Work::new(study, folder, outcomes, means);
    thread::scope(|scope| {
        (0..means.jobs).for_each(|_| drop(scope.spawn(|| work.work())));
    });
    let Board { planner, failure, .. } = work.board.into_inner().unwrap_or_else(PoisonError::into_inner);
    (planner.into_outcomes(), failure)
}

/// A flag that the first Ctrl+C or SIGTERM raises; the second ends the process as if nobody had listened.
pub fn stop_on_signal() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    let raise = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(1);
        }
    };
    // Without a handler an interruption costs what is being computed, as any other end does.
    let _ = ctrlc::set_handler(raise);
    &STOP
}

/// A study being run by several threads.
struct Work<'a> {
    folder: &'a Folder,
    means: Means<'a>,
    board: Mutex<Board>,
    changed: Condvar,
}

/// What the threads share.
struct Board {
    planner: Planner,
    packer: Packer,
    /// Trials that somebody is busy with.
    taken: BTreeSet<String>,
    /// The first thing that went wrong.
    failure: Option<anyhow::Error>,
}

impl<'a> Work<'a> {
    fn new(study: &Study, folder: &'a Folder, outcomes: Outcomes, means: Means<'a>) -> Self {
        let planner = Planner::new(study, outcomes);
        // A trial that serves several purposes was trained once.
        let done: BTreeMap<&String, u64> = planner
            .trials()
            .iter()
            .filter(|planned| planner.outcomes().contains_key(&planned.id))
            .map(|planned| (&planned.id, planned.trial.updates()))
            .collect();
        means.progress.skip(done.values().sum());
        let board = Mutex::new(Board { planner, packer: Packer::default(), taken: BTreeSet::new(), failure: None });
        Work { folder, means, board, changed: Condvar::new() }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs lanes until there are no more, something goes wrong, or somebody interrupts.
    fn work(&self) {
        while let Some(lane) = self.take() {
            // A panic ends this lane with a sentence and leaves the others to their work.
            let ran = catch_unwind(AssertUnwindSafe(|| self.run(&lane))).unwrap_or_else(|_| {
                let ids: Vec<&str> = lane.iter().map(|planned| planned.id.as_str()).collect();
                Err(anyhow::anyhow!("a mistake in the program ended the trials {}; please report them", ids.join(", ")))
            });
            let mut board = self.board();
            board.taken.retain(|id| lane.iter().all(|planned| planned.id != *id));
            match ran {
                Ok(finished) => finished.into_iter().for_each(|one| board.planner.insert(one.outcome)),
                Err(error) => drop(board.failure.get_or_insert(error)),
            }
            drop(board);
            self.changed.notify_all();
        }
    }

    /// The next lane; waits for the outcomes of others where everything that is ready is taken.
    fn take(&self) -> Option<Vec<Planned>> {
        let mut board = self.board();
        loop {
            if board.failure.is_some() || self.means.stop.load(Ordering::Relaxed) {
                return None;
            }
            let Board { planner, packer, taken, .. } = &mut *board;
            let ready: Vec<&Planned> = planner.ready().filter(|planned| !taken.contains(&planned.id)).collect();
            let lanes = packer.pack(ready.iter().map(|planned| (planned.id.as_str(), &planned.trial)), self.means.hardware);
            if let Some(lane) = lanes.into_iter().next() {
                let lane: Vec<Planned> = lane.into_iter().map(|index| ready[index].clone()).collect();
                taken.extend(lane.iter().map(|planned| planned.id.clone()));
                return Some(lane);
            }
            if board.taken.is_empty() {
                return None;
            }
            board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Has a training run once more whose weights somebody has damaged; it gives the same weights. Of several lanes that find out, one sees
    /// to it; a lane that comes late, when good weights lie there again, leaves them and goes on with those.
    fn again(&self, id: &str, seen: &[u8], reason: &str) -> anyhow::Result<()> {
        let mut board = self.board();
        self.folder.discard_weights(id, seen, &format!("the weights {reason}"))?;
        if !self.folder.has_weights(id) {
            board.planner.remove(id);
        }
        Ok(())
    }

    /// Trains, measures and saves a lane; nothing if somebody interrupts.
    fn run(&self, lane: &[Planned]) -> anyhow::Result<Vec<Finished>> {
        let trials: Vec<Trial> = lane.iter().map(|planned| planned.trial.clone()).collect();
        let origins: BTreeSet<String> = trials.iter().filter_map(Trial::origin).map(|origin| origin.id()).collect();
        let weights = self.folder.origins(&origins)?;
        if let Some(gone) = origins.iter().find(|id| !weights.contains_key(*id)) {
            let mut board = self.board();
            if !self.folder.has_weights(gone) {
                board.planner.remove(gone);
            }
            return Ok(Vec::new());
        }
        let mut running = match Lane::new(&trials, &weights, self.means.context, &self.means.device.device) {
            Err(ModelError::NoOrigin { origin, reason, .. }) => {
                self.again(&origin, weights.get(&origin).map_or(&[], Vec::as_slice), &reason)?;
                return Ok(Vec::new());
            }
            made => made?,
        };
        let what = self.means.what.unwrap_or_else(|| label(&lane[0].role));
        let mut before = 0;
        let finished = pollster::block_on(async {
            loop {
                if self.means.stop.load(Ordering::Relaxed) {
                    return Ok(Vec::new());
                }
                let now = running.step(self.means.device.stride).await?;
                let loss = now.losses.first().copied().flatten();
                self.means.progress.advance((now.done - before) * trials.len() as u64, what, loss);
                before = now.done;
                if now.done == now.total {
                    return running.finish(self.means.device.name).await;
                }
            }
        })?;
        for (planned, finished) in lane.iter().zip(&finished) {
            self.folder.save(finished, planned.role.is_origin(&planned.trial))?;
        }
        Ok(finished)
    }
}

/// What a trial is for, in words that fit beside a bar.
pub fn label(role: &Purpose) -> &'static str {
    match role {
        Purpose::Search { arm: Searched::Reference, .. } => "search the reference",
        Purpose::Search { arm: Searched::Aa, .. } => "search the A/A control",
        Purpose::Search { .. } => "search variants",
        Purpose::Trained { arm: Searched::Reference, .. } => "train the reference",
        Purpose::Trained { arm: Searched::Aa, .. } => "train the A/A control",
        Purpose::Trained { .. } => "train variants",
        Purpose::Untuned { .. } => "train untuned variants",
        Purpose::Matched { .. } => "train at equal size",
        Purpose::ShortRetrain { .. } => "retrain shortly",
        Purpose::Ablated { .. } => "ablate",
        Purpose::AblatedCandidate { .. } => "ablate other references",
        Purpose::Sham { .. } => "fine-tune the sham",
        Purpose::Recovered { .. } => "fine-tune the ablated",
    }
}
