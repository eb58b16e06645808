//! A patched component says what it says of the same example, corrupted: in every batch, in every fleet, and nothing else does.

use std::rc::Rc;

use crate::common::*;
use ablation_models::{Batch, Constant, Content, Edit, Edits, Fleet, Model, Replica, Tensor, Weights};
use ablation_protocol::{Ablation, Grade, Site};

/// Two heads of queries share one of keys and values; the embedding is also the unembedding.
const GROUPED: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=4&model.key_heads=2&model.mlp=gated\
    &model.biases=all&model.embeddings=tied&model.layers=2&train.batch=5";

const LINKS: [&str; 7] = [TRANSFORMER, POST_NORM[0], BIDIRECTIONAL, MIXER, RECURRENT[0], RECURRENT[1], GROUPED];

struct Subject {
    model: Rc<Model>,
    weights: Weights,
    batch: Batch,
}

impl Subject {
    fn new(link: &str) -> Self {
        let model = family(link);
        Subject { weights: random_weights(&model, &[3]), batch: batch(&model, &[8], 5), model }
    }

    fn patch(&self, path: &str, share: f64) -> Edits {
        made(&self.model, &self.weights, &[Ablation::new(path, "patch").with("share", share)])
    }

    fn output(&self, edits: &Edits) -> Tensor<3> {
        output(&self.model, &self.weights, edits, &self.batch)
    }

    /// A site puts out what it does for a batch.
    fn put_out_for(&self, path: &str, batch: &Batch) -> Edits {
        let seen = captured(&self.model, &self.weights, &Edits::none(1), batch, &[path]).remove(path).expect("it is reached");
        let mut edits = Edits::none(1);
        edits.set(0, path, Edit::constant(Constant { values: host(&seen), channels: seen.dims()[2] }));
        edits
    }

    fn corrupted(&self, share: f64) -> Batch {
        corrupted(&self.batch, &self.patch("embed", share).at("embed").expect("it is edited")[0])
    }

    /// Where it is offered.
    fn sites(&self) -> Vec<Site> {
        self.model.sites().into_iter().filter(|site| site.grade("patch").allowed()).collect()
    }
}

/// A batch with its tokens replaced on the host, as an edit says.
fn corrupted(batch: &Batch, edit: &Edit) -> Batch {
    let replaced = edit.patched.as_ref().expect("it is a patch").tokens.iter().cycle();
    let values = tokens(batch).into_iter().zip(replaced).map(|(own, other)| other.unwrap_or(own)).collect();
    Batch { input: Content::Tokens(integers(values, 1, &device())), ..batch.clone() }
}

#[test]
fn a_patch_from_an_input_that_is_not_corrupted_changes_no_bit() {
    for link in LINKS {
        let subject = Subject::new(link);
        let plain = bits(&subject.output(&Edits::none(1)));
        for site in subject.sites() {
            assert_eq!(bits(&subject.output(&subject.patch(&site.path, 0.0))), plain, "{link} {}", site.path);
            assert_ne!(bits(&subject.output(&subject.patch(&site.path, 0.5))), plain, "{link} {}", site.path);
        }
    }
}

#[test]
fn patching_what_reads_the_tokens_is_running_the_corrupted_input() {
    for link in LINKS {
        let subject = Subject::new(link);
        for share in [0.2, 0.5, 1.0] {
            let batch = subject.corrupted(share);
            let expected = output(&subject.model, &subject.weights, &Edits::none(1), &batch);
            assert_ne!(tokens(&batch), tokens(&subject.batch));
            assert_eq!(bits(&subject.output(&subject.patch("embed", share))), bits(&expected), "{link} {share}");
        }
    }
}

/// Site by site: it puts out for each example what it does for that example's own corruption, under the weights and edits of the model.
#[test]
fn a_patched_site_puts_out_what_it_does_for_the_corrupted_input() {
    for link in LINKS {
        let subject = Subject::new(link);
        let batch = subject.corrupted(0.5);
        for site in subject.sites() {
            let by_hand = subject.put_out_for(&site.path, &batch);
            let patched = subject.output(&subject.patch(&site.path, 0.5));
            assert_eq!(bits(&patched), bits(&subject.output(&by_hand)), "{link} {}", site.path);
        }
    }
}

#[test]
fn in_a_fleet_every_patch_is_what_it_is_alone() {
    for link in [TRANSFORMER, GROUPED] {
        let subject = Subject::new(link);
        let none = Edits::none(1);
        let patch = |path: &str, share: f64| Ablation::new(path, "patch").with("share", share);
        let [one, other] = ["blocks.1.attn.heads.0", "blocks.1.attn.heads.2"];
        let all = [
            made(&subject.model, &subject.weights, &[patch("blocks.1.mlp", 0.5)]),
            made(&subject.model, &subject.weights, &[patch("blocks.1.mlp", 1.0)]),
            made(&subject.model, &subject.weights, &[Ablation::new("blocks.1.mlp", "mean")]),
            none.clone(),
            // Heads of one attention from two inputs, beside one that is no patch.
            made(&subject.model, &subject.weights, &[patch(one, 0.3), patch(other, 0.9), Ablation::new("blocks.0.mlp", "mean")]),
            made(&subject.model, &subject.weights, &[Ablation::new(one, "mean"), patch(other, 0.3)]),
        ];
        let mut fleet = Edits::none(all.len());
        for (replica, edits) in all.iter().enumerate() {
            for site in subject.model.sites() {
                edits.at(&site.path).into_iter().for_each(|edits| fleet.set(replica, &site.path, edits[0].clone()));
            }
        }
        let weights = subject.weights.repeat(0, all.len());
        let together = output(&subject.model, &weights, &fleet, &batch(&subject.model, &vec![8; all.len()], 5));
        let alone: Vec<Vec<u32>> = all.iter().map(|edits| bits(&subject.output(edits))).collect();
        for (replica, alone) in alone.iter().enumerate() {
            assert_eq!(bits(&together.clone().narrow(0, replica, 1)), *alone, "{link} {replica}");
        }
        assert!((0..all.len()).all(|index| !alone[..index].contains(&alone[index])), "all of them differ");
        assert_eq!(alone[3], bits(&subject.output(&none)));
    }
}

/// What else is ablated is ablated for the corrupted input too, and several patches are all taken from the model without patches.
#[test]
fn patches_made_together_are_taken_from_the_model_without_patches() {
    let subject = Subject::new(TRANSFORMER);
    let writers = ["embed", "blocks.0.attn", "blocks.0.mlp", "blocks.1.attn", "blocks.1.mlp"];
    let patches = writers.map(|path| Ablation::new(path, "patch"));
    let everything = subject.output(&made(&subject.model, &subject.weights, &patches));
    let batch = subject.corrupted(0.5);
    assert_eq!(bits(&everything), bits(&output(&subject.model, &subject.weights, &Edits::none(1), &batch)));
    // Two heads of one attention, each from an input of its own.
    let heads = [("blocks.1.attn.heads.0", 0.3), ("blocks.1.attn.heads.2", 0.9)];
    let mut by_hand = Edits::none(1);
    for (path, share) in heads {
        let edits = subject.put_out_for(path, &subject.corrupted(share));
        by_hand.set(0, path, edits.at(path).expect("it is edited")[0].clone());
    }
    let together = heads.map(|(path, share)| Ablation::new(path, "patch").with("share", share));
    let together = made(&subject.model, &subject.weights, &together);
    assert_eq!(bits(&subject.output(&together)), bits(&subject.output(&by_hand)));
    let mean = Ablation::new("blocks.0.mlp", "mean");
    let [both, only] =
        [vec![mean.clone(), patches[0].clone()], vec![mean]].map(|all| made(&subject.model, &subject.weights, &all));
    assert_eq!(bits(&subject.output(&both)), bits(&output(&subject.model, &subject.weights, &only, &batch)));
}

/// The gradient is that of the loss of the patched model: a step against it lowers the loss by its square.
#[test]
fn fine_tuning_patches_every_batch_and_trains_the_patched_model() {
    let subject = Subject::new(TRANSFORMER);
    let patched = subject.patch("blocks.0.attn", 0.5);
    let loss = |weights: &Weights| gradients(&subject.model, weights, &patched, &subject.batch);
    let (before, slope) = loss(&subject.weights);
    let square: f32 = slope.values().flat_map(host).map(|value| value * value).sum();
    let step = 1e-3 / square;
    let stepped = subject.weights.map(|path, tensor| tensor.clone() - slope[path].clone() * f64::from(step));
    let moved = (before[0] - loss(&stepped).0[0]) / 1e-3;
    assert!((moved - 1.0).abs() < 0.05, "{moved}");
    assert!(host(&slope["blocks.0.attn.value.weight"]).iter().any(|value| *value != 0.0), "the component is trained as well");
    let mut both = Edits::none(2);
    both.set(1, "blocks.0.attn", patched.at("blocks.0.attn").expect("it is edited")[0].clone());
    let replicas = [Replica::new(3, plain(0.01)), Replica::new(3, plain(0.01))];
    let tuned = |edits: Edits, replicas: &[Replica]| {
        let weights = subject.weights.repeat(0, replicas.len());
        advanced(Fleet::from_weights(subject.model.clone(), replicas.to_vec(), edits, weights, 0, &device()), 3).weights
    };
    let together = tuned(both, &replicas);
    assert_eq!(replica(&together, 1), replica(&tuned(patched, &replicas[..1]), 0));
    assert_eq!(replica(&together, 0), replica(&tuned(Edits::none(1), &replicas[..1]), 0));
    assert_ne!(replica(&together, 0), replica(&together, 1));
}

#[test]
fn only_what_depends_on_tokens_can_be_patched() {
    for link in [DENOISER, POST_NORM[1]] {
        assert!(
            family(link).sites().iter().all(|site| site.ablation("patch").is_err()),
            "{link}: there are no tokens to replace"
        );
    }
    let model = family(TRANSFORMER);
    let refused = site(&model, "position").grade("patch");
    assert!(matches!(refused, Grade::Refused { .. }), "{refused:?}");
    assert!(site(&model, "blocks.0.attn_norm").ablation("patch").is_err());
}
