//! A second data set that a model is trained on as well: mixed with its own, before its own, or fading out. It is evaluated on its own alone.
//!
//! One setting says when, so that a mixture, a pre-training and a curriculum are values of one thing: each can be taken away or swapped for
//! another, with as many examples in all.

use ablation_settings::{Choice, Field, Group, Role, Settings};

use crate::data::Data;
use crate::error::{DataError, number};
use crate::sets::{build, related};

const OTHER: &str = "data.other";
const WHEN: &str = "data.other_when";
const SHARE: &str = "data.other_share";

/// No second data set.
const NONE: &str = "none";

/// When examples are of the second data set.
struct When {
    name: &'static str,
    label: &'static str,
    help: &'static str,
    /// How often an example is, by the share of all examples and the part of the training that is over (0 to 1).
    chance: fn(f64, f64) -> f64,
}

/// All of them; the first is the default.
const WHENS: &[When] = &[
    When {
        name: "first",
        label: "first (pre-training)",
        help: "The training begins with examples of the other data alone; the rest is fine-tuning on the model's own.",
        chance: |share, time| if time < share { 1.0 } else { 0.0 },
    },
    When {
        name: "mixed",
        label: "throughout (mixture)",
        help: "Every example is of the other data with the same chance.",
        chance: |share, _| share,
    },
    When {
        name: "fading",
        label: "fading out (curriculum)",
        help: "Every example is of the other data at first and none at the end: in between the chance falls, in a straight line for a half.",
        // The mean of (1 - t)^k over a training is 1 / (k + 1).
        chance: |share, time| libm::pow(1.0 - time, 1.0 / share - 1.0),
    },
];

/// A second data set, and when examples are of it.
pub struct Other {
    data: Box<dyn Data>,
    when: &'static When,
    share: f64,
}

impl Other {
    /// The settings of a second data set; none where no other data set has examples that a model of `own` can read.
    pub fn fields(own: &dyn Data, chosen: &Settings) -> Vec<Field> {
        let known = related(own);
        if known.is_empty() {
            return Vec::new();
        }
        let none = Choice::new(NONE, "none", "The model is trained on its own data alone.");
        let options = known.into_iter().map(|(about, _)| Choice::new(about.name, about.label, about.help));
        let help = "A second data set that the model is trained on as well, with examples of the same shape; it is evaluated on its own.";
        let mut fields = vec![
            Field::choice(OTHER, Group::Data, "Other training data", help, std::iter::once(none).chain(options).collect())
                .absent(NONE)
                // It is evaluated on its own data alone, so what it is trained on is a part of the training.
                .role(Role::Shared),
        ];
        if chosen.text(OTHER).is_ok_and(|name| name != NONE) {
            let options = WHENS.iter().map(|when| Choice::new(when.name, when.label, when.help)).collect();
            let when = Field::choice(WHEN, Group::Data, "When", "When examples are of the other data.", options);
            fields.push(when.role(Role::Shared));
            fields.push(share());
        }
        fields
    }

    /// The second data set that complete settings choose, with examples of the shape of `own`; none if they choose none.
    ///
    /// # Errors
    /// If a setting is missing or out of range; never after validation.
    pub fn read(settings: &Settings, own: &dyn Data) -> Result<Option<Self>, DataError> {
        let Ok(name) = settings.text(OTHER) else { return Ok(None) };
        let Some((_, chosen)) = related(own).into_iter().find(|(about, _)| about.name == name) else { return Ok(None) };
        let when = settings.text(WHEN)?;
        let when = WHENS.iter().find(|one| one.name == when).unwrap_or(&WHENS[0]);
        Ok(Some(Other { data: build(&chosen)?, when, share: number(settings, &share())? }))
    }

    /// Its data set.
    pub(crate) fn data(&self) -> &dyn Data {
        &*self.data
    }

    /// How often an example is of it where `time` of the training is over, 0 to 1.
    pub(crate) fn chance(&self, time: f64) -> f64 {
        (self.when.chance)(self.share, time)
    }
}

impl std::fmt::Debug for Other {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.data.about().name, self.when.name, self.share)
    }
}

fn share() -> Field {
    let help = "Share of all training examples that are of the other data.";
    Field::number(SHARE, Group::Data, "Share of the other data", help, (0.05, 0.95), 0.5).role(Role::Shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_that_are_set() {
        for when in WHENS {
            for share in [0.05, 0.25, 0.5, 0.75, 0.95] {
                let times = (0..10_000).map(|step| (f64::from(step) + 0.5) / 10_000.0);
                let mean = times.map(|time| (when.chance)(share, time)).sum::<f64>() / 10_000.0;
                assert!((mean - share).abs() < 1e-3, "{}: {mean} and not {share}", when.name);
            }
        }
        assert_eq!(
            ["first", "fading"].map(|name| WHENS.iter().find(|when| when.name == name).unwrap().chance).map(|at| at(0.5, 1.0)),
            [0.0; 2]
        );
    }

    #[test]
    fn a_data_set_is_offered_where_it_has_examples_of_the_same_shape() {
        let offered = |settings: &Settings| {
            let own = build(settings).unwrap();
            related(&*own).into_iter().map(|(about, _)| about.name).collect::<Vec<_>>()
        };
        let repeat = Settings::default()
            .with("data.kind", "repeat")
            .with("data.length", 16)
            .with("data.vocabulary", 9)
            .with("data.noise", 0.0);
        assert_eq!(offered(&repeat), ["first", "sort", "reverse", "selective-copy", "majority", "brackets"]);
        assert_eq!(offered(&repeat.clone().with("data.length", 7)), ["first", "majority"]);
        let moons = Settings::default().with("data.kind", "two-moons").with("data.noise", 0.1);
        assert_eq!(offered(&moons), ["eight-gaussians"]);
        for (kind, settings) in related(&*build(&repeat).unwrap()) {
            let found = build(&settings).unwrap();
            assert!(found.about() == kind && found.layout().same_shape(&build(&repeat).unwrap().layout()), "{settings:?}");
        }
    }
}
