//! Every statistic as a table that any program reads: RFC 4180, a row for each component and question.

use ablation_report::{Answer, Question};
use ablation_settings::canonical::short;
use ablation_stats::{Extent, Sought, Verdict};
use serde_json::Value as Json;

use super::Findings;

/// Headings. What is empty was not measured or cannot be computed.
const COLUMNS: [&str; 31] = [
    "component",
    "label",
    "question",
    "formula",
    "unit",
    "n",
    "mean",
    "sd",
    "ci95_low",
    "ci95_high",
    "ci90_low",
    "ci90_high",
    "bca95_low",
    "bca95_high",
    "t",
    "p_t",
    "p_signflip",
    "p_adjusted",
    "p_adjusted_t",
    "p_tost",
    "p_tost_adjusted",
    "margin",
    "mean_in_margins",
    "p_worse",
    "p_worse_low",
    "p_worse_high",
    "verdict",
    "extent",
    "units_needed",
    "sought",
    "values",
];

pub(super) fn write(findings: &Findings) -> String {
    let mut out = COLUMNS.join(",") + "\r\n";
    let placebo =
        findings.analysis.placebo.iter().map(|answer| ("placebo", "the reference once more", Question::Placebo, answer));
    let components = findings.analysis.components.iter().flat_map(|component| {
        component
            .answers
            .iter()
            .map(move |(question, answer)| (component.component.as_str(), component.label.as_str(), *question, answer))
    });
    for (component, label, question, answer) in components.chain(placebo) {
        let cells = row(findings, component, label, question, answer);
        out += &cells.join(",");
        out += "\r\n";
    }
    out
}

fn row(findings: &Findings, component: &str, label: &str, question: Question, answer: &Answer) -> [String; COLUMNS.len()] {
    let (gap, bca95) = (&answer.gap, answer.bca95());
    let number = |value: f64| Json::from(short(value)).to_string();
    let optional = |value: Option<f64>| value.map_or(String::new(), number);
    let (verdict, extent, needs) = match answer.verdict {
        None => ("", "", None),
        Some(Verdict::Worse { extent }) => ("worse", word(extent), None),
        Some(Verdict::BetterWithout { extent }) => ("better-without", word(extent), None),
        Some(Verdict::Equivalent) => ("equivalent", "", None),
        Some(Verdict::Inconclusive { needs }) => ("inconclusive", "", needs),
    };
    let worse = answer.p_worse(findings.analysis.higher_is_better);
    let values: Vec<String> = answer.values.iter().map(|value| number(*value)).collect();
    [
        quoted(component),
        quoted(label),
        serde_json::to_value(question).ok().and_then(|name| name.as_str().map(quoted)).unwrap_or_default(),
        quoted(question.formula()),
        quoted(findings.unit),
        gap.n.to_string(),
        number(gap.mean),
        optional(gap.sd),
        optional(gap.ci95.map(|interval| interval.low)),
        optional(gap.ci95.map(|interval| interval.high)),
        optional(gap.ci90.map(|interval| interval.low)),
        optional(gap.ci90.map(|interval| interval.high)),
        optional(bca95.map(|interval| interval.low)),
        optional(bca95.map(|interval| interval.high)),
        optional(gap.t),
        optional(gap.p_t),
        number(gap.signflip.p()),
        number(answer.adjusted),
        optional(answer.adjusted_t),
        optional(gap.tost_p),
        optional(answer.adjusted_tost),
        optional(findings.analysis.margin),
        optional(findings.analysis.margin.map(|margin| gap.mean / margin)),
        number(worse[0]),
        number(worse[1]),
        number(worse[2]),
        verdict.to_string(),
        extent.to_string(),
        needs.map_or(String::new(), |needs| needs.blocks.to_string()),
        needs.map_or("", |needs| sought(needs.sought)).to_string(),
        values.join(" "),
    ]
}

fn sought(sought: Sought) -> &'static str {
    match sought {
        Sought::Difference(_) => "difference",
        Sought::Either(_) => "either",
    }
}

fn word(extent: Extent) -> &'static str {
    match extent {
        Extent::Material => "material",
        Extent::Negligible => "negligible",
        Extent::Plain => "plain",
    }
}

/// A text as one cell. What a spreadsheet would take for a formula gets an apostrophe in front: a component may have been named by a
/// stranger.
fn quoted(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tests::found;
    use ablation_protocol::ProtocolArm;
    use ablation_report::{Options, Series, Subject, analyse};

    #[test]
    fn every_row_has_every_column() {
        let (study, report) = found();
        let csv = Findings::of(&study, &report).csv();
        let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
        let answers: usize = report.analysis.components.iter().map(|component| component.answers.len()).sum();
        assert_eq!(lines.len(), 1 + answers + 1);
        let plain = lines.iter().filter(|line| !line.contains('"'));
        assert!(plain.clone().count() > 20 && plain.clone().all(|line| line.split(',').count() == COLUMNS.len()), "{csv}");
        assert!(lines[1].starts_with("position,− position,necessity,N − R,nats,6,"), "{}", lines[1]);
        assert!(lines.last().unwrap().starts_with("placebo,"));
    }

    #[test]
    fn worse_is_lower_where_higher_is_better() {
        let mut series = Series::new(6);
        for unit in 0..6 {
            series.set(ProtocolArm::Reference, 0, 0, unit, 0.9 + 0.001 * unit as f64);
            series.set(ProtocolArm::Variant, 0, 0, unit, 0.7 + 0.002 * unit as f64);
        }
        let subject = Subject { name: "x".into(), label: "x".into(), changed: false, edge: false };
        let options = Options { higher_is_better: true, ..Options::default() };
        let analysis = analyse(&series, &[subject], &options).unwrap();
        let csv = Findings::elsewhere(&analysis, "").csv();
        let cells: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        let cell = |column: &str| cells[1][cells[0].iter().position(|name| *name == column).unwrap()];
        assert_eq!((cell("verdict"), cell("p_worse"), cell("p_worse_high")), ("worse", "1.0", "1.0"), "{csv}");
        assert!(cell("p_worse_low").parse::<f64>().unwrap() > 0.5);
    }

    #[test]
    fn a_name_is_neither_a_formula_nor_two_cells() {
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("− mlp"), "− mlp");
    }
}
