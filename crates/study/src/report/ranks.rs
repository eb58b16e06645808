//! Do cutting, the usual shortcut and fair retraining put the components in the same order?
//!
//! Most readers take one thing from an ablation table: which component matters most. So the orders are compared, and not only the gaps.

use ablation_random::Stream;
use ablation_stats::{Interval, kendall_tau};
use serde::{Deserialize, Serialize};

use super::series::{ProtocolArm, Series};

/// Resamples of the units behind the interval.
const RESAMPLES: usize = 2000;

/// Fewer components have no agreement worth a number.
const FEWEST: usize = 3;

/// Two orders of the same components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Kendall's tau-b between the mean gaps; none of two components, whose orders are the same or opposite and nothing between.
    pub tau: Option<f64>,
    /// 95 % percentile bootstrap interval of it over units; too short with few units, and drawn as such.
    pub interval: Option<Interval>,
}

/// Mean gaps of the components that have all three.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranks {
    /// Indices of those components.
    pub components: Vec<usize>,
    /// Mean harm when cut.
    pub cutting: Vec<f64>,
    /// Mean harm of the shortcut.
    pub shortcut: Vec<f64>,
    /// Mean harm when retrained with its own search.
    pub fair: Vec<f64>,
    /// Cutting against fair retraining.
    pub cutting_and_fair: Agreement,
    /// The shortcut against fair retraining.
    pub shortcut_and_fair: Agreement,
}

/// The orders, if at least two components have been cut, retrained with the shortcut and retrained fairly.
pub(crate) fn ranks(series: &Series, components: usize, higher_is_better: bool) -> Option<Ranks> {
    let ranked: Vec<usize> = (0..components)
        .filter(|&index| {
            [ProtocolArm::Cut, ProtocolArm::RetrainedSame, ProtocolArm::RetrainedOwn]
                .into_iter()
                .all(|arm| series.has(arm, index, 0))
        })
        .collect();
    if ranked.len() < 2 {
        return None;
    }
    let arms = [ProtocolArm::Cut, ProtocolArm::RetrainedSame, ProtocolArm::RetrainedOwn];
    let values: Vec<Vec<Vec<Option<f64>>>> =
        arms.iter().map(|&arm| ranked.iter().map(|&index| series.get(arm, index, 0)).collect()).collect();
    let references: Vec<Vec<Option<f64>>> = ranked.iter().map(|&index| series.base(ProtocolArm::Reference, index, 0)).collect();
    let units: Vec<usize> = (0..series.units)
        .filter(|&unit| references.iter().chain(values.iter().flatten()).all(|series| series[unit].is_some()))
        .collect();
    if units.is_empty() {
        return None;
    }
    let sign = if higher_is_better { -1.0 } else { 1.0 };
    let means = |arm: usize, units: &[usize]| -> Vec<f64> {
        // Harm has the sign of the loss.
        let harm =
            |series: &[Option<f64>], reference: &[Option<f64>], unit: usize| Some(sign * (series[unit]? - reference[unit]?));
        let mean = |(series, reference): (&Vec<Option<f64>>, &Vec<Option<f64>>)| {
            ablation_stats::sum(units.iter().filter_map(|&unit| harm(series, reference, unit))) / units.len() as f64
        };
        values[arm].iter().zip(&references).map(mean).collect()
    };
    let agreement = |arm: usize| {
        if ranked.len() < FEWEST {
            return Agreement { tau: None, interval: None };
        }
        let tau = |units: &[usize]| kendall_tau(&means(arm, units), &means(2, units)).ok().flatten();
        Agreement { tau: tau(&units), interval: interval(&units, tau) }
    };
    Some(Ranks {
        cutting: means(0, &units),
        shortcut: means(1, &units),
        fair: means(2, &units),
        cutting_and_fair: agreement(0),
        shortcut_and_fair: agreement(1),
        components: ranked,
    })
}

/// The middle 95 % of `tau` over resamples of the units.
fn interval(units: &[usize], tau: impl Fn(&[usize]) -> Option<f64>) -> Option<Interval> {
    if units.len() < 2 {
        return None;
    }
    let mut draws = Stream::root(0).at("ranks").draws();
    let mut resample = || -> Vec<usize> { units.iter().map(|_| units[draws.below(units.len() as u64) as usize]).collect() };
    let mut taus: Vec<f64> = (0..RESAMPLES).filter_map(|_| tau(&resample())).collect();
    taus.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| taus.get(((taus.len() as f64 - 1.0) * share) as usize).copied();
    Some(Interval { low: at(0.025)?, high: at(0.975)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(gaps: [[f64; 3]; 3], luck: [f64; 4]) -> Series {
        let mut series = Series::new(4);
        for (unit, luck) in luck.into_iter().enumerate() {
            series.set(ProtocolArm::Reference, 0, 0, unit, 1.0 + luck);
            for (arm, gaps) in [ProtocolArm::Cut, ProtocolArm::RetrainedSame, ProtocolArm::RetrainedOwn].into_iter().zip(gaps) {
                for (component, gap) in gaps.into_iter().enumerate() {
                    series.set(arm, component, 0, unit, 1.0 + luck + gap);
                }
            }
        }
        series
    }

    #[test]
    fn opposite_orders_have_a_tau_of_minus_one() {
        let ranks =
            ranks(&series([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]], [0.0, 0.5, 0.25, -1.0]), 3, false).unwrap();
        assert_eq!(ranks.cutting_and_fair.tau, Some(-1.0));
        assert_eq!(ranks.cutting_and_fair.interval, Some(Interval { low: -1.0, high: -1.0 }));
        assert!((ranks.shortcut_and_fair.tau.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(ranks.fair, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn one_component_has_no_order() {
        assert!(ranks(&series([[1.0; 3]; 3], [0.0; 4]), 1, false).is_none());
        assert!(ranks(&Series::new(3), 3, false).is_none());
        let two = ranks(&series([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]], [0.0; 4]), 2, false).unwrap();
        assert_eq!((two.cutting.len(), two.cutting_and_fair), (2, Agreement { tau: None, interval: None }));
        let equal = ranks(&series([[1.0; 3]; 3], [0.0; 4]), 3, false).unwrap();
        assert_eq!(equal.cutting_and_fair.tau, None);
    }
}
