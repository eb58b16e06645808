//! Which assignments are read and which are refused, and for which field. The page reads the same table
//! (`tests/web/unit/assignment-cases.test.js`), so that a file which is checked here opens there.

use ablation_assignments::read_assignment;
use ablation_settings::toy::Toy;
use serde_json::Value;

const TABLE: &str = include_str!("../../../tests/assignments/cases.json");

/// What a pointer points into, and the name or the index in there.
fn place<'json, 'path>(json: &'json mut Value, pointer: &'path str) -> (&'json mut Value, &'path str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    (json.pointer_mut(parent).unwrap(), last)
}

/// The file of a case: its own, or the assignment of the table with changes.
fn file(case: &Value, assignment: &Value) -> Value {
    if let Some(file) = case.get("file") {
        return file.clone();
    }
    let mut json = assignment.clone();
    for (pointer, value) in case.get("set").and_then(Value::as_object).into_iter().flatten() {
        let (parent, last) = place(&mut json, pointer);
        match parent {
            Value::Array(list) => list[last.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[last] = value.clone(),
        }
    }
    for pointer in case.get("remove").and_then(Value::as_array).into_iter().flatten() {
        let (parent, last) = place(&mut json, pointer.as_str().unwrap());
        parent.as_object_mut().unwrap().remove(last).unwrap();
    }
    json
}

#[test]
fn an_assignment_is_read_or_refused_as_the_page_does() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let cases = table["cases"].as_array().unwrap();
    assert!(cases.len() >= 25);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let problem = read_assignment(&file(case, &table["assignment"]).to_string(), &Toy).err();
        let (path, message) = problem.map(|error| (error.path.clone(), error.to_string())).unzip();
        let expected = if case["valid"] == true { None } else { Some(case["problem"].as_str().unwrap()) };
        assert_eq!(path.as_deref(), expected, "{name}: {message:?}");
    }
}
