//! Figures as text: plain numbers in, a complete SVG and its table twin out.
//!
//! Why a crate of its own, without a browser and without a plotting library: the page, the stored records and the command
//! line must draw the same picture from the same numbers, to the byte. A chart drawn by script in the page could not be
//! stored, diffed in a test, or put in a paper; a chart with its colours baked in could not follow the reader's theme.
//!
//! Every figure is a struct of data with one method, `figure()`. One kind a file:
//!
//! | kind | shows |
//! |---|---|
//! | [`Contrast`] | disruption beside necessity, for each component of a study |
//! | [`RecoveryFigure`] | loss after ablation and fine-tuning against the number of steps, beside its controls |
//! | [`RecoveryRows`] | the same for a single number of steps, a row for each component |
//! | [`ExpectedBest`] | expected best loss against the number of search points |
//! | [`Sensitivity`] | loss against learning rate, a strip for each arm |
//! | [`Ranks`] | the order of components by disruption, by untuned gap and by necessity |
//! | [`Stability`] | the verdicts with other settings of the reference and without single seeds |
//! | [`Power`] | power against the number of seeds |
//! | [`Curve`] | series over training steps, one style per arm |
//! | [`Tokens`] | predicted tokens beside the targets |
//! | [`Heatmap`] | attention maps as small multiples |
//! | [`EffectBars`] | direct and total effect of ablations on the answer |
//! | [`HeadCosts`] | what each head costs, ablated and retrained without |
//! | [`Scatter`] | samples over data points |
//! | [`Images`] | small images |
//!
//! [`draw`] draws what a model in training shows, [`study_figures`] every figure for which a report has results, [`table_figures`] those
//! of an external table of results, [`study_thumbnail`] the contrast of a study for a list of studies.
//!
//! Promises that hold for all of them:
//!
//! * same data, same bytes, native and wasm (only `libm`, no clock, no map with random order, rounded coordinates);
//! * no `id` and no `<style>` inside, so that any number of figures can be put into one page;
//! * colours are CSS variables with a fallback ([`theme`]), text is text, and colour is never the only difference;
//! * text from users is escaped; numbers that are not finite never reach a coordinate, and the description says so.

mod axis;
mod contrast;
mod curve;
mod effects;
mod estimate;
mod figure;
mod hatch;
mod key;
mod label;
pub mod number;
mod plot;
mod power;
mod ranks;
mod recovery;
mod report;
mod role;
mod samples;
mod stability;
mod svg;
pub mod theme;
mod thin;
mod tuning;

pub use contrast::{Approximate, Contrast, ContrastRow, Untuned};
pub use curve::{Curve, CurveAxis, Rule, Series};
pub use effects::{Effect, EffectBars, HeadCosts, HeadPanel};
pub use estimate::{Estimate, Measured};
pub use figure::{Figure, Table};
pub use power::{Power, PowerLine};
pub use ranks::{Agreement, Ranked, Ranks};
pub use recovery::{Recovery, RecoveryFigure, RecoveryRow, RecoveryRows};
pub use report::{study_figures, study_thumbnail, table_figures};
pub use role::Role;
pub use samples::{Cloud, Example, Heatmap, Image, Images, Map, Scatter, Tokens, draw};
pub use stability::{Judged, Stability, StabilityRow};
pub use tuning::{ExpectedBest, Searched, Sensitivity, Sweep, Trial};
