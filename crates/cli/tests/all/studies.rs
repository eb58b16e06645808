//! Whole studies: planned, run, killed, resumed, run by several processes at once, reported. Small enough to take seconds, real in all else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use ablation_models::{Asset, Context};
use ablation_protocol::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::{Ended, ablation};

/// A study of two variants, two search points and two seeds, with so many updates.
fn study(folder: &Path, name: &str, steps: u32) -> PathBuf {
    let text = format!(
        r#"
        version = 2
        title = "{name}"
        preset = "repeat"
        [settings]
        model.width = 8
        model.layers = 1
        train.steps = {steps}
        train.batch = 4
        [[variants]]
        remove = "position"
        [[variants]]
        swap = {{ "model.activation" = "relu" }}
        [search]
        trials = 2
        [final]
        seeds = 2
        [recovery]
        budgets = [0.25, 0.5]
        rates = [0.3, 1.0]
        "#
    );
    let path = folder.join(format!("{name}.toml"));
    fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(study: &Path, into: &Path, more: &[&str]) -> Ended {
    ablation([&["run", text(study), "--into", text(into)], more].concat())
}

fn record(folder: &Path) -> String {
    fs::read_to_string(folder.join("record.json")).unwrap()
}

/// Lets two days pass for everything half-written in a folder.
fn age_leftovers(folder: &Path) {
    for place in ["", "outcomes", "weights"] {
        for entry in fs::read_dir(folder.join(place)).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().ends_with(".part") {
                let file = fs::File::options().write(true).open(entry.path()).unwrap();
                file.set_modified(SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60)).unwrap();
            }
        }
    }
}

fn outcomes(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder.join("outcomes")).into_iter().flatten();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name.ends_with(".json")).collect()
}

/// A study that was run without interruption: its file, its folder, its record.
fn finished(steps: u32) -> (TempDir, PathBuf, PathBuf, String) {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "tiny", steps);
    run(&study, &home.path().join("whole"), &["--jobs", "2"]).worked();
    let whole = home.path().join("whole");
    let record = record(&whole);
    (home, study, whole, record)
}

fn spawn(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablation"));
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_study_runs_to_its_record_and_is_reported() {
    let (home, study, folder, stored) = finished(20);
    let json: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!((&json["schema"], &json["study"]["title"]), (&"ablation-record/v2".into(), &"tiny".into()));
    assert_eq!(json["report"]["progress"]["complete"], true);
    // A finished study has nothing to do, and says the same again.
    assert!(run(&study, &folder, &[]).worked().contains("complete: "));
    assert_eq!(record(&folder), stored);
    assert_eq!(ablation(["plan", text(&study), "--into", text(&folder)]).worked(), "");
    let file = folder.join("record.json");
    for source in [text(&folder), text(&file)] {
        let report = |format: &str| ablation(["report", source, "--format", format]).worked();
        assert!(report("text").contains("disruption (D − R)"));
        assert!(report("markdown").starts_with("# ") && report("html").contains("<svg"));
        assert!(report("table").contains("| component |") && report("latex").contains("\\toprule"));
        assert!(report("csv").starts_with("component,label,question"));
        assert!(report("card").starts_with("{\"schema\""));
        assert_eq!(report("json"), stored);
        let lint = ablation(["lint", source, "--json"]);
        assert_eq!(lint.code, Some(1), "two seeds prove nothing");
        let found: Value = serde_json::from_str(&lint.out).unwrap();
        assert!(found["findings"].as_array().unwrap().iter().any(|finding| finding["code"] == "few-units"));
        assert!(ablation(["lint", source]).out.contains("error [few-units] final.seeds"));
    }
    let svg = home.path().join("figures");
    ablation(["report", text(&folder), "--svg", text(&svg)]).worked();
    let figures: Vec<PathBuf> = fs::read_dir(&svg).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(figures.len() > 3 && figures.iter().all(|figure| fs::read_to_string(figure).unwrap().starts_with("<svg")));
    // What was changed afterwards is found.
    fs::write(&file, stored.replace("\"seed\":0", "\"seed\":1")).unwrap();
    ablation(["report", text(&file)]).refused(&["record.json", "the study hashes to"]);
}

#[test]
fn neither_jobs_nor_packing_change_the_record() {
    let (home, study, _, stored) = finished(20);
    for jobs in ["1", "3"] {
        let folder = home.path().join(jobs);
        run(&study, &folder, &["--jobs", jobs]).worked();
        assert_eq!(record(&folder), stored, "--jobs {jobs}");
    }
}

/// What a browser found, or another release, is not found again.
#[test]
fn a_study_goes_on_from_a_record() {
    let (home, study, whole, stored) = finished(20);
    let file = whole.join("record.json");
    let goes_on = |name: &str, record: &Path| {
        let folder = home.path().join(name);
        let ended = run(&study, &folder, &["--from", text(record)]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        (folder, ended.err)
    };
    let all: Value = serde_json::from_str(&stored).unwrap();
    let count = all["outcomes"].as_object().unwrap().len();
    // A report that does not follow, as an older release may have written it, and a study that is told differently.
    let mut older = all.clone();
    older["report"]["analysis"] = Value::Null;
    older["study"]["title"] = "told differently".into();
    let old = home.path().join("old.json");
    fs::write(&old, older.to_string()).unwrap();
    let (folder, message) = goes_on("old", &old);
    assert_eq!(record(&folder), stored);
    assert!(message.contains(&format!("{count} of the {count} outcomes")), "{message}");
    assert!(message.contains("cannot be verified, and its outcomes are taken as they stand: `study_sha256`"), "{message}");
    assert_eq!(fs::read_dir(folder.join("weights")).unwrap().count(), 0, "nothing was trained");
    // A record of a part: the rest is run, and what it goes on with as well.
    let mut part = all.clone();
    let outcomes = part["outcomes"].as_object_mut().unwrap();
    let ids: Vec<String> = outcomes.keys().cloned().collect();
    ids.iter().step_by(3).for_each(|id| drop(outcomes.remove(id)));
    let partly = home.path().join("part.json");
    fs::write(&partly, part.to_string()).unwrap();
    let (folder, _) = goes_on("part", &partly);
    let again: Value = serde_json::from_str(&record(&folder)).unwrap();
    assert_eq!(again["report"]["progress"], all["report"]["progress"]);
    assert_eq!(again["outcomes"].as_object().unwrap().len(), count);
    // What answers nothing here is refused, and so is what is no record.
    let other = self::study(home.path(), "other", 21);
    let refuse =
        |record: &Path| ablation(["run", text(&other), "--into", text(&home.path().join("other")), "--from", text(record)]);
    refuse(&file).refused(&["record.json", "none answers a trial of this study"]);
    refuse(&other).refused(&["other.toml", "this is not JSON"]);
    assert!(!home.path().join("other").exists(), "nothing was begun");
    // What cannot be used is refused before anything of it is kept.
    let spoilt = home.path().join("spoilt.json");
    let refuse = |change: &dyn Fn(&mut serde_json::Map<String, Value>), words: &[&str]| {
        let mut json = all.clone();
        change(json["outcomes"].as_object_mut().unwrap());
        fs::write(&spoilt, json.to_string()).unwrap();
        let into = home.path().join("spoilt");
        ablation(["run", text(&study), "--into", text(&into), "--from", text(&spoilt)]).refused(words);
        assert!(!into.exists());
    };
    let id = ids[0].clone();
    let endless = |outcomes: &mut serde_json::Map<String, Value>| {
        outcomes.values_mut().filter_map(|one| one.get_mut("test")).for_each(|test| test[0] = 1e200.into());
    };
    refuse(&endless, &["spoilt.json", "outcomes", "1e100"]);
    let lie = |place: usize, value: f64| {
        let id = id.clone();
        move |outcomes: &mut serde_json::Map<String, Value>| outcomes[&id]["tune"][place] = value.into()
    };
    refuse(&lie(0, -7.0), &["spoilt.json", &format!("`outcomes.{id}`"), "its loss on the tuning split is -7.0"]);
    refuse(&lie(1, 99.0), &["spoilt.json", &format!("`outcomes.{id}`"), "its score on the tuning split is 99.0"]);
    refuse(&|outcomes| drop(outcomes.insert("../../climbs".into(), outcomes[&id].clone())), &["is no id of a trial"]);
    // What is there already is kept: the folder's own run, not the stranger's.
    let mut lies = all.clone();
    lies["outcomes"][&id]["tune"][0] = 0.5.into();
    fs::write(&spoilt, lies.to_string()).unwrap();
    assert_eq!(run(&study, &whole, &["--from", text(&spoilt)]).code, Some(0));
    assert_eq!(record(&whole), stored);
}

#[test]
fn a_folder_is_a_study_and_has_the_name_of_its_file() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "named", 4);
    ablation(["run", text(&study)]).worked();
    let folder = home.path().join("named.study");
    let stored = record(&folder);
    fs::remove_dir_all(folder.join("outcomes")).unwrap();
    ablation(["run", text(&folder)]).worked();
    assert_eq!(record(&folder), stored);
    let summary = ablation(["plan", text(&study), "--summary"]).worked();
    assert!(summary.contains("search     reference") && summary.contains("ready   nothing"), "{summary}");
}

/// Without a graphics card there is one device; and what one device began the faster one does not go on with.
#[test]
fn the_faster_device_is_the_one_that_can_be_used_or_that_the_study_was_begun_on() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "devices", 4);
    let folder = home.path().join("devices.study");
    let planned = ablation(["plan", text(&study)]).worked();
    let first = run(&study, &folder, &["--device", "faster"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    let stored = record(&folder);
    if cfg!(not(feature = "gpu")) {
        assert!(first.err.contains("the study runs on the CPU: this `ablation` was built without GPU support"), "{}", first.err);
        let on_cpu = home.path().join("cpu.study");
        run(&study, &on_cpu, &["--device", "cpu"]).worked();
        assert_eq!(record(&on_cpu), stored);
    }
    let again = run(&study, &folder, &["--device", "faster"]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert!(again.err.contains("it goes on there"), "{}", again.err);
    assert_eq!(record(&folder), stored);
    let elsewhere = home.path().join("elsewhere");
    let line = planned.lines().next().unwrap();
    ablation(["run", "--trial", line, "--into", text(&elsewhere), "--device", "faster"]).refused(&["write `--device cpu`"]);
}

/// Kills a run again and again, at moments that nobody chose, and lets the last one end.
#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_record() {
    let wanted: usize = std::env::var("ABLATION_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5);
    let (home, study, _, stored) = finished(300);
    // Enough randomness to hit other moments every time; printed, because a failure has to be found again.
    let mut state = std::time::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    println!("kills from {state}");
    let mut kills = 0;
    for attempt in 0.. {
        let folder = home.path().join(format!("killed-{attempt}"));
        loop {
            let before = outcomes(&folder);
            age_leftovers(&folder);
            let mut child = spawn(&["run", text(&study), "--into", text(&folder), "--jobs", "2"]);
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            thread::sleep(Duration::from_millis(u64::from(state >> 16) % 400));
            let enough = kills >= wanted;
            if !enough && child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                kills += 1;
            }
            let status = child.wait().unwrap();
            assert!(outcomes(&folder).is_superset(&before), "what was saved stays");
            if status.success() {
                break;
            }
        }
        assert_eq!(record(&folder), stored, "after {kills} kills");
        for place in ["", "outcomes", "weights"] {
            let names = fs::read_dir(folder.join(place)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            assert!(names.into_iter().all(|name| !name.ends_with(".part") && !name.ends_with(".damaged")), "{place}");
        }
        if kills >= wanted {
            println!("{kills} kills in {} runs", attempt + 1);
            return;
        }
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_saves_the_record_and_the_same_command_goes_on() {
    let (home, study, _, stored) = finished(300);
    for signal in ["INT", "TERM"] {
        let folder = home.path().join(signal);
        let child = Command::new(env!("CARGO_BIN_EXE_ablation"))
            .args(["run", text(&study), "--into", text(&folder), "--jobs", "1"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while outcomes(&folder).is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let ended = child.wait_with_output().unwrap();
        let message = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{message}");
        assert!(message.starts_with("error: interrupted; ") && message.contains("the same command goes on"), "{message}");
        let report = ablation(["report", text(&folder.join("record.json"))]).worked();
        assert!(report.contains("not complete"), "{report}");
        run(&study, &folder, &[]).worked();
        assert_eq!(record(&folder), stored, "{signal}");
    }
}

#[test]
fn several_processes_share_a_folder_and_give_the_same_record() {
    let (home, study, _, stored) = finished(20);
    let folder = home.path().join("shared");
    let mut rounds = 0;
    loop {
        let plan = ablation(["plan", text(&study), "--into", text(&folder)]).worked();
        if plan.is_empty() {
            break;
        }
        rounds += 1;
        let lines: Vec<&str> = plan.lines().collect();
        for lines in lines.chunks(6) {
            // Every line twice: two workers may be given the same one.
            let workers = lines.iter().chain(lines).map(|line| spawn(&["run", "--trial", line, "--into", text(&folder)]));
            let workers: Vec<Child> = workers.collect();
            workers.into_iter().for_each(|mut worker| assert!(worker.wait().unwrap().success()));
        }
        // Half of them are done again, and say that they are done.
        assert_eq!(ablation(["run", "--trial", lines[0], "--into", text(&folder)]).worked(), "");
    }
    assert!(rounds >= 4, "search, searches, final trainings, ablations and recovery");
    run(&study, &folder, &[]).worked();
    assert_eq!(record(&folder), stored);
}

#[test]
fn damaged_files_are_reported_set_aside_and_made_again() {
    let (_home, study, folder, stored) = finished(20);
    let names: Vec<String> = outcomes(&folder).into_iter().collect();
    let path = |index: usize| folder.join("outcomes").join(&names[index]);
    let whole = fs::read_to_string(path(0)).unwrap();
    fs::write(path(0), &whole[..whole.len() / 2]).unwrap();
    fs::write(path(1), &whole).unwrap();
    fs::write(path(2), "").unwrap();
    fs::write(path(3), [0xff, 0xfe, 0]).unwrap();
    fs::write(path(4), "x".repeat(1 << 17)).unwrap();
    fs::write(folder.join("outcomes/.ablation-abc123.part"), "half").unwrap();
    age_leftovers(&folder);
    // Somebody may still be writing this one.
    fs::write(folder.join("outcomes/.ablation-def456.part"), "half").unwrap();
    fs::write(folder.join("outcomes/notes.txt"), "not ours").unwrap();
    // A report does not touch them.
    let report = ablation(["report", text(&folder)]);
    assert_eq!(report.code, Some(0));
    assert!(report.err.matches("is damaged").count() == 5 && report.err.contains("left out"), "{}", report.err);
    let ended = run(&study, &folder, &[]);
    assert_eq!((ended.code, ended.err.matches("warning: ").count()), (Some(0), 5), "{}", ended.err);
    for words in [
        "EOF while parsing",
        &format!("the outcome of trial {}", &names[0][..16]),
        "UTF-16 and not UTF-8 text",
        "more than 65536 bytes",
    ] {
        assert!(ended.err.contains(words), "`{words}` in {}", ended.err);
    }
    assert_eq!(record(&folder), stored);
    assert!(folder.join(format!("outcomes/{}.damaged", names[0])).exists());
    assert!(!folder.join("outcomes/.ablation-abc123.part").exists() && folder.join("outcomes/.ablation-def456.part").exists());
    assert!(folder.join("outcomes/notes.txt").exists());
}

/// An outcome is a file that anybody can edit, and a release of tomorrow may compute otherwise.
#[test]
fn outcomes_that_nobody_can_have_measured_are_set_aside_and_made_again() {
    let (_home, study, folder, stored) = finished(4);
    let names: Vec<String> = outcomes(&folder).into_iter().collect();
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 5] = [
        ("its loss on the tuning split is 1e308", |json| json["marks"]["tune"]["loss"] = 1e308.into()),
        ("its loss on the tuning split is -0.5", |json| json["marks"]["tune"]["loss"] = (-0.5).into()),
        ("its score on the tuning split is 1.5", |json| json["marks"]["tune"]["score"] = 1.5.into()),
        ("its loss of the untrained model", |json| json["marks"]["tune"]["untrained"] = (-1).into()),
        ("version 4000 of the arithmetic", |json| json["numerics"] = 4000.into()),
    ];
    for (name, (_, change)) in names.iter().zip(&changes) {
        let path = folder.join("outcomes").join(name);
        let mut json: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut json);
        fs::write(&path, json.to_string()).unwrap();
    }
    let ended = run(&study, &folder, &[]);
    assert_eq!((ended.code, ended.err.matches("set aside as").count()), (Some(0), changes.len()), "{}", ended.err);
    changes.iter().for_each(|(words, _)| assert!(ended.err.contains(words), "{words}: {}", ended.err));
    assert_eq!(record(&folder), stored);
}

#[test]
fn a_study_that_was_edited_beside_its_record_is_said_and_a_damaged_one_has_a_way_out() {
    let (_home, study, folder, stored) = finished(4);
    let file = folder.join("study.json");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replace("\"seed\":0", "\"seed\":1")).unwrap();
    for command in [&["report", text(&folder)][..], &["plan", text(&folder), "--summary"]] {
        let ended = ablation(command);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.err.contains("is not the study of") && ended.err.contains("record.json"), "{}", ended.err);
    }
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    ablation(["report", text(&folder)]).refused(&["study.json", "Move the file away", "--into"]);
    fs::remove_file(&file).unwrap();
    run(&study, &folder, &[]).worked();
    assert_eq!((record(&folder), fs::read_to_string(&file).unwrap()), (stored, whole));
}

/// A folder in the place of the lock stands for a folder that nobody may write to; rights do not, as not everybody is bound by them.
#[test]
fn what_needs_no_writing_works_where_nothing_can_be_written() {
    let (home, study, folder, _) = finished(4);
    fs::remove_file(folder.join(".lock")).unwrap();
    fs::create_dir(folder.join(".lock")).unwrap();
    assert!(run(&study, &folder, &[]).worked().contains("complete: "));
    assert!(ablation(["plan", text(&study), "--summary", "--into", text(&folder)]).worked().contains("ready   nothing"));
    // With something left to be run it is said.
    fs::remove_file(folder.join("outcomes").join(outcomes(&folder).pop_first().unwrap())).unwrap();
    let ended = run(&study, &folder, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("nothing can be written into"), "{}", ended.err);
    // Whoever only asks leaves nothing behind.
    let new = home.path().join("new");
    assert!(ablation(["plan", text(&study), "--summary", "--into", text(&new)]).worked().contains("done    0"));
    assert!(!new.exists());
}

/// A folder in the place of a file stands for whatever keeps a file from being read; rights do not, as not everybody is bound by them.
#[test]
fn what_cannot_be_read_is_not_taken_for_damaged() {
    let (_home, study, folder, stored) = finished(4);
    let name = outcomes(&folder).pop_first().unwrap();
    let (path, kept) = (folder.join("outcomes").join(&name), folder.join("kept"));
    fs::rename(&path, &kept).unwrap();
    let line = ablation(["plan", text(&study), "--into", text(&folder)]).worked();
    fs::create_dir(&path).unwrap();
    for arguments in [
        &["run", text(&study), "--into", text(&folder)][..],
        &["run", "--trial", line.lines().next().unwrap(), "--into", text(&folder)],
        &["plan", text(&study), "--into", text(&folder)],
        &["report", text(&folder)],
    ] {
        let ended = ablation(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
        assert!(
            ended.err.contains(&name) && ended.err.contains("cannot be read") && !ended.err.contains("damaged"),
            "{}",
            ended.err
        );
        assert!(path.is_dir(), "it stays where it is");
    }
    fs::remove_dir(&path).unwrap();
    fs::rename(&kept, &path).unwrap();
    run(&study, &folder, &[]).worked();
    assert_eq!(record(&folder), stored);
}

#[test]
fn an_outcome_without_an_evaluation_and_weights_that_are_gone_or_broken_are_made_again() {
    let (_home, study, folder, stored) = finished(20);
    let forget_continuations = || {
        for name in outcomes(&folder) {
            let path = folder.join("outcomes").join(&name);
            // Only what goes on with weights is measured after the fact; it is enough to forget everything but the references.
            if !folder.join("weights").join(name.replace(".json", ".safetensors")).exists() {
                fs::remove_file(path).unwrap();
            }
        }
    };
    let weights: Vec<PathBuf> = fs::read_dir(folder.join("weights")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(weights.len(), 2, "one a final seed of the reference, and no more");
    forget_continuations();
    fs::write(&weights[0], &fs::read(&weights[0]).unwrap()[..100]).unwrap();
    fs::remove_file(&weights[1]).unwrap();
    let ended = run(&study, &folder, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains(".safetensors` is damaged"), "{}", ended.err);
    assert_eq!(record(&folder), stored);
    // An outcome that is whole but lacks what its trial asks for.
    let name = outcomes(&folder)
        .into_iter()
        .find(|name| fs::read_to_string(folder.join("outcomes").join(name)).unwrap().contains("\"test\""));
    let path = folder.join("outcomes").join(name.unwrap());
    let mut json: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    json["marks"].as_object_mut().unwrap().remove("test");
    fs::write(&path, json.to_string()).unwrap();
    ablation(["report", text(&folder)]).worked();
    run(&study, &folder, &[]).worked();
    assert_eq!(record(&folder), stored);
}

/// What a cluster does: it runs the lines of a plan until there are none.
#[test]
fn broken_weights_fail_the_line_that_needs_them_and_the_next_plan_makes_them_again() {
    let (home, study, _, stored) = finished(20);
    let folder = home.path().join("lines");
    let plan = || {
        let plan = ablation(["plan", text(&study), "--into", text(&folder)]).worked();
        plan.lines().map(str::to_string).collect::<Vec<_>>()
    };
    let trial = |line: &String| ablation(["run", "--trial", line, "--into", text(&folder)]);
    let goes_on = |line: &String| serde_json::from_str::<Value>(line).unwrap()["trial"]["stages"].as_array().unwrap().len() > 1;
    while !plan().iter().any(goes_on) {
        plan().iter().for_each(|line| drop(trial(line).worked()));
    }
    for entry in fs::read_dir(folder.join("weights")).unwrap() {
        let path = entry.unwrap().path();
        fs::write(&path, &fs::read(&path).unwrap()[..100]).unwrap();
    }
    for line in plan().iter().filter(|line| goes_on(line)) {
        let ended = trial(line);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.err.contains("again") && !ended.err.contains("panicked"), "{}", ended.err);
    }
    assert!(!plan().iter().any(goes_on), "what they go on with comes first");
    for round in 0.. {
        let lines = plan();
        if lines.is_empty() {
            break;
        }
        assert!(round < 10, "{lines:?}");
        lines.iter().for_each(|line| drop(trial(line).worked()));
    }
    run(&study, &folder, &[]).worked();
    assert_eq!(record(&folder), stored);
}

/// The weights of one study's reference, evaluated again by whoever has nothing but the file.
#[test]
fn a_trial_may_begin_with_a_file_that_it_names_by_its_content() {
    let (home, _, folder, _) = finished(20);
    let file = fs::read_dir(folder.join("weights")).unwrap().next().expect("references are kept").unwrap().path();
    let id = file.file_stem().unwrap().to_str().unwrap();
    let outcome: Value = serde_json::from_slice(&fs::read(folder.join("outcomes").join(format!("{id}.json"))).unwrap()).unwrap();
    let sha256 = Context::default().add(Asset::Weights, fs::read(&file).unwrap());
    let plan = ablation(["plan", text(&folder), "--into", text(&home.path().join("new"))]).worked();
    let line: Value = serde_json::from_str(plan.lines().next().unwrap()).unwrap();
    let mut trial = line["trial"].clone();
    trial["stages"] = json!([{"init": {"file": sha256}, "steps": 0}]);
    trial["seeds"] = json!({"init": 0, "data": 0});
    trial["evaluate"] = json!(["test"]);
    let elsewhere = home.path().join("elsewhere");
    let line = json!({"trial": trial}).to_string();
    let run = |arguments: &[&str]| ablation([&["run", "--trial", &line, "--into", text(&elsewhere)][..], arguments].concat());
    run(&[]).refused(&[&sha256, "it is not here", "give the file"]);
    let wrong = home.path().join("wrong.safetensors");
    fs::write(&wrong, "x").unwrap();
    let other = Context::default().add(Asset::Weights, b"x".to_vec());
    run(&["--weights", text(&wrong)]).refused(&[&sha256, "wrong.safetensors", &other]);
    run(&["--weights", text(&home.path().join("none"))]).refused(&["the weights", "none", "cannot be read"]);
    run(&["--weights", text(&file)]).worked();
    let found = fs::read_dir(elsewhere.join("outcomes")).unwrap().next().unwrap().unwrap().path();
    let found: Value = serde_json::from_slice(&fs::read(found).unwrap()).unwrap();
    assert!(found["marks"]["test"]["loss"].is_number(), "{found}");
    assert_eq!(outcome["numerics"], found["numerics"]);
}

/// Pretrained on a mixture, then trained on its own data: two trials, each in a file of its own.
#[test]
fn a_trial_of_a_mixture_runs_from_its_file_and_another_goes_on_from_it() {
    let home = tempfile::tempdir().unwrap();
    let plan = ablation(["plan", text(&study(home.path(), "tiny", 4))]).worked();
    let mut trial = serde_json::from_str::<Value>(plan.lines().next().unwrap()).unwrap()["trial"].clone();
    let [positions, letters] = ["data.length", "data.vocabulary"].map(|path| trial["settings"][path].as_i64().unwrap());
    trial["evaluate"] = json!(["tune", "test"]);
    let (folder, file) = (home.path().join("mine"), home.path().join("trial.json"));
    let run = |trial: &Value| {
        fs::write(&file, json!({"trial": trial}).to_string() + "\n").unwrap();
        ablation(["run", "--trial", text(&file), "--into", text(&folder)])
    };
    // A start mark is a token as well.
    let first = json!({"data.kind": "first", "data.vocabulary": letters - 1});
    let stage = |weights: [f64; 2], set: &Value| json!({"init": "scratch", "steps": 4, "data": [{"set": {}, "weight": weights[0]}, {"set": set, "weight": weights[1]}]});
    trial["stages"] = json!([stage([3.0, 1.0], &first)]);
    run(&trial).worked();
    assert_eq!(outcomes(&folder).len(), 1);
    trial["stages"].as_array_mut().unwrap().push(json!({"init": "previous", "steps": 2}));
    run(&trial).worked();
    assert_eq!(outcomes(&folder).len(), 2);
    // A third stage ablates what the second trained.
    trial["stages"]
        .as_array_mut()
        .unwrap()
        .push(json!({"init": "previous", "steps": 0, "ablations": [{"site": "blocks.0.mlp", "operator": "mean"}]}));
    run(&trial).worked();
    assert_eq!(outcomes(&folder).len(), 3);
    // Without the weights of the second it says what to run, and that makes them again.
    let third = trial.clone();
    let kept = fs::read_dir(folder.join("weights")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    kept.iter().for_each(|path| fs::remove_file(path).unwrap());
    fs::remove_file(
        folder.join("outcomes").join(format!("{}.json", serde_json::from_value::<Trial>(third.clone()).unwrap().id())),
    )
    .unwrap();
    let ended = run(&third);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    for words in ["run that trial first", "without its last stage", "`tune` and `test`"] {
        assert!(ended.err.contains(words), "`{words}` in {}", ended.err);
    }
    for stages in 1..=3 {
        let mut trial = third.clone();
        trial["stages"].as_array_mut().unwrap().truncate(stages);
        run(&trial).worked();
    }
    assert_eq!(outcomes(&folder).len(), 3);
    for (weights, set, said) in [
        ([0.0, 0.0], &first, "`stages[0].data`: the weights are all 0"),
        ([1.0, -2.0], &first, "`stages[0].data[1].weight`: this is -2"),
        ([1.0, 1.0], &json!({"data.length": positions + 2}), "and the model reads"),
        ([1.0, 1.0], &json!({"model.width": 4}), "`model.width` is no setting of this data"),
    ] {
        trial["stages"] = json!([stage(weights, set)]);
        run(&trial).refused(&[said]);
    }
    assert_eq!(outcomes(&folder).len(), 3);
    ablation(["run", "--trial", "no/such.json", "--into", text(&folder)])
        .refused(&["`no/such.json` that `--trial` names", "cannot be read"]);
}

/// Momentum comes with gradient descent and goes with it, and no head is left out that another number of heads does not have.
#[test]
fn a_variant_may_choose_what_brings_settings_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    for (reference, change) in [("adamw", "sgd"), ("sgd", "adamw")] {
        let path = study(home.path(), change, 4);
        let text_of = fs::read_to_string(&path).unwrap();
        let swapped = text_of
            .replace("\"model.activation\" = \"relu\"", &format!("\"train.optimizer\" = \"{change}\""))
            .replace("train.steps = 4", &format!("train.steps = 4\n        train.optimizer = \"{reference}\""));
        fs::write(&path, swapped).unwrap();
        let folder = home.path().join(format!("{change}.study"));
        let said = run(&path, &folder, &[]).worked();
        assert!(said.contains("complete") && !said.contains("not complete"), "{said}");
        ablation(["report", text(&folder.join("record.json"))]).worked();
    }
}

#[test]
fn a_folder_of_another_study_is_refused_with_both_names() {
    let (home, _, folder, stored) = finished(4);
    let other = study(home.path(), "other", 5);
    for command in ["run", "plan"] {
        ablation([command, text(&other), "--into", text(&folder)]).refused(&[
            "holds the study `tiny`",
            "this is `other`",
            "--into",
        ]);
    }
    assert_eq!(record(&folder), stored);
}

#[test]
fn a_plan_knows_the_folder_of_its_study_without_being_told() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "tiny", 4);
    ablation(["run", text(&study)]).worked();
    let summary = || ablation(["plan", text(&study), "--summary"]).worked();
    let complete = summary();
    assert!(complete.contains("ready   nothing"), "{complete}");
    // Whole, and of a trial that this study does not ask for.
    let (folder, other) = (home.path().join("tiny.study/outcomes"), "f".repeat(64));
    let name = outcomes(&home.path().join("tiny.study")).pop_first().unwrap();
    let outcome = fs::read_to_string(folder.join(&name)).unwrap().replace(name.trim_end_matches(".json"), &other);
    fs::write(folder.join(other + ".json"), outcome).unwrap();
    assert_eq!(summary(), complete);
    // The study was changed after its folder was made.
    fs::write(&study, fs::read_to_string(&study).unwrap().replace("train.steps = 4", "train.steps = 5")).unwrap();
    for more in [&[][..], &["--summary"]] {
        let words = ["holds the study `tiny`", "--into"];
        ablation([&["plan", text(&study)], more].concat()).refused(&words);
    }
    // A folder of that name that is no study's has nothing to say.
    fs::remove_file(home.path().join("tiny.study/study.json")).unwrap();
    assert!(!ablation(["plan", text(&study)]).worked().is_empty());
}

#[test]
fn places_that_cannot_be_written_are_said_before_anything_is_trained() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "tiny", 20_000);
    run(&study, &study, &[]).refused(&["is a file", "--into"]);
    let below = study.join("below");
    let ended = run(&study, &below, &[]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("cannot be made"), "{}", ended.err);
    ablation(["report", text(home.path())]).refused(&["holds no `study.json`"]);
    ablation(["report", "no/such/folder"]).refused(&["no/such/folder", "cannot be read"]);
}

/// A limit on the size of files ends a write as a full disk does. Weights are larger than it, outcomes are not.
#[cfg(unix)]
#[test]
fn a_full_disk_is_a_sentence_and_what_was_saved_stays() {
    let (home, study, _, stored) = finished(20);
    let folder = home.path().join("full");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" run \"$1\" --into \"$2\" --jobs 1";
    let ended =
        Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_ablation"), text(&study), text(&folder)]).output().unwrap();
    let message = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{message}");
    assert!(
        message.starts_with("error: ") && message.contains("outcomes are saved in") && message.contains("could not be written"),
        "{message}"
    );
    assert!(!outcomes(&folder).is_empty());
    run(&study, &folder, &[]).worked();
    assert_eq!(record(&folder), stored);
}

#[test]
fn a_stranger_s_words_cannot_steer_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "steering", 4);
    let words = "title = \"\\u001b[2Ja\"\n        claim = \"\\u009b2Jb\"";
    let steering = fs::read_to_string(&study).unwrap().replace("title = \"steering\"", words);
    fs::write(&study, steering.replace("remove =", "name = \"\\u001b[2Jc\"\n        remove =")).unwrap();
    let folder = home.path().join("steering.study");
    for arguments in [&["plan", text(&study), "--summary"][..], &["run", text(&study)], &["report", text(&folder)]] {
        let out = ablation(arguments).worked();
        assert!(out.contains("\\u001b[2Ja") && !out.contains(['\u{1b}', '\u{9b}']), "{out:?}");
    }
    assert!(!ablation(["lint", text(&folder)]).out.contains(['\u{1b}', '\u{9b}']));
}

#[test]
fn studies_that_cannot_be_read_are_refused_by_line_or_field() {
    let home = tempfile::tempdir().unwrap();
    let refused = |name: &str, text: &str, words: &[&str]| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        for command in ["plan", "run"] {
            ablation([command, path.to_str().unwrap()]).refused(&[&[name], words].concat());
        }
    };
    refused("a.toml", "version = 2\ntier = gold\n", &["not TOML in line 2, column 8"]);
    refused("b.toml", "version = 2\nversion = 2\n", &["line 2", "duplicate key"]);
    refused("c.toml", "version = 2\nteir = \"gold\"\n[[variants]]\nremove = \"position\"\n", &["`teir`", "did you mean `tier`?"]);
    refused(
        "d.toml",
        "version = 2\n[[variants]]\nremove = \"positions\"\n",
        &["`variants[0].remove`: there is no component `positions`"],
    );
    refused("e.toml", "", &["`version`: it is missing"]);
    refused("f.json", "{\"version\": 1,", &["not JSON", "line 1"]);
    refused("g.json", "[]", &["this is a list"]);
    let twice = r#"{"version": 2, "variants": [{"remove": "position"}],
 "final": {"seeds": 6, "seeds": 7}}"#;
    refused("k.json", twice, &["the key `final.seeds` stands twice; keep one of them", "line 2"]);
    let dotted = r#"{"version": 2, "settings": {"train": {"steps": 4}, "train.steps": 5}, "variants": [{"remove": "position"}]}"#;
    refused("l.json", dotted, &["`settings.train.steps`: it stands twice, nested and with dots"]);
    let dotted = "version = 2\n[settings]\ntrain.steps = 4\n\"train.steps\" = 5\n[[variants]]\nremove = \"position\"\n";
    refused("m.toml", dotted, &["`settings.train.steps`: it stands twice"]);
    refused("h", "{\"version\": 3}", &["this release reads version 2"]);
    refused(
        "i.toml",
        "version = 2\nmargin = nan\n[[variants]]\nremove = \"position\"\n",
        &["`margin`: NaN is not a finite number"],
    );
    ablation(["run", "no/such.toml"]).refused(&["no/such.toml", "cannot be read"]);
    ablation(["run"]).refused(&["<STUDY>"]);
    ablation(["run", "x.toml", "--jobs", "0"]).refused(&["--jobs"]);
    ablation(["run", "x.toml", "--jobs", "100000"]).refused(&["`--jobs 100000` is more than 256"]);
}

/// Messages and records name a trial by its id.
#[test]
fn a_trial_is_run_by_its_id_once_the_study_asks_for_it() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "tiny", 4);
    let folder = home.path().join("folder");
    let trial = |id: &str| ablation(["run", "--trial", id, "--into", text(&folder)]);
    trial("0123456789abcdef").refused(&["holds no study that asks for it", "give the study as well"]);
    assert!(!folder.exists());
    ablation(["run", text(&study), "--trial", "0123456789abcdef", "--into", text(&folder)])
        .refused(&["so far", "that are ready"]);
    let ids = || -> Vec<String> {
        let plan = ablation(["plan", text(&study), "--into", text(&folder)]).worked();
        plan.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_string()).collect()
    };
    let first = ids().remove(0);
    trial(&first[..8]).worked();
    trial(&first).worked();
    assert_eq!(outcomes(&folder), BTreeSet::from([format!("{first}.json")]));
    assert!(!ids().contains(&first));
    trial("0123456789abcdef").refused(&["does not ask for a trial 0123456789abcdef so far", "that are ready"]);

    let (_home, study, folder, _) = finished(4);
    let trial = |id: &str| ablation(["run", "--trial", id, "--into", text(&folder)]);
    trial("0123456789abcdef").refused(&["never asks for a trial 0123456789abcdef", "all of its"]);
    // What goes on from another one waits for it.
    let origin = outcomes(&folder).iter().find_map(|name| {
        let (path, kept) = (folder.join("outcomes").join(name), folder.join("kept"));
        fs::rename(&path, &kept).unwrap();
        let plan = ablation(["plan", text(&study), "--into", text(&folder)]).worked();
        let line: Value = serde_json::from_str(plan.lines().next()?).unwrap();
        let origin = serde_json::from_value::<Trial>(line["trial"].clone()).unwrap().origin();
        if origin.is_none() {
            fs::rename(&kept, &path).unwrap();
        }
        Some((line["id"].as_str()?.to_string(), origin?.id()))
    });
    let (later, origin) = origin.unwrap();
    fs::remove_file(folder.join("outcomes").join(format!("{origin}.json"))).unwrap();
    trial(&later).refused(&[&format!("cannot be run yet: it goes on from trial {origin}"), &format!("`--trial {origin}`")]);
    trial(&origin).worked();
    trial(&later).worked();
}

#[test]
fn lines_that_cannot_be_run_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let study = study(home.path(), "tiny", 4);
    let folder = home.path().join("folder");
    let trial = |line: &str| ablation(["run", "--trial", line, "--into", text(&folder)]);
    trial("").refused(&["--trial", "one line of `ablation plan`"]);
    trial("{}").refused(&["missing field `trial`"]);
    let plan = ablation(["plan", text(&study)]).worked();
    let line = plan.lines().next().unwrap();
    trial(&line.replace("\"steps\":4", "\"steps\":5")).refused(&["hashes to", "the line was changed"]);
    trial(&line.replace("\"steps\":4", "\"steps\":4,\"steps\":5")).refused(&["`trial.stages[0].steps` stands twice"]);
    trial(&line.replace("\"model.width\":", "\"model.width\":4,\"model.width\":"))
        .refused(&["`trial.settings.model.width` stands twice"]);
    ablation(["run", "--trial", line]).refused(&["--into"]);
    let mut unknown: Value = serde_json::from_str(line).unwrap();
    unknown["id"] = Value::Null;
    unknown["trial"]["settings"]["model.width"] = 100_000.into();
    trial(&unknown.to_string()).refused(&["`model.width` cannot be `100000`"]);
    unknown["trial"]["settings"]["model.width"] = 8.into();
    unknown["trial"]["stages"].as_array_mut().unwrap().push(serde_json::json!({"init": "previous", "steps": 1}));
    let ended = trial(&unknown.to_string());
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("run that trial first: it is this one without its last stage"), "{}", ended.err);
    // Through standard input, as a line is as long as a line is.
    let mut child = Command::new(env!("CARGO_BIN_EXE_ablation"))
        .args(["run", "--trial", "-", "--into", text(&folder)])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), line.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(outcomes(&folder).len(), 1);
}
