//! What a bench shows: four panels with one scale, and the contrast in a sentence.

use ablation_data::{Losses, Series, Shown};
use ablation_protocol::{Ablation, Arm, Placement, Site, difference};
use ablation_report::{Contrast, Measurement};
use ablation_settings::write_link;
use serde::{Deserialize, Serialize};

use super::candidates::Candidates;
use super::{Bench, Models};
use crate::error::ModelError;
use crate::evaluation::Measure;
use crate::fleet::Fleet;

/// Where numbers come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "NumberSource"))]
pub struct Source {
    /// `stored` or `computed`.
    pub kind: String,
    /// The device that computed them.
    pub device: String,
    /// How many seeds they rest on.
    pub seeds: usize,
}

/// How far an arm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Waiting,
    /// Under way.
    Training,
    /// Finished.
    Done,
    /// Not offered; see the reason.
    Refused,
}

/// One arm in a panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct ArmView {
    /// Name of the [`Arm`].
    #[cfg_attr(feature = "types", ts(as = "Arm"))]
    pub name: String,
    /// Its difference from the reference.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// Why it is refused.
    pub reason: Option<String>,
    /// Steps made.
    pub step: u64,
    /// Steps to be made.
    pub steps: u64,
    /// Test loss first.
    pub measures: Vec<Measure>,
}

/// One panel; every panel has the same shape and the same scales. `F` is what is looked at: numbers here, figures once they are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Panel<F = Shown> {
    /// Name of its first arm.
    pub name: String,
    /// Title.
    pub label: String,
    /// What it means, as a sentence.
    pub note: String,
    /// Its arms.
    pub arms: Vec<ArmView>,
    /// The loss curve, then samples.
    pub figures: Vec<F>,
}

/// Everything a bench shows. `F` is what is looked at: numbers here, figures once they are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct View<F = Shown> {
    /// The study.
    pub link: String,
    /// Where the numbers come from.
    pub source: Source,
    /// Reference, ablated, recovered beside its controls, retrained.
    pub panels: Vec<Panel<F>>,
    /// The statement.
    pub contrast: Contrast,
}

impl<F> View<F> {
    /// The same with everything to look at drawn; `draw` is given the name of the panel's first arm as well.
    pub fn drawn<G>(self, mut draw: impl FnMut(&str, F) -> G) -> View<G> {
        let View { link, source, panels, contrast } = self;
        let mut panel = |Panel { name, label, note, arms, figures }: Panel<F>| {
            let arm = arms.first().map(|arm| arm.name.clone()).unwrap_or_default();
            let figures = figures.into_iter().map(|figure| draw(&arm, figure)).collect();
            Panel { name, label, note, arms, figures }
        };
        View { link, source, panels: panels.into_iter().map(&mut panel).collect(), contrast }
    }
}

/// Title and meaning of a panel.
struct PanelText {
    name: &'static str,
    label: String,
    note: &'static str,
}

impl Bench {
    /// Evaluates what has changed and draws everything. `device` is how the device is called.
    pub async fn view(&mut self, device: &str) -> Result<View, ModelError> {
        self.evaluate().await?;
        Ok(View {
            link: write_link(&self.study, &Models),
            source: Source { kind: "computed".into(), device: device.into(), seeds: 1 },
            panels: self.panels().iter().map(|(arms, text)| self.panel(arms, text)).collect(),
            contrast: self.contrast(),
        })
    }

    /// The arms of each panel and what is said of them.
    fn panels(&self) -> [(Vec<Arm>, PanelText); 4] {
        let text = |name, label: &str, note| PanelText { name, label: label.to_string(), note };
        let searched = self.factors.len();
        let retrained = if searched > 1 {
            PanelText {
                name: "retrained",
                label: format!("Retrained without (best of {searched} learning rates)"),
                note: "Trained from scratch without the component: same seed, same batches, same number of steps, and the same small search over learning rates as the reference.",
            }
        } else {
            text(
                "retrained",
                "Retrained without (untuned)",
                "Trained from scratch without the component at the learning rate of the reference: same seed, same batches, same number of steps.",
            )
        };
        [
            (vec![Arm::Reference], text("reference", "Reference", "The whole model, trained from scratch.")),
            (
                vec![Arm::Ablated],
                text(
                    "ablated",
                    "Ablated",
                    "The trained reference with the component ablated. Nothing is trained further, so the rest has not adapted to its absence.",
                ),
            ),
            (
                vec![Arm::Recovered, Arm::Sham, Arm::ShortRetrain],
                text(
                    "recovered",
                    "Ablated, then fine-tuned",
                    "The ablated model trained further, beside two controls of as many steps: the reference trained further (sham), and a model without the component that learns anew (short retraining).",
                ),
            ),
            (vec![self.retrained_arm()], retrained),
        ]
    }

    /// Which arm a model that is trained without the component stands for: without a search of its own it is the untuned retraining.
    pub(super) fn retrained_arm(&self) -> Arm {
        if self.factors.len() > 1 { Arm::Retrained } else { Arm::RetrainedUntuned }
    }

    fn panel(&self, arms: &[Arm], text: &PanelText) -> Panel {
        let samples = self.evaluations.get(&arms[0]).map(|(_, evaluation)| evaluation.samples.clone()).unwrap_or_default();
        Panel {
            name: text.name.to_string(),
            label: text.label.clone(),
            note: text.note.to_string(),
            arms: arms.iter().map(|&arm| self.arm(arm)).collect(),
            figures: std::iter::once(Shown::Losses(self.losses(arms))).chain(samples.into_iter().map(Shown::Samples)).collect(),
        }
    }

    fn arm(&self, arm: Arm) -> ArmView {
        let removal = self.ablation.as_ref().map(|ablation| self.removal(ablation));
        let from_scratch = matches!(arm, Arm::ShortRetrain | Arm::Retrained | Arm::RetrainedUntuned);
        let refused = removal.filter(|grade| from_scratch && !grade.allowed());
        let (step, steps, is_done) = match arm {
            Arm::Reference => (self.reference.step(), self.recipe.steps, self.reference.is_chosen()),
            Arm::Ablated => (0, 0, self.ablation.is_some() && self.reference.is_chosen()),
            Arm::Recovered | Arm::Sham => {
                let step = self.recovery.as_ref().map_or(0, Fleet::step);
                (step, self.recovery_steps, step == self.recovery_steps)
            }
            // Every other arm of the sandbox is trained from scratch without the component.
            _ => {
                let (candidates, steps) = match arm {
                    Arm::ShortRetrain => (self.short_retrain.as_ref(), self.recovery_steps),
                    _ => (self.retrained.as_ref(), self.recipe.steps),
                };
                (candidates.map_or(0, Candidates::step), steps, candidates.is_some_and(Candidates::is_chosen))
            }
        };
        let status = match step {
            _ if refused.is_some() => Status::Refused,
            _ if is_done => Status::Done,
            0 => Status::Waiting,
            _ => Status::Training,
        };
        ArmView {
            name: arm.name().to_string(),
            label: self.label(arm),
            status,
            reason: refused.map(|grade| grade.reason().to_string()),
            step,
            steps,
            measures: self.evaluations.get(&arm).map(|(_, evaluation)| evaluation.measures.clone()).unwrap_or_default(),
        }
    }

    /// The arm as its difference from the reference.
    fn label(&self, arm: Arm) -> String {
        let Some(ablation) = &self.ablation else {
            return if arm == Arm::Reference { "reference".into() } else { "no component chosen".into() };
        };
        let change = format!("{} {}", ablation.site, self.phrase(ablation));
        let without = || difference(&self.study.settings, &self.study.settings, &[&ablation.site]);
        match arm {
            Arm::Reference => format!("reference{}", chosen_rate(Some(&self.reference))),
            Arm::Ablated => change,
            Arm::Recovered => format!("{change}, then fine-tuned"),
            Arm::Sham => "sham: fine-tuned, not ablated".into(),
            Arm::ShortRetrain => format!("short retraining: {}{}", without(), chosen_rate(self.short_retrain.as_ref())),
            _ => without() + &chosen_rate(self.retrained.as_ref()),
        }
    }

    /// The training losses of the arms of a panel beside those of the reference, on the axes that all panels share.
    fn losses(&self, arms: &[Arm]) -> Losses {
        let series = |&arm: &Arm| Some(Series { arm: arm.name().to_string(), points: self.points(arm)? });
        let reference = std::iter::once(&Arm::Reference).filter(|arm| !arms.contains(arm));
        Losses {
            unit: self.model.loss_unit(),
            steps: self.recipe.steps + if self.ablation.is_some() { self.recovery_steps } else { 0 },
            highest: self.highest(),
            constant: self.constant(),
            series: reference.chain(arms).filter_map(series).collect(),
        }
    }

    /// What is drawn of an arm: its training losses. The ablated model is not trained; its one point is its loss on the batch that
    /// fine-tuning starts with, so that everything on the axis is the same quantity.
    fn points(&self, arm: Arm) -> Option<Vec<(f64, f64)>> {
        if arm == Arm::Ablated {
            let (step, loss) = *self.training_losses(Arm::Recovered).first()?;
            return Some(vec![(step.saturating_sub(1) as f64, f64::from(loss))]);
        }
        let losses = self.training_losses(arm);
        // Beside the fine-tuning that it is compared with.
        let before = if arm == Arm::ShortRetrain { self.recipe.steps } else { 0 };
        (!losses.is_empty()).then(|| losses.iter().map(|&(step, loss)| ((before + step) as f64, f64::from(loss))).collect())
    }

    /// The top of the shared scale: the loss of the constant predictor, or that of the worst arm with a finite one.
    fn highest(&self) -> f64 {
        let starts =
            Arm::SANDBOX.into_iter().flat_map(|arm| self.training_losses(arm).iter().take(20)).map(|&(_, loss)| f64::from(loss));
        let values = starts.chain(self.constant()).filter(|loss| loss.is_finite());
        let highest = values.fold(0.0, f64::max);
        if highest > 0.0 { 1.05 * highest } else { 1.0 }
    }

    /// What an ablation does to the component, to follow its name.
    fn phrase(&self, ablation: &Ablation) -> String {
        let option = self.site(&ablation.site).and_then(|site| site.ablation(&ablation.operator).ok());
        option.map_or_else(|| ablation.operator.clone(), |option| option.phrase_of(ablation))
    }

    fn contrast(&self) -> Contrast {
        let reference_is_done = self.arm(Arm::Reference).status == Status::Done;
        let done = |arm: &Arm| self.arm(*arm).status == Status::Done;
        let loss = |arm: Arm| self.evaluations.get(&arm).map(|_| Measurement { arm, loss: self.loss(arm).unwrap_or(f64::NAN) });
        let mut measurements: Vec<Measurement> =
            Arm::SANDBOX.into_iter().filter(|arm| reference_is_done && done(arm)).filter_map(loss).collect();
        measurements.extend(self.untuned.map(|loss| Measurement { arm: Arm::RetrainedUntuned, loss }));
        let change = self
            .ablation
            .as_ref()
            .and_then(|ablation| Some((in_a_sentence(&self.sites, &ablation.site)?, self.phrase(ablation))));
        Contrast::new(
            change.as_ref().map(|(component, phrase)| (component.as_str(), phrase.as_str())),
            &measurements,
            self.constant(),
            self.factors.len(),
            &self.unit(),
        )
    }

    fn measure(&self, arm: Arm) -> Option<&Measure> {
        self.evaluations.get(&arm).and_then(|(_, evaluation)| evaluation.measures.first())
    }

    fn loss(&self, arm: Arm) -> Option<f64> {
        self.measure(arm).and_then(|measure| measure.value)
    }

    fn constant(&self) -> Option<f64> {
        self.measure(Arm::Reference).and_then(|measure| measure.constant)
    }

    fn unit(&self) -> String {
        self.measure(Arm::Reference).map(|measure| measure.unit.clone()).unwrap_or_default()
    }
}

/// The learning rate that was chosen among several.
fn chosen_rate(candidates: Option<&Candidates>) -> String {
    match candidates.filter(|candidates| candidates.is_chosen() && candidates.count() > 1) {
        Some(candidates) => format!(", learning rate {}", candidates.learning_rate()),
        None => String::new(),
    }
}

/// A site inside a sentence: `the position embedding`, `attention head 2 of block 0`.
fn in_a_sentence(sites: &[Site], path: &str) -> Option<String> {
    let find = |path: &str| sites.iter().find(|site| site.path == path);
    let site = find(path)?;
    let above = std::iter::successors(site.parent.as_deref().and_then(find), |site| site.parent.as_deref().and_then(find));
    let group = above.into_iter().find(|site| site.is_group()).map(|group| format!(" of {}", group.label)).unwrap_or_default();
    Some(match site.placement {
        // Numbered: `block 0`.
        Placement::Group | Placement::Slice => format!("{}{group}", site.label),
        _ => format!("the {}{group}", site.label),
    })
}
