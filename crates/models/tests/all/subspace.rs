//! Channels of the residual stream at their mean, and every other channel as it was.

use crate::common::*;
use ablation_models::{Edits, Model, Weights};
use ablation_protocol::{Ablation, Placement};

/// RMS norms before and after each branch.
const SANDWICH: &str = "v=1&p=repeat&data.length=7&data.vocabulary=5&model.width=12&model.heads=3&model.norm=sandwich\
    &model.norm_kind=rms&model.layers=2&train.batch=5&ablation.site=none";

const LINKS: [&str; 8] = [TRANSFORMER, DENOISER, POST_NORM[0], POST_NORM[1], MIXER, RECURRENT[0], RECURRENT[1], SANDWICH];

/// The edits of some channels at some sites.
fn subspace(model: &Model, weights: &Weights, paths: &[&str], first: usize, channels: usize) -> Edits {
    let at = |path: &&str| Ablation::new(path, "subspace").with("first", first as f64).with("channels", channels as f64);
    made(model, weights, &paths.iter().map(at).collect::<Vec<_>>())
}

#[test]
fn all_channels_are_the_mean_and_none_is_no_ablation() {
    for link in LINKS {
        let model = family(link);
        let (weights, examples) = (random_weights(&model, &[3]), batch(&model, &[8], 5));
        let output = |edits: &Edits| bits(&output(&model, &weights, edits, &examples));
        let mut means = 0;
        for site in model.sites().iter().filter(|site| site.grade("subspace").allowed()) {
            let [none, some, all] =
                [0, 5, site.channels].map(|count| output(&subspace(&model, &weights, &[&site.path], 4, count)));
            assert_eq!(none, output(&Edits::none(1)), "{link} {}", site.path);
            assert!(some != none && some != all, "{link} {}", site.path);
            if site.grade("mean").allowed() {
                assert_eq!(all, output(&made(&model, &weights, &[Ablation::new(&site.path, "mean")])), "{link} {}", site.path);
                means += 1;
            }
        }
        assert!(means > 2, "{link}");
    }
}

#[test]
fn channels_that_are_not_ablated_keep_their_bits() {
    for link in LINKS {
        let model = family(link);
        let (weights, examples, none) = (random_weights(&model, &[3]), batch(&model, &[8], 5), Edits::none(1));
        let offered = model.sites().into_iter().filter(|site| site.grade("subspace").allowed());
        for site in offered.filter(|site| site.placement != Placement::Group) {
            let seen = |batch| captured(&model, &weights, &none, batch, &[&site.path]).remove(&site.path).expect("it is reached");
            let (own, reference) = (seen(&examples), host(&seen(&model.reference(1, &device()))));
            let edits = subspace(&model, &weights, &[&site.path], site.channels - 2, 4);
            let edited = edits.resolve(&model.sites(), &device()).apply(&site.path, own.clone(), &own);
            for (index, (edited, own)) in host(&edited).into_iter().zip(host(&own)).enumerate() {
                let channel = index % site.channels;
                if (2..site.channels - 2).contains(&channel) {
                    assert_eq!(edited.to_bits(), own.to_bits(), "{link} {}", site.path);
                    continue;
                }
                let column: Vec<f64> = reference.iter().skip(channel).step_by(site.channels).map(|&x| f64::from(x)).collect();
                let mean = column.iter().sum::<f64>() / column.len() as f64;
                assert!((f64::from(edited) - mean).abs() < 1e-5, "{link} {} {channel}: {edited} {mean}", site.path);
            }
        }
    }
}

/// A subspace of the whole stream: what every writer writes into it is constant, so the stream is, and the other channels are not.
#[test]
fn ablated_in_all_that_writes_the_channels_of_the_stream_never_change() {
    let model = family(TRANSFORMER);
    let (weights, examples) = (random_weights(&model, &[3]), batch(&model, &[8], 5));
    let writers = ["embed", "position", "blocks.0", "blocks.1"];
    let stream = |edits: &Edits| host(&captured(&model, &weights, edits, &examples, &["stream"])["stream"]);
    let spread = |rows: &[f32], channel: usize| {
        let column = rows.iter().skip(channel).step_by(12);
        let (least, most) = column.fold((f32::MAX, f32::MIN), |(least, most), &x| (least.min(x), most.max(x)));
        most - least
    };
    let whole = stream(&subspace(&model, &weights, &writers, 3, 4));
    let only_embedding = stream(&subspace(&model, &weights, &writers[..1], 3, 4));
    for channel in 0..12 {
        assert_eq!(spread(&whole, channel) < 1e-5, (3..7).contains(&channel), "{channel}");
        assert!(spread(&only_embedding, channel) > 1e-2, "later layers fill it again");
    }
}

#[test]
fn only_what_has_the_channels_of_the_stream_has_a_subspace_of_it() {
    let model = family(TRANSFORMER);
    for path in ["blocks.0.attn.heads.1", "blocks.0.mlp.act"] {
        assert!(site(&model, path).ablation("subspace").is_err(), "{path}");
    }
    assert!(!site(&model, "unembed").grade("subspace").allowed());
    assert!(site(&model, "blocks.0.attn_norm").grade("subspace").allowed());
}
