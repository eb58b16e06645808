//! The order of the components by disruption, by untuned gap and by necessity.
//!
//! Readers of an ablation table take it as a ranking. Crossing lines show which components change places between the three rankings; a rank
//! correlation alone does not.

mod words;

use ablation_settings::arrange;

use crate::label::Label;
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, haloed, point, shortened};
use crate::theme::{INK, LINE, MUTED, NECESSITY, PAPER};
use crate::{Figure, Role};

/// Room for the names of components on each side.
const NAMES: f64 = 108.0;
/// Baselines of the heads of the columns.
const HEAD: (f64, f64) = (10.0, 23.0);
/// Where the ranks begin.
const TOP: f64 = 34.0;
/// Most lines of a name: long names often differ only at their end.
const LINES: usize = 4;
/// Space between ranks, beside that of the lines of names.
const GAP: f64 = 5.0;
/// Room between a mark and a name, for the rank.
const RANK: f64 = 28.0;

/// The components of one study in the order of each gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranks {
    /// Name within its panel, such as `ranks`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// One to about a dozen. The largest gap ranks first; equal gaps share a rank.
    pub components: Vec<Ranked>,
    /// Kendall's tau of disruption with necessity.
    pub disruption_and_necessity: Option<Agreement>,
    /// Kendall's tau of the untuned gap with necessity.
    pub untuned_and_necessity: Option<Agreement>,
}

/// One component. A gap that is `None` or not finite has no rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Such as `− blocks.1.mlp`.
    pub label: String,
    /// Disruption: mean of D − R.
    pub disruption: Option<f64>,
    /// Untuned gap: mean of U − R. The column is left out if no component has one.
    pub untuned: Option<f64>,
    /// Necessity: mean of N − R.
    pub necessity: Option<f64>,
}

/// A rank correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// From −1, the opposite order, to 1, the same.
    pub tau: f64,
    /// Its 95 % interval.
    pub interval: Option<(f64, f64)>,
}

/// A column: its two headings, and the place of each component.
struct Column {
    heads: (&'static str, &'static str),
    mark: fn(f64, f64) -> Element,
    places: Vec<Option<Place>>,
}

/// The place of a component from the top, and its rank, which equal gaps share.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    slot: usize,
    rank: String,
}

/// Places by gap, the largest first; equal gaps stand in the order given and share the rank of the first of them.
fn places(gaps: &[Option<f64>]) -> Vec<Option<Place>> {
    let known = |i: &usize| gaps[*i].filter(|g| g.is_finite());
    let mut order: Vec<usize> = (0..gaps.len()).filter(|i| known(i).is_some()).collect();
    arrange(&mut order, |a, b| known(b).partial_cmp(&known(a)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
    let mut places = vec![None; gaps.len()];
    for (slot, i) in order.iter().enumerate() {
        let first = order.iter().position(|j| gaps[*j] == gaps[*i]).unwrap_or(slot);
        let shared = order.iter().filter(|j| gaps[**j] == gaps[*i]).count() > 1;
        places[*i] = Some(Place { slot, rank: format!("{}{}", first + 1, if shared { "=" } else { "" }) });
    }
    places
}

impl Ranks {
    /// Draws them.
    pub fn figure(&self) -> Figure {
        let columns = self.columns();
        let names: Vec<Label> =
            self.components.iter().map(|c| Label::of_lines(&c.label, 0.0, 0.0, NAMES - 9.0 - RANK - 3.0, LINES)).collect();
        let pitch = names.iter().map(Label::height).fold(14.0, f64::max) + GAP;
        let bottom = TOP + pitch * self.components.len().max(1) as f64;
        let x = |k: usize| NAMES + (WIDTH - 2.0 * NAMES) * k as f64 / (columns.len() - 1) as f64;
        let y = |slot: usize| TOP + pitch * (slot as f64 + 0.5);
        let mut body = Element::group();
        for (k, column) in columns.iter().enumerate() {
            body.add(Element::line(x(k), TOP, x(k), bottom).set("stroke", LINE.paint()));
            for (text, baseline, colour) in [(column.heads.0, HEAD.0, INK), (column.heads.1, HEAD.1, MUTED)] {
                body.add(Element::text(x(k), baseline, text).set("text-anchor", "middle").set("fill", colour.paint()));
            }
        }
        // Components that change places are drawn last, on top.
        for moves in [false, true] {
            for i in (0..self.components.len()).filter(|i| self.is_moved(*i) == moves) {
                let at = columns.iter().enumerate().filter_map(|(k, c)| Some((x(k), y(c.places[i].as_ref()?.slot))));
                let path: Vec<String> = at.map(|(x, y)| point(x, y)).collect();
                if path.len() > 1 {
                    let line = Element::path(&format!("M{}", path.join("L"))).set("fill", "none");
                    let (colour, width) = if moves { (INK, 1.6) } else { (MUTED, 0.9) };
                    body.add(line.set("stroke", colour.paint()).put("stroke-width", width));
                }
            }
        }
        for (k, column) in columns.iter().enumerate() {
            for place in column.places.iter().flatten() {
                body.add((column.mark)(x(k), y(place.slot)));
            }
        }
        for (k, anchor, sign) in [(0, "end", -1.0), (columns.len() - 1, "start", 1.0)] {
            for (i, place) in columns[k].places.iter().enumerate() {
                if let Some(place) = place {
                    draw_name(&mut body, &names[i], place, (x(k) + 9.0 * sign, y(place.slot)), anchor, self.is_moved(i));
                }
            }
        }
        let mut end = bottom + 4.0;
        if let Some(agreements) = self.agreements() {
            for text in ["Kendall's τ with necessity (95 % intervals):", &agreements] {
                end += 14.0;
                let text = Element::text(0.0, end, &shortened(text, TEXT, WIDTH));
                body.add(text.set("fill", MUTED.paint()));
            }
        }
        let description = self.describe(&columns);
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, end + 5.0, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let places = |gap: fn(&Ranked) -> Option<f64>| places(&self.components.iter().map(gap).collect::<Vec<_>>());
        let disruption = Column {
            heads: ("disruption", "D − R"),
            mark: |x, y| Role::Disruption.paint_marks(Element::path(&Role::Disruption.mark(x, y, 4.2))),
            places: places(|c| c.disruption),
        };
        let untuned = Column {
            heads: ("untuned", "U − R"),
            mark: |x, y| {
                let circle = Element::path(&Role::Necessity.mark(x, y, 3.8)).set("fill", PAPER.paint());
                circle.set("stroke", NECESSITY.paint()).set("stroke-width", "1.5")
            },
            places: places(|c| c.untuned),
        };
        let necessity = Column {
            heads: ("necessity", "N − R"),
            mark: |x, y| Role::Necessity.paint_marks(Element::path(&Role::Necessity.mark(x, y, 4.2))),
            places: places(|c| c.necessity),
        };
        let columns = [disruption, untuned, necessity];
        let untuned_gaps = columns[1].places.iter().any(Option::is_some);
        columns.into_iter().enumerate().filter(|(k, _)| *k != 1 || untuned_gaps).map(|(_, column)| column).collect()
    }

    /// Whether disruption and necessity rank the component and some other one in opposite orders.
    fn is_moved(&self, i: usize) -> bool {
        let gaps = |c: &Ranked| Some((c.disruption.filter(|g| g.is_finite())?, c.necessity.filter(|g| g.is_finite())?));
        let Some((disruption, necessity)) = gaps(&self.components[i]) else {
            return false;
        };
        self.components
            .iter()
            .filter_map(gaps)
            .any(|(c, f)| (c < disruption && f > necessity) || (c > disruption && f < necessity))
    }
}

/// Rank and name beside a mark; bold where the component changes places.
fn draw_name(body: &mut Element, name: &Label, place: &Place, (x, y): (f64, f64), anchor: &str, bold: bool) {
    let weighted = |text: Element| if bold { text.set("font-weight", "600") } else { text };
    let rank = Element::text(x, y + 4.0, &place.rank).set("text-anchor", anchor);
    body.add(haloed(weighted(rank)));
    let x = if anchor == "end" { x - RANK } else { x + RANK };
    let name = Label { y, ..name.clone() };
    for (i, line) in name.lines.iter().enumerate() {
        let text = Element::text(x, name.baseline(i), line).set("text-anchor", anchor);
        body.add(haloed(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::MISSING;

    fn ranks(gaps: &[(f64, f64)]) -> Ranks {
        let component = |(i, &(disruption, necessity)): (usize, &(f64, f64))| Ranked {
            label: format!("c{i}"),
            disruption: Some(disruption),
            untuned: None,
            necessity: Some(necessity),
        };
        let components = gaps.iter().enumerate().map(component).collect();
        Ranks {
            name: "ranks".into(),
            title: "Ranks".into(),
            components,
            disruption_and_necessity: None,
            untuned_and_necessity: None,
        }
    }

    #[test]
    fn the_largest_gap_is_first_and_equal_gaps_share_a_rank() {
        let ranks = |gaps: &[Option<f64>]| -> Vec<String> {
            places(gaps).into_iter().map(|p| p.map_or_else(|| MISSING.into(), |p| format!("{}@{}", p.rank, p.slot))).collect()
        };
        assert_eq!(ranks(&[Some(0.1), Some(3.0), None, Some(0.5)]), ["3@2", "1@0", "—", "2@1"]);
        assert_eq!(ranks(&[Some(0.0), Some(2.0), Some(-0.0), Some(f64::NAN)]), ["2=@1", "1@0", "2=@2", "—"]);
    }

    #[test]
    fn components_that_change_places_are_named() {
        let figure = ranks(&[(3.0, 0.1), (2.0, 0.5), (1.0, 0.0)]);
        assert_eq!([0, 1, 2].map(|i| figure.is_moved(i)), [true, true, false]);
        assert!(figure.figure().description.ends_with("drawn in bold: c0, c1."));
        assert!(
            ranks(&[(2.0, 0.5), (2.0, 0.1)]).figure().description.contains("rank every pair of components in the same order")
        );
    }

    #[test]
    fn untuned_gaps_have_a_column_only_if_there_are_any() {
        let mut figure = ranks(&[(3.0, 0.1), (2.0, 0.5)]);
        assert_eq!(figure.columns().len(), 2);
        figure.components[0].untuned = Some(0.2);
        assert_eq!(figure.columns().len(), 3);
        assert_eq!(figure.figure().table.rows[1][3], "—");
    }

    #[test]
    fn the_correlation_comes_with_its_interval() {
        let mut figure = ranks(&[(3.0, 0.1), (2.0, 0.5)]);
        figure.disruption_and_necessity = Some(Agreement { tau: 0.333, interval: Some((-0.2, 0.8)) });
        figure.untuned_and_necessity = Some(Agreement { tau: 1.0, interval: None });
        let figure = figure.figure();
        let words = "Kendall's τ with necessity (95 % intervals): disruption 0.33 [−0.20, 0.80], untuned 1.00 (no interval).";
        assert!(figure.description.ends_with(words), "{}", figure.description);
    }

    #[test]
    fn no_components_are_an_empty_frame() {
        assert!(!ranks(&[]).figure().svg.contains("NaN"));
        assert!(!ranks(&[(f64::NAN, f64::INFINITY)]).figure().svg.contains("NaN"));
    }
}
