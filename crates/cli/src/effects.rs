//! `ablation effects`: what a component adds to the answer itself, what later components make up for, and, beside each other, what each head
//! costs when it is ablated and when a model is trained without it.

use ablation_models::{Effects, Mean, Operator, Replica, Sweep, Without, WithoutProgress, components_with_effects, effects};
use ablation_protocol::{Ablation, ModelCatalog, Site};
use ablation_settings::{Link, validate};
use ablation_stats::{Confidence, Sample, t_interval};
use serde::Serialize;

use crate::arguments::EffectsArguments;
use crate::failure::bad_input;
use crate::number::{MISSING, measure as number, signed};
use crate::progress::Progress;
use crate::table::{Align::Left, Align::Right, Table};
use crate::trained::Trained;
use crate::{device, output, sites, study};

/// Everything that was found.
#[derive(Serialize)]
struct Found {
    link: String,
    seed: u64,
    device: &'static str,
    operator: String,
    unit: String,
    /// Test loss of the model as it was trained.
    loss: Option<f64>,
    effects: Vec<Effects>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heads: Vec<Head>,
}

/// One head in models of several seeds.
#[derive(Serialize)]
struct Head {
    site: String,
    layer: usize,
    head: usize,
    /// Rise of the test loss when the head is ablated in the trained model, one a seed.
    ablated: Vec<Option<f64>>,
    /// Rise of the test loss when a model is trained without the head, with everything else as it was, one a seed.
    retrained: Vec<Option<f64>>,
}

/// Trains, ablates and prints.
///
/// # Errors
/// If the answers of the model are no sum over its branches, the operator does not exist or fits nowhere, or a training diverged.
pub fn run(arguments: &EffectsArguments) -> anyhow::Result<()> {
    let study = study::read(&arguments.study)?;
    let operator = sites::find_operator(&arguments.operator)?;
    let context = study::context(&arguments.study)?;
    let model = ablation_models::open(&study.settings, &context)?;
    let known = components_with_effects(&model)?;
    let ablations = ablations(&known, operator)?;
    let heads: Vec<&Site> = known.iter().filter(|site| site.kind == "head").collect();
    if arguments.retrain > 0 && heads.is_empty() {
        return Err(bad_input("`--retrain`: this model has no heads".to_string()));
    }
    let (link, device) = (study::link(&study), device::open(arguments.device)?);
    let trained = Trained::train(&study.settings, &link, context, arguments.device)?;
    let (model, weights, on) = trained.model()?;
    let examples = Trained::examples();
    let found = effects(&model, &weights, &ablations, examples, trained.seed, &on.device);
    let effects = pollster::block_on(found)?;
    let sweep = Sweep::new(&model, &weights, &[], &[], examples, trained.seed, (trained.hardware(), &on.device));
    let loss = pollster::block_on(pollster::block_on(sweep)?.unablated())?;
    let found = Found {
        unit: ablation_models::Models.unit(&study.settings),
        seed: trained.seed,
        device: device.name,
        operator: operator.name.to_string(),
        loss,
        effects,
        heads: head_costs(arguments, &study, &heads, &ablations, &trained)?,
        link,
    };
    if arguments.json {
        return output::json(&found);
    }
    output::shown(&text(&study::called(&study), &found))
}

/// The operator at every component where it is offered.
///
/// # Errors
/// If it is offered nowhere.
fn ablations(known: &[Site], operator: &Operator) -> anyhow::Result<Vec<Ablation>> {
    let is_offered =
        |site: &&Site| site.ablations.iter().any(|option| option.operator == operator.name && option.grade.allowed());
    let found: Vec<Ablation> = known.iter().filter(is_offered).map(|site| Ablation::new(&site.path, operator.name)).collect();
    if found.is_empty() {
        return Err(bad_input(format!(
            "`--operator {}` is offered at no branch or head of this model; `ablation sites` says what is",
            operator.name
        )));
    }
    Ok(found)
}

/// What each head costs, ablated and retrained without, in models of as many seeds as were asked for.
///
/// `trained`: the model of the first seed.
fn head_costs(
    arguments: &EffectsArguments,
    study: &Link,
    heads: &[&Site],
    asked: &[Ablation],
    trained: &Trained,
) -> anyhow::Result<Vec<Head>> {
    if arguments.retrain == 0 {
        return Ok(Vec::new());
    }
    let mut found: Vec<Head> = heads.iter().map(|site| Head::at(site)).collect();
    // All heads are of one kind: an operator is offered at each of them or at none.
    let asked: Vec<Ablation> =
        asked.iter().filter(|ablation| heads.iter().any(|head| head.path == ablation.site)).cloned().collect();
    let lists: Vec<Vec<Ablation>> = asked.iter().map(|ablation| vec![ablation.clone()]).collect();
    let first = study.settings.count("seed")? as i64;
    for seed in first..first + i64::from(arguments.retrain) {
        let another;
        let trained = if seed == first {
            trained
        } else {
            another = with_seed(arguments, study, seed)?;
            &another
        };
        let (model, weights, on) = trained.model()?;
        let here = (trained.hardware(), &on.device);
        let sweep = pollster::block_on(Sweep::new(&model, &weights, &asked, &[], Trained::examples(), trained.seed, here))?;
        let loss = pollster::block_on(sweep.unablated())?;
        let ablated = pollster::block_on(sweep.losses(&lists))?;
        let retrained = retrained(trained, heads)?;
        for (index, head) in found.iter_mut().enumerate() {
            let rise = |after: Option<f64>| Some(after? - loss?);
            head.ablated.push(rise(ablated.get(index).copied().flatten()));
            head.retrained.push(rise(retrained[index]));
        }
    }
    Ok(found)
}

/// The model of another seed.
///
/// # Errors
/// If there is no such seed.
fn with_seed(arguments: &EffectsArguments, study: &Link, seed: i64) -> anyhow::Result<Trained> {
    let settings = study.settings.clone().with("seed", seed);
    let (_, corrections) = validate(&settings, &ablation_models::Models);
    if let Some(correction) = corrections.first() {
        let reason = &correction.reason;
        return Err(bad_input(format!("`--retrain` takes the seeds after that of the settings, and {seed} is none: {reason}")));
    }
    let link = study::link(&Link { settings: settings.clone(), ..study.clone() });
    Trained::train(&settings, &link, study::context(&arguments.study)?, arguments.device)
}

/// The test loss of a model trained without each head.
fn retrained(trained: &Trained, heads: &[&Site]) -> anyhow::Result<Vec<Option<f64>>> {
    let (model, _, on) = trained.model()?;
    let paths = heads.iter().map(|head| head.path.clone()).collect();
    let mut without = Without::new(model, Replica::new(trained.seed, trained.recipe()?), paths, &on.device)?;
    let mut progress = Progress::new(without.progress().total);
    while without.losses().len() < heads.len() {
        let WithoutProgress { done, .. } = pollster::block_on(without.step(on.stride))?;
        progress.at(done, "train without each head", None);
    }
    Ok(without.losses().to_vec())
}

impl Head {
    /// The head of a site, `blocks.<layer>.attn.heads.<head>`.
    fn at(site: &Site) -> Self {
        let numbers: Vec<usize> = site.path.split('.').filter_map(|part| part.parse().ok()).collect();
        Head {
            site: site.path.clone(),
            layer: numbers.first().copied().unwrap_or(0),
            head: numbers.last().copied().unwrap_or(0),
            ablated: Vec::new(),
            retrained: Vec::new(),
        }
    }
}

/// Everything as text. `called`: what the settings are called.
fn text(called: &str, found: &Found) -> String {
    let unit = if found.unit.is_empty() { String::new() } else { format!(" {}", found.unit) };
    let mut text = format!("settings {called}\nlink     {}\ndevice   {}\n", found.link, found.device);
    text.push_str(&format!("loss     {}{unit} on the test split, before any ablation\n\n", number(found.loss)));
    text.push_str(&format!(
        "Change of the logit of the right token, less the mean of all logits, when one component is ablated ({}); seed {}\n",
        found.operator, found.seed
    ));
    text.push_str(&table(&found.effects).text("  "));
    text.push_str(WORDS);
    if let Some(seeds) = found.heads.first().map(|head| head.retrained.len()) {
        let seeds = if seeds == 1 { "one seed".to_string() } else { format!("mean of {seeds} seeds, ± half a 95 % interval") };
        let mut map_of = |what: &str, values: fn(&Head) -> &[Option<f64>]| {
            text.push_str(&format!("\nRise of the test loss for each head, {what}; {seeds}\n"));
            text.push_str(&map(&found.heads, values).text("  "));
        };
        map_of("ablated in the trained model", |head| &head.ablated);
        map_of("trained without it, everything else as it was (untuned)", |head| &head.retrained);
    }
    text.push_str("\nEffects are of one trained model. `ablation run` asks, with tuning and tests, what a model without a component can do.\n");
    text
}

const WORDS: &str = "\
direct: what the component itself no longer adds; later: what all branches after it add instead, `most` the one that changes most; scale: what
the final norm adds because it divides by another number; total: their sum; ± two standard errors over test examples. Where direct and later have
opposite signs the model repairs itself. `made up` is the share of the direct effect that is not in the total, by later branches and scale
together; `all` stands for more than the whole of it.
";

fn table(effects: &[Effects]) -> Table {
    let headings = [
        ("component", Left),
        ("direct", Right),
        ("later", Right),
        ("scale", Right),
        ("total", Right),
        ("±", Right),
        ("made up", Right),
        ("most", Left),
    ];
    let mut table = Table::new(headings.map(|(heading, align)| (heading.to_string(), align)));
    for one in effects {
        let most = one.branches.iter().max_by(|a, b| a.change.value.abs().total_cmp(&b.change.value.abs()));
        let most = most.map(|branch| format!("{} {}", signed(Some(branch.change.value)), branch.site)).unwrap_or_default();
        table.push([
            one.site.clone(),
            signed(Some(one.direct.value)),
            signed(Some(one.later.value)),
            signed(Some(one.total.value - one.frozen.value)),
            signed(Some(one.total.value)),
            one.total.error.map_or(MISSING.to_string(), |error| number(Some(2.0 * error))),
            made_up(one)
                .map_or(String::new(), |share| if share > 1.0 { "all".into() } else { format!("{:.0} %", 100.0 * share) }),
            most,
        ]);
    }
    table
}

/// The share of a direct effect that the rest of the model makes up for; none where the effect is not told from nothing or is made larger.
fn made_up(effects: &Effects) -> Option<f64> {
    let Mean { value, error } = effects.direct;
    let is_seen = value.abs() > 2.0 * error?;
    Some(1.0 - effects.total.value / value).filter(|share| is_seen && *share > 0.0)
}

/// A row for each layer, a column for each head.
fn map(heads: &[Head], values: fn(&Head) -> &[Option<f64>]) -> Table {
    let columns = heads.iter().map(|head| head.head + 1).max().unwrap_or(0);
    let headings = (0..columns).map(|head| (format!("head {head}"), Right));
    let mut table = Table::new(std::iter::once((String::new(), Left)).chain(headings));
    for layer in 0..heads.iter().map(|head| head.layer + 1).max().unwrap_or(0) {
        let cell = |column: usize| {
            let head = heads.iter().find(|head| head.layer == layer && head.head == column);
            head.map_or(String::new(), |head| mean(values(head)))
        };
        table.push(std::iter::once(format!("layer {layer}")).chain((0..columns).map(cell)));
    }
    table
}

/// A mean with its interval, if there is one.
fn mean(values: &[Option<f64>]) -> String {
    let known: Option<Vec<f64>> = values.iter().copied().collect();
    let Some(sample) = known.and_then(|known| Sample::new(known).ok()) else { return MISSING.to_string() };
    let interval = Confidence::new(0.95).ok().and_then(|confidence| t_interval(&sample, confidence));
    let half = interval.map_or(String::new(), |interval| format!(" ±{}", number(Some((interval.high - interval.low) / 2.0))));
    format!("{}{half}", signed(Some(sample.mean())))
}
