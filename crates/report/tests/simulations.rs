//! A thousand simulated studies whose truth is known: how often the protocol is wrong.
//!
//! Losses are normal, components share the reference of their pair, and nothing is trained; what is tested is the way from losses to
//! verdicts. The seeds are fixed, so a run either always passes or never does.

use ablation_protocol::Arm;
use ablation_random::Stream;
use ablation_report::{Analysis, Options, Question, Series, Subject, analyse};
use ablation_stats::Verdict;

const STUDIES: u64 = 1_000;
const COMPONENTS: usize = 8;
const MARGIN: f64 = 1.0;

/// A study in which component `i` costs `gaps[i]` when it is retrained without, in units of the noise of one run.
fn study(index: u64, units: usize, gaps: &[f64], margin: Option<f64>) -> Analysis {
    let mut draws = Stream::root(11).at("studies").index(index).draws();
    let mut series = Series::new(units);
    for unit in 0..units {
        let luck = 3.0 * draws.normal();
        for arm in [Arm::Reference, Arm::Aa] {
            series.set(arm, 0, 0, unit, luck + draws.normal());
        }
        for (component, gap) in gaps.iter().enumerate() {
            series.set(Arm::Retrained, component, 0, unit, luck + draws.normal() + gap);
        }
    }
    let subjects: Vec<Subject> = (0..gaps.len())
        .map(|i| Subject {
            name: i.to_string(),
            label: String::new(),
            changed: false,
            edge: false,
            untuned_elsewhere: Vec::new(),
        })
        .collect();
    let options = Options { margin, ..Options::default() };
    analyse(&series, &subjects, &options).expect("normal losses can be averaged")
}

fn verdicts(analysis: &Analysis) -> impl Iterator<Item = Verdict> {
    analysis.components.iter().filter_map(|component| component.answers[&Question::Necessity].verdict)
}

/// Of studies in which nothing matters, how many claim that something does.
fn family_wise_error(studies: u64, units: usize) -> f64 {
    let claims = |verdict: Verdict| matches!(verdict, Verdict::Worse { .. } | Verdict::BetterWithout { .. });
    let wrong = (0..studies).filter(|&index| verdicts(&study(index, units, &[0.0; COMPONENTS], None)).any(claims)).count();
    wrong as f64 / studies as f64
}

/// The test is exact, so the rate is at most 0.05; of 4,000 studies it is known to 0.0034. (The first thousand happen to err 0.069 of the
/// time, at 2.7 standard errors.)
#[test]
fn nothing_is_claimed_of_components_that_do_not_matter() {
    for (studies, units) in [(STUDIES, 6), (4 * STUDIES, 10)] {
        let error = family_wise_error(studies, units);
        assert!(error <= 0.06, "{units} units: {error}");
        assert!(error > 0.005, "{units} units: {error}; a test that never errs has no power either");
    }
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    const GAP: f64 = 0.7;
    for units in [6, 10] {
        let intervals: Vec<_> = (0..STUDIES)
            .flat_map(|index| study(index, units, &[GAP; COMPONENTS], None).components)
            .filter_map(|component| component.answers[&Question::Necessity].gap.ci95)
            .collect();
        let covered = intervals.iter().filter(|interval| interval.low <= GAP && GAP <= interval.high).count();
        let coverage = covered as f64 / intervals.len() as f64;
        assert!((0.94..=0.96).contains(&coverage), "{units} units: {coverage}");
    }
}

#[test]
fn what_matters_is_found_beside_what_does_not() {
    // Four standard deviations of a difference.
    let mut gaps = [0.0; COMPONENTS];
    gaps[3] = 4.0 * std::f64::consts::SQRT_2;
    let found = (0..STUDIES)
        .filter(|&index| matches!(verdicts(&study(index, 10, &gaps, None)).nth(3), Some(Verdict::Worse { .. })))
        .count();
    assert!(found as f64 >= 0.99 * STUDIES as f64, "{found} of {STUDIES}");
}

/// A margin of one difference's standard deviation and no true gap: equivalence is claimed often enough to be of use; at a gap as large as
/// the margin it is claimed at most as often as the level says.
#[test]
fn equivalence_is_claimed_where_it_is_and_not_where_it_is_not() {
    let equivalent = |gap: f64| {
        let claimed = (0..STUDIES)
            .filter(|&index| {
                let analysis = study(index, 20, &[gap], Some(MARGIN));
                !analysis.noise_floor_exceeded && verdicts(&analysis).next() == Some(Verdict::Equivalent)
            })
            .count();
        claimed as f64 / STUDIES as f64
    };
    assert!(equivalent(MARGIN) <= 0.05 + 0.015, "{}", equivalent(MARGIN));
    assert!(equivalent(0.0) > 0.5, "{}", equivalent(0.0));
}
