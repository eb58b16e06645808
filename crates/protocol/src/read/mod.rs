//! Reading a study file: from what a person writes to a [`Study`] that is complete and valid.
//!
//! A link is corrected; a study file with an error is rejected, because it is written once, run for hours and cited, and the study that runs
//! has to be the study that was written. TOML and JSON files have the same fields:
//!
//! ```toml
//! version = 2                     # of the format
//! title = "Positions"
//! claim = "A causal model does not need positions."   # optional
//! preset = "repeat"               # where settings start
//! tier = "sketch"                 # sketch, standard or gold
//! seed = 0                        # root of all seeds
//! margin = 0.02                   # fraction of what the reference learned; or { absolute = 0.01 }, a difference of losses
//!
//! [settings]                      # of the reference; dotted paths or tables
//! train.steps = 400
//!
//! [[variants]]
//! remove = "position"             # a component, a list of components, or a pattern such as "blocks.*.mlp"
//! ablations = ["mean", "zero"]    # optional: operators, instead of all that are offered and take no number;
//!                                # one that does is written {operator = "scale", factor = 0.5}
//! matched = true                  # optional: also with as many parameters as the reference
//!
//! [[variants]]
//! name = "relu"                   # optional
//! swap = { "model.activation" = "relu" }
//!
//! [[variants]]
//! set = { "train.weight_decay" = 0 }
//!
//! [search]                        # all optional
//! trials = 8
//! tuning_seeds = 1
//! searches = 1
//! space = { "train.learning_rate" = [0.0003, 0.1] }
//!
//! [final]
//! seeds = 6
//!
//! [recovery]
//! budgets = [0.01, 0.05, 0.2]
//! rates = [0.03, 0.1, 0.3, 1.0]
//! short_retrain = true
//! ```

mod protocol;
mod settings;
mod variant;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use ablation_settings::{Fields, Meaning, Settings, StudyError, compact, json_kind, meant, read_json};
use serde_json::Value as Json;

use crate::bounds;
use crate::catalog::ModelCatalog;
use crate::former::FORMER_STUDY_VERSION;
use crate::limits;
use crate::space::Dimension;
use crate::study::{Known, STUDY_VERSION, Study, Variant};
pub(crate) use settings::of_trials;

/// The study that a file describes.
///
/// # Errors
/// The first field that is missing, unknown, out of range or contradicts another, by its path, with the way out.
pub fn read_study(json: Json, catalog: &dyn ModelCatalog) -> Result<Study, StudyError> {
    let former = (json["version"] == FORMER_STUDY_VERSION).then(|| version::refusal(&json));
    let mut file = Fields::new("", json)?;
    if let Some(message) = former {
        return Err(file.error("version", message));
    }
    match file.take("version") {
        Some(version) if version == STUDY_VERSION => {}
        Some(version) if !version.is_u64() => {
            return Err(file.error("version", format!("{version} is not a whole number; write `version = {STUDY_VERSION}`")));
        }
        Some(version) => {
            let message = format!("this release reads version {STUDY_VERSION}, not {version}; use the release that wrote it");
            return Err(file.error("version", message));
        }
        None if file.has("outcomes") => {
            let message = "it is missing. This looks like a record; use `ablation run STUDY --from RECORD` to reuse its outcomes";
            return Err(file.error("version", message));
        }
        None => return Err(file.error("version", format!("it is missing; write `version = {STUDY_VERSION}`"))),
    }
    let title = file.text("title")?.unwrap_or_default();
    let claim = file.text("claim")?.unwrap_or_default();
    let preset = file.text("preset")?;
    let presets = catalog.presets();
    let preset = match &preset {
        None => &presets[0],
        Some(name) => presets.iter().find(|preset| preset.name == *name).ok_or_else(|| {
            let known: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
            file.error("preset", format!("there is no preset `{name}`; there are: {}", known.join(", ")))
        })?,
    };
    let given = file.take("settings");
    let settings = settings::reference(&file.path("settings"), &preset.settings, given, catalog)?;
    let sites = catalog.sites(&settings).map_err(|message| file.error("settings", message))?;
    let variants = match file.take("variants") {
        None => return Err(file.error("variants", "it is missing; write at least one variant, such as `remove = \"position\"`")),
        Some(Json::Array(list)) if list.is_empty() || list.len() > limits::VARIANTS.1 as usize => {
            return Err(file.error("variants", format!("there are {}; write 1 to {}", list.len(), limits::VARIANTS.1)));
        }
        Some(Json::Array(list)) => list,
        Some(other) => return Err(file.error("variants", format!("this is {}; write a list of tables", json_kind(&other)))),
    };
    let variants = variants
        .into_iter()
        .enumerate()
        .map(|(index, json)| variant::variant(&format!("variants[{index}]"), json, &settings, &sites, catalog))
        .collect::<Result<Vec<_>, _>>()?;
    let mut names = BTreeSet::new();
    if let Some(twice) = variants.iter().find(|variant| !names.insert(&variant.name)) {
        return Err(
            file.error("variants", format!("two variants have the name `{}`; give one of them another `name`", twice.name))
        );
    }
    different(&variants)?;
    let (design, space) = protocol::design(&mut file, &settings, catalog)?;
    protocol::searched_everywhere(&space, &variants)?;
    let steps = meant(&catalog.fields(&settings), Meaning::Steps).and_then(|path| settings.count(path).ok()).unwrap_or(0);
    let recovery = protocol::recovery(&mut file, steps as u64)?;
    let margin = protocol::margin(&mut file)?;
    let seed = u64::from(file.whole("seed", limits::SEED)?.unwrap_or(0));
    file.finish()?;
    let title = if title.is_empty() { preset.label.clone() } else { title };
    let (preset_name, unit) = (preset.name.clone(), catalog.unit(&settings));
    let (settings, known) = as_written(&settings, &preset.settings, &variants, &space, catalog);
    let study = Study {
        version: STUDY_VERSION,
        title,
        claim,
        preset: preset_name,
        unit,
        settings,
        known,
        variants,
        design,
        space,
        recovery,
        margin,
        seed,
    };
    bounds::check(&study)?;
    Ok(study)
}

/// Rejects two variants that are one under two names: a correction for several questions would count it twice.
fn different(variants: &[Variant]) -> Result<(), StudyError> {
    let removed = |variant: &Variant| variant.remove.iter().cloned().collect::<BTreeSet<String>>();
    let is_same = |one: &Variant, other: &Variant| one.set == other.set && removed(one) == removed(other);
    for (index, variant) in variants.iter().enumerate() {
        if let Some(earlier) = variants[..index].iter().find(|earlier| is_same(earlier, variant)) {
            let message = format!(
                "`{}` and `{}` change the same; keep one of them, with the `ablations` of both",
                earlier.name, variant.name
            );
            return Err(StudyError::new(format!("variants[{index}]"), message));
        }
    }
    Ok(())
}

/// The settings of the reference as a study writes them, and what it has to know of every setting that it writes, that an arm changes, or that
/// its preset sets. A setting that none of them mentions and whose value means "as before it existed" leaves no trace, so that the study
/// of a release that has it is the study of one that has not.
fn as_written(
    settings: &Settings,
    preset: &Settings,
    variants: &[Variant],
    space: &[Dimension],
    catalog: &dyn ModelCatalog,
) -> (Settings, BTreeMap<String, Known>) {
    let mut fields = catalog.fields(settings);
    let short = compact(settings, &fields);
    // An option brings settings along that the reference does not have.
    for variant in variants.iter().filter(|variant| variant.set.iter().any(|(path, _)| settings.get(path).is_none())) {
        let own =
            catalog.fields(&settings.filtered(|path, _| !variant.drops.iter().any(|gone| gone == path)).overlaid(&variant.set));
        fields.extend(own.into_iter().filter(|field| settings.get(&field.path).is_none()));
    }
    let changed = |path: &str| {
        let sets = |variant: &Variant| {
            variant.set.get(path).is_some() || variant.matched.as_ref().is_some_and(|matched| matched.get(path).is_some())
        };
        preset.get(path).is_some() || variants.iter().any(sets) || space.iter().any(|dimension| dimension.path == path)
    };
    let known = fields
        .iter()
        .filter(|field| field.in_trial() && (short.get(&field.path).is_some() || changed(&field.path)))
        .map(|field| (field.path.clone(), Known::of(field)))
        .collect();
    (short, known)
}

impl Study {
    /// Reads what [`Study::to_json`] wrote.
    ///
    /// # Errors
    /// If it is no such study, or one that cannot be planned.
    pub fn from_json(text: &str) -> Result<Self, StudyError> {
        let study: Study =
            read_json(text).map_err(|error| StudyError::new("", format!("this is not a complete study: {error}")))?;
        bounds::check(&study)?;
        Ok(study)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::toy;
    use crate::site::Grade;
    use crate::space::Scale;
    use crate::study::Margin;
    use ablation_settings::{Value, toy::Toy};
    use serde_json::json;

    #[test]
    fn what_is_not_said_follows_from_preset_and_tier() {
        let study = toy();
        assert_eq!((study.preset.as_str(), study.title.as_str()), ("text", "text"));
        assert_eq!((study.settings.count("train.steps"), study.unit.as_str()), (Ok(100), "nats"));
        assert_eq!(study.settings.count("model.heads"), Ok(4));
        assert_eq!((study.design.tier.as_str(), study.design.trials, study.design.units()), ("sketch", 8, 6));
        assert_eq!(study.margin, Margin::Share(0.02));
        let [rate] = &study.space[..] else { panic!("{:?}", study.space) };
        assert_eq!((rate.path.as_str(), rate.low, rate.high, rate.scale), ("train.learning_rate", 0.000562, 0.178, Scale::Log));
    }

    /// With a rate near its bound the range is moved and not shortened.
    #[test]
    fn the_rate_is_searched_over_two_and_a_half_decades_wherever_it_stands() {
        let study = json!({"version": 2, "settings": {"train.learning_rate": 0.5}, "variants": [{"remove": "position"}]});
        let Dimension { low, high, bounds, .. } = read_study(study, &Toy).unwrap().space.remove(0);
        assert_eq!(high, bounds[1]);
        assert!((libm::log10(high / low) - 2.5).abs() < 1e-2, "{low} to {high}");
    }

    #[test]
    fn variants_are_named_labelled_counted_and_ablated() {
        let [position, decay] = &toy().variants[..] else { panic!("two variants") };
        assert_eq!((position.name.as_str(), position.label.as_str()), ("position", "− position"));
        assert_eq!(position.parameters, [2380, 2280]);
        let operators: Vec<&str> = position.ablations.iter().map(|way| way.sites[0].operator.as_str()).collect();
        assert_eq!(operators, ["mean", "zero"], "what takes a number is studied only when asked for");
        let grades: Vec<&Grade> = position.ablations.iter().map(|way| &way.grade).collect();
        assert_eq!(grades, [&Grade::sound("it only adds"), &Grade::approximate("off distribution")]);
        assert_eq!((decay.name.as_str(), decay.label.as_str()), ("train.weight_decay=0", "weight decay 0.1 → 0"));
        assert_eq!(decay.set.get("train.weight_decay"), Some(&Value::Number(0.0)));
        assert!(decay.ablations.is_empty() && decay.not_ablated.as_ref().unwrap().contains("only during training"));
    }

    #[test]
    fn patterns_name_components_together() {
        let study = json!({"version": 2, "variants": [{"name": "mlps", "remove": "blocks.*.mlp"}]});
        let study = read_study(study, &Toy).unwrap();
        assert_eq!(study.variants[0].remove, ["blocks.0.mlp", "blocks.1.mlp"]);
        assert_eq!(study.variants[0].ablations.len(), 1, "zero is not offered at both");
        assert_eq!(study.variants[0].grade.reason(), "it matters");
    }

    /// An ablation may have an operator of its own at each component, and reach beyond what is removed.
    #[test]
    fn each_component_may_have_an_operator_of_its_own() {
        let sites = json!({"blocks.*.mlp": "mean", "position": {"operator": "scale", "factor": 2}});
        let study = json!({"version": 2, "variants": [{"remove": "blocks.0.mlp", "ablations": ["zero", {"sites": sites}]}]});
        let study = read_study(study, &Toy).unwrap();
        let [zero, each] = &study.variants[0].ablations[..] else { panic!("two ways") };
        assert_eq!((zero.sites.len(), zero.phrase.as_str()), (1, "replaced by its zero"));
        assert_eq!(each.label, "position: scale (factor 2), blocks.0.mlp: mean, blocks.1.mlp: mean");
        assert_eq!((each.phrase.as_str(), &each.grade), ("", &Grade::approximate("off distribution")), "that of the least");
        let found: Vec<_> =
            each.sites.iter().map(|one| (one.site.as_str(), one.operator.as_str(), one.parameters.len())).collect();
        assert_eq!(found, [("position", "scale", 1), ("blocks.0.mlp", "mean", 0), ("blocks.1.mlp", "mean", 0)]);
        // Written and read again it is the same.
        assert_eq!(read_study(crate::file::study_file(&study), &Toy).unwrap(), study);
    }

    #[test]
    fn a_study_survives_its_record_and_its_hash_sees_every_field() {
        let study = toy();
        let json = serde_json::to_string(&study).unwrap();
        let read: Study = serde_json::from_str(&json).unwrap();
        assert_eq!((read.hash(), &read), (study.hash(), &study));
        let others = [
            Study { seed: 1, ..study.clone() },
            Study { margin: Margin::Share(0.03), ..study.clone() },
            Study { claim: "x".into(), ..study.clone() },
            Study { settings: study.settings.clone().with("train.warmup", 3), ..study.clone() },
        ];
        for other in others {
            assert_ne!(other.hash(), study.hash());
        }
    }

    /// A model of points has no heads: they go with the text, and come with it at their default or at what the variant says.
    #[test]
    fn settings_come_and_go_with_a_chosen_option() {
        let read = |file: Json| read_study(file, &Toy).unwrap();
        let to_points = read(json!({"version": 2, "variants": [{"swap": {"model.kind": "points"}}]}));
        let [gone] = &to_points.variants[..] else { panic!("one variant") };
        assert_eq!(
            (gone.set.clone(), &gone.drops[..]),
            (Settings::default().with("model.kind", "points"), &["model.heads".into()][..])
        );
        assert_eq!((gone.name.as_str(), gone.label.as_str()), ("model.kind=points", "text → points, − model.heads"));
        let text = |variant: Json| read(json!({"version": 2, "preset": "cloud", "variants": [variant]}));
        let by_default = text(json!({"swap": {"model.kind": "text"}}));
        let set = Settings::default().with("model.kind", "text").with("model.heads", 4);
        assert_eq!((&by_default.variants[0].set, by_default.variants[0].name.as_str()), (&set, "model.kind=text"));
        assert_eq!(
            by_default.role("model.heads"),
            Some(ablation_settings::Role::Shape),
            "it is known although the reference has none"
        );
        let said = text(json!({"swap": {"model.kind": "text", "model.heads": 2}}));
        assert_eq!(said.variants[0].set, set.clone().with("model.heads", 2));
        // Every trial has the settings of its own model.
        for (study, without) in [(&to_points, "points"), (&by_default, "points"), (&said, "points")] {
            let trials = crate::schedule::schedule(study, &crate::made_up::run(study, crate::made_up::world(0.0))).trials;
            let kinds: BTreeSet<&str> =
                trials.iter().filter_map(|planned| planned.trial.settings.text("model.kind").ok()).collect();
            assert_eq!(kinds.len(), 2);
            for planned in &trials {
                let settings = &planned.trial.settings;
                assert_eq!(settings.get("model.heads").is_none(), settings.text("model.kind") == Ok(without), "{}", planned.id);
            }
            let file = crate::file::study_file(study);
            assert_eq!(&read(file), study);
            assert_eq!(&Study::from_json(&study.to_json()).unwrap(), study);
        }
    }

    /// What is not written may be the same for a short training, and is then tried once.
    #[test]
    fn usual_budgets_that_are_the_same_number_of_steps_are_one() {
        let study =
            json!({"version": 2, "settings": {"train.steps": 20, "train.warmup": 0}, "variants": [{"remove": "position"}]});
        assert_eq!(read_study(study, &Toy).unwrap().recovery.budgets, [0.01, 0.2]);
    }

    /// Every way to be wrong names the field and the way out.
    #[test]
    fn what_cannot_be_a_study_is_refused_by_field() {
        let study = |changes: Json| {
            let mut study = json!({"version": 2, "variants": [{"remove": "position"}]});
            changes.as_object().unwrap().iter().for_each(|(name, value)| study[name] = value.clone());
            read_study(study, &Toy).unwrap_err().to_string()
        };
        let cases = [
            (json!({"version": 3}), "`version`: this release reads version 2, not 3"),
            (json!({"version": "2"}), "`version`: \"2\" is not a whole number; write `version = 2`"),
            (json!({"version": 1}), "`version`: this file is of version 1. Version 2 renamed settings and words"),
            (json!({"version": null}), "`version`: it is missing"),
            (json!({"version": null, "outcomes": {}}), "looks like a record"),
            (json!({"preset": "texts"}), "`preset`: there is no preset `texts`; there are: text, cloud"),
            (json!({"healing": {}}), "`healing` is called `recovery` since version 2"),
            (json!({"recovery": {"relearn": true}}), "`relearn` is called `short_retrain` since version 2"),
            (json!({"variants": [{"remove": "position", "cuts": ["mean"]}]}), "`cuts` is called `ablations` since version 2"),
            (
                json!({"variants": [{"remove": "position", "ablations": ["mean_by_position"]}]}),
                "`mean_by_position` is called `position_mean` since version 2",
            ),
            (
                json!({"variants": [{"set": {"model.prediction": "noise"}}]}),
                "`model.prediction` is called `objective.prediction` since version 2",
            ),
            (json!({"settings": {"cut.site": "position"}}), "`cut.site` is called `ablation.site` since version 2"),
            (json!({"teir": "gold"}), "`teir`: there is no such field; did you mean `tier`?"),
            (json!({"tier": "silver"}), "`tier`: there is no tier `silver`; there are: sketch, standard, gold"),
            (json!({"title": 3}), "`title`: this is a number"),
            (json!({"variants": []}), "`variants`: there are 0; write 1 to 64"),
            (json!({"variants": "position"}), "`variants`: this is a text"),
            (json!({"variants": [{"remove": "positions"}]}), "`variants[0].remove`: there is no component `positions`"),
            (json!({"variants": [{"remove": "unembed"}]}), "`variants[0].remove`: retraining without `unembed` is not possible"),
            (json!({"variants": [{"remove": ["position", "position"]}]}), "`position` is already removed"),
            (json!({"variants": [{"remove": "position", "ablations": ["skip"]}]}), "choose from: mean, zero"),
            (
                json!({"variants": [{"set": {"model.heads": 2}, "ablations": ["mean"]}]}),
                "leave this field out: a replacement cannot be ablated",
            ),
            (json!({"variants": [{"remove": "position", "ablations": ["zero", "zero"]}]}), "`zero` is written twice"),
            (
                json!({"variants": [{"set": {"model.width": 8}}]}),
                "`variants[0].set`: `model.heads` 4 is not valid with this change; set it here as well, for example to 2",
            ),
            (
                json!({"variants": [{"swap": {"model.width": 8}}]}),
                "`variants[0].swap`: `model.heads` 4 is not valid with this change; set it here as well, for example to 2",
            ),
            (
                json!({"variants": [{"swap": {"model.heads": 2}, "set": {"model": {"heads": 1}}}]}),
                "`variants[0].set.model.heads`: it stands in `swap` as well; keep one of them",
            ),
            (
                json!({"variants": [{"remove": "position"}, {"name": "x", "remove": "position", "ablations": "zero"}]}),
                "`variants[1]`: `position` and `x` change the same",
            ),
            (
                json!({"variants": [{"remove": ["position", "blocks.0.mlp"]}, {"remove": ["blocks.0.mlp", "position"]}]}),
                "`position+blocks.0.mlp` and `blocks.0.mlp+position` change the same",
            ),
            (
                json!({"variants": [{"name": "AA", "remove": "position"}]}),
                "`variants[0].name`: `AA` is the name of the A/A control",
            ),
            (json!({"variants": [{"name": " reference", "remove": "position"}]}), "`reference` is the name of the reference"),
            (json!({"variants": [{"name": "a/a control", "remove": "position"}]}), "is the name of the A/A control"),
            (json!({"variants": [{"name": " ", "remove": "position"}]}), "`variants[0].name`: the name is empty"),
            (
                json!({"variants": [{"remove": "position", "ablations": [{"operator": "scale", "factor": 1}]}]}),
                "`variants[0].ablations`: `scale` with factor 1 changes nothing; write another factor",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": ["zero", {"operator": "scale", "factor": 0.0}]}]}),
                "`scale` with factor 0 does the same as `zero`; keep one of them",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": ["scale", {"operator": "scale", "factor": 0.5}]}]}),
                "`scale` is written twice",
            ),
            (
                json!({"settings": {"train.steps": 50, "train.warmup": 60}}),
                "`settings.train.warmup`: 60 steps of warm-up are more than the 50 steps of training",
            ),
            (
                json!({"settings": {"train.steps": 50}, "variants": [{"set": {"train.warmup": 60}}]}),
                "`variants[0].set.train.warmup`: 60 steps of warm-up",
            ),
            (
                json!({"settings": {"train.steps": 50}, "search": {"space": {"train.warmup": [0, 60]}}}),
                "`search.space.train.warmup`: 60 steps of warm-up",
            ),
            (json!({"recovery": {"budgets": [0.05, 0.05]}}), "`recovery.budgets`: 0.05 stands twice; write it once"),
            (json!({"recovery": {"rates": [1, 1.0]}}), "`recovery.rates`: 1 stands twice"),
            (
                json!({"recovery": {"budgets": [0.0501, 0.0502]}}),
                "`recovery.budgets`: 0.0501 and 0.0502 of 400 steps are both 20 steps; keep one of them",
            ),
            (
                json!({"search": {"space": {"train.lerning_rate": [0.001, 0.3]}}}),
                "`search.space.train.lerning_rate`: there is no such setting; did you mean `train.learning_rate`?",
            ),
            (
                json!({"search": {"space": {"seed": [1, 3]}}}),
                "`search.space.seed`: only training hyper-parameters can be searched",
            ),
            (
                json!({"search": {"trials": 256, "tuning_seeds": 16, "searches": 32}}),
                "the limit is 100000; compare fewer variants",
            ),
            (json!({"variants": [{"name": "x"}]}), "`variants[0]`: the variant changes nothing"),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"blocks.0.mlp": "mean"}}}]}),
                "`variants[0].ablations`: `position` is removed by this variant and has no operator in `sites`; name one",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": "mean", "block": "mean"}}}]}),
                "there is no component `block`",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": "mean", "*": "mean"}}}]}),
                "`sites`: `position` and `position` are the same or one is a part of the other; keep one",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": "mean", "blocks.1.mlp": "zero"}}}]}),
                "the operator `zero` does not apply here; choose from: mean",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": {"operator": "scale", "factor": 1}}}}]}),
                "`scale` with factor 1 changes nothing",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": ["mean", {"sites": {"position": "mean"}}]}]}),
                "`mean` is written twice",
            ),
            (
                json!({"variants": [{"remove": ["blocks.1.mlp", "blocks.0.mlp"], "ablations": ["mean", {"sites": {"blocks.*.mlp": "mean"}}]}]}),
                "`mean` is written twice",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": [
                    "mean",
                    {"sites": {"position": "mean", "blocks.0.mlp": {"operator": "scale"}}},
                    {"sites": {"position": "mean", "blocks.0.mlp": {"operator": "scale", "factor": 0.5}}},
                ]}]}),
                "`mean` is written twice",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": "mean", "blocks.0.mlp": "mean"}}}]}),
                "each of these also ablates what the variant does not remove; add one that does not",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {}}}]}),
                "`position` is removed by this variant and has no operator in `sites`",
            ),
            (
                json!({"variants": [{"remove": "position", "ablations": {"sites": {"position": 3}}}]}),
                "an ablation is the name of an operator",
            ),
            (json!({"variants": [{"cut": "position"}]}), "`variants[0].cut`: there is no such field; did you mean `ablations`?"),
            (json!({"heal": {}}), "`heal`: there is no such field; did you mean `recovery`?"),
            (
                json!({"variants": [{"set": {"train.lr": 0.1}}]}),
                "`variants[0].set.train.lr`: there is no such setting; did you mean `train.learning_rate`?",
            ),
            (json!({"variants": [{"set": {"train.steps": 9}}]}), "every arm has the same budget"),
            (json!({"variants": [{"set": {"model.heads": 4}}]}), "the reference already has `model.heads` 4"),
            (
                json!({"variants": [{"swap": {"model": {"hedas": 4}}}]}),
                "`variants[0].swap.model.hedas`: there is no such setting; did you mean `model.heads`?",
            ),
            (json!({"variants": [{"set": {"model.heads": 99}}]}), "`variants[0].set.model.heads`: `99` cannot be used"),
            (json!({"variants": [{"remove": "position"}, {"remove": "position"}]}), "two variants have the name `position`"),
            (
                json!({"variants": [{"remove": "blocks.*.mlp", "matched": true}]}),
                "`variants[0].matched`: no width gives the parameter count of the reference within 1 %; the closest is `model.width` 34, which is 1.3 % off",
            ),
            (json!({"settings": {"seed": 4}}), "`settings.seed`: it belongs to the sandbox"),
            (json!({"settings": {"model.width": true}}), "`settings.model.width`: true or false is not a number"),
            (json!({"settings": {"model.widht": 9}}), "`settings.model.widht`: `9` cannot be used"),
            (json!({"search": {"trials": 0}}), "`search.trials`: 0 is not a whole number from 1 to 256"),
            (
                json!({"search": {"space": {"train.learning_rate": [0.1, 0.001]}}}),
                "`search.space.train.learning_rate`: [0.1,0.001]",
            ),
            (
                json!({"search": {"space": {"train.learning_rate": [1e-300, 1e300]}}}),
                "`search.space.train.learning_rate`: [1e-300,1e+300] is not a range within 0.00001 to 1",
            ),
            (json!({"search": {"space": {"train": {"learning_rate": [0.001, 0.01]}}}}), "at least 2.5 decades"),
            (json!({"search": {"space": {"train.steps": [1, 10]}}}), "every arm has the same budget"),
            (
                json!({"search": {"space": {"train.learning_rate": [0.001, 0.3], "train": {"learning_rate": [0.0001, 0.1]}}}}),
                "`search.space.train.learning_rate`: it stands twice, nested and with dots",
            ),
            (
                json!({"settings": {"train": {"steps": 4}, "train.steps": 5}}),
                "`settings.train.steps`: it stands twice, nested and with dots; keep one of them",
            ),
            (
                json!({"variants": [{"set": {"train.weight_decay": 0, "train": {"weight_decay": 0.1}}}]}),
                "train.weight_decay`: it stands twice",
            ),
            (json!({"final": {"seeds": 1e9}}), "`final.seeds`: 1000000000.0 is not a whole number"),
            (json!({"recovery": {"budgets": [0.0]}}), "`recovery.budgets`"),
            (json!({"margin": 2}), "`margin`: 2 is not a fraction"),
            (json!({"margin": {"absolute": 0.1, "share": 0.1}}), "write either `absolute`"),
            (json!({"seed": -1}), "`seed`: -1 is not a whole number"),
        ];
        for (changes, message) in cases {
            let error = study(changes.clone());
            assert!(error.contains(message), "{changes}: {error}");
        }
        assert!(read_study(json!([1]), &Toy).unwrap_err().to_string().contains("this is a list"));
    }
}
