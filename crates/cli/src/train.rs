//! `ablation train`: one fleet, one replica per seed, and its test at the end.

use std::collections::HashMap;
use std::path::Path;

use ablation_models::{Measure, Run, Trial, Weights, build, targets};
use ablation_protocol::difference;
use ablation_settings::{Catalog, Kind, Link};
use anyhow::{Context, bail};
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;

use crate::arguments::TrainArguments;
use crate::failure::bad_input;
use crate::file::Replacement;
use crate::number::{count, measure};
use crate::progress::Progress;
use crate::table::{Align::Left, Align::Right, Table};
use crate::{device, output, study};

/// Replicas of one fleet; more than this thrash every cache and save nothing.
const MOST_SEEDS: usize = 64;

/// Key of the JSON in the metadata of a saved file.
const METADATA: &str = "ablation-train";

/// A trained fleet.
#[derive(Serialize)]
struct Trained {
    #[serde(flatten)]
    about: About,
    replicas: Vec<Replica>,
}

/// What was trained; also the metadata of saved weights.
#[derive(Clone, Serialize)]
struct About {
    /// The study without its seeds.
    link: String,
    /// What was left out.
    remove: Vec<String>,
    /// The difference from the reference in words.
    label: String,
    device: &'static str,
    /// In the order of the replicas.
    seeds: Vec<i64>,
    steps: u64,
}

/// One replica after its last step.
#[derive(Serialize)]
struct Replica {
    seed: i64,
    /// Training loss of every step; null where it is not a number.
    losses: Vec<f32>,
    measures: Vec<Measure>,
}

/// Trains, tests, saves and prints.
///
/// # Errors
/// Among others if the weights cannot be saved or a replica diverged; what there is has been printed by then.
pub fn run(arguments: &TrainArguments) -> anyhow::Result<()> {
    let study = study::read(&arguments.study)?;
    let seeds = seeds(&study, &arguments.seeds)?;
    removable(&arguments.remove)?;
    let device = device::open(arguments.device)?;
    let trial = |&seed: &i64| Trial { link: study::link(&seeded(&study, seed)), remove: arguments.remove.clone() };
    let context = study::context(&arguments.study)?;
    let mut run = Run::new(&seeds.iter().map(trial).collect::<Vec<_>>(), &context, &device.device)?;
    // A folder that cannot be written to is found before hours of training. Nothing is left there meanwhile: it may be the folder of a
    // study, which clears away what nobody seems to be writing.
    arguments.save.as_deref().map_or(Ok(()), |path| Replacement::open(path).map(drop))?;
    let losses = pollster::block_on(train(&mut run, device.stride))?;
    let measures = pollster::block_on(run.fleet().evaluate(&without(&study, &arguments.remove, seeds.len())?))?;
    let removed: Vec<&str> = arguments.remove.iter().map(String::as_str).collect();
    let about = About {
        link: study::link(&seeded(&study, seeds[0])),
        label: if removed.is_empty() { "reference".into() } else { difference(&study.settings, &study.settings, &removed) },
        remove: arguments.remove.clone(),
        device: device.name,
        seeds: seeds.clone(),
        steps: run.fleet().steps(),
    };
    let save = |path: &Path| Replacement::open(path)?.write(&weights(&run.fleet().evaluated(), &about)?);
    let saved = arguments.save.as_deref().map_or(Ok(()), save);
    let of_replica = |index: usize| losses.iter().map(|step| step[index]).collect();
    let replicas = seeds.iter().zip(measures).enumerate();
    let replicas = replicas
        .map(|(index, (&seed, evaluation))| Replica { seed, losses: of_replica(index), measures: evaluation.measures })
        .collect();
    let trained = Trained { about, replicas };
    if arguments.json {
        output::json(&trained)?
    } else {
        output::shown(&table(&study::called(&seeded(&study, seeds[0])), &trained))?
    }
    saved?;
    match trained.replicas.iter().find_map(|replica| Some((replica.seed, diverged(&replica.losses)?))) {
        Some((seed, step)) => bail!(
            "seed {seed} diverged: its loss is no longer a number at step {}; lower `train.learning_rate`, or set `train.clip=1`",
            count(step)
        ),
        None => Ok(()),
    }
}

async fn train(run: &mut Run, stride: u64) -> anyhow::Result<Vec<Vec<f32>>> {
    let steps = run.fleet().steps();
    let mut progress = Progress::new(steps);
    let mut losses = Vec::new();
    while run.fleet().step() < steps {
        losses.extend(run.step(stride).await?);
        progress.at(
            run.fleet().step(),
            "train",
            losses.last().map(|step: &Vec<f32>| step.iter().sum::<f32>() / step.len() as f32),
        );
    }
    Ok(losses)
}

/// The seeds that were typed, or the study's own.
fn seeds(study: &Link, typed: &[i64]) -> anyhow::Result<Vec<i64>> {
    if typed.is_empty() {
        return Ok(vec![study.settings.integer("seed")?]);
    }
    let fields = ablation_models::Models.fields(&study.settings);
    let kind = &fields.iter().find(|field| field.path == "seed").context("a study has a seed")?.kind;
    let Kind::Integer { minimum, maximum, .. } = kind else { bail!("a seed is a whole number") };
    if let Some(seed) = typed.iter().find(|seed| !(minimum..=maximum).contains(seed)) {
        return Err(bad_input(format!("`--seeds {seed}` is out of range; a seed is a whole number from {minimum} to {maximum}")));
    }
    if let Some((_, seed)) = typed.iter().enumerate().find(|(index, seed)| typed[..*index].contains(seed)) {
        return Err(bad_input(format!("`--seeds` names {seed} twice, and both would be the same model; name each seed once")));
    }
    if typed.len() > MOST_SEEDS {
        return Err(bad_input(format!("`--seeds` names {} seeds; train at most {MOST_SEEDS} at once", typed.len())));
    }
    Ok(typed.to_vec())
}

/// Rejects components that are removed twice, alone or inside of another.
fn removable(remove: &[String]) -> anyhow::Result<()> {
    let is_inside = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    for (index, path) in remove.iter().enumerate() {
        if remove[..index].contains(path) {
            return Err(bad_input(format!("`--remove {path}` stands twice; write it once")));
        }
        if let Some(outer) = remove.iter().find(|outer| is_inside(path, outer)) {
            return Err(bad_input(format!(
                "`--remove {path}` is a part of `{outer}`, which is removed as well; write one of them"
            )));
        }
    }
    Ok(())
}

fn seeded(study: &Link, seed: i64) -> Link {
    Link { preset: study.preset.clone(), settings: study.settings.clone().with("seed", seed) }
}

/// Sites that each of `replicas` replicas goes without.
fn without(study: &Link, remove: &[String], replicas: usize) -> anyhow::Result<Vec<Vec<String>>> {
    let sites = build(&study.settings)?.sites();
    let without = remove.iter().flat_map(|path| targets(&sites, path)).map(|site| site.path.clone()).collect();
    Ok(vec![without; replicas])
}

/// The weights as safetensors: every parameter by its path, `[replicas, rows, columns]`, in the order of the seeds.
fn weights(weights: &Weights, about: &About) -> anyhow::Result<Vec<u8>> {
    let mut tensors = Vec::new();
    for (path, tensor) in weights.iter() {
        let values =
            tensor.to_data().try_into_vec::<f32>().map_err(|error| anyhow::anyhow!("`{path}` cannot be read: {error:?}"))?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensors.push((path, tensor.dims().to_vec(), bytes));
    }
    let view = |(path, shape, bytes)| Ok((path, TensorView::new(Dtype::F32, shape, bytes)?));
    let views =
        tensors.iter().map(|(path, shape, bytes)| view((*path, shape.clone(), bytes))).collect::<anyhow::Result<Vec<_>>>()?;
    let metadata = HashMap::from([(METADATA.to_string(), serde_json::to_string(about)?)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// The first step whose loss is not a number.
fn diverged(losses: &[f32]) -> Option<usize> {
    losses.iter().position(|loss| !loss.is_finite()).map(|index| index + 1)
}

/// The replicas as text. `called`: what the study is called.
fn table(called: &str, Trained { about, replicas }: &Trained) -> String {
    let measures = replicas.first().map(|replica| replica.measures.as_slice()).unwrap_or_default();
    let mut table = Table::new(
        [("seed".into(), Right), ("training loss".into(), Right)]
            .into_iter()
            .chain(measures.iter().map(|one| (heading(one), Right))),
    );
    for Replica { seed, losses, measures } in replicas {
        let last = losses.last().map(|&loss| f64::from(loss));
        table.push([seed.to_string(), measure(last)].into_iter().chain(measures.iter().map(|one| measure(one.value))));
    }
    let constant_predictor = measures.iter().map(|one| measure(one.constant));
    let mut text = format!("settings {called}\nlink     {}\n", about.link);
    text.push_str(&format!("model   {}, {} steps, {}\n\n", about.label, count(about.steps as usize), about.device));
    text.push_str(&table.text(""));
    let mut nothing = Table::plain([Left, Left]);
    for (one, constant_predictor) in measures.iter().zip(constant_predictor) {
        nothing.push([heading(one), format!("{constant_predictor} ({} is better)", one.goal)]);
    }
    text.push_str(&format!("\nThe constant predictor, which ignores its input, reaches\n{}", nothing.text("  ")));
    text
}

/// A measure with its unit, as the head of a column.
pub fn heading(measure: &Measure) -> String {
    if measure.unit.is_empty() {
        measure.label.to_lowercase()
    } else {
        format!("{} ({})", measure.label.to_lowercase(), measure.unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_the_typed_ones_or_the_study_s() {
        let study = Link {
            preset: "repeat".into(),
            settings: ablation_settings::read_link("v=1&p=repeat&seed=7", &ablation_models::Models).0.settings,
        };
        assert_eq!(seeds(&study, &[]).unwrap(), [7]);
        assert_eq!(seeds(&study, &[3, 1]).unwrap(), [3, 1]);
        for (typed, word) in [(vec![-1], "out of range"), (vec![1, 2, 1], "twice"), ((0..65).collect(), "at most 64")] {
            assert!(seeds(&study, &typed).unwrap_err().to_string().contains(word));
        }
    }

    #[test]
    fn a_curve_diverges_at_its_first_loss_that_is_no_number() {
        assert_eq!(diverged(&[1.0, f32::NAN, 1.0]), Some(2));
        assert_eq!(diverged(&[1.0]), None);
    }
}
