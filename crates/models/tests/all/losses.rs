//! What a training minimises, and that nothing that is measured depends on it but through the weights.

use crate::common::*;
use ablation_models::{ADDITIONS, Depth, Edits, EvaluationSet, LOSSES, Models, Recipe, Replica, TrainingLoss, build, scratch};
use ablation_protocol::{EvaluationSplit, ModelCatalog, Seeds, read_study};
use ablation_settings::{Catalog, compact, read_link};
use pollster::block_on;
use serde_json::json;

/// Three losses of a fleet, with numbers that differ from replica to replica.
fn replicas(kind: &str) -> Vec<Replica> {
    let kind = LOSSES.iter().find(|entry| entry.name == kind).expect("it is in the list");
    let recipe = |own: f64, additions: &[f64]| {
        let own = kind.value.fields().iter().map(|_| own).collect();
        Recipe { loss: TrainingLoss { kind, own, additions: additions.to_vec() }, clip: 1.0, ..plain(0.01) }
    };
    let recipes = [recipe(2.0, &[0.0, 0.0]), recipe(0.5, &[0.1, 0.0]), recipe(1.0, &[0.0, 0.01])];
    recipes.into_iter().zip([3, 14, 15]).map(|(recipe, seed)| Replica::new(seed, recipe)).collect()
}

#[test]
fn a_fleet_of_any_loss_is_its_replicas_alone() {
    let family = family(TRANSFORMER);
    for loss in LOSSES {
        let replicas = replicas(loss.name);
        let mut together = advanced(fleet(&family, &replicas, Edits::none(3)), 4);
        let shown = losses(&mut together);
        for index in 0..3 {
            let mut alone = advanced(fleet(&family, &replicas[index..=index], Edits::none(1)), 4);
            assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index), "{loss:?} {index}");
            let of_replica: Vec<f32> = shown.iter().map(|step| step[index]).collect();
            assert_eq!(losses(&mut alone).concat(), of_replica, "{loss:?} {index}");
        }
        let steps: Vec<_> = (0..3).map(|index| replica(&together.weights, index)).collect();
        assert!(steps[0] != steps[1] && steps[1] != steps[2], "{loss:?}: every replica has weights of its own");
    }
}

/// The metric of a contrast must not contain the part that is left out: the loss of a step is plain cross-entropy whatever is minimised, and so
/// is the test loss.
#[test]
fn what_is_measured_does_not_depend_on_what_is_minimised() {
    let family = family(TRANSFORMER);
    let (mut first, mut tests) = (Vec::new(), Vec::new());
    for loss in LOSSES {
        for replica in replicas(loss.name) {
            let replica = Replica { seeds: Seeds::new(3, 3), ..replica };
            let mut fleet = fleet(&family, &[replica], Edits::none(1));
            tests.push(block_on(fleet.measure(&[EvaluationSet::shared()], Depth::Score)).expect("the CPU answers"));
            fleet.advance();
            first.push(losses(&mut fleet).concat());
        }
    }
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]), "{first:?}");
    assert!(tests.windows(2).all(|pair| pair[0] == pair[1]), "{tests:?}");
    assert_eq!(Models.unit(&read_link("v=1&p=repeat&train.loss=squared", &Models).0.settings), "nats");
}

#[test]
fn every_loss_learns_the_task_that_needs_least() {
    for (loss, more) in
        [("focal", "&train.focal_gamma=1"), ("squared", ""), ("cross-entropy", "&train.label_smoothing=0.1&train.z_loss=0.001")]
    {
        let link = format!("v=1&p=repeat&train.steps=200&train.batch=16&train.loss={loss}{more}");
        let (link, corrections) = read_link(&link, &Models);
        assert_eq!(corrections, vec![], "{loss}");
        let recipe = Recipe::read(&link.settings).unwrap();
        let fleet = advanced(fleet(&build(&link.settings).unwrap(), &[Replica::new(0, recipe)], Edits::none(1)), 200);
        let found = block_on(fleet.evaluate(&[vec![]])).unwrap().remove(0);
        assert!(found.measures[1].value.unwrap() > 0.9, "{loss}: {:?}", found.measures);
    }
}

/// A trial that was run before there were losses to choose from keeps its id.
#[test]
fn settings_of_losses_change_no_id_where_they_are_not_used() {
    let settings = read_link("v=1&p=repeat", &Models).0.settings;
    let paths: Vec<String> = Models.fields(&settings).iter().map(|field| field.path.clone()).collect();
    let written = compact(&settings, &Models.fields(&settings));
    for path in ["train.loss", "train.label_smoothing", "train.z_loss"] {
        assert!(paths.iter().any(|known| known == path), "{path}");
        assert_eq!(written.get(path), None, "{path}");
    }
    assert_eq!(
        Recipe::read(&settings).unwrap().loss,
        TrainingLoss { additions: vec![0.0; ADDITIONS.len()], ..TrainingLoss::default() }
    );
    let id = |more: &str| {
        let settings = read_link(&format!("v=1&p=repeat{more}"), &Models).0.settings;
        scratch(&settings, vec![], Seeds::new(1, 1), vec![EvaluationSplit::Tune]).unwrap().id()
    };
    assert_eq!(id(""), id("&train.loss=cross-entropy&train.label_smoothing=0&train.z_loss=0"));
    assert!(id("") != id("&train.z_loss=0.001") && id("") != id("&train.loss=squared"));
}

/// A part of the loss is left out by setting it to nothing, and the study says with what grade and why.
#[test]
fn a_part_of_the_loss_is_a_variant_of_a_study() {
    let file = json!({
        "version": 2, "preset": "repeat",
        "settings": {"train.label_smoothing": 0.1, "train.z_loss": 0.001},
        "variants": [{"set": {"train.label_smoothing": 0}}, {"set": {"train.z_loss": 0}}, {"set": {"train.loss": "focal"}}],
    });
    let study = read_study(file, &Models).expect("a study");
    assert!(study.variants.iter().all(|variant| variant.grade.allowed()));
    let sites = Models.sites(&read_link("v=1&p=repeat", &Models).0.settings).unwrap();
    let unembed = sites.iter().find(|site| site.path == "unembed").unwrap();
    assert!(unembed.swaps.iter().any(|swap| swap.path == "train.loss" && swap.value == "focal"), "{:?}", unembed.swaps);
}
