//! `ablation report`: what a study found, as text, as a protocol card, as tables for papers and as figures.

use std::path::Path;

use ablation_documents::{Card, Findings};
use ablation_figures::study_figures;
use ablation_models::{implausible, largest_score};
use ablation_protocol::Study;
use ablation_report::{Progress, Record, Report, read_record};
use ablation_settings::visible;

use crate::arguments::{ReportArguments, ReportFormat};
use crate::failure::bad_input;
use crate::figures;
use crate::file;
use crate::folder::Folder;
use crate::{output, study_file};

/// A record larger than this, in bytes, is none.
const LARGEST: u64 = 1 << 25;

/// Reads and prints.
///
/// # Errors
/// If there is no study, or its record cannot be believed.
pub fn run(arguments: &ReportArguments) -> anyhow::Result<()> {
    let record = read(&arguments.study)?;
    let Record { study, report, .. } = &record;
    let drawn = || study_figures(study, report);
    if let Some(folder) = &arguments.svg {
        figures::save(&drawn(), folder)?;
    }
    let findings = Findings::of(study, report);
    output::text(&match arguments.format {
        ReportFormat::Text => text(study, report),
        ReportFormat::Markdown => Card::of(&record).markdown(),
        ReportFormat::Html => figures::page(&Card::of(&record), &drawn()),
        ReportFormat::Json => record.to_json(),
        ReportFormat::Card => Card::of(&record).to_json(),
        ReportFormat::Table => findings.markdown(),
        ReportFormat::Latex => findings.latex(),
        ReportFormat::Csv => findings.csv(),
    })
}

/// The record of a folder, from its outcomes, or of a file.
///
/// # Errors
/// If there is none, or it was changed after it was made.
pub fn read(path: &Path) -> anyhow::Result<Record> {
    if path.is_dir() {
        let folder = Folder::at(path);
        let study = study_file::in_folder(path)?;
        let mut outcomes = folder.outcomes(&study, false)?;
        // What lacks an evaluation would be refused by whoever reads the record.
        folder.check_evaluations(&study, &mut outcomes);
        return Record::new(&study, &outcomes)
            .map_err(|error| bad_input(format!("the outcomes in the folder `{}` cannot be used: {error}", path.display())));
    }
    if !path.exists() && path.as_os_str() != file::STDIN {
        return Err(bad_input(format!("`{}` cannot be read: there is no such folder and no such record", path.display())));
    }
    let (what, text) = text_of(path)?;
    let record = read_record(&text).map_err(|error| bad_input(format!("{what}: {error}")))?;
    let scores = largest_score(&record.study.settings);
    match record.outcomes.values().find_map(|outcome| Some((&outcome.trial, implausible(outcome, scores)?))) {
        Some((id, why)) => Err(bad_input(format!("{what}: `outcomes.{id}`: {why}"))),
        None => Ok(record),
    }
}

/// What a file of a record is called in messages, and its text.
///
/// # Errors
/// If it cannot be read, or is too large for a record.
pub fn text_of(path: &Path) -> anyhow::Result<(String, String)> {
    let what = format!("the record `{}`", path.display());
    let text = file::text(path, &what, LARGEST)?;
    Ok((what, text))
}

/// What was found, in the words of a terminal.
pub fn text(study: &Study, report: &Report) -> String {
    let findings = Findings::of(study, report);
    let mut text = format!("{}\n", study.title);
    if !study.claim.is_empty() {
        text += &format!("{}\n", study.claim);
    }
    let Progress { done, known, complete } = report.progress;
    text += &match complete {
        true => format!("complete: {done} of {known} trials\n"),
        false => format!("not complete: {done} of {known} trials known so far\n"),
    };
    text += &format!("\n{}\n", findings.text());
    findings.sentences().iter().for_each(|sentence| text += &format!("{sentence}\n"));
    // Title, claim and names are a stranger's.
    visible(&text).into_owned()
}
