//! The notebook that instructors start from is one, and nbgrader accepts its metadata.
#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeSet;

use serde_json::{Value, json};

const NOTEBOOK: &str = include_str!("../../../examples/nbgrader/positions.ipynb");
const ASSIGNMENT: &str = include_str!("../../../static/assignments/positions.assignment.json");
const SOLUTION: &str = include_str!("../../../examples/solutions/positions.solution.json");

fn notebook() -> Value {
    serde_json::from_str(NOTEBOOK).unwrap()
}

fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    jsonschema::validator_for(schema).unwrap().iter_errors(value).map(|error| error.to_string()).collect()
}

/// What `nbformat.v4.5.schema.json` of Jupyter asks of the two kinds of cells in it.
#[test]
fn it_is_a_notebook() {
    let source = json!({"type": "array", "items": {"type": "string"}});
    let id = json!({"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,64}$"});
    let markdown = json!({
        "type": "object", "additionalProperties": false, "required": ["id", "cell_type", "metadata", "source"],
        "properties": {"id": id, "cell_type": {"const": "markdown"}, "metadata": {"type": "object"}, "source": source},
    });
    let code = json!({
        "type": "object", "additionalProperties": false,
        "required": ["id", "cell_type", "metadata", "source", "outputs", "execution_count"],
        "properties": {
            "id": id, "cell_type": {"const": "code"}, "metadata": {"type": "object"}, "source": source,
            "outputs": {"type": "array", "maxItems": 0}, "execution_count": {"type": "null"},
        },
    });
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["metadata", "nbformat_minor", "nbformat", "cells"],
        "properties": {
            "metadata": {"type": "object", "properties": {"kernelspec": {"type": "object", "required": ["name", "display_name"]}}},
            "nbformat": {"const": 4}, "nbformat_minor": {"const": 5},
            "cells": {"type": "array", "items": {"oneOf": [markdown, code]}},
        },
    });
    assert_eq!(mistakes(&schema, &notebook()), [""; 0]);
    let notebook = notebook();
    let ids: BTreeSet<&str> = notebook["cells"].as_array().unwrap().iter().map(|cell| cell["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), notebook["cells"].as_array().unwrap().len());
}

/// What `v3.json` of nbgrader asks.
#[test]
fn nbgrader_accepts_its_metadata() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["schema_version", "grade", "locked", "solution"],
        "properties": {
            "schema_version": {"const": 3}, "grade": {"type": "boolean"}, "locked": {"type": "boolean"}, "solution": {"type": "boolean"},
            "task": {"type": "boolean"}, "grade_id": {"type": "string", "pattern": "^[a-zA-Z0-9_\\-]*$"},
            "points": {"type": "number", "minimum": 0}, "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
            "cell_type": {"enum": ["code", "markdown", "raw"]},
        },
    });
    let notebook = notebook();
    let mut ids = BTreeSet::new();
    for cell in notebook["cells"].as_array().unwrap() {
        let Some(metadata) = cell["metadata"].get("nbgrader") else { continue };
        assert_eq!(mistakes(&schema, metadata), [""; 0], "{metadata}");
        assert!(ids.insert(metadata["grade_id"].as_str().unwrap()), "{metadata}");
        assert_eq!(metadata["grade"], metadata.get("points").is_some(), "only what is graded has points");
        assert_eq!(metadata["cell_type"], cell["cell_type"]);
    }
    assert!(ids.len() > 5);
}

/// Its points are those of the assignment and the solution, question by question.
#[test]
fn its_points_are_the_assignment_s() {
    let [assignment, solution]: [Value; 2] = [ASSIGNMENT, SOLUTION].map(|text| serde_json::from_str(text).unwrap());
    let notebook = notebook();
    let points = |id: &str| {
        let cells = notebook["cells"].as_array().unwrap();
        let cell =
            cells.iter().find(|cell| cell["metadata"]["nbgrader"]["grade_id"] == id).unwrap_or_else(|| panic!("no cell {id}"));
        cell["metadata"]["nbgrader"]["points"].clone()
    };
    for question in assignment["questions"].as_array().unwrap() {
        assert_eq!(points(question["id"].as_str().unwrap()), question["points"], "{question}");
    }
    assert_eq!(
        (points("evidence"), points("rerun")),
        (assignment["evidence"]["points"].clone(), solution["rerun"]["points"].clone())
    );
}
