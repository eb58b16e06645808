//! The program `ablation`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ablation_cli::run()
}
