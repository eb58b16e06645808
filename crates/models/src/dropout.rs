//! Dropout whose masks have addresses.
//!
//! A mask drawn from a shared generator would change when another component of the model is removed; here the mask of a branch at a
//! step depends on the replica's seed, the step and the path only.

use ablation_random::Stream;

use crate::tensor::Tensor;
use crate::weights::upload;

/// How many 32-bit numbers there are.
const WORDS: f64 = 4_294_967_296.0;

/// Inverted dropout on the outputs of branches (Srivastava et al. 2014).
#[derive(Clone, Debug)]
pub struct Dropout {
    /// Share of outputs set to zero, one per replica, each in `0..1`.
    pub rates: Vec<f64>,
    /// Seed of each replica.
    pub seeds: Vec<u64>,
    /// Training step, from 0.
    pub step: u64,
}

impl Dropout {
    /// The branch output with its mask: kept entries are scaled by `1 / (1 - rate)`.
    ///
    /// # Shapes
    /// - `output`, result: `[replicas, rows, width]`
    pub(crate) fn apply(&self, path: &str, output: Tensor<3>) -> Tensor<3> {
        let [replicas, rows, width] = output.dims();
        let (each, device) = (rows * width, output.device());
        let (mut mask, mut words) = (Vec::with_capacity(replicas * each), vec![0; each]);
        for (&rate, &seed) in self.rates.iter().zip(&self.seeds) {
            if rate == 0.0 {
                mask.resize(mask.len() + each, 1.0);
                continue;
            }
            Stream::root(seed).at("dropout").index(self.step).at(path).draws().fill(&mut words);
            // A fair 32-bit number is below this in a share of `rate` of all cases.
            let dropped = (rate * WORDS) as u32;
            let kept = (1.0 / (1.0 - rate)) as f32;
            mask.extend(words.iter().map(|&word| if word < dropped { 0.0 } else { kept }));
        }
        output * upload::<3>(mask, [replicas, rows, width], &device)
    }
}
