//! A trial that is named by its id alone, as messages and records name it: looked up among what its study asks for.

use std::path::Path;

use ablation_protocol::{Outcomes, Planned, Study, plan, schedule};

use crate::failure::bad_input;
use crate::folder::Folder;
use crate::number::count;
use crate::run::Line;

/// Digits of an id, and fewest digits of its beginning that may stand for it.
const DIGITS: usize = 16;
const FEWEST: usize = 6;

/// Whether a text names a trial by its id, or by how that begins.
pub fn is_id(text: &str) -> bool {
    (FEWEST..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The line of a trial with this id; none if its outcome is there although the study does not ask for it.
///
/// # Errors
/// If there is no study to look it up in, the study does not ask for it, or it cannot be run yet.
pub fn find(id: &str, path: &Path, study: Option<&Study>) -> anyhow::Result<Option<Line>> {
    let folder = Folder::at(path);
    let stored = if folder.has_study() { Some(folder.study()?) } else { None };
    let Some(study) = study.or(stored.as_ref()) else {
        return Err(bad_input(format!(
            "`--trial {id}` names a trial by its id, and the folder `{}` holds no study that asks for it; give the study as well, or the line \
             that `ablation plan` prints for the trial",
            path.display()
        )));
    };
    let mut outcomes = Outcomes::new();
    if stored.is_some() {
        folder.belongs_to(study)?;
        outcomes = folder.outcomes(study, false)?;
        folder.check(study, &mut outcomes);
    }
    let known = schedule(study, &outcomes);
    let mut found: Vec<&Planned> = known.trials.iter().filter(|planned| planned.id.starts_with(id)).collect();
    // Two roles may ask for the same run.
    found.dedup_by(|a, b| a.id == b.id);
    match found[..] {
        [planned] => {
            let origin = planned.origin.as_ref().filter(|origin| !outcomes.contains_key(*origin));
            if let Some(origin) = origin.filter(|_| !outcomes.contains_key(&planned.id)) {
                return Err(bad_input(format!(
                    "trial {} cannot be run yet: it goes on from trial {origin}, which is not done; run that one first, with `--trial {origin}`",
                    planned.id
                )));
            }
            let Planned { id, role, trial, .. } = planned.clone();
            Ok(Some(Line { id: Some(id), role: Some(role), trial }))
        }
        [] if folder.has(id, false).is_ok_and(|is_done| is_done) => Ok(None),
        [] => Err(bad_input(unknown(id, study, known.trials.len(), plan(study, &outcomes).len(), known.complete))),
        _ => Err(bad_input(format!("{} trials begin with {id}; give more of the id's {DIGITS} digits", found.len()))),
    }
}

/// That a study does not ask for a trial: never, or not yet.
fn unknown(id: &str, study: &Study, known: usize, ready: usize, complete: bool) -> String {
    let title = &study.title;
    if complete {
        return format!(
            "the study `{title}` never asks for a trial {id}: all of its {} trials are known, and none has this id. Was the study changed \
             since the id was printed? `ablation plan` prints what is left to be run",
            count(known)
        );
    }
    format!(
        "the study `{title}` does not ask for a trial {id} so far: of the {} trials that are known yet none has this id. What it asks for \
         next depends on their outcomes, so run the {} that are ready, which `ablation plan` prints, and try again; an id of another study, or \
         of this one before it was changed, will never be asked for",
        count(known),
        count(ready)
    )
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn an_id_is_told_from_a_file_and_a_line() {
        assert!(is_id("0123456789abcdef") && is_id("012345"));
        for text in ["", "-", "01234", "0123456789abcdef0", "0123456789ABCDEF", "trial.json", "{\"trial\":1}"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
