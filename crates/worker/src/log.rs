//! What the libraries below have to say.
//!
//! In a browser a program that the graphics driver rejects is only logged: the call returns as if all were well, and the buffers still
//! hold whatever was there before. So an error in the log of the graphics stack ends the run instead of ending up in a chart.

use std::sync::Mutex;

use gloo::console;

#[cfg(feature = "models")]
use crate::error::Failure;

/// The first error of the graphics stack, if there was one.
static REJECTED: Mutex<Option<String>> = Mutex::new(None);

struct Console;

impl ::log::Log for Console {
    fn enabled(&self, metadata: &::log::Metadata) -> bool {
        metadata.level() <= ::log::Level::Warn
    }

    fn log(&self, record: &::log::Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = format!("{}: {}", record.target(), record.args());
        if record.level() == ::log::Level::Error {
            let graphics = ["cubecl", "wgpu", "naga"].iter().any(|name| record.target().starts_with(name));
            if graphics && let Ok(mut rejected) = REJECTED.lock() {
                rejected.get_or_insert_with(|| line.lines().next().unwrap_or_default().to_string());
            }
            console::error!(line);
        } else {
            console::warn!(line);
        }
    }

    fn flush(&self) {}
}

/// Starts listening.
pub(crate) fn listen() {
    static CONSOLE: Console = Console;
    // A second call finds the first one's logger, which does the same.
    if ::log::set_logger(&CONSOLE).is_ok() {
        ::log::set_max_level(::log::LevelFilter::Warn);
    }
}

/// An error if the graphics stack has reported one: what was computed since is not to be trusted.
#[cfg(feature = "models")]
pub(crate) fn sound() -> Result<(), Failure> {
    let rejected = REJECTED.lock().ok().and_then(|rejected| rejected.clone());
    rejected.map_or(Ok(()), |line| {
        let message = format!("the graphics driver reported an error, so its numbers cannot be trusted ({line})");
        Err(Failure::new("device-lost", message, "Go on on the CPU from the last checkpoint."))
    })
}
