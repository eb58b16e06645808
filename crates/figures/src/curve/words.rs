//! The description and the table of a curve; the cursor reads its values from the table.

use super::{Curve, CurveAxis, Series};
use crate::Table;
use crate::axis::Range;
use crate::number::{MISSING, number, step};
use crate::thin::BUCKETS;

/// First and last value of each series, then what the picture does not show: values that are not finite or outside the axis.
pub(super) fn describe(curve: &Curve, series: &[Series], y: Range) -> String {
    let x = &curve.x.label;
    let mut text = vec![format!("{} against {x}.", curve.y.with_unit())];
    for s in series {
        let mut finite = s.points.iter().filter(|p| p.1.is_finite());
        let line = s.role.line_in_words();
        text.push(match (finite.next(), finite.next_back()) {
            (None, _) => format!("{} has no values yet.", s.label),
            (Some(a), None) => format!("{} ({line}): {} ({x} = {}).", s.label, number(a.1), step(a.0)),
            (Some(a), Some(b)) => {
                let ends = (number(a.1), step(a.0), number(b.1), step(b.0));
                format!("{} ({line}): from {} ({x} = {}) to {} ({x} = {}).", s.label, ends.0, ends.1, ends.2, ends.3)
            }
        });
        if let Some(first) = s.points.iter().find(|p| !p.1.is_finite()) {
            let count = s.points.iter().filter(|p| !p.1.is_finite()).count();
            let values = if count == 1 { "1 value is".into() } else { format!("{count} values are") };
            text.push(format!("{values} not finite, the first at {x} = {}; the line has a gap there.", step(first.0)));
        }
        let outside = s.points.iter().filter(|p| p.1.is_finite() && !y.contains(p.1)).count();
        if outside > 0 {
            let values = if outside == 1 { "1 value is".into() } else { format!("{outside} values are") };
            text.push(format!("{values} outside the axis and drawn at its edge."));
        }
    }
    if let Some(rule) = &curve.rule {
        let place = if y.contains(rule.value) { "Horizontal line" } else { "Outside the axis" };
        text.push(format!("{place}: {}.", rule.in_words()));
    }
    text.join(" ")
}

/// A row for each step; where there are more than [`BUCKETS`] steps, about that many, and then a cell holds the last
/// value since the row before.
pub(super) fn table(x: &CurveAxis, series: &[Series]) -> Table {
    let mut steps: Vec<f64> = series.iter().flat_map(|s| s.points.iter().map(|p| p.0)).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let groups = steps.len().min(BUCKETS);
    let mut table = Table::new([x.label.as_str()].into_iter().chain(series.iter().map(|s| s.label.as_str())));
    let mut after = f64::NEG_INFINITY;
    for group in 1..=groups {
        let until = steps[group * steps.len() / groups - 1];
        let cell = |s: &Series| {
            let last = s.points.iter().rfind(|p| p.0 > after && p.0 <= until);
            last.map_or_else(|| MISSING.into(), |p| number(p.1))
        };
        table.push([step(until)].into_iter().chain(series.iter().map(cell)).collect());
        after = until;
    }
    table
}
