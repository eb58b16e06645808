//! The ground truth of a task, trained: a model that never had what the task needs fails, and one that lacks anything else does not.

use std::collections::BTreeMap;

use crate::common::*;
use ablation_models::{Context, Lane, Models, build, scratch};
use ablation_protocol::{EvaluationSplit, Marks, Seeds};
use ablation_settings::read_link;
use pollster::block_on;

/// A small masked repeat: two of ten letters are hidden, of four there are.
const MASKED: &str = "v=1&p=repeat&data.kind=masked-repeat&data.length=10&data.vocabulary=4&model.layers=1&train.steps=300";

/// Trains the model of a link without some components, and tests it.
fn found(link: &str, remove: Vec<String>) -> Marks {
    let (study, corrections) = read_link(link, &Models);
    assert_eq!(corrections, vec![]);
    let seeds = Seeds::new(1, 1);
    let trial = scratch(&study.settings, remove, seeds, vec![EvaluationSplit::Test]).unwrap();
    let mut lane = Lane::new(&[trial], &BTreeMap::new(), &Context::default(), &device()).expect("a valid trial");
    block_on(lane.step(u64::MAX)).expect("the CPU answers");
    block_on(lane.finish("CPU"))
        .expect("the CPU answers")
        .remove(0)
        .outcome
        .marks
        .remove(&EvaluationSplit::Test)
        .expect("it was asked for")
}

/// Trains the model of a link without what each need names. `judge`: whether it fails and whether it learns, of the model without it and
/// the whole one. Returns how many needs there were to try.
fn needs_hold(link: &str, judge: impl Fn(&Marks, &Marks) -> [bool; 2]) -> usize {
    let settings = read_link(link, &Models).0.settings;
    let model = build(&settings).unwrap();
    let removable: Vec<String> = model.sites().into_iter().filter(|site| site.removal.allowed()).map(|site| site.path).collect();
    let whole = found(link, vec![]);
    assert_eq!(judge(&whole, &whole), [false, true], "{whole:?}");
    let mut asked = 0;
    let blocks = settings.count("model.layers").unwrap();
    for need in model.data().needs().into_iter().filter(|need| need.applies(blocks, !model.is_causal())) {
        let remove: Vec<String> = removable.iter().filter(|path| need.names(path)).cloned().collect();
        if remove.is_empty() {
            continue; // no model is trained without its output, and not every model has every component
        }
        let without = found(link, remove);
        assert_eq!(judge(&without, &whole), [need.needed, !need.needed], "without `{}`: {without:?} {whole:?}", need.site);
        asked += 1;
    }
    asked
}

#[test]
fn masked_repeat_needs_what_it_says_it_needs() {
    let judge = |without: &Marks, _: &Marks| {
        let [loss, score] = [without.loss, without.score].map(Option::unwrap);
        [score < 0.5 && loss > 0.5 * without.constant_predictor, score > 0.99]
    };
    assert_eq!(needs_hold(MASKED, judge), 4);
    let whole = found(MASKED, vec![]);
    assert!(whole.loss.unwrap() < 0.01, "{whole:?}");
}

/// A guess that knows how far the answer has come is right half of the time.
#[test]
fn sort_needs_what_it_says_it_needs() {
    let judge = |without: &Marks, _: &Marks| {
        let [loss, score] = [without.loss, without.score].map(Option::unwrap);
        [score < 0.9 && loss > 0.2, score > 0.98 && loss < 0.1]
    };
    assert_eq!(needs_hold("v=1&p=sort&model.layers=1", judge), 4);
    assert_eq!(needs_hold("v=1&p=sort", judge), 3);
}

/// Every backbone has components of its own. Samples of a model that fails are no nearer to the data than noise is.
#[test]
fn glyphs_need_what_they_say_they_need() {
    let noise = ablation_data::build(&read_link("v=1&p=glyphs", &Models).0.settings).unwrap().constant().score;
    let judge = |without: &Marks, whole: &Marks| {
        let ([loss, score], whole) = ([without.loss, without.score].map(Option::unwrap), whole.loss.unwrap());
        [loss > 1.15 * whole && score > 0.5 * noise, loss < 1.1 * whole && score < 0.25 * noise]
    };
    for (backbone, asked) in [("residual-mlp", 2), ("transformer", 3), ("mixer", 3)] {
        let link = format!("v=1&p=glyphs&model.backbone={backbone}&train.steps=300");
        assert_eq!(needs_hold(&link, judge), asked, "{backbone}");
    }
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
