//! What a contrast says in words and in numbers.

use super::scale::{Place, Values};
use super::{Contrast, ContrastRow, Lane};
use crate::number::{MISSING, number};
use crate::{Estimate, Table};

/// The axis and why it is so, then each row, then what the picture cannot show.
pub(super) fn describe(contrast: &Contrast, values: &Values) -> String {
    let positive = if contrast.higher_is_better { "better" } else { "worse" };
    let mut text =
        vec![format!("Gap to the reference for each component: {}. Positive is {positive}.", contrast.axis.with_unit())];
    if let Some(linear) = values.linear {
        let than = if contrast.margin().is_some() { "the margin" } else { "the smallest" };
        text.push(format!(
            "The axis is linear up to ±{} and logarithmic beyond, because the largest gaps are many times {than}.",
            number(linear)
        ));
    }
    if let Some(margin) = contrast.margin() {
        text.push(format!("Shaded: within the margin, ±{}.", number(margin)));
    }
    if contrast.rows.iter().any(|row| row.variant.is_none()) {
        text.push("Triangles: cut out of a trained model (disruption). Circles: trained without it (necessity).".into());
    }
    if contrast.rows.iter().any(|r| r.shortcut.is_some()) {
        text.push("Hollow circles: trained without it with the settings of the reference (shortcut).".into());
    }
    text.push("Bars: 95 % intervals; dots: seeds.".into());
    for row in &contrast.rows {
        let gaps: Vec<String> = row.gaps().map(|(lane, gap)| gap_in_words(lane, gap)).collect();
        text.push(format!("{}: {}; {}.", row.label, gaps.join(", "), row.judged()));
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
        text.push(format!("Arrows: intervals or seeds of {} leave the axis.", clipped.join(", ")));
    }
    let outside: Vec<String> = known().filter(|k| !inside(&k.2.value)).map(named).collect();
    if !outside.is_empty() {
        text.push(format!("Outside the axis, drawn at its edge: {}.", outside.join(", ")));
    }
    let broken: usize = known().map(|k| k.2.seeds.iter().filter(|v| v.is_nan()).count()).sum();
    if broken > 0 {
        let seeds = if broken == 1 { "1 value of a seed is".into() } else { format!("{broken} values of seeds are") };
        text.push(format!("{seeds} not a number and not drawn."));
    }
    text.join(" ")
}

/// What of a row is approximate, and why.
fn approximations(row: &ContrastRow) -> impl Iterator<Item = (&'static str, &str)> {
    let of = |lane: Lane| Some((lane.word(), row.approximation(lane)?));
    [Lane::Disruption, Lane::Necessity].into_iter().filter_map(of)
}

fn gap_in_words(lane: Lane, gap: Result<&Estimate, &str>) -> String {
    let entangled = if lane == (Lane::Shortcut { entangled: true }) { " (entangled, crossed out)" } else { "" };
    match gap {
        Ok(estimate) => format!("{} {}{entangled}", lane.word(), estimate.in_words()),
        Err(reason) => format!("no {} ({reason})", lane.word()),
    }
}

/// A row for each component; columns of the shortcut and of variants only where there are any.
pub(super) fn table(contrast: &Contrast) -> Table {
    let [shortcuts, variants] =
        [contrast.rows.iter().any(|row| row.shortcut.is_some()), contrast.rows.iter().any(|row| row.variant.is_some())];
    let words = ["disruption", "necessity"].into_iter().chain(shortcuts.then_some("shortcut")).chain(variants.then_some("gap"));
    let words: Vec<&str> = words.collect();
    let mut columns = vec!["component"];
    columns.extend(words.iter().flat_map(|word| [*word, "its 95 % interval"]));
    let approximate = contrast.rows.iter().any(|r| approximations(r).next().is_some());
    if approximate {
        columns.push("approximate because");
    }
    let mut table = Table::new(columns.into_iter().chain(["seeds", "verdict"]));
    for row in &contrast.rows {
        let mut cells = vec![row.label.clone()];
        for word in &words {
            cells.extend(match row.gaps().find(|(lane, _)| lane.word() == *word) {
                Some((Lane::Shortcut { entangled: true }, Ok(e))) => {
                    [format!("{} (entangled)", number(e.value)), e.interval_in_words()]
                }
                Some((_, Ok(e))) => [number(e.value), e.interval_in_words()],
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
