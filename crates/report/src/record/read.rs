//! Reading a record: what is checked, and the outcomes of records whose report is not believed.

use std::collections::BTreeMap;

use ablation_protocol::{EvaluationSplit, Outcome, Outcomes, Study, adopted, check_bounds, schedule};
use ablation_settings::{Fields, StudyError, canonical, foreign, read_json};

use super::packed::Packed;
use super::{RECORD_SCHEMA, Record, Software, answered, plain};
use crate::engine::Engine;

/// The format of the release before, whose outcomes are taken over.
const FORMER_SCHEMA: &str = "ablation-record/v1";

/// The arithmetic of outcomes that do not say it.
const UNKNOWN_NUMERICS: u32 = 0;

/// Largest record that is read, in bytes.
const LARGEST: usize = 16 << 20;

/// Longest name of a device, in bytes.
const LONGEST_DEVICE: usize = 200;

/// Digits of the id of a trial.
const ID: usize = 16;

/// How many of several mistakes of one kind a message names.
const NAMED: usize = 5;

/// Reads a record, complete or not, and checks what can be checked without running anything.
///
/// # Errors
/// What is wrong, by its path: another format, a study that was changed after it was hashed or that cannot be planned, outcomes that the
/// study does not ask for, or a report that does not follow from them.
pub fn read_record(text: &str) -> Result<Record, StudyError> {
    let mut file = current(text)?;
    let study: Study = typed(&mut file, "study")?;
    check_bounds(&study)?;
    let stored: String = typed(&mut file, "study_sha256")?;
    let hash = study.hash();
    if stored != hash {
        let message = format!("the study hashes to {hash}, not to {stored}: one of them was changed after the record was made");
        return Err(file.error("study_sha256", message));
    }
    let software: Software = typed(&mut file, "software")?;
    let engines: Vec<Engine> = typed(&mut file, "engines")?;
    let outcomes = unpacked(&mut file, &engines)?;
    let given =
        file.take("report").ok_or_else(|| file.error("report", "it is missing; make the record again from its outcomes"))?;
    file.finish()?;
    asked_for(&study, &outcomes)?;
    let report = answered(&study, &outcomes)?;
    let computed = canonical::shortened(plain(&report));
    if let Some((path, stored, computed)) = canonical::difference(&given, &computed) {
        let ours = Software::this();
        let other = if software == ours {
            String::new()
        } else {
            format!(" It was made by {} {}, this is {} {}.", software.name, software.version, ours.name, ours.version)
        };
        let message = format!(
            "it says {stored}, but {computed} follows from the outcomes.{other} `ablation run STUDY --from RECORD` makes it anew from its outcomes"
        );
        return Err(StudyError::new(format!("report.{path}"), message));
    }
    Ok(Record { study, software, outcomes, report })
}

/// The fields of a record of this release.
fn current(text: &str) -> Result<Fields, StudyError> {
    let (file, is_former) = opened(text)?;
    if is_former {
        let message = format!(
            "this is a record of the release before, {FORMER_SCHEMA}. Since then settings and words were renamed and trials got new \
                ids; `ablation run STUDY --from RECORD` takes over every outcome that still answers the same question, and runs the \
                others"
        );
        return Err(file.error("schema", message));
    }
    Ok(file)
}

/// The fields of a record of this release or of the one before, and whether it is of the one before.
fn opened(text: &str) -> Result<(Fields, bool), StudyError> {
    if text.len() > LARGEST {
        let message = format!("it has {} bytes; a record has at most {LARGEST}. Outcomes may be in it twice", text.len());
        return Err(StudyError::new("", message));
    }
    // A mark that some editors write before the first character.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json = read_json(text).map_err(|error| {
        if let Some(other) = foreign(text.as_bytes()) {
            let message =
                format!("this is not JSON but {other}. A record is what `ablation run` leaves in the folder of a study");
            return StudyError::new("", message);
        }
        let why = if !text.trim_start().starts_with(['{', '[']) {
            "this is not JSON: {}. A record is what `ablation run` leaves in the folder of a study"
        } else if error.is_eof() {
            "this is not JSON: {}. The file may have been cut off when it was copied"
        } else {
            "this cannot be read: {}"
        };
        StudyError::new("", why.replacen("{}", &error.to_string(), 1))
    })?;
    let mut file = Fields::new("", json)?;
    match file.text("schema")? {
        Some(schema) if schema == RECORD_SCHEMA => Ok((file, false)),
        Some(schema) if schema == FORMER_SCHEMA => Ok((file, true)),
        Some(schema) => {
            let message = format!("this release reads {RECORD_SCHEMA}, not {schema}; use the release that wrote it");
            Err(file.error("schema", message))
        }
        None => {
            let what = if file.has("variants") {
                "This looks like a study; `ablation run` makes a record of one".to_string()
            } else if file.has("view") {
                "This looks like a bench, which has no outcomes of a study".to_string()
            } else {
                format!("One has `\"schema\": \"{RECORD_SCHEMA}\"`")
            };
            Err(file.error("schema", format!("it is missing, so this is not a record. {what}")))
        }
    }
}

/// The outcomes of a record, whatever its study and its report say.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordOutcomes {
    /// Filed under the ids of today.
    Current(Outcomes),
    /// Filed under the ids of the release before.
    Former(Outcomes),
}

impl RecordOutcomes {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            RecordOutcomes::Current(outcomes) | RecordOutcomes::Former(outcomes) => outcomes.len(),
        }
    }

    /// Those that may answer trials of this study, under the ids of today.
    pub fn answering(self, study: &Study) -> Outcomes {
        match self {
            RecordOutcomes::Current(outcomes) => outcomes,
            RecordOutcomes::Former(outcomes) => adopted(study, &outcomes),
        }
    }
}

/// The outcomes in a record, whatever its study and its report say: what another release concluded from them, or a study that was worded
/// differently, is no reason to run them again. They are named by their trials, so whoever plans takes those that are asked for.
///
/// # Errors
/// If it is no record, or its outcomes cannot be read.
pub fn record_outcomes(text: &str) -> Result<RecordOutcomes, StudyError> {
    let (mut file, is_former) = opened(text)?;
    if is_former {
        let devices: Vec<String> = typed(&mut file, "devices")?;
        let engines: Vec<Engine> = devices.into_iter().map(|device| Engine { device, numerics: UNKNOWN_NUMERICS }).collect();
        return Ok(RecordOutcomes::Former(unpacked(&mut file, &engines)?));
    }
    let engines: Vec<Engine> = typed(&mut file, "engines")?;
    Ok(RecordOutcomes::Current(unpacked(&mut file, &engines)?))
}

fn unpacked(file: &mut Fields, engines: &[Engine]) -> Result<Outcomes, StudyError> {
    let baselines: Vec<[f64; 2]> = typed(file, "baselines")?;
    if let Some(engine) = engines.iter().find(|engine| engine.device.len() > LONGEST_DEVICE) {
        let message = format!("a name of {} bytes is no device's; shorten it to {LONGEST_DEVICE}", engine.device.len());
        return Err(file.error("engines", message));
    }
    let packed: BTreeMap<String, Packed> = typed(file, "outcomes")?;
    let is_id = |id: &&String| id.len() == ID && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if let Some(id) = packed.keys().find(|id| !is_id(id)) {
        let shown: String = id.chars().take(2 * ID).collect();
        return Err(file.error("outcomes", format!("`{shown}` is no id of a trial, which is {ID} hexadecimal digits")));
    }
    let plausible = |(id, outcome): (String, Packed)| {
        let outcome = outcome.unpacked(id.clone(), engines, &baselines)?;
        // Which scores there are depends on the data set, which whoever knows the models looks at.
        match outcome.implausible(f64::INFINITY) {
            Some(why) => Err(StudyError::new(format!("outcomes.{id}"), why)),
            None => Ok((id, outcome)),
        }
    };
    packed.into_iter().map(plausible).collect()
}

/// Every outcome answers a trial that the study asks for, and has every evaluation that it asks for.
fn asked_for(study: &Study, outcomes: &Outcomes) -> Result<(), StudyError> {
    let schedule = schedule(study, outcomes);
    let evaluations: BTreeMap<&str, &[EvaluationSplit]> =
        schedule.trials.iter().map(|planned| (planned.id.as_str(), planned.trial.evaluate.as_slice())).collect();
    let unknown: Vec<&str> = outcomes.keys().map(String::as_str).filter(|id| !evaluations.contains_key(id)).collect();
    if !unknown.is_empty() {
        let more = if unknown.len() > NAMED { format!(" and {} more", unknown.len() - NAMED) } else { String::new() };
        let named = unknown[..unknown.len().min(NAMED)].join(", ");
        let message = format!(
            "the study does not ask for {named}{more}. An id is the hash of a trial, so these belong to another study, or what they depend on was taken out"
        );
        return Err(StudyError::new("outcomes", message));
    }
    let wrong = |(id, outcome): (&String, &Outcome)| {
        let asked = evaluations.get(id.as_str()).copied().unwrap_or_default();
        (!asked.iter().eq(outcome.marks.keys())).then(|| id.clone())
    };
    match outcomes.iter().find_map(wrong) {
        Some(id) => Err(StudyError::new(format!("outcomes.{id}"), "it was not measured on what the trial asks for")),
        None => Ok(()),
    }
}

/// A field that has to be there.
fn typed<T: serde::de::DeserializeOwned>(file: &mut Fields, name: &'static str) -> Result<T, StudyError> {
    let json = file.take(name).ok_or_else(|| file.error(name, "it is missing"))?;
    serde_json::from_value(json).map_err(|error| file.error(name, format!("it cannot be read: {error}")))
}
