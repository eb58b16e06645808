//! The expected best of `n` trials: what a search would have found with a smaller budget.
//!
//! "Best of 60 trials" beside "best of 8" compares budgets, not models. This curve shows both at every budget; if it still
//! falls at the end, the search was too short to say anything.
//!
//! Dodge et al. (2019), "Show your work", <https://aclanthology.org/D19-1224>, draw the `n` trials with replacement, which
//! understates the best; Tang et al. (2020), <https://aclanthology.org/2020.acl-main.246>, draw them without, as here, which
//! is unbiased but defined only up to the number of trials made. With the `N` results in rising order:
//!
//! ```text
//! sum over i of v_(i) C(i-1, n-1) / C(N, n)
//! ```

use crate::sample::Sample;
use crate::sum::sum;

/// What counts as best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// Scores.
    Highest,
    /// Losses.
    Lowest,
}

/// The expected best of `trials` results drawn without replacement (Tang et al.), unbiased; `None` for no trials, or more
/// than there are results.
pub fn expected_best(results: &Sample, trials: usize, best: Best) -> Option<f64> {
    let total = results.len();
    if trials == 0 || trials > total {
        return None;
    }
    // From the best down, C(i-1, n-1) / C(N, n) is n/N, and the next is (i - n) / (i - 1) of it; i - 1 results lie below.
    let mut weight = trials as f64 / total as f64;
    let from_best = rising(results, best).into_iter().enumerate().rev();
    let terms = from_best.map(|(below, value)| {
        let term = weight * value;
        weight *= (below + 1).saturating_sub(trials) as f64 / below.max(1) as f64;
        term
    });
    Some(signed(sum(terms), best))
}

/// The results, best last; losses with their signs turned.
fn rising(results: &Sample, best: Best) -> Vec<f64> {
    let mut rising: Vec<f64> = results.values().iter().map(|&value| signed(value, best)).collect();
    rising.sort_by(f64::total_cmp);
    rising
}

fn signed(value: f64, best: Best) -> f64 {
    match best {
        Best::Highest => value,
        Best::Lowest => -value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values).unwrap()
    }

    const SCORES: [f64; 5] = [0.70, 0.74, 0.75, 0.79, 0.82];
    const LOSSES: [f64; 6] = [2.31, 2.05, 1.98, 2.60, 1.92, 2.02];

    #[test]
    fn worked_examples() {
        let scores = sample(&SCORES);
        for (n, expected) in (1..).zip([0.76, 0.789, 0.804, 0.814, 0.82]) {
            assert!((expected_best(&scores, n, Best::Highest).unwrap() - expected).abs() < 1e-12, "{n} trials");
        }
        for (n, expected) in (1..).zip([2.146666667, 1.999333333, 1.9595, 1.942666667, 1.93, 1.92]) {
            assert!((expected_best(&sample(&LOSSES), n, Best::Lowest).unwrap() - expected).abs() < 1e-9, "{n} trials");
        }
    }

    #[test]
    fn it_is_the_mean_over_all_choices_of_trials() {
        let choices = (0..6).flat_map(|a| (0..a).flat_map(move |b| (0..b).map(move |c| [a, b, c])));
        let bests: Vec<f64> = choices.map(|c| c.map(|i| LOSSES[i]).into_iter().fold(f64::INFINITY, f64::min)).collect();
        let mean = bests.iter().sum::<f64>() / 20.0;
        assert!((expected_best(&sample(&LOSSES), 3, Best::Lowest).unwrap() - mean).abs() < 1e-12);
    }

    #[test]
    fn the_number_of_trials_has_its_limits() {
        let losses = sample(&LOSSES);
        assert_eq!((expected_best(&losses, 0, Best::Lowest), expected_best(&losses, 7, Best::Lowest)), (None, None));
        let many = sample(&(0..5000).map(f64::from).collect::<Vec<_>>());
        assert!((expected_best(&many, 2500, Best::Highest).unwrap() - 2500.0 * 5001.0 / 2501.0 + 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_trials_does_not_matter() {
        let mut turned = LOSSES;
        turned.rotate_left(2);
        for best in [Best::Highest, Best::Lowest] {
            assert_eq!(expected_best(&sample(&turned), 3, best), expected_best(&sample(&LOSSES), 3, best));
        }
    }
}
