//! Files that are read with a bound, and files that appear complete or not at all.
//!
//! Hours of training end in one write. Written in place, a full disk or a lost power line would leave half of the new file and nothing
//! of the old one; so everything goes to a temporary file beside the target, which is renamed when it is on the disk.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use ablation_settings::foreign;
use anyhow::Context;
use tempfile::NamedTempFile;

use crate::failure::bad_input;

/// Stands for standard input where a file is asked for.
pub const STDIN: &str = "-";

/// The text of `path`, or of standard input, without a byte order mark. `what` is what it is called in messages, as `the study `x.json``.
///
/// # Errors
/// If it cannot be read, has more than `largest` bytes, or is not UTF-8.
pub fn text(path: &Path, what: &str, largest: u64) -> anyhow::Result<String> {
    let bytes = bytes(path, largest).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
    bounded(bytes, what, largest)
}

/// The text of a file that any program may have written: UTF-8, UTF-16, or Windows-1252, which older spreadsheets save. With a note if it
/// was not UTF-8 and nothing in it says what it is.
///
/// # Errors
/// If it cannot be read, has more than `largest` bytes, or is none of these.
pub fn foreign_text(path: &Path, what: &str, largest: u64) -> anyhow::Result<(String, Option<String>)> {
    let bytes = bytes(path, largest).map_err(|error| bad_input(format!("{what} cannot be read: {error}")))?;
    decode_foreign(within(bytes, what, largest)?, what)
}

/// The bytes of `path`, or of standard input; one more than `largest` where there are more.
///
/// # Errors
/// If it cannot be read, which says nothing about what is in it.
pub fn bytes(path: &Path, largest: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // No more than that is read, whatever the file says about its size: it may be a pipe or a device.
    if path.as_os_str() == STDIN {
        std::io::stdin().lock().take(largest + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The text of bytes that were read with the bound `largest`.
///
/// # Errors
/// If there are more, or they are not UTF-8.
pub fn bounded(bytes: Vec<u8>, what: &str, largest: u64) -> anyhow::Result<String> {
    decode(within(bytes, what, largest)?, what)
}

/// Bytes that are no more than the bound.
///
/// # Errors
/// If there are more.
pub fn within(bytes: Vec<u8>, what: &str, largest: u64) -> anyhow::Result<Vec<u8>> {
    if bytes.len() as u64 > largest {
        return Err(bad_input(format!("{what} has more than {largest} bytes, which is more than is read")));
    }
    Ok(bytes)
}

/// The text of bytes in one of the encodings of [`foreign_text`], and a note if it was guessed.
///
/// # Errors
/// If it is none of them.
pub fn decode_foreign(bytes: Vec<u8>, what: &str) -> anyhow::Result<(String, Option<String>)> {
    // A header is ASCII, so every other byte of UTF-16 is zero even where no mark says so.
    let big = match &bytes[..] {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some(false),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some(true),
        _ => None,
    };
    if let Some(big) = big {
        return utf16(&bytes, big, what).map(|text| (text, None));
    }
    if std::str::from_utf8(&bytes).is_ok() {
        return decode(bytes, what).map(|text| (text, None));
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for (at, &byte) in bytes.iter().enumerate() {
        let Some(c) = windows_1252(byte) else {
            let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            return Err(bad_input(format!(
                "{what} is neither UTF-8 nor Windows-1252 text (line {line}, byte {at}); save it as UTF-8"
            )));
        };
        text.push(c);
    }
    let note = "it is not UTF-8 and is read as Windows-1252; if letters with accents look wrong, save it as UTF-8";
    Ok((text, Some(note.to_string())))
}

/// The text of UTF-16, without a byte order mark.
fn utf16(bytes: &[u8], big: bool, what: &str) -> anyhow::Result<String> {
    let refuse = |why: &str| bad_input(format!("{what} is UTF-16 and {why}; save it as UTF-8"));
    let unit = |pair: &[u8]| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
    if !bytes.len().is_multiple_of(2) {
        return Err(refuse("ends in the middle of a character"));
    }
    let units = bytes.chunks_exact(2).map(unit);
    let text: Result<String, _> = char::decode_utf16(units).collect();
    let text = text.map_err(|_| refuse("has half a character in it"))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_string))
}

/// The character of a byte in Windows-1252; none of the five that it leaves open.
fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•', '–',
        '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => Some(HIGH[usize::from(byte - 0x80)]).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

/// The text that bytes are, without a byte order mark.
///
/// # Errors
/// If they are not UTF-8.
pub fn decode(bytes: Vec<u8>, what: &str) -> anyhow::Result<String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(bad_input(format!("{what} is UTF-16 and not UTF-8 text; save it as UTF-8")));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        if let Some(other) = foreign(error.as_bytes()) {
            return bad_input(format!("{what} is {other} and not text"));
        }
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        bad_input(format!("{what} is not UTF-8 text (line {line}, byte {at}); save it as UTF-8"))
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// A file that will replace `target`. Opening it before the work starts finds an unwritable folder while nothing is lost yet.
pub struct Replacement {
    target: PathBuf,
    file: NamedTempFile,
}

impl Replacement {
    /// Opens the temporary file.
    ///
    /// # Errors
    /// If `target` is a folder, or its folder does not exist or cannot be written to.
    pub fn open(target: &Path) -> anyhow::Result<Self> {
        if target.is_dir() || target.file_name().is_none() {
            return Err(bad_input(format!("`{}` is a folder; give the name of a file in it", target.display())));
        }
        let folder = folder_of(target);
        let file = builder().tempfile_in(folder).with_context(|| {
            format!(
                "`{}` cannot be written; does the folder `{}` exist, and may you write to it?",
                target.display(),
                folder.display()
            )
        })?;
        Ok(Replacement { target: target.to_path_buf(), file })
    }

    /// Writes the bytes to the disk, then lets them take the target's place.
    ///
    /// # Errors
    /// If the disk is full or may not be written to; what was there before is unchanged.
    pub fn write(self, bytes: &[u8]) -> anyhow::Result<()> {
        let (target, file) = self.filled(bytes)?;
        file.persist(&target).with_context(|| unchanged(&target))?;
        keep_name(&target);
        Ok(())
    }

    /// The same for a target that nobody else has made meanwhile; says whether it took the place.
    ///
    /// # Errors
    /// As [`Replacement::write`].
    pub fn write_new(self, bytes: &[u8]) -> anyhow::Result<bool> {
        let (target, file) = self.filled(bytes)?;
        match file.persist_noclobber(&target) {
            Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            // Some network drives know neither links nor names that are taken once; there the last one wins.
            Err(refused) => drop(refused.file.persist(&target).with_context(|| unchanged(&target))?),
            Ok(_) => {}
        }
        keep_name(&target);
        Ok(true)
    }

    /// The target, and the bytes on the disk.
    fn filled(mut self, bytes: &[u8]) -> anyhow::Result<(PathBuf, NamedTempFile)> {
        self.file.write_all(bytes).with_context(|| unchanged(&self.target))?;
        self.file.as_file().sync_all().with_context(|| unchanged(&self.target))?;
        Ok((self.target, self.file))
    }
}

fn unchanged(target: &Path) -> String {
    format!("`{}` could not be written; what was there before is unchanged", target.display())
}

/// A new name is on the disk when its folder is. Some systems have no such thing as writing a folder; then there is nothing to do.
fn keep_name(target: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder_of(target)) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = target;
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether this is the name of a temporary file that a killed run may have left.
pub fn is_leftover(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

const PREFIX: &str = ".ablation-";
const SUFFIX: &str = ".part";

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // A temporary file is private unless told otherwise; this one becomes an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_spreadsheet_is_read() {
        let plain = "a,Rückkopplung – €\n𝛼";
        let le: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = plain.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let read = |bytes: Vec<u8>| decode_foreign(bytes, "it").map_err(|error| error.to_string());
        for bytes in [
            plain.into(),
            [&[0xef, 0xbb, 0xbf], plain.as_bytes()].concat(),
            [&[0xff, 0xfe], &le[..]].concat(),
            [&[0xfe, 0xff], &be[..]].concat(),
            le.clone(),
            be,
        ] {
            assert_eq!(read(bytes), Ok((plain.to_string(), None)));
        }
        let (text, note) = read(b"a,R\xfcck \x96 \x80".to_vec()).unwrap();
        assert_eq!(text, "a,Rück – €");
        assert!(note.unwrap().contains("read as Windows-1252"));
        assert!(read(b"a,b\nk\x81".to_vec()).unwrap_err().contains("neither UTF-8 nor Windows-1252 text (line 2, byte 5)"));
        assert!(read(vec![0xff, 0xfe, b'a']).unwrap_err().contains("in the middle of a character"));
        assert!(read(vec![0xff, 0xfe, 0x00, 0xd8]).unwrap_err().contains("half a character"));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.bin");
        std::fs::write(&target, "old").unwrap();
        let new = Replacement::open(&target).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        new.write(b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "new");
    }

    #[test]
    fn a_new_file_takes_nobody_s_place() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.bin");
        // Both were opened while there was none.
        let [first, second] = [(); 2].map(|()| Replacement::open(&target).unwrap());
        assert!(first.write_new(b"first").unwrap());
        assert!(!second.write_new(b"second").unwrap());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_run_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.bin");
        std::fs::write(&target, "old").unwrap();
        drop(Replacement::open(&target).unwrap());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_no_file_and_a_missing_one_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let message = |path: &Path| Replacement::open(path).map(|_| ()).unwrap_err().to_string();
        assert!(message(folder.path()).contains("is a folder"));
        assert!(message(&folder.path().join("no/such/a.bin")).contains("cannot be written"));
    }
}
