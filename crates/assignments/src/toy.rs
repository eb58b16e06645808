//! A made-up assignment with its solution and a submission that deserves every point.

use ablation_protocol::made_up::{run, world};
use ablation_protocol::{Outcomes, Study};
use ablation_report::Record;
use ablation_settings::toy::Toy;
use serde_json::{Value as Json, json};

use crate::{Assignment, Case, Grade, Machine, Solution, grade, read_assignment, read_solution};

/// The assignment as a file.
pub fn assignment_file() -> Json {
    json!({
        "schema": "ablation-assignment/v1",
        "id": "toy",
        "title": "A toy",
        "text": ["Run it.", "Explain it."],
        "study": {
            "version": 2,
            "settings": {"train": {"steps": 100}, "model.width": 16},
            "variants": [{"remove": "position"}, {"set": {"train.weight_decay": 0}}],
        },
        "seed": "student",
        "predict": true,
        "hide": ["train.steps"],
        "questions": [
            {"id": "q1", "text": "Which?", "points": 2, "kind": "choice", "choices": ["this", "that"]},
            {"id": "q2", "text": "How many?", "points": 2, "kind": "number", "unit": "nats"},
            {"id": "q3", "text": "How much?", "points": 1, "kind": "number", "unit": "nats"},
            {"id": "q4", "text": "Verdict?", "points": 1, "kind": "verdict", "component": "position"},
            {"id": "q5", "text": "Why?", "points": 4, "kind": "text"},
        ],
        "evidence": {"points": 3},
    })
}

/// Its solution as a file.
pub fn solution_file() -> Json {
    json!({
        "schema": "ablation-solution/v1",
        "assignment": "toy",
        "answers": {
            "q1": {"choice": "that"},
            "q2": {"number": 1.4, "tolerance": 0.2},
            "q3": {"gap": "disruption", "component": "position", "tolerance": 0.05},
            "q4": {"verdict_of": "position"},
            "q5": {"by_hand": true, "model": "Because."},
        },
        "rerun": {"trials": 2, "points": 3, "tolerance": 0.02},
    })
}

/// The assignment.
pub fn assignment() -> Assignment {
    read_assignment(&assignment_file().to_string(), &Toy).unwrap()
}

/// Its solution.
pub fn solution() -> Solution {
    read_solution(&solution_file().to_string(), &assignment()).unwrap()
}

/// What a student measured.
pub fn outcomes(study: &Study) -> Outcomes {
    run(study, world(0.0))
}

/// The submission of a student who did everything right, as a file.
pub fn submission_file(student: &str) -> Json {
    let assignment = assignment();
    let study = assignment.study_of(student).unwrap();
    let record = Record::new(&study, &outcomes(&study)).unwrap();
    json!({
        "schema": "ablation-submission/v1",
        "assignment": "toy",
        "assignment_sha256": assignment.hash,
        "student": student,
        "seed": study.seed,
        "prediction": [{"component": "position", "needed": true}, {"component": "train.weight_decay=0", "needed": false}],
        "answers": {"q1": "that", "q2": 1.6, "q3": 1.01, "q4": "co_adapted", "q5": "Since."},
        "record": serde_json::from_str::<Json>(&record.to_json()).unwrap(),
    })
}

/// The machine that grades.
pub fn machine() -> Machine<'static> {
    Machine { implausible: &|_, outcomes| outcomes.values().find_map(|outcome| outcome.implausible(1e9)) }
}

/// Grades the text of a submission without running anything again.
pub fn graded(text: &str) -> Grade {
    let (assignment, solution) = (assignment(), solution());
    grade(&Case::new(&assignment, &solution, text, machine()), "x.json")
}
