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
    fn six_digits_are_kept() {
        assert_eq!([rounded(1.23456789), rounded(-0.000123456789), rounded(0.0)], [1.23457, -0.000123457, 0.0]);
        assert!(rounded(f64::NAN).is_nan());
    }
}
