//! What computed the outcomes of a study, and whether they go together.

use std::collections::{BTreeMap, BTreeSet};

use ablation_protocol::{Outcome, Outcomes, Schedule};
use serde::{Deserialize, Serialize};

/// A device and a version of the arithmetic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// The adapter's name.
    pub device: String,
    /// Version of the arithmetic; 0 where it is not known.
    pub numerics: u32,
}

impl Engine {
    /// What computed an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        Engine { device: outcome.device.clone(), numerics: outcome.numerics }
    }
}

/// How many outcomes an engine computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Computed {
    /// What computed them.
    #[serde(flatten)]
    pub engine: Engine,
    /// How many there are.
    pub runs: usize,
}

/// What computed the outcomes that a schedule asks for, by name.
pub(crate) fn engines(schedule: &Schedule, outcomes: &Outcomes) -> Vec<Computed> {
    let ids: BTreeSet<&String> = schedule.trials.iter().map(|planned| &planned.id).collect();
    let mut counts: BTreeMap<Engine, usize> = BTreeMap::new();
    for outcome in ids.into_iter().filter_map(|id| outcomes.get(id)) {
        *counts.entry(Engine::of(outcome)).or_default() += 1;
    }
    counts.into_iter().map(|(engine, runs)| Computed { engine, runs }).collect()
}

/// That outcomes were computed by different engines, in a sentence; none if they were not.
pub fn mixed(engines: &[Computed]) -> Option<String> {
    let numerics: BTreeSet<u32> = engines.iter().map(|one| one.engine.numerics).collect();
    let devices: BTreeSet<&str> = engines.iter().map(|one| one.engine.device.as_str()).collect();
    let counted =
        |matching: &dyn Fn(&Computed) -> bool| engines.iter().filter(|one| matching(one)).map(|one| one.runs).sum::<usize>();
    if numerics.len() > 1 {
        let version = |numerics: &u32| match numerics {
            0 => format!("an unknown version ({} trials)", counted(&|one| one.engine.numerics == 0)),
            version => format!("version {version} ({} trials)", counted(&|one| one.engine.numerics == *version)),
        };
        let versions: Vec<String> = numerics.iter().map(version).collect();
        return Some(format!(
            "The trials were computed with different versions of the arithmetic: {}. Differences between them are part of every gap.",
            versions.join(", ")
        ));
    }
    if devices.len() > 1 {
        let named: Vec<String> =
            devices.iter().map(|device| format!("{device} ({} trials)", counted(&|one| one.engine.device == *device))).collect();
        return Some(format!(
            "The trials were computed on different devices: {}. Their losses agree to about four digits.",
            named.join(", ")
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_computed_differently_is_said() {
        let computed = |device: &str, numerics, runs| Computed { engine: Engine { device: device.into(), numerics }, runs };
        assert_eq!(mixed(&[computed("CPU", 1, 9)]), None);
        let devices = mixed(&[computed("CPU", 1, 9), computed("WebGPU", 1, 2)]).unwrap();
        assert!(devices.contains("on different devices: CPU (9 trials), WebGPU (2 trials)"), "{devices}");
        let versions = mixed(&[computed("CPU", 0, 3), computed("CPU", 1, 9), computed("WebGPU", 1, 1)]).unwrap();
        assert!(versions.contains("an unknown version (3 trials), version 1 (10 trials)"), "{versions}");
    }
}
