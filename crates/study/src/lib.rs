//! The words of an ablation study, and the one place that checks them.
//!
//! A component that is *cut out of a trained model* and a component the model *never had* are different questions, and most
//! ablation tables confuse them because their code has one word for both. Here the words are types: a [`Site`] is an addressable
//! part, a [`Cut`] changes a trained model, a removal changes what is trained, an [`Arm`] names which of these a number came from,
//! and a [`Contrast`] is the statement that sets them side by side.
//!
//! Nothing here knows a tensor, a file or a clock. Links, files and forms all pass through [`validate`].

mod arm;
mod contrast;
mod correction;
mod cut;
mod describe;
mod field;
mod link;
mod number;
mod settings;
mod site;
mod validate;

pub use arm::Arm;
pub use contrast::{Contrast, Measurement};
pub use correction::Correction;
pub use cut::{Cut, Operator};
pub use describe::difference;
pub use field::{Choice, Field, Group, Kind};
pub use link::{Study, VERSION, read_link, write_link};
pub use settings::{MissingSetting, Settings, Value};
pub use site::{CutOption, FactorRange, Grade, Site, SiteKind, Swap};
pub use validate::{Catalog, Preset, validate};
