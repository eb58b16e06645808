//! What each head costs: a map of layers by heads for each way of going without it, with one scale.

use crate::number::{MISSING, difference};
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, haloed, shortened};
use crate::theme::{DISRUPTION, LINE, MUTED, NECESSITY};
use crate::{Figure, Table};

/// Height of a cell, and most of its width.
const CELL: f64 = 26.0;
const WIDEST: f64 = 60.0;
/// Room for the names of layers.
const NAMES: f64 = 46.0;
/// Ink of the largest value: numbers stand on it.
const INK: f64 = 0.75;

/// Maps of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadCosts {
    /// Name within its panel, such as `heads`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// What the numbers are, such as `rise of the test loss in nats`.
    pub quantity: String,
    /// The heads ablated in the trained model.
    pub ablated: HeadPanel,
    /// Models trained without each.
    pub retrained: HeadPanel,
}

/// One map.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadPanel {
    /// What was done, such as `ablated`.
    pub label: String,
    /// A row for each layer, a number for each head; none where it is not known.
    pub layers: Vec<Vec<Option<f64>>>,
}

impl HeadCosts {
    /// Draws them.
    pub fn figure(&self) -> Figure {
        let panels = [(&self.ablated, DISRUPTION), (&self.retrained, NECESSITY)];
        let known = panels.iter().flat_map(|(panel, _)| panel.layers.iter().flatten().flatten().copied());
        let most = known.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let columns = panels.iter().flat_map(|(panel, _)| panel.layers.iter().map(Vec::len)).max().unwrap_or(1).max(1);
        let side = ((WIDTH - NAMES) / columns as f64).min(WIDEST);
        let mut body = Element::group();
        let mut y = 0.0;
        for (panel, colour) in panels {
            let heading = Element::text(0.0, y + 11.0, &shortened(&panel.label, TEXT, WIDTH));
            body.add(heading.set("font-weight", "600"));
            y += 18.0;
            for head in 0..columns {
                let middle = NAMES + side * (head as f64 + 0.5);
                let name = if side < 40.0 { head.to_string() } else { format!("head {head}") };
                body.add(Element::text(middle, y + 10.0, &name).set("text-anchor", "middle").set("fill", MUTED.paint()));
            }
            y += 15.0;
            for (layer, heads) in panel.layers.iter().enumerate() {
                body.add(Element::text(0.0, y + CELL / 2.0 + 4.0, &format!("layer {layer}")).set("fill", MUTED.paint()));
                for (head, value) in heads.iter().enumerate() {
                    let x = NAMES + side * head as f64;
                    let share =
                        value.filter(|value| value.is_finite() && most > 0.0).map_or(0.0, |value| (value / most).max(0.0));
                    let cell = Element::rect(x, y, side, CELL).set("stroke", LINE.paint());
                    body.add(cell.set("fill", colour.paint()).put("fill-opacity", libm::round(100.0 * INK * share) / 100.0));
                    let text = shortened(&written(*value), TEXT, side - 2.0);
                    body.add(haloed(Element::text(x + side / 2.0, y + CELL / 2.0 + 4.0, &text).set("text-anchor", "middle")));
                }
                y += CELL;
            }
            y += 12.0;
        }
        body.add(Element::text(0.0, y + 6.0, &shortened(&self.quantity, TEXT, WIDTH)).set("fill", MUTED.paint()));
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, y + 12.0, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn describe(&self) -> String {
        let highest = |panel: &HeadPanel| {
            let cells = panel.layers.iter().enumerate();
            let cells = cells.flat_map(|(layer, heads)| heads.iter().enumerate().map(move |(head, value)| (layer, head, *value)));
            let known = cells.filter_map(|(layer, head, value)| Some((layer, head, value?)));
            let most = known.max_by(|a, b| a.2.total_cmp(&b.2));
            let most = most.map_or("nothing is known".into(), |(layer, head, value)| {
                format!("the most is {} for head {head} of layer {layer}", written(Some(value)))
            });
            format!(" {}: {most}.", panel.label)
        };
        format!(
            "{}, a row for each layer and a column for each head.{}{}",
            self.quantity,
            highest(&self.ablated),
            highest(&self.retrained)
        )
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["layer", "head", self.ablated.label.as_str(), self.retrained.label.as_str()]);
        for (layer, heads) in self.ablated.layers.iter().enumerate() {
            for (head, value) in heads.iter().enumerate() {
                let other = self.retrained.layers.get(layer).and_then(|heads| *heads.get(head)?);
                table.push(vec![layer.to_string(), head.to_string(), written(*value), written(other)]);
            }
        }
        table
    }
}

/// A difference as it stands in a cell.
fn written(value: Option<f64>) -> String {
    value.map_or_else(|| MISSING.to_string(), difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(ablated: Vec<Vec<Option<f64>>>, retrained: Vec<Vec<Option<f64>>>) -> HeadCosts {
        let panel = |label: &str, layers| HeadPanel { label: label.into(), layers };
        HeadCosts {
            name: "heads".into(),
            title: "Heads".into(),
            quantity: "rise of the loss".into(),
            ablated: panel("ablated", ablated),
            retrained: panel("retrained", retrained),
        }
    }

    #[test]
    fn both_maps_have_one_scale() {
        let svg = costs(vec![vec![Some(2.0), Some(1.0)]], vec![vec![Some(1.0), Some(-1.0)]]).figure().svg;
        assert_eq!(svg.matches("fill-opacity=\"0.38\"").count() + svg.matches("fill-opacity=\".38\"").count(), 2, "{svg}");
        assert!(svg.contains("+2.00") && svg.contains("−1.00"), "{svg}");
    }

    #[test]
    fn the_words_name_the_costliest_head_of_each() {
        let figure =
            costs(vec![vec![Some(0.0), Some(0.5)], vec![None, Some(2.25)]], vec![vec![Some(0.01), None], vec![None; 2]]).figure();
        assert!(figure.description.contains("ablated: the most is +2.25 for head 1 of layer 1."), "{}", figure.description);
        assert!(figure.description.contains("retrained: the most is +0.010 for head 0 of layer 0."), "{}", figure.description);
        assert_eq!(figure.table.rows[1], ["0", "1", "+0.50", "—"]);
    }

    #[test]
    fn nothing_known_is_drawn_as_nothing() {
        let figure = costs(vec![vec![None, Some(f64::NAN)]], Vec::new()).figure();
        assert!(!figure.svg.contains("NaN") && figure.description.contains("nothing is known"), "{}", figure.description);
    }
}
