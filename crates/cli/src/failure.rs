//! How a command ends when it does not work: one sentence on stderr, and an exit code that a script can tell apart.

use std::process::ExitCode;

use ablation_models::{Asset, ModelError};
use ablation_settings::visible;

/// It failed, and the same input may work elsewhere.
const FAILED: u8 = 1;
/// The input has to change; the argument parser ends with the same code.
const BAD_INPUT: u8 = 2;

/// What was asked for cannot be done. The message names the value and the way out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadInput(String);

/// An error that ends with the exit code for bad input.
pub fn bad_input(message: impl Into<String>) -> anyhow::Error {
    BadInput(message.into()).into()
}

/// Says what went wrong and chooses the exit code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {}", visible(&format!("{error:#}")));
    if let Some(error) = error.downcast_ref::<ModelError>() {
        eprintln!("  {}", hint(error));
    }
    ExitCode::from(code(error))
}

/// The way out, with the option that gives a file.
fn hint(error: &ModelError) -> &'static str {
    match error {
        ModelError::NoAsset { asset, .. } if *asset == Asset::Corpus.name() => {
            "Give the file with this SHA-256 with `--corpus FILE`, or choose another in the setting `data.corpus`."
        }
        other => other.hint(),
    }
}

fn code(error: &anyhow::Error) -> u8 {
    let of_model = |error: &ModelError| matches!(error.code(), "bad-study" | "refused" | "no-asset");
    let bad = error.is::<BadInput>() || error.downcast_ref().is_some_and(of_model);
    if bad { BAD_INPUT } else { FAILED }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_and_failures_end_differently() {
        let refused = ModelError::Refused { what: "ablation".into(), reason: "no".into() };
        assert_eq!(code(&bad_input("no")), 2);
        assert_eq!(code(&refused.into()), 2);
        assert_eq!(code(&ModelError::Device("lost".into()).into()), 1);
        assert_eq!(code(&anyhow::anyhow!("disk full")), 1);
    }
}
