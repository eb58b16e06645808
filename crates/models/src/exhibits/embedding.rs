//! `embedding_ablation`: columns of the embedding become zero, a sixteenth of the width at a time.

use ablation_protocol::Ablation;

use super::{Exhibit, Part, Shown, Zeroed};
use crate::model::Model;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "embedding_ablation",
    help: "Sets some columns of the embedding to zero, a sixteenth of the width at a time.",
    shown,
};

fn shown(model: &Model) -> Vec<Shown> {
    const CHUNKS: usize = 16;
    let width = model.norms().width;
    let each = (width / CHUNKS).max(1);
    let is_tied = model.parameters().iter().any(|parameter| parameter.path == "unembed.weight" && parameter.tied.is_some());
    let mut verdict = String::from(
        "Single channels of the stream are no components, and zero is not their mean: a norm behind them rescales all others.",
    );
    if model.sites().iter().any(|site| site.path == "position") {
        verdict.push_str(" Positions are added afterwards and fill the channels again.");
    }
    if is_tied {
        verdict.push_str(" The embeddings are tied, so the unembedding loses the same channels.");
    }
    let shown = |from: usize| {
        let to = (from + each).min(width);
        Shown {
            component: format!("embed, channels {from} to {}", to - 1),
            zeroed: vec![Zeroed { path: "embed.weight".into(), part: Part::Columns(from, to) }],
            verdict: verdict.clone(),
            sound: Some(Ablation::new("embed", "mean")),
            channels: (from..to).collect(),
        }
    };
    (0..width).step_by(each).map(shown).collect()
}
