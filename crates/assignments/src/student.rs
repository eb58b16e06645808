//! A student's name, and the seed that follows from it.
//!
//! Each student runs the study with a root seed of their own. Their numbers differ in the last digits and their verdicts do not, so a record
//! that was copied from somebody else is recognised, and explaining it is not made any harder.

use ablation_settings::{LONGEST, StudyError, canonical::hash_text, shorten};

use crate::assignment::ASSIGNMENT_SCHEMA;
use crate::text::trimmed;

/// Longest name of a student, in characters.
const LONGEST_NAME: usize = 100;

/// A name as it is compared: without white space at both ends, in small letters.
///
/// # Errors
/// If it is empty, too long, or has control characters.
pub fn student(name: &str) -> Result<String, StudyError> {
    let name = trimmed(&name.to_lowercase()).to_string();
    let refuse = |message: String| Err(StudyError::new("student", message));
    match name.chars().count() {
        0 => refuse("it is empty; write the name by which the course knows the student".to_string()),
        1..=LONGEST_NAME if name.contains(|c: char| c.is_control()) => {
            refuse(format!("`{}` has control characters in it; write letters, digits and punctuation", shorten(&name, LONGEST)))
        }
        1..=LONGEST_NAME => Ok(name),
        count => {
            refuse(format!("a name has 1 to {LONGEST_NAME} characters, and this one has {count}; use the login of the course"))
        }
    }
}

/// The root seed of a student: the first 32 bits of the SHA-256 of format, assignment and name.
///
/// # Errors
/// As [`student`].
pub fn seed_of(assignment: &str, name: &str) -> Result<u32, StudyError> {
    let name = student(name)?;
    let hash = hash_text(&format!("{ASSIGNMENT_SCHEMA}\n{assignment}\n{name}"));
    Ok(u32::from_str_radix(&hash[..8], 16).expect("a hash is hexadecimal"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The values are from another implementation:
    /// ```text
    /// from hashlib import sha256
    /// int(sha256("ablation-assignment/v1\npositions\nada".encode()).hexdigest()[:8], 16)
    /// ```
    #[test]
    fn golden_seeds_never_change() {
        assert_eq!(seed_of("positions", "ada"), Ok(SEED_OF_ADA));
        assert_eq!(seed_of("positions", "  Ada\t"), Ok(SEED_OF_ADA));
        assert_eq!(seed_of("positions", "\u{feff}\u{a0}ada\u{2028}"), Ok(SEED_OF_ADA), "as JavaScript trims");
        assert!(seed_of("positions", "ada\u{85}").is_err());
        assert_eq!(seed_of("positions", "ÉMILIE"), seed_of("positions", "émilie"));
        assert_ne!(seed_of("positions", "bob"), Ok(SEED_OF_ADA));
        assert_ne!(seed_of("heads", "ada"), Ok(SEED_OF_ADA));
    }

    const SEED_OF_ADA: u32 = 3_810_781_182;

    #[test]
    fn names_that_are_none_are_refused() {
        for (name, words) in [(" \n ", "is empty"), ("a\u{7}b", "control characters"), (&"x".repeat(101), "this one has 101")] {
            let error = student(name).unwrap_err().to_string();
            assert!(error.starts_with("`student`: ") && error.contains(words), "{error}");
        }
        assert!(student(&"é".repeat(100)).is_ok());
    }

    proptest! {
        #[test]
        fn any_name_has_a_seed_or_is_refused(name in "\\PC{0,120}|[\u{0}-\u{ff}]{0,8}") {
            if let Ok(seed) = seed_of("a", &name) {
                prop_assert_eq!(seed_of("a", &format!(" {} ", name.to_lowercase())), Ok(seed));
            }
        }
    }
}
