//! Runs the built binary.

use std::ffi::OsStr;
use std::process::Command;

use serde_json::Value;

/// Settings that make any preset train in a moment.
pub const TINY: [&str; 8] =
    ["--set", "train.steps=3", "--set", "sandbox.recovery_steps=2", "--set", "train.batch=4", "--set", "model.width=8"];

/// What a run left.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs `ablation` with these arguments.
pub fn ablation<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_ablation")).args(arguments).output().expect("the binary was built");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs a command that trains, on a tiny study.
pub fn tiny(arguments: &[&str]) -> Ended {
    ablation(arguments.iter().chain(&TINY))
}

impl Ended {
    /// Its output, if it worked without a word on stderr.
    #[track_caller]
    pub fn worked(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// Its output, if it worked and left exactly this note on stderr.
    #[track_caller]
    pub fn noted(self, note: &str) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), format!("note: {note}\n").as_str()), "{}", self.out);
        self.out
    }

    /// Its output as one line of JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        let out = self.worked();
        assert_eq!(out.lines().count(), 1);
        serde_json::from_str(&out).expect("the output is JSON")
    }

    /// Asserts that it refused its input in a sentence with all these words, printed nothing else, and did not panic.
    #[track_caller]
    pub fn refused(self, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(2), ""), "{}", self.err);
        assert!(self.err.starts_with("error: ") && !self.err.contains("panicked"), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing in: {}", self.err);
        }
    }
}

/// The names in a JSON object.
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}
