//! The functions of the fuzz targets on what is stored in this repository, and on damaged copies of it. `PROPTEST_CASES=100000` tries longer.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;

/// The stored files with one of these endings, in order.
fn stored(folder: &str, endings: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.retain(|file| endings.iter().any(|ending| file.to_string_lossy().ends_with(ending)));
    files.sort();
    assert!(!files.is_empty(), "{} has no {endings:?}", folder.display());
    files.iter().map(|file| std::fs::read_to_string(file).expect("a stored file is text")).collect()
}

static STUDIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut texts = stored("static/studies", &[".json"]);
    texts.retain(|text| text.len() < 4096);
    texts.extend(stored("examples", &[".toml"]));
    texts
});
static RECORDS: LazyLock<Vec<String>> = LazyLock::new(|| stored("static/studies", &[".record.json"]));
static ASSIGNMENTS: LazyLock<Vec<String>> = LazyLock::new(|| stored("static/assignments", &[".assignment.json"]));
static SUBMISSIONS: LazyLock<Vec<String>> = LazyLock::new(|| stored("examples/submissions", &[".submission.json"]));
static TABLES: LazyLock<Vec<String>> = LazyLock::new(|| stored("examples", &[".csv"]));
static LINKS: LazyLock<Vec<String>> =
    LazyLock::new(|| ablation_models::presets().into_iter().map(|preset| preset.link).collect());

/// What is put in the place of something: structure, numbers at the edge of what a number can be, text that is no ASCII.
const PIECES: [&str; 16] =
    ["", "\"", "{", "]", ",", ";", "=", "&", "\n", "0", "-1", "1e309", "18446744073709551616", "null", "\u{202e}é\0", "%ff"];

/// One change: at a place, so many bytes go, and a piece comes.
type Change = (prop::sample::Index, u8, prop::sample::Index);

/// A copy of one of the texts with a few changes. Places are moved to the next boundary of a character.
fn damaged(texts: &[String], which: prop::sample::Index, changes: &[Change]) -> String {
    let mut text = which.get(texts).clone();
    for (place, length, piece) in changes {
        let boundary = |mut at: usize, text: &str| {
            while !text.is_char_boundary(at) {
                at += 1;
            }
            at
        };
        let start = boundary(place.index(text.len() + 1), &text);
        let end = boundary((start + usize::from(*length)).min(text.len()), &text);
        text.replace_range(start..end, PIECES[piece.index(PIECES.len())]);
    }
    text
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(any::<Change>(), 1..4)
}

#[test]
fn stored_files_and_links_are_read() {
    LINKS.iter().for_each(|text| ablation_fuzz::link(text));
    STUDIES.iter().for_each(|text| ablation_fuzz::study(text));
    RECORDS.iter().for_each(|text| ablation_fuzz::record(text));
    ASSIGNMENTS.iter().for_each(|text| ablation_fuzz::assignment(text));
    SUBMISSIONS.iter().for_each(|text| ablation_fuzz::submission(text));
    TABLES.iter().for_each(|text| ablation_fuzz::table(text));
}

proptest! {
    #[test]
    fn a_damaged_link_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::link(&damaged(&LINKS, which, &changes));
    }

    #[test]
    fn a_damaged_study_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::study(&damaged(&STUDIES, which, &changes));
    }

    #[test]
    fn a_damaged_record_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::record(&damaged(&RECORDS, which, &changes));
    }

    #[test]
    fn a_damaged_assignment_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::assignment(&damaged(&ASSIGNMENTS, which, &changes));
    }

    #[test]
    fn a_damaged_submission_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::submission(&damaged(&SUBMISSIONS, which, &changes));
    }

    #[test]
    fn a_damaged_table_breaks_nothing(which in any::<prop::sample::Index>(), changes in changes()) {
        ablation_fuzz::table(&damaged(&TABLES, which, &changes));
    }
}
