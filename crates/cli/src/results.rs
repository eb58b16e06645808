//! Results from elsewhere, read as people and programs write them: CSV in the dialect of any spreadsheet, or JSON.
//!
//! What the cells mean is decided in [`ablation_report::Rows`]; here bytes become cells, and every cell keeps its line.

use std::fmt;
use std::path::Path;

use ablation_protocol::hash_text;
use ablation_report::{COLUMNS, Place, Row, Rows, Table, TableError};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use crate::failure::bad_input;
use crate::file;

/// A table larger than this, in bytes, is not a table of runs.
const LARGEST: u64 = 1 << 28;

/// What a table has to look like, for messages.
const SHAPE: &str = "the first line names the columns, as in `component,arm,seed,value`, and every other line is a run, as in \
                     `attention,cut,0,2.913` (`ablation analyze --help` shows more)";
const OBJECT: &str = "{\"component\": \"attention\", \"arm\": \"cut\", \"seed\": 0, \"value\": 2.913}";

/// A table, and the columns that were not read.
#[derive(Debug)]
pub struct Results {
    /// The table.
    pub table: Table,
    /// Names of columns that mean nothing here, in their order.
    pub ignored: Vec<String>,
    /// SHA-256 of its text.
    pub sha256: String,
}

/// Reads a table from a file, or from standard input.
///
/// # Errors
/// If it cannot be read, or is not a table that can be analysed.
pub fn read(path: &Path, partial: bool) -> anyhow::Result<Results> {
    let what = if path.as_os_str() == file::STDIN {
        "the table on standard input".to_string()
    } else {
        format!("the table `{}`", path.display())
    };
    let text = file::text(path, &what, LARGEST)?;
    parse(&text, partial).map_err(|reason| bad_input(format!("{what}: {reason}")))
}

/// The table in a text, or what is wrong with it.
///
/// # Errors
/// The line, the cell and the way out.
pub fn parse(text: &str, partial: bool) -> Result<Results, String> {
    let mut read = Reading::default();
    match text.trim_start().chars().next() {
        None => return Err(format!("it is empty; {SHAPE}")),
        Some('[' | '{') => from_json(text, &mut read)?,
        Some(_) => from_csv(text, &mut read)?,
    }
    let table = read.rows.finish(partial).map_err(|error| error.to_string())?;
    Ok(Results { table, ignored: read.ignored, sha256: hash_text(text) })
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    rows: Rows,
    ignored: Vec<String>,
    /// Rows that are done; for places in JSON.
    done: u64,
}

impl Reading {
    fn ignore(&mut self, name: &str) {
        if !self.ignored.iter().any(|known| known == name) {
            self.ignored.push(name.to_string());
        }
    }
}

fn from_csv(text: &str, read: &mut Reading) -> Result<(), String> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator(text)).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut header: Option<Header> = None;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let Some(header) = &header else {
            header = Some(Header::new(&record, line, read)?);
            continue;
        };
        if record.len() != header.width {
            let (has, needs) = (record.len(), header.width);
            return Err(format!(
                "line {line} has {has} cells where the header has {needs}; put a cell with a separator in it in quotes, and close \
                 every quote"
            ));
        }
        let cell = |column: usize| header.places[column].and_then(|place| record.get(place));
        let [component, arm, seed, value] = [0, 1, 2, 3].map(|column| cell(column).unwrap_or_default());
        let row = Row { place: Place::Line(line), component, arm, seed, value, budget: cell(4) };
        read.rows.push(row).map_err(|error| error.to_string())?;
    }
    if header.is_some() { Ok(()) } else { Err(format!("it is empty; {SHAPE}")) }
}

/// The separator of the first line that has any character in it: the one that occurs most outside quotes.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(separator, _)| *separator == byte && !quoted).for_each(|(_, count)| *count += 1);
    }
    // The first of equals.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator)
}

/// Where the columns stand.
struct Header {
    width: usize,
    places: [Option<usize>; COLUMNS.len()],
}

impl Header {
    fn new(record: &csv::StringRecord, line: u64, read: &mut Reading) -> Result<Self, String> {
        let names: Vec<String> = record.iter().map(|name| name.trim().to_lowercase()).collect();
        let mut places = [None; COLUMNS.len()];
        for (place, name) in names.iter().enumerate() {
            match COLUMNS.iter().position(|column| column == name) {
                Some(column) if places[column].is_some() => {
                    return Err(format!("line {line} names the column `{name}` twice; keep one of them"));
                }
                Some(column) => places[column] = Some(place),
                None if name.is_empty() => {}
                None => read.ignore(record[place].trim()),
            }
        }
        let known = names.iter().map(|name| format!("`{}`", shorten(name))).take(20).collect::<Vec<_>>().join(", ");
        if places.iter().all(Option::is_none) && names.iter().any(|name| name.parse::<f64>().is_ok()) {
            return Err(format!("line {line} is no header but a run; {SHAPE}"));
        }
        match COLUMNS[..4].iter().zip(&places).find(|(_, place)| place.is_none()) {
            Some((column, _)) => Err(format!(
                "line {line} has no column `{column}`, but {known}; name {} `{column}`",
                match *column {
                    "value" => "the column with the loss or score",
                    "seed" => "the column that says which runs belong together",
                    "arm" => "the column that says how the model came to be",
                    _ => "the column that says what was changed",
                }
            )),
            None => Ok(Header { width: record.len(), places }),
        }
    }
}

fn from_json(text: &str, read: &mut Reading) -> Result<(), String> {
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let list = List { read, refused: &mut refused, wrapped: false };
    let done = list.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (refused, done) {
        (Some(reason), _) => Err(reason),
        (None, Err(error)) if error.is_eof() => Err(format!("the JSON ends in the middle ({error}); was the file cut off?")),
        (None, Err(error)) => {
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            let before = error.column().saturating_sub(2);
            let rest: String = line.bytes().skip(before).take(12).map(char::from).collect();
            let hint = if ["NaN", "Infinity"].iter().any(|word| rest.contains(word)) {
                "JSON has no NaN and no Infinity; a diverged run is a result: give it the loss of the untrained model, or leave its seed \
                 out of every arm and say so"
                    .to_string()
            } else {
                format!("write a list of objects such as {OBJECT}")
            };
            Err(format!("it is not JSON of this shape: {error}; {hint}"))
        }
        (None, Ok(())) => Ok(()),
    }
}

/// Reads a list of rows, alone or as `rows` of an object, without holding more than one row in memory.
struct List<'a> {
    read: &'a mut Reading,
    /// What is wrong, in our words.
    refused: &'a mut Option<String>,
    /// Whether this is the list in an object.
    wrapped: bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<Json>()? {
            self.read.done += 1;
            if let Err(reason) = push(self.read, row) {
                *self.refused = Some(reason);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = fields.next_key::<String>()? {
            if name == "rows" && !self.wrapped && !found {
                found = true;
                fields.next_value_seed(List { read: &mut *self.read, refused: &mut *self.refused, wrapped: true })?;
            } else {
                self.read.ignore(&name);
                fields.next_value::<IgnoredAny>()?;
            }
        }
        if !found {
            *self.refused = Some(format!("an object needs a list called `rows`; write {{\"rows\": [{OBJECT}, …]}}"));
            return Err(A::Error::custom("refused"));
        }
        Ok(())
    }
}

fn push(read: &mut Reading, row: Json) -> Result<(), String> {
    let place = Place::Row(read.done);
    let Json::Object(fields) = row else {
        return Err(format!("{place} is {}; write an object such as {OBJECT}", shorten(&row.to_string())));
    };
    let mut cells: [Option<String>; COLUMNS.len()] = Default::default();
    for (name, value) in fields {
        let Some(column) = COLUMNS.iter().position(|column| name.trim().eq_ignore_ascii_case(column)) else {
            read.ignore(&name);
            continue;
        };
        if value.is_null() && COLUMNS[column] == "budget" {
            continue;
        }
        let refuse = |way_out: &str| {
            let message = format!("{} cannot be used; {way_out}", shorten(&value.to_string()));
            Err(TableError { place: Some(place), column: Some(COLUMNS[column]), message }.to_string())
        };
        cells[column] = Some(match (&value, COLUMNS[column]) {
            (Json::Null, _) => String::new(),
            (Json::String(text), "component" | "arm" | "seed") => text.clone(),
            (Json::Number(number), "seed" | "value" | "budget") => number.to_string(),
            (_, "value" | "budget") => return refuse("write a number without quotes"),
            (_, "seed") => return refuse("write a text or a number"),
            _ => return refuse("write a text in quotes"),
        });
    }
    if let Some(column) = (1..4).find(|column| cells[*column].is_none()) {
        let name = COLUMNS[column];
        return Err(format!("{place} has no `{name}`; write every row as {OBJECT}"));
    }
    let [component, arm, seed, value, budget] = cells;
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let (component, arm, seed, value) = (text(&component), text(&arm), text(&seed), text(&value));
    let row = Row { place, component: &component, arm: &arm, seed: &seed, value: &value, budget: budget.as_deref() };
    read.rows.push(row).map_err(|error| error.to_string())
}

/// Hostile cells can be long; a message repeats only the beginning.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST { text.to_string() } else { text.chars().take(LONGEST).chain("…".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A cell that is often nearly right.
    const CELL: &str = "component|arm|seed|value|budget|all|a|b|R|V|cut|0|1|0\\.05|-1e3|nan|\"|\\PC{0,3}";

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(start in "(component,arm,seed,value\n|\\[\\{)?", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [start.into_bytes(), bytes].concat();
            if let Ok(text) = file::decode(bytes, "the table") {
                let _ = parse(&text, false);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\n\r\t]{0,200}", partial: bool) {
            let _ = parse(&text, partial);
        }

        #[test]
        fn what_is_nearly_a_table_is_read_or_refused(
            lines in prop::collection::vec(prop::collection::vec(CELL, 0..6), 0..8),
            separator in "[,;\t]",
            header: bool,
        ) {
            let mut text = if header { format!("{}\n", COLUMNS.join(&separator)) } else { String::new() };
            lines.iter().for_each(|cells| text += &(cells.join(&separator) + "\r\n"));
            let _ = parse(&text, false);
        }

        #[test]
        fn what_is_nearly_json_is_read_or_refused(start in "\\[?|\\{\"rows\":\\[", rows in prop::collection::vec(prop::collection::vec((CELL, CELL), 0..5), 0..4), end in "\\]?\\}?") {
            let row = |cells: &Vec<(String, String)>| {
                let pairs = cells.iter().map(|(name, value)| format!("\"{name}\": {value}"));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            };
            let _ = parse(&format!("{start}{}{end}", rows.iter().map(row).collect::<Vec<_>>().join(",")), true);
        }

        #[test]
        fn the_order_of_lines_changes_nothing(order in Just((0..24).collect::<Vec<usize>>()).prop_shuffle()) {
            let line = |index: &usize| {
                let (component, arm) = [("", "R"), ("a", "D"), ("a", "N"), ("b", "D")][index / 6];
                format!("{component};{arm};{};{}\n", index % 6, index * index % 17)
            };
            let table = |order: &[usize]| {
                let text = "component;arm;seed;value\n".to_string() + &order.iter().map(line).collect::<String>();
                parse(&text, false).unwrap().table
            };
            prop_assert_eq!(table(&order), table(&(0..24).collect::<Vec<usize>>()));
        }
    }

    #[test]
    fn the_separator_is_the_one_that_the_first_line_has_most_of() {
        for (line, expected) in [("a;b;c,d", b';'), ("\n\na\tb", b'\t'), ("\"a;b;c\",d", b','), ("a", b','), ("a,b;c", b',')] {
            assert_eq!(separator(line), expected, "{line}");
        }
    }
}
