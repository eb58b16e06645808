//! How many parameters the models of a table have, where the table says so.
//!
//! "Without A" and "B in the place of A" are said of models in which A still is. The loss of such a model looks plausible; its parameters give it
//! away. So a table with a column of them is told which arms are smaller than the reference, and which have as many.

use std::collections::BTreeMap;

use ablation_protocol::Arm;

use super::cell::short;
use super::{Owner, Place, TableError, number};

/// The column.
const COLUMN: &str = "parameters";

/// What that column is called, in small letters and without anything between them.
const NAMES: [&str; 14] = [
    "parameters",
    "params",
    "nparameters",
    "nparams",
    "numparameters",
    "numparams",
    "parametercount",
    "paramcount",
    "trainableparameters",
    "trainableparams",
    "totalparameters",
    "totalparams",
    "modelparameters",
    "modelparams",
];

/// What stands in a cell that says nothing.
const NOTHING: [&str; 7] = ["", "-", "na", "n/a", "nan", "none", "null"];

/// How far the parameters of a matched model may be from those of the reference: a width is a whole number.
const MATCHED: f64 = 0.01;

/// Whether a column of this name says how many parameters a model has.
pub(super) fn is_column(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    NAMES.contains(&letters.to_ascii_lowercase().as_str())
}

/// Parameters of the models of each arm: the fewest and the most.
pub(super) type Counts = BTreeMap<(Arm, Owner), (u64, u64)>;

/// Takes note of the parameters of a row. `commas`: as of [`super::Rows::new`].
///
/// # Errors
/// If they are no whole number.
pub(super) fn note(counts: &mut Counts, of: (Arm, Owner), text: &str, commas: bool, place: Place) -> Result<(), TableError> {
    let text = text.trim();
    if NOTHING.iter().any(|nothing| nothing.eq_ignore_ascii_case(text)) {
        return Ok(());
    }
    // Beyond 2^53 not every whole number can be told from its neighbours.
    let whole = |value: f64| (value >= 0.0 && value.fract() == 0.0 && value < 9_007_199_254_740_992.0).then_some(value as u64);
    let read = number::read(&text.replace('_', ""), commas).ok().and_then(|written| whole(written.value));
    let Some(count) = read else {
        let message = format!(
            "`{}` is no count of parameters; write a whole number, such as 10745088, or leave the column out",
            short(text)
        );
        return Err(TableError::at(Some(place), COLUMN, message));
    };
    let (fewest, most) = counts.entry(of).or_insert((count, count));
    (*fewest, *most) = (count.min(*fewest), count.max(*most));
    Ok(())
}

/// What a reader should know of the parameters, as sentences. `components`: their names, by index.
pub(super) fn notes(counts: &Counts, components: &[String]) -> Vec<String> {
    let reference = |owner: Owner| counts.get(&(Arm::Reference, owner)).or_else(|| counts.get(&(Arm::Reference, None)));
    let (mut differ, mut same, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (&(arm, owner), &(fewest, most)) in counts {
        let Some(name) = owner.and_then(|index| components.get(index)) else { continue };
        let trained = matches!(arm, Arm::Retrained | Arm::RetrainedUntuned | Arm::ShortRetrain | Arm::Variant);
        let Some(&(least, largest)) = reference(owner).filter(|_| trained || arm == Arm::Matched) else { continue };
        let who = format!("`{name}` ({})", arm.name());
        if (fewest, least) != (most, largest) {
            notes
                .push(format!("The models of {who} or of its reference differ in their number of parameters from seed to seed."));
            continue;
        }
        match (arm == Arm::Matched, fewest == least) {
            (true, _) if fewest.abs_diff(least) as f64 <= MATCHED * least as f64 => {}
            (true, _) => notes.push(format!("{who} has {fewest} parameters and the reference {least}: it is not matched.")),
            (false, true) => same.push(who),
            (false, false) if fewest < least => differ.push(format!("{who} {} fewer", least - fewest)),
            (false, false) => differ.push(format!("{who} {} more", fewest - least)),
        }
    }
    if !differ.is_empty() {
        notes.push(format!("Parameters compared with the reference: {}.", differ.join(", ")));
    }
    if !same.is_empty() {
        let (have, each) = if same.len() == 1 { ("has", "it") } else { ("have", "one of them") };
        notes.push(format!(
            "{} {have} as many parameters as the reference. If {each} removes something with parameters, it was not removed; if {each} puts something \
             in the place of that, it was added to it.",
            same.join(", ")
        ));
    }
    notes
}
