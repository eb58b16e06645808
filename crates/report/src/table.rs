//! Results that somebody else's program wrote: from the rows of a table to what can be analysed.
//!
//! Most ablations are run elsewhere, and their flaws lie less in the training than in the table: a seed that one arm lacks, a diverged run
//! that was left out, two rows for one run. An average hides all of that. So a table is refused unless every arm has exactly the seeds of
//! the reference it is compared with, and every refusal names the line, the column and the way out.

mod cell;
mod checks;
mod error;
mod failed;
mod metric;
mod names;
mod notes;
mod number;
mod parameters;
mod seed;

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::Arm;
use ablation_settings::number::given;
use cell::{share, short, unknown_arm};
pub use error::{Place, TableError};
pub use failed::Failed;
use metric::Metric;
use names::Names;
use number::{Decimal, NoNumber, Written};
use parameters::Counts;

use crate::Series;

/// The columns that are read; the last three are optional.
pub const COLUMNS: [&str; 7] = ["component", "arm", "seed", "value", "budget", "metric", "parameters"];

/// Which of [`COLUMNS`] a name stands for, in capitals or not.
pub fn column(name: &str) -> Option<usize> {
    let found = COLUMNS.iter().position(|column| column.eq_ignore_ascii_case(name));
    found.or_else(|| parameters::is_column(name).then_some(COLUMNS.len() - 1))
}

/// Most components of one table: every p-value is adjusted for all of them.
const MOST_COMPONENTS: usize = 1024;
/// Most recovery budgets.
const MOST_BUDGETS: usize = 32;
/// Most arms times seeds: a table of 10^7 rows in which every arm has every seed.
const MOST_PLACES: usize = 1 << 24;
/// Seeds that a message names before it says how many more there are.
const NAMED: usize = 5;

/// One result, as text. Blanks at the ends of a cell do not count.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Where it stands.
    pub place: Place,
    /// The component; empty, `-`, `all` or `reference` for a reference, a sham or an A/A control that all components share.
    pub component: &'a str,
    /// The arm: a name, a symbol or a question of [`Arm::parse`].
    pub arm: &'a str,
    /// The seed; any text.
    pub seed: &'a str,
    /// What was measured.
    pub value: &'a str,
    /// Steps after the ablation as a share of the training, where the table says so; read for arms of recovery only.
    pub budget: Option<&'a str>,
    /// What the value is a measure of, where the table says so.
    pub metric: Option<&'a str>,
    /// How many parameters the model has, where the table says so.
    pub parameters: Option<&'a str>,
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
    /// Recovery budgets, ascending; one that the table does not say is infinite, and so never a short one.
    pub budgets: Vec<f64>,
    /// Arms in which runs failed. They have no values: the mean of the runs that did not fail is that of a selection.
    pub failures: Vec<Failure>,
    /// Seeds that stand in the table in several spellings, each with them.
    pub respelt: Vec<(String, Vec<String>)>,
    /// Whether the values stand in the table as per cent.
    pub percent: bool,
    /// Parameters of the models of each arm, of one component or of all: the fewest and the most.
    parameters: Counts,
}

impl Table {
    /// Why a component of which nothing could be asked has no answers.
    pub fn why_unanswered(&self, component: usize) -> String {
        let of_it = self.failures.iter().filter(|failure| failure.component == Some(component));
        let failed = |failure: &Failure| {
            let arm = failure.arm.name();
            format!("{} of {} runs of the arm `{arm}` failed", failure.seeds.len(), failure.runs)
        };
        let failed: Vec<String> = of_it.map(failed).collect();
        if failed.is_empty() { "no seed has all that would be compared".to_string() } else { failed.join(", ") }
    }
}

/// An arm in which runs failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Which arm.
    pub arm: Arm,
    /// Index of its component; none if all components share it.
    pub component: Option<usize>,
    /// Its budget, if it has one.
    pub budget: Option<f64>,
    /// Names of the seeds whose runs failed.
    pub seeds: Vec<String>,
    /// Runs in all.
    pub runs: usize,
}

/// Equal numbers have equal bits, but for the two zeros.
fn mark_bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// Which component a row speaks of: `None` for all of them.
type Owner = Option<usize>;

/// A value, none of a run that failed, and where it stands.
#[derive(Clone, Copy)]
struct Cell {
    value: Option<f64>,
    place: Place,
}

/// How the numbers of a column are written, by the first cell of each way.
#[derive(Default)]
struct Styles {
    point: Option<(String, Place)>,
    comma: Option<(String, Place)>,
    percent: Option<(String, Place)>,
    plain: Option<(String, Place)>,
}

impl Styles {
    /// Takes note of a number; refuses it if another one of the column was written in another way.
    fn agree(&mut self, text: &str, written: Written, place: Place) -> Result<(), String> {
        let first = |seen: &mut Option<(String, Place)>| {
            if seen.is_none() {
                *seen = Some((short(text.trim()), place));
            }
        };
        match written.decimal {
            Some(Decimal::Point) => first(&mut self.point),
            Some(Decimal::Comma) => first(&mut self.comma),
            None => {}
        }
        first(if written.percent { &mut self.percent } else { &mut self.plain });
        let differ = |this: &str, other: &(String, Place), that: &str| {
            let (shown, at) = other;
            format!("`{}` has {this}, and `{shown}` at {at} {that}; write all numbers in one way", short(text.trim()))
        };
        match (&self.point, &self.comma, written.decimal) {
            (Some(point), Some(_), Some(Decimal::Comma)) => return Err(differ("a decimal comma", point, "a decimal point")),
            (Some(_), Some(comma), Some(Decimal::Point)) => return Err(differ("a decimal point", comma, "a decimal comma")),
            _ => {}
        }
        match (&self.percent, &self.plain) {
            (Some(_), Some(plain)) if written.percent => Err(differ("a per cent sign", plain, "none")),
            (Some(percent), Some(_)) => Err(differ("no per cent sign", percent, "one")),
            _ => Ok(()),
        }
    }
}

/// A table being read, a row at a time.
#[derive(Default)]
pub struct Rows {
    /// Whether numbers may have a decimal comma.
    commas: bool,
    failed: Failed,
    /// Bits of the marks that were found; none stands for what is no number.
    found: BTreeSet<Option<u64>>,
    styles: Styles,
    metric: Metric,
    parameters: Counts,
    components: Names,
    /// By their canonical names.
    seeds: Names,
    /// How each of them is spelt, most often in one way.
    spellings: Vec<BTreeSet<String>>,
    /// By arm, component, bits of the budget and seed. Positive numbers are ordered as their bits are.
    cells: BTreeMap<(Arm, Owner, u64), BTreeMap<usize, Cell>>,
}

impl Rows {
    /// No rows yet. `commas` says that commas do not separate cells, so that one in a number is a decimal comma.
    pub fn new(commas: bool, failed: Failed) -> Self {
        Rows { commas, failed, ..Rows::default() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If a cell cannot be read, or the table has this run already.
    pub fn push(&mut self, row: Row<'_>) -> Result<(), TableError> {
        let refuse = |column: &str, message: String| TableError::at(Some(row.place), column, message);
        let arm = Arm::parse(row.arm).ok_or_else(|| refuse("arm", unknown_arm(row.arm.trim())))?;
        let value = self.value(row).map_err(|message| refuse("value", message))?;
        let spelling = row.seed.trim();
        if spelling.is_empty() {
            return Err(refuse("seed", "it is empty; name the seed, which pairs this run with its reference".into()));
        }
        let name = row.component.trim();
        self.metric.agree(row.metric, name, row.place)?;
        let owner = match (is_shared(name), arm) {
            (true, Arm::Reference | Arm::Sham | Arm::Aa) => None,
            (true, _) => {
                let message = format!(
                    "`{name}` names no component, and an arm `{}` needs one; only {} are shared",
                    arm.name(),
                    [Arm::Reference, Arm::Sham, Arm::Aa].map(Arm::name).join(", ")
                );
                return Err(refuse("component", message));
            }
            (false, Arm::Aa) => {
                let message = format!(
                    "the A/A control `{}` is compared with the shared reference; write `all` in place of `{}`",
                    arm.name(),
                    short(name)
                );
                return Err(refuse("component", message));
            }
            (false, _) => Some(self.components.index(name)),
        };
        if self.components.len() > MOST_COMPONENTS {
            let message = format!("there are more than {MOST_COMPONENTS} components; is this the right column?");
            return Err(refuse("component", message));
        }
        if let Some(text) = row.parameters {
            parameters::note(&mut self.parameters, (arm, owner), text, self.commas, row.place)?;
        }
        let budget = row
            .budget
            .filter(|_| is_recovery(arm))
            .map_or(Ok(f64::INFINITY), share)
            .map_err(|message| refuse("budget", message))?;
        let seed_index = self.seeds.index(&seed::canonical(spelling));
        if seed_index == self.spellings.len() {
            self.spellings.push(BTreeSet::new());
        }
        if !self.spellings[seed_index].contains(spelling) {
            self.spellings[seed_index].insert(spelling.to_string());
        }
        let cells = self.cells.entry((arm, owner, budget.to_bits())).or_default();
        match cells.insert(seed_index, Cell { value, place: row.place }) {
            None => Ok(()),
            Some(first) => {
                let what = match first.value {
                    Some(same) if Some(same) == value => {
                        format!("{} has the same value; remove one of them if it is one run written twice", first.place)
                    }
                    Some(other) => format!("{} has the value {other}; keep one of them", first.place),
                    None => format!("it failed at {}; keep one of them", first.place),
                };
                let message = format!(
                    "{} has arm `{}` and seed `{}` already: {what}, or give two runs two seeds",
                    self.called(owner),
                    arm.name(),
                    short(spelling),
                );
                Err(TableError { place: Some(row.place), column: None, message })
            }
        }
    }

    /// The value of a row; none if its run failed.
    fn value(&mut self, row: Row<'_>) -> Result<Option<f64>, String> {
        const DIVERGED: &str = "a run that diverged is a result: give it the loss of the untrained model, or count it as failed with \
                                `--failed nan`";
        let text = row.value.trim();
        let written = match number::read(text, self.commas) {
            Ok(written) => written,
            Err(_) if self.failed.is_mark(None) => {
                self.found.insert(None);
                return Ok(None);
            }
            Err(NoNumber::NotFinite) if text.is_empty() => return Err(format!("it is empty; {DIVERGED}")),
            Err(NoNumber::NotFinite) => return Err(format!("`{}` cannot be averaged; {DIVERGED}", short(text))),
            Err(NoNumber::Refused(reason)) => return Err(format!("`{}` is not a number: {reason}", short(text))),
        };
        if self.failed.is_mark(Some(written.value)) {
            self.found.insert(Some(mark_bits(written.value)));
            return Ok(None);
        }
        if written.value.abs() > ablation_stats::LARGEST {
            return Err(format!("`{}` is beyond 1e100; use a larger unit. If the run diverged: {DIVERGED}", short(text)));
        }
        self.styles.agree(text, written, row.place)?;
        Ok(Some(written.value))
    }

    /// The marks of failed runs that no row has, as they are written.
    pub fn unseen_marks(&self) -> Vec<String> {
        let Failed::Marks { values, not_a_number } = &self.failed else { return Vec::new() };
        let unseen = values.iter().filter(|value| !self.found.contains(&Some(mark_bits(**value)))).map(|value| given(*value));
        unseen.chain((*not_a_number && !self.found.contains(&None)).then(|| "nan".to_string())).collect()
    }

    /// Refuses a number that looks as if it meant that a run failed.
    fn sentinels(&self) -> Result<(), TableError> {
        if self.failed != Failed::Unstated {
            return Ok(());
        }
        let cells: Vec<(f64, Place)> =
            self.cells.values().flat_map(BTreeMap::values).filter_map(|cell| Some((cell.value?, cell.place))).collect();
        let Some(suspect) = failed::suspect(&cells) else { return Ok(()) };
        let [low, high] = suspect.others;
        let mut places = suspect.places;
        places.sort_unstable();
        let named: Vec<String> = places.iter().take(NAMED).map(Place::to_string).collect();
        let more = if places.len() > NAMED { format!(" and {} more", places.len() - NAMED) } else { String::new() };
        let value = suspect.value;
        let message = format!(
            "{value} ({}{more}) lies far outside of all other values, which go from {low} to {high}. Does it mark a run that failed? Then \
             say `--failed {value}`, and failed runs are counted and not averaged; if it was measured, say `--failed none`",
            named.join(", ")
        );
        Err(TableError::at(None, "value", message))
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
            return Err(TableError::of_table("the table has a header and no rows; write one row per run"));
        }
        self.sentinels()?;
        self.references()?;
        if !partial {
            self.pairs()?;
        }
        let budgets: BTreeSet<u64> =
            self.cells.keys().filter(|(arm, ..)| is_recovery(*arm)).map(|&(.., budget)| budget).collect();
        let budgets: Vec<u64> = budgets.into_iter().collect();
        if budgets.len() > MOST_BUDGETS {
            let message = format!("there are {} budgets; keep at most {MOST_BUDGETS}", budgets.len());
            return Err(TableError::at(None, "budget", message));
        }
        let (components, component_ranks) = self.components.sorted();
        let (mut seeds, seed_ranks) = self.seeds.sorted();
        let mut respelt = Vec::new();
        for (index, spellings) in self.spellings.iter().enumerate() {
            match spellings.first() {
                // A seed that is spelt in one way keeps its spelling.
                Some(one) if spellings.len() == 1 => seeds[seed_ranks[index]] = one.clone(),
                _ => respelt.push((seeds[seed_ranks[index]].clone(), spellings.iter().cloned().collect())),
            }
        }
        let places = self.cells.len().saturating_mul(seeds.len());
        if places > MOST_PLACES {
            let message = format!(
                "there are {} arms and {} seeds, of which few go together; give paired runs the same seed",
                self.cells.len(),
                seeds.len()
            );
            return Err(TableError::at(None, "seed", message));
        }
        let mut series = Series::new(seeds.len());
        let mut failures = Vec::new();
        for (&(arm, owner, bits), cells) in &self.cells {
            let budget = if is_recovery(arm) { budgets.binary_search(&bits).unwrap_or(0) } else { 0 };
            let component = owner.map(|component| component_ranks[component]);
            let mut failed: Vec<usize> =
                cells.iter().filter(|(_, cell)| cell.value.is_none()).map(|(&seed, _)| seed_ranks[seed]).collect();
            if !failed.is_empty() {
                failed.sort_unstable();
                let seeds = failed.into_iter().map(|seed| seeds[seed].clone()).collect();
                let budget = Some(f64::from_bits(bits)).filter(|budget| budget.is_finite());
                failures.push(Failure { arm, component, budget, seeds, runs: cells.len() });
                continue;
            }
            for (&seed, cell) in cells {
                let (unit, value) = (seed_ranks[seed], cell.value.unwrap_or(f64::NAN));
                match component {
                    Some(component) if is_base(arm) => series.set_own(arm, component, budget, unit, value),
                    Some(component) => series.set(arm, component, budget, unit, value),
                    None => series.set(arm, 0, budget, unit, value),
                }
            }
        }
        let budgets = budgets.into_iter().map(f64::from_bits).collect();
        let percent = self.styles.percent.is_some();
        let ranked = |owner: Owner| owner.map(|component| component_ranks[component]);
        let parameters = self.parameters.into_iter().map(|((arm, owner), counts)| ((arm, ranked(owner)), counts)).collect();
        Ok(Table { series, components, seeds, budgets, failures, respelt, percent, parameters })
    }
}

/// The key of the budget of arms that have none, and of tables that do not say.
const NO_BUDGET: u64 = f64::INFINITY.to_bits();

fn is_recovery(arm: Arm) -> bool {
    matches!(arm, Arm::Sham | Arm::Recovered | Arm::ShortRetrain)
}

/// Whether an arm is one that others are compared with.
fn is_base(arm: Arm) -> bool {
    matches!(arm, Arm::Reference | Arm::Sham)
}

fn of_budget(bits: u64) -> String {
    if bits == NO_BUDGET { String::new() } else { format!(" with the budget {}", f64::from_bits(bits)) }
}

/// Whether a cell says that a row belongs to all components.
fn is_shared(component: &str) -> bool {
    component.is_empty() || ["-", "all", "reference"].iter().any(|word| component.eq_ignore_ascii_case(word))
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
            rows.push(Row {
                place,
                component: cells[0],
                arm: cells[1],
                seed: cells[2],
                value: cells[3],
                budget,
                metric: None,
                parameters: None,
            })?;
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
        assert_eq!(table.series.get(Arm::Variant, 1, 0), [Some(1.5), Some(2.5)]);
        assert_eq!(table.series.get(Arm::Retrained, 0, 0), [Some(1.25), Some(2.25)]);
        assert_eq!(table.series.base(Arm::Reference, 1, 0), [Some(1.0), Some(2.0)]);
    }

    #[test]
    fn a_reference_of_its_own_wins_over_the_shared_one() {
        let table =
            read(&format!("{TWO}a reference 1 5\na reference 2 6\na ablated 1 7\na ablated 2 8\nb ablated 1 3\nb ablated 2 3"))
                .unwrap();
        let base = |component| table.series.base(Arm::Reference, component, 0);
        assert_eq!((base(0), base(1)), (vec![Some(5.0), Some(6.0)], vec![Some(1.0), Some(2.0)]));
    }

    /// Every arm keeps a place for every seed; two megabytes of rows must not take a terabyte.
    #[test]
    fn arms_that_share_no_seeds_are_refused_before_they_fill_the_memory() {
        let mut rows = Rows::default();
        fn row<'a>(component: &'a str, arm: &'a str, seed: &'a str) -> Row<'a> {
            Row { place: Place::Line(1), component, arm, seed, value: "1.5", budget: None, metric: None, parameters: None }
        }
        rows.push(row("all", "reference", "0")).unwrap();
        for run in 0..MOST_COMPONENTS {
            let name = run.to_string();
            for arm in ["ablated", "retrained", "retrained-untuned", "matched", "variant"] {
                rows.push(row(&name, arm, &format!("{arm}{run}"))).unwrap();
            }
        }
        let error = rows.finish(true).unwrap_err().to_string();
        assert!(error.contains("seeds, of which few go together; give paired runs the same seed"), "{error}");
    }

    #[test]
    fn budgets_are_shares_and_what_is_not_said_is_not_short() {
        let text = "all reference s 1\nall sham s 1 0.2\nall sham s 1.5 0.05\na recovered s 2 0.05\na recovered s 1.8 .2";
        let table = read(text).unwrap();
        assert_eq!(table.budgets, [0.05, 0.2]);
        assert_eq!(table.series.get(Arm::Recovered, 0, 1), [Some(1.8)]);
        assert_eq!(table.series.base(Arm::Sham, 0, 0), [Some(1.5)]);
        let unstated = read("- reference s 1\n- sham s 1\na recovered s 2").unwrap();
        assert_eq!(unstated.budgets, [f64::INFINITY]);
        let subject =
            Subject { name: "a".into(), label: String::new(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { budgets: unstated.budgets.clone(), ..Options::default() };
        let analysis = analyse(&unstated.series, &[subject], &options).unwrap();
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
            (with("a . 1 1"), "column `arm`: it is empty; the arms are: reference, ablated"),
            (with("a ablated . 1"), "line 3, column `seed`: it is empty"),
            (with("a ablated 1 NaN"), "line 3, column `value`: `NaN` cannot be averaged; a run that diverged is a result"),
            (with("a ablated 1 -inf"), "`-inf` cannot be averaged"),
            (with("a ablated 1 1e999"), "`1e999` cannot be averaged"),
            (with("a ablated 1 1e101"), "`1e101` is beyond 1e100"),
            (with("a ablated 1 ."), "column `value`: it is empty; a run that diverged"),
            (with("a ablated 1 0,5"), "write a decimal point: 0.5"),
            (with("a ablated 1 good"), "`good` is not a number"),
            (
                with("a ablated 1 1\na ablated 2 1\na ablated 1 2"),
                "line 5: component `a` has arm `ablated` and seed `1` already: line 3 has the value 1; keep one of them",
            ),
            (with("a ablated 1 1\na ablated 3 1"), "column `seed`: the table lacks the seed `3` in the arm `reference`"),
            (with("a ablated 1 1"), "component `a` lacks the seed `2` in the arm `ablated`, which is in other arms"),
            (refusal("a ablated 1 1"), "component `a` has an arm `ablated` and no reference"),
            (refusal("full reference 1 1\na ablated 1 1"), "component `full` has a reference and no other arm"),
            (refusal(TWO), "rows of the reference only"),
            (with(". ablated 1 1"), "line 3, column `component`: `` names no component"),
            (with("a aa 1 1"), "write `all` in place of `a`"),
            (with("a recovered 1 1"), "component `a` has an arm `recovered` and no sham"),
            (
                with("a recovered 1 1 0.05\nall sham 1 1 0.2"),
                "an arm `recovered` with the budget 0.05 and no sham of that budget",
            ),
            (with("a recovered 1 1 500"), "line 3, column `budget`: `500` is not a share"),
        ] {
            assert!(error.contains(words), "`{words}` is missing in: {error}");
        }
        let many: String = (0..MOST_COMPONENTS + 1).map(|index| format!("c{index} ablated 1 1\n")).collect();
        assert!(refusal(&many).contains("more than 1024 components; is this the right column?"));
        let lacking: String = (0..9).map(|seed| format!("all reference {seed} 1\n")).collect();
        let error = refusal(&format!("{lacking}a ablated 0 1"));
        assert!(error.contains("lacks the seeds `1`, `2`, `3`, `4`, `5` and 3 more in the arm `ablated`, which are"), "{error}");
    }

    /// Rows with options; a dot is an empty cell.
    fn read_with(text: &str, commas: bool, failed: Failed) -> Result<Table, String> {
        let mut rows = Rows::new(commas, failed);
        for (index, line) in text.lines().enumerate() {
            let cells: Vec<&str> = line.split_whitespace().map(|cell| if cell == "." { "" } else { cell }).collect();
            let place = Place::Line(index as u64 + 1);
            let row = Row {
                place,
                component: cells[0],
                arm: cells[1],
                seed: cells[2],
                value: cells[3],
                budget: None,
                metric: None,
                parameters: None,
            };
            rows.push(row).map_err(|error| error.to_string())?;
        }
        rows.finish(false).map_err(|error| error.to_string())
    }

    #[test]
    fn spellings_of_one_seed_are_paired_and_two_runs_of_one_are_refused() {
        let table = read("- reference 0 1\n- reference 01 2\na variant 0.0 3\na variant seed_1 4").unwrap();
        assert_eq!(table.seeds, ["0", "1"]);
        assert_eq!(table.series.get(Arm::Variant, 0, 0), [Some(3.0), Some(4.0)]);
        let spelt = |seed: &str, all: &[&str]| (seed.to_string(), all.iter().map(|text| text.to_string()).collect::<Vec<_>>());
        assert_eq!(table.respelt, [spelt("0", &["0", "0.0"]), spelt("1", &["01", "seed_1"])]);
        let twice = refusal("- reference 1 1\n- reference 1.0 2\na variant 1 3");
        assert!(
            twice.contains("line 2: the table has arm `reference` and seed `1.0` already: line 1 has the value 1"),
            "{twice}"
        );
        let same = refusal("- reference 1 1\n- reference 1 1\na variant 1 3");
        assert!(same.contains("line 1 has the same value; remove one of them if it is one run written twice"), "{same}");
        assert_eq!(read("- reference s1 1\na variant s1 3").unwrap().seeds, ["s1"], "one spelling stays");
    }

    #[test]
    fn numbers_are_read_in_one_way_or_not_at_all() {
        let comma = read_with("- reference 1 0,5\na variant 1 1.234,5", true, Failed::Unstated).unwrap();
        assert_eq!(comma.series.get(Arm::Variant, 0, 0), [Some(1234.5)]);
        let refused = |text: &str| read_with(text, true, Failed::Unstated).unwrap_err();
        let mixed = refused("- reference 1 1.234,5\na variant 1 1002.3");
        let way_out = "line 2, column `value`: `1002.3` has a decimal point, and `1.234,5` at line 1 a decimal comma; write all";
        assert!(mixed.contains(way_out), "{mixed}");
        assert!(refused("- reference 1 1002.3\na variant 1 1,5").contains("`1,5` has a decimal comma, and `1002.3` at line 1"));
        let percent = read_with("- reference 1 12.5%\na variant 1 13%", false, Failed::Unstated).unwrap();
        assert!(percent.percent && percent.series.get(Arm::Reference, 0, 0) == [Some(0.125)]);
        assert!(refused("- reference 1 0.5\na variant 1 50%").contains("`50%` has a per cent sign, and `0.5` at line 1 none"));
        assert!(refused("- reference 1 50%\na variant 1 0.5").contains("`0.5` has no per cent sign, and `50%` at line 1 one"));
    }

    /// Three of five runs were written down as 1000000: their mean is no result.
    #[test]
    fn failed_runs_are_asked_about_and_counted() {
        let mut text = String::new();
        for (seed, walk) in ["1000000.0", "16.2", "1000000.0", "1e6", "0.3"].iter().enumerate() {
            text += &format!("- reference {seed} 0.085\nvote variant {seed} 0.{seed}6\nwalk variant {seed} {walk}\n");
        }
        let asked = read_with(&text, false, Failed::Unstated).unwrap_err();
        let question =
            "column `value`: 1000000 (line 3, line 9, line 12) lies far outside of all other values, which go from 0.06 to 16.2";
        assert!(asked.contains(question) && asked.contains("`--failed 1000000`") && asked.contains("`--failed none`"), "{asked}");
        let marks = |values: &[f64]| Failed::Marks { values: values.to_vec(), not_a_number: false };
        let table = read_with(&text, false, marks(&[1e6])).unwrap();
        let [failure] = &table.failures[..] else { panic!("{:?}", table.failures) };
        assert_eq!((failure.component, failure.runs, failure.seeds.join(",")), (Some(1), 5, "0,2,3".to_string()));
        assert!(!table.series.has(Arm::Variant, 1, 0) && table.series.has(Arm::Variant, 0, 0));
        let kept = read_with(&text, false, Failed::Nothing).unwrap();
        assert_eq!(kept.series.get(Arm::Variant, 1, 0)[0], Some(1e6));
        let nan = Failed::Marks { values: vec![], not_a_number: true };
        let table = read_with("- reference 1 1\n- reference 2 1\na variant 1 NaN\na variant 2 .", false, nan.clone()).unwrap();
        assert_eq!(table.failures[0].seeds, ["1", "2"]);
        let reference = read_with("- reference 1 nan\na variant 1 2", false, nan).unwrap_err();
        assert!(reference.contains("line 1: this run of the arm `reference` failed"), "{reference}");
    }

    #[test]
    fn a_partial_table_is_asked_in_the_seeds_that_all_arms_have() {
        let mut rows = Rows::default();
        for (component, arm, seed, value) in
            [("", "R", "1", "1"), ("", "R", "2", "1"), ("a", "N", "2", "3"), ("a", "D", "1", "4")]
        {
            rows.push(Row { place: Place::Row(1), component, arm, seed, value, budget: None, metric: None, parameters: None })
                .unwrap();
        }
        let table = rows.finish(true).unwrap();
        assert_eq!(table.series.get(Arm::Retrained, 0, 0), [None, Some(3.0)]);
    }

    proptest! {
        #[test]
        fn cells_of_any_kind_never_panic(rows in prop::collection::vec(("\\PC{0,3}|a|-", "\\PC{0,9}|R|V|H|S|P", "[01]?", "\\PC{0,4}|[0-9]", prop::option::of("0.1|x")), 0..12)) {
            let mut read = Rows::default();
            for (index, (component, arm, seed, value, budget)) in rows.iter().enumerate() {
                let place = Place::Line(index as u64);
                let _ = read.push(Row { place, component, arm, seed, value, budget: budget.as_deref(), metric: None, parameters: None });
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
                    rows.push(Row { place: Place::Row(1), component, arm, seed: &seed, value: &value, budget: None, metric: None, parameters: None }).unwrap();
                }
                rows.finish(false).unwrap()
            };
            prop_assert_eq!(rows(&order), rows(&(0..24).collect::<Vec<usize>>()));
        }
    }
}
