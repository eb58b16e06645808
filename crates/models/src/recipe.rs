//! How one replica is trained.

use ablation_settings::{MissingSetting, Settings};

/// Shape of the learning rate over the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// The same all the way.
    Constant,
    /// Half a cosine down to zero (Loshchilov & Hutter 2017).
    Cosine,
}

/// Optimiser settings and budget of one replica. Everything but the batch may differ between the replicas of a fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Updates.
    pub steps: u64,
    /// Examples an update.
    pub batch: usize,
    /// Largest learning rate.
    pub learning_rate: f64,
    /// Decoupled weight decay, multiplied by the learning rate.
    pub weight_decay: f64,
    /// Largest norm of all gradients of the replica together; 0 does not clip.
    pub clip: f64,
    /// Updates over which the learning rate rises from zero.
    pub warmup: u64,
    /// What follows the warm-up.
    pub schedule: Schedule,
    /// Share of branch outputs dropped.
    pub dropout: f64,
}

impl Recipe {
    /// The recipe in a study's settings.
    pub fn read(settings: &Settings) -> Result<Self, MissingSetting> {
        Ok(Recipe {
            steps: settings.count("train.steps")? as u64,
            batch: settings.count("train.batch")?,
            learning_rate: settings.number("train.learning_rate")?,
            weight_decay: settings.number("train.weight_decay")?,
            clip: settings.number("train.clip")?,
            warmup: settings.count("train.warmup")? as u64,
            schedule: if settings.text("train.schedule")? == "cosine" { Schedule::Cosine } else { Schedule::Constant },
            dropout: settings.number("train.dropout")?,
        })
    }

    /// The recipe of going on with a trained model: the same for other updates and another learning rate, the warm-up as large a share
    /// of them as before.
    pub fn continued(&self, steps: u64, learning_rate: f64) -> Self {
        let share = steps as f64 / self.steps.max(1) as f64;
        Recipe { steps, learning_rate, warmup: libm::round(self.warmup as f64 * share) as u64, ..self.clone() }
    }

    /// The learning rate of the update `step`, from 0.
    pub fn rate(&self, step: u64) -> f64 {
        let warm = if step < self.warmup { (step + 1) as f64 / (self.warmup + 1) as f64 } else { 1.0 };
        let shape = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => {
                let left = self.steps.saturating_sub(self.warmup).max(1) as f64;
                let done = step.saturating_sub(self.warmup) as f64 / left;
                0.5 * (1.0 + libm::cos(std::f64::consts::PI * done.min(1.0)))
            }
        };
        self.learning_rate * warm * shape
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
            schedule: Schedule::Cosine,
            dropout: 0.0,
        };
        assert!((recipe.rate(0) - 0.1).abs() < 1e-12);
        assert_eq!(recipe.rate(9), 1.0);
        assert!(recipe.rate(60) < recipe.rate(50));
        assert!(recipe.rate(99) > 0.0 && recipe.rate(99) < 1e-3);
        assert_eq!(Recipe { schedule: Schedule::Constant, ..recipe.clone() }.rate(99), 1.0);

        let further = recipe.continued(20, 0.5);
        assert_eq!((further.steps, further.warmup, further.rate(2)), (20, 2, 0.5));
        assert_eq!(recipe.continued(0, 0.5).warmup, 0);
    }
}
