//! What each ablation operator promises, on models of every shape that such promises were broken for elsewhere: grouped-query attention, tied
//! embeddings, norms in the stream, gated MLPs, biases.

use std::rc::Rc;

use crate::common::*;
use ablation_models::{
    Activations, Batch, Depth, Direction, Edit, Edits, EvaluationSet, Model, NormReference, Tensor, Weights, measure, targets,
};
use ablation_protocol::{Ablation, EvaluationSplit, Placement, Site};
use pollster::block_on;

/// Four heads of queries that share two of keys and values; a gated MLP; biases everywhere; tied embeddings.
const GROUPED: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=4&model.key_heads=2&model.mlp=gated\
    &model.biases=all&model.embeddings=tied&model.layers=2&train.batch=5";
/// RMS norms before and after each branch, rotary positions, attention in a window, one key head for all.
const SANDWICH: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.key_heads=1\
    &model.norm=sandwich&model.norm_kind=rms&model.position=rotary&model.attention=window&model.window=3&model.layers=2&train.batch=5\
    &ablation.site=none";

const ATTENTIVE: [&str; 5] = [TRANSFORMER, POST_NORM[0], BIDIRECTIONAL, GROUPED, SANDWICH];
const EVERY: [&str; 8] = [TRANSFORMER, DENOISER, POST_NORM[0], POST_NORM[1], BIDIRECTIONAL, MIXER, GROUPED, SANDWICH];

/// A model with weights of no special shape, and examples for it.
struct Subject {
    family: Rc<Model>,
    weights: Weights,
    batch: Batch,
}

impl Subject {
    fn new(link: &str) -> Self {
        let family = family(link);
        Subject { weights: random_weights(&family, &[3]), batch: batch(&family, &[8], 5), family }
    }

    fn site(&self, path: &str) -> Site {
        site(&self.family, path)
    }

    fn output(&self, edits: &Edits) -> Vec<f32> {
        host(&output(&self.family, &self.weights, edits, &self.batch))
    }

    fn with(&self, weights: Weights) -> Vec<f32> {
        host(&output(&self.family, &weights, &Edits::none(1), &self.batch))
    }

    fn seen(&self, edits: &Edits, path: &str) -> Vec<f32> {
        host(&captured(&self.family, &self.weights, edits, &self.batch, &[path])[path])
    }

    fn made(&self, ablation: Ablation) -> Edits {
        made(&self.family, &self.weights, &[ablation])
    }

    /// One edit at some sites.
    fn edited(&self, paths: &[String], edit: &Edit) -> Edits {
        let mut edits = Edits::none(1);
        paths.iter().for_each(|path| edits.set(0, path, edit.clone()));
        edits
    }

    fn heads(&self, block: usize) -> Vec<String> {
        let inside = format!("blocks.{block}.attn.heads.");
        self.family.sites().into_iter().map(|site| site.path).filter(|path| path.starts_with(&inside)).collect()
    }

    fn losses(&self, edits: &Edits) -> Vec<f64> {
        let weights = self.weights.repeat(0, edits.replicas());
        let sets = vec![EvaluationSet::of_pair(EvaluationSplit::Test, 5); edits.replicas()];
        let measured = block_on(measure(&self.family, &weights, edits, &sets, Depth::Loss, &device())).expect("the CPU answers");
        measured.into_iter().map(|measures| measures[0].value.expect("a finite loss")).collect()
    }
}

fn replaced(weights: &Weights, path: &str, change: impl Fn(&Tensor<3>) -> Tensor<3>) -> Weights {
    weights.map(|other, tensor| if other == path { change(tensor) } else { tensor.clone() })
}

#[test]
fn a_resampled_output_is_that_of_another_example_in_every_draw() {
    let subject = Subject::new(TRANSFORMER);
    let site = subject.site("blocks.0.mlp");
    let (examples, row) = (6, site.positions * site.channels);
    let values: Vec<f32> = (0..examples * row).map(|index| index as f32).collect();
    let reference = Activations { values: values.clone(), positions: site.positions, channels: site.channels };
    let ablation = Ablation::new("blocks.0.mlp", "resample").with("draws", 5.0);
    let edit = edit_of(&site, &ablation, Some(&reference));
    let mut edits = Edits::none(1);
    edits.set(0, "blocks.0.mlp", edit.clone());
    let further = edits.further_draws(0).expect("there are five draws");
    let drawn = further.at("blocks.0.mlp").expect("each draw edits the site").iter().chain([&edit]);
    let mut partners: Vec<Vec<usize>> = Vec::new();
    for draw in drawn {
        let given = &draw.constant.as_ref().expect("a draw is a constant").values;
        let partner = |example: usize| {
            let rows = &given[example * row..][..row];
            values.chunks_exact(row).position(|other| other == rows).expect("whole examples, position by position")
        };
        partners.push((0..examples).map(partner).collect());
    }
    assert_eq!(partners.len(), 5);
    for example in 0..examples {
        let mut others: Vec<usize> = partners.iter().map(|draw| draw[example]).collect();
        others.sort_unstable();
        assert_eq!(
            others,
            (0..examples).filter(|other| *other != example).collect::<Vec<_>>(),
            "each other one once, never itself"
        );
    }
    // Two components take theirs from the same other example.
    let head = subject.site("blocks.1.attn");
    assert_eq!(edit_of(&head, &ablation, Some(&reference)).constant, edit.constant);
    let few = edit_of(&site, &Ablation::new("blocks.0.mlp", "resample").with("draws", 64.0), Some(&reference));
    assert_eq!(few.draws.len() + 1, 5, "there are no more than five other examples");
}

#[test]
fn what_is_measured_of_a_resampled_component_is_the_mean_over_its_draws() {
    for link in [TRANSFORMER, DENOISER] {
        let subject = Subject::new(link);
        let ablated = subject.made(Ablation::new("blocks.1.mlp", "resample").with("draws", 4.0));
        let mut first = Edits::none(1);
        let edit = ablated.at("blocks.1.mlp").expect("it is edited")[0].clone();
        first.set(0, "blocks.1.mlp", Edit { draws: Vec::new(), ..edit.clone() });
        let each: Vec<f64> =
            subject.losses(&first).into_iter().chain(subject.losses(&ablated.further_draws(0).expect("three more"))).collect();
        assert!(each.len() == 4 && each.windows(2).all(|pair| pair[0] != pair[1]), "{each:?}");
        let mean = each.iter().sum::<f64>() / 4.0;
        // A neighbour in the fleet has no draws, and is what it is alone.
        let mut both = Edits::none(2);
        both.set(0, "blocks.1.mlp", edit);
        let found = subject.losses(&both);
        assert!((found[0] - mean).abs() < 1e-12 * mean.abs(), "{found:?} {each:?}");
        assert_eq!(found[1], subject.losses(&Edits::none(1))[0]);
        assert_eq!(subject.losses(&ablated), found[..1]);
    }
}

#[test]
fn a_frozen_norm_divides_by_the_mean_of_its_scale_over_the_reference_set() {
    for (link, centred) in [(TRANSFORMER, true), (&format!("{TRANSFORMER}&model.norm_kind=rms")[..], false), (DENOISER, true)] {
        let subject = Subject::new(link);
        // The stream that the first norm reads, before any block: what its sources and branches add up to.
        let norm = format!("blocks.0.{}_norm", if link == DENOISER { "mlp" } else { "attn" });
        let parts = if link == DENOISER { ["embed", "time"] } else { ["embed", "position"] };
        let cells =
            |batch: &Batch, path: &str| captured(&subject.family, &subject.weights, &Edits::none(1), batch, &[path]).remove(path);
        let stream = |batch: &Batch| {
            let [one, other] = parts.map(|path| cells(batch, path).expect("it is reached"));
            one + other
        };
        let channels = subject.site(&norm).channels;
        let scale = |row: &[f32]| {
            let mean = if centred { row.iter().map(|x| f64::from(*x)).sum::<f64>() / channels as f64 } else { 0.0 };
            let square = row.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / channels as f64;
            (mean, (square + 1e-5).sqrt())
        };
        let positions = subject.family.positions();
        let reference = host(&stream(&subject.family.reference(1, &device())));
        let mean_over = |of: &dyn Fn(usize) -> bool| {
            let rows = reference.chunks_exact(channels).enumerate().filter(|(row, _)| of(row % positions));
            let scales: Vec<f64> = rows.map(|(_, row)| scale(row).1).collect();
            scales.iter().sum::<f64>() / scales.len() as f64
        };
        let (first, others) = (mean_over(&|position| position == 0), mean_over(&|position| position > 0));
        let weight =
            |name: &str| subject.weights.iter().find(|(path, _)| *path == format!("{norm}.{name}")).map(|(_, one)| host(one));
        let (gain, bias) = (weight("gain").expect("a norm has a gain"), weight("bias"));
        assert_eq!(bias.is_some(), centred);
        let x = stream(&subject.batch);
        let frozen = |share: f64| {
            let edits = subject.made(Ablation::new(&norm, "frozen_scale").with("share", share));
            let output = captured(&subject.family, &subject.weights, &Edits::none(1), &subject.batch, &[&norm]).remove(&norm);
            host(&edits.resolve(&subject.family.sites(), &device()).apply(&norm, output.expect("it is reached"), &x))
        };
        let by_hand: Vec<f32> = host(&x)
            .chunks_exact(channels)
            .enumerate()
            .flat_map(|(row, values)| {
                let (mean, mean_scale) = (scale(values).0, if row % positions == 0 { first } else { others });
                let bias = |channel: usize| bias.as_ref().map_or(0.0, |bias| bias[channel]);
                let cell =
                    |(channel, x): (usize, &f32)| ((f64::from(*x) - mean) / mean_scale) as f32 * gain[channel] + bias(channel);
                values.iter().enumerate().map(cell).collect::<Vec<_>>()
            })
            .collect();
        assert!(distance(&frozen(1.0), &by_hand) < 1e-5, "{link}");
        let plain = subject.seen(&Edits::none(1), &norm);
        assert!(distance(&plain, &by_hand) > 1e-2, "the scale of the input is gone");
        let half: Vec<f32> = plain.iter().zip(&by_hand).map(|(plain, frozen)| 0.5 * (plain + frozen)).collect();
        assert!(distance(&frozen(0.5), &half) < 1e-5, "{link}");
    }
}

#[test]
fn the_first_position_has_a_scale_of_its_own() {
    let scale = Activations { values: vec![8.0, 1.0, 2.0, 10.0, 3.0, 4.0], positions: 3, channels: 1 };
    let norm = NormReference { scale, gain: vec![1.0], bias: None, centred: false };
    assert_eq!(norm.mean_scales(), [9.0, 2.5, 2.5]);
}

#[test]
fn even_attention_is_attention_without_queries() {
    for link in ATTENTIVE {
        let subject = Subject::new(link);
        for block in 0..2 {
            let attn = format!("blocks.{block}.attn");
            let silent = ["weight", "bias"].map(|name| format!("{attn}.query.{name}"));
            let weights = subject
                .weights
                .map(|path, one| if silent.iter().any(|gone| gone == path) { one.zeros_like() } else { one.clone() });
            let even = subject.made(Ablation::new(&attn, "uniform_attention"));
            let apart = distance(&subject.output(&even), &subject.with(weights));
            assert!(apart < 1e-5, "{link} block {block}: {apart}");
            let mut by_head = Edits::none(1);
            for head in subject.heads(block) {
                by_head.set(0, &head, even.at(&attn).expect("it is edited")[0].clone());
            }
            assert_eq!(subject.output(&by_head), subject.output(&even), "all heads are the attention");
            assert!(distance(&subject.output(&even), &subject.output(&Edits::none(1))) > 1e-3, "{link} block {block}");
        }
    }
}

#[test]
fn a_source_that_is_not_read_is_zero_and_the_others_are_as_before_or_scaled() {
    for link in ATTENTIVE {
        let subject = Subject::new(link);
        let heads = subject.heads(0).len();
        let positions = subject.family.positions();
        let before = subject.seen(&Edits::none(1), "blocks.0.attn.pattern");
        for back in [-1_i32, 0, 1, 2] {
            for operator in ["pattern_zero", "pattern_renormalised"] {
                let edits = subject.made(Ablation::new("blocks.0.attn.heads.1", operator).with("back", f64::from(back)));
                let after = subject.seen(&edits, "blocks.0.attn.pattern");
                for (index, (row, given)) in after.chunks_exact(positions).zip(before.chunks_exact(positions)).enumerate() {
                    let (head, position) = (index / positions % heads, index % positions);
                    let gone = |source: usize| if back < 0 { source == 0 } else { source + back as usize == position };
                    let left: f32 = (0..positions).filter(|source| !gone(*source)).map(|source| given[source]).sum();
                    let factor = if operator == "pattern_zero" || left == 0.0 { 1.0 } else { 1.0 / left };
                    let expected: Vec<f32> = (0..positions)
                        .map(|source| match head {
                            1 if gone(source) => 0.0,
                            1 => given[source] * factor,
                            _ => given[source],
                        })
                        .collect();
                    assert!(distance(row, &expected) < 1e-6, "{link} {operator} back {back}, head {head}, position {position}");
                }
                // And the other heads move what they moved, to the bit.
                for head in subject.heads(0) {
                    let same = subject.seen(&edits, &head) == subject.seen(&Edits::none(1), &head);
                    assert_eq!(same, head != "blocks.0.attn.heads.1", "{link} {operator} back {back}: {head}");
                }
            }
        }
    }
}

#[test]
fn a_pattern_that_nobody_changes_keeps_its_bits_beside_one_that_is_changed() {
    for link in ATTENTIVE {
        let subject = Subject::new(link);
        let mut edits = Edits::none(3);
        let even = subject.made(Ablation::new("blocks.0.attn", "uniform_attention")).at("blocks.0.attn").expect("it is edited")
            [0]
        .clone();
        edits.set(0, "blocks.0.attn", even.clone());
        edits.set(2, "blocks.1.attn.heads.0", even);
        let (weights, examples) = (subject.weights.repeat(0, 3), batch(&subject.family, &[8; 3], 5));
        let together = output(&subject.family, &weights, &edits, &examples);
        for replica in 0..3 {
            let alone = output(&subject.family, &subject.weights, &edits.of_replica(replica), &subject.batch);
            assert_eq!(bits(&together.clone().narrow(0, replica, 1)), bits(&alone), "{link} {replica}");
        }
        assert_eq!(host(&together.narrow(0, 1, 1)), subject.output(&Edits::none(1)));
    }
}

#[test]
fn ablating_the_heads_that_share_a_value_is_ablating_the_value() {
    for (link, key_heads) in [(GROUPED, 2), (SANDWICH, 1)] {
        let subject = Subject::new(link);
        let heads = subject.heads(0);
        let (group, width) = (heads.len() / key_heads, subject.site(&heads[0]).channels);
        for value in 0..key_heads {
            let without = subject.edited(&heads[value * group..(value + 1) * group], &Edit::ZERO);
            let mut weights = subject.weights.clone();
            for path in ["blocks.0.attn.value.weight", "blocks.0.attn.value.bias"] {
                weights = replaced(&weights, path, |tensor| {
                    let [replicas, rows, columns] = tensor.dims();
                    let mut values = host(tensor);
                    let gone = |index: usize| index % columns / width == value;
                    values.iter_mut().enumerate().filter(|(index, _)| gone(*index)).for_each(|(_, number)| *number = 0.0);
                    ablation_models::upload(values, [replicas, rows, columns], &device())
                });
            }
            assert!(distance(&subject.output(&without), &subject.with(weights)) < 1e-6, "{link} value head {value}");
            // One head of the group alone is another ablation.
            let one = subject.edited(&heads[value * group..][..1], &Edit::ZERO);
            assert!(distance(&subject.output(&one), &subject.output(&without)) > 1e-3, "{link} value head {value}");
        }
    }
}

/// All heads at zero leave the bias of the output projection, the attention at zero takes it along, and only the second equals deletion.
#[test]
fn heads_leave_the_bias_of_their_projection_and_the_attention_takes_it_along() {
    let subject = Subject::new(GROUPED);
    let heads = subject.edited(&subject.heads(1), &Edit::ZERO);
    let attention = subject.edited(&["blocks.1.attn".to_string()], &Edit::ZERO);
    let apart = |one: &[f32], other: &[f32]| distance(one, other);
    let without_bias = replaced(&subject.weights, "blocks.1.attn.output.bias", |tensor| tensor.zeros_like());
    let deleted = subject.output(&attention);
    assert!(apart(&subject.output(&heads), &deleted) > 1e-3, "the bias is left");
    let unbiased = Subject { family: subject.family.clone(), weights: without_bias, batch: subject.batch.clone() };
    assert!(apart(&unbiased.output(&heads), &deleted) < 1e-6, "and nothing else is");
    // The attention, each head, the MLP: without a norm behind them the block is what its branches add.
    let block = subject.edited(&["blocks.1.attn".to_string(), "blocks.1.mlp".to_string()], &Edit::ZERO);
    let mut skipped = Edits::none(1);
    targets(&subject.family.sites(), "blocks.1").into_iter().for_each(|site| skipped.set(0, &site.path, Edit::removal(site)));
    assert_eq!(subject.output(&block), subject.output(&skipped));
}

#[test]
fn an_embedding_that_is_ablated_leaves_the_unembedding_that_it_is_tied_to() {
    let tied = Subject::new(GROUPED);
    let free = family(&GROUPED.replace("&model.embeddings=tied", ""));
    let weights = Weights::fill(&free.parameters(), 1, &device(), |parameter, _| host(tied.weights.get(&parameter.path)));
    let free = Subject { family: free, weights, batch: tied.batch.clone() };
    for operator in ["zero", "mean", "resample", "subspace"] {
        let [one, other] = [&tied, &free].map(|subject| subject.output(&subject.made(Ablation::new("embed", operator))));
        assert!(distance(&one, &other) < 1e-6, "{operator}");
    }
    // Zeroing the table instead takes the answers along: every logit is the same.
    let wiped = tied.with(replaced(&tied.weights, "embed.weight", |table| table.zeros_like()));
    assert!(wiped.iter().all(|&logit| logit == 0.0));
    assert!(tied.output(&tied.made(Ablation::new("embed", "zero"))).iter().any(|&logit| logit != 0.0));
}

/// Ablating a direction in everything that writes into the stream is the same as taking it out of every matrix and bias that writes.
#[test]
fn a_direction_ablated_at_every_writer_is_a_change_of_the_weights() {
    let link =
        "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.layers=2&train.batch=5&model.biases=all";
    let subject = Subject::new(link);
    let direction: Vec<f32> = (0..12).map(|channel| 0.3 + 0.7 * (1.7 * channel as f32).sin()).collect();
    let writers = ["embed", "position", "blocks.0.attn", "blocks.0.mlp", "blocks.1.attn", "blocks.1.mlp"].map(str::to_string);
    let edit = Edit { directions: vec![Direction::new(&direction, 1.0)], ..Edit::NONE };
    let unit = Direction::new(&direction, 1.0).unit().to_vec();
    // Rows of a matrix that writes are in the residual stream's basis, whichever of its sides is as long.
    let writes = |path: &str| {
        ["embed.weight", "position.weight"].contains(&path)
            || ["attn.output.weight", "attn.output.bias", "mlp.down.weight", "mlp.down.bias"]
                .iter()
                .any(|end| path.ends_with(end))
    };
    let projected = subject.weights.map(|path, tensor| {
        if !writes(path) {
            return tensor.clone();
        }
        let project = |row: &[f32]| -> Vec<f32> {
            let along: f32 = row.iter().zip(&unit).map(|(one, other)| one * other).sum();
            row.iter().zip(&unit).map(|(value, unit)| value - along * unit).collect()
        };
        ablation_models::upload(host(tensor).chunks_exact(12).flat_map(project).collect(), tensor.dims(), &device())
    });
    let everywhere = subject.output(&subject.edited(&writers, &edit));
    assert!(distance(&everywhere, &subject.with(projected.clone())) < 1e-5);
    // With one writer left out no weights do the same: the direction comes back through it.
    let but_one = subject.output(&subject.edited(&writers[..5], &edit));
    assert!(distance(&but_one, &subject.with(projected)) > 1e-3);
}

#[test]
fn nothing_upstream_of_an_ablation_changes_whichever_operator_it_is() {
    for link in EVERY {
        let subject = Subject::new(link);
        let sites = subject.family.sites();
        let first = sites.iter().find(|site| site.path.starts_with("blocks.1.")).expect("there are two blocks");
        let before: Vec<&str> = sites
            .iter()
            .take_while(|site| site.path != first.path)
            .filter(|site| !site.is_group())
            .map(|site| &*site.path)
            .collect();
        let unablated = captured(&subject.family, &subject.weights, &Edits::none(1), &subject.batch, &before);
        for site in sites.iter().filter(|site| site.path.starts_with("blocks.1.") && site.placement != Placement::Group) {
            for option in site.ablations.iter().filter(|option| option.grade.allowed() && option.operator != "optimal") {
                let edits = subject.made(Ablation::new(&site.path, &option.operator));
                let seen = captured(&subject.family, &subject.weights, &edits, &subject.batch, &before);
                for (path, tensor) in &unablated {
                    assert_eq!(bits(&seen[path]), bits(tensor), "{link}: `{path}` after {} of `{}`", option.operator, site.path);
                }
            }
        }
    }
}

/// A number with which a component stays as it is leaves every bit, or what rounding leaves of it.
#[test]
fn an_operator_at_the_value_that_leaves_everything_leaves_everything() {
    for link in EVERY {
        let subject = Subject::new(link);
        let plain = subject.output(&Edits::none(1));
        let mut tried = 0;
        for site in subject.family.sites() {
            for option in site.ablations.iter().filter(|option| option.grade.allowed()) {
                for parameter in &option.parameters {
                    let Some(intact) = parameter.intact else { continue };
                    let edits = subject.made(Ablation::new(&site.path, &option.operator).with(&parameter.name, intact));
                    let after = subject.output(&edits);
                    if ["scale", "noise", "patch", "subspace"].contains(&option.operator.as_str()) {
                        assert_eq!(after, plain, "{link}: {} of `{}`", option.operator, site.path);
                    } else {
                        assert!(distance(&after, &plain) < 1e-5, "{link}: {} of `{}`", option.operator, site.path);
                    }
                    tried += 1;
                }
            }
        }
        assert!(tried > 8, "{link}: {tried}");
    }
}

#[test]
fn on_grouped_and_sandwiched_models_skipping_is_deleting_and_nothing_is_left_to_restore() {
    for link in [GROUPED, SANDWICH] {
        let subject = Subject::new(link);
        let before = subject.output(&Edits::none(1));
        for gone in [0, 1] {
            let smaller = family(&link.replace("layers=2", "layers=1"));
            let kept = format!("blocks.{}.", 1 - gone);
            let weights = Weights::fill(&smaller.parameters(), 1, &device(), |parameter, _| {
                host(subject.weights.get(&parameter.path.replace("blocks.0.", &kept)))
            });
            let skipped = subject.output(&subject.made(Ablation::new(&format!("blocks.{gone}"), "skip")));
            assert_eq!(
                skipped,
                host(&output(&smaller, &weights, &Edits::none(1), &subject.batch)),
                "{link} without block {gone}"
            );
            assert_eq!(subject.output(&Edits::none(1)), before);
        }
    }
}

#[test]
fn a_fleet_of_every_operator_measures_what_each_measures_alone() {
    let family = family(TRANSFORMER);
    let subject = Subject { weights: random_weights(&family, &[3]), batch: batch(&family, &[8], 5), family };
    let ways = [
        ("blocks.0.attn.heads.1", "resample", Some(("draws", 2.0))),
        ("blocks.0.attn.heads.0", "optimal", Some(("steps", 1.0))),
        ("blocks.0.attn_norm", "frozen_scale", None),
        ("blocks.0.attn.heads.2", "uniform_attention", None),
        ("blocks.1.attn", "pattern_zero", None),
        ("norm", "skip", None),
    ];
    let mut edits = Edits::none(ways.len());
    let mut alone = Vec::new();
    for (replica, (path, operator, parameter)) in ways.into_iter().enumerate() {
        let ablation = Ablation::new(path, operator);
        let one = subject.made(parameter.map_or(ablation.clone(), |(name, value)| ablation.with(name, value)));
        edits.set(replica, path, one.at(path).expect("it is edited")[0].clone());
        alone.extend(subject.losses(&one));
    }
    assert_eq!(subject.losses(&edits), alone);
}
