//! `head_pruning`: the columns of query, key and value and the rows of the output projection at `[h w, (h + 1) w)`, with `w` the width of the
//! model over the number of heads of queries.

use ablation_protocol::{Ablation, Placement};

use super::{Exhibit, Part, Shown, Zeroed, has};
use crate::model::Model;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    name: "head_pruning",
    help: "Sets the slice of a head in query, key, value and output projection to zero, as if every head had keys and values of its own.",
    shown,
};

fn shown(model: &Model) -> Vec<Shown> {
    let (sites, parameters) = (model.sites(), model.parameters());
    let columns =
        |path: &str| parameters.iter().find(|parameter| parameter.path == path).map_or(0, |parameter| parameter.columns);
    let mut shown = Vec::new();
    for attention in sites.iter().filter(|site| site.kind == "attention") {
        let attn = &attention.path;
        let heads: Vec<_> =
            sites.iter().filter(|site| site.placement == Placement::Slice && site.parent.as_ref() == Some(attn)).collect();
        let values = columns(&format!("{attn}.value.weight"));
        for (index, head) in heads.iter().enumerate() {
            let (from, to) = (index * head.channels, (index + 1) * head.channels);
            let projections = ["query", "key", "value"].into_iter().flat_map(|name| ["weight", "bias"].map(|part| (name, part)));
            let mut zeroed: Vec<Zeroed> = projections
                .map(|(name, part)| Zeroed { path: format!("{attn}.{name}.{part}"), part: Part::Columns(from, to) })
                .filter(|zeroed| has(model, &zeroed.path))
                .collect();
            zeroed.push(Zeroed { path: format!("{attn}.output.weight"), part: Part::Rows(from, to) });
            let sharing = heads.len() * head.channels / values.max(1);
            let verdict = if values == heads.len() * head.channels {
                "Equals zero ablation of the head, which is off-distribution for later layers: compare with its mean.".to_string()
            } else if from >= values {
                "The slices of key and value are empty, as there are fewer heads of these; what is zeroed in the output projection does it.".into()
            } else {
                format!(
                    "Also deletes key and value head {index}, which heads {} to {} read: other heads than the one that is named.",
                    index * sharing,
                    (index + 1) * sharing - 1
                )
            };
            let sound = Some(Ablation::new(&head.path, "mean"));
            shown.push(Shown { component: head.path.clone(), zeroed, verdict, sound, channels: Vec::new() });
        }
    }
    shown
}
