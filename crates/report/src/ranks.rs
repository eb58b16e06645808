//! Do disruption, the usual untuned retraining and necessity retraining put the components in the same order?
//!
//! Most readers take one thing from an ablation table: which component matters most. So the orders are compared, and not only the gaps.

use ablation_protocol::Arm;
use ablation_random::Stream;
use ablation_stats::{FEWEST_PAIRS, Interval, kendall_tau};
use serde::{Deserialize, Serialize};

use crate::family::Rules;
use crate::series::Series;

/// Resamples of the units behind the interval; fewer of a very large table.
const RESAMPLES: usize = 2000;
/// Values that are resampled at most, and resamples that are made in any case.
const MOST_RESAMPLED: usize = 1 << 28;
const FEWEST_RESAMPLES: usize = 200;

/// Fewer components have no agreement worth a number.
const FEWEST: usize = 3;

/// Fewer have no interval: their tau has four values at most, and an interval of them ends at the estimate.
const FEWEST_WITH_INTERVAL: usize = 5;

/// Two orders of the same components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Agreement {
    /// Kendall's tau-b between the mean gaps; none of two components, whose orders are the same or opposite and nothing between.
    pub tau: Option<f64>,
    /// 95 % percentile bootstrap interval of it over units; none with fewer than five components or six units.
    pub interval: Option<Interval>,
}

/// Mean gaps of the components that have all three. What lies within the margin counts as 0: components that are not needed have no order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Ranks {
    /// Indices of those components.
    pub components: Vec<usize>,
    /// Mean disruption.
    pub disruption: Vec<f64>,
    /// Mean harm of the untuned retraining.
    pub untuned: Vec<f64>,
    /// Mean harm when retrained with its own search.
    pub necessity: Vec<f64>,
    /// Disruption against necessity.
    pub disruption_and_necessity: Agreement,
    /// The untuned retraining against necessity retraining.
    pub untuned_and_necessity: Agreement,
}

/// The orders, if at least two components have a disruption, an untuned gap and a necessity.
pub(crate) fn ranks(series: &Series, components: usize, rules: Rules) -> Option<Ranks> {
    let ranked: Vec<usize> = (0..components)
        .filter(|&index| [Arm::Ablated, Arm::RetrainedUntuned, Arm::Retrained].into_iter().all(|arm| series.has(arm, index, 0)))
        // Of a component without which no model trains, no rank is known.
        .filter(|&index| !series.only_diverged(Arm::Retrained, index, 0))
        .collect();
    if ranked.len() < 2 {
        return None;
    }
    let arms = [Arm::Ablated, Arm::RetrainedUntuned, Arm::Retrained];
    let values: Vec<Vec<Vec<Option<f64>>>> =
        arms.iter().map(|&arm| ranked.iter().map(|&index| series.get(arm, index, 0)).collect()).collect();
    let references: Vec<Vec<Option<f64>>> = ranked.iter().map(|&index| series.base(Arm::Reference, index, 0)).collect();
    let units: Vec<usize> = (0..series.units)
        .filter(|&unit| references.iter().chain(values.iter().flatten()).all(|series| series[unit].is_some()))
        .collect();
    if units.is_empty() {
        return None;
    }
    let sign = if rules.higher_is_better { -1.0 } else { 1.0 };
    let beyond = |harm: f64| if rules.margin.is_some_and(|margin| harm.abs() < margin.size()) { 0.0 } else { harm };
    let means = |arm: usize, units: &[usize]| -> Vec<f64> {
        // Harm has the sign of the loss.
        let harm =
            |series: &[Option<f64>], reference: &[Option<f64>], unit: usize| Some(sign * (series[unit]? - reference[unit]?));
        let mean = |(series, reference): (&Vec<Option<f64>>, &Vec<Option<f64>>)| {
            beyond(ablation_stats::sum(units.iter().filter_map(|&unit| harm(series, reference, unit))) / units.len() as f64)
        };
        values[arm].iter().zip(&references).map(mean).collect()
    };
    let agreement = |arm: usize| {
        if ranked.len() < FEWEST {
            return Agreement { tau: None, interval: None };
        }
        let tau = |units: &[usize]| kendall_tau(&means(arm, units), &means(2, units)).ok().flatten();
        let has_interval = ranked.len() >= FEWEST_WITH_INTERVAL && units.len() >= FEWEST_PAIRS;
        Agreement { tau: tau(&units), interval: has_interval.then(|| interval(&units, ranked.len(), tau)).flatten() }
    };
    Some(Ranks {
        disruption: means(0, &units),
        untuned: means(1, &units),
        necessity: means(2, &units),
        disruption_and_necessity: agreement(0),
        untuned_and_necessity: agreement(1),
        components: ranked,
    })
}

/// The middle 95 % of `tau` over resamples of the units.
fn interval(units: &[usize], components: usize, tau: impl Fn(&[usize]) -> Option<f64>) -> Option<Interval> {
    let values = 3 * units.len() * components;
    let resamples = (MOST_RESAMPLED / values.max(1)).clamp(FEWEST_RESAMPLES, RESAMPLES);
    let mut draws = Stream::root(0).at("ranks").draws();
    let mut resample = || -> Vec<usize> { units.iter().map(|_| units[draws.below(units.len() as u64) as usize]).collect() };
    let mut taus: Vec<f64> = (0..resamples).filter_map(|_| tau(&resample())).collect();
    taus.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| taus.get(((taus.len() as f64 - 1.0) * share) as usize).copied();
    Some(Interval { low: at(0.025)?, high: at(0.975)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_stats::Margin;

    const PLAIN: Rules = Rules { margin: None, higher_is_better: false };

    /// Seven units that differ by luck, with a gap for each component by disruption, by the untuned retraining and by necessity retraining.
    fn series<const N: usize>(gaps: [[f64; N]; 3]) -> Series {
        let mut series = Series::new(7);
        for unit in 0..7 {
            let luck = 0.25 * (unit * unit % 5) as f64;
            series.set(Arm::Reference, 0, 0, unit, 1.0 + luck);
            for (arm, gaps) in [Arm::Ablated, Arm::RetrainedUntuned, Arm::Retrained].into_iter().zip(gaps) {
                for (component, gap) in gaps.into_iter().enumerate() {
                    series.set(arm, component, 0, unit, 1.0 + luck + gap);
                }
            }
        }
        series
    }

    #[test]
    fn opposite_orders_have_a_tau_of_minus_one() {
        let three = ranks(&series([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]]), 3, PLAIN).unwrap();
        assert_eq!(three.disruption_and_necessity, Agreement { tau: Some(-1.0), interval: None }, "three have no interval");
        assert!((three.untuned_and_necessity.tau.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(three.necessity, [1.0, 2.0, 3.0]);
        let five = [[5.0, 4.0, 3.0, 2.0, 1.0], [1.0; 5], [1.0, 2.0, 3.0, 4.0, 5.0]];
        let five = ranks(&series(five), 5, PLAIN).unwrap();
        assert_eq!(five.disruption_and_necessity.interval, Some(Interval { low: -1.0, high: -1.0 }));
        assert_eq!(five.untuned_and_necessity.tau, None);
    }

    /// Differences of a thousandth of the margin order nothing, whatever they are ordered by.
    #[test]
    fn what_is_not_needed_has_no_order() {
        let gaps = [[3.0, 2.0, 1.0], [0.5, 0.002, 0.001], [0.003, 0.002, 0.001]];
        let margin = Margin::new(0.1).ok();
        let found = ranks(&series(gaps), 3, Rules { margin, ..PLAIN }).unwrap();
        assert_eq!((&found.necessity[..], found.disruption_and_necessity.tau), (&[0.0; 3][..], None));
        assert_eq!(found.untuned[1..], [0.0, 0.0]);
        assert!((ranks(&series(gaps), 3, PLAIN).unwrap().disruption_and_necessity.tau.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_component_has_no_order() {
        assert!(ranks(&series([[1.0; 3]; 3]), 1, PLAIN).is_none());
        assert!(ranks(&Series::new(3), 3, PLAIN).is_none());
        let two = ranks(&series([[3.0, 2.0, 1.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]]), 2, PLAIN).unwrap();
        assert_eq!((two.disruption.len(), two.disruption_and_necessity), (2, Agreement { tau: None, interval: None }));
        let equal = ranks(&series([[1.0; 3]; 3]), 3, PLAIN).unwrap();
        assert_eq!(equal.disruption_and_necessity.tau, None);
    }
}
