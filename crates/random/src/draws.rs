//! The numbers of a stream, in order.

use crate::blocks::Blocks;

/// A cursor through a stream's numbers. Made by [`crate::Stream::draws`]; two cursors of one stream give the same numbers.
///
/// Words are consumed in order: [`Draws::u32`] takes one, [`Draws::u64`], [`Draws::uniform`] and an attempt of
/// [`Draws::below`] take two, every *other* [`Draws::normal`] takes four.
#[derive(Clone, Debug)]
pub struct Draws {
    blocks: Blocks,
    next_block: u64,
    words: [u32; 4],
    /// How many of `words` are used up.
    used: usize,
    /// The second value of the last Box-Muller pair.
    spare: Option<f64>,
}

impl Draws {
    pub(crate) fn new(blocks: Blocks) -> Self {
        Self { blocks, next_block: 0, words: [0; 4], used: 4, spare: None }
    }

    /// 32 fair bits.
    pub fn u32(&mut self) -> u32 {
        if self.used == 4 {
            self.words = self.blocks.block(self.next_block);
            self.next_block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Fills `words` with 32 fair bits each: what as many calls of [`Draws::u32`] give, several times as fast.
    pub fn fill(&mut self, words: &mut [u32]) {
        let begun = (4 - self.used).min(words.len());
        let (first, rest) = words.split_at_mut(begun);
        first.iter_mut().for_each(|word| *word = self.u32());
        let mut blocks = rest.chunks_exact_mut(4);
        for block in &mut blocks {
            block.copy_from_slice(&self.blocks.block(self.next_block));
            self.next_block += 1;
        }
        blocks.into_remainder().iter_mut().for_each(|word| *word = self.u32());
    }

    /// 64 fair bits, the first word lowest.
    pub fn u64(&mut self) -> u64 {
        u64::from(self.u32()) | u64::from(self.u32()) << 32
    }

    /// Uniform in [0, 1): a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.u64() >> 11) as f64 * STEP
    }

    /// Standard normal, by Box and Muller (1958): of each pair the cosine comes first and the sine is kept for the next
    /// call, whatever else is drawn in between. At most 8.6 in size, since a uniform number has 53 bits.
    pub fn normal(&mut self) -> f64 {
        if let Some(sine) = self.spare.take() {
            return sine;
        }
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt(); // 1 - u is in (0, 1]: never log(0)
        let (sine, cosine) = libm::sincos(core::f64::consts::TAU * self.uniform());
        self.spare = Some(radius * sine);
        radius * cosine
    }

    /// `count` standard normals, rounded to the precision of weights.
    pub fn normals(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.normal() as f32).collect()
    }

    /// Uniform in `0..n` without bias, by multiplication and rejection (Lemire 2019,
    /// <https://doi.org/10.1145/3230636>).
    ///
    /// # Panics
    /// If `n` is 0: there is no number below 0 to return.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "below(0): no number is below 0");
        loop {
            let product = u128::from(self.u64()) * u128::from(n);
            let low = product as u64;
            // 2^64 mod n is below n: the slow remainder is hardly ever asked for.
            if low >= n || low >= n.wrapping_neg() % n {
                return (product >> 64) as u64;
            }
        }
    }

    /// Shuffles `items`, every order equally likely (Fisher and Yates, from the end).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn draws(name: &str) -> Draws {
        Stream::root(2024).at(name).draws()
    }

    #[test]
    fn filling_gives_what_drawing_one_by_one_gives() {
        for (before, count) in [(0, 9), (1, 2), (3, 1), (2, 11), (4, 8), (0, 0)] {
            let (mut one_by_one, mut filled) = (draws("fill"), draws("fill"));
            (0..before).for_each(|_| assert_eq!(one_by_one.u32(), filled.u32()));
            let mut words = vec![0; count];
            filled.fill(&mut words);
            assert_eq!(words, (0..count).map(|_| one_by_one.u32()).collect::<Vec<u32>>());
            assert_eq!(filled.u32(), one_by_one.u32());
        }
    }

    /// The sine and the cosine of a pair are calculated together, where each was calculated by itself once.
    #[test]
    fn a_sine_and_a_cosine_together_are_to_the_bit_what_they_are_apart() {
        let mut d = draws("angles");
        let angles = (0..100_000).map(|_| core::f64::consts::TAU * d.uniform());
        let small = (0..64).map(|halvings| libm::ldexp(1.0, -halvings));
        for angle in angles.chain(small).chain([0.0]) {
            let (sine, cosine) = libm::sincos(angle);
            assert_eq!([sine, cosine].map(f64::to_bits), [libm::sin(angle), libm::cos(angle)].map(f64::to_bits), "{angle}");
        }
    }

    /// From an independent implementation in Python. Its third normal ended in `1e`: Python uses the system's sine, and
    /// there is the difference of one bit for which this crate uses `libm`.
    #[test]
    fn golden_draws_never_change() {
        let bits = |values: [f64; 3]| values.map(f64::to_bits);
        let mut d = draws("golden");
        assert_eq!([d.u32(), d.u32()], [0x659b_cc29, 0x0bf6_4896]);
        assert_eq!(d.u64(), 11_231_777_027_761_754_949);
        assert_eq!(
            bits([d.uniform(), d.uniform(), d.uniform()]),
            [0x3fd4_3dcf_fb54_76ba, 0x3fc1_32b4_7714_dec8, 0x3fc0_fe92_8498_caf4]
        );
        assert_eq!(
            bits([d.normal(), d.normal(), d.normal()]),
            [0xbfc8_7809_caa1_baaa, 0x3fe3_d618_eae4_8bb5, 0xbfe2_6e14_e4d0_5d1f]
        );
        assert_eq!([d.below(10), d.below(1_000_000_007), d.below(u64::MAX)], [6, 823_020_514, 14_294_820_772_243_457_076]);
        let mut order: Vec<u8> = (0..10).collect();
        d.shuffle(&mut order);
        assert_eq!(order, [7, 5, 0, 1, 9, 6, 4, 2, 8, 3]);
    }

    #[test]
    fn a_cursor_starts_at_the_beginning_each_time() {
        let stream = Stream::root(1).at("x");
        let mut one = stream.draws();
        let run: Vec<u32> = (0..9).map(|_| one.u32()).collect();
        let mut two = stream.draws();
        assert_eq!(run, (0..9).map(|_| two.u32()).collect::<Vec<_>>());
        assert_eq!(run[..4], stream.draws().blocks.block(0));
        assert_eq!(run[4..8], stream.draws().blocks.block(1));
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval() {
        let mut d = draws("uniform");
        let n = 200_000;
        let values: Vec<f64> = (0..n).map(|_| d.uniform()).collect();
        assert!(values.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = values.iter().sum::<f64>() / f64::from(n);
        assert!((mean - 0.5).abs() < 5.0 * (1.0_f64 / 12.0 / f64::from(n)).sqrt(), "mean {mean}");
        let mut bins = [0_i32; 16];
        values.iter().for_each(|u| bins[(u * 16.0) as usize] += 1);
        // Chi-squared with 15 degrees of freedom: above 44.3 once in ten thousand.
        let expected = f64::from(n) / 16.0;
        let chi: f64 = bins.iter().map(|b| f64::from(*b) - expected).map(|d| d * d / expected).sum();
        assert!(chi < 44.3, "chi-squared {chi}");
    }

    #[test]
    fn normal_numbers_have_the_moments_of_a_normal_distribution() {
        let mut d = draws("normal");
        let n = 200_000;
        let values: Vec<f64> = (0..n).map(|_| d.normal()).collect();
        let moment = |power: usize| values.iter().map(|z| [*z; 4][..power].iter().product::<f64>()).sum::<f64>() / f64::from(n);
        // Five standard errors: the variances of z, z^2, z^3, z^4 are 1, 2, 15, 96.
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0_f64)] {
            let got = moment(power);
            assert!((got - expected).abs() < 5.0 * (variance / f64::from(n)).sqrt(), "moment {power} is {got}");
        }
        // The two values of a pair must not be related.
        let product = values.chunks(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / f64::from(n / 2);
        assert!(product.abs() < 5.0 / f64::from(n / 2).sqrt(), "correlation {product}");
    }

    #[test]
    fn the_second_normal_of_a_pair_waits_for_its_turn() {
        let (mut plain, mut mixed) = (draws("pair"), draws("pair"));
        let pair = [plain.normal(), plain.normal()];
        let first = mixed.normal();
        let between = mixed.u32();
        assert_eq!([first, mixed.normal()], pair);
        assert_eq!(between, plain.u32());
    }

    #[test]
    fn below_is_unbiased_where_a_remainder_would_not_be() {
        // With n = 3 * 2^62 the remainder of a 64-bit number falls in the first third half of the time.
        let n = 3 << 62;
        let mut d = draws("below");
        let low = (0..30_000).filter(|_| d.below(n) < n / 3).count();
        assert!((low as i64 - 10_000).abs() < 5 * 82, "{low} of 30000 in the first third");
        let mut faces = [0_i64; 6];
        (0..60_000).for_each(|_| faces[d.below(6) as usize] += 1);
        assert!(faces.iter().all(|f| (f - 10_000).abs() < 5 * 92), "{faces:?}");
        assert_eq!(d.below(1), 0);
    }

    #[test]
    #[should_panic(expected = "no number is below 0")]
    fn below_zero_is_refused() {
        draws("zero").below(0);
    }

    #[test]
    fn a_shuffle_reaches_every_order_equally_often() {
        let mut counts = std::collections::BTreeMap::new();
        let mut d = draws("shuffle");
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            d.shuffle(&mut items);
            *counts.entry(items).or_insert(0_i64) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|c| (c - 1_000).abs() < 5 * 31), "{counts:?}");
        d.shuffle::<u8>(&mut []);
    }
}
