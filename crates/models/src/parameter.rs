//! One trained tensor of an architecture: its address, its shape and where it starts.
//!
//! Each value is drawn from a stream that is addressed by the parameter's own path, so that a model without one component starts from the
//! same numbers everywhere else. A shared generator would shift every later draw, and "same seed" would not mean same start.

use ablation_protocol::{Redraw, Seeds};
use ablation_random::Stream;

/// Standard deviation of embeddings of tokens, positions and classes at the start, as in GPT-2. With large embeddings a model memorises
/// pairs of modular addition instead of finding the rule.
pub(crate) const EMBEDDING_STD: f64 = 0.02;

/// The distribution that a parameter starts from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Independent normal draws with mean 0.
    Normal {
        /// Standard deviation.
        std: f64,
    },
    /// All ones.
    Ones,
    /// All zeros.
    Zeros,
}

/// A parameter that has no numbers of its own: it is another one under a second path (tied weights).
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// Path of the parameter whose numbers it shares.
    pub to: String,
    /// Whether rows and columns are swapped, as in an unembedding that is the transposed embedding (Press & Wolf 2017).
    pub transposed: bool,
}

/// One parameter tensor of an architecture.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Address, e.g. `blocks.0.attn.query.weight`.
    pub path: String,
    /// Inputs of a matrix, positions of a table, 1 for a vector.
    pub rows: usize,
    /// Outputs.
    pub columns: usize,
    /// Where it starts.
    pub init: Init,
    /// Whether weight decay applies: matrices yes; tables, gains and biases no.
    pub decays: bool,
    /// Whether it keeps the numbers that it starts from.
    pub frozen: bool,
    /// The parameter whose numbers it shares, if any; that one decides about start, decay and freezing.
    pub tied: Option<Tie>,
}

impl Parameter {
    /// A matrix `[inputs, outputs]` whose entries start with standard deviation `gain / sqrt(inputs)`.
    pub fn matrix(path: String, inputs: usize, outputs: usize, gain: f64) -> Self {
        let std = gain / (inputs as f64).sqrt();
        Parameter { decays: true, ..Parameter::table(path, inputs, outputs, std) }
    }

    /// A table `[rows, columns]` that is looked up: no decay.
    pub fn table(path: String, rows: usize, columns: usize, std: f64) -> Self {
        Parameter { path, rows, columns, init: Init::Normal { std }, decays: false, frozen: false, tied: None }
    }

    /// A vector of zeros.
    pub fn bias(path: String, columns: usize) -> Self {
        Parameter { init: Init::Zeros, ..Parameter::table(path, 1, columns, 0.0) }
    }

    /// A vector of ones.
    pub fn gain(path: String, columns: usize) -> Self {
        Parameter { init: Init::Ones, ..Parameter::table(path, 1, columns, 0.0) }
    }

    /// The same parameter, which training does not change.
    pub fn frozen(self) -> Self {
        Parameter { frozen: true, ..self }
    }

    /// The same parameter as a second path to the numbers of `owner`.
    pub fn tied_to(self, owner: &str) -> Self {
        Parameter { tied: Some(Tie { to: owner.to_string(), transposed: false }), ..self }
    }

    /// The same parameter as a second path to the transposed numbers of `owner`.
    pub fn tied_to_transposed(self, owner: &str) -> Self {
        Parameter { tied: Some(Tie { to: owner.to_string(), transposed: true }), ..self }
    }

    /// Numbers of its own; none if it shares those of another parameter.
    pub fn count(&self) -> usize {
        if self.tied.is_some() { 0 } else { self.rows * self.columns }
    }

    /// The initial values for the seeds of one training, row by row.
    pub fn draw(&self, seeds: &Seeds) -> Vec<f32> {
        match self.init {
            Init::Ones => vec![1.0; self.count()],
            Init::Zeros => vec![0.0; self.count()],
            Init::Normal { std } => {
                let mut values = self.normal(seeds.init, std);
                if let Some(redraw) = seeds.redraw {
                    self.draw_again(&mut values, redraw, std);
                }
                values
            }
        }
    }

    fn normal(&self, seed: u64, std: f64) -> Vec<f32> {
        let mut draws = Stream::root(seed).at("init").at(&self.path).draws();
        (0..self.count()).map(|_| (draws.normal() * std) as f32).collect()
    }

    /// Replaces a share of the values by those of another seed. Which ones is drawn value by value, so that every tensor has its share.
    fn draw_again(&self, values: &mut [f32], redraw: Redraw, std: f64) {
        let share = f64::from(redraw.per_million) * 1e-6;
        let mut choice = Stream::root(redraw.seed).at("redraw").at(&self.path).draws();
        for (value, fresh) in values.iter_mut().zip(self.normal(redraw.seed, std)) {
            if choice.uniform() < share {
                *value = fresh;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 11.3: an A/A control keeps every weight but its share, wherever it stands, and its other weights are another model's.
    #[test]
    fn an_aa_control_keeps_every_weight_that_it_does_not_draw_anew() {
        let parameter = Parameter::matrix("blocks.0.mlp.up.weight".into(), 100, 100, 1.0);
        let changed = |per_million: u32, seed: u64| -> Vec<usize> {
            let (plain, redraw) = (Seeds::new(7, 7), Redraw { per_million, seed });
            let values = parameter.draw(&Seeds { redraw: Some(redraw), ..plain });
            (0..values.len()).filter(|&index| values[index] != parameter.draw(&plain)[index]).collect()
        };
        assert!(changed(0, 1).is_empty());
        assert_eq!(changed(1_000_000, 1).len(), 10_000);
        let (first, second) = (changed(200_000, 1), changed(200_000, 2));
        assert!((1880..2120).contains(&first.len()), "{}", first.len());
        assert_ne!(first, second);
        let gain = Parameter::gain("norm.gain".into(), 8);
        assert_eq!(gain.draw(&Seeds { redraw: Some(Redraw { per_million: 1_000_000, seed: 1 }), ..Seeds::new(7, 7) }), [1.0; 8]);
    }
}
