//! The laws of a fleet: training many models at once must not be told from training each alone.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::common::*;
use ablation_models::{
    Batch, Constant, Direction, Edit, Edits, Fleet, Model, OPTIMIZERS, OptimizerState, Parameter, Recipe, Replica, Tensor,
    Weights, targets, upload,
};
use ablation_protocol::Site;
use ablation_random::Stream;

const STEPS: usize = 4;

/// Leaves out what `path` names, in one replica.
fn leave_out(edits: &mut Edits, family: &Model, replica: usize, path: &str) {
    for site in targets(&family.sites(), path) {
        edits.set(replica, &site.path, Edit::removal(site));
    }
}

fn without(family: &Model, replicas: usize, paths: &[&str]) -> Edits {
    let mut edits = Edits::none(replicas);
    (0..replicas).for_each(|replica| paths.iter().for_each(|path| leave_out(&mut edits, family, replica, path)));
    edits
}

/// The site's output is a constant.
fn ones(site: &Site) -> Edit {
    Edit::constant(Constant { values: vec![1.0; site.channels], channels: site.channels })
}

/// Trains `members` of the replicas as one fleet, each going without its own component (if any).
fn train(family: &Rc<Model>, members: &[usize], absent: &[Option<&str>]) -> (Fleet, Vec<Vec<f32>>) {
    let all = five_replicas();
    let mut edits = Edits::none(members.len());
    for (index, &member) in members.iter().enumerate() {
        absent[member].iter().for_each(|path| leave_out(&mut edits, family, index, path));
    }
    let replicas: Vec<Replica> = members.iter().map(|&member| all[member].clone()).collect();
    let mut fleet = advanced(fleet(family, &replicas, edits), STEPS);
    let losses = losses(&mut fleet);
    (fleet, losses)
}

/// Law 1 for replicas of which each goes without one component.
fn fleet_is_solo(link: &str, absent: [Option<&str>; 5]) {
    let family = family(link);
    let solo: Vec<_> = (0..5)
        .map(|member| {
            let (fleet, losses) = train(&family, &[member], &absent);
            (replica(&fleet.weights, 0), losses.iter().map(|step| step[0].to_bits()).collect::<Vec<_>>())
        })
        .collect();
    for members in [vec![1, 0], vec![2, 4], vec![3, 2, 0], vec![0, 1, 2, 3, 4], vec![4, 3, 2, 1, 0]] {
        let (fleet, losses) = train(&family, &members, &absent);
        for (index, &member) in members.iter().enumerate() {
            let seen: Vec<u32> = losses.iter().map(|step| step[index].to_bits()).collect();
            assert_eq!(seen, solo[member].1, "losses of {member} in {members:?}");
            for (path, values) in replica(&fleet.weights, index) {
                assert_eq!(values, solo[member].0[&path], "`{path}` of {member} in {members:?}");
            }
        }
    }
}

#[test]
fn a_transformer_in_any_fleet_is_the_transformer_alone() {
    fleet_is_solo(TRANSFORMER, [None; 5]);
}

#[test]
fn a_denoiser_in_any_fleet_is_the_denoiser_alone() {
    fleet_is_solo(DENOISER, [None; 5]);
}

#[test]
fn relu_models_without_norms_in_any_fleet_are_the_models_alone() {
    for link in FAMILIES {
        fleet_is_solo(&format!("{link}&model.norm=none&model.activation=relu"), [None; 5]);
    }
}

#[test]
fn transformers_with_narrow_mlps_in_any_fleet_are_the_models_alone() {
    fleet_is_solo(&format!("{TRANSFORMER}&model.expansion=1.3"), [None; 5]);
}

#[test]
fn models_with_norms_in_the_stream_and_models_that_look_both_ways_in_any_fleet_are_the_models_alone() {
    for link in [POST_NORM[0], POST_NORM[1], BIDIRECTIONAL] {
        fleet_is_solo(link, [None; 5]);
        fleet_is_solo(link, [Some("blocks.0"), None, Some("blocks.0.mlp"), Some("blocks.1.mlp_norm"), Some("blocks.1")]);
    }
}

#[test]
fn transformers_that_lack_different_components_train_together_as_each_alone() {
    let absent = [Some("position"), None, Some("blocks.0.attn.heads.1"), Some("blocks.1"), Some("norm")];
    fleet_is_solo(TRANSFORMER, absent);
}

#[test]
fn denoisers_that_lack_different_components_train_together_as_each_alone() {
    fleet_is_solo(DENOISER, [Some("time"), Some("blocks.0.mlp.act"), None, Some("blocks.1"), Some("embed")]);
}

#[test]
fn mixers_in_any_fleet_are_the_mixers_alone() {
    fleet_is_solo(MIXER, [None; 5]);
    fleet_is_solo(MIXER, [Some("blocks.0.mix"), None, Some("blocks.1.mlp"), Some("blocks.0.mix.act"), Some("blocks.1")]);
    fleet_is_solo(&format!("{MIXER}&model.norm=post"), [Some("blocks.0.mix_norm"), None, None, Some("blocks.0"), None]);
}

/// Products of matrices choose their path by size, so what holds for tiny models is asked again of the models that people train.
#[test]
fn models_of_the_size_that_is_shown_train_together_as_each_alone() {
    for link in ["v=1&p=repeat", "v=1&p=two-moons"] {
        let family = family(link);
        let batch = if link.ends_with("repeat") { 32 } else { 256 };
        let replica_of = |index: u64| Replica::new(index, Recipe { batch, weight_decay: 0.1, clip: 1.0, ..plain(0.005) });
        let all: Vec<Replica> = (0..5).map(replica_of).collect();
        let together = advanced(fleet(&family, &all, Edits::none(5)), 2);
        for index in [0, 3, 4] {
            let alone = advanced(fleet(&family, &all[index..=index], Edits::none(1)), 2);
            assert_eq!(replica(&alone.weights, 0), replica(&together.weights, index), "{link} {index}");
        }
    }
}

#[test]
fn a_replica_taken_out_of_a_fleet_says_what_it_said_in_the_fleet() {
    for link in SHAPES {
        let family = family(link);
        let (weights, examples) = (random_weights(&family, &[5, 6, 7]), batch(&family, &[5, 6, 7], 5));
        let together = output(&family, &weights, &Edits::none(3), &examples);
        for index in 0..3 {
            // A view into the middle of a buffer, not a copy.
            let out = weights.map(|_, tensor| tensor.clone().narrow(0, index, 1));
            let alone = output(&family, &out, &Edits::none(1), &batch(&family, &[5 + index as u64], 5));
            assert_eq!(bits(&alone), bits(&together.clone().narrow(0, index, 1)));
        }
    }
}

#[test]
fn weights_that_someone_holds_stay_when_the_fleet_goes_on() {
    for link in FAMILIES {
        let family = family(link);
        let mut fleet = advanced(fleet(&family, &five_replicas()[..2], Edits::none(2)), 2);
        let (held, repeated) = (fleet.weights.clone(), fleet.weights.repeat(0, 1));
        let state: Vec<Weights> = fleet.optimizer.state().map(|(_, state)| state).collect();
        let all = || [&held, &repeated].into_iter().chain(&state).map(|weights| replica(weights, 0)).collect::<Vec<_>>();
        let before = all();
        fleet.advance();
        assert_eq!(all(), before);
        assert_ne!(replica(&fleet.weights, 0), before[0]);
    }
}

/// Law 2: trains two architectures from the same start, one of which goes without `absent`; whatever both have must agree in every
/// bit. The smaller one reads the larger one's initial weights, because the start of a branch depends on how many there are.
fn gate_is_absence(whole: &Rc<Model>, smaller: &Rc<Model>, absent: &[&str]) {
    let replicas = &five_replicas()[1..4];
    let seeds: Vec<u64> = replicas.iter().map(|replica| replica.seeds.init).collect();
    let start = Weights::draw(&whole.parameters(), &seeds, &device());
    let kept = Weights::draw(&smaller.parameters(), &seeds, &device()).map(|path, _| start.get(path).clone());
    let edits = without(whole, 3, absent);
    let begun =
        |family: &Rc<Model>, weights, edits| Fleet::from_weights(family.clone(), replicas.to_vec(), edits, weights, 0, &device());
    let mut gated = advanced(begun(whole, start.clone(), edits), STEPS);
    let mut plain = advanced(begun(smaller, kept, Edits::none(3)), STEPS);
    assert_eq!(losses(&mut gated), losses(&mut plain), "{absent:?}");
    for (path, tensor) in plain.weights.iter() {
        assert_eq!(bits(gated.weights.get(path)), bits(tensor), "{absent:?}: `{path}`");
        assert_ne!(bits(tensor), bits(start.get(path)), "`{path}` was trained");
    }
}

#[test]
fn without_positions_from_the_start_is_the_model_that_has_none() {
    gate_is_absence(&family(TRANSFORMER), &family_with(TRANSFORMER, "model.position=none&ablation.site=none"), &["position"]);
}

#[test]
fn without_every_norm_from_the_start_is_the_model_that_has_none() {
    let norms = ["blocks.0.attn_norm", "blocks.0.mlp_norm", "blocks.1.attn_norm", "blocks.1.mlp_norm", "norm"];
    gate_is_absence(&family(TRANSFORMER), &family_with(TRANSFORMER, "model.norm=none"), &norms);
    let more = ["blocks.0.attn.norm", "blocks.0.mlp.norm", "blocks.1.attn.norm", "blocks.1.mlp.norm"];
    let all = [&norms[..], &more[..]].concat();
    gate_is_absence(&family_with(TRANSFORMER, "model.norm=sandwich"), &family_with(TRANSFORMER, "model.norm=none"), &all);
    let norms = ["blocks.0.mlp_norm", "blocks.1.mlp_norm", "norm"];
    gate_is_absence(&family(DENOISER), &family_with(DENOISER, "model.norm=none"), &norms);
    let norms = ["blocks.0.mix_norm", "blocks.0.mlp_norm", "blocks.1.mix_norm", "blocks.1.mlp_norm", "norm"];
    gate_is_absence(&family(MIXER), &family_with(MIXER, "model.norm=none"), &norms);
    let norms = ["blocks.0.attn_norm", "blocks.0.mlp_norm", "blocks.1.attn_norm", "blocks.1.mlp_norm"];
    gate_is_absence(&family(POST_NORM[0]), &family_with(TRANSFORMER, "model.norm=none"), &norms);
    gate_is_absence(&family(POST_NORM[1]), &family_with(DENOISER, "model.norm=none"), &[norms[1], norms[3]]);
}

#[test]
fn without_its_last_block_from_the_start_is_the_model_with_one_block_less() {
    for link in SHAPES {
        gate_is_absence(&family(link), &family(&link.replace("layers=2", "layers=1")), &["blocks.1"]);
    }
}

#[test]
fn without_the_time_from_the_start_is_the_model_that_is_never_told() {
    let untold = fed(family(DENOISER), |objective, draw, device| Batch { time: None, ..objective.batch(draw, device) });
    // It still lists the parameters of the time, which nothing reaches: only the others are compared.
    let whole = family(DENOISER);
    let replicas = &five_replicas()[..1];
    let gated = advanced(fleet(&whole, replicas, without(&whole, 1, &["time"])), STEPS);
    let plain = advanced(fleet(&untold, replicas, Edits::none(1)), STEPS);
    for (path, tensor) in plain.weights.iter() {
        assert_eq!(bits(tensor), bits(gated.weights.get(path)), "`{path}`");
    }
}

/// The components for which no setting exists, against a model whose component is held silent by hand: its last matrix is set to zero before
/// each step. Not bit for bit: there a zero is multiplied and added where the gate adds nothing.
fn silenced_by_hand_is_gated(link: &str, component: &str, silence: impl Fn(&str, &Tensor<3>) -> Tensor<3>) {
    let family = family(link);
    let replicas = [Replica::new(7, Recipe { weight_decay: 0.1, ..plain(0.01) })];
    let mut gated = advanced(fleet(&family, &replicas, without(&family, 1, &[component])), STEPS);
    let mut by_hand = fleet(&family, &replicas, Edits::none(1));
    for _ in 0..STEPS {
        by_hand.weights = by_hand.weights.map(&silence);
        by_hand.advance();
    }
    let (gated_losses, losses) = (losses(&mut gated).concat(), losses(&mut by_hand).concat());
    assert!(distance(&gated_losses, &losses) < 1e-6, "{component}: {gated_losses:?} {losses:?}");
    for (path, tensor) in by_hand.weights.iter().filter(|(path, _)| !path.starts_with(component.split(".heads").next().unwrap()))
    {
        let apart = distance(&host(gated.weights.get(path)), &host(tensor));
        assert!(apart < 1e-5, "{component}: `{path}` is off by {apart}");
    }
}

#[test]
fn without_an_attention_from_the_start_is_an_attention_that_says_nothing() {
    silenced_by_hand_is_gated(TRANSFORMER, "blocks.0.attn", |path, tensor| {
        if path == "blocks.0.attn.output.weight" { tensor.zeros_like() } else { tensor.clone() }
    });
}

#[test]
fn without_token_mixing_from_the_start_is_token_mixing_that_says_nothing() {
    silenced_by_hand_is_gated(MIXER, "blocks.0.mix", |path, tensor| {
        if path.starts_with("blocks.0.mix.down.") { tensor.zeros_like() } else { tensor.clone() }
    });
}

#[test]
fn without_an_mlp_from_the_start_is_an_mlp_that_says_nothing() {
    for link in [TRANSFORMER, DENOISER, MIXER] {
        silenced_by_hand_is_gated(link, "blocks.0.mlp", |path, tensor| {
            if path.starts_with("blocks.0.mlp.down.") { tensor.zeros_like() } else { tensor.clone() }
        });
    }
}

#[test]
fn without_a_head_from_the_start_is_a_head_whose_rows_of_the_output_are_zero() {
    // Head 1 of 3 in a width of 12 owns the rows 4..8.
    silenced_by_hand_is_gated(TRANSFORMER, "blocks.1.attn.heads.1", |path, tensor| {
        if path != "blocks.1.attn.output.weight" {
            return tensor.clone();
        }
        let rows = |from, count| tensor.clone().narrow(1, from, count);
        Tensor::cat(vec![rows(0, 4), rows(4, 4).zeros_like(), rows(8, 4)], 1)
    });
}

#[test]
fn a_head_that_is_absent_from_the_start_leaves_the_other_heads_their_weights() {
    // The same, on the weights of the attention itself: heads 0 and 2 keep theirs, column for column.
    let family = family(TRANSFORMER);
    let replicas = [Replica::new(7, plain(0.01))];
    let gated = advanced(fleet(&family, &replicas, without(&family, 1, &["blocks.1.attn.heads.1"])), STEPS);
    let start = Weights::draw(&family.parameters(), &[7], &device());
    for name in ["query", "key", "value"] {
        let path = format!("blocks.1.attn.{name}.weight");
        let columns = |weights: &Weights, from| bits(&weights.get(&path).clone().narrow(2, from, 4));
        assert_eq!(columns(&gated.weights, 4), columns(&start, 4), "nothing reaches the {name} of an absent head");
        assert_ne!(columns(&gated.weights, 0), columns(&start, 0));
        assert_ne!(columns(&gated.weights, 8), columns(&start, 8));
    }
}

#[test]
fn a_gate_at_one_is_the_plain_model_bit_for_bit() {
    for link in SHAPES {
        let family = family(link);
        let replicas = &five_replicas()[1..3];
        let plain = advanced(fleet(&family, replicas, Edits::none(2)), STEPS);
        // The neighbour's gates are half shut, so the gates of the other really are multiplied by.
        let mut gated = Edits::none(2);
        for site in family.sites() {
            gated.set(0, &site.path, Edit { keep: 0.5, ..Edit::NONE });
            gated.set(1, &site.path, Edit::NONE);
        }
        let gated = advanced(fleet(&family, replicas, gated), STEPS);
        assert_ne!(replica(&plain.weights, 0), replica(&gated.weights, 0));
        assert_eq!(replica(&plain.weights, 1), replica(&gated.weights, 1));
    }
}

#[test]
fn an_unablated_replica_is_the_plain_model_whatever_is_ablated_in_its_neighbours() {
    for link in SHAPES {
        let family = family(link);
        let batch = batch(&family, &[5, 5, 5], 5);
        let weights = random_weights(&family, &[5, 6, 7]);
        let plain = bits(&output(&family, &weights, &Edits::none(3), &batch).narrow(0, 1, 1));
        for site in family.sites().iter().filter(|site| !site.is_group()) {
            let neighbours = [
                (Edit::ZERO, ones(site)),
                (Edit { keep: -0.3, ..Edit::NONE }, Edit::removal(site)),
                (Edit { directions: vec![Direction::new(&vec![1.0; site.channels], 0.5)], ..ones(site) }, Edit::removal(site)),
            ];
            for (first, last) in neighbours {
                let mut edits = Edits::none(3);
                edits.set(0, &site.path, first);
                edits.set(2, &site.path, last);
                let unablated = output(&family, &weights, &edits, &batch).narrow(0, 1, 1);
                assert_eq!(bits(&unablated), plain, "{}: {edits:?}", site.path);
            }
        }
    }
}

#[test]
fn a_component_that_no_replica_keeps_is_not_computed() {
    let components = |link: &str| -> Vec<(&str, &str)> {
        // What goes out, and whose weights turn to NaN: had it been computed, nothing would be left of the output.
        let shared = vec![("embed", "embed."), ("blocks.0", "blocks.0."), ("blocks.1.mlp", "blocks.1.mlp.")];
        let norm =
            if POST_NORM.contains(&link) { vec![("blocks.1.mlp_norm", "blocks.1.mlp_norm.")] } else { vec![("norm", "norm.")] };
        let own = if link.contains("heads") {
            vec![("position", "position."), ("blocks.0.attn", "blocks.0.attn."), ("blocks.1.attn", "blocks.1.attn.")]
        } else if link == RECURRENT[0] {
            vec![("blocks.0.gru", "blocks.0.gru."), ("blocks.1.gru_norm", "blocks.1.gru_norm.")]
        } else if link == RECURRENT[1] {
            vec![("blocks.0.ssm", "blocks.0.ssm."), ("blocks.1.ssm.scan", "blocks.1.ssm.rate.")]
        } else if link == MIXER {
            vec![("blocks.0.mix", "blocks.0.mix."), ("blocks.1.mix_norm", "blocks.1.mix_norm.")]
        } else {
            vec![("time", "time."), ("blocks.1.mlp_norm", "blocks.1.mlp_norm.")]
        };
        [shared, norm, own].concat()
    };
    for link in SHAPES {
        let family = family(link);
        let (batch, weights) = (batch(&family, &[5, 6], 5), random_weights(&family, &[5, 6]));
        for (component, prefix) in components(link) {
            let poisoned = filled(&weights, f32::NAN, |path| path.starts_with(prefix));
            let edits = without(&family, 2, &[component]);
            let healthy = bits(&output(&family, &weights, &edits, &batch));
            assert_eq!(bits(&output(&family, &poisoned, &edits, &batch)), healthy, "{component}");
            assert!(host(&output(&family, &poisoned, &Edits::none(2), &batch)).iter().any(|value| value.is_nan()), "{component}");
            // A constant in its place needs it no more than nothing does.
            let mut constant = edits.clone();
            for site in targets(&family.sites(), component) {
                (0..2).for_each(|replica| constant.set(replica, &site.path, ones(site)));
            }
            assert!(host(&output(&family, &poisoned, &constant, &batch)).iter().all(|value| value.is_finite()), "{component}");
        }
    }
}

#[test]
fn an_attention_without_any_head_lets_no_value_through() {
    let family = family(TRANSFORMER);
    let (batch, weights) = (batch(&family, &[5], 5), random_weights(&family, &[5]));
    let edits = without(&family, 1, &["blocks.0.attn.heads.0", "blocks.0.attn.heads.1", "blocks.0.attn.heads.2"]);
    let poisoned = filled(&weights, f32::NAN, |path| path == "blocks.0.attn.value.weight");
    let healthy = bits(&output(&family, &weights, &edits, &batch));
    assert_eq!(bits(&output(&family, &poisoned, &edits, &batch)), healthy);
}

#[test]
fn what_one_replica_reads_does_not_reach_another() {
    for link in SHAPES {
        let family = family(link);
        let trained = |seed| {
            let replicas = [(3, 0.01), (seed, 0.01), (4, 0.02)].map(|(seed, rate)| Replica::new(seed, plain(rate)));
            advanced(fleet(&family, &replicas, Edits::none(3)), STEPS).weights
        };
        let (a, b) = (trained(10), trained(11));
        assert_eq!((replica(&a, 0), replica(&a, 2)), (replica(&b, 0), replica(&b, 2)));
        assert_ne!(replica(&a, 1), replica(&b, 1));
    }
}

#[test]
fn a_replica_that_diverges_goes_alone() {
    for (link, clip) in FAMILIES.into_iter().flat_map(|link| [(link, 0.0), (link, 1.0)]) {
        let family = family(link);
        let healthy = Replica::new(3, Recipe { clip, weight_decay: 0.1, ..plain(0.01) });
        let wild = Replica::new(3, Recipe { clip, weight_decay: 1e6, ..plain(1e6) });
        let alone = advanced(fleet(&family, std::slice::from_ref(&healthy), Edits::none(1)), 6);
        let mut both = advanced(fleet(&family, &[healthy, wild], Edits::none(2)), 6);
        assert_eq!(replica(&alone.weights, 0), replica(&both.weights, 0), "{link} clip {clip}");
        let losses = losses(&mut both);
        assert!(losses[5][0].is_finite() && !losses[5][1].is_finite(), "{losses:?}");
    }
}

#[test]
fn each_replica_is_clipped_by_its_own_norm() {
    for link in FAMILIES {
        let family = family(link);
        let replica = |clip| Replica::new(3, Recipe { clip, ..plain(0.01) });
        let fleet = advanced(fleet(&family, &[replica(0.0), replica(0.01), replica(0.02), replica(1e9)], Edits::none(4)), 1);
        // After one step the running mean is a tenth of the gradient.
        let norm = |index: usize| {
            let (_, first) = fleet.optimizer.state().next().expect("AdamW remembers the mean gradient first");
            let squares: Vec<f32> = first.iter().flat_map(|(_, mean)| host(&mean.clone().narrow(0, index, 1))).collect();
            10.0 * squares.into_iter().map(|mean| f64::from(mean).powi(2)).sum::<f64>().sqrt()
        };
        assert!(norm(0) > 0.02, "the test needs a gradient larger than the limits: {}", norm(0));
        assert!((norm(1) / 0.01 - 1.0).abs() < 1e-3 && (norm(2) / 0.02 - 1.0).abs() < 1e-3, "{} {}", norm(1), norm(2));
        assert_eq!(norm(3), norm(0), "a limit that is not reached changes nothing");
    }
}

/// AdamW of one number, as in the paper and in double precision.
struct Scalar {
    weight: f64,
    first: f64,
    second: f64,
    decays: bool,
}

impl Scalar {
    fn update(&mut self, step: i32, gradient: f64, recipe: &Recipe) {
        let rate = recipe.rate(step as u64 - 1);
        self.first = 0.9 * self.first + 0.1 * gradient;
        self.second = 0.999 * self.second + 0.001 * gradient * gradient;
        let mean = self.first / (1.0 - 0.9f64.powi(step));
        let spread = self.second / (1.0 - 0.999f64.powi(step));
        let decay = if self.decays { recipe.weight_decay * self.weight } else { 0.0 };
        self.weight -= rate * (mean / (spread.sqrt() + 1e-8) + decay);
    }
}

#[test]
fn adamw_with_a_rate_a_replica_is_the_scalar_adamw_of_the_paper() {
    const SHAPE: [usize; 3] = [3, 3, 5];
    let parameters = [Parameter::matrix("a.weight".into(), 3, 5, 1.0), Parameter::table("b.weight".into(), 3, 5, 1.0)];
    let recipe =
        |rate, weight_decay, clip, name| Recipe { weight_decay, clip, warmup: 2, schedule: schedule(name), ..plain(rate) };
    let recipes = [recipe(0.01, 0.1, 0.0, "constant"), recipe(0.002, 0.0, 0.7, "cosine"), recipe(0.05, 1.0, 3.0, "cosine")];
    let mut weights = Weights::draw(&parameters, &[1, 2, 3], &device());
    let mut optimizer = OptimizerState::new(&OPTIMIZERS[0], &weights);
    let start = |path: &str, decays| -> Vec<Scalar> {
        let weights = host(weights.get(path));
        weights.iter().map(|&weight| Scalar { weight: weight.into(), first: 0.0, second: 0.0, decays }).collect()
    };
    let mut scalars = BTreeMap::from([("a.weight", start("a.weight", true)), ("b.weight", start("b.weight", false))]);

    for step in 1..=15 {
        let gradients: BTreeMap<&str, Vec<f32>> = ["a.weight", "b.weight"]
            .map(|path| {
                let mut draws = Stream::root(step as u64).at(path).draws();
                (path, (0..45).map(|_| (draws.normal() * 0.5) as f32).collect())
            })
            .into();
        let given = weights.map(|path, _| upload(gradients[path].clone(), SHAPE, &device()));
        weights = optimizer.update(weights, given.trained().clone(), &recipes);

        for (replica, recipe) in recipes.iter().enumerate() {
            let own =
                |values: &Vec<f32>| -> Vec<f64> { values[replica * 15..][..15].iter().map(|&value| value.into()).collect() };
            let norm = gradients.values().flat_map(own).map(|value| value * value).sum::<f64>().sqrt();
            let factor = if recipe.clip > 0.0 { (recipe.clip / (norm + 1e-6)).min(1.0) } else { 1.0 };
            for (path, values) in &gradients {
                let scalars = &mut scalars.get_mut(path).unwrap()[replica * 15..][..15];
                scalars.iter_mut().zip(own(values)).for_each(|(scalar, value)| scalar.update(step, value * factor, recipe));
            }
        }
        for (path, scalars) in &scalars {
            let expected: Vec<f32> = scalars.iter().map(|scalar| scalar.weight as f32).collect();
            let apart = distance(&host(weights.get(path)), &expected);
            assert!(apart < 1e-6, "step {step}: `{path}` is off by {apart}");
        }
    }
    assert_eq!(optimizer.step, 15);
}

/// The sum of squares of a model that is nothing but its parameters, as a loss: the gradient of each is twice the parameter.
fn squared(leaves: &Weights, paths: &[&str]) -> Tensor<1> {
    paths.iter().map(|path| (leaves.get(path).clone() * leaves.get(path).clone()).sum()).reduce(|sum, term| sum + term).unwrap()
}

#[test]
fn tied_parameters_are_one_and_frozen_ones_stay() {
    let parameters = [
        Parameter::table("embed".into(), 4, 3, 1.0),
        Parameter::matrix("free".into(), 2, 2, 1.0),
        Parameter::matrix("kept".into(), 2, 3, 1.0).frozen(),
        Parameter::matrix("unembed".into(), 3, 4, 1.0).tied_to_transposed("embed"),
    ];
    let recipes = [plain(0.01), Recipe { clip: 0.5, weight_decay: 0.1, ..plain(0.02) }];
    let mut weights = Weights::draw(&parameters, &[1, 2], &device());
    let start = weights.clone();
    let mut optimizer = OptimizerState::new(&OPTIMIZERS[0], &weights);
    assert_eq!(weights.iter().map(|(path, _)| path).collect::<Vec<_>>(), ["embed", "free", "kept"]);
    assert_eq!(
        optimizer
            .state()
            .flat_map(|(_, state)| state.iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>())
            .collect::<Vec<_>>(),
        ["embed", "free", "embed", "free"],
        "what is frozen has no state"
    );

    let leaves = weights.leaves();
    let mut gradients = squared(&leaves, &["embed", "unembed", "free", "kept"]).backward();
    let gradient = leaves.gradient(&mut gradients);
    // Both paths of the tied pair reach the same numbers, so its gradient is twice that of the free matrix.
    let expected = weights.map(|path, tensor| tensor.clone() * if path == "embed" { 4.0 } else { 2.0 });
    assert_eq!(bits(&gradient), bits(expected.trained()));
    drop(leaves);

    weights = optimizer.update(weights, gradient, &recipes);
    assert_eq!(bits(&weights.get("unembed").clone().swap_dims(1, 2)), bits(weights.get("embed")));
    assert_eq!(bits(weights.get("kept")), bits(start.get("kept")));
    for path in ["embed", "free"] {
        assert_ne!(bits(weights.get(path)), bits(start.get(path)), "{path}");
    }
    let repeated = weights.repeat(1, 2);
    assert_eq!((replica(&repeated, 0), repeated.replicas()), (replica(&weights, 1), 2));
}
