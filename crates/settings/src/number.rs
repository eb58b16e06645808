//! Numbers inside sentences.

/// A number with all of its digits, as it was given: with an exponent where it has many zeros.
pub fn given(value: f64) -> String {
    const LONGEST: usize = 20;
    let text = value.to_string();
    if text.len() > LONGEST { format!("{value:?}") } else { text }
}

/// Two decimals, three where the number is small: enough to compare two losses, too few to pretend precision.
pub fn plain(value: f64) -> String {
    let decimals = if value != 0.0 && value.abs() < 0.095 { 3 } else { 2 };
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        text.trim_start_matches('-').to_string()
    } else {
        text
    }
}

/// A difference with the decimals that a margin resolves: as many as the margin has with two significant digits, so that no digit is shown
/// that is far below what matters. Four significant digits where there is no margin.
pub fn resolved(value: f64, margin: Option<f64>) -> String {
    let Some(decimals) = margin.and_then(decimals_of) else { return significant(value) };
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.' | '-'));
    text.replace('-', if is_zero { "" } else { "−" })
}

/// The decimals of a margin with two significant digits, at most ten; none if it is no margin.
pub fn decimals_of(margin: f64) -> Option<usize> {
    if !margin.is_finite() || margin <= 0.0 {
        return None;
    }
    // The exponent after rounding: 0.0999 is 0.10.
    let exponent: i32 = format!("{margin:.1e}").split_once('e')?.1.parse().ok()?;
    Some((1 - exponent).clamp(0, 10) as usize)
}

/// Four significant digits with a true minus sign, for tables of a card: whole numbers whole, very small and very large ones with an
/// exponent.
pub fn significant(value: f64) -> String {
    if value == libm::trunc(value) && value.abs() < 1e6 {
        return format!("{}", value as i64).replace('-', "−");
    }
    // The exponent after rounding: 9.9996 is 10.00.
    let scientific = format!("{value:.3e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let text = if (-4..6).contains(&exponent) { format!("{value:.*}", (3 - exponent).max(0) as usize) } else { scientific };
    text.replacen('-', "−", usize::from(value < 0.0))
}

#[cfg(test)]
mod tests {
    use super::{given, plain, resolved, significant};

    #[test]
    fn given_numbers_are_as_short_as_they_can_be() {
        let cases =
            [(777.0, "777"), (-2.1, "-2.1"), (1e300, "1e300"), (1e-300, "1e-300"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")];
        for (value, text) in cases {
            assert_eq!(given(value), text);
        }
    }

    #[test]
    fn differences_have_the_decimals_of_the_margin() {
        let cases = [
            (-0.006473, Some(0.04382), "−0.006"),
            (1.43999, Some(0.04382), "1.440"),
            (0.04382, Some(0.04382), "0.044"),
            (-0.0001, Some(0.04382), "0.000"),
            (2.4142, Some(0.5), "2.41"),
            (1234.6, Some(100.0), "1235"),
            (0.5, Some(1e-300), "0.5000000000"),
            (0.0027921, None, "0.002792"),
            (0.0027921, Some(0.0), "0.002792"),
        ];
        for (value, margin, text) in cases {
            assert_eq!(resolved(value, margin), text);
        }
    }

    #[test]
    fn tables_have_four_digits() {
        let cases = [
            (6.0, "6"),
            (-2.0, "−2"),
            (1.42974, "1.430"),
            (-0.0027921, "−0.002792"),
            (9.99996, "10.00"),
            (3.759e-13, "3.759e-13"),
            (-3.759e-13, "−3.759e-13"),
            (1234567.5, "1.235e6"),
            (123456.5, "123456"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value), text);
        }
    }

    #[test]
    fn numbers_keep_two_decimals_and_small_ones_three() {
        let cases = [(1.4267, "1.43"), (0.0512, "0.051"), (-0.2, "-0.20"), (0.0, "0.00"), (-0.00001, "0.000"), (12.0, "12.00")];
        for (value, text) in cases {
            assert_eq!(plain(value), text);
        }
    }
}
