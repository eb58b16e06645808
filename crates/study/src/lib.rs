//! The words of an ablation study, and the one place that checks them.
//!
//! A component that is *cut out of a trained model* and a component the model *never had* are different questions, and most
//! ablation tables confuse them because their code has one word for both. Here the words are types: a [`Site`] is an addressable
//! part, a [`Cut`] changes a trained model, a removal changes what is trained, an [`Arm`] names which of these a number came from,
//! and a [`Contrast`] is the statement that sets them side by side.
//!
//! Nothing here knows a tensor, a file or a clock. Links, files and forms all pass through [`validate`].

mod arm;
mod bounds;
mod budget;
mod canonical;
mod card;
mod contrast;
mod correction;
mod cost;
mod cut;
mod describe;
mod field;
mod fields;
mod file;
#[cfg(test)]
mod forecast;
mod json;
mod link;
mod linked;
mod lint;
#[cfg(test)]
mod made_up;
mod natural;
mod number;
mod outcome;
mod read;
mod record;
mod report;
mod schedule;
mod search;
mod settings;
mod site;
mod space;
mod study;
mod table;
mod tables;
mod trial;
mod unit;
mod validate;
mod visible;

pub use arm::Arm;
pub use card::{CARD_SCHEMA, Card, CardBlock, CardFigure, CardItem, Cell, Content, Elsewhere};
pub use contrast::{Contrast, Measurement};
pub use correction::Correction;
pub use cost::{Cost, Item, Stage, Work, cost};
pub use cut::{Cut, Operator};
pub use describe::difference;
pub use field::{Choice, Field, Group, Kind};
pub use fields::StudyError;
pub use file::study_file;
pub use json::read_json;
pub use link::{Link, VERSION, read_link, write_link};
pub use linked::{Linked, StudyKeys, read_linked};
pub use lint::{Finding, Level, lint};
pub use outcome::{Marks, Outcome, Outcomes};
pub use read::read_study;
pub use record::{RECORD_SCHEMA, Record, Software, read_record, record_outcomes};
pub use report::{
    Agreement, Analysis, Answer, Asked, Combined, Component, Cutting, Healed, Modifier, Options, Progress, ProtocolArm, Question,
    Ranks, Report, Run, Series, Spent, Subject, Summary, Tuning, Unanswered, analyse, analyse_with, in_words, report,
    sought_in_words,
};
pub use schedule::{Planned, Primary, Role, Schedule, Searched, plan, schedule};
pub use search::{Extension, Found, Point, Search};
pub use settings::{MissingSetting, Settings, Value};
pub use site::{CutOption, FactorRange, Grade, Site, SiteKind, Swap};
pub use space::{Dimension, EDGE, Scale, point};
pub use study::{Block, Design, Healing, Margin, STUDY_VERSION, Study, Variant};
pub use table::{COLUMNS, Failed, Failure, Place, Row, Rows, Table, TableError};
pub use tables::Findings;
pub use trial::{Continuation, Exam, Seeds, Trial, hash_text};
pub use unit::Unit;
pub use validate::{Catalog, Preset, validate};
pub use visible::{visible, visible_line};
