//! What was asked for. Parsing is apart from doing, so that it can be tested.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::bench::{self, What};
use crate::build::Options;
use crate::single_file;

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
    /// The page as one file.
    SingleFile(single_file::Options),
    /// Only the documentation, into a folder or `dist/`.
    DocsSite { into: Option<PathBuf> },
    /// Build and serve.
    Serve { port: u16, options: Options },
    /// Every check and test, or one stage of them.
    Test { only: Option<String> },
    /// A benchmark beside peers.
    Bench(bench::Options),
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
        "single-file" => Command::SingleFile(single_file::Options::default()),
        "docs-site" => Command::DocsSite { into: None },
        "serve" => Command::Serve { port: PORT, options: Options { release: true, cpu_only: false } },
        "test" => Command::Test { only: None },
        "bench" => Command::Bench(bench::Options::default()),
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
            (Command::SingleFile(options), Long("assignment")) => options.assignment = Some(parser.value()?.into()),
            (Command::SingleFile(options), Long("home")) => options.home = Some(parser.value()?.string()?),
            (Command::SingleFile(options), Long("gpu")) => options.gpu = true,
            (Command::SingleFile(options), Long("into")) => options.into = Some(parser.value()?.into()),
            (Command::Serve { port, .. }, Long("port")) => *port = parser.value()?.parse()?,
            (Command::DocsSite { into }, Long("into")) => *into = Some(parser.value()?.into()),
            (Command::Test { only }, Long("only")) => *only = Some(parser.value()?.string()?),
            (Command::Bench(options), Long("gpu")) => options.choose(What::Gpu)?,
            (Command::Bench(options), Long("sketch")) => options.choose(What::Sketch)?,
            (Command::Bench(options), Long("native")) => options.choose(What::Native)?,
            (Command::Bench(options), Long("against")) => options.choose(What::Against(parser.value()?.string()?))?,
            (Command::Bench(options), Long("write")) => options.write = true,
            (Command::Bench(options), Long("json")) => options.json = Some(parser.value()?.into()),
            (Command::Bench(options), Value(first)) => {
                options.rest.push(first);
                options.rest.extend(parser.raw_args()?);
            }
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    if matches!(&command, Command::Scorm { assignment, .. } if assignment.as_os_str().is_empty()) {
        bail!("`scorm` needs --assignment FILE");
    }
    if let Command::Bench(options) = &command {
        options.check()?;
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
        let browser = bench::Options { json, rest, ..bench::Options::default() };
        assert_eq!(parsed("bench --json out.json -- --only jax").unwrap(), Command::Bench(browser));
        let options = |what, write| Command::Bench(bench::Options { what, write, ..bench::Options::default() });
        assert_eq!(parsed("bench --write").unwrap(), options(What::Browser, true));
        assert_eq!(parsed("bench --sketch").unwrap(), options(What::Sketch, false));
        let fleet = bench::Options {
            what: What::Gpu,
            json: Some("out.json".into()),
            rest: vec!["--fleet".into(), "8".into()],
            ..bench::Options::default()
        };
        assert_eq!(parsed("bench --gpu --json out.json -- --fleet 8").unwrap(), Command::Bench(fleet));
        assert_eq!(parsed("bench --native --write").unwrap(), options(What::Native, true));
        assert_eq!(parsed("bench --against 6090a26").unwrap(), options(What::Against("6090a26".to_owned()), false));
        for (line, named) in [
            ("bench --sketch --json out.json", "--json"),
            ("bench --native -- --only jax", "--only"),
            ("bench --against 6090a26 --write", "--write"),
            ("bench --native --sketch", "one benchmark"),
            ("bench --gpu --native", "--gpu"),
        ] {
            assert!(parsed(line).unwrap_err().to_string().contains(named), "{line}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert!(parsed("tset").unwrap_err().to_string().contains("`tset`"));
        assert!(parsed("build --relase").unwrap_err().to_string().contains("--relase"));
        assert_eq!(parsed("embeds --address https://a.b/").unwrap(), Command::Embeds { address: "https://a.b/".to_owned() });
        let scorm = Command::Scorm { assignment: "a.json".into(), into: Some("a.zip".into()) };
        assert_eq!(parsed("scorm --assignment a.json --into a.zip").unwrap(), scorm);
        let options = single_file::Options {
            assignment: Some("a.json".into()),
            home: Some("https://example.org/".into()),
            gpu: true,
            into: Some("a.html".into()),
        };
        let line = "single-file --assignment a.json --home https://example.org/ --gpu --into a.html";
        assert_eq!(parsed(line).unwrap(), Command::SingleFile(options));
        assert!(parsed("scorm").unwrap_err().to_string().contains("--assignment"));
        assert!(parsed("embeds --port 1").unwrap_err().to_string().contains("--port"));
        assert!(parsed("serve --port many").unwrap_err().to_string().contains("many"));
    }
}
