//! The protocol card: what a reviewer needs to know about an ablation study, on one page, generated from its record.
//!
//! Every card has every section and item. An item without a value reads "not applicable" and gives the reason, so that a reader can tell a
//! missing value from an omission. Sections and items follow the methodology, section 9, which gives the precedent of each.

mod analysis;
mod content;
mod elsewhere;
mod html;
mod markdown;
mod plan;
mod results;

use ablation_protocol::items;
use ablation_report::Record;
use ablation_settings::{canonical, visible};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use content::{Cell, Content};
pub use elsewhere::Elsewhere;

/// The format of a card.
pub const CARD_SCHEMA: &str = "ablation-card/v1";

/// A protocol card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct Card {
    /// Title of the study.
    pub title: String,
    /// Sections 0 to 14, in order.
    pub sections: Vec<CardSection>,
}

/// A section of a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct CardSection {
    /// Its number.
    pub number: u8,
    /// Its title.
    pub title: String,
    /// Its items, in order.
    pub items: Vec<CardItem>,
}

/// An item of a card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct CardItem {
    /// Its name, such as `study_sha256`; it stays the same between releases.
    pub name: String,
    /// Its content.
    pub content: Content,
}

/// Titles of the sections, in order (methodology, section 9).
const SECTIONS: [&str; 15] = [
    "Identity",
    "Claim",
    "Definitions",
    "Data",
    "Arms",
    "Budget",
    "Search",
    "Randomness",
    "Results",
    "Margin and power",
    "Multiplicity",
    "Controls",
    "Verdict",
    "Deviations",
    "Reproduce",
];

/// Name of the item that holds one sentence of results per component.
const FOUND: &str = "found";

/// A figure on a card.
#[derive(Clone, Copy, Debug)]
pub struct CardFigure<'a> {
    /// The caption.
    pub title: &'a str,
    /// A complete `<svg>` element. It is inserted without escaping, so it must come from this product.
    pub svg: &'a str,
}

impl CardItem {
    /// Its name as people read it: that of the vocabulary, or its own in words.
    fn label(&self) -> String {
        let term = items().into_iter().find(|term| term.key == self.name);
        term.map_or_else(|| self.name.replace('_', " "), |term| term.name.to_string())
    }
}

impl Card {
    /// The card of a record; the record may be incomplete.
    pub fn of(record: &Record) -> Self {
        let analysis = &record.report.analysis;
        Card::numbered(
            &record.study.title,
            [
                plan::identity(record),
                plan::claim(record),
                plan::definitions(record),
                plan::data(record),
                plan::arms(record),
                plan::budget(record),
                plan::search(record),
                plan::randomness(record),
                results::results(record),
                results::power(record),
                analysis::multiplicity(analysis),
                results::controls(record),
                analysis::verdict(analysis, &crate::tables::Findings::of(&record.study, &record.report)),
                results::deviations(record),
                results::reproduce(record),
            ],
        )
    }

    fn numbered(title: &str, sections: [Vec<CardItem>; 15]) -> Self {
        let section = |(number, (title, items)): (usize, (&str, Vec<CardItem>))| CardSection {
            number: number as u8,
            title: title.to_string(),
            items,
        };
        Card { title: title.to_string(), sections: SECTIONS.into_iter().zip(sections).enumerate().map(section).collect() }
    }

    /// The card as canonical JSON with a final line break.
    pub fn to_json(&self) -> String {
        let json = json!({"schema": CARD_SCHEMA, "title": self.title, "sections": self.sections});
        visible(&canonical::write(&canonical::shortened(json))).into_owned() + "\n"
    }

    /// The card in GitHub's Markdown.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    /// The card as a self-contained HTML page in both themes, with figures if there are any.
    pub fn html(&self, figures: &[CardFigure]) -> String {
        html::write(self, figures)
    }

    /// The results, which are shown before the sections.
    fn found(&self) -> &[String] {
        match self.item(FOUND) {
            Some(Content::List { items }) => items,
            _ => &[],
        }
    }

    /// The items of a section without the results, which are shown above.
    fn rest<'a>(&self, section: &'a CardSection) -> impl Iterator<Item = &'a CardItem> {
        let is_read = !self.found().is_empty();
        section.items.iter().filter(move |item| !(is_read && item.name == FOUND))
    }

    /// The content of the item with this name.
    pub fn item(&self, name: &str) -> Option<&Content> {
        self.sections.iter().flat_map(|section| &section.items).find(|item| item.name == name).map(|item| &item.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ablation_protocol::{
        Design, Outcomes, Study,
        made_up::{run, six, six_world},
    };

    fn record(study: &Study) -> Record {
        Record::new(study, &run(study, six_world)).unwrap()
    }

    fn every_item_is_filled(card: &Card) {
        assert_eq!(card.sections.iter().map(|section| section.number).collect::<Vec<_>>(), (0..15).collect::<Vec<u8>>());
        for item in card.sections.iter().flat_map(|section| &section.items) {
            let filled = match &item.content {
                Content::Text { text } | Content::Check { text, .. } => !text.is_empty(),
                Content::NotApplicable { reason } => reason.len() > 10,
                Content::List { items } => !items.is_empty() && items.iter().all(|one| !one.is_empty()),
                Content::Table { columns, rows } => !rows.is_empty() && rows.iter().all(|row| row.len() == columns.len()),
            };
            assert!(filled, "{}: {:?}", item.name, item.content);
        }
    }

    #[test]
    fn every_item_of_every_card_is_filled() {
        every_item_is_filled(&Card::of(&record(&six())));
        every_item_is_filled(&Card::of(&Record::new(&six(), &Outcomes::new()).unwrap()));
        let one = Study { design: Design { seeds: 1, ..six().design }, claim: String::new(), ..six() };
        every_item_is_filled(&Card::of(&record(&one)));
        let gold = Study { design: Design { searches: 6, seeds: 2, ..six().design }, ..six() };
        every_item_is_filled(&Card::of(&record(&gold)));
    }

    #[test]
    fn a_card_says_what_was_not_run_and_why() {
        let record = record(&six());
        let card = Card::of(&record);
        let rows = |name: &str| match card.item(name) {
            Some(Content::Table { rows, .. }) => rows.clone(),
            other => panic!("{name}: {other:?}"),
        };
        let arms = rows("arms");
        let matched = arms.iter().find(|row| row[0] == Cell::from("M")).unwrap();
        assert_eq!(matched[3], Cell::from("skipped: not requested"));
        assert_eq!(arms[0][3], Cell::from("complete: 6 of 6 trials"));
        assert!(matches!(card.item("equality"), Some(Content::Check { passed: true, .. })));
        assert!(matches!(card.item("date"), Some(Content::NotApplicable { .. })));
        assert_eq!(
            card.item("excluded_runs"),
            Some(&Content::text("none: a diverged trial is scored with the loss of the untrained model"))
        );
        // Every value of every seed is there, so that a reader can recompute the statistics.
        let answers: usize = record.report.analysis.components.iter().map(|component| component.answers.len()).sum();
        assert_eq!(rows("gaps").len(), answers + 1);
    }

    #[test]
    fn a_card_says_which_figures_are_left_out() {
        let mut record = record(&six());
        assert!(matches!(Card::of(&record).item("figures_left_out"), Some(Content::NotApplicable { .. })));
        let disruption = record.report.analysis.components[0].answers.get_mut(&ablation_report::Question::Disruption).unwrap();
        disruption.verdict = Some(ablation_stats::Verdict::Equivalent);
        let words =
            "Left out of the figures: the recovery of − position, because ablating it makes no difference above the margin.";
        assert_eq!(Card::of(&record).item("figures_left_out"), Some(&Content::text(words)));
    }

    #[test]
    fn budgets_that_differ_fail_their_check() {
        let mut record = record(&six());
        record.study.variants[0].set.set("train.steps", 800);
        let check = Card::of(&record).item("equality").cloned();
        let Some(Content::Check { passed: false, text }) = check else { panic!("{check:?}") };
        assert_eq!(text, "− position is trained with `train.steps` 800");
    }

    #[test]
    fn a_card_survives_its_json() {
        let card = Card::of(&record(&six()));
        let json: serde_json::Value = serde_json::from_str(&card.to_json()).unwrap();
        assert_eq!(json["schema"], CARD_SCHEMA);
        let read: Vec<CardSection> = serde_json::from_value(json["sections"].clone()).unwrap();
        let names = |sections: &[CardSection]| {
            sections.iter().flat_map(|section| section.items.clone()).map(|item| item.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&read), names(&card.sections));
    }

    /// Look at it after a change: `UPDATE_EXPECT=1` writes `tests/records/six.card.md` and `.html`.
    #[expect(clippy::disallowed_methods, reason = "a test writes the file that it expects")]
    #[test]
    fn cards_as_they_are() {
        let card = Card::of(&record(&six()));
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(folder.join("six.card.md"), card.markdown()).unwrap();
            std::fs::write(folder.join("six.card.html"), card.html(&[])).unwrap();
            return;
        }
        let changed = "the card has changed; if that is meant, run again with UPDATE_EXPECT=1";
        assert!(card.markdown() == include_str!("../../tests/records/six.card.md"), "{changed}");
        assert!(card.html(&[]) == include_str!("../../tests/records/six.card.html"), "{changed}");
    }

    #[test]
    fn untrusted_text_is_escaped() {
        let mut record = record(&six());
        record.study.title = "<script>alert(1)</script> & [x](javascript:1)".into();
        record.study.claim = "\"><img onerror=x>".into();
        let card = Card::of(&record);
        let figure = CardFigure { title: "<i>", svg: "<svg></svg>" };
        let html = card.html(&[figure]);
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<i>") && html.contains("<svg></svg>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp;"));
        let markdown = card.markdown();
        assert!(!markdown.contains("<script") && markdown.contains("\\[x\\](javascript:1)"));
    }
}
