//! JSON from people and from other programs, in which no key may stand twice.
//!
//! Most readers take the last of two equal keys and say nothing. In a study that is another study than the one somebody reads in the file,
//! and in a record another claim. So a key that stands twice is refused by its path, its line and its column, before anything else is read.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::shorten::{LONGEST, shorten};

/// The value of a text.
///
/// # Errors
/// If it is not JSON of this shape, or a key stands twice in one object; the message has the line and the column.
pub fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    Keys { path: &Path::Root }.deserialize(&mut reader)?;
    reader.end()?;
    serde_json::from_str(text)
}

/// Where a value stands.
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => f.write_str(&shorten(key, LONGEST)),
            Path::Key(path, key) => write!(f, "{path}.{}", shorten(key, LONGEST)),
            Path::Index(path, index) => write!(f, "{path}[{index}]"),
        }
    }
}

/// Reads a value for its keys alone.
struct Keys<'a> {
    path: &'a Path<'a>,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        while list.next_element_seed(Keys { path: &Path::Index(self.path, index) })?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = Path::Key(self.path, &key);
            if seen.contains(&key) {
                return Err(A::Error::custom(format!("the key `{path}` stands twice; keep one of them")));
            }
            map.next_value_seed(Keys { path: &path })?;
            seen.insert(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn a_key_that_stands_twice_is_refused_with_its_place() {
        for (text, message) in [
            ("{\"a\": 1,\n \"a\": 2}", "the key `a` stands twice; keep one of them at line 2 column 4"),
            (r#"{"a": {"b": [0, {"c": 1, "c": 1}]}}"#, "the key `a.b[1].c` stands twice"),
            // Two spellings of one key.
            ("{\"a\": 1, \"\\u0061\": 2}", "the key `a` stands twice"),
            (r#"[{"": 1, "": 2}]"#, "the key `[0].` stands twice"),
        ] {
            let error = read_json::<Value>(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
        let text = r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}], "c": [null, true, -1, 1e300, "a"]}"#;
        assert_eq!(read_json::<Value>(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn what_is_no_json_is_refused_and_depth_has_an_end() {
        for text in ["", "{", "{\"a\" 1}", "[1] [2]", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)] {
            assert!(read_json::<Value>(text).is_err());
        }
        let long = format!("{{\"{0}\": 1, \"{0}\": 1}}", "x".repeat(10_000));
        assert!(read_json::<Value>(&long).unwrap_err().to_string().len() < 200);
    }

    proptest! {
        /// Whatever else is in it, JSON without such a key is read as it always was.
        #[test]
        fn other_json_is_what_it_was(text in "[\\[\\]{}:,\"ab0-9.e\\\\ ]{0,40}") {
            let plain = serde_json::from_str::<Value>(&text);
            match read_json::<Value>(&text) {
                Ok(value) => prop_assert_eq!(value, plain.unwrap()),
                Err(error) => prop_assert!(plain.is_err() || error.to_string().contains("stands twice")),
            }
        }
    }
}
