//! What an ablation must and must not do, whatever the weights are.
//!
//! The ways in which ablation tools went wrong are each a line here: hooks that leak, heads ablated after the projection, layers that are
//! zeroed instead of skipped, components that no ablation reaches.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::common::*;
use ablation_data::{Mixture, Split};
use ablation_models::{
    Activations, Batch, Bench, Constant, Content, Depth, Direction, Draw, Edit, Edits, EvaluationSet, Model, ModelError,
    OPERATORS, Operator, Pass, Resolve, Tensor, Weights, targets, upload,
};
use ablation_protocol::{Ablation, Grade, Placement, Site};

/// A model with weights of no special shape, and examples for it.
struct Subject {
    family: Rc<Model>,
    weights: Weights,
    batch: Batch,
}

/// Examples of a batch.
const EXAMPLES: usize = 5;

impl Subject {
    fn new(link: &str) -> Self {
        let family = family(link);
        Subject { weights: random_weights(&family, &[3]), batch: batch(&family, &[8], EXAMPLES), family }
    }

    fn both() -> [Self; 2] {
        FAMILIES.map(Subject::new)
    }

    fn all() -> [Self; 9] {
        SHAPES.map(Subject::new)
    }

    fn output(&self, edits: &Edits) -> Tensor<3> {
        output(&self.family, &self.weights, edits, &self.batch)
    }

    fn captured(&self, edits: &Edits, paths: &[&str]) -> BTreeMap<String, Tensor<3>> {
        captured(&self.family, &self.weights, edits, &self.batch, paths)
    }

    /// Outputs of a site over this subject's examples.
    fn activations(&self, edits: &Edits, path: &str) -> Activations {
        let seen = self.captured(edits, &[path]).remove(path).unwrap_or_else(|| panic!("`{path}` is not reached"));
        let [_, rows, channels] = seen.dims();
        Activations { values: host(&seen), positions: rows / EXAMPLES, channels }
    }

    /// The edits that ablate a site, with means over this subject's examples.
    fn ablated(&self, path: &str, way: Way) -> Edits {
        let operator = Operator::find(way.0).unwrap_or_else(|| panic!("no operator {}", way.0));
        if matches!(operator.resolve, Resolve::Norm(_) | Resolve::Tokens(_) | Resolve::Fitted { .. }) {
            let ablation = way.1.iter().fold(Ablation::new(path, way.0), |ablation, (name, value)| ablation.with(name, *value));
            return made(&self.family, &self.weights, &[ablation]);
        }
        let mut edits = Edits::none(1);
        for site in targets(&self.family.sites(), path) {
            edits.set(0, &site.path, ablate(site, way, Some(&self.activations(&Edits::none(1), &site.path))));
        }
        edits
    }

    /// Sites at which an operator is offered.
    fn sites(&self, (operator, _): Way) -> Vec<Site> {
        self.family.sites().into_iter().filter(|site| site.grade(operator).allowed()).collect()
    }
}

const MEAN: Way = ("mean", &[]);
const POSITION_MEAN: Way = ("position_mean", &[]);
const ZERO: Way = ("zero", &[]);
const SKIP: Way = ("skip", &[]);

/// Every operator, with numbers that are not special.
const WAYS: [Way; 14] = [
    MEAN,
    POSITION_MEAN,
    ZERO,
    SKIP,
    ("scale", &[("factor", -0.7)]),
    ("noise", &[("sigma", 0.6)]),
    ("resample", &[("draws", 3.0)]),
    ("patch", &[("share", 0.6)]),
    ("subspace", &[("first", 3.0), ("channels", 5.0)]),
    ("optimal", &[("steps", 2.0)]),
    ("frozen_scale", &[("share", 0.8)]),
    ("uniform_attention", &[("share", 0.9)]),
    ("pattern_zero", &[("back", 1.0)]),
    ("pattern_renormalised", &[("back", -1.0)]),
];

#[test]
fn every_operator_is_among_those_that_are_tried() {
    let tried: BTreeSet<&str> = WAYS.iter().map(|(operator, _)| *operator).collect();
    assert_eq!(tried, OPERATORS.iter().map(|operator| operator.name).collect());
}

#[test]
fn after_an_ablation_there_is_nothing_to_restore() {
    for subject in Subject::all() {
        let (before, weights) = (bits(&subject.output(&Edits::none(1))), replica(&subject.weights, 0));
        for way in WAYS {
            for site in subject.sites(way) {
                let ablated = bits(&subject.output(&subject.ablated(&site.path, way)));
                assert_ne!(ablated, before, "{way:?} of `{}` did nothing", site.path);
                assert_eq!(bits(&subject.output(&Edits::none(1))), before, "after {way:?} of `{}`", site.path);
            }
        }
        assert_eq!(replica(&subject.weights, 0), weights);
    }
}

#[test]
fn scaling_by_zero_is_zero_and_for_a_block_skipping() {
    for subject in Subject::all() {
        const TO_ZERO: Way = ("scale", &[("factor", 0.0)]);
        for site in subject.sites(TO_ZERO) {
            let nothing = if site.placement == Placement::Group { SKIP } else { ZERO };
            assert!(site.grade(nothing.0).allowed(), "a factor leads to the refused {nothing:?} of `{}`", site.path);
            let scaled = subject.output(&subject.ablated(&site.path, TO_ZERO));
            assert_eq!(bits(&scaled), bits(&subject.output(&subject.ablated(&site.path, nothing))), "{}", site.path);
        }
    }
}

#[test]
fn a_dose_of_the_last_branch_moves_the_output_in_a_straight_line() {
    // Without a last norm nothing bends between that branch and the output.
    for link in FAMILIES {
        let subject = Subject::new(&format!("{link}&model.norm=none"));
        let at = |way| host(&subject.output(&subject.ablated("blocks.1.mlp", way)));
        let [zero, quarter, one] =
            [("scale", &[("factor", 0.0)] as &[_]), ("scale", &[("factor", 0.25)]), ("scale", &[("factor", 1.0)])].map(at);
        let line: Vec<f32> = zero.iter().zip(one).map(|(zero, one)| zero + 0.25 * (one - zero)).collect();
        assert!(distance(&quarter, &line) < 1e-5);
    }
}

#[test]
fn noise_is_as_strong_as_it_says_and_the_same_whenever_it_is_asked_for() {
    let family = family(TRANSFORMER);
    let site = site(&family, "blocks.0.mlp");
    // Each channel has a mean and a spread of its own.
    let spreads: Vec<f32> = (0..site.channels).map(|channel| 0.5 * channel as f32).collect();
    let row = |row: usize| spreads.iter().map(move |spread| 3.0 + spread * if row.is_multiple_of(2) { 1.0 } else { -1.0 });
    let values: Vec<f32> = (0..4_000).flat_map(row).collect();
    let reference = Activations { values, positions: site.positions, channels: site.channels };
    let noise = |sigma: f64| {
        let edit = edit_of(&site, &Ablation::new("blocks.0.mlp", "noise").with("sigma", sigma), Some(&reference));
        assert_eq!((edit.keep, edit.pass), (1.0, 0.0), "the output is kept");
        edit.constant.expect("noise is added").values
    };
    let drawn = noise(0.6);
    assert_eq!(drawn.len(), 4_000 * site.channels, "every row has noise of its own");
    for (channel, spread) in spreads.iter().enumerate() {
        let column: Vec<f64> = drawn.iter().skip(channel).step_by(site.channels).map(|&value| f64::from(value)).collect();
        let mean = column.iter().sum::<f64>() / 4_000.0;
        let deviation = (column.iter().map(|value| value * value).sum::<f64>() / 4_000.0).sqrt();
        let expected = 0.6 * f64::from(*spread);
        // Five standard errors.
        assert!(
            mean.abs() <= 0.08 * expected && (deviation - expected).abs() <= 0.056 * expected,
            "{channel}: {mean} {deviation}"
        );
    }
    assert_eq!(noise(0.6), drawn);
    assert!(
        distance(&noise(1.2), &drawn.iter().map(|value| 2.0 * value).collect::<Vec<_>>()) < 1e-6,
        "one draw, twice as strong"
    );
    assert!(noise(0.0).iter().all(|&value| value == 0.0), "a dose of nothing");
}

/// The same model without block `gone`, built from the others' weights.
fn deleted(subject: &Subject, link: &str, gone: usize) -> (Rc<Model>, Weights) {
    let family = family(&link.replace("layers=2", "layers=1"));
    let kept = format!("blocks.{}.", 1 - gone);
    let weights = Weights::draw(&family.parameters(), &[0], &device());
    let weights = weights.map(|path, _| subject.weights.get(&path.replace("blocks.0.", &kept)).clone());
    (family, weights)
}

#[test]
fn skipping_a_block_is_deleting_it() {
    for (subject, link) in Subject::all().iter().zip(SHAPES) {
        for gone in [0, 1] {
            let (family, weights) = deleted(subject, link, gone);
            let deleted = output(&family, &weights, &Edits::none(1), &subject.batch);
            let skipped = subject.output(&subject.ablated(&format!("blocks.{gone}"), SKIP));
            assert_eq!(bits(&skipped), bits(&deleted), "{link} without block {gone}");
        }
    }
}

#[test]
fn skipping_every_norm_is_the_model_that_has_none() {
    for (subject, link) in Subject::all().iter().zip(SHAPES) {
        let family = family(&format!("{}&model.norm=none", link.replace("&model.norm=post", "")));
        let weights = Weights::draw(&family.parameters(), &[0], &device());
        let weights = weights.map(|path, _| subject.weights.get(path).clone());
        let mut edits = Edits::none(1);
        for site in subject.family.sites().iter().filter(|site| site.kind == "norm") {
            edits.set(0, &site.path, ablate(site, SKIP, None));
        }
        assert_eq!(bits(&subject.output(&edits)), bits(&output(&family, &weights, &Edits::none(1), &subject.batch)), "{link}");
    }
}

#[test]
fn without_its_bend_an_mlp_is_the_product_of_its_matrices() {
    for subject in Subject::both() {
        let edits = subject.ablated("blocks.0.mlp.act", SKIP);
        let seen = subject.captured(&edits, &["blocks.0.mlp_norm", "blocks.0.mlp"]);
        let weight = |name: &str| subject.weights.get(&format!("blocks.0.mlp.{name}")).clone();
        let hidden = matmul(&seen["blocks.0.mlp_norm"], &weight("up.weight")) + weight("up.bias");
        let product = matmul(&hidden, &weight("down.weight")) + weight("down.bias");
        assert!(distance(&host(&seen["blocks.0.mlp"]), &host(&product)) < 1e-5);
    }
}

#[test]
fn an_attention_without_heads_is_no_attention() {
    let subject = Subject::new(TRANSFORMER);
    for block in 0..2 {
        let mut edits = Edits::none(1);
        for head in 0..3 {
            edits.set(0, &format!("blocks.{block}.attn.heads.{head}"), Edit::ZERO);
        }
        let none = subject.ablated(&format!("blocks.{block}.attn"), ZERO);
        assert_eq!(host(&subject.output(&edits)), host(&subject.output(&none)), "block {block}");
    }
}

#[test]
fn ablating_a_head_takes_its_own_share_of_the_output_and_leaves_the_other_heads() {
    let subject = Subject::new(TRANSFORMER);
    let heads: Vec<String> = (0..3).map(|head| format!("blocks.0.attn.heads.{head}")).collect();
    let paths: Vec<&str> = heads.iter().map(String::as_str).chain(["blocks.0.attn"]).collect();
    let unablated = subject.captured(&Edits::none(1), &paths);
    for (head, path) in heads.iter().enumerate() {
        let ablated = subject.captured(&subject.ablated(path, ZERO), &paths);
        for other in &heads {
            assert_eq!(bits(&ablated[other]), bits(&unablated[other]), "z of `{other}` when `{path}` is ablated");
        }
        // The output loses z_h times the rows of the output projection that belong to the head, and nothing else.
        let rows = subject.weights.get("blocks.0.attn.output.weight").clone().narrow(1, head * 4, 4);
        let share = matmul(&unablated[path], &rows);
        let lost = unablated["blocks.0.attn"].clone() - ablated["blocks.0.attn"].clone();
        assert!(distance(&host(&lost), &host(&share)) < 1e-5, "{path}");
    }
}

#[test]
fn the_heads_side_by_side_are_what_the_output_projection_reads() {
    let subject = Subject::new(TRANSFORMER);
    let seen = subject
        .captured(&Edits::none(1), &["blocks.1.attn.heads.0", "blocks.1.attn.heads.1", "blocks.1.attn.heads.2", "blocks.1.attn"]);
    let z = Tensor::cat((0..3).map(|head| seen[&format!("blocks.1.attn.heads.{head}")].clone()).collect(), 2);
    let projected = matmul(&z, subject.weights.get("blocks.1.attn.output.weight"));
    assert!(distance(&host(&seen["blocks.1.attn"]), &host(&projected)) < 1e-6);
}

#[test]
fn the_mean_of_what_never_changes_changes_nothing() {
    // Positions say the same for every example, so their mean at each position is what they say.
    let subject = Subject::new(TRANSFORMER);
    let plain = host(&subject.output(&Edits::none(1)));
    let by_position = subject.ablated("position", POSITION_MEAN);
    assert!(distance(&host(&subject.output(&by_position)), &plain) < 1e-6);
    assert!(distance(&host(&subject.output(&subject.ablated("position", MEAN))), &plain) > 1e-3, "the plain mean does");

    // A denoiser that is told the same step in every example.
    let mut subject = Subject::new(DENOISER);
    let first = subject.batch.time.take().expect("a denoiser is told the step").narrow(1, 0, 1);
    subject.batch.time = Some(first.repeat_dim(1, 5));
    let plain = host(&subject.output(&Edits::none(1)));
    assert!(distance(&host(&subject.output(&subject.ablated("time", MEAN))), &plain) < 1e-6);
}

#[test]
fn a_mean_taken_of_the_ablated_model_is_the_same_mean() {
    for subject in Subject::all() {
        for way in [MEAN, POSITION_MEAN] {
            for site in subject.sites(way) {
                let edits = subject.ablated(&site.path, way);
                let again = ablate(&site, way, Some(&subject.activations(&edits, &site.path)));
                assert_eq!(edits.at(&site.path), Some(&[again][..]), "{}", site.path);
            }
        }
    }
}

#[test]
fn a_mean_is_the_mean_over_examples_and_positions() {
    let subject = Subject::new(TRANSFORMER);
    let (width, path) = (12, "blocks.0.attn");
    let outputs = subject.activations(&Edits::none(1), path);
    let at =
        |example: usize, position: usize, column: usize| f64::from(outputs.values[(example * 7 + position) * width + column]);
    let mean = |positions: std::ops::Range<usize>, column| {
        let count = (5 * positions.len()) as f64;
        let sum: f64 = positions.map(|position| (0..5).map(|example| at(example, position, column)).sum::<f64>()).sum();
        (sum / count) as f32
    };
    let Constant { values, .. } = outputs.mean();
    assert!(distance(&values, &(0..width).map(|column| mean(0..7, column)).collect::<Vec<_>>()) < 1e-7);
    let Constant { values, .. } = outputs.mean_by_position();
    let expected: Vec<f32> =
        (0..7).flat_map(|t| (0..width).map(move |column| (t, column))).map(|(t, c)| mean(t..t + 1, c)).collect();
    assert!(distance(&values, &expected) < 1e-7);
}

#[test]
fn a_model_whose_input_is_its_mean_says_the_same_of_every_example() {
    for subject in Subject::all() {
        let rows = rows(&subject.batch) / 5;
        let mut subject = subject;
        if let Some(time) = subject.batch.time.take() {
            subject.batch.time = Some(time.narrow(1, 0, 1).repeat_dim(1, 5));
        }
        let way = if rows > 1 { POSITION_MEAN } else { MEAN };
        let outputs = subject.output(&subject.ablated("embed", way));
        let example = |index| host(&outputs.clone().narrow(1, index * rows, rows));
        for other in 1..5 {
            assert!(distance(&example(other), &example(0)) < 1e-6, "example {other}");
        }
        assert!(distance(&host(&subject.output(&Edits::none(1)).narrow(1, 0, rows)), &example(0)) > 1e-3);
    }
}

#[test]
fn means_of_different_kinds_stand_side_by_side_in_a_fleet() {
    let subject = Subject::new(TRANSFORMER);
    let copies = subject.weights.repeat(0, 4);
    let examples = batch(&subject.family, &[8; 4], 5);
    for site in subject.sites(POSITION_MEAN) {
        let ways = [MEAN, POSITION_MEAN, ZERO, ("scale", &[("factor", 0.3)])];
        let mut edits = Edits::none(4);
        for (index, way) in ways.into_iter().enumerate() {
            let reference = subject.activations(&Edits::none(1), &site.path);
            edits.set(index, &site.path, ablate(&site, way, Some(&reference)));
        }
        let together = output(&subject.family, &copies, &edits, &examples);
        for (index, way) in ways.into_iter().enumerate() {
            let alone = host(&subject.output(&subject.ablated(&site.path, way)));
            let apart = distance(&host(&together.clone().narrow(0, index, 1)), &alone);
            assert!(apart < 1e-6, "{} {way:?}: {apart}", site.path);
        }
    }
}

#[test]
fn an_ablation_changes_nothing_upstream() {
    for subject in Subject::all() {
        let sites = subject.family.sites();
        let paths: Vec<&str> = sites.iter().filter(|site| !site.is_group()).map(|site| &*site.path).collect();
        let unablated = subject.captured(&Edits::none(1), &paths);
        for (index, site) in sites.iter().enumerate().filter(|(_, site)| !site.is_group()) {
            let mut edits = Edits::none(1);
            edits.set(0, &site.path, Edit { keep: -0.7, ..Edit::NONE });
            let ablated = subject.captured(&edits, &paths);
            let contains = |other: &Site| site.path.starts_with(&format!("{}.", other.path));
            for upstream in sites[..index].iter().filter(|other| !other.is_group() && !contains(other)) {
                let same = bits(&ablated[&upstream.path]) == bits(&unablated[&upstream.path]);
                assert!(same, "`{}` changed when `{}` was ablated", upstream.path, site.path);
            }
            assert_eq!(
                bits(&ablated[&site.path]),
                bits(&unablated[&site.path]),
                "a site is seen before its own ablation: `{}`",
                site.path
            );
        }
    }
}

#[test]
fn the_unembedding_is_not_ablated() {
    for link in FAMILIES {
        let unembed = site(&family(link), "unembed");
        assert!(!unembed.removal.allowed());
        let mut bench = Bench::new(link, &device()).expect("a bench");
        for ablation in ["mean", "zero", "scale"].map(|operator| Ablation::new("unembed", operator)) {
            let operator = &ablation.operator;
            let Grade::Refused { reason } = unembed.grade(operator) else { panic!("`{operator}` of the unembedding is offered") };
            let Err(ModelError::Refused { what, reason: refused }) = bench.choose(Some(ablation.clone())) else {
                panic!("not refused")
            };
            assert_eq!((what, refused), (format!("ablation `{operator}` of `unembed`"), reason));
        }
    }
}

#[test]
fn every_site_is_reached_and_has_the_shape_it_says() {
    for link in SHAPES.into_iter().chain(["v=1&p=modular-addition&train.batch=5", "v=1&p=eight-gaussians&train.batch=5"]) {
        let subject = Subject::new(link);
        let sites = subject.family.sites();
        let paths: Vec<&str> = sites.iter().map(|site| &*site.path).collect();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "a path is an address");
        let seen = subject.captured(&Edits::none(1), &paths);
        for site in &sites {
            assert!(site.parent.as_deref().is_none_or(|parent| paths.contains(&parent)), "{}", site.path);
            // A block is a name for its branches, and for the norms that its stream passes through.
            if site.is_group() {
                let inside = targets(&sites, &site.path);
                let norms = if link.contains("norm=post") { 1 } else { 0 };
                let count = |placement| inside.iter().filter(|inner| inner.placement == placement).count();
                assert!(
                    count(Placement::Branch) > 0 && count(Placement::Inline) == norms * count(Placement::Branch),
                    "{}",
                    site.path
                );
                assert_eq!(inside.len(), (1 + norms) * count(Placement::Branch));
                continue;
            }
            let shape = [site.positions, site.channels];
            let [replicas, rows, width] = seen.get(&site.path).unwrap_or_else(|| panic!("`{}` is not reached", site.path)).dims();
            assert_eq!((replicas, [rows / 5, width]), (1, shape), "{}", site.path);
        }
    }
}

#[test]
fn every_ablation_that_is_offered_has_an_effect_on_the_loss() {
    for subject in Subject::all() {
        let loss = |edits: &Edits| gradients(&subject.family, &subject.weights, edits, &subject.batch).0;
        let unablated = loss(&Edits::none(1));
        for way in WAYS {
            for site in subject.sites(way) {
                assert_ne!(loss(&subject.ablated(&site.path, way)), unablated, "{way:?} {}", site.path);
            }
        }
    }
}

#[test]
fn every_parameter_is_used_and_belongs_to_a_site() {
    for link in FAMILIES.map(|link| format!("{link}&model.norm=none")).into_iter().chain(SHAPES.map(str::to_string)) {
        let subject = Subject::new(&link);
        let (_, gradients) = gradients(&subject.family, &subject.weights, &Edits::none(1), &subject.batch);
        let sites = subject.family.sites();
        let parameters = subject.family.parameters();
        assert_eq!(parameters.iter().map(|p| &p.path).collect::<BTreeSet<_>>(), gradients.keys().collect(), "{link}");
        for parameter in parameters {
            assert!(host(&gradients[&parameter.path]).iter().any(|&value| value != 0.0), "`{}` has no gradient", parameter.path);
            assert_eq!(gradients[&parameter.path].dims(), [1, parameter.rows, parameter.columns]);
            let inside = |site: &&Site| parameter.path.starts_with(&format!("{}.", site.path));
            assert!(sites.iter().any(|site| inside(&site)), "`{}` is in no site", parameter.path);
        }
    }
}

#[test]
fn parameters_of_components_add_up_to_those_of_the_whole() {
    for link in SHAPES {
        let family = family(link);
        let (sites, parameters) = (family.sites(), family.parameters());
        let total: usize = parameters.iter().map(|parameter| parameter.count()).sum();
        let top: usize = sites.iter().filter(|site| site.parent.is_none()).map(|site| site.parameters).sum();
        assert_eq!(top, total, "{link}");
        for block in sites.iter().filter(|site| site.is_group()) {
            let inside = sites.iter().filter(|site| site.parent.as_ref() == Some(&block.path));
            assert_eq!(inside.map(|site| site.parameters).sum::<usize>(), block.parameters, "{}", block.path);
        }
    }
}

#[test]
fn a_batch_holds_the_examples_that_were_asked_for() {
    for link in FAMILIES {
        let family = family(link);
        let drawn = |split| {
            input_values(
                &family.batch(&Draw { seeds: &[1], mixture: &Mixture::default(), split, first: 0, count: 20 }, &device()),
            )
        };
        assert_ne!(drawn(Split::Train), drawn(Split::Test), "{link}");
        let later = family
            .batch(&Draw { seeds: &[1], mixture: &Mixture::default(), split: Split::Train, first: 10, count: 10 }, &device());
        let all = family
            .batch(&Draw { seeds: &[1], mixture: &Mixture::default(), split: Split::Train, first: 0, count: 20 }, &device());
        let all = input_values(&all);
        assert_eq!(input_values(&later), all[all.len() / 2..], "example i is example i in any batch");
    }
}

#[test]
fn the_attention_of_a_block_is_shown_at_that_block() {
    let subject = Subject::new(TRANSFORMER);
    let patterns = |edits: &Edits| -> Vec<Vec<f32>> {
        let edits = edits.resolve(&subject.family.sites(), &device());
        let pass = Pass::new(&subject.weights, &edits);
        let outputs = subject.family.evaluate(&pass, &[EvaluationSet::shared()], Depth::Samples, &device());
        outputs[1..].iter().map(host).collect()
    };
    let unablated = patterns(&Edits::none(1));
    let first = patterns(&subject.ablated("blocks.0.attn", ZERO));
    assert!(first[0].iter().all(|&weight| weight == 0.0), "a block that is left out attends to nothing");
    assert!(first[1].iter().any(|&weight| weight != 0.0));
    let second = patterns(&subject.ablated("blocks.1.attn", ZERO));
    assert_eq!((&second[0], second[1].iter().sum::<f32>()), (&unablated[0], 0.0));
}

#[test]
fn a_post_norm_leaves_every_position_with_the_mean_and_spread_that_its_gain_and_bias_say() {
    for link in POST_NORM {
        let subject = Subject::new(link);
        // What the output reads is what the last norm of the last block puts out: undo gain and bias, and it is normalised.
        let seen = subject.captured(&Edits::none(1), &["blocks.1.mlp_norm"]);
        let weight = |name: &str| subject.weights.get(&format!("blocks.1.mlp_norm.{name}")).clone();
        let plain = (seen["blocks.1.mlp_norm"].clone() - weight("bias")) / weight("gain");
        let width = plain.dims()[2];
        for row in host(&plain).chunks_exact(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let square = row.iter().map(|value| value * value).sum::<f32>() / width as f32;
            assert!(mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-2, "{mean} {square}");
        }
        assert!(subject.family.sites().iter().all(|site| site.path != "norm"), "there is no norm at the end");
    }
}

#[test]
fn a_norm_in_the_stream_that_is_left_out_lets_the_stream_through() {
    for (link, before) in POST_NORM.into_iter().zip(["blocks.1.attn_norm", "blocks.0.mlp_norm"]) {
        let subject = Subject::new(link);
        let edits = subject.ablated("blocks.1.mlp_norm", SKIP);
        let seen = subject.captured(&edits, &[before, "blocks.1.mlp", "unembed"]);
        // What is left for the output to read is what came before the last branch, and that branch.
        let stream = seen[before].clone() + seen["blocks.1.mlp"].clone();
        let mut expected = matmul(&stream, subject.weights.get("unembed.weight"));
        if subject.weights.iter().any(|(path, _)| path == "unembed.bias") {
            expected = expected + subject.weights.get("unembed.bias").clone();
        }
        assert!(distance(&host(&seen["unembed"]), &host(&expected)) < 1e-5, "{link}");
    }
}

#[test]
fn a_block_of_post_norms_has_no_dose() {
    for link in POST_NORM {
        let block = site(&family(link), "blocks.0");
        assert!(matches!(block.grade("skip"), Grade::Approximate { .. }) && block.removal.allowed());
        assert!(!block.grade("scale").allowed() && !block.grade("zero").allowed());
    }
}

#[test]
fn a_bidirectional_model_looks_ahead_at_everything() {
    let subject = Subject::new(BIDIRECTIONAL);
    let mut changed = tokens(&subject.batch);
    changed[6] = (changed[6] + 1) % 6;
    let input = Content::Tokens(integers(changed, 1, &device()));
    let outputs = subject.output(&Edits::none(1));
    let other = output(&subject.family, &subject.weights, &Edits::none(1), &Batch { input, ..subject.batch.clone() });
    for position in 0..7 {
        let at = |tensor: &Tensor<3>| bits(&tensor.clone().narrow(1, position, 1));
        assert_ne!(at(&outputs), at(&other), "position {position} does not see the last");
    }
    // And nothing of the other examples.
    assert_eq!(bits(&outputs.narrow(1, 7, 28)), bits(&other.narrow(1, 7, 28)));
}

#[test]
fn without_positions_a_bidirectional_model_has_one_answer_for_all_hidden_places() {
    // Two of nine are hidden; to a model that knows no order both are the same place.
    let link = BIDIRECTIONAL.replace("data.length=7", "data.length=9&model.position=none");
    let subject = Subject::new(&link);
    let (outputs, input) = (host(&subject.output(&Edits::none(1))), tokens(&subject.batch));
    for example in 0..5 {
        let rows = example * 9..(example + 1) * 9;
        let hidden: Vec<&[f32]> = rows.filter(|row| input[*row] == 5).map(|row| &outputs[row * 6..][..6]).collect();
        assert!(hidden.len() == 2 && distance(hidden[0], hidden[1]) < 1e-5, "{hidden:?}");
    }
}

#[test]
fn no_position_looks_ahead() {
    let subject = Subject::new(TRANSFORMER);
    let mut changed = tokens(&subject.batch);
    // The last letter of the first example becomes another.
    changed[6] = (changed[6] + 1) % 5;
    let input = Content::Tokens(integers(changed, 1, &device()));
    let outputs = subject.output(&Edits::none(1));
    let other = output(&subject.family, &subject.weights, &Edits::none(1), &Batch { input, ..subject.batch.clone() });
    assert_eq!(bits(&outputs.clone().narrow(1, 0, 6)), bits(&other.clone().narrow(1, 0, 6)));
    assert_ne!(bits(&outputs.narrow(1, 6, 1)), bits(&other.narrow(1, 6, 1)));
}

#[test]
fn attention_is_the_same_whether_or_not_anybody_looks() {
    // With a listener the pattern is computed out of primitives, without one in one fused operation.
    for (link, ahead) in [(TRANSFORMER, false), (BIDIRECTIONAL, true)] {
        let subject = Subject::new(link);
        let seen = subject.captured(&Edits::none(1), &["blocks.0.attn.pattern", "unembed"]);
        assert!(distance(&host(&seen["unembed"]), &host(&subject.output(&Edits::none(1)))) < 1e-5);
        for (row, weights) in host(&seen["blocks.0.attn.pattern"]).chunks_exact(7).enumerate() {
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!(weights[row % 7 + 1..].iter().all(|&weight| (weight > 0.0) == ahead), "{link} {row}");
        }
    }
}

#[test]
fn a_site_reads_what_it_says_it_reads_and_nothing_else() {
    for subject in Subject::all() {
        let sites = subject.family.sites();
        let find = |path: &str| sites.iter().find(|site| site.path == path).unwrap_or_else(|| panic!("no site `{path}`"));
        // What reaches a site: what it reads, and for a branch that is read also the stream that it adds to.
        let reaches = |site: &Site| {
            let mut reached = BTreeSet::new();
            let mut open = site.reads.clone();
            while let Some(path) = open.pop() {
                open.extend(
                    find(&path).reads.iter().cloned().chain(find(&path).adds_to.clone()).filter(|one| !reached.contains(one)),
                );
                reached.insert(path);
            }
            reached
        };
        let paths: Vec<&str> = sites.iter().filter(|site| !site.is_group()).map(|site| &*site.path).collect();
        let before = subject.captured(&Edits::none(1), &paths);
        for changed in sites.iter().filter(|site| !matches!(site.placement, Placement::Group | Placement::Slice)) {
            let mut edits = Edits::none(1);
            edits.set(0, &changed.path, Edit { keep: -0.7, ..Edit::NONE });
            let after = subject.captured(&edits, &paths);
            let inside = |site: &Site| site.path.starts_with(&format!("{}.", changed.path));
            let holds = |site: &Site| changed.path.starts_with(&format!("{}.", site.path));
            for site in sites.iter().filter(|site| !site.is_group() && site.path != changed.path && !inside(site) && !holds(site))
            {
                // What is inside a branch reaches whatever the branch reaches.
                let reached = reaches(site);
                let reached =
                    reached.contains(&changed.path) || changed.parent.as_ref().is_some_and(|parent| reached.contains(parent));
                let moved = bits(&after[&site.path]) != bits(&before[&site.path]);
                assert_eq!(moved, reached, "`{}` when `{}` is changed", site.path, changed.path);
            }
        }
        assert_eq!(
            sites.iter().filter(|site| site.adds_to.is_some()).count(),
            sites.iter().filter(|site| site.placement == Placement::Branch).count()
        );
    }
}

/// A direction of the width of a site, with no special symmetry.
fn direction(channels: usize) -> Vec<f32> {
    (0..channels).map(|channel| 0.3 + 0.7 * (1.7 * channel as f32).sin()).collect()
}

/// The component of each row along a unit vector.
fn along(rows: &[f32], unit: &[f32]) -> Vec<f32> {
    rows.chunks_exact(unit.len()).map(|row| row.iter().zip(unit).map(|(a, b)| a * b).sum()).collect()
}

/// `r^T A' = 0` after ablating the direction `r`, and what is orthogonal to it stays. A strength of 2 reflects.
#[test]
fn ablating_a_direction_removes_the_component_along_it() {
    for subject in Subject::all() {
        for path in ["blocks.1.mlp", "blocks.0.mlp.act", "embed"] {
            let channels = site(&subject.family, path).channels;
            let vector = direction(channels);
            let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            let unit: Vec<f32> = vector.iter().map(|value| value / norm).collect();
            let unablated = subject.activations(&Edits::none(1), path).values;
            let mut edits = Edits::none(1);
            let ablated = |edits: &mut Edits, strength| {
                edits.set(0, path, Edit { directions: vec![Direction::new(&vector, strength)], ..Edit::NONE });
                after(&subject, edits, path)
            };
            let removed = ablated(&mut edits, 1.0);
            assert!(along(&unablated, &unit).iter().any(|component| component.abs() > 0.1), "{path}");
            assert!(along(&removed, &unit).iter().all(|component| component.abs() < 1e-5), "{path}");
            let rebuilt: Vec<f32> = removed
                .chunks_exact(channels)
                .zip(along(&unablated, &unit))
                .flat_map(|(row, component)| row.iter().zip(&unit).map(move |(value, unit)| value + component * unit))
                .collect();
            assert!(distance(&rebuilt, &unablated) < 1e-5, "{path}");
            let reflected = along(&ablated(&mut edits, 2.0), &unit);
            let expected: Vec<f32> = along(&unablated, &unit).iter().map(|component| -component).collect();
            assert!(distance(&reflected, &expected) < 1e-5, "{path}");
        }
    }
}

/// The output of a site after its own edit; activations are captured before it.
fn after(subject: &Subject, edits: &Edits, path: &str) -> Vec<f32> {
    let sites = subject.family.sites();
    let before = subject.captured(&Edits::none(1), &[path]).remove(path).unwrap();
    let resolved = edits.resolve(&sites, &device());
    host(&resolved.apply(path, before.clone(), &before))
}

#[test]
fn a_direction_of_one_head_leaves_the_other_heads_their_bits() {
    let subject = Subject::new(TRANSFORMER);
    let mut edits = Edits::none(1);
    edits.set(0, "blocks.0.attn.heads.1", Edit { directions: vec![Direction::new(&direction(4), 1.0)], ..Edit::NONE });
    let heads = ["blocks.0.attn.heads.0", "blocks.0.attn.heads.1", "blocks.0.attn.heads.2"];
    let z = Tensor::cat(subject.captured(&Edits::none(1), &heads).into_values().collect(), 2);
    let edited = edits.resolve(&subject.family.sites(), &device()).apply("blocks.0.attn.heads", z.clone(), &z);
    for head in [0, 2] {
        let columns = |tensor: &Tensor<3>| bits(&tensor.clone().narrow(2, head * 4, 4));
        assert_eq!(columns(&edited), columns(&z), "head {head}");
    }
    let unit = Direction::new(&direction(4), 1.0).unit().to_vec();
    assert!(along(&host(&edited.narrow(2, 4, 4)), &unit).iter().all(|component| component.abs() < 1e-5));
}

/// Activations of other examples in the place of a site's own, row by row: patching, and resampling.
#[test]
fn patching_every_row_of_a_site_is_running_the_other_examples_from_there() {
    for subject in Subject::all() {
        // The last branch: after it nothing else of the other examples is needed but the stream beside it.
        let other =
            Subject { batch: batch(&subject.family, &[9], 5), family: subject.family.clone(), weights: subject.weights.clone() };
        let patch = |paths: &[&str]| {
            let mut edits = Edits::none(1);
            for path in paths {
                let Activations { values, channels, .. } = other.activations(&Edits::none(1), path);
                edits.set(0, path, Edit::constant(Constant { values, channels }));
            }
            edits
        };
        let sources: Vec<String> =
            subject.family.sites().into_iter().filter(|site| site.reads.is_empty()).map(|site| site.path).collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        assert_ne!(host(&subject.output(&Edits::none(1))), host(&other.output(&Edits::none(1))));
        // Whatever reads the data is replaced, so the model runs on the other examples.
        assert_eq!(bits(&subject.output(&patch(&sources))), bits(&other.output(&Edits::none(1))));
        // Replaced by its own activations a site is as it was.
        let Activations { values, channels, .. } = subject.activations(&Edits::none(1), "blocks.1.mlp");
        let mut own = Edits::none(1);
        own.set(0, "blocks.1.mlp", Edit::constant(Constant { values, channels }));
        assert_eq!(bits(&subject.output(&own)), bits(&subject.output(&Edits::none(1))));
    }
}

#[test]
fn rows_of_a_constant_begin_again_in_a_longer_batch_and_are_left_out_in_a_shorter_one() {
    let subject = Subject::new(DENOISER);
    for rows in [1, 2, 3, 5, 7] {
        let values: Vec<f32> = (0..rows * 9).map(|value| value as f32).collect();
        let row = |index: usize| &values[index % rows * 9..][..9];
        let expected: Vec<f32> = (0..5).flat_map(row).copied().collect();
        let mut edits = Edits::none(1);
        edits.set(0, "embed", Edit::constant(Constant { values: values.clone(), channels: 9 }));
        assert_eq!(after(&subject, &edits, "embed"), expected, "{rows} rows");
        edits.set(0, "embed", Edit { keep: 1.0, ..Edit::constant(Constant { values: values.clone(), channels: 9 }) });
        let own = subject.activations(&Edits::none(1), "embed").values;
        let sum: Vec<f32> = own.iter().zip(&expected).map(|(own, constant)| own + constant).collect();
        assert_eq!(after(&subject, &edits, "embed"), sum, "{rows} rows");
    }
}

/// Optimal ablation trains the constant: its gradient is that of the loss, and following it lowers the loss.
#[test]
fn a_constant_can_be_trained() {
    for subject in Subject::both() {
        let (sites, device) = (subject.family.sites(), device().autodiff());
        let lift = |tensor: &Tensor<3>| Tensor::from_inner(tensor.clone());
        let weights = subject.weights.map(|_, tensor| lift(tensor));
        let batch = with_gradients(&subject.batch);
        let mut resolved = subject.ablated("blocks.0.mlp", MEAN).resolve(&sites, &device);
        let channels = site(&subject.family, "blocks.0.mlp").channels;
        let start: Tensor<3> = Tensor::from_inner(upload(vec![0.1; channels], [1, 1, channels], &crate::common::device()));
        let mut loss_of = |constant: Tensor<3>| {
            resolved.set_constant("blocks.0.mlp", constant);
            subject.family.loss(&Pass::new(&weights, &resolved), &batch)
        };
        let constant = start.clone().require_grad();
        let loss = loss_of(constant.clone());
        let gradient: Tensor<3> = constant.grad(&loss.backward()).expect("the constant has a gradient");
        let square: f32 = host(&gradient).iter().map(|value| value * value).sum();
        let step = 1e-3_f32;
        let lower = loss_of(Tensor::from_inner(start.inner() - gradient * f64::from(step)));
        let [before, after] = [loss, lower].map(|loss| host(&loss.inner())[0]);
        assert!(((before - after) / (step * square) - 1.0).abs() < 0.05, "{before} {after} {}", step * square);
    }
}
