//! `ablation analyze`: results of any framework, held against the same protocol as a study that was run here.

use std::collections::BTreeMap;
use std::path::Path;

use ablation_documents::{Card, Elsewhere, Findings};
use ablation_figures::table_figures;
use ablation_protocol::ProtocolArm;
use ablation_report::{
    Analysis, Answer, Asked, Combined, Component, Healed, Modifier, Options, Question, Ranks, Subject, analyse, in_words,
};
use ablation_settings::Unit;
use ablation_stats::{Extent, Gap, Interval, Margin, Sought, Verdict};
use serde::Serialize;

use crate::arguments::{AnalyzeArguments, Direction, TableFormat};
use crate::failure::{bad_input, printable};
use crate::figures;
use crate::file::STDIN;
use crate::number::{MISSING, p_value, three_digits};
use crate::output;
use crate::results::{self, Results};
use crate::table::{Align::Left, Align::Right, Table};

/// Questions by how much they say about need: the first one with an answer speaks for a component.
const MAIN: [Question; 9] = [
    Question::Variant,
    Question::Necessity,
    Question::Shortcut,
    Question::Disruption,
    Question::Matched,
    Question::Recovery,
    Question::Saving,
    Question::Entanglement,
    Question::Surplus,
];

/// Reads, analyses, prints.
///
/// # Errors
/// If the table or the margin cannot be used.
pub fn run(arguments: &AnalyzeArguments) -> anyhow::Result<()> {
    let margin = arguments.margin.map(Margin::new).transpose().map_err(|error| bad_input(format!("`--margin`: {error}")))?;
    let Results { table, ignored, sha256 } = results::read(&arguments.file, arguments.partial)?;
    let subject = |name: &String| Subject { name: name.clone(), label: name.clone(), changed: false, edge: false };
    let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
    let options = Options {
        margin: margin.map(Margin::size),
        higher_is_better: arguments.direction == Some(Direction::Higher),
        budgets: table.budgets.clone(),
        unit_of_analysis: Unit::Seed,
        // How it was run is not known here.
        sketch: false,
    };
    let analysis = analyse(&table.series, &subjects, &options).map_err(|error| bad_input(error.to_string()))?;
    if let Some(mute) = analysis.components.iter().find(|component| main_question(component).is_none()) {
        return Err(bad_input(format!(
            "nothing can be asked of component `{}`: there is no seed in which it, what it is compared with and every other component \
             that is asked the same have been measured; run the missing seeds, or analyse it in a table of its own",
            mute.component
        )));
    }
    note("not read", &ignored);
    note("no seed has all that these compare", &unasked(&analysis, &table));
    for (seeds, questions) in left_out(&analysis, &table.seeds) {
        note(&format!("left out of {}, for lack of a run", questions.join(", ")), &seeds);
    }
    if arguments.direction.is_none() && all_are_better(&analysis) {
        eprintln!(
            "note: every component came out better than the reference, if lower values are better; say `--direction higher` if they are \
             not, or `--direction lower`"
        );
    }
    let title = title_of(&arguments.file);
    let drawn = || table_figures(&title, &table, &analysis);
    if let Some(folder) = &arguments.svg {
        figures::save(&drawn(), folder)?;
    }
    let found = Found::new(&analysis, &table.seeds);
    if arguments.json {
        return output::json(&found);
    }
    let findings = Findings::elsewhere(&analysis, "");
    let command = command_of(arguments);
    let card =
        || Card::elsewhere(Elsewhere { title: &title, sha256: &sha256, table: &table, analysis: &analysis, command: &command });
    output::text(&match arguments.format {
        TableFormat::Text => text(&analysis, &found),
        TableFormat::Markdown => card().markdown(),
        TableFormat::Html => figures::page(&card(), &drawn()),
        TableFormat::Card => card().to_json(),
        TableFormat::Table => findings.markdown(),
        TableFormat::Latex => findings.latex(),
        TableFormat::Csv => findings.csv(),
    })
}

/// What a table is called: its file without folder and ending.
fn title_of(file: &Path) -> String {
    if file.as_os_str() == STDIN {
        return "a table on standard input".to_string();
    }
    file.file_stem().map_or_else(|| "a table".to_string(), |stem| stem.to_string_lossy().into_owned())
}

/// The command that makes a card again, without where its files lie.
fn command_of(arguments: &AnalyzeArguments) -> String {
    let mut command = "ablation analyze TABLE".to_string();
    if let Some(margin) = arguments.margin {
        command += &format!(" --margin {margin}");
    }
    if arguments.direction == Some(Direction::Higher) {
        command += " --direction higher";
    }
    if arguments.partial {
        command += " --partial";
    }
    command
}

fn note(what: &str, names: &[impl std::fmt::Display]) {
    if !names.is_empty() {
        let names = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        eprintln!("note: {what}: {}", printable(&names));
    }
}

/// Questions that arms of the table ask, and no seed answers for everybody.
fn unasked(analysis: &Analysis, table: &ablation_report::Table) -> Vec<String> {
    let asked = |question: Question| analysis.families.iter().any(|asked| asked.question == question);
    let pairs = [
        (ProtocolArm::Cut, Question::Disruption),
        (ProtocolArm::RetrainedOwn, Question::Necessity),
        (ProtocolArm::RetrainedSame, Question::Shortcut),
        (ProtocolArm::Matched, Question::Matched),
        (ProtocolArm::Variant, Question::Variant),
        (ProtocolArm::Placebo, Question::Placebo),
    ];
    let silent = pairs.into_iter().filter(|(arm, question)| table.series.count(*arm) > 0 && !asked(*question));
    silent.map(|(_, question)| word_of(question)).collect()
}

/// The seeds in which not everything has been measured that a question needs, each set with the questions.
fn left_out<'a>(analysis: &Analysis, seeds: &'a [String]) -> BTreeMap<Vec<&'a str>, Vec<String>> {
    let mut sets: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for asked in &analysis.families {
        let missing = asked.left_out(seeds);
        if !missing.is_empty() {
            sets.entry(missing).or_default().push(word_of(asked.question));
        }
    }
    sets
}

/// Whether several components came out better, by what is not negligible, and none did not: mostly that means that higher is better.
fn all_are_better(analysis: &Analysis) -> bool {
    let better = |component: &Component| {
        let answer = main_question(component).and_then(|question| component.answers.get(&question));
        let verdict = answer.and_then(|answer| answer.verdict);
        matches!(verdict, Some(Verdict::BetterWithout { extent: Extent::Plain | Extent::Material }))
    };
    analysis.components.len() > 1 && analysis.components.iter().all(better)
}

/// The question that speaks for a component.
fn main_question(component: &Component) -> Option<Question> {
    MAIN.into_iter().find(|question| component.answers.contains_key(question))
}

/// What was found, as JSON: names and shapes are those that a statistician would give to the vectors of one table.
#[derive(Serialize)]
struct Found<'a> {
    components: Vec<OfComponent<'a>>,
    /// Adjusted p-values in the order of the components, each by the question that speaks for it.
    family: BTreeMap<&'static str, Vec<Option<f64>>>,
    /// Every question with its members, seeds and adjusted p-values; members and seeds by index.
    families: &'a [Asked],
    placebo: Option<Statistics<'a>>,
    noise_floor_exceeded: bool,
    ranks: &'a Option<Ranks>,
    margin: Option<f64>,
    direction: &'static str,
    seeds: &'a [String],
}

#[derive(Serialize)]
struct OfComponent<'a> {
    component: &'a str,
    /// The question that speaks for it; its statistics stand beside it.
    question: Option<Question>,
    #[serde(flatten)]
    statistics: Option<Statistics<'a>>,
    combined: Option<Combined>,
    modifiers: &'a [Modifier],
    recovered: Option<f64>,
    co_adaptation: Option<f64>,
    means: &'a BTreeMap<ProtocolArm, f64>,
    healing: &'a [Healed],
    /// Every gap by its question.
    arms: BTreeMap<Question, Statistics<'a>>,
}

#[derive(Serialize)]
struct Statistics<'a> {
    #[serde(flatten)]
    gap: &'a Gap,
    /// 95 % BCa bootstrap interval, from ten seeds on.
    bca95: Option<Interval>,
    /// The gap in every seed.
    values: &'a [f64],
    family: BTreeMap<&'static str, Option<f64>>,
    verdict: Option<&'static str>,
    /// Whether a difference was found and the 95 % interval holds 0: then its direction is shown and its size is not.
    contested: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    extent: Option<Extent>,
    /// Seeds that would tell, where the verdict is `inconclusive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<u64>,
    /// What they would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    sought: Option<Sought>,
}

impl<'a> Found<'a> {
    fn new(analysis: &'a Analysis, seeds: &'a [String]) -> Self {
        let components: Vec<OfComponent> = analysis
            .components
            .iter()
            .enumerate()
            .map(|(index, component)| OfComponent::new(analysis, index, component))
            .collect();
        let mut family: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
        for statistics in components.iter().filter_map(|component| component.statistics.as_ref()) {
            statistics.family.iter().for_each(|(name, p)| family.entry(name).or_default().push(*p));
        }
        let placebo = analysis.placebo.as_ref().map(|answer| Statistics::new(analysis, Question::Placebo, 0, answer));
        Found {
            components,
            family,
            families: &analysis.families,
            placebo,
            noise_floor_exceeded: analysis.noise_floor_exceeded,
            ranks: &analysis.ranks,
            margin: analysis.margin,
            direction: if analysis.higher_is_better { "higher" } else { "lower" },
            seeds,
        }
    }
}

impl<'a> OfComponent<'a> {
    fn new(analysis: &'a Analysis, index: usize, component: &'a Component) -> Self {
        let statistics = |question: Question| {
            component.answers.get(&question).map(|answer| Statistics::new(analysis, question, index, answer))
        };
        let question = main_question(component);
        OfComponent {
            component: &component.component,
            question,
            statistics: question.and_then(statistics),
            combined: component.combined,
            modifiers: &component.modifiers,
            recovered: component.recovered,
            co_adaptation: component.co_adaptation,
            means: &component.means,
            healing: &component.healing,
            arms: component.answers.keys().filter_map(|question| Some((*question, statistics(*question)?))).collect(),
        }
    }
}

impl<'a> Statistics<'a> {
    fn new(analysis: &'a Analysis, question: Question, component: usize, answer: &'a Answer) -> Self {
        let asked = analysis.families.iter().find(|asked| asked.question == question);
        let place = asked.and_then(|asked| asked.components.iter().position(|member| *member == component));
        let p = |of: &dyn Fn(&ablation_stats::Family) -> Option<Vec<f64>>| {
            asked.zip(place).and_then(|(asked, place)| of(&asked.family)?.get(place).copied())
        };
        let family = BTreeMap::from([
            ("holm_on_t", p(&|family| family.holm_on_t.clone())),
            ("holm_on_signflip", p(&|family| Some(family.holm_on_signflip.clone()))),
            ("maxT_single_step", p(&|family| Some(family.max_t_single_step.clone()))),
            ("maxT_step_down", p(&|family| Some(family.max_t_step_down.clone()))),
            ("holm_on_tost", p(&|family| family.holm_on_tost.clone())),
            ("holm_on_tost_signflip", p(&|family| family.holm_on_tost_signflip.clone())),
        ]);
        let (extent, needs) = match answer.verdict {
            Some(Verdict::Worse { extent } | Verdict::BetterWithout { extent }) => (Some(extent), None),
            Some(Verdict::Inconclusive { needs }) => (None, needs),
            _ => (None, None),
        };
        Statistics {
            gap: &answer.gap,
            bca95: answer.bca95(),
            values: &answer.values,
            family,
            verdict: answer.verdict.map(word),
            contested: answer.is_contested(),
            extent,
            blocks: needs.map(|needs| needs.blocks),
            sought: needs.map(|needs| needs.sought),
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Worse { .. } => "worse",
        Verdict::BetterWithout { .. } => "better-without",
        Verdict::Equivalent => "equivalent",
        Verdict::Inconclusive { .. } => "inconclusive",
    }
}

fn text(analysis: &Analysis, found: &Found) -> String {
    let better = found.direction;
    let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let size = format!("{}, {}", many(analysis.components.len(), "component"), many(found.seeds.len(), "seed"));
    let mut text = format!("{size}; {better} values are better; every gap is arm minus reference\n");
    text.extend(analysis.too_few().map(|few| format!("{few}\n")));
    text.push_str(&match analysis.margin {
        Some(margin) => format!("differences below {margin} do not matter\n\n"),
        None => "no --margin, so nothing can be called equivalent\n\n".to_string(),
    });
    let mut table = Table::new([
        ("component".into(), Left),
        ("question".into(), Left),
        ("difference".into(), Left),
        ("seeds".into(), Right),
        ("gap".into(), Right),
        ("95 % interval".into(), Right),
        ("p".into(), Right),
        ("p (t)".into(), Right),
        ("p (equiv.)".into(), Right),
        ("above 0".into(), Right),
        ("verdict".into(), Left),
    ]);
    for component in &analysis.components {
        let questions = MAIN.into_iter().filter_map(|question| Some((question, component.answers.get(&question)?)));
        for (index, (question, answer)) in questions.enumerate() {
            let name = if index == 0 { one_line(&component.component) } else { String::new() };
            table.push(row(name, question, answer));
        }
    }
    if let Some(placebo) = &analysis.placebo {
        table.push(row("placebo".to_string(), Question::Placebo, placebo));
    }
    text.push_str(&table.text(""));
    text.push('\n');
    let legend = Question::legend(&analysis.families.iter().map(|asked| asked.question).collect::<Vec<_>>());
    if !legend.is_empty() {
        text.push_str(&format!("{legend}.\n"));
    }
    text.push_str(
        "p: joint sign-flip test, step-down max-T over all components asked the same; p (t): paired t tests, by Holm;\n\
         p (equiv.): two one-sided t tests against the margin, by Holm. Verdicts are at 0.05.\n",
    );
    if analysis.noise_floor_exceeded {
        text.push_str("The placebo differs from the reference, or may by more than the margin: nothing is called equivalent.\n");
    }
    if let Some(contested) = analysis.contested() {
        text.push_str(&format!("{contested}\n"));
    }
    let combined = analysis.components.iter().filter_map(|component| {
        let combined = component.combined?;
        let judged = component.judged(analysis.unit_of_analysis)?;
        Some(format!("\n{}: {judged}\n  {}\n", one_line(&component.component), combined.meaning(component.changed)))
    });
    text.push_str(&combined.collect::<String>());
    // A row of numbers alone reads as a verdict.
    let open = analysis.components.iter().filter(|component| component.combined.is_none());
    let open = open.filter(|component| !component.answers.contains_key(&Question::Variant));
    text.extend(open.map(|component| {
        let why = if component.answers.contains_key(&Question::Necessity) {
            "one seed gives none".to_string()
        } else {
            format!("whether it is needed is told by an arm `{}`, which the table has not", ProtocolArm::RetrainedOwn.name())
        };
        format!("\n{}: no verdict\n  {}.\n", one_line(&component.component), why)
    }));
    text
}

fn row(name: String, question: Question, answer: &Answer) -> [String; 11] {
    let gap = &answer.gap;
    let interval =
        gap.ci95.map(|interval| format!("[{}, {}]", three_digits(Some(interval.low)), three_digits(Some(interval.high))));
    [
        name,
        word_of(question),
        question.formula().to_string(),
        gap.n.to_string(),
        three_digits(Some(gap.mean)),
        interval.unwrap_or(MISSING.to_string()),
        p_value(Some(answer.adjusted)),
        p_value(answer.adjusted_t),
        p_value(answer.adjusted_tost),
        format!("{} of {}", gap.wins, gap.n),
        answer.verdict.map_or("none: one seed".to_string(), |verdict| in_words(verdict, question, false, Unit::Seed)),
    ]
}

/// A question by its name in the JSON.
fn word_of(question: Question) -> String {
    serde_json::to_value(question).ok().and_then(|name| name.as_str().map(str::to_string)).unwrap_or_default()
}

/// A name that may hold anything, on one line of a terminal.
fn one_line(name: &str) -> String {
    printable(name).replace('\n', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_but_the_placebo_s_can_speak_for_a_component() {
        let mut main = MAIN.to_vec();
        main.sort_unstable();
        main.dedup();
        assert_eq!(main.len(), 9);
        assert!(!main.contains(&Question::Placebo));
    }

    #[test]
    fn verdicts_are_named_as_everywhere() {
        let better = Verdict::BetterWithout { extent: Extent::Plain };
        assert_eq!(word(better), serde_json::to_value(better).unwrap()["verdict"]);
    }
}
