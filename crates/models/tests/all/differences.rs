//! Gradients against differences of the loss: the one check of a gradient that needs no other implementation.
//!
//! All nudged models are replicas of one fleet, so a parameter costs one forward pass.

use ablation_models::{Constant, Direction, Edit, Edits, Model, Weights, upload};
use ablation_random::Stream;

use crate::common::*;

/// Length of a nudge. Longer, and the curve of the loss shows; shorter, and the rounding of single precision does.
const NUDGE: f64 = 0.02;

/// The loss of the model with one parameter moved by each of `moves`: `[moves]`.
fn nudged(family: &Model, weights: &Weights, edits: &Edits, path: &str, moves: &[Vec<f64>]) -> Vec<f64> {
    let replicas = moves.len();
    let fleet = weights.repeat(0, replicas).map(|other, tensor| {
        if other != path {
            return tensor.clone();
        }
        let moved = host(tensor).into_iter().zip(moves.concat()).map(|(weight, by)| (f64::from(weight) + by) as f32);
        upload(moved.collect(), tensor.dims(), &device())
    });
    let mut all = Edits::none(replicas);
    for site in family.sites() {
        for edit in edits.at(&site.path).iter().flat_map(|edits| edits.iter()) {
            (0..replicas).for_each(|replica| all.set(replica, &site.path, edit.clone()));
        }
    }
    let losses = gradients(family, &fleet, &all, &batch(family, &vec![8; replicas], 5)).0;
    losses.into_iter().map(f64::from).collect()
}

/// Along its own gradient, along a direction that has nothing to do with it, and along one entry, every parameter's loss rises as
/// the gradient says.
fn gradients_are_slopes(link: &str, edits: &Edits) {
    let family = family(link);
    let weights = random_weights(&family, &[3]);
    let (_, gradients) = gradients(&family, &weights, edits, &batch(&family, &[8], 5));
    for (path, gradient) in &gradients {
        let gradient: Vec<f64> = host(gradient).into_iter().map(f64::from).collect();
        let norm = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
        let size = norm(&gradient);
        assert!(size > 1e-3, "`{path}` has no gradient to speak of: {size}");
        let mut draws = Stream::root(1).at("direction").at(path).draws();
        let any: Vec<f64> = gradient.iter().map(|_| draws.normal()).collect();
        let largest = (0..gradient.len()).max_by(|&a, &b| gradient[a].abs().total_cmp(&gradient[b].abs())).unwrap();
        let one: Vec<f64> = (0..gradient.len()).map(|index| if index == largest { 1.0 } else { 0.0 }).collect();
        for direction in [gradient.clone(), any, one] {
            let length = norm(&direction);
            let slope: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d / length).sum();
            // Two central differences of different lengths, combined so that the third derivative drops out (Richardson 1911).
            let moves: Vec<Vec<f64>> =
                [1.0, -1.0, 2.0, -2.0].map(|by| direction.iter().map(|d| by * NUDGE * d / length).collect()).into();
            let loss = nudged(&family, &weights, edits, path, &moves);
            let seen = (8.0 * (loss[0] - loss[1]) - (loss[2] - loss[3])) / (12.0 * NUDGE);
            let apart = (seen - slope).abs();
            assert!(apart < 1e-2 * slope.abs() + 1e-3 * size, "{link} {path}: {seen} where the gradient says {slope}");
        }
    }
}

#[test]
fn gradients_of_the_transformer_are_slopes_of_its_loss() {
    gradients_are_slopes(TRANSFORMER, &Edits::none(1));
    gradients_are_slopes(&format!("{TRANSFORMER}&model.norm=none&model.position=none&ablation.site=none"), &Edits::none(1));
    gradients_are_slopes(BIDIRECTIONAL, &Edits::none(1));
    gradients_are_slopes(POST_NORM[0], &Edits::none(1));
    gradients_are_slopes(&format!("{TRANSFORMER}&model.activation=silu"), &Edits::none(1));
    gradients_are_slopes(&format!("{TRANSFORMER}&model.norm_kind=rms"), &Edits::none(1));
}

#[test]
fn gradients_of_every_option_of_the_blocks_are_slopes_of_the_loss() {
    // With rotary positions: without, a bias of every key alike moves no pattern.
    for option in [
        "model.norm=sandwich",
        "model.biases=all&model.position=rotary&ablation.site=none",
        "model.biases=none",
        "model.blocks=parallel",
        "model.blocks=shared",
        "model.embeddings=tied",
        "model.convolution=attention",
    ] {
        gradients_are_slopes(&format!("{TRANSFORMER}&{option}"), &Edits::none(1));
    }
    // Of one block: the loss of a stack without residual connections bends more than nudges of this length can follow.
    for option in ["model.residual=mlp", "model.residual=attention", "model.residual=none"] {
        gradients_are_slopes(&format!("{}&{option}", TRANSFORMER.replace("layers=2", "layers=1")), &Edits::none(1));
    }
}

#[test]
fn gradients_of_the_denoiser_are_slopes_of_its_loss() {
    gradients_are_slopes(DENOISER, &Edits::none(1));
    gradients_are_slopes(&format!("{DENOISER}&model.norm=none&objective.prediction=data"), &Edits::none(1));
    gradients_are_slopes(POST_NORM[1], &Edits::none(1));
}

#[test]
fn gradients_of_the_mixer_are_slopes_of_its_loss() {
    // The last bias of token mixing is the same for all channels of a position, so a norm that centres takes it away again.
    gradients_are_slopes(&format!("{MIXER}&model.norm_kind=rms"), &Edits::none(1));
    gradients_are_slopes(&format!("{MIXER}&model.norm=none"), &Edits::none(1));
}

#[test]
fn gradients_of_recurrent_models_are_slopes_of_their_loss() {
    for link in RECURRENT {
        gradients_are_slopes(link, &Edits::none(1));
    }
}

#[test]
fn gradients_run_through_edits() {
    let scaled = |factor| Edit { keep: factor, ..Edit::NONE };
    let mut edits = Edits::none(1);
    edits.set(0, "embed", scaled(1.5));
    edits.set(0, "blocks.0.attn.heads.1", scaled(-0.7));
    edits.set(0, "blocks.0.mlp_norm", scaled(0.8));
    edits.set(0, "blocks.0.mlp.act", Edit { keep: 0.5, pass: 0.5, ..Edit::NONE });
    edits.set(
        0,
        "blocks.1.mlp",
        Edit {
            constant: Some(Constant { values: vec![0.3; 12], channels: 12 }),
            directions: vec![Direction::new(&[1.0, -2.0, 0.5, 3.0, 1.0, 0.0, -1.0, 0.2, 0.0, 0.4, 2.0, 1.0], 0.8)],
            ..scaled(0.6)
        },
    );
    gradients_are_slopes(TRANSFORMER, &edits);
    gradients_are_slopes(BIDIRECTIONAL, &edits);
    gradients_are_slopes(POST_NORM[0], &edits);

    let mut edits = Edits::none(1);
    edits.set(0, "time", scaled(0.4));
    edits.set(0, "blocks.0.mlp.act", Edit { keep: 0.5, pass: 0.5, ..Edit::NONE });
    edits.set(0, "blocks.1.mlp", Edit { constant: Some(Constant { values: vec![0.3; 9], channels: 9 }), ..scaled(0.6) });
    gradients_are_slopes(DENOISER, &edits);
}
