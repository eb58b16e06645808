//! What holds for all input, hostile input included.

use ablation_stats::{
    Adjusted, Bootstrap, Confidence, Family, Gap, Margin, Paired, Sample, Verdict, kendall_tau, p_worse, pairing_gain, t_interval,
};
use proptest::prelude::*;

/// Numbers that break things.
fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0_f64,
        (-4..4_i8).prop_map(f64::from),
        prop::sample::select(vec![0.0, -0.0, 1e100, -1e100, 5e-324, 1e-160, f64::NAN, f64::INFINITY, f64::MAX]),
    ]
}

/// Numbers that can be averaged, many of them awkward.
fn awkward() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        -10.0..10.0_f64,
        (-3..3_i8).prop_map(f64::from),
        prop::sample::select(vec![0.0, -0.0, 1e100, -1e100, 5e-324, -3e-170, 1e-160])
    ]
}

/// One to four variants with equally many pairs.
fn families(number: impl Strategy<Value = f64> + Clone + 'static, most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    (1..=4_usize, 1..=most)
        .prop_flat_map(move |(variants, pairs)| prop::collection::vec(prop::collection::vec(number.clone(), pairs), variants))
}

fn paired(differences: &[f64]) -> Option<Paired> {
    Paired::new(&vec![0.0; differences.len()], differences).ok()
}

fn is_p(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_result_is_out_of_range(differences in prop::collection::vec(hostile(), 0..13), size in hostile()) {
        let margin = Margin::new(size).ok();
        let Some(paired) = paired(&differences) else { return Ok(()) };
        let gap = Gap::of(&paired, margin);
        prop_assert!(gap.mean.is_finite() && gap.sd.is_none_or(f64::is_finite) && gap.t.is_none_or(f64::is_finite));
        prop_assert!(gap.p_t.is_none_or(is_p) && gap.tost_p.is_none_or(is_p) && is_p(gap.signflip.p()));
        prop_assert!(gap.signflip.count >= 1 && gap.tost_signflip.is_none_or(|flips| flips.count >= 1 && is_p(flips.p())));
        for interval in [gap.ci95, gap.ci90].into_iter().flatten() {
            prop_assert!(interval.low <= gap.mean && gap.mean <= interval.high, "{gap:?}");
        }
        prop_assert!(is_p(gap.clopper_pearson.low) && is_p(gap.clopper_pearson.high));
        prop_assert_eq!(&serde_json::from_str::<Gap>(&serde_json::to_string(&gap).unwrap()).unwrap(), &gap);
        Verdict::of(&gap, Adjusted { difference: gap.signflip.p(), equivalence: gap.tost_p, beyond: gap.beyond_p }, margin, 3);
        Verdict::of(&gap, Adjusted { difference: size, equivalence: Some(size), beyond: Some(size) }, margin, 0);
    }

    #[test]
    fn the_other_statistics_do_not_panic(a in prop::collection::vec(hostile(), 0..8), b in prop::collection::vec(hostile(), 0..8)) {
        let _ = (kendall_tau(&a, &b), pairing_gain(&a, &b));
        let Ok(a) = Sample::new(a) else { return Ok(()) };
        let bootstrap = Bootstrap::enumerated(&a).unwrap();
        if let Some(bca) = bootstrap.bca(Confidence::P95) {
            prop_assert!(bca.low <= bca.high);
        }
        let percentile = bootstrap.percentile(Confidence::P95);
        prop_assert!(percentile.low <= percentile.high);
    }

    #[test]
    fn families_are_safe_and_in_order(family in families(awkward(), 9)) {
        let variants: Vec<Paired> = family.iter().map(|differences| paired(differences).unwrap()).collect();
        let margin = Some(Margin::new(0.5).unwrap());
        let adjusted = Family::of(&variants, margin).unwrap();
        let gaps = variants.iter().map(|variant| Gap::of(variant, margin));
        for (v, gap) in gaps.enumerate() {
            let (single, down) = (adjusted.max_t_single_step[v], adjusted.max_t_step_down[v]);
            prop_assert!(gap.signflip.p() <= down && down <= single && single <= 1.0, "{gap:?} {adjusted:?}");
            prop_assert!(gap.signflip.p() <= adjusted.holm_on_signflip[v]);
        }
    }

    #[test]
    fn the_order_of_pairs_does_not_matter_to_the_last_bit(
        family in families(awkward(), 12),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let pairs = family[0].len();
        let order: Vec<usize> = order.into_iter().filter(|&pair| pair < pairs).collect();
        let all = |pick: &dyn Fn(&[f64]) -> Vec<f64>| {
            let variants: Vec<Paired> = family.iter().map(|differences| paired(&pick(differences)).unwrap()).collect();
            let margin = Some(Margin::new(0.7).unwrap());
            let gaps: Vec<Gap> = variants.iter().map(|variant| Gap::of(variant, margin)).collect();
            serde_json::to_string(&(gaps, Family::of(&variants, margin).unwrap())).unwrap()
        };
        prop_assert_eq!(all(&|d| d.to_vec()), all(&|d| order.iter().map(|&pair| d[pair]).collect()));
    }
}

#[test]
fn many_pairs_take_their_time_and_stay_exact_enough() {
    let differences: Vec<f64> = (0..2_001).map(|i| f64::from(i * 7_919 % 2_001) - 1_000.0).collect();
    let gap = Gap::of(&paired(&differences).unwrap(), Some(Margin::new(1.0).unwrap()));
    assert_eq!((gap.mean, gap.t, gap.p_t, gap.wins), (0.0, Some(0.0), Some(1.0), 1000.5));
    assert_eq!((gap.signflip.count, gap.signflip.total), (16_385, 16_385));
    let many = Sample::new(vec![1.0; 1_000_000]).unwrap();
    assert!(p_worse(&many, Confidence::P95).1.low > 0.999_99);
    assert_eq!(t_interval(&many, Confidence::P95).map(|interval| interval.low), Some(1.0));
}
