//! A number, or what the student's own study measured.

use ablation_protocol::Study;
use ablation_report::{Question, Report};
use ablation_settings::{
    Fields, StudyError,
    number::{given, significant},
};
use serde_json::Value as Json;

use super::{Asked, Key, Kind, Mark, component, found, unknown};

/// Numbers are within these bounds.
const LARGEST: f64 = 1e100;

/// The gaps that a number may be.
const GAPS: [Question; 8] = [
    Question::Disruption,
    Question::Recovery,
    Question::Untuned,
    Question::Necessity,
    Question::Matched,
    Question::TuningConfound,
    Question::CoAdaptationGap,
    Question::RecoveryAdvantage,
];

/// `{"kind": "number", "unit": "nats"}`, answered by a number; solved by `{"number": 1.4, "tolerance": 0.2}`, or by
/// `{"gap": "necessity", "component": "…", "tolerance": 0.05}`: that gap in the report on the student's own outcomes.
pub struct Number;

impl Kind for Number {
    fn name(&self) -> &'static str {
        "number"
    }

    fn read(&self, fields: &mut Fields, _: &Study) -> Result<Box<dyn Asked>, StudyError> {
        let unit = fields.text("unit")?.unwrap_or_default();
        Ok(Box::new(Quantity { unit }))
    }
}

#[derive(Debug)]
struct Quantity {
    unit: String,
}

impl Asked for Quantity {
    fn key(&self, fields: &mut Fields, study: &Study) -> Result<Box<dyn Key>, StudyError> {
        let number = fields.number("number", (-LARGEST, LARGEST))?;
        let gap = fields.text("gap")?;
        let right = match (number, gap) {
            (Some(number), None) => Right::Number(number),
            (None, Some(name)) => {
                let component = component(fields, "component", study)?;
                let gap = gap_named(&name)
                    .ok_or_else(|| fields.error("gap", unknown(&name, GAPS.iter().map(|gap| gap.name()), "gap")))?;
                measured(gap, &component, study).map_err(|message| fields.error("gap", message))?;
                Right::Gap(gap, component)
            }
            (Some(_), Some(_)) => return Err(fields.error("gap", "there is a `number` as well; keep the one that is right")),
            (None, None) => {
                return Err(fields.error("number", "it is missing; write the right number, or a `gap` and a `component`"));
            }
        };
        let tolerance = fields.number("tolerance", (0.0, LARGEST))?;
        let tolerance = tolerance
            .ok_or_else(|| fields.error("tolerance", "it is missing; write how far an answer may be off, such as 0.05"))?;
        Ok(Box::new(Within { right, tolerance, unit: self.unit.clone() }))
    }
}

/// The gap of a name: its key, such as `co_adaptation_gap`, or what it is called in tables, such as `co-adaptation gap`.
fn gap_named(name: &str) -> Option<Question> {
    let key = |gap: &Question| serde_json::to_value(gap).ok().is_some_and(|key| key == *name);
    GAPS.into_iter().find(|gap| gap.name() == name || key(gap))
}

/// Whether a study measures a gap of a variant.
fn measured(gap: Question, component: &str, study: &Study) -> Result<(), String> {
    let Some(variant) = study.variants.iter().find(|variant| variant.name == component) else { return Ok(()) };
    let ablated =
        matches!(gap, Question::Disruption | Question::Recovery | Question::CoAdaptationGap | Question::RecoveryAdvantage);
    if ablated && variant.ablations.is_empty() {
        let why = variant.not_ablated.as_deref().unwrap_or("the study ablates nothing there");
        return Err(format!("the study has no {} of `{component}`: {why}; ask for its `necessity`", gap.name()));
    }
    if matches!(gap, Question::Recovery | Question::RecoveryAdvantage) && study.recovery.budgets.is_empty() {
        return Err(format!("the study has no {}: it has no budget of fine-tuning", gap.name()));
    }
    if gap == Question::Matched && variant.matched.is_none() {
        return Err(format!("the study has no {} of `{component}`; write `\"matched\": true` in the variant", gap.name()));
    }
    Ok(())
}

#[derive(Debug)]
enum Right {
    Number(f64),
    Gap(Question, String),
}

#[derive(Debug)]
struct Within {
    right: Right,
    tolerance: f64,
    unit: String,
}

impl Within {
    fn value(&self, report: Option<&Report>) -> Option<f64> {
        match &self.right {
            Right::Number(number) => Some(*number),
            Right::Gap(gap, component) => Some(found(report, component)?.answers.get(gap)?.gap.mean),
        }
    }
}

impl Key for Within {
    fn right(&self, report: Option<&Report>) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let value = match self.value(report) {
            Some(value) => format!("{} ± {}{unit}", significant(value), given(self.tolerance)),
            None => "nothing, as the record has no such number".to_string(),
        };
        match &self.right {
            Right::Number(_) => value,
            Right::Gap(gap, component) => format!("{value}: the {} of `{component}`", gap.name()),
        }
    }

    fn mark(&self, answer: &Json, report: Option<&Report>) -> Mark {
        let Some(given) = answer.as_f64().filter(|given| given.is_finite()) else { return Mark::not_a("a number", answer) };
        match (self.value(report), &self.right) {
            // A decimal fraction is no binary one: 1.6 is within 0.2 of 1.4.
            (Some(value), _) => Mark::of((given - value).abs() <= self.tolerance + 1e-9 * value.abs().max(self.tolerance)),
            // Which number it is would give the solution away.
            (None, Right::Gap(..)) => Mark::Wrong("the record has no such number yet".to_string()),
            (None, Right::Number(_)) => Mark::of(false),
        }
    }
}
