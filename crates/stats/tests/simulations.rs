//! Do the tests and intervals err as often as they say? The tables of the methodology, simulated anew.
//!
//! The published figures come from simulations themselves. Ours may differ by four standard errors of the difference, plus
//! half of the last printed digit: a correct figure fails once in 16,000 tries, and the seeds are fixed.

use ablation_random::{Draws, Stream};
use ablation_stats::{
    Bootstrap, Confidence, Family, Interval, Margin, Paired, Sample, holm, paired_t_power, sign_flip, t_interval, t_test, tost,
    tost_power,
};

/// Four standard errors of the difference between a share of `theirs` replications and one of `ours`. Two successes and two
/// failures are added, so that a share of 0 or 1 has an error as well.
fn tolerance(share: f64, theirs: u32, ours: u32) -> f64 {
    let [theirs, ours] = [theirs, ours].map(f64::from);
    let share = (share * theirs + 2.0) / (theirs + 4.0);
    4.0 * (share * (1.0 - share) * (1.0 / theirs + 1.0 / ours)).sqrt()
}

fn assert_near(got: f64, published: f64, theirs: u32, ours: u32, last_digit: f64, what: &str) {
    let allowed = tolerance(published, theirs, ours) + last_digit / 2.0;
    println!("{what}: {got:.4}, published {published} +- {allowed:.4}");
    assert!((got - published).abs() <= allowed, "{what}: {got}, published {published} +- {allowed}");
}

/// Eight variants that share one reference, of which the first `real` are worse by two standard deviations of the differences.
fn study(pairs: usize, real: usize, draws: &mut Draws) -> Vec<Paired> {
    let mut normals = || (0..pairs).map(|_| draws.normal()).collect::<Vec<f64>>();
    let reference = normals();
    let effect = |variant: usize| if variant < real { 2.0 * 2.0_f64.sqrt() } else { 0.0 };
    (0..8)
        .map(|v| Paired::new(&reference, &normals().iter().map(|noise| noise + effect(v)).collect::<Vec<_>>()).unwrap())
        .collect()
}

/// The adjusted p-values of a study by four methods: joint sign flips, Holm on sign flips, Holm on t, sign flips unadjusted.
fn methods(study: &[Paired]) -> [Vec<f64>; 4] {
    let family = Family::of(study, None).unwrap();
    let alone: Vec<f64> = study.iter().map(|v| sign_flip(v.differences(), &Stream::root(0)).p()).collect();
    assert_eq!(holm(&alone).unwrap(), family.holm_on_signflip);
    [family.max_t_step_down, family.holm_on_signflip, family.holm_on_t.unwrap(), alone]
}

/// Methodology, 4.3: 600 replications, family-wise error and power.
#[test]
fn family_wise_error_and_power() {
    const THEIRS: u32 = 600;
    const OURS: u32 = 2_000;
    let names = ["joint max-T", "Holm on sign flips", "Holm on t", "no correction"];
    let table = [
        (6, [0.030, 0.000, 0.045, 0.197], [0.49, 0.00, 0.67, 0.87]),
        (8, [0.043, 0.000, 0.047, 0.242], [0.91, 0.00, 0.93, 0.99]),
        (10, [0.052, 0.038, 0.043, 0.243], [0.99, 0.97, 0.99, 1.00]),
    ];
    for (pairs, errors, powers) in table {
        let stream = Stream::root(2024).at("family").index(pairs as u64);
        let (mut wrong, mut found) = ([0_u32; 4], [0_u32; 4]);
        let (mut null, mut real) = (stream.at("null").draws(), stream.at("real").draws());
        for _ in 0..OURS {
            for (method, p) in methods(&study(pairs, 0, &mut null)).iter().enumerate() {
                wrong[method] += u32::from(p.iter().any(|p| *p < 0.05));
            }
            for (method, p) in methods(&study(pairs, 2, &mut real)).iter().enumerate() {
                found[method] += p[..2].iter().filter(|p| **p < 0.05).count() as u32;
            }
        }
        for method in 0..4 {
            let what = format!("{pairs} pairs, {}", names[method]);
            let (error, power) = (f64::from(wrong[method]) / f64::from(OURS), f64::from(found[method]) / f64::from(2 * OURS));
            assert_near(error, errors[method], THEIRS, OURS, 0.001, &format!("{what}, error"));
            assert_near(power, powers[method], THEIRS, OURS, 0.01, &format!("{what}, power"));
        }
        // What no exact test of so few pairs can reach, no simulation may find.
        if pairs < 10 {
            assert_eq!((wrong[1], found[1]), (0, 0));
        }
    }
}

/// Beyond 14 pairs the flips are drawn; the family-wise error must still be at most 0.05.
#[test]
fn family_wise_error_with_drawn_flips() {
    const OURS: u32 = 400;
    let mut draws = Stream::root(2024).at("drawn").draws();
    let wrong = (0..OURS).filter(|_| {
        let family = Family::of(&study(16, 0, &mut draws), None).unwrap();
        family.max_t_step_down.iter().any(|p| *p < 0.05)
    });
    let error = wrong.count() as f64 / f64::from(OURS);
    let allowed = 4.0 * (0.05 * 0.95 / f64::from(OURS)).sqrt();
    println!("16 pairs, joint max-T: {error}, at most 0.05 + {allowed:.4}");
    assert!(error <= 0.05 + allowed, "{error}");
}

/// Methodology, 6.10: 4,000 replications, 1,000 resamples.
#[test]
fn coverage_of_intervals_that_say_95_percent() {
    const REPLICATIONS: u32 = 4_000;
    let table = [
        (3, [0.947, 0.811, 0.737], [0.886, 0.744, 0.702]),
        (5, [0.955, 0.878, 0.837], [0.886, 0.810, 0.784]),
        (8, [0.956, 0.913, 0.893], [0.896, 0.856, 0.848]),
        (10, [0.948, 0.918, 0.897], [0.893, 0.861, 0.852]),
        (20, [0.954, 0.940, 0.928], [0.918, 0.904, 0.901]),
    ];
    let holds = |interval: Interval, truth: f64| interval.low <= truth && truth <= interval.high;
    for (n, normal, exponential) in table {
        for (shape, published) in [("normal", normal), ("exponential", exponential)] {
            let stream = Stream::root(2024).at("coverage").at(shape).index(n);
            let mut draws = stream.at("data").draws();
            let mut covered = [0_u32; 3];
            for replication in 0..REPLICATIONS {
                let (values, truth): (Vec<f64>, f64) = match shape {
                    "normal" => ((0..n).map(|_| draws.normal()).collect(), 0.0),
                    _ => ((0..n).map(|_| -libm::log(1.0 - draws.uniform())).collect(), 1.0),
                };
                let sample = Sample::new(values).unwrap();
                let (mean, half) = (sample.mean(), 1.959963984540054 * sample.standard_error().unwrap());
                let bootstrap = Bootstrap::drawn(&sample, 1_000, &stream.at("resamples").index(replication.into())).unwrap();
                let intervals = [
                    t_interval(&sample, Confidence::P95).unwrap(),
                    Interval { low: mean - half, high: mean + half },
                    bootstrap.percentile(Confidence::P95),
                ];
                for (covered, interval) in covered.iter_mut().zip(intervals) {
                    *covered += u32::from(holds(interval, truth));
                }
            }
            for (name, (covered, published)) in ["t", "z", "percentile"].into_iter().zip(covered.into_iter().zip(published)) {
                let share = f64::from(covered) / f64::from(REPLICATIONS);
                assert_near(share, published, REPLICATIONS, REPLICATIONS, 0.001, &format!("{n} {shape}, {name}"));
            }
        }
    }
}

/// The powers from integrals are those of the tests.
#[test]
fn tests_have_the_power_that_was_computed() {
    const OURS: u32 = 10_000;
    let margin = Margin::new(1.0).unwrap();
    for (pairs, effect) in [(3, 0.0), (6, 0.0), (8, 0.0), (8, 0.5), (10, 0.0), (10, 1.0), (20, 0.3)] {
        let mut draws = Stream::root(2024).at("power").index(pairs).index((effect * 10.0) as u64).draws();
        let (mut found, mut equivalent) = (0_u32, 0_u32);
        for _ in 0..OURS {
            let sample = Sample::new((0..pairs).map(|_| effect + draws.normal()).collect::<Vec<_>>()).unwrap();
            found += u32::from(t_test(&sample).unwrap().p < 0.05);
            equivalent += u32::from(tost(&sample, margin).unwrap() < 0.05);
        }
        let powers = [paired_t_power(pairs, effect, 0.05).unwrap(), tost_power(pairs, 1.0, effect, 0.05).unwrap()];
        for (count, power) in [found, equivalent].into_iter().zip(powers) {
            let (share, allowed) = (f64::from(count) / f64::from(OURS), 4.0 * (power * (1.0 - power) / f64::from(OURS)).sqrt());
            println!("{pairs} pairs, effect {effect}: {share}, computed {power:.4} +- {allowed:.4}");
            assert!((share - power).abs() <= allowed, "{pairs} pairs, effect {effect}: {share} {power}");
        }
    }
}
