//! A grade: what every check found, in order, and the points that follow.

use crate::case::Case;
use crate::checks::CHECKS;
use crate::points::Points;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Passed,
    /// Some of it is.
    Partly,
    /// It is not.
    Failed,
    /// A person marks it.
    ByHand,
    /// Nobody looked.
    Skipped,
}

impl Status {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Partly => "partly",
            Status::Failed => "failed",
            Status::ByHand => "by-hand",
            Status::Skipped => "skipped",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// A key that is unique in a grade, such as `evidence` or `question:q1`.
    pub key: String,
    /// What was looked at.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// Points that were given.
    pub score: Points,
    /// Points that could be had.
    pub max: Points,
    /// Points that a person gives; neither of the others has them.
    pub by_hand: Points,
    /// What was found, for the student.
    pub found: String,
    /// What only the grader may read, such as the right answer.
    pub note: String,
}

impl Part {
    /// A check that is worth points, all of which were given.
    pub(crate) fn passed(key: impl Into<String>, name: impl Into<String>, max: Points) -> Self {
        Part {
            key: key.into(),
            name: name.into(),
            status: Status::Passed,
            score: max,
            max,
            by_hand: Points::ZERO,
            found: String::new(),
            note: String::new(),
        }
    }

    /// The same, of which none was given.
    pub(crate) fn failed(self, found: impl Into<String>) -> Self {
        Part { status: Status::Failed, score: Points::ZERO, found: found.into(), ..self }
    }

    /// The same, which nobody looked at because of what came before.
    pub(crate) fn refused(self) -> Self {
        self.failed("not looked at: the submission was refused")
    }

    /// The same with a sentence.
    pub(crate) fn saying(self, found: impl Into<String>) -> Self {
        Part { found: found.into(), ..self }
    }
}

/// The grade of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Grade {
    /// The file it came in.
    pub source: String,
    /// Id of the assignment.
    pub assignment: String,
    /// Title of the assignment.
    pub title: String,
    /// The student; none if the file does not say.
    pub student: Option<String>,
    /// What every check found, in order.
    pub parts: Vec<Part>,
}

impl Grade {
    /// Points that were given without a person.
    pub fn score(&self) -> Points {
        self.parts.iter().map(|part| part.score).sum()
    }

    /// Points that could be had without a person.
    pub fn max(&self) -> Points {
        self.parts.iter().map(|part| part.max).sum()
    }

    /// Points that a person gives.
    pub fn by_hand(&self) -> Points {
        self.parts.iter().map(|part| part.by_hand).sum()
    }

    /// Why the submission is worth nothing; none if it was accepted.
    pub fn refused(&self) -> Option<&str> {
        let gate = |part: &&Part| CHECKS.iter().any(|check| check.is_gate() && check.key() == part.key);
        self.parts.iter().filter(gate).find(|part| part.status == Status::Failed).map(|part| part.found.as_str())
    }

    /// The total in a sentence.
    pub fn total(&self) -> String {
        let by_hand: Vec<&str> =
            self.parts.iter().filter(|part| part.by_hand > Points::ZERO).map(|part| part.name.as_str()).collect();
        let by_hand = match by_hand.as_slice() {
            [] => String::new(),
            names => format!("; {} more are given by hand ({})", self.by_hand(), names.join(", ")),
        };
        format!("{} of {} points{by_hand}", self.score(), self.max())
    }
}

/// Grades a submission. Points that a person gives are counted apart.
pub fn grade(case: &Case, source: &str) -> Grade {
    Grade {
        source: source.to_string(),
        assignment: case.assignment.id.clone(),
        title: case.assignment.title.clone(),
        student: case.submission.as_ref().ok().map(|submission| submission.student.clone()),
        parts: CHECKS.iter().flat_map(|check| check.parts(case)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use ablation_protocol::Outcome;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::rerun::{Again, Draw};
    use crate::toy::{assignment, graded, machine, outcomes, solution, submission_file};

    fn part<'a>(grade: &'a Grade, key: &str) -> &'a Part {
        grade.parts.iter().find(|part| part.key == key).unwrap_or_else(|| panic!("no part {key}"))
    }

    /// The grade of a submission that was changed.
    fn changed(change: impl FnOnce(&mut Json)) -> Grade {
        let mut json = submission_file("ada");
        change(&mut json);
        graded(&json.to_string())
    }

    #[test]
    fn the_right_answers_get_every_point() {
        let grade = graded(&submission_file("Ada ").to_string());
        let statuses: Vec<(&str, Status)> = grade.parts.iter().map(|part| (part.key.as_str(), part.status)).collect();
        let passed = |key| (key, Status::Passed);
        assert_eq!(
            statuses,
            [
                passed("valid"),
                passed("assignment"),
                passed("study"),
                passed("evidence"),
                passed("question:q1"),
                passed("question:q2"),
                passed("question:q3"),
                passed("question:q4"),
                ("question:q5", Status::ByHand),
                passed("prediction"),
                ("rerun", Status::Skipped),
            ]
        );
        assert_eq!([grade.score(), grade.max(), grade.by_hand()], [9, 9, 4].map(Points::whole));
        assert_eq!((grade.student.as_deref(), grade.refused()), (Some("ada"), None));
    }

    /// Other programs save the same file in their own spelling.
    #[test]
    fn a_file_that_was_saved_again_is_graded_the_same() {
        let json = submission_file("ada");
        let grade = graded(&json.to_string());
        let pretty = serde_json::to_string_pretty(&json).unwrap();
        let crlf = format!("\u{feff}{}\r\n", pretty.replace('\n', "\r\n"));
        // JavaScript writes 4.0 as 4, as we do; others do not.
        let longer = pretty.replacen("          1\n        ]", "          1.0\n        ]", 1);
        assert_ne!(longer, pretty);
        for text in [pretty, crlf, longer] {
            assert_eq!(graded(&text), grade);
        }
    }

    #[test]
    fn what_is_somebody_else_s_is_refused() {
        let refused = |grade: Grade, words: &str| {
            assert_eq!(grade.score(), Points::ZERO);
            let why = grade.refused().unwrap_or_else(|| panic!("accepted")).to_string();
            assert!(why.contains(words), "{words}: {why}");
            let passed_over = grade.parts.iter().filter(|part| part.found.starts_with("not looked at"));
            assert!(passed_over.count() > 3, "{grade:?}");
        };
        refused(changed(|json| json["student"] = json!("bob")), "its seed is");
        let bob = assignment().seed("bob").unwrap();
        let seeded = |json: &mut Json| {
            json["student"] = json!("bob");
            json["seed"] = json!(bob);
        };
        refused(changed(seeded), "it is somebody else's; run the study yourself");
        // And with the seed in the study's place the trials are not those of the record; the hash beside it is checked later.
        let grade = changed(|json| {
            seeded(json);
            json["record"]["study"]["seed"] = json!(bob);
        });
        assert_eq!(part(&grade, "evidence").status, Status::Failed);
        assert!(part(&grade, "evidence").found.contains("the study hashes to"), "{:?}", part(&grade, "evidence"));
        refused(changed(|json| json["assignment"] = json!("heads")), "it answers the assignment `heads`, and this is `toy`");
        refused(changed(|json| json["assignment_sha256"] = json!("0".repeat(64))), "the assignment was changed since");
        refused(
            changed(|json| json["record"]["study"]["settings"]["train.steps"] = json!(10)),
            "`settings.train.steps` is 10, and was to be 100",
        );
        refused(changed(|json| json["record"] = json!({})), "its record has no study that can be read");
        let (assignment, solution) = (assignment(), solution());
        let text = submission_file("ada").to_string();
        let of = |who| super::grade(&Case::new(&assignment, &solution, &text, machine()).handed_in_by(Some(who)), "x");
        refused(of("bob"), "it is by `ada`, and `bob` handed it in");
        assert_eq!(of("ADA").score(), Points::whole(9));
    }

    #[test]
    fn a_record_that_was_edited_is_no_evidence_and_answers_are_compared_with_what_follows() {
        let grade = changed(|json| {
            json["record"]["report"]["analysis"]["components"][0]["answers"]["disruption"]["mean"] = json!(5.0);
            json["answers"]["q3"] = json!(5.0);
        });
        assert!(part(&grade, "evidence").found.contains("it says 5.0, but"), "{:?}", part(&grade, "evidence"));
        assert_eq!((part(&grade, "question:q3").status, part(&grade, "question:q4").status), (Status::Failed, Status::Passed));
        assert_eq!(grade.score(), Points::whole(5));
        // Losses that nobody can have measured.
        let grade = changed(|json| {
            let outcomes = json["record"]["outcomes"].as_object_mut().unwrap();
            outcomes.values_mut().for_each(|outcome| outcome["tune"][0] = json!(-7.0));
        });
        assert_eq!((part(&grade, "evidence").status, part(&grade, "question:q4").status), (Status::Failed, Status::Failed));
    }

    #[test]
    fn an_unfinished_record_counts_in_proportion() {
        let study = assignment().study_of("ada").unwrap();
        let all = outcomes(&study);
        let mut before = Points::ZERO;
        // In the order in which a study is run, so that each part is a record.
        let mut done = ablation_protocol::Outcomes::new();
        loop {
            let ready = ablation_protocol::plan(&study, &done);
            if ready.is_empty() {
                break;
            }
            let record = ablation_report::Record::new(&study, &done).unwrap();
            let grade = changed(|json| json["record"] = serde_json::from_str(&record.to_json()).unwrap());
            let evidence = part(&grade, "evidence");
            assert!(evidence.score >= before && evidence.score < Points::whole(3), "{evidence:?}");
            assert_eq!(grade.max(), Points::whole(9));
            before = evidence.score;
            done.extend(ready.into_iter().map(|planned| (planned.id.clone(), all[&planned.id].clone())));
        }
        assert!(before > Points::whole(1), "{before}");
    }

    #[test]
    fn answers_are_marked_with_a_reason() {
        let said = |id: &str, answer: Json| {
            let grade = changed(|json| json["answers"][id] = answer);
            part(&grade, &format!("question:{id}")).found.clone()
        };
        assert_eq!(said("q1", json!(" that ")), "right");
        assert_eq!(said("q1", json!("this")), "not right");
        assert_eq!(said("q1", json!(1)), "the answer is a number and not one of the choices");
        assert_eq!([said("q2", json!(1.2)), said("q2", json!(1.6)), said("q2", json!(1.61))], ["right", "right", "not right"]);
        assert_eq!(said("q2", json!("1.4")), "the answer is a text and not a number");
        assert_eq!(said("q2", json!(null)), "not answered");
        assert_eq!(said("q3", json!(1.1)), "not right");
        assert_eq!([said("q4", json!("Co-adapted, not necessary")), said("q4", json!("necessary"))], ["right", "not right"]);
        assert!(said("q4", json!("needed")).contains("there is no verdict `needed`"), "{}", said("q4", json!("needed")));
        assert_eq!(said("q5", json!(4)), "the answer is a number and not a text");
        let grade = changed(|json| json["answers"]["q9"] = json!("x"));
        assert_eq!(grade.score(), Points::whole(9));
        assert!(part(&grade, "assignment").found.contains("an answer is left out: there is no question `q9`"));
    }

    #[test]
    fn a_number_that_the_record_lacks_is_named_to_whoever_grades_only() {
        let study = assignment().study_of("ada").unwrap();
        let empty = ablation_report::Record::new(&study, &ablation_protocol::Outcomes::new()).unwrap();
        let grade = changed(|json| json["record"] = serde_json::from_str(&empty.to_json()).unwrap());
        let question = part(&grade, "question:q3");
        assert_eq!((question.status, question.found.as_str()), (Status::Failed, "the record has no such number yet"));
        assert!(question.note.contains("the disruption of `position`"), "{question:?}");
    }

    #[test]
    fn a_prediction_is_made_and_not_graded() {
        let found = |prediction: Json| {
            let grade = changed(|json| json["prediction"] = prediction);
            assert_eq!(grade.score(), Points::whole(9));
            assert_eq!(part(&grade, "prediction").name, "The file holds a prediction");
            part(&grade, "prediction").found.clone()
        };
        let guess = |name: &str| json!({"component": name, "needed": true});
        assert_eq!(found(json!([guess("position")])), "");
        assert_eq!(found(json!([])), "there is none");
        assert_eq!(found(json!([guess("position"), guess("position")])), "`position` stands in it twice");
        assert!(found(json!([guess("positoin")])).contains("did you mean `position`?"));
    }

    /// The grade after trials were run again, each outcome changed.
    fn again(count: u32, change: impl Fn(&mut Outcome)) -> Grade {
        let (assignment, solution) = (assignment(), solution());
        let text = submission_file("ada").to_string();
        let mut case = Case::new(&assignment, &solution, &text, machine());
        let all = outcomes(&assignment.study_of("ada").unwrap());
        let run = |id: &String| {
            let mut outcome = all[id].clone();
            change(&mut outcome);
            Again { id: id.clone(), what: "train".into(), outcome: Ok(outcome) }
        };
        let trials = case.chosen("secret", count).iter().map(|planned| run(&planned.id)).collect();
        case.again = Some(Draw { asked: count, trials });
        grade(&case, "x")
    }

    #[test]
    fn trials_that_are_run_again_agree_to_the_digit_or_within_the_tolerance() {
        let shift = |by: f64| {
            move |outcome: &mut Outcome| {
                outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| loss + by))
            }
        };
        let found = |grade: &Grade| (part(grade, "rerun").status, part(grade, "rerun").found.clone());
        assert_eq!(found(&again(2, |_| {})), (Status::Passed, "2 trials run again: 2 the same to the last digit".into()));
        assert_eq!(again(2, |_| {}).score(), Points::whole(12));
        let (status, said) = found(&again(1, shift(0.01)));
        assert_eq!(
            (status, said.as_str()),
            (
                Status::Passed,
                "1 trial run again: 1 not the same to the last digit, with losses and scores that differ by at most 0.01000 (tolerance 0.02)"
            )
        );
        let (status, said) = found(&again(3, |outcome| outcome.device = "GPU (wgpu)".into()));
        assert!(
            status == Status::Passed && said.contains("3 computed elsewhere, with losses and scores that differ by at most"),
            "{said}"
        );
        let differ = |count| (Status::Failed, format!("2 trials run again: {count} found something else than the record says"));
        let shifted = again(2, shift(0.05));
        assert_eq!(found(&shifted), differ(2));
        let note = &part(&shifted, "rerun").note;
        assert!(note.lines().count() == 2 && note.contains(" (train) does not agree: its loss is"), "{note}");
        // A score is a claim as well.
        let score = |by: f64| {
            move |outcome: &mut Outcome| {
                outcome.marks.values_mut().for_each(|marks| marks.score = Some(marks.score.unwrap_or(0.0) + by))
            }
        };
        let scored = again(2, score(0.05));
        assert_eq!(found(&scored), differ(2));
        assert!(part(&scored, "rerun").note.contains("does not agree: its score is"), "{scored:?}");
        let flipped = again(2, |outcome| outcome.diverged = !outcome.diverged);
        assert_eq!(found(&flipped), differ(2));
        assert!(part(&flipped, "rerun").note.contains("diverge"), "{flipped:?}");
        assert_eq!(found(&again(0, |_| {})), (Status::Failed, "not run: the record has no trial that is done".into()));
        // A machine that cannot run them is not the student's fault.
        let (assignment, solution, text) = (assignment(), solution(), submission_file("ada").to_string());
        let mut case = Case::new(&assignment, &solution, &text, machine());
        let broken = Again { id: "0".repeat(16), what: "train".into(), outcome: Err("no".into()) };
        case.again = Some(Draw { asked: 1, trials: vec![broken.clone()] });
        assert_eq!((grade(&case, "x").max(), grade(&case, "x").score()), (Points::whole(9), Points::whole(9)));
        // But a trial that differs counts, even behind one that cannot be run.
        let all = outcomes(&assignment.study_of("ada").unwrap());
        let (id, mut outcome) = all.into_iter().next().unwrap();
        shift(0.05)(&mut outcome);
        let differs = Again { id: id.clone(), what: "train".into(), outcome: Ok(outcome) };
        case.again = Some(Draw { asked: 2, trials: vec![broken, differs] });
        let grade = grade(&case, "x");
        assert_eq!((found(&grade), grade.max()), (differ(1), Points::whole(12)));
        let rerun = part(&grade, "rerun");
        assert!(rerun.note.contains(&id) && rerun.note.contains("could not be run here: no"), "{rerun:?}");
        assert!(!rerun.found.contains(&id), "{rerun:?}");
    }

    #[test]
    fn trials_that_the_record_lacks_do_not_agree() {
        // More than the study has are as many as it has.
        assert_eq!(again(1000, |_| {}).score(), Points::whole(12));
        // One honest trial of the four that were asked for earns a quarter.
        let (assignment, solution) = (assignment(), solution());
        let study = assignment.study_of("ada").unwrap();
        let first = ablation_protocol::plan(&study, &ablation_protocol::Outcomes::new()).remove(0).id;
        let outcome = outcomes(&study)[&first].clone();
        let done = [(first.clone(), outcome.clone())].into_iter().collect();
        let record = ablation_report::Record::new(&study, &done).unwrap();
        let mut json = submission_file("ada");
        json["record"] = serde_json::from_str(&record.to_json()).unwrap();
        let text = json.to_string();
        let mut case = Case::new(&assignment, &solution, &text, machine());
        assert_eq!(case.chosen("secret", 4).len(), 1);
        for (asked, status, score) in [(4, Status::Partly, Points::whole(3).share(1, 4)), (1, Status::Passed, Points::whole(3))] {
            let trials = vec![Again { id: first.clone(), what: "train".into(), outcome: Ok(outcome.clone()) }];
            case.again = Some(Draw { asked, trials });
            let grade = grade(&case, "x");
            let rerun = part(&grade, "rerun");
            assert_eq!((rerun.status, rerun.score, rerun.max), (status, score, Points::whole(3)), "{rerun:?}");
            assert_eq!(rerun.found.contains("4 were asked for"), asked == 4, "{rerun:?}");
        }
    }

    #[test]
    fn a_secret_decides_which_trials_are_run_again_and_no_answer_does() {
        let (assignment, solution) = (assignment(), solution());
        let drawn = |text: &str, secret: &str| -> Vec<String> {
            let case = Case::new(&assignment, &solution, text, machine());
            case.chosen(secret, 5).into_iter().map(|planned| planned.id).collect()
        };
        let text = submission_file("ada").to_string();
        let first = drawn(&text, "a");
        assert_eq!((first.len(), &drawn(&text, "a")), (5, &first));
        assert_ne!(drawn(&text, "b"), first);
        let mut other = submission_file("ada");
        other["answers"]["q5"] = json!("Another.");
        other["prediction"] = json!([]);
        assert_eq!(drawn(&other.to_string(), "a"), first);
        // More trials are those and others.
        let case = Case::new(&assignment, &solution, &text, machine());
        assert!(case.chosen("a", 9).iter().map(|planned| &planned.id).take(5).eq(&first));
        assert!(case.chosen("a", 1000).len() > 40);
    }

    /// Every leaf of a file, one after the other.
    fn leaves(json: &mut Json, visit: &mut dyn FnMut(&mut Json)) {
        match json {
            Json::Object(map) if !map.is_empty() => map.values_mut().for_each(|one| leaves(one, visit)),
            Json::Array(list) if !list.is_empty() => list.iter_mut().for_each(|one| leaves(one, visit)),
            leaf => visit(leaf),
        }
    }

    /// Whatever is in a file, the total is the sum of its parts and no more than can be had.
    fn holds(grade: &Grade) {
        assert!(grade.score() <= grade.max() && grade.max() == Points::whole(9), "{grade:?}");
        assert!(grade.parts.iter().all(|part| part.score <= part.max));
        assert_eq!(grade.score(), grade.parts.iter().map(|part| part.score).sum());
        assert!(grade.refused().is_none() || grade.score() == Points::ZERO);
        let keys: std::collections::BTreeSet<&str> = grade.parts.iter().map(|part| part.key.as_str()).collect();
        assert_eq!(keys.len(), grade.parts.len());
    }

    #[test]
    fn any_leaf_may_hold_anything() {
        let strange = [
            json!(null),
            json!(-1),
            json!(1e308),
            json!("__proto__"),
            json!("\u{0}\u{202e}"),
            json!([]),
            json!({"__proto__": {}}),
        ];
        let whole = submission_file("ada");
        let mut count = 0;
        leaves(&mut whole.clone(), &mut |_| count += 1);
        // Outcomes are many and alike.
        for place in (0..count).step_by(1 + count / 20) {
            for value in &strange {
                let (mut json, mut at) = (whole.clone(), 0);
                leaves(&mut json, &mut |leaf| {
                    if at == place {
                        *leaf = value.clone();
                    }
                    at += 1;
                });
                holds(&graded(&json.to_string()));
            }
        }
    }

    #[test]
    fn deep_long_and_doubled_files_are_refused() {
        for text in ["", "{", "[", &"[".repeat(100_000), &"{\"a\":".repeat(100_000), "{\"schema\": 1e999}", "null", "\u{feff}"] {
            let grade = graded(text);
            holds(&grade);
            assert!(grade.refused().is_some());
        }
        let text = submission_file("ada").to_string();
        let twice = text.replacen("\"student\":", "\"student\":\"bob\",\"student\":", 1);
        assert!(graded(&twice).refused().unwrap().contains("the key `student` stands twice"));
        let long = text.replacen("Since.", &"x".repeat(2 << 20), 1);
        assert!(graded(&long).refused().unwrap().contains("a submission has at most 1048576"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_file_that_was_damaged_is_graded_or_refused(
            changes in prop::collection::vec((0.0..1.0, 0_usize..20, "-?[0-9]{1,3}|1e[0-9]{1,3}|null|\"\"|\\[\\]|\\{\\}|,|\\PC{0,3}|"), 1..4),
        ) {
            let mut bytes = submission_file("ada").to_string().into_bytes();
            for (share, length, instead) in changes {
                let at = (share * bytes.len() as f64) as usize;
                let end = (at + length).min(bytes.len());
                bytes.splice(at..end, instead.into_bytes());
            }
            holds(&graded(&String::from_utf8_lossy(&bytes)));
        }

        #[test]
        fn a_submission_of_another_student_is_refused(name in "[a-z0-9@.]{1,12}") {
            prop_assume!(name != "ada");
            let grade = changed(|json| {
                json["student"] = json!(name);
                json["seed"] = json!(assignment().seed(&name).unwrap());
            });
            prop_assert!(grade.refused().is_some() && grade.score() == Points::ZERO);
        }
    }
}
