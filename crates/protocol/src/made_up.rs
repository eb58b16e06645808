//! Studies and worlds whose truth is known, for tests.

use ablation_random::Stream;
use ablation_settings::{Settings, toy::Toy};
use serde_json::json;

use crate::catalog::ModelCatalog;
use crate::former::former_id;
use crate::outcome::{Marks, Outcome, Outcomes};
use crate::read::read_study;
use crate::schedule::plan;
use crate::site::{AblationOption, AblationParameter, Grade, Needs, Placement, Site};
use crate::study::Study;
use crate::trial::Trial;

/// Runs a study to its end.
pub fn run(study: &Study, world: impl Fn(&Trial) -> Outcome) -> Outcomes {
    let mut outcomes = Outcomes::new();
    loop {
        let ready = plan(study, &outcomes);
        if ready.is_empty() {
            return outcomes;
        }
        outcomes.extend(ready.into_iter().map(|planned| (planned.id, world(&planned.trial))));
    }
}

/// What the luck of a trial is drawn from: the id that it had first, so that no world changes with the format of a trial.
fn luck(trial: &Trial) -> String {
    former_id(trial, "train.steps", "train.learning_rate").unwrap_or_else(|| trial.id())
}

fn draw(purpose: &str, seed: u64) -> f64 {
    Stream::root(seed).at(purpose).draws().normal()
}

/// A world in which ablating positions costs 1, recovery halves what is left with every ten updates, and never having had them costs `need`;
/// weight decay does nothing. The best learning rate is 0.01.
pub fn world(need: f64) -> impl Fn(&Trial) -> Outcome {
    move |trial: &Trial| {
        let rate = trial.settings.number("train.learning_rate").unwrap();
        let off = libm::log10(rate / 0.01);
        let luck = 0.05 * draw("data", trial.seeds.data) + 0.001 * draw(&luck(trial), trial.seeds.init);
        let without = if trial.remove.is_empty() { 0.0 } else { need };
        let ablation = trial.stages.get(1).map_or(0.0, |then| match then.ablations.first() {
            Some(ablation) if ablation.operator == "zero" => 2.0,
            Some(_) => libm::pow(0.5, then.steps as f64 / 10.0),
            None => 0.0,
        });
        outcome(trial, 0.5 + 0.05 * off * off + luck + without + ablation, 3.0, 2.5)
    }
}

/// The outcome of a trial with the same marks on both splits.
pub fn outcome(trial: &Trial, loss: f64, untrained: f64, constant_predictor: f64) -> Outcome {
    let marks = Marks { loss: Some(loss), score: None, untrained, constant_predictor };
    Outcome {
        trial: trial.id(),
        marks: trial.evaluate.iter().map(|split| (*split, marks.clone())).collect(),
        diverged: false,
        steps_to_threshold: None,
        device: "test".into(),
        numerics: 1,
    }
}

/// A sketch of six components, each with a truth of its own.
pub fn six() -> Study {
    let study = json!({
        "version": 2,
        "title": "Six components of a toy",
        "claim": "A causal model does not need to be told positions.",
        "settings": {"train": {"steps": 400}},
        "variants": [
            {"remove": "position"},
            {"remove": "blocks.0.mlp"},
            {"remove": "blocks.1.mlp"},
            {"name": "all mlps", "remove": "blocks.*.mlp"},
            {"set": {"train.weight_decay": 0}},
            {"swap": {"model.heads": 2}},
        ],
    });
    read_study(study, &Toy).unwrap()
}

/// The world of [`six`]: positions are co-adapted, the first MLP is needed and ablation overstates it, the second is needed as much as
/// ablation says, both together are noisy, weight decay does nothing but needs another learning rate, and fewer heads are better.
pub fn six_world(trial: &Trial) -> Outcome {
    let settings = &trial.settings;
    let number = |path: &str| settings.number(path).unwrap();
    let removed = trial.remove.join("+");
    let (need, noise) = match removed.as_str() {
        "position" => (0.004, 0.006),
        "blocks.0.mlp" => (0.41, 0.02),
        "blocks.1.mlp" => (0.3, 0.02),
        "blocks.0.mlp+blocks.1.mlp" => (0.06, 0.12),
        _ => (0.0, 0.004),
    };
    let mut best = if removed == "position" { 0.07 } else { 0.01 };
    let mut loss = 0.52 + need;
    if number("model.heads") == 2.0 {
        loss -= 0.09;
    }
    if number("train.weight_decay") == 0.0 {
        (loss, best) = (loss + 0.002, 0.004);
    }
    if let Some(then) = trial.stages.get(1) {
        let sites: Vec<&str> = then.ablations.iter().map(|ablation| ablation.site.as_str()).collect();
        let (damage, half_life) = match sites.join("+").as_str() {
            "" => (-0.002, 40.0),
            "position" => (1.43, 2.0),
            "blocks.0.mlp" => (2.2, 8.0),
            "blocks.1.mlp" => (0.31, 20.0),
            _ => (2.6, 30.0),
        };
        let zero = then.ablations.first().is_some_and(|ablation| ablation.operator == "zero");
        let damage = damage * if zero { 1.3 } else { 1.0 } * (1.0 + 0.06 * draw("damage", trial.seeds.init));
        let slow = if then.recipe.number("train.learning_rate").is_ok_and(|rate| rate > 0.003) { 1.0 } else { 5.0 };
        loss += damage * libm::pow(0.5, then.steps as f64 / (slow * half_life));
    }
    let off = libm::log10(number("train.learning_rate") / best);
    let short = trial.stages[0].steps as f64 / 400.0;
    loss += 0.12 * off * off + 1.2 * (1.0 - short);
    let untrained = 3.2 + 0.01 * draw("untrained", trial.seeds.init);
    let constant_predictor = 2.77 + 0.01 * draw("trivial", trial.seeds.data);
    let diverged = trial.stages.len() == 1 && off > 1.1;
    let mut outcome = outcome(trial, loss, untrained, constant_predictor);
    for (split, marks) in &mut outcome.marks {
        let luck = 0.03 * draw(&format!("{split:?}"), trial.seeds.data) + noise * draw(&luck(trial), trial.seeds.init);
        marks.loss = (!diverged).then_some(loss + luck);
        marks.score = (!diverged).then(|| libm::exp(-loss - luck));
    }
    Outcome { diverged, device: "cpu (flex), x86_64 linux".into(), ..outcome }
}

/// A study of the toy catalogue: one component removed, one setting changed.
pub fn toy() -> Study {
    read_study(
        json!({
            "version": 2,
            "settings": {"train": {"steps": 100}, "model.width": 16},
            "variants": [{"remove": "position"}, {"set": {"train.weight_decay": 0}}],
        }),
        &Toy,
    )
    .unwrap()
}

impl ModelCatalog for Toy {
    fn sites(&self, _: &Settings) -> Result<Vec<Site>, String> {
        let sound = || Grade::sound("it only adds");
        let option = |operator: &str, grade: Grade| AblationOption {
            operator: operator.into(),
            label: operator.into(),
            help: String::new(),
            phrase: if operator == "scale" { "scaled by {factor}".into() } else { format!("replaced by its {operator}") },
            parameters: if operator == "scale" { vec![factor()] } else { vec![] },
            needs: Needs::Nothing,
            grade,
        };
        let site = |path: &str, removal, ablations| Site {
            path: path.into(),
            parent: None,
            kind: "mlp".into(),
            placement: Placement::Branch,
            label: path.into(),
            help: String::new(),
            parameters: 100,
            positions: 4,
            channels: 8,
            reads: vec![],
            adds_to: None,
            removal,
            ablations,
            swaps: vec![],
        };
        let refused = || Grade::refused("there would be no answer");
        let mean = option("mean", sound());
        let off = || Grade::approximate("off distribution");
        let usual = vec![mean.clone(), option("zero", off()), option("scale", off())];
        Ok(vec![
            site("position", sound(), usual.clone()),
            site("blocks.0.mlp", sound(), usual),
            site("blocks.1.mlp", Grade::approximate("it matters"), vec![mean]),
            site("unembed", refused(), vec![option("zero", refused())]),
        ])
    }

    fn parameters(&self, settings: &Settings) -> Result<usize, String> {
        settings.count("model.width").map(|width| 300 + 130 * width).map_err(|error| error.to_string())
    }

    fn unit(&self, settings: &Settings) -> String {
        if settings.text("model.kind") == Ok("points") { "of the data variance" } else { "nats" }.to_string()
    }
}

/// The parameter of the toy's one operator that takes one.
fn factor() -> AblationParameter {
    AblationParameter {
        name: "factor".into(),
        label: "Factor".into(),
        help: String::new(),
        minimum: -2.0,
        maximum: 2.0,
        default: 0.5,
        intact: Some(1.0),
        at_zero: vec!["zero".into()],
    }
}
