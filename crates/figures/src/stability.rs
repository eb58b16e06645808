//! What each verdict would be under choices that might as well have been made: another setting of the reference, and one seed less.
//!
//! A verdict is one word, however narrowly it was reached. The figure shows which verdicts would be others if the search of the reference had
//! ended at another of its equally good points, or if one seed had been missing; a sentence for each of them is soon too many to compare.

mod words;

use ablation_settings::arrange_by_key;

use crate::Figure;
use crate::label::Label;
use crate::plot::WIDTH;
use crate::role::dots;
use crate::svg::{Element, TEXT, document, point, shortened, width};
use crate::theme::{INK, LINE, MUTED, WARN};

/// Width of the column of the reported verdicts: beside others, and beside seeds alone, whose room the names of components then share.
const REPORTED: (f64, f64) = (84.0, 150.0);
/// Width of the column of a setting, where there is room for it, and of the column of the marks of many.
const COLUMN: f64 = 104.0;
/// Most settings with a column of words each; more of them are numbered, and have marks as seeds do.
const MOST_COLUMNS: usize = 2;
/// Least width of the seeds.
const SEEDS: f64 = 75.0;
/// Most seeds in a line where the room is least.
const SEEDS_IN_LINE: usize = 8;
/// Distance of seeds within a line, at most, and of their lines.
const SEED: f64 = 14.0;
/// Height of a line of words.
const LEADING: f64 = 13.0;
/// Height of a line of text above the cells of a row.
const LINE_HEIGHT: f64 = 15.0;
/// Height of a cell with one line of words.
const CELL: f64 = 18.0;
/// Space under a row.
const GAP: f64 = 6.0;
/// Room for the mark in front of a word.
const MARK: f64 = 10.5;
/// Most lines of the name of a component: long names often differ only at their end.
const LABEL_LINES: usize = 3;
/// Most lines of a verdict in a cell.
const WORD_LINES: usize = 2;
/// Most lines of the head of a column.
const HEAD_LINES: usize = 4;
/// How much wider bold text is.
const BOLD: f64 = 1.15;

/// The verdicts of one study under other choices.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// Name within its panel, such as `stability`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// The setting that the reference uses, such as `learning rate 0.0116`.
    pub chosen: Option<String>,
    /// Its other settings that scored as well in its search: a column each.
    pub settings: Vec<String>,
    /// What is left out in turn, such as `seed`.
    pub unit: String,
    /// How many units are left out in turn; 0 if there are too few to spare one.
    pub units: usize,
    /// One to about a dozen, drawn in this order.
    pub rows: Vec<StabilityRow>,
}

/// The verdicts on one component.
#[derive(Clone, Debug, PartialEq)]
pub struct StabilityRow {
    /// Such as `− blocks.1.mlp`.
    pub label: String,
    /// As reported.
    pub reported: Option<Judged>,
    /// With each of the other settings, in their order; `None` where there is no verdict.
    pub settings: Vec<Option<Judged>>,
    /// Without each of the units, in their order.
    pub left_out: Vec<Option<Judged>>,
}

/// A verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its name, such as `co-adapted, not necessary`.
    pub name: String,
    /// A word or two for a cell, such as `co-adapted`.
    pub word: String,
}

impl StabilityRow {
    /// A verdict, if it is another than the reported one.
    fn another<'a>(&self, verdict: &'a Option<Judged>) -> Option<&'a Judged> {
        verdict.as_ref().filter(|_| *verdict != self.reported)
    }

    /// Whether any choice would give another verdict.
    fn hangs(&self) -> bool {
        self.settings.iter().chain(&self.left_out).any(|verdict| self.another(verdict).is_some())
    }

    /// The other verdicts without one unit, the most frequent first, each with the numbers of these units, from 1.
    fn without(&self) -> Vec<(&Judged, Vec<usize>)> {
        self.others(&self.left_out)
    }

    /// The other verdicts among some, the most frequent first, each with their numbers, from 1.
    fn others<'a>(&self, verdicts: &'a [Option<Judged>]) -> Vec<(&'a Judged, Vec<usize>)> {
        let mut found: Vec<(&Judged, Vec<usize>)> = vec![];
        for (i, verdict) in verdicts.iter().enumerate() {
            let Some(verdict) = self.another(verdict) else {
                continue;
            };
            match found.iter_mut().find(|(other, _)| *other == verdict) {
                Some((_, units)) => units.push(i + 1),
                None => found.push((verdict, vec![i + 1])),
            }
        }
        arrange_by_key(&mut found, |(_, units)| std::cmp::Reverse(units.len()));
        found
    }
}

/// Where the columns are.
struct Columns {
    /// Width of the reported verdicts.
    reported: f64,
    /// Width of a setting.
    setting: f64,
    /// The marks of settings that have no column each.
    many: Option<Marks>,
    seeds: Marks,
}

/// Where the marks of several choices are, in lines of about one length.
struct Marks {
    left: f64,
    right: f64,
    in_line: usize,
    pitch: f64,
}

impl Marks {
    fn new(count: usize, left: f64, right: f64) -> Self {
        let fit = libm::floor((right - left) / SEEDS * SEEDS_IN_LINE as f64).max(1.0) as usize;
        let in_line = count.div_ceil(count.div_ceil(fit).max(1)).max(1);
        Self { left, right, in_line, pitch: ((right - left) / in_line as f64).min(SEED) }
    }

    /// The middle of a mark, from the middle of the first line on.
    fn at(&self, i: usize) -> (f64, f64) {
        (self.left + self.pitch * ((i % self.in_line) as f64 + 0.5), SEED * (i / self.in_line) as f64)
    }

    /// The marks of verdicts whose first line has its middle at `first`; returns where they end.
    fn draw(&self, body: &mut Element, row: &StabilityRow, verdicts: &[Option<Judged>], first: f64) -> f64 {
        let at = |i: usize| {
            let (x, y) = self.at(i);
            (x, first + y)
        };
        let (others, quiet): (Vec<usize>, Vec<usize>) = (0..verdicts.len()).partition(|i| row.another(&verdicts[*i]).is_some());
        body.add(same(quiet.into_iter().map(at)));
        let (width, height_of_one) = (self.pitch - 1.5, SEED - 1.5);
        for (x, y) in others.into_iter().map(at) {
            body.add(ground(x - width / 2.0, y - height_of_one / 2.0, width, height_of_one));
            body.add(unequal(x, y));
        }
        first + self.at(verdicts.len().saturating_sub(1)).1 + CELL / 2.0
    }
}

impl Columns {
    fn of(stability: &Stability) -> Self {
        let reported = if stability.settings.is_empty() { REPORTED.1 } else { REPORTED.0 };
        let (settings, seeds) = (stability.settings.len(), if stability.units == 0 { 0.0 } else { SEEDS });
        if settings > MOST_COLUMNS {
            let right = if stability.units == 0 { WIDTH } else { reported + COLUMN };
            let many = Marks::new(settings, reported, right - 6.0);
            return Self { reported, setting: 0.0, many: Some(many), seeds: Marks::new(stability.units, right, WIDTH) };
        }
        let room = (WIDTH - reported - seeds) / settings.max(1) as f64;
        let setting = if stability.units == 0 { room } else { room.min(COLUMN) };
        let left = reported + setting * settings as f64;
        Self { reported, setting, many: None, seeds: Marks::new(stability.units, left, WIDTH) }
    }

    /// Left edge of the column of a setting.
    fn setting(&self, i: usize) -> f64 {
        self.reported + self.setting * i as f64
    }
}

impl Stability {
    /// Whether any verdict would be another.
    pub fn hangs(&self) -> bool {
        self.rows.iter().any(StabilityRow::hangs)
    }

    /// Draws it.
    pub fn figure(&self) -> Figure {
        let columns = Columns::of(self);
        let mut body = Element::group();
        let top = draw_key(&mut body);
        let top = self.draw_numbered(&mut body, &columns, top);
        let mut y = self.draw_heads(&mut body, &columns, top);
        for row in &self.rows {
            body.add(Element::line(0.0, y, WIDTH, y).set("stroke", LINE.paint()));
            y = self.draw_row(&mut body, row, &columns, y + 2.0);
        }
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, y, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    /// Settings that have no column each, with their numbers; returns where the heads begin.
    fn draw_numbered(&self, body: &mut Element, columns: &Columns, top: f64) -> f64 {
        if columns.many.is_none() {
            return top;
        }
        let mut y = top;
        for (i, setting) in self.settings.iter().enumerate() {
            y += LEADING + 1.0;
            let text = Element::text(0.0, y - 2.0, &shortened(&format!("{}: reference with {setting}", i + 1), TEXT, WIDTH));
            body.add(text.set("fill", MUTED.paint()));
        }
        y + 4.0
    }

    /// What the columns are; returns where the rows begin.
    fn draw_heads(&self, body: &mut Element, columns: &Columns, top: f64) -> f64 {
        let without = format!("without {}", self.unit);
        let mut heads = vec![(0.0, columns.reported, "as reported", self.chosen.clone())];
        if let Some(many) = &columns.many {
            let numbers = Some(format!("1 to {}", self.settings.len()));
            heads.push((many.left, many.right - many.left, "other setting", numbers));
        }
        for (i, setting) in self.settings.iter().enumerate().filter(|_| columns.many.is_none()) {
            let head = if i == 0 { "reference with" } else { "" };
            heads.push((columns.setting(i), columns.setting, head, Some(setting.clone())));
        }
        if self.units > 0 {
            heads.push((columns.seeds.left, WIDTH - columns.seeds.left, &without, Some(format!("1 to {}", self.units))));
        }
        let mut bottom = top;
        for (x, room, head, below) in heads {
            let below = below.map_or(vec![], |text| Label::of_lines(&text, x, 0.0, room - 4.0, HEAD_LINES).lines);
            body.add(Element::text(x, top + 12.0, head).set("fill", MUTED.paint()));
            for (i, line) in below.iter().enumerate() {
                body.add(Element::text(x, top + 12.0 + LEADING * (i + 1) as f64, line));
            }
            bottom = bottom.max(top + 12.0 + LEADING * below.len() as f64 + 7.0);
        }
        bottom
    }

    /// The name of a component and its cells; returns where the next row begins.
    fn draw_row(&self, body: &mut Element, row: &StabilityRow, columns: &Columns, top: f64) -> f64 {
        let mut y = top;
        let room = if self.units == 0 { WIDTH } else { columns.seeds.left - 8.0 };
        for line in Label::of_lines(&row.label, 0.0, 0.0, room / BOLD, LABEL_LINES).lines {
            y += LINE_HEIGHT;
            let text = Element::text(0.0, y - 4.0, &line);
            body.add(if row.hangs() { text.set("font-weight", "600") } else { text });
        }
        let reported = row.reported.as_ref().map_or("no verdict", |verdict| &verdict.word);
        let reported = Label::of_lines(reported, 0.0, 0.0, columns.reported - 6.0, WORD_LINES).lines;
        draw_words(body, &reported, 0.0, y, |text| text.set("fill", INK.paint()));
        let mut lines = reported.len();
        let mut end_of_many = y;
        if let Some(many) = &columns.many {
            end_of_many = many.draw(body, row, &row.settings, y + CELL / 2.0);
            end_of_many = draw_numbers(body, row, many, end_of_many);
        }
        for (i, verdict) in row.settings.iter().enumerate().filter(|_| columns.many.is_none()) {
            let (x, room) = (columns.setting(i), columns.setting - MARK - 2.0);
            if let Some(verdict) = row.another(verdict) {
                let words = Label::of_lines(&verdict.word, 0.0, 0.0, room, WORD_LINES).lines;
                let height = CELL + LEADING * (words.len() - 1) as f64;
                body.add(ground(x - 2.0, y, columns.setting - 2.0, height));
                body.add(unequal(x + 3.5, y + height / 2.0));
                draw_words(body, &words, x + MARK, y, |text| text.set("fill", WARN.paint()));
                lines = lines.max(words.len());
            } else {
                body.add(same([(x + 3.5, y + CELL / 2.0)].into_iter()));
                let word = if verdict.is_some() { "same" } else { "no verdict" };
                draw_words(body, &[word.to_string()], x + MARK, y, |text| text.set("fill", MUTED.paint()));
            }
        }
        let end = (y + CELL + LEADING * (lines - 1) as f64).max(end_of_many);
        if self.units == 0 {
            return end + GAP;
        }
        let seeds = self.draw_seeds(body, row, columns, (top + SEED / 2.0 + 2.0, y + CELL / 2.0));
        draw_counts(body, row, columns, (end, seeds)) + GAP
    }

    /// A mark for each unit; returns where they end. Of several lines the last is beside the words, if the others have room beside the label;
    /// the middles of the topmost possible line and of the words are given.
    fn draw_seeds(&self, body: &mut Element, row: &StabilityRow, columns: &Columns, (topmost, words): (f64, f64)) -> f64 {
        let (_, height) = columns.seeds.at(self.units.saturating_sub(1));
        columns.seeds.draw(body, row, &row.left_out, (words - height).max(topmost))
    }
}

/// Which settings give which other verdict, under their marks; returns where the words end.
fn draw_numbers(body: &mut Element, row: &StabilityRow, many: &Marks, top: f64) -> f64 {
    let mut end = top;
    for (verdict, numbers) in row.others(&row.settings) {
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        let text = format!("{}: {}", numbers.join(", "), verdict.word);
        let lines = Label::of_lines(&text, 0.0, 0.0, many.right - many.left - 2.0, WORD_LINES + 1).lines;
        draw_words(body, &lines, many.left + 2.0, end - 2.0, |text| text.set("fill", WARN.paint()));
        end += LEADING * lines.len() as f64 + 1.0;
    }
    end
}

/// How many units give which other verdict, under the marks of the units, or right-aligned under all cells where that is too narrow. Where the
/// words and the marks end is given, where all ends is returned.
fn draw_counts(body: &mut Element, row: &StabilityRow, columns: &Columns, (words, seeds): (f64, f64)) -> f64 {
    let counts: Vec<String> =
        row.without().into_iter().map(|(verdict, units)| format!("{} × {}", units.len(), verdict.word)).collect();
    let fits = |text: &String| width(text, TEXT) <= WIDTH - columns.seeds.left - 2.0;
    let is_narrow = !counts.iter().all(fits);
    let (mut end, x, anchor) =
        if is_narrow { (words.max(seeds), WIDTH, "end") } else { (seeds, columns.seeds.left + 2.0, "start") };
    for text in counts {
        draw_words(body, &[text], x, end - 2.0, |text| text.set("text-anchor", anchor).set("fill", WARN.paint()));
        end += LEADING + 1.0;
    }
    end.max(words)
}

/// What the marks mean; returns where the heads begin.
fn draw_key(body: &mut Element) -> f64 {
    body.add(same([(4.0, 8.0)].into_iter()));
    body.add(Element::text(12.0, 12.0, "same verdict").set("fill", MUTED.paint()));
    let x = 12.0 + width("same verdict", TEXT) + 16.0;
    body.add(ground(x - 5.5, 2.5, 11.0, 11.0));
    body.add(unequal(x, 8.0));
    body.add(Element::text(x + 10.0, 12.0, "another verdict").set("fill", MUTED.paint()));
    20.0
}

/// Lines of words in a cell whose top is given.
fn draw_words(body: &mut Element, lines: &[String], x: f64, top: f64, style: impl Fn(Element) -> Element) {
    for (i, line) in lines.iter().enumerate() {
        body.add(style(Element::text(x, top + 13.0 + LEADING * i as f64, line)));
    }
}

/// The marks of verdicts that are as reported.
fn same(at: impl Iterator<Item = (f64, f64)>) -> Element {
    let path: String = at.map(|(x, y)| format!("M{}h0", point(x, y))).collect();
    dots(Element::path(&path), MUTED, 3.4)
}

/// The mark of another verdict.
fn unequal(x: f64, y: f64) -> Element {
    let lines = format!("M{}h6m-6 3h6M{}l4-8", point(x - 3.0, y - 1.5), point(x - 2.0, y + 4.0));
    let mark = Element::path(&lines).set("fill", "none").set("stroke", WARN.paint()).put("stroke-width", 1.3);
    mark.set("stroke-linecap", "round")
}

/// What is behind another verdict.
fn ground(x: f64, y: f64, width: f64, height: f64) -> Element {
    Element::rect(x, y, width, height).put("rx", 2.5).set("fill", WARN.paint()).set("fill-opacity", ".13")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(word: &str) -> Option<Judged> {
        Some(Judged { name: format!("{word} here"), word: word.into() })
    }

    /// One component with a verdict for one other setting, and one without each of three seeds.
    fn stability(setting: &str, seeds: [&str; 3]) -> Stability {
        let row = StabilityRow {
            label: "− mlp".into(),
            reported: judged("redundant"),
            settings: vec![judged(setting)],
            left_out: seeds.map(judged).to_vec(),
        };
        Stability {
            name: "stability".into(),
            title: "Stability".into(),
            chosen: Some("learning rate 0.01".into()),
            settings: vec!["learning rate 0.02".into()],
            unit: "seed".into(),
            units: 3,
            rows: vec![row],
        }
    }

    #[test]
    fn another_verdict_has_a_mark_a_colour_and_a_word() {
        let quiet = stability("redundant", ["redundant"; 3]);
        assert!(!quiet.hangs());
        let quiet = quiet.figure();
        // The key alone has the colour.
        let coloured = |svg: &str| svg.matches("fill=\"var(--warn").count();
        assert_eq!(coloured(&quiet.svg), 1);
        assert!(quiet.svg.contains(">same<") && quiet.description.ends_with("The same verdict everywhere: − mlp."));
        let setting = stability("harmful", ["redundant"; 3]);
        assert!(setting.hangs());
        assert_eq!(coloured(&setting.figure().svg), 3, "the ground and the word of a cell");
        assert!(setting.figure().svg.contains(">harmful<"));
        let seeds = stability("redundant", ["redundant", "harmful", "harmful"]);
        assert!(seeds.hangs());
        assert_eq!(coloured(&seeds.figure().svg), 4, "the grounds of two seeds and the word under them");
        assert!(seeds.figure().svg.contains(">2 × harmful<"));
    }

    #[test]
    fn the_seeds_that_decide_are_named_in_words_and_in_the_table() {
        let figure = stability("necessary", ["harmful", "redundant", "harmful"]).figure();
        let words = "As reported, the reference uses learning rate 0.01; the others are learning rate 0.02.";
        assert!(figure.description.contains(words), "{}", figure.description);
        let words =
            "− mlp: redundant here as reported; necessary here with learning rate 0.02; harmful here without seed 1 or 3.";
        assert!(figure.description.ends_with(words), "{}", figure.description);
        let columns = ["component", "as reported (learning rate 0.01)", "with learning rate 0.02", "without one seed"];
        assert_eq!(figure.table.columns, columns);
        assert_eq!(figure.table.rows, [["− mlp", "redundant here", "necessary here", "harmful here without seed 1 or 3"]]);
    }

    #[test]
    fn more_settings_than_have_columns_are_numbered() {
        let mut figure = stability("redundant", ["redundant"; 3]);
        figure.settings = (2..6).map(|i| format!("learning rate 0.0{i}")).collect();
        figure.rows[0].settings = ["redundant", "undetermined", "redundant", "undetermined"].map(judged).to_vec();
        let figure = figure.figure();
        for text in [">3: reference with learning rate 0.04<", ">1 to 4<", ">2, 4:<", ">undetermined<"] {
            assert!(figure.svg.contains(text), "{text}: {}", figure.svg);
        }
        assert_eq!(figure.table.columns.len(), 7, "the table has a column for each");
    }

    #[test]
    fn a_verdict_that_is_missing_is_no_other_verdict() {
        let mut figure = stability("redundant", ["redundant"; 3]);
        figure.rows[0].settings = vec![None];
        assert!(!figure.hangs());
        assert_eq!(figure.figure().table.rows[0][2], "—");
    }

    #[test]
    fn every_count_of_settings_and_seeds_has_room() {
        for settings in 0..8 {
            for units in [0, 1, 7, 9, 16, 32] {
                let mut figure = stability("undetermined", ["undetermined"; 3]);
                figure.settings = vec!["learning rate 0.02".into(); settings];
                figure.units = units;
                figure.rows[0].settings = vec![judged("undetermined"); settings];
                figure.rows[0].left_out = vec![judged("undetermined"); units];
                let columns = Columns::of(&figure);
                let seeds = &columns.seeds;
                assert!(seeds.left <= WIDTH && seeds.pitch >= 0.0, "{settings} {units}");
                for i in 0..units {
                    let (x, y) = seeds.at(i);
                    assert!(x <= WIDTH && y >= 0.0 && seeds.pitch > 6.0, "{settings} {units}: {x} {y}");
                }
                let svg = figure.figure().svg;
                assert!(!svg.contains("NaN") && !svg.contains('…'), "{settings} {units}: {svg}");
            }
        }
    }
}
