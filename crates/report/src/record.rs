//! A record: a study, what every trial of it found, and what that says, in one file.
//!
//! A file that holds only a table of results has to be believed. A record is a claim that can be checked: its hash says whether the study
//! was changed after it was run, every outcome is filed under the hash of the trial that it answers, and its report has to be the one that
//! follows from its outcomes. Running a few of its trials again is all that is left to do.
//!
//! The file is canonical JSON (RFC 8785): keys sorted, no clock, nothing that differs between two runs on one machine. Another program may
//! save it in its own spelling; what it means, and so its hash, stays the same.

mod packed;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Marks, Outcome, Outcomes, Study, schedule};
use ablation_settings::{StudyError, canonical, visible};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::engine::Engine;
use crate::{Report, report};
use packed::packed;
pub use read::{RecordOutcomes, read_record, record_outcomes};

/// The format of a record.
pub const RECORD_SCHEMA: &str = "ablation-record/v2";

/// What made a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Software {
    /// This one.
    pub fn this() -> Self {
        Software { name: "ablation-sandbox".to_string(), version: env!("CARGO_PKG_VERSION").to_string() }
    }
}

/// A study with its outcomes and its report.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was asked.
    pub study: Study,
    /// What made it.
    pub software: Software,
    /// What was found, by id of trial. Numbers have as many digits as a file holds.
    pub outcomes: Outcomes,
    /// What follows from these outcomes.
    pub report: Report,
}

impl Record {
    /// The record of a study. Outcomes that it does not ask for, such as those of another study in the same store, are left out.
    ///
    /// # Errors
    /// If an outcome holds a number that is not finite or cannot be averaged; outcomes made by this product never do.
    pub fn new(study: &Study, outcomes: &Outcomes) -> Result<Self, StudyError> {
        outcomes.values().try_for_each(finite)?;
        let asked = |outcomes: &Outcomes| -> BTreeSet<String> {
            schedule(study, outcomes).trials.into_iter().map(|planned| planned.id).collect()
        };
        let trials = asked(outcomes);
        let known: Outcomes =
            outcomes.iter().filter(|(id, _)| trials.contains(*id)).map(|(id, one)| (id.clone(), one.clone())).collect();
        let short: Outcomes = known.iter().map(|(id, outcome)| (id.clone(), shortened(outcome))).collect();
        // Two search points may differ in the ninth digit only. Then the shorter numbers would choose another point, whose trials nobody
        // has run.
        let outcomes = if asked(&short) == trials { short } else { known };
        let report = answered(study, &outcomes)?;
        Ok(Record { study: study.clone(), software: Software::this(), outcomes, report })
    }

    /// What its outcomes were computed by, in alphabetical order.
    pub fn engines(&self) -> Vec<Engine> {
        let engines: BTreeSet<Engine> = self.outcomes.values().map(Engine::of).collect();
        engines.into_iter().collect()
    }

    /// SHA-256 of the record's canonical JSON: the same for every file that means the same, whoever saved it.
    pub fn hash(&self) -> String {
        canonical::hash(&self.json())
    }

    /// The file: canonical JSON and a line end.
    pub fn to_json(&self) -> String {
        visible(&canonical::write(&self.json())).into_owned() + "\n"
    }

    fn json(&self) -> Json {
        let engines = self.engines();
        let mut baselines: Vec<[f64; 2]> = Vec::new();
        let outcomes: BTreeMap<&String, Json> =
            self.outcomes.iter().map(|(id, outcome)| (id, packed(outcome, &engines, &mut baselines))).collect();
        json!({
            "schema": RECORD_SCHEMA,
            "study": plain(&self.study),
            "study_sha256": self.study.hash(),
            "software": plain(&self.software),
            "engines": engines,
            "baselines": baselines,
            "outcomes": outcomes,
            "report": canonical::shortened(plain(&self.report)),
        })
    }
}

/// The report, or why there is none.
fn answered(study: &Study, outcomes: &Outcomes) -> Result<Report, StudyError> {
    report(study, outcomes).map_err(|error| StudyError::new("outcomes", error.to_string()))
}

/// Numbers that are not finite have no place in a file.
fn finite(outcome: &Outcome) -> Result<(), StudyError> {
    let all =
        outcome.marks.values().flat_map(|marks| [marks.loss, marks.score, Some(marks.untrained), Some(marks.constant_predictor)]);
    match all.flatten().find(|number| !number.is_finite()) {
        None => Ok(()),
        Some(number) => {
            let message = format!("{number} is not a finite number; a loss that is not a number is left out");
            Err(StudyError::new(format!("outcomes.{}", outcome.trial), message))
        }
    }
}

fn shortened(outcome: &Outcome) -> Outcome {
    let short = |marks: &Marks| Marks {
        loss: marks.loss.map(canonical::short),
        score: marks.score.map(canonical::short),
        untrained: canonical::short(marks.untrained),
        constant_predictor: canonical::short(marks.constant_predictor),
    };
    Outcome { marks: outcome.marks.iter().map(|(split, marks)| (*split, short(marks))).collect(), ..outcome.clone() }
}

fn plain(value: &impl Serialize) -> Json {
    serde_json::to_value(value).expect("plain data is JSON")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ablation_protocol::{
        Design,
        made_up::{run, six, six_world, toy, world},
        plan,
    };
    use std::path::Path;

    fn record() -> Record {
        Record::new(&six(), &run(&six(), six_world)).unwrap()
    }

    /// The message for a record whose JSON was changed.
    fn error(change: impl FnOnce(&mut Json)) -> String {
        let mut json: Json = serde_json::from_str(&record().to_json()).unwrap();
        change(&mut json);
        read_record(&json.to_string()).unwrap_err().to_string()
    }

    /// The stored one is also what figures are tested with. Native and in WebAssembly it has the same bytes.
    #[expect(clippy::disallowed_methods, reason = "a test writes the file that it expects")]
    #[test]
    fn a_record_is_the_same_file_everywhere() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/six.ablation.json");
        let text = record().to_json();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&file, &text).unwrap();
            return;
        }
        let expected = include_str!("../tests/records/six.ablation.json");
        assert!(text == expected, "the record has changed; if that is meant, run again with UPDATE_EXPECT=1");
    }

    #[test]
    fn a_record_survives_its_file() {
        let record = record();
        assert!(record.report.progress.complete);
        let text = record.to_json();
        assert!(text.ends_with("}\n"));
        let read = read_record(&text).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.to_json(), text);
        assert_eq!(read.engines(), [Engine { device: "cpu (flex), x86_64 linux".into(), numerics: 1 }]);
        // Indented, as an editor may leave it, it is the same record.
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(read_record(&serde_json::to_string_pretty(&json).unwrap()).unwrap(), record);
    }

    #[test]
    fn an_incomplete_record_is_a_record_and_resumes() {
        let study = toy();
        let mut outcomes = Outcomes::new();
        for _ in 0..3 {
            let read = read_record(&Record::new(&study, &outcomes).unwrap().to_json()).unwrap();
            assert!(!read.report.progress.complete);
            assert_eq!(read.outcomes.len(), outcomes.len());
            let ready = plan(&read.study, &read.outcomes);
            outcomes.extend(ready.into_iter().map(|planned| (planned.id, world(0.0)(&planned.trial))));
        }
        assert!(outcomes.len() > 40);
    }

    /// A page loads it, a course's grader takes no more than a megabyte.
    #[test]
    fn a_sketch_of_six_components_is_small() {
        let record = record();
        let size = record.to_json().len();
        // Of 500 outcomes it would be 75 kilobytes.
        let count = record.outcomes.len();
        assert!(count > 500 && size < 150 * count && size < 1_000_000, "{} outcomes, {size} bytes", record.outcomes.len());
    }

    #[test]
    fn what_another_study_found_is_left_out() {
        let mut outcomes = run(&toy(), world(0.0));
        let stranger = world(0.0)(&plan(&six(), &Outcomes::new())[0].trial);
        let alone = Record::new(&toy(), &outcomes).unwrap();
        outcomes.insert(stranger.trial.clone(), stranger);
        assert_eq!(Record::new(&toy(), &outcomes).unwrap(), alone);
    }

    #[test]
    fn shorter_numbers_never_choose_another_point() {
        let study = toy();
        // All points of a search are equal but for the tenth digit, and the last is best.
        let close = |trial: &ablation_protocol::Trial| {
            let mut outcome = world(0.0)(trial);
            let rate = trial.settings.number("train.learning_rate").unwrap();
            outcome.marks.values_mut().for_each(|marks| marks.loss = Some(0.5 - 1e-10 * rate));
            outcome
        };
        let outcomes = run(&study, close);
        let record = Record::new(&study, &outcomes).unwrap();
        assert!(record.report.progress.complete && record.outcomes == outcomes);
        assert_eq!(read_record(&record.to_json()).unwrap(), record);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let mut outcomes = run(&toy(), world(0.0));
        let one = outcomes.values_mut().next().unwrap();
        one.marks.values_mut().next().unwrap().untrained = f64::NAN;
        let message = Record::new(&toy(), &outcomes).unwrap_err().to_string();
        assert!(message.contains("NaN is not a finite number"), "{message}");
    }

    /// Whoever edits a record is found out, with the place.
    #[test]
    fn what_was_changed_is_found() {
        fn first(json: &Json) -> String {
            json["outcomes"].as_object().unwrap().keys().next().unwrap().clone()
        }
        type Change = Box<dyn FnOnce(&mut Json)>;
        let cases: Vec<(Change, &str)> = vec![
            (
                Box::new(|json| json["schema"] = json!("ablation-record/v9")),
                "`schema`: this release reads ablation-record/v2, not",
            ),
            (Box::new(|json| json["study"]["seed"] = json!(1)), "`study_sha256`: the study hashes to"),
            (Box::new(|json| json["study"]["design"]["trials"] = json!(u32::MAX)), "`study.design.trials`: this is 4294967295"),
            (Box::new(|json| json["study"]["sede"] = json!(1)), "`study`: it cannot be read: unknown field `sede`"),
            (Box::new(|json| json["outcome"] = json!({})), "`outcome`: there is no such field; did you mean `outcomes`?"),
            (Box::new(|json| json["report"] = Json::Null), "`report`: it is missing"),
            (
                Box::new(|json| json["report"]["analysis"]["components"][1]["answers"]["necessity"]["mean"] = json!(0.0)),
                "`report.analysis.components[1].answers.necessity.mean`: it says 0.0, but 0.4",
            ),
            (
                Box::new(|json| {
                    json["software"]["version"] = json!("0.0.9");
                    json["report"]["spent"]["runs"] = json!(3);
                }),
                "It was made by ablation-sandbox 0.0.9, this is ablation-sandbox",
            ),
            (
                Box::new(move |json| {
                    let id = first(json);
                    let outcome = json["outcomes"].as_object_mut().unwrap().remove(&id).unwrap();
                    json["outcomes"]["0123456789abcdef"] = outcome;
                }),
                "`outcomes`: the study does not ask for 0123456789abcdef",
            ),
            (
                Box::new(move |json| {
                    let outcomes = json["outcomes"].as_object_mut().unwrap();
                    let evaluated = outcomes.values_mut().find(|outcome| outcome["test"].is_array());
                    evaluated.unwrap()["test"] = Json::Null;
                }),
                "it was not measured on what the trial asks for",
            ),
            (
                Box::new(move |json| {
                    let id = first(json);
                    json["outcomes"][&id]["tune"] = json!([0.5, null, 9999]);
                }),
                "there is no baseline 9999",
            ),
            (Box::new(|json| json["engines"] = json!([])), "there is no engine 0"),
            (
                Box::new(|json| json["engines"] = json!([{"device": "x".repeat(1000), "numerics": 1}])),
                "a name of 1000 bytes is no device's",
            ),
            (Box::new(|json| json["outcomes"]["../../climbs"] = json!({})), "`../../climbs` is no id of a trial"),
            (Box::new(|json| json["outcomes"]["a".repeat(300)] = json!({})), "is no id of a trial"),
            // Without the searches nothing else was asked for.
            (
                Box::new(|json| {
                    let outcomes = json["outcomes"].as_object_mut().unwrap();
                    let half: Vec<String> = outcomes.keys().step_by(2).cloned().collect();
                    half.iter().for_each(|id| drop(outcomes.remove(id)));
                }),
                "what they depend on was taken out",
            ),
        ];
        for (change, message) in cases {
            let error = error(change);
            assert!(error.contains(message), "{message}: {error}");
        }
        for (text, message) in [("", "this is not JSON"), ("[]", "this is a list"), ("{}", "`schema`: it is missing")] {
            let error = read_record(text).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        for (text, what) in [
            ("version = 1", "`ablation run` leaves"),
            ("\u{fffd}PNG\r\n", "this is not JSON but a PNG image. A record is what `ablation run` leaves"),
            ("https://example.org/#v=2", "this is not JSON but a link"),
            (r#"{"version": 1, "variants": []}"#, "looks like a study"),
            (r#"{"view": {}}"#, "looks like a bench"),
        ] {
            let error = read_record(text).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let text = record().to_json();
        assert!(read_record(&text[..text.len() / 2]).unwrap_err().to_string().contains("cut off"));
    }

    /// Every leaf of a file, one after the other.
    fn leaves(json: &mut Json, visit: &mut dyn FnMut(&mut Json)) {
        match json {
            Json::Array(list) => list.iter_mut().for_each(|one| leaves(one, visit)),
            Json::Object(map) => map.values_mut().for_each(|one| leaves(one, visit)),
            leaf => visit(leaf),
        }
    }

    /// A record in which something was put in the place of something else, hashed again or not, is refused in a sentence or is a record
    /// that survives its file.
    fn is_safe(text: &str) -> Result<bool, TestCaseError> {
        match read_record(text) {
            Ok(record) => {
                prop_assert_eq!(&read_record(&record.to_json()).unwrap(), &record);
                Ok(true)
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.split(' ').count() > 3 && message.len() < 1000, "{message}");
                Ok(false)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_record_that_was_changed_anywhere_is_refused_in_a_sentence(
            changes in prop::collection::vec((0.0..1.0, 0_usize..12, "\\PC{0,3}|-|1e999|null|\"|[{}\\[\\],:]|[0-9]{1,3}"), 1..4),
        ) {
            static WHOLE: std::sync::LazyLock<Vec<char>> = std::sync::LazyLock::new(|| {
                let (study, mut outcomes) = (toy(), run(&toy(), world(0.0)));
                // A part of them is enough, and read in a moment.
                while outcomes.len() > 12 {
                    outcomes.pop_last();
                }
                Record::new(&study, &outcomes).unwrap().to_json().chars().collect()
            });
            let mut text = WHOLE.clone();
            for (share, length, instead) in changes {
                let at = (share * text.len() as f64) as usize;
                let end = (at + length).min(text.len());
                text.splice(at..end, instead.chars());
            }
            // Whatever is accepted says what the original says: a change that is seen nowhere changed nothing that counts.
            if text != *WHOLE && is_safe(&text.iter().collect::<String>())? {
                let read = read_record(&text.iter().collect::<String>()).unwrap();
                let original = read_record(&WHOLE.iter().collect::<String>()).unwrap();
                prop_assert_eq!(read.study.hash(), original.study.hash());
                prop_assert_eq!(read.report, original.report);
            }
        }

        #[test]
        fn any_text_is_no_record(text in "\\PC{0,80}|[{}\\[\\]:,\"a-z0-9]{0,80}") {
            prop_assert!(!is_safe(&text)?);
        }
    }

    #[test]
    fn a_key_that_stands_twice_makes_no_record() {
        let text = record().to_json();
        let twice = text.replacen("\"software\":", "\"software\":{},\"software\":", 1);
        let message = read_record(&twice).unwrap_err().to_string();
        assert!(message.contains("the key `software` stands twice; keep one of them"), "{message}");
        let id = record().outcomes.keys().next().unwrap().clone();
        let twice = text.replacen(&format!("\"{id}\":"), &format!("\"{id}\":{{}},\"{id}\":"), 1);
        assert!(read_record(&twice).unwrap_err().to_string().contains(&format!("`outcomes.{id}` stands twice")));
        assert!(record_outcomes(&twice).is_err());
    }

    /// A stranger can write anything into a record and hash it again.
    #[test]
    fn hostile_records_give_an_error_or_a_record_and_never_a_panic() {
        let strange =
            [json!(0), json!(-1), json!(1e308), json!(-1e308), json!(5e-324), json!(i64::MAX), json!(u64::MAX), json!("")];
        let whole: Json = serde_json::from_str(&Record::new(&toy(), &run(&toy(), world(0.0))).unwrap().to_json()).unwrap();
        let empty: Json = serde_json::from_str(&Record::new(&toy(), &Outcomes::new()).unwrap().to_json()).unwrap();
        let (mut read, mut tried) = (0, 0);
        for (file, part, every) in
            [(&empty, "study", 1), (&whole, "study", 17), (&whole, "outcomes", 211), (&whole, "baselines", 1)]
        {
            let mut count = 0;
            leaves(&mut file.clone()[part], &mut |_| count += 1);
            for (place, value) in (0..count).step_by(every).flat_map(|place| strange.iter().map(move |value| (place, value))) {
                let mut changed = file.clone();
                let mut at = 0;
                leaves(&mut changed[part], &mut |leaf| {
                    if at == place {
                        *leaf = value.clone();
                    }
                    at += 1;
                });
                if let Ok(study) = serde_json::from_value::<Study>(changed["study"].clone()) {
                    changed["study_sha256"] = json!(study.hash());
                }
                tried += 1;
                read += usize::from(read_record(&changed.to_string()).is_ok_and(|record| !record.to_json().is_empty()));
            }
        }
        // A score is in no report, and some leaves held that value before.
        assert!(read < tried / 10, "{read} of {tried}");
    }

    /// JavaScript writes 4.0 as 4 and keeps no order of keys; the record means the same, and has the same hash.
    #[test]
    fn a_record_that_javascript_saved_again_is_accepted() {
        let mut record = record();
        record.outcomes.values_mut().next().unwrap().marks.values_mut().for_each(|marks| marks.score = Some(4.0));
        let record = Record::new(&record.study, &record.outcomes).unwrap();
        let spaced = serde_json::to_string_pretty(&serde_json::from_str::<Json>(&record.to_json()).unwrap()).unwrap();
        let longer = spaced.replacen("            4,\n", "            4.0,\n", 1);
        let windows = format!("\u{feff}{}\r\n", spaced.replace('\n', "\r\n"));
        for text in [spaced, longer, windows] {
            let read = read_record(&text).unwrap();
            assert_eq!((read.hash(), read.to_json()), (record.hash(), record.to_json()));
        }
    }

    #[test]
    fn a_record_of_the_release_before_is_refused_with_the_way_out_and_its_outcomes_are_read() {
        let engine = |outcome: &Json| outcome["engine"].clone();
        let mut json: Json = serde_json::from_str(&record().to_json()).unwrap();
        json["schema"] = json!("ablation-record/v1");
        json["devices"] = json!(["CPU"]);
        json.as_object_mut().unwrap().remove("engines");
        assert!(json["outcomes"].as_object().unwrap().values().all(|outcome| engine(outcome).is_null()));
        let error = read_record(&json.to_string()).unwrap_err().to_string();
        assert!(error.contains("trials got new ids; `ablation run STUDY --from RECORD` takes over"), "{error}");
        let RecordOutcomes::Former(outcomes) = record_outcomes(&json.to_string()).unwrap() else { panic!("it is a former one") };
        assert!(outcomes.len() > 100 && outcomes.values().all(|one| (one.device.as_str(), one.numerics) == ("CPU", 0)));
    }

    /// What other programs read is what is written down for them.
    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn records_keep_to_their_schema() {
        let schema: Json = serde_json::from_str(include_str!("../schema/record-v2.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let one_seed = Study { design: Design { seeds: 1, ..toy().design }, ..toy() };
        let gold = Study { design: Design { searches: 6, seeds: 2, ..toy().design }, ..toy() };
        let json = |record: &Record| serde_json::from_str::<Json>(&record.to_json()).unwrap();
        let whole = |study: &Study| json(&Record::new(study, &run(study, world(0.3))).unwrap());
        let records = [json(&record()), json(&Record::new(&toy(), &Outcomes::new()).unwrap()), whole(&one_seed), whole(&gold)];
        for record in &records {
            let mistakes: Vec<String> = validator.iter_errors(record).map(|error| error.to_string()).collect();
            assert!(mistakes.is_empty(), "{mistakes:?}");
        }
        let broken: [fn(&mut Json); 6] = [
            |json| json["schema"] = json!("ablation-record/v1"),
            |json| json["study_sha256"] = json!("1234"),
            |json| json["outcomes"]["not an id"] = json!({}),
            |json| json["report"]["analysis"]["components"][0]["combined"] = json!("unimportant"),
            |json| json["report"]["analysis"]["components"][0]["answers"]["necessity"]["ci95"] = json!([1.0]),
            |json| json["created"] = json!("2026-11-23T10:00:00Z"),
        ];
        for (index, change) in broken.into_iter().enumerate() {
            let mut json = records[0].clone();
            change(&mut json);
            assert!(!validator.is_valid(&json), "broken record {index}");
        }
    }
}
