//! What was asked for. Parsing is apart from doing, so that it can be tested.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::build::Options;

/// The port tried first.
const PORT: u16 = 8080;

/// One parsed command line.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Print the table of commands.
    Help,
    /// Install what is missing.
    Setup,
    /// Build into `dist/`.
    Build(Options),
    /// Describe what is in `dist/` for other sites.
    Embeds { address: String },
    /// The page with an assignment, as a package for a learning management system.
    Scorm { assignment: PathBuf, into: Option<PathBuf> },
    /// Only the documentation, into a folder or `dist/`.
    DocsSite { into: Option<PathBuf> },
    /// Build and serve.
    Serve { port: u16, options: Options },
    /// Every check and test, or one stage of them.
    Test { only: Option<String> },
    /// The browser benchmark, or that of a whole study; `rest` goes to its driver.
    Bench { sketch: bool, json: Option<PathBuf>, rest: Vec<OsString> },
    /// A native training step beside that of a commit.
    Against { commit: String },
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// An unknown command or option, or a value that does not fit, by name.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let name = match parser.next()? {
        None | Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Value(name)) => name.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    let mut command = match name.as_str() {
        "help" => Command::Help,
        "setup" => Command::Setup,
        "build" => Command::Build(Options { release: false, cpu_only: false }),
        "embeds" => Command::Embeds { address: String::new() },
        "scorm" => Command::Scorm { assignment: PathBuf::new(), into: None },
        "docs-site" => Command::DocsSite { into: None },
        "serve" => Command::Serve { port: PORT, options: Options { release: true, cpu_only: false } },
        "test" => Command::Test { only: None },
        "bench" => Command::Bench { sketch: false, json: None, rest: Vec::new() },
        unknown => bail!("there is no command `{unknown}`; `cargo xtask` lists the commands"),
    };
    while let Some(argument) = parser.next()? {
        match (&mut command, argument) {
            (Command::Build(options), Long("release")) => options.release = true,
            (Command::Serve { options, .. }, Long("debug")) => options.release = false,
            (Command::Build(options) | Command::Serve { options, .. }, Long("cpu-only")) => options.cpu_only = true,
            (Command::Embeds { address }, Long("address")) => *address = parser.value()?.string()?,
            (Command::Scorm { assignment, .. }, Long("assignment")) => *assignment = parser.value()?.into(),
            (Command::Scorm { into, .. }, Long("into")) => *into = Some(parser.value()?.into()),
            (Command::Serve { port, .. }, Long("port")) => *port = parser.value()?.parse()?,
            (Command::DocsSite { into }, Long("into")) => *into = Some(parser.value()?.into()),
            (Command::Test { only }, Long("only")) => *only = Some(parser.value()?.string()?),
            (Command::Bench { sketch, json: None, .. }, Long("sketch")) => *sketch = true,
            (Command::Bench { sketch: false, json: None, .. }, Long("against")) => {
                command = Command::Against { commit: parser.value()?.string()? };
            }
            (Command::Bench { sketch: false, json, .. }, Long("json")) => *json = Some(parser.value()?.into()),
            (Command::Bench { rest, .. }, Value(first)) => {
                rest.push(first);
                rest.extend(parser.raw_args()?);
            }
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    if matches!(&command, Command::Scorm { assignment, .. } if assignment.as_os_str().is_empty()) {
        bail!("`scorm` needs --assignment FILE");
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_asks_for_the_table_of_commands() {
        assert_eq!(parsed("").unwrap(), Command::Help);
    }

    #[test]
    fn serve_builds_for_release_on_port_8080_unless_told_otherwise() {
        let options = Options { release: true, cpu_only: false };
        assert_eq!(parsed("serve").unwrap(), Command::Serve { port: 8080, options });
        let options = Options { release: false, cpu_only: true };
        assert_eq!(parsed("serve --debug --cpu-only --port 9000").unwrap(), Command::Serve { port: 9000, options });
    }

    #[test]
    fn the_documentation_goes_where_it_is_told() {
        assert_eq!(parsed("docs-site").unwrap(), Command::DocsSite { into: None });
        assert_eq!(parsed("docs-site --into x").unwrap(), Command::DocsSite { into: Some("x".into()) });
    }

    #[test]
    fn what_follows_two_dashes_goes_to_the_benchmark_driver() {
        let rest = vec!["--only".into(), "jax".into()];
        let json = Some(PathBuf::from("out.json"));
        assert_eq!(parsed("bench --json out.json -- --only jax").unwrap(), Command::Bench { sketch: false, json, rest });
        assert_eq!(parsed("bench --sketch").unwrap(), Command::Bench { sketch: true, json: None, rest: Vec::new() });
        assert_eq!(parsed("bench --against 6090a26").unwrap(), Command::Against { commit: "6090a26".to_owned() });
        assert!(parsed("bench --sketch --json out.json").unwrap_err().to_string().contains("--json"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parsed("tset").unwrap_err().to_string().contains("`tset`"));
        assert!(parsed("build --relase").unwrap_err().to_string().contains("--relase"));
        assert_eq!(parsed("embeds --address https://a.b/").unwrap(), Command::Embeds { address: "https://a.b/".to_owned() });
        let scorm = Command::Scorm { assignment: "a.json".into(), into: Some("a.zip".into()) };
        assert_eq!(parsed("scorm --assignment a.json --into a.zip").unwrap(), scorm);
        assert!(parsed("scorm").unwrap_err().to_string().contains("--assignment"));
        assert!(parsed("embeds --port 1").unwrap_err().to_string().contains("--port"));
        assert!(parsed("serve --port many").unwrap_err().to_string().contains("many"));
    }
}
