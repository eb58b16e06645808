//! What a report found, as people put it into papers: the verdict table in the formats they write in, every statistic as CSV, and a
//! sentence for each component.
//!
//! All are made from one set of cells, so that a paper's table and the file behind it cannot disagree, and none of them has a number where
//! nothing was measured.

mod csv;
mod latex;
mod markdown;
mod sentence;
mod text;

use ablation_protocol::{Grade, Study};
use ablation_report::{AblationGap, Analysis, Answer, Component, Diverged, Question, Report, Speed, Stability, Table, Warning};
use ablation_settings::{Unit, arrange_by_key, number::plain, visible_line};
use serde::Serialize;

pub(crate) use markdown::escaped;

/// What stands where nothing was measured.
const MISSING: &str = "—";

/// What was found, ready to be written down.
#[derive(Clone, Debug)]
pub struct Findings<'a> {
    analysis: &'a Analysis,
    unit: &'a str,
    notes: Vec<Note>,
    /// What holds for all verdicts together.
    warnings: Vec<Warning>,
    stability: Stability,
    /// Steps to the threshold, of a task that is solved exactly.
    speed: Option<Speed>,
    /// How many runs of the A/A control failed, where some did.
    aa_failed: Option<String>,
    /// Whether the models were trained by somebody else, of whom nothing is known but a table.
    elsewhere: bool,
}

/// What is said of a component, or of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Sentence {
    /// The component; none of what is about all of them.
    pub component: Option<String>,
    /// Both gaps and the verdict; it begins with the label of the component.
    pub first: String,
    /// What qualifies it; empty if nothing does.
    pub rest: String,
}

impl Sentence {
    fn whole(&self) -> String {
        let Sentence { first, rest, .. } = self;
        if rest.is_empty() { first.clone() } else { format!("{first} {rest}") }
    }
}

/// What a study knows about a component beside its numbers.
#[derive(Clone, Debug, Default)]
struct Note {
    /// Why it has not been ablated.
    not_ablated: Option<String>,
    /// What is only approximate about the primary ablation.
    ablation: Option<String>,
    /// What is only approximate about retraining without it.
    removal: Option<String>,
    /// Every ablation that was measured with its gap, the primary one first; empty if there is one only.
    ablations: Vec<(String, f64)>,
    /// Questions without an answer because runs failed, each with how many.
    failed: Vec<(Question, String)>,
}

impl Note {
    /// Whether a question has no answer because runs failed.
    fn has_failed(&self, question: Question) -> bool {
        self.failed.iter().any(|(failed, _)| *failed == question)
    }
}

/// A verdict table: headings, and a row of cells for each component.
pub(crate) struct Grid {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl<'a> Findings<'a> {
    /// What a study found so far.
    pub fn of(study: &'a Study, report: &'a Report) -> Self {
        let note = |(index, variant): (usize, &ablation_protocol::Variant)| {
            let primary =
                report.ablations.get(index).and_then(|ablations| ablations.iter().position(|ablation| ablation.primary));
            Note {
                not_ablated: variant.not_ablated.clone(),
                ablation: primary.and_then(|index| variant.ablations.get(index)).and_then(|way| approximation(&way.grade)),
                removal: approximation(&variant.grade),
                ablations: report.ablations.get(index).map_or(vec![], |ablations| measured(ablations)),
                failed: vec![],
            }
        };
        Findings {
            analysis: &report.analysis,
            unit: &study.unit,
            notes: study.variants.iter().enumerate().map(note).collect(),
            warnings: report.warnings.clone(),
            stability: report.stability.clone(),
            speed: report.speed.clone(),
            aa_failed: None,
            elsewhere: false,
        }
    }

    /// What was found in a table that was made elsewhere; `unit` is that of its values and may be empty.
    pub fn elsewhere(analysis: &'a Analysis, unit: &'a str) -> Self {
        Findings {
            analysis,
            unit,
            notes: vec![Note::default(); analysis.components.len()],
            warnings: analysis.warnings(),
            stability: Stability::default(),
            speed: None,
            aa_failed: None,
            elsewhere: true,
        }
    }

    /// What was found in a table that was made elsewhere, with what the table says of runs that failed and of its metric.
    pub fn of_table(table: &Table, analysis: &'a Analysis) -> Self {
        let mut findings = Findings::elsewhere(analysis, "");
        findings
            .warnings
            .extend(table.notes(analysis.higher_is_better, analysis.margin).into_iter().map(|note| Warning::new("table", note)));
        for failure in &table.failures {
            let how_many = format!("{} of {} runs failed", failure.seeds.len(), failure.runs);
            let note = failure.component.and_then(|component| findings.notes.get_mut(component));
            match (note, Question::of(failure.arm)) {
                // Of several budgets one stands for all.
                (Some(note), Some(question)) if note.failed.iter().all(|(other, _)| *other != question) => {
                    note.failed.push((question, how_many));
                }
                (None, Some(Question::Aa)) => findings.aa_failed = Some(how_many),
                _ => {}
            }
        }
        findings
    }

    /// The verdict table in GitHub's Markdown.
    pub fn markdown(&self) -> String {
        markdown::write(&self.grid(), &self.caption())
    }

    /// The verdict table for LaTeX with the package `booktabs`.
    pub fn latex(&self) -> String {
        latex::write(&self.grid(), &self.caption())
    }

    /// The verdict table with aligned columns, under what holds for all of it.
    pub fn text(&self) -> String {
        let warnings: String = self.warnings.iter().map(|warning| format!("{}\n", visible_line(&warning.text))).collect();
        let space = if warnings.is_empty() { "" } else { "\n" };
        format!("{warnings}{space}{}", text::write(&self.grid(), &self.explained(&[])))
    }

    /// Every statistic: a row for each component and question.
    pub fn csv(&self) -> String {
        csv::write(self)
    }

    /// What a reader has to know of all verdicts together; every form of a report says it.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The verdict on each component with what qualifies it, or why there is none, in order.
    pub(crate) fn judged(&self) -> Vec<String> {
        let all = self.analysis.components.iter().zip(&self.notes);
        all.map(|(component, note)| judged(component, note, self.analysis.unit_of_analysis)).collect()
    }

    /// A sentence or two for each component, in order; then one that no verdict hangs on a single choice, where that was examined and is so.
    pub fn sentences(&self) -> Vec<String> {
        self.parted().iter().map(Sentence::whole).collect()
    }

    /// The same in parts: what is read first, and what qualifies it.
    pub fn parted(&self) -> Vec<Sentence> {
        let each = self.analysis.components.iter().enumerate().map(|(index, component)| {
            let mut sentences = sentence::write(self, index).into_iter();
            let first = sentences.next().unwrap_or_default();
            let rest: Vec<String> = sentences.collect();
            Sentence { component: Some(component.component.clone()), first, rest: rest.join(" ") }
        });
        let about_all = sentence::stable(self).map(|first| Sentence { component: None, first, rest: String::new() });
        each.chain(about_all).collect()
    }

    /// The first sentence on each component, in order: both gaps and the verdict, without what qualifies them.
    pub fn headlines(&self) -> Vec<String> {
        let parts = self.parted().into_iter().filter(|sentence| sentence.component.is_some());
        parts.map(|sentence| sentence.first).collect()
    }

    /// The verdict table. A column of which no component has anything is left out.
    pub(crate) fn grid(&self) -> Grid {
        let unit = self.analysis.unit_of_analysis;
        let questions = self.questions();
        let mut columns = vec!["component".to_string()];
        columns.extend(questions.iter().map(|question| format!("{} ({})", question.name(), question.formula())));
        columns.extend(["verdict".to_string(), "n".to_string()]);
        let rows = self.analysis.components.iter().zip(&self.notes).enumerate().map(|(index, (component, note))| {
            let only_diverged = |question: &Question| self.analysis.diverged_of(*question, index).is_some_and(Diverged::is_all);
            let mut row = vec![component.label.clone()];
            for question in &questions {
                row.push(match (component.answers.get(question), question) {
                    (Some(_), question) if only_diverged(question) => "diverged".to_string(),
                    (Some(answer), Question::Disruption) => cell(answer, note.ablation.is_some(), unit),
                    (Some(answer), Question::Necessity | Question::Untuned) => cell(answer, note.removal.is_some(), unit),
                    (Some(answer), _) => cell(answer, false, unit),
                    (None, Question::Disruption) if note.not_ablated.is_some() => "not applicable".to_string(),
                    (None, _) => MISSING.to_string(),
                });
            }
            row.push(judged(component, note, unit));
            // The fewest of any gap of the row: what a verdict rests on.
            let n = questions.iter().filter_map(|question| component.answers.get(question)).map(|answer| answer.gap.n).min();
            row.push(n.map_or(MISSING.to_string(), |n| n.to_string()));
            row
        });
        Grid { rows: rows.collect(), columns }
    }

    /// What the table has a column for.
    fn questions(&self) -> Vec<Question> {
        let optional = [
            Question::Disruption,
            Question::Recovery,
            Question::Necessity,
            Question::Untuned,
            Question::Matched,
            Question::Variant,
        ];
        let asked = |question: &Question| self.analysis.components.iter().any(|one| one.answers.contains_key(question));
        optional.into_iter().filter(asked).collect()
    }

    /// What the numbers of the verdict table are.
    pub(crate) fn caption(&self) -> String {
        self.explained(&self.warnings)
    }

    /// What the numbers are, with these warnings.
    fn explained(&self, warnings: &[Warning]) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" ({})", self.unit) };
        let what = if self.analysis.higher_is_better { "value (higher is better)" } else { "loss" };
        let mut caption = vec![format!(
            "Mean difference of the {what}{unit} and its 95 % t interval over paired {}, for each gap alone. Verdicts: differences by \
                joint sign-flip tests, equivalence by two one-sided t tests, each adjusted over the components.",
            self.analysis.unit_of_analysis.name()
        )];
        let legend = if self.elsewhere { Question::label_legend } else { Question::legend }(&self.questions());
        if !legend.is_empty() {
            caption.push(if legend.ends_with('.') { legend } else { format!("{legend}.") });
        }
        caption.extend(warnings.iter().map(|warning| warning.text.clone()));
        if let Some(margin) = self.analysis.margin {
            caption.push(format!("Equivalent: the 90 % interval lies within ±{} (the margin).", plain(margin)));
        }
        if self.notes.iter().any(|note| note.ablation.is_some() || note.removal.is_some()) {
            caption.push("≈: an approximation of what its name says.".to_string());
        }
        caption.join(" ")
    }
}

/// The gaps of all ablations, if there are several.
fn measured(ablations: &[AblationGap]) -> Vec<(String, f64)> {
    let mut ablations: Vec<&AblationGap> = ablations.iter().collect();
    arrange_by_key(&mut ablations, |ablation| !ablation.primary);
    let gaps: Vec<(String, f64)> =
        ablations.into_iter().filter_map(|ablation| Some((ablation.operator.clone(), ablation.gap.as_ref()?.mean))).collect();
    if gaps.len() > 1 { gaps } else { vec![] }
}

fn approximation(grade: &Grade) -> Option<String> {
    matches!(grade, Grade::Approximate { .. }).then(|| grade.reason().to_string())
}

/// `1.43 [1.31, 1.55]`. An interval without width is none: the seeds made no difference.
fn cell(answer: &Answer, approximate: bool, unit: Unit) -> String {
    let about = if approximate { "≈ " } else { "" };
    let all = unit.many(answer.gap.n as u64);
    match answer.gap.ci95 {
        _ if answer.gap.is_unchanged() && answer.gap.n > 1 => format!("0 (identical in all {all})"),
        _ if answer.gap.is_constant() => format!("{about}{} (the same in all {all})", signed(answer.gap.mean)),
        Some(interval) => format!("{about}{} [{}, {}]", signed(answer.gap.mean), signed(interval.low), signed(interval.high)),
        None => format!("{about}{} ({})", signed(answer.gap.mean), unit.many(1)),
    }
}

/// A number with a true minus sign.
pub(crate) fn signed(value: f64) -> String {
    plain(value).replace('-', "−")
}

/// The verdict with what qualifies it, or why there is none.
fn judged(component: &Component, note: &Note, unit: Unit) -> String {
    let single = component.answers.values().all(|answer| answer.gap.n == 1);
    match component.judged(unit) {
        Some(verdict) => verdict,
        None if !note.failed.is_empty() && component.answers.is_empty() => "runs failed".to_string(),
        None if note.has_failed(Question::Necessity) => "no verdict: runs failed".to_string(),
        None if component.answers.is_empty() => "not measured yet".to_string(),
        None if single => format!("{}, no verdict", unit.many(1)),
        None => "no verdict yet".to_string(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ablation_protocol::{
        Design,
        made_up::{run, six, six_world},
    };
    use ablation_report::report;

    /// The made-up study and its report.
    pub(crate) fn found() -> (Study, Report) {
        let study = six();
        let report = report(&study, &run(&study, six_world)).unwrap();
        (study, report)
    }

    #[test]
    fn the_verdict_table_has_no_number_where_nothing_was_measured() {
        let (study, report) = found();
        let grid = Findings::of(&study, &report).grid();
        assert_eq!(grid.columns[1], "disruption (D − R)");
        assert!(!grid.columns.iter().any(|column| column.contains("M − R")), "nobody asked for arms of equal size");
        let decay = grid.rows.iter().find(|row| row[0].starts_with("weight decay")).unwrap();
        assert_eq!(decay[1], "not applicable");
        assert_eq!(grid.rows[0][5], "co-adapted, not necessary; recoverable, untuned gap depends on the reference's setting");
        let verdict = &grid.rows[3][5];
        assert!(
            verdict.starts_with("undetermined: about ") && verdict.ends_with(" seeds needed (80 % power at the observed effect)"),
            "{verdict}"
        );
        assert!(grid.rows[2][3].starts_with("≈ 0."), "{:?}", grid.rows[2]);
    }

    /// Letters and digits of a text, whatever a format does to its punctuation.
    fn bare(text: &str) -> String {
        let unescaped = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        unescaped.chars().filter(|c| c.is_alphanumeric()).collect()
    }

    /// A reader of one form learns what a reader of another does: in words, or as codes in a table for programs.
    #[test]
    fn every_form_of_a_report_carries_the_same_warnings() {
        use ablation_protocol::Outcomes;
        use ablation_report::Record;
        let noisy = |trial: &ablation_protocol::Trial| {
            let mut outcome = six_world(trial);
            let noise = trial.seeds.redraw.map_or(0.0, |redraw| 0.5 * ((redraw.seed % 7) as f64 - 3.0));
            outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| loss + noise));
            outcome
        };
        let solved = |trial: &ablation_protocol::Trial| {
            let mut outcome = six_world(trial);
            outcome.marks.values_mut().for_each(|marks| marks.loss = marks.loss.map(|loss| (loss - 0.5).max(0.0) * 1e-3));
            outcome
        };
        let few = Study { design: Design { seeds: 3, ..six().design }, ..six() };
        let cases: [(&str, Study, Outcomes); 5] = [
            ("one-search", six(), run(&six(), six_world)),
            ("noise-floor", six(), run(&six(), noisy)),
            ("solved", six(), run(&six(), solved)),
            ("few-units", few.clone(), run(&few, six_world)),
            ("incomplete", six(), run(&six(), six_world).into_iter().step_by(2).collect()),
        ];
        for (code, study, outcomes) in cases {
            let record = Record::new(&study, &outcomes).unwrap();
            let findings = Findings::of(&record.study, &record.report);
            let codes: Vec<&str> = findings.warnings().iter().map(|warning| warning.code.as_str()).collect();
            assert!(codes.contains(&code), "{code}: {codes:?}");
            assert_eq!(record.report.warnings, findings.warnings());
            let card = crate::card::Card::of(&record);
            let forms = [findings.text(), findings.markdown(), findings.latex(), card.markdown(), card.html(&[]), card.to_json()];
            for warning in findings.warnings() {
                let text = bare(&warning.text.replace('−', "-"));
                for (index, form) in forms.iter().enumerate() {
                    assert!(bare(&form.replace('−', "-")).contains(&text), "form {index} lacks {warning:?}");
                }
            }
            let csv = findings.csv();
            if let Some(row) = csv.lines().nth(1) {
                assert!(row.contains(&codes.join(" ")), "{codes:?}: {row}");
            }
        }
    }

    /// Where the whole search is repeated, a repetition is what is counted, in every place that counts.
    #[test]
    fn repetitions_are_not_called_seeds() {
        let study = Study { design: Design { searches: 7, seeds: 1, ..six().design }, ..six() };
        let report = report(&study, &run(&study, six_world)).unwrap();
        let findings = Findings::of(&study, &report);
        assert!(findings.caption().contains("over paired repetitions"), "{}", findings.caption());
        let texts = [findings.markdown(), findings.csv(), findings.sentences().join("\n")];
        let card = crate::card::Card::of(&ablation_report::Record::new(&study, &run(&study, six_world)).unwrap()).markdown();
        assert!(texts.iter().all(|text| !text.contains("seeds needed")) && !card.contains("seeds needed"));
        assert!(texts[0].contains("repetitions needed") && texts[2].contains("repetitions needed"));
        let one = Study { design: Design { searches: 2, seeds: 1, ..six().design }, ..six() };
        let report = ablation_report::report(&one, &run(&one, six_world)).unwrap();
        let caption = Findings::of(&one, &report).caption();
        assert!(caption.contains("2 repetitions: the sign-flip test needs 6 for a p-value below 0.05"), "{caption}");
    }

    #[test]
    fn tables_from_elsewhere_need_no_study() {
        use ablation_protocol::Arm;
        use ablation_report::{Options, Series, Subject, analyse};
        let mut series = Series::new(6);
        for unit in 0..6 {
            series.set(Arm::Reference, 0, 0, unit, 1.0 + 0.1 * unit as f64);
            series.set(Arm::Variant, 0, 0, unit, 1.5 + 0.1 * unit as f64 + 0.001 * (unit % 2) as f64);
        }
        let subject = Subject { name: "x".into(), label: "x".into(), changed: false, edge: false, untuned_elsewhere: Vec::new() };
        let options = Options::default();
        let analysis = analyse(&series, &[subject], &options).unwrap();
        let findings = Findings::elsewhere(&analysis, "");
        assert_eq!(findings.grid().rows, [["x", "0.50 [0.50, 0.50]", "worse", "6"]]);
        assert_eq!(findings.sentences(), ["x: 0.50 higher than the reference (95 % 0.50 to 0.50): worse."]);
    }
}
