//! The command line `ablation`: the same studies as the page, headless, on one machine or many.
//!
//! Each command is a file. Commands decide and compute; what they print goes through `output`, so that a closed pipe or a full disk is
//! an error with a sentence and not a panic.
//!
//! A library, so that what reads strangers' files can be fuzzed (`tests/fuzz`); the program is one line.

mod all_but_one;
mod analyze;
mod arguments;
mod assignment;
mod bench;
mod by_id;
mod calibrate;
mod catalog;
mod clock;
mod components;
mod corpus;
mod device;
mod effects;
mod encode;
mod failure;
mod faster;
mod figures;
mod file;
mod fleets;
mod folder;
mod glossary;
mod grade;
mod greedy;
mod lint;
mod number;
mod output;
mod pairs;
mod plan;
mod progress;
mod report;
pub mod results;
mod run;
mod sites;
mod study;
pub mod study_file;
mod sweep;
mod table;
mod together;
mod train;
mod trained;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

/// Does what was typed, says what went wrong, and gives the exit code.
pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Catalog(arguments) => catalog::run(&arguments),
        Command::Glossary(arguments) => glossary::run(&arguments),
        Command::Sites(arguments) => sites::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Effects(arguments) => effects::run(&arguments),
        Command::Encode(arguments) => encode::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Calibrate(arguments) => calibrate::run(&arguments),
        Command::Assignment(arguments) => assignment::run(&arguments),
        Command::Grade(arguments) => grade::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
