//! How far a training is, on one line of stderr, while somebody looks. Into a file or a pipe nothing is written.
//!
//! Written by hand: the usual crate for it changes the features of a crate that the tensor library is built on, and with them every
//! build of this command line alone would compile the tensor library once more.

use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Width of the bar in characters.
const WIDTH: u64 = 24;
/// Time between two drawings; more often nobody sees.
const PAUSE: Duration = Duration::from_millis(100);

/// A line with a bar and the time that is left.
pub struct Progress {
    total: u64,
    /// What was done before it began.
    before: u64,
    begun: Instant,
    drawn: Option<Instant>,
    shows: bool,
}

impl Progress {
    /// A line over `total` units of work. It shows only if stderr is a terminal.
    pub fn new(total: u64) -> Self {
        Progress { total, before: 0, begun: Instant::now(), drawn: None, shows: stderr().is_terminal() }
    }

    /// Says that `done` units are done, and what is under way.
    pub fn at(&mut self, done: u64, what: &str, loss: Option<f32>) {
        if !self.shows || self.drawn.is_some_and(|drawn| drawn.elapsed() < PAUSE) {
            return;
        }
        self.drawn = Some(Instant::now());
        self.put(&line([self.before, done, self.total], self.begun.elapsed(), what, loss));
    }

    /// A terminal that went away is no reason to stop training.
    fn put(&self, line: &str) {
        let _ = write!(stderr(), "\r\x1b[2K{line}").and_then(|()| stderr().flush());
    }
}

/// The same line for several threads that share the work.
pub struct Shared(Mutex<(u64, Progress)>);

impl Shared {
    /// A line over `total` units of work.
    pub fn new(total: u64) -> Self {
        Shared(Mutex::new((0, Progress::new(total))))
    }

    /// Says that so many more units were done before it began: they tell nothing about the speed.
    pub fn skip(&self, units: u64) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.0 += units;
        shared.1.before += units;
    }

    /// Says that so many more units are done, and what is under way.
    pub fn advance(&self, units: u64, what: &str, loss: Option<f32>) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, progress) = &mut *shared;
        *done += units;
        progress.at(*done, what, loss);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            self.put("");
        }
    }
}

fn line([before, done, total]: [u64; 3], elapsed: Duration, what: &str, loss: Option<f32>) -> String {
    let done = done.min(total);
    let full = (WIDTH * done / total.max(1)) as usize;
    let bar = "█".repeat(full) + &"░".repeat(WIDTH as usize - full);
    let loss = loss.map_or(String::new(), |loss| format!("  loss {loss:.3}"));
    let left = match done.saturating_sub(before) {
        0 => "…".to_string(),
        now => time(elapsed.mul_f64((total - done) as f64 / now as f64)),
    };
    format!("{what:<22} {bar} {:>3} %{loss}  {left} left", 100 * done / total.max(1))
}

fn time(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_and_how_long() {
        let text = line([0, 50, 200], Duration::from_secs(30), "train", Some(0.5));
        assert!(text.contains(" 25 %  loss 0.500  1 min 30 s left") && text.contains("██████░"), "{text}");
        assert!(line([0, 0, 0], Duration::ZERO, "train", None).contains("0 %  … left"));
        assert!(line([0, 9, 3], Duration::from_secs(1), "train", None).contains("100 %  0 s left"));
    }

    #[test]
    fn what_was_done_before_tells_nothing_about_the_speed() {
        assert!(line([100, 150, 200], Duration::from_secs(30), "train", None).contains(" 75 %  30 s left"));
        assert!(line([150, 150, 200], Duration::from_secs(30), "train", None).contains(" 75 %  … left"));
    }

    #[test]
    fn what_several_threads_do_and_skip_adds_up() {
        let shared = Shared::new(100);
        std::thread::scope(|scope| {
            (0..4).for_each(|_| drop(scope.spawn(|| (0..5).for_each(|_| shared.advance(2, "train", None)))));
            scope.spawn(|| shared.skip(10));
        });
        let (done, progress) = shared.0.into_inner().unwrap();
        assert_eq!((done, progress.before), (50, 10));
    }

    #[test]
    fn long_times_are_told_in_hours() {
        assert_eq!(time(Duration::from_secs(7384)), "2 h 03 min");
    }
}
