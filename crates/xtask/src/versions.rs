//! Which versions are wanted and which are installed. wasm-bindgen's command line must match the library to the digit, or the
//! modules do not load; the library's version is the lockfile's.

use anyhow::{Result, bail};

/// Trunk 0.22 needs a newer compiler than the one in rust-toolchain.toml.
pub const TRUNK: &str = "0.21.14";

/// The version of `package` in the text of a `Cargo.lock`.
///
/// # Errors
/// When the package is missing, or locked at several versions at once.
pub fn locked<'a>(lockfile: &'a str, package: &str) -> Result<&'a str> {
    let mut found = Vec::new();
    let mut lines = lockfile.lines();
    while let Some(line) = lines.next() {
        if quoted(line, "name") == Some(package) {
            found.extend(lines.next().and_then(|line| quoted(line, "version")));
        }
    }
    match found[..] {
        [version] => Ok(version),
        [] => bail!("Cargo.lock holds no {package}; run `cargo fetch` and try again"),
        _ => bail!("Cargo.lock holds several versions of {package} ({}); they must agree", found.join(", ")),
    }
}

/// The value of `key = "value"`.
fn quoted<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"')
}

/// The version in what a program prints for `--version`, such as `trunk 0.21.14`.
pub fn printed(output: &str) -> Option<&str> {
    output.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The first number of a version such as `v20.20.2`.
pub fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.60\"\n\n[[package]]\n\
        name = \"wasm-bindgen\"\nversion = \"0.2.130\"\ndependencies = [\n \"cfg-if\",\n]\n\n\
        [[package]]\nname = \"rand\"\nversion = \"0.9.1\"\n\n[[package]]\nname = \"rand\"\nversion = \"0.10.4\"\n";

    #[test]
    fn the_locked_version_is_that_of_the_package_with_exactly_this_name() {
        assert_eq!(locked(LOCK, "wasm-bindgen").unwrap(), "0.2.130");
    }

    #[test]
    fn a_missing_package_and_one_locked_twice_are_errors_that_name_it() {
        assert!(locked(LOCK, "serde").unwrap_err().to_string().contains("no serde"));
        assert!(locked(LOCK, "rand").unwrap_err().to_string().contains("0.9.1, 0.10.4"));
    }

    #[test]
    fn installed_versions_are_read_from_what_programs_print() {
        assert_eq!(printed("trunk 0.21.14"), Some("0.21.14"));
        assert_eq!(printed("wasm-bindgen 0.2.130 (3a6a1b6)"), Some("0.2.130"));
        assert_eq!(printed("command not found"), None);
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("none"), None);
    }
}
