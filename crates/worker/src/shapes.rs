//! What crosses from the worker to the page, as serde writes it. The page's types are made from these (`tests/types.rs`).

use std::collections::BTreeMap;

use ablation_documents::{Card, Sentence};
use ablation_figures::Figure;
use ablation_models::PresetLink;
use ablation_protocol::{Cost, Design, Purpose, study_file};
use ablation_report::{Finding, Report};
use ablation_settings::Correction;
use serde::Serialize;

/// Version of the product and its named starting points.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Catalog {
    /// Version of the product.
    pub version: String,
    /// Named starting points.
    pub presets: Vec<PresetLink>,
}

/// A study as the page shows it before it runs.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Sheet<'a> {
    /// The study's own link, if it can be said in one.
    pub link: Option<String>,
    /// What could not be used of a link.
    pub corrections: Vec<Correction>,
    /// The variants that leave components out, as a link says them.
    pub without: Vec<String>,
    /// The variants that change settings, as a link says them.
    pub with: Vec<String>,
    /// Those of both that are trained at the reference's size as well.
    pub matched: Vec<String>,
    /// Those that cannot be trained at the reference's size, with the reasons.
    pub unmatched: BTreeMap<String, String>,
    /// The study file that says the same, to be run elsewhere.
    pub file: String,
    /// Why there is no study.
    pub refused: Option<Refusal>,
    /// The study.
    pub study: Option<ShownStudy<'a>>,
}

/// Why there is no study.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Refusal {
    /// Where.
    pub path: String,
    /// Why, and the way out.
    pub message: String,
}

/// A study with what follows from it.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ShownStudy<'a> {
    /// The text that is the study. Its hash names it, and JavaScript would write other numbers, so the page keeps it as it came.
    pub json: String,
    /// The hash of the text.
    pub hash: String,
    /// The study.
    #[serde(flatten)]
    pub study: &'a ablation_protocol::Study,
    /// Units of analysis.
    pub units: u32,
    /// Trials and steps.
    pub cost: Cost,
    /// The named tiers, and what each would take.
    pub tiers: Vec<Tier>,
}

/// A named tier and what it would take.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Tier {
    /// Searches and seeds.
    #[serde(flatten)]
    pub design: Design,
    /// Trials and steps.
    pub cost: Cost,
}

impl<'a> Sheet<'a> {
    /// A study that came by a file.
    pub fn of(study: &'a ablation_protocol::Study) -> Self {
        Sheet {
            link: None,
            corrections: vec![],
            without: vec![],
            with: vec![],
            matched: vec![],
            unmatched: BTreeMap::new(),
            file: pretty(&study_file(study)),
            refused: None,
            study: Some(ShownStudy::new(study)),
        }
    }
}

impl<'a> ShownStudy<'a> {
    /// A study with what follows from it.
    pub fn new(study: &'a ablation_protocol::Study) -> Self {
        let cost =
            |design: &Design| ablation_protocol::cost(&ablation_protocol::Study { design: design.clone(), ..study.clone() });
        ShownStudy {
            json: text(study),
            hash: study.hash(),
            units: study.design.units(),
            cost: cost(&study.design),
            tiers: Design::tiers().map(|design| Tier { cost: cost(&design), design }).into(),
            study,
        }
    }
}

/// A record with its study and its outcomes.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ReadRecord<'a> {
    /// The study.
    pub sheet: Sheet<'a>,
    /// Every outcome as text.
    pub outcomes: Vec<String>,
}

/// An outcome that cannot be used.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct RefusedOutcome {
    /// Id of its trial; empty if it gives none.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What can be run now.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Plan {
    /// In the order in which they should run.
    pub fleets: Vec<Fleet>,
    /// Everything that is known to be needed, done or not.
    pub schedule: Vec<Entry>,
    /// The margin in the unit of the loss, once it is fixed.
    pub margin: Option<f64>,
    /// Whether all is done and nothing will be added.
    pub complete: bool,
}

/// Trials that train in lock-step.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Fleet {
    /// The trials as text.
    pub trials: String,
    /// Their ids.
    pub ids: Vec<String>,
    /// Steps of all of them together.
    pub updates: u64,
    /// The trainings that they go on from.
    pub origins: Vec<Origin>,
    /// Those whose weights others go on from.
    pub keep: Vec<String>,
}

/// A training that others go on from.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Origin {
    /// Its id.
    pub id: String,
    /// Its trial as text of a list of one.
    pub trials: String,
}

/// A trial that is known to be needed.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// What it is for.
    #[serde(flatten)]
    pub role: Purpose,
    /// Steps that it makes.
    pub updates: u64,
}

/// What the engine makes of a study and its outcomes.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct StudyReport {
    /// Gaps and verdicts.
    pub report: Report,
    /// Drawn.
    pub figures: Vec<Figure>,
    /// Which figures have nothing to show, and why; none if all are drawn.
    pub left_out: Option<String>,
    /// The protocol card.
    pub card: Card,
    /// The protocol card as files.
    pub written: Written,
    /// What the linter finds.
    pub findings: Vec<Finding>,
    /// The table of results as files.
    pub tables: Tables,
    /// What is said of each component, and of all of them.
    pub sentences: Vec<Sentence>,
}

/// The protocol card as files.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[expect(missing_docs, reason = "named by their formats")]
pub struct Written {
    pub html: String,
    pub markdown: String,
    pub json: String,
}

/// The table of results as files.
#[derive(Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[expect(missing_docs, reason = "named by their formats")]
pub struct Tables {
    pub markdown: String,
    pub latex: String,
    pub csv: String,
    pub text: String,
}

/// Compact JSON.
pub fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data is JSON")
}

/// JSON for people.
pub fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plain data is JSON")
}
