//! Every option of every list, and every data set with every backbone: each is a model that trains, and obeys the laws of fleets. Whatever is
//! added to a list is held to them without a line here.

use std::rc::Rc;

use ablation_data::Samples;
use ablation_models::{Context, Edit, Edits, Model, Models, Recipe, Replica, describe, open, targets};
use ablation_protocol::ModelCatalog;
use ablation_random::{Draws, Stream};
use ablation_settings::{Affects, Catalog, Field, Kind, Link, Role, Settings, read_link, validate, write_link};
use pollster::block_on;

use crate::common::*;

/// Small, whatever else is chosen.
const SMALL: &str = "v=1&p=repeat&model.width=12&train.batch=5&train.steps=4&train.warmup=1";

/// Settings of a link; what it asks for that its data or model does not have is left out.
fn settings(link: &str) -> Settings {
    read_link(link, &Models).0.settings
}

/// The names of the options of a setting; none where there is nothing to choose.
fn options(settings: &Settings, path: &str) -> Vec<String> {
    let fields = Models.fields(settings);
    fields.iter().find(|field| field.path == path).map(names).unwrap_or_default()
}

fn names(field: &Field) -> Vec<String> {
    match &field.kind {
        Kind::Choice { options, .. } => options.iter().map(|option| option.value.clone()).collect(),
        _ => Vec::new(),
    }
}

/// A link for every data set with every backbone that fits it.
fn models() -> Vec<String> {
    let of_data = |data: String| {
        let link = format!("{SMALL}&data.kind={data}");
        let backbones = options(&settings(&link), "model.backbone");
        backbones.into_iter().map(move |backbone| format!("{link}&model.backbone={backbone}"))
    };
    options(&settings(SMALL), "data.kind").into_iter().flat_map(of_data).collect()
}

fn model(settings: &Settings) -> Rc<Model> {
    open(settings, &Context::built_in()).expect("validated settings build")
}

fn replicas(settings: &Settings, seeds: &[u64]) -> Vec<Replica> {
    seeds.iter().map(|&seed| Replica::new(seed, Recipe::read(settings).expect("validated settings"))).collect()
}

/// Three steps of a fleet of two, of which the first does `edit`, are those of each alone; and its losses are numbers.
fn fleet_is_solo(what: &str, settings: &Settings, edits: &Edits) {
    const STEPS: usize = 3;
    let (model, replicas) = (model(settings), replicas(settings, &[3, 14]));
    let mut together = advanced(fleet(&model, &replicas, edits.clone()), STEPS);
    for index in 0..2 {
        let alone = advanced(fleet(&model, &replicas[index..=index], edits.of_replica(index)), STEPS);
        assert!(replica(&alone.weights, 0) == replica(&together.weights, index), "{what}: replica {index}");
    }
    assert!(losses(&mut together).concat().into_iter().all(f32::is_finite), "{what}");
}

#[test]
fn every_data_set_trains_with_every_backbone_that_fits_it() {
    let models = models();
    assert!(models.len() >= 6, "{models:?}");
    for link in &models {
        let settings = settings(link);
        fleet_is_solo(link, &settings, &Edits::none(2));
        let fleet = advanced(fleet(&model(&settings), &replicas(&settings, &[3]), Edits::none(1)), 2);
        let found = block_on(fleet.evaluate(&[vec![]])).expect("the CPU answers").remove(0);
        let measured = found.measures.iter().all(|measure| measure.value.is_some() && measure.constant.is_some());
        assert!(measured && found.measures.len() == 2, "{link}: {:?}", found.measures);
        let shown = match &found.samples[0] {
            Samples::Tokens(examples) => examples.len(),
            Samples::Points { samples, .. } => samples.as_ref().map_or(0, Vec::len),
            Samples::Images { samples, .. } => samples.as_ref().map_or(0, Vec::len),
            Samples::Text { continuation, .. } => continuation.chars().count(),
            Samples::Attention { .. } => 0,
        };
        assert!(shown > 0, "{link} shows nothing");
        assert_eq!(describe(link, &Context::default()).expect("it is described").settings, settings, "{link}");
    }
}

#[test]
fn every_option_of_every_list_trains_and_any_fleet_of_it_is_its_replicas() {
    let (mut tried, mut tried_with) = (0, Vec::new());
    for link in models() {
        let base = settings(&link);
        let fields = Models.fields(&base);
        // Options of blocks and training ask for nothing of a data set but its objective.
        let with = ["model.backbone", "objective.kind"].map(|path| base.text(path).map(str::to_string));
        let is_new = !tried_with.contains(&with);
        tried_with.push(with);
        let chosen = |field: &&Field| match field.role {
            Role::Shape | Role::Shared | Role::PerReplica => is_new,
            Role::Data => true,
            Role::Budget | Role::Scope => false,
        };
        let fields = fields.iter().filter(chosen).filter(|field| field.path != "data.kind" && field.path != "model.backbone");
        for field in fields {
            for option in names(field).into_iter().filter(|option| base.text(&field.path) != Ok(option)) {
                let link = format!("{link}&{}={option}", field.path);
                let settings = settings(&link);
                assert_eq!(settings.text(&field.path), Ok(option.as_str()), "{link}");
                fleet_is_solo(&link, &settings, &Edits::none(2));
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn every_component_of_every_model_can_be_left_out_beside_one_that_keeps_it() {
    let mut tried: Vec<Vec<String>> = Vec::new();
    for link in models() {
        let settings = settings(&link);
        let sites = model(&settings).sites();
        // Models that have the same components are tried once.
        let paths: Vec<String> = sites.iter().map(|site| site.path.clone()).collect();
        if tried.contains(&paths) {
            continue;
        }
        tried.push(paths);
        for site in sites.iter().filter(|site| site.removal.allowed()) {
            let mut edits = Edits::none(2);
            targets(&sites, &site.path).into_iter().for_each(|one| edits.set(0, &one.path, Edit::removal(one)));
            fleet_is_solo(&format!("{link} without {}", site.path), &settings, &edits);
        }
    }
}

/// What a site can be exchanged for follows from the lists, and so does what is exchanged.
#[test]
fn every_other_option_is_a_swap_at_the_sites_that_it_affects() {
    let mut offered = 0;
    for link in models() {
        let settings = settings(&link);
        let sites = Models.sites(&settings).expect("validated settings have sites");
        for field in Models.fields(&settings) {
            let Affects::Sites(kinds) = &field.affects else { continue };
            let others: Vec<String> =
                names(&field).into_iter().filter(|option| settings.text(&field.path) != Ok(option)).collect();
            for site in sites.iter().filter(|site| kinds.contains(&site.kind)) {
                let swaps = site.swaps.iter().filter(|swap| swap.path == field.path).map(|swap| swap.value.clone());
                assert_eq!(swaps.collect::<Vec<_>>(), others, "{link} {} {}", site.path, field.path);
                offered += others.len();
            }
        }
    }
    assert!(offered > 20, "{offered}");
}

/// Settings in which every choice about the model is drawn.
fn drawn(link: &str, draws: &mut Draws) -> Settings {
    let mut given = settings(link);
    // Which fields there are depends on what was chosen before them.
    for index in 0..usize::MAX {
        let fields: Vec<Field> = Models.fields(&given).into_iter().filter(|field| field.role == Role::Shape).collect();
        let Some(field) = fields.get(index) else { break };
        let options: Vec<String> = names(field).into_iter().filter(|_| field.path != "model.backbone").collect();
        if !options.is_empty() {
            let option = &options[draws.below(options.len() as u64) as usize];
            given = validate(&given.with(&field.path, option.as_str()), &Models).0;
        }
    }
    given
}

/// Options are tried one by one above; here they meet.
#[test]
fn forty_architectures_drawn_from_the_catalogue_train_and_obey_the_laws_of_fleets() {
    let links = models();
    let mut draws = Stream::root(40).at("architectures").draws();
    let mut learned = 0;
    for index in 0..40 {
        let link = format!(
            "{}&train.batch=16&train.warmup=20&train.steps=80&train.learning_rate=0.005",
            links[index * links.len() / 40]
        );
        let settings = drawn(&link, &mut draws);
        let what = format!("{index}: {}", write_link(&Link { preset: "repeat".into(), settings: settings.clone() }, &Models));
        let built = model(&settings);
        let (sites, parameters) = (built.sites(), built.parameters());
        for site in &sites {
            let inside = |path: &str| path.strip_prefix(&site.path).is_some_and(|rest| rest.starts_with('.'));
            let own = parameters.iter().filter(|parameter| inside(&parameter.path)).map(|parameter| parameter.count());
            assert_eq!(site.parameters, own.sum::<usize>(), "{what}: {}", site.path);
        }
        let removable: Vec<_> = sites.iter().filter(|site| site.removal.allowed()).collect();
        let gone = removable[draws.below(removable.len() as u64) as usize];
        let mut edits = Edits::none(2);
        targets(&sites, &gone.path).into_iter().for_each(|one| edits.set(0, &one.path, Edit::removal(one)));
        fleet_is_solo(&what, &settings, &Edits::none(2));
        fleet_is_solo(&format!("{what} without {}", gone.path), &settings, &edits);
        let losses = losses(&mut advanced(fleet(&built, &replicas(&settings, &[3]), Edits::none(1)), 80)).concat();
        assert!(losses.iter().all(|loss| loss.is_finite()), "{what}: {losses:?}");
        let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
        // Small embeddings fade in a stack that neither normalises nor adds: what is left of them may be too small to learn from.
        let fades = settings.text("model.norm") == Ok("none") && settings.text("model.residual").is_ok_and(|kept| kept != "both");
        assert!(fades || mean(&losses[60..]) < mean(&losses[..20]), "{what}: {losses:?}");
        learned += usize::from(!fades);
    }
    assert!(learned > 30, "{learned}");
}
