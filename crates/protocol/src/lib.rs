//! What an ablation study asks, and in which order it is run.
//!
//! A component that is *ablated in a trained model* and a component the model *never had* are different questions, and most
//! ablation tables confuse them because their code has one word for both. Here the words are types: a [`Site`] is an addressable
//! component, an [`Ablation`] changes a trained model, a removal changes what is trained, and an [`Arm`] names which of these a number came from.
//!
//! Nothing here knows a tensor, a file or a clock.

mod ablation;
mod arm;
mod bounds;
mod catalog;
mod choice;
mod cost;
mod describe;
mod file;
mod finals;
#[cfg(test)]
mod forecast;
mod former;
mod glossary;
mod limits;
mod linked;
#[cfg(any(test, feature = "simulate"))]
pub mod made_up;
mod outcome;
mod planned;
mod planner;
mod read;
mod schedule;
mod search;
mod site;
mod space;
mod study;
mod threshold;
mod trial;

pub use ablation::Ablation;
pub use arm::{Arm, ArmText};
pub use bounds::{check as check_bounds, check_sources};
pub use catalog::ModelCatalog;
pub use choice::{AS_GOOD, FRESH_SEEDS, Found, MOST_CANDIDATES, Point};
pub use cost::{Cost, Item, Phase, Work, cost};
pub use describe::difference;
pub use file::study_file;
pub use former::{FORMER_STUDY_VERSION, adopted};
pub use glossary::{StudyNumber, Term, items, study_numbers, terms};
pub use linked::{Linked, StudyKeys, read_linked};
pub use outcome::{Marks, Outcome, Outcomes};
pub use planned::{Planned, Purpose, Searched};
pub use planner::Planner;
pub use read::read_study;
pub use schedule::{Primary, Schedule, arms, plan, schedule};
pub use search::{Extension, Search};
pub use site::{AblationOption, AblationParameter, Grade, Needs, Placement, Site, Swap, overlap};
pub use space::{Dimension, EDGE, Scale, point};
pub use study::{
    Design, FEWEST_OF_A_STANDARD, Known, LEAST_REDRAWN, Margin, Pair, RecoveryPlan, STUDY_VERSION, Study, Variant, Way,
};
pub use threshold::{THRESHOLD, THRESHOLD_WINDOW, steps_to_threshold};
pub use trial::{EvaluationSplit, Init, Redraw, Seeds, Source, Stage, Trial, hash, hash_text};
