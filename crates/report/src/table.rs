//! Results that somebody else's program wrote: from the rows of a table to what can be analysed.
//!
//! Most ablations are run elsewhere, and their flaws lie less in the training than in the table: a seed that one arm lacks, a diverged run
//! that was left out, two rows for one run. An average hides all of that. So a table is refused unless every arm has exactly the seeds of
//! the reference it is compared with, and every refusal names the line, the column and the way out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ablation_protocol::ProtocolArm;
use ablation_settings::{natural, nearest};

use crate::Series;

/// The columns that are read; the last one is optional.
pub const COLUMNS: [&str; 5] = ["component", "arm", "seed", "value", "budget"];

/// Most components of one table: every p-value is adjusted for all of them.
const MOST_COMPONENTS: usize = 1024;
/// Most healing budgets.
const MOST_BUDGETS: usize = 32;
/// Most arms times seeds: a table of 10^7 rows in which every arm has every seed.
const MOST_PLACES: usize = 1 << 24;
/// Seeds that a message names before it says how many more there are.
const NAMED: usize = 5;

/// Where a row stands, as its reader will look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of a text, from 1.
    Line(u64),
    /// A row of a list, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// What is wrong with a table, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", position(.place, .column))]
pub struct TableError {
    /// The row; none if it is about the table as a whole.
    pub place: Option<Place>,
    /// The column; none if it is about the row as a whole.
    pub column: Option<&'static str>,
    /// What is wrong, and the way out.
    pub message: String,
}

fn position(place: &Option<Place>, column: &Option<&str>) -> String {
    match (place, column) {
        (Some(place), Some(column)) => format!("{place}, column `{column}`: "),
        (Some(place), None) => format!("{place}: "),
        (None, Some(column)) => format!("column `{column}`: "),
        (None, None) => String::new(),
    }
}

impl TableError {
    fn of_table(message: impl Into<String>) -> Self {
        TableError { place: None, column: None, message: message.into() }
    }
}

/// One result, as text. Blanks at the ends of a cell do not count.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Where it stands.
    pub place: Place,
    /// The component; empty, `-`, `all` or `reference` for a reference, a sham or a placebo that all components share.
    pub component: &'a str,
    /// The arm: a name, a symbol or a question of [`ProtocolArm::parse`].
    pub arm: &'a str,
    /// The seed; any text.
    pub seed: &'a str,
    /// What was measured.
    pub value: &'a str,
    /// Updates after the cut as a share of the training, where the table says so; read for arms of healing only.
    pub budget: Option<&'a str>,
}

/// A table that can be analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The values; a unit is a seed.
    pub series: Series,
    /// Names of the components, in the order in which people count.
    pub components: Vec<String>,
    /// Names of the seeds, in the same order.
    pub seeds: Vec<String>,
    /// Healing budgets, ascending; one that the table does not say is infinite, and so never a short one.
    pub budgets: Vec<f64>,
}

/// Which component a row speaks of: `None` for all of them.
type Owner = Option<usize>;

/// A value and where it stands.
#[derive(Clone, Copy)]
struct Cell {
    value: f64,
    place: Place,
}

/// A table being read, a row at a time.
#[derive(Default)]
pub struct Rows {
    components: Names,
    seeds: Names,
    /// By arm, component, bits of the budget and seed. Positive numbers are ordered as their bits are.
    cells: BTreeMap<(ProtocolArm, Owner, u64), BTreeMap<usize, Cell>>,
}

impl Rows {
    /// Adds a row.
    ///
    /// # Errors
    /// If a cell cannot be read, or the table has this run already.
    pub fn push(&mut self, row: Row<'_>) -> Result<(), TableError> {
        let refuse = |column: &'static str, message: String| TableError { place: Some(row.place), column: Some(column), message };
        let arm = ProtocolArm::parse(row.arm).ok_or_else(|| refuse("arm", unknown_arm(row.arm.trim())))?;
        let value = number(row.value).map_err(|message| refuse("value", message))?;
        let seed = row.seed.trim();
        if seed.is_empty() {
            return Err(refuse("seed", "it is empty; name the seed, which pairs this run with its reference".into()));
        }
        let name = row.component.trim();
        let owner = match (is_shared(name), arm) {
            (true, ProtocolArm::Reference | ProtocolArm::Sham | ProtocolArm::Placebo) => None,
            (true, _) => {
                let message = format!(
                    "`{name}` names no component, and an arm `{}` needs one; only reference, sham and placebo are shared",
                    arm.name()
                );
                return Err(refuse("component", message));
            }
            (false, ProtocolArm::Placebo) => {
                let message =
                    format!("the placebo is compared with the shared reference; write `all` in place of `{}`", short(name));
                return Err(refuse("component", message));
            }
            (false, _) => Some(self.components.index(name)),
        };
        if self.components.len() > MOST_COMPONENTS {
            let message = format!("there are more than {MOST_COMPONENTS} components; is this the right column?");
            return Err(refuse("component", message));
        }
        let budget =
            row.budget.filter(|_| heals(arm)).map_or(Ok(f64::INFINITY), share).map_err(|message| refuse("budget", message))?;
        let seed_index = self.seeds.index(seed);
        let cells = self.cells.entry((arm, owner, budget.to_bits())).or_default();
        match cells.insert(seed_index, Cell { value, place: row.place }) {
            None => Ok(()),
            Some(first) => {
                let message = format!(
                    "{} has arm `{}` and seed `{}` already, with the value {} at {}; keep one of them, or give them two seeds",
                    self.called(owner),
                    arm.name(),
                    short(seed),
                    first.value,
                    first.place
                );
                Err(TableError { place: Some(row.place), column: None, message })
            }
        }
    }

    /// The table.
    ///
    /// Every arm needs exactly the seeds of what it is compared with, and all references the same seeds. With `partial` an arm may lack
    /// some: every question is then asked in the seeds that all of its arms have.
    ///
    /// # Errors
    /// If there is no row, no arm but the reference, no reference for an arm, or a seed without its partner.
    pub fn finish(self, partial: bool) -> Result<Table, TableError> {
        if self.cells.is_empty() {
            return Err(TableError::of_table("the table has a header and no rows; write one row a run"));
        }
        self.references()?;
        if !partial {
            self.pairs()?;
        }
        let budgets: BTreeSet<u64> = self.cells.keys().filter(|(arm, ..)| heals(*arm)).map(|&(.., budget)| budget).collect();
        let budgets: Vec<u64> = budgets.into_iter().collect();
        if budgets.len() > MOST_BUDGETS {
            let message = format!("there are {} budgets; keep at most {MOST_BUDGETS}", budgets.len());
            return Err(TableError { place: None, column: Some("budget"), message });
        }
        let (components, component_ranks) = self.components.sorted();
        let (seeds, seed_ranks) = self.seeds.sorted();
        let places = self.cells.len().saturating_mul(seeds.len());
        if places > MOST_PLACES {
            let message = format!(
                "there are {} arms and {} seeds, of which few go together; give paired runs the same seed",
                self.cells.len(),
                seeds.len()
            );
            return Err(TableError { place: None, column: Some("seed"), message });
        }
        let mut series = Series::new(seeds.len());
        for (&(arm, owner, bits), cells) in &self.cells {
            let budget = if heals(arm) { budgets.binary_search(&bits).unwrap_or(0) } else { 0 };
            for (&seed, cell) in cells {
                let unit = seed_ranks[seed];
                match owner.map(|component| component_ranks[component]) {
                    Some(component) if is_base(arm) => series.set_own(arm, component, budget, unit, cell.value),
                    Some(component) => series.set(arm, component, budget, unit, cell.value),
                    None => series.set(arm, 0, budget, unit, cell.value),
                }
            }
        }
        Ok(Table { series, components, seeds, budgets: budgets.into_iter().map(f64::from_bits).collect() })
    }

    /// Every arm has something to be compared with.
    fn references(&self) -> Result<(), TableError> {
        let has = |arm: ProtocolArm, owner: Owner, budget: u64| self.cells.contains_key(&(arm, owner, budget));
        let compared = |owner: Owner| self.cells.keys().any(|&(arm, of, _)| of == owner && !is_base(arm));
        let only_reference: Vec<&str> = (0..self.components.len())
            .filter(|&component| !compared(Some(component)))
            .map(|component| self.components.names[component].as_str())
            .collect();
        if let Some(name) = only_reference.first() {
            let message = format!(
                "component `{}` has a reference and no other arm; if it is the reference of all components, write `all` there",
                short(name)
            );
            return Err(TableError { place: None, column: Some("component"), message });
        }
        for &(arm, owner, budget) in self.cells.keys().filter(|(arm, ..)| !is_base(*arm)) {
            let reference = ProtocolArm::Reference;
            if !has(reference, owner, NO_BUDGET) && !has(reference, None, NO_BUDGET) {
                let known: Vec<&str> =
                    self.cells.keys().map(|(arm, ..)| arm.name()).collect::<BTreeSet<_>>().into_iter().collect();
                return Err(TableError::of_table(format!(
                    "{} has an arm `{}` and no reference to compare it with; add rows with `reference` in the column `arm` and the same \
                     seeds (the arms here are: {})",
                    self.called(owner),
                    arm.name(),
                    known.join(", ")
                )));
            }
            let sham = ProtocolArm::Sham;
            if arm == ProtocolArm::Healed && !has(sham, owner, budget) && !has(sham, None, budget) {
                return Err(TableError::of_table(format!(
                    "{} is healed{} and has no sham of that budget; add rows with `sham` in the column `arm`: the reference, not cut, \
                     trained on for as long. Without it healing is credited with what mere training brings",
                    self.called(owner),
                    of_budget(budget)
                )));
            }
        }
        if self.components.len() == 0 && !compared(None) {
            return Err(TableError::of_table(
                "there are rows of the reference only; add rows of an arm to compare with it, such as `variant`",
            ));
        }
        Ok(())
    }

    /// Every run has its partner.
    fn pairs(&self) -> Result<(), TableError> {
        let all: BTreeSet<usize> = (0..self.seeds.len()).collect();
        for (&(arm, owner, budget), cells) in &self.cells {
            let missing: Vec<usize> = all.iter().copied().filter(|seed| !cells.contains_key(seed)).collect();
            if missing.is_empty() {
                continue;
            }
            let (_, ranks) = self.seeds.sorted();
            let mut missing: Vec<(usize, &str)> =
                missing.into_iter().map(|seed| (ranks[seed], self.seeds.names[seed].as_str())).collect();
            missing.sort_unstable();
            let named: Vec<String> = missing.iter().take(NAMED).map(|(_, seed)| format!("`{}`", short(seed))).collect();
            let more = if missing.len() > NAMED { format!(" and {} more", missing.len() - NAMED) } else { String::new() };
            let message = format!(
                "{} lacks {} {}{more} in the arm `{}`{}, which {} in other arms; runs are compared seed by seed, so add them, or use \
                 `--partial` to ask every question in the seeds that all of its arms have",
                self.called(owner),
                if missing.len() == 1 { "the seed" } else { "the seeds" },
                named.join(", "),
                arm.name(),
                of_budget(budget),
                if missing.len() == 1 { "is" } else { "are" },
            );
            return Err(TableError { place: None, column: Some("seed"), message });
        }
        Ok(())
    }

    fn called(&self, owner: Owner) -> String {
        owner.map_or("the table".to_string(), |index| format!("component `{}`", short(&self.components.names[index])))
    }
}

/// The key of the budget of arms that have none, and of tables that do not say.
const NO_BUDGET: u64 = f64::INFINITY.to_bits();

fn heals(arm: ProtocolArm) -> bool {
    matches!(arm, ProtocolArm::Sham | ProtocolArm::Healed | ProtocolArm::Relearn)
}

/// Whether an arm is one that others are compared with.
fn is_base(arm: ProtocolArm) -> bool {
    matches!(arm, ProtocolArm::Reference | ProtocolArm::Sham)
}

fn of_budget(bits: u64) -> String {
    if bits == NO_BUDGET { String::new() } else { format!(" with the budget {}", f64::from_bits(bits)) }
}

/// Whether a cell says that a row belongs to all components.
fn is_shared(component: &str) -> bool {
    component.is_empty() || ["-", "all", "reference"].iter().any(|word| component.eq_ignore_ascii_case(word))
}

fn unknown_arm(given: &str) -> String {
    let names: Vec<&str> = ProtocolArm::ALL.into_iter().map(ProtocolArm::name).collect();
    if given.is_empty() {
        return format!("it is empty; the arms are: {}", names.join(", "));
    }
    let lower = given.to_lowercase();
    match lower.as_str() {
        "baseline" | "full" | "base" | "control" | "original" | "intact" => {
            format!("there is no arm `{}`; what others are compared with is called `reference`", short(given))
        }
        _ => match nearest(&lower, names.iter().copied()) {
            Some(name) => {
                format!("there is no arm `{}`; did you mean `{name}`? The arms are: {}", short(given), names.join(", "))
            }
            None => format!(
                "there is no arm `{}`; the arms are: {}. If it is not said how the model came to be, write `variant`",
                short(given),
                names.join(", ")
            ),
        },
    }
}

/// A number that can be averaged.
fn number(text: &str) -> Result<f64, String> {
    const DIVERGED: &str =
        "a diverged run is a result: give it the loss of the untrained model, or leave this seed out of every arm and say so";
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("it is empty; {DIVERGED}"));
    }
    let Ok(value) = text.parse::<f64>() else {
        let point = text.replace(',', ".");
        return Err(match point.parse::<f64>() {
            Ok(_) if point != text => format!("`{}` is not a number; write a decimal point: {}", short(text), short(&point)),
            _ => format!("`{}` is not a number; write a number such as 1.482 or 3e-5", short(text)),
        });
    };
    if !value.is_finite() {
        return Err(format!("`{}` cannot be averaged; {DIVERGED}", short(text)));
    }
    if value.abs() > ablation_stats::LARGEST {
        return Err(format!("`{}` is beyond 1e100; use a larger unit. If the run diverged: {DIVERGED}", short(text)));
    }
    // So that no zero has a sign to print.
    Ok(value + 0.0)
}

/// Updates after a cut as a share of the training.
fn share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let share = text.parse::<f64>().ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| {
        format!("`{}` is not a share; write the updates after the cut over those of the training, such as 0.05", short(text))
    })
}

/// Hostile cells can be long; a message repeats only the beginning.
fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST { text.to_string() } else { text.chars().take(LONGEST).chain("…".chars()).collect() }
}

/// Names in the order in which they were met.
#[derive(Default)]
struct Names {
    names: Vec<String>,
    indices: BTreeMap<String, usize>,
}

impl Names {
    fn len(&self) -> usize {
        self.names.len()
    }

    fn index(&mut self, name: &str) -> usize {
        if let Some(&index) = self.indices.get(name) {
            return index;
        }
        self.names.push(name.to_string());
        self.indices.insert(name.to_string(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// The names as people count, and the place of each among them.
    fn sorted(&self) -> (Vec<String>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by(|&a, &b| natural::compare(&self.names[a], &self.names[b]));
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, &index)| ranks[index] = rank);
        (order.iter().map(|&index| self.names[index].clone()).collect(), ranks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Question, Subject, analyse};
    use proptest::prelude::*;

    /// Rows of `component arm seed value [budget]`; a dot is an empty cell.
    fn read(text: &str) -> Result<Table, TableError> {
        let mut rows = Rows::default();
        for (index, line) in text.lines().enumerate() {
            let cells: Vec<&str> = line.split_whitespace().map(|cell| if cell == "." { "" } else { cell }).collect();
            let place = Place::Line(index as u64 + 1);
            let budget = cells.get(4).copied();
            rows.push(Row { place, component: cells[0], arm: cells[1], seed: cells[2], value: cells[3], budget })?;
        }
        rows.finish(false)
    }

    fn refusal(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    const TWO: &str = ". reference 1 1.0\n. reference 2 2.0\n";

    #[test]
    fn rows_become_series_in_the_order_in_which_people_count() {
        let table = read(&format!("{TWO}b.10 variant 2 2.5\nb.10 variant 1 1.5\nb.9 N 1 1.25\nb.9 necessity 2 2.25")).unwrap();
        assert_eq!((table.components, table.seeds), (vec!["b.9".to_string(), "b.10".into()], vec!["1".to_string(), "2".into()]));
        assert_eq!(table.series.get(ProtocolArm::Variant, 1, 0), [Some(1.5), Some(2.5)]);
        assert_eq!(table.series.get(ProtocolArm::RetrainedOwn, 0, 0), [Some(1.25), Some(2.25)]);
        assert_eq!(table.series.base(ProtocolArm::Reference, 1, 0), [Some(1.0), Some(2.0)]);
    }

    #[test]
    fn a_reference_of_its_own_wins_over_the_shared_one() {
        let table = read(&format!("{TWO}a reference 1 5\na reference 2 6\na cut 1 7\na cut 2 8\nb cut 1 3\nb cut 2 3")).unwrap();
        let base = |component| table.series.base(ProtocolArm::Reference, component, 0);
        assert_eq!((base(0), base(1)), (vec![Some(5.0), Some(6.0)], vec![Some(1.0), Some(2.0)]));
    }

    /// Every arm keeps a place for every seed; two megabytes of rows must not take a terabyte.
    #[test]
    fn arms_that_share_no_seeds_are_refused_before_they_fill_the_memory() {
        let mut rows = Rows::default();
        fn row<'a>(component: &'a str, arm: &'a str, seed: &'a str) -> Row<'a> {
            Row { place: Place::Line(1), component, arm, seed, value: "1.5", budget: None }
        }
        rows.push(row("all", "reference", "0")).unwrap();
        for run in 0..MOST_COMPONENTS {
            let name = run.to_string();
            for arm in ["cut", "retrained-own", "retrained-same", "matched", "variant"] {
                rows.push(row(&name, arm, &format!("{arm}{run}"))).unwrap();
            }
        }
        let error = rows.finish(true).unwrap_err().to_string();
        assert!(error.contains("seeds, of which few go together; give paired runs the same seed"), "{error}");
    }

    #[test]
    fn budgets_are_shares_and_what_is_not_said_is_not_short() {
        let said = "all reference s 1\nall sham s 1 0.2\nall sham s 1.5 0.05\na healed s 2 0.05\na healed s 1.8 .2";
        let table = read(said).unwrap();
        assert_eq!(table.budgets, [0.05, 0.2]);
        assert_eq!(table.series.get(ProtocolArm::Healed, 0, 1), [Some(1.8)]);
        assert_eq!(table.series.base(ProtocolArm::Sham, 0, 0), [Some(1.5)]);
        let unsaid = read("- reference s 1\n- sham s 1\na healed s 2").unwrap();
        assert_eq!(unsaid.budgets, [f64::INFINITY]);
        let subject = Subject { name: "a".into(), label: String::new(), changed: false, edge: false };
        let options = Options { budgets: unsaid.budgets.clone(), ..Options::default() };
        let analysis = analyse(&unsaid.series, &[subject], &options).unwrap();
        assert_eq!(analysis.components[0].answers[&Question::Recovery].gap.mean, 1.0);
    }

    /// Every refusal names the place and the way out.
    #[test]
    fn what_cannot_be_compared_is_refused() {
        let with = |rows: &str| refusal(&format!("{TWO}{rows}"));
        for (error, words) in [
            (refusal(""), "no rows"),
            (with("a varaint 1 1"), "line 3, column `arm`: there is no arm `varaint`; did you mean `variant`?"),
            (with("a baseline 1 1"), "is called `reference`"),
            (with("a mystery-arm 1 1"), "write `variant`"),
            (with("a . 1 1"), "column `arm`: it is empty; the arms are: reference, cut"),
            (with("a cut . 1"), "line 3, column `seed`: it is empty"),
            (with("a cut 1 NaN"), "line 3, column `value`: `NaN` cannot be averaged; a diverged run is a result"),
            (with("a cut 1 -inf"), "`-inf` cannot be averaged"),
            (with("a cut 1 1e999"), "`1e999` cannot be averaged"),
            (with("a cut 1 1e101"), "`1e101` is beyond 1e100"),
            (with("a cut 1 ."), "column `value`: it is empty; a diverged run"),
            (with("a cut 1 0,5"), "write a decimal point: 0.5"),
            (with("a cut 1 good"), "`good` is not a number"),
            (
                with("a cut 1 1\na cut 2 1\na cut 1 2"),
                "line 5: component `a` has arm `cut` and seed `1` already, with the value 1 at line 3",
            ),
            (with("a cut 1 1\na cut 3 1"), "column `seed`: the table lacks the seed `3` in the arm `reference`"),
            (with("a cut 1 1"), "component `a` lacks the seed `2` in the arm `cut`, which is in other arms"),
            (refusal("a cut 1 1"), "component `a` has an arm `cut` and no reference"),
            (refusal("full reference 1 1\na cut 1 1"), "component `full` has a reference and no other arm"),
            (refusal(TWO), "rows of the reference only"),
            (with(". cut 1 1"), "line 3, column `component`: `` names no component"),
            (with("a placebo 1 1"), "write `all` in place of `a`"),
            (with("a healed 1 1"), "component `a` is healed and has no sham"),
            (with("a healed 1 1 0.05\nall sham 1 1 0.2"), "healed with the budget 0.05 and has no sham of that budget"),
            (with("a healed 1 1 500"), "line 3, column `budget`: `500` is not a share"),
        ] {
            assert!(error.contains(words), "`{words}` is missing in: {error}");
        }
        let many: String = (0..MOST_COMPONENTS + 1).map(|index| format!("c{index} cut 1 1\n")).collect();
        assert!(refusal(&many).contains("more than 1024 components; is this the right column?"));
        let lacking: String = (0..9).map(|seed| format!("all reference {seed} 1\n")).collect();
        let error = refusal(&format!("{lacking}a cut 0 1"));
        assert!(error.contains("lacks the seeds `1`, `2`, `3`, `4`, `5` and 3 more in the arm `cut`, which are"), "{error}");
    }

    #[test]
    fn a_partial_table_is_asked_in_the_seeds_that_all_arms_have() {
        let mut rows = Rows::default();
        for (component, arm, seed, value) in
            [("", "R", "1", "1"), ("", "R", "2", "1"), ("a", "N", "2", "3"), ("a", "D", "1", "4")]
        {
            rows.push(Row { place: Place::Row(1), component, arm, seed, value, budget: None }).unwrap();
        }
        let table = rows.finish(true).unwrap();
        assert_eq!(table.series.get(ProtocolArm::RetrainedOwn, 0, 0), [None, Some(3.0)]);
    }

    proptest! {
        #[test]
        fn cells_of_any_kind_never_panic(rows in prop::collection::vec(("\\PC{0,3}|a|-", "\\PC{0,9}|R|V|H|S|P", "[01]?", "\\PC{0,4}|[0-9]", prop::option::of("0.1|x")), 0..12)) {
            let mut read = Rows::default();
            for (index, (component, arm, seed, value, budget)) in rows.iter().enumerate() {
                let place = Place::Line(index as u64);
                let _ = read.push(Row { place, component, arm, seed, value, budget: budget.as_deref() });
            }
            let _ = read.finish(false);
        }

        #[test]
        fn the_order_of_rows_changes_nothing(order in Just((0..24).collect::<Vec<usize>>()).prop_shuffle()) {
            let rows = |order: &[usize]| {
                let mut rows = Rows::default();
                for &index in order {
                    let (arm, seed) = (["R", "a", "b", "c"][index / 6], (index % 6).to_string());
                    let value = (index * index % 17).to_string();
                    let (component, arm) = if arm == "R" { ("all", "R") } else { (arm, "V") };
                    rows.push(Row { place: Place::Row(1), component, arm, seed: &seed, value: &value, budget: None }).unwrap();
                }
                rows.finish(false).unwrap()
            };
            prop_assert_eq!(rows(&order), rows(&(0..24).collect::<Vec<usize>>()));
        }
    }
}
