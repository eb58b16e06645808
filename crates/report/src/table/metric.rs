//! What the values of a table measure, where the table says so.
//!
//! A training loss contains its parts. Left out, label smoothing or a penalty lowers that loss by its own size, and the table would show a
//! difference between two models that are equal. Such a metric is refused for such a component, with what to measure instead. A table with several
//! metrics is refused too: a mean over losses and accuracies is nothing.

use super::cell::short;
use super::{Place, TableError};

/// The column.
const COLUMN: &str = "metric";

/// Parts of training losses, as they are called, in small letters and without anything between them.
const PARTS: [&str; 13] = [
    "labelsmoothing",
    "smoothing",
    "zloss",
    "focal",
    "auxiliary",
    "auxloss",
    "loadbalanc",
    "penalty",
    "regulari",
    "l2loss",
    "entropybonus",
    "distillation",
    "lossterm",
];

/// Names of metrics that are what is minimised.
const MINIMISED: [&str; 4] = ["trainloss", "trainingloss", "totalloss", "objective"];

/// The metric of a table so far.
#[derive(Default)]
pub(super) struct Metric(Option<(String, Place)>);

impl Metric {
    /// Takes note of the metric of a row.
    ///
    /// # Errors
    /// If another row has another metric, or the metric contains what the component is.
    pub(super) fn agree(&mut self, metric: Option<&str>, component: &str, place: Place) -> Result<(), TableError> {
        let Some(metric) = metric.map(str::trim).filter(|metric| !metric.is_empty()) else { return Ok(()) };
        let refuse = |message: String| Err(TableError::at(Some(place), COLUMN, message));
        let (first, at) = self.0.get_or_insert_with(|| (metric.to_string(), place));
        if first != metric {
            return refuse(format!(
                "`{}` is another metric than `{}` at {at}; keep the rows of one metric and analyse the others by themselves",
                short(metric),
                short(first)
            ));
        }
        match contained(metric, component) {
            Some(part) => refuse(format!(
                "`{}` contains what `{}` changes ({part}), so it would differ between two models that are equal; give a metric without it in every \
                 arm, such as test cross-entropy or accuracy",
                short(metric),
                short(component)
            )),
            None => Ok(()),
        }
    }
}

/// The part of the loss that a component is, if the metric contains it.
fn contained(metric: &str, component: &str) -> Option<&'static str> {
    let (metric, component) = (letters(metric), letters(component));
    let part = PARTS.into_iter().find(|part| component.contains(part))?;
    let is_minimised = MINIMISED.iter().any(|name| metric.contains(name));
    // Per cent of correct answers in training is no loss; and what is called after the part contains it.
    (is_minimised || metric.contains(part)).then_some(part)
}

/// Small letters and digits of a name.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_contains_the_part_that_is_left_out_is_refused() {
        let refused = |metric: &str, component: &str| {
            let error = Metric::default().agree(Some(metric), component, Place::Line(2)).err()?;
            assert_eq!(error.column.as_deref(), Some("metric"));
            Some(error.message)
        };
        for metric in ["train_loss", "Training loss", "total loss", "train/loss", "objective", "loss with label smoothing"] {
            let message = refused(metric, "label_smoothing").unwrap_or_else(|| panic!("{metric} is taken"));
            assert!(message.contains("test cross-entropy or accuracy"), "{message}");
        }
        for component in ["z-loss", "Focal weighting", "aux_loss", "L2 penalty", "regularisation"] {
            assert!(refused("train loss", component).is_some(), "{component}");
            assert_eq!(refused("test loss", component), None, "{component}");
        }
        for metric in ["test loss", "accuracy", "train accuracy", "cross-entropy", ""] {
            assert_eq!(refused(metric, "label smoothing"), None, "{metric}");
        }
        assert_eq!(refused("train loss", "attention"), None, "no part of the loss");
    }

    #[test]
    fn a_table_has_one_metric() {
        let mut metric = Metric::default();
        assert_eq!(metric.agree(Some("loss"), "a", Place::Line(2)), Ok(()));
        assert_eq!(metric.agree(None, "a", Place::Line(3)), Ok(()), "a row that does not say");
        let error = metric.agree(Some("accuracy"), "a", Place::Line(4)).unwrap_err();
        assert!(error.message.contains("`accuracy` is another metric than `loss` at line 2"), "{error}");
    }
}
