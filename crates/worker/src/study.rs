//! Studies in the worker: reading them, planning what is next, and what their outcomes say.
//!
//! A study, a trial and an outcome are named by the hash of their text, and JavaScript does not tell 1.0 from 1. So they cross as text that
//! the page keeps and hands back, and never as values that it could write differently.

use std::collections::{BTreeMap, BTreeSet};

use ablation_documents::{Card, CardFigure, Findings};
use ablation_models::{Hardware, Models, Packer};
use ablation_protocol::{Linked, Outcomes, Planned, Planner, read_linked, read_study};
use ablation_report::{Idle, Record, lint, read_record};
use ablation_settings::StudyError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Failure, Outcome};
use crate::shapes::{
    Entry, Fleet, Origin, Plan, ReadRecord, Refusal, RefusedOutcome, Sheet, ShownStudy, StudyReport, Tables, Written, pretty,
    text,
};
use crate::value;

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        Failure::new("bad-study", &error, "Correct the file and open it again.")
    }
}

/// The study of a link. There is always an answer: what cannot be used is said in it.
#[wasm_bindgen]
pub fn study_of_link(link: &str) -> Outcome {
    let Linked { study, file, link, corrections, without, with, matched, unmatched } = read_linked(link, &Models);
    let file = pretty(&file);
    let refused = study.as_ref().err().map(|error| Refusal { path: error.path.clone(), message: error.message.clone() });
    let study = study.as_ref().ok().map(ShownStudy::new);
    value::out(&Sheet { link: Some(link), corrections, without, with, matched, unmatched, file, refused, study })
}

/// The study of a study file.
#[wasm_bindgen]
pub fn study_of_file(file: &str) -> Outcome {
    let json: serde_json::Value = ablation_settings::read_json(file).map_err(|error| {
        let hint = "Drop a study file or a record as JSON. A study written as TOML runs on the command line.";
        Failure::new("bad-study", format!("this file is not JSON: {error}"), hint)
    })?;
    value::out(&Sheet::of(&read_study(json, &Models)?))
}

/// A record with its study and its outcomes: `{sheet, outcomes}`. What it says of itself is checked.
#[wasm_bindgen]
pub fn study_of_record(record: &str) -> Outcome {
    let record = read_record(record)?;
    value::out(&ReadRecord { sheet: Sheet::of(&record.study), outcomes: record.outcomes.values().map(text).collect() })
}

/// A study and what is known of it.
#[wasm_bindgen]
pub struct Study {
    planner: Planner,
    packer: Packer,
}

/// The id that a damaged outcome gives for its trial; empty if it gives none.
fn trial_in(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value["trial"].as_str().unwrap_or_default().to_string()
}

#[wasm_bindgen]
impl Study {
    /// A study from its own text, with nothing known.
    pub fn open(json: &str) -> Result<Study, Failure> {
        let study = ablation_protocol::Study::from_json(json).map_err(|error| {
            Failure::new("bad-study", format!("this is not a study: {error}"), "Open its link or its file again.")
        })?;
        Ok(Study { planner: Planner::new(&study, Outcomes::new()), packer: Packer::default() })
    }

    /// Adds outcomes, each as text. Returns those that cannot be used, as `{id, reason}`: what is no outcome, what nobody can have measured, and
    /// what lacks an evaluation that its trial asks for. Nothing is known of their trials then.
    pub fn add(&mut self, outcomes: Vec<String>) -> Outcome {
        let mut refused = Vec::new();
        let scores = ablation_models::largest_score(&self.planner.study().settings);
        for text in outcomes {
            match ablation_settings::read_json::<ablation_protocol::Outcome>(&text) {
                Ok(outcome) => match ablation_models::implausible(&outcome, scores) {
                    Some(reason) => refused.push(RefusedOutcome { id: outcome.trial, reason }),
                    None => self.planner.insert(outcome),
                },
                Err(error) => {
                    refused.push(RefusedOutcome { id: trial_in(&text), reason: format!("it is not an outcome: {error}") })
                }
            }
        }
        loop {
            let incomplete: Vec<String> = self.planner.trials().iter().filter_map(|planned| self.incomplete(planned)).collect();
            if incomplete.is_empty() {
                return value::out(&refused);
            }
            for id in incomplete {
                self.planner.remove(&id);
                refused.push(RefusedOutcome { id, reason: "it lacks an evaluation that its trial asks for".to_string() });
            }
        }
    }

    /// Ids of the trials that are known to be needed and have no outcome.
    pub fn missing(&self) -> Vec<String> {
        let ids: BTreeSet<&String> = self.planner.trials().iter().map(|planned| &planned.id).collect();
        ids.into_iter().filter(|id| !self.planner.outcomes().contains_key(*id)).cloned().collect()
    }

    /// What can be run now, besides what is running already: on so many cores, or on a GPU, whose fleets are larger.
    pub fn plan(&mut self, cores: u32, gpu: bool, running: Vec<String>) -> Outcome {
        let Study { planner, packer } = self;
        let ready: Vec<&Planned> = planner.ready().filter(|planned| !running.contains(&planned.id)).collect();
        let hardware = if gpu { Hardware::Gpu } else { Hardware::Cpu { cores: cores as usize } };
        let lanes = packer.pack(ready.iter().map(|planned| (planned.id.as_str(), &planned.trial)), hardware);
        let entry = |planned: &Planned| Entry { id: planned.id.clone(), role: planned.role, updates: planned.trial.updates() };
        value::out(&Plan {
            fleets: lanes.iter().map(|lane| fleet(&lane.iter().map(|&index| ready[index]).collect::<Vec<_>>())).collect(),
            schedule: planner.trials().iter().map(entry).collect(),
            margin: planner.margin(),
            complete: planner.is_complete(),
        })
    }

    /// What the outcomes say: the report, its figures, the protocol card, findings, tables and sentences.
    pub fn report(&self) -> Outcome {
        let record = Record::new(self.planner.study(), self.planner.outcomes())?;
        let found = Findings::of(&record.study, &record.report);
        let tables = Tables { markdown: found.markdown(), latex: found.latex(), csv: found.csv(), text: found.text() };
        let sentences = found.parted();
        let figures = ablation_figures::study_figures(&record.study, &record.report);
        let card = Card::of(&record);
        let drawn: Vec<CardFigure> = figures.iter().map(|figure| CardFigure { title: &figure.title, svg: &figure.svg }).collect();
        value::out(&StudyReport {
            findings: lint(&record.study, &record.report),
            written: Written { html: card.html(&drawn), markdown: card.markdown(), json: card.to_json() },
            card,
            tables,
            sentences,
            figures,
            left_out: Idle::of(&record.report.analysis).in_words(&record.report.analysis),
            report: record.report,
        })
    }

    /// The record as text.
    pub fn record(&self) -> Result<String, Failure> {
        Ok(Record::new(self.planner.study(), self.planner.outcomes())?.to_json())
    }

    /// The id of a trial whose outcome has other evaluations than the trial asks for.
    fn incomplete(&self, planned: &Planned) -> Option<String> {
        let outcome = self.planner.outcomes().get(&planned.id)?;
        (!planned.trial.evaluate.iter().eq(outcome.marks.keys())).then(|| planned.id.clone())
    }
}

fn fleet(members: &[&Planned]) -> Fleet {
    let origins: BTreeMap<String, ablation_protocol::Trial> =
        members.iter().filter_map(|planned| planned.trial.origin()).map(|origin| (origin.id(), origin)).collect();
    let goes_on = |planned: &&&Planned| planned.role.is_origin(&planned.trial);
    Fleet {
        trials: text(&members.iter().map(|planned| &planned.trial).collect::<Vec<_>>()),
        ids: members.iter().map(|planned| planned.id.clone()).collect(),
        updates: members.iter().map(|planned| planned.trial.updates()).sum(),
        origins: origins.into_iter().map(|(id, trial)| Origin { id, trials: text(&[trial]) }).collect(),
        keep: members.iter().filter(goes_on).map(|planned| planned.id.clone()).collect(),
    }
}
