//! The label of an arm is its difference from the reference.
//!
//! A name typed by hand can be wrong about what was run; a pure function of two sets of settings cannot.

use ablation_settings::{Settings, Value};

/// The difference of `changed` from `reference` in words: `− position`, `gelu → relu`, `weight decay 0.1 → 0`.
///
/// `removed` are paths of sites that were taken out from the start; those that differ in one step are one thing, `− blocks.{0,1}.mlp`.
/// Settings that only one side has are said as well.
pub fn difference(reference: &Settings, changed: &Settings, removed: &[&str]) -> String {
    let mut parts: Vec<String> = match grouped(removed) {
        Some(group) => vec![format!("− {group}")],
        None => removed.iter().map(|site| format!("− {site}")).collect(),
    };
    let mut paths: Vec<&str> = reference.iter().chain(changed.iter()).map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        match (reference.get(path), changed.get(path)) {
            (Some(before), Some(after)) if before != after => parts.push(change(path, before, after)),
            (Some(_), None) => parts.push(format!("− {path}")),
            (None, Some(after)) => parts.push(format!("+ {path} {after}")),
            _ => {}
        }
    }
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
        // A name says by itself what it is the name of, unless it is `none`.
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
