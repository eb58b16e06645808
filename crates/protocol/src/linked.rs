//! The study that a link asks for: the bench's settings, and beside them the keys `study.*`.
//!
//! A study file with an error is rejected, because the study that runs has to be the study that was written. A link is corrected, and the
//! corrections are listed, because its reader should see a study rather than an error. So a link is first turned into a study file, one
//! entry at a time; entries that the reader of files rejects are left out and listed. The file can be run on a command line.
//!
//! | key | means |
//! |---|---|
//! | `study.without` | components to retrain without: `position,blocks.0.attn,blocks.*.mlp`; `+` joins the components of one variant |
//! | `study.with` | settings that variants change: `model.activation=relu,train.weight_decay=0`; `+` joins likewise |
//! | `study.matched` | variants that are also retrained parameter-matched, written as in one of the two keys above |
//! | `study.claim` | the claim of the study, in a sentence |
//! | `study.tier` | how much is run: `sketch`, `standard`, `gold` |
//! | `study.seeds`, `study.trials` | final seeds, and search points of each arm, in the place of the tier's |
//! | `study.margin` | the smallest difference that matters, as a fraction of what the reference learned |
//! | `study.seed` | root of all seeds |

use std::collections::{BTreeMap, BTreeSet};

use ablation_settings::{Correction, Meaning, Settings, StudyError, Value, meant, nearest, read_link, validate, write_link};
use serde_json::{Map, Value as Json, json};

use crate::catalog::ModelCatalog;
use crate::read::{of_trials, read_study};
use crate::site::{Grade, Site};
use crate::study::{Design, STUDY_VERSION, Study};

/// The keys, in the order in which they are written.
const KEYS: [&str; 9] = [
    CLAIM,
    "study.margin",
    "study.matched",
    "study.seed",
    "study.seeds",
    "study.tier",
    "study.trials",
    "study.with",
    "study.without",
];

/// The key that holds a sentence, in which spaces and commas are no separators.
const CLAIM: &str = "study.claim";

/// Maximum number of entries that are read from a list.
const MOST: usize = 64;

/// Components that are added to the one chosen in the sandbox if a link names none.
const COMPANY: usize = 2;

/// The keys `study.*` of a link, as far as they can be read without knowing the models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudyKeys(BTreeMap<&'static str, String>);

impl StudyKeys {
    /// The keys of a link. Spaces around entries and empty entries are dropped; a `+` of a link reads as a space.
    pub fn read(link: &str) -> (Self, Vec<Correction>) {
        let mut asked = StudyKeys::default();
        let mut corrections = Vec::new();
        let link = link.trim().trim_start_matches('#');
        for (key, value) in form_urlencoded::parse(link.as_bytes()).filter(|(key, _)| key.starts_with("study.")) {
            match KEYS.iter().find(|known| **known == key) {
                Some(&CLAIM) => drop(asked.0.insert(CLAIM, value.trim().to_string())),
                Some(known) => {
                    let joined =
                        |entry: &str| entry.split(['+', ' ']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("+");
                    let entries: Vec<String> = value.split(',').map(joined).filter(|entry| !entry.is_empty()).collect();
                    asked.0.insert(known, entries.join(","));
                }
                None => {
                    let reason = match nearest(&key, KEYS.into_iter()) {
                        Some(name) => format!("there is no such key; did you mean `{name}`?"),
                        None => format!("there is no such key; there are: {}", KEYS.join(", ")),
                    };
                    corrections.push(Correction::new(&key, &value, "ignored", reason));
                }
            }
        }
        (asked, corrections)
    }

    /// Appends these keys to a link without them.
    pub fn append(&self, link: &str) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("&{key}={}", encoded(key, value)));
        std::iter::once(link.to_string()).chain(pairs).collect()
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    fn set(&mut self, key: &'static str, value: Option<String>) {
        match value {
            Some(value) => self.0.insert(key, value),
            None => self.0.remove(key),
        };
    }

    /// The entries of a list; `None` if the link does not speak of it.
    fn list(&self, key: &str) -> Option<Vec<&str>> {
        self.get(key).map(|value| value.split(',').filter(|entry| !entry.is_empty()).take(MOST).collect())
    }
}

/// A value for a link that people read: what separates entries stays as it is.
fn encoded(key: &str, value: &str) -> String {
    let text: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    if key == CLAIM {
        return text;
    }
    text.replace("%2C", ",").replace("%3D", "=").replace("%2B", "+")
}

/// A study that a link asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// The study; refused if nothing of it is left, such as when no component is chosen.
    pub study: Result<Study, StudyError>,
    /// The study file that says the same.
    pub file: Json,
    /// The canonical link: keys that say what would be so anyway are left out.
    pub link: String,
    /// What of the keys could not be used.
    pub corrections: Vec<Correction>,
    /// The variants that leave something out, as `study.without` would say them.
    pub without: Vec<String>,
    /// The variants that change settings, as `study.with` would say them.
    pub with: Vec<String>,
    /// Those of both that are trained at the reference's size as well.
    pub matched: Vec<String>,
    /// Those of both that cannot be, each with the reason.
    pub unmatched: BTreeMap<String, String>,
}

/// Reads the study of a link. Corrections of the bench's settings are [`read_link`]'s and not repeated.
pub fn read_linked(link: &str, catalog: &dyn ModelCatalog) -> Linked {
    let (bench, _) = read_link(link, catalog);
    let (asked, corrections) = StudyKeys::read(link);
    let sites = catalog.sites(&bench.settings).unwrap_or_default();
    let file = start(&bench.preset, &bench.settings, catalog);
    let mut draft = Draft { file, kept: StudyKeys::default(), corrections, catalog };
    let usual = usual(&bench.settings, &sites, catalog);
    let named = asked.list("study.without");
    let mut without = match &named {
        None => usual.clone(),
        Some(entries) => draft.variants("study.without", entries, |entry| Some(removal(entry))),
    };
    let with = draft.variants("study.with", &asked.list("study.with").unwrap_or_default(), change);
    // A link that names only unknown components still gives a study; a link that names none does not.
    if let Some(named) = named.filter(|named| !named.is_empty() && without.is_empty() && with.is_empty()) {
        let reason = "none of these can be compared, so the default components are";
        draft.corrections.push(Correction::new("study.without", named.join(","), usual.join(","), reason));
        without.clone_from(&usual);
    }
    let removals = without.iter().map(|entry| (entry.as_str(), removal(entry)));
    let changes = with.iter().filter_map(|entry| Some((entry.as_str(), change(entry)?)));
    let mut variants: Vec<(&str, Json)> = removals.chain(changes).take(MOST).collect();
    let matched = draft.matched(&asked.list("study.matched").unwrap_or_default(), &mut variants);
    let unmatched = draft.unmatched(&variants);
    let variants: Vec<Json> = variants.into_iter().map(|(_, variant)| variant).collect();
    // The rest of a file is read only if it has a variant, so the keys below are tried with one that is sure to be accepted.
    let any = sites.iter().find(|site| site.removal.allowed()).map(|site| removal(&site.path));
    draft.file["variants"] = variants.first().cloned().or(any).map_or(json!([]), |variant| json!([variant]));
    draft.kept.set("study.without", Some(without.join(",")).filter(|_| without != usual));
    draft.kept.set("study.with", Some(with.join(",")).filter(|_| !with.is_empty()));
    draft.kept.set("study.matched", Some(matched.join(",")).filter(|_| !matched.is_empty()));
    draft.scalar(&asked, CLAIM, |value| Some(json!({"claim": value})), "");
    let sketch = &Design::tiers()[0];
    draft.scalar(&asked, "study.tier", |value| Some(json!({"tier": value})), &sketch.tier);
    let tier = draft.kept.get("study.tier").unwrap_or(&sketch.tier).to_string();
    let tier = Design::tiers().into_iter().find(|one| one.tier == tier).unwrap_or_else(|| sketch.clone());
    draft.scalar(&asked, "study.seeds", |value| Some(json!({"final": {"seeds": number(value)?}})), &tier.seeds.to_string());
    draft.scalar(&asked, "study.trials", |value| Some(json!({"search": {"trials": number(value)?}})), &tier.trials.to_string());
    draft.scalar(&asked, "study.margin", |value| Some(json!({"margin": number(value)?})), "0.02");
    draft.scalar(&asked, "study.seed", |value| Some(json!({"seed": number(value)?})), "0");
    let Draft { mut file, kept, corrections, .. } = draft;
    file["variants"] = Json::Array(variants);
    Linked {
        study: read_study(file.clone(), catalog),
        file,
        link: kept.append(&write_link(&bench, catalog)),
        corrections,
        without,
        with,
        matched,
        unmatched,
    }
}

/// A study file that is being written from a link.
struct Draft<'a> {
    file: Json,
    kept: StudyKeys,
    corrections: Vec<Correction>,
    catalog: &'a dyn ModelCatalog,
}

impl Draft<'_> {
    /// The entries of a list that are variants, each tried by itself; the others are corrected.
    fn variants(&mut self, key: &str, entries: &[&str], json: impl Fn(&str) -> Option<Json>) -> Vec<String> {
        let mut kept: Vec<(String, Json)> = Vec::new();
        for entry in entries {
            let refused = match json(entry) {
                _ if kept.iter().any(|(other, _)| other == entry) => Err("it is a duplicate".to_string()),
                None => Err("write a setting and its value, such as `path=value`".to_string()),
                Some(variant) => self.tried(&json!({"variants": [variant]})).and_then(|study| {
                    let change = study
                        .variants
                        .first()
                        .map_or(Json::Null, |one| json!([one.remove.iter().collect::<BTreeSet<_>>(), one.set]));
                    match kept.iter().find(|(_, other)| *other == change) {
                        Some((other, _)) => Err(format!("it changes the same as `{other}`")),
                        None => Ok(change),
                    }
                }),
            };
            match refused {
                Ok(change) => kept.push((entry.to_string(), change)),
                Err(reason) => self.corrections.push(Correction::new(key, entry, "left out", reason)),
            }
        }
        kept.into_iter().map(|(entry, _)| entry).collect()
    }

    /// The entries whose variants are also retrained parameter-matched; the others are corrected.
    fn matched(&mut self, entries: &[&str], variants: &mut [(&str, Json)]) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for entry in entries {
            let variant = variants.iter_mut().find(|(name, _)| name == entry).map(|(_, variant)| variant);
            let refused = match variant {
                _ if kept.iter().any(|other| other == entry) => Some("it is a duplicate".to_string()),
                None => Some("it is not a variant of this study; name it in `study.without` or `study.with` as well".to_string()),
                Some(variant) => {
                    let mut matched = variant.clone();
                    matched["matched"] = json!(true);
                    let refused = self.refusal(&json!({"variants": [matched]}));
                    if refused.is_none() {
                        *variant = matched;
                    }
                    refused
                }
            };
            match refused {
                None => kept.push(entry.to_string()),
                Some(reason) => self.corrections.push(Correction::new("study.matched", entry, "left out", reason)),
            }
        }
        kept
    }

    /// The variants that cannot be parameter-matched, with the reasons.
    fn unmatched(&self, variants: &[(&str, Json)]) -> BTreeMap<String, String> {
        let refused = |(entry, variant): &(&str, Json)| {
            let mut matched = variant.clone();
            matched["matched"] = json!(true);
            Some((entry.to_string(), self.refusal(&json!({"variants": [matched]}))?))
        };
        variants.iter().filter_map(refused).collect()
    }

    /// Takes up the value of a key if the file's reader does; `usual` is what holds without the key.
    fn scalar(&mut self, asked: &StudyKeys, key: &'static str, json: impl Fn(&str) -> Option<Json>, usual: &str) {
        let Some(value) = asked.get(key) else { return };
        let Some(fields) = json(value) else {
            return self.corrections.push(Correction::new(key, value, usual, "this is not a number"));
        };
        match self.refusal(&fields) {
            Some(reason) => self.corrections.push(Correction::new(key, value, usual, reason)),
            None if value == usual => {}
            None => {
                merge(&mut self.file, &fields);
                self.kept.set(key, Some(value.to_string()));
            }
        }
    }

    /// Why the reader of files would refuse a file with these fields.
    fn refusal(&self, fields: &Json) -> Option<String> {
        self.tried(fields).err()
    }

    /// The study of a file with these fields, or why its reader would refuse it.
    fn tried(&self, fields: &Json) -> Result<Study, String> {
        let mut file = self.file.clone();
        merge(&mut file, fields);
        read_study(file, self.catalog).map_err(|error| error.message)
    }
}

fn merge(file: &mut Json, fields: &Json) {
    fields.as_object().into_iter().flatten().for_each(|(name, json)| file[name] = json.clone());
}

/// The file without variants: the preset, and what the bench's settings change of its recipe.
fn start(preset: &str, settings: &Settings, catalog: &dyn ModelCatalog) -> Json {
    let base = catalog.presets().into_iter().find(|one| one.name == preset).map(|one| one.settings).unwrap_or_default();
    let (base, _) = validate(&base, catalog);
    let changes = of_trials(settings, &catalog.fields(settings)).filtered(|path, value| base.get(path) != Some(value));
    let mut file = json!({"version": STUDY_VERSION, "preset": preset});
    if !changes.is_empty() {
        file["settings"] = json!(changes);
    }
    file
}

/// What is studied when a link does not say: the component that is ablated on the bench, and a few components of the top level that have nothing to do
/// with it and can be left out without a reservation.
fn usual(settings: &Settings, sites: &[Site], catalog: &dyn ModelCatalog) -> Vec<String> {
    let fields = catalog.fields(settings);
    let ablated = meant(&fields, Meaning::Site).and_then(|path| settings.text(path).ok());
    let chosen = ablated.filter(|path| sites.iter().any(|site| site.path == *path));
    let chosen = chosen.filter(|path| sites.iter().any(|site| site.path == *path && site.removal.allowed()));
    let inside = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    let related = |path: &str| chosen.is_some_and(|chosen| inside(path, chosen) || inside(chosen, path));
    let company = sites
        .iter()
        .filter(|site| site.parent.is_none() && matches!(site.removal, Grade::Sound { .. }) && !related(&site.path))
        .filter(|site| site.ablations.iter().any(|option| option.grade.allowed()))
        .take(COMPANY);
    chosen.into_iter().chain(company.map(|site| site.path.as_str())).map(str::to_string).collect()
}

/// The variant of an entry of `study.without`.
fn removal(entry: &str) -> Json {
    let components: Vec<&str> = entry.split('+').collect();
    json!({"remove": components})
}

/// The variant of an entry of `study.with`, if it is one.
fn change(entry: &str) -> Option<Json> {
    let setting = |text: &str| text.split_once('=').map(|(path, value)| (path.to_string(), scalar(value)));
    let settings: Option<Map<String, Json>> = entry.split('+').map(setting).collect();
    settings.map(|settings| json!({"set": settings}))
}

/// A value of a link as a file would hold it.
fn scalar(value: &str) -> Json {
    number(value).unwrap_or_else(|| json!(Value::from(value)))
}

fn number(value: &str) -> Option<Json> {
    let whole = value.parse::<i64>().ok().map(Json::from);
    whole.or_else(|| value.parse::<f64>().ok().filter(|number| number.is_finite()).map(Json::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Margin;
    use ablation_settings::toy::Toy;
    use proptest::prelude::*;

    fn read(link: &str) -> Linked {
        read_linked(link, &Toy)
    }

    /// A link with something of every key.
    const WHOLE: &str = "v=1&p=text&model.width=16&study.claim=It+is+order&study.margin=0.05&study.matched=train.weight_decay=0&study.seed=7\
                         &study.seeds=3&study.tier=standard&study.trials=4&study.with=train.weight_decay=0,train.warmup=0+train.weight_decay=1\
                         &study.without=position+blocks.0.mlp,blocks.*.mlp";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_link_that_was_changed_anywhere_is_a_study_or_says_why_not(
            changes in prop::collection::vec((0.0..1.0, 0_usize..8, "\\PC{0,3}|&|=|,|\\+|%2B|study\\.|1e999|nan|-|\\*"), 1..5),
        ) {
            let mut link: Vec<char> = WHOLE.chars().collect();
            for (share, length, instead) in changes {
                let at = (share * link.len() as f64) as usize;
                let end = (at + length).min(link.len());
                link.splice(at..end, instead.chars());
            }
            let linked = read(&link.into_iter().collect::<String>());
            prop_assert!(linked.corrections.iter().all(|one| !one.reason.is_empty()), "{:?}", linked.corrections);
            match &linked.study {
                // What is written of it is the same study, and so is its file.
                Ok(study) => {
                    prop_assert_eq!(&read_study(linked.file.clone(), &Toy).unwrap(), study);
                    prop_assert_eq!(&read(&linked.link).study.unwrap(), study);
                }
                Err(error) => prop_assert!(error.to_string().len() > 10),
            }
        }

        #[test]
        fn any_text_is_a_link_of_a_study_or_corrected(link in "\\PC{0,60}") {
            let _ = read(&link);
        }
    }

    #[test]
    fn a_link_without_a_word_on_studies_is_a_sketch_of_a_few_components() {
        let linked = read("v=1&p=text");
        assert_eq!((linked.link.as_str(), linked.corrections.len()), ("v=1&p=text", 0));
        assert_eq!(linked.without, ["position", "blocks.0.mlp"], "components that can be removed and ablated");
        let study = linked.study.unwrap();
        assert_eq!((study.design.tier.as_str(), study.variants.len()), ("sketch", 2));
        assert_eq!(read("v=1&p=text&study.without=position,blocks.0.mlp").link, "v=1&p=text", "defaults are not written");
    }

    #[test]
    fn a_study_survives_its_link_and_its_file() {
        let link = "v=1&p=text&model.width=16&study.claim=It+is+order%2C+not+1%2B1&study.margin=0.05&study.matched=train.weight_decay=0&study.seed=7&study.seeds=3&study.tier=standard&study.trials=4\
                    &study.with=train.weight_decay=0,train.warmup=0+train.weight_decay=1&study.without=position+blocks.0.mlp,blocks.*.mlp";
        let linked = read(link);
        assert_eq!(linked.corrections, vec![]);
        assert_eq!(linked.link, link);
        let study = linked.study.clone().unwrap();
        assert_eq!(
            (study.design.tier.as_str(), study.design.seeds, study.design.trials, study.design.tuning_seeds),
            ("own", 3, 4, 2)
        );
        assert_eq!((study.margin, study.seed, study.claim.as_str()), (Margin::Share(0.05), 7, "It is order, not 1+1"));
        let matched: Vec<bool> = study.variants.iter().map(|variant| variant.matched.is_some()).collect();
        assert_eq!(matched, [false, false, true, false]);
        let labels: Vec<&str> = study.variants.iter().map(|variant| variant.label.as_str()).collect();
        assert_eq!(
            labels,
            ["− position, − blocks.0.mlp", "− blocks.{0,1}.mlp", "weight decay 0.1 → 0", "warmup 20 → 0, weight decay 0.1 → 1"]
        );
        assert_eq!(read_study(linked.file.clone(), &Toy).unwrap(), study);
        assert_eq!(linked.file["settings"], json!({"model.width": 16}));
        assert_eq!(read(&linked.link), linked);
    }

    #[test]
    fn what_cannot_be_used_is_left_out_and_listed() {
        let linked = read(
            "v=1&p=text&study.without=positions,position,unembed,position&study.with=x,train.steps=3,train.weight_decay=0&study.tier=silver\
             &study.matched=blocks.0.mlp&study.seeds=0&study.trials=many&study.margin=7&study.sedes=3&study.colour=red",
        );
        assert_eq!((linked.without, linked.with), (vec!["position".to_string()], vec!["train.weight_decay=0".to_string()]));
        assert_eq!(linked.link, "v=1&p=text&study.with=train.weight_decay=0&study.without=position");
        assert!(linked.study.is_ok());
        let corrections: Vec<(&str, &str)> =
            linked.corrections.iter().map(|one| (one.path.as_str(), one.given.as_str())).collect();
        assert_eq!(
            corrections,
            [
                ("study.sedes", "3"),
                ("study.colour", "red"),
                ("study.without", "positions"),
                ("study.without", "unembed"),
                ("study.without", "position"),
                ("study.with", "x"),
                ("study.with", "train.steps=3"),
                ("study.matched", "blocks.0.mlp"),
                ("study.tier", "silver"),
                ("study.seeds", "0"),
                ("study.trials", "many"),
                ("study.margin", "7"),
            ]
        );
        assert!(linked.corrections[0].reason.contains("did you mean `study.seeds`?"));
        assert!(linked.corrections[3].reason.contains("there would be no answer"));
        assert!(linked.corrections[7].reason.contains("name it in `study.without`"));
        assert_eq!((linked.corrections[9].used.as_str(), linked.corrections[11].used.as_str()), ("6", "0.02"));
    }

    #[test]
    fn a_variant_that_is_written_in_two_ways_is_one() {
        let linked = read("v=1&p=text&study.without=blocks.*.mlp,blocks.1.mlp+blocks.0.mlp,position");
        assert_eq!(linked.without, ["blocks.*.mlp", "position"]);
        assert_eq!(linked.corrections[0].reason, "it changes the same as `blocks.*.mlp`");
        assert!(linked.study.is_ok());
    }

    #[test]
    fn a_study_of_nothing_is_refused_and_stays_in_the_link() {
        let linked = read("v=1&p=text&study.without=&study.seeds=3");
        assert_eq!(linked.study.unwrap_err().path, "variants");
        assert_eq!(linked.link, "v=1&p=text&study.seeds=3&study.without=");
        assert_eq!(linked.corrections, vec![]);
    }

    #[test]
    fn components_that_are_none_are_replaced_by_the_usual_ones() {
        let linked = read("v=1&p=text&study.without=xyz,zyx");
        assert_eq!(
            (&linked.without[..], linked.link.as_str()),
            (&["position".to_string(), "blocks.0.mlp".to_string()][..], "v=1&p=text")
        );
        let corrections: Vec<(&str, &str)> =
            linked.corrections.iter().map(|one| (one.given.as_str(), one.used.as_str())).collect();
        assert_eq!(corrections, [("xyz", "left out"), ("zyx", "left out"), ("xyz,zyx", "position,blocks.0.mlp")]);
        assert!(!linked.corrections[0].reason.contains("did you mean"), "{}", linked.corrections[0].reason);
        // What else is compared is enough.
        let other = read("v=1&p=text&study.without=xyz&study.with=train.weight_decay=0");
        assert_eq!((other.without.len(), other.corrections.len()), (0, 1));
    }

    #[test]
    fn what_can_be_trained_at_equal_size_is_known_beforehand() {
        let linked = read("v=1&p=text&study.without=position,blocks.*.mlp&study.matched=position,blocks.*.mlp,position");
        assert_eq!(linked.matched, ["position"]);
        let corrections: Vec<&str> = linked.corrections.iter().map(|one| one.reason.as_str()).collect();
        assert!(
            corrections[0].contains("no width gives the parameter count") && corrections[1] == "it is a duplicate",
            "{corrections:?}"
        );
        assert_eq!(linked.unmatched.keys().collect::<Vec<_>>(), ["blocks.*.mlp"]);
        assert!(linked.unmatched["blocks.*.mlp"].contains("no width"));
    }

    #[test]
    fn keys_of_a_study_are_no_settings_of_the_bench() {
        let (bench, corrections) = read_link("v=1&p=text&study.without=position&study.colour=red", &Toy);
        assert_eq!((bench, corrections), read_link("v=1&p=text", &Toy));
        let (keys, _) = StudyKeys::read("#v=1&study.without=a%2Bb+c%2C+d&study.seeds=4");
        assert_eq!(keys.append("v=1"), "v=1&study.seeds=4&study.without=a+b+c,d");
    }

    #[test]
    fn a_hostile_link_is_read_in_bounds() {
        let many: Vec<String> = (0..5000).map(|index| format!("x{index}")).collect();
        let linked = read(&format!("v=1&p=text&study.without={}", many.join(",")));
        assert!(linked.corrections.len() <= MOST + 1);
        assert_eq!(linked.without, ["position", "blocks.0.mlp"]);
    }
}
