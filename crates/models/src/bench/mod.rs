//! The sandbox session: one live model and the arms of one contrast - reference, ablated, recovered beside its controls, retrained without.
//!
//! Page and command line hold a bench and pull steps out of it. What is due follows from what is there: the reference first, then - once
//! an ablation is chosen - the recovered model and its sham in one fleet, the short retraining, then the retrained model. Nothing runs by
//! itself.
//!
//! Reference and retrained model are each the best of a small search over learning rates ([`Candidates`]), so that their difference is a
//! necessity and not the price of borrowed settings. With the search switched off it is called the untuned gap.

mod candidates;
mod checkpoint;
mod effects;
mod together;
mod view;

use std::collections::BTreeMap;
use std::rc::Rc;

use ablation_protocol::{Ablation, Arm, Grade, Site};
use ablation_settings::{Link, Settings, Value, read_link};
use burn::tensor::Device;
use serde::Serialize;

pub use effects::BenchEffects;
pub use view::{ArmView, Panel, Source, Status, View};

use crate::ablation_fields::{NO_SITE, OPERATOR, PREFIX, SITE};
use crate::ablations;
use crate::catalog::{Models, open};
use crate::context::Context;
use crate::edits::{Edits, targets};
use crate::error::ModelError;
use crate::evaluation::Evaluation;
use crate::fleet::{Fleet, Replica, evaluate};
use crate::model::Model;
use crate::recipe::Recipe;
use candidates::Candidates;

/// What a bench does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "BenchPhase"))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Training the reference.
    Reference,
    /// Fine-tuning the ablated model and its sham.
    Recovery,
    /// Training without the component from scratch, for as long as fine-tuning took.
    ShortRetrain,
    /// Training without the component from scratch.
    Retrained,
    /// Nothing is left to train.
    Done,
}

/// Where a bench stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "BenchProgress"))]
pub struct Progress {
    /// What is due next.
    pub phase: Phase,
    /// Steps done and to be done in each phase.
    pub steps: BTreeMap<&'static str, (u64, u64)>,
    /// Latest training loss of each arm.
    pub losses: BTreeMap<&'static str, Option<f32>>,
}

/// A training loss after each step, of one model; steps count from the start of the reference.
type Curve = Vec<(u64, f32)>;

/// The arms of one contrast on one device.
pub struct Bench {
    study: Link,
    model: Rc<Model>,
    sites: Vec<Site>,
    recipe: Recipe,
    /// What the set learning rate is multiplied by, one candidate each.
    factors: &'static [f64],
    seed: u64,
    recovery_steps: u64,
    device: Device,
    reference: Candidates,
    ablation: Option<Ablation>,
    /// Replica 0 is ablated, replica 1 is the sham.
    recovery: Option<Fleet>,
    /// What fine-tuning has to beat: a model without the component that learns anew in as many steps.
    short_retrain: Option<Candidates>,
    retrained: Option<Candidates>,
    /// Test loss of the retrained model at the learning rate of the reference, beside a search: what the common untuned retraining would report.
    untuned: Option<f64>,
    /// Training losses of the recovered model and of its sham.
    curves: BTreeMap<Arm, Curve>,
    /// The latest evaluation of each arm and the step it was made at.
    evaluations: BTreeMap<Arm, (u64, Evaluation)>,
}

impl Bench {
    /// A bench for the study in a link whose data reads no file, with the link's ablation chosen.
    pub fn new(link: &str, device: &Device) -> Result<Self, ModelError> {
        Bench::open(link, &Context::default(), device)
    }

    /// A bench for the study in a link, with the link's ablation chosen. `context`: the files that its data reads.
    pub fn open(link: &str, context: &Context, device: &Device) -> Result<Self, ModelError> {
        let (study, _) = read_link(link, &Models);
        let settings = &study.settings;
        let model = open(settings, context)?;
        let recipe = Recipe::read(settings)?;
        let seed = settings.count("seed")? as u64;
        let factors = candidates::factors(settings)?;
        let mut bench = Bench {
            sites: model.sites(),
            reference: Candidates::new(&model, &recipe, seed, factors, None, device)?,
            recovery_steps: settings.count("sandbox.recovery_steps")? as u64,
            ablation: None,
            recovery: None,
            short_retrain: None,
            retrained: None,
            untuned: None,
            curves: BTreeMap::new(),
            evaluations: BTreeMap::new(),
            device: device.clone(),
            factors,
            seed,
            recipe,
            model,
            study,
        };
        bench.choose(ablation_in(&bench.study.settings))?;
        Ok(bench)
    }

    /// Chooses what is ablated. Arms of another ablation are dropped; the retrained model is kept while the component is the same.
    pub fn choose(&mut self, ablation: Option<Ablation>) -> Result<(), ModelError> {
        if let Some(ablation) = &ablation {
            ablations::check(&self.sites, ablation)?;
        }
        if ablation == self.ablation {
            return Ok(());
        }
        let same_site = ablation.as_ref().map(|ablation| &ablation.site) == self.ablation.as_ref().map(|ablation| &ablation.site);
        self.recovery = None;
        self.curves.clear();
        let mut stale = vec![Arm::Ablated, Arm::Recovered, Arm::Sham];
        if !same_site {
            self.short_retrain = None;
            self.retrained = None;
            self.untuned = None;
            stale.extend([Arm::ShortRetrain, self.retrained_arm()]);
        }
        for arm in stale {
            self.evaluations.remove(&arm);
        }
        self.ablation = ablation;
        Ok(())
    }

    /// What is due next.
    pub fn phase(&self) -> Phase {
        let recovered = self.recovery.as_ref().is_some_and(|fleet| fleet.step() == fleet.steps());
        let is_trained = |candidates: &Option<Candidates>| candidates.as_ref().is_some_and(Candidates::is_chosen);
        match &self.ablation {
            _ if !self.reference.is_chosen() => Phase::Reference,
            None => Phase::Done,
            Some(_) if !recovered => Phase::Recovery,
            Some(ablation) if !self.removal(ablation).allowed() => Phase::Done,
            Some(_) if !is_trained(&self.short_retrain) => Phase::ShortRetrain,
            Some(_) if !is_trained(&self.retrained) => Phase::Retrained,
            Some(_) => Phase::Done,
        }
    }

    /// Makes up to `steps` steps of what is due and reads their losses.
    pub async fn step(&mut self, steps: u64) -> Result<Progress, ModelError> {
        let phase = self.phase();
        self.prepare(phase).await?;
        match phase {
            Phase::Done => {}
            Phase::Reference => self.reference.advance(steps).await?,
            Phase::ShortRetrain | Phase::Retrained => {
                let due = if phase == Phase::Retrained { &mut self.retrained } else { &mut self.short_retrain };
                if let Some(candidates) = due {
                    candidates.advance(steps).await?;
                }
            }
            Phase::Recovery => {
                let Some(fleet) = &mut self.recovery else { return Ok(self.progress()) };
                let before = self.recipe.steps + fleet.step();
                for _ in 0..steps.min(fleet.steps() - fleet.step()) {
                    fleet.advance();
                }
                let losses = fleet.losses().await?;
                for (replica, arm) in [Arm::Recovered, Arm::Sham].into_iter().enumerate() {
                    let points = losses.iter().zip(before + 1..).map(|(losses, step)| (step, losses[replica]));
                    self.curves.entry(arm).or_default().extend(points);
                }
            }
        }
        Ok(self.progress())
    }

    /// Where the bench stands.
    pub fn progress(&self) -> Progress {
        let latest = |arm: &Arm| self.training_losses(*arm).last().map(|(_, loss)| *loss).filter(|loss| loss.is_finite());
        let recovery = self.recovery.as_ref().map_or(0, Fleet::step);
        let steps = |candidates: &Option<Candidates>| candidates.as_ref().map_or(0, Candidates::step);
        Progress {
            phase: self.phase(),
            steps: BTreeMap::from([
                ("reference", (self.reference.step(), self.recipe.steps)),
                ("recovery", (recovery, self.recovery_steps)),
                ("short_retrain", (steps(&self.short_retrain), self.recovery_steps)),
                ("retrained", (steps(&self.retrained), self.recipe.steps)),
            ]),
            losses: Arm::SANDBOX.iter().filter(|arm| **arm != Arm::Ablated).map(|arm| (arm.name(), latest(arm))).collect(),
        }
    }

    /// The training losses of an arm that trains; none for the ablated model.
    fn training_losses(&self, arm: Arm) -> &[(u64, f32)] {
        match arm {
            Arm::Reference => self.reference.curve(),
            Arm::Retrained | Arm::RetrainedUntuned if arm == self.retrained_arm() => {
                self.retrained.as_ref().map_or(&[], Candidates::curve)
            }
            Arm::ShortRetrain => self.short_retrain.as_ref().map_or(&[], Candidates::curve),
            Arm::Recovered | Arm::Sham => self.curves.get(&arm).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    /// Sets up the fleet of a phase if it is not there yet.
    async fn prepare(&mut self, phase: Phase) -> Result<(), ModelError> {
        let Some(ablation) = self.ablation.clone() else { return Ok(()) };
        if phase == Phase::Recovery && self.recovery.is_none() {
            let edits = self.ablation_edits(&ablation, 2).await?;
            let examples = self.recipe.steps * self.recipe.batch as u64;
            let recipe = self.recipe.continued(self.recovery_steps, self.reference.learning_rate());
            let replicas = vec![Replica::new(self.seed, recipe); 2];
            let weights = self.reference.weights().repeat(0, 2);
            self.recovery = Some(Fleet::from_weights(self.model.clone(), replicas, edits, weights, examples, &self.device));
        }
        let without =
            |recipe: &Recipe| Candidates::new(&self.model, recipe, self.seed, self.factors, Some(&ablation.site), &self.device);
        if phase == Phase::ShortRetrain && self.short_retrain.is_none() {
            self.short_retrain = Some(without(&self.recipe.continued(self.recovery_steps, self.recipe.learning_rate))?);
        }
        if phase == Phase::Retrained && self.retrained.is_none() {
            self.retrained = Some(without(&self.recipe)?);
        }
        Ok(())
    }

    /// The ablation in replica 0 of `replicas`; the others stay as they are.
    async fn ablation_edits(&self, ablation: &Ablation, replicas: usize) -> Result<Edits, ModelError> {
        let ablations = std::slice::from_ref(ablation);
        let made =
            ablations::edits(&self.model, &self.reference.weights(), &Edits::none(1), ablations, self.seed, &self.device).await?;
        let mut edits = Edits::none(replicas);
        made.into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
        Ok(edits)
    }

    /// Evaluates every arm that has changed since it was last evaluated.
    async fn evaluate(&mut self) -> Result<(), ModelError> {
        let step = self.reference.step();
        if self.is_stale(Arm::Reference, step) {
            let evaluations = self.reference.evaluate(self.without(Arm::Reference)).await?;
            self.keep(&[Arm::Reference], step, evaluations);
        }
        let Some(ablation) = self.ablation.clone() else { return Ok(()) };
        if self.is_stale(Arm::Ablated, step) {
            let edits = self.ablation_edits(&ablation, 1).await?;
            let weights = self.reference.weights();
            let evaluations = evaluate(&self.model, &weights, &edits, &[self.without(Arm::Ablated)], &self.device).await?;
            self.keep(&[Arm::Ablated], step, evaluations);
        }
        if let Some(fleet) = self.recovery.as_ref().filter(|fleet| self.is_stale(Arm::Recovered, fleet.step())) {
            let step = fleet.step();
            let evaluations = fleet.evaluate(&[self.without(Arm::Recovered), self.without(Arm::Sham)]).await?;
            self.keep(&[Arm::Recovered, Arm::Sham], step, evaluations);
        }
        let short_retrain = self.short_retrain.as_ref().filter(|candidates| self.is_stale(Arm::ShortRetrain, candidates.step()));
        if let Some(candidates) = short_retrain {
            let step = candidates.step();
            let evaluations = candidates.evaluate(self.without(Arm::ShortRetrain)).await?;
            self.keep(&[Arm::ShortRetrain], step, evaluations);
        }
        let arm = self.retrained_arm();
        if let Some(retrained) = self.retrained.as_ref().filter(|candidates| self.is_stale(arm, candidates.step())) {
            let step = retrained.step();
            let evaluations = retrained.evaluate(self.without(arm)).await?;
            if retrained.is_chosen() && retrained.count() > 1 {
                let rate = self.reference.learning_rate();
                self.untuned = if rate == retrained.learning_rate() {
                    // One model: measured another way, it would differ from itself by rounding.
                    evaluations.first().and_then(|found| found.measures.first()?.value)
                } else {
                    retrained.loss_at(rate).await?
                };
            }
            self.keep(&[arm], step, evaluations);
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
        // A component that is scaled still contributes.
        let ablated = self.ablation.as_ref().is_some_and(|ablation| ablations::silences(&self.sites, ablation));
        let without = match arm {
            Arm::Reference | Arm::Sham => false,
            Arm::Ablated | Arm::Recovered => ablated,
            // Every other arm of the sandbox is trained from scratch without the component.
            _ => true,
        };
        let sites = self.ablation.iter().filter(|_| without).flat_map(|ablation| targets(&self.sites, &ablation.site));
        sites.map(|site| site.path.clone()).collect()
    }

    /// The grade of training without the ablated component.
    fn removal(&self, ablation: &Ablation) -> Grade {
        self.site(&ablation.site).map_or_else(|| Grade::refused("there is no such component"), |site| site.removal.clone())
    }

    fn site(&self, path: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.path == path)
    }
}

/// The ablation that settings choose: `ablation.site`, `ablation.operator`, and the operator's parameters under `ablation.`.
pub fn ablation_in(settings: &Settings) -> Option<Ablation> {
    let site = settings.text(SITE).ok().filter(|site| *site != NO_SITE)?;
    let chosen = Ablation::new(site, settings.text(OPERATOR).ok()?);
    let parameter = |(path, value): (&str, &Value)| {
        let name = path.strip_prefix(PREFIX).filter(|_| path != SITE && path != OPERATOR)?;
        match value {
            Value::Number(value) => Some((name.to_string(), *value)),
            Value::Integer(value) => Some((name.to_string(), *value as f64)),
            Value::Text(_) => None,
        }
    };
    Some(settings.iter().filter_map(parameter).fold(chosen, |chosen, (name, value)| chosen.with(&name, value)))
}
