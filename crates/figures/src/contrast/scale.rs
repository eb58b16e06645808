//! The scale of a contrast.
//!
//! Disruption is often a hundred times the necessity. On a linear axis the smaller gaps would all lie on the zero line, although the question
//! is whether they lie within the margin; a logarithmic axis has no zero and no sign. So if the largest gap is more than [`LEGIBLE`] times the
//! margin, the axis is linear up to the margin and logarithmic beyond it, with the same slope where the two parts meet.

use super::Contrast;
use crate::Estimate;
use crate::axis::{Range, Scale, Tick, decades, fitting, ticks};

/// The axis stays linear while the largest gap is at most this many margins: the margin is then an eighth of the axis or so.
const LEGIBLE: f64 = 8.0;
/// An interval or a seed is shown up to this many times the largest mean, margin or middling interval; beyond, it is clipped with
/// an arrow. One seed that blew up would otherwise take the axis from everything else.
const REACH: f64 = 3.0;
/// The linear part is at least this share of the largest gap.
const LEAST: f64 = 1e-4;

/// From gaps to units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values {
    /// The end of the linear part; `None` if all of it is linear.
    pub linear: Option<f64>,
    /// From where to where, in gaps.
    pub range: Range,
    scale: Scale,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// At this coordinate.
    Inside(f64),
    /// Beyond the left edge.
    Left,
    /// Beyond the right edge.
    Right,
}

impl Values {
    /// Chooses scale and range for a figure, drawn between two coordinates.
    pub fn of(contrast: &Contrast, from: f64, to: f64) -> Self {
        let margin = contrast.margin();
        let estimates: Vec<&Estimate> = contrast.rows.iter().flat_map(|r| r.gaps()).filter_map(|(_, gap)| gap.ok()).collect();
        let mut extents: Vec<f64> = estimates.iter().map(|e| extent(e)).collect();
        extents.sort_by(f64::total_cmp);
        let middling = extents.len().checked_sub(1).map(|last| extents[last / 2]);
        let given = contrast.axis.range.map(|(a, b)| Range::new(a, b));
        let range = given.unwrap_or_else(|| {
            let largest = estimates.iter().map(|e| e.value.abs()).chain(margin).chain(middling).fold(0.0, f64::max);
            let limit = if largest > 0.0 { (REACH * largest).min(1e300) } else { 1e300 };
            let spread = estimates.iter().flat_map(|e| {
                let ends = e.ends().into_iter().flat_map(|(a, b)| [a, b]);
                ends.chain(e.seeds.iter().copied()).filter(|v| !v.is_nan()).map(move |v| v.clamp(-limit, limit))
            });
            let band = margin.into_iter().flat_map(|m| [-m, m]);
            Range::of(estimates.iter().map(|e| e.value).chain(spread).chain(band).chain([0.0]))
        });
        let reach = range.minimum.abs().max(range.maximum.abs());
        // Without a margin, the smallest gap with its interval has to stay legible.
        let detail = margin.or_else(|| extents.into_iter().find(|e| *e > 0.0));
        let linear = detail.filter(|d| reach > LEGIBLE * d).map(|d| d.max(LEAST * reach));
        let whole = Range { minimum: bend(range.minimum, linear), maximum: bend(range.maximum, linear) };
        // A little room, so that no mark stands on the edge.
        let room = if given.is_some() { 0.0 } else { 0.04 * (whole.maximum - whole.minimum) };
        let domain = Range { minimum: whole.minimum - room, maximum: whole.maximum + room };
        let range = Range { minimum: unbend(domain.minimum, linear), maximum: unbend(domain.maximum, linear) };
        Self { linear, range, scale: Scale { domain, from, to } }
    }

    /// Where a value is drawn; outside, on the edge.
    pub fn at(&self, value: f64) -> f64 {
        self.scale.at(bend(value, self.linear))
    }

    /// Where a value is drawn, or on which side it leaves the axis. It must not be NaN.
    pub fn place(&self, value: f64) -> Place {
        if value < self.range.minimum {
            Place::Left
        } else if value > self.range.maximum {
            Place::Right
        } else {
            Place::Inside(self.at(value))
        }
    }

    /// Ticks whose labels do not touch. On a bent axis: zero, then powers of ten, then three times them.
    pub fn ticks(&self) -> Vec<Tick> {
        let Some(linear) = self.linear else {
            let fit = |ticks: &Vec<Tick>| fitting(ticks.clone(), |v| self.at(v)).len() == ticks.len();
            return (1..=8).rev().map(|most| ticks(self.range, most, false)).find(fit).unwrap_or_default();
        };
        let reach = self.range.minimum.abs().max(self.range.maximum.abs());
        let mut candidates = vec![Tick { value: 0.0, label: "0".into() }];
        for tick in decades(Range::new(linear / 10.0, reach)) {
            let below = Tick { value: -tick.value, label: format!("−{}", tick.label) };
            candidates.extend([tick, below]);
        }
        candidates.retain(|t| self.range.contains(t.value));
        fitting(candidates, |v| self.at(v))
    }
}

/// How far from zero an estimate and its interval reach.
fn extent(estimate: &Estimate) -> f64 {
    let ends = estimate.ends().into_iter().flat_map(|(a, b)| [a, b]).filter(|v| v.is_finite());
    ends.chain([estimate.value]).fold(0.0, |most, v| most.max(v.abs()))
}

/// Linear up to `linear`, then its logarithm with the same slope; the identity if all is linear.
fn bend(value: f64, linear: Option<f64>) -> f64 {
    match linear {
        None => value,
        Some(l) if value.abs() <= l => value / l,
        Some(l) => (1.0 + libm::log(value.abs() / l)).copysign(value),
    }
}

/// The inverse of [`bend`].
fn unbend(bent: f64, linear: Option<f64>) -> f64 {
    match linear {
        None => bent,
        Some(l) if bent.abs() <= 1.0 => bent * l,
        Some(l) => (l * libm::exp(bent.abs() - 1.0)).copysign(bent),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{contrast, known};
    use super::*;

    fn values(disruption: f64, necessity: f64, margin: Option<f64>) -> Values {
        Values::of(&contrast(known(disruption), known(necessity), margin), 0.0, 300.0)
    }

    #[test]
    fn gaps_of_one_size_stay_on_a_linear_axis() {
        assert_eq!(values(0.08, 0.04, Some(0.02)).linear, None);
        assert_eq!(values(0.001, 0.0, Some(0.02)).linear, None);
        assert_eq!(values(0.0, 0.0, None).linear, None);
    }

    #[test]
    fn a_disruption_that_dwarfs_the_margin_bends_the_axis_at_the_margin() {
        let values = values(1.431, 0.049, Some(0.0274));
        assert_eq!(values.linear, Some(0.0274));
        // The margin still takes a twelfth of the axis on each side, and the smaller gap is clear of its edge.
        assert!(values.at(0.0274) - values.at(0.0) > 25.0);
        assert!(values.at(0.049) - values.at(0.0274) > 10.0);
    }

    #[test]
    fn without_a_margin_the_smallest_gap_decides() {
        assert_eq!(values(1.0, 0.01, None).linear, Some(0.02));
        assert_eq!(values(1.0, 0.5, None).linear, None);
        let mut noisy = contrast(known(1.0), known(0.001), None);
        if let crate::Measured::Known(estimate) = &mut noisy.rows[0].necessity {
            estimate.interval = Some((-0.2, 0.2));
        }
        assert_eq!(Values::of(&noisy, 0.0, 300.0).linear, None);
        let tiny = values(1.0, 1e-12, None);
        assert!(tiny.linear.is_some_and(|l| l >= 1e-4), "{tiny:?}");
    }

    #[test]
    fn the_bent_axis_keeps_order_and_sign_and_can_be_undone() {
        let linear = Some(0.02);
        let ordered = [-3.0, -0.3, -0.02, -0.001, 0.0, 0.01, 0.02, 0.021, 1.0, 100.0];
        assert!(ordered.map(|v| bend(v, linear)).is_sorted_by(|a, b| a < b));
        for value in ordered {
            assert!((unbend(bend(value, linear), linear) - value).abs() < 1e-12 * (1.0 + value.abs()));
        }
    }

    #[test]
    fn one_seed_far_away_does_not_take_the_axis() {
        let mut outlier = contrast(known(1.0), known(0.5), Some(0.2));
        if let crate::Measured::Known(estimate) = &mut outlier.rows[0].disruption {
            estimate.seeds.push(1e6);
        }
        let values = Values::of(&outlier, 0.0, 300.0);
        assert!(values.range.maximum < 4.0, "{values:?}");
        assert_eq!(values.place(1e6), Place::Right);
        assert_eq!(values.place(f64::NEG_INFINITY), Place::Left);
        assert!(matches!(values.place(1.0), Place::Inside(_)));
    }

    #[test]
    fn a_wide_interval_is_shown_whole_where_it_is_the_rule() {
        let wide = |value| crate::Measured::Known(Estimate { value, interval: Some((-0.5, 0.5)), seeds: vec![] });
        let values = Values::of(&contrast(wide(0.001), wide(0.002), Some(0.02)), 0.0, 300.0);
        assert!(matches!(values.place(0.5), Place::Inside(_)), "{values:?}");
    }

    #[test]
    fn ticks_say_what_they_are() {
        let labels: Vec<_> = values(1.431, 0.049, Some(0.0274)).ticks().into_iter().map(|t| t.label).collect();
        assert!(labels.contains(&"0".into()) && labels.contains(&"0.1".into()) && labels.contains(&"1".into()), "{labels:?}");
        for tick in values(1.431, 0.049, Some(0.0274)).ticks() {
            assert_eq!(tick.value, tick.label.replace('−', "-").parse::<f64>().unwrap());
        }
    }
}
