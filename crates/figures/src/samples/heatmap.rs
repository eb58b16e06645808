//! Attention maps as small multiples: a row for each block, a column for each head.
//!
//! A cell each as an element would be two thousand elements for eight small heads, redrawn several times per second. Here values
//! fall into ten levels, and a map has one path for each level, whose lines run over neighbours of the same level.
//!
//! Ink grows with the square root of the weight: attention spread evenly over 16 positions is 0.06 everywhere, which a linear
//! scale shows as nothing. The key under the maps says so.

use super::TEXT;
use crate::hatch::hatching;
use crate::number::{coordinate, number};
use crate::svg::{Element, document_of, haloed, shortened};
use crate::theme::{INK, LINE, MUTED};
use crate::{Figure, Table};
use std::fmt::Write;

const WIDTH: f64 = 340.0;
const GAP: f64 = 8.0;
/// The highest level; level 0 is not drawn.
const LEVELS: u8 = 9;

/// Attention maps of one example, or their mean over several.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// Name within its panel, such as `attention`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// Rows and columns of each map: the positions of the sequence.
    pub size: usize,
    /// One list for each block, in order; a map for each of its heads.
    pub blocks: Vec<Vec<Map>>,
}

/// One head.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Drawn above it, such as `head 0` or `block 1 head 0`.
    pub label: String,
    /// `size * size` weights in 0..=1, a row for each query; what is missing or not finite counts as 0.
    pub weights: Vec<f32>,
    /// Whether the head is ablated: hatched, and labelled so.
    pub ablated: bool,
}

impl Map {
    /// Its label with the block, which the label may already name.
    fn named(&self, block: usize) -> String {
        let block = format!("block {block}");
        if self.label.starts_with(&format!("{block} ")) { self.label.clone() } else { format!("{block} {}", self.label) }
    }

    /// The weight of a query for a key.
    fn at(&self, size: usize, query: usize, key: usize) -> f32 {
        self.weights.get(query * size + key).copied().filter(|w| w.is_finite()).unwrap_or(0.0).clamp(0.0, 1.0)
    }

    /// Mean weight of the key that `key` names for each query, over the queries that have one.
    fn mean(&self, size: usize, key: impl Fn(usize) -> Option<usize>) -> f64 {
        let weights: Vec<f64> = (0..size).filter_map(|q| Some(f64::from(self.at(size, q, key(q)?)))).collect();
        weights.iter().sum::<f64>() / weights.len() as f64
    }
}

/// 0 to 9: the square root of the weight, rounded.
fn level(weight: f32) -> u8 {
    libm::round(f64::from(LEVELS) * f64::from(weight).sqrt()) as u8
}

impl Heatmap {
    /// Draws them.
    pub fn figure(&self) -> Figure {
        let columns = self.blocks.iter().map(Vec::len).max().unwrap_or(1).clamp(1, 8);
        // At most 96 units wide: a single head need not fill the panel.
        let side = ((WIDTH - GAP * (columns - 1) as f64) / columns as f64).min(96.0);
        let mut body = Element::group();
        let mut y = 0.0;
        for (i, block) in self.blocks.iter().enumerate() {
            body.add(Element::text(0.0, y + 10.0, &format!("block {i}")).set("font-weight", "600"));
            y += 16.0;
            for row in block.chunks(columns) {
                for (k, map) in row.iter().enumerate() {
                    let x = (side + GAP) * k as f64;
                    let text = Element::text(x, y + 9.0, &shortened(&map.label, TEXT, side));
                    body.add(text.set("fill", MUTED.paint()));
                    body.add(self.draw_map(map, x, y + 14.0, side));
                }
                y += 14.0 + side + 10.0;
            }
            y += 4.0;
        }
        draw_key(&mut body, y);
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document_of(TEXT, (WIDTH, y + 16.0), &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn draw_map(&self, map: &Map, x: f64, y: f64, side: f64) -> Element {
        let mut drawn = Element::group().set("transform", &format!("translate({} {})", coordinate(x, 2), coordinate(y, 2)));
        if map.ablated {
            drawn.add(
                Element::path(&hatching(0.0, 0.0, side, side))
                    .set("stroke", MUTED.paint())
                    .set("stroke-width", ".9")
                    .set("fill", "none"),
            );
            let text = Element::text(side / 2.0, side / 2.0 + 4.0, &shortened("ablated", TEXT, side));
            drawn.add(haloed(text.set("text-anchor", "middle")));
        } else {
            let scale = side / self.size.max(1) as f64;
            let mut cells = Element::group()
                .set("transform", &format!("scale({}) translate(0 .5)", coordinate(scale, 4)))
                .set("fill", "none")
                .set("stroke", INK.paint())
                .set("shape-rendering", "crispEdges");
            for (i, path) in self.levels(map).iter().enumerate().filter(|(_, path)| !path.is_empty()) {
                let opacity = coordinate((i + 1) as f64 / f64::from(LEVELS), 2);
                cells.add(Element::path(path).set("stroke-opacity", opacity.trim_start_matches('0')));
            }
            drawn.add(cells);
        }
        drawn.add(Element::rect(0.0, 0.0, side, side).set("fill", "none").set("stroke", LINE.paint()));
        drawn
    }

    /// A path for each level from 1 on, in units of cells: a line one unit thick along each run of cells.
    /// A line from `0 0` runs along the middle of the first row: the group is shifted by half a cell, once, instead of each line.
    fn levels(&self, map: &Map) -> Vec<String> {
        let mut paths = vec![String::new(); usize::from(LEVELS)];
        // Where each path's pen is: a move along the row is shorter text than a new place.
        let mut pens = vec![(usize::MAX, 0); paths.len()];
        for query in 0..self.size {
            let row: Vec<u8> = (0..self.size).map(|key| level(map.at(self.size, query, key))).collect();
            let mut key = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if let Some(i) = usize::from(run[0]).checked_sub(1) {
                    let _ = match pens[i] {
                        (row, end) if row == query => write!(paths[i], "m{} 0", key - end),
                        _ => write!(paths[i], "M{key} {query}"),
                    };
                    let _ = write!(paths[i], "h{}", run.len());
                    pens[i] = (query, key + run.len());
                }
                key += run.len();
            }
        }
        paths
    }

    fn describe(&self) -> String {
        let maps: usize = self.blocks.iter().map(Vec::len).sum();
        let ablated: Vec<String> = self
            .blocks
            .iter()
            .enumerate()
            .flat_map(|(i, block)| block.iter().filter(|m| m.ablated).map(move |m| m.named(i)))
            .collect();
        let mut text = format!(
            "{maps} attention {} of {n} by {n} positions: a row for each query from the top, a column for each key from the left. More \
                ink is more weight, on a square-root scale.",
            if maps == 1 { "map" } else { "maps" },
            n = self.size
        );
        if !ablated.is_empty() {
            let _ = write!(text, " Ablated, drawn hatched: {}.", ablated.join(", "));
        }
        text
    }

    fn table(&self) -> Table {
        let mut table = Table::new([
            "block",
            "head",
            "mean weight on the same position",
            "on the previous position",
            "on the first position",
            "state",
        ]);
        for (i, block) in self.blocks.iter().enumerate() {
            for map in block {
                let mean = |key: &dyn Fn(usize) -> Option<usize>| number(map.mean(self.size, key));
                let state = if map.ablated { "ablated" } else { "active" };
                table.push(vec![
                    i.to_string(),
                    map.label.clone(),
                    mean(&Some),
                    mean(&|q| q.checked_sub(1)),
                    mean(&|_| Some(0)),
                    state.into(),
                ]);
            }
        }
        table
    }
}

/// The key: directions of queries and keys, and the ink of a weight.
fn draw_key(body: &mut Element, y: f64) {
    let baseline = y + 10.0;
    let muted = |x, text: &str| Element::text(x, baseline, text).set("fill", MUTED.paint());
    body.add(muted(0.0, "query ↓ · key →"));
    let left = WIDTH - 10.0 - 9.0 * f64::from(LEVELS);
    body.add(muted(left - 4.0, "weight, √ scale 0").set("text-anchor", "end"));
    let mut ramp = Element::group().set("fill", INK.paint());
    for i in 1..=LEVELS {
        let x = left + 9.0 * f64::from(i - 1);
        let share = f64::from(i) / f64::from(LEVELS);
        ramp.add(Element::rect(x, y + 1.0, 8.5, 10.0).put("fill-opacity", share));
    }
    body.add(ramp);
    body.add(muted(WIDTH, "1").set("text-anchor", "end"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(weights: Vec<f32>) -> Map {
        Map { label: "head 0".into(), weights, ablated: false }
    }

    fn heatmap(size: usize, blocks: Vec<Vec<Map>>) -> Heatmap {
        Heatmap { name: "attention".into(), title: "Attention".into(), size, blocks }
    }

    /// Softmax of pseudo-random scores: the least orderly map attention can make.
    fn noisy(size: usize, seed: u32) -> Map {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            libm::exp(3.0 * f64::from(state >> 8) / f64::from(1 << 24))
        };
        let rows = (0..size).flat_map(|_| {
            let row: Vec<f64> = (0..size).map(|_| draw()).collect();
            let sum: f64 = row.iter().sum();
            row.into_iter().map(|w| (w / sum) as f32).collect::<Vec<_>>()
        });
        map(rows.collect())
    }

    #[test]
    fn neighbours_of_one_level_are_one_line() {
        let drawn = heatmap(4, vec![]).levels(&map([[1.0, 1.0, 1.0, 0.0]; 4].concat()));
        assert_eq!(drawn[8], "M0 0h3M0 1h3M0 2h3M0 3h3");
        assert!(drawn[..8].iter().all(String::is_empty));
        let drawn = heatmap(3, vec![]).levels(&map(vec![1.0, 0.0, 1.0]));
        assert_eq!(drawn[8], "M0 0h1m1 0h1");
    }

    #[test]
    fn a_label_that_names_its_block_does_not_name_it_twice() {
        let ablated = |label: &str| Map { label: label.into(), ablated: true, ..map(vec![1.0]) };
        let described = |label: &str| heatmap(1, vec![vec![], vec![ablated(label)]]).figure().description;
        assert!(described("head 0").ends_with("Ablated, drawn hatched: block 1 head 0."));
        assert!(described("block 1 head 0").ends_with("Ablated, drawn hatched: block 1 head 0."));
    }

    #[test]
    fn even_attention_is_seen() {
        assert_eq!(level(0.0), 0);
        assert!(level(1.0 / 16.0) >= 2);
        assert!(level(1.0 / 64.0) >= 1);
        assert_eq!(level(1.0), 9);
    }

    #[test]
    fn eight_heads_stay_small_however_noisy() {
        let block = |k: u32| (0..4).map(|h| noisy(16, 7 + 4 * k + h)).collect();
        let bytes = heatmap(16, vec![block(0), block(1)]).figure().svg.len();
        assert!(bytes < 15_000, "{bytes}");
    }

    #[test]
    fn an_ablated_head_is_hatched_and_named() {
        let ablated = Map { ablated: true, ..noisy(4, 1) };
        let figure = heatmap(4, vec![vec![noisy(4, 2), ablated]]).figure();
        assert!(figure.svg.contains(">ablated<"));
        assert!(figure.description.ends_with("Ablated, drawn hatched: block 0 head 0."));
        assert_eq!(figure.table.rows[1][5], "ablated");
    }

    #[test]
    fn the_table_says_where_a_head_looks() {
        let before = map(vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let figure = heatmap(3, vec![vec![before]]).figure();
        assert_eq!(figure.table.rows[0], ["0", "head 0", "0.333", "1.00", "0.667", "active"]);
    }

    #[test]
    fn wrong_sizes_and_wrong_numbers_are_drawn_as_nothing() {
        heatmap(0, vec![]).figure();
        let svg = heatmap(2, vec![vec![map(vec![f32::NAN, f32::INFINITY, -1.0])]]).figure().svg;
        assert!(!svg.contains("stroke-opacity"));
    }
}
