//! Finding the browser that tests and benchmarks drive, or saying exactly how to get it.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{apt, shell};

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The browser's executable: the variable `CHROMIUM`, or one of the usual names.
///
/// # Errors
/// When `CHROMIUM` names a file that does not exist.
pub fn find() -> Result<Option<PathBuf>> {
    if let Some(file) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        if file.is_file() {
            return Ok(Some(file));
        }
        bail!("CHROMIUM is {}, which is no file; unset it, or set it to the path of a Chromium", file.display());
    }
    Ok(shell::find(&NAMES))
}

/// Installs Chromium through apt where that is possible without asking anybody.
///
/// # Errors
/// Where it is not possible, with what to install by hand.
pub fn install() -> Result<PathBuf> {
    if !apt::may_install() {
        bail!(
            "no Chromium found (looked for {}). Install one: Debian `sudo apt-get install chromium`, \
             Fedora `sudo dnf install chromium`, macOS `brew install --cask chromium`; or set CHROMIUM to the path of one",
            NAMES.join(", ")
        );
    }
    apt::install(&["chromium"])?;
    match find()? {
        Some(file) => Ok(file),
        None => bail!("apt-get installed chromium, but none of {} is on the search path", NAMES.join(", ")),
    }
}
