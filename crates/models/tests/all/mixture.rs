//! Mixtures of training data: which data an example is of is drawn for each, and nothing else of a trial changes with it.

use std::collections::BTreeMap;

use crate::common::*;
use ablation_data::{Mixture, Split};
use ablation_models::{
    Batch, Context, Depth, Draw, Edits, EvaluationSet, Finished, Fleet, Hardware, Lane, Models, Recipe, Replica, Target, build,
    measure, pack, scratch,
};
use ablation_protocol::{Ablation, EvaluationSplit, Seeds, Source, Stage, Trial};
use ablation_settings::{Settings, read_link};
use pollster::block_on;
use safetensors::SafeTensors;

const STEPS: &str = "train.steps=6&train.warmup=2&train.dropout=0.1&train.weight_decay=0.1";

type Origins = BTreeMap<String, Vec<u8>>;

/// Other data that the model of each family can be trained on, as a link says it.
fn elsewhere(link: &str) -> &'static str {
    if link == TRANSFORMER { "data.kind=first&data.vocabulary=4" } else { "data.kind=eight-gaussians&data.noise=0.1" }
}

fn trial(link: &str, init: u64, data: u64) -> Trial {
    let (link, corrections) = read_link(link, &Models);
    assert_eq!(corrections, vec![]);
    scratch(&link.settings, vec![], Seeds::new(init, data), vec![EvaluationSplit::Tune, EvaluationSplit::Test]).unwrap()
}

/// The other data as a source.
fn other(link: &str, weight: f64) -> Source {
    let set = match link {
        TRANSFORMER => Settings::default().with("data.kind", "first").with("data.vocabulary", 4),
        _ => Settings::default().with("data.kind", "eight-gaussians").with("data.noise", 0.1),
    };
    Source { set, weight }
}

/// The trial's own data as a source.
fn own(weight: f64) -> Source {
    Source { set: Settings::default(), weight }
}

/// The trial with its last stage trained on a mixture.
fn mixed(trial: &Trial, data: Vec<Source>) -> Trial {
    let mut trial = trial.clone();
    trial.stages.last_mut().unwrap().data = data;
    trial
}

/// The trial with one more stage, trained on its own data.
fn then(trial: &Trial, steps: u64, ablations: Vec<Ablation>) -> Trial {
    let mut trial = trial.clone();
    trial.stages.push(Stage::next(steps, Settings::default().with("train.learning_rate", 0.02), ablations));
    trial
}

fn run(trials: &[Trial], origins: &Origins) -> Vec<Finished> {
    let mut lane = Lane::new(trials, origins, &Context::default(), &device()).unwrap_or_else(|error| panic!("{error}"));
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU")).expect("the CPU answers")
}

/// The same, keeping the weights whatever the stages are.
fn run_and_keep(trial: &Trial, origins: &Origins) -> Finished {
    let lane = Lane::new(std::slice::from_ref(trial), origins, &Context::default(), &device());
    let mut lane = lane.unwrap_or_else(|error| panic!("{error}")).keeping_weights();
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU")).expect("the CPU answers").remove(0)
}

fn run_one(trial: &Trial, origins: &Origins) -> Finished {
    run(std::slice::from_ref(trial), origins).remove(0)
}

/// What a trial left for others to go on with.
fn kept(finished: &Finished) -> Origins {
    Origins::from([(finished.outcome.trial.clone(), finished.weights.clone().expect("kept"))])
}

/// The trained weights to the bit, without the name of their trial.
fn tensors(finished: &Finished) -> Vec<(String, Vec<u8>)> {
    let file = SafeTensors::deserialize(finished.weights.as_ref().expect("kept")).unwrap();
    let mut tensors: Vec<_> = file.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect();
    tensors.sort();
    tensors
}

/// The mixture of a trial's own data and the other data, made by hand.
fn by_hand(link: &str, weights: [f64; 2]) -> Mixture {
    let data = |link: &str| ablation_data::build(&read_link(link, &Models).0.settings).unwrap();
    let links = [link.to_string(), format!("{link}&{}", elsewhere(link))];
    Mixture::new(links.iter().map(|link| data(link)).zip(weights).collect())
}

/// Test loss of weights on the data of a trial, as rounded as outcomes are.
fn test_loss(trial: &Trial, fleet: &Fleet) -> Option<f64> {
    let set = EvaluationSet::of_pair(EvaluationSplit::Test, trial.seeds.data);
    let model = build(&trial.settings).unwrap();
    let measures = block_on(measure(&model, &fleet.weights, &Edits::none(1), &[set], Depth::Loss, &device())).unwrap();
    measures[0][0].value.map(|value| format!("{value:.7e}").parse().unwrap())
}

fn loss(finished: &Finished) -> Option<f64> {
    finished.outcome.marks[&EvaluationSplit::Test].loss
}

#[test]
fn sources_that_are_the_trials_own_data_are_no_mixture() {
    for link in FAMILIES {
        let base = trial(&format!("{link}&{STEPS}"), 3, 4);
        let alone = run_one(&base, &Origins::new());
        let same = match link {
            TRANSFORMER => Settings::default().with("data.kind", "repeat").with("data.length", 7),
            _ => Settings::default().with("data.noise", 0.08),
        };
        let sources = [
            vec![own(1.0)],
            vec![own(0.25)],
            vec![Source { set: same, weight: 1.0 }],
            vec![own(1.0), own(2.0), own(0.0)],
            vec![other(link, 0.0), own(1.0)],
            vec![own(1.0), other(link, 0.0)],
        ];
        for data in sources {
            let trial = mixed(&base, data);
            assert_ne!(trial.id(), base.id());
            let found = run_one(&trial, &Origins::new());
            assert_eq!((&found.outcome.marks, tensors(&found)), (&alone.outcome.marks, tensors(&alone)), "{:?}", trial.stages);
        }
    }
}

#[test]
fn trained_on_other_data_alone_a_model_is_that_of_the_other_data_and_is_evaluated_on_its_own() {
    for link in FAMILIES {
        let base = trial(&format!("{link}&{STEPS}"), 3, 4);
        let there = run_one(&trial(&format!("{link}&{STEPS}&{}", elsewhere(link)), 3, 4), &Origins::new());
        let found = run_one(&mixed(&base, vec![own(0.0), other(link, 2.0)]), &Origins::new());
        assert_eq!(tensors(&found), tensors(&there));
        assert_ne!(found.outcome.marks, there.outcome.marks);
        let alone = run_one(&base, &Origins::new());
        for (split, marks) in &found.outcome.marks {
            let own = &alone.outcome.marks[split];
            assert_eq!((marks.untrained, marks.constant_predictor), (own.untrained, own.constant_predictor));
            assert_ne!(marks.loss, own.loss);
        }
    }
}

/// Numbers of each example of a batch: what goes in, what should come out, and the features of its diffusion step.
fn examples(batch: &Batch, count: usize) -> Vec<Vec<f32>> {
    let target = match &batch.target {
        Target::Tokens(targets, _) => targets.clone().float().to_data().try_into_vec::<f32>().unwrap(),
        Target::Numbers(numbers) => host(numbers),
    };
    let parts = [input_values(batch), target, batch.time.as_ref().map(host).unwrap_or_default()];
    let part =
        |index: usize| parts.iter().flat_map(move |part| part[index * (part.len() / count)..][..part.len() / count].to_vec());
    (0..count).map(|index| part(index).collect()).collect()
}

#[test]
fn a_batch_holds_examples_of_each_source_in_proportion_with_the_noise_of_their_address() {
    for link in FAMILIES {
        let (model, count) = (family(link), 2_000);
        let drawn = |weights, first, count| {
            let draw = Draw { seeds: &[6], mixture: &by_hand(link, weights), split: Split::Train, first, count };
            examples(&model.batch(&draw, &device()), count)
        };
        let [one, other] = [[1.0, 0.0], [0.0, 1.0]].map(|weights| drawn(weights, 0, count));
        let both = drawn([3.0, 1.0], 0, count);
        assert!((0..count).all(|index| both[index] == one[index] || both[index] == other[index]));
        let others = (0..count).filter(|&index| both[index] != one[index]).count() as f64;
        // Five standard deviations; an example is the same in both data sets with a probability of less than one in ten thousand.
        let (expected, spread) = (count as f64 / 4.0, (count as f64 * 0.25 * 0.75).sqrt());
        assert!((others - expected).abs() < 5.0 * spread, "{link}: {others} of {count}");
        assert_eq!(drawn([3.0, 1.0], 500, 100), both[500..600], "{link}: whatever the batch");
    }
}

#[test]
fn a_mixture_in_any_lane_is_the_mixture_alone() {
    for link in FAMILIES {
        let base = mixed(&trial(&format!("{link}&{STEPS}"), 1, 1), vec![own(2.0), other(link, 1.0)]);
        let rate = |trial: &Trial, rate: f64| Trial {
            settings: trial.settings.clone().with("train.learning_rate", rate),
            ..trial.clone()
        };
        let trials = [
            base.clone(),
            rate(&Trial { seeds: Seeds::new(7, 3), ..base.clone() }, 0.03),
            rate(&base, 0.01),
            Trial { seeds: Seeds::new(2, 1), ..base.clone() },
        ];
        let alone = fleet_is_solo(&trials, &Origins::new());
        // And what goes on from them, on its own data and on another mixture.
        let origins: Origins = alone.iter().flat_map(kept).collect();
        let ablations = || vec![Ablation::new("blocks.0", "skip")];
        fleet_is_solo(&trials.each_ref().map(|trial| then(trial, 3, ablations())), &origins);
        fleet_is_solo(&trials.map(|trial| mixed(&then(&trial, 3, ablations()), vec![other(link, 1.0), own(4.0)])), &origins);
    }
}

/// Runs trials alone, and in lanes in which they have to find the same.
fn fleet_is_solo(trials: &[Trial], origins: &Origins) -> Vec<Finished> {
    let alone: Vec<Finished> = trials.iter().map(|trial| run_one(trial, origins)).collect();
    for members in [vec![0, 1, 2, 3], vec![3, 2, 1, 0], vec![2, 0], vec![1, 3, 1]] {
        let chosen: Vec<Trial> = members.iter().map(|&member| trials[member].clone()).collect();
        for (finished, &member) in run(&chosen, origins).iter().zip(&members) {
            assert_eq!(*finished, alone[member], "trial {member} in {members:?}");
        }
    }
    alone
}

#[test]
fn trials_with_other_mixtures_never_share_a_lane() {
    let base = trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1);
    let mixtures = [
        vec![],
        vec![own(1.0)],
        vec![own(1.0), other(TRANSFORMER, 1.0)],
        vec![own(1.0), other(TRANSFORMER, 2.0)],
        vec![other(TRANSFORMER, 1.0), own(1.0)],
    ];
    let trials: Vec<Trial> = mixtures.into_iter().map(|data| mixed(&base, data)).collect();
    assert_eq!(pack(&trials.iter().collect::<Vec<_>>(), Hardware::Gpu), [[0], [1], [2], [3], [4]]);
    for pair in trials.windows(2) {
        let error = Lane::new(pair, &Origins::new(), &Context::default(), &device()).err().expect("refused").to_string();
        assert!(error.contains("differ in data") && error.contains("lanes of their own"), "{error}");
    }
}

#[test]
fn pretrained_on_a_mixture_a_model_goes_on_with_its_own_data() {
    for link in FAMILIES {
        let pretrained = mixed(&trial(&format!("{link}&{STEPS}"), 3, 4), vec![own(1.0), other(link, 1.0)]);
        let further = then(&pretrained, 3, vec![]);
        assert_eq!(further.origin(), Some(pretrained.clone()));
        let first = run_one(&pretrained, &Origins::new());
        let second = run_one(&further, &kept(&first));
        let back = run_one(&mixed(&further, vec![other(link, 1.0)]), &kept(&first));

        let model = build(&pretrained.settings).unwrap();
        let recipe = Recipe::read(&pretrained.settings.clone().with("train.steps", 6)).unwrap();
        let replica = |recipe| vec![Replica { seeds: pretrained.seeds, recipe }];
        let fleet = Fleet::new(model.clone(), replica(recipe.clone()), Edits::none(1), &device());
        let before = advanced(fleet.trained_on(by_hand(link, [1.0, 1.0])), 6);
        assert_eq!(loss(&first), test_loss(&pretrained, &before));
        let went_on = |mixture: Mixture| {
            let recipe = Recipe { steps: 3, learning_rate: 0.02, ..recipe.clone() };
            // Six batches of five examples are read.
            let (weights, edits) = (before.weights.clone(), Edits::none(1));
            let fleet = Fleet::from_weights(model.clone(), replica(recipe), edits, weights, 6 * 5, &device());
            advanced(fleet.trained_on(mixture), 3)
        };
        assert_eq!(loss(&second), test_loss(&pretrained, &went_on(Mixture::default())));
        assert_eq!(loss(&back), test_loss(&pretrained, &went_on(by_hand(link, [0.0, 1.0]))));
        // A third stage goes on from the second, whose weights are kept if that is asked for.
        assert_eq!(second.weights, None);
        let second = run_and_keep(&further, &kept(&first));
        let third = run_one(&then(&further, 2, vec![]), &kept(&second));
        let recipe = Recipe { steps: 2, learning_rate: 0.02, ..recipe.clone() };
        let weights = went_on(Mixture::default()).weights.clone();
        let by_hand = Fleet::from_weights(model.clone(), replica(recipe), Edits::none(1), weights, (6 + 3) * 5, &device());
        assert_eq!(loss(&third), test_loss(&pretrained, &advanced(by_hand, 2)));
        assert_ne!(loss(&second), loss(&back));
        let plain = run_one(&Trial { stages: vec![Stage::scratch(6)], ..pretrained.clone() }, &Origins::new());
        assert_ne!(loss(&first), loss(&plain));
    }
}

#[test]
fn an_ablation_takes_its_means_of_the_trials_own_data_whatever_is_trained_on() {
    for link in FAMILIES {
        let origin = trial(&format!("{link}&{STEPS}"), 3, 4);
        let origins = kept(&run_one(&origin, &Origins::new()));
        let ablated = then(&origin, 0, vec![Ablation::new("blocks.1.mlp", "mean")]);
        let found = run_one(&mixed(&ablated, vec![other(link, 1.0)]), &origins);
        assert_eq!(found.outcome.marks, run_one(&ablated, &origins).outcome.marks);
    }
}

/// The sentence with which a trial is refused whose stage of the given index is trained on `data`.
fn refused(trial: &Trial, data: Vec<Source>) -> String {
    let trial = mixed(trial, data);
    let error = Lane::new(std::slice::from_ref(&trial), &Origins::new(), &Context::default(), &device()).err().expect("refused");
    assert_eq!(error.code(), "bad-study");
    let said = error.to_string();
    said.strip_prefix(&format!("trial {}: ", trial.id())).expect("the trial is named").to_string()
}

#[test]
fn sources_that_cannot_be_mixed_are_refused_with_what_would_fit() {
    let base = trial(&format!("{TRANSFORMER}&{STEPS}"), 1, 1);
    let with = |set: &[(&str, ablation_settings::Value)]| {
        let set: Settings = set.iter().map(|(path, value)| (*path, value.clone())).collect();
        vec![own(1.0), Source { set, weight: 1.0 }]
    };
    let numbers = with(&[("data.kind", "two-moons".into()), ("data.noise", 0.1.into())]);
    let cases = [
        (vec![own(-1.0)], "`stages[0].data[0].weight`: this is -1; a weight is a finite number from 0 on"),
        (vec![own(1.0), own(f64::NAN)], "`stages[0].data[1].weight`: this is NaN; a weight is a finite number from 0 on"),
        (vec![own(0.0), own(0.0)], "`stages[0].data`: the weights are all 0; give one source at least a weight above 0"),
        (vec![own(1.0); 17], "`stages[0].data`: there are 17 sources; at most 16 are mixed"),
        (
            with(&[("data.length", 9.into())]),
            "`stages[0].data[1]`: with `data.length=9` an example is 9 tokens of a vocabulary of 5, and the model reads 7 tokens of a vocabulary \
             of 5; choose settings that give such examples",
        ),
        (
            with(&[("data.kind", "first".into()), ("data.vocabulary", 5.into())]),
            "`stages[0].data[1]`: with `data.kind=first` and `data.vocabulary=5` an example is 7 tokens of a vocabulary of 6, and the model reads 7 tokens of a vocabulary \
             of 5; choose settings that give such examples",
        ),
        (
            numbers,
            "`stages[0].data[1]`: with `data.kind=two-moons` and `data.noise=0.1` an example is 1 by 1 by 2 numbers, and the model reads 7 tokens \
             of a vocabulary of 5; choose settings that give such examples",
        ),
        (
            with(&[("data.kind", "masked-repeat".into()), ("data.vocabulary", 4.into())]),
            "`stages[0].data[1]`: with `data.kind=masked-repeat` and `data.vocabulary=4` the model cannot be trained on its examples \
             (`objective.kind` cannot be `next-token`: Objective is one of: masked-token); choose other data",
        ),
        (
            with(&[("model.width", 24.into())]),
            "`stages[0].data[1]`: `model.width` is no setting of this data, whose settings are `data.kind`, `data.length`, `data.vocabulary`, \
             `data.label_noise`; set one of these",
        ),
        (
            with(&[("data.kind", "sort".into())]),
            "`stages[0].data[1]`: `data.count` is missing; a trial says every setting of its data, model and training",
        ),
        (
            with(&[("data.length", 900.into())]),
            "`stages[0].data[1]`: `data.length` cannot be `900`: Sequence length goes from 4 to 64",
        ),
    ];
    for (data, said) in cases {
        assert_eq!(refused(&base, data), said);
    }
    let said = refused(&base, with(&[("data.kind", "chess".into())]));
    assert!(said.starts_with("`stages[0].data[1]`: `data.kind` cannot be `chess`: Data set is one of: repeat"), "{said}");
    let said = refused(&then(&base, 1, vec![]), vec![own(0.0)]);
    assert!(said.starts_with("`stages[1].data`: the weights are all 0"), "{said}");
}

#[test]
fn a_source_gives_no_answer_away() {
    // A model that looks both ways would copy the answers of `repeat`.
    let both_ways = trial("v=1&p=first&model.attention=bidirectional&train.steps=1", 1, 1);
    let repeat = Settings::default().with("data.kind", "repeat").with("data.vocabulary", 9);
    let said = refused(&both_ways, vec![Source { set: repeat, weight: 1.0 }]);
    assert_eq!(
        said,
        "`stages[0].data[0]`: with `data.kind=repeat` and `data.vocabulary=9` the model cannot be trained on its examples (`model.attention` \
         cannot be `bidirectional`: Attention mask is one of: causal, window); choose other data"
    );
    // Of finitely many examples a larger share to train on holds some that a smaller one holds out.
    let sums = trial("v=1&p=modular-addition&train.steps=1", 1, 1);
    let share = |share: f64| vec![Source { set: Settings::default().with("data.train_share", share), weight: 1.0 }];
    assert_eq!(
        refused(&sums, share(0.9)),
        "`stages[0].data[0]`: with `data.train_share=0.9` it trains on examples that the trial is evaluated on; choose a share of at most 0.8"
    );
    for smaller in [0.5, 0.8] {
        let trial = mixed(&sums, share(smaller));
        assert!(Lane::new(&[trial], &Origins::new(), &Context::default(), &device()).is_ok());
    }
}

/// Two data sets that a model of either family can be trained on beside its own, as a link says it.
fn beside(link: &str) -> &'static str {
    if link == TRANSFORMER { "data.other=majority" } else { "data.other=eight-gaussians" }
}

#[test]
fn a_pre_trained_model_is_trained_on_the_other_data_first_and_evaluated_on_its_own() {
    for link in FAMILIES {
        let recipe = Recipe { steps: 6, ..plain(0.01) };
        let fleet_of = |more: &str| {
            let model = family_with(link, more);
            Fleet::new(model, vec![Replica::new(4, recipe.clone()); 1], Edits::none(1), &device())
        };
        let own = fleet_of("seed=0");
        let other_link = if link == TRANSFORMER {
            "v=1&p=repeat&data.kind=majority&data.length=7&data.vocabulary=5"
        } else {
            "v=1&p=two-moons&data.kind=eight-gaussians"
        };
        let settings = read_link(other_link, &Models).0.settings;
        let other_alone = own.trained_on(Mixture::new(vec![(ablation_data::build(&settings).unwrap(), 1.0)]));
        let pre_trained = fleet_of(&format!("{}&data.other_share=0.5", beside(link)));
        let (mut other_alone, mut pre_trained) = (advanced(other_alone, 3), advanced(pre_trained, 3));
        assert_eq!(replica(&pre_trained.weights, 0), replica(&other_alone.weights, 0), "{link}: half of the steps are alike");
        let sets = [EvaluationSet::shared()];
        let loss = |fleet: &Fleet| block_on(fleet.measure(&sets, Depth::Loss)).unwrap()[0][0].value;
        assert_eq!(loss(&pre_trained), loss(&other_alone), "{link}: both are evaluated on the model's own data");
        other_alone.advance();
        pre_trained.advance();
        assert_ne!(replica(&pre_trained.weights, 0), replica(&other_alone.weights, 0), "{link}: now on its own data");
    }
}

#[test]
fn a_lane_reads_its_second_data_set_whoever_else_is_in_it_and_goes_on_without() {
    for link in FAMILIES {
        let base = |more: &str| trial(&format!("{link}&{STEPS}&{}{more}", beside(link)), 1, 1);
        let rate = |trial: Trial| Trial { settings: trial.settings.clone().with("train.learning_rate", 0.03), ..trial };
        let of = |init, data| Trial { seeds: Seeds::new(init, data), ..base("") };
        let trials = [base(""), rate(of(7, 3)), rate(base("")), of(2, 1)];
        let alone = fleet_is_solo(&trials, &Origins::new());
        // Another share is another shape: no fleet holds both.
        let mixed = base("&data.other_when=mixed");
        assert_eq!(pack(&[&trials[0], &mixed], Hardware::Cpu { cores: 1 }), [vec![0], vec![1]]);
        // What a pre-trained model goes on with is its own data alone.
        let ended = |more: &str, weights| {
            let model = family_with(link, more);
            let replicas = vec![Replica::new(4, Recipe { steps: 3, ..plain(0.01) })];
            advanced(Fleet::from_weights(model, replicas, Edits::none(1), weights, 30, &device()), 3).weights
        };
        let weights = || random_weights(&family(link), &[3]);
        assert_eq!(replica(&ended(beside(link), weights()), 0), replica(&ended("seed=0", weights()), 0), "{link}");
        let still_mixed = format!("{}&data.other_when=mixed", beside(link));
        assert_ne!(replica(&ended(&still_mixed, weights()), 0), replica(&ended("seed=0", weights()), 0), "{link}");
        assert_eq!(alone.len(), trials.len());
    }
}

/// It is evaluated on its own data with and without, so the losses can be compared.
#[test]
fn a_study_can_take_a_pre_training_away() {
    let json = serde_json::json!({
        "version": 2, "preset": "repeat", "settings": {"data.vocabulary": 9, "data.other": "sort"},
        "variants": [{"swap": {"data.other": "none"}}, {"swap": {"data.other_when": "fading"}}]
    });
    let study = ablation_protocol::read_study(json, &Models).unwrap();
    let [none, fading] = [0, 1].map(|index| study.settings.overlaid(&study.variants[index].set));
    assert_eq!(none.text("data.other"), Ok("none"));
    assert_eq!((fading.text("data.other"), fading.text("data.other_when")), (Ok("sort"), Ok("fading")));
}
