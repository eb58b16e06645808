//! `cargo xtask bench --against COMMIT`: a native training step of this checkout beside that of a commit. The two run in turns, and the
//! fastest of each counts: whatever else a machine does only ever slows a step down.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{paths, shell};

/// The step that is measured: the denoiser of the native benchmark.
const STEP: &str = "denoiser_step";

/// Turns of each.
const TURNS: usize = 5;

/// Compiles both, and measures.
///
/// # Errors
/// When there is no such commit, or one of the two does not compile or has no such benchmark.
pub fn run(commit: &str) -> Result<()> {
    let then = paths::kept().join("against").join(commit);
    if !then.is_dir() {
        shell::run(shell::words("git worktree add --detach").arg(&then).arg(commit))?;
    }
    println!("\nCompiling takes about ten minutes the first time; leave the machine alone while it measures.");
    let mut fastest = [f64::INFINITY; 2];
    for _ in 0..TURNS {
        for (folder, fastest) in [then.as_path(), &paths::root()].into_iter().zip(&mut fastest) {
            *fastest = fastest.min(measured(folder)?);
        }
    }
    let [then, now] = fastest;
    println!("{STEP}: {then:.3} ms at {commit}, {now:.3} ms now: {:.2} times as fast", then / now);
    Ok(())
}

/// Milliseconds of the fastest step of a checkout. Both share a target folder, so that their dependencies are compiled once.
fn measured(folder: &Path) -> Result<f64> {
    let mut cargo = shell::words("cargo bench --locked --package ablation-models --bench steps");
    cargo.current_dir(folder).arg("--target-dir").arg(paths::kept().join("against").join("target"));
    let output = shell::run_for_output(cargo.args(["--", STEP]))?;
    fastest(&output).with_context(|| format!("the benchmark of {} says no time", folder.display()))
}

/// The first time in the line of the step, in milliseconds.
fn fastest(output: &str) -> Result<f64> {
    milliseconds(output.lines().find_map(|line| line.split_once(STEP)).context("it does not know the step")?.1)
}

/// The time with which a text begins, in milliseconds.
///
/// # Errors
/// When it begins with none.
pub fn milliseconds(line: &str) -> Result<f64> {
    let mut words = line.split_whitespace();
    let (Some(number), Some(unit)) = (words.next(), words.next()) else { bail!("`{line}` holds no time") };
    let milliseconds = match unit {
        "ns" => 1e-6,
        "µs" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        other => bail!("`{other}` is no unit of time"),
    };
    Ok(number.parse::<f64>()? * milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_step_is_read_in_milliseconds() {
        let output = "steps            fastest       │ slowest\n╰─ denoiser_step  950.5 µs      │ 2.4 ms\n";
        assert!((fastest(output).unwrap() - 0.9505).abs() < 1e-12);
        assert!(fastest("steps  fastest").is_err());
    }
}
