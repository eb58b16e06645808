//! Everything a page or a command line needs to draw a study before anything is trained.

use ablation_data::Shown;
use ablation_protocol::{ModelCatalog, Placement, Site, StudyKeys};
use ablation_settings::{Catalog, Correction, Field, Settings, Value, read_link, write_link};
use serde::Serialize;

use crate::catalog::{Models, build, open};
use crate::context::Context;
use crate::error::ModelError;

/// A field with the value that it has in this study.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct SetField {
    /// The field.
    #[serde(flatten)]
    pub field: Field,
    /// Its value.
    pub value: Value,
}

/// A file that is not at hand, or of no use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Lacking {
    /// What it is for, such as `corpus`.
    pub what: &'static str,
    /// Its SHA-256.
    pub sha256: String,
    /// What is the matter with it, as a part of a sentence.
    pub reason: String,
}

/// A study, described. `F` is what is looked at: numbers here, figures once they are drawn.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Description<F = Shown> {
    /// Its canonical link, with what the link says of a study beside it.
    pub link: String,
    /// Every setting.
    pub settings: Settings,
    /// What the validator changed.
    pub corrections: Vec<Correction>,
    /// What can be set, with its values.
    pub fields: Vec<SetField>,
    /// The data set.
    pub data_set: ablation_data::Description,
    /// A sample of the data.
    pub data: Vec<F>,
    /// The file without which nothing can be trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub lacks: Option<Lacking>,
    /// The components of the model.
    pub sites: Vec<Site>,
    /// Parameters of the whole model.
    pub parameters: usize,
}

/// Describes the settings of a link; a link that cannot be read describes the default settings and says so. A file that its data reads and that
/// is not in `context`, or is of no use, is said as well: everything else is described without it.
pub fn describe(link: &str, context: &Context) -> Result<Description, ModelError> {
    let (study, mut corrections) = read_link(link, &Models);
    let (keys, unknown) = StudyKeys::read(link);
    corrections.extend(unknown);
    let (model, lacks) = match open(&study.settings, context) {
        Err(ModelError::NoAsset { asset, sha256, reason }) => {
            (build(&study.settings)?, Some(Lacking { what: asset, sha256, reason }))
        }
        opened => (opened?, None),
    };
    let mut data_set = ablation_data::describe(model.data());
    let sites = Models.sites(&study.settings).map_err(ModelError::Trials)?;
    let blocks = sites.iter().filter(|site| site.placement == Placement::Group).count();
    data_set.needs.retain(|need| need.applies(blocks, !model.is_causal()) && sites.iter().any(|site| need.names(&site.path)));
    let set = |field: Field| SetField {
        value: study.settings.get(&field.path).cloned().unwrap_or_else(|| field.default_value()),
        field,
    };
    Ok(Description {
        link: keys.append(&write_link(&study, &Models)),
        corrections,
        fields: Models.fields(&study.settings).into_iter().map(set).collect(),
        data_set,
        data: if lacks.is_none() { vec![Shown::Samples(model.training_samples())] } else { Vec::new() },
        lacks,
        sites,
        parameters: model.parameters().iter().map(|parameter| parameter.count()).sum(),
        settings: study.settings,
    })
}

impl<F> Description<F> {
    /// The same with everything to look at drawn.
    pub fn drawn<G>(self, draw: impl FnMut(F) -> G) -> Description<G> {
        let Description { link, settings, corrections, fields, data_set, data, lacks, sites, parameters } = self;
        let data = data.into_iter().map(draw).collect();
        Description { link, settings, corrections, fields, data_set, data, lacks, sites, parameters }
    }
}

/// The named starting points with their links.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct PresetLink {
    /// Name in links.
    pub name: String,
    /// Name as shown.
    pub label: String,
    /// One sentence on what it shows.
    pub help: String,
    /// Its link.
    pub link: String,
}

/// Every preset.
pub fn presets() -> Vec<PresetLink> {
    let link = |preset: &ablation_settings::Preset| {
        write_link(&read_link(&format!("v={}&p={}", ablation_settings::VERSION, preset.name), &Models).0, &Models)
    };
    Models
        .presets()
        .into_iter()
        .map(|preset| PresetLink { link: link(&preset), name: preset.name, label: preset.label, help: preset.help })
        .collect()
}
