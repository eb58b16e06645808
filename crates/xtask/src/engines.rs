//! Browsers beside Chromium that the tests of the CPU path are run in. Who cannot have one goes without its stage.

use anyhow::{Result, bail};

use crate::stages::Program;
use crate::{apt, shell};

/// A browser, its programs, and how to get them.
pub struct Engine {
    /// As setting up lists it.
    pub name: &'static str,
    /// As `tests/web/engines` calls it, and the name of its stage.
    pub key: &'static str,
    /// What has to be on the search path.
    pub programs: &'static [Program],
    /// Debian's packages.
    packages: &'static [&'static str],
    /// How to get it elsewhere.
    elsewhere: &'static str,
}

/// Firefox itself is enough to be driven.
pub const FIREFOX: Engine = Engine {
    name: "Firefox",
    key: "firefox",
    programs: &[&["firefox-esr", "firefox"]],
    packages: &["firefox-esr"],
    elsewhere: "Debian `sudo apt-get install firefox-esr`, Fedora `sudo dnf install firefox`, and elsewhere from https://www.mozilla.org/firefox with `firefox` on the search path",
};

/// WebKit is driven through its own driver, in a window on a screen that nobody sees.
pub const WEBKIT: Engine = Engine {
    name: "WebKit",
    key: "webkit",
    programs: &[&["WebKitWebDriver"], &["Xvfb"]],
    packages: &["webkit2gtk-driver", "xvfb"],
    elsewhere: "Debian and Ubuntu `sudo apt-get install webkit2gtk-driver xvfb`; there is none for Windows and macOS",
};

impl Engine {
    /// Where its first program is, if all of them are there.
    pub fn find(&self) -> Option<std::path::PathBuf> {
        let files: Option<Vec<_>> = self.programs.iter().map(|names| shell::find(names)).collect();
        files?.into_iter().next()
    }

    /// Installs it through apt, or says how to get it: its tests are skipped then.
    ///
    /// # Errors
    /// Where apt may install it, on Debian, and that does not help.
    pub fn install(&self) -> Result<()> {
        if !(apt::may_install() && apt::is_debian()) {
            println!("{} is not there, and its tests are skipped. To have it: {}", self.name, self.elsewhere);
            return Ok(());
        }
        apt::install(self.packages)?;
        let Some(file) = self.find() else {
            bail!("apt-get installed {}, but its programs are not on the search path", self.packages.join(" and "));
        };
        println!("found {}", file.display());
        Ok(())
    }
}
