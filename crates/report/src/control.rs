//! The A/A control: the one place that says what its gap means for all others (methodology, sections 7.8 and 11.3).
//!
//! The control is the reference trained once more as if it were a variant, so its gap is noise. It passes if that gap certainly lies within
//! the margin. A control that fails may only weaken a verdict: what does not lie beyond everything that the noise may be stays undetermined.

use ablation_stats::{Gap, Interval, LEVEL, Margin};

use crate::family::Answer;

/// What the control says of the noise in a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct NoiseFloor {
    /// Whether it failed: its gap may be larger than the margin, or without a margin it differs from the reference.
    pub exceeded: bool,
    /// Gaps that do not lie beyond this on one side may be noise; none where the control passed, or there is none.
    pub size: Option<f64>,
}

impl NoiseFloor {
    /// The noise floor that a control shows.
    pub fn of(control: Option<&Answer>, margin: Option<Margin>) -> Self {
        let Some((answer, interval)) = control.and_then(|answer| Some((answer, answer.gap.ci90?))) else {
            return NoiseFloor::default();
        };
        let largest = interval.low.abs().max(interval.high.abs());
        match margin {
            Some(margin) if interval.is_within(margin.size()) => NoiseFloor::default(),
            Some(margin) => NoiseFloor { exceeded: true, size: Some(largest.max(margin.size())) },
            // Nobody said how large a difference would matter. So none is claimed that the control may have as well.
            None => NoiseFloor { exceeded: answer.adjusted < LEVEL, size: Some(largest) },
        }
    }

    /// A control whose runs failed: nothing is known of the noise.
    pub fn unknown() -> Self {
        NoiseFloor { exceeded: true, size: Some(f64::INFINITY) }
    }

    /// Whether a gap may be noise: its 90 % interval reaches into the noise floor.
    pub fn may_be_noise(self, gap: &Gap) -> bool {
        let beyond = |size: f64| gap.ci90.is_some_and(|Interval { low, high }| low > size || high < -size);
        self.size.is_some_and(|size| !beyond(size))
    }
}
