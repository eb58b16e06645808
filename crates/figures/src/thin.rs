//! Long series made short without losing what the eye looks for.
//!
//! Taking every tenth point hides a spike that lasts one step, and a spike is what a loss curve is watched for. So a long series
//! keeps the lowest and the highest value of each of [`BUCKETS`] equal stretches of the x axis. The stretches belong to the
//! axis and not to the data, so a curve that grows on a fixed axis does not change where it has already been drawn.

use crate::axis::Range;

/// Stretches of the x axis; a thinned series has at most two points for each.
pub(crate) const BUCKETS: usize = 100;

/// Unbroken runs of `(x, y)`, in the order given, with about 200 points in all. A value that is not finite ends a run.
pub(crate) fn runs(points: &[(f64, f64)], x: Range) -> Vec<Vec<(f64, f64)>> {
    if points.len() <= 2 * BUCKETS {
        return points.split(|p| !p.1.is_finite()).filter(|run| !run.is_empty()).map(<[_]>::to_vec).collect();
    }
    let bucket = |p: &(f64, f64)| {
        let share = (p.0 - x.minimum) / (x.maximum - x.minimum);
        (libm::floor(share.clamp(0.0, 1.0) * BUCKETS as f64) as usize).min(BUCKETS - 1)
    };
    let mut runs = vec![vec![]];
    for group in points.chunk_by(|a, b| bucket(a) == bucket(b)) {
        let finite = || group.iter().enumerate().filter(|(_, p)| p.1.is_finite());
        let low = finite().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let high = finite().max_by(|a, b| a.1.1.total_cmp(&b.1.1));
        if let (Some((low, _)), Some((high, _)), Some(run)) = (low, high, runs.last_mut()) {
            run.push(group[low.min(high)]);
            if low != high {
                run.push(group[low.max(high)]);
            }
        }
        if group.iter().any(|p| !p.1.is_finite()) {
            runs.push(vec![]);
        }
    }
    // Where a curve begins and ends must be true, whatever its buckets hold.
    let mut finite = points.iter().filter(|p| p.1.is_finite());
    if let (Some(first), Some(run)) = (finite.next(), runs.iter_mut().find(|run| !run.is_empty()))
        && run.first() != Some(first)
    {
        run.insert(0, *first);
    }
    if let (Some(last), Some(run)) = (finite.next_back(), runs.iter_mut().rfind(|run| !run.is_empty()))
        && run.last() != Some(last)
    {
        run.push(*last);
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(count: usize) -> Vec<(f64, f64)> {
        (0..count).map(|i| (i as f64, libm::sin(i as f64 * 0.01))).collect()
    }

    #[test]
    fn a_short_series_is_left_alone() {
        assert_eq!(runs(&series(200), Range::new(0.0, 200.0)), [series(200)]);
    }

    #[test]
    fn a_long_series_keeps_its_spike_its_start_and_its_end() {
        let mut points = series(10_000);
        points[4321].1 = 50.0;
        let thinned = runs(&points, Range::new(0.0, 9999.0));
        assert_eq!(thinned.len(), 1);
        assert!(thinned[0].len() <= 2 * BUCKETS + 2);
        assert!(thinned[0].contains(&(4321.0, 50.0)));
        assert_eq!((thinned[0][0], *thinned[0].last().unwrap()), (points[0], points[9999]));
        assert!(thinned[0].is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn what_is_not_finite_breaks_the_line() {
        let mut points = series(10);
        points[4].1 = f64::NAN;
        assert_eq!(runs(&points, Range::new(0.0, 9.0)).iter().map(Vec::len).collect::<Vec<_>>(), [4, 5]);
        let mut points = series(1000);
        points[500].1 = f64::INFINITY;
        assert_eq!(runs(&points, Range::new(0.0, 999.0)).len(), 2);
    }

    #[test]
    fn nothing_finite_gives_no_runs() {
        assert!(runs(&[], Range::new(0.0, 1.0)).is_empty());
        assert!(runs(&[(0.0, f64::NAN)], Range::new(0.0, 1.0)).is_empty());
        assert!(runs(&vec![(0.0, f64::NAN); 500], Range::new(0.0, 1.0)).is_empty());
    }

    #[test]
    fn growing_on_a_fixed_axis_changes_only_the_end() {
        let x = Range::new(0.0, 10_000.0);
        let (shorter, longer) = (runs(&series(4000), x), runs(&series(6000), x));
        let settled = shorter[0].len() - 4;
        assert_eq!(shorter[0][..settled], longer[0][..settled]);
    }
}
