//! How one replica is trained.

use ablation_settings::{Field, Group, Meaning, MissingSetting, Role, Settings};

use crate::averaging;
use crate::entry::{self, Entry};
use crate::losses::TrainingLoss;
use crate::optimizers::{OPTIMIZERS, Optimizer};
use crate::pruning::Pruning;
use crate::schedules::{SCHEDULES, Schedule};

/// The setting that chooses the optimiser.
const OPTIMIZER: &str = "train.optimizer";
/// The setting that chooses the schedule.
const SCHEDULE: &str = "train.schedule";

/// Optimiser settings and budget of one replica. Replicas of a fleet have the same batch, steps, optimiser and loss; everything else, and the numbers of
/// optimiser and loss, may differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Optimiser steps; the same in a whole fleet.
    pub steps: u64,
    /// Examples per update; the same in a whole fleet.
    pub batch: usize,
    /// Largest learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay, multiplied by the learning rate.
    pub weight_decay: f64,
    /// Largest norm of all gradients of the replica together; 0 does not clip.
    pub clip: f64,
    /// Steps over which the learning rate rises from zero.
    pub warmup: u64,
    /// What follows the warm-up.
    pub schedule: &'static Entry<Schedule>,
    /// Share of branch outputs dropped.
    pub dropout: f64,
    /// Decay of the moving average of the weights that is evaluated in their place; 0 has none.
    pub averaging: f64,
    /// How gradients move weights; the same in a whole fleet.
    pub optimizer: &'static Entry<&'static dyn Optimizer>,
    /// Values of the optimiser's own settings, in the order of its fields.
    pub own: Vec<f64>,
    /// What is minimised, of an objective that leaves a choice.
    pub loss: TrainingLoss,
    /// How the second half of the steps goes without some of the weights; the same in a whole fleet.
    pub pruning: Option<Pruning>,
}

/// What a training is set to when nothing is said, which depends on the data.
pub(crate) struct Defaults {
    pub steps: i64,
    pub batch: i64,
    pub learning_rate: f64,
    /// The largest batch that fits into memory.
    pub largest_batch: i64,
}

impl Recipe {
    /// The settings that a recipe is read from. The optimiser stands before the learning rate, whose default it knows, and brings its own
    /// settings.
    pub(crate) fn fields(defaults: &Defaults, chosen: &Settings) -> Vec<Field> {
        let group = Group::Training;
        let &Defaults { steps, batch, learning_rate, largest_batch } = defaults;
        let number = |name: &str, label: &str, help: &str, range: (f64, f64), default: f64| {
            Field::number(&format!("train.{name}"), group, label, help, range, default).role(Role::PerReplica)
        };
        let integer = |name: &str, label: &str, help: &str, range: (i64, i64), default: i64| {
            Field::integer(&format!("train.{name}"), group, label, help, range, default)
        };
        let mut fields = vec![
            integer("steps", "Steps", "Optimiser steps of a training from scratch.", (1, 20_000), steps)
                .role(Role::Budget)
                .means(Meaning::Steps),
            integer("batch", "Batch", "Batch size: examples per step.", (1, largest_batch), batch.min(largest_batch))
                .in_unit("examples")
                .role(Role::Budget)
                .means(Meaning::Batch),
            entry::field(OPTIMIZERS, OPTIMIZER, group, "Optimiser", "How gradients move weights.")
                .role(Role::Shared)
                .absent(OPTIMIZERS[0].name),
        ];
        // What follows depends on it.
        let Ok(Entry { value: optimizer, .. }) = entry::chosen_or_first(OPTIMIZERS, chosen, OPTIMIZER) else { return fields };
        fields.extend([
            number("learning_rate", "Learning rate", "Peak learning rate.", (1e-6, 1.0), optimizer.learning_rate(learning_rate))
                .means(Meaning::LearningRate),
            number(
                "weight_decay",
                "Weight decay",
                "Decoupled weight decay of matrices, multiplied by the learning rate.",
                (0.0, 10.0),
                0.01,
            ),
            integer("warmup", "Warm-up", "Steps over which the learning rate rises from zero to its peak.", (0, 2_000), 20)
                .in_unit("steps")
                .role(Role::PerReplica)
                .means(Meaning::Warmup),
            entry::field(SCHEDULES, SCHEDULE, group, "Schedule", "Learning-rate schedule after the warm-up.")
                .role(Role::PerReplica),
            number(
                "clip",
                "Gradient clipping",
                "Largest norm of the gradient of all parameters together; 0 does not clip.",
                (0.0, 100.0),
                1.0,
            ),
            number("dropout", "Dropout", "Share of the outputs of each branch set to zero in training.", (0.0, 0.9), 0.0),
            averaging::field(),
        ]);
        fields.extend(optimizer.fields());
        fields
    }

    /// The recipe in a study's settings.
    pub fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        let optimizer = entry::chosen_or_first(OPTIMIZERS, settings, OPTIMIZER)?;
        Ok(Recipe {
            steps: settings.count("train.steps")? as u64,
            batch: settings.count("train.batch")?,
            learning_rate: settings.number("train.learning_rate")?,
            weight_decay: settings.number("train.weight_decay")?,
            clip: settings.number("train.clip")?,
            warmup: settings.count("train.warmup")? as u64,
            schedule: entry::chosen(SCHEDULES, settings, SCHEDULE)?,
            dropout: settings.number("train.dropout")?,
            averaging: if settings.get(averaging::PATH).is_none() { 0.0 } else { settings.number(averaging::PATH)? },
            optimizer,
            own: optimizer.value.read(settings)?,
            loss: TrainingLoss::read(settings)?,
            pruning: Pruning::read(settings)?,
        })
    }

    /// The recipe of going on with a trained model: the same for other steps and another learning rate, the warm-up as large a share
    /// of them as before.
    pub fn continued(&self, steps: u64, learning_rate: f64) -> Self {
        let share = steps as f64 / self.steps.max(1) as f64;
        Recipe { steps, learning_rate, warmup: libm::round(self.warmup as f64 * share) as u64, ..self.clone() }
    }

    /// The learning rate of the update `step`, from 0.
    pub fn rate(&self, step: u64) -> f64 {
        let warm = if step < self.warmup { (step + 1) as f64 / (self.warmup + 1) as f64 } else { 1.0 };
        let left = self.steps.saturating_sub(self.warmup).max(1) as f64;
        let done = step.saturating_sub(self.warmup) as f64 / left;
        self.learning_rate * warm * (self.schedule.value)(done.min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls_as_the_schedule_says() {
        let recipe = Recipe {
            steps: 100,
            batch: 1,
            learning_rate: 1.0,
            weight_decay: 0.0,
            clip: 0.0,
            warmup: 9,
            schedule: entry::named(SCHEDULES, "cosine").unwrap(),
            dropout: 0.0,
            averaging: 0.0,
            optimizer: &OPTIMIZERS[0],
            own: Vec::new(),
            loss: TrainingLoss::default(),
            pruning: None,
        };
        assert!((recipe.rate(0) - 0.1).abs() < 1e-12);
        assert_eq!(recipe.rate(9), 1.0);
        assert!(recipe.rate(60) < recipe.rate(50));
        assert!(recipe.rate(99) > 0.0 && recipe.rate(99) < 1e-3);
        assert_eq!(Recipe { schedule: entry::named(SCHEDULES, "constant").unwrap(), ..recipe.clone() }.rate(99), 1.0);

        let further = recipe.continued(20, 0.5);
        assert_eq!((further.steps, further.warmup, further.rate(2)), (20, 2, 0.5));
        assert_eq!(recipe.continued(0, 0.5).warmup, 0);
    }
}
