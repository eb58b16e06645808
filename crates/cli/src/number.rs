//! Numbers as the page shows them, so that the same loss never reads differently in two places. What is missing is an em dash and never
//! a zero.

/// What stands for a missing number.
pub const MISSING: &str = "—";

/// A measured number, with as many decimals as its size deserves, and a true minus sign.
pub fn measure(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return MISSING.to_string() };
    let size = value.abs();
    let decimals = match size {
        _ if size >= 100.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size == 0.0 || size >= 0.095 => 2,
        _ => 3,
    };
    let text = format!("{size:.decimals$}");
    if value < 0.0 && !is_zero(&text) { format!("−{text}") } else { text }
}

/// A difference: its sign is always said.
pub fn signed(value: Option<f64>) -> String {
    let text = measure(value);
    if text == MISSING || text.starts_with('−') || is_zero(&text) { text } else { format!("+{text}") }
}

/// A number with three significant digits, as statistics are read.
pub fn three_digits(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return MISSING.to_string() };
    let (size, sign) = (value.abs(), if value < 0.0 { "−" } else { "" });
    // The power of ten after rounding: 0.9996 is 1.00.
    let power = format!("{size:.2e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    match power {
        _ if size == 0.0 => "0".to_string(),
        -4..=5 => format!("{sign}{size:.*}", (2 - power).max(0) as usize),
        _ => format!("{sign}{size:.2e}"),
    }
}

/// A p-value. One that is tiny says so, and no more: its digits mean nothing.
pub fn p_value(value: Option<f64>) -> String {
    match value {
        Some(p) if p < 0.0001 => "<0.0001".to_string(),
        Some(p) => format!("{p:.4}"),
        None => MISSING.to_string(),
    }
}

/// A whole number with thin spaces between thousands.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let group = |(index, digit): (usize, char)| {
        let gap = index > 0 && (digits.len() - index).is_multiple_of(3);
        gap.then_some('\u{202f}').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(group).collect()
}

/// The number with six significant digits: more than anybody reads, and a third of the bytes.
pub fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn is_zero(text: &str) -> bool {
    text.chars().all(|c| c == '0' || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_on_the_page() {
        let cases = [(1.4267, "1.43"), (0.0512, "0.051"), (-0.2, "−0.20"), (0.0, "0.00"), (-0.00001, "0.000"), (12.34, "12.3")];
        for (value, text) in cases {
            assert_eq!(measure(Some(value)), text);
        }
        assert_eq!(measure(Some(1234.5)), "1234");
        assert_eq!([measure(None), measure(Some(f64::NAN))], ["—", "—"]);
        assert_eq!([signed(Some(0.3)), signed(Some(-0.3)), signed(Some(0.0)), signed(None)], ["+0.30", "−0.30", "0.00", "—"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [count(0), count(999), count(12345), count(1234567)],
            ["0", "999", "12\u{202f}345", "1\u{202f}234\u{202f}567"]
        );
    }

    #[test]
    fn statistics_have_three_digits_and_p_values_four_decimals() {
        let cases = [
            (0.0511, "0.0511"),
            (-0.0018751, "−0.00188"),
            (12.345, "12.3"),
            (0.9996, "1.00"),
            (123456.0, "123456"),
            (0.0, "0"),
            (1e-7, "1.00e-7"),
            (1e100, "1.00e100"),
        ];
        for (value, text) in cases {
            assert_eq!(three_digits(Some(value)), text);
        }
        assert_eq!([p_value(Some(0.0078125)), p_value(Some(1e-9)), p_value(None)], ["0.0078", "<0.0001", "—"]);
    }

    #[test]
    fn six_digits_are_kept() {
        assert_eq!([rounded(1.23456789), rounded(-0.000123456789), rounded(0.0)], [1.23457, -0.000123457, 0.0]);
        assert!(rounded(f64::NAN).is_nan());
    }
}
