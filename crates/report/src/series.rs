//! Losses by arm, component and unit of analysis: what every question is asked of, whether it comes from a study or from a table that
//! somebody else's program wrote.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::Arm;
use ablation_settings::arrange;
use ablation_stats::Sample;
use serde::{Deserialize, Serialize};

/// One arm of one component, as a table has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Run {
    /// Which arm.
    pub arm: Arm,
    /// Index of the component; none where all components share it.
    pub component: Option<usize>,
    /// Index of the budget; 0 where there is none.
    pub budget: usize,
}

/// Everything that was measured. Of an arm that components share, place 0 holds what all of them share and place `i + 1` what component `i`
/// has of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Number of units of analysis.
    pub units: usize,
    values: BTreeMap<(Arm, usize, usize), Vec<Option<f64>>>,
    /// Of each arm, component and budget the units whose runs diverged: their values are those of the untrained model.
    diverged: BTreeMap<(Arm, usize, usize), BTreeSet<usize>>,
}

/// Runs of one arm that diverged, and so have the loss of the untrained model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Diverged {
    /// Which arm.
    #[serde(flatten)]
    pub run: Run,
    /// Units in which it diverged.
    pub units: usize,
    /// Units in which it was run.
    pub of: usize,
}

impl Diverged {
    /// Whether nothing is known of the arm but that it does not train.
    pub fn is_all(&self) -> bool {
        self.units == self.of
    }
}

impl Series {
    /// Nothing measured yet, in so many units.
    pub fn new(units: usize) -> Self {
        Series { units, values: BTreeMap::new(), diverged: BTreeMap::new() }
    }

    /// Sets one value. `component` and `budget` are 0 for arms that have none.
    pub fn set(&mut self, arm: Arm, component: usize, budget: usize, unit: usize, value: f64) {
        let units = self.units;
        let series = self.values.entry((arm, component, budget)).or_insert_with(|| vec![None; units]);
        if let Some(place) = series.get_mut(unit) {
            *place = Some(value);
        }
    }

    /// Notes that a run diverged, so that its value is that of the untrained model.
    pub fn set_diverged(&mut self, arm: Arm, component: usize, budget: usize, unit: usize) {
        self.diverged.entry((arm, component, budget)).or_default().insert(unit);
    }

    /// Every arm of which runs diverged.
    pub fn diverged(&self) -> Vec<Diverged> {
        let of = |(&(arm, place, budget), units): (&(Arm, usize, usize), &BTreeSet<usize>)| {
            let values = self.values.get(&(arm, place, budget))?;
            let of = values.iter().flatten().count();
            let units = units.iter().filter(|unit| values.get(**unit).copied().flatten().is_some()).count();
            (units > 0).then(|| Diverged { run: Run { arm, component: component_of(arm, place), budget }, units, of })
        };
        self.diverged.iter().filter_map(of).collect()
    }

    /// Whether every run of an arm diverged: nothing is known of it but that it does not train.
    pub fn only_diverged(&self, arm: Arm, component: usize, budget: usize) -> bool {
        let run = Run { arm, component: component_of(arm, component), budget };
        self.diverged().iter().any(|diverged| diverged.run == run && diverged.is_all())
    }

    /// The values of an arm by unit; none where nothing was measured.
    pub fn get(&self, arm: Arm, component: usize, budget: usize) -> Vec<Option<f64>> {
        self.values.get(&(arm, component, budget)).cloned().unwrap_or_else(|| vec![None; self.units])
    }

    /// Sets one value of an arm that components share, such as the reference, for one component only.
    pub fn set_own(&mut self, arm: Arm, component: usize, budget: usize, unit: usize, value: f64) {
        self.set(arm, component + 1, budget, unit, value);
    }

    /// The values of an arm that components share, as `component` is compared with them: its own where it has any.
    pub fn base(&self, arm: Arm, component: usize, budget: usize) -> Vec<Option<f64>> {
        let own = component + 1;
        self.get(arm, if self.has(arm, own, budget) { own } else { 0 }, budget)
    }

    /// Adds a number to every value of an arm of a component, or of an arm that components share with `component` 0.
    pub(crate) fn shift(&mut self, arm: Arm, component: usize, by: f64) {
        let values = self.values.get_mut(&(arm, component, 0)).into_iter().flatten();
        values.flatten().for_each(|value| *value += by);
    }

    /// The same without one unit.
    pub(crate) fn without(&self, unit: usize) -> Self {
        let mut fewer = self.clone();
        fewer.units -= 1;
        for values in fewer.values.values_mut() {
            values.remove(unit);
        }
        for diverged in fewer.diverged.values_mut() {
            let others = diverged.iter().filter(|other| **other != unit);
            *diverged = others.map(|&other| if other > unit { other - 1 } else { other }).collect();
        }
        fewer
    }

    /// How many values there are of an arm, of all components and budgets.
    pub fn count(&self, arm: Arm) -> usize {
        self.values.iter().filter(|((other, ..), _)| *other == arm).flat_map(|(_, series)| series).flatten().count()
    }

    /// The values of every arm of a component that is compared with the reference, each beside those of the reference: in the units that
    /// have both.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (Vec<f64>, Vec<f64>)> {
        use Arm::{Ablated, Matched, Retrained, RetrainedUntuned, Variant};
        let compared =
            self.values.iter().filter(|((arm, ..), _)| matches!(arm, Ablated | Matched | Retrained | RetrainedUntuned | Variant));
        compared.map(|(&(_, component, _), values)| {
            let reference = self.base(Arm::Reference, component, 0);
            reference.into_iter().zip(values).filter_map(|(reference, value)| reference.zip(*value)).unzip()
        })
    }

    /// Every value of every other arm.
    pub(crate) fn all_but(&self, arm: Arm) -> impl Iterator<Item = f64> {
        self.values.iter().filter(move |((other, ..), _)| *other != arm).flat_map(|(_, series)| series).flatten().copied()
    }

    /// The mean of an arm that components share, as `component` is compared with it; none where nothing was measured.
    pub fn mean(&self, arm: Arm, component: usize) -> Option<f64> {
        let values: Vec<f64> = self.base(arm, component, 0).into_iter().flatten().collect();
        Sample::new(values).ok().map(|sample| sample.mean())
    }

    /// Arms that have the same values in the same units, in groups of two or more: one model that was measured twice, or a switch that is
    /// not connected. Arms of one and the same component are left out: a search may choose what another arm has, and the gap between them
    /// says so.
    pub fn identical(&self) -> Vec<Vec<Run>> {
        let mut groups: BTreeMap<Vec<Option<u64>>, Vec<Run>> = BTreeMap::new();
        for (&(arm, place, budget), values) in &self.values {
            // Two runs that diverged have the same value, that of the untrained model, and nothing else in common.
            let diverged = self.diverged.get(&(arm, place, budget));
            let is_known =
                |(unit, value): (usize, &Option<f64>)| value.is_some() && !diverged.is_some_and(|units| units.contains(&unit));
            if !values.iter().enumerate().any(is_known) {
                continue;
            }
            let component = component_of(arm, place);
            // No zero has a sign.
            let bits = values.iter().map(|value| value.map(|value| (value + 0.0).to_bits())).collect();
            groups.entry(bits).or_default().push(Run { arm, component, budget });
        }
        let of_one_component =
            |runs: &[Run]| runs.iter().all(|run| run.component.is_some() && run.component == runs[0].component);
        let mut groups: Vec<Vec<Run>> = groups.into_values().filter(|runs| runs.len() > 1 && !of_one_component(runs)).collect();
        groups.sort_unstable();
        groups
    }

    /// Units that have the same values in every arm, in groups of two or more, where they have values of two arms at least: copies of one
    /// run under several names, or a metric that is too coarse to tell runs apart.
    pub fn repeated(&self) -> Vec<Vec<usize>> {
        let columns: Vec<&Vec<Option<f64>>> = self.values.values().collect();
        // No zero has a sign.
        let bits = |values: &[Option<f64>], unit: usize| values[unit].map(|value| (value + 0.0).to_bits());
        let order = |a: usize, b: usize| {
            let compared = columns.iter().map(|values| bits(values, a).cmp(&bits(values, b)));
            compared.fold(Ordering::Equal, Ordering::then)
        };
        let mut units: Vec<usize> =
            (0..self.units).filter(|&unit| columns.iter().filter(|values| values[unit].is_some()).count() > 1).collect();
        arrange(&mut units, |&a, &b| order(a, b));
        let groups = units.chunk_by(|&a, &b| order(a, b) == Ordering::Equal);
        let mut groups: Vec<Vec<usize>> = groups.filter(|group| group.len() > 1).map(<[usize]>::to_vec).collect();
        groups.sort_unstable();
        groups
    }

    /// The largest of all values, whatever its sign.
    pub fn largest(&self) -> Option<f64> {
        self.values.values().flatten().flatten().map(|value| value.abs()).reduce(f64::max)
    }

    /// Whether anything was measured of an arm.
    pub fn has(&self, arm: Arm, component: usize, budget: usize) -> bool {
        self.values.get(&(arm, component, budget)).is_some_and(|series| series.iter().any(Option::is_some))
    }
}

/// Index of the component of a place; none where all components share the arm.
fn component_of(arm: Arm, place: usize) -> Option<usize> {
    if matches!(arm, Arm::Reference | Arm::Sham | Arm::Aa) { place.checked_sub(1) } else { Some(place) }
}

#[cfg(test)]
mod tests {
    use super::{Run, Series};
    use ablation_protocol::Arm;

    #[test]
    fn units_with_the_same_values_in_every_arm_are_found() {
        let mut series = Series::new(6);
        for (unit, (reference, variant)) in [(1.0, 2.0), (0.0, 3.0), (1.0, 2.0), (-0.0, 3.0), (1.0, 5.0)].into_iter().enumerate()
        {
            series.set(Arm::Reference, 0, 0, unit, reference);
            series.set(Arm::Variant, 0, 0, unit, variant);
        }
        assert_eq!(series.repeated(), [[0, 2], [1, 3]]);
        // A reference alone may be the same by chance.
        series.set(Arm::Reference, 0, 0, 5, 1.0);
        assert_eq!(series.without(4).without(3).without(2).without(1).repeated(), Vec::<Vec<usize>>::new());
        assert_eq!((series.largest(), Series::new(2).largest()), (Some(5.0), None));
    }

    #[test]
    fn arms_with_the_same_values_are_found_whatever_they_are_compared_with() {
        let mut series = Series::new(2);
        for (unit, value) in [1.0, 2.0].into_iter().enumerate() {
            series.set(Arm::Reference, 0, 0, unit, value);
            series.set(Arm::Variant, 0, 0, unit, value + 1.0);
            series.set(Arm::Variant, 1, 0, unit, value + 1.0);
            series.set(Arm::Variant, 2, 0, unit, value);
            // A search that chose what the untuned arm has.
            series.set(Arm::Retrained, 3, 0, unit, value + 7.0);
            series.set(Arm::RetrainedUntuned, 3, 0, unit, value + 7.0);
        }
        series.set(Arm::Variant, 4, 0, 0, 1.0);
        let run = |arm: Arm, component: Option<usize>| Run { arm, component, budget: 0 };
        let reference = run(Arm::Reference, None);
        let [first, second, third] = [0, 1, 2].map(|index| run(Arm::Variant, Some(index)));
        assert_eq!(series.identical(), [vec![reference, third], vec![first, second]]);
    }

    #[test]
    fn a_component_is_compared_with_its_own_reference_where_it_has_one() {
        let mut series = Series::new(1);
        series.set(Arm::Reference, 0, 0, 0, 1.0);
        series.set_own(Arm::Reference, 0, 0, 0, 2.0);
        let base = |component| series.base(Arm::Reference, component, 0);
        assert_eq!((base(0), base(1)), (vec![Some(2.0)], vec![Some(1.0)]));
        let mean = |component| series.mean(Arm::Reference, component);
        assert_eq!((mean(0), mean(1), series.mean(Arm::Sham, 0)), (Some(2.0), Some(1.0), None));
        assert_eq!((series.count(Arm::Reference), series.count(Arm::Ablated)), (2, 0));
    }
}
