//! The order in which people count: `blocks.2` before `blocks.10`.

use std::cmp::Ordering;

/// Compares texts by their parts, runs of digits as numbers of any length. Texts are equal only if they are the same.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let ((one, rest_of_left), (other, rest_of_right)) = (part(left), part(right));
        let order = match (number(one), number(other)) {
            (Some(one), Some(other)) => one.len().cmp(&other.len()).then_with(|| one.cmp(other)),
            _ => one.cmp(other),
        };
        if order.is_ne() {
            return order;
        }
        if rest_of_left.is_empty() || rest_of_right.is_empty() {
            // `1` and `01` are one number and two names.
            return rest_of_left.len().cmp(&rest_of_right.len()).then_with(|| a.cmp(b));
        }
        (left, right) = (rest_of_left, rest_of_right);
    }
}

/// The first run of digits or of anything else, and what follows it.
fn part(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    text.split_at(text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len()))
}

/// The digits that count, if these are digits.
fn number(part: &str) -> Option<&str> {
    part.starts_with(|c: char| c.is_ascii_digit()).then(|| part.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = ["b10", "b9", "a", "b", "b9.heads.10", "b9.heads.2", "10", "9", "", "007", "7", "Δ1"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["", "007", "7", "9", "10", "a", "b", "b9", "b9.heads.2", "b9.heads.10", "b10", "Δ1"]);
    }
}
