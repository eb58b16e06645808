//! What can be typed. Every command that takes settings takes them in the same four ways.

use std::path::PathBuf;

use ablation_assignments::formats::FORMATS;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  ablation bench --preset repeat
  ablation bench --preset two-moons --site blocks.0 --set train.steps=200
  ablation train --preset repeat --seeds 0,1,2 --remove position --save weights.safetensors
  ablation sites --set model.layers=4
  ablation sweep --preset repeat --exhibits
  ablation encode story.txt --vocabulary 512
  ablation run positions.toml
  ablation report positions.study --format html > positions.html
  ablation analyze accuracies.csv --direction higher --margin 0.01
  ablation analyze losses.csv --direction lower --margin 0.02
  ablation calibrate --small
  ablation assignment check positions.assignment.json
  ablation grade handed-in/ --assignment positions.assignment.json --solution positions.solution.json

Exit codes:
  0  it worked
  1  it failed: no such device, a file that cannot be written, a training that diverged, a promise that is broken
  2  bad input: an option, a study, an ablation or a removal that cannot be used";

/// Ablate components of small transformers and diffusion models, and compare with models retrained without them.
#[derive(Debug, Parser)]
#[command(name = "ablation", version, about, after_help = EXAMPLES, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the presets, and every setting with its value, default, range and meaning
    Catalog(ListArguments),
    /// List every word of studies, arms, gaps and verdicts with what it means
    Glossary(GlossaryArguments),
    /// List the components of the model: how each may be ablated or left out, how far the number can be trusted, and why
    Sites(ListArguments),
    /// Train one model per seed, all of them together, and test them
    Train(TrainArguments),
    /// Train, ablate, fine-tune beside a sham, retrain without: the contrast of one component
    Bench(BenchArguments),
    /// Train one model and ablate every component of it in every way, beside as many channels drawn at random
    #[command(after_long_help = SWEEP)]
    Sweep(SweepArguments),
    /// Tell apart what each component adds to the answer itself and what later ones make up for; compare ablated heads with models trained without
    #[command(after_long_help = EFFECTS)]
    Effects(EffectsArguments),
    /// Make tokens of a text (byte pair encoding): the file that the data set `tokens` reads
    #[command(after_long_help = ENCODE)]
    Encode(EncodeArguments),
    /// Print the trials of a study that can be run now, one per line, or what the whole study takes
    #[command(after_long_help = STUDY)]
    Plan(PlanArguments),
    /// Run a study to its end from where it stands, or one trial of it
    #[command(after_long_help = CLUSTER, override_usage = RUN)]
    Run(RunArguments),
    /// What a study found: text, protocol card, tables for papers, figures
    Report(ReportArguments),
    /// What a reviewer would object to; exit code 1 if anything forbids a claim
    Lint(LintArguments),
    /// Analyse results of any framework, from a table with one row per run: gaps, intervals, exact tests, verdicts
    #[command(after_long_help = TABLE)]
    Analyze(AnalyzeArguments),
    /// Count how often verdicts are wrong: run studies whose truth is known from many root seeds; exit code 1 if too many are
    #[command(after_long_help = LIST)]
    Calibrate(CalibrateArguments),
    /// Look at an assignment of a course: what students run and answer
    Assignment(AssignmentArguments),
    /// Grade what students handed in, and run some of their trials again
    #[command(after_long_help = GRADING)]
    Grade(GradeArguments),
}

/// `ablation assignment`.
#[derive(Debug, Args)]
pub struct AssignmentArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: AssignmentCommand,
}

/// What is done with an assignment.
#[derive(Debug, Subcommand)]
pub enum AssignmentCommand {
    /// Check an assignment, and its solution where one is given, and print what students run
    Check {
        /// The assignment
        #[arg(value_name = "ASSIGNMENT.json")]
        assignment: PathBuf,
        /// Its solution
        #[arg(long, value_name = "SOLUTION.json")]
        solution: Option<PathBuf>,
    },
    /// Print the study that a student runs, with the student's root seed
    Study {
        /// The assignment
        #[arg(value_name = "ASSIGNMENT.json")]
        assignment: PathBuf,
        /// The student, as the course spells the name
        student: String,
    },
}

const ENCODE: &str = "\
The tokenizer is learned from the part of the text that is trained on. The file holds it beside the tokens of the three parts, and is given back
with `--corpus`:

  ablation encode story.txt --vocabulary 512 --into story.tokens.json
  ablation train --set data.kind=tokens --set data.vocabulary=512 --corpus story.tokens.json

The same text and size give the same file. A tokenizer.json is one of Hugging Face's library `tokenizers`, which reads what is written here.";

/// `ablation encode`.
#[derive(Debug, Args)]
pub struct EncodeArguments {
    /// The text: UTF-8, at most 2 MB
    #[arg(value_name = "TEXT")]
    pub text: PathBuf,
    /// Learn a tokenizer of at most so many tokens
    #[arg(long, value_name = "TOKENS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(4..=4096))]
    pub vocabulary: u32,
    /// Use this tokenizer.json instead of learning one
    #[arg(long, value_name = "FILE", conflicts_with = "vocabulary")]
    pub tokenizer: Option<PathBuf>,
    /// Write the encoded text here [default: the text's name, ending in .tokens.json]
    #[arg(long, value_name = "FILE")]
    pub into: Option<PathBuf>,
    /// Write the tokenizer.json here as well
    #[arg(long, value_name = "FILE")]
    pub save_tokenizer: Option<PathBuf>,
}

const GRADING: &str = "\
A submission is the file that the page exports. In this order it is checked that the file is a submission; that it answers this assignment;
that its record is of the assignment's study with this student's root seed; that the record is complete and its report follows from its
outcomes; every answer; whether a prediction was made, where one is asked for; and that trials which are run again agree. A submission that
fails one of the first three gets no points. Answers in words are listed with the model answer and carry no points: a person gives them.

A broken file is graded as well, with no points and the reason; the exit code is 0. It is 2 if the assignment, its solution or an option cannot
be used. Names ending in .json are looked for where a folder is given.";

/// `ablation grade`.
#[derive(Debug, Args)]
pub struct GradeArguments {
    /// Submissions, or folders that hold them
    #[arg(required = true, value_name = "SUBMISSION.json|FOLDER")]
    pub submissions: Vec<PathBuf>,
    /// The assignment
    #[arg(long, value_name = "ASSIGNMENT.json")]
    pub assignment: PathBuf,
    /// Its solution
    #[arg(long, value_name = "SOLUTION.json")]
    pub solution: PathBuf,
    /// Run so many trials of each record again; 0 runs none, and does not count their points [default: as many as the solution says]
    #[arg(long, value_name = "N")]
    pub rerun: Option<u32>,
    /// A secret that decides which trials are run again [default: the content of the solution: give one where students can read that]
    #[arg(long, value_name = "SECRET")]
    pub seed: Option<String>,
    /// Who handed it in; a submission by somebody else gets no points
    #[arg(long, value_name = "NAME")]
    pub student: Option<String>,
    /// How the result is written; nbgrader, text and json hold several submissions
    #[arg(long, value_parser = formats(), default_value = FORMATS[0].name())]
    pub format: String,
    /// Write the result into this file instead of printing it
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What computes the trials that are run again
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
}

/// The formats of results.
fn formats() -> PossibleValuesParser {
    FORMATS.map(|format| PossibleValue::new(format.name()).help(format.help())).into()
}

const STUDY: &str = "\
A study, as TOML or as JSON with the same fields. All but version and variants may be left out;
most of what is written here is what the tier says anyway.

  version = 2                    # of the format
  preset = \"repeat\"              # where settings start; `ablation catalog` lists them
  title = \"Two changes\"
  claim = \"Neither matters.\"     # before anything runs; a study without one explores
  tier = \"sketch\"                # sketch, standard or gold
  margin = 0.02                  # smallest difference that matters: share of what the
                                 # reference learns, or { absolute = 0.01 }
  seed = 0                       # root of all seeds
  [settings]
  train.steps = 400
  [[variants]]
  remove = \"position\"            # a component, several, or a pattern: \"blocks.*.mlp\"
  name = \"no positions\"
  ablations = [\"mean\", \"zero\"]   # without this, every operator there is; a component may have
                                 # its own: { sites = { position = \"zero\", norm = \"skip\" } }
  matched = false                # true: one more arm, as large as the reference
  [[variants]]
  swap = { \"model.activation\" = \"relu\" }
  [search]
  trials = 8                     # search points: settings that each arm tries
  tuning_seeds = 1               # seeds per search point
  searches = 1                   # repetitions of the whole search
  [search.space]                 # what is searched, and how far
  \"train.learning_rate\" = [1e-4, 1e-1]
  [final]
  seeds = 6                      # per repetition; with fewer no test can find a difference
  [recovery]
  budgets = [0.01, 0.05, 0.2]    # fine-tuning steps, as shares of the steps of the training
  rates = [0.03, 0.1, 0.3, 1.0]  # learning rates, as shares of the reference's
  short_retrain = true           # train without it from scratch for as long, too

A trial is one model of one arm with one seed, trained as its arm says and measured; a step is one
update by the optimiser. Every line printed is {\"id\": …, \"role\": …, \"trial\": …}. A trial is printed
once the trials that it depends on are done: plan, run, and plan again until nothing is printed.";

/// The study is needed or not, as nothing that is made from the arguments says.
const RUN: &str = "\
ablation run [OPTIONS] <STUDY>
       ablation run [OPTIONS] --trial <LINE> --into <FOLDER>";

const CLUSTER: &str = "\
The folder of the study holds study.json, outcomes/, weights/ and, once every trial is done, record.json. A command that is interrupted or \
killed loses what it was computing and nothing else; the same command goes on. Results do not depend on --jobs, nor on who runs what.

On a cluster every line of `ablation plan`, which is one trial, is a job of its own, and any number of them may share the folder. With HyperQueue:

  until [ -z \"$(ablation plan study.toml --into study | tee ready.jsonl)\" ]; do
    hq submit --wait --each-line ready.jsonl -- sh -c 'ablation run --trial \"$HQ_ENTRY\" --into study'
  done
  ablation run study.toml --into study   # every trial is done: writes the record

A trial of one's own is such a line with nothing but {\"trial\": …}, for example in a file: --trial
mine.json. A stage may train on a mixture of data: for each example one of its sources is drawn, by
weight. A source names the settings of the data that differ from the trial's, and may be another
data set if its examples have the same shape. The model is evaluated on the data of the trial. With
these stages a model that was trained on a mixture is trained further on the data of the trial; the
trial of the first stage alone is run before:

  \"stages\": [{\"init\": \"scratch\", \"steps\": 400, \"data\": [
    {\"set\": {}, \"weight\": 3},
    {\"set\": {\"data.kind\": \"first\", \"data.vocabulary\": 7}, \"weight\": 1}]},
  {\"init\": \"previous\", \"steps\": 100}]";

/// `ablation plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// The study: a TOML or JSON file, its folder, or `-` for standard input
    pub study: PathBuf,
    /// The folder of the study, made where it is missing [default: the study's name with the ending `.study`, if there is one]
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
    /// Print how many trials and steps the whole study takes, by arm, instead of the trials
    #[arg(long)]
    pub summary: bool,
}

/// `ablation run`.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The study: a TOML or JSON file, its folder, or `-` for standard input
    #[arg(required_unless_present = "trial")]
    pub study: Option<PathBuf>,
    /// The folder of the study, made where it is missing [default: the study's name with the ending `.study`]
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
    /// Take the outcomes that this record has, of whatever release or machine, and run only what is missing
    #[arg(long, value_name = "RECORD.json", conflicts_with = "trial")]
    pub from: Option<PathBuf>,
    /// Groups of trials that train at a time on the CPU, at most 256 [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Run this trial only: a line of `ablation plan`, a file that holds one, `-` for standard input, or an id that the study asks for. One
    /// that is done is not run again
    #[arg(long, value_name = "LINE|FILE|ID", conflicts_with = "jobs")]
    pub trial: Option<String>,
    /// Weights that the trial begins with: a safetensors file, which the trial names by its SHA-256, as `sha256sum` prints it, in its first
    /// stage: `"stages": [{"init": {"file": "<SHA-256>"}, "steps": 0}]`. Such a line is written by hand, without `id`. May be repeated
    #[arg(long, value_name = "FILE", requires = "trial")]
    pub weights: Vec<PathBuf>,
    /// The text that the study trains on: UTF-8, at most 2 MB. The study names it by its SHA-256, as `sha256sum` prints it, in its setting
    /// `data.corpus`; without that it is the text that comes with the program. May be repeated
    #[arg(long, value_name = "FILE")]
    pub corpus: Vec<PathBuf>,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    pub device: StudyDevice,
}

/// `ablation report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The folder of a study, or its record
    #[arg(value_name = "FOLDER|RECORD.json")]
    pub study: PathBuf,
    /// How it is written; `md` is `markdown`
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// Write every figure as an SVG into this folder as well
    #[arg(long, value_name = "DIR")]
    pub svg: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal
    #[default]
    Text,
    /// The protocol card for GitHub
    #[value(alias = "md")]
    Markdown,
    /// The protocol card as a page, with figures
    Html,
    /// The protocol card for programs
    Card,
    /// The record: study, outcomes and report
    Json,
    /// The table of verdicts for GitHub
    Table,
    /// The table of verdicts for a paper, with the package `booktabs`
    Latex,
    /// Every statistic, a row for each component and question
    Csv,
}

/// `ablation lint`.
#[derive(Debug, Args)]
pub struct LintArguments {
    /// The folder of a study, or its record
    #[arg(value_name = "FOLDER|RECORD.json")]
    pub study: PathBuf,
    /// Print one line of JSON: {findings}
    #[arg(long)]
    pub json: bool,
}

const TABLE: &str = "\
The table: one row per run, separated by commas, semicolons or tabs, with a header. Columns may stand in any order; others are ignored, and
that is said. A JSON list of such objects, alone or as {\"rows\": [...]}, is read as well.

  component,arm,seed,value
  ,reference,0,1.482           the reference of all components: empty, `-`, `all` or `reference`
  ,reference,1,1.495
  attention,ablated,0,2.913    the trained reference with attention ablated
  attention,ablated,1,2.874
  attention,retrained,0,1.531  retrained from scratch without attention, with its own hyper-parameter search
  attention,retrained,1,1.549

  component  what is changed; reference rows that name a component win over shared ones
  arm        reference          what the other arms are compared with   (R)
             ablated            the reference, ablated after training   (D)
             retrained          retrained from scratch without the component, with its own hyper-parameter search   (N)
             retrained-untuned  the same with the hyper-parameters of the reference   (U)
             recovered          the reference, ablated, then fine-tuned   (H)
             sham               the reference, fine-tuned just as long, not ablated   (S)
             short-retrain      retrained without it, for only as many steps as the fine-tuning   (Z)
             matched            as N, widened to the parameter count of the reference   (M)
             aa                 A/A control: the reference once more, of all components   (P)
             variant            when it is not said how it was made   (V)
  seed       any text; runs of one seed are a pair, so every arm has the same seeds. 1, 01, 1.0 and seed_1 are one seed
  value      the loss or score on held-out data; a number. A decimal comma is read where semicolons or tabs separate cells
  budget     only for recovered, sham and short-retrain, and optional: their steps as a share of the training, such as 0.05
  metric     optional: what the value is a measure of
  parameters optional, also n_params, params and the like: how many the model has, to see whether what was removed is gone

A difference is arm minus reference, whichever direction is better; a verdict `worse` is about harm. An arm that has the values of the
reference in every seed is `unchanged`: nothing was changed, or the switch is not connected. With fewer than six seeds no exact test can
find a difference, whatever its size.";

/// `ablation analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeArguments {
    /// The table, CSV or JSON; `-` is standard input
    pub file: PathBuf,
    /// The smallest difference that matters, in the unit of the values, fixed before looking; without it nothing is called equivalent
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = margin)]
    pub margin: Option<f64>,
    /// Which values are better [default: lower]
    #[arg(long, value_enum)]
    pub direction: Option<Direction>,
    /// Accept arms that lack some of the seeds: every question is asked in the seeds in which all that it compares has been measured
    #[arg(long)]
    pub partial: bool,
    /// The value that marks a run that failed, such as 1000000, or `nan` for what is no number; can be given several times. Failed runs are
    /// counted and not averaged. `none`: every number was measured
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, value_parser = failed)]
    pub failed: Vec<FailedMark>,
    /// How the result is written; `md` is `markdown`
    #[arg(long, value_enum, default_value_t)]
    pub format: TableFormat,
    /// Write every figure as an SVG into this folder as well
    #[arg(long, value_name = "DIR")]
    pub svg: Option<PathBuf>,
    /// Print one line of JSON with every number: {components, family, families, …}
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For a terminal
    #[default]
    Text,
    /// The protocol card for GitHub
    #[value(alias = "md")]
    Markdown,
    /// The protocol card as a page, with figures
    Html,
    /// The protocol card for programs
    Card,
    /// The table of verdicts for GitHub
    Table,
    /// The table of verdicts for a paper, with the package `booktabs`
    Latex,
    /// Every statistic, a row for each component and question
    Csv,
}

/// A value that marks a run that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FailedMark {
    /// This number.
    Value(f64),
    /// NaN, an infinity, an empty cell: anything that is no number.
    NotANumber,
    /// No value does.
    Nothing,
}

fn failed(text: &str) -> Result<FailedMark, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "none" => Ok(FailedMark::Nothing),
        "nan" => Ok(FailedMark::NotANumber),
        number => match number.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(FailedMark::Value(value)),
            _ => Err("give a number such as 1000000, or `nan`, or `none`".to_string()),
        },
    }
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// Losses, errors, perplexities
    Lower,
    /// Accuracies, scores
    Higher,
}

const LIST: &str = "\
Without a list it runs the studies that come with the program (static/studies/calibration/list.json in its repository).
A list of your own says what is true of the variants of your studies, which it names relative to itself:

  [{\"study\": \"null.json\", \"repeats\": 100, \"truth\": {\"weight decay\": \"not-needed\"}},
   {\"study\": \"planted.json\", \"repeats\": 100, \"truth\": {\"attention\": \"needed\", \"MLP\": \"not-needed\"}}]

Wrong is a verdict that finds something that is not needed to be needed or harmful, and one that does not find what is
needed. The A/A control is the reference once more, so its test should reject in one study of twenty. Intervals are
Clopper and Pearson's, at 95 %. A promise counts as broken where the interval excludes it.";

/// `ablation calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArguments {
    /// Studies whose truth is known: a list in JSON [default: those that come with the program]
    #[arg(value_name = "LIST.json")]
    pub list: Option<PathBuf>,
    /// Run each study so many times [default: as often as the list says]
    #[arg(long, value_name = "N")]
    pub repeats: Option<u32>,
    /// Run each a tenth as often: takes minutes and shows gross mistakes only
    #[arg(long, conflicts_with = "repeats")]
    pub small: bool,
    /// Root seed of the first run of each study; the others follow
    #[arg(long, value_name = "N", default_value_t)]
    pub seed: u32,
    /// Studies at a time, at most 256 [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Keep every study in a folder of its own in this one; the same command goes on from there
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
    /// How it is written; `md` is `markdown`
    #[arg(long, value_enum, default_value_t)]
    pub format: CalibrationFormat,
    /// Print one line of JSON: {seed, studies, pooled}
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// How rates are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CalibrationFormat {
    /// For a terminal
    #[default]
    Text,
    /// Tables for GitHub
    #[value(alias = "md")]
    Markdown,
}

/// A command that only lists.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// The settings.
    #[command(flatten)]
    pub study: StudyArguments,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `ablation glossary`.
#[derive(Debug, Args)]
pub struct GlossaryArguments {
    /// Only words that contain this text
    pub word: Option<String>,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `ablation train`.
#[derive(Debug, Args)]
pub struct TrainArguments {
    /// The settings.
    #[command(flatten)]
    pub study: StudyArguments,
    /// Seeds, one model each [default: the seed of the settings]
    #[arg(long, value_name = "N,N,…", value_delimiter = ',')]
    pub seeds: Vec<i64>,
    /// Train without this component from the start; may be repeated
    #[arg(long, value_name = "SITE")]
    pub remove: Vec<String>,
    /// Write the trained weights, [replicas, rows, columns] each; an existing file is replaced only by a complete one
    #[arg(long, value_name = "FILE.safetensors")]
    pub save: Option<PathBuf>,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
    /// Print loss curves and measures as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// `ablation bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// The settings.
    #[command(flatten)]
    pub study: StudyArguments,
    /// The component to ablate, by its path [default: that of the settings]
    #[arg(long)]
    pub site: Option<String>,
    /// The ablation operator [default: that of the settings, or the one with the best grade there]; `ablation sites` lists them
    #[arg(long, value_name = "NAME")]
    pub operator: Option<String>,
    /// A number that the operator takes, such as `factor=0.5`; may be repeated
    #[arg(long = "parameter", value_name = "NAME=X", value_parser = parameter)]
    pub parameters: Vec<(String, f64)>,
    /// Write every figure as an SVG into this folder
    #[arg(long, value_name = "DIR")]
    pub svg: Option<PathBuf>,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
    /// Print the record {description, view} as one line of JSON
    #[arg(long)]
    pub json: bool,
}

const SWEEP: &str = "\
Each number is the rise of the test loss when one component of the trained model is ablated in one way, and nothing is trained further: what the
rest of the model makes of its absence, which is not what a model needs that is trained without it. `ablation sites` says how far each
number can be trusted, and why. Below the components stands what as many channels cost that are drawn at random from all of the same kind: a
component that costs no more is none that stands out. `=` stands for a loss that did not change in any bit, and is explained below the table.";

/// `ablation sweep`.
#[derive(Debug, Args)]
pub struct SweepArguments {
    /// The settings.
    #[command(flatten)]
    pub study: StudyArguments,
    /// An operator, with its parameters at their defaults; may be repeated [default: mean, position_mean, zero, resample, scale, noise, skip and
    /// frozen_scale; with `--pairs`, `--greedy` and `--all-but-one`, which take one, mean, or skip over blocks]
    #[arg(long = "operator", value_name = "NAME")]
    pub operators: Vec<String>,
    /// Random draws of as many channels as a component has, and random orders beside `--greedy`
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(0..=64))]
    pub random: u8,
    /// Ablate every set of these 2 to 8 components together: what each costs by itself, behind all others and over all orders (Shapley values), what
    /// pairs cost beyond their parts, and the order from the cheapest on. The components have commas between them
    #[arg(long, value_name = "COMPONENT,…", value_delimiter = ',')]
    pub together: Vec<String>,
    /// Ablate every pair of components together: which cost more than their two parts (redundancy), and which cost less (overlap)
    #[arg(long)]
    pub pairs: bool,
    /// Ablate one component more in every step, the one that costs least behind those before it, beside as many random orders as `--random` says
    #[arg(long)]
    pub greedy: bool,
    /// Ablate all components but one, for each of them (leaving in), and say whether that ranks them as leaving out does
    #[arg(long)]
    pub all_but_one: bool,
    /// What `--pairs`, `--greedy` and `--all-but-one` ablate [default: branches]
    #[arg(long, value_enum)]
    pub over: Option<Over>,
    /// Show what zeroing weights reports, beside the sound ablation of the same component
    #[arg(long)]
    pub exhibits: bool,
    /// Measure every ablation one by one as well, and say how long both take
    #[arg(long)]
    pub compare: bool,
    /// Threads [default: one a core; one on a GPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Components of one sort: none of them holds another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Over {
    /// What adds to the residual stream in every block, such as attention and MLP
    #[default]
    Branches,
    /// Every attention head
    Heads,
    /// Every block
    Blocks,
}

const EFFECTS: &str = "\
Where branches only add to the residual stream, the logit of the right token (less the mean of all logits) is a sum over them, once the scale of the
final norm is held still. So the change that an ablation makes has three parts: the direct effect, what the component itself no longer adds; what
later components add instead; and the scale of the final norm. A model in which later parts have the other sign repairs itself (the Hydra effect),
and a small change of the loss does not mean that a component did nothing.";

/// `ablation effects`.
#[derive(Debug, Args)]
pub struct EffectsArguments {
    /// The settings.
    #[command(flatten)]
    pub study: StudyArguments,
    /// How components are ablated, with its parameters at their defaults
    #[arg(long, value_name = "NAME", default_value = "mean")]
    pub operator: String,
    /// Show as well what each head costs when it is ablated, beside a model trained without it, with so many seeds (the seed of the settings and the
    /// next ones); everything else stays as it is, so the second is an untuned gap
    #[arg(long, value_name = "SEEDS", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=32))]
    pub retrain: u8,
    /// What computes
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceKind,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Where settings come from. Later sources win: preset, link, file, single settings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings (later ones win)")]
pub struct StudyArguments {
    /// Start from the settings of this preset; `ablation catalog` lists them
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// A link of the page: the whole address, or the part after `#`
    #[arg(long, value_name = "LINK")]
    pub link: Option<String>,
    /// A file of settings, one JSON object: {"model.layers": 1, "train.steps": 200}
    #[arg(long = "settings", alias = "study", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// One setting; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Your own text to train on, with `--set data.kind=text`: UTF-8, at most 2 MB; or, with `--set data.kind=tokens`, what `ablation encode` made of
    /// one. Settings name it by its SHA-256
    #[arg(long, value_name = "FILE")]
    pub corpus: Option<PathBuf>,
    /// Refuse settings that would have to be corrected, instead of warning
    #[arg(long)]
    pub strict: bool,
}

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DeviceKind {
    /// Every build has it; same input, same output
    #[default]
    Cpu,
    /// Needs a build with `--features gpu`
    Gpu,
}

/// What computes a study.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StudyDevice {
    /// Every build has it; same input, same output
    #[default]
    Cpu,
    /// Needs a build with `--features gpu`
    Gpu,
    /// The faster of the two, measured over 20 training steps; a study that was begun goes on where it was begun
    Faster,
}

impl StudyDevice {
    /// The device, if nothing has to be measured.
    pub fn chosen(self) -> Option<DeviceKind> {
        match self {
            StudyDevice::Cpu => Some(DeviceKind::Cpu),
            StudyDevice::Gpu => Some(DeviceKind::Gpu),
            StudyDevice::Faster => None,
        }
    }
}

fn margin(text: &str) -> Result<f64, String> {
    /// No values of a table are larger, and no differences of those that are smaller.
    const LARGEST: f64 = 1e100;
    match text.trim().parse::<f64>() {
        Ok(size) if size != 0.0 && size.is_finite() && !(1.0 / LARGEST..=LARGEST).contains(&size.abs()) => {
            Err("write a number from 1e-100 to 1e100; use another unit for the values".to_string())
        }
        Ok(size) => Ok(size),
        Err(_) => Err("write a number in the unit of the values, for example 0.01; it is no share of them".to_string()),
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => Ok((path.trim().to_string(), value.to_string())),
        _ => Err("write PATH=VALUE, for example model.layers=1".to_string()),
    }
}

/// A parameter of an operator: `factor=0.5`.
fn parameter(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    match value.trim().parse() {
        Ok(value) if !name.trim().is_empty() => Ok((name.trim().to_string(), value)),
        _ => Err("write the name of a parameter and a number, for example factor=0.5".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_is_a_path_and_a_value() {
        assert_eq!(assignment("train.steps=3"), Ok(("train.steps".into(), "3".into())));
        assert_eq!(assignment("x=a=b"), Ok(("x".into(), "a=b".into())));
        assert!(assignment("train.steps").is_err() && assignment("=3").is_err());
    }

    #[test]
    fn the_study_in_the_help_is_a_study_and_says_the_defaults() {
        let example: Vec<&str> = STUDY.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        let example = crate::study_file::parse(&example.join("\n"), false).unwrap();
        let least = "version = 2\npreset = \"repeat\"\n[[variants]]\nremove = \"position\"";
        let least = crate::study_file::parse(least, false).unwrap();
        assert_eq!((&example.design, &example.recovery, example.margin), (&least.design, &least.recovery, least.margin));
        assert_eq!((example.design.tier.as_str(), example.seed, example.variants.len()), ("sketch", least.seed, 2));
    }

    #[test]
    fn a_margin_is_no_percentage() {
        assert_eq!(margin("0.01"), Ok(0.01));
        assert!(margin("1e300").unwrap_err().contains("1e-100 to 1e100") && margin("-1e-300").is_err());
        assert_eq!([margin("0"), margin("-1"), margin("1e-9")], [Ok(0.0), Ok(-1.0), Ok(1e-9)]);
        assert!(margin("1%").unwrap_err().contains("for example 0.01"));
    }

    #[test]
    fn a_parameter_is_a_name_and_a_number() {
        assert_eq!(parameter("factor=-1.5"), Ok(("factor".to_string(), -1.5)));
        for wrong in ["factor", "factor=", "factor=half", "=1"] {
            assert!(parameter(wrong).unwrap_err().contains("factor=0.5"), "{wrong}");
        }
    }
}
