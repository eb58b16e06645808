//! The repository's own commands, one per file. They exist so that a fresh clone needs two lines (`cargo xtask serve`,
//! `cargo xtask test`) instead of a page of instructions that goes out of date.

mod against;
mod apt;
mod arguments;
mod assignment;
mod bench;
mod build;
mod bundle;
mod cargo;
mod chromium;
mod docs_site;
mod embeds;
mod engines;
mod modules;
mod native;
mod offline;
mod page;
mod paths;
mod performance;
mod scorm;
mod serve;
mod setup;
mod shell;
mod single_file;
mod sizes;
mod stages;
mod test;

use std::process::ExitCode;

use anyhow::Result;

use arguments::Command;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  setup                        install what is missing, into this folder where possible
  build [--release] [--cpu-only]
                               build the page and its modules into dist/, and print their sizes
  embeds --address URL         describe each preset and study of dist/ for other sites (oEmbed), where
                               dist/ will be published at URL
  scorm --assignment FILE [--into FILE]
                               the page of dist/ with an assignment as a SCORM 1.2 package
  single-file [--assignment FILE] [--home URL] [--gpu] [--into FILE]
                               the page of dist/ as one HTML file that needs no server; links to the rest
                               of the site lead to URL
  docs-site [--into FOLDER]    only the documentation, into dist/docs, without modules
  serve [--port N] [--debug] [--cpu-only]
                               set up, build and serve the page on localhost
  test [--only STAGE]          set up, then every check and test, browser tests included
  bench [--json FILE] [--write] [-- ARGUMENTS]
                               our trainer beside its peers in one headless Chromium
  bench --gpu [--json FILE] [--write] [-- ARGUMENTS]
                               fleets on WebGPU beside the same fleets on one core, in headless Chromium
  bench --native [--write]     our trainer beside JAX on one thread of the processor
  bench --sketch [--write] [-- STUDY]
                               a whole study on one and two cores, natively and in the browser
  bench --against COMMIT       a native training step beside that of a commit, in turns
                               (--write puts what was measured into docs/performance.md)
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match arguments::parse(std::env::args_os().skip(1))? {
        Command::Help => {
            print!("{HELP}\nStages of test: {}\n", test::stage_names().join(", "));
            Ok(())
        }
        Command::Setup => setup::run(&setup::EVERYTHING),
        Command::Build(options) => {
            setup::run(&setup::FOR_BUILD)?;
            build::run(options)
        }
        Command::Embeds { address } => {
            embeds::write(&paths::dist(), Some(&address))?;
            offline::write(&paths::dist())
        }
        Command::Scorm { assignment, into } => scorm::run(&assignment, into.as_deref()),
        Command::SingleFile(options) => {
            setup::run(&setup::FOR_SINGLE_FILE)?;
            single_file::run(&options)
        }
        Command::DocsSite { into } => docs_site::run(into.as_deref()),
        Command::Serve { port, options } => serve::run(port, options),
        Command::Test { only } => test::run(only.as_deref()),
        Command::Bench(options) => bench::run(&options),
    }
}
