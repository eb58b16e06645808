//! The bench: what is due when, what is kept, what a checkpoint brings back, and what bad bytes do.

use std::collections::BTreeSet;

use crate::common::*;
use ablation_data::Split;
use ablation_figures::{Figure, draw};
use ablation_models::{
    Activations, Bench, Constant, Context, Depth, Edit, Edits, EvaluationSet, Fleet, ModelError, Phase, PresetLink, Progress,
    Recipe, Replica, Run, Status, Trial, View, Weights, measure, presets,
};
use ablation_protocol::Ablation;
use ablation_random::Stream;
use ablation_settings::number::given;
use ablation_settings::read_link;
use pollster::block_on;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

const STEPS: &str = "train.steps=5&sandbox.recovery_steps=3&train.warmup=2&train.dropout=0.1&train.weight_decay=0.1";

/// A small study of either family, one without and one with a search; the ablation of both is one that takes a mean.
fn links() -> [String; 2] {
    [
        format!("{TRANSFORMER}&ablation.site=blocks.0.attn.heads.1&ablation.operator=position_mean&{STEPS}&sandbox.search=none"),
        format!("{DENOISER}&ablation.site=time&ablation.operator=mean&{STEPS}"),
    ]
}

fn bench(link: &str) -> Bench {
    assert_eq!(read_link(link, &ablation_models::Models).1, vec![], "{link}");
    Bench::new(link, &device()).expect("a bench")
}

fn step(bench: &mut Bench, steps: u64) -> Progress {
    block_on(bench.step(steps)).expect("the CPU answers")
}

/// Trains until nothing is due.
fn finished(mut bench: Bench) -> Bench {
    while bench.phase() != Phase::Done {
        step(&mut bench, 100);
    }
    bench
}

fn view(bench: &mut Bench) -> View<Figure> {
    block_on(bench.view("CPU")).expect("the CPU answers").drawn(|arm, shown| draw(&shown, arm))
}

fn bytes(bench: &Bench) -> Vec<u8> {
    block_on(bench.checkpoint()).expect("the CPU answers")
}

fn restored(bytes: &[u8]) -> Result<Bench, ModelError> {
    block_on(Bench::restore(bytes, &Context::default(), &device()))
}

/// A tensor of a checkpoint as bits.
fn stored(bytes: &[u8], name: &str) -> Vec<u32> {
    let tensors = SafeTensors::deserialize(bytes).expect("a checkpoint is safetensors");
    let view = tensors.tensor(name).unwrap_or_else(|_| panic!("no `{name}`"));
    view.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

fn ablation(site: &str, operator: &str) -> Option<Ablation> {
    Some(Ablation::new(site, operator))
}

fn scaled(site: &str, factor: f64) -> Option<Ablation> {
    Some(Ablation::new(site, "scale").with("factor", factor))
}

#[test]
fn the_same_study_twice_is_the_same_to_the_bit() {
    for link in links() {
        let (mut first, mut second) = (finished(bench(&link)), finished(bench(&link)));
        assert_eq!(bytes(&first), bytes(&second));
        assert_eq!(view(&mut first), view(&mut second));
        let mut other = finished(bench(&format!("{link}&seed=1")));
        assert_ne!(view(&mut first).panels[0].figures[0].table, view(&mut other).panels[0].figures[0].table);
    }
}

#[test]
fn how_many_steps_are_asked_for_at_a_time_changes_nothing() {
    for link in links() {
        let mut single = bench(&link);
        while step(&mut single, 1).phase != Phase::Done {}
        assert_eq!(bytes(&single), bytes(&finished(bench(&link))));
    }
}

#[test]
fn phases_follow_each_other_and_none_runs_over() {
    for link in links() {
        let mut bench = bench(&link);
        let mut seen = vec![(bench.phase(), bench.progress().steps)];
        while bench.phase() != Phase::Done {
            let progress = step(&mut bench, 2);
            seen.push((progress.phase, progress.steps));
        }
        let phases: Vec<Phase> = seen.iter().map(|(phase, _)| *phase).collect();
        let order =
            [(Phase::Reference, 3), (Phase::Recovery, 2), (Phase::ShortRetrain, 2), (Phase::Retrained, 3), (Phase::Done, 1)];
        let expected: Vec<Phase> = order.iter().flat_map(|&(phase, times)| std::iter::repeat_n(phase, times)).collect();
        assert_eq!(phases, expected);
        let names = ["reference", "recovery", "short_retrain", "retrained"];
        let done: Vec<[u64; 4]> = seen.iter().map(|(_, steps)| names.map(|name| steps[name].0)).collect();
        let expected = [
            [0; 4],
            [2, 0, 0, 0],
            [4, 0, 0, 0],
            [5, 0, 0, 0],
            [5, 2, 0, 0],
            [5, 3, 0, 0],
            [5, 3, 2, 0],
            [5, 3, 3, 0],
            [5, 3, 3, 2],
            [5, 3, 3, 4],
            [5, 3, 3, 5],
        ];
        assert_eq!(done, expected);
        assert!(seen.iter().all(|(_, steps)| names.map(|name| steps[name].1) == [5, 3, 3, 5]));
        let last = step(&mut bench, 10);
        assert_eq!((last.phase, last.steps["retrained"]), (Phase::Done, (5, 5)), "asking on is harmless");
    }
}

#[test]
fn without_an_ablation_only_the_reference_is_trained() {
    let mut bench = finished(bench(&format!("{TRANSFORMER}&ablation.site=none&{STEPS}")));
    let view = view(&mut bench);
    assert_eq!(view.panels[0].arms[0].status, Status::Done);
    assert!(view.panels[1..].iter().flat_map(|panel| &panel.arms).all(|arm| arm.status == Status::Waiting));
    assert!(view.contrast.sentence.starts_with("Choose a component"), "{}", view.contrast.sentence);
}

#[test]
fn the_controls_are_trained_as_long_as_the_recovered_and_the_retrained_as_long_as_the_reference() {
    for link in links() {
        let mut bench = finished(bench(&link));
        let view = view(&mut bench);
        let steps = |name: &str| {
            let arm = view.panels.iter().flat_map(|panel| &panel.arms).find(|arm| arm.name == name).unwrap();
            assert_eq!(arm.status, Status::Done, "{name}");
            (arm.step, arm.steps)
        };
        let retrained = if link.contains("sandbox.search=none") { "retrained-untuned" } else { "retrained" };
        assert_eq!((steps("reference"), steps(retrained), steps("ablated")), ((5, 5), (5, 5), (0, 0)));
        assert_eq!((steps("recovered"), steps("sham"), steps("short-retrain")), ((3, 3), (3, 3), (3, 3)));
    }
}

/// Every arm, made again by hand out of fleets.
#[test]
fn every_arm_is_what_its_name_says() {
    for link in links().map(|link| format!("{link}&sandbox.search=none")) {
        let bench = finished(bench(&link));
        let checkpoint = bytes(&bench);
        let family = family(&link);
        let (study, _) = read_link(&link, &ablation_models::Models);
        let recipe = Recipe::read(&study.settings).unwrap();
        let chosen = ablation_models::ablation_in(&study.settings).expect("the link has an ablation");
        let component = site(&family, &chosen.site);

        let mut unablated = fleet(&family, &[Replica::new(0, recipe.clone())], Edits::none(1));
        unablated = advanced(unablated, 5);

        // The reference set's mean over the trained model.
        let reference = family.reference(1, &device());
        let seen = captured(&family, &unablated.weights, &Edits::none(1), &reference, &[&component.path])
            .remove(&component.path)
            .unwrap();
        let outputs = Activations { values: host(&seen), positions: family.positions(), channels: seen.dims()[2] };
        let mut mean = Edits::none(1);
        mean.set(0, &component.path, edit_of(&component, &chosen, Some(&outputs)));
        // The warm-up is as large a share of the updates as in a study: two of five are one of three.
        let brief = Recipe { steps: 3, warmup: 1, ..recipe.clone() };
        let further = |edits| {
            let replica = Replica::new(0, brief.clone());
            let begun = Fleet::from_weights(family.clone(), vec![replica], edits, unablated.weights.clone(), 5 * 5, &device());
            advanced(begun, 3)
        };
        let (recovered, sham) = (further(mean), further(Edits::none(1)));

        let anew = |link: &str, steps: u64| {
            let trial = Trial { link: link.to_string(), remove: vec![chosen.site.clone()] };
            let mut run = Run::new(&[trial], &Context::default(), &device()).unwrap();
            block_on(run.step(steps)).unwrap();
            run
        };
        let never = anew(&link, 5);
        let briefly = anew(&link.replace("train.steps=5", "train.steps=3").replace("train.warmup=2", "train.warmup=1"), 3);

        for (path, tensor) in unablated.weights.iter() {
            assert_eq!(stored(&checkpoint, &format!("reference/weights/{path}")), bits(tensor), "reference {path}");
            let pair = [bits(recovered.weights.get(path)), bits(sham.weights.get(path))].concat();
            assert_eq!(stored(&checkpoint, &format!("recovery/weights/{path}")), pair, "recovered and sham {path}");
            let briefly = bits(briefly.fleet().weights.get(path));
            assert_eq!(stored(&checkpoint, &format!("short_retrain/weights/{path}")), briefly, "short retraining {path}");
            let alone = bits(never.fleet().weights.get(path));
            assert_eq!(stored(&checkpoint, &format!("retrained/weights/{path}")), alone, "never {path}");
        }
    }
}

/// The candidates, trained again one by one; the one with the lowest loss on the tuning split stands for the arm.
#[test]
fn reference_and_retrained_are_the_best_of_four_learning_rates() {
    let link = format!("{DENOISER}&ablation.site=time&ablation.operator=mean&train.steps=30&sandbox.recovery_steps=3");
    let mut bench = finished(bench(&link));
    let (checkpoint, seen) = (bytes(&bench), view(&mut bench));
    let (study, _) = read_link(&link, &ablation_models::Models);
    let recipe = Recipe::read(&study.settings).unwrap();
    let family = family(&link);
    let choosing = EvaluationSet { split: Split::Tune, ..EvaluationSet::shared() };
    let mut best = Vec::new();
    for (name, without) in [("reference", None), ("retrained", Some("time".to_string()))] {
        let edits = || {
            let mut edits = Edits::none(1);
            without.iter().for_each(|path| edits.set(0, path, Edit::removal(&site(&family, path))));
            edits
        };
        let rates = [0.25, 0.5, 1.0, 2.0].map(|factor| factor * recipe.learning_rate);
        let alone = rates.map(|learning_rate| {
            let replica = Replica::new(0, Recipe { learning_rate, ..recipe.clone() });
            advanced(fleet(&family, &[replica], edits()), 30).weights
        });
        let loss = |weights: &Weights, examples: EvaluationSet| {
            block_on(measure(&family, weights, &edits(), &[examples], Depth::Loss, &device())).unwrap()[0][0].value.unwrap()
        };
        let chosen = (0..4).min_by(|&a, &b| loss(&alone[a], choosing).total_cmp(&loss(&alone[b], choosing))).unwrap();
        for (path, _) in alone[0].iter() {
            let all = alone.iter().flat_map(|weights| bits(weights.get(path))).collect::<Vec<_>>();
            assert_eq!(stored(&checkpoint, &format!("{name}/weights/{path}")), all, "{name} {path}");
        }
        best.push((
            rates[chosen],
            loss(&alone[chosen], EvaluationSet::shared()),
            alone.map(|weights| loss(&weights, EvaluationSet::shared())),
        ));
    }
    let arm = |panel: usize| &seen.panels[panel].arms[0];
    assert_eq!((arm(0).measures[0].value, arm(3).measures[0].value), (Some(best[0].1), Some(best[1].1)));
    assert!(arm(0).label.ends_with(&format!("learning rate {}", best[0].0)), "{}", arm(0).label);
    assert!(arm(3).label.ends_with(&format!("learning rate {}", best[1].0)), "{}", arm(3).label);
    assert_eq!(seen.panels[3].label, "Retrained without (best of 4 learning rates)");
    assert_eq!(seen.contrast.necessity, Some(best[1].1 - best[0].1));
    // The untuned retraining: without the component at the learning rate that was best with it.
    let at_reference_rate = [0.25, 0.5, 1.0, 2.0].iter().position(|factor| factor * recipe.learning_rate == best[0].0).unwrap();
    assert_eq!(seen.contrast.untuned, Some(best[1].2[at_reference_rate] - best[0].1));
}

/// Both are one model then, and with attention to look at it is computed in two ways that round differently.
#[test]
fn where_reference_and_retrained_choose_one_learning_rate_the_untuned_gap_is_the_necessity() {
    let link = format!("{TRANSFORMER}&ablation.site=blocks.0.mlp&ablation.operator=mean&train.steps=5&sandbox.recovery_steps=3");
    let mut alike = 0;
    for seed in 0..4 {
        let seen = view(&mut finished(bench(&format!("{link}&seed={seed}"))));
        let rate = |panel: usize| seen.panels[panel].arms[0].label.rsplit(' ').next().unwrap().to_string();
        if rate(0) == rate(3) {
            alike += 1;
            assert_eq!(seen.contrast.untuned, seen.contrast.necessity, "seed {seed}");
        }
    }
    assert!(alike > 0, "no seed shows it");
}

#[test]
fn another_ablation_of_the_same_component_keeps_the_retrained_model() {
    for (link, path) in links().iter().zip(["blocks.0.attn.heads.1", "blocks.0.mlp"]) {
        let link = &link.replace("ablation.site=time", "ablation.site=blocks.0.mlp");
        let mut bench = finished(bench(link));
        let before = view(&mut bench);
        bench.choose(scaled(path, 0.5)).unwrap();
        assert_eq!(bench.phase(), Phase::Recovery);
        let progress = bench.progress();
        assert_eq!((progress.steps["retrained"], progress.steps["recovery"]), ((5, 5), (0, 3)));
        assert!(
            progress.losses.keys().any(|arm| arm.starts_with("retrained") && progress.losses[arm].is_some())
                && progress.losses["recovered"].is_none()
                && progress.losses["sham"].is_none()
                && progress.losses["short-retrain"].is_some()
        );
        let after = view(&mut bench);
        assert_eq!(after.panels[3].arms, before.panels[3].arms);
        assert_ne!(after.panels[1].arms[0].measures, before.panels[1].arms[0].measures);
        let [fine_tuned @ .., short_retrain] = &after.panels[2].arms[..] else { panic!("no arms") };
        assert!(fine_tuned.iter().all(|arm| arm.status == Status::Waiting && arm.measures.is_empty()));
        assert_eq!(Some(short_retrain), before.panels[2].arms.last(), "it depends on the component and not on the operator");
        assert_eq!((after.contrast.necessity, after.contrast.recovery), (before.contrast.necessity, None));
        assert_eq!(after.contrast.untuned, before.contrast.untuned);

        // And back: the same numbers as before.
        bench.choose(ablation_models::ablation_in(&read_link(link, &ablation_models::Models).0.settings)).unwrap();
        assert_eq!(view(&mut finished(bench)), before);
    }
}

#[test]
fn an_ablation_of_another_component_forgets_the_retrained_model() {
    for link in links() {
        let mut bench = finished(bench(&link));
        bench.choose(ablation("blocks.1.mlp", "mean")).unwrap();
        assert_eq!((bench.phase(), bench.progress().steps["retrained"].0), (Phase::Recovery, 0));
        let mut bench = finished(bench);
        let after = view(&mut bench);
        assert_eq!(after.contrast.site.as_deref(), Some("the MLP of block 1"));
        assert!(after.contrast.disruption.is_some() && after.contrast.recovery.is_some() && after.contrast.untuned.is_some());
        assert_eq!(after.contrast.necessity.is_some(), !link.contains("sandbox.search=none"), "no search, no necessity");
        bench.choose(None).unwrap();
        assert_eq!(bench.phase(), Phase::Done);
    }
}

#[test]
fn every_ablation_that_is_offered_can_be_chosen_fine_tuned_and_seen() {
    for link in FAMILIES {
        let family = family(link);
        let mut bench =
            bench(&format!("{link}&ablation.site=none&train.steps=2&sandbox.recovery_steps=1&train.dropout=0.2&model.norm=pre"));
        for site in family.sites() {
            for option in &site.ablations {
                // What is fitted is fitted in one step.
                let is_fitted = option.parameters.iter().any(|parameter| parameter.name == "steps");
                let chosen = ablation(&site.path, &option.operator);
                let chosen = bench.choose(chosen.map(|one| if is_fitted { one.with("steps", 1.0) } else { one }));
                assert_eq!(chosen.is_ok(), option.grade.allowed(), "{} {}", site.path, option.operator);
                while bench.phase() != Phase::Done {
                    step(&mut bench, 10);
                }
            }
        }
        view(&mut bench);
    }
}

#[test]
fn a_blind_model_without_positions_can_still_be_ablated_and_fine_tuned() {
    // Nothing of the stream has a row for each position before the first block reads it.
    let link = format!("{TRANSFORMER}&model.position=none&ablation.site=embed&ablation.operator=mean&{STEPS}");
    let seen = view(&mut finished(bench(&link)));
    assert!(seen.contrast.disruption.is_some(), "{}", seen.contrast.sentence);
}

#[test]
fn an_ablation_that_is_refused_says_why_and_what_to_do_instead() {
    let mut bench = bench(&links()[0]);
    let before = bench.progress();
    let cases = [
        (ablation("unembed", "mean"), "Ablate one of its inputs"),
        (ablation("position", "position_mean"), "Use the mean"),
        (ablation("blocks.1", "zero"), "Skip the block instead"),
        (ablation("norm", "zero"), "Ablate what reads it instead"),
        (ablation("embed", "skip"), "is not defined for token embedding"),
    ];
    for (ablation, way_out) in cases {
        let error = bench.choose(ablation.clone()).expect_err("refused");
        assert!(matches!(error, ModelError::Refused { .. }) && error.code() == "refused", "{error}");
        assert!(error.to_string().contains(way_out) && error.to_string().contains(&ablation.unwrap().site), "{error}");
    }
    let error = bench.choose(ablation("blocks.7", "skip")).expect_err("no such component");
    assert!(matches!(&error, ModelError::NoSite { known, .. } if known.contains("blocks.1.attn")), "{error}");
    assert_eq!(bench.progress(), before, "what was chosen before stays chosen");
}

#[test]
fn a_factor_that_no_range_allows_is_refused() {
    let mut bench = bench(&links()[0]);
    for factor in [f64::NAN, f64::INFINITY, 1e300, -2.1] {
        let error = bench.choose(scaled("position", factor)).expect_err("refused");
        assert!(error.to_string().contains("-2") && error.to_string().contains(&given(factor)), "{error}");
    }
    assert_eq!(bench.choose(scaled("position", -2.0)), Ok(()));
}

#[test]
fn a_component_that_no_model_can_be_trained_without_is_not_retrained() {
    // The unembedding is the only such component and cannot be ablated; so every ablation that can be chosen leads to all three phases.
    for link in FAMILIES {
        for site in family(link).sites() {
            let ablatable = site.ablations.iter().any(|option| option.grade.allowed());
            assert_eq!(ablatable, site.removal.allowed(), "{}", site.path);
        }
    }
}

#[test]
fn a_checkpoint_goes_on_where_it_was_made() {
    for link in links() {
        let mut uninterrupted = finished(bench(&link));
        let (end, shown) = (bytes(&uninterrupted), view(&mut uninterrupted));
        // Before anything, amid each phase, between the phases, and at the end.
        for after in 0..=13 {
            let mut begun = bench(&link);
            (0..after).for_each(|_| drop(step(&mut begun, 1)));
            let saved = bytes(&begun);
            let mut back = restored(&saved).unwrap_or_else(|error| panic!("after {after} steps: {error}"));
            assert_eq!(back.progress(), begun.progress(), "after {after} steps");
            assert_eq!(bytes(&back), saved, "a checkpoint of a checkpoint");
            if after % 3 == 1 {
                assert_eq!(view(&mut back), view(&mut begun), "after {after} steps");
            }
            let mut back = finished(back);
            assert_eq!(bytes(&back), end, "after {after} steps");
            assert_eq!(view(&mut back), shown, "after {after} steps");
        }
    }
}

#[test]
fn a_checkpoint_remembers_an_ablation_that_is_not_in_the_link() {
    let mut begun = bench(&links()[0]);
    step(&mut begun, 5);
    begun.choose(scaled("blocks.1.mlp", 0.3)).unwrap();
    step(&mut begun, 1);
    let saved = bytes(&begun);
    assert_eq!(bytes(&finished(restored(&saved).unwrap())), bytes(&finished(begun)));

    let mut begun = finished(bench(&links()[1]));
    begun.choose(None).unwrap();
    assert_eq!(restored(&bytes(&begun)).unwrap().phase(), Phase::Done);
}

/// A study that is sure to diverge: every step multiplies each matrix by minus nine.
fn diverging(link: &str) -> String {
    format!(
        "{link}&train.learning_rate=1&train.weight_decay=10&train.clip=0&train.warmup=0&train.schedule=constant&train.steps=80&sandbox.recovery_steps=80&sandbox.search=none"
    )
}

#[test]
fn what_diverged_has_no_value_and_is_named() {
    for link in FAMILIES {
        let mut bench = finished(bench(&diverging(link)));
        assert!(bench.progress().losses.values().all(Option::is_none), "{:?}", bench.progress());
        let seen = view(&mut bench);
        for arm in seen.panels.iter().flat_map(|panel| &panel.arms) {
            assert_eq!(arm.measures.len(), 2, "every arm was evaluated");
            for measure in &arm.measures {
                assert_eq!((measure.value, measure.constant.is_some()), (None, true), "{} of {}", measure.name, arm.name);
            }
        }
        let contrast = &seen.contrast;
        assert_eq!((contrast.disruption, contrast.recovery, contrast.necessity, contrast.untuned), (None, None, None, None));
        assert!(
            contrast.sentence.contains("The model \"reference\"") && contrast.sentence.contains("diverged"),
            "{}",
            contrast.sentence
        );
        let text = seen.panels.iter().flat_map(|panel| &panel.figures).map(|figure| figure.svg.clone()).collect::<String>();
        assert!(!text.contains("NaN") && !text.contains("inf\""), "no figure draws what is not a number");
        serde_json::to_value(&seen).expect("a view is JSON");
    }
}

#[test]
fn a_bench_that_diverged_has_a_checkpoint_too() {
    for link in FAMILIES {
        let mut bench = bench(&diverging(link));
        step(&mut bench, 80);
        assert_eq!(bench.progress().losses["reference"], None, "it diverged");
        let mut back = restored(&bytes(&bench)).expect("what was saved can be restored");
        assert_eq!(view(&mut back), view(&mut bench));
    }
}

#[test]
fn a_large_learning_rate_is_no_reason_to_panic() {
    for link in links() {
        let link = format!("{link}&train.learning_rate=1&train.clip=0&train.warmup=0");
        let mut bench = finished(bench(&link));
        serde_json::to_value(view(&mut bench)).expect("a view is JSON");
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_view_is_the_json_that_the_page_reads() {
    for link in links() {
        let mut bench = bench(&link);
        for _ in 0..2 {
            // Once before anything is trained, once at the end.
            let json = serde_json::to_value(view(&mut bench)).unwrap();
            assert_eq!(keys(&json), ["link", "source", "panels", "contrast"].into());
            assert_eq!(keys(&json["source"]), ["kind", "device", "seeds"].into());
            assert_eq!((&json["source"]["kind"], &json["source"]["seeds"]), (&Value::from("computed"), &Value::from(1)));
            let contrast = ["site", "disruption", "recovery", "recovery_advantage", "necessity", "untuned", "unit", "sentence"];
            assert_eq!(keys(&json["contrast"]), contrast.into());
            let panels = json["panels"].as_array().unwrap();
            assert_eq!(
                panels.iter().map(|panel| panel["name"].as_str().unwrap()).collect::<Vec<_>>(),
                ["reference", "ablated", "recovered", "retrained"]
            );
            for panel in panels {
                assert_eq!(keys(panel), ["name", "label", "note", "arms", "figures"].into());
                for arm in panel["arms"].as_array().unwrap() {
                    assert_eq!(keys(arm), ["name", "label", "status", "reason", "step", "steps", "measures"].into());
                    assert!(["waiting", "training", "done", "refused"].contains(&arm["status"].as_str().unwrap()));
                    for measure in arm["measures"].as_array().unwrap() {
                        assert_eq!(keys(measure), ["name", "label", "unit", "goal", "value", "constant_predictor"].into());
                        assert!(["lower", "higher"].contains(&measure["goal"].as_str().unwrap()));
                    }
                }
                let figures = panel["figures"].as_array().unwrap();
                assert_eq!(figures[0]["name"], "loss", "the curve stands first");
                for figure in figures {
                    assert_eq!(keys(figure), ["name", "title", "description", "svg", "table"].into());
                    assert_eq!(keys(&figure["table"]), ["columns", "rows"].into());
                }
                let svg = figures[0]["svg"].as_str().unwrap();
                assert!(svg.contains("data-plot=\"") && svg.contains("data-x=\"0,8\""), "{}", &svg[..300]);
            }
            assert_eq!(panels[2]["arms"].as_array().unwrap().len(), 3, "the recovered stands beside its controls");
            assert_eq!(serde_json::to_value(serde_json::from_value::<View<Figure>>(json.clone()).unwrap()).unwrap(), json);
            bench = finished(bench);
        }
    }
}

#[test]
fn progress_is_the_json_that_the_page_reads() {
    let mut bench = bench(&links()[0]);
    let json = serde_json::to_value(step(&mut bench, 2)).unwrap();
    assert_eq!(keys(&json), ["phase", "steps", "losses"].into());
    assert_eq!((&json["phase"], &json["steps"]["reference"]), (&Value::from("reference"), &serde_json::json!([2, 5])));
    assert_eq!(keys(&json["steps"]), ["reference", "recovery", "short_retrain", "retrained"].into());
    let arms = ["reference", "recovered", "sham", "short-retrain", "retrained", "retrained-untuned"];
    assert_eq!(keys(&json["losses"]), arms.into());
    assert!(
        json["losses"]["reference"].is_number()
            && json["losses"]["retrained"].is_null()
            && json["losses"]["retrained-untuned"].is_null()
    );
}

#[test]
fn every_preset_trains_in_every_phase() {
    for PresetLink { name: preset, .. } in presets() {
        let mut bench = finished(bench(&format!("v=1&p={preset}&train.steps=3&sandbox.recovery_steps=3&train.batch=16")));
        let seen = view(&mut bench);
        assert!(seen.panels.iter().flat_map(|panel| &panel.arms).all(|arm| arm.status == Status::Done), "{preset}");
        let measures = seen.panels.iter().flat_map(|panel| &panel.arms).flat_map(|arm| &arm.measures);
        assert!(measures.clone().all(|measure| measure.value.is_some() && measure.constant.is_some()), "{preset}");
        assert_eq!(measures.count(), 12, "{preset}: loss and score of six arms");
        assert!(seen.contrast.necessity.is_some() && seen.contrast.recovery.is_some(), "{preset}");
        assert!(seen.panels.iter().all(|panel| panel.figures.len() > 1), "{preset}");
    }
}

#[test]
fn bytes_that_are_no_checkpoint_are_said_to_be_none() {
    let whole = bytes(&finished(bench(&links()[0])));
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let cases: Vec<&[u8]> = vec![b"", b"hello", &[0; 8], &[0xff; 64], &whole[..7], &whole[..header], &whole[..whole.len() - 1]];
    let ends = (0..whole.len()).step_by(whole.len() / 40);
    for bytes in cases.into_iter().chain(ends.map(|end| &whole[..end])) {
        let Err(error) = restored(bytes) else { panic!("{} bytes were restored", bytes.len()) };
        assert!(matches!(error, ModelError::Checkpoint(_)) && error.code() == "bad-checkpoint", "{error}");
    }
}

/// A checkpoint with one tensor put in another's place.
fn with(bytes: &[u8], name: &str, dtype: Dtype, shape: Vec<usize>, data: &[u8]) -> Vec<u8> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).unwrap();
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let others = tensors.tensors().into_iter().filter(|(other, _)| other != name);
    let views = others.chain([(name.to_string(), TensorView::new(dtype, shape, data).unwrap())]);
    safetensors::serialize(views, metadata.metadata().clone()).unwrap()
}

#[test]
fn a_checkpoint_of_other_shapes_is_refused_by_name() {
    let whole = bytes(&finished(bench(&links()[0])));
    let name = "recovery/second/blocks.0.attn.query.weight";
    assert!(restored(&with(&whole, name, Dtype::F32, vec![2, 12, 12], &[0; 4 * 288])).is_ok());
    let bad = [
        with(&whole, name, Dtype::F32, vec![1, 12, 12], &[0; 4 * 144]),
        with(&whole, name, Dtype::F32, vec![2, 144], &[0; 4 * 288]),
        with(&whole, name, Dtype::F32, vec![0, 12, 12], &[]),
        with(&whole, name, Dtype::I32, vec![2, 12, 12], &[0; 4 * 288]),
        with(&whole, name, Dtype::F64, vec![2, 12, 12], &[0; 8 * 288]),
        with(&whole, name, Dtype::F16, vec![2, 12, 12], &[0; 2 * 288]),
    ];
    for bytes in bad {
        let Err(error) = restored(&bytes) else { panic!("restored") };
        assert!(matches!(&error, ModelError::Checkpoint(_)) && error.to_string().contains(name), "{error}");
    }
}

/// Weights that are no numbers may come from a run that diverged; they are restored, and shown as missing.
#[test]
fn weights_that_are_no_numbers_are_restored_and_shown_as_missing() {
    let whole = bytes(&finished(bench(&links()[0])));
    let nan: Vec<u8> = std::iter::repeat_n(f32::NAN.to_le_bytes(), 144).flatten().collect();
    let mut bench =
        restored(&with(&whole, "retrained/weights/blocks.0.attn.query.weight", Dtype::F32, vec![1, 12, 12], &nan)).unwrap();
    let seen = view(&mut bench);
    assert_eq!(seen.panels[3].arms[0].measures[0].value, None);
    assert!(seen.contrast.disruption.is_some() && seen.contrast.untuned.is_none());
    assert!(seen.contrast.sentence.contains("The model \"retrained without, untuned\""), "{}", seen.contrast.sentence);
}

/// Checkpoints with some bytes changed: an error or a bench that works, never a panic. Mutations are drawn from a stream with an
/// address, so a failure names the one that caused it.
#[test]
fn mutated_checkpoints_are_errors_or_benches_and_never_panics() {
    for (family, link) in links().iter().enumerate() {
        let mut begun = bench(link);
        step(&mut begun, 5);
        step(&mut begun, 2);
        let whole = bytes(&begun);
        let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        let json = whole.windows(14).position(|window| window == b"ablation-bench").expect("the metadata");
        let mut survivors = 0;
        for index in 0..400 {
            let mutated = mutate(&whole, header, json, Stream::root(family as u64).at("mutation").index(index));
            let Ok(mut bench) = restored(&mutated) else { continue };
            step(&mut bench, 1);
            survivors += 1;
            if survivors % 8 == 0 {
                view(&mut bench);
            }
        }
        assert!(survivors > 20, "{survivors} mutations got through: the test reaches what comes after the header");
    }
}

fn mutate(whole: &[u8], header: usize, json: usize, stream: Stream) -> Vec<u8> {
    let mut draws = stream.draws();
    let mut bytes = whole.to_vec();
    for _ in 0..=draws.below(2) {
        // Mostly the JSON of the bench, often the rest of the header, seldom the numbers.
        let (from, to) = match draws.below(8) {
            0 => (0, bytes.len()),
            1 | 2 => (0, header),
            _ => (json, json + 1500.min(header - json)),
        };
        let at = from + draws.below((to - from) as u64) as usize;
        let at = at.min(bytes.len() - 1);
        match draws.below(6) {
            0 => bytes[at] ^= 1 << draws.below(8),
            1 => bytes[at] = b"0123456789-.eE\"\\{}[],:nul"[draws.below(25) as usize],
            2 => bytes[at] = draws.below(256) as u8,
            3 => {
                // One digit becomes another: sizes, steps and settings change and stay readable.
                let digit = bytes[at..].iter().position(u8::is_ascii_digit).map_or(at, |offset| at + offset);
                bytes[digit] = b'0' + draws.below(10) as u8;
            }
            4 => drop(bytes.drain(at..(at + 1 + draws.below(4) as usize).min(bytes.len()))),
            _ => {
                let end = (at + 1 + draws.below(8) as usize).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

#[test]
fn a_recovered_model_beside_its_sham_is_the_recovered_model_alone() {
    // A constant, dropout and a mixed fleet at once: the mask of a branch must not depend on what stands in for it.
    for (link, path) in [(TRANSFORMER, "blocks.0.attn"), (TRANSFORMER, "blocks.1.attn.heads.2"), (DENOISER, "time")] {
        let family = family(link);
        let channels = site(&family, path).channels;
        let half = Edit { constant: Some(Constant { values: vec![0.5; channels], channels }), ..Edit::ZERO };
        let recipe = Recipe { dropout: 0.3, weight_decay: 0.1, clip: 1.0, ..plain(0.01) };
        let start = random_weights(&family, &[1]);
        let trained = |replicas: usize| {
            let mut edits = Edits::none(replicas);
            edits.set(0, path, half.clone());
            let replicas = vec![Replica::new(1, recipe.clone()); replicas];
            let weights = start.repeat(0, replicas.len());
            advanced(Fleet::from_weights(family.clone(), replicas, edits, weights, 10, &device()), 3).weights
        };
        assert_eq!(replica(&trained(1), 0), replica(&trained(2), 0), "{path}");
    }
}
