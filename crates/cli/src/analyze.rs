//! `ablation analyze`: results of any framework, held against the same protocol as a study that was run here.

use std::collections::BTreeMap;
use std::path::Path;

use ablation_documents::{Card, Elsewhere, Findings};
use ablation_figures::table_figures;
use ablation_protocol::Arm;
use ablation_report::{
    Analysis, Answer, Asked, Combined, Component, Failed, Modifier, Options, Question, Ranks, Recovered, Subject, Warning,
    analyse_with, in_words,
};
use ablation_settings::{Unit, visible, visible_line};
use ablation_stats::{Extent, Gap, Interval, Margin, Sought, Verdict};
use serde::Serialize;

use crate::arguments::{AnalyzeArguments, Direction, FailedMark, TableFormat};
use crate::failure::bad_input;
use crate::figures;
use crate::file::STDIN;
use crate::number::{MISSING, p_value, three_digits};
use crate::output;
use crate::progress::Progress;
use crate::results::{self, Results};
use crate::table::{Align::Left, Align::Right, Table};

/// Questions by how much they say about need: the first one with an answer is shown for a component.
const MAIN: [Question; 9] = [
    Question::Variant,
    Question::Necessity,
    Question::Untuned,
    Question::Disruption,
    Question::Matched,
    Question::Recovery,
    Question::RecoveryAdvantage,
    Question::TuningConfound,
    Question::CoAdaptationGap,
];

/// Reads, analyses, prints.
///
/// # Errors
/// If the table or the margin cannot be used.
pub fn run(arguments: &AnalyzeArguments) -> anyhow::Result<()> {
    let margin = arguments.margin.map(Margin::new).transpose().map_err(|error| bad_input(format!("`--margin`: {error}")))?;
    let how = results::Options { partial: arguments.partial, failed: failed(&arguments.failed)? };
    let Results { table, ignored, notes, sha256 } = results::read(&arguments.file, &how)?;
    let analysis = analysed(&table, margin, arguments)?;
    notes.iter().for_each(|note| eprintln!("note: {}", visible_line(note)));
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
    let found = Found::new(&analysis, &table);
    if arguments.json {
        return output::json(&found);
    }
    let findings = Findings::of_table(&table, &analysis);
    let command = command_of(arguments);
    let card =
        || Card::elsewhere(Elsewhere { title: &title, sha256: &sha256, table: &table, analysis: &analysis, command: &command });
    output::text(&match arguments.format {
        TableFormat::Text => visible(&text(&analysis, &table, &found)).into_owned(),
        TableFormat::Markdown => card().markdown(),
        TableFormat::Html => figures::page(&card(), &drawn()),
        TableFormat::Card => card().to_json(),
        TableFormat::Table => findings.markdown(),
        TableFormat::Latex => findings.latex(),
        TableFormat::Csv => findings.csv(),
    })
}

/// What follows from a table.
fn analysed(table: &ablation_report::Table, margin: Option<Margin>, arguments: &AnalyzeArguments) -> anyhow::Result<Analysis> {
    let subjects: Vec<Subject> = table.components.iter().map(|name| Subject::named(name)).collect();
    let options = Options {
        margin: margin.map(Margin::size),
        higher_is_better: arguments.direction == Some(Direction::Higher),
        budgets: table.budgets.clone(),
        unit_of_analysis: Unit::Seed,
        // How it was run is not known here.
        sketch: false,
        learned: None,
        perfect_score: false,
        aa_failed: table.failures.iter().any(|failure| failure.arm == Arm::Aa),
    };
    let mut progress: Option<Progress> = None;
    let analysis = analyse_with(&table.series, &subjects, &options, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::new(total)).at(done, "test", None);
    });
    drop(progress);
    let analysis = analysis.map_err(|error| bad_input(error.to_string()))?;
    let has_failed = |index: usize| table.failures.iter().any(|failure| failure.component == Some(index));
    let mute = analysis.components.iter().enumerate().find(|(index, one)| main_question(one).is_none() && !has_failed(*index));
    match mute {
        None => Ok(analysis),
        Some((_, mute)) => Err(bad_input(format!(
            "nothing can be asked of component `{}`: there is no seed in which it, what it is compared with and every other component \
             that is asked the same have been measured; run the missing seeds, or analyse it in a table of its own",
            mute.component
        ))),
    }
}

/// Which values mark runs that failed, as the command says it.
fn failed(marks: &[FailedMark]) -> anyhow::Result<Failed> {
    if marks.is_empty() {
        return Ok(Failed::Unstated);
    }
    if marks.contains(&FailedMark::Nothing) {
        let alone = marks.len() == 1;
        return if alone {
            Ok(Failed::Nothing)
        } else {
            Err(bad_input("`--failed none` says that no value marks a failed run; leave it or the others out"))
        };
    }
    let values = marks.iter().filter_map(|mark| match mark {
        FailedMark::Value(value) => Some(*value),
        _ => None,
    });
    Ok(Failed::Marks { values: values.collect(), not_a_number: marks.contains(&FailedMark::NotANumber) })
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
    for mark in &arguments.failed {
        command += &match mark {
            FailedMark::Value(value) => format!(" --failed {value}"),
            FailedMark::NotANumber => " --failed nan".to_string(),
            FailedMark::Nothing => " --failed none".to_string(),
        };
    }
    command
}

/// Names that a note lists before it says how many more there are.
const NAMED: usize = 20;

fn note(what: &str, names: &[impl std::fmt::Display]) {
    if !names.is_empty() {
        let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
        let names = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        eprintln!("note: {what}: {}{more}", visible_line(&names));
    }
}

/// Questions that arms of the table ask, and no seed answers for everybody.
fn unasked(analysis: &Analysis, table: &ablation_report::Table) -> Vec<String> {
    let asked = |question: Question| analysis.families.iter().any(|asked| asked.question == question);
    let pairs = [
        (Arm::Ablated, Question::Disruption),
        (Arm::Retrained, Question::Necessity),
        (Arm::RetrainedUntuned, Question::Untuned),
        (Arm::Matched, Question::Matched),
        (Arm::Variant, Question::Variant),
        (Arm::Aa, Question::Aa),
    ];
    let silent = pairs.into_iter().filter(|(arm, question)| table.series.count(*arm) > 0 && !asked(*question));
    silent.map(|(_, question)| question.name().to_string()).collect()
}

/// The seeds in which not everything has been measured that a question needs, each set with the questions.
fn left_out<'a>(analysis: &Analysis, seeds: &'a [String]) -> BTreeMap<Vec<&'a str>, Vec<String>> {
    let mut sets: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for asked in &analysis.families {
        let missing = asked.left_out(seeds);
        if !missing.is_empty() {
            sets.entry(missing).or_default().push(asked.question.name().to_string());
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

/// The question that is shown for a component.
fn main_question(component: &Component) -> Option<Question> {
    MAIN.into_iter().find(|question| component.answers.contains_key(question))
}

/// How p-values are adjusted over the components, by name.
const TESTS: [&str; 6] =
    ["holm_on_t", "holm_on_signflip", "maxT_single_step", "maxT_step_down", "holm_on_tost", "holm_on_tost_signflip"];

/// What was found, as JSON: names and shapes are those that a statistician would give to the vectors of one table.
#[derive(Serialize)]
struct Found<'a> {
    components: Vec<OfComponent<'a>>,
    /// Adjusted p-values, one for each component in their order, by the question that is shown for it; null where it has none.
    family: BTreeMap<&'static str, Vec<Option<f64>>>,
    /// Every question with its members, seeds and adjusted p-values; members and seeds by index. `components` says whose the p-values are.
    families: &'a [Asked],
    aa_control: Option<Statistics<'a>>,
    noise_floor_exceeded: bool,
    ranks: &'a Option<Ranks>,
    margin: Option<f64>,
    direction: &'static str,
    seeds: &'a [String],
    /// Arms that have the same values in every seed, in groups.
    identical: Vec<Vec<Twin<'a>>>,
    /// Arms in which runs failed; no difference is given for them.
    failures: Vec<FailedArm<'a>>,
    /// What a reader has to know of all verdicts together, and of the table.
    warnings: Vec<Warning>,
}

/// An arm of a group that is identical in every seed.
#[derive(Serialize)]
struct Twin<'a> {
    /// None where all components share it.
    component: Option<&'a str>,
    arm: Arm,
}

#[derive(Serialize)]
struct FailedArm<'a> {
    component: Option<&'a str>,
    arm: Arm,
    failed: usize,
    runs: usize,
    seeds: &'a [String],
}

#[derive(Serialize)]
struct OfComponent<'a> {
    component: &'a str,
    /// The question that is shown for it; its statistics stand beside it.
    question: Option<Question>,
    #[serde(flatten)]
    statistics: Option<Statistics<'a>>,
    /// Why there is no question, and so no statistics; null where there are some.
    reason: Option<String>,
    combined: Option<Combined>,
    modifiers: &'a [Modifier],
    recovered_share: Option<f64>,
    co_adaptation: Option<f64>,
    means: &'a BTreeMap<Arm, f64>,
    recovery: &'a [Recovered],
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
    /// Seeds needed, where the verdict is `inconclusive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    units_needed: Option<u64>,
    /// The difference that they could show.
    #[serde(skip_serializing_if = "Option::is_none")]
    sought: Option<Sought>,
}

impl<'a> Found<'a> {
    fn new(analysis: &'a Analysis, table: &'a ablation_report::Table) -> Self {
        let components: Vec<OfComponent> = analysis
            .components
            .iter()
            .enumerate()
            .map(|(index, component)| OfComponent::new(analysis, table, index, component))
            .collect();
        let p_values = |test: &&'static str| -> (&'static str, Vec<Option<f64>>) {
            let p = |component: &OfComponent| component.statistics.as_ref()?.family.get(test).copied().flatten();
            (*test, components.iter().map(p).collect())
        };
        let family = TESTS.iter().map(p_values).collect();
        let aa_control = analysis.aa_control.as_ref().map(|answer| Statistics::new(analysis, Question::Aa, 0, answer));
        let name = |index: Option<usize>| index.and_then(|index| table.components.get(index)).map(String::as_str);
        let twin = |run: &ablation_report::Run| Twin { component: name(run.component), arm: run.arm };
        let failures = table.failures.iter().map(|failure| FailedArm {
            component: name(failure.component),
            arm: failure.arm,
            failed: failure.seeds.len(),
            runs: failure.runs,
            seeds: &failure.seeds,
        });
        Found {
            components,
            family,
            families: &analysis.families,
            aa_control,
            noise_floor_exceeded: analysis.noise_floor_exceeded,
            ranks: &analysis.ranks,
            margin: analysis.margin,
            direction: if analysis.higher_is_better { "higher" } else { "lower" },
            seeds: &table.seeds,
            identical: analysis.identical.iter().map(|group| group.iter().map(twin).collect()).collect(),
            failures: failures.collect(),
            warnings: Findings::of_table(table, analysis).warnings().to_vec(),
        }
    }
}

impl<'a> OfComponent<'a> {
    fn new(analysis: &'a Analysis, table: &ablation_report::Table, index: usize, component: &'a Component) -> Self {
        let statistics = |question: Question| {
            component.answers.get(&question).map(|answer| Statistics::new(analysis, question, index, answer))
        };
        let question = main_question(component);
        OfComponent {
            component: &component.component,
            question,
            statistics: question.and_then(statistics),
            reason: question.is_none().then(|| table.why_unanswered(index)),
            combined: component.combined,
            modifiers: &component.modifiers,
            recovered_share: component.recovered_share,
            co_adaptation: component.co_adaptation,
            means: &component.means,
            recovery: &component.recovery,
            arms: component.answers.keys().filter_map(|question| Some((*question, statistics(*question)?))).collect(),
        }
    }
}

impl<'a> Statistics<'a> {
    fn new(analysis: &'a Analysis, question: Question, component: usize, answer: &'a Answer) -> Self {
        let asked = analysis.families.iter().find(|asked| asked.question == question);
        let place = asked.and_then(|asked| asked.components.iter().position(|member| *member == component));
        let p = |values: &dyn Fn(&ablation_stats::Family) -> Option<Vec<f64>>| {
            asked.zip(place).and_then(|(asked, place)| values(&asked.family)?.get(place).copied())
        };
        let values: [Option<f64>; TESTS.len()] = [
            p(&|family| family.holm_on_t.clone()),
            p(&|family| Some(family.holm_on_signflip.clone())),
            p(&|family| Some(family.max_t_single_step.clone())),
            p(&|family| Some(family.max_t_step_down.clone())),
            p(&|family| family.holm_on_tost.clone()),
            p(&|family| family.holm_on_tost_signflip.clone()),
        ];
        let family = TESTS.into_iter().zip(values).collect();
        let (extent, needs) = match answer.verdict {
            Some(Verdict::Worse { extent } | Verdict::BetterWithout { extent }) => (Some(extent), None),
            Some(Verdict::Inconclusive { needs }) => (None, needs),
            _ => (None, None),
        };
        Statistics {
            gap: &answer.gap,
            bca95: analysis.bca95(answer),
            values: &answer.values,
            family,
            verdict: answer.verdict.map(word),
            contested: answer.is_contested(),
            extent,
            units_needed: needs.map(|needs| needs.pairs),
            sought: needs.map(|needs| needs.sought),
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Worse { .. } => "worse",
        Verdict::BetterWithout { .. } => "better-without",
        Verdict::Unchanged => "unchanged",
        Verdict::Equivalent => "equivalent",
        Verdict::Inconclusive { .. } => "inconclusive",
    }
}

fn text(analysis: &Analysis, table: &ablation_report::Table, found: &Found) -> String {
    let mut text = head(analysis, found);
    let mut rows = Table::new([
        ("component".into(), Left),
        ("question".into(), Left),
        ("difference".into(), Left),
        ("seeds".into(), Right),
        ("mean".into(), Right),
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
            let name = if index == 0 { visible_line(&component.component).into_owned() } else { String::new() };
            rows.push(row(name, question, answer));
        }
    }
    if let Some(control) = &analysis.aa_control {
        rows.push(row("A/A control".to_string(), Question::Aa, control));
    }
    text += &format!("{}\n", rows.text(""));
    text += &legend(analysis);
    for warning in Findings::of_table(table, analysis).warnings().iter().filter(|warning| warning.code != FIRST) {
        text += &format!("{}\n", visible_line(&warning.text));
    }
    text + &conclusions(analysis, table)
}

/// Code of the warning that is read before any number, or not at all.
const FIRST: &str = "few-units";

/// How many of what, and which values are better: read before any number.
fn head(analysis: &Analysis, found: &Found) -> String {
    let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let size = format!("{}, {}", many(analysis.components.len(), "component"), many(found.seeds.len(), "seed"));
    let mut text = format!("{size}; {} values are better; every difference is arm minus reference\n", found.direction);
    text.extend(analysis.too_few().map(|few| format!("{few}.\n")));
    text + &match analysis.margin {
        Some(margin) => format!("margin {margin}: smaller differences do not matter\n\n"),
        None => "no --margin, so nothing can be called equivalent\n\n".to_string(),
    }
}

/// What the columns are, and what holds for all rows.
fn legend(analysis: &Analysis) -> String {
    let legend = Question::label_legend(&analysis.families.iter().map(|asked| asked.question).collect::<Vec<_>>());
    let mut text = if legend.is_empty() { legend } else { format!("{legend}.\n") };
    text += "p: joint sign-flip test, step-down max-T over all components asked the same; p (t): paired t tests, by Holm;\n\
             p (equiv.): two one-sided t tests against the margin, by Holm. Verdicts are at 0.05.\n";
    text
}

/// What follows for each component. Components of which the same is said are named together.
fn conclusions(analysis: &Analysis, table: &ablation_report::Table) -> String {
    let mut groups: Vec<([String; 2], Vec<String>)> = Vec::new();
    for (index, component) in analysis.components.iter().enumerate() {
        let Some(what) = conclusion(analysis, table, index) else { continue };
        let name = visible_line(&component.component).into_owned();
        match groups.iter_mut().find(|(known, _)| *known == what) {
            Some((_, names)) => names.push(name),
            None => groups.push((what, vec![name])),
        }
    }
    groups.iter().map(|([verdict, meaning], names)| format!("\n{}: {verdict}\n  {meaning}\n", names.join(", "))).collect()
}

/// The combined verdict of a component and what it means; nothing of a variant, whose row says all.
fn conclusion(analysis: &Analysis, table: &ablation_report::Table, index: usize) -> Option<[String; 2]> {
    let component = &analysis.components[index];
    if let Some(combined) = component.combined {
        let judged = component.judged(analysis.unit_of_analysis)?;
        return Some([judged, combined.meaning(component.changed).to_string()]);
    }
    // A row of numbers alone reads as a verdict.
    if component.answers.is_empty() || component.answers.contains_key(&Question::Variant) {
        return None;
    }
    let why = if component.answers.contains_key(&Question::Necessity) {
        "One seed gives none.".to_string()
    } else if table.failures.iter().any(|failure| failure.component == Some(index) && failure.arm == Arm::Retrained) {
        format!("A verdict on necessity takes an arm `{}`, of which runs failed.", Arm::Retrained.name())
    } else {
        format!("A verdict on necessity takes an arm `{}`, which is missing from the table.", Arm::Retrained.name())
    };
    Some(["no verdict".to_string(), why])
}

fn row(name: String, question: Question, answer: &Answer) -> [String; 11] {
    let gap = &answer.gap;
    // An interval without width is none: it says that the seeds made no difference.
    let interval = gap.ci95.map(|interval| match gap.is_unchanged() || gap.is_constant() {
        true => "same in every seed".to_string(),
        false => format!("[{}, {}]", three_digits(Some(interval.low)), three_digits(Some(interval.high))),
    });
    [
        name,
        question.name().to_string(),
        question.formula().to_string(),
        gap.n.to_string(),
        three_digits(Some(gap.mean)),
        interval.unwrap_or(MISSING.to_string()),
        p_value(Some(answer.adjusted)),
        p_value(answer.adjusted_t),
        p_value(answer.adjusted_tost),
        format!("{} of {}", gap.wins, gap.n),
        answer.verdict.map_or("none: one seed".to_string(), |verdict| in_words(verdict, question, Unit::Seed)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_but_that_of_the_aa_control_can_speak_for_a_component() {
        let mut main = MAIN.to_vec();
        main.sort_unstable();
        main.dedup();
        assert_eq!(main.len(), 9);
        assert!(!main.contains(&Question::Aa));
    }

    #[test]
    fn verdicts_are_named_as_everywhere() {
        let better = Verdict::BetterWithout { extent: Extent::Plain };
        for verdict in [better, Verdict::Unchanged, Verdict::Equivalent, Verdict::Inconclusive { needs: None }] {
            assert_eq!(word(verdict), serde_json::to_value(verdict).unwrap()["verdict"]);
        }
    }
}
