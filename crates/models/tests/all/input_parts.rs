//! Parts of the input as components: what they are, what taking them away does, and what it leaves alone.

use crate::common::{TRANSFORMER, batch, family, host, made, output, random_weights};
use ablation_models::{Edit, Edits, Model, Weights};
use ablation_protocol::Ablation;
use std::rc::Rc;

struct Subject {
    model: Rc<Model>,
    weights: Weights,
}

impl Subject {
    fn new(link: &str) -> Self {
        let model = family(link);
        Subject { weights: random_weights(&model, &[3]), model }
    }

    fn answer(&self, edits: &Edits) -> Vec<f32> {
        host(&output(&self.model, &self.weights, edits, &batch(&self.model, &[8], 5)))
    }

    /// The answer when these are ablated with an operator.
    fn ablated(&self, paths: &[&str], operator: &str) -> Vec<f32> {
        let ablations: Vec<Ablation> = paths.iter().map(|path| Ablation::new(path, operator)).collect();
        self.answer(&made(&self.model, &self.weights, &ablations))
    }
}

/// Causal, with a component for each position.
const IN_PARTS: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.layers=2&train.batch=5\
    &model.input_parts=7";

const ALL: [&str; 7] =
    ["embed.parts.0", "embed.parts.1", "embed.parts.2", "embed.parts.3", "embed.parts.4", "embed.parts.5", "embed.parts.6"];

#[test]
fn a_model_in_parts_is_the_model() {
    let [whole, parts] = [TRANSFORMER, IN_PARTS].map(Subject::new);
    assert_eq!(whole.answer(&Edits::none(1)), parts.answer(&Edits::none(1)));
    // Nor does it matter that a neighbour lacks one.
    let mut edits = Edits::none(2);
    edits.set(1, ALL[2], Edit::ZERO);
    let weights = parts.weights.repeat(0, 2);
    let both = host(&output(&parts.model, &weights, &edits, &batch(&parts.model, &[8, 8], 5)));
    assert_eq!(both[..both.len() / 2], whole.answer(&Edits::none(1)));
    assert_ne!(both[both.len() / 2..], whole.answer(&Edits::none(1)));
}

/// The mean of a part is that of each of its positions.
#[test]
fn all_parts_together_are_the_embedding() {
    let parts = Subject::new(IN_PARTS);
    assert_eq!(parts.ablated(&ALL, "zero"), parts.ablated(&["embed"], "zero"));
    assert_eq!(parts.ablated(&ALL, "mean"), parts.ablated(&["embed"], "position_mean"));
    assert_ne!(parts.ablated(&ALL, "mean"), parts.ablated(&["embed"], "mean"));
}

/// In a causal model, and at the positions of the part first of all.
#[test]
fn a_part_is_what_is_read_at_its_positions() {
    let parts = Subject::new(IN_PARTS);
    let whole = parts.answer(&Edits::none(1));
    let outputs = 5;
    for (position, path) in ALL.iter().enumerate() {
        for operator in ["zero", "mean", "resample"] {
            let ablated = parts.ablated(&[path], operator);
            for (row, (before, after)) in whole.chunks(outputs).zip(ablated.chunks(outputs)).enumerate() {
                let is_before = row % 7 < position;
                assert!(before == after || !is_before, "{path} {operator}: row {row}");
            }
            assert_ne!(whole, ablated, "{path} {operator}");
        }
    }
}

#[test]
fn images_have_parts_as_well() {
    let link =
        "v=1&p=glyphs&model.backbone=mixer&model.layers=1&model.width=8&train.batch=5&model.input_parts=4&ablation.site=none";
    let model = family(link);
    let paths: Vec<String> = model.sites().into_iter().filter(|site| site.kind == "input").map(|site| site.path).collect();
    assert_eq!(paths, ["embed.parts.0", "embed.parts.1", "embed.parts.2", "embed.parts.3"]);
    let subject = Subject::new(link);
    assert_ne!(subject.ablated(&["embed.parts.1"], "mean"), subject.answer(&Edits::none(1)));
}
