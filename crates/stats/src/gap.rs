//! What a report shows of one component.
//!
//! Put together in one place, so that a table, a figure and a file of one study cannot disagree about which interval or
//! which test they show. Every number has its own file and source; nothing is computed here.

use ablation_random::Stream;
use serde::{Deserialize, Serialize};

use crate::flips::Flips;
use crate::interval::Interval;
use crate::paired::Paired;
use crate::range::{Confidence, Margin};
use crate::sign_flip::sign_flip_of;
use crate::student::{t_interval, t_test};
use crate::tost::{beyond, tost, tost_sign_flip_of};
use crate::wins::{p_worse, wins};

/// The statistics of one variant's paired differences, in the unit of the losses. A positive mean is harm. What cannot be
/// computed is `None`: everything that needs a spread from a single pair, everything that needs a margin without one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Gap {
    /// Pairs.
    pub n: usize,
    /// Mean difference.
    pub mean: f64,
    /// Standard deviation of the differences.
    pub sd: Option<f64>,
    /// Paired t statistic. Also `None` if it is infinite, as all differences are one number other than 0.
    pub t: Option<f64>,
    /// Its two-sided p-value; 0 if `t` is infinite.
    pub p_t: Option<f64>,
    /// 95 % t interval of the mean difference.
    pub ci95: Option<Interval>,
    /// 90 % t interval, the one to hold against the margin.
    pub ci90: Option<Interval>,
    /// Two-sided sign-flip test.
    pub signflip: Flips,
    /// p-value of the equivalence test by t.
    pub tost_p: Option<f64>,
    /// The equivalence test by sign flips.
    pub tost_signflip: Option<Flips>,
    /// p-value of the t test that the difference is the margin or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub beyond_p: Option<f64>,
    /// Pairs in which the variant is worse; a tie counts a half.
    pub wins: f64,
    /// 95 % interval of P(worse).
    pub clopper_pearson: Interval,
}

impl Gap {
    /// The gap of one variant; `margin` is the largest difference that is negligible.
    pub fn of(paired: &Paired, margin: Option<Margin>) -> Self {
        Self::in_family(paired, margin, 1)
    }

    /// The same for one of so many members of a family: where a family is very large, fewer flips are drawn for each of them.
    pub fn in_family(paired: &Paired, margin: Option<Margin>, members: usize) -> Self {
        let differences = paired.differences();
        let test = t_test(differences);
        Self {
            n: differences.len(),
            mean: differences.mean(),
            sd: differences.standard_deviation(),
            t: test.map(|test| test.t).filter(|t| t.is_finite()),
            p_t: test.map(|test| test.p),
            ci95: t_interval(differences, Confidence::P95),
            ci90: t_interval(differences, Confidence::P90),
            signflip: sign_flip_of(differences, members, &flips()),
            tost_p: margin.and_then(|margin| tost(differences, margin)),
            tost_signflip: margin.map(|margin| tost_sign_flip_of(differences, margin, members, &flips())),
            beyond_p: margin.and_then(|margin| beyond(differences, margin)),
            wins: wins(differences),
            clopper_pearson: p_worse(differences, Confidence::P95).1,
        }
    }

    /// Whether every difference is exactly 0.
    pub fn is_unchanged(&self) -> bool {
        self.mean == 0.0 && self.sd.is_none_or(|sd| sd == 0.0)
    }

    /// Whether all differences are one number, up to rounding, so that an interval has no width: the seeds made no difference.
    /// `false` for a single one, which has no interval.
    pub fn is_constant(&self) -> bool {
        self.sd.is_some_and(|sd| sd <= 1e-9 * self.mean.abs())
    }
}

/// The stream of the flips that are drawn, beyond 14 pairs. Always the same, so that a report made twice is the same.
pub(crate) fn flips() -> Stream {
    Stream::root(0).at("stats").at("flips")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(differences: &[f64], margin: Option<f64>) -> Gap {
        let paired = Paired::new(&vec![0.0; differences.len()], differences).unwrap();
        Gap::of(&paired, margin.map(|size| Margin::new(size).unwrap()))
    }

    #[test]
    fn one_pair_says_little_and_nothing_it_cannot_know() {
        let one = gap(&[0.5], Some(0.1));
        assert_eq!((one.n, one.mean, one.wins, one.signflip.p()), (1, 0.5, 1.0, 1.0));
        assert_eq!((one.sd, one.t, one.p_t, one.ci95, one.ci90, one.tost_p), (None, None, None, None, None, None));
        let written = serde_json::to_value(&one).unwrap();
        assert!(written["sd"].is_null() && written["ci95"].is_null());
        assert_eq!(written["signflip"], serde_json::json!([2, 2]));
    }

    #[test]
    fn without_a_margin_nothing_is_equivalent() {
        let gap = gap(&[0.1, 0.2, 0.3], None);
        assert_eq!((gap.tost_p, gap.tost_signflip), (None, None));
    }

    #[test]
    fn it_survives_being_written() {
        for differences in [&[0.5][..], &[0.25; 4], &[0.0; 4], &[0.1, -0.7, 0.3], &[1e100, -1e100], &[1.0 / 3.0; 20]] {
            let gap = gap(differences, Some(0.01));
            let text = serde_json::to_string(&gap).unwrap();
            assert_eq!(serde_json::from_str::<Gap>(&text).unwrap(), gap, "{text}");
        }
    }

    #[test]
    fn constant_differences_have_an_infinite_t_and_no_differences_none() {
        let constant = gap(&[0.25; 6], Some(0.5));
        assert_eq!((constant.t, constant.p_t, constant.tost_p, constant.signflip.count), (None, Some(0.0), Some(0.0), 2));
        let nothing = gap(&[0.0; 6], Some(0.5));
        assert_eq!((nothing.t, nothing.p_t, nothing.tost_p, nothing.signflip.p()), (Some(0.0), Some(1.0), Some(0.0), 1.0));
        assert_eq!(nothing.wins, 3.0);
    }
}
