//! Every statistic as a table that any program reads: RFC 4180, a row for each component and question.

use ablation_report::{Answer, Question};
use ablation_settings::{canonical::short, visible_line};
use ablation_stats::{Extent, Interval, Sought, Verdict};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::Findings;

/// One row; the names of the fields are the headings. What is empty was not measured or cannot be computed.
#[derive(Default, Serialize)]
struct Row {
    component: Text,
    label: Text,
    question: Option<Question>,
    formula: &'static str,
    unit: Text,
    n: Option<usize>,
    mean: Option<Number>,
    sd: Option<Number>,
    ci95_low: Option<Number>,
    ci95_high: Option<Number>,
    ci90_low: Option<Number>,
    ci90_high: Option<Number>,
    bca95_low: Option<Number>,
    bca95_high: Option<Number>,
    t: Option<Number>,
    p_t: Option<Number>,
    p_signflip: Option<Number>,
    p_adjusted: Option<Number>,
    p_adjusted_t: Option<Number>,
    p_tost: Option<Number>,
    p_tost_adjusted: Option<Number>,
    margin: Option<Number>,
    mean_in_margins: Option<Number>,
    p_worse: Option<Number>,
    p_worse_low: Option<Number>,
    p_worse_high: Option<Number>,
    verdict: &'static str,
    extent: &'static str,
    units_needed: Option<u64>,
    sought: &'static str,
    /// Verdict and modifiers of the component, in words; in a row without numbers why it has none.
    judged: Text,
    /// Codes of the warnings that hold for all rows.
    warnings: String,
    values: String,
}

/// A number with seven significant digits.
struct Number(f64);

impl Number {
    fn written(&self) -> String {
        Json::from(short(self.0)).to_string()
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written())
    }
}

/// A text that a stranger may have written: on one line, without characters that steer, and no formula.
#[derive(Default)]
struct Text(String);

impl Text {
    /// What a spreadsheet would take for a formula gets an apostrophe in front.
    fn new(text: &str) -> Self {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        Text(format!("{}{}", if is_formula { "'" } else { "" }, visible_line(text)))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

pub(super) fn write(findings: &Findings) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut push = |row: Row| writer.serialize(row).expect("a row of numbers and texts can be written");
    let unit = findings.analysis.unit_of_analysis;
    for ((component, note), why) in findings.analysis.components.iter().zip(&findings.notes).zip(findings.judged()) {
        let subject =
            Named { name: &component.component, label: &component.label, judged: component.judged(unit).unwrap_or_default() };
        for (question, answer) in &component.answers {
            push(row(findings, &subject, *question, answer));
        }
        for (question, how_many) in &note.failed {
            push(row_without_numbers(findings, &subject, Some(*question), how_many));
        }
        if component.answers.is_empty() && note.failed.is_empty() {
            push(row_without_numbers(findings, &subject, None, &why));
        }
    }
    let control = |judged| Named { name: "aa", label: "the reference once more", judged };
    if let Some(answer) = &findings.analysis.aa_control {
        push(row(findings, &control(String::new()), Question::Aa, answer));
    }
    if let Some(how_many) = &findings.aa_failed {
        push(row_without_numbers(findings, &control(String::new()), Some(Question::Aa), how_many));
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("texts are UTF-8")
}

/// What the rows of one component have in common.
struct Named<'a> {
    name: &'a str,
    label: &'a str,
    judged: String,
}

fn row(findings: &Findings, subject: &Named, question: Question, answer: &Answer) -> Row {
    let gap = &answer.gap;
    let number = |value: Option<f64>| value.map(Number);
    let low = |interval: Option<Interval>| interval.map(|interval| Number(interval.low));
    let high = |interval: Option<Interval>| interval.map(|interval| Number(interval.high));
    let bca95 = findings.analysis.bca95(answer);
    let (verdict, extent, needs) = match answer.verdict {
        None => ("", "", None),
        Some(Verdict::Worse { extent }) => ("worse", word(extent), None),
        Some(Verdict::BetterWithout { extent }) => ("better-without", word(extent), None),
        Some(Verdict::Unchanged) => ("unchanged", "", None),
        Some(Verdict::Equivalent) => ("equivalent", "", None),
        Some(Verdict::Inconclusive { needs }) => ("inconclusive", "", needs),
    };
    let [p_worse, p_worse_low, p_worse_high] =
        answer.p_worse(findings.analysis.higher_is_better).map(|share| Some(Number(share)));
    let values: Vec<String> = answer.values.iter().map(|value| Number(*value).written()).collect();
    let margin = findings.analysis.margin;
    Row {
        component: Text::new(subject.name),
        label: Text::new(subject.label),
        question: Some(question),
        formula: question.formula(),
        unit: Text::new(findings.unit),
        n: Some(gap.n),
        mean: Some(Number(gap.mean)),
        sd: number(gap.sd),
        ci95_low: low(gap.ci95),
        ci95_high: high(gap.ci95),
        ci90_low: low(gap.ci90),
        ci90_high: high(gap.ci90),
        bca95_low: low(bca95),
        bca95_high: high(bca95),
        t: number(gap.t),
        p_t: number(gap.p_t),
        p_signflip: Some(Number(gap.signflip.p())),
        p_adjusted: Some(Number(answer.adjusted)),
        p_adjusted_t: number(answer.adjusted_t),
        p_tost: number(gap.tost_p),
        p_tost_adjusted: number(answer.adjusted_tost),
        margin: number(margin),
        mean_in_margins: margin.map(|margin| Number(gap.mean / margin)),
        p_worse,
        p_worse_low,
        p_worse_high,
        verdict,
        extent,
        units_needed: needs.map(|needs| needs.pairs),
        sought: needs.map_or("", |needs| sought(needs.sought)),
        judged: Text::new(&subject.judged),
        warnings: codes(findings),
        values: values.join(" "),
    }
}

/// What has no numbers, and why; `question` is empty where nothing was measured at all.
fn row_without_numbers(findings: &Findings, subject: &Named, question: Option<Question>, why: &str) -> Row {
    Row {
        component: Text::new(subject.name),
        label: Text::new(subject.label),
        question,
        formula: question.map_or("", Question::formula),
        unit: Text::new(findings.unit),
        margin: findings.analysis.margin.map(Number),
        judged: Text::new(why),
        warnings: codes(findings),
        ..Row::default()
    }
}

/// Codes of the warnings that hold for all rows.
fn codes(findings: &Findings) -> String {
    findings.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tests::found;
    use ablation_protocol::Arm;
    use ablation_report::{Options, Series, Subject, analyse};

    /// The rows of a file, the headings first.
    fn rows(csv: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
        reader.records().map(|record| record.unwrap().iter().map(str::to_string).collect()).collect()
    }

    #[test]
    fn every_row_has_every_column() {
        let (study, report) = found();
        let csv = Findings::of(&study, &report).csv();
        let answers: usize = report.analysis.components.iter().map(|component| component.answers.len()).sum();
        assert_eq!(csv.matches("\r\n").count(), 1 + answers + 1);
        let rows = rows(&csv);
        assert_eq!((rows.len(), rows[0].len(), rows[0][32].as_str()), (1 + answers + 1, 33, "values"));
        assert!(rows[1..].iter().filter(|row| row.iter().all(|cell| !cell.contains('"'))).count() > 20, "{csv}");
        assert_eq!(rows[1][..6], ["position", "− position", "necessity", "N − R", "nats", "6"]);
        assert_eq!(rows.last().unwrap()[0], "aa");
    }

    #[test]
    fn what_has_no_numbers_has_a_row_with_the_reason() {
        use ablation_protocol::Outcomes;
        use ablation_report::{Failed, Place, Record, Row, Rows};
        let (study, _) = found();
        let none = Record::new(&study, &Outcomes::new()).unwrap();
        let csv = rows(&Findings::of(&none.study, &none.report).csv());
        assert_eq!(csv.len(), 1 + study.variants.len());
        let judged = csv[0].iter().position(|name| name == "judged").unwrap();
        assert!(csv[1..].iter().all(|row| row[judged] == "not measured yet" && row[5].is_empty()), "{csv:?}");

        let mut table = Rows::new(false, Failed::Marks { values: vec![], not_a_number: true });
        for (component, arm, value) in [
            ("", "R", "1"),
            ("", "P", "nan"),
            ("a", "N", "nan"),
            ("b", "N", "nan"),
            ("b", "D", "2"),
            ("c", "H", "nan"),
            ("", "S", "1"),
        ] {
            for seed in ["1", "2"] {
                table
                    .push(Row { place: Place::Row(1), component, arm, seed, value, budget: None, metric: None, parameters: None })
                    .unwrap();
            }
        }
        let table = table.finish(false).unwrap();
        let subjects: Vec<Subject> = table.components.iter().map(|name| Subject::named(name)).collect();
        let analysis = analyse(&table.series, &subjects, &Options::default()).unwrap();
        let findings = Findings::of_table(&table, &analysis);
        let csv = rows(&findings.csv());
        let shown: Vec<[&str; 4]> = csv[1..].iter().map(|row| [&*row[0], &*row[2], &*row[5], &*row[judged]]).collect();
        assert_eq!(
            shown,
            [
                ["a", "necessity", "", "2 of 2 runs failed"],
                ["b", "disruption", "2", ""],
                ["b", "necessity", "", "2 of 2 runs failed"],
                ["c", "recovery", "", "2 of 2 runs failed"],
                ["aa", "aa", "", "2 of 2 runs failed"],
            ]
        );
        assert_eq!(findings.judged(), ["runs failed", "no verdict: runs failed", "runs failed"]);
        let sentence = &findings.sentences()[1];
        assert!(sentence.ends_with("; runs of retraining without it failed: no verdict."), "{sentence}");
    }

    #[test]
    fn worse_is_lower_where_higher_is_better() {
        let mut series = Series::new(6);
        for unit in 0..6 {
            series.set(Arm::Reference, 0, 0, unit, 0.9 + 0.001 * unit as f64);
            series.set(Arm::Variant, 0, 0, unit, 0.7 + 0.002 * unit as f64);
        }
        let subject = Subject { name: "x".into(), label: "x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options { higher_is_better: true, ..Options::default() };
        let analysis = analyse(&series, &[subject], &options).unwrap();
        let cells = rows(&Findings::elsewhere(&analysis, "").csv());
        let cell = |column: &str| cells[1][cells[0].iter().position(|name| name == column).unwrap()].as_str();
        assert_eq!((cell("verdict"), cell("p_worse"), cell("p_worse_high")), ("worse", "1.0", "1.0"), "{cells:?}");
        assert!(cell("p_worse_low").parse::<f64>().unwrap() > 0.5);
    }

    #[test]
    fn a_name_is_neither_a_formula_nor_two_cells_nor_two_lines() {
        let name = "=1+1, \"b\"\n\u{1b}[2J\u{202e}";
        let mut series = Series::new(1);
        series.set(Arm::Reference, 0, 0, 0, 1.0);
        series.set(Arm::Variant, 0, 0, 0, 2.0);
        let subject =
            Subject { name: name.into(), label: "− mlp".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let analysis = analyse(&series, &[subject], &Options::default()).unwrap();
        let csv = Findings::elsewhere(&analysis, "").csv();
        assert_eq!(csv.lines().count(), 2, "{csv}");
        assert_eq!(rows(&csv)[1][..2], ["'=1+1, \"b\"\\u000a\\u001b[2J\\u202e", "− mlp"]);
    }
}
