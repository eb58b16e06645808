//! Labels at the ends of lines instead of a legend: the eye need not travel and match colours.
//!
//! Lines often end close together, so labels are moved apart; each keeps a thin, muted leader to its line.

use ablation_settings::arrange;

use crate::svg::{TEXT, shortened, width};

/// Font size of labels, in units.
pub(crate) const SIZE: f64 = TEXT;
/// Distance of baselines.
const LEADING: f64 = 13.0;

/// A label to be placed beside the point (`x`, `y`).
#[derive(Clone, Debug)]
pub(crate) struct Label {
    /// One line of text or a few.
    pub lines: Vec<String>,
    /// The left edge of the text.
    pub x: f64,
    /// The middle of the text; moved by [`place`].
    pub y: f64,
}

impl Label {
    /// A label whose text is broken into one or two lines to fit `room` units.
    pub fn new(text: &str, x: f64, y: f64, room: f64) -> Self {
        Self::of_lines(text, x, y, room, 2)
    }

    /// A label of so many lines at most.
    pub fn of_lines(text: &str, x: f64, y: f64, room: f64, most: usize) -> Self {
        Self { lines: wrapped(text, room, most), x, y }
    }

    /// How high it is, with the space that belongs to it.
    pub fn height(&self) -> f64 {
        LEADING * self.lines.len() as f64 + 1.0
    }

    fn right(&self) -> f64 {
        self.x + self.lines.iter().map(|line| width(line, SIZE)).fold(0.0, f64::max)
    }

    fn beside(&self, other: &Self) -> bool {
        self.right() < other.x || other.right() < self.x
    }

    /// The baseline of line `i`.
    pub fn baseline(&self, i: usize) -> f64 {
        self.middle(i) + SIZE * 0.35
    }

    /// The middle of line `i`.
    pub fn middle(&self, i: usize) -> f64 {
        self.y + LEADING * (i as f64 - (self.lines.len() as f64 - 1.0) / 2.0)
    }
}

/// Moves labels up or down, as little as a simple sweep can, until none overlaps another and all lie within `top..bottom`
/// (if they fit at all). Their order from top to bottom is the order of their lines.
pub(crate) fn place(labels: &mut [Label], top: f64, bottom: f64) {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    arrange(&mut order, |&a, &b| labels[a].y.total_cmp(&labels[b].y).then(a.cmp(&b)));
    for (k, &i) in order.iter().enumerate() {
        let half = labels[i].height() / 2.0;
        let least = order[..k]
            .iter()
            .filter(|&&j| !labels[i].beside(&labels[j]))
            .map(|&j| labels[j].y + labels[j].height() / 2.0 + half)
            .fold(top + half, f64::max);
        labels[i].y = labels[i].y.max(least);
    }
    for (k, &i) in order.iter().enumerate().rev() {
        let half = labels[i].height() / 2.0;
        let most = order[k + 1..]
            .iter()
            .filter(|&&j| !labels[i].beside(&labels[j]))
            .map(|&j| labels[j].y - labels[j].height() / 2.0 - half)
            .fold(bottom - half, f64::min);
        labels[i].y = labels[i].y.min(most);
    }
}

/// The text in at most so many lines that fit the room, broken after a space that no sign stands before or the dot of a name, and before a number only where there is
/// no other place; shortened if it must be.
fn wrapped(text: &str, room: f64, most: usize) -> Vec<String> {
    if width(text, SIZE) <= room {
        return vec![text.into()];
    }
    let broken = |numbers: bool| {
        text.char_indices()
            .filter(|&(i, c)| most > 1 && (c == ' ' || c == '.' && (numbers || !text[i + 1..].starts_with(char::is_numeric))))
            .filter(|&(i, c)| c == ' ' || !inside_number(text, i))
            .filter(|&(i, _)| !text[..i].ends_with(['−', '↓']))
            .map(|(i, c)| text.split_at(i + c.len_utf8()))
            .rfind(|(first, second)| !second.is_empty() && width(first.trim_end(), SIZE) <= room)
    };
    let lines = |(first, second): (&str, &str)| [vec![first.trim_end().into()], wrapped(second, room, most - 1)].concat();
    let is_whole = |lines: &Vec<String>| !lines.iter().any(|line| line.ends_with('…'));
    let kept = broken(false).map(lines).filter(is_whole);
    kept.or_else(|| broken(true).map(lines)).unwrap_or_else(|| vec![shortened(text, SIZE, room)])
}

/// Whether the dot at `i` stands between two digits.
fn inside_number(text: &str, i: usize) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    digit(text[..i].chars().next_back()) && digit(text[i + 1..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_overlap_move_apart_and_stay_inside() {
        let mut labels: Vec<_> = [100.0, 101.0, 99.0, 102.0].map(|y| Label::new("retrained", 270.0, y, 80.0)).into();
        place(&mut labels, 0.0, 110.0);
        let mut y: Vec<f64> = labels.iter().map(|l| l.y).collect();
        assert!(labels[2].y < labels[0].y && labels[0].y < labels[1].y && labels[1].y < labels[3].y);
        y.sort_by(f64::total_cmp);
        assert!(y.windows(2).all(|w| w[1] - w[0] >= LEADING), "{y:?}");
        assert!(*y.last().unwrap() <= 110.0);
    }

    #[test]
    fn labels_side_by_side_stay_where_they_are() {
        let mut labels = [Label::new("ablated", 100.0, 50.0, 80.0), Label::new("reference", 270.0, 50.0, 80.0)];
        place(&mut labels, 0.0, 100.0);
        assert_eq!([labels[0].y, labels[1].y], [50.0, 50.0]);
    }

    #[test]
    fn long_names_break_where_their_parts_meet() {
        assert_eq!(wrapped("− blocks.1.attn.heads.2", 80.0, 2), ["− blocks.1.", "attn.heads.2"]);
        assert_eq!(wrapped("− blocks.0.attn.heads.0", 124.0, 2), ["− blocks.0.attn.", "heads.0"]);
        assert_eq!(wrapped("− position, − blocks.0.attn", 80.0, 3), ["− position,", "− blocks.0.", "attn"]);
        assert_eq!(wrapped("reference", 80.0, 2), ["reference"]);
        assert_eq!(wrapped("reference 8.82e-5", 63.0, 2), ["reference", "8.82e-5"]);
        assert_eq!(wrapped("donaudampfschifffahrt", 80.0, 2), ["donaudampf…"]);
        assert_eq!(wrapped("blocks.1.attn.heads.2: linear", 71.0, 3), ["blocks.1.", "attn.heads.", "2: linear"]);
    }
}
