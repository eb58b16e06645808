//! What a table shows before anything is tested, said once.

use ablation_protocol::Arm;
use ablation_settings::{Unit, number::significant};
use ablation_stats::pairing_gain;

use super::{Failure, Table};

/// Fewer seeds say nothing about how much pairing helps.
const FEWEST_PAIRED: usize = 3;

/// Seeds that a note names before it says how many more there are.
const NAMED: usize = 8;

impl Table {
    /// What a reader of the results has to know of the table: runs that failed, models that are as large as the
    /// reference, runs that stand in it several times, a margin that no value
    /// reaches, a reference that is the same in every seed, a metric that is at its limit.
    pub fn notes(&self, higher_is_better: bool, margin: Option<f64>) -> Vec<String> {
        let failures = self.failures.iter().map(|failure| self.failed(failure));
        let of_values = [
            self.copies(),
            margin.and_then(|margin| self.beyond_all(margin, higher_is_better)),
            self.limit(higher_is_better).or_else(|| self.constant()),
            self.pairing(),
        ];
        let of_models = super::parameters::notes(&self.parameters, &self.components);
        failures.chain(of_models).chain(of_values.into_iter().flatten()).collect()
    }

    /// One run under the names of several seeds counts as several, and nothing else shows it.
    fn copies(&self) -> Option<String> {
        let groups = self.series.repeated();
        let count: usize = groups.iter().map(Vec::len).sum();
        let seeds = self.seeds.len();
        let name = |unit: &usize| self.seeds.get(*unit).map_or(String::new(), |seed| format!("`{seed}`"));
        let named = |group: &Vec<usize>| {
            let more = if group.len() > NAMED { format!(" and {} more", group.len() - NAMED) } else { String::new() };
            group.iter().take(NAMED).map(name).collect::<Vec<_>>().join(" = ") + &more
        };
        let more = if groups.len() > NAMED { format!("; and {} more groups", groups.len() - NAMED) } else { String::new() };
        let shown: Vec<String> = groups.iter().take(NAMED).map(named).collect();
        (count > 0).then(|| {
            format!(
                "{count} of {seeds} seeds carry values that are identical to those of another seed in every arm ({}{more}). If they are copies \
                 of one run, the table has {} and not {seeds}, and intervals and p-values claim too much: remove the copies.",
                shown.join("; "),
                Unit::Seed.many((seeds + groups.len() - count) as u64),
            )
        })
    }

    /// A margin in another unit than the values makes everything equivalent.
    fn beyond_all(&self, margin: f64, higher_is_better: bool) -> Option<String> {
        let largest = self.series.largest().filter(|largest| margin > *largest)?;
        let why = match (self.percent, higher_is_better) {
            (true, _) => "The values are in per cent and read as shares, so 1 % is 0.01.",
            (false, true) => "Is it in the unit of the values?",
            (false, false) => "Either it is not in the unit of the values, or every arm solves the task.",
        };
        Some(format!(
            "The margin ({}) is larger than every value in the table (the largest is {}), so being equivalent within it says nothing. {why}",
            significant(margin),
            significant(largest),
        ))
    }

    /// Runs that failed are a result of their own.
    fn failed(&self, failure: &Failure) -> String {
        let who = match failure.component.and_then(|index| self.components.get(index)) {
            Some(component) => format!("`{component}` ({})", failure.arm.name()),
            None => format!("the {}", failure.arm.name()),
        };
        let budget = failure.budget.map_or(String::new(), |budget| format!(" with the budget {budget}"));
        let (count, runs) = (failure.seeds.len(), failure.runs);
        let named = failure.seeds.iter().take(NAMED).map(|seed| format!("`{seed}`")).collect::<Vec<_>>().join(", ");
        let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
        let seeds = if count == 1 { "seed" } else { "seeds" };
        format!(
            "{count} of {runs} runs of {who}{budget} failed ({seeds} {named}{more}): no difference is given for it, as the mean of the other \
             runs would be that of a selection."
        )
    }

    /// What pairing by seed has bought, in the middle of all arms that can tell.
    fn pairing(&self) -> Option<String> {
        let gain = |(reference, arm): (Vec<f64>, Vec<f64>)| {
            let enough = reference.len() >= FEWEST_PAIRED;
            pairing_gain(&reference, &arm).ok().filter(|_| enough)?.share_of_runs.filter(|share| *share > 1e-12)
        };
        let mut shares: Vec<f64> = self.series.pairs().filter_map(gain).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let middle = *shares.get(shares.len().checked_sub(1)? / 2)?;
        let arms = if shares.len() == 1 { "one arm".to_string() } else { format!("the median of {} arms", shares.len()) };
        // A standard error falls with the root of the number of runs.
        let times = 1.0 / middle.sqrt();
        if (0.9..1.2).contains(&times) {
            return None;
        }
        Some(if times >= 1.0 {
            format!(
                "Pairing by seed makes the standard error of a difference {times:.1} times smaller than unpaired runs would have it ({arms})."
            )
        } else {
            format!(
                "Pairing by seed does not help: the standard error of a difference is {:.1} times that of unpaired runs ({arms}). Do runs of one \
                 seed share their data order and their initial weights?",
                1.0 / times
            )
        })
    }

    /// Values of the reference that all components share.
    fn reference(&self) -> Vec<f64> {
        self.series.get(Arm::Reference, 0, 0).into_iter().flatten().collect()
    }

    fn constant(&self) -> Option<String> {
        let values = self.reference();
        let [first, rest @ ..] = &values[..] else { return None };
        (!rest.is_empty() && rest.iter().all(|value| value == first)).then(|| {
            format!(
                "The reference has the same value in every seed ({}): seeds made no difference to it, so every paired difference varies as \
                 one arm alone does.",
                significant(*first)
            )
        })
    }

    /// Where the reference has the best value of the table in most seeds, and another arm reaches the same one, the metric may tell no more.
    fn limit(&self, higher_is_better: bool) -> Option<String> {
        let reference = self.reference();
        let others: Vec<f64> = self.series.all_but(Arm::Reference).collect();
        let better = |a: f64, b: f64| if higher_is_better { a > b } else { a < b };
        let best = reference.iter().copied().reduce(|best, value| if better(value, best) { value } else { best })?;
        let at_best = reference.iter().filter(|value| **value == best).count();
        let is_limit = reference.len() > 1
            && 2 * at_best > reference.len()
            && !others.iter().any(|other| better(*other, best))
            && others.contains(&best);
        is_limit.then(|| {
            format!(
                "The reference has the best value of the table, {}, in {at_best} of {} seeds, and other arms reach it too: the metric may \
                 be at its limit, where it cannot tell models apart. A harder test set or a finer metric can.",
                significant(best),
                reference.len()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use ablation_protocol::Arm;

    use crate::table::{Failed, Place, Row, Rows, Table};

    fn table(reference: &[&str], arm: &[&str], failed: Failed) -> Table {
        let mut rows = Rows::new(false, failed);
        for (component, name, values) in [("all", "R", reference), ("a", "V", arm)] {
            for (seed, value) in values.iter().enumerate() {
                let (place, seed) = (Place::Row(1), seed.to_string());
                rows.push(Row { place, component, arm: name, seed: &seed, value, budget: None, metric: None, parameters: None })
                    .unwrap();
            }
        }
        rows.finish(false).unwrap()
    }

    #[test]
    fn a_metric_at_its_limit_and_a_reference_without_spread_are_said() {
        let notes = |reference: &[&str], arm: &[&str], higher| table(reference, arm, Failed::Unstated).notes(higher, None);
        let limit = notes(&["1", "1", "0.99"], &["1", "0.9", "1"], true);
        assert!(limit[0].contains("the best value of the table, 1, in 2 of 3 seeds"), "{limit:?}");
        let constant = notes(&["0.5", "0.5"], &["0.4", "0.6"], false);
        assert!(constant[0].contains("the same value in every seed (0.5000)"), "{constant:?}");
        assert_eq!(notes(&["0.5", "0.6"], &["0.5", "0.7"], false), Vec::<String>::new());
        let paired = notes(&["1.05989454", "1.06124613", "1.06208695"], &["1.05906444", "1.06059202", "1.06129561"], false);
        assert!(paired[0].starts_with("Pairing by seed makes the standard error of a difference 17"), "{paired:?}");
        let opposite = notes(&["1", "2", "3"], &["3.5", "2", "1"], false);
        assert!(
            opposite[0].starts_with("Pairing by seed does not help: the standard error of a difference is 1.4 times"),
            "{opposite:?}"
        );
        // Somebody is better, so there is room.
        assert!(!notes(&["1", "1"], &["1", "1.1"], true)[0].contains("limit"));
    }

    #[test]
    fn a_run_that_stands_under_several_seeds_is_said() {
        let notes = |reference: &[&str], arm: &[&str]| table(reference, arm, Failed::Unstated).notes(false, None);
        let copies = notes(&["1.25", "1.5", "1.25", "1.75", "1.5"], &["2.25", "2.5", "2.25", "2.75", "2.5"]);
        assert!(
            copies[0].starts_with(
                "4 of 5 seeds carry values that are identical to those of another seed in every arm (`0` = `2`; `1` = `4`)."
            ) && copies[0].contains("the table has 3 seeds and not 5"),
            "{copies:?}"
        );
        let one = notes(&["1.25"; 12], &["2.25"; 12]);
        assert!(one[0].contains("`6` = `7` and 4 more). If") && one[0].contains("the table has one seed and not 12"), "{one:?}");
        // A reference that is the same in every seed is no copy.
        assert!(!notes(&["1.25", "1.25"], &["2.25", "2.5"])[0].contains("copies"));
    }

    #[test]
    fn a_margin_that_no_value_reaches_is_said() {
        let table = table(&["0.5", "0.6"], &["0.5", "-0.7"], Failed::Unstated);
        let notes = |margin| table.notes(true, Some(margin));
        assert!(
            notes(0.75)[0].starts_with("The margin (0.7500) is larger than every value in the table (the largest is 0.7000)")
        );
        assert!(notes(0.7).iter().all(|note| !note.contains("margin")), "{:?}", notes(0.7));
    }

    #[test]
    fn failed_runs_are_counted_in_a_sentence() {
        let failed = Failed::Marks { values: vec![999.0], not_a_number: false };
        let table = table(&["0.5", "0.6", "0.7"], &["999", "0.6", "999"], failed);
        assert!(table.notes(false, None)[0].starts_with("2 of 3 runs of `a` (variant) failed (seeds `0`, `2`): no difference"));
        assert_eq!(table.series.count(Arm::Variant), 0);
    }
}
