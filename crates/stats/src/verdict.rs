//! The verdict on one gap.
//!
//! A difference that is not significant is not evidence of equivalence. So "inconclusive" and "equivalent" are separate
//! verdicts, and an inconclusive one comes with the required sample size. Nor is a difference of exactly 0 in every seed
//! evidence that a component does not matter: models that were trained differently never agree to the last digit, so nothing
//! was changed, or the switch is not connected.

use serde::{Deserialize, Serialize};

use crate::gap::Gap;
use crate::range::Margin;
use crate::sought::{Needs, Sought};

/// The level of every test behind a verdict.
pub const LEVEL: f64 = 0.05;

/// Fewer pairs cannot find a difference, whatever its size: the smallest two-sided sign-flip p-value of five is 2 / 2^5, above [`LEVEL`].
/// A study that could not have found a difference does not call it none either.
pub const FEWEST_PAIRS: usize = 6;

/// The level that pairs are planned at in a family of so many members: that of the least favourable step of Holm's procedure.
pub fn planned_level(family: usize) -> f64 {
    LEVEL / family.max(1) as f64
}

/// The power that an inconclusive verdict asks seeds for.
pub const POWER: f64 = 0.8;

/// The p-values behind a verdict, adjusted for how many gaps the family has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adjusted {
    /// Of the two-sided test for a difference.
    pub difference: f64,
    /// Of the test that the difference lies within the margin, if there is a margin.
    pub equivalence: Option<f64>,
    /// Of the test that it is the margin or more, if there is a margin.
    pub beyond: Option<f64>,
}

/// How much worse, or how much better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// By the margin or more, by its own test.
    Material,
    /// Detectable but negligible: the equivalence test shows that it lies within the margin.
    Negligible,
    /// Neither is shown, or there is no margin.
    Plain,
}

/// The verdict on one gap.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// Without the component the loss is higher.
    Worse {
        /// By how much.
        extent: Extent,
    },
    /// Without the component the loss is lower.
    BetterWithout {
        /// By how much.
        extent: Extent,
    },
    /// Both arms have the same value in every pair: nothing was changed, or the switch is not connected.
    Unchanged,
    /// The difference lies within the margin, and there are pairs enough to find one that does not ([`FEWEST_PAIRS`]).
    Equivalent,
    /// None of these is shown.
    Inconclusive {
        /// Pairs with a power of [`POWER`], at [`LEVEL`] over the size of the family, more than there are and no fewer than
        /// [`FEWEST_PAIRS`]. `None` if the variance or the effect is zero, or more than a million would be required.
        needs: Option<Needs>,
    },
}

impl Verdict {
    /// The verdict on a `gap` by its p-values, in a family of so many members.
    pub fn of(gap: &Gap, adjusted: Adjusted, margin: Option<Margin>, family: usize) -> Self {
        let is_within = gap.n >= FEWEST_PAIRS && adjusted.equivalence.is_some_and(|p| p < LEVEL);
        let extent = match adjusted.beyond {
            Some(p) if p < LEVEL => Extent::Material,
            _ if is_within => Extent::Negligible,
            _ => Extent::Plain,
        };
        if gap.is_unchanged() {
            Self::Unchanged
        } else if adjusted.difference < LEVEL && gap.mean > 0.0 {
            Self::Worse { extent }
        } else if adjusted.difference < LEVEL && gap.mean < 0.0 {
            Self::BetterWithout { extent }
        } else if is_within {
            Self::Equivalent
        } else {
            Self::inconclusive(gap, margin, family)
        }
    }

    /// The inconclusive verdict on a `gap` in a family of so many members, with the required sample size.
    pub fn inconclusive(gap: &Gap, margin: Option<Margin>, family: usize) -> Self {
        // A plan by t tests may say that what is there should have told; it did not, so more are needed.
        let fewest = FEWEST_PAIRS.max(gap.n + 1) as u64;
        Self::Inconclusive { needs: needs(gap, margin, family).map(|needs| Needs { pairs: needs.pairs.max(fewest), ..needs }) }
    }

    /// The required sample size of an inconclusive verdict.
    pub fn needs(self) -> Option<Needs> {
        match self {
            Self::Inconclusive { needs } => needs,
            _ => None,
        }
    }

    /// The same without the claim that a difference is negligible: where noise may be as large as the margin nothing is.
    #[must_use]
    pub fn without_negligible(self) -> Self {
        match self {
            Self::Worse { extent: Extent::Negligible } => Self::Worse { extent: Extent::Plain },
            Self::BetterWithout { extent: Extent::Negligible } => Self::BetterWithout { extent: Extent::Plain },
            verdict => verdict,
        }
    }
}

fn needs(gap: &Gap, margin: Option<Margin>, family: usize) -> Option<Needs> {
    let sought = Sought::of(gap, margin)?;
    let pairs = match gap.sd? {
        // All agree, and there were too few of them for that to count.
        0.0 if gap.n < FEWEST_PAIRS => FEWEST_PAIRS as u64,
        0.0 => return None,
        sd => sought.pairs(sd, planned_level(family), POWER).ok()?,
    };
    Some(Needs { pairs, sought })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paired::Paired;
    use crate::power::paired_t_pairs;
    use crate::tost_power::tost_pairs;

    fn gap(differences: &[f64]) -> Gap {
        let paired = Paired::new(&vec![0.0; differences.len()], differences).unwrap();
        Gap::of(&paired, None)
    }

    fn margin(size: f64) -> Option<Margin> {
        Some(Margin::new(size).unwrap())
    }

    const WORSE: [f64; 6] = [0.9, 1.1, 1.0, 0.95, 1.05, 1.0];

    fn adjusted(difference: f64, equivalence: Option<f64>) -> Adjusted {
        Adjusted { difference, equivalence, beyond: None }
    }

    #[test]
    fn worse_or_better_by_how_much() {
        let cases = [
            (None, None, Extent::Plain),
            (Some(0.9), Some(0.01), Extent::Material),
            (Some(0.04), Some(0.9), Extent::Negligible),
            (Some(0.2), Some(0.3), Extent::Plain),
        ];
        for (equivalence, beyond, extent) in cases {
            let adjusted = Adjusted { difference: 0.03, equivalence, beyond };
            let verdict = |differences: &[f64]| Verdict::of(&gap(differences), adjusted, margin(1.0), 1);
            assert_eq!(verdict(&WORSE), Verdict::Worse { extent });
            assert_eq!(verdict(&WORSE.map(|d| -d)), Verdict::BetterWithout { extent });
        }
    }

    #[test]
    fn where_nothing_is_negligible_the_difference_stays() {
        let [negligible, plain] = [Extent::Negligible, Extent::Plain];
        assert_eq!(Verdict::Worse { extent: negligible }.without_negligible(), Verdict::Worse { extent: plain });
        assert_eq!(Verdict::BetterWithout { extent: negligible }.without_negligible(), Verdict::BetterWithout { extent: plain });
        let material = Verdict::Worse { extent: Extent::Material };
        assert_eq!(material.without_negligible(), material);
    }

    #[test]
    fn a_difference_comes_before_equivalence() {
        let better = gap(&WORSE.map(|d| -d));
        assert_eq!(
            Verdict::of(&better, adjusted(0.03, Some(0.001)), margin(2.0), 1),
            Verdict::BetterWithout { extent: Extent::Negligible }
        );
        assert_eq!(Verdict::of(&better, adjusted(0.06, Some(0.001)), margin(2.0), 1), Verdict::Equivalent);
        assert!(matches!(Verdict::of(&better, adjusted(0.05, Some(0.05)), margin(2.0), 1), Verdict::Inconclusive { .. }));
    }

    #[test]
    fn inconclusive_says_how_many_pairs_would_tell() {
        let noise = gap(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        let sd = noise.sd.unwrap();
        let pairs = |margin| match Verdict::of(&noise, adjusted(0.9, Some(0.4)), margin, 1) {
            Verdict::Inconclusive { needs } => needs.map(|needs| needs.pairs),
            other => panic!("{other:?}"),
        };
        // A margin of half a standard deviation: 34 to find it, 36 to show that there is nothing.
        assert_eq!(pairs(margin(0.5 * sd)), Some(tost_pairs(0.5, LEVEL, POWER).unwrap().max(34)));
        assert_eq!(pairs(None), None); // a mean of 0 would take for ever to find
        assert_eq!(pairs(margin(1e-9)), None);
        let seen = gap(&[1.5, -0.5, 1.5, -0.5]);
        let expected = paired_t_pairs(0.5 / seen.sd.unwrap(), LEVEL, POWER).unwrap();
        let needs = Needs { pairs: expected, sought: Sought::Difference(0.5) };
        assert_eq!(Verdict::of(&seen, adjusted(0.9, None), None, 1), Verdict::Inconclusive { needs: Some(needs) });
    }

    /// A large difference that was just missed is near to being found; that it is none is not what anybody expects to show.
    #[test]
    fn what_is_seen_beyond_the_margin_is_planned_for_as_it_was_seen() {
        let large = gap(&[0.4, 2.1, 0.6, 2.4, 0.3, 1.6]);
        let pairs = |margin| match Verdict::of(&large, adjusted(0.06, Some(1.0)), margin, 4) {
            Verdict::Inconclusive { needs } => needs.map(|needs| needs.pairs),
            other => panic!("{other:?}"),
        };
        assert_eq!(pairs(margin(0.05)), pairs(None));
        assert!(pairs(None) < Some(20), "{:?}", pairs(None));
    }

    #[test]
    fn more_pairs_are_asked_for_than_there_are_and_more_in_a_large_family() {
        let clear = gap(&[2.0, 2.5, 1.5, 2.0]);
        let pairs = |family| match Verdict::of(&clear, adjusted(0.2, None), None, family) {
            Verdict::Inconclusive { needs } => needs.unwrap().pairs,
            other => panic!("{other:?}"),
        };
        assert!(paired_t_pairs(2.0 / clear.sd.unwrap(), LEVEL, POWER).unwrap() <= 4);
        assert_eq!(pairs(1), 6, "four did not tell, and five cannot");
        assert!(pairs(1000) > pairs(8));
    }

    #[test]
    fn too_few_to_find_a_difference_are_too_few_to_find_none() {
        let verdict = |differences: &[f64]| Verdict::of(&gap(differences), adjusted(0.5, Some(0.001)), margin(1.0), 1);
        let six = Verdict::Inconclusive { needs: Some(Needs { pairs: 6, sought: Sought::Either(1.0) }) };
        assert_eq!(verdict(&[0.01, -0.01, 0.02, -0.02, 0.0]), six);
        assert_eq!(verdict(&[0.01, -0.01, 0.02, -0.02, 0.0, 0.0]), Verdict::Equivalent);
        assert_eq!(verdict(&[0.5; 3]), six);
        let least = |pairs: usize| 2.0 / libm::pow(2.0, pairs as f64);
        assert!(least(FEWEST_PAIRS) < LEVEL && least(FEWEST_PAIRS - 1) >= LEVEL);
    }

    /// Whatever the margin, and however few or many pairs there are.
    #[test]
    fn what_is_identical_in_every_pair_is_unchanged_and_never_equivalent() {
        for pairs in [1, 3, 6, 100] {
            for size in [None, margin(1e-9), margin(1e9)] {
                let same = Verdict::of(&gap(&vec![0.0; pairs]), adjusted(1.0, Some(0.0)), size, 1);
                assert_eq!(same, Verdict::Unchanged, "{pairs} pairs, {size:?}");
            }
        }
        let almost = Verdict::of(&gap(&[0.0, 0.0, 0.0, 1e-300, 0.0, 0.0]), adjusted(1.0, Some(0.0)), margin(0.1), 1);
        assert_eq!(almost, Verdict::Equivalent);
        assert_eq!(serde_json::to_string(&Verdict::Unchanged).unwrap(), r#"{"verdict":"unchanged"}"#);
    }

    #[test]
    fn one_pair_is_inconclusive() {
        assert_eq!(Verdict::of(&gap(&[5.0]), adjusted(1.0, None), margin(0.1), 1), Verdict::Inconclusive { needs: None });
    }

    #[test]
    fn what_is_no_p_value_proves_nothing() {
        assert!(matches!(Verdict::of(&gap(&WORSE), adjusted(f64::NAN, Some(f64::NAN)), None, 1), Verdict::Inconclusive { .. }));
    }

    #[test]
    fn it_is_written_in_words() {
        let text = |verdict: Verdict| serde_json::to_string(&verdict).unwrap();
        assert_eq!(text(Verdict::Worse { extent: Extent::Material }), r#"{"verdict":"worse","extent":"material"}"#);
        let better = Verdict::BetterWithout { extent: Extent::Plain };
        assert_eq!(text(better), r#"{"verdict":"better-without","extent":"plain"}"#);
        let needs = Needs { pairs: 12, sought: Sought::Difference(0.5) };
        let written = r#"{"verdict":"inconclusive","needs":{"pairs":12,"sought":{"difference":0.5}}}"#;
        assert_eq!(text(Verdict::Inconclusive { needs: Some(needs) }), written);
    }
}
