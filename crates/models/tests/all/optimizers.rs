//! An optimiser needs one file: here is one that this crate does not know, with one buffer of state and a setting of its own.

use crate::common::*;
use ablation_models::{
    Arithmetic, Edits, Entry, Models, NUMBERS, Number, OPTIMIZERS, Optimizer, OptimizerState, Parameter, Recipe, Replica, Rule,
    Step, Tensor, Weights, build, elementwise,
};
use ablation_settings::{Field, Group, Role, read_link};
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
        let gradient = start.map(|_, tensor| Tensor::full(tensor.dims(), factor, &tensor.device()));
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
        let (after, state) =
            optimizer.value.update(&step, trained.clone(), Tensor::ones(trained.dims(), &trained.device()), state);
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
        let gradient = weights.map(|_, tensor| Tensor::full(tensor.dims(), slope.into(), &tensor.device()));
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

/// An optimiser of the list.
fn listed(name: &str) -> &'static Entry<&'static dyn Optimizer> {
    OPTIMIZERS.iter().find(|entry| entry.name == name).expect("it is in the list")
}

/// A matrix in double precision, row by row.
type Matrix = Vec<Vec<f64>>;

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    let entry = |row: &Vec<f64>, column: usize| row.iter().zip(b).map(|(x, other)| x * other[column]).sum();
    a.iter().map(|row| (0..b[0].len()).map(|column| entry(row, column)).collect()).collect()
}

fn transposed(a: &Matrix) -> Matrix {
    (0..a[0].len()).map(|column| a.iter().map(|row| row[column]).collect()).collect()
}

/// Five Newton-Schulz iterations as Jordan et al. write them, without turning the matrix.
fn newton_schulz(matrix: &Matrix) -> Matrix {
    let norm = matrix.iter().flatten().map(|value| value * value).sum::<f64>().sqrt() + 1e-7;
    let mut x: Matrix = matrix.iter().map(|row| row.iter().map(|value| value / norm).collect()).collect();
    for _ in 0..5 {
        let square = times(&x, &transposed(&x));
        let (once, twice) = (times(&square, &x), times(&square, &times(&square, &x)));
        for (row, values) in x.iter_mut().enumerate() {
            for (column, value) in values.iter_mut().enumerate() {
                *value = 3.4445 * *value - 4.7750 * once[row][column] + 2.0315 * twice[row][column];
            }
        }
    }
    x
}

/// Matrices of the blocks move as the formula says in double precision, tall ones and wide ones; the rest moves as under AdamW, to the bit.
#[test]
fn muon_moves_matrices_of_blocks_by_their_orthogonal_momentum_and_the_rest_as_adamw() {
    let parameters = [
        Parameter::matrix("blocks.0.mlp.up.weight".into(), 4, 7, 1.0),
        Parameter::matrix("blocks.0.mlp.down.weight".into(), 7, 4, 1.0),
        Parameter::bias("blocks.0.mlp.down.bias".into(), 4),
        Parameter::table("embed.weight".into(), 5, 4, 1.0),
        Parameter::matrix("unembed.weight".into(), 4, 5, 1.0),
    ];
    let recipe = |optimizer, own, rate| Recipe { optimizer, own, weight_decay: 0.3, warmup: 1, ..plain(rate) };
    let rates = [0.1, 0.02];
    let of_muon: Vec<Recipe> = rates.iter().zip([0.95, 0.5]).map(|(&rate, mu)| recipe(listed("muon"), vec![mu], rate)).collect();
    let of_adamw: Vec<Recipe> = rates.iter().map(|&rate| recipe(listed("adamw"), Vec::new(), rate)).collect();
    let start = Weights::draw(&parameters, &[1, 2], &device());
    let noise = |step: usize| {
        start.map(|path, tensor| {
            let value = |index: usize| ((index * index + step) as f32 * 1.3 + path.len() as f32).sin();
            ablation_models::upload((0..tensor.dims().iter().product()).map(value).collect(), tensor.dims(), &device())
        })
    };
    let (mut weights, mut others) = (start.clone(), start.clone());
    let mut state = OptimizerState::new(of_muon[0].optimizer, &start);
    let mut other = OptimizerState::new(of_adamw[0].optimizer, &start);
    let matrix = |weights: &Weights, path: &str, replica| -> Matrix {
        let tensor = weights.get(path).clone().narrow(0, replica, 1);
        let columns = tensor.dims()[2];
        host(&tensor).chunks_exact(columns).map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect()
    };
    let paths = ["blocks.0.mlp.up.weight", "blocks.0.mlp.down.weight"];
    let mut expected: Vec<(usize, &str, Matrix, Matrix)> = [(0, paths[0]), (0, paths[1]), (1, paths[0]), (1, paths[1])]
        .into_iter()
        .map(|(replica, path)| {
            let values = matrix(&start, path, replica);
            (replica, path, values.iter().map(|row| vec![0.0; row.len()]).collect(), values)
        })
        .collect();
    for step in 0..3 {
        let gradient = noise(step);
        weights = state.update(weights, gradient.trained().clone(), &of_muon);
        others = other.update(others, gradient.trained().clone(), &of_adamw);
        for (replica, path, momentum, values) in &mut expected {
            let (recipe, gradient) = (&of_muon[*replica], matrix(&gradient, path, *replica));
            let mu = recipe.own[0];
            let mut direction = gradient.clone();
            for ((momentum, gradient), direction) in momentum.iter_mut().zip(&gradient).zip(&mut direction) {
                for ((momentum, gradient), direction) in momentum.iter_mut().zip(gradient).zip(direction) {
                    *momentum = mu * *momentum + gradient;
                    *direction = gradient + mu * *momentum;
                }
            }
            let orthogonal = newton_schulz(&direction);
            // Singular values between 0.7 and 1.2, so that the update is a rotation, about: tested on rows or columns, whichever are fewer.
            let square = if orthogonal.len() > orthogonal[0].len() {
                times(&transposed(&orthogonal), &orthogonal)
            } else {
                times(&orthogonal, &transposed(&orthogonal))
            };
            let larger = orthogonal.len().max(orthogonal[0].len()) as f64;
            let rate = recipe.rate(step as u64);
            for (row, (values, orthogonal)) in values.iter_mut().zip(&orthogonal).enumerate() {
                for (value, orthogonal) in values.iter_mut().zip(orthogonal) {
                    *value = *value * (1.0 - rate * recipe.weight_decay) - rate * 0.2 * larger.sqrt() * orthogonal;
                }
                if row < square.len() {
                    assert!((0.4..1.5).contains(&square[row][row]), "{path}: {square:?}");
                }
            }
        }
    }
    for (replica, path, _, values) in &expected {
        let values: Vec<f32> = values.iter().flatten().map(|&value| value as f32).collect();
        let found: Vec<f32> = host(&weights.get(path).clone().narrow(0, *replica, 1));
        assert!(distance(&found, &values) < 2e-5, "`{path}` of {replica}: {}", distance(&found, &values));
    }
    for path in ["blocks.0.mlp.down.bias", "embed.weight", "unembed.weight"] {
        assert_eq!(bits(weights.get(path)), bits(others.get(path)), "`{path}` moves as under AdamW");
    }
    let momentum = state.state().next().expect("a buffer").1;
    assert!(host(momentum.get(paths[0])).iter().any(|&value| value != 0.0));
}

/// What the update of a matrix does to vectors: it keeps their lengths, about, whatever the gradient was.
#[test]
fn an_update_of_muon_is_orthogonal() {
    let parameters = [Parameter::matrix("blocks.0.attn.query.weight".into(), 12, 12, 1.0)];
    let recipes = [Recipe { optimizer: listed("muon"), own: vec![0.0], ..plain(1.0) }];
    let start = Weights::draw(&parameters, &[1], &device());
    let gradient = Weights::draw(&parameters, &[7], &device());
    let after = OptimizerState::new(recipes[0].optimizer, &start).update(start.clone(), gradient.trained().clone(), &recipes);
    let size = 0.2 * 12_f32.sqrt();
    let moved: Vec<f32> = host(start.trained()).iter().zip(host(after.trained())).map(|(a, b)| (a - b) / size).collect();
    let update: Matrix = moved.chunks_exact(12).map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect();
    for index in 0..12 {
        let vector: Matrix = (0..12).map(|row| vec![((row * index) as f64 + 0.3).cos()]).collect();
        let length = |matrix: &Matrix| matrix.iter().flatten().map(|value| value * value).sum::<f64>().sqrt();
        let ratio = length(&times(&update, &vector)) / length(&vector);
        assert!((0.5..1.3).contains(&ratio), "{ratio}");
    }
    // Without a gradient nothing moves.
    let still = OptimizerState::new(recipes[0].optimizer, &start).update(start.clone(), start.trained().zeros_like(), &recipes);
    assert_eq!(bits(still.trained()), bits(start.trained()));
}

#[test]
fn a_fleet_that_is_trained_by_muon_is_its_replicas_alone() {
    let family = family(TRANSFORMER);
    let recipe =
        |rate, momentum, clip| Recipe { optimizer: listed("muon"), own: vec![momentum], clip, weight_decay: 0.1, ..plain(rate) };
    let replicas = [Replica::new(3, recipe(0.01, 0.9, 0.0)), Replica::new(4, recipe(0.002, 0.5, 0.1))];
    let together = advanced(fleet(&family, &replicas, Edits::none(2)), 4);
    for index in 0..2 {
        let alone = advanced(fleet(&family, &replicas[index..=index], Edits::none(1)), 4);
        assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index));
    }
}

/// Started as it says, it learns the task that needs least.
#[test]
fn muon_learns_at_the_rate_that_it_is_started_with() {
    let settings = read_link("v=1&p=repeat&train.optimizer=muon&train.steps=150&train.batch=16", &Models).0.settings;
    let recipe = Recipe::read(&settings).unwrap();
    assert_eq!((recipe.learning_rate, &recipe.own[..]), (0.005, &[0.95][..]));
    let fleet = advanced(fleet(&build(&settings).unwrap(), &[Replica::new(0, recipe)], Edits::none(1)), 150);
    let found = block_on(fleet.evaluate(&[vec![]])).unwrap().remove(0);
    assert!(found.measures[1].value.unwrap() > 0.95, "{:?}", found.measures);
}
