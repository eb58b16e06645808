//! Results from elsewhere, read as people and programs write them: CSV in the dialect of any spreadsheet, or JSON.
//!
//! What the cells mean is decided in [`ablation_report::Rows`]; here bytes become cells, and every cell keeps its line.

mod json;

use std::collections::BTreeSet;
use std::path::Path;

use ablation_protocol::hash_text;
use ablation_report::{COLUMNS, Failed, Place, Row, Rows, Table, TableError, column};
use ablation_settings::{LONGEST, shorten};

use crate::failure::bad_input;
use crate::file;
use crate::progress::Progress;
use json::from_json;

/// A table larger than this, in bytes, is not a table of runs.
const LARGEST: u64 = 1 << 28;

/// What a table has to look like, for messages.
const SHAPE: &str = "the first line names the columns, as in `component,arm,seed,value`, and every other line is a run, as in \
                     `attention,ablated,0,2.913` (`ablation analyze --help` shows more)";
/// A place that tells how far a large table is read, in rows.
const STRIDE: u64 = 4096;

const OBJECT: &str = "{\"component\": \"attention\", \"arm\": \"ablated\", \"seed\": 0, \"value\": 2.913}";

/// A table, and the columns that were not read.
#[derive(Debug)]
pub struct Results {
    /// The table.
    pub table: Table,
    /// Names of columns that mean nothing here, in their order.
    pub ignored: Vec<String>,
    /// What the reader has to know of how it was read.
    pub notes: Vec<String>,
    /// SHA-256 of its text.
    pub sha256: String,
}

/// How a table is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether arms may lack seeds.
    pub partial: bool,
    /// Which values mark runs that failed.
    pub failed: Failed,
}

/// Reads a table from a file, or from standard input.
///
/// # Errors
/// If it cannot be read, or is not a table that can be analysed.
pub fn read(path: &Path, options: &Options) -> anyhow::Result<Results> {
    let what = if path.as_os_str() == file::STDIN {
        "the table on standard input".to_string()
    } else {
        format!("the table `{}`", path.display())
    };
    let (text, note) = file::foreign_text(path, &what, LARGEST)?;
    let mut results = parse(&text, options).map_err(|reason| bad_input(format!("{what}: {reason}")))?;
    results.notes.splice(0..0, note);
    Ok(results)
}

/// The table in a text, or what is wrong with it.
///
/// # Errors
/// The line, the cell and the way out.
pub fn parse(text: &str, options: &Options) -> Result<Results, String> {
    let mut read = Reading::new(text, options);
    match text.trim_start().chars().next() {
        None => return Err(format!("it is empty; {SHAPE}")),
        Some('[' | '{') => from_json(text, &mut read)?,
        Some(_) => from_csv(text, &mut read)?,
    }
    let Reading { rows, columns, ignored, .. } = read;
    let unseen = rows.unseen_marks();
    let table = rows.finish(options.partial).map_err(|error| columns.spelt(error))?;
    let mut notes = Vec::new();
    if table.percent {
        notes.push("the values are in per cent and read as shares: 32.95 % is 0.3295, for the margin too".to_string());
    }
    notes.extend(respelt(&table));
    notes.extend(
        unseen.into_iter().map(|mark| format!("no run is marked as failed by `--failed {mark}`: that value is not in the table")),
    );
    Ok(Results { table, ignored, notes, sha256: hash_text(text) })
}

/// That one seed stands in the table under several names.
fn respelt(table: &Table) -> Option<String> {
    const NAMED: usize = 3;
    let spelt = |(seed, spellings): &(String, Vec<String>)| format!("{} as `{seed}`", quoted(spellings));
    let seeds: Vec<String> = table.respelt.iter().take(NAMED).map(spelt).collect();
    let more = table.respelt.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    (!seeds.is_empty()).then(|| format!("seeds that are spelt in several ways are taken as one: {}{more}", seeds.join("; ")))
}

/// Names in backticks.
fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", short(name))).collect::<Vec<_>>().join(", ")
}

/// What has been read so far.
struct Reading {
    rows: Rows,
    /// How this table spells the columns.
    columns: Columns,
    /// Names of columns that mean nothing here, in their order.
    ignored: Vec<String>,
    /// The same, to look them up: a table can have a hundred thousand.
    known: BTreeSet<String>,
    /// Rows that are done; for places in JSON.
    done: u64,
    progress: Progress,
}

impl Reading {
    fn new(text: &str, options: &Options) -> Self {
        let rows = Rows::new(separator(text).decimal_commas(), options.failed.clone());
        let progress = Progress::new(text.len() as u64);
        Reading { rows, columns: Columns::default(), ignored: Vec::new(), known: BTreeSet::new(), done: 0, progress }
    }

    fn ignore(&mut self, name: &str) {
        if !self.known.contains(name) {
            self.known.insert(name.to_string());
            self.ignored.push(name.to_string());
        }
    }

    fn push(&mut self, row: Row<'_>) -> Result<(), String> {
        self.rows.push(row).map_err(|error| self.columns.spelt(error))
    }
}

/// The columns as a table spells them.
#[derive(Default)]
struct Columns([Option<String>; COLUMNS.len()]);

impl Columns {
    /// The column of a name, in capitals or not, which is remembered as it is written.
    fn find(&mut self, name: &str) -> Option<usize> {
        let name = name.trim();
        let column = column(name)?;
        self.0[column].get_or_insert_with(|| name.to_string());
        Some(column)
    }

    /// The message of an error, with its column as this table spells it.
    fn spelt(&self, error: TableError) -> String {
        let spelling = |name: &str| self.0[COLUMNS.iter().position(|column| *column == name)?].clone();
        error.spelt(spelling).to_string()
    }
}

/// Counts the lines of a text up to a byte, going forward only. A line ends with CR, LF or both, as spreadsheets of three systems have it.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, skipped: usize) -> Self {
        let mut lines = Lines { bytes: text.as_bytes(), at: 0, line: 1 };
        lines.count(skipped);
        lines
    }

    fn count(&mut self, end: usize) {
        while self.at < end.min(self.bytes.len()) {
            let is_end = match self.bytes[self.at] {
                b'\n' => true,
                b'\r' => self.bytes.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(is_end);
            self.at += 1;
        }
    }

    /// The line of the record that begins at or behind this byte: what precedes it may be the end of the line before, or blank lines.
    fn line_at(&mut self, byte: usize) -> u64 {
        let blank = self.bytes[byte.min(self.bytes.len())..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.count(byte + blank);
        self.line
    }
}

fn from_csv(text: &str, read: &mut Reading) -> Result<(), String> {
    let Separator { byte, skipped } = separator(text);
    let (whole, text) = (text, &text[skipped..]);
    let mut lines = Lines::new(whole, skipped);
    let mut reader = csv::ReaderBuilder::new().delimiter(byte).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut header: Option<Header> = None;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let begun = skipped + record.position().map_or(0, csv::Position::byte) as usize;
        let line = lines.line_at(begun);
        read.done += 1;
        if read.done.is_multiple_of(STRIDE) {
            read.progress.at(begun as u64, "read the table", None);
        }
        let Some(header) = &header else {
            header = Some(Header::new(&record, line, read)?);
            continue;
        };
        if record.len() != header.width {
            return Err(ragged(&record, line, header.width, byte));
        }
        let cell = |column: usize| header.places[column].and_then(|place| record.get(place));
        let [component, arm, seed, value] = [0, 1, 2, 3].map(|column| cell(column).unwrap_or_default());
        let row =
            Row { place: Place::Line(line), component, arm, seed, value, budget: cell(4), metric: cell(5), parameters: cell(6) };
        read.push(row)?;
    }
    if header.is_some() { Ok(()) } else { Err(format!("it is empty; {SHAPE}")) }
}

/// A row with more or fewer cells than the header.
fn ragged(record: &csv::StringRecord, line: u64, needs: usize, separator: u8) -> String {
    let has = record.len();
    let cells: Vec<&str> = record.iter().collect();
    let is_digits =
        |cell: &str| !cell.trim().is_empty() && cell.trim().trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    // `0,3295` between commas is two cells.
    let is_comma = separator == b',' && has > needs && cells.windows(2).any(|pair| is_digits(pair[0]) && is_digits(pair[1]));
    let hint = if is_comma {
        "if a decimal comma made two cells of a number, save the table with semicolons between cells, or with decimal points"
    } else {
        "put a cell with a separator in it in quotes, and close every quote"
    };
    format!("line {line} has {has} cells where the header has {needs}; {hint}")
}

/// What separates cells, and how much of the text comes before the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Separator {
    byte: u8,
    /// Bytes of a first line `sep=;`, by which a spreadsheet says the separator.
    skipped: usize,
}

impl Separator {
    /// Whether a comma in a number is a decimal comma.
    fn decimal_commas(self) -> bool {
        self.byte != b','
    }
}

/// The separator: what a first line `sep=…` says, else the one that occurs most outside quotes in the first line with any character in it.
fn separator(text: &str) -> Separator {
    let mut before = 0;
    // CR alone ends a line as well.
    let line = text.split_inclusive(['\n', '\r']).find(|line| {
        !line.trim().is_empty() || {
            before += line.len();
            false
        }
    });
    let line = line.unwrap_or_default();
    let unquoted = line.trim_end_matches(['\n', '\r']).trim_matches('"');
    if let Some((word, byte @ 1..=127)) = unquoted.split_at_checked(4).and_then(|(word, rest)| match rest.as_bytes() {
        [byte] => Some((word, *byte)),
        _ => None,
    }) && word.eq_ignore_ascii_case("sep=")
    {
        return Separator { byte, skipped: before + line.len() };
    }
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(separator, _)| *separator == byte && !quoted).for_each(|(_, count)| *count += 1);
    }
    // The first of equals.
    let byte = counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| separator);
    Separator { byte, skipped: 0 }
}

/// Where the columns stand.
struct Header {
    width: usize,
    places: [Option<usize>; COLUMNS.len()],
}

impl Header {
    fn new(record: &csv::StringRecord, line: u64, read: &mut Reading) -> Result<Self, String> {
        let names: Vec<&str> = record.iter().map(str::trim).collect();
        let mut places: [Option<usize>; COLUMNS.len()] = [None; COLUMNS.len()];
        for (place, name) in names.iter().enumerate() {
            match read.columns.find(name) {
                Some(column) => match places[column] {
                    Some(first) if names[first] == *name => {
                        return Err(format!("line {line} names the column `{name}` twice; keep one of them"));
                    }
                    Some(first) => {
                        let first = names[first];
                        return Err(format!(
                            "line {line} names one column twice, as `{first}` and as `{name}`; keep one of them"
                        ));
                    }
                    None => places[column] = Some(place),
                },
                None if name.is_empty() => {}
                None => read.ignore(name),
            }
        }
        let known = names.iter().map(|name| format!("`{}`", short(name))).take(20).collect::<Vec<_>>().join(", ");
        let more = if names.len() > 20 { format!(" and {} more", names.len() - 20) } else { String::new() };
        if let Some(reason) = mistaken(&names, line) {
            return Err(reason);
        }
        if places.iter().all(Option::is_none) && names.iter().any(|name| name.parse::<f64>().is_ok()) {
            return Err(format!("line {line} is no header but a run; {SHAPE}"));
        }
        match COLUMNS[..4].iter().zip(&places).find(|(_, place)| place.is_none()) {
            Some((column, _)) => Err(format!(
                "line {line} has no column `{column}`, but {known}{more}; name {} `{column}`",
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

/// Why a first line is no header although it may look like one: a comment, or the names of columns between other separators.
fn mistaken(names: &[&str], line: u64) -> Option<String> {
    let first = names.first()?;
    if first.starts_with('#') {
        return Some(format!(
            "line {line} begins with `#`, and a table has no comments; remove the line, or the `#` before the names"
        ));
    }
    let [only] = names else { return None };
    let is_column = |name: &str| column(name.trim()).is_some();
    let separators: [(&str, &[char]); 3] = [("`|`", &['|']), ("`:`", &[':']), ("blanks", &[' '])];
    let (shown, _) =
        separators.iter().find(|(_, separator)| only.split(*separator).filter(|name| is_column(name)).count() > 1)?;
    let said =
        if *shown == "blanks" { String::new() } else { format!(", or `sep={}` in a line before", shown.trim_matches('`')) };
    Some(format!("line {line} separates cells by {shown}; write commas, semicolons or tabs{said}"))
}

/// A cell in a message.
fn short(text: &str) -> String {
    shorten(text, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A cell that is often nearly right.
    const CELL: &str = "component|arm|seed|value|budget|all|a|b|R|V|ablated|0|1|0\\.05|-1e3|nan|\"|\\PC{0,3}";

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(start in "(component,arm,seed,value\n|\\[\\{)?", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [start.into_bytes(), bytes].concat();
            if let Ok((text, _)) = file::decode_foreign(bytes, "the table") {
                let _ = parse(&text, &Options::default());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\n\r\t]{0,200}", partial: bool) {
            let _ = parse(&text, &Options { partial, ..Options::default() });
        }

        #[test]
        fn what_is_nearly_a_table_is_read_or_refused(
            lines in prop::collection::vec(prop::collection::vec(CELL, 0..6), 0..8),
            separator in "[,;\t]",
            header: bool,
        ) {
            let mut text = if header { format!("{}\n", COLUMNS.join(&separator)) } else { String::new() };
            lines.iter().for_each(|cells| text += &(cells.join(&separator) + "\r\n"));
            let _ = parse(&text, &Options::default());
        }

        #[test]
        fn what_is_nearly_json_is_read_or_refused(start in "\\[?|\\{\"rows\":\\[", rows in prop::collection::vec(prop::collection::vec((CELL, CELL), 0..5), 0..4), end in "\\]?\\}?") {
            let row = |cells: &Vec<(String, String)>| {
                let pairs = cells.iter().map(|(name, value)| format!("\"{name}\": {value}"));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            };
            let _ = parse(&format!("{start}{}{end}", rows.iter().map(row).collect::<Vec<_>>().join(",")), &Options { partial: true, ..Options::default() });
        }

        #[test]
        fn the_order_of_lines_changes_nothing(order in Just((0..24).collect::<Vec<usize>>()).prop_shuffle()) {
            let line = |index: &usize| {
                let (component, arm) = [("", "R"), ("a", "D"), ("a", "N"), ("b", "D")][index / 6];
                format!("{component};{arm};{};{}\n", index % 6, index * index % 17)
            };
            let table = |order: &[usize]| {
                let text = "component;arm;seed;value\n".to_string() + &order.iter().map(line).collect::<String>();
                parse(&text, &Options::default()).unwrap().table
            };
            prop_assert_eq!(table(&order), table(&(0..24).collect::<Vec<usize>>()));
        }
    }

    #[test]
    fn the_separator_is_the_one_that_the_first_line_has_most_of() {
        for (line, expected) in [("a;b;c,d", b';'), ("\n\na\tb", b'\t'), ("\"a;b;c\",d", b','), ("a", b','), ("a,b;c", b',')] {
            assert_eq!(separator(line), Separator { byte: expected, skipped: 0 }, "{line}");
        }
        for (text, byte, skipped) in
            [("sep=;\na", b';', 6), ("\nSEP=,\r\na;b;c", b',', 7), ("\"sep=\t\"\ra", b'\t', 8), ("sep=|\na", b'|', 6)]
        {
            assert_eq!(separator(text), Separator { byte, skipped }, "{text}");
        }
        assert_eq!(separator("sep=;;\na").skipped, 0, "a header like any other");
    }

    #[test]
    fn a_first_line_that_is_no_header_is_told_from_one_that_lacks_a_column() {
        let refused = |text: &str| parse(text, &Options::default()).unwrap_err();
        assert!(
            refused("component|arm|seed|value\n|reference|0|1")
                .contains("cells by `|`; write commas, semicolons or tabs, or `sep=|`")
        );
        assert!(refused("component arm seed value\n").contains("line 1 separates cells by blanks"));
        assert!(refused("# runs of May\ncomponent,arm,seed,value\n").contains("line 1 begins with `#`"));
        assert!(refused("#component,arm,seed,value\n").contains("the `#` before the names"));
        assert!(refused("part\n1").contains("line 1 has no column `component`"));
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["one", "", "three", "four"].join(end);
            let mut lines = Lines::new(&text, 0);
            for (word, line) in [("one", 1), ("three", 3), ("four", 4)] {
                let at = text.find(word).unwrap();
                // The reader of CSV may point at the line end before.
                assert_eq!(lines.line_at(at.saturating_sub(end.len())), line, "{word} of {text:?}");
                assert_eq!(lines.line_at(at), line, "{word} of {text:?}");
            }
        }
    }
}
