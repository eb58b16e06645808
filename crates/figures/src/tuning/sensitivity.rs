//! Loss against learning rate, one strip per arm, so that the best learning rates of the arms can be compared.

mod words;

use crate::axis::{Range, Scale, decades, fitting, ticks};
use crate::hatch::hatching;
use crate::key::{self, Entry};
use crate::label;
use crate::number::coordinate;
use crate::plot::WIDTH;
use crate::svg::{Element, TEXT, document, point, shortened, width};
use crate::theme::{INK, LINE, MUTED};
use crate::{CurveAxis, Figure, Role};
use words::{loss_in_words, rate_in_words};

/// Right end of the strips, less than the frame by half a mark.
const RIGHT: f64 = WIDTH - 6.0;
/// Height of the text above a strip.
const TITLE: f64 = 16.0;
/// Height of the lane at the top of a strip for what diverged.
const LANE: f64 = 12.0;
/// Height of what is below it: with many arms less, so that they stay on one screen.
const PLOT: (f64, f64) = (58.0, 38.0);
/// Space under a strip.
const GAP: f64 = 6.0;

/// The sensitivity of several arms to the learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// Name within its panel, such as `sensitivity`.
    pub name: String,
    /// Caption and accessible name.
    pub title: String,
    /// Usually `learning rate`; its range is the searched range, and `None` takes that of the search points.
    pub x: CurveAxis,
    /// The loss that the search minimises.
    pub y: CurveAxis,
    /// The fraction of the (logarithmic) range at each end that counts as its edge, such as 0.1.
    pub edge: f64,
    /// The loss before training: a search point above it is drawn like one that diverged.
    pub ceiling: Option<f64>,
    /// One strip each; the learning rate chosen for the reference is marked in all others.
    pub arms: Vec<Sweep>,
}

/// The search points of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// Above its strip.
    pub label: String,
    /// Colour and mark.
    pub role: Role,
    /// In any order.
    pub trials: Vec<Trial>,
    /// Which of them was chosen.
    pub chosen: Option<usize>,
}

/// One search point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Its learning rate; one that is not positive is not drawn.
    pub rate: f64,
    /// Its loss; one that is not finite counts as diverged.
    pub loss: f64,
    /// Whether it diverged.
    pub diverged: bool,
}

/// How a search point is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Drawn,
    Diverged,
    Above,
    /// Its rate has no place on a logarithmic axis.
    Nowhere,
}

struct Strips {
    x: Scale,
    y: Range,
    left: f64,
    height: f64,
    /// Width of the zones at the ends of the range.
    edge: f64,
}

impl Sweep {
    /// The chosen search point, if it can be drawn.
    fn best(&self, ceiling: Option<f64>) -> Option<Trial> {
        self.chosen.and_then(|i| self.trials.get(i)).copied().filter(|t| t.fate(ceiling) != Fate::Nowhere)
    }
}

impl Trial {
    fn fate(&self, ceiling: Option<f64>) -> Fate {
        if !self.rate.is_finite() || self.rate <= 0.0 {
            Fate::Nowhere
        } else if self.diverged || !self.loss.is_finite() {
            Fate::Diverged
        } else if ceiling.is_some_and(|c| self.loss > c) {
            Fate::Above
        } else {
            Fate::Drawn
        }
    }
}

impl Sensitivity {
    /// Draws it.
    pub fn figure(&self) -> Figure {
        let strips = self.strips();
        let mut body = Element::group();
        let mut y = key::draw(&mut body, &self.entries(), 0.0, WIDTH) + 15.0;
        body.add(Element::text(0.0, y, &self.y.with_unit()).set("fill", MUTED.paint()));
        y += 5.0;
        for sweep in &self.arms {
            self.draw_strip(&mut body, sweep, &strips, y);
            y += TITLE + LANE + strips.height + GAP;
        }
        let mut numbers = Element::group().set("fill", MUTED.paint());
        let range = Range { minimum: exp10(strips.x.domain.minimum), maximum: exp10(strips.x.domain.maximum) };
        for tick in fitting(decades(range), |v| strips.x.at(libm::log10(v))) {
            let half = width(&tick.label, TEXT) / 2.0;
            let x = strips.x.at(libm::log10(tick.value)).min(WIDTH - half);
            numbers.add(Element::text(x, y + 8.0, &tick.label).set("text-anchor", "middle"));
        }
        numbers.add(Element::text(WIDTH, y + 23.0, &self.x.with_unit()).set("text-anchor", "end"));
        body.add(numbers);
        let description = self.describe();
        Figure {
            name: self.name.clone(),
            title: self.title.clone(),
            svg: document(WIDTH, y + 28.0, &self.title, &description, &[], body),
            description,
            table: self.table(),
        }
    }

    fn strips(&self) -> Strips {
        let trials = || self.arms.iter().flat_map(|a| &a.trials);
        let placed = trials().filter(|t| t.fate(None) != Fate::Nowhere);
        let searched = self.x.range.filter(|(a, b)| *a > 0.0 && *b > 0.0 && a.is_finite() && b.is_finite());
        let x = match searched {
            Some((a, b)) => Range::new(libm::log10(a), libm::log10(b)),
            None => Range::of(placed.map(|t| libm::log10(t.rate))),
        };
        let losses = trials().filter(|t| t.fate(self.ceiling) == Fate::Drawn).map(|t| t.loss);
        let y = self.y.range.map_or_else(|| Range::of(losses).padded(), |(a, b)| Range::new(a, b));
        let labels = ticks(y, 3, false);
        let left = labels.iter().map(|t| width(&t.label, TEXT)).fold(18.0, f64::max).ceil() + 8.0;
        let height = if self.arms.len() <= 4 { PLOT.0 } else { PLOT.1 };
        let edge = if self.edge.is_finite() { self.edge.clamp(0.0, 0.5) } else { 0.0 };
        // Marks at the ends of the range stay inside the strip.
        Strips { x: Scale { domain: x, from: left + 5.0, to: RIGHT - 5.0 }, y, left, height, edge: edge * (RIGHT - left - 10.0) }
    }

    fn reference(&self) -> Option<(&Sweep, Trial)> {
        let reference = self.arms.iter().find(|a| a.role == Role::Reference)?;
        Some((reference, reference.best(self.ceiling)?))
    }

    fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = vec![Entry::new("chosen", ring)];
        let diverged = |t: &Trial| matches!(t.fate(self.ceiling), Fate::Diverged | Fate::Above);
        if self.arms.iter().flat_map(|a| &a.trials).any(diverged) {
            let text = if self.ceiling.is_some() { "diverged or above the loss before training" } else { "diverged" };
            entries.push(Entry::new(text, |x, y| arrows(&arrow(x, y), INK.paint())));
        }
        if self.edge > 0.0 {
            entries.push(Entry::new("edge of the range", |x, y| hatched(x - 7.0, y - 6.0, 14.0, 12.0)));
        }
        if self.reference().is_some() && self.arms.len() > 1 {
            entries.push(Entry::new("chosen for the reference", |x, y| dotted(x, y - 6.0, y + 6.0)));
        }
        entries
    }

    fn draw_strip(&self, body: &mut Element, sweep: &Sweep, strips: &Strips, top: f64) {
        let Strips { x, left, height, edge, .. } = *strips;
        let (upper, bottom) = (top + TITLE, top + TITLE + LANE + height);
        let y = Scale { domain: strips.y, from: bottom - 4.0, to: upper + LANE };
        let best = sweep.best(self.ceiling);
        let at_edge = |t: &Trial| if self.is_at_edge(t.rate) { " (edge)" } else { "" };
        let note = best.map_or_else(
            || "none chosen".into(),
            |t| format!("{} at {}{}", loss_in_words(&t), rate_in_words(t.rate), at_edge(&t)),
        );
        body.add(Element::text(RIGHT, top + 12.0, &note).set("fill", MUTED.paint()).set("text-anchor", "end"));
        // Fonts differ: the two texts are to keep apart in a wide one as well.
        let room = (RIGHT - left - 24.0) / 1.12 - width(&note, TEXT);
        body.add(sweep.role.paint_marks(Element::path(&sweep.role.mark(left + 5.0, top + 8.0, 3.6))));
        let label = Element::text(left + 14.0, top + 12.0, &shortened(&sweep.label, label::SIZE, room));
        body.add(label);
        if edge > 0.0 {
            body.add(hatched(left, upper, edge + 5.0, bottom - upper));
            body.add(hatched(RIGHT - edge - 5.0, upper, edge + 5.0, bottom - upper));
        }
        let mut grid = String::new();
        let mut numbers = Element::group().set("fill", MUTED.paint()).set("text-anchor", "end");
        for tick in ticks(strips.y, 3, false) {
            grid += &format!("M{}H{}", point(left, y.at(tick.value)), coordinate(RIGHT, 1));
            numbers.add(Element::text(left - 6.0, y.at(tick.value) + 3.8, &tick.label));
        }
        body.add(Element::path(&grid).set("stroke", LINE.paint()).set("fill", "none"));
        let frame = Element::rect(left, upper, RIGHT - left, bottom - upper).set("fill", "none");
        body.add(frame.set("stroke", LINE.paint()));
        body.add(numbers);
        if let Some((_, trial)) = self.reference().filter(|(reference, _)| !std::ptr::eq(*reference, sweep)) {
            body.add(dotted(x.at(libm::log10(trial.rate)), upper, bottom));
        }
        let at = |t: &Trial| {
            let edge = matches!(t.fate(self.ceiling), Fate::Diverged | Fate::Above);
            (x.at(libm::log10(t.rate)), if edge { upper + LANE / 2.0 + 0.5 } else { y.at(t.loss) })
        };
        let (mut marks, mut heads) = (String::new(), String::new());
        for trial in &sweep.trials {
            let (x, y) = at(trial);
            match trial.fate(self.ceiling) {
                Fate::Drawn => marks += &sweep.role.mark(x, y, 3.2),
                Fate::Diverged | Fate::Above => heads += &arrow(x, y),
                Fate::Nowhere => {}
            }
        }
        body.add(sweep.role.paint_marks(Element::path(&marks)).put("fill-opacity", 0.8));
        body.add(arrows(&heads, sweep.role.colour().paint()));
        if let Some(trial) = best {
            let (x, y) = at(&trial);
            body.add(ring(x, y));
        }
    }

    /// Whether a rate lies in the zone at either end of the range.
    fn is_at_edge(&self, rate: f64) -> bool {
        let Strips { x, edge, .. } = self.strips();
        let at = x.at(libm::log10(rate));
        edge > 0.0 && (at <= x.from + edge || at >= x.to - edge)
    }
}

fn exp10(exponent: f64) -> f64 {
    libm::pow(10.0, exponent).clamp(1e-300, 1e300)
}

/// The mark of the chosen search point.
fn ring(x: f64, y: f64) -> Element {
    let ring = Element::new("circle").put("cx", x).put("cy", y).set("r", "6.3").set("fill", "none");
    ring.set("stroke", INK.paint()).set("stroke-width", "1.5")
}

/// A trial that went up and out.
fn arrow(x: f64, y: f64) -> String {
    format!("M{}v-8m-3 3l3-3 3 3", point(x, y + 4.0))
}

fn arrows(path: &str, paint: &str) -> Element {
    let path = Element::path(path).set("fill", "none").set("stroke", paint).set("stroke-width", "1.5");
    path.set("stroke-linecap", "round").set("stroke-linejoin", "round")
}

fn hatched(x: f64, y: f64, width: f64, height: f64) -> Element {
    let lines = Element::path(&hatching(x, y, width, height)).set("fill", "none").set("stroke", MUTED.paint());
    lines.set("stroke-width", ".8").set("opacity", ".55")
}

fn dotted(x: f64, top: f64, bottom: f64) -> Element {
    Element::line(x, top, x, bottom).set("stroke", INK.paint()).set("stroke-dasharray", "1.5 2.5").set("stroke-width", "1.2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(rate: f64, loss: f64) -> Trial {
        Trial { rate, loss, diverged: false }
    }

    fn sensitivity(trials: Vec<Trial>, chosen: usize) -> Sensitivity {
        let axis = |label: &str, range| CurveAxis { label: label.into(), unit: None, range };
        let arm = |label: &str, role| Sweep { label: label.into(), role, trials: trials.clone(), chosen: Some(chosen) };
        Sensitivity {
            name: "sensitivity".into(),
            title: "Sensitivity".into(),
            x: axis("learning rate", Some((1e-4, 0.1))),
            y: axis("loss", None),
            edge: 0.1,
            ceiling: Some(2.4),
            arms: vec![arm("reference", Role::Reference), arm("− mlp", Role::Necessity)],
        }
    }

    #[test]
    fn diverged_points_and_bad_points_are_counted_separately() {
        let trials = vec![trial(1e-3, 0.5), trial(0.05, f64::NAN), trial(0.08, 9.0), trial(-1.0, 0.4)];
        let figure = sensitivity(trials, 0).figure();
        let words = "4 search points; 1 diverged, drawn at the top edge; 1 above the loss before training, drawn at the top edge; \
                     1 without a positive learning rate, not drawn; chosen: 0.500 at 1.0e-3.";
        assert!(figure.description.contains(words), "{}", figure.description);
        assert_eq!(figure.table.rows[2], ["reference", "5.0e-2", "—", "diverged"]);
    }

    #[test]
    fn a_loss_out_of_reach_does_not_set_the_scale() {
        let strips = sensitivity(vec![trial(1e-3, 0.5), trial(0.08, 1e9)], 0).strips();
        assert!(strips.y.maximum < 2.4);
    }

    #[test]
    fn a_best_in_the_outer_tenth_is_at_the_edge() {
        // A tenth of three decades is 0.3 decades: a factor of 2.
        let trials = vec![trial(1.9e-4, 0.5), trial(2.1e-4, 0.5), trial(0.051, 0.5), trial(0.049, 0.5)];
        let figure = sensitivity(trials.clone(), 0);
        assert_eq!(trials.iter().map(|t| figure.is_at_edge(t.rate)).collect::<Vec<_>>(), [true, false, true, false]);
        assert!(
            figure
                .figure()
                .description
                .ends_with("at an edge of the range for reference and − mlp; a better one may lie outside.")
        );
        assert!(!Sensitivity { edge: 0.0, ..figure }.is_at_edge(1e-4));
    }

    #[test]
    fn the_rate_of_the_reference_is_marked_in_the_other_strips() {
        let svg = sensitivity(vec![trial(1e-3, 0.5)], 0).figure().svg;
        // In the key and in one of the two strips.
        assert_eq!(svg.matches("stroke-dasharray=\"1.5 2.5\"").count(), 2);
    }

    #[test]
    fn no_number_is_too_strange_to_draw() {
        let strange = [0.0, -1.0, 1e308, -1e308, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let trials: Vec<_> = strange.iter().flat_map(|&r| strange.iter().map(move |&l| trial(r, l))).collect();
        for range in [None, Some((0.0, 1.0)), Some((1e-3, 1e-3)), Some((f64::NAN, 5e-324))] {
            for edge in [0.1, f64::NAN, 7.0] {
                let mut figure = Sensitivity { edge, ceiling: None, ..sensitivity(trials.clone(), 17) };
                figure.x.range = range;
                let svg = figure.figure().svg;
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            }
        }
        sensitivity(vec![], 3).figure();
    }
}
