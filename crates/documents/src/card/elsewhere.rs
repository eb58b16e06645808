//! The card of results that were made elsewhere: what a table says, and where it says nothing, that.

use ablation_protocol::{Arm, hash_text};
use ablation_report::{Analysis, Question, Software, Table};
use ablation_settings::number::significant;

use super::analysis;
use super::content::item;
use super::{Card, CardItem, Cell, Content, FOUND};
use crate::tables::Findings;

/// What a table of results cannot answer.
const ELSEWHERE: &str = "a table of results does not say; the models were trained elsewhere";

/// A table of results with what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct Elsewhere<'a> {
    /// What it is called, such as the name of its file.
    pub title: &'a str,
    /// SHA-256 of its text.
    pub sha256: &'a str,
    /// It.
    pub table: &'a Table,
    /// What follows from it.
    pub analysis: &'a Analysis,
    /// The command that makes this card.
    pub command: &'a str,
}

impl Card {
    /// The card of a table of results.
    pub fn elsewhere(source: Elsewhere) -> Self {
        let nothing = |name: &str| vec![item(name, Content::none(ELSEWHERE))];
        let analysis = source.analysis;
        Card::numbered(
            source.title,
            [
                identity(&source),
                claim(&source),
                nothing("ablations"),
                nothing("generator"),
                arms(&source),
                nothing("updates"),
                nothing("space"),
                randomness(&source),
                results(&source),
                power(&source),
                analysis::multiplicity(analysis),
                controls(&source),
                analysis::verdict(analysis, &Findings::of_table(source.table, analysis)),
                deviations(&source),
                reproduce(&source),
            ],
        )
    }
}

fn identity(source: &Elsewhere) -> Vec<CardItem> {
    let Software { name, version } = Software::this();
    vec![
        item("table_sha256", Content::text(source.sha256)),
        item("software", Content::text(format!("analysed by {name} {version}"))),
        item("kind", Content::text("exploratory: a table of results cannot show that anything was fixed before the runs")),
    ]
}

fn claim(source: &Elsewhere) -> Vec<CardItem> {
    vec![
        item("claim", Content::none(ELSEWHERE)),
        item("components", Content::list(source.table.components.clone(), "there is none")),
        item(FOUND, Content::list(Findings::of_table(source.table, source.analysis).sentences(), "there is none")),
        item("population", Content::none(ELSEWHERE)),
    ]
}

fn arms(source: &Elsewhere) -> Vec<CardItem> {
    let rows = Arm::ALL.into_iter().map(|arm| -> [Cell; 4] {
        let failures = source.table.failures.iter().filter(|failure| failure.arm == arm);
        let [failed, with_failed] =
            failures.fold([0, 0], |[failed, runs], failure| [failed + failure.seeds.len(), runs + failure.runs]);
        let state = match (source.table.series.count(arm) + with_failed, failed) {
            (0, _) => "not in the table".to_string(),
            (1, 0) => "in the table: one run".to_string(),
            (1, _) => "in the table: one run, which failed".to_string(),
            (runs, 0) => format!("in the table: {runs} runs"),
            (runs, failed) => format!("in the table: {runs} runs, of which {failed} failed"),
        };
        [arm.symbol().into(), arm.label().into(), arm.name().into(), state.into()]
    });
    vec![item("arms", Content::table(["symbol", "arm", "key in the table", "state"], rows, "there is none"))]
}

fn randomness(source: &Elsewhere) -> Vec<CardItem> {
    vec![
        item(
            "pairing",
            Content::text(
                "runs of one seed are taken as a pair; a table does not show whether they share data and initial weights",
            ),
        ),
        item("seeds", Content::list(source.table.seeds.clone(), "there is none")),
    ]
}

fn results(source: &Elsewhere) -> Vec<CardItem> {
    let better = if source.analysis.higher_is_better { "higher" } else { "lower" };
    vec![
        item("unit", Content::text(format!("the values of the table, {better} is better; a gap is arm minus reference"))),
        analysis::methods(),
        analysis::warnings(&Findings::of_table(source.table, source.analysis)),
        item("gaps", analysis::gaps(source.analysis, "every arm that is compared with the reference has runs that failed")),
        item("recovery", analysis::recovery(source.analysis)),
        analysis::left_out(source.analysis),
    ]
}

fn power(source: &Elsewhere) -> Vec<CardItem> {
    let margin = match source.analysis.margin {
        Some(margin) => Content::text(significant(margin)),
        None => Content::none("no margin was given, so nothing is called equivalent"),
    };
    vec![
        item("margin", margin),
        item(
            "fixed",
            Content::text("given with the command; a table cannot show that it was fixed before the results were known"),
        ),
        item("power", analysis::power(source.analysis, "")),
    ]
}

fn controls(source: &Elsewhere) -> Vec<CardItem> {
    let missing = |arm: Arm| match source.table.failures.iter().any(|failure| failure.arm == arm) {
        true => "runs of it failed, so no difference is given",
        false => "it is not in the table",
    };
    let reference = source.table.series.mean(Arm::Reference, 0);
    vec![
        item("aa", analysis::aa_control(source.analysis, "", missing(Arm::Aa))),
        item("sham", analysis::sham(source.analysis, reference)),
        item("short-retrain", analysis::answers_to(source.analysis, Question::RecoveryAdvantage, "", missing(Arm::ShortRetrain))),
        item("matched", analysis::answers_to(source.analysis, Question::Matched, "", missing(Arm::Matched))),
    ]
}

/// Seeds that a question could not use.
fn deviations(source: &Elsewhere) -> Vec<CardItem> {
    let missing = source.analysis.families.iter().filter_map(|asked| -> Option<[Cell; 2]> {
        let seeds = asked.left_out(&source.table.seeds);
        (!seeds.is_empty()).then(|| [asked.question.name().into(), seeds.join(", ").into()])
    });
    vec![
        item("left_out", Content::table(["question", "seeds without all of its runs"], missing, "every seed has every run")),
        item(
            "remarks",
            Content::list(source.table.notes(source.analysis.higher_is_better, source.analysis.margin), "there is none"),
        ),
        item("excluded_runs", Content::none(ELSEWHERE)),
    ]
}

fn reproduce(source: &Elsewhere) -> Vec<CardItem> {
    let table = Findings::of_table(source.table, source.analysis).csv();
    vec![
        item("command", Content::text(source.command)),
        item("result_table_sha256", Content::text(hash_text(&table))),
        item("result_table", Content::text("the CSV file of all statistics, seven significant digits")),
    ]
}
