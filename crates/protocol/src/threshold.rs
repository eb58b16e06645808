//! When a training reached the threshold: the second metric of a task that is solved exactly, where the losses of all arms are next to
//! nothing (methodology, section 11.4).

/// The threshold, as a share of the loss of the constant predictor: nine tenths of what there is to learn have been learned.
pub const THRESHOLD: f64 = 0.1;

/// Steps whose losses are averaged: the loss of one batch is noisy.
pub const THRESHOLD_WINDOW: usize = 10;

/// Steps until the mean of the latest [`THRESHOLD_WINDOW`] training losses was at most the threshold; none if it never was. `losses`: one a
/// step. `constant_predictor`: its loss.
pub fn steps_to_threshold(losses: &[f32], constant_predictor: f64) -> Option<u64> {
    let mean = |window: &[f32]| window.iter().map(|loss| f64::from(*loss)).sum::<f64>() / THRESHOLD_WINDOW as f64;
    let reached = |window: &[f32]| mean(window) <= THRESHOLD * constant_predictor;
    losses.windows(THRESHOLD_WINDOW).position(reached).map(|first| (first + THRESHOLD_WINDOW) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_reached_by_the_mean_of_a_window_and_not_by_one_batch() {
        let mut losses = vec![2.0; 30];
        losses[5] = 0.0;
        assert_eq!(steps_to_threshold(&losses, 2.0), None);
        losses.extend([0.1; 10]);
        assert_eq!(steps_to_threshold(&losses, 2.0), Some(40));
        losses.insert(0, 2.0);
        assert_eq!(steps_to_threshold(&losses, 2.0), Some(41));
        assert_eq!(steps_to_threshold(&[0.0; 9], 2.0), None, "too few steps for a mean");
        losses[35] = f32::NAN;
        assert_eq!(steps_to_threshold(&losses, 2.0), None, "what diverged has reached nothing");
    }
}
