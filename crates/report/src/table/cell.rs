//! Single cells: what they say, and what is wrong with them.

use ablation_protocol::Arm;
use ablation_settings::{LONGEST, nearest, shorten};

/// Why a cell names no arm.
pub(super) fn unknown_arm(given: &str) -> String {
    let names: Vec<&str> = Arm::ALL.into_iter().map(Arm::name).collect();
    if given.is_empty() {
        return format!("it is empty; the arms are: {}", names.join(", "));
    }
    let lower = given.to_lowercase();
    match lower.as_str() {
        "baseline" | "full" | "base" | "control" | "original" | "intact" => {
            format!("there is no arm `{}`; what others are compared with is called `reference`", short(given))
        }
        _ => match nearest(&lower, names.iter().copied()) {
            Some(name) => {
                format!("there is no arm `{}`; did you mean `{name}`? The arms are: {}", short(given), names.join(", "))
            }
            None => format!(
                "there is no arm `{}`; the arms are: {}. If it is not said how the model came to be, write `variant`",
                short(given),
                names.join(", ")
            ),
        },
    }
}

/// Steps after the ablation as a share of the training. A decimal comma cannot be taken for anything else here.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let share = super::number::read(text, true).ok().map(|written| written.value).filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| {
        let shown = short(text.trim());
        format!("`{shown}` is not a share; write the steps after the ablation over those of the training, such as 0.05")
    })
}

/// A cell in a message.
pub(super) fn short(text: &str) -> String {
    shorten(text, LONGEST)
}
