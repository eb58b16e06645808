//! The folder of a study: what was asked, and every outcome in a file of its own.
//!
//! ```text
//! study.json                   the study, complete; its hash says which it is
//! outcomes/<id>.json           what a trial found, named by the hash of the trial
//! weights/<id>.safetensors     trained models that ablation and recovery go on from
//! record.json                  all of it in one file, once a run ends
//! ```
//!
//! A power cut, a full disk or a killed job costs what was being computed and nothing else: every file appears complete or not at all, and
//! an outcome appears after the weights that go with it. There is no index that could disagree with the files, so any number of processes,
//! on one machine or on several that share a disk, may fill one folder.
//!
//! Only files count. A named pipe would be waited for without end, and a link leads out of the folder to what somebody else changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ablation_models::{Finished, implausible, largest_score};
use ablation_protocol::{Outcome, Outcomes, Planned, Study, schedule};
use ablation_report::Record;
use ablation_settings::{read_json, shorten, visible};
use anyhow::{Context, bail};
use serde::Deserialize;

use crate::failure::bad_input;
use crate::file::{self, Replacement};

/// An outcome larger than this, in bytes, is none; a few hundred are usual.
const LARGEST_OUTCOME: u64 = 1 << 16;
/// Digits of a hash in a message.
const HASH: usize = 16;
/// A study larger than this, in bytes, is none.
const LARGEST_STUDY: u64 = 1 << 24;

/// A record larger than this, in bytes, is none.
const LARGEST_RECORD: u64 = 1 << 25;

/// What nobody has written to for so long is left over: a write takes seconds, and on a slow drive minutes.
const ABANDONED: Duration = Duration::from_secs(10 * 60);

const STUDY: &str = "study.json";
const OUTCOMES: &str = "outcomes";
const WEIGHTS: &str = "weights";
const RECORD: &str = "record.json";
const LOCK: &str = ".lock";

/// The folder of a study.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Held for as long as this process may write here.
    _lock: Option<File>,
}

impl Folder {
    /// A folder to read from.
    pub fn at(path: &Path) -> Self {
        Folder { path: path.to_path_buf(), _lock: None }
    }

    /// A folder to write into, made where it is missing. What killed runs left half-written is removed once nobody has written to it for ten minutes.
    ///
    /// # Errors
    /// If it cannot be made or written to, or holds another study.
    pub fn open(path: &Path, study: Option<&Study>) -> anyhow::Result<Self> {
        if path.exists() && !path.is_dir() {
            return Err(bad_input(format!("`{}` is a file; name a folder with `--into`", path.display())));
        }
        refuse_strange(path, &[OUTCOMES, WEIGHTS, STUDY, LOCK])?;
        for folder in [path.to_path_buf(), path.join(OUTCOMES), path.join(WEIGHTS)] {
            fs::create_dir_all(&folder)
                .with_context(|| format!("the folder `{}` cannot be made; may you write there?", folder.display()))?;
        }
        // For reading as well: network drives refuse a shared lock on what is open for writing only.
        let lock = File::options().read(true).write(true).create(true).truncate(false).open(path.join(LOCK));
        let lock = lock.with_context(|| format!("nothing can be written into `{}`; may you write there?", path.display()))?;
        // Whoever is alone here may remove what is half-written: nobody is writing it. Without locks nobody knows, and it stays.
        if lock.try_lock().is_ok() {
            for folder in [path.to_path_buf(), path.join(OUTCOMES), path.join(WEIGHTS)] {
                remove_leftovers(&folder);
            }
            let _ = lock.unlock();
        }
        let _ = lock.lock_shared();
        let folder = Folder { path: path.to_path_buf(), _lock: Some(lock) };
        study.map_or(Ok(()), |study| folder.keep(study))?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a study is in it.
    pub fn has_study(&self) -> bool {
        self.path.join(STUDY).exists()
    }

    /// The study in it.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn study(&self) -> anyhow::Result<Study> {
        refuse_strange(&self.path, &[OUTCOMES, WEIGHTS, STUDY])?;
        let path = self.path.join(STUDY);
        if !self.has_study() {
            return Err(bad_input(format!(
                "the folder `{}` holds no `{STUDY}`, so it is not the folder of a study; `ablation run STUDY --into {0}` makes it one",
                self.path.display()
            )));
        }
        let what = format!("`{}`", path.display());
        let text = file::text(&path, &what, LARGEST_STUDY)?;
        Study::from_json(&text).map_err(|error| {
            bad_input(format!(
                "{what}: {error}. Move the file away and give the study that was run, with `--into {}`: it is written anew, and the outcomes \
                 stay",
                self.path.display()
            ))
        })
    }

    /// That the record in the folder is of another study than this one, which stands beside it: then somebody has edited one of them.
    pub fn differing_record(&self, study: &Study) -> Option<String> {
        #[derive(Deserialize)]
        struct Of {
            study_sha256: String,
        }
        let path = self.path.join(RECORD);
        if !fs::symlink_metadata(&path).is_ok_and(|about| about.is_file()) {
            return None;
        }
        let text = file::text(&path, "the record", LARGEST_RECORD).ok()?;
        let of: Of = serde_json::from_str(&text).ok()?;
        let (hash, record) = (study.hash(), path.display());
        (of.study_sha256 != hash).then(|| {
            format!(
                "`{}` (hash {}) is not the study of `{record}` (hash {}): it was changed after the runs, or copied from elsewhere",
                self.path.join(STUDY).display(),
                shorten(&hash, HASH),
                shorten(&of.study_sha256, HASH)
            )
        })
    }

    /// Puts the study into an empty folder, or sees that it is the one that is there. Of several who find it empty, one puts it.
    fn keep(&self, study: &Study) -> anyhow::Result<()> {
        if !self.has_study() && Replacement::open(&self.path.join(STUDY))?.write_new(study.to_json().as_bytes())? {
            return Ok(());
        }
        self.belongs_to(study)
    }

    /// Sees that the study in the folder is this one.
    ///
    /// # Errors
    /// If it is another one, or cannot be read.
    pub fn belongs_to(&self, study: &Study) -> anyhow::Result<()> {
        let (stored, given) = (self.study()?, study);
        let called = |study: &Study| format!("`{}` (hash {})", study.title, &study.hash()[..16]);
        if stored.hash() != given.hash() {
            return Err(bad_input(format!(
                "the folder `{}` holds the study {}, and this is {}; its outcomes answer another question. Give this study a folder of \
                 its own with `--into`",
                self.path.display(),
                called(&stored),
                called(given)
            )));
        }
        Ok(())
    }

    /// Every outcome that is whole and can have been measured. What is not is reported; `set_aside` moves it out of the way, so that its
    /// trial is run again.
    ///
    /// # Errors
    /// If the folder or an outcome cannot be read.
    pub fn outcomes(&self, study: &Study, set_aside: bool) -> anyhow::Result<Outcomes> {
        refuse_strange(&self.path, &[OUTCOMES, WEIGHTS])?;
        let folder = self.path.join(OUTCOMES);
        let scores = largest_score(&study.settings);
        let mut outcomes = Outcomes::new();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(outcomes),
            entries => entries.with_context(|| format!("the folder `{}` cannot be read", folder.display()))?,
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("the folder `{}` cannot be read", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(id) = name.strip_suffix(".json").filter(|_| !file::is_leftover(&name)) else { continue };
            if let Some(outcome) = self.outcome(id, scores, set_aside)? {
                outcomes.insert(id.to_string(), outcome);
            }
        }
        self.strange_weights(set_aside)?;
        Ok(outcomes)
    }

    /// Reports weights that are no files, and moves them out of the way; their trials are run again.
    fn strange_weights(&self, set_aside: bool) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.path.join(WEIGHTS)).into_iter().flatten().flatten() {
            let path = entry.path();
            let what = if path.is_dir() { Some("a folder") } else { strange(&path) };
            if let (Some("safetensors"), Some(what)) = (path.extension().and_then(|end| end.to_str()), what) {
                damaged(&path, &format!("it is {what} and not a file"), set_aside)?;
            }
        }
        Ok(())
    }

    /// Whether a trial is done: its outcome is there and whole, and so are its weights where they are needed. An outcome that is damaged is
    /// set aside.
    ///
    /// # Errors
    /// If it cannot be read or set aside.
    pub fn has(&self, id: &str, weights: bool) -> anyhow::Result<bool> {
        Ok((!weights || self.has_weights(id)) && self.outcome(id, f64::INFINITY, true)?.is_some())
    }

    /// The outcome of a trial, if it is there and whole. `scores`: the largest score that its data set has.
    fn outcome(&self, id: &str, scores: f64, set_aside: bool) -> anyhow::Result<Option<Outcome>> {
        let path = self.outcome_path(id);
        if path.is_dir() {
            bail!("the outcome `{}` cannot be read: it is a folder; move it out of the folder of the study", path.display());
        }
        if let Some(what) = strange(&path) {
            return damaged(&path, &format!("it is {what} and not a file"), set_aside).map(|()| None);
        }
        let bytes = match file::bytes(&path, LARGEST_OUTCOME) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // Nobody has seen what is in it: an outcome of somebody else, a disk that stumbles, too many open files. It may well be whole.
            read => read.with_context(|| {
                format!(
                    "the outcome `{}` cannot be read, so nobody knows whether its trial is done; may you read it?",
                    path.display()
                )
            })?,
        };
        match parse(bytes, id, scores) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(reason) => damaged(&path, &reason, set_aside).map(|()| None),
        }
    }

    /// Takes out of `outcomes` what cannot be used to go on with `study`: outcomes that lack an evaluation, and references whose weights are gone
    /// although a trial that is not done goes on with them. They are run again, and give what they gave.
    pub fn check(&self, study: &Study, outcomes: &mut Outcomes) {
        drop_unusable(study, outcomes, |planned, outcomes| {
            let origin = || planned.trial.origin().map(|origin| origin.id());
            if outcomes.contains_key(&planned.id) { None } else { origin().filter(|origin| !self.has_weights(origin)) }
        });
    }

    /// The same for whoever only reports, and needs no weights.
    pub fn check_evaluations(&self, study: &Study, outcomes: &mut Outcomes) {
        drop_unusable(study, outcomes, |_, _| None);
    }

    /// Whether the weights of a trial are there.
    pub fn has_weights(&self, id: &str) -> bool {
        fs::symlink_metadata(self.weights_path(id)).is_ok_and(|about| about.is_file())
    }

    /// The weights of every trial that one of these goes on with; those that are not there are left out.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn origins(&self, ids: &BTreeSet<String>) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let mut origins = BTreeMap::new();
        for id in ids.iter().filter(|id| self.has_weights(id)) {
            let path = self.weights_path(id);
            match fs::read(&path) {
                // Somebody has just found them of no use.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                read => {
                    let bytes =
                        read.with_context(|| format!("the weights `{}` cannot be read; may you read them?", path.display()));
                    origins.insert(id.clone(), bytes?);
                }
            }
        }
        Ok(origins)
    }

    /// Moves weights that are of no use out of the way, so that their trial is run again: those that were `seen`. Where others lie there
    /// by now, somebody has made them again, and they stay.
    ///
    /// # Errors
    /// If they cannot be moved.
    pub fn discard_weights(&self, id: &str, seen: &[u8], reason: &str) -> anyhow::Result<()> {
        let path = self.weights_path(id);
        let is_same = self.has_weights(id) && fs::read(&path).is_ok_and(|now| now == seen);
        if is_same { damaged(&path, reason, true) } else { Ok(()) }
    }

    /// Saves what became of a trial: its weights, if another trial may go on with them, then its outcome.
    ///
    /// # Errors
    /// If the disk is full or may not be written to. What was saved before stays.
    pub fn save(&self, finished: &Finished, with_weights: bool) -> anyhow::Result<()> {
        let id = &finished.outcome.trial;
        if let Some(weights) = finished.weights.as_ref().filter(|_| with_weights) {
            Replacement::open(&self.weights_path(id))?.write(weights)?;
        }
        self.save_outcome(&finished.outcome)
    }

    /// Saves what a trial found, without weights.
    ///
    /// # Errors
    /// If the disk is full or may not be written to. What was saved before stays.
    pub fn save_outcome(&self, outcome: &Outcome) -> anyhow::Result<()> {
        let json = serde_json::to_string(outcome)? + "\n";
        Replacement::open(&self.outcome_path(&outcome.trial))?.write(json.as_bytes())
    }

    /// Saves the record of what is known, and says where.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_record(&self, record: &Record) -> anyhow::Result<PathBuf> {
        let path = self.path.join(RECORD);
        Replacement::open(&path)?.write(record.to_json().as_bytes())?;
        Ok(path)
    }

    fn outcome_path(&self, id: &str) -> PathBuf {
        self.path.join(OUTCOMES).join(format!("{id}.json"))
    }

    fn weights_path(&self, id: &str) -> PathBuf {
        self.path.join(WEIGHTS).join(format!("{id}.safetensors"))
    }
}

/// Takes out outcomes that lack an evaluation, and those that `more` names, until none is left: what follows from them goes with them.
fn drop_unusable(study: &Study, outcomes: &mut Outcomes, more: impl Fn(&Planned, &Outcomes) -> Option<String>) {
    loop {
        let incomplete = |planned: &Planned| {
            let outcome = outcomes.get(&planned.id)?;
            (!planned.trial.evaluate.iter().eq(outcome.marks.keys())).then(|| planned.id.clone())
        };
        let trials = schedule(study, outcomes).trials;
        let unusable: BTreeSet<String> = trials
            .iter()
            .filter_map(|planned| incomplete(planned).or_else(|| more(planned, outcomes)))
            .filter(|id| outcomes.contains_key(id))
            .collect();
        if unusable.is_empty() {
            return;
        }
        unusable.iter().for_each(|id| drop(outcomes.remove(id)));
    }
}

/// The outcome of that trial in the bytes of a file, or why it is none.
fn parse(bytes: Vec<u8>, id: &str, scores: f64) -> Result<Outcome, String> {
    let text = file::bounded(bytes, "it", LARGEST_OUTCOME).map_err(|error| error.to_string())?;
    let outcome: Outcome = read_json(&text).map_err(|error| error.to_string())?;
    if outcome.trial != id {
        return Err(format!("it is the outcome of trial {}", outcome.trial));
    }
    implausible(&outcome, scores).map_or(Ok(outcome), Err)
}

/// What a path leads to if it is neither a file nor a folder: reading it may wait without end, or leave the folder.
fn strange(path: &Path) -> Option<&'static str> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    if kind.is_symlink() {
        return Some("a symbolic link");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
    }
    None
}

/// Refuses a study folder in which one of these is neither a file nor a folder.
fn refuse_strange(folder: &Path, names: &[&str]) -> anyhow::Result<()> {
    for path in names.iter().map(|name| folder.join(name)) {
        if let Some(what) = strange(&path) {
            return Err(bad_input(format!(
                "`{}` is {what}, and the folder of a study holds its files itself; remove it, or give another folder with `--into`",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Says that a file is damaged and moves it out of the way, to be looked at by whoever wants to.
fn damaged(path: &Path, reason: &str, set_aside: bool) -> anyhow::Result<()> {
    let shown = path.display();
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    let way_out = if set_aside { format!("set aside as `{}`", Path::new(&aside).display()) } else { "left out".to_string() };
    eprintln!("warning: {}", visible(&format!("`{shown}` is damaged ({reason}); {way_out}, its trial is run again")));
    if !set_aside {
        return Ok(());
    }
    match fs::rename(path, &aside) {
        // Somebody else was quicker.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        moved => moved.with_context(|| format!("`{shown}` cannot be moved; remove it")),
    }
}

/// Removes what nobody has written to for a while. Not every drive keeps what it promises about locks, and no write takes as long.
fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_old = |entry: &DirEntry| {
        let written = entry.metadata().and_then(|about| about.modified()).ok();
        written.and_then(|written| written.elapsed().ok()).is_some_and(|age| age > ABANDONED)
    };
    let left = entries.filter(|entry| file::is_leftover(&entry.file_name().to_string_lossy()) && is_old(entry));
    // One that cannot be removed does no harm.
    left.for_each(|entry| drop(fs::remove_file(entry.path())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_models::Models;
    use ablation_protocol::read_study;
    use serde_json::json;
    use std::sync::Barrier;
    use std::thread;

    fn study(seed: u64) -> Study {
        let json = json!({"version": 2, "preset": "repeat", "seed": seed, "variants": [{"remove": "position"}]});
        read_study(json, &Models).unwrap()
    }

    /// A lane may hold bad weights for a while in which another lane has had them made again.
    #[test]
    fn weights_that_were_made_again_are_not_discarded_for_those_that_were_bad() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path(), None).unwrap();
        let put = |bytes: &[u8]| fs::write(folder.weights_path("0123"), bytes).unwrap();
        let wanted = BTreeSet::from(["0123".to_string(), "4567".to_string()]);
        put(b"bad");
        let seen = folder.origins(&wanted).unwrap();
        assert_eq!(seen.keys().collect::<Vec<_>>(), ["0123"], "what is not there is left out");
        folder.discard_weights("0123", &seen["0123"], "bad").unwrap();
        assert!(!folder.has_weights("0123") && home.path().join("weights/0123.safetensors.damaged").exists());
        put(b"good");
        // The second lane comes late.
        folder.discard_weights("0123", &seen["0123"], "bad").unwrap();
        assert_eq!(fs::read(folder.weights_path("0123")).unwrap(), b"good");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_said_and_never_waited_for() {
        use std::os::unix::fs::symlink;
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path(), None).unwrap();
        let elsewhere = home.path().join("elsewhere");
        fs::write(&elsewhere, "{}").unwrap();
        let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        let [outcome, link] = ["0", "1"].map(|digit| folder.outcome_path(&digit.repeat(16)));
        let [weights, other] = ["2", "3"].map(|digit| folder.weights_path(&digit.repeat(16)));
        pipe(&outcome);
        symlink(&elsewhere, &link).unwrap();
        pipe(&weights);
        symlink(&elsewhere, &other).unwrap();
        assert!(folder.outcomes(&study(0), false).unwrap().is_empty() && strange(&outcome).is_some(), "a report moves nothing");
        assert!(!folder.has_weights(&"2".repeat(16)) && !folder.has_weights(&"3".repeat(16)));
        assert!(folder.outcomes(&study(0), true).unwrap().is_empty());
        assert!([&outcome, &link, &weights, &other].iter().all(|path| fs::symlink_metadata(path).is_err()));
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "{}", "what a link leads to is left alone");
        // What a folder cannot do without is refused.
        for name in [STUDY, OUTCOMES, WEIGHTS, LOCK] {
            let home = tempfile::tempdir().unwrap();
            for (make, what) in
                [(&pipe as &dyn Fn(&Path), "a named pipe"), (&|path| symlink(&elsewhere, path).unwrap(), "a symbolic link")]
            {
                let path = home.path().join(name);
                make(&path);
                let error = Folder::open(home.path(), None).unwrap_err().to_string();
                assert!(error.contains(name) && error.contains(what) && error.contains("remove it"), "{error}");
                if name != LOCK {
                    assert!(Folder::at(home.path()).study().unwrap_err().to_string().contains(what));
                }
                fs::remove_file(&path).unwrap();
            }
        }
    }

    #[test]
    fn of_two_studies_that_begin_at_once_in_one_folder_one_is_refused() {
        let studies = [study(1), study(2)];
        for _ in 0..20 {
            let home = tempfile::tempdir().unwrap();
            let begin = Barrier::new(2);
            let open = &|study| {
                begin.wait();
                Folder::open(home.path(), Some(study)).map(drop)
            };
            let opened = thread::scope(|scope| {
                let started = studies.each_ref().map(|study| scope.spawn(move || open(study)));
                started.map(|one| one.join().unwrap())
            });
            let refused: Vec<String> = opened.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
            assert!(refused.len() == 1 && refused[0].contains("holds the study"), "{refused:?}");
        }
    }
}
