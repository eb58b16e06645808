//! The command line as a person meets it: what goes in, what comes out, and how it ends.
//!
//! One program, because linking the tensor library once for each file would take longer than all of these tests.

mod analyze;
mod assignments;
mod bad_input;
mod bench;
mod calibrate;
mod corpus;
mod effects;
mod glossary;
mod lists;
mod records;
mod run;
mod sets;
mod stored_studies;
mod studies;
mod sweep;
mod train;
