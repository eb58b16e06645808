//! Shapley values: shares of a joint effect where leaving one part out and putting one part in say different things.
//!
//! Two components that do the same work cost nothing when one is left out, and everything when the second one goes as well. A Shapley value is
//! what a component costs on average over all orders in which the components could be left out one after another. The values add up to the
//! joint effect.
//!
//! Shapley (1953), "A value for n-person games", <https://doi.org/10.1515/9781400881970-018>: with `v` the effect of a set and `n` components,
//!
//! ```text
//! share(i) = sum over sets S without i of  |S|! (n - |S| - 1)! / n!  *  (v(S with i) - v(S))
//! ```

use crate::sum::sum;

/// The most components that all sets are asked of: 256 sets.
pub const MOST_COMPONENTS: usize = 8;

/// The share of each component in the effect of all. `effects`: the effect of every set of components, that of set `s` at index `s`, where bit `i`
/// of `s` says whether component `i` is in the set; the effect of the empty set comes first.
///
/// None if these are not the effects of all sets of at most [`MOST_COMPONENTS`] components, or one is not finite.
pub fn shapley(effects: &[f64]) -> Option<Vec<f64>> {
    let count = effects.len().checked_ilog2()? as usize;
    if !effects.len().is_power_of_two() || count > MOST_COMPONENTS || !effects.iter().all(|effect| effect.is_finite()) {
        return None;
    }
    let factorial = |number: usize| (1..=number).map(|factor| factor as f64).product::<f64>();
    let weight = |others: usize| factorial(others) * factorial(count - others - 1) / factorial(count);
    let share = |component: usize| {
        let without = (0..effects.len()).filter(|set| set & (1 << component) == 0);
        let terms = without.map(|set| weight(set.count_ones() as usize) * (effects[set | 1 << component] - effects[set]));
        sum(terms)
    };
    Some((0..count).map(share).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12), "{found:?} is not {expected:?}");
    }

    /// Who has a left glove and one of two who have a right one make a pair: 2/3, 1/6, 1/6.
    #[test]
    fn gloves() {
        let effect = |set: usize| f64::from(u8::from(set & 1 != 0 && set & 6 != 0));
        near(&shapley(&(0..8).map(effect).collect::<Vec<_>>()).unwrap(), &[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]);
    }

    /// Littlechild and Owen (1973): each aircraft shares the part of the runway that it needs; 1, 2 and 3: 1/3, 1/3 + 1/2, 1/3 + 1/2 + 1.
    #[test]
    fn a_runway() {
        let effect =
            |set: usize| [4, 2, 1].into_iter().zip([3.0, 2.0, 1.0]).find(|(bit, _)| set & bit != 0).map_or(0.0, |(_, cost)| cost);
        near(&shapley(&(0..8).map(effect).collect::<Vec<_>>()).unwrap(), &[1.0 / 3.0, 5.0 / 6.0, 11.0 / 6.0]);
    }

    #[test]
    fn what_is_not_all_sets_has_no_shares() {
        assert_eq!(shapley(&[]), None);
        assert_eq!(shapley(&[0.0, 1.0, 2.0]), None);
        assert_eq!(shapley(&[0.0, f64::NAN]), None);
        assert_eq!(shapley(&vec![0.0; 512]), None);
        assert_eq!(shapley(&[0.0]), Some(Vec::new()));
        assert_eq!(shapley(&[1.0, 3.5]), Some(vec![2.5]));
    }

    proptest! {
        /// Shares add up to the joint effect; what adds the same to every set has that share.
        #[test]
        fn shares_add_up(count in 1..=6_usize, seed in prop::collection::vec(-10.0..10.0_f64, 64), own in -5.0..5.0_f64) {
            let mut effects = seed[..1 << count].to_vec();
            let shares = shapley(&effects).unwrap();
            let all = effects[effects.len() - 1] - effects[0];
            prop_assert!((shares.iter().sum::<f64>() - all).abs() < 1e-9);
            // The last component is made to add `own` to whatever it joins.
            let half = effects.len() / 2;
            for set in 0..half {
                effects[half + set] = effects[set] + own;
            }
            prop_assert!((shapley(&effects).unwrap()[count - 1] - own).abs() < 1e-9);
        }
    }
}
