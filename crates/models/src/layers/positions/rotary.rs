//! Rotary positions: queries and keys are turned by an angle that grows with the position, so that a score depends on how far apart the
//! two are (Su et al. 2021, "RoFormer", <https://arxiv.org/abs/2104.09864>).

use super::{Position, PositionScheme};
use crate::entry::Entry;
use crate::tensor::Tensor;
use crate::weights::upload;

pub(super) const ENTRY: Entry<Position> = Entry {
    name: "rotary",
    label: "rotary (RoPE)",
    help: "Turns queries and keys by an angle that grows with the position: attention sees how far apart two positions are (Su et al. 2021).",
    value: &Rotary,
};

/// The slowest pair of channels turns by one radian in so many positions.
const SLOWEST: f64 = 10_000.0;

struct Rotary;

impl PositionScheme for Rotary {
    fn places(&self) -> bool {
        true
    }

    /// Channel `i` of the first half of a head and channel `i` of the second are turned together. The last channel of an odd head is
    /// left as it is.
    fn place(&self, x: Tensor<3>, positions: usize, heads: usize) -> Tensor<3> {
        let [replicas, rows, channels] = x.dims();
        let (examples, width) = (rows / positions, channels / heads);
        let half = width / 2;
        if half == 0 {
            return x;
        }
        let [cosine, sine] =
            turns(positions, heads, half).map(|table| upload::<3>(table, [1, positions * heads, half], &x.device()));
        let x = x.reshape([replicas * examples, positions * heads, width]);
        let (first, second) = (x.clone().narrow(2, 0, half), x.clone().narrow(2, half, half));
        let mut turned = vec![first.clone() * cosine.clone() - second.clone() * sine.clone(), first * sine + second * cosine];
        if width > 2 * half {
            turned.push(x.narrow(2, 2 * half, width - 2 * half));
        }
        Tensor::cat(turned, 2).reshape([replicas, rows, channels])
    }
}

/// Cosine and sine of `p / 10000^(i / half)` at position `p` for each head and pair `i`, row by row.
fn turns(positions: usize, heads: usize, half: usize) -> [Vec<f32>; 2] {
    let angle = |position: usize, pair: usize| position as f64 / libm::pow(SLOWEST, pair as f64 / half as f64);
    let every = |of: fn(f64) -> f64| {
        let rows = (0..positions).flat_map(|position| std::iter::repeat_n(position, heads));
        rows.flat_map(|position| (0..half).map(move |pair| of(angle(position, pair)) as f32)).collect()
    };
    [every(libm::cos), every(libm::sin)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn placed(values: Vec<f32>, [positions, heads, width]: [usize; 3]) -> Vec<f32> {
        let x = upload(values, [1, positions, heads * width], &Device::flex());
        Rotary.place(x, positions, heads).into_data().try_into_vec().unwrap()
    }

    /// The angles are those of the paper: pair `i` of `d / 2` turns by `10000^(-2i / d)` a position.
    #[test]
    fn a_pair_of_channels_is_turned_by_its_angle() {
        let x = [[0.0; 4], [1.0, 0.0, 0.0, 1.0]].concat();
        let found = placed(x, [2, 1, 4]);
        let (slow, fast) = (0.01_f32, 1.0_f32);
        let expected = [fast.cos(), -slow.sin(), fast.sin(), slow.cos()];
        for (found, expected) in found[4..].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} and {expected}");
        }
    }

    /// What rotary positions are for: moving query and key alike changes no score.
    #[test]
    fn a_score_depends_on_the_distance_alone() {
        const POSITIONS: usize = 6;
        let (query, key) = ([0.3_f32, -1.1, 0.7, 0.2, 0.9], [0.5_f32, 0.4, -0.6, 1.3, -0.2]);
        let everywhere = |vector: [f32; 5]| placed(vector.repeat(2 * POSITIONS), [POSITIONS, 2, 5]);
        let (queries, keys) = (everywhere(query), everywhere(key));
        let score = |at: usize, to: usize, head: usize| -> f32 {
            let row = |position: usize| (2 * position + head) * 5;
            queries[row(at)..][..5].iter().zip(&keys[row(to)..][..5]).map(|(a, b)| a * b).sum()
        };
        for head in 0..2 {
            for distance in 0..3 {
                let scores: Vec<f32> = (distance..POSITIONS).map(|at| score(at, at - distance, head)).collect();
                assert!(scores.iter().all(|one| (one - scores[0]).abs() < 1e-5), "{distance}: {scores:?}");
            }
        }
        assert!((score(3, 0, 0) - score(3, 3, 0)).abs() > 0.1, "distances differ");
    }

    #[test]
    fn a_head_of_one_channel_is_left_as_it_is() {
        let x: Vec<f32> = (0..12_u8).map(f32::from).collect();
        assert_eq!(placed(x.clone(), [3, 4, 1]), x);
    }
}
