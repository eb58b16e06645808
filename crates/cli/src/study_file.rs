//! A study as a person writes it, TOML or JSON, and as a folder keeps it.

use std::path::{Path, PathBuf};

use ablation_models::Models;
use ablation_protocol::{Study, read_study};
use ablation_settings::{read_json, visible};
use serde_json::Value as Json;

use crate::failure::bad_input;
use crate::file;
use crate::folder::Folder;

/// A study file larger than this, in bytes, is not a study.
const LARGEST: u64 = 1 << 20;

/// The study of a file, of standard input, or of a folder that holds one.
///
/// # Errors
/// If it cannot be read, or is not a study; the message names the line or the field.
pub fn read(path: &Path) -> anyhow::Result<Study> {
    if path.is_dir() {
        return in_folder(path);
    }
    let what = if path.as_os_str() == file::STDIN {
        "the study on standard input".to_string()
    } else {
        format!("the study `{}`", path.display())
    };
    let text = file::text(path, &what, LARGEST)?;
    let is_json = match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => true,
        Some("toml") => false,
        _ => text.trim_start().starts_with('{'),
    };
    parse(&text, is_json).map_err(|reason| bad_input(format!("{what}: {reason}")))
}

/// The study of a folder; with a warning if the record beside it is of another one.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn in_folder(path: &Path) -> anyhow::Result<Study> {
    let folder = Folder::at(path);
    let study = folder.study()?;
    if let Some(words) = folder.differing_record(&study) {
        eprintln!("warning: {}", visible(&words));
    }
    Ok(study)
}

/// The study in a text, or what is wrong with it.
///
/// # Errors
/// The line or the field.
pub fn parse(text: &str, is_json: bool) -> Result<Study, String> {
    let json = if is_json { from_json(text) } else { from_toml(text) }?;
    read_study(json, &Models).map_err(|error| error.to_string())
}

/// The folder of a study that was not given one: `position.toml` runs in `position.study`, a folder in itself.
pub fn folder(study: &Path) -> anyhow::Result<PathBuf> {
    if study.as_os_str() == file::STDIN {
        return Err(bad_input("a study from standard input has no name; give it a folder with `--into`"));
    }
    Ok(if study.is_dir() { study.to_path_buf() } else { study.with_extension("study") })
}

fn from_json(text: &str) -> Result<Json, String> {
    read_json(text).map_err(|error: serde_json::Error| match error.is_data() {
        true => format!("it cannot be read: {error}"),
        false => {
            let text = error.to_string();
            let (message, at) = text.rfind(" at line").map_or((text.as_str(), ""), |place| text.split_at(place));
            format!("it is not JSON: {}{at}", plain(message))
        }
    })
}

fn from_toml(text: &str) -> Result<Json, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(String::new(), |span| {
            let before = text.get(..span.start).unwrap_or(text);
            let line = 1 + before.matches('\n').count();
            let column = 1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count());
            format!(" in line {line}, column {column}")
        });
        format!("it is not TOML{at}: {}", plain(error.message().trim_end()))
    })?;
    json("", toml::Value::Table(table))
}

/// What a reader of files says in words of its own language, in words of everybody.
fn plain(message: &str) -> &str {
    match message {
        _ if message.contains("value was too large") || message.contains("as i128") => "a whole number has too many digits",
        "number out of range" => "a number is too large",
        _ if message.contains("recurs") => "tables or lists stand too deep inside one another",
        _ => message,
    }
}

/// A value of TOML as JSON, which has neither dates nor numbers that are none.
fn json(path: &str, value: toml::Value) -> Result<Json, String> {
    let inside = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
    Ok(match value {
        toml::Value::String(text) => Json::String(text),
        toml::Value::Integer(number) => Json::from(number),
        toml::Value::Boolean(flag) => Json::Bool(flag),
        toml::Value::Float(number) if number.is_finite() => Json::from(number),
        toml::Value::Float(number) => return Err(format!("`{path}`: {number} is not a finite number")),
        toml::Value::Datetime(date) => {
            return Err(format!("`{path}`: the date {date} means nothing here; write a text in quotes"));
        }
        toml::Value::Array(list) => {
            let list = list.into_iter().enumerate().map(|(index, one)| json(&format!("{path}[{index}]"), one));
            Json::Array(list.collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let fields = table.into_iter().map(|(name, one)| Ok((name.clone(), json(&inside(&name), one)?)));
            Json::Object(fields.collect::<Result<_, String>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn toml_is_read_as_the_json_of_the_same_fields() {
        let text = "version = 2\nmargin = { absolute = 0.5 }\n[settings]\ntrain.steps = 4\n[[variants]]\nremove = \"position\"\n";
        let expected = json!({
            "version": 2,
            "margin": {"absolute": 0.5},
            "settings": {"train": {"steps": 4}},
            "variants": [{"remove": "position"}],
        });
        assert_eq!(from_toml(text), Ok(expected));
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_line() {
        for (text, words) in [
            ("version = 2\ntier = gold\n", "line 2, column 8"),
            ("a = 1\na = 2", "line 2, column 1"),
            ("[x\n", "line 1"),
            ("x = nan", "`x`: NaN is not a finite number"),
            ("x = { y = [1, -inf] }", "`x.y[1]`: -inf"),
            ("x = 2020-01-01", "`x`: the date 2020-01-01"),
            ("x = 18446744073709551616", "line 1, column 5: a whole number has too many digits"),
            ("x = 99999999999999999999", "a whole number has too many digits"),
        ] {
            let error = from_toml(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(from_toml(&"[".repeat(100_000)).is_err() && from_toml(&format!("a = {}", "[".repeat(100_000))).is_err());
    }

    #[test]
    fn a_study_has_a_folder_of_its_name() {
        assert_eq!(folder(Path::new("a/position.toml")).unwrap(), Path::new("a/position.study"));
        assert!(folder(Path::new("-")).unwrap_err().to_string().contains("--into"));
    }

    /// Something of everything.
    const WHOLE: &str = r#"
        version = 2
        title = "x"
        claim = "y"
        preset = "repeat"
        tier = "sketch"
        seed = 3
        margin = { absolute = 0.01 }
        settings = { train = { steps = 40 }, "model.width" = 8 }
        search = { trials = 4, tuning_seeds = 1, searches = 1, space = { "train.learning_rate" = [0.0003, 0.1] } }
        final = { seeds = 2 }
        recovery = { budgets = [0.05], rates = [0.3, 1.0], short_retrain = true }
        [[variants]]
        remove = "blocks.*.mlp"
        ablations = ["mean"]
        matched = true
        [[variants]]
        name = "relu"
        swap = { "model.activation" = "relu" }
        [[variants]]
        set = { "train.weight_decay" = 0 }
    "#;

    #[test]
    fn a_study_with_something_of_everything_is_read() {
        let study = read_study(from_toml(WHOLE).unwrap(), &Models);
        // Without its MLPs no width makes up for them, as it happens; everything else is right.
        let error = study.unwrap_err().to_string();
        assert!(error.starts_with("`variants[0].matched`"), "{error}");
        assert!(read_study(from_toml(&WHOLE.replace("matched = true", "")).unwrap(), &Models).is_ok());
    }

    /// What cannot be trained is refused when the study is read, and not after hours.
    #[test]
    fn a_variant_that_is_no_model_is_refused() {
        let read = |variant: &str| {
            let text = format!("version = 2\npreset = \"repeat\"\n[[variants]]\n{variant}");
            parse(&text, false).map(|_| ()).unwrap_err()
        };
        for (variant, words) in [
            (
                "remove = \"blocks.1.mlp\"\nswap = { \"model.layers\" = 1 }",
                "`variants[0].remove`: there is no component `blocks.1.mlp` once the settings are changed; did you mean `blocks.0.mlp`?",
            ),
            ("remove = [\"blocks.0\", \"blocks.0.mlp\"]", "`blocks.0.mlp` is a part of `blocks.0`, which is removed as well"),
            (
                "remove = \"blocks.0.mlp\"\nablations = { operator = \"noise\", sigma = 0 }",
                "`noise` with sigma 0 changes nothing; write another sigma",
            ),
            (
                "remove = \"blocks.0\"\nablations = [\"skip\", { operator = \"scale\", factor = 0 }]",
                "`scale` with factor 0 does the same as `skip`",
            ),
            (
                "swap = { \"model.depth\" = 1 }",
                "`variants[0].swap.model.depth`: there is no such setting; did you mean `model.layers`?",
            ),
        ] {
            let error = read(variant);
            assert!(error.contains(words), "{variant}: {error}");
        }
        // A pattern names the components that the variant's own model has.
        let text = "version = 2\npreset = \"repeat\"\n[[variants]]\nremove = \"blocks.*.mlp\"\nswap = { \"model.layers\" = 1 }";
        assert_eq!(parse(text, false).unwrap().variants[0].remove, ["blocks.0.mlp"]);
    }

    proptest! {
        #[test]
        fn a_study_that_was_mistyped_is_a_study_or_refused(
            changes in prop::collection::vec((0.0..1.0, 0_usize..12, "-?[0-9]{1,3}|1e[0-9]{1,3}|nan|true|\"\"|\"blocks\"|\\[\\]|\\{\\}|\\*|=|\n|\\PC{0,3}|"), 1..4),
        ) {
            let mut text: Vec<char> = WHOLE.replace("matched = true", "").chars().collect();
            for (share, length, instead) in changes {
                let at = (share * text.len() as f64) as usize;
                let end = (at + length).min(text.len());
                text.splice(at..end, instead.chars());
            }
            if let Ok(json) = from_toml(&text.into_iter().collect::<String>())
                && let Ok(study) = read_study(json, &Models)
            {
                prop_assert!(!ablation_protocol::plan(&study, &Default::default()).is_empty());
                prop_assert_eq!(&Study::from_json(&study.to_json()).unwrap(), &study);
            }
        }

        #[test]
        fn any_text_is_a_study_or_refused(text in "\\PC{0,60}|(version|settings|variants|remove|=|\\[|\\]|\"|1|\n|\\.| ){0,40}") {
            for json in [from_toml(&text), from_json(&text)].into_iter().flatten() {
                let _ = read_study(json, &Models);
            }
        }
    }
}
