//! What holds for the verdicts of any study (methodology, section 11).

use ablation_protocol::Arm;
use ablation_report::{Analysis, Combined, Component, Modifier, Options, Question, Series, Subject, analyse};
use ablation_stats::Verdict;
use proptest::prelude::*;

/// The arms of a component, without the control.
const ARMS: [Arm; 4] = [Arm::Ablated, Arm::Retrained, Arm::RetrainedUntuned, Arm::Matched];

/// Losses of a random study: multiples of 1/1024, so that sums and differences are exact.
#[derive(Clone, Debug)]
struct Losses {
    /// By unit.
    reference: Vec<i32>,
    /// The gap of the A/A control, by unit.
    control: Vec<i32>,
    /// The gaps of each arm of each component, by unit.
    gaps: Vec<[Vec<i32>; 4]>,
}

const GRAIN: f64 = 1.0 / 1024.0;
const MARGIN: i32 = 20;

impl Losses {
    fn series(&self, shift: i32, scale: f64) -> Series {
        let value = |loss: i32| f64::from(loss + shift) * GRAIN * scale;
        let mut series = Series::new(self.reference.len());
        for (unit, &reference) in self.reference.iter().enumerate() {
            series.set(Arm::Reference, 0, 0, unit, value(reference));
            series.set(Arm::Aa, 0, 0, unit, value(reference + self.control[unit]));
            for (component, gaps) in self.gaps.iter().enumerate() {
                for (arm, gaps) in ARMS.into_iter().zip(gaps) {
                    series.set(arm, component, 0, unit, value(reference + gaps[unit]));
                }
            }
        }
        series
    }

    fn analysis(&self, shift: i32, scale: f64) -> Analysis {
        let names = ["a", "b", "c"];
        let subjects: Vec<Subject> = names[..self.gaps.len()].iter().map(|name| Subject::named(name)).collect();
        let options = Options { margin: Some(f64::from(MARGIN) * GRAIN * scale), ..Options::default() };
        analyse(&self.series(shift, scale), &subjects, &options).unwrap()
    }

    fn verdicts(&self) -> Vec<(Combined, Vec<Modifier>)> {
        verdicts(&self.analysis(0, 1.0))
    }

    fn units(&self) -> usize {
        self.reference.len()
    }
}

fn verdicts(analysis: &Analysis) -> Vec<(Combined, Vec<Modifier>)> {
    analysis.components.iter().map(|component| (component.combined.unwrap(), component.modifiers.clone())).collect()
}

/// Gaps around a level, with a spread: none, small beside the margin, as large, or much larger.
fn gaps(units: usize) -> impl Strategy<Value = Vec<i32>> {
    let level = prop_oneof![Just(0), -60..60_i32, Just(MARGIN), 200..2000_i32];
    let spread = prop_oneof![Just(0), 1..5_i32, 5..40_i32, 100..400_i32];
    (level, spread).prop_flat_map(move |(level, spread)| prop::collection::vec((level - spread)..=(level + spread), units))
}

/// Up to three components in six to ten units: there every sign flip is counted and none is drawn.
fn losses() -> impl Strategy<Value = Losses> {
    (6..=10_usize, 1..=3_usize).prop_flat_map(|(units, components)| {
        let arms = || [gaps(units), gaps(units), gaps(units), gaps(units)];
        let component = move || arms().prop_map(|arms| arms);
        (prop::collection::vec(1000..3000_i32, units), gaps(units), prop::collection::vec(component(), components))
            .prop_map(|(reference, control, gaps)| Losses { reference, control, gaps })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// (a) A noisier A/A control never makes a verdict stronger: it stays, or nothing is known.
    #[test]
    fn a_noisier_control_never_strengthens_a_verdict(losses in losses(), noise in prop::collection::vec(-300..300_i32, 10), factor in 1..20_i32) {
        let before = losses.verdicts();
        let mut noisier = losses.clone();
        // The same mean, and deviations that are larger each.
        let sum: i32 = noise[..losses.units()].iter().sum();
        let units = losses.units() as i32;
        for (gap, noise) in noisier.control.iter_mut().zip(&noise) {
            *gap = factor * units * *gap + units * noise - sum;
        }
        for (gap, before) in losses.control.iter().zip(&noisier.control) {
            prop_assume!(gap.abs() <= before.abs() || factor > 1);
        }
        prop_assume!(spread(&noisier.control) >= f64::from(factor * units) * spread(&losses.control));
        for ((after, modifiers), (combined, earlier)) in noisier.verdicts().into_iter().zip(before) {
            prop_assert!(after == combined || after == Combined::Undetermined, "{combined:?} became {after:?}");
            for modifier in modifiers {
                prop_assert!(earlier.contains(&modifier), "{modifier:?} was added to {earlier:?}");
            }
        }
    }

    /// (b) One more unit in which every arm is as it is on average never weakens a verdict. But it may show that ablation overstates a need, and
    /// where noise then hides by how much, the verdict is held back (`a_gate_that_fails_does_not_hide_that_ablation_overstates`).
    #[test]
    fn a_unit_that_agrees_never_weakens_a_verdict(losses in losses()) {
        // As many times finer as there are units, so that means are whole numbers.
        let units = losses.units() as i32;
        let finer = |values: &[i32]| values.iter().map(|value| value * units).collect::<Vec<i32>>();
        let scaled = Losses {
            reference: finer(&losses.reference),
            control: finer(&losses.control),
            gaps: losses.gaps.iter().map(|arms| arms.each_ref().map(|gaps| finer(gaps))).collect(),
        };
        let mut more = scaled.clone();
        more.reference.push(1000);
        more.control.push(losses.control.iter().sum());
        for (arms, before) in more.gaps.iter_mut().zip(&losses.gaps) {
            for (gaps, before) in arms.iter_mut().zip(before) {
                gaps.push(before.iter().sum());
            }
        }
        let analysis = |losses: &Losses| losses.analysis(0, 1.0 / f64::from(units));
        let (earlier, later) = (analysis(&scaled), analysis(&more));
        let overstates = |component: &Component| {
            let gap = component.answers.get(&Question::CoAdaptationGap);
            matches!(gap.and_then(|gap| gap.verdict), Some(Verdict::Worse { .. }))
        };
        for (before, after) in earlier.components.iter().zip(&later.components) {
            let is_shown = overstates(after) && !overstates(before) && later.noise_floor_exceeded;
            if before.combined == Some(Combined::Necessary) && is_shown {
                continue;
            }
            let is_known = |component: &Component| component.combined != Some(Combined::Undetermined);
            prop_assert!(is_known(after) || !is_known(before), "{:?} became {:?}", before.combined, after.combined);
        }
    }

    /// (c) The order of components and of units changes nothing.
    #[test]
    fn the_order_of_components_and_units_changes_nothing(losses in losses(), turn in 0..10_usize) {
        let turned = |values: &[i32]| {
            let mut values = values.to_vec();
            let by = turn % values.len();
            values.rotate_left(by);
            values
        };
        let mut other = Losses {
            reference: turned(&losses.reference),
            control: turned(&losses.control),
            gaps: losses.gaps.iter().map(|arms| arms.each_ref().map(|gaps| turned(gaps))).collect(),
        };
        other.gaps.reverse();
        let mut verdicts = other.verdicts();
        verdicts.reverse();
        prop_assert_eq!(verdicts, losses.verdicts());
    }

    /// (d) Other losses everywhere change nothing but whether the task is solved.
    #[test]
    fn a_shift_of_all_losses_changes_nothing_but_the_ceiling(losses in losses(), shift in prop_oneof![-3000..5000_i32, Just(1 << 20)]) {
        let without_ceiling = |analysis: Analysis| {
            let mut verdicts = verdicts(&analysis);
            verdicts.iter_mut().for_each(|(_, modifiers)| modifiers.retain(|modifier| *modifier != Modifier::AtCeiling));
            verdicts
        };
        prop_assert_eq!(without_ceiling(losses.analysis(shift, 1.0)), without_ceiling(losses.analysis(0, 1.0)));
    }

    /// (e) The unit of the losses changes nothing.
    #[test]
    fn a_factor_on_losses_and_margin_changes_nothing(losses in losses(), power in -20..20_i32) {
        prop_assert_eq!(verdicts(&losses.analysis(0, libm::ldexp(1.0, power))), losses.verdicts());
    }

    /// (f) A model without the component that is the reference's equal shows that the component is not needed.
    #[test]
    fn what_is_as_good_untuned_is_never_necessary(losses in losses(), wobble in prop::collection::vec(0..=1_i32, 10)) {
        let mut losses = losses;
        for arms in &mut losses.gaps {
            arms[2] = wobble[..arms[2].len()].to_vec();
        }
        for (combined, _) in losses.verdicts() {
            let needed = [Combined::Necessary, Combined::OverstatedByAblation, Combined::NeededDuringTraining];
            prop_assert!(!needed.contains(&combined), "{combined:?}");
        }
    }
}

fn spread(values: &[i32]) -> f64 {
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
    let square = |value: &i32| (f64::from(*value) - mean) * (f64::from(*value) - mean);
    values.iter().map(square).sum::<f64>().sqrt()
}

/// A component with constant gaps and a little noise, in eight units.
fn one(control: [f64; 2], ablated: f64, retrained: f64, untuned: f64) -> Analysis {
    let mut series = Series::new(8);
    for unit in 0..8 {
        let noise = |size: f64, salt: usize| size * [-1.0, 1.0, -0.5, 0.5, 0.25, -0.25, 0.75, -0.75][(unit + salt) % 8];
        series.set(Arm::Reference, 0, 0, unit, 1.0);
        series.set(Arm::Aa, 0, 0, unit, 1.0 + control[0] + noise(control[1], 1));
        series.set(Arm::Ablated, 0, 0, unit, 1.0 + ablated + noise(0.001, 2));
        series.set(Arm::Retrained, 0, 0, unit, 1.0 + retrained + noise(0.001, 3));
        series.set(Arm::RetrainedUntuned, 0, 0, unit, 1.0 + untuned + noise(0.001, 4));
    }
    let options = Options { margin: Some(0.02), ..Options::default() };
    analyse(&series, &[Subject::named("x")], &options).unwrap()
}

/// 11.2: modular addition, head 0: U +0.008 (equivalent), N +0.047, and the verdict said "useful".
#[test]
fn existence_beats_search() {
    let analysis = one([0.0, 0.001], 1.0, 0.047, 0.008);
    let component = &analysis.components[0];
    assert_eq!(component.combined, Some(Combined::NotNecessary));
    assert!(component.modifiers.contains(&Modifier::SearchFailed), "{:?}", component.modifiers);
    assert_eq!(one([0.0, 0.001], 1.0, 0.047, 0.047).components[0].combined, Some(Combined::OverstatedByAblation));
}

/// 11.2: where both arms chose the same settings their gap is no equivalence.
#[test]
fn the_same_settings_are_not_an_equivalence() {
    let mut series = Series::new(8);
    for unit in 0..8 {
        let loss = 1.5 + 0.01 * unit as f64;
        series.set(Arm::Reference, 0, 0, unit, 1.0);
        series.set(Arm::Retrained, 0, 0, unit, loss);
        series.set(Arm::RetrainedUntuned, 0, 0, unit, loss);
    }
    let options = Options { margin: Some(0.02), ..Options::default() };
    let analysis = analyse(&series, &[Subject::named("x")], &options).unwrap();
    let component = &analysis.components[0];
    let words = component.verdict_in_words(Question::TuningConfound, analysis.unit_of_analysis);
    assert_eq!(words.as_deref(), Some("same settings chosen"));
    assert!(analysis.identical.is_empty(), "one component may have one model under two names");
}

/// 11.3: a failing gate turned *redundant* into *necessary*, as the margin was dropped and "negligible" with it.
#[test]
fn a_gate_that_fails_only_weakens() {
    let passed = one([0.0, 0.001], 0.004, 0.004, 0.004);
    assert!(!passed.noise_floor_exceeded);
    assert_eq!(passed.components[0].combined, Some(Combined::Redundant));
    let failed = one([0.0, 0.1], 0.004, 0.004, 0.004);
    assert!(failed.noise_floor_exceeded);
    assert_eq!(failed.components[0].combined, Some(Combined::Undetermined));
    assert!(failed.warnings().iter().any(|warning| warning.code == "noise-floor"));
    // What lies beyond everything that the control may differ by stays.
    assert_eq!(one([0.0, 0.1], 1.0, 0.9, 0.9).components[0].combined, Some(Combined::OverstatedByAblation));
    assert_eq!(one([0.5, 0.1], 1.0, 0.3, 0.3).components[0].combined, Some(Combined::Undetermined));
}

/// 11.3: what is needed, and overstated by ablation, was called simply *necessary* where noise hid the difference between the two gaps.
#[test]
fn a_gate_that_fails_does_not_hide_that_ablation_overstates() {
    let passed = one([0.0, 0.001], 1.3, 1.27, 1.27);
    assert_eq!(passed.components[0].combined, Some(Combined::OverstatedByAblation));
    let failed = one([0.0, 0.1], 1.3, 1.27, 1.27);
    assert!(failed.noise_floor_exceeded);
    assert_eq!(failed.components[0].combined, Some(Combined::Undetermined));
}

/// 11.3: a control that differs by less than the margin is no reason to doubt what is larger.
#[test]
fn a_control_within_the_margin_passes_although_it_differs() {
    let analysis = one([0.004, 0.001], 1.0, 0.004, 0.004);
    assert!(matches!(analysis.aa_control.as_ref().unwrap().verdict, Some(Verdict::Worse { .. })));
    assert!(!analysis.noise_floor_exceeded);
    assert_eq!(analysis.components[0].combined, Some(Combined::CoAdapted));
}

/// 11.4: in three of five stored studies the margin was 115 to 470 times the loss of the reference.
#[test]
fn a_task_that_is_solved_exactly_is_said_to_be() {
    let mut series = Series::new(8);
    for unit in 0..8 {
        series.set(Arm::Reference, 0, 0, unit, 1e-4 * (1.0 + unit as f64));
        series.set(Arm::Retrained, 0, 0, unit, 1e-4 * (2.0 + unit as f64 + 0.1 * (unit % 2) as f64));
    }
    let options = Options { margin: Some(0.042), learned: Some(2.0), ..Options::default() };
    let analysis = analyse(&series, &[Subject::named("x")], &options).unwrap();
    assert!(analysis.at_ceiling && analysis.warnings().iter().any(|warning| warning.code == "solved"));
    assert!(analysis.components[0].modifiers.contains(&Modifier::AtCeiling));
    // A table does not say what was learned: its margin may as well be in another unit, unless an arm is worse by it.
    let table = Options { learned: None, ..options };
    assert!(!analyse(&series, &[Subject::named("x")], &table).unwrap().at_ceiling);
    series.set(Arm::Ablated, 0, 0, 0, 0.05);
    assert!(analyse(&series, &[Subject::named("x")], &table).unwrap().at_ceiling);
    // What was learned is less than a margin that is far too large.
    let too_large = Options { margin: Some(3.0), learned: Some(2.0), ..Options::default() };
    let analysis = analyse(&series, &[Subject::named("x")], &too_large).unwrap();
    assert!(analysis.untrained && !analysis.at_ceiling);
    let perfect = Options { margin: Some(1e-6), perfect_score: true, ..Options::default() };
    assert!(analyse(&series, &[Subject::named("x")], &perfect).unwrap().at_ceiling);
    assert!(!analyse(&series, &[Subject::named("x")], &Options { margin: Some(1e-5), ..Options::default() }).unwrap().at_ceiling);
}

/// A reference no better than the constant predictor carries no verdict, whatever the gaps are.
#[test]
fn a_reference_that_learned_nothing_carries_no_verdict() {
    let series = |ablated: f64| {
        let mut series = Series::new(8);
        for unit in 0..8 {
            series.set(Arm::Reference, 0, 0, unit, 2.1 + 0.01 * unit as f64);
            series.set(Arm::Ablated, 0, 0, unit, 2.1 + ablated + 0.011 * unit as f64);
            series.set(Arm::Retrained, 0, 0, unit, 2.1 - ablated + 0.012 * unit as f64);
        }
        series
    };
    for learned in [-0.1, 0.0, 0.01] {
        let options = Options { margin: Some(0.02), learned: Some(learned), ..Options::default() };
        let analysis = analyse(&series(0.5), &[Subject::named("x")], &options).unwrap();
        assert_eq!(analysis.components[0].combined, Some(Combined::Undetermined), "{learned}");
        assert_eq!(analysis.warnings()[0].code, "untrained");
    }
}
