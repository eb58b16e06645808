//! Figures as files, and on a card.

use std::path::Path;

use ablation_documents::{Card, CardFigure};
use ablation_figures::Figure;
use anyhow::Context;

use crate::file::Replacement;

/// A card as a page of its own, with figures.
pub fn page(card: &Card, figures: &[Figure]) -> String {
    let drawn: Vec<CardFigure> = figures.iter().map(|figure| CardFigure { title: &figure.title, svg: &figure.svg }).collect();
    card.html(&drawn)
}

/// Writes every figure as an SVG into a folder, which is made where it is missing.
///
/// # Errors
/// If the folder cannot be made, or a file cannot be written.
pub fn save(figures: &[Figure], folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
    for (index, figure) in figures.iter().enumerate() {
        let name: String = figure.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        // Several figures are of one kind: recovery has one per component.
        let twice = figures[..index].iter().filter(|other| other.name == figure.name).count();
        let name = if twice == 0 { name } else { format!("{name}-{}", twice + 1) };
        Replacement::open(&folder.join(name + ".svg"))?.write(figure.svg.as_bytes())?;
    }
    Ok(())
}
