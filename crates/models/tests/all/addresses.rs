//! What is drawn - initial weights, examples, dropout masks - follows from its address, not from what was drawn before.

use std::cell::RefCell;
use std::rc::Rc;

use ablation_models::{Constant, Device, Draw, Edit, Edits, Fleet, Init, NoiseSchedule, Objective, Recipe, Replica, Weights};
use ablation_protocol::Seeds;

use crate::common::*;

#[test]
fn a_component_starts_from_the_same_numbers_whatever_else_the_model_has() {
    let start = |link: &str, seed| {
        let family = family(link);
        replica(&Weights::draw(&family.parameters(), &[seed], &device()), 0)
    };
    let (whole, other) = (start(TRANSFORMER, 1), start(TRANSFORMER, 2));
    let smaller = start(&format!("{TRANSFORMER}&model.position=none&model.norm=none&ablation.site=none"), 1);
    assert!(smaller.len() < whole.len() && smaller.iter().all(|(path, values)| whole[path] == *values));
    let drawn: Vec<&String> = whole.keys().filter(|path| !path.ends_with(".gain") && !path.ends_with(".bias")).collect();
    for (index, path) in drawn.iter().enumerate() {
        assert_ne!(whole[*path], other[*path], "another seed, another `{path}`");
        for earlier in &drawn[..index] {
            assert_ne!(whole[*path][..24], whole[*earlier][..24], "`{path}` starts as `{earlier}` does");
        }
    }
}

#[test]
fn initial_weights_have_the_spread_that_their_parameter_says() {
    for link in ["v=1&p=repeat&model.width=64", "v=1&p=two-moons"] {
        for parameter in family(link).parameters().iter().filter(|parameter| parameter.count() > 1000) {
            let Init::Normal { std } = parameter.init else { panic!("`{}` is a matrix", parameter.path) };
            let values: Vec<f64> = parameter.draw(&Seeds::new(1, 1)).into_iter().map(f64::from).collect();
            let seen = (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt();
            assert!((seen / std - 1.0).abs() < 0.1, "`{}`: {seen} where {std} is said", parameter.path);
        }
    }
}

#[test]
fn a_model_that_prefers_no_answer_loses_the_logarithm_of_their_number() {
    // Only so if the targets of a batch weigh one together, however many positions carry one.
    for link in [TRANSFORMER, "v=1&p=modular-addition&data.modulus=7"] {
        let family = family(link);
        let examples = batch(&family, &[8, 9], 5);
        let weights = filled(&random_weights(&family, &[3, 4]), 0.0, |path| path == "unembed.weight");
        let answers = output(&family, &weights, &Edits::none(2), &examples).dims()[2] as f32;
        let (losses, _) = gradients(&family, &weights, &Edits::none(2), &examples);
        assert!(distance(&losses, &[answers.ln(); 2]) < 1e-6, "{link}: {losses:?}");
    }
}

#[test]
fn a_noisy_point_is_the_clean_point_and_the_noise_at_the_step_that_is_told() {
    let (noise, data) = (family(DENOISER), family_with(DENOISER, "objective.prediction=data"));
    let (noise, data) = (batch(&noise, &[8], 40), batch(&data, &[8], 40));
    assert_eq!(input_values(&noise), input_values(&data), "what is asked for does not change what is shown");
    let (noisy, eps, clean) = (input_values(&noise), target_values(&noise), target_values(&data));
    let (schedule, features) = (NoiseSchedule::named("cosine", 53).unwrap(), host(&noise.time.expect("steps")));
    for row in 0..40 {
        // The first feature with the lowest frequency, sin(1000 t/S 10000^(-15/16)), grows with the step.
        let angle = |t: usize| (1000.0 * t as f64 / 53.0 * 10_000f64.powf(-15.0 / 16.0)).sin() as f32;
        let step = (1..=53).find(|&t| (features[row * 32 + 15] - angle(t)).abs() < 1e-6).expect("a step from 1 to 53");
        let left = schedule.left(step);
        let (signal, noise) = (left.sqrt() as f32, (1.0 - left).sqrt() as f32);
        let mixed: Vec<f32> = (0..2).map(|axis| signal * clean[row * 2 + axis] + noise * eps[row * 2 + axis]).collect();
        assert!(distance(&noisy[row * 2..][..2], &mixed) < 1e-6, "row {row}");
    }
}

#[test]
fn a_fleet_reads_on_from_the_example_it_is_told() {
    for link in FAMILIES {
        let read = Rc::new(RefCell::new(Vec::new()));
        let log = read.clone();
        let make = move |objective: &dyn Objective, draw: &Draw, device: &Device| {
            log.borrow_mut().push((draw.first, draw.count));
            objective.batch(draw, device)
        };
        let fed = fed(family(link), make);
        let weights = random_weights(&fed, &[1]);
        let replica = Replica::new(1, plain(0.01));
        advanced(Fleet::from_weights(fed, vec![replica], Edits::none(1), weights, 10, &device()), 3);
        assert_eq!(*read.borrow(), [(10, 5), (15, 5), (20, 5)]);
    }
}

/// Losses of a denoiser without norms whose stream is nothing but constants put in the place of its branches. It learns nothing and
/// is asked for zeros, and its output is the mean of the stream; so the losses say what the masks were.
fn masked(width: usize, constants: &[(&str, f32)], dropout: f64, steps: usize, batch: usize) -> Vec<f32> {
    let inner = family(&format!("v=1&p=two-moons&model.width={width}&model.layers=2&model.norm=none"));
    let mut edits = Edits::none(1);
    for path in ["embed", "time", "blocks.0.mlp", "blocks.1.mlp"] {
        let value = constants.iter().find(|(site, _)| *site == path).map(|(_, value)| *value);
        let constant = value.map(|value| Constant { values: vec![value; width], channels: width });
        edits.set(0, path, Edit { constant, ..Edit::ZERO });
    }
    let weights = filled(&random_weights(&inner, &[1]), 1.0 / width as f32, |path| path == "unembed.weight");
    let weights = filled(&weights, 0.0, |path| path == "unembed.bias");
    let given = Given::Numbers((vec![0.0; 2 * batch], 2), (vec![0.0; 32 * batch], 32), (vec![0.0; 2 * batch], 2));
    let fed = fed(inner, move |_, _, device| given.batch(1, 0, device));
    let replica = Replica::new(1, Recipe { dropout, batch, ..plain(0.0) });
    let fleet = Fleet::from_weights(fed, vec![replica], edits, weights, 0, &device());
    losses(&mut advanced(fleet, steps)).concat()
}

#[test]
fn dropout_drops_the_share_it_is_told_and_keeps_the_mean() {
    for rate in [0.25, 0.5, 0.8] {
        // The mean of `width` independent masks has a mean square of 1 + rate / (1 - rate) / width.
        let expected = 1.0 + rate / (1.0 - rate) / 32.0;
        for loss in masked(32, &[("blocks.0.mlp", 1.0)], rate, 2, 500) {
            // Two and a half standard errors at the largest rate; the masks are always the same, so this never flickers.
            assert!((f64::from(loss) - expected).abs() < 0.08, "{rate}: {loss} where {expected} is expected");
        }
    }
    assert_eq!(masked(32, &[("blocks.0.mlp", 1.0)], 0.0, 2, 20), [1.0, 1.0], "without dropout nothing is dropped");
}

#[test]
fn every_step_has_its_own_mask() {
    let losses = masked(8, &[("blocks.0.mlp", 1.0)], 0.5, 3, 5);
    assert!(losses[0] != losses[1] && losses[1] != losses[2] && losses[0] != losses[2], "{losses:?}");
}

#[test]
fn every_branch_has_its_own_mask() {
    // Under one mask for both branches the two constants would cancel.
    let cancelled = [("blocks.0.mlp", 1.0), ("blocks.1.mlp", -1.0)];
    assert_eq!(masked(8, &cancelled, 0.0, 1, 5), [0.0]);
    assert!(masked(8, &cancelled, 0.5, 1, 5)[0] > 0.05);
}
