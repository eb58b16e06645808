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
