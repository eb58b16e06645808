//! Which trials train together.
//!
//! A fleet saves what every operation costs however little it does, and trials of one seed share its examples, which are drawn once. On a CPU
//! branches are computed a replica at a time; what lies between them is computed for all replicas, and once it no longer fits into the caches
//! nearby, a replica costs up to a fifth more than by itself. So fleets of small models are worth it and fleets of larger ones are not; a GPU,
//! where starting an operation is most of what it costs, takes whatever its memory holds.
//!
//! Measured on one core of an AMD EPYC with 1 MiB of second-level cache, milliseconds per replica and step in fleets of 1, 2, 4, 8 and 16
//! (`cargo bench --profile dev -p ablation-models -- fleet`, fastest of a hundred):
//!
//! | model | one replica | 1 | 2 | 4 | 8 | 16 |
//! |---|---|---|---|---|---|---|
//! | width 32, 16 positions, batch 8 | 1.2 MiB | 0.51 | 0.50 | 0.48 | 0.49 | 0.52 |
//! | denoiser, width 64, batch 256 | 1.7 MiB | 0.61 | 0.62 | 0.57 | 0.58 | |
//! | width 32, 16 positions, batch 32 | 3.4 MiB | 1.81 | 1.83 | 1.84 | 2.07 | 2.16 |
//! | width 64, 32 positions, batch 32 | 13 MiB | 9.9 | 11.1 | 11.9 | 11.8 | 11.7 |

use std::collections::BTreeMap;

use ablation_protocol::Trial;
use ablation_settings::arrange_by_key;

use crate::catalog::build;
use crate::shape::{Shape, check, stage_settings};

/// Bytes of weights and activations, as estimated below, up to which a fleet on a CPU is no slower than its replicas one by one.
const CACHED: usize = 8 << 20;
/// The same on a GPU: a share of the memory that every adapter has.
const ON_GPU: usize = 256 << 20;
/// The largest buffer that a WebGPU adapter has to offer, which every tensor of a batch and of an evaluation must fit into.
const BINDING: usize = 128 << 20;
/// Largest fleets: beyond them nothing more is saved.
const MOST: Largest = Largest { on_cpu: 8, on_gpu: 64 };

/// What fleets run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware {
    /// So many cores, each of which runs a lane of its own.
    Cpu {
        /// Lanes at a time.
        cores: usize,
    },
    /// One graphics card, which runs one lane.
    Gpu,
}

/// The lanes of trials that are ready, as indices: trials of equal shape, no more than are worth running together, and on several cores
/// no fewer lanes than keep all of them busy. Lanes stand in the order of their first trial.
pub fn pack(trials: &[&Trial], hardware: Hardware) -> Vec<Vec<usize>> {
    let ids: Vec<String> = trials.iter().map(|trial| trial.id()).collect();
    Packer::default().pack(ids.iter().map(String::as_str).zip(trials.iter().copied()), hardware)
}

/// Packs the trials of a study again and again, whenever one of them is done.
///
/// The shape of a trial takes as long as building its data set, and a study of thousands of trials is packed thousands of times: so a trial
/// is looked at once, and found again by its id.
#[derive(Clone, Debug, Default)]
pub struct Packer {
    /// Index of the group of each trial that was seen, by id.
    groups: BTreeMap<String, usize>,
    /// Index of the group of each shape.
    shapes: BTreeMap<Shape, usize>,
    /// The largest fleet of each group.
    largest: Vec<Largest>,
}

/// The largest fleet of trials of one shape.
#[derive(Clone, Copy, Debug)]
struct Largest {
    on_cpu: usize,
    on_gpu: usize,
}

impl Packer {
    /// The lanes of trials that are ready, each given with its id; see [`pack`].
    pub fn pack<'a>(&mut self, trials: impl IntoIterator<Item = (&'a str, &'a Trial)>, hardware: Hardware) -> Vec<Vec<usize>> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut count = 0;
        for (index, (id, trial)) in trials.into_iter().enumerate() {
            members.entry(self.group(id, trial)).or_default().push(index);
            count = index + 1;
        }
        let cores = if let Hardware::Cpu { cores } = hardware { cores.max(1) } else { 1 };
        let share = count.div_ceil(cores).max(1);
        let mut lanes: Vec<Vec<usize>> = Vec::new();
        for (group, members) in members {
            let most = match hardware {
                Hardware::Cpu { .. } => self.largest[group].on_cpu.min(share),
                Hardware::Gpu => self.largest[group].on_gpu.min(share),
            };
            // Evenly: nine are five and four, not eight and one.
            let each = members.len().div_ceil(members.len().div_ceil(most));
            lanes.extend(members.chunks(each).map(<[usize]>::to_vec));
        }
        arrange_by_key(&mut lanes, |lane| lane[0]);
        lanes
    }

    /// Index of the group of a trial.
    fn group(&mut self, id: &str, trial: &Trial) -> usize {
        if let Some(&group) = self.groups.get(id) {
            return group;
        }
        let largest = &mut self.largest;
        let group = *self.shapes.entry(Shape::of(trial)).or_insert_with(|| {
            largest.push(Largest::of(trial).unwrap_or(Largest { on_cpu: 1, on_gpu: 1 }));
            largest.len() - 1
        });
        self.groups.insert(id.to_string(), group);
        group
    }
}

impl Largest {
    /// The largest fleet of such trials; none of those that no lane takes, which are left alone with their error.
    fn of(trial: &Trial) -> Option<Self> {
        check(trial).ok()?;
        let settings = stage_settings(trial, trial.stages.last()?).ok()?;
        let (model, batch) = (build(&settings).ok()?, settings.count("train.batch").ok()?);
        let (sites, parameters) = (model.sites(), model.parameters());
        let outputs: usize = sites.iter().map(|site| site.positions * site.channels).sum();
        let weights: usize = parameters.iter().map(|parameter| parameter.count()).sum();
        // Each output is kept for the backward pass beside what it was made of; each weight has a gradient and two running means.
        let bytes = size_of::<f32>() * (2 * outputs * batch + 4 * weights);
        // Reserved, though only a pass that shows them holds them.
        let bytes_on_gpu = bytes + size_of::<f32>() * 2 * model.workspace().iter().sum::<usize>() * batch;
        let tensor = size_of::<f32>() * model.largest() * batch.max(model.evaluated());
        Some(Largest {
            on_cpu: (CACHED / bytes.max(1)).clamp(1, MOST.on_cpu),
            on_gpu: (ON_GPU / bytes_on_gpu.max(1)).min(BINDING / tensor.max(1)).clamp(1, MOST.on_gpu),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Models, recipe_fields};
    use crate::edits::Edits;
    use crate::evaluation::{Depth, EvaluationSet};
    use crate::scope::Pass;
    use crate::shape::{SHAPES, scratch};
    use crate::weights::Weights;
    use ablation_protocol::{EvaluationSplit, Seeds, Source, Stage};
    use ablation_settings::{Catalog, Kind, Role, Settings, Value, read_link};

    const CORE: Hardware = Hardware::Cpu { cores: 1 };

    fn trial(more: &str, init: u64) -> Trial {
        let settings = read_link(&format!("v=1&p=repeat{more}"), &Models).0.settings;
        scratch(&settings, vec![], Seeds::new(init, 1), vec![EvaluationSplit::Tune]).unwrap()
    }

    fn packed(trials: &[Trial], hardware: Hardware) -> Vec<Vec<usize>> {
        pack(&trials.iter().collect::<Vec<_>>(), hardware)
    }

    #[test]
    fn trials_of_one_shape_train_together_and_keep_their_order() {
        let (small, other) = ("&train.batch=8&train.learning_rate=0.", "&train.batch=8&model.width=16&train.learning_rate=0.");
        let trials: Vec<Trial> =
            (1..=6).flat_map(|rate| [small, other].map(|link| trial(&format!("{link}{rate}"), rate))).collect();
        assert_eq!(packed(&trials, CORE), [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]);
        assert_eq!(packed(&[], CORE), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn what_decides_the_shape_parts_them() {
        let base = trial("", 1);
        let then = |steps, rate: f64| {
            let recipe = Settings::default().with("train.learning_rate", rate);
            Trial { stages: vec![base.stages[0].clone(), Stage::next(steps, recipe, vec![])], ..base.clone() }
        };
        let mixed = |weights: &[f64]| {
            let data = weights.iter().map(|&weight| Source { set: Settings::default(), weight }).collect();
            Trial { stages: vec![Stage { data, ..base.stages[0].clone() }], ..base.clone() }
        };
        let same = [
            base.clone(),
            Trial { seeds: Seeds::new(9, 9), ..base.clone() },
            trial("&train.warmup=3&train.weight_decay=0.5&train.schedule=constant&train.dropout=0.1&train.clip=0", 1),
        ];
        assert_eq!(packed(&same, Hardware::Gpu), [[0, 1, 2]]);
        let others = [
            base.clone(),
            trial("&model.activation=relu", 1),
            trial("&data.length=12", 1),
            trial("&train.batch=31", 1),
            trial("&train.steps=399", 1),
            Trial { remove: vec!["position".into()], ..base.clone() },
            Trial { evaluate: vec![EvaluationSplit::Tune, EvaluationSplit::Test], ..base.clone() },
            then(0, 0.1),
            then(40, 0.1),
            mixed(&[1.0]),
            mixed(&[1.0, 1.0]),
            mixed(&[1.0, 3.0]),
        ];
        assert_eq!(packed(&others, Hardware::Gpu).len(), others.len());
        let recovered = [0.1, 0.3, 1.0].map(|rate| then(40, rate));
        assert_eq!(packed(&recovered, Hardware::Gpu), [[0, 1, 2]]);
        let seeds = [1, 2].map(|init| Trial { seeds: Seeds::new(init, 1), ..mixed(&[1.0, 3.0]) });
        assert_eq!(packed(&seeds, Hardware::Gpu), [[0, 1]], "one mixture, one fleet");
    }

    #[test]
    fn small_models_train_together_on_a_core_and_large_ones_alone() {
        let many = |more: &str| -> Vec<usize> {
            let trials: Vec<Trial> = (0..20).map(|seed| trial(more, seed)).collect();
            packed(&trials, CORE).iter().map(Vec::len).collect()
        };
        assert_eq!(many("&train.batch=8"), [7, 7, 6], "evenly, not eight, eight and four");
        assert_eq!(many("&train.batch=32&model.width=64&data.length=32"), [1; 20]);
        let trials: Vec<Trial> = (0..100).map(|seed| trial("", seed)).collect();
        assert_eq!(packed(&trials, Hardware::Gpu).iter().map(Vec::len).collect::<Vec<_>>(), [50, 50]);
    }

    #[test]
    fn every_tensor_on_a_gpu_fits_into_one_buffer_and_all_into_its_memory() {
        let many = |more: &str| {
            let trials: Vec<Trial> = (0..60).map(|seed| trial(more, seed)).collect();
            packed(&trials, Hardware::Gpu).iter().map(Vec::len).max().unwrap()
        };
        // Sixteen heads, each with scores of 64 times 64 positions.
        let scores = |examples: usize| size_of::<f32>() * 16 * 64 * 64 * examples;
        let heads = "&data.length=64&model.width=16&model.heads=16&model.layers=";
        for (layers, batch) in [(1, 64), (1, 200), (4, 8), (8, 8)] {
            let fleet = many(&format!("{heads}{layers}&train.batch={batch}"));
            assert!(fleet * scores(batch) <= BINDING, "{fleet} models of {layers} blocks, batch {batch}");
            assert!(fleet * layers * scores(batch) <= ON_GPU, "{fleet} models of {layers} blocks, batch {batch}");
        }
        // However small the batch, the evaluation has its size: 4096 tokens.
        assert!(many(&format!("{heads}1&train.batch=1")) * scores(4096 / 64) <= BINDING);
    }

    #[test]
    fn every_tensor_of_an_evaluation_on_a_gpu_fits_into_one_buffer() {
        let device = burn::tensor::Device::flex();
        for more in ["&data.kind=glyphs", "&data.kind=glyphs&model.backbone=mixer", "&data.kind=two-moons", ""] {
            let trials: Vec<Trial> = (0..60).map(|seed| trial(&format!("{more}&train.batch=1"), seed)).collect();
            let fleet = packed(&trials, Hardware::Gpu).iter().map(Vec::len).max().unwrap();
            let model = build(&trials[0].settings).unwrap();
            // What comes out of a real evaluation says how many rows go through the model.
            let weights = Weights::draw(&model.parameters(), &[1], &device);
            let edits = Edits::none(1).resolve(&model.sites(), &device);
            let answers = model.evaluate(&Pass::new(&weights, &edits), &[EvaluationSet::shared()], Depth::Loss, &device);
            let examples = answers[0].dims()[1] / model.positions();
            let hidden = model.sites().iter().map(|site| site.positions * site.channels).max().unwrap();
            let bytes = |fleet: usize| fleet * examples * hidden * size_of::<f32>();
            assert!(bytes(fleet) <= BINDING, "{more}: {fleet} models, {} bytes", bytes(fleet));
            assert!(fleet == MOST.on_gpu.min(60) || bytes(2 * fleet) > BINDING, "{more}: {fleet} models are few");
        }
    }

    /// A study is packed anew for every lane that begins.
    #[test]
    fn a_trial_is_looked_at_once_however_often_it_is_packed() {
        let trials: Vec<(String, Trial)> = (0..40).map(|seed| trial("", seed)).map(|trial| (trial.id(), trial)).collect();
        let mut packer = Packer::default();
        SHAPES.set(0);
        for first in 0..trials.len() {
            let ready = &trials[first..];
            let lanes = packer.pack(ready.iter().map(|(id, trial)| (id.as_str(), trial)), CORE);
            assert_eq!(lanes.concat(), (0..ready.len()).collect::<Vec<_>>());
        }
        assert_eq!(SHAPES.get(), trials.len());
    }

    #[test]
    fn every_core_has_something_to_do() {
        let trials: Vec<Trial> = (0..6).map(|seed| trial("&train.batch=8", seed)).collect();
        let lanes = |cores| packed(&trials, Hardware::Cpu { cores }).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((lanes(1), lanes(4), lanes(64)), (vec![6], vec![2, 2, 2], vec![1; 6]));
        assert_eq!(lanes(0), [6]);
    }

    #[test]
    fn what_cannot_be_built_runs_alone() {
        let huge = trial("", 1).settings.with("model.layers", i64::MAX).with("model.width", i64::MAX);
        for settings in [Settings::default(), huge] {
            let broken = Trial { settings, ..trial("", 1) };
            assert_eq!(packed(&[broken.clone(), broken, trial("", 1)], Hardware::Gpu), [vec![0], vec![1], vec![2]]);
        }
    }

    /// The trap that roles close: a fleet reads a setting that is not marked as read for each replica once, and would train every other trial
    /// with the value of the first.
    #[test]
    fn trials_that_differ_in_a_setting_not_read_for_each_replica_never_share_a_fleet() {
        let kinds = match &Models.fields(&Settings::default())[0].kind {
            Kind::Choice { options, .. } => options.iter().map(|option| option.value.clone()).collect::<Vec<_>>(),
            _ => panic!("the first field chooses the data"),
        };
        let mut parted = 0;
        for kind in kinds {
            let base = trial(&format!("&data.kind={kind}"), 1);
            for field in recipe_fields(&base.settings.clone().with("train.steps", 9)) {
                let Some(before) = base.settings.get(&field.path).cloned() else { continue };
                let others: Vec<Value> = match &field.kind {
                    Kind::Integer { minimum, maximum, .. } => vec![Value::Integer(*minimum), Value::Integer(*maximum)],
                    Kind::Number { minimum, maximum, .. } => vec![Value::Number(*minimum), Value::Number(*maximum)],
                    Kind::Choice { options, .. } => options.iter().map(|option| Value::Text(option.value.clone())).collect(),
                    Kind::File { .. } => vec![Value::Text("0".repeat(64))],
                };
                for value in others.into_iter().filter(|value| *value != before) {
                    let other = Trial { settings: base.settings.clone().with(&field.path, value), ..base.clone() };
                    let together = packed(&[base.clone(), other], Hardware::Gpu).len() == 1;
                    assert_eq!(together, field.role == Role::PerReplica, "{kind}: `{}`", field.path);
                    parted += usize::from(!together);
                }
            }
        }
        assert!(parted > 50, "{parted}");
    }
}
