//! The label of an arm is its difference from the reference.
//!
//! A name typed by hand can be wrong about what was run; a pure function of two sets of settings cannot.

use crate::settings::{Settings, Value};

/// The difference of `changed` from `reference` in words: `− position`, `gelu → relu`, `weight decay 0.1 → 0`.
///
/// `removed` are paths of sites that were taken out from the start. Settings that only one side has are said as well.
pub fn difference(reference: &Settings, changed: &Settings, removed: &[&str]) -> String {
    let mut parts: Vec<String> = removed.iter().map(|site| format!("− {site}")).collect();
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
        ];
        for (changed, removed, label) in cases {
            assert_eq!(difference(&base, &changed, &removed), label);
        }
    }
}
