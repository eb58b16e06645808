//! What more pairs are planned for, and how many it takes.
//!
//! How many it takes depends on what there is to see. A large difference that a few pairs just missed takes a few more; that a difference
//! is smaller than the margin takes hundreds, if the margin is a tenth of the spread.

use serde::{Deserialize, Serialize};

use crate::gap::Gap;
use crate::power::{PowerError, paired_t_pairs, paired_t_power};
use crate::range::Margin;
use crate::tost_power::{tost_pairs, tost_power};

/// The target effect of a sample size calculation, in the unit of the losses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Sought {
    /// That there is a difference of this size. If it was only seen so large, by chance, more pairs are needed than planned.
    Difference(f64),
    /// Either that there is a difference of this size, which is the margin, or that there is none.
    Either(f64),
}

/// How many pairs it takes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Needs {
    /// In all.
    pub pairs: u64,
    /// To tell what.
    pub sought: Sought,
}

impl Sought {
    /// The effect to plan for, given a `gap`: the observed difference, if it is larger than the margin or there is no margin; otherwise a
    /// difference of the margin, or equivalence. `None` if there is no margin and the observed difference is zero.
    pub fn of(gap: &Gap, margin: Option<Margin>) -> Option<Self> {
        let seen = gap.mean.abs();
        match margin {
            Some(margin) if seen <= margin.size() => Some(Self::Either(margin.size())),
            _ if seen > 0.0 => Some(Self::Difference(seen)),
            _ => None,
        }
    }

    /// The difference that is to be found.
    pub fn difference(self) -> f64 {
        match self {
            Self::Difference(size) | Self::Either(size) => size,
        }
    }

    /// The power of a study of so many pairs, whose differences have a standard deviation of `sd`, at `level`: of the t test, and, of
    /// [`Sought::Either`], no more than that of the equivalence test if there is no difference.
    ///
    /// # Errors
    /// As [`paired_t_power`] and [`tost_power`].
    pub fn power(self, pairs: u64, sd: f64, level: f64) -> Result<f64, PowerError> {
        let effect = self.difference() / sd;
        let find = paired_t_power(pairs, effect, level)?;
        match self {
            Self::Difference(_) => Ok(find),
            Self::Either(_) => Ok(find.min(tost_power(pairs, effect, 0.0, level)?)),
        }
    }

    /// The fewest pairs with which [`Sought::power`] reaches `wanted`.
    ///
    /// # Errors
    /// As [`paired_t_pairs`] and [`tost_pairs`].
    pub fn pairs(self, sd: f64, level: f64, wanted: f64) -> Result<u64, PowerError> {
        let effect = self.difference() / sd;
        let find = paired_t_pairs(effect, level, wanted)?;
        match self {
            Self::Difference(_) => Ok(find),
            Self::Either(_) => Ok(find.max(tost_pairs(effect, level, wanted)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paired::Paired;
    use crate::power::fewest;

    fn sought(mean: f64, margin: Option<f64>) -> Option<Sought> {
        let gap = Gap::of(&Paired::new(&[0.0; 2], &[mean - 1.0, mean + 1.0]).unwrap(), None);
        Sought::of(&gap, margin.map(|size| Margin::new(size).unwrap()))
    }

    #[test]
    fn a_difference_beyond_the_margin_is_planned_for_as_it_was_seen() {
        assert_eq!(sought(2.0, Some(0.5)), Some(Sought::Difference(2.0)));
        assert_eq!(sought(-2.0, Some(0.5)), Some(Sought::Difference(2.0)));
        assert_eq!(sought(0.5, Some(0.5)), Some(Sought::Either(0.5)));
        assert_eq!(sought(0.0, Some(0.5)), Some(Sought::Either(0.5)));
        assert_eq!(sought(0.25, None), Some(Sought::Difference(0.25)));
        assert_eq!(sought(0.0, None), None);
    }

    #[test]
    fn its_pairs_are_the_first_that_have_the_power() {
        for sought in [Sought::Difference(0.7), Sought::Either(0.7)] {
            for (sd, level) in [(0.5, 0.05), (1.0, 0.05), (1.0, 0.01), (2.0, 0.05)] {
                let pairs = sought.pairs(sd, level, 0.8).unwrap();
                assert_eq!(fewest(0.8, 2.0, |pairs| sought.power(pairs, sd, level)), Ok(pairs), "{sought:?} {sd} {level}");
            }
        }
        let either = Sought::Either(0.5);
        assert_eq!(Sought::Difference(0.5).pairs(1.0, 0.05, 0.8), Ok(34));
        assert!(either.pairs(1.0, 0.05, 0.8).unwrap() > 34, "that there is none takes more");
    }
}
