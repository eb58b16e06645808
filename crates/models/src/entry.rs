//! Registries of options: one list, one file a member, one line a member.
//!
//! Name, label, help and meaning of an option stand together in its file. Form, help, links, checks and the swaps that a site
//! offers all come from the list.

use std::fmt;

use ablation_settings::{Choice, Field, Group, MissingSetting, Settings};

/// A member of a registry.
pub struct Entry<T> {
    /// Name in links and files.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// One sentence on what it is.
    pub help: &'static str,
    /// What it means to the model.
    pub value: T,
}

/// Members are told apart by their names.
impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The member of a name.
pub(crate) fn named<T>(all: &'static [Entry<T>], name: &str) -> Option<&'static Entry<T>> {
    all.iter().find(|entry| entry.name == name)
}

/// The member that a setting names.
///
/// # Errors
/// If the setting is missing or names no member; never after validation.
pub(crate) fn chosen<T>(all: &'static [Entry<T>], settings: &Settings, path: &str) -> Result<&'static Entry<T>, MissingSetting> {
    named(all, settings.text(path)?).ok_or_else(|| MissingSetting { path: path.to_string(), expected: "a name from its list" })
}

/// The same of a setting that compact settings leave out where it names the first member.
///
/// # Errors
/// If the setting names no member.
pub(crate) fn chosen_or_first<T>(
    all: &'static [Entry<T>],
    settings: &Settings,
    path: &str,
) -> Result<&'static Entry<T>, MissingSetting> {
    if settings.get(path).is_none() { Ok(&all[0]) } else { chosen(all, settings, path) }
}

/// The setting that chooses a member; the first is the default.
pub(crate) fn field<'a, T: 'static>(
    all: impl IntoIterator<Item = &'a Entry<T>>,
    path: &str,
    group: Group,
    label: &str,
    help: &str,
) -> Field {
    let options = all.into_iter().map(|entry| Choice::new(entry.name, entry.label, entry.help)).collect();
    Field::choice(path, group, label, help, options)
}
