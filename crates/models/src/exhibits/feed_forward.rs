//! `ffn_ablation`: every parameter of an MLP becomes zero.

use ablation_protocol::Ablation;

use super::{Exhibit, Shown, Zeroed, inside};
use crate::model::Model;

pub(super) const EXHIBIT: Exhibit =
    Exhibit { name: "ffn_ablation", help: "Sets every parameter of an MLP to zero, biases included.", shown };

fn shown(model: &Model) -> Vec<Shown> {
    let mlps = model.sites().into_iter().filter(|site| site.kind == "mlp");
    let shown = |path: String| Shown {
        zeroed: inside(model, &path).into_iter().map(Zeroed::whole).collect(),
        verdict: "Equals zero ablation of the MLP, which is off-distribution for later layers: compare with its mean."
            .to_string(),
        sound: Some(Ablation::new(&path, "mean")),
        channels: Vec::new(),
        component: path,
    };
    mlps.map(|site| shown(site.path)).collect()
}
