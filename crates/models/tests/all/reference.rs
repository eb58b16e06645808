//! The models against an independent implementation: `tests/reference/*.py`, in another language and with other gradients.
//!
//! The stored numbers are correctly rounded answers, so what is seen here is the rounding of this crate. Every case is asked twice:
//! of a model alone, and of the second of three replicas, whose neighbours have other weights, other data and other components ablated.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use crate::common::*;
use ablation_data::{About, ConstantPredictor, Data, Example, Goal, Layout, Need, Score, Split, Visibility};
use ablation_models::{
    ACTIVATIONS, Activation, Arrangement, Biases, Constant, Diffusion, Edit, Edits, Entry, Fleet, LOSSES, MLP_KINDS, Model,
    NORM_KINDS, NormPlacement, Norms, POSITIONS, Position, Recipe, Replica, Residual, ResidualMlp, ResidualMlpConfig, Tensor,
    TokenPrediction, TrainingLoss, Transformer, TransformerConfig, Weights, targets, upload,
};
use ablation_random::Draws;
use ablation_settings::Settings;
use safetensors::SafeTensors;

/// How far this crate may be from the reference.
const TOLERANCE: f32 = 1e-5;

/// One case of a file: `[rows, columns]` and numbers, by name.
struct Case(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Case {
    fn get(&self, name: &str) -> &[f32] {
        &self.0.get(name).unwrap_or_else(|| panic!("the case has no `{name}`")).1
    }

    /// The paths of the model's parameters.
    fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|name| name.strip_prefix("grad."))
    }
}

/// All cases of a file.
fn cases(file: &str) -> BTreeMap<String, Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut cases = BTreeMap::new();
    for (name, view) in SafeTensors::deserialize(&bytes).expect("the file is safetensors").tensors() {
        let (case, name) = name.split_once('/').expect("tensors are called case/name");
        let values = view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let case = cases.entry(case.to_string()).or_insert_with(|| Case(BTreeMap::new()));
        case.0.insert(name.to_string(), (view.shape().to_vec(), values));
    }
    cases
}

/// What a case does to its model, in words of this crate.
fn edit(name: &str, case: &Case) -> Option<(&'static str, Edit)> {
    match name {
        "attn-ablated" => Some(("blocks.0.attn", Edit::ZERO)),
        "head-ablated" => Some(("blocks.0.attn.heads.1", Edit::ZERO)),
        "time-ablated" => Some(("time", Edit::ZERO)),
        "mlp-ablated" => Some(("blocks.0.mlp", Edit::ZERO)),
        "mean-ablated" => {
            let values = case.get("constant.blocks.1.mlp").to_vec();
            Some(("blocks.1.mlp", Edit { constant: Some(Constant { channels: values.len(), values }), ..Edit::ZERO }))
        }
        "gelu" | "relu" | "narrow" | "norm-none" | "norm-post" | "position-none" | "bidirectional" | "bidirectional-post" => None,
        "sinusoidal"
        | "rotary"
        | "squared-relu"
        | "identity"
        | "gated-silu"
        | "gated-matched"
        | "grouped"
        | "alibi"
        | "window"
        | "alibi-bidirectional" => None,
        "query-key-norm-layer" | "query-key-norm-rms" => None,
        "sandwich" | "biases-all" | "biases-none" | "residual-mlp" | "residual-none" => None,
        "parallel" | "shared" | "tied" => None,
        "focal" | "squared" | "smoothed" => None,
        "convolution" => None,
        other => panic!("the reference has a case `{other}` that no test knows"),
    }
}

/// Weights of a fleet whose replica `own` is the case's and whose other replicas are something else.
fn weights(family: &Model, case: &Case, replicas: usize, own: usize) -> Weights {
    let others = random_weights(family, &(0..replicas as u64).collect::<Vec<_>>());
    let listed: Vec<String> = others.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(listed, case.paths().collect::<Vec<_>>(), "both implementations have the same parameters");
    others.map(|path, tensor| {
        let [_, rows, columns] = tensor.dims();
        let given = case.get(path);
        let mut all = host(tensor);
        all[own * given.len()..][..given.len()].copy_from_slice(given);
        upload(all, [replicas, rows, columns], &device())
    })
}

fn own(tensor: &Tensor<3>, index: usize) -> Vec<f32> {
    host(&tensor.clone().narrow(0, index, 1))
}

fn near(given: &[f32], expected: &[f32], what: &str) {
    let apart = distance(given, expected);
    assert!(apart < TOLERANCE, "{what} is off by {apart}");
}

/// Forward, loss, gradients and three steps of AdamW of one case as replica `index` of `replicas`.
fn check(name: &str, case: &Case, family: Rc<Model>, given: &Given, answer: &str, replicas: usize, index: usize) {
    let what = |part: &str| format!("{name}, replica {index} of {replicas}: {part}");
    let weights = weights(&family, case, replicas, index);
    let batch = given.batch(replicas, index, &device());
    let mut edits = Edits::none(replicas);
    let own_edit = edit(name, case);
    if let Some((path, edit)) = &own_edit {
        edits.set(index, path, edit.clone());
    }
    // Neighbours go without something else, if there are any.
    let last = family.sites().into_iter().rfind(|site| {
        site.placement == ablation_protocol::Placement::Branch && own_edit.as_ref().is_none_or(|(path, _)| site.path != *path)
    });
    for neighbour in (0..replicas).filter(|neighbour| *neighbour != index) {
        let last = last.as_ref().expect("a model has branches");
        targets(&family.sites(), &last.path).iter().for_each(|site| edits.set(neighbour, &site.path, Edit::removal(site)));
    }

    near(&own(&output(&family, &weights, &edits, &batch), index), case.get(answer), &what(answer));
    // The recipe of common.py; neighbours are trained in another way.
    let recipe = Recipe { weight_decay: 0.1, loss: loss(name), ..plain(0.01) };
    let other = Recipe { weight_decay: 0.0, clip: 0.3, warmup: 2, loss: neighbour(&recipe.loss), ..plain(0.02) };
    let recipe_of = |at| if at == index { recipe.clone() } else { other.clone() };
    let recipes: Vec<Recipe> = (0..replicas).map(recipe_of).collect();
    let (losses_now, gradients) = minimised(&family, &weights, &edits, &batch, &recipes);
    near(&losses_now[index..=index], case.get("loss"), &what("loss"));
    for path in case.paths() {
        let expected = case.get(&format!("grad.{path}"));
        let zeros = vec![0.0; expected.len()];
        let gradient = gradients.get(path).map_or(zeros, |gradient| own(gradient, index));
        near(&gradient, expected, &what(&format!("gradient of {path}")));
    }

    let replica = |at: usize| Replica::new(at as u64, recipes[at].clone());
    let given = given.clone();
    let family = fed(family, move |_, _, device| given.batch(replicas, index, device));
    let fleet = Fleet::from_weights(family, (0..replicas).map(replica).collect(), edits, weights, 0, &device());
    let mut fleet = advanced(fleet, 3);
    for path in case.paths() {
        near(
            &own(fleet.weights.get(path), index),
            case.get(&format!("after.{path}")),
            &what(&format!("{path} after three steps")),
        );
    }
    fleet.advance();
    let seen: Vec<f32> = losses(&mut fleet).iter().map(|step| step[index]).collect();
    near(&seen, case.get("losses"), &what("losses"));
}

/// What is minimised in a case.
fn loss(name: &str) -> TrainingLoss {
    let kind = LOSSES.iter().find(|entry| entry.name == name).unwrap_or(&LOSSES[0]);
    let own = if name == "focal" { vec![1.5] } else { Vec::new() };
    TrainingLoss { kind, own, additions: if name == "smoothed" { vec![0.1, 0.01] } else { Vec::new() } }
}

/// The same loss with other numbers.
fn neighbour(loss: &TrainingLoss) -> TrainingLoss {
    TrainingLoss { own: loss.own.iter().map(|number| number + 1.0).collect(), additions: vec![0.05], ..loss.clone() }
}

/// Eleven letters, six places; nothing is ever drawn from it.
struct Silent;

impl Data for Silent {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            name: "silent",
            label: "Silent",
            help: "",
            score: Score { name: "accuracy", label: "Accuracy", unit: "", goal: Goal::Higher },
        };
        &ABOUT
    }
    fn layout(&self) -> Layout {
        Layout::Tokens { length: 6, vocabulary: 11, visibility: Visibility::Either }
    }
    fn draw(&self, _: &mut Draws, _: Split) -> Example {
        Example::Tokens { tokens: vec![0; 6], targets: vec![None; 6] }
    }
    fn constant(&self) -> ConstantPredictor {
        ConstantPredictor { loss: 1.0, score: 0.0 }
    }
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }
}

/// Where the model of a case has its norms.
fn norm(name: &str) -> NormPlacement {
    match name {
        "norm-none" => NormPlacement::None,
        "sandwich" => NormPlacement::Sandwich,
        _ if name.ends_with("-post") => NormPlacement::Post,
        _ => NormPlacement::Pre,
    }
}

/// The activation of a case.
fn activation(name: &str) -> &'static Entry<Activation> {
    let wanted = match name {
        "relu" | "squared-relu" | "identity" => name,
        "gated-silu" => "silu",
        _ => "gelu",
    };
    named(ACTIVATIONS, wanted)
}

fn position(name: &str) -> &'static Entry<Position> {
    let wanted = match name {
        "position-none" | "bidirectional-post" => "none",
        "sinusoidal" | "rotary" | "alibi" => name,
        "alibi-bidirectional" => "alibi",
        "query-key-norm-layer" | "biases-all" => "rotary",
        _ => "learned",
    };
    named(POSITIONS, wanted)
}

fn named<T>(all: &'static [Entry<T>], name: &str) -> &'static Entry<T> {
    all.iter().find(|entry| entry.name == name).expect("it is in the registry")
}

fn transformer(name: &str, case: &Case) -> (Rc<Model>, Given) {
    let config = TransformerConfig {
        layers: 2,
        width: 8,
        hidden: match name {
            "narrow" => 12,
            "gated-matched" => (named(MLP_KINDS, name).value.hidden)(32),
            _ => 32,
        },
        heads: 2,
        key_heads: if ["grouped", "query-key-norm-rms"].contains(&name) { 1 } else { 2 },
        query_key_norm: name.strip_prefix("query-key-norm-").map(|kind| named(NORM_KINDS, kind)),
        mlp: named(MLP_KINDS, if name.starts_with("gated") { "gated" } else { "plain" }),
        causal: !name.contains("bidirectional"),
        window: (name == "window").then_some(3),
        position: position(name),
        norms: Norms { place: norm(name), kind: &NORM_KINDS[0], width: 8 },
        activation: activation(name),
        biases: Biases { attention: name == "biases-all", mlp: name != "biases-none" },
        residual: Residual { attention: !name.starts_with("residual-"), mlp: name != "residual-none" },
        arrangement: Arrangement { parallel: name == "parallel", shared: name == "shared" },
        tied: name == "tied",
        convolution: (name == "convolution").then_some(4),
    };
    let tokens = case.get("tokens").iter().map(|&token| token as i32).collect();
    let hot = |row: &[f32]| row.iter().position(|&hot| hot == 1.0).unwrap_or(0) as i32;
    let targets = case.get("targets").chunks_exact(11).map(hot).collect();
    let weights = case.get("weights");
    let scored: f32 = weights.iter().sum();
    let weights = weights.iter().map(|weight| weight / scored).collect();
    let model = Model::new(Box::new(TokenPrediction::new(Box::new(Silent))), Box::new(Transformer::new(config)));
    (Rc::new(model), Given::Tokens(tokens, targets, weights))
}

fn denoiser(name: &str, case: &Case) -> (Rc<Model>, Given) {
    let config = ResidualMlpConfig {
        layers: 2,
        width: 8,
        norms: Norms { place: norm(name), kind: &NORM_KINDS[0], width: 8 },
        activation: activation(name),
    };
    let settings = Settings::default().with("data.kind", "eight-gaussians");
    let settings = ablation_data::fields(&settings)
        .iter()
        .skip(1)
        .fold(settings.clone(), |settings, field| settings.with(&field.path, field.default_value()));
    let data = ablation_data::build(&settings).expect("a data set of points");
    let steps = case.get("steps")[0] as usize;
    let objective = Diffusion::new(data, false, "noise", "cosine", steps).expect("both are in their registries");
    let table = |name: &str, width| (case.get(name).to_vec(), width);
    let given = Given::Numbers(table("x_t", 2), table("features", 32), table("target", 2));
    (Rc::new(Model::new(Box::new(objective), Box::new(ResidualMlp::new(config)))), given)
}

/// The model of a case, and its batch.
type Build = fn(&str, &Case) -> (Rc<Model>, Given);

/// Every case of a family, alone and in a fleet.
fn agrees(file: &str, answer: &str, model: Build, expected: usize) {
    let cases = cases(file);
    assert_eq!(cases.len(), expected, "no case is forgotten");
    for (name, case) in &cases {
        for (replicas, index) in [(1, 0), (3, 1)] {
            let (family, given) = model(name, case);
            check(name, case, family, &given, answer, replicas, index);
        }
    }
}

#[test]
fn the_transformer_is_the_one_of_the_reference() {
    agrees("transformer.safetensors", "logits", transformer, 35);
}

#[test]
fn the_denoiser_is_the_one_of_the_reference() {
    agrees("denoiser.safetensors", "output", denoiser, 7);
}

#[test]
fn the_features_of_a_step_are_those_of_the_reference() {
    // What the denoiser itself makes of a step, found again among the reference's steps.
    let case = &cases("denoiser.safetensors")["gelu"];
    let (family, _) = denoiser("gelu", case);
    let made = host(&batch(&family, &[1], 400).time.expect("a denoiser is told the step"));
    for (step, expected) in case.get("t").iter().zip(case.get("features").chunks_exact(32)) {
        let found = made.chunks_exact(32).any(|features| distance(features, expected) < TOLERANCE);
        assert!(found, "none of 400 examples has the features of step {step}");
    }
}
