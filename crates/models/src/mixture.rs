//! What a stage of a trial is trained on: its sources as data sets, if the model can be trained on them.

use ablation_data::{Data, Mixture};
use ablation_protocol::{Source, Trial, check_sources};
use ablation_settings::{Catalog, Field, Preset, Settings, complete};

use crate::catalog::Models;
use crate::context::Context;
use crate::error::ModelError;
use crate::shape::trial_settings;

/// The settings of data, without those of what is trained on it.
struct DataSettings;

impl Catalog for DataSettings {
    fn fields(&self, chosen: &Settings) -> Vec<Field> {
        ablation_data::fields(chosen)
    }

    fn presets(&self) -> Vec<Preset> {
        Vec::new()
    }
}

/// The mixture that the stage of an index is trained on; an empty one where it is trained on the data of the trial. `context`: the files that
/// its data sets read; none where only their shapes are asked for.
///
/// # Errors
/// If nothing can be drawn from its sources, or the model cannot be trained on one of them; what is wrong, where, and what would fit.
pub(crate) fn mixture(trial: &Trial, stage: usize, context: Option<&Context>) -> Result<Mixture, ModelError> {
    let sources = trial.stages.get(stage).map_or(&[][..], |stage| &stage.data);
    if sources.is_empty() {
        return Ok(Mixture::default());
    }
    let refuse = |place: String, what: String| ModelError::BadTrial { trial: trial.id(), what: format!("`{place}`: {what}") };
    check_sources(sources).map_err(|error| refuse(format!("stages[{stage}].{}", error.path), error.message))?;
    let settings = trial_settings(trial, 1)?;
    let own = ablation_data::build(&settings)?;
    let mut mixed = Vec::with_capacity(sources.len());
    for (index, source) in sources.iter().enumerate() {
        let mut data = data(source, &settings, &*own).map_err(|what| refuse(format!("stages[{stage}].data[{index}]"), what))?;
        if let Some(context) = context {
            data.read(context)?;
        }
        mixed.push((data, source.weight));
    }
    Ok(Mixture::new(mixed))
}

/// The data set of a source. `settings`: all settings of the trial; `own`: the data that they describe.
fn data(source: &Source, settings: &Settings, own: &dyn Data) -> Result<Box<dyn Data>, String> {
    // What the trial says of its own data holds for a source as well, if there is such a setting of it.
    let chosen = settings.overlaid(&source.set);
    let fields = ablation_data::fields(&chosen);
    let is_of_data = |path: &str| fields.iter().any(|field| field.path == path);
    let of_data = complete(&chosen.filtered(|path, _| is_of_data(path)), &DataSettings).map_err(|error| error.to_string())?;
    if let Some((path, _)) = source.set.iter().find(|(path, _)| !is_of_data(path)) {
        let paths: Vec<String> = fields.iter().map(|field| format!("`{}`", field.path)).collect();
        return Err(format!("`{path}` is no setting of this data, whose settings are {}; set one of these", paths.join(", ")));
    }
    let data = ablation_data::build(&of_data).map_err(|error| error.to_string())?;
    let with: Vec<String> = source.set.iter().map(|(path, value)| format!("`{path}={value}`")).collect();
    let with = with.join(" and ");
    let (layout, read) = (data.layout(), own.layout());
    if !layout.same_shape(&read) {
        return Err(format!(
            "with {with} an example is {layout}, and the model reads {read}; choose settings that give such examples"
        ));
    }
    match (data.train_share(), own.train_share()) {
        (Some(share), Some(most)) if data.about() == own.about() && share > most => {
            return Err(format!(
                "with {with} it trains on examples that the trial is evaluated on; choose a share of at most {most}"
            ));
        }
        _ => {}
    }
    // The rest is that of the trial, and has to be possible with this data: the objective, and what a position may read.
    let rest = settings.filtered(|path, _| !path.starts_with("data."));
    complete(&rest.overlaid(&of_data), &Models)
        .map_err(|error| format!("with {with} the model cannot be trained on its examples ({error}); choose other data"))?;
    Ok(data)
}
