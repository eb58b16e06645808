//! The ground truth of a task, trained: a model that never had what the task needs fails, and one that lacks anything else does not.

mod common;

use std::collections::BTreeMap;

use ablation_models::{Context, Lane, Models, build, scratch};
use ablation_protocol::{Exam, Marks, Seeds};
use ablation_settings::read_link;
use common::*;
use pollster::block_on;

/// A small masked repeat: two of ten letters are hidden, of four there are.
const MASKED: &str = "v=1&p=repeat&task.kind=masked-repeat&task.length=10&task.vocabulary=4&model.layers=1&train.steps=300";

/// Trains the model of a link without some parts, and tests it.
fn found(link: &str, remove: Vec<String>) -> Marks {
    let (study, corrections) = read_link(link, &Models);
    assert_eq!(corrections, vec![]);
    let seeds = Seeds { init: 1, data: 1 };
    let trial = scratch(&study.settings, remove, seeds, vec![Exam::Test]).unwrap();
    let mut lane = Lane::new(&[trial], &BTreeMap::new(), &Context::default(), &device()).expect("a valid trial");
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU")).expect("the CPU answers").remove(0).outcome.marks.remove(&Exam::Test).expect("it was asked for")
}

#[test]
fn masked_repeat_needs_what_it_says_it_needs() {
    let settings = read_link(MASKED, &Models).0.settings;
    let sites = build(&settings).unwrap().sites();
    let removable: Vec<String> = sites.into_iter().filter(|site| site.removal.allowed()).map(|site| site.path).collect();
    let whole = found(MASKED, vec![]);
    assert!(whole.score.unwrap() > 0.99 && whole.loss.unwrap() < 0.01, "{whole:?}");
    let mut asked = 0;
    for need in ablation_data::build(&settings).unwrap().needs() {
        let remove: Vec<String> = removable.iter().filter(|path| need.names(path)).cloned().collect();
        if remove.is_empty() {
            continue; // no model is trained without its output
        }
        let without = found(MASKED, remove);
        let fails = without.score.unwrap() < 0.5 && without.loss.unwrap() > 0.5 * without.constant_predictor;
        let learns = without.score.unwrap() > 0.99;
        assert_eq!((fails, learns), (need.needed, !need.needed), "without `{}`: {without:?}", need.site);
        asked += 1;
    }
    assert_eq!(asked, 4);
}

#[test]
fn a_model_that_looks_back_only_knows_about_half_of_what_is_hidden() {
    // It sees the copies of what is hidden in the second half; the first half it has to guess.
    let back = found(&format!("{MASKED}&model.attention=causal"), vec![]);
    assert!((0.5..0.75).contains(&back.score.unwrap()), "{back:?}");
    assert!((0.3..0.7).contains(&(back.loss.unwrap() / back.constant_predictor)), "{back:?}");
}

#[test]
fn norms_behind_the_branches_want_a_warm_up_and_norms_before_them_do_not() {
    // Xiong et al. 2020, in small: four blocks at a rate at which both kinds of model can learn.
    const REPEAT: &str = "v=1&p=repeat&model.layers=4&train.batch=16&train.steps=300&train.learning_rate=0.015&train.clip=0";
    let score = |norm: &str, warmup: u32| {
        let marks = found(&format!("{REPEAT}&model.norm={norm}&train.warmup={warmup}"), vec![]);
        (marks.score.unwrap(), marks.constant_predictor - marks.loss.unwrap())
    };
    let learned = [("pre", 0), ("pre", 100), ("post", 100)].map(|(norm, warmup)| score(norm, warmup));
    assert!(learned.iter().all(|(score, _)| *score > 0.99), "{learned:?}");
    let (score, gained) = score("post", 0);
    assert!(score < 0.3 && gained < 0.3, "post-norm without a warm-up: {score}, {gained} nats better than a guess");
}
