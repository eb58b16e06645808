//! Sections 0 to 7: the claim, the definitions and the protocol, all fixed before the runs.

use std::collections::BTreeMap;

use ablation_protocol::{
    AS_GOOD, Ablation, Arm, Dimension, FRESH_SEEDS, Grade, LEAST_REDRAWN, MOST_CANDIDATES, Scale, Study, Way, schedule,
};
use ablation_report::{Computed, Record, Tuning, inequalities, mixed};
use ablation_settings::{Meaning, Role, Settings};

use super::content::item;
use super::{CardItem, Cell, Content, FOUND};
use crate::tables::Findings;

/// Why a card has no dates and times.
const NO_CLOCK: &str = "a record stores no time, so that the same outcomes always give the same file";

/// Why the tables of the searches are empty.
const NO_SEARCH: &str = "no search has started";

pub(super) fn identity(record: &Record) -> Vec<CardItem> {
    let Record { study, software, report, .. } = record;
    let registration = match &report.registration {
        Some(hash) => Content::text(hash.clone()),
        None => Content::none("the search of the reference fixes the margin, and this search is not complete"),
    };
    vec![
        item("study_sha256", Content::text(study.hash())),
        item("format", Content::text(format!("study version {}", study.version))),
        item("software", Content::text(format!("{} {}", software.name, software.version))),
        item("date", Content::none(NO_CLOCK)),
        item(
            "kind",
            Content::text(if study.claim.is_empty() {
                "exploratory: the study states no claim"
            } else {
                "pre-registered by hash: the hash covers the claim and every setting that affects a result. A record cannot show \
                    whether results were seen before the study was written"
            }),
        ),
        item("registration_sha256", registration),
        item("registration_time", Content::none(format!("{NO_CLOCK}; publish the hash to prove its date"))),
    ]
}

/// One sentence per component, after a warning if the study is not complete.
fn found(record: &Record) -> Content {
    let Record { study, report, .. } = record;
    if report.analysis.components.iter().all(|component| component.answers.is_empty()) {
        return Content::none("nothing has been measured yet");
    }
    let partly = (!report.progress.complete).then(|| "The study is not complete, so these results may change.".to_string());
    Content::list(partly.into_iter().chain(Findings::of(study, report).sentences()).collect(), "there is none")
}

pub(super) fn claim(record: &Record) -> Vec<CardItem> {
    let Record { study, .. } = record;
    let claim =
        if study.claim.is_empty() { Content::none("the study states no claim") } else { Content::text(study.claim.clone()) };
    let steps = study.steps();
    vec![
        item("claim", claim),
        item(
            "components",
            Content::list(study.variants.iter().map(|variant| variant.label.clone()).collect(), "the study has no variants"),
        ),
        item(FOUND, found(record)),
        item(
            "population",
            Content::text(format!(
                "models with these settings ({}), on data with these settings ({}), trained for {steps} steps",
                in_words(study, Role::Shape),
                in_words(study, Role::Data)
            )),
        ),
    ]
}

pub(super) fn definitions(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let ways = study.variants.iter().flat_map(|variant| {
        let way = |way: &Way| {
            let phrase = |ablation: &Ablation| format!("{} {}", ablation.site, way.phrase);
            let sites: Vec<String> = way.sites.iter().map(phrase).collect();
            // Where each component has its own operator, the label says which.
            let sites = if way.phrase.is_empty() { way.label.clone() } else { sites.join(", ") };
            [variant.label.as_str().into(), sites.into(), graded(&way.grade).into(), way.grade.reason().into()]
        };
        let none = variant
            .not_ablated
            .as_ref()
            .map(|reason| [variant.label.as_str().into(), "none".into(), "not applicable".into(), reason.as_str().into()]);
        variant.ablations.iter().map(way).chain(none).collect::<Vec<[Cell; 4]>>()
    });
    let without = study.variants.iter().map(|variant| -> [Cell; 7] {
        let [before, after] = variant.parameters;
        let listed = |entries: Vec<String>| if entries.is_empty() { Cell::Missing } else { Cell::Text(entries.join(", ")) };
        [
            variant.label.as_str().into(),
            listed(variant.remove.clone()),
            listed(listed_settings(&variant.set)),
            graded(&variant.grade).into(),
            variant.grade.reason().into(),
            after.into(),
            (100.0 * (after as f64 - before as f64) / before.max(1) as f64).into(),
        ]
    });
    let columns =
        ["component", "retrained without", "changed settings", "grade", "reason", "parameters", "change in parameters, %"];
    vec![
        item(
            "ablations",
            Content::table(["component", "ablation of the trained model", "grade", "reason"], ways, "the study has no variants"),
        ),
        item(
            "primary_ablation",
            Content::text(
                "the ablation with the lowest mean loss on the tune split. The extra loss of the other ablations comes from the \
                    operator, for example from distribution shift, and is not attributed to the component",
            ),
        ),
        item("from_scratch", Content::table(columns, without, "the study has no variants")),
        item("operations", Content::none("floating-point operations are not counted; the tables give parameter counts instead")),
        item(
            "held_fixed",
            Content::text(
                "the training data, the order of the batches, the number of training steps, every other setting, and the initial value \
                    of every weight that both models have. Hyper-parameters in the search space are tuned separately for each arm that \
                    has its own search",
            ),
        ),
    ]
}

pub(super) fn data(record: &Record) -> Vec<CardItem> {
    let settings = with_role(&record.study, Role::Data);
    vec![
        item("generator", Content::list(settings, "the data set has no settings")),
        item("corpus_hash", Content::none("there is no corpus; examples are generated from the seeds of a trial")),
        item("split_sizes", Content::none("a record does not store the split sizes; they follow from the data set")),
        item(
            "split_policy",
            Content::text(
                "train, tune and test examples come from separate random streams. Every seed draws new examples, and all arms with the \
                    same seed use the same examples. Hyper-parameters, the primary ablation and the learning rate of recovery \
                    fine-tuning are chosen on the tune split; only the test split is reported. No checkpoint is selected, so there is \
                    no early-stopping split",
            ),
        ),
        item(
            "contamination",
            Content::none(
                "not measured; a data set with few distinct examples may draw the same example for more than one split",
            ),
        ),
    ]
}

pub(super) fn arms(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let mut counts: BTreeMap<Arm, [usize; 2]> = BTreeMap::new();
    for planned in &schedule(study, &record.outcomes).trials {
        let Some(arm) = planned.role.arm() else { continue };
        let [done, known] = counts.entry(arm).or_default();
        *known += 1;
        *done += usize::from(record.outcomes.contains_key(&planned.id));
    }
    let is_ablated = study.variants.iter().any(|variant| !variant.ablations.is_empty());
    let skipped = |arm: Arm| match arm {
        Arm::Matched if study.variants.iter().all(|variant| variant.matched.is_none()) => Some("not requested"),
        Arm::ShortRetrain if !study.recovery.short_retrain => Some("not requested"),
        Arm::Ablated | Arm::Recovered | Arm::ShortRetrain if !is_ablated => Some("no component can be ablated"),
        _ => None,
    };
    let rows = Arm::ALL.into_iter().filter(|arm| *arm != Arm::Variant).map(|arm| -> [Cell; 4] {
        let state = match (counts.get(&arm), skipped(arm)) {
            (_, Some(reason)) => format!("skipped: {reason}"),
            (None, None) => "not started: it depends on trials that are not complete".to_string(),
            (Some([done, known]), None) if done == known => format!("complete: {done} of {known} trials"),
            (Some([done, known]), None) => format!("not complete: {done} of {known} trials"),
        };
        [arm.symbol().into(), arm.label().into(), arm.meaning().into(), state.into()]
    });
    vec![item("arms", Content::table(["symbol", "arm", "how it is trained", "status"], rows, "the study has no arms"))]
}

pub(super) fn budget(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let design = &study.design;
    let unequal = inequalities(study, report);
    let equality = if unequal.is_empty() {
        let text = "every arm with its own search has the same number of search points, tuning seeds, repetitions of the search and training steps";
        Content::Check { passed: true, text: text.to_string() }
    } else {
        Content::Check { passed: false, text: unequal.join("; ") }
    };
    let number =
        |meaning: Meaning| study.number(&study.settings, meaning).map_or("not set".to_string(), |value| value.to_string());
    let spent = report.spent;
    vec![
        item("tier", Content::text(design.tier.clone())),
        item("updates", Content::text(format!("{} steps per training from scratch", number(Meaning::Steps)))),
        item("batch", Content::text(format!("{} examples per training step", number(Meaning::Batch)))),
        item("trials", Content::text(format!("{} search points per arm, before any extension of the range", design.trials))),
        item("tuning_seeds", Content::text(format!("{} per search point", design.tuning_seeds))),
        item("searches", Content::text(format!("{} per arm", design.searches))),
        item("seeds", Content::text(format!("{} per search; n = {}", design.seeds, design.unit().many(design.units().into())))),
        item("equality", equality),
        item(
            "recovery",
            Content::text(format!(
                "recovery fine-tuning for {} of the training steps at {} times the learning rate of the reference, with a new \
                    optimiser state; the sham is fine-tuned in the same way",
                listed(&study.recovery.budgets),
                listed(&study.recovery.rates)
            )),
        ),
        item(
            "spent",
            Content::text(format!(
                "{} trials with {} training steps in total; {} of the trials diverged and are included",
                spent.runs, spent.updates, spent.diverged
            )),
        ),
        item("wall_time", Content::none(NO_CLOCK)),
        item("devices", engines(record)),
        item(
            "precision",
            Content::text(
                "weights and activations in 32-bit floating point, losses and statistics in 64-bit; records store seven significant digits",
            ),
        ),
    ]
}

/// What computed the outcomes, and that they were not all computed alike.
fn engines(record: &Record) -> Content {
    let computed = |one: &Computed| match one.engine.numerics {
        0 => format!("{}: {} trials", one.engine.device, one.runs),
        version => format!("{}, arithmetic version {version}: {} trials", one.engine.device, one.runs),
    };
    let listed = record.report.engines.iter().map(computed).chain(mixed(&record.report.engines));
    Content::list(listed.collect(), "no trial is complete")
}

pub(super) fn search(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let range = |one: &Dimension| {
        let scale = if one.scale == Scale::Log { "logarithmic" } else { "linear" };
        format!("{} from {} to {}, {scale}", one.path, one.low, one.high)
    };
    let settings = |settings: &Settings| listed_settings(settings).join(", ");
    let chosen = |tuning: &Tuning| -> [Cell; 9] {
        let best = tuning.chosen.and_then(|index| tuning.points.get(index));
        let runs = tuning.points.len() as f64 * f64::from(study.design.tuning_seeds);
        let diverged: u32 = tuning.points.iter().map(|point| point.diverged).sum();
        [
            tuning.arm_label().into(),
            (tuning.search as usize + 1).into(),
            tuning.points.len().into(),
            best.map(|point| settings(&point.settings)).into(),
            best.and_then(|point| point.rescored.or(point.score)).into(),
            (tuning.chosen.is_some() && tuning.plateau.len() > 1)
                .then(|| {
                    let others = tuning.plateau.iter().filter(|index| Some(**index) != tuning.chosen);
                    others
                        .filter_map(|&index| tuning.points.get(index))
                        .map(|point| settings(&point.settings))
                        .collect::<Vec<_>>()
                        .join("; ")
                })
                .map_or(Cell::from("none"), Cell::from),
            if tuning.edges.is_empty() { "none".into() } else { tuning.edges.join(", ").into() },
            (f64::from(diverged) / runs.max(1.0)).into(),
            if tuning.expected_best.is_empty() {
                Cell::Missing
            } else if tuning.under_tuned {
                "still falls: under-tuned".into()
            } else {
                "converged".into()
            },
        ]
    };
    let columns = [
        "arm",
        "search",
        "points",
        "chosen point",
        "tune loss",
        "plateau besides",
        "at an edge",
        "fraction diverged",
        "expected best loss",
    ];
    let points = report.tuning.iter().flat_map(|tuning| {
        tuning.points.iter().enumerate().map(move |(index, point)| -> [Cell; 8] {
            [
                tuning.arm_label().into(),
                (tuning.search as usize + 1).into(),
                (index + 1).into(),
                settings(&point.settings).into(),
                point.score.into(),
                point.rescored.into(),
                (point.diverged as usize).into(),
                tuning.expected_best.get(index).copied().into(),
            ]
        })
    });
    let point_columns = [
        "arm",
        "search",
        "point",
        "settings",
        "tune loss",
        "scored again",
        "diverged trials",
        "expected best loss of this many points",
    ];
    let first = report.tuning.iter().find(|tuning| tuning.arm == "reference");
    let widened = match first {
        Some(tuning) if tuning.space != study.space => {
            Content::text(format!("once, for all arms, to {}", tuning.space.iter().map(range).collect::<Vec<_>>().join("; ")))
        }
        Some(_) => Content::text("not extended"),
        None => Content::none(NO_SEARCH),
    };
    vec![
        item("space", Content::list(study.space.iter().map(range).collect(), "no setting is searched")),
        item(
            "algorithm",
            Content::text(
                "Owen-scrambled Sobol points, fixed in advance, the same for all arms; a diverged trial is scored with the loss of the \
                    untrained model",
            ),
        ),
        item(
            "choice",
            Content::text(format!(
                "up to {MOST_CANDIDATES} of the best points within the margin of the best, and the point that the reference chose, are scored \
                    again with {FRESH_SEEDS} fresh seeds. Of those within {} % of the margin of the best mean the reference's point is chosen if it is \
                    among them, else (and by the reference itself) the point with the lowest learning rate, then with the lowest other values. \
                    Points within the margin of the best might as well have been \
                    chosen: they are the plateau",
                100.0 * AS_GOOD
            )),
        ),
        item("widened", widened),
        item("searches", Content::table(columns, report.tuning.iter().map(chosen), NO_SEARCH)),
        item("points", Content::table(point_columns, points, NO_SEARCH)),
    ]
}

pub(super) fn randomness(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let seeds = study.pairs().map(|pair| -> [Cell; 5] {
        let (seeds, aa_control) = (study.seeds(pair, false), study.seeds(pair, true));
        [
            (pair.search as usize + 1).into(),
            (pair.seed as usize + 1).into(),
            seeds.data.to_string().into(),
            seeds.init.to_string().into(),
            aa_control.redraw.map_or(String::new(), |redraw| redraw.seed.to_string()).into(),
        ]
    });
    let sources = if study.design.searches > 1 {
        "the examples of all splits, the order of the batches, the initial weights, dropout, noise, and the hyper-parameter search"
    } else {
        "the examples of all splits, the order of the batches, the initial weights, dropout and noise. The hyper-parameter search was \
            made once per arm, so the results are conditional on it"
    };
    vec![
        item("varies", Content::text(sources)),
        item(
            "fixed",
            Content::text(
                "the settings, the search points of an arm, and the software. The device is fixed only if one device computed all trials",
            ),
        ),
        item(
            "pairing",
            Content::text(
                "all arms with the same seed see the same examples in the same order. Each weight is drawn from a random stream of its \
                    own, addressed by the path of the weight, so removing a component does not change the initial weights of the \
                    others. Tuning seeds are different from all of these seeds",
            ),
        ),
        item(
            "aa_control",
            Content::text(format!(
                "the A/A control has the data, the order and the initial weights of the reference, of which it draws {} % anew: as large \
                    a share as the median variant leaves out of the parameters, and at least {} %",
                f64::from(study.redrawn()) / 10_000.0,
                100.0 * LEAST_REDRAWN
            )),
        ),
        item("root_seed", Content::text(study.seed.to_string())),
        item(
            "seeds",
            Content::table(
                ["search", "seed", "data seed", "weight seed", "seed of the weights that the A/A control draws anew"],
                seeds,
                "the study has no seeds",
            ),
        ),
    ]
}

/// The settings of the reference that decide this, in one line.
fn in_words(study: &Study, role: Role) -> String {
    match with_role(study, role) {
        settings if settings.is_empty() => "no settings".to_string(),
        settings => settings.join(", "),
    }
}

/// `model.width 32`, for every setting.
fn listed_settings(settings: &Settings) -> Vec<String> {
    settings.iter().map(|(path, value)| format!("{path} {value}")).collect()
}

/// The same for those of the reference that decide this.
fn with_role(study: &Study, role: Role) -> Vec<String> {
    listed_settings(&study.settings.filtered(|path, _| study.role(path) == Some(role)))
}

fn listed(numbers: &[f64]) -> String {
    numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", ")
}

fn graded(grade: &Grade) -> &'static str {
    match grade {
        Grade::Sound { .. } => "sound",
        Grade::Approximate { .. } => "approximate",
        Grade::Refused { .. } => "refused",
    }
}
