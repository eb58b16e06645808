//! Named stages, run in order until one fails, with the time each took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// One stage: a name to type after `--only`, and what it does.
pub struct Stage {
    /// Short, without spaces.
    pub name: &'static str,
    /// One line for the log.
    pub about: &'static str,
    /// The work.
    pub run: fn() -> Result<()>,
}

/// How a stage ended.
enum End {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the stages, or the one named, and prints a summary whose last line counts them.
///
/// # Errors
/// The first failing stage's error, or an unknown name.
pub fn run(stages: &[Stage], only: Option<&str>) -> Result<()> {
    let chosen: Vec<&Stage> = stages.iter().filter(|stage| only.is_none_or(|name| name == stage.name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = stages.iter().map(|stage| stage.name).collect();
        bail!("there is no stage `{}`; the stages are {}", only.unwrap_or_default(), names.join(", "));
    }
    let mut ends = Vec::new();
    let mut failure = None;
    for (i, stage) in chosen.iter().enumerate() {
        if failure.is_some() {
            ends.push(End::NotRun);
            continue;
        }
        println!("\n=== {} ({}/{}): {}", stage.name, i + 1, chosen.len(), stage.about);
        let start = Instant::now();
        match (stage.run)() {
            Ok(()) => ends.push(End::Passed(start.elapsed())),
            Err(error) => {
                println!("{error:#}");
                ends.push(End::Failed(start.elapsed()));
                failure = Some(error.context(format!("stage `{}` failed", stage.name)));
            }
        }
    }
    println!("\n{}", summary(&chosen, &ends));
    failure.map_or(Ok(()), Err)
}

fn summary(stages: &[&Stage], ends: &[End]) -> String {
    let mut text = String::new();
    for (stage, end) in stages.iter().zip(ends) {
        let (time, verdict) = match end {
            End::Passed(time) => (clock(*time), "passed"),
            End::Failed(time) => (clock(*time), "FAILED"),
            End::NotRun => (String::new(), "not run"),
        };
        text += &format!("  {:<12} {time:>8}  {verdict}\n", stage.name);
    }
    let passed = ends.iter().filter(|end| matches!(end, End::Passed(_))).count();
    let failed = ends.iter().filter(|end| matches!(end, End::Failed(_))).count();
    text + &format!("{passed} passed, {failed} failed")
}

/// Minutes and seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [Stage; 3] = [
        Stage { name: "good", about: "passes", run: || Ok(()) },
        Stage { name: "bad", about: "fails", run: || bail!("the reason") },
        Stage { name: "later", about: "is never reached", run: || panic!("ran after a failure") },
    ];

    #[test]
    fn the_first_failure_ends_the_run_and_is_named() {
        let error = run(&STAGES, None).unwrap_err();
        assert_eq!(format!("{error:#}"), "stage `bad` failed: the reason");
    }

    #[test]
    fn a_single_stage_runs_alone() {
        assert!(run(&STAGES, Some("good")).is_ok());
        let error = run(&STAGES, Some("best")).unwrap_err().to_string();
        assert!(error.contains("`best`") && error.contains("good, bad, later"), "{error}");
    }

    #[test]
    fn the_last_line_counts_what_passed_and_failed() {
        let stages: Vec<&Stage> = STAGES.iter().collect();
        let ends = [End::Passed(Duration::from_secs(75)), End::Failed(Duration::ZERO), End::NotRun];
        let text = summary(&stages, &ends);
        assert!(text.contains("1:15  passed") && text.contains("not run"), "{text}");
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed"));
    }
}
