//! Leaves out of the modules what only debuggers read: the names of functions, who produced the file.
//!
//! No wasm-opt. Measured at every shape of the benchmark, `-O1`, `-Os` and `-O3` left the CPU module as fast as the compiler had
//! made it; `-Os` and `-O3` made it smaller on disk but larger to download than this does (606 KB of brotli against 576), in a
//! hundred seconds of a processor against none.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{paths, sizes};

/// The eight bytes every module starts with.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Strips every module in `dist/`, in place.
///
/// # Errors
/// When a file cannot be read or written, or is no module.
pub fn all() -> Result<()> {
    for name in sizes::modules() {
        let file = paths::dist().join(name);
        if file.is_file() {
            let module = stripped(&fs::read(&file)?).with_context(|| format!("{name} could not be stripped"))?;
            fs::write(&file, module)?;
        }
    }
    Ok(())
}

/// The module without custom sections that have no meaning to a browser. Sections follow each other as an identity byte, a length
/// and that many bytes; custom ones have identity 0 and start with their name
/// (<https://webassembly.github.io/spec/core/binary/modules.html>).
fn stripped(module: &[u8]) -> Result<Vec<u8>> {
    let Some(mut rest) = module.strip_prefix(HEADER) else {
        bail!("it does not start like a WebAssembly module");
    };
    let mut kept = HEADER.to_vec();
    while let [identity, after @ ..] = rest {
        let (length, content) = number(after)?;
        let Some((content, next)) = content.split_at_checked(length) else {
            bail!("a section of {length} bytes is cut short");
        };
        let custom = *identity == 0;
        if !(custom && for_debuggers(content)?) {
            kept.extend_from_slice(&rest[..rest.len() - next.len()]);
        }
        rest = next;
    }
    Ok(kept)
}

fn for_debuggers(custom: &[u8]) -> Result<bool> {
    let (length, rest) = number(custom)?;
    let name = rest.get(..length).context("the name of a section is cut short")?;
    Ok(matches!(name, b"name" | b"producers" | b"target_features") || name.starts_with(b".debug"))
}

/// An unsigned LEB128 number, and what follows it.
fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut value = 0;
    for (i, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[i + 1..]));
        }
    }
    bail!("a length is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of sections, each an identity and its content.
    fn module(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for (identity, content) in sections {
            bytes.extend([*identity, content.len() as u8 | 0x80, 0]); // a length in two bytes, as linkers write it
            bytes.extend_from_slice(content);
        }
        bytes
    }

    #[test]
    fn names_and_debug_information_go_and_everything_else_stays_as_it_was() {
        let before = module(&[(1, b"types"), (0, b"\x04nameabc"), (10, b"code"), (0, b"\x0b.debug_infox"), (0, b"\x05other")]);
        let after = module(&[(1, b"types"), (10, b"code"), (0, b"\x05other")]);
        assert_eq!(stripped(&before).unwrap(), after);
        assert_eq!(stripped(&after).unwrap(), after);
    }

    #[test]
    fn what_is_no_whole_module_is_refused() {
        assert!(stripped(b"<!doctype html>").is_err());
        let whole = module(&[(1, b"types")]);
        assert!(stripped(&whole[..whole.len() - 1]).unwrap_err().to_string().contains("cut short"));
    }
}
