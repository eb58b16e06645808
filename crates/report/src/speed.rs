//! How many steps each arm takes to the threshold, beside the reference: the second metric of a task that is solved exactly, where losses
//! cannot tell the arms apart (methodology, section 11.4).

use ablation_protocol::{Arm, Outcome, Outcomes, Schedule, Study};
use ablation_stats::{Gap, Interval, Paired, Sample};
use serde::{Deserialize, Serialize};

use crate::losses::series_of;
use crate::series::Series;

/// The speed of the reference and of every component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Speed {
    /// The reference.
    pub reference: Steps,
    /// One per component, in order.
    pub components: Vec<ComponentSpeed>,
}

/// The speed of models without a component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ComponentSpeed {
    /// Retrained with its own settings, which may learn faster or slower because they are others; none before it was.
    pub retrained: Option<SpeedRatio>,
    /// Retrained with the settings of the reference; none before it was.
    pub untuned: Option<SpeedRatio>,
}

/// Steps of an arm to the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Steps {
    /// Their geometric mean over the units that reached it; none where none did.
    pub mean: Option<f64>,
    /// Units that reached it.
    pub reached: usize,
    /// Units that were trained.
    pub of: usize,
}

/// Steps of an arm over steps of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct SpeedRatio {
    /// Steps of the arm.
    pub steps: Steps,
    /// Geometric means of the reference and of the arm over the units in which both reached the threshold, which [`ratio`](Self::ratio)
    /// compares; none where there is no such.
    pub paired: Option<[f64; 2]>,
    /// Geometric mean of the ratios, over the units in which both reached the threshold; none where there is no such.
    pub ratio: Option<f64>,
    /// Its 95 % t interval, computed on logarithms; none of one unit.
    pub ci95: Option<Interval>,
}

/// The speed of a study's arms; none where no run of the reference has reached the threshold.
pub(crate) fn speed(study: &Study, schedule: &Schedule, outcomes: &Outcomes) -> Option<Speed> {
    let steps = |outcome: &Outcome| outcome.steps_to_threshold.map(|steps| libm::log(steps as f64));
    let logs = series_of(study, schedule, outcomes, &steps);
    let trained = series_of(study, schedule, outcomes, &|_| Some(0.0));
    let reference = steps_of(&logs, &trained, Arm::Reference, 0);
    reference.mean?;
    let ratio = |arm: Arm, component: usize| {
        trained.has(arm, component, 0).then(|| SpeedRatio {
            steps: steps_of(&logs, &trained, arm, component),
            ..compared(&logs.get(Arm::Reference, 0, 0), &logs.get(arm, component, 0))
        })
    };
    let component = |component: usize| ComponentSpeed {
        retrained: ratio(Arm::Retrained, component),
        untuned: ratio(Arm::RetrainedUntuned, component),
    };
    Some(Speed { reference, components: (0..study.variants.len()).map(component).collect() })
}

fn steps_of(logs: &Series, trained: &Series, arm: Arm, component: usize) -> Steps {
    let reached: Vec<f64> = logs.get(arm, component, 0).into_iter().flatten().collect();
    Steps {
        mean: geometric_mean(&reached),
        reached: reached.len(),
        of: trained.get(arm, component, 0).into_iter().flatten().count(),
    }
}

/// The geometric mean of numbers of which these are the logarithms; none of nothing.
fn geometric_mean(logs: &[f64]) -> Option<f64> {
    Sample::new(logs).ok().map(|sample| libm::exp(sample.mean()))
}

/// The ratio of two arms from the logarithms of their steps.
fn compared(reference: &[Option<f64>], arm: &[Option<f64>]) -> SpeedRatio {
    let (before, after): (Vec<f64>, Vec<f64>) =
        reference.iter().zip(arm).filter_map(|(reference, arm)| reference.zip(*arm)).unzip();
    let gap = Paired::new(&before, &after).ok().map(|paired| Gap::of(&paired, None));
    let exp = |interval: Interval| Interval { low: libm::exp(interval.low), high: libm::exp(interval.high) };
    SpeedRatio {
        steps: Steps::default(),
        paired: gap.as_ref().map(|_| [&before, &after].map(|logs| geometric_mean(logs).unwrap_or_default())),
        ratio: gap.as_ref().map(|gap| libm::exp(gap.mean)),
        ci95: gap.and_then(|gap| gap.ci95).map(exp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_protocol::Trial;
    use ablation_protocol::made_up::{run, toy, world};
    use ablation_protocol::schedule;

    /// A world in which a model without positions takes twice the steps, except for one seed in which it never arrives.
    fn slow(trial: &Trial) -> Outcome {
        let luck = trial.seeds.data % 3;
        let steps = 20 + 10 * luck;
        let removed = !trial.remove.is_empty();
        let steps = if removed { 2 * steps } else { steps };
        Outcome { steps_to_threshold: Some(steps).filter(|_| !removed || luck > 0), ..world(0.0)(trial) }
    }

    /// Methodology 11.4.
    #[test]
    fn steps_to_a_threshold_are_compared_in_pairs() {
        let study = toy();
        let outcomes = run(&study, slow);
        let found = speed(&study, &schedule(&study, &outcomes), &outcomes).unwrap();
        let [position, decay] = &found.components[..] else { panic!("two components") };
        assert_eq!((found.reference.reached, found.reference.of), (study.design.seeds as usize, study.design.seeds as usize));
        let retrained = position.retrained.unwrap();
        let (ratio, ci95) = (retrained.ratio.unwrap(), retrained.ci95.unwrap());
        assert!(
            (ratio - 2.0).abs() < 1e-12 && (ci95.low - 2.0).abs() < 1e-9 && (ci95.high - 2.0).abs() < 1e-9,
            "{ratio}, {ci95:?}"
        );
        let [reference, arm] = retrained.paired.unwrap();
        assert!((arm / reference - ratio).abs() < 1e-12, "of the same units");
        assert!(retrained.steps.reached < retrained.steps.of, "{:?}", retrained.steps);
        assert!((decay.untuned.unwrap().ratio.unwrap() - 1.0).abs() < 1e-12);
        let none = run(&study, world(0.0));
        assert_eq!(speed(&study, &schedule(&study, &none), &none), None);
    }
}
