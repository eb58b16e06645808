//! Paired runs: a variant and its reference, pair by pair.
//!
//! Runs of one seed share their data and every weight they have in common, so a lucky seed is lucky for both. The
//! *difference* within a pair is free of that luck; comparing the two means as if the runs were unrelated throws the
//! advantage away, often a factor of ten in seeds.

use crate::sample::{Sample, SampleError};

/// The differences `variant - reference`, one per pair. Losses are lower when better, so a positive difference is harm.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    differences: Sample,
}

/// Why two lists of results are not [`Paired`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PairedError {
    /// The lists differ in length.
    #[error("{reference} reference results and {variant} variant results are not pairs: keep only the seeds both have")]
    Ragged {
        /// Results of the reference.
        reference: usize,
        /// Results of the variant.
        variant: usize,
    },
    /// One of the lists is not a [`Sample`].
    #[error("the {arm}'s results: {error}")]
    Unusable {
        /// "reference" or "variant".
        arm: &'static str,
        /// What is wrong with them.
        error: SampleError,
    },
}

impl Paired {
    /// Pairs result `i` of the reference with result `i` of the variant.
    ///
    /// # Errors
    /// If the lists differ in length, or one of them is not a [`Sample`].
    pub fn new(reference: &[f64], variant: &[f64]) -> Result<Self, PairedError> {
        if reference.len() != variant.len() {
            return Err(PairedError::Ragged { reference: reference.len(), variant: variant.len() });
        }
        let unusable = |arm| move |error| PairedError::Unusable { arm, error };
        let reference = Sample::new(reference).map_err(unusable("reference"))?;
        let variant = Sample::new(variant).map_err(unusable("variant"))?;
        let pairs = reference.values().iter().zip(variant.values());
        let differences: Vec<f64> = pairs.map(|(reference, variant)| variant - reference).collect();
        let differences = Sample::new(differences).map_err(unusable("difference"))?;
        Ok(Self { differences })
    }

    /// The differences, in the order of the pairs.
    pub fn differences(&self) -> &Sample {
        &self.differences
    }

    /// The mean difference: by how much the variant is worse, if lower is better.
    pub fn mean_difference(&self) -> f64 {
        self.differences.mean()
    }

    /// The standard error of [`Paired::mean_difference`]; `None` for a single pair.
    pub fn standard_error(&self) -> Option<f64> {
        self.differences.standard_error()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: [f64; 8] = [1.482, 1.495, 1.471, 1.508, 1.489, 1.477, 1.501, 1.484];
    const VARIANT: [f64; 8] = [1.531, 1.549, 1.512, 1.566, 1.528, 1.533, 1.56, 1.537];

    /// Computed with SciPy 1.16.3 (`vectors/statistics.json`, "worked example (8 pairs)", variant A).
    #[test]
    fn worked_example() {
        let paired = Paired::new(&REFERENCE, &VARIANT).unwrap();
        assert!((paired.mean_difference() - 0.051125).abs() < 1e-12);
        assert!((paired.differences().standard_deviation().unwrap() - 0.007548651724456683).abs() < 1e-12);
        let t = paired.mean_difference() / paired.standard_error().unwrap();
        assert!((t - 19.156180736773475).abs() < 1e-9);
        assert_eq!(paired.differences().len(), 8);
    }

    #[test]
    fn a_lucky_seed_cancels() {
        let luck = [0.0, 3.0, -8.0];
        let paired = Paired::new(&luck, &luck.map(|x| x + 0.5)).unwrap();
        assert_eq!(paired.mean_difference(), 0.5);
        assert_eq!(paired.standard_error(), Some(0.0));
    }

    #[test]
    fn one_pair_has_no_standard_error() {
        let paired = Paired::new(&[1.0], &[1.25]).unwrap();
        assert_eq!((paired.mean_difference(), paired.standard_error()), (0.25, None));
    }

    #[test]
    fn the_pairs_may_come_in_any_order() {
        let paired = Paired::new(&REFERENCE, &VARIANT).unwrap();
        let mut order: Vec<usize> = (0..8).collect();
        for _ in 0..8 {
            order.rotate_left(3);
            order.swap(0, 5);
            let pick = |values: [f64; 8]| order.iter().map(|&i| values[i]).collect::<Vec<_>>();
            let permuted = Paired::new(&pick(REFERENCE), &pick(VARIANT)).unwrap();
            assert_eq!(permuted.mean_difference(), paired.mean_difference());
            assert_eq!(permuted.standard_error(), paired.standard_error());
        }
    }

    #[test]
    fn what_is_not_a_pair_is_refused_by_name() {
        let message = |r: &[f64], v: &[f64]| Paired::new(r, v).unwrap_err().to_string();
        assert!(message(&[1.0, 2.0], &[1.0]).contains("2 reference results and 1 variant results"));
        assert!(message(&[], &[]).contains("at least one number"));
        assert!(message(&[1.0], &[f64::NAN]).contains("the variant's results: number 0 is NaN"));
        assert!(message(&[f64::INFINITY], &[1.0]).contains("the reference's results: number 0 is inf"));
    }
}
