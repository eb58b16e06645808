//! Predicted tokens beside the targets, for a few examples.
//!
//! A wrong prediction is printed inverse in a box, so that it stands out in any colour and in print. A position without a target is muted.

use super::TEXT;
use crate::number::coordinate;
use crate::svg::{Element, document_of, width};
use crate::theme::{INK, LINE, MONO, MUTED, PAPER};
use crate::{Figure, Table};

const WIDTH: f64 = 340.0;
/// Width of the column of row names.
const NAMES: f64 = 38.0;
/// Width of the column of counts; left out where there are no predictions.
const COUNTS: f64 = 40.0;
const LINE_HEIGHT: f64 = 17.0;
const SIZE: f64 = 12.0;
/// Opacity of positions without a target; the text stays readable.
const MUTE: &str = ".85";

/// Examples of one data set, drawn one under another.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// Name within its panel, such as `samples`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// A few; each takes about 60 units of height.
    pub examples: Vec<Example>,
}

/// One sequence. All lists are read position by position; where one is shorter than `input`, its places stay empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    /// Input tokens.
    pub input: Vec<String>,
    /// Target at each position.
    pub truth: Vec<String>,
    /// Predicted tokens; empty for the data alone.
    pub prediction: Vec<String>,
    /// Which positions have a target.
    pub scored: Vec<bool>,
}

impl Example {
    fn at(list: &[String], position: usize) -> &str {
        list.get(position).map_or("", String::as_str)
    }

    fn is_scored(&self, position: usize) -> bool {
        self.scored.get(position).copied().unwrap_or(false)
    }

    /// Scored positions at which the prediction differs from the target.
    fn wrong(&self) -> Vec<usize> {
        let differs = |p: &usize| Self::at(&self.prediction, *p) != Self::at(&self.truth, *p);
        self.scored_positions().into_iter().filter(|_| !self.prediction.is_empty()).filter(differs).collect()
    }

    fn scored_positions(&self) -> Vec<usize> {
        (0..self.input.len()).filter(|&p| self.is_scored(p)).collect()
    }

    /// `(right, scored)`.
    fn count(&self) -> (usize, usize) {
        let scored = self.scored_positions().len();
        (scored - self.wrong().len(), scored)
    }
}

impl Tokens {
    /// Draws them.
    pub fn figure(&self) -> Figure {
        let predicted = self.examples.iter().any(|e| !e.prediction.is_empty());
        let grid = Grid::new(&self.examples, predicted);
        let mut body = Element::group();
        let mut y = 0.0;
        for (i, example) in self.examples.iter().enumerate() {
            if i > 0 {
                body.add(Element::line(0.0, y + 6.0, WIDTH, y + 6.0).set("stroke", LINE.paint()));
                y += 12.0;
            }
            y = draw_example(&mut body, example, &grid, y);
        }
        y = draw_key(&mut body, &self.examples, predicted, y + 8.0);
        let description = self.describe(predicted);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document_of(TEXT, (WIDTH, y), &self.title, &description, &[], body),
            description,
            table: self.table(predicted),
        }
    }

    fn describe(&self, predicted: bool) -> String {
        let examples = match self.examples.len() {
            1 => "1 example".to_string(),
            n => format!("{n} examples"),
        };
        let positions: usize = self.examples.iter().map(|e| e.count().1).sum();
        if !predicted {
            return format!("{examples} of the data: input and target. {positions} positions have a target.");
        }
        let right: usize = self.examples.iter().map(|e| e.count().0).sum();
        format!(
            "{examples}: input, target and prediction. {right} of {positions} predictions are correct. Wrong predictions are inverse \
                in a box; positions without a target are muted."
        )
    }

    fn table(&self, predicted: bool) -> Table {
        let mut table = Table::new(["example", "input", "target"]);
        if predicted {
            table.columns.extend(["prediction", "correct", "wrong at"].map(String::from));
        }
        for (i, example) in self.examples.iter().enumerate() {
            let truth: Vec<&str> = example.scored_positions().into_iter().map(|p| Example::at(&example.truth, p)).collect();
            let mut row = vec![(i + 1).to_string(), example.input.join(" "), truth.join(" ")];
            if predicted {
                let prediction: Vec<&str> =
                    example.scored_positions().into_iter().map(|p| Example::at(&example.prediction, p)).collect();
                let wrong: Vec<String> = example.wrong().into_iter().map(|p| (p + 1).to_string()).collect();
                let (right, scored) = example.count();
                row.extend([prediction.join(" "), format!("{right} of {scored}"), wrong.join(", ")]);
            }
            table.push(row);
        }
        table
    }
}

/// Positions of the cells.
struct Grid {
    cell: f64,
    columns: usize,
    characters: usize,
}

impl Grid {
    /// One width for all cells: wide enough for most tokens, narrow enough for the longest sequence in few lines.
    fn new(examples: &[Example], predicted: bool) -> Self {
        let room = WIDTH - NAMES - if predicted { COUNTS } else { 0.0 };
        let lists = || examples.iter().flat_map(|e| [&e.input, &e.truth, &e.prediction]);
        let longest = lists().flatten().map(|t| t.chars().count()).max().unwrap_or(1).clamp(1, 8);
        let positions = examples.iter().map(|e| e.input.len()).max().unwrap_or(1).max(1);
        let narrowest = 0.62 * SIZE * longest as f64 + 4.0;
        let fits = ((room / narrowest) as usize).max(1);
        let lines = positions.div_ceil(fits);
        let columns = positions.div_ceil(lines);
        Self { cell: (room / columns as f64).min(narrowest + 10.0), columns, characters: longest }
    }

    fn x(&self, position: usize) -> f64 {
        NAMES + self.cell * ((position % self.columns) as f64 + 0.5)
    }
}

/// Draws one example from `y` on and returns where it ends.
fn draw_example(body: &mut Element, example: &Example, grid: &Grid, mut y: f64) -> f64 {
    let (right, scored) = example.count();
    let wrong = example.wrong();
    let mut rows = vec![("input", &example.input), ("target", &example.truth)];
    if !example.prediction.is_empty() {
        rows.push(("output", &example.prediction));
    }
    let positions = example.input.len();
    for start in (0..positions).step_by(grid.columns) {
        let shown = start..(start + grid.columns).min(positions);
        if start > 0 {
            y += 5.0;
        }
        for &(name, list) in &rows {
            let baseline = y + 12.5;
            body.add(Element::text(0.0, baseline, name).set("fill", MUTED.paint()));
            let cells = shown.clone().map(|p| Cell {
                x: grid.x(p),
                text: shown_as(Example::at(list, p), grid.characters),
                style: match name {
                    "output" if wrong.contains(&p) => Style::Wrong,
                    "input" => Style::Plain,
                    _ if example.is_scored(p) => Style::Plain,
                    _ => Style::Muted,
                },
            });
            body.add(draw_cells(&cells.collect::<Vec<_>>(), grid.cell, y));
            if name == "output" && shown.end == positions {
                let count = Element::text(WIDTH, baseline, &format!("{right}/{scored}"));
                body.add(count.set("text-anchor", "end").set("fill", MUTED.paint()));
            }
            y += LINE_HEIGHT;
        }
    }
    y
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Muted,
    Wrong,
}

struct Cell {
    x: f64,
    text: String,
    style: Style,
}

/// One line of tokens. Neighbours of one style and one character share an element, with a position for each character.
fn draw_cells(cells: &[Cell], room: f64, y: f64) -> Element {
    let mut drawn = Element::group().set("font-family", MONO).put("font-size", SIZE).set("text-anchor", "middle");
    let width = (room - 1.5).max(4.0);
    for cell in cells.iter().filter(|c| c.style == Style::Wrong) {
        let left = cell.x - width / 2.0;
        drawn.add(Element::rect(left, y + 1.0, width, LINE_HEIGHT - 2.0).put("rx", 2.5));
    }
    // Only ASCII: beyond it, positions count UTF-16 units and not characters.
    let single = |c: &Cell| c.text.len() == 1;
    for run in cells.chunk_by(|a, b| a.style == b.style && single(a) && single(b)) {
        let text: String = run.iter().map(|c| c.text.as_str()).collect();
        if text.is_empty() {
            continue;
        }
        let x: Vec<String> = run.iter().map(|c| coordinate(c.x, 1)).collect();
        let element = Element::text_at(&x.join(" "), y + 12.5, &text);
        drawn.add(match run[0].style {
            Style::Plain => element,
            Style::Muted => element.set("fill", MUTED.paint()).set("opacity", MUTE),
            Style::Wrong => element.set("fill", PAPER.paint()).set("font-weight", "700"),
        });
    }
    drawn
}

/// A token as it is shown: white space made visible, long ones shortened to a number of characters.
fn shown_as(token: &str, most: usize) -> String {
    if token.trim().is_empty() {
        return "␣".repeat(token.chars().count().min(most));
    }
    if token.chars().count() <= most {
        return token.into();
    }
    token.chars().take(most - 1).chain(['…']).collect()
}

/// Says what box and muting mean, where they occur; returns the height of the picture.
fn draw_key(body: &mut Element, examples: &[Example], predicted: bool, y: f64) -> f64 {
    let mut x = NAMES;
    let mut any = false;
    let baseline = y + 12.0;
    if predicted && examples.iter().any(|e| !e.wrong().is_empty()) {
        body.add(Element::rect(x + 1.0, y + 2.5, 11.0, 11.0).put("rx", 2.5).set("fill", INK.paint()));
        body.add(Element::text(x + 17.0, baseline, "wrong").set("fill", MUTED.paint()));
        x += 17.0 + width("wrong", TEXT) + 14.0;
        any = true;
    }
    if examples.iter().any(|e| e.scored_positions().len() < e.input.len()) {
        let sample = Element::text(x + 1.0, baseline, "a").set("font-family", MONO).put("font-size", SIZE);
        body.add(sample.set("fill", MUTED.paint()).set("opacity", MUTE));
        body.add(Element::text(x + 14.0, baseline, "not scored").set("fill", MUTED.paint()));
        any = true;
    }
    if any { y + 18.0 } else { y - 4.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    fn tokens(prediction: &str) -> Tokens {
        let scored = (0..8).map(|p| p >= 4).collect();
        let example = Example { input: split("abcdabcd"), truth: split("bcdabcda"), prediction: split(prediction), scored };
        Tokens { name: "samples".into(), title: "Samples".into(), examples: vec![example] }
    }

    #[test]
    fn an_error_where_nothing_is_asked_is_no_error() {
        let figure = tokens("xxxxbcda").figure();
        assert!(figure.description.contains("4 of 4 predictions are correct"), "{}", figure.description);
        assert!(!figure.svg.contains("<rect"));
    }

    #[test]
    fn an_error_is_boxed_counted_and_named() {
        let figure = tokens("xxxxbcxa").figure();
        assert_eq!(figure.svg.matches("<rect").count(), 2, "one for the token, one in the key");
        assert_eq!(figure.table.rows[0], ["1", "a b c d a b c d", "b c d a", "b c x a", "3 of 4", "7"]);
    }

    #[test]
    fn white_space_is_seen_and_long_tokens_fit() {
        assert_eq!(shown_as(" ", 3), "␣");
        assert_eq!(shown_as("", 3), "");
        assert_eq!(shown_as("abcd", 3), "ab…");
        assert_eq!(shown_as("äöü", 3), "äöü");
    }

    #[test]
    fn data_alone_has_no_prediction() {
        let figure = tokens("").figure();
        assert!(!figure.svg.contains(">model<"));
        assert_eq!(figure.table.columns, ["example", "input", "target"]);
    }

    #[test]
    fn ragged_and_empty_lists_are_drawn_as_far_as_they_go() {
        let mut ragged = tokens("b");
        ragged.examples[0].scored = vec![true; 3];
        ragged.examples.push(Example::default());
        assert!(ragged.figure().description.contains("1 of 3 predictions are correct"));
        Tokens { examples: vec![], ..ragged }.figure();
    }

    #[test]
    fn long_sequences_are_broken_into_even_lines() {
        let example = Example { input: vec!["a".into(); 70], scored: vec![true; 70], ..Example::default() };
        let grid = Grid::new(&[example], true);
        assert!(grid.columns * grid.columns.div_ceil(1) >= 70 && grid.columns < 30);
        assert!(NAMES + grid.cell * grid.columns as f64 <= WIDTH - COUNTS + 0.01);
    }
}
