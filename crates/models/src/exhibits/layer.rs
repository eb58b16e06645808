//! `layer_removal`: every parameter of a block becomes zero, those of its norms included.

use ablation_protocol::Ablation;

use super::{Exhibit, Shown, Zeroed, inside};
use crate::layers::norms::NormPlacement;
use crate::model::Model;

pub(super) const EXHIBIT: Exhibit =
    Exhibit { name: "layer_removal", help: "Sets every parameter of a block to zero, norms included.", shown };

fn shown(model: &Model) -> Vec<Shown> {
    let verdict = match model.norms().place {
        NormPlacement::Post => {
            "Not a removal: the gains of the norms in the stream are zero as well, so the stream itself becomes zero. Skip the block instead."
        }
        _ => {
            "Equals skipping the block here, because its branches only add to the stream; with norms in the stream it would not."
        }
    };
    let blocks = model.sites().into_iter().filter(|site| site.is_group());
    let shown = |path: String| Shown {
        zeroed: inside(model, &path).into_iter().map(Zeroed::whole).collect(),
        verdict: verdict.to_string(),
        sound: Some(Ablation::new(&path, "skip")),
        channels: Vec::new(),
        component: path,
    };
    blocks.map(|site| shown(site.path)).collect()
}
