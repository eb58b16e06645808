//! Named stages, run in order until one fails, with the time each took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::shell;

/// A program, by any of the names that it goes by.
pub type Program = &'static [&'static str];

/// One stage: a name to type after `--only`, and what it does.
pub struct Stage {
    /// Short, without spaces.
    pub name: &'static str,
    /// One line for the log.
    pub about: &'static str,
    /// The programs without which the stage is skipped.
    pub needs: &'static [Program],
    /// The work.
    pub run: fn() -> Result<()>,
}

/// How a stage ended.
enum End {
    Passed(Duration),
    Failed(Duration),
    /// The program it needs is not there.
    Skipped(&'static str),
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
        if let Some(program) = stage.needs.iter().find(|names| shell::find(names).is_none()) {
            println!("skipped: there is no `{}` on the search path", program[0]);
            ends.push(End::Skipped(program[0]));
            continue;
        }
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
            End::Passed(time) => (clock(*time), "passed".to_owned()),
            End::Failed(time) => (clock(*time), "FAILED".to_owned()),
            End::Skipped(program) => (String::new(), format!("skipped: there is no `{program}`")),
            End::NotRun => (String::new(), "not run".to_owned()),
        };
        text += &format!("  {:<12} {time:>8}  {verdict}\n", stage.name);
    }
    let passed = ends.iter().filter(|end| matches!(end, End::Passed(_))).count();
    let failed = ends.iter().filter(|end| matches!(end, End::Failed(_))).count();
    let skipped = ends.iter().filter(|end| matches!(end, End::Skipped(_))).count();
    text += &format!("{passed} passed, {failed} failed");
    if skipped > 0 {
        text += &format!(", {skipped} skipped");
    }
    text
}

/// Minutes and seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [Stage; 4] = [
        Stage { name: "good", about: "passes", needs: &[&["no-such-program", "cargo"]], run: || Ok(()) },
        Stage {
            name: "odd",
            about: "needs what nobody has",
            needs: &[&["cargo"], &["no-such-program"]],
            run: || panic!("ran all the same"),
        },
        Stage { name: "bad", about: "fails", needs: &[], run: || bail!("the reason") },
        Stage { name: "later", about: "is never reached", needs: &[], run: || panic!("ran after a failure") },
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
        assert!(error.contains("`best`") && error.contains("good, odd, bad, later"), "{error}");
    }

    #[test]
    fn a_stage_whose_program_is_missing_is_skipped() {
        assert!(run(&STAGES, Some("odd")).is_ok());
    }

    #[test]
    fn the_last_line_counts_what_passed_and_failed() {
        let stages: Vec<&Stage> = STAGES.iter().collect();
        let ends =
            [End::Passed(Duration::from_secs(75)), End::Skipped("no-such-program"), End::Failed(Duration::ZERO), End::NotRun];
        let text = summary(&stages, &ends);
        assert!(text.contains("1:15  passed") && text.contains("not run"), "{text}");
        assert!(text.contains("skipped: there is no `no-such-program`"), "{text}");
        assert_eq!(text.lines().last(), Some("1 passed, 1 failed, 1 skipped"));
    }
}
