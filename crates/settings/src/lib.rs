//! What can be set: fields, their values, the link that carries them, and the one validator.
//!
//! A setting that is spelt in five places is wrong in one of them. Here a setting is one [`Field`]: the form, the help, the check of every
//! link and file, and what may be changed, searched or packed together all follow from it.
//!
//! Nothing here knows a model, a file or a clock.

mod arrange;
pub mod canonical;
mod complete;
mod correction;
mod field;
mod fields;
mod foreign;
pub mod former;
mod json;
mod link;
pub mod natural;
pub mod number;
mod settings;
mod settled;
mod shorten;
#[cfg(any(test, feature = "simulate"))]
pub mod toy;
mod unit;
mod validate;
mod visible;

pub use arrange::{arrange, arrange_by_key};
pub use complete::{IncompleteSettings, compact, complete};
pub use correction::Correction;
pub use field::{Affects, Choice, Field, Group, Kind, Meaning, Role, meant};
pub use fields::{Fields, StudyError, json_kind};
pub use foreign::foreign;
pub use json::read_json;
pub use link::{Link, VERSION, read_link, write_link};
pub use settings::{MissingSetting, Settings, Value};
pub use shorten::{LONGEST, shorten};
pub use unit::Unit;
pub use validate::{Catalog, Preset, nearest, validate};
pub use visible::{visible, visible_line};
