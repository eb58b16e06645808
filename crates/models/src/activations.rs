//! Activations of a site on the host, and what operators compute of them.

use crate::edits::Constant;

/// Outputs of one site in one replica: `[examples, positions, channels]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// Row by row.
    pub values: Vec<f32>,
    /// Positions of an example.
    pub positions: usize,
    /// Channels of a row.
    pub channels: usize,
}

impl Activations {
    /// Mean over examples and positions: one row.
    pub fn mean(&self) -> Constant {
        self.mean_of_rows(1)
    }

    /// Mean over examples at each position: one row per position.
    pub fn mean_by_position(&self) -> Constant {
        self.mean_of_rows(self.positions)
    }

    /// Standard deviation of each channel over examples and positions, in double precision.
    pub(crate) fn spread(&self) -> Vec<f64> {
        let Activations { values, channels, .. } = self;
        let rows = (values.len() / channels) as f64;
        let column = |channel: usize| values.iter().skip(channel).step_by(*channels).map(|&value| f64::from(value));
        let of_channel = |channel| {
            let mean = column(channel).sum::<f64>() / rows;
            (column(channel).map(|value| (value - mean) * (value - mean)).sum::<f64>() / rows).sqrt()
        };
        (0..*channels).map(of_channel).collect()
    }

    /// Sums in double precision: the constant must not depend on how many examples it is taken of.
    fn mean_of_rows(&self, groups: usize) -> Constant {
        let rows = self.values.len() / self.channels;
        let mut sums = vec![0.0f64; groups * self.channels];
        for (row, values) in self.values.chunks_exact(self.channels).enumerate() {
            let sums = &mut sums[row % groups * self.channels..][..self.channels];
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let values = sums.iter().map(|sum| (sum * groups as f64 / rows as f64) as f32).collect();
        Constant { values, channels: self.channels }
    }
}

/// Tokens of the reference set, as a model reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// Example by example.
    pub values: Vec<i32>,
    /// Positions of an example.
    pub positions: usize,
}

/// What a norm does on the reference set.
#[derive(Clone, Debug, PartialEq)]
pub struct NormReference {
    /// What it divides each row by: one channel.
    pub scale: Activations,
    /// What it multiplies each channel by afterwards.
    pub gain: Vec<f32>,
    /// What it adds to each channel afterwards, if it does.
    pub bias: Option<Vec<f32>>,
    /// Whether it subtracts the mean of each row first.
    pub centred: bool,
}

impl NormReference {
    /// The mean of what it divides by, for each position: the first position has a mean of its own, all others have one together.
    pub fn mean_scales(&self) -> Vec<f64> {
        let positions = self.scale.positions;
        let mean_over = |of: &dyn Fn(usize) -> bool| {
            let rows = self.scale.values.iter().enumerate().filter(|(row, _)| of(row % positions));
            let (sum, count) = rows.fold((0.0, 0.0), |(sum, count), (_, &scale)| (sum + f64::from(scale), count + 1.0));
            sum / count
        };
        let (first, others) = (mean_over(&|position| position == 0), mean_over(&|position| position > 0));
        (0..positions).map(|position| if position == 0 { first } else { others }).collect()
    }
}
