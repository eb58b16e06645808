//! What can be set, which starting points there are, and the model that settings describe.

use std::rc::Rc;

use ablation_data::{Data, Layout, Other};
use ablation_protocol::{ModelCatalog, Site, Swap};
use ablation_settings::{Affects, Catalog, Choice, Field, Group, Kind, Meaning, Preset, Role, Settings};

use crate::ablation_fields::ablation_fields;
use crate::context::Context;
use crate::error::ModelError;
use crate::input_parts::InputParts;
use crate::model::Model;
use crate::parameter::Parameter;
use crate::pruning::Pruning;
use crate::recipe::{Defaults, Recipe};
use crate::{backbones, objectives};

/// Every data set, objective, backbone and recipe of this product.
#[derive(Clone, Copy, Debug, Default)]
pub struct Models;

/// The setting that holds the number of training steps.
pub(crate) const STEPS: &str = "train.steps";

/// The model that complete settings describe, with the file of its data read if there is one: what is trained.
///
/// # Errors
/// As [`build`], and if the file is not in `context` or is of no use.
pub fn open(settings: &Settings, context: &Context) -> Result<Rc<Model>, ModelError> {
    model(settings, ablation_data::open(settings, context)?)
}

/// The model that complete settings describe: its shape, its parameters and its sites, for which no file is read.
pub fn build(settings: &Settings) -> Result<Rc<Model>, ModelError> {
    model(settings, ablation_data::build(settings)?)
}

fn model(settings: &Settings, data: Box<dyn Data>) -> Result<Rc<Model>, ModelError> {
    let layout = data.layout();
    let backbone = backbones::chosen(settings, &layout)?;
    let blocks = (backbone.build)(settings, &layout)?;
    let other = Other::read(settings, &*data)?;
    let objective = (objectives::chosen(settings, &layout)?.build)(settings, data, backbone.mixes)?;
    let model = Model::new(objective, blocks).beside(other);
    let parts = InputParts::read(settings, model.positions());
    Ok(Rc::new(model.in_parts(parts)))
}

/// Adds the other values of settings to the sites that the settings affect.
fn offer_swaps(sites: &mut [Site], fields: &[Field], settings: &Settings) {
    for field in fields {
        let Kind::Choice { options, .. } = &field.kind else { continue };
        let Some(now) = options.iter().find(|option| settings.text(&field.path) == Ok(&option.value)) else { continue };
        let affected = |site: &&mut Site| match &field.affects {
            Affects::Nothing => false,
            Affects::Sites(kinds) => kinds.contains(&site.kind),
            Affects::Everything => true,
        };
        for site in sites.iter_mut().filter(affected) {
            let others = options.iter().filter(|option| option.value != now.value);
            site.swaps.extend(others.map(|other| Swap {
                path: field.path.clone(),
                value: other.value.clone(),
                label: format!("{}: {} → {}", field.label, now.label, other.label),
            }));
        }
    }
}

/// The fields of a training, without those of what is ablated in the sandbox, for which the model has to be built.
pub(crate) fn recipe_fields(chosen: &Settings) -> Vec<Field> {
    let mut fields = ablation_data::fields(chosen);
    // Until the data set is settled nothing else can be asked.
    let Ok(data) = ablation_data::build(chosen) else { return fields };
    fields.extend(Other::fields(&*data, chosen));
    let layout = data.layout();
    fields.extend(objectives::field(&layout));
    fields.extend(backbones::field(&layout));
    let (Ok(objective), Ok(backbone)) = (objectives::chosen(chosen, &layout), backbones::chosen(chosen, &layout)) else {
        return fields;
    };
    fields.extend((objective.fields)(chosen));
    fields.extend((backbone.fields)(chosen, &layout));
    let positions = (objective.positions)(&layout, backbone.mixes);
    fields.extend(InputParts::field(positions));
    fields.extend(Pruning::fields(chosen));
    fields.extend(training_fields(objective.budget, largest_batch(backbone, positions, chosen, &layout), chosen));
    fields
}

impl Catalog for Models {
    fn fields(&self, chosen: &Settings) -> Vec<Field> {
        let mut fields = recipe_fields(chosen);
        if let Ok(model) = build(chosen) {
            fields.extend(ablation_fields(&model.sites(), chosen));
        }
        fields
    }

    fn presets(&self) -> Vec<Preset> {
        ablation_data::presets()
    }
}

impl ModelCatalog for Models {
    fn sites(&self, settings: &Settings) -> Result<Vec<Site>, String> {
        let mut sites = build(settings).map_err(|error| error.to_string())?.sites();
        offer_swaps(&mut sites, &recipe_fields(settings), settings);
        Ok(sites)
    }

    fn parameters(&self, settings: &Settings) -> Result<usize, String> {
        let model = build(settings).map_err(|error| error.to_string())?;
        Ok(model.parameters().iter().map(Parameter::count).sum())
    }

    fn unit(&self, settings: &Settings) -> String {
        let data = ablation_data::build(settings).ok();
        let objective = data.and_then(|data| objectives::chosen(settings, &data.layout()).ok());
        objective.map_or("", |objective| objective.unit).to_string()
    }
}

fn training_fields((steps, batch, learning_rate): (i64, i64, f64), largest_batch: i64, chosen: &Settings) -> Vec<Field> {
    let group = Group::Training;
    let mut fields = Recipe::fields(&Defaults { steps, batch, learning_rate, largest_batch }, chosen);
    fields.extend([
        Field::integer(
            "sandbox.recovery_steps",
            group,
            "Recovery steps",
            "Fine-tuning steps after ablation, for the ablated model and its sham, and steps of the short retraining.",
            (1, 20_000),
            steps / 4,
        )
        .role(Role::Scope)
        .means(Meaning::RecoverySteps),
        Field::choice(
            "sandbox.search",
            group,
            "Search in the sandbox",
            "Learning rates tried for the reference and the retrained model; each keeps its best.",
            vec![
                Choice::new(
                    "learning-rate",
                    "4 learning rates",
                    "Both are trained at a quarter, half, once and twice the learning rate; the best on the tuning split is kept.",
                ),
                Choice::new(
                    "none",
                    "none",
                    "Both are trained at the set learning rate: faster, and the difference is an untuned gap instead of a necessity.",
                ),
            ],
        )
        .role(Role::Scope),
        Field::integer("seed", group, "Seed", "Initial weights, order of the data and dropout.", (0, 999_999), 0)
            .role(Role::PerReplica)
            .means(Meaning::Seed),
    ]);
    fields
}

/// The batch whose activations still fit into a browser tab: settings are bounded one by one, and this bounds their product. 512 where the
/// settings of the backbone are not all there yet; what they are is asked for before the batch.
fn largest_batch(backbone: backbones::Kind, positions: usize, chosen: &Settings, layout: &Layout) -> i64 {
    /// Bytes for activations: an eighth of what a 32-bit module can address. The search of the sandbox trains four models at once.
    const BYTES: usize = 512 << 20;
    const LARGEST: usize = 512;
    let kept = (backbone.build)(chosen, layout).map_or(1, |blocks| blocks.kept(positions));
    let example = kept.saturating_mul(size_of::<f32>()).max(1);
    (BYTES / example).clamp(1, LARGEST) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ablation_fields::{NO_SITE, PREFIX};
    use ablation_settings::{Kind, Link, read_link, validate, write_link};

    #[test]
    fn every_preset_is_valid_and_builds() {
        for preset in Models.presets() {
            let (settings, corrections) = validate(&preset.settings, &Models);
            assert_eq!(corrections, vec![], "{}", preset.name);
            assert!(build(&settings).is_ok(), "{}", preset.name);
            assert!(settings.text("ablation.operator").is_ok(), "{} shows a contrast from the start", preset.name);
        }
    }

    /// A mask whose default depends on the data was lost where it was the preset's own.
    #[test]
    fn every_choice_with_every_data_set_survives_its_link() {
        let choices = |link: &Link| {
            let fields = Models.fields(&link.settings).into_iter();
            fields.filter_map(|field| match field.kind {
                Kind::Choice { options, .. } => Some((field.path, options)),
                _ => None,
            })
        };
        for (first, preset) in Models.presets().into_iter().enumerate() {
            let (start, _) = read_link(&format!("v=1&p={}", preset.name), &Models);
            let data = choices(&start).find(|(path, _)| path == "data.kind").unwrap().1;
            for data in data {
                let (other, _) = read_link(&format!("v=1&p={}&data.kind={}", preset.name, data.value), &Models);
                let choices: Vec<_> = choices(&other).filter(|(path, _)| path != "data.kind").collect();
                // One option of every choice at once, until every choice but those of what is ablated was gone through: one by one takes
                // minutes. Each preset begins elsewhere.
                let counted = choices.iter().filter(|(path, _)| !path.starts_with(PREFIX));
                for index in (0..counted.map(|(_, options)| options.len()).max().unwrap_or(0)).map(|index| first + index) {
                    let chosen = |settings: Settings, (path, options): &(String, Vec<Choice>)| {
                        settings.with(path, options[index % options.len()].value.as_str())
                    };
                    let given = choices.iter().fold(other.settings.clone(), chosen);
                    let study = Link { preset: preset.name.clone(), settings: validate(&given, &Models).0 };
                    let link = write_link(&study, &Models);
                    assert_eq!(read_link(&link, &Models).0, study, "{link}");
                }
            }
        }
    }

    #[test]
    fn heads_divide_the_width() {
        let (study, corrections) = read_link("v=1&p=repeat&model.width=33&model.heads=4", &Models);
        assert_eq!(study.settings.text("model.heads"), Ok("1"));
        assert_eq!(corrections[0].reason, "Heads is one of: 1, 3, 11");
    }

    #[test]
    fn a_batch_has_room_for_its_attention_scores() {
        let batch = |heads: u32| {
            let link = format!("v=1&p=repeat&data.length=64&model.width=16&model.layers=8&train.batch=512&model.heads={heads}");
            read_link(&link, &Models).0.settings.count("train.batch").unwrap()
        };
        // Of each of the eight blocks, scores and pattern: 64 times 64 numbers per head.
        let scores = |heads: u32| 8 * 2 * 64 * 64 * heads as usize * size_of::<f32>();
        assert!(batch(16) * scores(16) <= 512 << 20, "{}", batch(16));
        assert!(batch(1) > batch(16));
    }

    #[test]
    fn mlps_are_as_wide_as_they_are_asked_to_be() {
        let parameters = |link: &str| Models.parameters(&read_link(link, &Models).0.settings).unwrap();
        // One hidden number more in each of two blocks: a column, a row and a bias.
        let [usual, more] = ["v=1&p=repeat", "v=1&p=repeat&model.expansion=4.03125"].map(parameters);
        assert_eq!(more - usual, 2 * (32 + 32 + 1));
        let batch = |link: &str| read_link(link, &Models).0.settings.count("train.batch").unwrap();
        let large = "v=1&p=repeat&data.length=64&model.width=256&model.layers=8&train.batch=512";
        assert!(batch(&format!("{large}&model.expansion=16")) < batch(large));
    }

    #[test]
    fn a_batch_has_room_for_what_a_mixer_keeps_of_its_token_mixing() {
        let batch = |expansion: f64| {
            let link = "v=1&p=glyphs&model.backbone=mixer&model.width=256&model.layers=8&train.batch=512&model.token_expansion=";
            read_link(&format!("{link}{expansion}"), &Models).0.settings.count("train.batch").unwrap()
        };
        // Of each of the eight blocks, four numbers per channel and hidden position, of which there are 16 times 16.
        let hidden = 8 * 4 * 256 * 16 * 16 * size_of::<f32>();
        assert!(batch(16.0) * hidden <= 512 << 20, "{}", batch(16.0));
        assert!(batch(0.25) > batch(16.0));
    }

    /// Heads, positions, blocks, attentions: whatever leaves an MLP can be trained at the size of the reference.
    #[test]
    fn transformers_without_a_component_are_made_as_large_as_with_it() {
        for component in ["position", "embed", "blocks.0", "blocks.1.mlp", "blocks.*.attn", "blocks.0.attn.heads.1"] {
            let json =
                serde_json::json!({"version": 2, "preset": "repeat", "variants": [{"remove": component, "matched": true}]});
            let study = ablation_protocol::read_study(json, &Models).unwrap();
            let variant = &study.variants[0];
            let settings = study.settings.overlaid(variant.matched.as_ref().unwrap());
            let gone: usize = Models
                .sites(&settings)
                .unwrap()
                .iter()
                .filter(|site| variant.remove.contains(&site.path))
                .map(|site| site.parameters)
                .sum();
            let size = Models.parameters(&settings).unwrap() - gone;
            assert!(
                size.abs_diff(variant.parameters[0]) * 100 <= variant.parameters[0],
                "{component}: {size} {:?}",
                variant.parameters
            );
        }
    }

    #[test]
    fn an_ablation_of_a_component_that_is_not_there_is_corrected() {
        let (study, corrections) = read_link("v=1&p=eight-gaussians&model.layers=1", &Models);
        assert_eq!(study.settings.text("ablation.site"), Ok(NO_SITE), "the preset's ablation went with its block");
        assert_eq!(corrections[0].path, "ablation.site", "and that is said");
        let (_, corrections) = read_link("v=1&p=repeat&data.kind=two-moons", &Models);
        assert_eq!(corrections, vec![], "another data set has other components");
        let (_, corrections) = read_link("v=1&p=repeat&ablation.site=blocks.9", &Models);
        assert_eq!(corrections[0].path, "ablation.site");
    }

    #[test]
    fn links_survive() {
        for preset in Models.presets() {
            let (study, _) = read_link(&format!("v=1&p={}&train.steps=7", preset.name), &Models);
            assert_eq!(read_link(&write_link(&study, &Models), &Models), (study, vec![]));
        }
    }
}
