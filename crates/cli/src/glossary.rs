//! `ablation glossary`: what the words mean.

use ablation_protocol::Term;
use ablation_report::glossary;

use crate::arguments::GlossaryArguments;
use crate::output;
use crate::table::{Align::Left, Table};

/// Prints the vocabulary, a word a line.
pub fn run(arguments: &GlossaryArguments) -> anyhow::Result<()> {
    let glossary = glossary();
    if arguments.json {
        return output::json(&glossary);
    }
    let wanted = arguments.word.as_deref().unwrap_or_default().to_lowercase();
    let matches = |term: &&Term| [&term.key, term.name, term.meaning].iter().any(|text| text.to_lowercase().contains(&wanted));
    let mut table = Table::new(
        [("kind", Left), ("key", Left), ("symbol", Left), ("name", Left), ("meaning", Left)]
            .map(|(name, align)| (name.into(), align)),
    );
    for Term { group, key, name, meaning, symbol, source } in glossary.terms.iter().filter(matches) {
        let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
        table.push([group, key.as_str(), symbol.unwrap_or_default(), name, format!("{meaning}{source}").as_str()]);
    }
    output::text(&table.text(""))
}
