//! Images with classes: every backbone that fits them is trained under diffusion, evaluated, shown, ablated and removed.

mod common;

use std::rc::Rc;

use ablation_data::{About, ConstantPredictor, Data, Example, Goal, Layout, Need, Samples, Score, Shown, Split, noise_predictor};
use ablation_figures::draw;
use ablation_models::{
    ACTIVATIONS, Backbone, Diffusion, Edit, Edits, Fleet, Model, NORM_KINDS, NormPlacement, Norms, POSITIONS, Replica,
    ResidualMlp, ResidualMlpConfig, Transformer, TransformerConfig, evaluate, targets,
};
use ablation_random::Draws;
use pollster::block_on;

use common::*;

/// Images of 4 by 4 pixels with one bright column; the class says which.
struct Bars;

impl Data for Bars {
    fn about(&self) -> &'static About {
        const ABOUT: About = About {
            name: "bars",
            label: "Bars",
            help: "A bright column.",
            score: Score { name: "energy_distance", label: "Energy distance", unit: "", goal: Goal::Lower },
        };
        &ABOUT
    }
    fn layout(&self) -> Layout {
        Layout::Numbers { height: 4, width: 4, channels: 1, classes: Some(4), limit: 2.2 }
    }
    fn draw(&self, draws: &mut Draws, _: Split) -> Example {
        let class = draws.below(4) as u32;
        // A mean of 0 and a variance of 1, three per cent of it noise.
        let dark = -(0.97f64 / 3.0).sqrt();
        let clean = |index: u32| if index % 4 == class { -3.0 * dark } else { dark };
        let values = (0..16).map(|index| (clean(index) + 0.03f64.sqrt() * draws.normal()) as f32).collect();
        Example::Numbers { values, class: Some(class) }
    }
    fn constant(&self) -> ConstantPredictor {
        noise_predictor(self)
    }
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }
}

fn norms(width: usize) -> Norms {
    Norms { place: NormPlacement::Pre, kind: &NORM_KINDS[0], width }
}

/// A model of bars for each backbone.
fn models() -> [Rc<Model>; 2] {
    let model = |mixes: bool, backbone: Box<dyn Backbone>| {
        let objective = Diffusion::new(Box::new(Bars), mixes, "data", "cosine", 60).expect("both are in their registries");
        Rc::new(Model::new(Box::new(objective), backbone))
    };
    let transformer = TransformerConfig {
        layers: 2,
        width: 32,
        hidden: 128,
        heads: 4,
        causal: false,
        position: &POSITIONS[0],
        norms: norms(32),
        activation: &ACTIVATIONS[0],
    };
    let mlp = ResidualMlpConfig { layers: 2, width: 48, norms: norms(48), activation: &ACTIVATIONS[0] };
    [model(true, Box::new(Transformer::new(transformer))), model(false, Box::new(ResidualMlp::new(mlp)))]
}

/// The model after so many steps.
fn trained(model: &Rc<Model>, steps: usize, without: &[&str]) -> Fleet {
    let mut edits = Edits::none(1);
    for site in without.iter().flat_map(|path| targets(&model.sites(), path).into_iter().cloned().collect::<Vec<_>>()) {
        edits.set(0, &site.path, Edit::removal(&site));
    }
    let recipe = ablation_models::Recipe { steps: steps as u64, batch: 64, ..plain(0.004) };
    advanced(fleet(model, &[Replica::new(1, recipe)], edits), steps)
}

#[test]
fn an_image_is_patches_to_a_backbone_that_mixes_positions_and_one_vector_to_others() {
    let [transformer, mlp] = models();
    assert_eq!([transformer.positions(), mlp.positions()], [4, 1]);
    for (model, inputs) in [(&transformer, 4), (&mlp, 16)] {
        let examples = batch(model, &[3], 5);
        assert_eq!((rows(&examples), input_values(&examples).len()), (5 * model.positions(), 5 * model.positions() * inputs));
        let classes = examples.class.expect("bars have classes").to_data();
        assert!(classes.iter::<i64>().all(|class| class < 4) && classes.iter::<i64>().count() == 5);
        let class = site(model, "class");
        assert_eq!((class.positions, class.removal.allowed()), (model.positions(), true));
    }
    // The same numbers, in another order.
    let sorted = |model: &Model| {
        let mut numbers = input_values(&batch(model, &[3], 5));
        numbers.sort_by(f32::total_cmp);
        numbers
    };
    assert_eq!(sorted(&transformer), sorted(&mlp));
}

#[test]
fn every_backbone_learns_them_and_shows_the_class_it_is_told() {
    for model in models() {
        let fleet = trained(&model, 800, &[]);
        let found = block_on(fleet.evaluate(&[vec![]])).unwrap().remove(0);
        let [loss, score] = [0, 1].map(|index| &found.measures[index]);
        assert!(loss.value.unwrap() < 0.3 * loss.constant.unwrap(), "{loss:?}");
        assert!(score.value.unwrap() < 0.5 * score.constant.unwrap(), "{score:?}");
        let Samples::Images { shape, samples: Some(samples), .. } = &found.samples[0] else { panic!("{:?}", found.samples[0]) };
        assert_eq!(*shape, [4, 4, 1]);
        let column = |values: &[f32], column: usize| values.iter().skip(column).step_by(4).sum::<f32>();
        let brightest = |values: &[f32]| (0..4).max_by(|&a, &b| column(values, a).total_cmp(&column(values, b)));
        let right = samples.iter().filter(|(values, class)| brightest(values) == class.map(|class| class as usize)).count();
        assert!(right * 10 >= samples.len() * 9, "{right} of {} images show their class", samples.len());
        let drawn = draw(&Shown::Samples(found.samples[0].clone()), "reference");
        assert!(drawn.svg.starts_with("<svg") && drawn.table.rows.len() == samples.len());
    }
}

#[test]
fn what_tells_the_class_can_be_ablated_and_left_out() {
    for model in models() {
        let fleet = trained(&model, 200, &[]);
        let loss = |edits: &Edits| {
            let found = block_on(evaluate(&model, &fleet.weights, edits, &[vec![]], &device())).unwrap().remove(0);
            found.measures[0].value.unwrap()
        };
        let mut edits = Edits::none(1);
        edits.set(0, "class", Edit::NOTHING);
        let [whole, ablated] = [Edits::none(1), edits].map(|edits| loss(&edits));
        assert!(ablated > 1.1 * whole, "{whole} and without the class {ablated}");
        let without = trained(&model, 20, &["class", "blocks.0.mlp"]);
        assert!(block_on(without.evaluate(&[vec![]])).unwrap()[0].measures[0].value.is_some());
    }
}
