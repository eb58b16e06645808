//! Sines and cosines of the position, added to the embedding and not learned (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>).

use super::{Position, PositionScheme};
use crate::entry::Entry;
use crate::scope::Scope;
use crate::tensor::Tensor;
use crate::weights::upload;

pub(super) const ENTRY: Entry<Position> = Entry {
    name: "sinusoidal",
    label: "sinusoidal",
    help: "Fixed sines and cosines of the position, from one radian a position to one in ten thousand, added to the embedding (Vaswani et \
        al. 2017).",
    value: &Sinusoidal,
};

/// The slowest wave turns by one radian in so many positions.
const SLOWEST: f64 = 10_000.0;

struct Sinusoidal;

impl PositionScheme for Sinusoidal {
    fn site(&self) -> Option<&'static str> {
        Some("Adds fixed sines and cosines of the position: the only explicit information about order.")
    }

    fn add(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let [replicas, rows, width] = x.dims();
        let examples = rows / positions;
        let device = x.device();
        scope.branch("position", x, |_| {
            let waves = upload(waves(positions, width), [1, positions, width], &device);
            waves.repeat_dim(1, examples).repeat_dim(0, replicas)
        })
    }
}

/// The waves at each position: `sin(p / 10000^(2i / width))` in channel `2i`, the cosine in channel `2i + 1`. Row by row.
fn waves(positions: usize, width: usize) -> Vec<f32> {
    let wave = |position: usize, channel: usize| {
        let angle = position as f64 / libm::pow(SLOWEST, (channel / 2 * 2) as f64 / width as f64);
        (if channel.is_multiple_of(2) { libm::sin(angle) } else { libm::cos(angle) }) as f32
    };
    (0..positions).flat_map(|position| (0..width).map(move |channel| wave(position, channel))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from Python: `math.sin(3 / 10000 ** (2 / 6))` and so on.
    #[test]
    fn the_waves_are_those_of_the_paper() {
        let waves = waves(4, 6);
        let expected = [0.141_120, -0.989_992, 0.138_798, 0.990_321, 0.006_463, 0.999_979];
        for (wave, expected) in waves[3 * 6..].iter().zip(expected) {
            assert!((wave - expected).abs() < 1e-5, "{waves:?}");
        }
        assert_eq!(waves[..6], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    }
}
