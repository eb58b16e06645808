//! What a model shows while it trains: its losses, its predictions, its samples. Numbers in, figures out, one kind a file.

mod heatmap;
mod images;
mod scatter;
mod text;
mod tokens;

use ablation_data::{AttentionMap, Losses, Samples, Shown, TokenExample};
use ablation_protocol::Arm;

pub use heatmap::{Heatmap, Map};
pub use images::{Image, Images};
pub use scatter::{Cloud, Scatter};
pub use tokens::{Example, Tokens};

use crate::{Curve, CurveAxis, Figure, Role, Rule, Series};

/// Font size of text in samples, in units: tokens in a row and the heads of a block need the width.
const TEXT: f64 = 11.0;

/// Draws what an arm shows. `arm`: its key; one that is no arm's (there are only data) is drawn as the reference.
pub fn draw(shown: &Shown, arm: &str) -> Figure {
    match shown {
        Shown::Losses(losses) => draw_losses(losses),
        Shown::Samples(samples) => draw_samples(samples, arm),
    }
}

fn role(arm: &str) -> Role {
    match Arm::SANDBOX.into_iter().find(|other| other.name() == arm) {
        None | Some(Arm::Reference) => Role::Reference,
        Some(Arm::Ablated) => Role::Disruption,
        Some(Arm::Recovered) => Role::Recovered,
        Some(Arm::Sham) => Role::Sham,
        // Every other arm of the sandbox is trained from scratch without the component.
        Some(_) => Role::Necessity,
    }
}

fn draw_losses(losses: &Losses) -> Figure {
    let series = |series: &ablation_data::Series| Series {
        label: series.arm.clone(),
        role: role(&series.arm),
        points: series.points.clone(),
    };
    let axis = |label: &str, unit: Option<&str>, highest: f64| CurveAxis {
        label: label.into(),
        unit: unit.map(str::to_string),
        range: Some((0.0, highest)),
    };
    Curve {
        name: "loss".into(),
        title: "Loss".into(),
        x: axis("step", None, losses.steps as f64),
        y: axis("training loss", losses.unit, losses.highest),
        series: losses.series.iter().map(series).collect(),
        rule: losses.constant.map(|value| Rule { label: "constant predictor".into(), value }),
    }
    .figure()
}

fn draw_samples(samples: &Samples, arm: &str) -> Figure {
    match samples {
        Samples::Tokens(examples) => {
            let predicted = examples.iter().any(|example| !example.prediction.is_empty());
            let example = |TokenExample { input, truth, prediction, scored }: &TokenExample| Example {
                input: input.clone(),
                truth: truth.clone(),
                prediction: prediction.clone(),
                scored: scored.clone(),
            };
            let (name, title) =
                if predicted { ("sample", "Predictions on held-out sequences") } else { ("data", "Training sequences") };
            Tokens { name: name.into(), title: title.into(), examples: examples.iter().map(example).collect() }.figure()
        }
        Samples::Text { beginning, continuation } => text::figure(beginning, continuation),
        Samples::Attention { positions, blocks } => {
            let map = |AttentionMap { label, weights, ablated }: &AttentionMap| Map {
                label: label.clone(),
                weights: weights.clone(),
                ablated: *ablated,
            };
            Heatmap {
                name: "attention".into(),
                title: "Attention on the first sequence".into(),
                size: *positions,
                blocks: blocks.iter().map(|block| block.iter().map(map).collect()).collect(),
            }
            .figure()
        }
        Samples::Points { data_set, range, data, samples } => {
            let points = |points: &[[f32; 2]]| points.iter().map(|[x, y]| (f64::from(*x), f64::from(*y))).collect();
            let cloud = |made: &Vec<[f32; 2]>| Cloud { label: arm.to_string(), role: role(arm), points: points(made) };
            let (name, title) = match samples {
                Some(_) => ("sample", "Samples over held-out points".to_string()),
                None => ("data", format!("Training points: {data_set}")),
            };
            let (range, data, samples) = ((-range, *range), points(data), samples.as_ref().map(cloud));
            Scatter { name: name.into(), title, range, data, samples }.figure()
        }
        Samples::Images { data_set, shape, range, data, samples } => {
            let image = |(values, class): &(Vec<f32>, Option<u32>)| Image { values: values.clone(), class: *class };
            let (name, title, shown) = match samples {
                Some(samples) => ("sample", format!("Samples: {data_set}"), samples),
                None => ("data", format!("Training images: {data_set}"), data),
            };
            let images = shown.iter().map(image).collect();
            Images { name: name.into(), title, shape: *shape, range: *range, images }.figure()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_drawn_in_the_role_of_its_arm() {
        let points = |samples| Samples::Points { data_set: "Two moons", range: 2.8, data: vec![[0.0, 1.0]], samples };
        let of_data = draw(&Shown::Samples(points(None)), "");
        assert_eq!((of_data.name.as_str(), of_data.title.as_str()), ("data", "Training points: Two moons"));
        let made = draw(&Shown::Samples(points(Some(vec![[1.0, 0.0]]))), Arm::Ablated.name());
        assert_eq!(made.name, "sample");
        assert!(made.svg.contains(&Role::Disruption.colour().paint().to_string()), "{}", made.svg);
    }

    #[test]
    fn losses_share_their_axes() {
        let series = vec![ablation_data::Series { arm: Arm::Reference.name().into(), points: vec![(1.0, 2.0), (2.0, f64::NAN)] }];
        let losses = Losses { unit: Some("nats"), steps: 10, highest: 2.5, constant: Some(2.1), series };
        let figure = draw(&Shown::Losses(losses), Arm::Reference.name());
        assert_eq!(figure.name, "loss");
        assert!(figure.description.contains("constant predictor") && !figure.svg.contains("NaN"), "{}", figure.description);
    }
}
