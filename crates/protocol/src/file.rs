//! The study file of a study: what a person would have written for it.
//!
//! A study reaches people as a record or as a link, and a command line takes a file. The file is written out in full, so that it means the
//! same when a tier or a default changes.

use ablation_settings::Settings;
use serde_json::{Map, Value as Json, json};

use crate::ablation::Ablation;
use crate::study::{Margin, STUDY_VERSION, Study, Variant, Way};

/// The file that is read as this study.
pub fn study_file(study: &Study) -> Json {
    let design = &study.design;
    let space: Map<String, Json> =
        study.space.iter().map(|dimension| (dimension.path.clone(), json!([dimension.low, dimension.high]))).collect();
    // A value that trials do not write is written where the preset may say otherwise.
    let absent = study.known.iter().filter_map(|(path, known)| Some((path.clone(), known.absent.clone()?)));
    let settings = absent.collect::<Settings>().overlaid(&study.settings);
    json!({
        "version": STUDY_VERSION,
        "title": study.title,
        "claim": study.claim,
        "preset": study.preset,
        // A tier that was changed has no name that a file could say.
        "tier": if design.tier == "own" { Json::Null } else { json!(design.tier) },
        "seed": study.seed,
        "margin": match study.margin {
            Margin::Share(share) => json!({"share": share}),
            Margin::Absolute(absolute) => json!({"absolute": absolute}),
        },
        "settings": settings,
        "variants": study.variants.iter().map(variant).collect::<Vec<Json>>(),
        "search": {
            "trials": design.trials,
            "tuning_seeds": design.tuning_seeds,
            "searches": design.searches,
            "space": space,
        },
        "final": {"seeds": design.seeds},
        "recovery": study.recovery,
    })
}

fn variant(variant: &Variant) -> Json {
    let mut json = json!({"name": variant.name});
    if !variant.remove.is_empty() {
        json["remove"] = json!(variant.remove);
    }
    if variant.set.iter().next().is_some() {
        json["set"] = json!(variant.set);
    }
    let ways: Vec<Json> = variant.ablations.iter().map(|way| written_way(way, &variant.remove)).collect();
    if !ways.is_empty() {
        json["ablations"] = json!(ways);
    }
    if variant.matched.is_some() {
        json["matched"] = json!(true);
    }
    json
}

/// A way to ablate: its operator, where that is one at exactly the components that are removed, or one for each component.
fn written_way(way: &Way, removed: &[String]) -> Json {
    let same =
        |first: &Ablation| way.sites.iter().all(|one| one.operator == first.operator && one.parameters == first.parameters);
    match way.sites.first().filter(|first| same(first)) {
        Some(first) if way.sites.iter().map(|one| &one.site).eq(removed) => operator(first),
        _ => {
            let sites: Map<String, Json> = way.sites.iter().map(|one| (one.site.clone(), operator(one))).collect();
            json!({"sites": sites})
        }
    }
}

/// An operator as a study file names it: `"mean"`, or `{"operator": "scale", "factor": 0.5}`.
fn operator(ablation: &Ablation) -> Json {
    if ablation.parameters.is_empty() {
        return json!(ablation.operator);
    }
    let mut json = json!(ablation.parameters);
    json["operator"] = json!(ablation.operator);
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::toy;
    use crate::read::read_study;
    use ablation_settings::toy::Toy;

    #[test]
    fn a_study_survives_its_file() {
        let toy = toy();
        let mut own = toy.clone();
        (own.design.tier, own.design.seeds, own.margin) = ("own".into(), 3, Margin::Absolute(0.25));
        (own.title, own.claim, own.recovery.short_retrain) = ("A title".into(), "A claim.".into(), false);
        for study in [toy, own] {
            let text = serde_json::to_string(&study_file(&study)).unwrap();
            assert_eq!(read_study(serde_json::from_str(&text).unwrap(), &Toy).unwrap(), study);
        }
    }
}
