//! Whether all arms have the same budget, which a comparison of arms assumes.

use ablation_protocol::Study;
use ablation_settings::Role;

use crate::Report;

/// Differences between the budgets of the arms, one sentence each; empty if all budgets are equal.
pub fn inequalities(study: &Study, report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    for variant in &study.variants {
        let changes = variant.set.iter().chain(variant.matched.iter().flat_map(|matched| matched.iter()));
        for (path, value) in changes.filter(|(path, _)| study.role(path) == Some(Role::Budget)) {
            found.push(format!("{} is trained with `{path}` {value}", variant.label));
        }
    }
    if let Some(reference) = report.tuning.iter().find(|tuning| tuning.arm == "reference") {
        let wanted = reference.points.len();
        for tuning in report.tuning.iter().filter(|tuning| tuning.points.len() != wanted) {
            found.push(format!(
                "the search of {} has {} points, and the search of the reference has {wanted}",
                tuning.arm,
                tuning.points.len()
            ));
        }
    }
    found
}
