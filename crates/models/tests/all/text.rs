//! Models of text: what they are trained on, what they are measured with, and what they write.

use std::collections::BTreeMap;

use crate::common::*;
use ablation_data::Samples;
use ablation_models::{Bench, Context, Lane, ModelError, Models, describe, scratch};
use ablation_protocol::{EvaluationSplit, Seeds};
use ablation_settings::read_link;
use pollster::block_on;

const LINK: &str =
    "v=1&p=repeat&data.kind=text&data.length=16&model.width=16&model.layers=1&train.steps=30&train.batch=8&sandbox.search=none";

#[test]
fn a_model_writes_a_text_and_is_measured_in_bits() {
    let context = Context::built_in();
    let mut bench = Bench::open(LINK, &context, &device()).unwrap();
    block_on(bench.step(30)).unwrap();
    let view = block_on(bench.view("CPU")).unwrap();
    let arm = &view.panels[0].arms[0];
    let measure = |name: &str| arm.measures.iter().find(|measure| measure.name == name).unwrap();
    let (loss, bits) = (measure("loss"), measure("bits_per_character"));
    assert!((loss.value.unwrap() / std::f64::consts::LN_2 - bits.value.unwrap()).abs() < 1e-12);
    assert_eq!((bits.goal.as_str(), bits.unit.as_str()), ("lower", "bits"));
    assert!(loss.value.unwrap() < loss.constant.unwrap() + 0.3, "{loss:?}");
    let written = |view: &ablation_models::View| {
        view.panels[0].figures.iter().find_map(|shown| match shown {
            ablation_data::Shown::Samples(Samples::Text { beginning, continuation }) => {
                Some((beginning.clone(), continuation.clone()))
            }
            _ => None,
        })
    };
    let (beginning, continuation) = written(&view).expect("a text in the panel");
    assert_eq!((beginning.chars().count(), continuation.chars().count()), (4, 12));
    assert!(!continuation.contains('\u{fffd}'), "what has no token is never drawn: {continuation}");
    // The same model writes the same text, after its checkpoint as before.
    let bytes = block_on(bench.checkpoint()).unwrap();
    let mut again = block_on(Bench::restore(&bytes, &context, &device())).unwrap();
    assert_eq!(written(&block_on(again.view("CPU")).unwrap()), Some((beginning, continuation)));
}

#[test]
fn a_text_that_is_not_here_is_named_before_anything_is_trained() {
    let other = "ab".repeat(32);
    let link = format!("{LINK}&data.corpus={other}");
    let description = describe(&link, &Context::built_in()).unwrap();
    let lacks = description.lacks.expect("the text is not here");
    assert_eq!(
        (lacks.what, lacks.sha256.as_str(), lacks.reason.as_str()),
        ("corpus", other.as_str(), "it is not here; give the file")
    );
    assert!(description.data.is_empty() && description.parameters > 0);
    let refused = |found: Option<ModelError>| {
        let error = found.expect("refused");
        assert_eq!(error.code(), "no-asset");
        assert!(error.to_string().contains(&other) && !error.hint().is_empty(), "{error}");
    };
    refused(Bench::open(&link, &Context::default(), &device()).err());
    let trial = scratch(&read_link(&link, &Models).0.settings, vec![], Seeds::new(1, 1), vec![EvaluationSplit::Test]).unwrap();
    refused(Lane::new(&[trial], &BTreeMap::new(), &Context::default(), &device()).err());
}

/// What a text holds decides what is found, and where it lies does not.
#[test]
fn equal_texts_give_equal_outcomes_and_others_do_not() {
    let story = include_str!("../../../../static/corpora/miller-street.txt");
    let found = |text: &str| {
        let mut context = Context::default();
        let sha256 = context.add(ablation_models::Asset::Corpus, text.as_bytes().to_vec());
        let settings = read_link(&format!("{LINK}&data.corpus={sha256}"), &Models).0.settings;
        let trial = scratch(&settings, vec![], Seeds::new(1, 1), vec![EvaluationSplit::Test]).unwrap();
        let mut lane = Lane::new(&[trial], &BTreeMap::new(), &context, &device()).unwrap();
        block_on(lane.step(u64::MAX)).unwrap();
        block_on(lane.finish("CPU")).unwrap().remove(0).outcome
    };
    let (one, same, other) = (found(story), found(story), found(&story[..60_000]));
    assert_eq!(one, same);
    assert_ne!(one.trial, other.trial);
    assert_ne!(one.marks, other.marks);
}
