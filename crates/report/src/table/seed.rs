//! One name for one seed.
//!
//! A seed pairs a run with its reference. Pandas writes `1.0` where another script wrote `1`, and a third has `seed_1`: taken as three names
//! they would pair nothing, or with `--partial` quietly compare fewer runs than there are.

/// The seed that a text names: a whole number without leading zeros, decimals that are zero, or the word `seed` in front; any other text as it
/// stands.
pub(super) fn canonical(text: &str) -> String {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let number = lower.strip_prefix("seed").unwrap_or(&lower).trim_start_matches(['_', '-', '=', ':', '#', ' ', '.']);
    let number = if lower.starts_with("seed") { number } else { number_of(&lower) };
    match whole(number) {
        Some(digits) => digits.to_string(),
        None => text.to_string(),
    }
}

/// The text without a plus.
fn number_of(text: &str) -> &str {
    text.strip_prefix('+').unwrap_or(text)
}

/// The digits that count of a whole number; `0` of zero.
fn whole(text: &str) -> Option<&str> {
    let (digits, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_whole =
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && decimals.bytes().all(|byte| byte == b'0');
    let digits = digits.trim_start_matches('0');
    is_whole.then_some(if digits.is_empty() { "0" } else { digits })
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn spellings_of_one_seed_are_one() {
        for text in ["1", "01", "1.0", "1,00", "+1", "seed_1", "Seed 1", "seed=01", "seed1", "SEED-1.0", " 1 "] {
            assert_eq!(canonical(text), "1", "{text}");
        }
        for text in ["0", "0.0", "000", "seed_0"] {
            assert_eq!(canonical(text), "0", "{text}");
        }
        // Longer than any integer of a machine.
        assert_eq!(canonical("0123456789012345678901234567890"), "123456789012345678901234567890");
    }

    #[test]
    fn other_names_stay() {
        for text in ["a", "1.5", "-1", "seed", "seed_a", "seed_", "fold1", "1a", "٣", "", "s1", "1e3"] {
            assert_eq!(canonical(text), text);
        }
    }
}
