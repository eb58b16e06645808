//! What has to hold whatever is in the input that other people hand in, one function for each kind. A function that returns is content; one that
//! panics has found something.
//!
//! `tests/stored.rs` tries them on stored files and on damaged copies of these; the fuzz targets in `targets` try them on what a fuzzer thinks of.

use std::sync::LazyLock;

use ablation_assignments::{Assignment, Case, Machine, Solution, grade, read_assignment, read_solution};
use ablation_cli::{results, study_file};
use ablation_models::Models;
use ablation_protocol::{Outcome, Study, plan, read_linked};
use ablation_report::{Failed, Options, Subject, analyse, read_record, record_outcomes};

/// A link: whatever it says, it is bent into a set-up whose own link needs no bending.
pub fn link(text: &str) {
    let linked = read_linked(text, &Models);
    let again = read_linked(&linked.link, &Models);
    assert_eq!((again.link, again.corrections), (linked.link, vec![]));
}

/// A study file, TOML or JSON: refused, or a study that can be planned and survives its own file.
pub fn study(text: &str) {
    for is_json in [false, true] {
        let Ok(study) = study_file::parse(text, is_json) else { continue };
        assert!(!plan(&study, &Default::default()).is_empty(), "there is nothing to run");
        assert_eq!(Study::from_json(&study.to_json()), Ok(study));
    }
}

/// A record: refused, or one that is written as it was read.
pub fn record(text: &str) {
    let _ = record_outcomes(text);
    if let Ok(record) = read_record(text) {
        assert_eq!(read_record(&record.to_json()), Ok(record));
    }
}

/// An assignment: refused, or one whose study every student can run.
pub fn assignment(text: &str) {
    if let Ok(assignment) = read_assignment(text, &Models) {
        let study = assignment.study_of("ada").expect("it is a name");
        assert!(!plan(&study, &Default::default()).is_empty(), "there is nothing to run");
    }
}

static COURSE: LazyLock<(Assignment, Solution)> = LazyLock::new(|| {
    let assignment = include_str!("../../../static/assignments/positions.assignment.json");
    let assignment = read_assignment(assignment, &Models).expect("it is stored");
    let solution = include_str!("../../../examples/solutions/positions.solution.json");
    let solution = read_solution(solution, &assignment).expect("it is stored");
    (assignment, solution)
});

/// A submission: graded, with no more points than there are, and with none if it is refused.
pub fn submission(text: &str) {
    let (assignment, solution) = &*COURSE;
    let implausible =
        |_: &Study, outcomes: &ablation_protocol::Outcomes| outcomes.values().find_map(|one: &Outcome| one.implausible(1.0));
    let grade = grade(&Case::new(assignment, solution, text, Machine { implausible: &implausible }), "x");
    assert!(grade.score() <= grade.max() && grade.max() == assignment.automatic());
    assert!(grade.refused().is_none() || grade.score().number() == 0.0);
}

/// A table of results from elsewhere, whole or partial: refused, or analysed.
pub fn table(text: &str) {
    for (partial, higher_is_better) in [(false, false), (true, true)] {
        let failed = if partial { Failed::Marks { values: vec![-1.0], not_a_number: true } } else { Failed::Unstated };
        let Ok(results) = results::parse(text, &results::Options { partial, failed }) else { continue };
        let table = results.table;
        let subject = |name: &String| Subject::named(name);
        let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
        let options = Options { margin: Some(0.1), higher_is_better, budgets: table.budgets.clone(), ..Options::default() };
        let _ = analyse(&table.series, &subjects, &options);
    }
}
