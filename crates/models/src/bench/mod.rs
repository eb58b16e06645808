//! One live model and its arms: intact, cut, healed beside its sham, never had it.
//!
//! Page and command line hold a bench and pull steps out of it. What is due follows from what is there: the intact model first, then
//! - once a cut is chosen - the healed model and its sham in one fleet, then the model that never had the part. Nothing runs by itself.

mod checkpoint;
mod view;

use std::collections::BTreeMap;
use std::rc::Rc;

use ablation_study::{Arm, Cut, Grade, Link, Operator, Settings, Site, read_link};
use burn::tensor::Device;
use serde::Serialize;

pub use view::{ArmView, Panel, Source, Status, View};

use crate::catalog::{Models, NO_SITE, build};
use crate::cuts;
use crate::edits::{Edits, targets};
use crate::error::ModelError;
use crate::evaluation::Evaluation;
use crate::fleet::{Fleet, Replica, evaluate};
use crate::model::Model;
use crate::recipe::Recipe;

/// What a bench does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Training the intact model.
    Intact,
    /// Training the cut model and its sham.
    Healing,
    /// Training the model that never had the part.
    Never,
    /// Nothing is left to train.
    Done,
}

/// Where a bench stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// What is due next.
    pub phase: Phase,
    /// Steps done and to be done in each phase.
    pub steps: BTreeMap<&'static str, (u64, u64)>,
    /// Latest training loss of each arm.
    pub losses: BTreeMap<&'static str, Option<f32>>,
}

/// A training loss after each step, of one arm; steps count from the start of the intact model.
type Curve = Vec<(u64, f32)>;

/// The arms of one contrast on one device.
pub struct Bench {
    study: Link,
    model: Rc<Model>,
    sites: Vec<Site>,
    recipe: Recipe,
    seed: u64,
    healing_steps: u64,
    device: Device,
    intact: Fleet,
    cut: Option<Cut>,
    /// Replica 0 is healed, replica 1 is the sham.
    healing: Option<Fleet>,
    never: Option<Fleet>,
    curves: BTreeMap<Arm, Curve>,
    /// The latest evaluation of each arm and the step it was made at.
    evaluations: BTreeMap<Arm, (u64, Evaluation)>,
}

impl Bench {
    /// A bench for the study in a link, with the link's cut chosen.
    pub fn new(link: &str, device: &Device) -> Result<Self, ModelError> {
        let (study, _) = read_link(link, &Models);
        let settings = &study.settings;
        let model = build(settings)?;
        let recipe = Recipe::read(settings)?;
        let seed = settings.count("seed")? as u64;
        let replica = Replica::new(seed, recipe.clone());
        let mut bench = Bench {
            sites: model.sites(),
            intact: Fleet::new(model.clone(), vec![replica], Edits::none(1), device),
            healing_steps: settings.count("heal.steps")? as u64,
            cut: None,
            healing: None,
            never: None,
            curves: BTreeMap::new(),
            evaluations: BTreeMap::new(),
            device: device.clone(),
            seed,
            recipe,
            model,
            study,
        };
        bench.choose(cut_in(&bench.study.settings))?;
        Ok(bench)
    }

    /// Chooses what is cut. Arms of another cut are dropped; the model that never had the part is kept while the part is the same.
    pub fn choose(&mut self, cut: Option<Cut>) -> Result<(), ModelError> {
        if let Some(cut) = &cut {
            cuts::check(&self.sites, cut)?;
        }
        if cut == self.cut {
            return Ok(());
        }
        let same_site = cut.as_ref().map(|cut| &cut.site) == self.cut.as_ref().map(|cut| &cut.site);
        self.healing = None;
        let mut stale = vec![Arm::Cut, Arm::Healed, Arm::Sham];
        if !same_site {
            self.never = None;
            stale.push(Arm::Never);
        }
        for arm in stale {
            self.curves.remove(&arm);
            self.evaluations.remove(&arm);
        }
        self.cut = cut;
        Ok(())
    }

    /// What is due next.
    pub fn phase(&self) -> Phase {
        let unfinished = |fleet: &Option<Fleet>| fleet.as_ref().is_none_or(|fleet| fleet.step() < fleet.steps());
        match &self.cut {
            _ if self.intact.step() < self.intact.steps() => Phase::Intact,
            None => Phase::Done,
            Some(_) if unfinished(&self.healing) => Phase::Healing,
            Some(cut) if self.removal(cut).allowed() && unfinished(&self.never) => Phase::Never,
            Some(_) => Phase::Done,
        }
    }

    /// Makes up to `steps` updates of what is due and reads their losses.
    pub async fn step(&mut self, steps: u64) -> Result<Progress, ModelError> {
        let phase = self.phase();
        self.prepare(phase).await?;
        let (arms, fleet): (&[Arm], &mut Fleet) = match (phase, &mut self.healing, &mut self.never) {
            (Phase::Healing, Some(fleet), _) => (&[Arm::Healed, Arm::Sham], fleet),
            (Phase::Never, _, Some(fleet)) => (&[Arm::Never], fleet),
            _ => (&[Arm::Intact], &mut self.intact),
        };
        let before = fleet.step();
        for _ in 0..steps.min(fleet.steps() - before) {
            fleet.advance();
        }
        let losses = fleet.losses().await?;
        let start = before + if phase == Phase::Healing { self.recipe.steps } else { 0 };
        for (index, &arm) in arms.iter().enumerate() {
            let points = losses.iter().enumerate().map(|(step, losses)| (start + step as u64 + 1, losses[index]));
            self.curves.entry(arm).or_default().extend(points);
        }
        Ok(self.progress())
    }

    /// Where the bench stands.
    pub fn progress(&self) -> Progress {
        let done = |fleet: &Option<Fleet>| fleet.as_ref().map_or(0, Fleet::step);
        let latest = |arm: &Arm| {
            self.curves.get(arm).and_then(|curve| curve.last()).map(|(_, loss)| *loss).filter(|loss| loss.is_finite())
        };
        Progress {
            phase: self.phase(),
            steps: BTreeMap::from([
                ("intact", (self.intact.step(), self.recipe.steps)),
                ("healing", (done(&self.healing), self.healing_steps)),
                ("never", (done(&self.never), self.recipe.steps)),
            ]),
            losses: Arm::ALL.iter().filter(|arm| **arm != Arm::Cut).map(|arm| (arm.name(), latest(arm))).collect(),
        }
    }

    /// Sets up the fleet of a phase if it is not there yet.
    async fn prepare(&mut self, phase: Phase) -> Result<(), ModelError> {
        let Some(cut) = self.cut.clone() else { return Ok(()) };
        if phase == Phase::Healing && self.healing.is_none() {
            let edits = self.cut_edits(&cut, 2).await?;
            let examples = self.recipe.steps * self.recipe.batch as u64;
            let recipe = self.recipe.continued(self.healing_steps, self.recipe.learning_rate);
            let replicas = vec![Replica::new(self.seed, recipe); 2];
            let weights = self.intact.weights.repeat(0, 2);
            self.healing = Some(Fleet::from_weights(self.model.clone(), replicas, edits, weights, examples, &self.device));
        }
        if phase == Phase::Never && self.never.is_none() {
            let edits = cuts::absence(&self.sites, &[std::slice::from_ref(&cut.site)])?;
            let replicas = vec![Replica::new(self.seed, self.recipe.clone())];
            self.never = Some(Fleet::new(self.model.clone(), replicas, edits, &self.device));
        }
        Ok(())
    }

    /// The cut in replica 0 of `replicas`; the others stay intact.
    async fn cut_edits(&self, cut: &Cut, replicas: usize) -> Result<Edits, ModelError> {
        let cut = std::slice::from_ref(cut);
        let made = cuts::edits(&self.model, &self.intact.weights, &Edits::none(1), cut, &self.device).await?;
        let mut edits = Edits::none(replicas);
        made.into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
        Ok(edits)
    }

    /// Evaluates every arm that has changed since it was last evaluated.
    async fn evaluate(&mut self) -> Result<(), ModelError> {
        let step = self.intact.step();
        if self.is_stale(Arm::Intact, step) {
            let evaluations = self.intact.evaluate(&[self.without(Arm::Intact)]).await?;
            self.keep(&[Arm::Intact], step, evaluations);
        }
        let Some(cut) = self.cut.clone() else { return Ok(()) };
        if self.is_stale(Arm::Cut, step) {
            let edits = self.cut_edits(&cut, 1).await?;
            let evaluations =
                evaluate(&self.model, &self.intact.weights, &edits, &[self.without(Arm::Cut)], &self.device).await?;
            self.keep(&[Arm::Cut], step, evaluations);
        }
        if let Some(fleet) = self.healing.as_ref().filter(|fleet| self.is_stale(Arm::Healed, fleet.step())) {
            let step = fleet.step();
            let evaluations = fleet.evaluate(&[self.without(Arm::Healed), self.without(Arm::Sham)]).await?;
            self.keep(&[Arm::Healed, Arm::Sham], step, evaluations);
        }
        if let Some(fleet) = self.never.as_ref().filter(|fleet| self.is_stale(Arm::Never, fleet.step())) {
            let step = fleet.step();
            let evaluations = fleet.evaluate(&[self.without(Arm::Never)]).await?;
            self.keep(&[Arm::Never], step, evaluations);
        }
        Ok(())
    }

    fn is_stale(&self, arm: Arm, step: u64) -> bool {
        self.evaluations.get(&arm).is_none_or(|(evaluated, _)| *evaluated != step)
    }

    fn keep(&mut self, arms: &[Arm], step: u64, evaluations: Vec<Evaluation>) {
        for (&arm, evaluation) in arms.iter().zip(evaluations) {
            self.evaluations.insert(arm, (step, evaluation));
        }
    }

    /// Sites that an arm goes without.
    fn without(&self, arm: Arm) -> Vec<String> {
        // What is scaled still speaks.
        let cut_away = self.cut.as_ref().is_some_and(|cut| !matches!(cut.operator, Operator::Scale { factor } if factor != 0.0));
        let without = match arm {
            Arm::Intact | Arm::Sham => false,
            Arm::Cut | Arm::Healed => cut_away,
            Arm::Never => true,
        };
        let sites = self.cut.iter().filter(|_| without).flat_map(|cut| targets(&self.sites, &cut.site));
        sites.map(|site| site.path.clone()).collect()
    }

    /// The grade of training without the part of a cut.
    fn removal(&self, cut: &Cut) -> Grade {
        self.site(&cut.site).map_or_else(|| Grade::refused("there is no such part"), |site| site.removal.clone())
    }

    fn site(&self, path: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.path == path)
    }
}

/// The cut that settings choose.
pub fn cut_in(settings: &Settings) -> Option<Cut> {
    let site = settings.text("cut.site").ok().filter(|site| *site != NO_SITE)?;
    let factor = settings.number("cut.factor").unwrap_or(0.5);
    let operator = Operator::parse(settings.text("cut.kind").ok()?, factor)?;
    Some(Cut { site: site.to_string(), operator })
}
