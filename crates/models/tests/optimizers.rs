//! An optimiser needs one file: here is one that this crate does not know, with one buffer of state and a setting of its own.

mod common;

use ablation_models::{
    Arithmetic, Edits, Entry, Models, NUMBERS, Number, OPTIMIZERS, Optimizer, OptimizerState, Parameter, Recipe, Replica, Rule,
    Step, Weights, build, elementwise,
};
use ablation_settings::{Field, Group, Role, read_link};
use burn::tensor::Tensor;
use common::*;
use pollster::block_on;

/// Steps along the sign of a running mean of the gradient.
struct SignMomentum;

static SIGN_MOMENTUM: Entry<&dyn Optimizer> =
    Entry { name: "sign-momentum", label: "Sign of the momentum", help: "", value: &SignMomentum };

impl Optimizer for SignMomentum {
    fn fields(&self) -> Vec<Field> {
        let field = Field::number("train.momentum", Group::Training, "Momentum", "What is kept of the mean.", (0.0, 1.0), 0.9);
        vec![field.role(Role::PerReplica)]
    }
    fn state(&self) -> &'static [&'static str] {
        &["mean"]
    }
    fn update(&self, step: &Step, weights: Tensor<2>, gradient: Tensor<2>, state: Vec<Tensor<2>>) -> (Tensor<2>, Vec<Tensor<2>>) {
        elementwise::<SignMomentum>(step, weights, gradient, state)
    }
}

impl Rule for SignMomentum {
    const STATES: usize = 1;

    fn numbers(recipe: &Recipe, made: u64) -> [f32; NUMBERS] {
        [recipe.rate(made), recipe.own[0], 1.0 - recipe.own[0], 0.0, 0.0, 0.0, 0.0, 0.0].map(|number| number as f32)
    }

    fn update<N: Arithmetic>(number: Number<N>, gradient: N, coefficients: &[N; NUMBERS]) -> Number<N> {
        let [size, keep, take, ..] = coefficients.clone();
        let first = keep * number.first + take * gradient;
        Number { weight: number.weight - size * first.clone().sign(), first, ..number }
    }
}

fn recipe(learning_rate: f64, momentum: f64) -> Recipe {
    Recipe { optimizer: &SIGN_MOMENTUM, own: vec![momentum], ..plain(learning_rate) }
}

#[test]
fn a_rule_from_elsewhere_moves_each_replica_by_its_own_settings() {
    let parameters = [Parameter::matrix("a".into(), 2, 3, 1.0), Parameter::bias("b".into(), 2)];
    let recipes = [recipe(0.5, 0.0), Recipe { weight_decay: 0.5, ..recipe(0.25, 0.5) }];
    let start = Weights::draw(&parameters, &[1, 2], &device());
    let mut optimizer = OptimizerState::new(recipes[0].optimizer, &start);
    let mut weights = start.clone();
    // The second gradient points the other way and is half as long: a mean that keeps nothing turns round at once, the other one
    // would go on if it kept more than a third of what it was.
    for factor in [1.0, -0.5] {
        let gradient = start.map(|_, tensor| tensor.ones_like() * factor);
        weights = optimizer.update(weights, gradient.trained().clone(), &recipes);
    }
    let (name, mean) = optimizer.state().next().expect("one buffer of state");
    assert_eq!((name, optimizer.state().count()), ("mean", 1));
    let first = |replica| host(&mean.get("b").clone().narrow(0, replica, 1));
    assert_eq!((first(0), first(1)), (vec![-0.5, -0.5], vec![0.0, 0.0]));
    let own = |weights: &Weights, path: &str, replica| host(&weights.get(path).clone().narrow(0, replica, 1));
    // Replica 0: a step down, a step up. Replica 1: a step down and a mean of zero; its matrix decays by an eighth each time.
    assert!(distance(&own(&weights, "a", 0), &own(&start, "a", 0)) < 1e-6);
    let decayed: Vec<f32> = own(&start, "a", 1).iter().map(|weight| (weight * 0.875 - 0.25) * 0.875).collect();
    assert!(distance(&own(&weights, "a", 1), &decayed) < 1e-6);
    assert!(distance(&own(&weights, "b", 1), &[-0.25, -0.25]) < 1e-6);
}

/// A rule is told of as much state as it names: another number of buffers would be dropped or missing without a word.
#[test]
fn an_optimiser_gives_back_as_much_state_as_it_names() {
    let parameters = [Parameter::matrix("a".into(), 2, 3, 1.0), Parameter::bias("b".into(), 2)];
    let weights = Weights::draw(&parameters, &[1], &device());
    for optimizer in OPTIMIZERS.iter().chain([&SIGN_MOMENTUM]) {
        let own = optimizer.value.fields().iter().map(|_| 0.5).collect();
        let recipes = [Recipe { optimizer, own, ..plain(0.1) }];
        let step = Step { layout: weights.layout(), recipes: &recipes, made: 0 };
        let (trained, names) = (weights.trained().clone(), optimizer.value.state());
        let state = names.iter().map(|_| trained.zeros_like()).collect();
        let (after, state) = optimizer.value.update(&step, trained.clone(), trained.ones_like(), state);
        assert_eq!(state.len(), names.len(), "{optimizer:?}");
        assert!(distance(&host(&after), &host(&trained)) > 0.0, "{optimizer:?}");
        for (name, buffer) in names.iter().zip(state) {
            assert!(host(&buffer).iter().any(|&number| number != 0.0), "{optimizer:?} does not update `{name}`");
        }
    }
}

/// The formula of the paper in double precision, with a gradient that differs from step to step.
#[test]
fn gradient_descent_with_momentum_is_the_heavy_ball_with_decoupled_decay() {
    let parameters = [Parameter::matrix("a".into(), 2, 3, 1.0), Parameter::bias("b".into(), 2)];
    let recipe = |rate, momentum, weight_decay| {
        let optimizer = OPTIMIZERS.iter().find(|entry| entry.name == "sgd").expect("it is in the list");
        Recipe { optimizer, own: vec![momentum], weight_decay, warmup: 2, ..plain(rate) }
    };
    let recipes = [recipe(0.5, 0.0, 0.0), recipe(0.2, 0.9, 0.3)];
    let mut weights = Weights::draw(&parameters, &[1, 2], &device());
    let own = |weights: &Weights, path: &str, replica| host(&weights.get(path).clone().narrow(0, replica, 1));
    let mut expected: Vec<(usize, &str, Vec<f64>, Vec<f64>)> = [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
        .into_iter()
        .map(|(replica, path)| {
            let values: Vec<f64> = own(&weights, path, replica).into_iter().map(f64::from).collect();
            (replica, path, vec![0.0; values.len()], values)
        })
        .collect();
    let mut state = OptimizerState::new(recipes[0].optimizer, &weights);
    for step in 0..6 {
        let slope = (step as f32 * 2.3).sin();
        let gradient = weights.map(|_, tensor| tensor.ones_like() * slope);
        weights = state.update(weights, gradient.trained().clone(), &recipes);
        for (replica, path, velocity, values) in &mut expected {
            let recipe = &recipes[*replica];
            let decay = if *path == "a" { recipe.weight_decay } else { 0.0 };
            for (velocity, value) in velocity.iter_mut().zip(values) {
                *velocity = recipe.own[0] * *velocity + f64::from(slope);
                *value = *value * (1.0 - recipe.rate(step) * decay) - recipe.rate(step) * *velocity;
            }
        }
    }
    for (replica, path, _, values) in expected {
        let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
        assert!(distance(&own(&weights, path, replica), &values) < 1e-6, "`{path}` of {replica}");
    }
    assert_eq!(state.state().map(|(name, _)| name).collect::<Vec<_>>(), ["velocity"]);
}

/// Started as it says, each learns the task that needs least.
#[test]
fn gradient_descent_with_momentum_learns_at_the_rate_that_it_is_started_with() {
    let settings = read_link("v=1&p=repeat&train.optimizer=sgd&train.steps=200&train.batch=16", &Models).0.settings;
    let recipe = Recipe::read(&settings).unwrap();
    assert_eq!((recipe.learning_rate, &recipe.own[..]), (0.2, &[0.9][..]));
    let fleet = advanced(fleet(&build(&settings).unwrap(), &[Replica::new(0, recipe)], Edits::none(1)), 200);
    let found = block_on(fleet.evaluate(&[vec![]])).unwrap().remove(0);
    assert!(found.measures[1].value.unwrap() > 0.95, "{:?}", found.measures);
}

#[test]
fn a_fleet_that_is_trained_by_it_is_its_replicas_alone() {
    let family = family(TRANSFORMER);
    let replicas = [Replica::new(3, recipe(0.01, 0.9)), Replica::new(4, Recipe { clip: 0.1, ..recipe(0.002, 0.5) })];
    let together = advanced(fleet(&family, &replicas, Edits::none(2)), 4);
    for index in 0..2 {
        let alone = advanced(fleet(&family, &replicas[index..=index], Edits::none(1)), 4);
        assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index));
    }
}
