//! One right answer among a few, and label noise on it: what most tasks on tokens share.
//!
//! A task without chance can be solved exactly, and a model that solves its task exactly says little of what it needs. Label noise replaces a
//! share of the targets by uniform draws among the possible answers, in training and evaluation alike. It is drawn after all else of an
//! example, so the tokens are the same at every share; and as every target is disturbed with the same probability, the best possible
//! loss is known.

use ablation_random::Draws;
use ablation_settings::{Field, Group, Settings};

use crate::about::ConstantPredictor;
use crate::error::{DataError, number};

/// The tokens `0..count`, one of which is the right answer at every scored position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Answers {
    /// How many answers are possible.
    pub count: u32,
    /// The share of the targets that are drawn anew.
    noise: f64,
}

/// What makes every task with label noise harder.
pub(crate) const NOISE: (&str, &str) = ("data.label_noise", "more label noise");

/// The share of the targets that are drawn anew.
pub(crate) fn noise() -> Field {
    let help =
        "Share of the targets that are replaced by a uniform draw among the possible answers, in training and evaluation alike.";
    Field::number(NOISE.0, Group::Data, "Label noise", help, (0.0, 0.9), 0.0).absent(0.0)
}

impl Answers {
    /// So many answers, with the label noise of the settings: none where they do not say it, as those of a trial.
    pub fn from_settings(settings: &Settings, count: u32) -> Result<Self, DataError> {
        let noise = settings.get(NOISE.0).map_or(Ok(0.0), |_| number(settings, &noise()))?;
        Ok(Self { count, noise })
    }

    /// Adds the label noise to the targets of an example. Without noise it draws nothing.
    pub fn disturb(&self, targets: &mut [Option<u32>], draws: &mut Draws) {
        if self.noise == 0.0 {
            return;
        }
        for target in targets.iter_mut().flatten() {
            if draws.uniform() < self.noise {
                *target = draws.below(u64::from(self.count)) as u32;
            }
        }
    }

    /// The probability that a target is an answer, if the answer is right with probability `right`: `(1 - s) right + s / m` with
    /// `s` the share of noise and `m` the number of answers.
    pub fn observed(&self, right: f64) -> f64 {
        (1.0 - self.noise) * right + self.noise / f64::from(self.count)
    }

    /// The best loss where the input decides which answer is right, in nats: the entropy of a target that is the right answer with
    /// probability `1 - s + s / m` and each of the other `m - 1` with probability `s / m`.
    pub fn floor(&self) -> f64 {
        let others = f64::from(self.count - 1) * surprise(self.observed(0.0));
        surprise(self.observed(1.0)) + others
    }

    /// The constant predictor where each answer is right with one of these probabilities.
    pub fn constant(&self, right: &[f64]) -> ConstantPredictor {
        let observed = || right.iter().map(|&right| self.observed(right));
        ConstantPredictor { loss: observed().map(surprise).sum(), score: observed().fold(0.0, f64::max) }
    }

    /// The constant predictor where all answers are right equally often. Label noise does not change it.
    pub fn uniform(&self) -> ConstantPredictor {
        let guesses = f64::from(self.count);
        ConstantPredictor { loss: libm::log(guesses), score: 1.0 / guesses }
    }
}

/// `-p ln p`, an outcome's part of the entropy in nats.
pub(crate) fn surprise(p: f64) -> f64 {
    if p > 0.0 { -p * libm::log(p) } else { 0.0 }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::data::{Data, tests::sequence};
    use crate::split::Split;
    use ablation_random::Stream;

    /// Asserts that a mean over scored positions is `expected` within five standard errors. `sums`: of each example the sum over its scored
    /// positions and their number; positions of one example are not independent, examples are (the error of a ratio estimator).
    pub(crate) fn is_mean(sums: &[(f64, f64)], expected: f64, what: &str) {
        let count: f64 = sums.iter().map(|(_, count)| count).sum();
        let mean = sums.iter().map(|(sum, _)| sum).sum::<f64>() / count;
        let residual = |(sum, count): &(f64, f64)| (sum - mean * count) * (sum - mean * count);
        let error = sums.iter().map(residual).sum::<f64>().sqrt() / count;
        assert!((mean - expected).abs() <= 5.0 * error + 1e-12, "{what}: {mean} is not {expected}; standard error {error}");
    }

    fn targets(data: &dyn Data, index: u64) -> Vec<Option<u32>> {
        sequence(data, &Stream::root(2).at("data"), Split::Test, index).1
    }

    /// The constant predictor is the one of these probabilities of the targets, and targets have them in a sample.
    pub(crate) fn targets_have_probabilities(data: &dyn Data, probabilities: &[f64]) {
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{probabilities:?}");
        let constant = data.constant();
        let entropy: f64 = probabilities.iter().copied().map(surprise).sum();
        let most = probabilities.iter().copied().fold(0.0, f64::max);
        assert!(
            (constant.loss - entropy).abs() < 1e-12 && (constant.score - most).abs() < 1e-12,
            "{constant:?} {entropy} {most}"
        );
        let drawn: Vec<Vec<u32>> = (0..4_000).map(|index| targets(data, index).into_iter().flatten().collect()).collect();
        for (answer, probability) in probabilities.iter().enumerate() {
            let hits = |targets: &Vec<u32>| targets.iter().filter(|target| **target == answer as u32).count() as f64;
            let sums: Vec<_> = drawn.iter().map(|targets| (hits(targets), targets.len() as f64)).collect();
            is_mean(&sums, *probability, &format!("answer {answer}"));
        }
    }

    /// The tokens are the same with and without label noise of the share `share`, and a predictor that knows the right answer and
    /// the share reaches the floor.
    pub(crate) fn the_floor_is_reached(clean: &dyn Data, noisy: &dyn Data, share: f64, answers: u32) {
        assert_eq!(clean.floor(), Some(0.0));
        let other = share / f64::from(answers);
        let mut sums = Vec::new();
        for index in 0..4_000 {
            let example = |data| sequence(data, &Stream::root(2).at("data"), Split::Test, index);
            let ((tokens, right), (same, targets)) = (example(clean), example(noisy));
            assert_eq!(tokens, same);
            let losses = right.iter().zip(&targets).filter_map(|(right, target)| {
                assert_eq!(right.is_some(), target.is_some());
                assert!(target.is_none_or(|target| target < answers));
                let likelihood = other + if right == target { 1.0 - share } else { 0.0 };
                target.map(|_| -libm::log(likelihood))
            });
            let losses: Vec<f64> = losses.collect();
            sums.push((losses.iter().sum(), losses.len() as f64));
        }
        is_mean(&sums, noisy.floor().unwrap(), "the best loss");
    }

    fn answers(count: u32, noise: f64) -> Answers {
        Answers::from_settings(&Settings::default().with("data.label_noise", noise), count).unwrap()
    }

    #[test]
    fn the_floor_is_the_entropy_of_a_disturbed_answer() {
        assert_eq!(answers(8, 0.0).floor(), 0.0);
        // By hand: half of the time one of two at random, so right with 3/4.
        let expected = -(0.75 * libm::log(0.75) + 0.25 * libm::log(0.25));
        assert!((answers(2, 0.5).floor() - expected).abs() < 1e-15);
        let floors = [0.0, 0.1, 0.5, 0.9].map(|noise| answers(5, noise).floor());
        assert!(floors.is_sorted() && floors[3] < answers(5, 0.9).uniform().loss, "{floors:?}");
        assert_eq!(answers(1, 0.5).floor(), 0.0, "of one answer no other can be drawn");
    }

    #[test]
    fn noise_keeps_what_is_not_scored_and_draws_nothing_at_zero() {
        let mut draws = Stream::root(1).draws();
        let mut targets = vec![None, Some(3), None, Some(0)];
        answers(4, 0.0).disturb(&mut targets, &mut draws);
        assert_eq!((targets, draws.u32()), (vec![None, Some(3), None, Some(0)], Stream::root(1).draws().u32()));
        let mut targets = vec![Some(0); 20_000];
        targets.extend([None; 10]);
        answers(4, 0.4).disturb(&mut targets, &mut draws);
        assert!(targets[20_000..].iter().all(Option::is_none));
        let changed: Vec<_> = targets.iter().flatten().map(|target| (f64::from(u8::from(*target != 0)), 1.0)).collect();
        is_mean(&changed, 0.3, "changed"); // three of four draws are another answer
    }

    #[test]
    fn settings_that_do_not_say_it_have_no_noise() {
        assert_eq!(Answers::from_settings(&Settings::default(), 4).unwrap(), answers(4, 0.0));
        assert_eq!(noise().absent, Some(noise().default_value()));
    }

    #[test]
    fn noise_out_of_range_is_refused() {
        for (noise, said) in [(-0.1, "-0.1"), (0.95, "0.95"), (f64::NAN, "NaN")] {
            let message =
                Answers::from_settings(&Settings::default().with("data.label_noise", noise), 4).unwrap_err().to_string();
            assert!(message.contains(&format!("`data.label_noise` is {said}; choose a value from 0 to 0.9")), "{message}");
        }
    }
}
