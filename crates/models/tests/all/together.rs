//! Every set of a few components of a bench's reference, ablated together.

use crate::common::*;
use ablation_models::{Bench, ModelError, Phase, Shares, View};
use pollster::block_on;

const STEPS: &str =
    "train.steps=5&sandbox.recovery_steps=1&train.warmup=2&sandbox.search=none&ablation.site=blocks.0.mlp&ablation.operator=mean";

fn bench(link: &str) -> Bench {
    Bench::new(&format!("{link}&{STEPS}"), &device()).expect("a bench")
}

fn paths(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| path.to_string()).collect()
}

#[test]
fn each_component_costs_what_the_bench_shows_and_shares_add_up_to_all() {
    for (link, others) in [(TRANSFORMER, ["blocks.1.mlp", "blocks.1.attn.heads.2"]), (DENOISER, ["blocks.1.mlp", "time"])] {
        let mut bench = bench(link);
        while bench.phase() != Phase::Done {
            block_on(bench.step(100)).expect("the CPU answers");
        }
        let [second, third] = others;
        let found = block_on(bench.together(&paths(&["blocks.0.mlp", second, third]), "mean")).expect(link);
        let view: View = block_on(bench.view("CPU")).expect("the CPU answers");
        let loss = |panel: usize| view.panels[panel].arms[0].measures[0].value.expect("a finite loss");
        // The bench ablates without a sweep, and evaluates another way, which rounds otherwise.
        let shown = loss(1) - loss(0);
        assert!((found.shares[0].first.unwrap() - shown).abs() < 1e-6, "{link}: {:?} is not {shown}", found.shares[0]);
        assert!(shown.abs() > 1e-3, "{link}: {shown}");
        let names: Vec<&str> = found.shares.iter().map(|one| one.component.as_str()).collect();
        assert_eq!(names, ["blocks.0.mlp", second, third]);
        let sum: f64 = found.shares.iter().map(|one| one.shapley.expect("all losses are finite")).sum();
        assert!((sum - found.all.unwrap()).abs() < 1e-9, "{link}");
        assert!(found.kendall_tau.is_some(), "{link}");
        // The last of two is what both cost less what the other one costs.
        let two = block_on(bench.together(&paths(&["blocks.0.mlp", second]), "mean")).expect(link);
        let [Shares { last, .. }, Shares { first, .. }] = &two.shares[..] else { panic!("two components") };
        assert_eq!(last.unwrap(), two.all.unwrap() - first.unwrap(), "{link}");
        assert_eq!(two.kendall_tau, None);
    }
}

#[test]
fn sets_that_cannot_be_ablated_are_refused_with_the_reason() {
    let mut bench = bench(TRANSFORMER);
    let refused = |bench: &Bench, components: &[&str], operator: &str, words: &str| {
        let error = block_on(bench.together(&paths(components), operator)).expect_err(words);
        assert!(matches!(error, ModelError::Refused { .. }) && error.to_string().contains(words), "{error}");
    };
    refused(&bench, &["blocks.0.mlp", "blocks.1.mlp"], "zero", "not trained to its end");
    while bench.phase() != Phase::Done {
        block_on(bench.step(100)).expect("the CPU answers");
    }
    refused(&bench, &["blocks.0.mlp"], "zero", "2 to 8 components, and has 1");
    refused(&bench, &["blocks.0.attn", "blocks.0.attn.heads.1"], "zero", "choose one of them");
    refused(&bench, &["blocks.0.mlp", "blocks.0.mlp"], "zero", "choose one of them");
    refused(&bench, &["blocks.0.mlp", "blocks.7.mlp"], "zero", "no component `blocks.7.mlp`");
    refused(&bench, &["blocks.0.mlp", "blocks.1.mlp"], "skip", "`skip` is not defined");
    refused(&bench, &["blocks.0", "blocks.1"], "zero", "Skip the block instead");
}
