//! A small GPT-2 whose block 0 head 1 nobody reads: its rows of the output projection are zero (`tests/reference/dead-head.safetensors`, with the
//! names and losses of another implementation).
//!
//! A heat map with a cell of exactly 0 leaves open whether the component does nothing or the switch is not connected. Only what happens at
//! the component itself tells.

use std::path::Path;
use std::rc::Rc;

use crate::common::*;
use ablation_models::{Batch, Content, Edits, Model, Pass, Target, Tensor, Weights, upload};
use ablation_protocol::Ablation;
use safetensors::SafeTensors;

const LINK: &str = "v=1&p=repeat&data.length=6&data.vocabulary=19&model.width=8&model.heads=2&model.layers=2&model.biases=all\
    &model.embeddings=tied&ablation.site=none";
const TOKENS: [i32; 6] = [1, 5, 7, 2, 9, 3];

/// Where a parameter of this crate stands in the file: tensor, first column, columns.
fn place(path: &str) -> (String, Option<(usize, usize)>) {
    let parts: Vec<&str> = path.split('.').collect();
    let part = |last: &str| if last == "gain" { "weight" } else { "bias" };
    match parts[..] {
        ["embed", _] => ("wte.weight".into(), None),
        ["position", _] => ("wpe.weight".into(), None),
        ["norm", last] => (format!("ln_f.{}", part(last)), None),
        ["blocks", block, "attn_norm", last] => (format!("h.{block}.ln_1.{}", part(last)), None),
        ["blocks", block, "mlp_norm", last] => (format!("h.{block}.ln_2.{}", part(last)), None),
        ["blocks", block, "attn", "output", last] => (format!("h.{block}.attn.c_proj.{last}"), None),
        ["blocks", block, "attn", name, last] => {
            let first = ["query", "key", "value"].iter().position(|one| *one == name).expect("a projection") * 8;
            (format!("h.{block}.attn.c_attn.{last}"), Some((first, 8)))
        }
        ["blocks", block, "mlp", "up", last] => (format!("h.{block}.mlp.c_fc.{last}"), None),
        ["blocks", block, "mlp", "down", last] => (format!("h.{block}.mlp.c_proj.{last}"), None),
        _ => panic!("no place for `{path}`"),
    }
}

fn model() -> (Rc<Model>, Weights) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/dead-head.safetensors");
    let bytes = std::fs::read(&path).expect("the file is here");
    let file = SafeTensors::deserialize(&bytes).expect("it is safetensors");
    let family = family(LINK);
    let weights = Weights::fill(&family.parameters(), 1, &device(), |parameter, _| {
        let (name, columns) = place(&parameter.path);
        let view = file.tensor(&name).unwrap_or_else(|_| panic!("no `{name}`"));
        let values: Vec<f32> = view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let width = *view.shape().last().expect("a shape");
        let (first, count) = columns.unwrap_or((0, width));
        let rows = values.chunks_exact(width).take(parameter.rows);
        rows.flat_map(|row| &row[first..first + count]).copied().collect()
    });
    (family, weights)
}

/// Mean cross-entropy of each token after the first.
fn loss(family: &Model, weights: &Weights, edits: &Edits) -> f32 {
    let targets = TOKENS[1..].iter().copied().chain([0]).collect();
    let weigh = vec![0.2, 0.2, 0.2, 0.2, 0.2, 0.0];
    let batch = Batch {
        input: Content::Tokens(integers(TOKENS.to_vec(), 1, &device())),
        time: None,
        class: None,
        target: Target::Tokens(integers(targets, 1, &device()), Box::new(upload(weigh, [1, 6], &device()))),
    };
    host(&family.loss(&Pass::new(weights, &edits.resolve(&family.sites(), &device())), &batch))[0]
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}

#[test]
fn a_head_that_nobody_reads_is_told_from_an_ablation_that_does_nothing() {
    let (family, weights) = model();
    let at = |path: &str| made(&family, &weights, &[Ablation::new(path, "zero")]);
    let whole = loss(&family, &weights, &Edits::none(1));
    assert!((whole - 3.979_656).abs() < 1e-5, "{whole}");
    let dead = "blocks.0.attn.heads.1";
    assert_eq!(loss(&family, &weights, &at(dead)).to_bits(), whole.to_bits(), "not a bit of the loss moves");
    let other = loss(&family, &weights, &at("blocks.0.attn.heads.0"));
    assert!((other - 3.028_286).abs() < 1e-5, "{other}");
    // The switch is connected: the head says something, and nothing once it is ablated.
    let input = batch(&family, &[8], 5);
    let before = captured(&family, &weights, &Edits::none(1), &input, &[dead]).remove(dead).expect("it is reached");
    let whole_z = Tensor::cat(
        captured(&family, &weights, &Edits::none(1), &input, &["blocks.0.attn.heads.0", dead]).into_values().collect(),
        2,
    );
    let after = at(dead).resolve(&family.sites(), &device()).apply("blocks.0.attn.heads", whole_z.clone(), &whole_z);
    assert!(norm(&host(&before)) > 0.1 && host(&after.narrow(2, 4, 4)).iter().all(|&value| value == 0.0));
}

/// All heads at zero leave the bias of their projection; the attention at zero is what equals deletion.
#[test]
fn what_is_left_of_an_attention_is_said_by_what_is_ablated() {
    let (family, weights) = model();
    let zero = |paths: &[&str]| {
        let ablations: Vec<Ablation> = paths.iter().map(|path| Ablation::new(path, "zero")).collect();
        loss(&family, &weights, &made(&family, &weights, &ablations))
    };
    let heads = zero(&["blocks.1.attn.heads.0", "blocks.1.attn.heads.1"]);
    let branch = zero(&["blocks.1.attn"]);
    assert!((heads - branch).abs() > 0.05, "{heads} {branch}");
    // Without the bias both are one; and the branch at zero is a model whose attention writes nothing.
    let unbiased =
        weights.map(|path, tensor| if path == "blocks.1.attn.output.bias" { tensor.zeros_like() } else { tensor.clone() });
    let ablations = ["blocks.1.attn.heads.0", "blocks.1.attn.heads.1"].map(|path| Ablation::new(path, "zero"));
    assert!((loss(&family, &unbiased, &made(&family, &unbiased, &ablations)) - branch).abs() < 1e-6);
    let silent =
        weights.map(|path, tensor| if path.starts_with("blocks.1.attn.output") { tensor.zeros_like() } else { tensor.clone() });
    assert!((loss(&family, &silent, &Edits::none(1)) - branch).abs() < 1e-6);
}
