//! A study: a recipe, what is taken out of it or put into it, and the protocol by which the two are compared.
//!
//! Everything that decides a result is in here and is fixed before anything runs; the hash of it names the study. What a catalogue knows
//! (which operators a component takes, how many parameters go with it) is written out when a study is read, so that planning and reporting need
//! nothing but the study and its outcomes.

use std::collections::BTreeMap;

use ablation_random::Stream;
use ablation_settings::{Field, Meaning, Role, Settings, Unit, Value, canonical, visible};
use serde::{Deserialize, Serialize};

use crate::ablation::Ablation;
use crate::site::Grade;
use crate::space::Dimension;
use crate::trial::{EvaluationSplit, Redraw, Seeds, Stage, Trial, hash};

/// Version of the study format.
pub const STUDY_VERSION: u32 = 2;

/// Final seeds from which on a study with one search is no sketch any more: those of the tier `standard`.
pub const FEWEST_OF_A_STANDARD: u32 = 10;

/// Smallest share of the initial weights that an A/A control draws anew.
pub const LEAST_REDRAWN: f64 = 0.01;

/// How much is run: the tiers of the methodology, section 7.5, or numbers of one's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Design {
    /// Name of the tier, or `own`.
    pub tier: String,
    /// Search points of each arm (T).
    pub trials: u32,
    /// Seeds that each point is tried with (s_t).
    pub tuning_seeds: u32,
    /// Independent repetitions of the whole search (K). With more than one, a repetition is the unit of analysis.
    pub searches: u32,
    /// Final seeds of each repetition.
    pub seeds: u32,
}

impl Design {
    /// The named tiers.
    pub fn tiers() -> [Design; 3] {
        let tier = |name: &str, trials, tuning_seeds, searches, seeds| Design {
            tier: name.to_string(),
            trials,
            tuning_seeds,
            searches,
            seeds,
        };
        [tier("sketch", 8, 1, 1, 6), tier("standard", 16, 2, 1, FEWEST_OF_A_STANDARD), tier("gold", 20, 2, 8, 2)]
    }

    /// Units of analysis (n): seeds, or repetitions of the search where there are several.
    pub fn units(&self) -> u32 {
        if self.searches > 1 { self.searches } else { self.seeds }
    }

    /// What these units are.
    pub fn unit(&self) -> Unit {
        if self.searches > 1 { Unit::Repetition } else { Unit::Seed }
    }

    /// Whether so many repetitions of the search are most of them.
    pub fn are_most(&self, searches: usize) -> bool {
        2 * searches > self.searches as usize
    }

    /// Whether less is run than by the tier `standard`, whatever it is called: one search and fewer final seeds.
    pub fn is_sketch(&self) -> bool {
        self.searches == 1 && self.seeds < FEWEST_OF_A_STANDARD
    }
}

/// How recovery is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct RecoveryPlan {
    /// Steps after the ablation, as shares of those of the reference; ascending.
    pub budgets: Vec<f64>,
    /// Learning rates that are tried, as shares of the reference's.
    pub rates: Vec<f64>,
    /// Whether the architecture without the component is also trained from scratch for as long (arm Z): recovery that is no faster than learning anew has
    /// recovered nothing.
    pub short_retrain: bool,
}

/// The smallest gap that matters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Margin {
    /// A share of what the reference learned: of the loss of the best input-independent predictor minus its own. Not of the spread
    /// between seeds: a noisier study must not get a wider margin.
    Share(f64),
    /// A difference of losses.
    Absolute(f64),
}

/// One way of ablating a variant's sites in the trained reference: an operator, with its parameters, at each of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// Name in tables: `mean`, or `scale (factor 0.5)`.
    pub label: String,
    /// What becomes of each site, to follow its path in a sentence: `replaced by its mean`; empty where each has an operator of its own.
    pub phrase: String,
    /// How far its number can be trusted: as far as that of the site where it can be trusted least.
    pub grade: Grade,
    /// What is done, one a site.
    pub sites: Vec<Ablation>,
}

impl Way {
    /// Whether it ablates only what a variant removes, which is so many components; it ablates each of them, and may reach beyond.
    pub(crate) fn is_of(&self, removed: usize) -> bool {
        self.sites.len() == removed
    }
}

/// One change to the recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name in tables and files; unique.
    pub name: String,
    /// The difference from the reference in words.
    pub label: String,
    /// Sites that are left out.
    pub remove: Vec<String>,
    /// Settings that are changed, with those that the change brings along.
    pub set: Settings,
    /// Settings of the reference that do not exist with this change, such as those of its optimiser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drops: Vec<String>,
    /// The ways it is ablated in the trained reference; the most trustworthy first.
    pub ablations: Vec<Way>,
    /// Why it has no disruption arm, where it has none.
    pub not_ablated: Option<String>,
    /// How far its retraining can be trusted.
    pub grade: Grade,
    /// Parameter counts of the reference and of the variant.
    pub parameters: [usize; 2],
    /// The settings that give the variant as many parameters as the reference has (arm M), where that was asked for and is possible.
    pub matched: Option<Settings>,
}

impl Variant {
    /// Share of the reference's parameters that it goes without; 0 if it has as many or more.
    fn left_out(&self) -> f64 {
        let [reference, variant] = self.parameters.map(|count| count as f64);
        if reference > 0.0 { ((reference - variant) / reference).max(0.0) } else { 0.0 }
    }
}

/// What a study has to know of a setting: planning and reporting name no setting and have no catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// What it decides.
    pub role: Role,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// The value that a trial does not write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Value>,
}

impl Known {
    /// What a field says of its setting.
    pub fn of(field: &Field) -> Self {
        Known { role: field.role, meaning: field.meaning, absent: field.absent.clone() }
    }
}

/// A study, complete and valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Version of the format.
    pub version: u32,
    /// A line for people.
    pub title: String,
    /// The claim under test, in a sentence; may be empty.
    pub claim: String,
    /// Name of the preset that its settings started from.
    pub preset: String,
    /// Unit of the loss, such as `nats`.
    pub unit: String,
    /// Settings of data, model and training of the reference, without those that mean "as before this setting existed".
    pub settings: Settings,
    /// What has to be known of every setting that the reference has or an arm changes.
    pub known: BTreeMap<String, Known>,
    /// What is compared with the reference.
    pub variants: Vec<Variant>,
    /// How much is run.
    pub design: Design,
    /// What every arm searches.
    pub space: Vec<Dimension>,
    /// How recovery is tried.
    pub recovery: RecoveryPlan,
    /// The smallest gap that matters.
    pub margin: Margin,
    /// Root of all seeds.
    pub seed: u64,
}

/// A repetition of the search and a seed within it: the runs of one pair share data and every weight they have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Pair {
    /// Repetition of the search, from 0.
    pub search: u32,
    /// Seed within it, from 0.
    pub seed: u32,
}

/// Steps of a budget that is a share of so many; at least one.
pub(crate) fn budget_steps(steps: u64, share: f64) -> u64 {
    (libm::round(steps as f64 * share) as u64).max(1)
}

impl Study {
    /// SHA-256 of the study, in hexadecimal: the pre-registration of everything but the margin in the unit of the loss.
    pub fn hash(&self) -> String {
        hash(self)
    }

    /// The study as it is kept beside its outcomes: canonical JSON and a line end.
    pub fn to_json(&self) -> String {
        visible(&canonical::write(&serde_json::json!(self))).into_owned() + "\n"
    }

    /// The setting with a meaning.
    pub fn path(&self, meaning: Meaning) -> Option<&str> {
        self.known.iter().find(|(_, known)| known.meaning == Some(meaning)).map(|(path, _)| path.as_str())
    }

    /// The value of the setting with a meaning, in some settings of this study.
    pub fn number(&self, settings: &Settings, meaning: Meaning) -> Option<f64> {
        settings.number(self.path(meaning)?).ok()
    }

    /// What a setting decides; none for one that the study does not know.
    pub fn role(&self, path: &str) -> Option<Role> {
        self.known.get(path).map(|known| known.role)
    }

    /// Training steps of the reference.
    pub fn steps(&self) -> u64 {
        self.number(&self.settings, Meaning::Steps).map_or(0, |steps| steps as u64)
    }

    /// Steps of a recovery budget; at least one.
    pub fn budget(&self, share: f64) -> u64 {
        budget_steps(self.steps(), share)
    }

    /// The warm-up that takes the same share of `steps` as that of `settings` does of all steps.
    pub(crate) fn warmup(&self, settings: &Settings, steps: u64) -> Settings {
        let (Some(path), Some(warmup)) = (self.path(Meaning::Warmup), self.number(settings, Meaning::Warmup)) else {
            return Settings::default();
        };
        let share = steps as f64 / self.steps().max(1) as f64;
        Settings::default().with(path, libm::round(warmup * share) as i64)
    }

    /// A training from scratch for so many steps, whose seeds are still to be set.
    pub(crate) fn scratch(&self, settings: Settings, steps: u64, remove: &[String], evaluate: &[EvaluationSplit]) -> Trial {
        let absent = |path: &str| self.known.get(path).and_then(|known| known.absent.as_ref());
        let steps_path = self.path(Meaning::Steps);
        let drops = self.drops(&settings);
        let is_there = |path: &str| !drops.iter().any(|gone| gone == path);
        // Every stage has its own number of steps.
        let settings = settings.filtered(|path, value| Some(path) != steps_path && absent(path) != Some(value) && is_there(path));
        Trial {
            settings,
            remove: remove.to_vec(),
            seeds: Seeds::new(0, 0),
            stages: vec![Stage::scratch(steps)],
            evaluate: evaluate.to_vec(),
        }
    }

    /// Settings of the reference that do not exist in a model of these settings: those that the variant drops whose changes they have.
    fn drops(&self, settings: &Settings) -> &[String] {
        if self.variants.iter().all(|variant| variant.drops.is_empty()) {
            return &[];
        }
        let has_it = |variant: &&Variant| variant.set.iter().all(|(path, value)| settings.get(path) == Some(value));
        // Of two variants of which one changes more than the other, the settings of that one have the changes of both.
        let variant = self.variants.iter().filter(has_it).max_by_key(|variant| variant.set.iter().count());
        variant.map_or(&[], |variant| &variant.drops)
    }

    /// Every pair, by seed first: whoever stops early has whole pairs.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> + use<> {
        let (searches, seeds) = (self.design.searches, self.design.seeds);
        (0..seeds).flat_map(move |seed| (0..searches).map(move |search| Pair { search, seed }))
    }

    /// The seeds of a pair.
    pub fn seeds(&self, pair: Pair, aa_control: bool) -> Seeds {
        // The stream has the name that it had when pairs were called blocks: another name would be another study.
        self.drawn(Stream::root(self.seed).at("block").index(pair.search.into()).index(pair.seed.into()), aa_control)
    }

    /// The seeds of a tuning run, disjoint from all final ones.
    pub fn tuning_seeds(&self, search: u32, seed: u32, aa_control: bool) -> Seeds {
        self.drawn(Stream::root(self.seed).at("tuning").index(search.into()).index(seed.into()), aa_control)
    }

    /// The scramble of the search points of one repetition, which all arms have in common.
    pub fn scramble(&self, search: u32) -> u32 {
        Stream::root(self.seed).at("search").index(search.into()).draws().u32()
    }

    /// How much of the initial weights the A/A control draws anew, in weights per million: as large a share of the parameters as the median
    /// variant leaves out, so that the control differs from the reference as much as a variant does by chance alone; and no less than
    /// [`LEAST_REDRAWN`], as it would be the reference otherwise (methodology, section 11.3).
    pub fn redrawn(&self) -> u32 {
        const MILLION: f64 = 1e6;
        let mut shares: Vec<f64> = self.variants.iter().map(Variant::left_out).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let median = match shares.len() {
            0 => 0.0,
            count => (shares[(count - 1) / 2] + shares[count / 2]) / 2.0,
        };
        libm::round(MILLION * median.clamp(LEAST_REDRAWN, 1.0)) as u32
    }

    /// 32 bits each: a seed has to survive JavaScript, where whole numbers end at 53 bits.
    fn drawn(&self, stream: Stream, aa_control: bool) -> Seeds {
        let seed = u64::from(stream.draws().u32());
        let redraw = || Redraw { per_million: self.redrawn(), seed: u64::from(stream.at("aa").draws().u32()) };
        Seeds { redraw: aa_control.then(redraw), ..Seeds::new(seed, seed) }
    }
}

#[cfg(test)]
mod tests {
    use super::Study;
    use crate::made_up::six;

    #[test]
    fn a_study_survives_the_file_beside_its_outcomes() {
        let text = six().to_json();
        let read = Study::from_json(&text).unwrap();
        assert_eq!((read.hash(), read.to_json(), read), (six().hash(), text.clone(), six()));
        let error = Study::from_json(&text[..text.len() / 2]).unwrap_err().to_string();
        assert!(error.contains("not a complete study"), "{error}");
        assert!(Study::from_json(&text.replace("\"trials\":8", "\"trials\":4000000000")).is_err());
    }
}
