//! `ablation lint`: what a careful reviewer would object to, before one does.

use ablation_report::{Finding, Level, Record, lint};
use anyhow::bail;
use serde::Serialize;

use crate::arguments::LintArguments;
use crate::{output, report};

/// The findings as JSON.
#[derive(Serialize)]
struct Findings<'a> {
    findings: &'a [Finding],
}

/// Prints every finding.
///
/// # Errors
/// If one of them forbids a claim.
pub fn run(arguments: &LintArguments) -> anyhow::Result<()> {
    let Record { study, report, .. } = report::read(&arguments.study)?;
    let findings = lint(&study, &report);
    if arguments.json {
        output::json(&Findings { findings: &findings })?;
    } else if findings.is_empty() {
        output::text("nothing found; that is no proof of a good study, only of one without the usual flaws\n")?;
    } else {
        output::shown(&findings.iter().map(say).collect::<String>())?;
    }
    match findings.iter().filter(|finding| finding.level == Level::Error).count() {
        0 => Ok(()),
        1 => bail!("1 finding forbids a claim"),
        count => bail!("{count} findings forbid a claim"),
    }
}

fn say(finding: &Finding) -> String {
    let Finding { level, code, places, message, hint } = finding;
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let hint = if hint.is_empty() { String::new() } else { format!("  {hint}\n") };
    format!("{level} [{code}] {}: {message}\n{hint}", places.join("; "))
}
