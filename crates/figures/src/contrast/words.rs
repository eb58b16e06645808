//! The description and the table of a contrast.

use super::scale::{Place, Values};
use super::{Contrast, ContrastRow, Lane, no_gap_in_words};
use crate::number::{MISSING, to_margin};
use crate::{Estimate, Table};

/// The axis, then each row, then what the picture does not show.
pub(super) fn describe(contrast: &Contrast, values: &Values) -> String {
    let positive = if contrast.higher_is_better { "better" } else { "worse" };
    let mut text =
        vec![format!("Difference from the reference for each component: {}. Positive is {positive}.", contrast.axis.with_unit())];
    if let Some(linear) = values.linear {
        let other = if contrast.margin().is_some() { "the margin" } else { "the smallest one" };
        text.push(format!(
            "The axis is linear up to ±{} and logarithmic beyond, because the largest difference is many times {other}.",
            to_margin(linear, contrast.margin())
        ));
    }
    if let Some(margin) = contrast.margin() {
        text.push(format!("Shaded: the margin, ±{}.", to_margin(margin, Some(margin))));
    }
    if contrast.rows.iter().any(|row| row.variant.is_none()) {
        text.push(
            "Triangles: ablated after training (disruption, D − R). Circles: retrained without the component (necessity, N − R)."
                .into(),
        );
    }
    if contrast.rows.iter().any(|r| r.untuned.is_some()) {
        text.push(
            "Hollow circles: retrained without it, with the hyper-parameters of the reference (untuned gap, U − R).".into(),
        );
    }
    text.push("Bars: 95 % intervals; dots: seeds.".into());
    for row in &contrast.rows {
        let gaps: Vec<String> = row.gaps().map(|(lane, gap)| gap_in_words(contrast, lane, gap)).collect();
        text.push(format!("{}: {}; {}.", row.label, gaps.join("; "), row.judged()));
    }
    for row in &contrast.rows {
        for (what, reason) in approximations(row) {
            text.push(format!("≈ {} ({what}) is approximate: {}.", row.label, reason.trim_end_matches('.')));
        }
    }
    let gaps = || contrast.rows.iter().flat_map(|r| r.gaps().map(move |(lane, gap)| (r, lane, gap)));
    let known = || gaps().filter_map(|(row, lane, gap)| gap.ok().map(|e| (row, lane, e)));
    let named = |(row, lane, _): (&ContrastRow, Lane, &Estimate)| format!("{} ({})", row.label, lane.word());
    let inside = |v: &f64| matches!(values.place(*v), Place::Inside(_));
    let leaves = |e: &Estimate| {
        let ends = e.ends().into_iter().flat_map(|(a, b)| [a, b]);
        !ends.chain(e.seeds.iter().copied().filter(|v| !v.is_nan())).all(|v| inside(&v))
    };
    let clipped: Vec<String> = known().filter(|k| leaves(k.2)).map(named).collect();
    if !clipped.is_empty() {
        text.push(format!("Arrows: intervals or seeds of {} are outside the axis.", clipped.join(", ")));
    }
    let outside: Vec<String> = known().filter(|k| !inside(&k.2.value)).map(named).collect();
    if !outside.is_empty() {
        text.push(format!("Outside the axis, drawn at its edge: {}.", outside.join(", ")));
    }
    let broken: usize = known().map(|k| k.2.seeds.iter().filter(|v| v.is_nan()).count()).sum();
    if broken > 0 {
        let seeds = if broken == 1 { "1 seed has".into() } else { format!("{broken} seeds have") };
        text.push(format!("{seeds} a value that is not a number and not drawn."));
    }
    text.join(" ")
}

/// The approximate numbers of a row, with reasons.
fn approximations(row: &ContrastRow) -> impl Iterator<Item = (&'static str, &str)> {
    let with_reason = |lane: Lane| Some((lane.word(), row.approximation(lane)?));
    [Lane::Disruption, Lane::Necessity].into_iter().filter_map(with_reason)
}

/// `disruption 1.43 nats (95 % interval 1.20 to 1.60, n = 6)`.
fn gap_in_words(contrast: &Contrast, lane: Lane, gap: Result<&Estimate, &str>) -> String {
    let estimate = match gap {
        Ok(estimate) => estimate,
        Err(reason) => return no_gap_in_words(lane, reason),
    };
    let mut text = format!("{} {}", lane.word(), estimate.in_words(contrast.axis.unit.as_deref(), contrast.margin()));
    if lane == (Lane::Untuned { untuned_misleading: true }) {
        text = format!("{}; misleading, crossed out)", text.trim_end_matches(')'));
    }
    if estimate.is_within(contrast.margin()) {
        text += ", no difference above the margin";
    }
    text
}

/// A row for each component; columns of untuned gaps and of variants only where there are any.
pub(super) fn table(contrast: &Contrast) -> Table {
    let [untuned_gaps, variants] =
        [contrast.rows.iter().any(|row| row.untuned.is_some()), contrast.rows.iter().any(|row| row.variant.is_some())];
    let words =
        ["disruption", "necessity"].into_iter().chain(untuned_gaps.then_some("untuned gap")).chain(variants.then_some("gap"));
    let words: Vec<&str> = words.collect();
    let mut columns = vec!["component"];
    columns.extend(words.iter().flat_map(|word| [*word, "95 % interval"]));
    let approximate = contrast.rows.iter().any(|r| approximations(r).next().is_some());
    if approximate {
        columns.push("reason for approximation");
    }
    let value = |estimate: &Estimate| to_margin(estimate.value, contrast.margin());
    let interval = |estimate: &Estimate| estimate.interval_in_words(contrast.margin());
    let mut table = Table::new(columns.into_iter().chain(["n", "verdict"]));
    for row in &contrast.rows {
        let mut cells = vec![row.label.clone()];
        for word in &words {
            cells.extend(match row.gaps().find(|(lane, _)| lane.word() == *word) {
                Some((Lane::Untuned { untuned_misleading: true }, Ok(e))) => [format!("{} (misleading)", value(e)), interval(e)],
                Some((_, Ok(e))) => [value(e), interval(e)],
                Some((_, Err(reason))) => [reason.into(), MISSING.into()],
                None => [MISSING.into(), MISSING.into()],
            });
        }
        if approximate {
            let reasons: Vec<String> = approximations(row).map(|(what, reason)| format!("{what}: {reason}")).collect();
            cells.push(if reasons.is_empty() { MISSING.into() } else { reasons.join("; ") });
        }
        let mut seeds: Vec<usize> = row.gaps().filter_map(|(_, gap)| gap.ok()).map(|e| e.seeds.len()).collect();
        seeds.dedup();
        let seeds: Vec<String> = seeds.iter().map(usize::to_string).collect();
        cells.push(if seeds.is_empty() { MISSING.into() } else { seeds.join(" / ") });
        cells.push(row.judged().into());
        table.push(cells);
    }
    table
}
