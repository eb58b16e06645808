//! A report written out for people: the reproducibility card, tables and sentences.
//!
//! Nothing is computed here. What a table says, its card and its sentence say as well, because all of them are written from one report.

mod card;
mod tables;

pub use card::{CARD_SCHEMA, Card, CardFigure, CardItem, CardSection, Cell, Content, Elsewhere};
pub use tables::{Findings, Sentence};
