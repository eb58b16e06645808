//! The types of the page, made from the types that serde writes:
//! `UPDATE_EXPECT=1 cargo test --workspace --test types`.

use std::collections::BTreeMap;
use std::path::Path;

use ablation_figures::Figure;
use ablation_models::{Description, LaneProgress, Progress, Together, View};
use ablation_report::Glossary;
use ablation_worker::shapes::{Catalog, Plan, ReadRecord, RefusedOutcome, StudyReport};
use ts_rs::{Config, TS, TypeVisitor};

/// Declarations by name, with everything that they mention.
struct Declarations {
    config: Config,
    found: BTreeMap<String, String>,
}

impl Declarations {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        // What is not declared is written where it is used: lists, maps, numbers.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            let declaration = format!("{}export {}", T::docs().unwrap_or_default(), T::decl(&self.config));
            match self.found.get(&name) {
                Some(known) => assert_eq!(*known, declaration, "two types have the name `{name}`"),
                None => {
                    self.found.insert(name, declaration);
                    T::visit_dependencies(self);
                }
            }
        }
        T::visit_generics(self);
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

/// A declaration as people write it: what is between braces is indented.
fn indented(declaration: &str) -> String {
    let mut lines = Vec::new();
    let mut depth = 0;
    for line in declaration.lines().map(str::trim) {
        let is_comment = line.starts_with(['/', '*']);
        let star = if line.starts_with('*') { " " } else { "" };
        lines.push(format!("{}{star}{line}", "  ".repeat(depth)).trim_end().to_string());
        if !is_comment {
            depth = depth + line.matches('{').count() - line.matches('}').count();
        }
    }
    lines.join("\n")
}

#[test]
fn the_page_has_the_types_of_the_engine() {
    // Every whole number that crosses is below 2^53.
    let mut types = Declarations { config: Config::new().with_large_int("number"), found: BTreeMap::new() };
    types.add::<Catalog>();
    types.add::<Description<Figure>>();
    types.add::<Progress>();
    types.add::<View<Figure>>();
    types.add::<Together>();
    types.add::<LaneProgress>();
    types.add::<ReadRecord<'static>>();
    types.add::<RefusedOutcome>();
    types.add::<Plan>();
    types.add::<StudyReport>();
    types.add::<Glossary>();
    let declarations: Vec<String> = types.found.into_values().map(|declaration| indented(&declaration)).collect();
    let module = format!(
        "/* Written by `UPDATE_EXPECT=1 cargo test --workspace --test types`. Do not edit. */\n\n{}\n",
        declarations.join("\n\n")
    );
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/app/generated/protocol.d.ts");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &module).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == module, "{} is stale; run this test with UPDATE_EXPECT=1", file.display());
}
