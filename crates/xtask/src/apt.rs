//! Installing Debian packages, where that is possible without asking anybody.

use std::fs;

use anyhow::Result;

use crate::shell;

/// Whether packages can be installed: apt is there, and we are root.
pub fn may_install() -> bool {
    shell::find(&["apt-get"]).is_some() && shell::output(&mut shell::words("id -u")).as_deref() == Some("0")
}

/// Whether packages are called as Debian calls them; those of its descendants are not always.
pub fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

/// Installs packages.
///
/// # Errors
/// When apt fails.
pub fn install(packages: &[&str]) -> Result<()> {
    shell::run(&mut shell::words("apt-get update"))?;
    let mut install = shell::words("apt-get install --yes --no-install-recommends");
    shell::run(install.args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}
