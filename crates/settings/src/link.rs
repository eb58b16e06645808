//! The study in the link.
//!
//! The human form `v=1&p=<preset>&<path>=<value>` holds only what differs from the preset, keys sorted, so that equal studies have
//! equal links and a link can be read in a review. The compact form `v=1&z=<base64url(deflate(JSON))>` carries the same settings
//! when they are many. Keys that start with `view.` belong to the page and never reach a study; keys that start with `study.` stand beside
//! the settings in either form and are read with the study.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::correction::Correction;
use crate::field::{Meaning, meant};
use crate::json::read_json;
use crate::settings::{Settings, Value};
use crate::shorten::shorten;
use crate::validate::{Catalog, Preset, validate};

/// Version of the link format.
pub const VERSION: &str = "1";

/// Largest link, and largest compact link after inflation, in bytes; what is larger is not a study.
const LARGEST: usize = 64 * 1024;

/// A human link longer than this, in bytes, is written in the compact form.
const LONG: usize = 1000;

/// Complete, valid settings and the preset they start from.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Name of the preset that differences are counted from.
    pub preset: String,
    /// Every setting.
    pub settings: Settings,
}

/// Reads a link's fragment, with or without `#`. It always yields a study; whatever could not be used is among the corrections.
pub fn read_link(link: &str, catalog: &dyn Catalog) -> (Link, Vec<Correction>) {
    let link = link.trim().trim_start_matches('#');
    let mut corrections = Vec::new();
    let pairs = match parse(link) {
        Ok(pairs) => pairs,
        Err(correction) => {
            corrections.push(correction);
            Vec::new()
        }
    };
    let mut name = None;
    let mut given = Settings::default();
    for (key, value) in pairs {
        match key.as_str() {
            "v" => {}
            "p" => name = Some(value.to_string()),
            _ if key.starts_with("view.") || key.starts_with("study.") => {}
            _ => given.set(&key, value),
        }
    }
    let preset = choose_preset(name, catalog, &mut corrections);
    let (base, _) = validate(&preset.settings, catalog);
    let mut start = preset.settings;
    for (path, value) in given.iter() {
        start.set(path, value.clone());
    }
    let (settings, more) = validate(&start, catalog);
    // Whoever leaves a preset's data set leaves what the preset says about its model as well; that is not worth a word. Within the
    // data set it is: an ablation that went with its block would otherwise vanish silently.
    let fields = catalog.fields(&settings);
    let data = meant(&fields, Meaning::Data);
    let same_data = data.is_none_or(|path| base.get(path) == settings.get(path));
    let spoken = |correction: &Correction| {
        given.get(&correction.path).is_some() || (same_data && settings.get(&correction.path).is_some())
    };
    corrections.extend(more.into_iter().filter(spoken));
    (Link { preset: preset.name, settings }, corrections)
}

/// The canonical link of a study, without `#`.
pub fn write_link(study: &Link, catalog: &dyn Catalog) -> String {
    let preset = catalog.presets().into_iter().find(|preset| preset.name == study.preset);
    let preset = preset.map(|preset| preset.settings).unwrap_or_default();
    let differs = needed(&preset, &study.settings, catalog);
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.append_pair("v", VERSION).append_pair("p", &study.preset);
    let differs: Vec<(&str, &Value)> = differs.iter().collect();
    for (path, value) in &differs {
        text.append_pair(path, &value.to_string());
    }
    let human = text.finish();
    if human.len() <= LONG { human } else { compact(&study.preset, &differs) }
}

/// The settings that a link has to say so that it is read as `settings` again: those that differ from the preset, and those that are as in
/// the preset while another setting would change them, such as a mask whose default depends on the data.
fn needed(preset: &Settings, settings: &Settings, catalog: &dyn Catalog) -> Settings {
    let (base, _) = validate(preset, catalog);
    let mut said = settings.filtered(|path, value| base.get(path) != Some(value));
    loop {
        let mut start = preset.clone();
        said.iter().for_each(|(path, value)| start.set(path, value.clone()));
        let (read, _) = validate(&start, catalog);
        let lost = settings.filtered(|path, value| read.get(path) != Some(value) && said.get(path).is_none());
        if lost.is_empty() {
            return said;
        }
        lost.iter().for_each(|(path, value)| said.set(path, value.clone()));
    }
}

fn compact(preset: &str, differs: &[(&str, &Value)]) -> String {
    let settings: Settings =
        [("p", Value::from(preset))].into_iter().chain(differs.iter().map(|&(path, value)| (path, value.clone()))).collect();
    let json = serde_json::to_vec(&settings).expect("settings are plain JSON");
    format!("v={VERSION}&z={}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 9)))
}

fn choose_preset(name: Option<String>, catalog: &dyn Catalog, corrections: &mut Vec<Correction>) -> Preset {
    let mut presets = catalog.presets();
    let Some(name) = name else { return presets.swap_remove(0) };
    match presets.iter().position(|preset| preset.name == name) {
        Some(index) => presets.swap_remove(index),
        None => {
            let known: Vec<&str> = presets.iter().map(|preset| preset.name.as_str()).collect();
            corrections.push(Correction::new(
                "p",
                &name,
                known[0],
                format!("there is no such preset; there are: {}", known.join(", ")),
            ));
            presets.swap_remove(0)
        }
    }
}

fn parse(link: &str) -> Result<Vec<(String, Value)>, Correction> {
    if link.is_empty() {
        return Ok(Vec::new());
    }
    let refuse = |reason: &str| Err(Correction::new("link", link, "the default settings", reason));
    if link.len() > LARGEST {
        return refuse("it is longer than any link of this page; it may have been pasted together with something else");
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(link.as_bytes()).into_owned().collect();
    let value = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    // A link that only speaks to the page is an empty link.
    if pairs.iter().all(|(key, _)| key.starts_with("view.")) {
        return Ok(Vec::new());
    }
    match value("v") {
        Some(VERSION) => {}
        Some(other) => {
            return refuse(&format!(
                "this page reads links of version {VERSION}, this one says version {}; open it with the release that made it",
                shorten(other, 12)
            ));
        }
        None => return refuse("it does not start with v=1, so it is not a link of this page"),
    }
    match value("z") {
        None => Ok(pairs.iter().map(|(key, value)| (key.clone(), Value::Text(value.clone()))).collect()),
        Some(packed) => match inflate(packed) {
            Some(settings) => Ok(settings.iter().map(|(path, value)| (path.to_string(), value.clone())).collect()),
            None => refuse("its packed part z cannot be read; it may have been cut off when it was copied"),
        },
    }
}

fn inflate(packed: &str) -> Option<Settings> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).ok()?;
    let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, LARGEST).ok()?;
    read_json(std::str::from_utf8(&json).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::Toy;
    use proptest::prelude::*;

    /// A link that is read is a study, every correction is a sentence, and what is written of it is read as the same study again.
    fn is_safe(link: &str) -> Result<(), TestCaseError> {
        let (study, corrections) = read_link(link, &Toy);
        prop_assert!(corrections.iter().all(|one| one.reason.split(' ').count() > 2), "{corrections:?}");
        prop_assert_eq!(read_link(&write_link(&study, &Toy), &Toy), (study, vec![]));
        Ok(())
    }

    /// Links with something of everything.
    const WHOLE: [&str; 3] = [
        "#v=1&p=text&model.width=48&train.learning_rate=0.003&model.heads=2",
        "v=1&p=cloud&model.kind=text&model.width=-1e9&view.theme=dark",
        "https://example.org/#v=1&p=text&model.width=%34%38&train.steps=1e3",
    ];

    proptest! {
        #[test]
        fn any_text_is_a_link_or_corrected(link in "\\PC{0,60}|(v=1|&|=|p=text|p=|z=|model\\.|width|%[0-9a-f]{2}|[0-9.e+-]|\\PC){0,20}") {
            is_safe(&link)?;
        }

        #[test]
        fn a_link_that_was_changed_anywhere_is_a_link_or_corrected(
            which in 0..WHOLE.len(),
            changes in prop::collection::vec((0.0..1.0, 0_usize..8, "\\PC{0,3}|&|=|%|1e999|nan|-"), 1..5),
        ) {
            let mut link: Vec<char> = WHOLE[which].chars().collect();
            for (share, length, instead) in changes {
                let at = (share * link.len() as f64) as usize;
                let end = (at + length).min(link.len());
                link.splice(at..end, instead.chars());
            }
            is_safe(&link.into_iter().collect::<String>())?;
        }

        #[test]
        fn any_bytes_packed_into_a_link_are_settings_or_corrected(json: bool, bytes in prop::collection::vec(any::<u8>(), 0..80), text in "[{}\":,a-z0-9.]{0,60}") {
            let inside = if json { text.into_bytes() } else { bytes.clone() };
            is_safe(&format!("v=1&z={}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&inside, 6))))?;
            is_safe(&format!("v=1&z={}", URL_SAFE_NO_PAD.encode(bytes)))?;
        }
    }

    #[test]
    fn packed_settings_that_stand_twice_are_refused() {
        let json = br#"{"model.width": 9, "model.width": 8}"#;
        let link = format!("v=1&z={}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(json, 6)));
        assert!(read_link(&link, &Toy).1[0].reason.contains("its packed part z cannot be read"));
    }

    #[test]
    fn a_study_survives_its_link() {
        let (study, corrections) = read_link("#v=1&p=text&model.width=48&train.learning_rate=0.003", &Toy);
        assert_eq!(corrections, vec![]);
        let link = write_link(&study, &Toy);
        assert_eq!(link, "v=1&p=text&model.width=48&train.learning_rate=0.003");
        assert_eq!(read_link(&link, &Toy).0, study);
    }

    #[test]
    fn the_default_study_has_the_shortest_link() {
        let (study, _) = read_link("", &Toy);
        assert_eq!(write_link(&study, &Toy), "v=1&p=text");
        assert_eq!(read_link("v=1&p=cloud", &Toy).0.settings.count("model.width"), Ok(48));
    }

    #[test]
    fn leaving_a_preset_s_family_is_no_mistake() {
        let (study, corrections) = read_link("v=1&p=cloud&model.kind=text", &Toy);
        assert_eq!(corrections, vec![]);
        assert_eq!(read_link(&write_link(&study, &Toy), &Toy).0, study);
    }

    #[test]
    fn the_compact_form_means_the_same() {
        let (study, _) = read_link("v=1&p=cloud&model.width=9", &Toy);
        let width = Value::Integer(9);
        let link = compact(&study.preset, &[("model.width", &width)]);
        assert_eq!(read_link(&link, &Toy), (study, vec![]));
    }

    #[test]
    fn what_cannot_be_read_gives_the_default_study_and_a_sentence() {
        let bomb = format!("v=1&z={}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&vec![b' '; 1 << 20], 9)));
        let cases = ["v=2&p=text", "p=text", "%%%", "v=1&z=!!!", "v=1&z=AAAA", "\u{0}\u{fffd}", &bomb];
        for link in cases {
            let (study, corrections) = read_link(link, &Toy);
            assert_eq!(study, read_link("", &Toy).0, "{link}");
            assert_eq!(corrections.len(), 1, "{link}");
            assert!(corrections[0].reason.len() > 20);
        }
    }

    #[test]
    fn keys_of_the_page_never_reach_the_study() {
        assert_eq!(read_link("view.theme=dark", &Toy), read_link("", &Toy));
        assert_eq!(read_link("v=1&p=text&view.hide=a", &Toy).1, vec![]);
    }

    #[test]
    fn an_unknown_preset_is_said() {
        let (_, corrections) = read_link("v=1&p=nope", &Toy);
        assert_eq!(corrections[0].reason, "there is no such preset; there are: text, cloud");
    }
}
