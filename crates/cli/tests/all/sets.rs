//! `sweep --pairs`, `--greedy` and `--all-but-one`: sets of all components of a sort, ablated together in one model.

use std::rc::Rc;

use ablation_models::{
    Context, Depth, Edits, EvaluationSet, Model, Models, Run, Trial, Weights, ablation_edits, cpu, measure, open,
};
use ablation_protocol::Ablation;
use ablation_settings::read_link;
use pollster::block_on;
use serde_json::Value;

use crate::run::tiny;

const BRANCHES: [&str; 4] = ["blocks.0.attn", "blocks.0.mlp", "blocks.1.attn", "blocks.1.mlp"];

fn json(arguments: &[&str]) -> Value {
    tiny(&[&["sweep", "--random", "3", "--json"], arguments].concat()).json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|value| value.as_str().expect("a string")).collect()
}

/// The model that a sweep trained, trained once more here, and ablated without a sweep.
struct Alone {
    model: Rc<Model>,
    weights: Weights,
    seed: u64,
}

impl Alone {
    fn of(swept: &Value) -> Self {
        let link = swept["link"].as_str().unwrap().to_string();
        let settings = read_link(&link, &Models).0.settings;
        let mut run = Run::new(&[Trial { link, remove: Vec::new() }], &Context::built_in(), &cpu()).unwrap();
        while run.fleet().step() < run.fleet().steps() {
            block_on(run.step(5)).unwrap();
        }
        let model = open(&settings, &Context::built_in()).unwrap();
        Alone { model, weights: run.fleet().evaluated(), seed: swept["seed"].as_u64().unwrap() }
    }

    /// The loss with these components ablated together.
    fn loss(&self, components: &[&str], operator: &str) -> f64 {
        let ablations: Vec<Ablation> = components.iter().map(|path| Ablation::new(path, operator)).collect();
        let (device, none) = (cpu(), Edits::none(1));
        let made = ablation_edits(&self.model, &self.weights, &none, &ablations, self.seed, &device);
        let mut edits = Edits::none(1);
        block_on(made).unwrap().into_iter().for_each(|(path, edit)| edits.set(0, &path, edit));
        let set = [EvaluationSet::shared()];
        block_on(measure(&self.model, &self.weights, &edits, &set, Depth::Loss, &device)).unwrap()[0][0].value.unwrap()
    }
}

#[test]
fn every_pair_costs_what_its_two_ablations_cost_together() {
    let swept = json(&["--pairs", "--operator", "zero"]);
    let pairs = &swept["pairs"];
    assert_eq!(strings(&pairs["components"]), BRANCHES);
    let alone = Alone::of(&swept);
    let base = alone.loss(&[], "zero");
    assert_eq!(number(&swept["loss"]), base);
    let rise = |components: &[&str]| alone.loss(components, "zero") - base;
    for (one, first) in BRANCHES.iter().enumerate() {
        assert_eq!(number(&pairs["together"][one][one]), rise(&[first]), "{first}");
        assert!(pairs["beyond"][one][one].is_null());
        for (other, second) in BRANCHES.iter().enumerate().skip(one + 1) {
            let both = rise(&[first, second]);
            assert_eq!(number(&pairs["together"][one][other]), both, "{first} and {second}");
            assert_eq!(pairs["together"][one][other], pairs["together"][other][one]);
            assert_eq!(pairs["beyond"][one][other], pairs["beyond"][other][one]);
            let beyond = both - rise(&[first]) - rise(&[second]);
            assert!((number(&pairs["beyond"][one][other]) - beyond).abs() < 1e-12, "{first} and {second}");
        }
    }
}

#[test]
fn the_greedy_order_is_that_of_trying_every_component_in_every_step() {
    let swept = json(&["--greedy", "--operator", "zero"]);
    let alone = Alone::of(&swept);
    let base = alone.loss(&[], "zero");
    let (mut out, mut before): (Vec<&str>, f64) = (Vec::new(), 0.0);
    let steps = swept["greedy"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), BRANCHES.len());
    for (index, step) in steps.iter().enumerate() {
        let left = BRANCHES.iter().filter(|path| !out.contains(path));
        let tried = left.map(|path| (alone.loss(&[&out[..], &[path]].concat(), "zero"), *path));
        let (loss, path) = tried.min_by(|(one, _), (other, _)| one.total_cmp(other)).unwrap();
        assert_eq!((step["component"].as_str().unwrap(), number(&step["loss"])), (path, loss), "step {index}");
        assert_eq!(number(&step["rise"]), loss - base);
        assert!((number(&step["cost"]) - (loss - base - before)).abs() < 1e-12);
        (out, before) = ([out, vec![path]].concat(), loss - base);
        // As many of each random order.
        for (order, rise) in swept["greedy"]["random_orders"].as_array().unwrap().iter().zip(step["random"].as_array().unwrap()) {
            assert_eq!(number(rise), alone.loss(&strings(order)[..=index], "zero") - base);
        }
        assert_eq!(step["random"].as_array().unwrap().len(), 3);
    }
}

#[test]
fn all_but_one_leaves_one_component_in() {
    let swept = json(&["--all-but-one", "--over", "heads", "--operator", "zero", "--set", "model.heads=2"]);
    let heads = ["blocks.0.attn.heads.0", "blocks.0.attn.heads.1", "blocks.1.attn.heads.0", "blocks.1.attn.heads.1"];
    let alone = Alone::of(&swept);
    let base = alone.loss(&[], "zero");
    let rise = |components: &[&str]| alone.loss(components, "zero") - base;
    let found = &swept["all_but_one"];
    assert_eq!(number(&found["all"]), rise(&heads));
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (index, path) in heads.iter().enumerate() {
        let row = &found["components"][index];
        let others: Vec<&str> = heads.into_iter().filter(|other| other != path).collect();
        assert_eq!(row["component"], *path);
        assert_eq!((number(&row["first"]), number(&row["others"])), (rise(&[path]), rise(&others)), "{path}");
        assert_eq!(number(&row["last"]), rise(&heads) - rise(&others), "{path}");
        first.push(number(&row["first"]));
        last.push(number(&row["last"]));
    }
    // Without ties: pairs in the same order less those in the other one, over all six.
    let pairs = (0..4).flat_map(|one| (one + 1..4).map(move |other| (one, other)));
    let agree = |(one, other): (usize, usize)| ((first[one] - first[other]) * (last[one] - last[other])).signum();
    let tau = pairs.map(agree).sum::<f64>() / 6.0;
    assert!((number(&found["kendall_tau"]) - tau).abs() < 1e-12, "{tau}");
}

/// All heads of an attention are the whole of it, which is ablated by another edit at another place.
#[test]
fn all_heads_together_are_the_attention() {
    let one_block = ["--greedy", "--all-but-one", "--pairs", "--over", "heads", "--set", "model.layers=1"];
    let swept = json(&[&one_block[..], &["--set", "model.heads=2"]].concat());
    let rows = swept["ablations"].as_array().unwrap();
    let attention = number(&rows.iter().find(|row| row["site"] == "blocks.0.attn").unwrap()["difference"]);
    let operators: Vec<&Value> = rows.iter().map(|row| &row["operator"]).collect();
    assert!(operators.iter().all(|operator| *operator == "mean"), "the usual operator is one");
    let all = [&swept["all_but_one"]["all"], &swept["greedy"]["steps"][1]["rise"], &swept["pairs"]["together"][0][1]];
    for rise in all {
        assert!((number(rise) - attention).abs() < 1e-5, "{rise} is not {attention}");
    }
    assert!(swept["all_but_one"]["kendall_tau"].is_null(), "two components have no order to compare");
}

#[test]
fn the_text_is_short_and_says_what_stands_where() {
    let swept = ["sweep", "--random", "2", "--pairs", "--greedy", "--all-but-one"];
    let text = tiny(&[&swept[..], &["--over", "heads"]].concat()).worked();
    for line in [
        "Pairs of heads, mean",
        "… 12 between",
        "  28 pairs: ",
        "Greedy over heads, mean",
        "as many at random, mean of 2",
        "All but one of heads, mean",
        "Kendall's tau",
        "`--together` with these 8 gives",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let sections = &text[text.find("Pairs of heads").unwrap()..text.find("One seed").unwrap()];
    let widest = sections.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}: {text}");
    let text = tiny(&["sweep", "--greedy", "--over", "blocks", "--random", "0"]).worked();
    assert!(text.contains("Greedy over blocks, skip") && !text.contains("at random"), "{text}");
}

#[test]
fn threads_change_no_set() {
    let with = |jobs: &str| json(&["--pairs", "--greedy", "--all-but-one", "--jobs", jobs]);
    assert_eq!(with("1"), with("3"));
}

#[test]
fn sets_that_cannot_be_made_are_refused() {
    let refused = |arguments: &[&str], words: &[&str]| tiny(&[&["sweep"], arguments].concat()).refused(words);
    refused(&["--pairs", "--operator", "skip"], &["`--operator skip`", "`blocks.0.attn`", "and 1 more", "mean"]);
    refused(
        &["--greedy", "--over", "blocks", "--operator", "mean"],
        &["`--operator mean`", "blocks.1", "offered at all of them: skip"],
    );
    refused(&["--pairs", "--over", "blocks", "--set", "model.layers=1"], &["only `blocks.0`", "`--over branches`"]);
    refused(&["--pairs", "--over", "heads", "--preset", "two-moons"], &["this model has none", "`--over branches`"]);
    refused(&["--pairs", "--together", "blocks.0.attn,blocks.0.mlp"], &["`--pairs`", "`--together blocks.0.attn,blocks.0.mlp`"]);
    refused(&["--all-but-one", "--operator", "mean", "--operator", "zero"], &["`--all-but-one`", "2 (mean, zero)", "keep one"]);
    refused(&["--over", "heads"], &["`--over heads`", "write one of them"]);
    refused(&["--greedy", "--over", "neurons"], &["'neurons'", "branches"]);
}
