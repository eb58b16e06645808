//! What a bench shows: four panels with one scale, and the contrast in a sentence.

use ablation_data::{Losses, Series, Shown};
use ablation_study::{Arm, Contrast, Measurement, Site, SiteKind, difference, write_link};
use serde::{Deserialize, Serialize};

use super::{Bench, Models};
use crate::error::ModelError;
use crate::evaluation::Measure;
use crate::fleet::Fleet;

/// Where numbers come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
pub struct ArmView {
    /// Name of the [`Arm`].
    pub name: String,
    /// Its difference from the reference.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// Why it is refused.
    pub reason: Option<String>,
    /// Updates made.
    pub step: u64,
    /// Updates to be made.
    pub steps: u64,
    /// Test loss first.
    pub measures: Vec<Measure>,
}

/// One panel; every panel has the same shape and the same scales. `F` is what is looked at: numbers here, figures once they are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
pub struct View<F = Shown> {
    /// The study.
    pub link: String,
    /// Where the numbers come from.
    pub source: Source,
    /// Intact, cut, healed beside its sham, never.
    pub panels: Vec<Panel<F>>,
    /// The statement.
    pub contrast: Contrast,
}

impl<F> View<F> {
    /// The same with everything to look at drawn; `draw` is given the name of the panel as well.
    pub fn drawn<G>(self, mut draw: impl FnMut(&str, F) -> G) -> View<G> {
        let View { link, source, panels, contrast } = self;
        let mut panel = |Panel { name, label, note, arms, figures }: Panel<F>| {
            let figures = figures.into_iter().map(|figure| draw(&name, figure)).collect();
            Panel { name, label, note, arms, figures }
        };
        View { link, source, panels: panels.into_iter().map(&mut panel).collect(), contrast }
    }
}

/// Name, title and meaning of each panel, and its arms.
const PANELS: [(&[Arm], &str, &str); 4] = [
    (&[Arm::Intact], "Intact", "The whole model, trained from scratch."),
    (
        &[Arm::Cut],
        "Cut",
        "The trained model with the part cut out. Nothing is trained again, so the rest has had no chance to do without it.",
    ),
    (
        &[Arm::Healed, Arm::Sham],
        "Cut and healed",
        "The cut model trained further, beside a sham: the intact model trained further for as long.",
    ),
    (
        &[Arm::Never],
        "Never had it",
        "A model trained from scratch without the part: same seed, same batches, same number of steps.",
    ),
];

impl Bench {
    /// Evaluates what has changed and shows everything. `device` is how the device is called.
    pub async fn view(&mut self, device: &str) -> Result<View, ModelError> {
        self.evaluate().await?;
        Ok(View {
            link: write_link(&self.study, &Models),
            source: Source { kind: "computed".into(), device: device.into(), seeds: 1 },
            panels: PANELS.iter().map(|(arms, label, note)| self.panel(arms, label, note)).collect(),
            contrast: self.contrast(),
        })
    }

    fn panel(&self, arms: &[Arm], label: &str, note: &str) -> Panel {
        let samples = self.evaluations.get(&arms[0]).map(|(_, evaluation)| evaluation.samples.clone()).unwrap_or_default();
        Panel {
            name: arms[0].name().to_string(),
            label: label.to_string(),
            note: note.to_string(),
            arms: arms.iter().map(|&arm| self.arm(arm)).collect(),
            figures: std::iter::once(Shown::Losses(self.losses(arms))).chain(samples.into_iter().map(Shown::Samples)).collect(),
        }
    }

    fn arm(&self, arm: Arm) -> ArmView {
        let fleet = match arm {
            Arm::Intact => Some(&self.intact),
            Arm::Cut => None,
            Arm::Healed | Arm::Sham => self.healing.as_ref(),
            Arm::Never => self.never.as_ref(),
        };
        let removal = self.cut.as_ref().map(|cut| self.removal(cut));
        let refused = removal.filter(|grade| arm == Arm::Never && !grade.allowed());
        let steps = match arm {
            Arm::Intact | Arm::Never => self.recipe.steps,
            Arm::Cut => 0,
            Arm::Healed | Arm::Sham => self.healing_steps,
        };
        let intact_is_done = self.intact.step() == self.intact.steps();
        let status = match fleet {
            _ if refused.is_some() => Status::Refused,
            Some(fleet) if fleet.step() == fleet.steps() => Status::Done,
            Some(fleet) if fleet.step() > 0 => Status::Training,
            None if arm == Arm::Cut && self.cut.is_some() && intact_is_done => Status::Done,
            _ => Status::Waiting,
        };
        ArmView {
            name: arm.name().to_string(),
            label: self.label(arm),
            status,
            reason: refused.map(|grade| grade.reason().to_string()),
            step: fleet.map_or(0, Fleet::step),
            steps,
            measures: self.evaluations.get(&arm).map(|(_, evaluation)| evaluation.measures.clone()).unwrap_or_default(),
        }
    }

    /// The arm as its difference from the reference.
    fn label(&self, arm: Arm) -> String {
        let Some(cut) = &self.cut else {
            return if arm == Arm::Intact { "reference".into() } else { "no part chosen".into() };
        };
        let change = format!("{} {}", cut.site, cut.operator);
        match arm {
            Arm::Intact => "reference".into(),
            Arm::Cut => change,
            Arm::Healed => format!("{change}, trained on"),
            Arm::Sham => "sham: trained on, not cut".into(),
            Arm::Never => difference(&self.study.settings, &self.study.settings, &[&cut.site]),
        }
    }

    /// The training losses of the arms of a panel beside those of the reference, on the axes that all panels share.
    fn losses(&self, arms: &[Arm]) -> Losses {
        let series = |&arm: &Arm| Some(Series { arm: arm.name().to_string(), points: self.points(arm)? });
        let reference = std::iter::once(&Arm::Intact).filter(|arm| !arms.contains(arm));
        Losses {
            unit: self.model.loss_unit(),
            steps: self.recipe.steps + if self.cut.is_some() { self.healing_steps } else { 0 },
            highest: self.highest(),
            constant: self.constant(),
            series: reference.chain(arms).filter_map(series).collect(),
        }
    }

    /// What is drawn of an arm: its training losses. The cut model is not trained; its one point is its loss on the batch that healing
    /// starts with, so that everything on the axis is the same quantity.
    fn points(&self, arm: Arm) -> Option<Vec<(f64, f64)>> {
        if arm == Arm::Cut {
            let (step, loss) = *self.curves.get(&Arm::Healed)?.first()?;
            return Some(vec![(step.saturating_sub(1) as f64, f64::from(loss))]);
        }
        self.curves.get(&arm).map(|curve| curve.iter().map(|&(step, loss)| (step as f64, f64::from(loss))).collect())
    }

    /// The top of the shared scale: what knowing nothing costs, or the worst finite arm.
    fn highest(&self) -> f64 {
        let starts = self.curves.values().flat_map(|curve| curve.iter().take(20)).map(|&(_, loss)| f64::from(loss));
        let values = starts.chain(self.constant()).filter(|loss| loss.is_finite());
        let highest = values.fold(0.0, f64::max);
        if highest > 0.0 { 1.05 * highest } else { 1.0 }
    }

    fn contrast(&self) -> Contrast {
        let done = |arm: &Arm| *arm == Arm::Cut || self.arm(*arm).status == Status::Done;
        let intact_is_done = self.arm(Arm::Intact).status == Status::Done;
        let loss = |arm: Arm| self.evaluations.get(&arm).map(|_| Measurement { arm, loss: self.loss(arm).unwrap_or(f64::NAN) });
        let measurements: Vec<Measurement> =
            Arm::ALL.into_iter().filter(|arm| intact_is_done && done(arm)).filter_map(loss).collect();
        let cut = self.cut.as_ref().and_then(|cut| Some((spoken(self.site(&cut.site)?), cut.operator)));
        Contrast::new(
            cut.as_ref().map(|(part, operator)| (part.as_str(), *operator)),
            &measurements,
            self.constant(),
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
        self.measure(Arm::Intact).and_then(|measure| measure.constant)
    }

    fn unit(&self) -> String {
        self.measure(Arm::Intact).map(|measure| measure.unit.clone()).unwrap_or_default()
    }
}

/// A site inside a sentence: `the position embedding`, `head 2 of block 0`.
fn spoken(site: &Site) -> String {
    let block = site.path.strip_prefix("blocks.").and_then(|rest| rest.split('.').next());
    match (site.kind, block) {
        (SiteKind::Block, _) => site.label.clone(),
        (SiteKind::Head, Some(block)) => format!("{} of block {block}", site.label),
        (_, Some(block)) => format!("the {} of block {block}", site.label),
        _ => format!("the {}", site.label),
    }
}
