//! Assignments from the file of an instructor to the result of a student, and the examples that instructors start from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ablation_assignments::{Assignment, read_assignment, read_solution};
use ablation_models::Models;
use ablation_report::{Combined, Question, Record, Report, read_record};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::{Ended, ablation};

/// Largest example of a submission, in bytes.
const LARGEST: usize = 60_000;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An assignment whose study takes a second.
fn assignment_file() -> Value {
    json!({
        "schema": "ablation-assignment/v1",
        "id": "tiny",
        "title": "A tiny one",
        "study": {
            "version": 2,
            "preset": "repeat",
            "settings": {"model.width": 8, "model.layers": 1, "train.steps": 20, "train.batch": 4},
            "search": {"trials": 2},
            "final": {"seeds": 2},
            "recovery": {"budgets": [0.25], "rates": [1.0]},
            "variants": [{"remove": "position"}],
        },
        "seed": "student",
        "questions": [
            {"id": "q1", "text": "How much?", "points": 2, "kind": "number"},
            {"id": "q2", "text": "Which?", "points": 1, "kind": "choice", "choices": ["a", "b"]},
            {"id": "q3", "text": "Why?", "points": 4, "kind": "text"},
        ],
        "evidence": {"points": 3},
    })
}

fn solution_file() -> Value {
    json!({
        "schema": "ablation-solution/v1",
        "assignment": "tiny",
        "answers": {
            "q1": {"gap": "necessity", "component": "position", "tolerance": 0.01},
            "q2": {"choice": "b"},
            "q3": {"by_hand": true, "model": "Because."},
        },
        "rerun": {"trials": 2, "points": 3, "tolerance": 0.02},
    })
}

/// A course: the assignment, its solution, and what students hand in.
struct Course {
    home: TempDir,
}

impl Course {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("assignment.json"), assignment_file().to_string()).unwrap();
        fs::write(home.path().join("solution.json"), solution_file().to_string()).unwrap();
        Course { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Hands in a file.
    fn hand_in(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn grade(&self, submission: &Path, more: &[&str]) -> Ended {
        let [assignment, solution] = ["assignment.json", "solution.json"].map(|name| self.path(name));
        let files = ["grade", text(submission), "--assignment", text(&assignment), "--solution", text(&solution)];
        ablation([&files, more].concat())
    }

    /// The only grade, as JSON.
    fn json(&self, submission: &Path, more: &[&str]) -> Value {
        self.grade(submission, &[&["--format", "json"], more].concat()).json()["grades"][0].clone()
    }

    /// The record of a student who runs the study.
    fn record(&self, student: &str) -> Record {
        record(&self.path("assignment.json"), student, self.home.path())
    }

    fn assignment(&self) -> Assignment {
        read_assignment(&read(&self.path("assignment.json")), &Models).unwrap()
    }
}

/// The record of a student who runs the study of an assignment.
fn record(assignment: &Path, student: &str, into: &Path) -> Record {
    let study = into.join(format!("{student}.json"));
    fs::write(&study, ablation(["assignment", "study", text(assignment), student]).worked()).unwrap();
    ablation(["run", text(&study)]).worked();
    read_record(&read(&into.join(format!("{student}.study/record.json")))).unwrap()
}

/// What the page exports.
fn submission(assignment: &Assignment, student: &str, record: &Record, answers: Value) -> Value {
    json!({
        "schema": "ablation-submission/v1",
        "assignment": assignment.id,
        "assignment_sha256": assignment.hash,
        "student": student,
        "seed": record.study.seed,
        "prediction": assignment.components().map(|name| json!({"component": name, "needed": true})).collect::<Vec<Value>>(),
        "answers": answers,
        "record": serde_json::from_str::<Value>(&record.to_json()).unwrap(),
    })
}

fn gap(report: &Report, component: &str, gap: Question) -> f64 {
    let component = report.analysis.components.iter().find(|one| one.component == component).unwrap();
    component.answers[&gap].gap.mean
}

fn part<'a>(grade: &'a Value, key: &str) -> &'a Value {
    grade["parts"].as_array().unwrap().iter().find(|part| part["key"] == key).unwrap_or_else(|| panic!("no {key} in {grade}"))
}

#[test]
fn a_student_s_own_study_is_run_handed_in_graded_and_in_part_run_again() {
    let course = Course::new();
    let record = course.record("ada");
    let right = json!({"q1": gap(&record.report, "position", Question::Necessity), "q2": "b", "q3": "Since."});
    let whole = submission(&course.assignment(), "ada", &record, right);
    let file = course.hand_in("ada.submission.json", whole.to_string());
    let grade = course.json(&file, &["--rerun", "4"]);
    assert_eq!((&grade["score"], &grade["max"], &grade["by_hand"]), (&json!(9), &json!(9), &json!(4)), "{grade}");
    assert_eq!(part(&grade, "rerun")["found"], "4 trials run again: 4 the same to the last digit");
    // As many as the solution says, or none, whose points are then not counted.
    assert_eq!(part(&course.json(&file, &[]), "rerun")["found"], "2 trials run again: 2 the same to the last digit");
    assert_eq!(course.json(&file, &["--rerun", "0"])["max"], 6);
    let shown = course.grade(&file, &["--rerun", "0"]).worked();
    assert!(shown.contains("total     6 of 6 points; 4 more are given by hand (q3)") && shown.contains("right is: b"), "{shown}");

    // Saved again by an editor: the same grade.
    let pretty = serde_json::to_string_pretty(&whole).unwrap().replace('\n', "\r\n");
    let again = course.hand_in("again.json", format!("\u{feff}{pretty}\r\n"));
    assert_eq!(course.json(&again, &["--rerun", "0"])["score"], 6);

    // Somebody who invents better losses has a consistent record, and trials that do not agree.
    let mut outcomes = record.outcomes.clone();
    outcomes
        .values_mut()
        .flat_map(|outcome| outcome.marks.values_mut())
        .for_each(|marks| marks.loss = marks.loss.map(|loss| loss * 0.9));
    let forged = Record::new(&record.study, &outcomes).unwrap();
    let answers = json!({"q1": gap(&forged.report, "position", Question::Necessity), "q2": "b"});
    let file = course.hand_in("forged.json", submission(&course.assignment(), "ada", &forged, answers).to_string());
    let grade = course.json(&file, &["--rerun", "1", "--seed", "a secret"]);
    assert_eq!(
        (&part(&grade, "evidence")["score"], &part(&grade, "rerun")["score"], &grade["score"]),
        (&json!(3), &json!(0), &json!(6))
    );
    assert!(part(&grade, "rerun")["note"].as_str().unwrap().contains("does not agree: its loss is"), "{grade}");

    // And somebody else's record is nobody's.
    let mut copied = whole.clone();
    copied["student"] = json!("bob");
    let file = course.hand_in("bob.json", copied.to_string());
    let grade = course.json(&file, &[]);
    assert_eq!((&grade["score"], &grade["student"]), (&json!(0), &json!("bob")));
    assert!(grade["refused"].as_str().unwrap().contains("its seed is"), "{grade}");
    let ada = course.path("ada.submission.json");
    assert!(course.json(&ada, &["--student", "bob"])["refused"].as_str().unwrap().contains("`bob` handed it in"));

    // Several at once: a row each, and a word on who is in it twice.
    let folder = course.path("handed-in");
    fs::create_dir(&folder).unwrap();
    for name in ["ada.submission.json", "again.json", "bob.json"] {
        fs::copy(course.path(name), folder.join(name)).unwrap();
    }
    fs::write(folder.join("notes.txt"), "not graded").unwrap();
    let ended = course.grade(&folder, &["--rerun", "0", "--format", "nbgrader"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), "note: `ada` is the student in ada.submission.json, again.json\n"));
    let rows: Vec<&str> = ended.out.lines().collect();
    assert!(rows.len() == 4 && rows[0].starts_with("assignment,duedate,") && rows[1].ends_with(",6,0,6,6"), "{rows:?}");
    let rows = course.grade(&folder, &["--rerun", "0"]).out;
    assert!(rows.starts_with("student  points  by hand  file") && rows.lines().count() == 4, "{rows}");
    course.grade(&folder, &["--student", "ada"]).refused(&["`--student` says who handed in one submission"]);

    // A record that another program saved again is a record to every command.
    let saved = course.hand_in(
        "saved.json",
        format!("\u{feff}{}", serde_json::to_string_pretty(&whole["record"]).unwrap().replace('\n', "\r\n")),
    );
    assert!(ablation(["report", text(&saved)]).worked().contains("complete: "));
    assert!(!ablation(["lint", text(&saved), "--json"]).out.is_empty());
}

/// Whatever is handed in, there is a result that says what to do.
#[test]
fn broken_submissions_are_graded_in_every_format() {
    let course = Course::new();
    let empty = course.path("empty");
    fs::create_dir(&empty).unwrap();
    let pictures = course.path("pictures");
    fs::create_dir(&pictures).unwrap();
    fs::write(pictures.join("cat.png"), b"\x89PNG\r\n").unwrap();
    let several = course.path("several");
    fs::create_dir(&several).unwrap();
    ["a.json", "b.json"].iter().for_each(|name| fs::write(several.join(name), "{}").unwrap());
    let record = root().join("static/studies/null.record.json");
    let cases = [
        (course.hand_in("a.png", b"\x89PNG\r\n\x1a\n\xff"), "the file is a PNG image and not text"),
        (course.hand_in("a.zip", b"PK\x03\x04\x14\x00\x00"), "this is a zip archive and not JSON"),
        (course.hand_in("a.csv", "component,arm,seed,value\n"), "this is a table (CSV) and not JSON"),
        (course.hand_in("a.txt", "https://example.org/#v=2&preset=repeat"), "this is a link and not JSON"),
        (course.hand_in("a.ipynb", r#"{"nbformat": 4}"#), "this is a notebook and not a submission"),
        (course.hand_in("a.json", "{\"schema\": \"ablation-sub"), "The file may have been cut off"),
        (course.hand_in("b.json", "[".repeat(100_000)), "too deep inside one another"),
        (course.hand_in("c.json", ""), "the file is empty"),
        (course.hand_in("d.json", assignment_file().to_string()), "this is an assignment and not a submission"),
        (record, "this is the record of a study and not a submission"),
        (course.path("nowhere.json"), "the file cannot be read: "),
        (empty, "nothing was handed in; hand in the file that the page exports"),
        (pictures, "there is no submission, only `cat.png`"),
    ];
    for (file, words) in &cases {
        let grade = course.json(file, &[]);
        assert_eq!((&grade["score"], &grade["student"]), (&json!(0), &Value::Null), "{}", file.display());
        assert!(grade["refused"].as_str().unwrap().contains(words), "{words}: {grade}");
    }
    for format in ["text", "json", "gradescope", "prairielearn", "nbgrader"] {
        let result = course.path("result");
        for (file, _) in &cases {
            let ended = course.grade(file, &["--format", format, "--output", text(&result)]);
            assert_eq!(ended.worked(), "", "what is written into a file is not printed");
            assert!(!read(&result).is_empty());
            fs::remove_file(&result).unwrap();
        }
    }
    let several = course.grade(&several, &["--format", "gradescope"]).worked();
    assert!(several.contains("there are several files: `a.json`, `b.json`; hand in one"), "{several}");
}

#[test]
fn what_an_instructor_got_wrong_is_refused() {
    let course = Course::new();
    let [assignment, solution] = ["assignment.json", "solution.json"].map(|name| course.path(name));
    let file = course.hand_in("x.json", "{}");
    let check = || ablation(["assignment", "check", text(&assignment), "--solution", text(&solution)]);
    let said = check().worked();
    assert!(
        said.contains("each student runs it with a root seed of their own")
            && said.contains("2 trials are run again, for 3 points more"),
        "{said}"
    );
    assert!(said.contains("3 questions; 6 points, 3 of them for a complete record, and 4 that a person gives"), "{said}");
    ablation(["assignment", "study", text(&assignment), " "]).refused(&["`student`: it is empty"]);
    course.grade(&file, &["--rerun", "1001"]).refused(&["`--rerun 1001` is more than 1000"]);
    course.grade(&file, &["--format", "xml"]).refused(&["xml", "gradescope"]);
    course.grade(&file, &["--format", "gradescope", text(&file)]).refused(&["one submission", "x.json"]);
    course.grade(&file, &["--output", text(course.home.path())]).refused(&["is a folder"]);
    let write = |path: &Path, file: &Value| fs::write(path, file.to_string()).unwrap();
    let mut without = solution_file();
    without.as_object_mut().unwrap().remove("rerun");
    write(&solution, &without);
    course.grade(&file, &["--rerun", "2"]).refused(&["`--rerun 2` has no points"]);
    assert_eq!(course.json(&file, &[])["max"], 6);
    without["answers"]["q1"]["component"] = json!("positions");
    write(&solution, &without);
    let words = ["solution.json", "`answers.q1.component`: there is no variant `positions`; did you mean `position`?"];
    check().refused(&words);
    course.grade(&file, &[]).refused(&words);
    let mut broken = assignment_file();
    broken["study"]["settings"]["train.stps"] = json!(3);
    write(&assignment, &broken);
    let words = ["assignment.json", "`study.settings.train.stps`", "did you mean `train.steps`?"];
    check().refused(&words);
    course.grade(&file, &[]).refused(&words);
    fs::write(&assignment, b"\x89PNG\r\n\x1a\n\xff").unwrap();
    check().refused(&["is a PNG image and not text"]);
}

/// Every assignment that comes with the product, by name.
fn assignments() -> Vec<String> {
    let list: Value = serde_json::from_str(&read(&root().join("static/assignments/index.json"))).unwrap();
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_string()).collect()
}

fn assignment_path(name: &str) -> PathBuf {
    root().join(format!("static/assignments/{name}.assignment.json"))
}

fn solution_path(name: &str) -> PathBuf {
    root().join(format!("examples/solutions/{name}.solution.json"))
}

#[test]
fn every_assignment_that_comes_with_the_product_can_be_given_out() {
    let list: Value = serde_json::from_str(&read(&root().join("static/assignments/index.json"))).unwrap();
    for one in list.as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        let assignment =
            read_assignment(&read(&assignment_path(name)), &Models).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((&one["title"], &one["file"]), (&json!(assignment.title), &json!(format!("{name}.assignment.json"))));
        assert_eq!(assignment.id, name);
        read_solution(&read(&solution_path(name)), &assignment).unwrap_or_else(|error| panic!("{name}: {error}"));
        let said =
            ablation(["assignment", "check", text(&assignment_path(name)), "--solution", text(&solution_path(name))]).worked();
        // What students are told is what it takes, to two digits.
        let total = said.lines().find_map(|line| line.strip_prefix("total ")).unwrap_or_else(|| panic!("{said}"));
        let steps: u64 = total.split_whitespace().skip(1).collect::<String>().parse().unwrap();
        let rounded = format!("{} 000 steps", (steps + 500) / 1000);
        assert!(assignment.text.iter().any(|text| text.contains(&rounded)), "{name}: the text does not say {rounded}");
    }
    // What is published has no solutions.
    for entry in fs::read_dir(root().join("static/assignments")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = name == "README.md"
            || name == "index.json"
            || assignments().iter().any(|one| name == format!("{one}.assignment.json"));
        assert!(known, "static/assignments/{name} is in no list");
    }
}

/// Answers that get every point: what the solution says, or the student's own report.
fn right_answers(name: &str, report: &Report) -> Value {
    let solution: Value = serde_json::from_str(&read(&solution_path(name))).unwrap();
    let combined = |component: &str| -> Combined {
        report.analysis.components.iter().find(|one| one.component == component).and_then(|one| one.combined).unwrap()
    };
    let answer = |key: &Value| match key {
        key if key.get("choice").is_some() => key["choice"].clone(),
        key if key.get("verdict_of").is_some() => json!(combined(key["verdict_of"].as_str().unwrap())),
        key if key.get("gap").is_some() => {
            let question = match key["gap"].as_str().unwrap() {
                "disruption" => Question::Disruption,
                "necessity" => Question::Necessity,
                "untuned gap" => Question::Untuned,
                "tuning confound" => Question::TuningConfound,
                other => panic!("{other}"),
            };
            // As a reader copies it from a table.
            let value = gap(report, key["component"].as_str().unwrap(), question);
            json!((value * 100.0).round() / 100.0)
        }
        key => key["model"].clone(),
    };
    solution["answers"].as_object().unwrap().iter().map(|(id, key)| (id.clone(), answer(key))).collect()
}

/// The submissions that documentation and courses start from get every point. With UPDATE_EXPECT they are made again, which takes minutes: the
/// study of every assignment is run.
#[test]
fn the_example_submissions_get_every_point() {
    const EXAMPLES: [(&str, &str); 2] = [("positions", "ada"), ("own-tuning", "bob")];
    let folder = root().join("examples/submissions");
    let path = |name: &str, student: &str| folder.join(format!("{name}.{student}.submission.json"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let home = tempfile::tempdir().unwrap();
        for name in assignments() {
            let example = EXAMPLES.iter().find(|(other, _)| *other == name);
            let student = example.map_or("grace", |(_, student)| student);
            let into = home.path().join(&name);
            fs::create_dir(&into).unwrap();
            let record = record(&assignment_path(&name), student, &into);
            let assignment = read_assignment(&read(&assignment_path(&name)), &Models).unwrap();
            let whole = submission(&assignment, student, &record, right_answers(&name, &record.report)).to_string() + "\n";
            let file = example.map_or(into.join("x.json"), |_| path(&name, student));
            fs::write(&file, &whole).unwrap();
            every_point(&name, &file, &[]);
        }
    }
    for (name, student) in EXAMPLES {
        let file = path(name, student);
        assert!(read(&file).len() <= LARGEST, "{} has {} bytes", file.display(), read(&file).len());
        every_point(name, &file, &["--rerun", "0"]);
    }
}

#[track_caller]
fn every_point(name: &str, file: &Path, more: &[&str]) {
    let (assignment, solution) = (assignment_path(name), solution_path(name));
    let files = ["grade", text(file), "--assignment", text(&assignment), "--solution", text(&solution), "--format", "json"];
    let grade = ablation([&files, more].concat()).json()["grades"][0].clone();
    let again = "make it again with the command in static/assignments/README.md";
    let lost: Vec<&Value> = grade["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["status"] == "failed" || part["status"] == "partly")
        .collect();
    assert!(lost.is_empty() && grade["score"] == grade["max"], "{name}: {lost:?}; {again}");
}

/// A folder with a program that is called `ablation`, and the files of a course where an example looks for them.
#[cfg(unix)]
fn installed(files: &[(&str, PathBuf)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_ablation"));
    fs::create_dir(home.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(program, home.path().join("bin/ablation")).unwrap();
    for (to, from) in files {
        let to = home.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
    home
}

/// Runs a script of an example with `ablation` on its path.
#[cfg(unix)]
fn script(script: &Path, home: &Path, variables: &[(&str, &str)]) {
    let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(script);
    command.env("PATH", path).current_dir(home).envs(variables.iter().copied());
    let done = command.output().unwrap_or_else(|error| panic!("{}: {error}", script.display()));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The files of the assignment `positions` with the names that the examples expect.
#[cfg(unix)]
fn files(course: &str, submission: &str) -> [(String, PathBuf); 3] {
    [
        (format!("{course}/assignment.json"), assignment_path("positions")),
        (format!("{course}/solution.json"), solution_path("positions")),
        (submission.to_string(), root().join("examples/submissions/positions.ada.submission.json")),
    ]
}

#[cfg(unix)]
#[test]
fn the_example_for_gradescope_writes_its_result() {
    let files = files("source", "submission/positions.ada.submission.json");
    let home = installed(&files.each_ref().map(|(to, from)| (to.as_str(), from.clone())));
    let program = root().join("examples/gradescope/run_autograder");
    let result = || -> Value { serde_json::from_str(&read(&home.path().join("results/results.json"))).unwrap() };
    let run = |email: &str| {
        let metadata = json!({"id": 1, "users": [{"email": email, "id": 2, "name": "Ada"}]});
        fs::write(home.path().join("submission_metadata.json"), metadata.to_string()).unwrap();
        script(&program, home.path(), &[("AUTOGRADER", text(home.path()))]);
        result()
    };
    let right = run("ada");
    assert_eq!((&right["score"], right["execution_time"].as_f64().is_some_and(|time| time > 0.0)), (&json!(13), true), "{right}");
    let other = run("bob@example.org");
    assert_eq!(other["score"], 0);
    assert!(other["output"].as_str().unwrap().contains("bob@example.org"), "{other}");
    fs::write(home.path().join("source/solution.json"), "{}").unwrap();
    assert!(run("ada")["output"].as_str().unwrap().contains("tell your instructor"));
}

#[cfg(unix)]
#[test]
fn the_example_for_prairielearn_writes_its_result() {
    let files = files("tests", "student/submission.json");
    let home = installed(&files.each_ref().map(|(to, from)| (to.as_str(), from.clone())));
    script(&root().join("examples/prairielearn/tests/grade.sh"), home.path(), &[("GRADE", text(home.path()))]);
    let result: Value = serde_json::from_str(&read(&home.path().join("results/results.json"))).unwrap();
    assert_eq!((&result["score"], &result["gradable"]), (&json!(1.0), &json!(true)), "{result}");
    let info: Value = serde_json::from_str(&read(&root().join("examples/prairielearn/info.json"))).unwrap();
    assert!(info["externalGradingOptions"]["timeout"].as_u64().is_some_and(|seconds| seconds <= 600), "no more is allowed there");
}

#[cfg(unix)]
#[test]
fn the_example_for_classroom_50_writes_its_result() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3, which autograder.py needs");
        return;
    }
    let files = files("bundle", "positions.ada.submission.json");
    let home = installed(&files.each_ref().map(|(to, from)| (to.as_str(), from.clone())));
    let variables = [
        ("CLASSROOM", "cs1"),
        ("ASSIGNMENT", "positions"),
        ("OWNER", "ada"),
        ("SUBMISSION_TAG", "submit/20261123T100000Z-abc1234"),
        ("COMMIT_URL", "https://example.org/commit/abc1234"),
        ("RELEASE_URL", "https://example.org/releases/1"),
        ("CLASSROOM50_BUNDLE_DIR", "bundle"),
        ("ABLATION", "ablation"),
    ];
    let result = || -> Value { serde_json::from_str(&read(&home.path().join("result.json"))).unwrap() };
    let run = || script(&root().join("examples/classroom50/autograder.py"), home.path(), &variables);
    run();
    assert_eq!(
        (&result()["score"], &result()["max-score"], &result()["owner"]),
        (&json!(13), &json!(13), &json!("ada")),
        "{}",
        result()
    );
    fs::remove_file(home.path().join("positions.ada.submission.json")).unwrap();
    run();
    assert_eq!((&result()["score"], &result()["max-score"]), (&json!(0), &json!(13)), "{}", result());
}
