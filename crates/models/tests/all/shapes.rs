//! Shapes that fit no kernel: whatever the sizes, a branch that is one operation gives the bits of the same branch put together, forward and
//! backward, and a replica whose weights are no numbers harms no other.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::common::*;
use ablation_models::{ActivationCache, Edit, Edits, Fleet, Model, Pass, Place, Replica, Weights, upload};
use ablation_protocol::Site;
use ablation_random::Stream;

/// Models at the edges of what can be chosen, each with a number of replicas.
const EDGES: [(&str, usize); 6] = [
    ("v=1&p=repeat&data.length=4&model.width=16&model.heads=16&model.layers=1&train.batch=1", 3),
    ("v=1&p=repeat&data.length=4&model.width=8&model.heads=1&model.layers=1&train.batch=1", 257),
    ("v=1&p=repeat&data.length=5&model.width=11&model.heads=11&model.layers=1&train.batch=2", 64),
    ("v=1&p=repeat&data.length=64&model.width=8&model.heads=2&model.layers=1&train.batch=1", 2),
    ("v=1&p=two-moons&model.width=9&model.layers=2&model.norm_kind=rms&train.batch=1", 5),
    ("v=1&p=two-moons&model.width=8&model.layers=1&train.batch=1", 33),
];

/// A model of sizes that nobody chose, and a number of replicas.
fn drawn(index: u64) -> (String, usize) {
    let mut draws = Stream::root(12).at("shapes").index(index).draws();
    let mut one_of = |count: u64| draws.below(count) as usize;
    let heads = [1, 2, 3, 4, 5, 8][one_of(6)];
    let width = heads * (8usize.div_ceil(heads) + one_of(3));
    let norm = ["pre", "post", "none"][one_of(3)];
    let expansion = ["0.3", "1.3", "4"][one_of(3)];
    let (length, batch, replicas) = (4 + one_of(6), 1 + one_of(4), [1, 2, 3, 5, 9][one_of(5)]);
    let link = format!(
        "v=1&p=repeat&data.length={length}&model.width={width}&model.heads={heads}&model.layers=2&model.norm={norm}\
         &model.expansion={expansion}&train.batch={batch}"
    );
    (link, replicas)
}

fn every_shape() -> Vec<(String, usize)> {
    let edges = EDGES.iter().map(|(link, replicas)| (link.to_string(), *replicas));
    edges.chain((0..10).map(drawn)).collect()
}

/// What is computed of a model.
struct Computed {
    /// Losses of each replica where gradients follow, and where none do, as bits.
    losses: [Vec<u32>; 2],
    /// The gradient of every parameter.
    gradients: BTreeMap<String, Vec<u32>>,
}

/// Losses and gradients of `examples` of each replica. `watched`: somebody looks into every branch, so that all of them are put together.
fn computed(model: &Model, weights: &Weights, edits: &Edits, examples: usize, watched: bool) -> Computed {
    let replicas = weights.replicas();
    let seeds: Vec<u64> = (0..replicas as u64).collect();
    let batch = batch(model, &seeds, examples);
    let inside = model.sites().into_iter().map(|site| site.path).filter(|path| path.starts_with("blocks."));
    let cache = ActivationCache::of(inside);
    let evaluated = {
        let edits = edits.resolve(&model.sites(), &device());
        let mut pass = Pass::new(weights, &edits);
        pass.cache = watched.then_some(&cache);
        bits(&model.loss(&pass, &batch))
    };
    let leaves = weights.leaves();
    let edits = edits.resolve(&model.sites(), &device().autodiff());
    let mut pass = Pass::new(&leaves, &edits);
    pass.cache = watched.then_some(&cache);
    let losses = model.loss(&pass, &with_gradients(&batch));
    let mut gradients = losses.clone().sum().backward();
    let buffer = leaves.gradient(&mut gradients);
    let of_parameter = |place: &Place| (place.path.clone(), bits(&buffer.clone().slice([0..replicas, place.range()])));
    Computed { losses: [bits(&losses), evaluated], gradients: leaves.layout().own().map(of_parameter).collect() }
}

#[test]
fn branches_of_any_shape_give_the_bits_of_branches_that_are_put_together() {
    for (link, replicas) in every_shape() {
        let model = family(&link);
        let seeds: Vec<u64> = (0..replicas as u64).collect();
        let weights = random_weights(&model, &seeds);
        branches_agree(&model, &weights, &Edits::none(replicas), 2, &format!("{link}, {replicas} replicas"));
    }
}

/// So many examples that a branch is computed for some of them after the others, and the last time for fewer.
#[test]
fn branches_of_many_rows_give_the_bits_of_branches_that_are_put_together() {
    for link in [
        "v=1&p=repeat&data.length=64&model.width=128&model.heads=4&model.layers=2",
        "v=1&p=repeat&data.length=64&model.width=128&model.heads=4&model.layers=2&model.blocks=shared",
        "v=1&p=two-moons&model.width=128&model.layers=2",
    ] {
        let model = family(link);
        let weights = random_weights(&model, &[0, 1]);
        let examples = if link.contains("two-moons") { 1100 } else { 9 };
        branches_agree(&model, &weights, &Edits::none(2), examples, link);
        // The second replica goes without a branch of each kind that there is.
        let mut edits = Edits::none(2);
        let is_gone = |site: &Site| ["blocks.0.mlp", "blocks.1.attn"].contains(&site.path.as_str());
        let gone: Vec<Site> = model.sites().into_iter().filter(is_gone).collect();
        assert_eq!(gone.len(), if link.contains("two-moons") { 1 } else { 2 }, "branches of {link}");
        for site in gone {
            edits.set(1, &site.path, Edit::removal(&site));
        }
        branches_agree(&model, &weights, &edits, examples, &format!("{link}, without branches"));
    }
}

fn branches_agree(model: &Model, weights: &Weights, edits: &Edits, examples: usize, what: &str) {
    let found = computed(model, weights, edits, examples, false);
    let expected = computed(model, weights, edits, examples, true);
    assert_eq!(found.losses, expected.losses, "{what}");
    for (path, gradient) in found.gradients {
        assert!(gradient == expected.gradients[&path], "the gradient of `{path}` of {what}");
    }
}

/// A fleet whose second replica has a weight that is no number.
fn spoilt(model: &Rc<Model>, value: f32) -> Fleet {
    let replicas: Vec<Replica> = (0..3).map(|seed| Replica::new(seed, plain(0.01))).collect();
    let path = "blocks.0.mlp.down.weight";
    let weights = random_weights(model, &[0, 1, 2]).map(|other, tensor| {
        if other != path {
            return tensor.clone();
        }
        let mut numbers = host(tensor);
        let each = numbers.len() / 3;
        numbers[each] = value;
        upload(numbers, tensor.dims(), &device())
    });
    Fleet::from_weights(model.clone(), replicas, Edits::none(3), weights, 0, &device())
}

#[test]
fn weights_that_are_no_numbers_harm_no_other_replica() {
    let model = family(TRANSFORMER);
    let mut sound = advanced(spoilt(&model, 0.5), 3);
    let expected = losses(&mut sound);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let mut fleet = advanced(spoilt(&model, value), 3);
        for (step, (found, expected)) in losses(&mut fleet).iter().zip(&expected).enumerate() {
            for other in [0, 2] {
                assert_eq!(found[other].to_bits(), expected[other].to_bits(), "{value}, step {step}, replica {other}");
            }
        }
        assert!(losses_are_told(&fleet, value), "{value}");
        for other in [0, 2] {
            assert_eq!(replica(&fleet.weights, other), replica(&sound.weights, other), "{value}, replica {other}");
        }
    }
}

/// Whether what became of a weight can be told from one that is a number.
fn losses_are_told(fleet: &Fleet, value: f32) -> bool {
    let weights = replica(&fleet.weights, 1);
    let broken = weights.values().flatten().any(|&bits| !f32::from_bits(bits).is_finite());
    broken || value == f32::MAX
}
