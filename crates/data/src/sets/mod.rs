//! The data sets, one per file: what can be chosen, and the one that was.

mod associative_recall;
mod brackets;
mod eight_gaussians;
mod first;
mod glyphs;
mod k_hop;
mod linear_regression;
mod majority;
mod masked;
mod masked_repeat;
mod modular_addition;
mod repeat;
mod reverse;
mod selective_copy;
mod sort;
mod stories;
mod text;
mod tokens;
mod two_moons;

use ablation_settings::{Choice, Field, Group, Kind, Meaning, Preset, Settings, Value};
use serde::Serialize;

use crate::about::{About, ConstantPredictor, Need, Score};
use crate::data::Data;
use crate::error::DataError;
use crate::files::Files;
use crate::layout::Layout;

/// One line of the list.
pub(crate) struct Entry {
    pub about: &'static About,
    /// The settings of the data set, all below `data.`.
    pub fields: fn() -> Vec<Field>,
    pub build: fn(&Settings) -> Result<Box<dyn Data>, DataError>,
    /// Settings that make it harder when they are raised, the one to try first in front, each with what it then has more of. A model that
    /// solves a task exactly says little of what it needs; a study that finds this suggests one of these.
    pub harder: &'static [(&'static str, &'static str)],
    /// The settings with which its examples have so many tokens of so many different ones, or as many numbers; none where there are none. So it can
    /// be trained on beside another data set.
    pub fit: fn(usize, usize) -> Option<Settings>,
    /// The starting point that shows it, if it has one.
    pub start: Option<fn() -> Start>,
}

/// A starting point: the model of a data set and the question about it that the sandbox opens with. It has the name of the data set.
pub(crate) struct Start {
    /// Name as shown.
    pub label: &'static str,
    /// What the model learns and the question about it, in two sentences.
    pub help: &'static str,
    /// Settings that differ from the defaults, beside the data set.
    pub settings: Settings,
}

/// All data sets, in the order shown; the first is the default.
const DATA: &[Entry] = &[
    repeat::ENTRY,
    masked_repeat::ENTRY,
    first::ENTRY,
    sort::ENTRY,
    modular_addition::ENTRY,
    reverse::ENTRY,
    selective_copy::ENTRY,
    associative_recall::ENTRY,
    k_hop::ENTRY,
    linear_regression::ENTRY,
    majority::ENTRY,
    brackets::ENTRY,
    stories::ENTRY,
    text::ENTRY,
    tokens::ENTRY,
    masked::REVERSE,
    masked::SORT,
    masked::SELECTIVE_COPY,
    two_moons::ENTRY,
    eight_gaussians::ENTRY,
    glyphs::ENTRY,
];

/// A data set as the page and a record show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename = "DataSet"))]
pub struct Description {
    /// Name in links and files.
    pub name: &'static str,
    /// Name as shown.
    pub label: &'static str,
    /// What the model sees and must do.
    pub help: &'static str,
    /// What the constant predictor reaches.
    #[serde(rename = "constant_predictor")]
    pub constant: ConstantPredictor,
    /// What is measured beside the loss.
    pub score: Score,
    /// The lowest expected loss that any predictor can have; none where it is not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub floor: Option<f64>,
    /// Which components a model needs for it.
    pub needs: Vec<Need>,
    /// SHA-256 of the file that it reads, if it reads one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub file: Option<String>,
    /// What a reader should know of that file, as sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "types", ts(as = "Option<Vec<String>>", optional))]
    pub notes: Vec<String>,
}

/// A setting of a data set that makes it harder when it is raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Harder {
    /// Its path.
    pub path: &'static str,
    /// Its value now.
    pub value: Value,
    /// The largest value that it takes.
    pub maximum: Value,
    /// What the task has more of at a larger value, such as "longer sequences".
    pub more: &'static str,
}

/// The fields of the data group given what is chosen so far: `data.kind`, then those of that data set (of the default as
/// long as none is chosen, none for a name that is no data set's).
pub fn fields(chosen: &Settings) -> Vec<Field> {
    let options = DATA.iter().map(|entry| Choice::new(entry.about.name, entry.about.label, entry.about.help)).collect();
    let kind = Field::choice("data.kind", Group::Data, "Data set", "What the model is trained and evaluated on.", options)
        .means(Meaning::Data);
    let name = chosen.text("data.kind").unwrap_or(DATA[0].about.name);
    let own = find(name).map(|entry| (entry.fields)()).unwrap_or_default();
    [vec![kind], own].concat()
}

/// The starting points of all data sets; the first is the default.
pub fn presets() -> Vec<Preset> {
    let preset = |name: &str, Start { label, help, settings }: Start| Preset {
        name: name.to_string(),
        label: label.to_string(),
        help: help.to_string(),
        // A link to the default does not say its data set.
        settings: if name == DATA[0].about.name { settings } else { settings.with("data.kind", name) },
    };
    DATA.iter().filter_map(|entry| Some(preset(entry.about.name, (entry.start?)()))).collect()
}

/// The data set that complete settings describe.
///
/// # Errors
/// If `data.kind` is not in the list, or a setting of the data set is missing or outside its range; never after validation.
pub fn build(settings: &Settings) -> Result<Box<dyn Data>, DataError> {
    let name = settings.text("data.kind")?;
    let known = || DATA.iter().map(|entry| entry.about.name).collect::<Vec<_>>().join(", ");
    let entry = find(name).ok_or_else(|| DataError::Unknown { kind: name.to_string(), known: known() })?;
    (entry.build)(settings)
}

/// The data set that complete settings describe, with its file read if it has one.
///
/// # Errors
/// As [`build`], and if the file is not at hand or is of no use.
pub fn open(settings: &Settings, files: &dyn Files) -> Result<Box<dyn Data>, DataError> {
    let mut data = build(settings)?;
    data.read(files)?;
    Ok(data)
}

/// The other data sets with examples of the shape of `own` that a model may read as it reads those, each with complete settings.
pub(crate) fn related(own: &dyn Data) -> Vec<(&'static About, Settings)> {
    let layout = own.layout();
    let (length, tokens) = match layout {
        Layout::Tokens { length, vocabulary, .. } => (length, vocabulary),
        Layout::Numbers { .. } => (layout.size(), 0),
    };
    let fitting = |entry: &Entry| {
        let fitted = (entry.fit)(length, tokens)?.with("data.kind", entry.about.name);
        let missing = (entry.fields)().into_iter().filter(|field| fitted.get(&field.path).is_none());
        let settings = missing.fold(fitted.clone(), |settings, field| settings.with(&field.path, field.default_value()));
        let other = (entry.build)(&settings).ok()?.layout();
        (layout.same_shape(&other) && layout.read_alike(&other)).then_some((entry.about, settings))
    };
    DATA.iter().filter(|entry| entry.about.name != own.about().name).filter_map(fitting).collect()
}

/// Of a data set whose examples have one shape only, or that reads a file.
pub(crate) fn never(_: usize, _: usize) -> Option<Settings> {
    None
}

/// SHA-256 of the files that are read where nobody brings one: a text, and the same text encoded.
pub fn built_in_corpora() -> [&'static str; 2] {
    [text::BUILT_IN, tokens::BUILT_IN]
}

/// All that is said about a data set.
pub fn describe(data: &dyn Data) -> Description {
    let About { name, label, help, score } = *data.about();
    Description {
        name,
        label,
        help,
        score,
        constant: data.constant(),
        floor: data.floor(),
        needs: data.needs(),
        file: data.file().map(str::to_string),
        notes: data.notes(),
    }
}

/// The settings that make the data set of `settings` harder and can still be raised, the one to try first in front. A setting that is
/// missing has its default. Empty for a data set that is not in the list.
pub fn harder(settings: &Settings) -> Vec<Harder> {
    let Some(entry) = settings.text("data.kind").ok().and_then(find) else { return Vec::new() };
    let fields = (entry.fields)();
    let raisable = |&(path, more): &(&'static str, &'static str)| {
        let field = fields.iter().find(|field| field.path == path)?;
        let value = settings.get(path).cloned().unwrap_or_else(|| field.default_value());
        let (maximum, number) = match (&field.kind, &value) {
            (Kind::Integer { maximum, .. }, Value::Integer(number)) => (Value::Integer(*maximum), *number as f64),
            (Kind::Number { maximum, .. }, Value::Number(number)) => (Value::Number(*maximum), *number),
            (Kind::Number { maximum, .. }, Value::Integer(number)) => (Value::Number(*maximum), *number as f64),
            _ => return None,
        };
        let is_below = match maximum {
            Value::Integer(maximum) => number < maximum as f64,
            Value::Number(maximum) => number < maximum,
            Value::Text(_) => false,
        };
        is_below.then_some(Harder { path, value, maximum, more })
    };
    entry.harder.iter().filter_map(raisable).collect()
}

/// The lowest expected loss that any predictor can have on the data set of `settings`, where it is stated ([`Data::floor`]). A setting that
/// is missing has its default.
pub fn floor(settings: &Settings) -> Option<f64> {
    let missing = fields(settings).into_iter().filter(|field| settings.get(&field.path).is_none());
    let complete = missing.fold(settings.clone(), |settings, field| settings.with(&field.path, field.default_value()));
    find(settings.text("data.kind").ok()?)?;
    build(&complete).ok()?.floor()
}

fn find(name: &str) -> Option<&'static Entry> {
    DATA.iter().find(|entry| entry.about.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Example, example};
    use crate::layout::Layout;
    use crate::split::Split;
    use ablation_random::Stream;

    /// Settings in which every field of a data set has its default.
    fn defaults(kind: &str) -> Settings {
        let chosen = Settings::default().with("data.kind", kind);
        let own = fields(&chosen).into_iter().skip(1);
        own.fold(chosen.clone(), |settings, field| settings.with(&field.path, field.default_value()))
    }

    #[test]
    fn every_data_set_is_built_from_its_own_defaults() {
        for entry in DATA {
            let data = build(&defaults(entry.about.name)).unwrap();
            assert_eq!(data.about(), entry.about);
            let Description { label, help, constant, needs, .. } = describe(&*data);
            assert!(!label.is_empty() && help.ends_with('.'));
            assert!(constant.loss > 0.0 && constant.score > 0.0);
            assert!(needs.iter().any(|need| need.needed) && needs.iter().all(|need| !need.why.is_empty()));
        }
    }

    #[test]
    fn every_field_explains_itself() {
        for field in DATA.iter().flat_map(|entry| (entry.fields)()) {
            assert!(field.path.starts_with("data.") && field.group == Group::Data, "{field:?}");
            assert!(!field.label.is_empty() && field.help.ends_with('.'), "{field:?}");
        }
    }

    #[test]
    fn what_makes_a_data_set_harder_is_a_setting_of_it_that_can_be_raised() {
        for entry in DATA {
            let settings = defaults(entry.about.name);
            let found = harder(&settings);
            assert_eq!(found.len(), entry.harder.len(), "{}", entry.about.name);
            for Harder { path, maximum, more, .. } in found {
                assert!(!more.is_empty() && !more.ends_with('.'), "{path}: {more}");
                let others = harder(&settings.clone().with(path, maximum));
                assert!(others.iter().all(|other| other.path != path), "{path} is at its largest value");
            }
        }
        let repeat = harder(&Settings::default().with("data.kind", "repeat"));
        let (value, maximum) = (Value::Integer(16), Value::Integer(64));
        assert_eq!(repeat[0], Harder { path: "data.length", value, maximum, more: "longer sequences" });
        assert_eq!(harder(&Settings::default().with("data.kind", "chess")), []);
        assert_eq!(harder(&Settings::default()), []);
    }

    #[test]
    fn the_floor_is_that_of_the_data_set_and_lies_below_the_constant_predictor() {
        for entry in DATA {
            let data = build(&defaults(entry.about.name)).unwrap();
            let chosen = Settings::default().with("data.kind", entry.about.name);
            assert_eq!(floor(&chosen), data.floor(), "{}", entry.about.name);
            assert_eq!(describe(&*data).floor, data.floor());
            assert!(data.floor().is_none_or(|floor| (0.0..0.5 * data.constant().loss).contains(&floor)));
        }
        let noisy = Settings::default().with("data.kind", "reverse").with("data.label_noise", 0.5);
        assert!(floor(&noisy).unwrap() > 1.0 && floor(&noisy.with("data.count", 1_000)).is_none());
        assert_eq!([floor(&Settings::default()), floor(&Settings::default().with("data.kind", "chess"))], [None; 2]);
    }

    #[test]
    fn every_field_works_at_both_ends_of_its_range_and_is_refused_beyond() {
        for (entry, field) in DATA.iter().flat_map(|entry| (entry.fields)().into_iter().map(move |field| (entry, field))) {
            let (ends, beyond): ([Value; 2], [Value; 2]) = match field.kind {
                Kind::Integer { minimum, maximum, .. } => {
                    ([minimum, maximum].map(Value::Integer), [minimum - 1, maximum + 1].map(Value::Integer))
                }
                Kind::Number { minimum, maximum, .. } => {
                    ([minimum, maximum].map(Value::Number), [minimum - 0.01, maximum + 0.01].map(Value::Number))
                }
                Kind::Choice { .. } | Kind::File { .. } => continue,
            };
            let build = |value: Value| build(&defaults(entry.about.name).with(&field.path, value));
            for value in ends {
                fits(&*build(value).unwrap());
            }
            for value in beyond {
                let message = build(value).err().map(|error| error.to_string()).unwrap();
                assert!(message.contains(&format!("`{}`", field.path)) && message.contains("choose a value from"), "{message}");
            }
        }
    }

    /// The last example of the test split has the layout that the data set says it has.
    fn fits(data: &dyn Data) {
        match (data.layout(), example(data, &Stream::root(1), Split::Test, u64::MAX)) {
            (Layout::Tokens { length, vocabulary, .. }, Example::Tokens { tokens, targets }) => {
                let mut all = tokens.iter().chain(targets.iter().flatten());
                assert!(all.all(|token| (*token as usize) < vocabulary));
                assert_eq!([tokens.len(), targets.len()], [length; 2]);
            }
            (layout @ Layout::Numbers { classes, .. }, Example::Numbers { values, class }) => {
                assert!(values.iter().all(|value| value.is_finite()) && values.len() == layout.size());
                assert!(class.is_some() == classes.is_some() && class.unwrap_or(0) < classes.unwrap_or(1) as u32);
            }
            (layout, example) => panic!("{example:?} does not fit {layout:?}"),
        }
        assert!(data.constant().score > 0.0);
    }

    #[test]
    fn the_fields_follow_the_choice() {
        let paths = |settings: &Settings| fields(settings).into_iter().map(|field| field.path).collect::<Vec<_>>();
        assert_eq!(paths(&Settings::default()), ["data.kind", "data.length", "data.vocabulary", "data.label_noise"]);
        let chosen = |kind: &str| paths(&Settings::default().with("data.kind", kind));
        assert_eq!(chosen("modular-addition"), ["data.kind", "data.modulus", "data.train_share", "data.label_noise"]);
        assert_eq!(chosen("first"), ["data.kind", "data.length", "data.vocabulary"]);
        assert_eq!(chosen("masked-repeat"), ["data.kind", "data.length", "data.vocabulary"]);
        assert_eq!(chosen("two-moons"), ["data.kind", "data.noise"]);
        assert_eq!(chosen("no such data set"), ["data.kind"]);
    }

    #[test]
    fn a_data_set_that_does_not_exist_is_refused_with_the_list() {
        let message = |settings| build(&settings).err().map(|error| error.to_string()).unwrap();
        let unknown = message(Settings::default().with("data.kind", "chess"));
        assert_eq!(
            unknown,
            "there is no data set `chess`; `data.kind` is one of: repeat, masked-repeat, first, sort, modular-addition, reverse, selective-copy, associative-recall, k-hop, linear-regression, majority, brackets, stories, text, tokens, masked-reverse, masked-sort, masked-selective-copy, two-moons, eight-gaussians, glyphs"
        );
        assert!(message(Settings::default()).contains("`data.kind`"));
        assert!(message(defaults("repeat").with("data.length", "long")).contains("`data.length`"));
    }
}
