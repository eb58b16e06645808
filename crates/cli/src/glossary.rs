//! `ablation glossary`: what the words mean.

use ablation_protocol::Term;
use ablation_report::glossary;

use crate::arguments::GlossaryArguments;
use crate::failure::bad_input;
use crate::output;
use crate::table::{Align::Left, Table};

/// Prints the vocabulary, one word per line.
pub fn run(arguments: &GlossaryArguments) -> anyhow::Result<()> {
    let mut glossary = glossary();
    if let Some(word) = &arguments.word {
        let wanted = word.to_lowercase();
        glossary.terms.retain(|term| {
            [term.group, &term.key, term.name, term.meaning].iter().any(|text| text.to_lowercase().contains(&wanted))
        });
        if glossary.terms.is_empty() {
            return Err(bad_input(format!("nothing in the glossary contains `{word}`; `ablation glossary` lists all")));
        }
    }
    if arguments.json {
        return output::json(&glossary);
    }
    let mut table = Table::new(
        [("kind", Left), ("key", Left), ("symbol", Left), ("name", Left), ("meaning", Left)]
            .map(|(name, align)| (name.into(), align)),
    );
    for Term { group, key, name, meaning, symbol, source } in &glossary.terms {
        let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
        table.push([*group, key.as_str(), symbol.unwrap_or_default(), name, format!("{meaning}{source}").as_str()]);
    }
    output::text(&table.text(""))
}
