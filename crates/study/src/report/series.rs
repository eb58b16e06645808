//! Losses by arm, component and unit of analysis: what every question is asked of, whether it comes from a study or from a table that
//! somebody else's program wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An arm of the protocol, with the symbol of the methodology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// R: trained from scratch, own search.
    Reference,
    /// D: the reference, cut, not trained further.
    Disruption,
    /// S: the reference, not cut, trained further.
    Sham,
    /// H: the reference, cut, trained further.
    Recovery,
    /// Z: without the component from scratch, for as long as healing takes.
    Relearn,
    /// U: without the component from scratch, with the reference's hyper-parameters.
    Shortcut,
    /// N: without the component from scratch, own search.
    Necessity,
    /// P: the reference once more, as if it were a variant.
    Placebo,
    /// M: as N, with as many parameters as the reference.
    Matched,
    /// A variant of which it is not said how it was made.
    Variant,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Number of units of analysis.
    pub units: usize,
    values: BTreeMap<(Role, usize, usize), Vec<Option<f64>>>,
}

impl Series {
    /// Nothing measured yet, in so many units.
    pub fn new(units: usize) -> Self {
        Series { units, values: BTreeMap::new() }
    }

    /// Sets one value. `component` and `budget` are 0 for arms that have none.
    pub fn set(&mut self, arm: Role, component: usize, budget: usize, unit: usize, value: f64) {
        let units = self.units;
        let series = self.values.entry((arm, component, budget)).or_insert_with(|| vec![None; units]);
        if let Some(place) = series.get_mut(unit) {
            *place = Some(value);
        }
    }

    /// The values of an arm by unit; none where nothing was measured.
    pub fn get(&self, arm: Role, component: usize, budget: usize) -> Vec<Option<f64>> {
        self.values.get(&(arm, component, budget)).cloned().unwrap_or_else(|| vec![None; self.units])
    }

    /// Whether anything was measured of an arm.
    pub fn has(&self, arm: Role, component: usize, budget: usize) -> bool {
        self.values.get(&(arm, component, budget)).is_some_and(|series| series.iter().any(Option::is_some))
    }
}
