//! What a bench shows: four panels with one scale, and the contrast in a sentence.

use ablation_figures::{Curve, CurveAxis, Figure, Rule, Series};
use ablation_study::{Arm, Contrast, Measurement, Placement, Site, difference, write_link};
use serde::{Deserialize, Serialize};

use super::{Bench, Models};
use crate::error::ModelError;
use crate::family::Measure;
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

/// One panel; every panel has the same shape and the same scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    /// Name of its first arm.
    pub name: String,
    /// Title.
    pub label: String,
    /// What it means, as a sentence.
    pub note: String,
    /// Its arms.
    pub arms: Vec<ArmView>,
    /// The loss curve, then samples.
    pub figures: Vec<Figure>,
}

/// Everything a bench shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The study.
    pub link: String,
    /// Where the numbers come from.
    pub source: Source,
    /// Intact, cut, healed beside its sham, never.
    pub panels: Vec<Panel>,
    /// The statement.
    pub contrast: Contrast,
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
    /// Examines what has changed and draws everything. `device` is how the device is called.
    pub async fn view(&mut self, device: &str) -> Result<View, ModelError> {
        self.examine().await?;
        Ok(View {
            link: write_link(&self.study, &Models),
            source: Source { kind: "computed".into(), device: device.into(), seeds: 1 },
            panels: PANELS.iter().map(|(arms, label, note)| self.panel(arms, label, note)).collect(),
            contrast: self.contrast(),
        })
    }

    fn panel(&self, arms: &[Arm], label: &str, note: &str) -> Panel {
        let samples = self.marks.get(&arms[0]).map(|(_, marks)| marks.samples.clone()).unwrap_or_default();
        Panel {
            name: arms[0].name().to_string(),
            label: label.to_string(),
            note: note.to_string(),
            arms: arms.iter().map(|&arm| self.arm(arm)).collect(),
            figures: std::iter::once(self.curve(arms)).chain(samples).collect(),
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
            measures: self.marks.get(&arm).map(|(_, marks)| marks.measures.clone()).unwrap_or_default(),
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

    /// The arms of a panel over the reference, on the axes that all panels share.
    fn curve(&self, arms: &[Arm]) -> Figure {
        let steps = self.recipe.steps + if self.cut.is_some() { self.healing_steps } else { 0 };
        let shown =
            |&arm: &Arm| Some(Series { label: arm.name().into(), role: self.subject(arm).role, points: self.points(arm)? });
        let reference = std::iter::once(Arm::Intact).filter(|arm| !arms.contains(arm));
        let trivial = self.trivial();
        Curve {
            name: "loss".into(),
            title: "Loss".into(),
            x: CurveAxis { label: "step".into(), unit: None, range: Some((0.0, steps as f64)) },
            y: CurveAxis {
                label: "training loss".into(),
                unit: self.family.loss_unit().map(str::to_string),
                range: Some((0.0, self.highest())),
            },
            series: reference.chain(arms.iter().copied()).filter_map(|arm| shown(&arm)).collect(),
            rule: trivial.map(|value| Rule { label: "knows nothing".into(), value }),
        }
        .figure()
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
        let values = starts.chain(self.trivial()).filter(|loss| loss.is_finite());
        let highest = values.fold(0.0, f64::max);
        if highest > 0.0 { 1.05 * highest } else { 1.0 }
    }

    fn contrast(&self) -> Contrast {
        let done = |arm: &Arm| *arm == Arm::Cut || self.arm(*arm).status == Status::Done;
        let intact_is_done = self.arm(Arm::Intact).status == Status::Done;
        let loss = |arm: Arm| self.marks.get(&arm).map(|_| Measurement { arm, loss: self.loss(arm).unwrap_or(f64::NAN) });
        let measurements: Vec<Measurement> =
            Arm::ALL.into_iter().filter(|arm| intact_is_done && done(arm)).filter_map(loss).collect();
        let cut = self.cut.as_ref().and_then(|cut| Some((in_a_sentence(&self.sites, &cut.site)?, cut.operator)));
        Contrast::new(
            cut.as_ref().map(|(part, operator)| (part.as_str(), *operator)),
            &measurements,
            self.trivial(),
            &self.unit(),
        )
    }

    fn measure(&self, arm: Arm) -> Option<&Measure> {
        self.marks.get(&arm).and_then(|(_, marks)| marks.measures.first())
    }

    fn loss(&self, arm: Arm) -> Option<f64> {
        self.measure(arm).and_then(|measure| measure.value)
    }

    fn trivial(&self) -> Option<f64> {
        self.measure(Arm::Intact).and_then(|measure| measure.trivial)
    }

    fn unit(&self) -> String {
        self.measure(Arm::Intact).map(|measure| measure.unit.clone()).unwrap_or_default()
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
