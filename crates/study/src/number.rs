//! Numbers inside sentences.

/// Two decimals, three where the number is small: enough to compare two losses, too few to pretend precision.
pub(crate) fn plain(value: f64) -> String {
    let decimals = if value != 0.0 && value.abs() < 0.095 { 3 } else { 2 };
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        text.trim_start_matches('-').to_string()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn numbers_keep_two_decimals_and_small_ones_three() {
        let cases = [(1.4267, "1.43"), (0.0512, "0.051"), (-0.2, "-0.20"), (0.0, "0.00"), (-0.00001, "0.000"), (12.0, "12.00")];
        for (value, text) in cases {
            assert_eq!(plain(value), text);
        }
    }
}
