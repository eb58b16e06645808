//! One spelling of a value as JSON, so that equal records are equal files and a file can be compared byte by byte.

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Significant digits of measured and computed numbers in a file: as many as the single-precision numbers have that losses are computed
/// with. Devices agree to about four; full double precision would take as much room as all the rest and tell nobody anything.
const DIGITS: usize = 7;

/// The canonical JSON of a value (RFC 8785): no white space, keys sorted, numbers as JavaScript writes them, so that a file that was saved
/// by another program and means the same has the same text here.
///
/// # Panics
/// If a map has keys that are no text, which no value of this product has.
pub fn write(value: &impl Serialize) -> String {
    serde_jcs::to_string(value).expect("plain data is JSON")
}

/// The canonical JSON of a count, without the detour through a serializer. Above 2^53 it is that of the nearest double, as RFC 8785 says.
pub fn count(value: u64) -> String {
    const EXACT: u64 = 1 << 53;
    if value <= EXACT { value.to_string() } else { write(&value) }
}

/// SHA-256 of the canonical JSON of a value, in hexadecimal: equal values have equal hashes on every machine.
pub fn hash(value: &impl Serialize) -> String {
    hash_text(&write(value))
}

/// SHA-256 of a text, in hexadecimal.
pub fn hash_text(text: &str) -> String {
    hash_bytes(text.as_bytes())
}

/// SHA-256 of bytes, in hexadecimal.
pub fn hash_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The first 16 of the 64 digits of [`hash_text`].
pub fn short_hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text)[..8])
}

fn hexadecimal(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(HEX[usize::from(byte >> 4)].into());
        text.push(HEX[usize::from(byte & 15)].into());
    }
    text
}

/// The number with as many digits as a file holds.
pub fn short(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// The same value with every number that is not whole shortened.
pub fn shortened(json: Json) -> Json {
    match json {
        Json::Number(number) if number.is_f64() => number.as_f64().map_or(Json::Null, |value| Json::from(short(value))),
        Json::Array(list) => list.into_iter().map(shortened).collect(),
        Json::Object(map) => map.into_iter().map(|(key, one)| (key, shortened(one))).collect(),
        plain => plain,
    }
}

/// The path of the first place in which two values differ, and what stands there in each. Numbers are compared as numbers: `1` and `1.0`
/// are one.
pub fn difference(a: &Json, b: &Json) -> Option<(String, String, String)> {
    fn walk(path: &str, a: Option<&Json>, b: Option<&Json>) -> Option<(String, String, String)> {
        let at = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        match (a, b) {
            (Some(Json::Object(a)), Some(Json::Object(b))) => {
                let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                keys.into_iter().find_map(|key| walk(&at(key), a.get(key), b.get(key)))
            }
            (Some(Json::Array(a)), Some(Json::Array(b))) => {
                (0..a.len().max(b.len())).find_map(|index| walk(&format!("{path}[{index}]"), a.get(index), b.get(index)))
            }
            (Some(Json::Number(one)), Some(Json::Number(other))) if one.as_f64() == other.as_f64() => None,
            (one, other) if one == other => None,
            (one, other) => Some((path.to_string(), excerpt(one), excerpt(other))),
        }
    }
    walk("", Some(a), Some(b))
}

/// A value for a message: a file that was tampered with can hold anything.
fn excerpt(json: Option<&Json>) -> String {
    const LONGEST: usize = 60;
    let text = json.map_or("nothing".to_string(), Json::to_string);
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain("…".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The examples of RFC 8785, section 3.2, as far as they have no numbers beyond those of a double, and the numbers that a record holds.
    #[test]
    fn keys_are_sorted_and_numbers_have_one_spelling() {
        let json = json!({"b": [1, 4.0, 1e-7, 1e21, 0.002, 333333333.3333333, null], "a": {"ü\"": "x\n", "Z": true}});
        assert_eq!(write(&json), r#"{"a":{"Z":true,"ü\"":"x\n"},"b":[1,4,1e-7,1e+21,0.002,333333333.3333333,null]}"#);
        let keys = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let order: Vec<char> = write(&keys).chars().filter(char::is_ascii_digit).collect();
        assert_eq!(order, ['2', '1', '4', '6', '7', '1', '5', '3'], "by UTF-16 code units");
        assert_eq!(write(&json!([-0.0, 5e-324, 1.7976931348623157e308])), "[0,5e-324,1.7976931348623157e+308]");
    }

    #[test]
    fn a_count_is_written_as_any_number_is() {
        for value in [0, 1, 400, u64::from(u32::MAX), (1 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX] {
            assert_eq!(count(value), write(&value));
        }
    }

    #[test]
    fn what_javascript_saved_again_has_the_same_hash() {
        let (ours, theirs) = (json!({"b": 4.0, "a": 1e-7}), r#"{"a": 1e-7, "b": 4}"#);
        let theirs: Json = serde_json::from_str(theirs).unwrap();
        assert_eq!(hash(&ours), hash(&theirs));
    }

    #[test]
    fn shortening_is_done_once() {
        for value in [1.0 / 3.0, -2.0e-9 / 7.0, 0.0, 1e300 / 3.0, 0.1, 123456789.123] {
            assert_eq!(short(short(value)), short(value));
            assert!((short(value) - value).abs() <= 5e-7 * value.abs());
        }
        assert_eq!(shortened(json!({"a": [1.0 / 3.0, 123456789]})), json!({"a": [0.3333333, 123456789]}));
    }

    #[test]
    fn the_first_difference_is_named() {
        let a = json!({"x": [1, {"y": 2.0}], "z": null});
        assert_eq!(difference(&a, &json!({"x": [1.0, {"y": 2}], "z": null})), None);
        let (path, one, other) = difference(&a, &json!({"x": [1, {"y": 3}]})).unwrap();
        assert_eq!((path.as_str(), one.as_str(), other.as_str()), ("x[1].y", "2.0", "3"));
        assert_eq!(difference(&json!([1]), &json!([])), Some(("[0]".into(), "1".into(), "nothing".into())));
    }
}
