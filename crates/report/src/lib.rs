//! What the outcomes of a study say.
//!
//! `report : Study, [Outcome] -> Report` is pure, independent of the order of the outcomes, and accepts any part of them. A [`Record`] is a
//! study with its outcomes and the report that has to follow from them; a [`Table`] holds results that another program measured, and gets
//! the same analysis.

mod analysis;
mod budget;
mod calibration;
mod combined;
mod contrast;
mod control;
mod engine;
mod family;
mod glossary;
mod idle;
mod judge;
mod lint;
mod losses;
mod planned;
mod ranks;
mod record;
mod report;
mod series;
mod speed;
mod stability;
mod table;
mod tuning;
mod warnings;
mod words;

pub use analysis::{Analysis, Component, Options, Recovered, Subject, analyse, analyse_with};
pub use budget::inequalities;
pub use calibration::{Event, Promise, Rate, Tally, Truth, Verdicts};
pub use combined::{Combined, Modifier};
pub use contrast::{Contrast, Measurement};
pub use engine::{Computed, Engine, mixed};
pub use family::{Answer, Asked, Question, Unanswered};
pub use glossary::{Glossary, glossary};
pub use idle::Idle;
pub use lint::{Finding, Level, lint};
pub use losses::{AblationGap, RateAtEnd};
pub use planned::Planned;
pub use ranks::{Agreement, Ranks};
pub use record::{RECORD_SCHEMA, Record, RecordOutcomes, Software, read_record, record_outcomes};
pub use report::{Progress, Report, Spent, Summary, report};
pub use series::{Diverged, Run, Series};
pub use speed::{ComponentSpeed, Speed, SpeedRatio, Steps};
pub use stability::{LeftOut, OtherSetting, Stability};
pub use table::{COLUMNS, Failed, Failure, Place, Row, Rows, Table, TableError, column};
pub use tuning::Tuning;
pub use warnings::Warning;
pub use words::{in_words, needs_in_words, sought_in_words};
