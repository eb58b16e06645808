//! Blocks 0 to 7: what was asked, and how it was to be found out.

use std::collections::BTreeMap;

use ablation_protocol::{Dimension, Grade, ProtocolArm, Purpose, Scale, Searched, Way, schedule};
use ablation_report::{Record, Tuning, inequalities};
use ablation_settings::Settings;

use super::content::item;
use super::{CardItem, Cell, Content, FOUND};
use crate::tables::Findings;

/// Why nothing in a card has a time.
const NO_CLOCK: &str = "a record holds no clock, so that equal runs give equal files";

pub(super) fn identity(record: &Record) -> Vec<CardItem> {
    let Record { study, software, report, .. } = record;
    let registration = match &report.registration {
        Some(hash) => Content::text(hash.clone()),
        None => Content::none("the margin is fixed by the search of the reference, which is not complete"),
    };
    vec![
        item("study_sha256", Content::text(study.hash())),
        item("format", Content::text(format!("study version {}", study.version))),
        item("software", Content::text(format!("{} {}", software.name, software.version))),
        item("date", Content::none(NO_CLOCK)),
        item(
            "kind",
            Content::text(if study.claim.is_empty() {
                "exploratory: no claim was written into the study before it ran"
            } else {
                "confirmatory as far as the hash reaches: the claim and everything that decides a result are part of it. Whether results had been seen before the study was written, no record can say"
            }),
        ),
        item("registration_sha256", registration),
        item("registration_time", Content::none(format!("{NO_CLOCK}; publish the hash to fix its time"))),
    ]
}

/// A sentence for each component, and before them whether more are to come.
fn found(record: &Record) -> Content {
    let Record { study, report, .. } = record;
    if report.analysis.components.iter().all(|component| component.answers.is_empty()) {
        return Content::none("nothing has been measured yet");
    }
    let partly = (!report.progress.complete).then(|| "The study is not complete, so what follows may change.".to_string());
    Content::list(partly.into_iter().chain(Findings::of(study, report).sentences()).collect(), "there is none")
}

pub(super) fn claim(record: &Record) -> Vec<CardItem> {
    let Record { study, .. } = record;
    let claim = if study.claim.is_empty() { Content::none("none was written") } else { Content::text(study.claim.clone()) };
    let steps = study.settings.count("train.steps").unwrap_or(0);
    let of = |group: &str| match within(&study.settings, group) {
        settings if settings.is_empty() => "no settings".to_string(),
        settings => settings.join(", "),
    };
    vec![
        item("claim", claim),
        item("components", Content::list(study.variants.iter().map(|variant| variant.label.clone()).collect(), "there is none")),
        item(FOUND, found(record)),
        item(
            "population",
            Content::text(format!(
                "models of this family and size ({}), on this task ({}), with this budget ({steps} updates)",
                of("model."),
                of("task.")
            )),
        ),
    ]
}

pub(super) fn definitions(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let ways = study.variants.iter().flat_map(|variant| {
        let way = |way: &Way| {
            let sites: Vec<String> = way.sites.iter().map(|ablation| format!("{} {}", ablation.site, way.phrase)).collect();
            [variant.label.as_str().into(), sites.join(", ").into(), graded(&way.grade).into(), way.grade.reason().into()]
        };
        let none = variant
            .not_ablated
            .as_ref()
            .map(|reason| [variant.label.as_str().into(), "none".into(), "not applicable".into(), reason.as_str().into()]);
        variant.ablations.iter().map(way).chain(none).collect::<Vec<[Cell; 4]>>()
    });
    let without = study.variants.iter().map(|variant| -> [Cell; 7] {
        let [before, after] = variant.parameters;
        let listed = |parts: Vec<String>| if parts.is_empty() { Cell::Missing } else { Cell::Text(parts.join(", ")) };
        [
            variant.label.as_str().into(),
            listed(variant.remove.clone()),
            listed(within(&variant.set, "")),
            graded(&variant.grade).into(),
            variant.grade.reason().into(),
            after.into(),
            (100.0 * (after as f64 - before as f64) / before.max(1) as f64).into(),
        ]
    });
    let columns = ["component", "left out", "set", "grade", "because", "parameters", "change in %"];
    vec![
        item("cuts", Content::table(["component", "cut of the trained model", "grade", "because"], ways, "there is none")),
        item(
            "primary_cut",
            Content::text(
                "the one with the lowest mean loss on the tune split; damage beyond it is the cut's and not the component's",
            ),
        ),
        item("from_scratch", Content::table(columns, without, "there is none")),
        item("operations", Content::none("floating-point operations are not counted; parameters are given instead")),
        item(
            "held_fixed",
            Content::text(
                "data, order of batches, number of updates, every other setting, and the initial value of every weight that both models have; hyper-parameters in the search space are found for each arm",
            ),
        ),
    ]
}

pub(super) fn data(record: &Record) -> Vec<CardItem> {
    let settings = within(&record.study.settings, "task.");
    vec![
        item("generator", Content::list(settings, "the task has no settings")),
        item("corpus_hash", Content::none("examples are generated from the seeds of a trial; there is no corpus")),
        item("split_sizes", Content::none("they belong to the task and are not repeated in a record")),
        item(
            "split_policy",
            Content::text(
                "train, tune and test examples come from separate streams and are drawn anew in every block, the same for all arms of it. Hyper-parameters, cuts and healing rates are chosen on tune; test is reported once. There is no stop split, as no checkpoint is chosen",
            ),
        ),
        item(
            "contamination",
            Content::none("not measured: a task with few possible examples may draw some of them for more than one split"),
        ),
    ]
}

/// The arm that a final trial belongs to.
fn arm_of(role: &Purpose) -> Option<ProtocolArm> {
    Some(match role {
        Purpose::Search { .. } => return None,
        Purpose::Trained { arm: Searched::Reference, .. } => ProtocolArm::Reference,
        Purpose::Trained { arm: Searched::Placebo, .. } => ProtocolArm::Placebo,
        Purpose::Trained { arm: Searched::Own(_), .. } => ProtocolArm::RetrainedOwn,
        Purpose::Shortcut { .. } => ProtocolArm::RetrainedSame,
        Purpose::Matched { .. } => ProtocolArm::Matched,
        Purpose::Relearn { .. } => ProtocolArm::Relearn,
        Purpose::Cut { .. } => ProtocolArm::Cut,
        Purpose::Sham { .. } => ProtocolArm::Sham,
        Purpose::Healed { .. } => ProtocolArm::Healed,
    })
}

pub(super) fn arms(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let mut counts: BTreeMap<ProtocolArm, [usize; 2]> = BTreeMap::new();
    for planned in &schedule(study, &record.outcomes).trials {
        let Some(arm) = arm_of(&planned.role) else { continue };
        let [done, known] = counts.entry(arm).or_default();
        *known += 1;
        *done += usize::from(record.outcomes.contains_key(&planned.id));
    }
    let cut = study.variants.iter().any(|variant| !variant.ablations.is_empty());
    let skipped = |arm: ProtocolArm| match arm {
        ProtocolArm::Matched if study.variants.iter().all(|variant| variant.matched.is_none()) => Some("not asked for"),
        ProtocolArm::Relearn if !study.healing.relearn => Some("not asked for"),
        ProtocolArm::Cut | ProtocolArm::Healed | ProtocolArm::Relearn if !cut => Some("no component can be cut"),
        _ => None,
    };
    let rows = ProtocolArm::ALL.into_iter().filter(|arm| *arm != ProtocolArm::Variant).map(|arm| -> [Cell; 4] {
        let state = match (counts.get(&arm), skipped(arm)) {
            (_, Some(reason)) => format!("skipped: {reason}"),
            (None, None) => "not run yet: it waits for what it depends on".to_string(),
            (Some([done, known]), None) if done == known => format!("run: {done} of {known}"),
            (Some([done, known]), None) => format!("not complete: {done} of {known}"),
        };
        [arm.symbol().into(), arm.name().into(), arm.meaning().into(), state.into()]
    });
    vec![item("arms", Content::table(["symbol", "arm", "what it is", "state"], rows, "there is none"))]
}

pub(super) fn budget(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let design = &study.design;
    let unequal = inequalities(study, report);
    let equality = if unequal.is_empty() {
        let text = "every arm with a search has as many points, tuning seeds, repetitions and updates as every other";
        Content::Check { passed: true, text: text.to_string() }
    } else {
        Content::Check { passed: false, text: unequal.join("; ") }
    };
    let number = |path: &str| study.settings.get(path).map_or("not set".to_string(), |value| value.to_string());
    let spent = report.spent;
    vec![
        item("tier", Content::text(design.tier.clone())),
        item("updates", Content::text(format!("{} a training", number("train.steps")))),
        item("batch", Content::text(format!("{} examples an update", number("train.batch")))),
        item("trials", Content::text(format!("{} points a search, before any widening", design.trials))),
        item("tuning_seeds", Content::text(format!("{} a point", design.tuning_seeds))),
        item("searches", Content::text(format!("{} an arm", design.searches))),
        item(
            "seeds",
            Content::text(format!("{} a search; units of analysis: {}", design.seeds, design.unit().many(design.units().into()))),
        ),
        item("equality", equality),
        item(
            "healing",
            Content::text(format!(
                "{} of the updates at {} times the learning rate of the reference, the optimiser reset; sham and healed alike",
                listed(&study.healing.budgets),
                listed(&study.healing.rates)
            )),
        ),
        item(
            "spent",
            Content::text(format!(
                "{} runs, {} of them diverged and counted, {} updates in all",
                spent.runs, spent.diverged, spent.updates
            )),
        ),
        item("wall_time", Content::none(NO_CLOCK)),
        item("devices", Content::list(record.devices().into_iter().map(str::to_string).collect(), "nothing has been run yet")),
        item(
            "precision",
            Content::text("weights and activations in 32 bits, losses and statistics in 64; records hold seven digits"),
        ),
    ]
}

pub(super) fn search(record: &Record) -> Vec<CardItem> {
    let Record { study, report, .. } = record;
    let range = |one: &Dimension| {
        let scale = if one.scale == Scale::Log { "logarithmic" } else { "linear" };
        format!("{} from {} to {}, {scale}", one.path, one.low, one.high)
    };
    let settings = |settings: &Settings| within(settings, "").join(", ");
    let chosen = |tuning: &Tuning| -> [Cell; 8] {
        let best = tuning.chosen.and_then(|index| tuning.points.get(index));
        let runs = tuning.points.len() as f64 * f64::from(study.design.tuning_seeds);
        let diverged: u32 = tuning.points.iter().map(|point| point.diverged).sum();
        [
            tuning.arm.as_str().into(),
            (tuning.search as usize + 1).into(),
            tuning.points.len().into(),
            best.map(|point| settings(&point.settings)).into(),
            best.and_then(|point| point.score).into(),
            if tuning.edges.is_empty() { "none".into() } else { tuning.edges.join(", ").into() },
            (f64::from(diverged) / runs.max(1.0)).into(),
            if tuning.expected_best.is_empty() {
                Cell::Missing
            } else if tuning.under_tuned {
                "still falls: under-tuned".into()
            } else {
                "has come to rest".into()
            },
        ]
    };
    let columns = ["arm", "search", "points", "chosen", "tune loss", "edges", "diverged share", "expected-best curve"];
    let points = report.tuning.iter().flat_map(|tuning| {
        tuning.points.iter().enumerate().map(move |(index, point)| -> [Cell; 7] {
            [
                tuning.arm.as_str().into(),
                (tuning.search as usize + 1).into(),
                (index + 1).into(),
                settings(&point.settings).into(),
                point.score.into(),
                (point.diverged as usize).into(),
                tuning.expected_best.get(index).copied().into(),
            ]
        })
    });
    let point_columns = ["arm", "search", "point", "tried", "tune loss", "diverged", "expected best of as many"];
    let first = report.tuning.iter().find(|tuning| tuning.arm == "reference");
    let widened = match first {
        Some(tuning) if tuning.space != study.space => Content::text(format!(
            "once, for all arms alike, to {}",
            tuning.space.iter().map(range).collect::<Vec<_>>().join("; ")
        )),
        Some(_) => Content::text("no"),
        None => Content::none("no search has begun"),
    };
    vec![
        item("space", Content::list(study.space.iter().map(range).collect(), "nothing is searched")),
        item(
            "algorithm",
            Content::text(
                "Owen-scrambled Sobol points, fixed in advance, the same for the reference and every variant, others for the placebo; lowest mean tune loss wins, a diverged run counts as untrained, ties go to the smaller learning rate",
            ),
        ),
        item("widened", widened),
        item("searches", Content::table(columns, report.tuning.iter().map(chosen), "no search has begun")),
        item("points", Content::table(point_columns, points, "no search has begun")),
    ]
}

pub(super) fn randomness(record: &Record) -> Vec<CardItem> {
    let study = &record.study;
    let seeds = study.blocks().map(|block| -> [Cell; 5] {
        let (seeds, placebo) = (study.seeds(block, false), study.seeds(block, true));
        [
            (block.search as usize + 1).into(),
            (block.seed as usize + 1).into(),
            seeds.data.to_string().into(),
            seeds.init.to_string().into(),
            placebo.init.to_string().into(),
        ]
    });
    let sources = if study.design.searches > 1 {
        "examples of all splits, order of batches, initial weights, dropout and noise, and the whole search"
    } else {
        "examples of all splits, order of batches, initial weights, dropout and noise; not the search, so results are conditional on one"
    };
    vec![
        item("varies", Content::text(sources)),
        item("fixed", Content::text("settings, search points of an arm, software, and the device as far as one was used")),
        item(
            "pairing",
            Content::text(
                "all arms of a block have the same examples in the same order; each weight is drawn from a stream keyed by its own path, so that leaving one part out leaves all others as they were. The placebo has its own initial weights. Tuning seeds are none of these",
            ),
        ),
        item("root_seed", Content::text(study.seed.to_string())),
        item(
            "seeds",
            Content::table(["search", "seed", "data", "initial weights", "initial weights of the placebo"], seeds, "none"),
        ),
    ]
}

/// `model.width 32`, for every setting whose path begins with `group`.
fn within(settings: &Settings, group: &str) -> Vec<String> {
    settings.iter().filter(|(path, _)| path.starts_with(group)).map(|(path, value)| format!("{path} {value}")).collect()
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
