//! Finding and reading what was handed in. What cannot be read is graded as what it is.

use std::fs;
use std::path::{Path, PathBuf};

use ablation_settings::natural;

use crate::failure::bad_input;
use crate::file;

/// A submission larger than this, in bytes, is none.
const LARGEST: u64 = 8 << 20;

/// A file that was handed in.
pub struct HandedIn {
    /// Its name.
    pub source: String,
    /// Its text, or why there is none.
    pub text: Result<String, String>,
}

impl HandedIn {
    fn read(path: &Path) -> Self {
        let source = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        HandedIn { text: file::text(path, "the file", LARGEST).map_err(|error| error.to_string()), source }
    }
}

/// Every submission that is named, or lies in a folder that is. Where the result holds one submission only, a folder that holds none or
/// several is a submission that is broken: somebody handed in too little or too much.
///
/// # Errors
/// If several are named and the result holds one.
pub fn all(paths: &[PathBuf], several: bool) -> anyhow::Result<Vec<HandedIn>> {
    if let ([first, second, ..], false) = (paths, several) {
        return Err(bad_input(format!(
            "this format holds the result of one submission, and there are `{}` and `{}`; grade them one by one, or as text, json or nbgrader",
            first.display(),
            second.display()
        )));
    }
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(HandedIn::read(path));
            continue;
        }
        let names = names(path);
        let source = path.display().to_string();
        let broken = |why: String| HandedIn { source: source.clone(), text: Err(why) };
        let files: Vec<&String> = names.iter().filter(|name| name.to_lowercase().ends_with(".json")).collect();
        match files.as_slice() {
            [] => all.push(broken(nothing(&names))),
            [_, _, ..] if !several => {
                let named: Vec<String> = files.iter().map(|name| format!("`{name}`")).collect();
                all.push(broken(format!("there are several files: {}; hand in one", named.join(", "))));
            }
            files => all.extend(files.iter().map(|name| HandedIn::read(&path.join(name)))),
        }
    }
    Ok(all)
}

/// The names in a folder, as people order them.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_by(|a, b| natural::compare(a, b));
    names
}

fn nothing(names: &[String]) -> String {
    const NAMED: usize = 5;
    let wanted = "hand in the file that the page exports, whose name ends in .submission.json";
    match names {
        [] => format!("nothing was handed in; {wanted}"),
        names => {
            let named: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
            format!("there is no submission, only {}; {wanted}", named.join(", "))
        }
    }
}
