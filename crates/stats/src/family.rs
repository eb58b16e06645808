//! Adjusted p-values of a family of comparisons, one per component.
//!
//! Section by section a study asks one question of every component. Its answers are adjusted together, and never across
//! questions.

use serde::{Deserialize, Serialize};

use crate::gap::{Gap, flips};
use crate::holm::holm;
use crate::max_t::{FamilyError, max_t};
use crate::paired::Paired;
use crate::range::Margin;
use crate::sample::Sample;

/// Adjusted p-values of the variants of a family, in their order. What cannot be computed is `None`, for all of them: the t
/// tests of a single pair, and equivalence without a margin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Family {
    /// Paired t tests, by Holm.
    pub holm_on_t: Option<Vec<f64>>,
    /// Sign-flip tests, by Holm. Of six pairs and more than one variant, none can be below 0.05.
    pub holm_on_signflip: Vec<f64>,
    /// Joint sign flips, every variant against the largest of all.
    #[serde(rename = "maxT_single_step")]
    pub max_t_single_step: Vec<f64>,
    /// Joint sign flips, stepping down: the primary test.
    #[serde(rename = "maxT_step_down")]
    pub max_t_step_down: Vec<f64>,
    /// Equivalence tests by t, by Holm.
    pub holm_on_tost: Option<Vec<f64>>,
    /// Equivalence tests by sign flips, by Holm.
    pub holm_on_tost_signflip: Option<Vec<f64>>,
    /// Tests that a difference is the margin or more, by Holm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub holm_on_beyond: Option<Vec<f64>>,
}

impl Family {
    /// The family of the variants that share a reference; pair `i` of one is pair `i` of all.
    ///
    /// # Errors
    /// If there is no variant, or the variants do not have equally many pairs.
    pub fn of(variants: &[Paired], margin: Option<Margin>) -> Result<Self, FamilyError> {
        Self::of_gaps(
            variants,
            &variants.iter().map(|variant| Gap::in_family(variant, margin, variants.len())).collect::<Vec<Gap>>(),
        )
    }

    /// The same from gaps that are already computed, in the order of the variants: for large n their sign flips take a while.
    ///
    /// # Errors
    /// As [`Family::of`].
    pub fn of_gaps(variants: &[Paired], gaps: &[Gap]) -> Result<Self, FamilyError> {
        let samples: Vec<&Sample> = variants.iter().map(Paired::differences).collect();
        let max_t = max_t(&samples, &flips())?;
        let adjusted = |p: Vec<f64>| holm(&p).expect("the tests of this crate give numbers between 0 and 1");
        let of_all = |p: fn(&Gap) -> Option<f64>| gaps.iter().map(p).collect::<Option<Vec<f64>>>().map(adjusted);
        Ok(Self {
            holm_on_t: of_all(|gap| gap.p_t),
            holm_on_signflip: adjusted(gaps.iter().map(|gap| gap.signflip.p()).collect()),
            max_t_single_step: max_t.single_step,
            max_t_step_down: max_t.step_down,
            holm_on_tost: of_all(|gap| gap.tost_p),
            holm_on_tost_signflip: of_all(|gap| gap.tost_signflip.map(|flips| flips.p())),
            holm_on_beyond: of_all(|gap| gap.beyond_p),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(differences: &[f64]) -> Paired {
        Paired::new(&vec![0.0; differences.len()], differences).unwrap()
    }

    #[test]
    fn equivalence_is_adjusted_as_well() {
        let variants = [variant(&[0.1, -0.1, 0.05, 0.0, 0.02]), variant(&[0.4, 0.5, 0.1, 0.3, 0.2])];
        let margin = Margin::new(0.3).unwrap();
        let family = Family::of(&variants, Some(margin)).unwrap();
        let alone = variants.clone().map(|variant| Gap::of(&variant, Some(margin)).tost_p.unwrap());
        assert_eq!(family.holm_on_tost, Some(vec![2.0 * alone[0], alone[1]]));
        assert_eq!(family.holm_on_tost_signflip.unwrap()[0], 2.0 / 32.0);
        let without = Family::of(&variants, None).unwrap();
        assert_eq!((without.holm_on_tost, without.holm_on_tost_signflip), (None, None));
        assert_eq!(without.max_t_step_down, family.max_t_step_down);
    }

    #[test]
    fn one_pair_has_no_t_tests() {
        let family = Family::of(&[variant(&[1.0]), variant(&[2.0])], None).unwrap();
        assert_eq!((family.holm_on_t, family.max_t_step_down), (None, vec![1.0, 1.0]));
    }

    #[test]
    fn it_survives_being_written() {
        let family = Family::of(&[variant(&[1.0, 0.5, 0.7]), variant(&[2.0, 2.0, 2.0])], None).unwrap();
        let text = serde_json::to_string(&family).unwrap();
        assert!(text.contains("\"maxT_step_down\":["), "{text}");
        assert_eq!(serde_json::from_str::<Family>(&text).unwrap(), family);
    }

    #[test]
    fn what_is_not_a_family_is_refused() {
        assert_eq!(Family::of(&[], None), Err(FamilyError::Empty));
        assert!(Family::of(&[variant(&[1.0]), variant(&[1.0, 2.0])], None).is_err());
    }
}
