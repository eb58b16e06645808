//! The label of a variant: its difference from the reference.
//!
//! It is computed from the two sets of settings, so it always describes what was run.

use ablation_settings::{Settings, Value};

/// The difference of `changed` from `reference` in words: `− position`, `gelu → relu`, `weight decay 0.1 → 0`.
///
/// `removed` are paths of components that the variant is trained without; paths that differ in one step are joined,
/// `− blocks.{0,1}.mlp`. Settings that only one side has are listed as well.
pub fn difference(reference: &Settings, changed: &Settings, removed: &[&str]) -> String {
    let mut parts: Vec<String> = match grouped(removed) {
        Some(group) => vec![format!("− {group}")],
        None => removed.iter().map(|site| format!("− {site}")).collect(),
    };
    let mut paths: Vec<&str> = reference.iter().chain(changed.iter()).map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths.dedup();
    // What comes and goes with a change stands after it.
    let mut follows = Vec::new();
    for path in paths {
        match (reference.get(path), changed.get(path)) {
            (Some(before), Some(after)) if before != after => parts.push(change(path, before, after)),
            (Some(_), None) => follows.push(format!("− {path}")),
            (None, Some(after)) => follows.push(format!("+ {path} {after}")),
            _ => {}
        }
    }
    parts.extend(follows);
    if parts.is_empty() { "no difference".to_string() } else { parts.join(", ") }
}

/// Several paths that differ in one step, as one: `blocks.{0,1}.mlp`.
fn grouped(paths: &[&str]) -> Option<String> {
    let paths: Vec<Vec<&str>> = paths.iter().map(|path| path.split('.').collect()).collect();
    let [first, others @ ..] = paths.as_slice() else { return None };
    if others.iter().any(|other| other.len() != first.len()) {
        return None;
    }
    let mut different = (0..first.len()).filter(|&step| others.iter().any(|other| other[step] != first[step]));
    let (Some(step), None) = (different.next(), different.next()) else { return None };
    let members: Vec<&str> = paths.iter().map(|path| path[step]).collect();
    let members = format!("{{{}}}", members.join(","));
    let mut group = first.clone();
    group[step] = &members;
    Some(group.join("."))
}

fn change(path: &str, before: &Value, after: &Value) -> String {
    match (before, after) {
        // The value alone is clear without the name of the setting, unless it is `none`.
        (Value::Text(before), Value::Text(after)) if before != "none" && after != "none" => format!("{before} → {after}"),
        _ => {
            let name = path.rsplit('.').next().unwrap_or(path).replace('_', " ");
            format!("{name} {before} → {after}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_follow_from_two_sets_of_settings() {
        let base = Settings::default().with("model.activation", "gelu").with("train.weight_decay", 0.1).with("model.norm", "pre");
        let cases = [
            (base.clone(), vec!["blocks.1.mlp"], "− blocks.1.mlp"),
            (base.clone().with("model.activation", "relu"), vec![], "gelu → relu"),
            (base.clone().with("train.weight_decay", 0.0), vec![], "weight decay 0.1 → 0"),
            (base.clone().with("model.norm", "none"), vec!["position"], "− position, norm pre → none"),
            (base.clone().with("model.heads", 4), vec![], "+ model.heads 4"),
            (base.clone().with("model.heads", 4).with("model.norm", "post"), vec![], "pre → post, + model.heads 4"),
            (base.clone(), vec![], "no difference"),
            (base.clone(), vec!["blocks.0.mlp", "blocks.1.mlp"], "− blocks.{0,1}.mlp"),
            (base.clone(), vec!["blocks.0.attn.heads.1", "blocks.0.attn.heads.3"], "− blocks.0.attn.heads.{1,3}"),
            (base.clone(), vec!["blocks.0.mlp", "blocks.1.attn"], "− blocks.0.mlp, − blocks.1.attn"),
            (base.clone(), vec!["position", "blocks.1.attn"], "− position, − blocks.1.attn"),
        ];
        for (changed, removed, label) in cases {
            assert_eq!(difference(&base, &changed, &removed), label);
        }
    }
}
