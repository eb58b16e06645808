//! What a curve says in words and in numbers, for a reader who does not see it and for the cursor that reads it.

use super::{Curve, CurveAxis, Series};
use crate::Table;
use crate::axis::Range;
use crate::number::{MISSING, number, step};
use crate::thin::BUCKETS;

/// Each series' ends, then what the picture cannot show: values that are not numbers, and values outside the axis.
pub(super) fn describe(curve: &Curve, series: &[Series], y: Range) -> String {
    let x = &curve.x.label;
    let mut text = vec![format!("{} against {x}.", curve.y.with_unit())];
    for s in series {
        let mut finite = s.points.iter().filter(|p| p.1.is_finite());
        let line = s.role.line_in_words();
        text.push(match (finite.next(), finite.next_back()) {
            (None, _) => format!("{} has no values yet.", s.label),
            (Some(a), None) => format!("{} ({line}): {} at {x} {}.", s.label, number(a.1), step(a.0)),
            (Some(a), Some(b)) => {
                let ends = (number(a.1), step(a.0), number(b.1), step(b.0));
                format!("{} ({line}): from {} at {x} {} to {} at {x} {}.", s.label, ends.0, ends.1, ends.2, ends.3)
            }
        });
        if let Some(first) = s.points.iter().find(|p| !p.1.is_finite()) {
            let count = s.points.iter().filter(|p| !p.1.is_finite()).count();
            let values = if count == 1 { "1 value of it is".into() } else { format!("{count} values of it are") };
            text.push(format!("{values} not a finite number, the first at {x} {}; the line is broken there.", step(first.0)));
        }
        let outside = s.points.iter().filter(|p| p.1.is_finite() && !y.contains(p.1)).count();
        if outside > 0 {
            let values = if outside == 1 { "1 value".into() } else { format!("{outside} values") };
            text.push(format!("{values} of it outside the axis, drawn at its edge."));
        }
    }
    if let Some(rule) = &curve.rule {
        let place = if y.contains(rule.value) { "Horizontal line" } else { "Outside the axis" };
        text.push(format!("{place}: {}, {}.", rule.label, number(rule.value)));
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
