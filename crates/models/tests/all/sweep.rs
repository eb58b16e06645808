//! A sweep finds what each ablation finds alone, and exhibits do what they say is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::common::*;
use ablation_models::{
    Control, Depth, EXHIBITS, Edits, EvaluationSet, Hardware, Model, ShownExhibit, Sweep, Weights, ablation_edits, controls,
    measure,
};
use ablation_protocol::{Ablation, Site};
use pollster::block_on;

const CORE: Hardware = Hardware::Cpu { cores: 1 };

const GROUPED: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=4&model.key_heads=2&model.mlp=gated\
    &model.biases=all&model.embeddings=tied&model.layers=3&model.norm=sandwich&train.batch=5";

fn weighed(link: &str) -> (Rc<Model>, Weights) {
    let model = family(link);
    let weights = random_weights(&model, &[3]);
    (model, weights)
}

fn loss(model: &Model, weights: &Weights, edits: &Edits) -> Option<f64> {
    let measured = block_on(measure(model, weights, edits, &[EvaluationSet::shared()], Depth::Loss, &device()));
    measured.expect("the CPU answers")[0][0].value
}

fn alone(model: &Model, weights: &Weights, ablations: &[Ablation]) -> Option<f64> {
    let mut edits = Edits::none(1);
    let made = block_on(ablation_edits(model, weights, &Edits::none(1), ablations, 5, &device()));
    made.expect("they are offered").into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
    loss(model, weights, &edits)
}

/// Every ablation that is offered, with the numbers of the operators at their defaults; two draws and one step, where many would be.
fn offered(sites: &[Site]) -> Vec<Ablation> {
    let quick = |ablation: Ablation| match ablation.operator.as_str() {
        "resample" => ablation.with("draws", 2.0),
        "optimal" => ablation.with("steps", 1.0),
        _ => ablation,
    };
    let at = |site: &Site| -> Vec<Ablation> {
        let options = site.ablations.iter().filter(|option| option.grade.allowed());
        options.map(|option| quick(Ablation::new(&site.path, &option.operator))).collect()
    };
    sites.iter().flat_map(at).collect()
}

#[test]
fn a_sweep_finds_what_each_ablation_finds_alone() {
    for link in [DENOISER, POST_NORM[0], GROUPED] {
        let (model, weights) = weighed(link);
        let sites = model.sites();
        let mut all: Vec<Vec<Ablation>> = offered(&sites).into_iter().map(|ablation| vec![ablation]).collect();
        // Made together, in two blocks and before them.
        all.push(vec![Ablation::new("blocks.1.mlp", "mean"), Ablation::new("blocks.0.mlp", "zero")]);
        all.push(vec![Ablation::new("embed", "mean"), Ablation::new("blocks.1.mlp", "mean")]);
        let flat: Vec<Ablation> = all.concat();
        let sweep = block_on(Sweep::new(&model, &weights, &flat, &[], EvaluationSet::shared(), 5, (CORE, &device()))).unwrap();
        assert_eq!(block_on(sweep.unablated()).unwrap(), loss(&model, &weights, &Edits::none(1)), "{link}");
        let found = block_on(sweep.losses(&all)).unwrap();
        for (ablations, found) in all.iter().zip(&found) {
            assert_eq!(*found, alone(&model, &weights, ablations), "{link}: {ablations:?}");
        }
        let distinct: BTreeSet<u64> = found.iter().map(|loss| loss.expect("a finite loss").to_bits()).collect();
        assert!(distinct.len() * 10 > found.len() * 8, "{link}: {} losses of {}", distinct.len(), found.len());
    }
}

#[test]
fn a_control_has_as_many_channels_as_a_component_drawn_from_all_of_its_kind() {
    let (model, weights) = weighed(TRANSFORMER);
    let sites = model.sites();
    let drawn = controls(&sites, 20, 5);
    assert_eq!(drawn.len(), 60);
    assert_eq!(drawn, controls(&sites, 20, 5), "drawn at an address");
    for control in &drawn {
        let count: usize = control.channels.values().map(Vec::len).sum();
        let kind = |path: &String| site(&model, path).kind;
        let expected = match control.kind.as_str() {
            "head" => (4, "head"),
            "attention" => (12, "head"),
            _ => (48, "activation"),
        };
        assert!(count == expected.0 && control.channels.keys().all(|path| kind(path) == expected.1), "{control:?}");
        assert!(control.channels.values().all(|channels| channels.windows(2).all(|pair| pair[0] < pair[1])), "each once");
    }
    let of_kind = |kind: &str| drawn.iter().filter(|one| one.kind == kind).map(|one| &one.channels).collect::<BTreeSet<_>>();
    assert!(of_kind("head").len() > 15, "draws differ");
    // The channels of a head are the head.
    let head = "blocks.0.attn.heads.1";
    let whole = Control { kind: "head".into(), channels: BTreeMap::from([(head.to_string(), (0..4).collect())]) };
    let sweep =
        block_on(Sweep::new(&model, &weights, &[], std::slice::from_ref(&whole), EvaluationSet::shared(), 5, (CORE, &device())))
            .unwrap();
    for operator in ["mean", "zero", "position_mean", "resample"] {
        let found = block_on(sweep.controls(&Ablation::new("", operator), std::slice::from_ref(&whole))).unwrap()[0].unwrap();
        let expected = alone(&model, &weights, &[Ablation::new(head, operator)]).unwrap();
        assert!((found - expected).abs() < 1e-6, "{operator}: {found} {expected}");
    }
    // What does more than put something in a channel's place has no control.
    for operator in ["optimal", "uniform_attention", "frozen_scale"] {
        assert_eq!(block_on(sweep.controls(&Ablation::new("", operator), std::slice::from_ref(&whole))).unwrap(), [None]);
    }
}

/// What every exhibit reports, by its name and component.
fn reported(model: &Model, weights: &Weights) -> BTreeMap<(&'static str, String), (Option<f64>, ShownExhibit)> {
    let of = |shown: ShownExhibit| (loss(model, &shown.weights(weights), &Edits::none(1)), shown);
    let named = EXHIBITS.iter().flat_map(|exhibit| (exhibit.shown)(model).into_iter().map(move |shown| (exhibit.name, shown)));
    named.map(|(name, shown)| ((name, shown.component.clone()), of(shown))).collect()
}

#[test]
fn an_exhibit_says_where_it_equals_a_sound_ablation_and_where_it_does_something_else() {
    let near = |one: Option<f64>, other: Option<f64>| (one.unwrap() - other.unwrap()).abs() < 1e-5;
    let alone =
        |model: &Model, weights: &Weights, path: &str, operator: &str| alone(model, weights, &[Ablation::new(path, operator)]);
    for (link, equal) in [(TRANSFORMER, true), (POST_NORM[0], false)] {
        let (model, weights) = weighed(link);
        let (found, shown) = &reported(&model, &weights)[&("layer_removal", "blocks.0".to_string())];
        assert_eq!(near(*found, alone(&model, &weights, "blocks.0", "skip")), equal, "{link}");
        assert_eq!(shown.verdict.starts_with("Equals"), equal, "{}", shown.verdict);
        // An MLP whose parameters are all zero adds nothing.
        let (found, _) = &reported(&model, &weights)[&("ffn_ablation", "blocks.1.mlp".to_string())];
        assert!(near(*found, alone(&model, &weights, "blocks.1.mlp", "zero")), "{link}");
    }
    let (model, weights) = weighed(TRANSFORMER);
    for head in 0..3 {
        let path = format!("blocks.1.attn.heads.{head}");
        let (found, shown) = &reported(&model, &weights)[&("head_pruning", path.clone())];
        assert!(near(*found, alone(&model, &weights, &path, "zero")) && shown.verdict.starts_with("Equals"), "{path}");
    }
    // Four heads share two of keys and values: pruning the first also deletes what the second reads, and pruning the last only its output.
    let (model, weights) = weighed(&GROUPED.replace("sandwich", "pre"));
    let all = reported(&model, &weights);
    let pruned = |head: usize| {
        let path = format!("blocks.0.attn.heads.{head}");
        let (found, shown) = &all[&("head_pruning", path.clone())];
        (near(*found, alone(&model, &weights, &path, "zero")), shown.verdict.clone())
    };
    assert!(!pruned(0).0 && pruned(0).1.contains("key and value head 0, which heads 0 to 1 read"), "{:?}", pruned(0));
    assert!(pruned(3).0 && pruned(3).1.contains("empty"), "{:?}", pruned(3));
    // Tied: the unembedding loses the same channels as the embedding.
    let (found, shown) = all.iter().find(|((name, _), _)| *name == "embedding_ablation").map(|(_, one)| one).unwrap();
    assert!(shown.verdict.contains("tied") && shown.verdict.contains("Positions"), "{}", shown.verdict);
    let free = family(&GROUPED.replace("sandwich", "pre").replace("&model.embeddings=tied", ""));

    let apart = Weights::fill(&free.parameters(), 1, &device(), |parameter, _| host(weights.get(&parameter.path)));
    assert!(!near(*found, loss(&free, &shown.weights(&apart), &Edits::none(1))), "as the unembedding of the other is whole");
}
