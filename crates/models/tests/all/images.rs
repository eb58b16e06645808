//! Images with classes: every backbone is trained on them under diffusion, evaluated, shown and ablated, chosen by a setting.
//! `options.rs` leaves out each of their components from the start.

use std::rc::Rc;

use ablation_data::{Example, Samples, Shown, Split, examples};
use ablation_figures::draw;
use ablation_models::{Activations, Edit, Edits, Fleet, Model, Models, OPERATORS, Recipe, Replica, evaluate, targets};
use ablation_random::Stream;
use ablation_settings::{Settings, read_link};
use pollster::block_on;

use crate::common::*;

/// Backbones, with the positions of an example and the numbers of each.
const BACKBONES: [(&str, usize, usize); 3] = [("residual-mlp", 1, 64), ("mixer", 16, 4), ("transformer", 16, 4)];

fn link(backbone: &str) -> String {
    format!("v=1&p=glyphs&model.backbone={backbone}&ablation.site=none")
}

fn settings(backbone: &str) -> Settings {
    read_link(&link(backbone), &Models).0.settings
}

/// The model and its fleet of one after the training that its settings say.
fn trained(backbone: &str) -> (Rc<Model>, Fleet) {
    let (model, recipe) = (family(&link(backbone)), Recipe::read(&settings(backbone)).unwrap());
    let steps = recipe.steps as usize;
    let trained = advanced(fleet(&model, &[Replica::new(1, recipe)], Edits::none(1)), steps);
    (model, trained)
}

#[test]
fn an_image_is_patches_to_a_backbone_that_mixes_positions_and_one_vector_to_others() {
    let models = BACKBONES.map(|(backbone, positions, inputs)| (family(&link(backbone)), positions, inputs));
    for (model, positions, inputs) in &models {
        assert_eq!(model.positions(), *positions);
        let examples = batch(model, &[3], 5);
        assert_eq!((rows(&examples), input_values(&examples).len()), (5 * positions, 5 * positions * inputs));
        let classes = examples.class.expect("glyphs have classes").to_data();
        assert!(classes.iter::<i64>().all(|class| class < 8) && classes.iter::<i64>().count() == 5);
        let class = site(model, "class");
        assert_eq!((class.positions, class.removal.allowed()), (*positions, true));
    }
    // The same numbers, in another order.
    let sorted = |model: &Model| {
        let mut numbers = input_values(&batch(model, &[3], 5));
        numbers.sort_by(f32::total_cmp);
        numbers
    };
    assert_eq!(sorted(&models[0].0), sorted(&models[1].0));
    assert_eq!(sorted(&models[0].0), sorted(&models[2].0));
}

#[test]
fn a_batch_has_room_for_its_patches() {
    let batch = |backbone: &str| {
        let link = format!("{}&model.width=256&model.layers=8&train.batch=512", link(backbone));
        read_link(&link, &Models).0.settings.count("train.batch").unwrap()
    };
    // Each of the sixteen patches of an example keeps at least 18 numbers per unit of width in each of eight blocks.
    assert!(batch("transformer") * 16 * 18 * 256 * 8 * size_of::<f32>() <= 512 << 20, "{}", batch("transformer"));
    assert!(batch("mixer") < batch("residual-mlp"));
}

/// The class of the training image that is most like an image.
fn nearest_class(images: &[Example], values: &[f32]) -> u32 {
    let distance = |image: &Example| match image {
        Example::Numbers { values: other, .. } => values.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f32>(),
        Example::Tokens { .. } => f32::INFINITY,
    };
    let nearest = images.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    match nearest {
        Some(Example::Numbers { class: Some(class), .. }) => *class,
        other => panic!("{other:?} is not an image with a class"),
    }
}

#[test]
fn every_backbone_learns_them_in_the_budget_that_is_set_and_shows_the_class_it_is_told() {
    for (backbone, ..) in BACKBONES {
        let (model, fleet) = trained(backbone);
        let found = block_on(fleet.evaluate(&[vec![]])).unwrap().remove(0);
        let [loss, score] = [0, 1].map(|index| &found.measures[index]);
        assert!(loss.value.unwrap() < 0.3 * loss.constant.unwrap(), "{backbone}: {loss:?}");
        assert!(score.value.unwrap() < 0.1 * score.constant.unwrap(), "{backbone}: {score:?}");
        let Samples::Images { shape, samples: Some(samples), .. } = &found.samples[0] else { panic!("{:?}", found.samples[0]) };
        assert_eq!(*shape, [8, 8, 1]);
        let images = examples(model.data(), &Stream::root(7), Split::Train, 0, 2_000);
        let right = samples.iter().filter(|(values, class)| Some(nearest_class(&images, values)) == *class).count();
        // By chance it is one in eight.
        assert!(right * 4 >= samples.len() * 3, "{backbone}: {right} of {} images show their class", samples.len());
        let drawn = draw(&Shown::Samples(found.samples[0].clone()), "reference");
        assert!(drawn.svg.starts_with("<svg") && drawn.table.rows.len() == samples.len());
        let mut untold = Edits::none(1);
        untold.set(0, "class", Edit::ZERO);
        let untold = block_on(evaluate(&model, &fleet.weights, &untold, &[vec![]], &device())).unwrap().remove(0);
        assert!(untold.measures[0].value.unwrap() > 1.4 * loss.value.unwrap(), "{backbone}: the class tells nothing");
    }
}

#[test]
fn every_component_of_every_backbone_can_be_ablated_as_is_offered() {
    for (backbone, ..) in BACKBONES {
        let model = family(&link(backbone));
        let (weights, examples) = (random_weights(&model, &[3]), batch(&model, &[8], 20));
        let unablated = host(&output(&model, &weights, &Edits::none(1), &examples));
        let sites = model.sites();
        let mut ablated = 0;
        for (site, operator) in sites.iter().flat_map(|site| OPERATORS.iter().map(move |operator| (site, operator))) {
            if !site.grade(operator.name).allowed() {
                continue;
            }
            let mut edits = Edits::none(1);
            for target in targets(&sites, &site.path) {
                let seen = captured(&model, &weights, &Edits::none(1), &examples, &[&target.path]);
                let reference =
                    Activations { values: host(&seen[&target.path]), positions: target.positions, channels: target.channels };
                edits.set(0, &target.path, ablate(target, (operator.name, &[]), Some(&reference)));
            }
            let changed = host(&output(&model, &weights, &edits, &examples));
            assert!(changed.iter().all(|value| value.is_finite()), "{backbone}: {} of {}", operator.name, site.path);
            assert_ne!(changed, unablated, "{backbone}: {} of {}", operator.name, site.path);
            ablated += 1;
        }
        assert!(ablated > 20, "{backbone}: {ablated}");
    }
}
