//! Whether every arm was given as much as every other, which a comparison of arms takes for granted.

use ablation_protocol::Study;

use crate::Report;

/// Settings that decide how much one training costs.
const COSTS: [&str; 2] = ["train.steps", "train.batch"];

/// Why budgets are not equal; nothing if they are.
pub fn inequalities(study: &Study, report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    for variant in &study.variants {
        let changes = variant.set.iter().chain(variant.matched.iter().flat_map(|matched| matched.iter()));
        for (path, value) in changes.filter(|(path, _)| COSTS.contains(path)) {
            found.push(format!("{} is trained with `{path}` {value}", variant.label));
        }
    }
    if let Some(reference) = report.tuning.iter().find(|tuning| tuning.arm == "reference") {
        let wanted = reference.points.len();
        for tuning in report.tuning.iter().filter(|tuning| tuning.points.len() != wanted) {
            found.push(format!(
                "the search of {} has {} points, that of the reference {wanted}",
                tuning.arm,
                tuning.points.len()
            ));
        }
    }
    found
}
