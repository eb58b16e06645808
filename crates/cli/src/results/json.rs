//! Tables as JSON: a list of objects, alone or as `rows` of an object.

use std::fmt;

use ablation_report::{COLUMNS, Place, Row, TableError};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::{OBJECT, Reading, short};

/// The rows of a JSON text.
pub(super) fn from_json(text: &str, read: &mut Reading) -> Result<(), String> {
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let list = List { read: &mut *read, refused: &mut refused, wrapped: false };
    let done = list.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (refused, done) {
        (Some(reason), _) => Err(reason),
        (None, Err(error)) if error.is_eof() => Err(format!("the JSON ends in the middle ({error}); was the file cut off?")),
        (None, Err(error)) => {
            let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
            let before = error.column().saturating_sub(2);
            let rest: String = line.bytes().skip(before).take(12).map(char::from).collect();
            let hint = if ["NaN", "Infinity"].iter().any(|word| rest.contains(word)) {
                "JSON has no NaN and no Infinity; a diverged run is a result: give it the loss of the untrained model, or leave its seed \
                 out of every arm and say so"
                    .to_string()
            } else {
                format!("write a list of objects such as {OBJECT}")
            };
            Err(format!("it is not JSON of this shape: {error}; {hint}"))
        }
        (None, Ok(())) => Ok(()),
    }
}

/// Reads a list of rows, alone or as `rows` of an object, without holding more than one row in memory.
struct List<'a> {
    read: &'a mut Reading,
    /// What is wrong, in our words.
    refused: &'a mut Option<String>,
    /// Whether this is the list in an object.
    wrapped: bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<Object>()? {
            self.read.done += 1;
            if let Err(reason) = push(self.read, row) {
                *self.refused = Some(reason);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = fields.next_key::<String>()? {
            if name == "rows" && !self.wrapped && !found {
                found = true;
                fields.next_value_seed(List { read: &mut *self.read, refused: &mut *self.refused, wrapped: true })?;
            } else {
                self.read.ignore(&name);
                fields.next_value::<IgnoredAny>()?;
            }
        }
        if !found {
            *self.refused = Some(format!("an object needs a list called `rows`; write {{\"rows\": [{OBJECT}, …]}}"));
            return Err(A::Error::custom("refused"));
        }
        Ok(())
    }
}

/// An object with its fields in their order, those that stand twice included; or what stands in its place.
enum Object {
    Fields(Vec<(String, Json)>),
    Other(Json),
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Fields)
    }
}

/// Reads an object; anything else as it would be read anyway.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Object, E> {
        Ok(Object::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Object, E> {
        Ok(Object::Other(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Object, E> {
        Ok(Object::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Object, E> {
        Ok(Object::Other(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Object, E> {
        Ok(Object::Other(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Object, E> {
        Ok(Object::Other(Json::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Object, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Json>()? {
            values.push(value);
        }
        Ok(Object::Other(Json::Array(values)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Object::Fields(fields))
    }
}

fn push(read: &mut Reading, row: Object) -> Result<(), String> {
    let place = Place::Row(read.done);
    let fields = match row {
        Object::Fields(fields) => fields,
        Object::Other(other) => {
            return Err(format!("{place} is {}; write an object such as {OBJECT}", short(&other.to_string())));
        }
    };
    let mut cells: [Option<String>; COLUMNS.len()] = Default::default();
    let mut seen: [Option<String>; COLUMNS.len()] = Default::default();
    for (name, value) in fields {
        let Some(column) = read.columns.find(&name) else {
            read.ignore(&name);
            continue;
        };
        if let Some(first) = seen[column].replace(name.clone()) {
            let how = if first == name { format!("`{name}`") } else { format!("`{first}` and `{name}`") };
            return Err(format!("{place} has one field twice, {how}; keep one of them"));
        }
        if value.is_null() && ["budget", "metric", "parameters"].contains(&COLUMNS[column]) {
            continue;
        }
        let refuse = |way_out: &str| {
            let message = format!("{} cannot be used; {way_out}", short(&value.to_string()));
            Err(TableError { place: Some(place), column: Some(name.clone()), message }.to_string())
        };
        cells[column] = Some(match (&value, COLUMNS[column]) {
            (Json::Null, _) => String::new(),
            (Json::String(text), "component" | "arm" | "seed" | "metric") => text.clone(),
            (Json::Number(number), "seed" | "value" | "budget" | "parameters") => number.to_string(),
            (_, "value" | "budget" | "parameters") => return refuse("write a number without quotes"),
            (_, "seed") => return refuse("write a text or a number"),
            _ => return refuse("write a text in quotes"),
        });
    }
    if let Some(column) = (1..4).find(|column| cells[*column].is_none()) {
        let name = COLUMNS[column];
        return Err(format!("{place} has no `{name}`; write every row as {OBJECT}"));
    }
    let [component, arm, seed, value, budget, metric, parameters] = cells;
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let (component, arm, seed, value) = (text(&component), text(&arm), text(&seed), text(&value));
    let row = Row {
        place,
        component: &component,
        arm: &arm,
        seed: &seed,
        value: &value,
        budget: budget.as_deref(),
        metric: metric.as_deref(),
        parameters: parameters.as_deref(),
    };
    read.push(row)
}
