//! Whether a study can be planned, and whether data can be mixed.
//!
//! A record holds its complete study, so that it can be checked without a catalogue. An edited record could ask for four billion search
//! points; such values are rejected here, by field, before planning. A study file with every number within its limits can still ask for
//! millions of runs, which is checked as well.

use std::collections::BTreeSet;

use ablation_settings::StudyError;

use crate::limits;
use crate::space::{Dimension, Scale};
use crate::study::{Margin, STUDY_VERSION, Study};
use crate::trial::Source;

/// Rejects a study that could not have been read from a study file.
///
/// # Errors
/// The first field that is out of bounds, by its path.
pub fn check(study: &Study) -> Result<(), StudyError> {
    let refuse = |path: &str, message: String| Err(StudyError::new(format!("study.{path}"), message));
    if study.version != STUDY_VERSION {
        let message = format!("this release reads version {STUDY_VERSION}, not {}; use the release that wrote it", study.version);
        return refuse("version", message);
    }
    let counted = [
        ("design.trials", study.design.trials as usize, limits::TRIALS),
        ("design.tuning_seeds", study.design.tuning_seeds as usize, limits::TUNING_SEEDS),
        ("design.searches", study.design.searches as usize, limits::SEARCHES),
        ("design.seeds", study.design.seeds as usize, limits::SEEDS),
        ("variants", study.variants.len(), limits::VARIANTS),
        ("space", study.space.len(), limits::MANY),
    ];
    for (path, count, (least, most)) in counted {
        if !(least as usize..=most as usize).contains(&count) {
            return refuse(path, format!("this is {count}; it must be from {least} to {most}"));
        }
    }
    for (index, dimension) in study.space.iter().enumerate() {
        if !can_be_walked(dimension) {
            let message = format!("[{}, {}] is not a valid search range", dimension.low, dimension.high);
            return refuse(&format!("space[{index}]"), message);
        }
    }
    let mut names = BTreeSet::new();
    for (index, variant) in study.variants.iter().enumerate() {
        if !names.insert(&variant.name) {
            return refuse(&format!("variants[{index}].name"), format!("two variants have the name `{}`", variant.name));
        }
        if variant.ablations.len() > limits::MANY.1 as usize {
            let message = format!("there are {} ablations; at most {} are compared", variant.ablations.len(), limits::MANY.1);
            return refuse(&format!("variants[{index}].ablations"), message);
        }
    }
    let recovery = &study.recovery;
    for (path, list, (low, high)) in [("budgets", &recovery.budgets, limits::BUDGET), ("rates", &recovery.rates, limits::RATE)] {
        let most = limits::MANY.1;
        if list.is_empty() || list.len() > most as usize || !list.iter().all(|one| (low..=high).contains(one)) {
            return refuse(
                &format!("recovery.{path}"),
                format!("this must be a list of 1 to {most} numbers from {low} to {high}"),
            );
        }
    }
    let (least, most) = limits::SEED;
    if !(u64::from(least)..=u64::from(most)).contains(&study.seed) {
        return refuse("seed", format!("{} is not a whole number from {least} to {most}", study.seed));
    }
    let margin = match study.margin {
        Margin::Share(share) => (limits::SHARE.0..=limits::SHARE.1).contains(&share),
        Margin::Absolute(size) => (limits::ABSOLUTE.0..=limits::ABSOLUTE.1).contains(&size),
    };
    if !margin {
        return refuse("margin", "it must be a fraction from 0.0001 to 0.5 or a difference from 1e-9 to 1e6".to_string());
    }
    match trials(study) {
        most if most > limits::ALL_TRIALS => {
            let out = "compare fewer variants, or reduce the search points, the searched settings, the seeds or the repetitions of the search";
            refuse("design", format!("the study needs up to {most} runs, and the limit is {}; {out}", limits::ALL_TRIALS))
        }
        _ => Ok(()),
    }
}

/// Rejects sources that no example can be drawn from, or more than are mixed. A stage without sources mixes nothing, and passes.
///
/// What their settings describe only a catalogue knows; it is checked where a trial is run.
///
/// # Errors
/// The first field that is out of bounds, by its path within the stage.
pub fn check_sources(sources: &[Source]) -> Result<(), StudyError> {
    let refuse = |path: String, message: String| Err(StudyError::new(path, message));
    if sources.len() > limits::SOURCES {
        return refuse("data".into(), format!("there are {} sources; at most {} are mixed", sources.len(), limits::SOURCES));
    }
    for (index, Source { weight, .. }) in sources.iter().enumerate() {
        if !(weight.is_finite() && *weight >= 0.0) {
            return refuse(format!("data[{index}].weight"), format!("this is {weight}; a weight is a finite number from 0 on"));
        }
    }
    if !sources.is_empty() && sources.iter().all(|source| source.weight == 0.0) {
        return refuse("data".into(), "the weights are all 0; give one source at least a weight above 0".into());
    }
    if sources.iter().map(|source| source.weight).sum::<f64>().is_infinite() {
        return refuse("data".into(), "the weights add up to infinity; divide all of them by one number".into());
    }
    Ok(())
}

/// Whether points can be drawn from a range, and whether an extension by one decade adds no more points than it had.
fn can_be_walked(dimension: &Dimension) -> bool {
    let Dimension { low, high, bounds: [minimum, maximum], .. } = *dimension;
    let logarithmic = dimension.scale == Scale::Linear || (low > 0.0 && high / low >= 10.0);
    minimum <= low && low < high && high <= maximum && (high - low).is_finite() && logarithmic
}

/// An upper bound of the number of trials; every range may be extended at both ends.
fn trials(study: &Study) -> u64 {
    let as_u64 = |count: usize| count as u64;
    let variants = as_u64(study.variants.len());
    let ablations: u64 = study.variants.iter().map(|variant| as_u64(variant.ablations.len())).sum();
    let budgets = as_u64(study.recovery.budgets.len());
    let points = u64::from(study.design.trials) * u64::from(study.design.tuning_seeds) * (1 + 2 * as_u64(study.space.len()));
    let searches = u64::from(study.design.searches);
    let recovery = budgets * as_u64(study.recovery.rates.len()) * (1 + variants);
    let pair = 2 + 3 * variants + budgets * variants + ablations + recovery;
    searches * ((2 + variants) * points + u64::from(study.design.seeds) * pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::toy;
    use crate::study::Design;
    use ablation_settings::Settings;

    #[test]
    fn what_a_study_file_gives_can_be_planned() {
        for design in Design::tiers() {
            assert_eq!(check(&Study { design, ..toy() }), Ok(()));
        }
    }

    #[test]
    fn sources_that_nothing_can_be_drawn_from_are_refused_by_path() {
        let sources =
            |weights: &[f64]| weights.iter().map(|&weight| Source { set: Settings::default(), weight }).collect::<Vec<_>>();
        for weights in [&[][..], &[1.0], &[0.0, 2.5], &[f64::MIN_POSITIVE], &[1.0; 16]] {
            assert_eq!(check_sources(&sources(weights)), Ok(()), "{weights:?}");
        }
        let refused = [
            (&[1.0, -0.5][..], "`data[1].weight`: this is -0.5; a weight is a finite number from 0 on"),
            (&[f64::NAN], "`data[0].weight`: this is NaN; a weight is a finite number from 0 on"),
            (&[1.0, f64::INFINITY], "`data[1].weight`: this is inf; a weight is a finite number from 0 on"),
            (&[0.0, 0.0], "`data`: the weights are all 0; give one source at least a weight above 0"),
            (&[f64::MAX, f64::MAX], "`data`: the weights add up to infinity; divide all of them by one number"),
            (&[1.0; 17], "`data`: there are 17 sources; at most 16 are mixed"),
        ];
        for (weights, said) in refused {
            assert_eq!(check_sources(&sources(weights)).unwrap_err().to_string(), said);
        }
    }

    /// Each of these would exhaust the planner's memory or time, or break its assumptions.
    #[test]
    fn what_cannot_be_planned_is_refused_by_field() {
        let error = |change: fn(&mut Study)| {
            let mut study = toy();
            change(&mut study);
            check(&study).unwrap_err().to_string()
        };
        type Change = fn(&mut Study);
        let cases: [(Change, &str); 14] = [
            (|study| study.seed = 1 << 53, "`study.seed`: 9007199254740992 is not a whole number from 0 to 4294967295"),
            (|study| study.version = 3, "`study.version`: this release reads version 2, not 3"),
            (|study| study.design.trials = u32::MAX, "`study.design.trials`: this is 4294967295; it must be from 1 to 256"),
            (|study| study.design.seeds = 0, "`study.design.seeds`: this is 0"),
            (|study| study.variants.clear(), "`study.variants`: this is 0"),
            (|study| study.space.clear(), "`study.space`: this is 0"),
            (|study| study.space[0].low = 0.0, "`study.space[0]`: [0, 0.178]"),
            (|study| study.space[0].low = 0.17, "`study.space[0]`: [0.17, 0.178]"),
            (|study| study.space[0].high = f64::NAN, "`study.space[0]`"),
            (
                |study| study.variants[1].name = "position".into(),
                "`study.variants[1].name`: two variants have the name `position`",
            ),
            (
                |study| {
                    let way = study.variants[0].ablations[0].clone();
                    study.variants[0].ablations = vec![way; 17];
                },
                "`study.variants[0].ablations`: there are 17 ablations; at most 16",
            ),
            (|study| study.recovery.budgets = vec![7.0], "`study.recovery.budgets`"),
            (|study| study.margin = Margin::Share(-1.0), "`study.margin`"),
            (
                |study| {
                    let Design { trials, tuning_seeds, searches, .. } = &mut study.design;
                    (*trials, *tuning_seeds, *searches) = (256, 16, 32);
                },
                "the limit is 100000; compare fewer variants",
            ),
        ];
        for (change, message) in cases {
            let error = error(change);
            assert!(error.contains(message), "{message}: {error}");
        }
    }
}
