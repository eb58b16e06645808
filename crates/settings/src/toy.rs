//! A small catalogue, for tests.

use crate::field::{Choice, Field, Group, Meaning, Role};
use crate::settings::Settings;
use crate::validate::{Catalog, Preset};

/// Two kinds of model, so that fields depend on a choice.
#[derive(Clone, Copy, Debug)]
pub struct Toy;

impl Catalog for Toy {
    fn fields(&self, chosen: &Settings) -> Vec<Field> {
        let mut fields = vec![
            Field::choice(
                "model.kind",
                Group::Model,
                "Model",
                "",
                vec![Choice::new("text", "Text", ""), Choice::new("points", "Points", "")],
            )
            .means(Meaning::Data),
            Field::integer("model.width", Group::Model, "Width", "", (8, 64), 32).means(Meaning::Width),
        ];
        if chosen.text("model.kind") == Ok("text") {
            let most = (chosen.count("model.width").unwrap_or(32) as i64 / 4).clamp(1, 8);
            fields.push(Field::integer("model.heads", Group::Model, "Heads", "", (1, most), most.min(4)));
        }
        fields.push(
            Field::number("train.learning_rate", Group::Training, "Learning rate", "", (1e-5, 1.0), 0.01)
                .role(Role::PerReplica)
                .means(Meaning::LearningRate),
        );
        fields.push(
            Field::number("train.weight_decay", Group::Training, "Weight decay", "", (0.0, 10.0), 0.1).role(Role::PerReplica),
        );
        fields.push(
            Field::integer("train.warmup", Group::Training, "Warm-up", "", (0, 2_000), 20)
                .role(Role::PerReplica)
                .means(Meaning::Warmup),
        );
        fields.push(
            Field::integer("train.steps", Group::Training, "Steps", "", (1, 20_000), 400)
                .role(Role::Budget)
                .means(Meaning::Steps),
        );
        fields.push(Field::integer("seed", Group::Training, "Seed", "", (0, 9), 0).role(Role::PerReplica).means(Meaning::Seed));
        fields
    }

    fn presets(&self) -> Vec<Preset> {
        let preset = |name: &str, settings| Preset { name: name.into(), label: name.into(), help: String::new(), settings };
        vec![
            preset("text", Settings::default()),
            preset("cloud", Settings::default().with("model.kind", "points").with("model.width", 48)),
        ]
    }
}
