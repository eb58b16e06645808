//! Rates in the words of a terminal and of a page.

use ablation_report::{Promise, Rate};

use super::{Calibrated, Calibration};
use crate::number::MISSING;
use crate::table::{Align, Table};

const VERDICTS: [&str; 4] = ["study", "component", "in truth", "verdicts"];
const RATES: [&str; 6] = ["study", "of what", "what", "times", "95 % interval", "promised"];

/// Both tables, for a terminal.
pub fn text(calibration: &Calibration) -> String {
    let table = |headings: &[&str], rows: Vec<Vec<String>>| {
        let mut table = Table::new(headings.iter().map(|heading| (heading.to_string(), Align::Left)));
        rows.into_iter().for_each(|row| table.push(row));
        table.text("")
    };
    format!("{}\n{}", table(&VERDICTS, verdicts(calibration)), table(&RATES, rates(calibration)))
}

/// Both tables, for GitHub, with what is in them.
pub fn markdown(calibration: &Calibration) -> String {
    let table = |headings: &[&str], rows: Vec<Vec<String>>| {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let headings: Vec<String> = headings.iter().map(|heading| heading.to_string()).collect();
        line(&headings) + &"|---".repeat(headings.len()) + "|\n" + &rows.iter().map(|row| line(row)).collect::<String>()
    };
    let mut text = String::new();
    for Calibrated { name, title, repeats, .. } in &calibration.studies {
        let last = u64::from(calibration.seed) + *repeats as u64 - 1;
        text += &format!("* `{name}`: {title}. Root seeds {} to {last}.\n", calibration.seed);
    }
    format!("{text}\n{}\n{}", table(&VERDICTS, verdicts(calibration)), table(&RATES, rates(calibration)))
}

/// How often each verdict was given, a row per component.
fn verdicts(calibration: &Calibration) -> Vec<Vec<String>> {
    let studies = calibration.studies.iter();
    let rows = studies.flat_map(|study| study.verdicts.iter().map(move |verdicts| (study, verdicts)));
    let row = rows.map(|(study, verdicts)| {
        let given: Vec<String> = verdicts.given.iter().map(|(verdict, times)| format!("{times} {verdict}")).collect();
        let truth = verdicts.truth.map_or("not known", |truth| truth.name());
        vec![study.name.to_string(), verdicts.component.clone(), truth.to_string(), given.join(", ")]
    });
    row.collect()
}

/// How often something happened, a row each; the A/A controls of all studies last, where there are several.
fn rates(calibration: &Calibration) -> Vec<Vec<String>> {
    let studies = &calibration.studies;
    let mut rows: Vec<Vec<String>> =
        studies.iter().flat_map(|study| study.rates.iter().map(|rate| row(study.name, rate))).collect();
    if studies.len() > 1 {
        rows.extend(calibration.pooled.iter().map(|rate| row("all", rate)));
    }
    rows
}

fn row(study: &str, rate: &Rate) -> Vec<String> {
    let interval =
        rate.interval.map_or(MISSING.to_string(), |interval| format!("{} to {}", percent(interval.low), percent(interval.high)));
    let promise = match rate.promise {
        Promise::AtMost(share) => format!("at most {}", percent(share)),
        Promise::Exactly(share) => percent(share),
        Promise::None => MISSING.to_string(),
    };
    let broken = if rate.broken { ": broken" } else { "" };
    vec![
        study.to_string(),
        rate.component.clone().unwrap_or("A/A control".to_string()),
        rate.event.name().to_string(),
        format!("{} of {}", rate.count, rate.studies),
        interval,
        promise + broken,
    ]
}

/// A share with a decimal, where it has one.
fn percent(share: f64) -> String {
    let text = format!("{:.1}", 100.0 * share);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_report::{Event, Truth, Verdicts};
    use ablation_stats::Interval;

    fn calibration() -> Calibration<'static> {
        let rate = |event, component: Option<&str>, count, promise, broken| Rate {
            event,
            component: component.map(str::to_string),
            count,
            studies: 60,
            interval: Some(Interval { low: 0.6034, high: 0.84 }),
            promise,
            broken,
        };
        let verdicts = Verdicts {
            component: "a|b".into(),
            truth: Some(Truth::NotNeeded),
            given: vec![("harmful here", 44), ("undetermined", 16)],
        };
        let rates = vec![rate(Event::FoundToMatter, Some("a|b"), 44, Promise::AtMost(0.05), true)];
        let study = Calibrated { name: "null", title: "Nothing", repeats: 60, verdicts: vec![verdicts], rates };
        let pooled = vec![rate(Event::AaRejected, None, 3, Promise::Exactly(0.05), false)];
        Calibration { seed: 40, studies: vec![study], pooled }
    }

    #[test]
    fn a_table_says_how_often_of_how_many_and_what_was_promised() {
        let text = text(&calibration());
        assert!(text.contains("null   a|b        not needed  44 harmful here, 16 undetermined\n"), "{text}");
        assert!(text.contains("a|b      found to matter  44 of 60  60.3 % to 84 %  at most 5 %: broken\n"), "{text}");
        assert!(!text.contains("A/A control"), "the controls of one study are in its rates");
    }

    #[test]
    fn a_page_names_the_root_seeds_and_keeps_its_columns() {
        let text = markdown(&calibration());
        assert!(text.starts_with("* `null`: Nothing. Root seeds 40 to 99.\n"), "{text}");
        assert!(text.contains("| null | a\\|b | not needed | 44 harmful here, 16 undetermined |\n"), "{text}");
    }
}
