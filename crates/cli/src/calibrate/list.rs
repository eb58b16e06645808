//! Studies whose truth is known: those that come with the program, or a list of somebody's own.

use std::collections::BTreeMap;
use std::path::Path;

use ablation_protocol::Study;
use ablation_report::Truth;
use ablation_settings::read_json;
use serde::Deserialize;

use crate::failure::bad_input;
use crate::{file, study_file};

/// The list that comes with the program, and every file that it names.
const OWN: &str = include_str!("../../../../static/studies/calibration/list.json");
const FILES: [(&str, &str); 2] = [
    ("../null.json", include_str!("../../../../static/studies/null.json")),
    ("../planted.json", include_str!("../../../../static/studies/planted.json")),
];

/// A list larger than this, in bytes, is none.
const LARGEST: u64 = 1 << 20;
/// Studies in all, at most: a typo would run for years.
const MOST: u64 = 100_000;

/// A study whose truth is known.
#[derive(Debug)]
pub struct Known {
    /// Name of its file, without the ending.
    pub name: String,
    /// The study; its root seed is set for each run.
    pub study: Study,
    /// How often it is run.
    pub repeats: u32,
    /// What is true of its variants, by name. Others are counted, and nothing is said about them.
    pub truths: BTreeMap<String, Truth>,
}

/// How many runs were asked for.
#[derive(Clone, Copy, Debug)]
pub enum Repeats {
    /// As many as the list says.
    Listed,
    /// A tenth of them, and at least one.
    Small,
    /// So many.
    Of(u32),
}

/// A line of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    study: String,
    repeats: u32,
    truth: BTreeMap<String, Truth>,
}

/// Reads a list; without a path, the one that comes with the program.
///
/// # Errors
/// If a file cannot be read, a truth is about no variant of its study, or too much was asked for.
pub fn read(path: Option<&Path>, repeats: Repeats) -> anyhow::Result<Vec<Known>> {
    let what = path.map_or("the list of the program".to_string(), |path| format!("the list `{}`", path.display()));
    let text = path.map_or(Ok(OWN.to_string()), |path| file::text(path, &what, LARGEST))?;
    let entries: Vec<Entry> = read_json(&text).map_err(|error| {
        bad_input(format!("{what} cannot be read: {error}; `ablation calibrate --help` shows what one looks like"))
    })?;
    let study = |name: &str| match path {
        Some(list) => study_file::read(&list.with_file_name(name)),
        None => own(name).map_err(bad_input),
    };
    let mut known: Vec<Known> = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let place = format!("{what}, entry {}", index + 1);
        let one = one(entry, repeats, study).map_err(|error| error.context(place.clone()))?;
        if known.iter().any(|other| other.name == one.name) {
            return Err(bad_input(format!("{place}: a study called `{}` is there already; rename one of the files", one.name)));
        }
        known.push(one);
    }
    match known.iter().map(|one| u64::from(one.repeats)).sum::<u64>() {
        0 => Err(bad_input(format!("{what} has no studies; `ablation calibrate --help` shows what one looks like"))),
        runs if runs > MOST => Err(bad_input(format!("{runs} studies are more than {MOST}; give fewer with `--repeats`"))),
        _ => Ok(known),
    }
}

fn one(entry: Entry, repeats: Repeats, study: impl Fn(&str) -> anyhow::Result<Study>) -> anyhow::Result<Known> {
    let Entry { study: file, repeats: listed, truth: truths } = entry;
    let study = study(&file)?;
    if let Some(name) = truths.keys().find(|name| study.variants.iter().all(|variant| variant.name != **name)) {
        let variants: Vec<&str> = study.variants.iter().map(|variant| variant.name.as_str()).collect();
        return Err(bad_input(format!("`{file}` has no variant `{name}`; its variants are: {}", variants.join(", "))));
    }
    let repeats = match repeats {
        Repeats::Listed => listed,
        Repeats::Small => listed.div_ceil(10),
        Repeats::Of(repeats) => repeats,
    };
    if repeats == 0 {
        return Err(bad_input(format!("`{file}` is run 0 times, which shows nothing; give at least 1")));
    }
    let name = Path::new(&file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("study").to_string();
    Ok(Known { name, study, repeats, truths })
}

fn own(name: &str) -> Result<Study, String> {
    let found = FILES.into_iter().find(|(file, _)| *file == name);
    let (_, text) = found.ok_or_else(|| format!("the program was built without `{name}`"))?;
    study_file::parse(text, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_models::build;
    use std::fs;

    #[test]
    fn the_list_of_the_program_names_every_file_that_it_was_built_with() {
        let known = read(None, Repeats::Listed).unwrap();
        assert_eq!(known.len(), FILES.len());
        let runs: Vec<(&str, u32)> = known.iter().map(|one| (one.name.as_str(), one.repeats)).collect();
        assert_eq!(runs, [("null", 100), ("planted", 100)]);
        let small = read(None, Repeats::Small).unwrap();
        assert!(small.iter().zip(&known).all(|(small, known)| small.repeats * 10 == known.repeats));
        assert!(known.iter().all(|one| one.truths.len() == one.study.variants.len()), "every truth is known");
    }

    /// What a task needs is said by its data set, with the reason, and tried by training (`models/tests/all/needs.rs`).
    #[test]
    fn the_truths_of_the_program_are_those_of_the_data_sets() {
        let mut asked = 0;
        for Known { study, truths, .. } in read(None, Repeats::Listed).unwrap() {
            let needs = build(&study.settings).unwrap().data().needs();
            for variant in study.variants.iter().filter(|variant| !variant.remove.is_empty()) {
                let said = needs.iter().filter(|need| variant.remove.iter().all(|path| need.names(path)));
                for need in said {
                    assert_eq!(truths[&variant.name] == Truth::Needed, need.needed, "{}", variant.name);
                    asked += 1;
                }
            }
        }
        assert!(asked >= 2, "{asked} truths are those of a data set");
    }

    fn refused(list: &str, words: &str) {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("null.json"), FILES[0].1).unwrap();
        let path = home.path().join("list.json");
        fs::write(&path, list).unwrap();
        let error = format!("{:#}", read(Some(&path), Repeats::Listed).unwrap_err());
        assert!(error.contains(words), "{list}: {error}");
    }

    #[test]
    fn a_list_that_cannot_be_used_says_where_and_why() {
        let entry = |truth: &str, repeats: &str| format!(r#"{{"study": "null.json", "repeats": {repeats}, "truth": {truth}}}"#);
        let right = entry(r#"{"weight decay": "not-needed"}"#, "2");
        refused("[]", "has no studies");
        refused("{", "--help");
        refused(&format!("[{}]", entry(r#"{"weight": "needed"}"#, "2")), "its variants are: weight decay");
        refused(&format!("[{}]", entry(r#"{"weight decay": "good"}"#, "2")), "unknown variant `good`");
        refused(&format!("[{}]", entry("{}", "0")), "entry 1: `null.json` is run 0 times");
        refused(&format!("[{}]", entry("{}", "200000")), "more than 100000");
        refused(&format!("[{right}, {right}]"), "entry 2: a study called `null` is there already");
        refused(&right.replace("null.json", "none.json").replace('{', "[{").replace("}}", "}}]"), "line 1");
    }
}
