//! A number as people and spreadsheets write it.
//!
//! A file that was fine until a German Excel saved it has `0,3295` where `0.3295` was. Read as 3295 it would be the largest effect of the
//! paper. So a number is read only where there is one way to read it: a decimal comma where commas do not separate cells, a grouping of
//! digits where the groups are of three, and both only where all numbers of the table agree.

/// Which character separates the whole part from the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    Point,
    Comma,
}

/// A number, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    pub value: f64,
    /// None of a whole number, which looks the same everywhere.
    pub decimal: Option<Decimal>,
    /// Whether it had a per cent sign; `value` is the share.
    pub percent: bool,
}

/// Why a text is no number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NoNumber {
    /// NaN, an infinity, or nothing at all.
    NotFinite,
    /// What is wrong with it, and the way out.
    Refused(String),
}

/// Reads a number; `commas` says whether a decimal comma can be one, as it can where commas do not separate cells.
pub(super) fn read(text: &str, commas: bool) -> Result<Written, NoNumber> {
    let text = text.trim();
    if text.is_empty() || is_nothing(text) {
        return Err(NoNumber::NotFinite);
    }
    let (body, percent) = match text.strip_suffix('%') {
        Some(share) => (share.trim_end(), true),
        None => (text, false),
    };
    let refuse = |why: String| Err(NoNumber::Refused(why));
    let Some((mantissa, exponent, decimal)) = parts(body) else { return refuse(not_a_number(text)) };
    if decimal == Some(Decimal::Comma) && !commas {
        let point = mantissa.clone();
        return refuse(format!("write a decimal point: {point}"));
    }
    // Moving the decimal point loses no digit, dividing by 100 may.
    let exponent = if percent { exponent - 2 } else { exponent };
    match format!("{mantissa}e{exponent}").parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Written { value: value + 0.0, decimal, percent }),
        Ok(_) => Err(NoNumber::NotFinite),
        Err(_) => refuse(not_a_number(text)),
    }
}

/// Mantissa with a decimal point and without grouping, exponent, and what separated the decimals.
fn parts(body: &str) -> Option<(String, i32, Option<Decimal>)> {
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, signed(exponent)?.parse::<i32>().ok()?),
        None => (body, 0),
    };
    // A number beyond any unit; its exponent would overflow when a per cent sign is taken off it.
    if exponent.abs() > 100_000 {
        return None;
    }
    let mantissa = signed(mantissa)?;
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa.as_str()),
    };
    let spaced = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    let (points, commas) = (digits.matches('.').count(), digits.matches(',').count());
    let last = digits.rfind(['.', ',']).and_then(|at| digits[at..].chars().next());
    let (decimal, group) = match (points, commas, last) {
        (0, 0, _) => (None, None),
        (1, 0, _) => (Some(Decimal::Point), None),
        (0, 1, _) => (Some(Decimal::Comma), None),
        (1, _, Some('.')) => (Some(Decimal::Point), Some(',')),
        (_, 1, Some(',')) => (Some(Decimal::Comma), Some('.')),
        // Several of one kind group the digits of a whole number; then the other is what separates decimals.
        (0, _, _) => (Some(Decimal::Point), Some(',')),
        (_, 0, _) => (Some(Decimal::Comma), Some('.')),
        _ => return None,
    };
    let separator = if decimal == Some(Decimal::Comma) { ',' } else { '.' };
    let (whole, decimals) = match digits.rfind(separator).filter(|_| group != Some(separator)) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let groups: Vec<&str> = whole.split(|c: char| group == Some(c) || spaced(c)).collect();
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let grouped_by_three = || groups[1..].iter().all(|part| part.len() == 3) && (1..=3).contains(&groups[0].len());
    let is_right = groups.iter().all(|part| all_digits(part))
        && decimals.is_none_or(all_digits)
        && (groups.len() == 1 || grouped_by_three())
        && digits.bytes().any(|byte| byte.is_ascii_digit());
    is_right.then(|| (format!("{sign}{}.{}", groups.concat(), decimals.unwrap_or_default()), exponent, decimal))
}

/// The text with its sign, if it has one, as a hyphen: typography and spreadsheets have others.
fn signed(text: &str) -> Option<String> {
    let text = text.trim();
    let mut rest = text.chars();
    match rest.next()? {
        '-' | '\u{2212}' | '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{fe63}' | '\u{ff0d}' => {
            Some(format!("-{}", rest.as_str()))
        }
        '+' => Some(rest.as_str().to_string()),
        _ => Some(text.to_string()),
    }
}

/// Whether a cell says that there is no number.
fn is_nothing(text: &str) -> bool {
    let word = text.trim_start_matches(['-', '+', '\u{2212}']).to_ascii_lowercase();
    ["nan", "inf", "infinity", "∞", "na", "n/a", "none", "null", "nil"].contains(&word.as_str())
}

/// What a text that is no number may be, with the way out.
fn not_a_number(text: &str) -> String {
    if ["±", "+/-", "+-"].iter().any(|sign| text.contains(sign)) || (text.contains('(') && text.ends_with(')')) {
        "it is a mean with its spread and not the value of a run; runs are compared seed by seed, so write a row for each run"
            .into()
    } else if is_date(text) {
        "it looks like a date that a spreadsheet made of a number; set the column to the format `number` before typing or pasting, and \
         save it again"
            .into()
    } else if text.starts_with('#') {
        "it is an error of a spreadsheet; correct its formula and save it again".into()
    } else {
        "write a number such as 1.482 or 3e-5".into()
    }
}

/// Whether a text names a day: `22. Mai`, `May 22`, `21-Jun`, `2026-05-22`, `22.05.2026`, `5/22/2026`.
fn is_date(text: &str) -> bool {
    const MONTHS: [&str; 22] = [
        "jan", "feb", "fév", "mar", "mär", "mrz", "apr", "avr", "may", "mai", "jun", "jul", "juin", "juil", "aug", "aoû", "sep",
        "oct", "okt", "nov", "dec", "dez",
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |word: &&str| word.chars().count() >= 3 && MONTHS.iter().any(|month| word.starts_with(month));
    let in_words = words.iter().any(is_month) && words.iter().any(is_number) && words.len() <= 4;
    let in_digits = words.len() == 3 && words.iter().all(|word| is_number(word) && word.len() <= 4);
    in_words || in_digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str, commas: bool) -> Option<f64> {
        read(text, commas).ok().map(|written| written.value)
    }

    #[test]
    fn every_spreadsheet_writes_the_same_number() {
        for (text, expected) in [
            ("0.3295", 0.3295),
            ("0,3295", 0.3295),
            (" 0.3295 ", 0.3295),
            ("\u{a0}0,3295\u{a0}", 0.3295),
            ("32.95 %", 0.3295),
            ("32,95\u{a0}%", 0.3295),
            ("0.01%", 0.0001),
            ("−0.10", -0.1),
            ("–0,10", -0.1),
            ("+0.02", 0.02),
            ("3e-5", 3e-5),
            ("3,5E−05", 3.5e-5),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1 234,5", 1234.5),
            ("1\u{202f}234.5", 1234.5),
            ("1'234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("1.234.567", 1_234_567.0),
            ("12", 12.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-0", 0.0),
        ] {
            assert_eq!(value(text, true), Some(expected), "{text}");
        }
        assert_eq!(read("12", true).unwrap().decimal, None);
        assert_eq!(read("-0", true).unwrap().value.to_bits(), 0);
    }

    #[test]
    fn a_comma_is_no_decimal_comma_where_it_separates_cells() {
        assert_eq!(read("0,3295", false), Err(NoNumber::Refused("write a decimal point: 0.3295".into())));
        assert_eq!(read("1.234,5", false), Err(NoNumber::Refused("write a decimal point: 1234.5".into())));
        assert_eq!(value("1,234.5", false), Some(1234.5));
    }

    #[test]
    fn what_can_be_read_in_two_ways_or_in_none_is_refused_with_the_reason() {
        for text in
            ["1,23,4", "12,34.5", "1.2.3", "1 23,4", "1,2345,678", ",", ".", "-", "%", "e5", "0x10", "1_000", "1e", "1e2.5", "٣"]
        {
            assert!(matches!(read(text, true), Err(NoNumber::Refused(_))), "{text}: {:?}", read(text, true));
        }
        for text in ["NaN", "-inf", "", " ", "1e999", "N/A", "None", "−∞"] {
            assert_eq!(read(text, true), Err(NoNumber::NotFinite), "{text}");
        }
        for (text, word) in [
            ("22. Mai", "a date"),
            ("21. Jun", "a date"),
            ("May 22", "a date"),
            ("2026-05-22", "a date"),
            ("22.05.2026", "a date"),
            ("5/22/2026", "a date"),
            ("#DIV/0!", "an error of a spreadsheet"),
            ("98.0±1.4", "a mean with its spread"),
            ("98.0 +/- 1.4", "a mean with its spread"),
            ("98.0 (1.4)", "a mean with its spread"),
            ("good", "such as 1.482"),
        ] {
            let Err(NoNumber::Refused(why)) = read(text, true) else { panic!("{text}") };
            assert!(why.contains(word), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn what_any_program_writes_is_read_to_the_last_bit(number in -1e12..1e12_f64, digits in 0_usize..12) {
            for text in [format!("{number}"), format!("{number:e}"), format!("{number:.digits$}")] {
                prop_assert_eq!(value(&text, false), Some(text.parse::<f64>().unwrap() + 0.0));
                prop_assert_eq!(value(&text.replace('.', ","), true), Some(text.parse::<f64>().unwrap() + 0.0));
            }
        }

        #[test]
        fn any_text_is_a_number_or_refused(text in "[-+−0-9., '%eE\u{a0}]{0,12}|\\PC{0,12}", commas: bool) {
            if let Ok(written) = read(&text, commas) {
                prop_assert!(written.value.is_finite());
            }
        }
    }
}
