//! `cargo xtask bench --native`: a training step of ours beside one of JAX, each on one thread of this processor. The two run in turns, and the
//! fastest round of each counts: whatever else a machine does only ever slows a step down.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::against::milliseconds;
use crate::{paths, shell};

/// The shapes by their names here, as JAX's script calls them, and as our benchmark does.
const SHAPES: [(&str, &str, &str); 4] = [
    ("S1 (8, 16, 32, 2)", "transformer (8, 16, 32, 2)", "(8, 16, 32, 2)"),
    ("S2 (32, 32, 64, 2)", "transformer (32, 32, 64, 2)", "(32, 32, 64, 2)"),
    ("S3 (16, 64, 128, 4)", "transformer (16, 64, 128, 4)", "(16, 64, 128, 4)"),
    ("denoiser, B 512", "denoiser 2-128-128-128-2, B 512", "denoiser_step"),
];
/// Turns of each.
const TURNS: usize = 2;

/// Compiles our benchmark, measures, and says what was measured. Without JAX only ours is measured, which is said.
///
/// # Errors
/// When ours does not compile, or one of the two prints what cannot be read.
pub fn run() -> Result<String> {
    let python = python();
    println!("\nCompiling takes about ten minutes the first time; leave the machine alone while it measures.");
    let mut fastest = [[f64::INFINITY; SHAPES.len()]; 2];
    for _ in 0..TURNS {
        let [ours, jax] = &mut fastest;
        take_fastest(ours, &our_steps()?);
        if let Some(python) = &python {
            take_fastest(jax, &steps_of_jax(python)?);
        }
    }
    let [ours, jax] = fastest;
    let mut text = format!("milliseconds a step, the fastest round, one thread of {}\n\n", processor());
    text += &format!("{:<22}{:>8}{:>10}{:>22}\n", "shape", "ours", "JAX jit", "our speed / JAX's");
    for (index, (name, ..)) in SHAPES.iter().enumerate() {
        let (ours, jax) = (ours[index], jax[index]);
        text += &if python.is_some() {
            format!("{name:<22}{ours:>8.3}{jax:>10.3}{:>22.2}\n", jax / ours)
        } else {
            format!("{name:<22}{ours:>8.3}{:>10}\n", "-")
        };
    }
    if python.is_none() {
        text += "\nJAX was not measured: no `python3` imports it (`pip install -r tests/reference/requirements.txt`; PYTHON names another).\n";
    }
    Ok(text)
}

/// The name of this processor, where the system says it in a file.
fn processor() -> String {
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    name_in(&described).unwrap_or(std::env::consts::ARCH).to_owned()
}

/// The name in Linux's description of processors.
fn name_in(described: &str) -> Option<&str> {
    let line = described.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim())
}

/// A Python that has JAX.
fn python() -> Option<String> {
    let program = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    shell::output(shell::command(&program).args(["-c", "import jax"])).map(|_| program)
}

fn take_fastest(fastest: &mut [f64], times: &[f64]) {
    for (fastest, time) in fastest.iter_mut().zip(times) {
        *fastest = fastest.min(*time);
    }
}

/// Milliseconds of a step of ours, by shape.
fn our_steps() -> Result<Vec<f64>> {
    let mut cargo = shell::words("cargo bench --locked --package ablation-models --bench steps --");
    read_ours(&shell::run_for_output(cargo.args(["transformer_step", "denoiser_step", "--skip", "dropout"]))?)
}

/// The first time in the line of each shape: the fastest.
fn read_ours(output: &str) -> Result<Vec<f64>> {
    let time = |name: &str| {
        let line = output
            .lines()
            .find_map(|line| line.split_once(name))
            .with_context(|| format!("the benchmark does not know `{name}`"))?;
        milliseconds(line.1)
    };
    SHAPES.iter().map(|(.., ours)| time(ours)).collect()
}

fn steps_of_jax(python: &str) -> Result<Vec<f64>> {
    let script = Path::new("tests/bench-native/jax_steps.py");
    read_jax(&shell::run_for_output(shell::command(python).arg(paths::root().join(script)))?)
}

/// The fastest round of each shape. A model that does not learn is no peer.
fn read_jax(output: &str) -> Result<Vec<f64>> {
    let lines: Vec<Value> =
        output.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("JAX's script prints no JSON")?;
    let time = |name: &str| {
        let line =
            lines.iter().find(|line| line["shape"] == name).with_context(|| format!("JAX's script does not know `{name}`"))?;
        let number = |key: &str| line[key].as_f64().with_context(|| format!("JAX's script gives no `{key}` of {name}"));
        if number("after")? >= number("before")? {
            bail!("JAX does not learn {name}: its loss goes from {} to {}", number("before")?, number("after")?);
        }
        number("best")
    };
    SHAPES.iter().map(|(_, jax, _)| time(jax)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_step_of_each_shape_is_read() {
        let output = "steps                  fastest       │ slowest\n├─ denoiser_step       950.5 µs      │ 2.4 ms\n╰─ transformer_step                 │\n   \
                      ├─ (8, 16, 32, 2)    1.5 ms        │ 2 ms\n   ├─ (16, 64, 128, 4)  80 ms  │ 90 ms\n   ╰─ (32, 32, 64, 2)   9 ms  │ 10 ms\n";
        assert_eq!(read_ours(output).unwrap(), [1.5, 9.0, 80.0, 0.9505]);
        assert!(read_ours("steps").unwrap_err().to_string().contains("(8, 16, 32, 2)"));
    }

    #[test]
    fn the_processor_is_named() {
        assert_eq!(name_in("processor\t: 0\nmodel name\t: AMD EPYC\nmodel\t\t: 2\n"), Some("AMD EPYC"));
        assert_eq!(name_in("Hardware: a phone\n"), None);
    }

    #[test]
    fn a_peer_that_does_not_learn_is_refused() {
        let line =
            |name: &str, after: f64| format!("{{\"shape\": \"{name}\", \"best\": 2.5, \"before\": 3.0, \"after\": {after}}}\n");
        let good: String = SHAPES.iter().map(|(_, jax, _)| line(jax, 1.0)).collect();
        assert_eq!(read_jax(&good).unwrap(), [2.5; 4]);
        let bad: String = SHAPES.iter().map(|(_, jax, _)| line(jax, 3.0)).collect();
        assert!(read_jax(&bad).unwrap_err().to_string().contains("does not learn"));
    }
}
