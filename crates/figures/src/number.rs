//! Numbers as text, the same on every machine and in every locale.
//!
//! Formatting by the browser's locale would turn 1.43 into 1,43 for some readers, and stored figures would differ from live ones. A missing
//! number is never shown as 0.

use ablation_settings::number::decimals_of;

/// What stands for a missing value.
pub const MISSING: &str = "—";

/// Three significant digits with a true minus sign: `1.43`, `−0.0512`, `123`, `4096`, `1.23e6`; [`MISSING`] if not finite.
///
/// Whole numbers are written out (`4096`, not `4100`) below one million.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return MISSING.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    // Rust rounds the exact binary value, so `{:.2e}` gives the right digits and the exponent after carrying (9.996 -> 1.00e1).
    let scientific = format!("{:.2e}", value.abs());
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let digits = match exponent {
        6.. | ..=-4 => scientific,
        2..=5 => format!("{:.0}", value.abs()),
        _ => format!("{:.*}", (2 - exponent) as usize, value.abs()),
    };
    signed(value, digits)
}

/// [`number`] without the decimals that a margin does not resolve: `0.009`, not `0.00900`, beside a margin of 0.027.
pub(crate) fn to_margin(value: f64, margin: Option<f64>) -> String {
    let text = number(value);
    let Some(decimals) = margin.and_then(decimals_of).filter(|_| value.is_finite()) else { return text };
    let shown = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    if text.contains("e-") || shown > decimals { fixed(value, decimals) } else { text }
}

/// [`number`], or [`MISSING`] where there is none.
pub fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| MISSING.into(), number)
}

/// Exactly `decimals` digits after the point, with a true minus sign and no negative zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.into();
    }
    let digits = format!("{:.decimals$}", value.abs());
    if digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) { signed(value, digits) } else { digits }
}

/// A difference: its sign is always said, and a small one has a digit more.
pub(crate) fn difference(value: f64) -> String {
    let text = fixed(value, if value.abs() < 0.0995 { 3 } else { 2 });
    if value > 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { format!("+{text}") } else { text }
}

/// A training step: whole steps without a point, so that they read back as numbers.
pub fn step(value: f64) -> String {
    if value.is_finite() && value == libm::trunc(value) && value.abs() < 1e15 { fixed(value, 0) } else { number(value) }
}

/// An SVG coordinate: at most `decimals` digits after the point, no trailing zeros, no `-0`, an ASCII minus sign.
///
/// Numbers that are not finite become 0; callers keep them out, and a picture with a dot in the corner is still a picture,
/// while `NaN` in a path makes the browser drop the rest of it.
pub(crate) fn coordinate(value: f64, decimals: usize) -> String {
    let value = if value.is_finite() { value } else { 0.0 };
    let mut text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "-0" { "0".into() } else { text }
}

fn signed(value: f64, digits: String) -> String {
    if value < 0.0 { format!("−{digits}") } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_carry_the_meaning() {
        for (value, text) in [
            (1.43, "1.43"),
            (0.5, "0.500"),
            (-0.05123, "−0.0512"),
            (9.996, "10.0"),
            (99.96, "100"),
            (123.4, "123"),
            (4096.0, "4096"),
            (999_999.0, "1.00e6"),
            (1_234_567.0, "1.23e6"),
            (0.001234, "0.00123"),
            (0.00012, "1.20e-4"),
            (0.0, "0"),
            (-0.0, "0"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn what_is_missing_is_a_dash_and_never_a_zero() {
        assert_eq!(number(f64::NAN), "—");
        assert_eq!(number(f64::INFINITY), "—");
        assert_eq!(optional(None), "—");
        assert_eq!(fixed(f64::NAN, 2), "—");
    }

    #[test]
    fn steps_are_whole_and_zero_has_no_sign() {
        assert_eq!(step(12_000.0), "12000");
        assert_eq!(step(2_500_000.0), "2500000");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1.5, 1), "−1.5");
    }

    #[test]
    fn coordinates_are_short() {
        for (value, text) in [(1.0, "1"), (10.0, "10"), (1.25, "1.2"), (-0.04, "0"), (-2.74, "-2.7"), (f64::NAN, "0")] {
            assert_eq!(coordinate(value, 1), text);
        }
    }
}
