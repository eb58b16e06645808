//! Colour, dash and mark of each arm, the same in every figure, so that arms differ by more than colour.

use crate::svg::{Element, point};
use crate::theme::{Colour, DISRUPTION, INK, NECESSITY, RECOVERED, SHAM};

/// The arm that a series or a cloud belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reference: text colour, dotted, square.
    Reference,
    /// Ablated after training: vermilion, dashed, triangle.
    Disruption,
    /// Retrained without the component: blue, solid, circle.
    Necessity,
    /// Ablated, then fine-tuned: green, dash-dotted, diamond.
    Recovered,
    /// Sham (fine-tuned for as long, not ablated): purple, thin, cross.
    Sham,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Reference, Role::Disruption, Role::Necessity, Role::Recovered, Role::Sham];

    /// The colour.
    pub fn colour(self) -> Colour {
        match self {
            Role::Reference => INK,
            Role::Disruption => DISRUPTION,
            Role::Necessity => NECESSITY,
            Role::Recovered => RECOVERED,
            Role::Sham => SHAM,
        }
    }

    /// The line in words, for descriptions.
    pub fn line_in_words(self) -> &'static str {
        match self {
            Role::Reference => "dotted line, square",
            Role::Disruption => "dashed line, triangle",
            Role::Necessity => "solid line, circle",
            Role::Recovered => "dash-dotted line, diamond",
            Role::Sham => "thin line, cross",
        }
    }

    /// Styles an element as this arm's line.
    pub(crate) fn line(self, element: Element) -> Element {
        let (width, dash) = match self {
            Role::Reference => (2.0, "0.01 3.8"),
            Role::Disruption => (1.8, "5 4"),
            Role::Necessity => (1.8, ""),
            Role::Recovered => (1.8, "9 4 .01 4"),
            Role::Sham => (1.2, ""),
        };
        let element = element.set("stroke", self.colour().paint()).put("stroke-width", width);
        if dash.is_empty() { element } else { element.set("stroke-dasharray", dash) }
    }

    /// The path of this arm's mark around a point; `r` is half its size. The cross is to be stroked, the others to be filled.
    pub(crate) fn mark(self, x: f64, y: f64, r: f64) -> String {
        let n = |v: f64| crate::number::coordinate(v, 1);
        match self {
            Role::Reference => format!("M{}h{1}v{1}h-{1}z", point(x - 0.85 * r, y - 0.85 * r), n(1.7 * r)),
            Role::Disruption => format!("M{}l{} {}h-{}z", point(x, y - 1.1 * r), n(1.1 * r), n(1.9 * r), n(2.2 * r)),
            Role::Necessity => format!("M{}a{1} {1} 0 1 0 {2} 0a{1} {1} 0 1 0-{2} 0z", point(x - r, y), n(r), n(2.0 * r)),
            Role::Recovered => format!("M{}l{1} {1}-{1} {1}-{1}-{1}z", point(x, y - 1.2 * r), n(1.2 * r)),
            Role::Sham => format!("M{}l{1} {1}m0-{1}l-{1} {1}", point(x - 0.85 * r, y - 0.85 * r), n(1.7 * r)),
        }
    }

    /// Many small marks, about four units wide, as one path. Their sizes are whole numbers and their circles are lines of no
    /// length with round caps, because a cloud is hundreds of them.
    pub(crate) fn cloud(self, points: impl Iterator<Item = (f64, f64)>) -> Element {
        let (dx, dy, mark) = match self {
            Role::Reference => (-1.5, -1.5, "h3v3h-3z"),
            Role::Disruption => (0.0, -2.0, "l2 3.5h-4z"),
            Role::Necessity => (0.0, 0.0, "h0"),
            Role::Recovered => (0.0, -2.0, "l2 2-2 2-2-2z"),
            Role::Sham => (-1.5, -1.5, "l3 3m0-3l-3 3"),
        };
        let path: String = points.map(|(x, y)| format!("M{}{mark}", point(x + dx, y + dy))).collect();
        match self {
            Role::Necessity => dots(Element::path(&path), self.colour(), 3.6),
            _ => self.paint_marks(Element::path(&path)),
        }
    }

    /// Styles a path of marks: filled, or stroked for the cross.
    pub(crate) fn paint_marks(self, element: Element) -> Element {
        let colour = self.colour().paint();
        match self {
            Role::Sham => {
                element.set("fill", "none").set("stroke", colour).put("stroke-width", 1.6).set("stroke-linecap", "round")
            }
            _ => element.set("fill", colour),
        }
    }
}

/// Styles a path whose points are lines of no length (`M1 2h0`) as round dots: the shortest text a dot can have.
pub(crate) fn dots(path: Element, colour: Colour, size: f64) -> Element {
    path.set("fill", "none").set("stroke", colour.paint()).put("stroke-width", size).set("stroke-linecap", "round")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_arms_share_a_colour_a_line_or_a_mark() {
        let distinct = |f: &dyn Fn(Role) -> String| Role::ALL.into_iter().map(f).collect::<BTreeSet<_>>().len();
        assert_eq!(distinct(&|r| r.colour().variable.into()), 5);
        assert_eq!(distinct(&|r| r.line_in_words().into()), 5);
        assert_eq!(distinct(&|r| r.mark(10.0, 10.0, 3.0)), 5);
    }
}
