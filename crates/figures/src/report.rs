//! The figures of a study, drawn from its report.
//!
//! The page, the card and the command line all show these figures.

use ablation_protocol::{Arm, Dimension, EDGE, Grade, Study, Variant};
use ablation_report::{
    Analysis, Answer, Combined, Component, Idle, Modifier, Planned, Question, Recovered, Report, Table, Tuning, sought_in_words,
};
use ablation_settings::{Settings, Value};
use ablation_stats::{FEWEST_PAIRS, Interval, LEVEL, POWER, Sought};

use crate::axis::Range;
use crate::contrast::NOT_ABLATABLE;
use crate::{
    Agreement, Approximate, Contrast, ContrastRow, CurveAxis, Estimate, ExpectedBest, Figure, Judged, Measured, Power, PowerLine,
    Ranked, Ranks, Recovery, RecoveryFigure, RecoveryRow, RecoveryRows, Role, Rule, Searched, Sensitivity, Stability,
    StabilityRow, Sweep, Trial, Untuned,
    number::{number, to_margin},
};

/// The setting that every search covers.
const RATE: &str = "train.learning_rate";

/// Every figure for which the report has results and something to show ([`Idle`] says what is left out): always the contrast, then the verdicts under other choices if one of them would be another,
/// the recovery of the components that were fine-tuned after ablation, the searches, the rankings, and the power.
pub fn study_figures(study: &Study, report: &Report) -> Vec<Figure> {
    let shown = Shown::of(study, report);
    let mut figures = vec![shown.contrast().figure()];
    // Where no verdict would be another, a sentence says all there is to see.
    figures.extend(Some(stability(report)).filter(Stability::hangs).map(|stability| stability.figure()));
    figures.extend(shown.recovery());
    let searches: Vec<&Tuning> = report.tuning.iter().filter(|tuning| tuning.search == 0).collect();
    if searches.iter().any(|tuning| !tuning.expected_best.is_empty()) {
        figures.push(expected_best(study, &searches).figure());
    }
    if searches.iter().any(|tuning| tuning.points.iter().any(|point| point.score.is_some())) {
        figures.push(sensitivity(study, &searches).figure());
    }
    figures.extend(shown.ranks().map(|ranks| ranks.figure()));
    figures.extend(shown.power().map(|power| power.figure()));
    figures
}

/// The contrast of a study for a list of studies: a complete `<svg>` element of a few kilobytes.
pub fn study_thumbnail(study: &Study, report: &Report) -> String {
    Shown::of(study, report).contrast().thumbnail()
}

/// The figures of an external table of results; it has no searches.
pub fn table_figures(title: &str, table: &Table, analysis: &Analysis) -> Vec<Figure> {
    let components = 0..analysis.components.len();
    let failed = |index: usize| -> Vec<Arm> {
        table.failures.iter().filter(|failure| failure.component == Some(index)).map(|failure| failure.arm).collect()
    };
    let shown = Shown {
        title,
        axis: CurveAxis { label: "value".into(), unit: None, range: None },
        unit: "",
        missing: "not in the table",
        analysis,
        idle: Idle::of(analysis),
        references: components.clone().map(|index| table.series.mean(Arm::Reference, index)).collect(),
        notes: components.map(|index| Noted { failed: failed(index), ..Noted::default() }).collect(),
    };
    let mut figures = vec![shown.contrast().figure()];
    figures.extend(shown.recovery());
    figures.extend(shown.ranks().map(|ranks| ranks.figure()));
    figures.extend(shown.power().map(|power| power.figure()));
    figures
}

/// An analysis, with titles, units and notes for its figures.
struct Shown<'a> {
    title: &'a str,
    axis: CurveAxis,
    unit: &'a str,
    /// Default reason for a missing number.
    missing: &'static str,
    analysis: &'a Analysis,
    /// What is left out.
    idle: Idle,
    /// The mean of the reference that each component is compared with.
    references: Vec<Option<f64>>,
    /// One per component.
    notes: Vec<Noted>,
}

/// Notes on a component.
#[derive(Default)]
struct Noted {
    not_ablated: Option<String>,
    approximate: Approximate,
    /// Arms in which runs failed.
    failed: Vec<Arm>,
}

impl<'a> Shown<'a> {
    /// The analysis of a study.
    fn of(study: &'a Study, report: &'a Report) -> Self {
        let noted = |(index, variant): (usize, &Variant)| {
            let primary =
                report.ablations.get(index).and_then(|ablations| ablations.iter().position(|disruption| disruption.primary));
            Noted {
                not_ablated: variant.not_ablated.clone(),
                approximate: Approximate {
                    ablation: primary.and_then(|index| variant.ablations.get(index)).and_then(|way| approximation(&way.grade)),
                    removal: approximation(&variant.grade),
                },
                failed: Vec::new(),
            }
        };
        Shown {
            title: &study.title,
            axis: loss(study),
            unit: &study.unit,
            missing: "no results yet",
            analysis: &report.analysis,
            idle: Idle::of(&report.analysis),
            references: vec![report.reference.map(|reference| reference.mean); study.variants.len()],
            notes: study.variants.iter().enumerate().map(noted).collect(),
        }
    }

    fn contrast(&self) -> Contrast {
        let row = |(component, note): (&Component, &Noted)| {
            let missing = |question: Question| match note.failed.contains(&question.arm()) {
                true => "runs failed".to_string(),
                false => self.missing.to_string(),
            };
            let untuned = component.answers.get(&Question::Untuned);
            let variant = component.answers.get(&Question::Variant);
            ContrastRow {
                component: component.component.clone(),
                label: component.label.clone(),
                disruption: gap(component, Question::Disruption, || {
                    note.not_ablated.as_deref().map_or_else(|| missing(Question::Disruption), not_ablatable)
                }),
                necessity: gap(component, Question::Necessity, || missing(Question::Necessity)),
                untuned: untuned.map(|answer| Untuned {
                    gap: Measured::Known(estimate(answer)),
                    untuned_misleading: component.modifiers.contains(&Modifier::UntunedMisleading),
                }),
                variant: variant.map(estimate),
                approximate: note.approximate.clone(),
                verdict: component.judged(self.analysis.unit_of_analysis),
            }
        };
        let title = if self.analysis.components.iter().any(|one| one.answers.contains_key(&Question::Variant)) {
            format!("Differences from the reference: {}", self.title)
        } else {
            format!("Disruption and necessity: {}", self.title)
        };
        Contrast {
            name: "contrast".into(),
            title,
            axis: self.axis.clone(),
            higher_is_better: self.analysis.higher_is_better,
            margin: self.analysis.margin,
            rows: self.analysis.components.iter().zip(&self.notes).map(row).collect(),
        }
    }

    /// A row for each component if all were fine-tuned for the same number of steps, else a figure for each of them.
    fn recovery(&self) -> Vec<Figure> {
        let shown = self.analysis.components.iter().enumerate().filter(|(index, _)| !self.idle.recovery.contains(index));
        // A table may not give the number of fine-tuning steps; then there is no place on the axis.
        let has_place = |component: &Component| component.recovery.iter().any(|recovered| recovered.budget.is_finite());
        let shown: Vec<(usize, &Component)> = shown.filter(|(_, component)| has_place(component)).collect();
        let recovered = shown.iter().flat_map(|(_, component)| &component.recovery);
        let mut budgets: Vec<f64> = recovered.map(|recovered| recovered.budget).filter(|budget| budget.is_finite()).collect();
        budgets.sort_by(f64::total_cmp);
        budgets.dedup();
        match budgets[..] {
            [] => vec![],
            [share] => vec![self.recovery_at(share, &shown).figure()],
            _ => self.recovery_at_each(&shown).iter().map(RecoveryFigure::figure).collect(),
        }
    }

    fn recovery_at(&self, share: f64, shown: &[(usize, &Component)]) -> RecoveryRows {
        let row = |(index, component): &(usize, &Component)| {
            let recovered = component.recovery.iter().find(|recovered| recovered.budget == share);
            let outcome = |arm: usize| recovered.and_then(|recovered| after(recovered, arm));
            RecoveryRow {
                label: component.label.clone(),
                reference: self.references.get(*index).copied().flatten(),
                ablated: component.means.get(&Arm::Ablated).copied(),
                recovered: outcome(0),
                sham: outcome(1),
                short_retrain: outcome(2),
            }
        };
        RecoveryRows {
            name: "recovery".into(),
            title: "Recovery after ablation".into(),
            x: self.axis.clone(),
            share,
            margin: self.analysis.margin,
            rows: shown.iter().map(row).collect(),
        }
    }

    fn recovery_at_each(&self, shown: &[(usize, &Component)]) -> Vec<RecoveryFigure> {
        let margin = self.analysis.margin;
        let figure = |(index, component): &(usize, &Component)| {
            let recoveries = |arm: usize| -> Vec<Recovery> {
                let measured = component.recovery.iter().filter(|recovered| recovered.budget.is_finite());
                let recovery = |one: &Recovered| Some(Recovery { share: one.budget, outcome: after(one, arm)? });
                measured.filter_map(recovery).collect()
            };
            let rule = |label: &str, value: f64| Rule { label: format!("{label} {}", to_margin(value, margin)), value };
            let ablated = component.means.get(&Arm::Ablated).map(|loss| rule("ablated", *loss));
            let reference = self.references.get(*index).copied().flatten().map(|mean| rule("reference", mean));
            RecoveryFigure {
                name: format!("recovery-{}", index + 1),
                title: format!("Recovery of {}", component.label),
                y: self.axis.clone(),
                margin,
                recovered: recoveries(0),
                sham: recoveries(1),
                short_retrain: recoveries(2),
                rules: ablated.into_iter().chain(reference).collect(),
            }
        };
        let mut figures: Vec<RecoveryFigure> = shown.iter().map(figure).collect();
        // One range for all components, so that their losses can be compared.
        let values = figures.iter().flat_map(|figure| {
            let arms = [&figure.recovered, &figure.sham, &figure.short_retrain].into_iter().flatten();
            arms.filter_map(|recovery| recovery.outcome.get().ok().map(|estimate| estimate.value))
                .chain(figure.rules.iter().map(|rule| rule.value))
        });
        let Range { minimum, maximum } = Range::of(values);
        let room = 0.07 * (maximum - minimum);
        figures.iter_mut().for_each(|figure| figure.y.range = Some((minimum - room, maximum + room)));
        figures
    }

    fn ranks(&self) -> Option<Ranks> {
        let ranks = self.analysis.ranks.as_ref().filter(|_| !self.idle.ranks)?;
        let ranked = |(index, component): (usize, &Component)| {
            // A component that cannot be ablated has a rank in the other two orders, and none in the correlations.
            let place = ranks.components.iter().position(|one| *one == index);
            // As in the correlations: differences within the margin count as zero.
            let sign = if self.analysis.higher_is_better { -1.0 } else { 1.0 };
            let beyond = |harm: f64| if self.analysis.margin.is_some_and(|margin| harm.abs() < margin) { 0.0 } else { harm };
            let mean = |question: Question| component.answers.get(&question).map(|answer| beyond(sign * answer.gap.mean));
            Ranked {
                label: component.label.clone(),
                disruption: place.and_then(|place| ranks.disruption.get(place).copied()),
                untuned: mean(Question::Untuned),
                necessity: mean(Question::Necessity),
            }
        };
        let agreement =
            |found: &ablation_report::Agreement| Some(Agreement { tau: found.tau?, interval: found.interval.map(ends) });
        Some(Ranks {
            name: "ranks".into(),
            title: "Ranking of the components".into(),
            components: self.analysis.components.iter().enumerate().map(ranked).collect(),
            disruption_and_necessity: agreement(&ranks.disruption_and_necessity),
            untuned_and_necessity: agreement(&ranks.untuned_and_necessity),
        })
    }

    /// Power of the necessity test for the components whose verdict is inconclusive; if there is none, for the component with the smallest effect.
    fn power(&self) -> Option<Power> {
        let analysis = self.analysis;
        if self.idle.power {
            return None;
        }
        let shown = Planned::of(analysis);
        let was_open = shown.iter().any(Planned::is_open);
        let asked = analysis.families.iter().find(|asked| asked.question == Question::Necessity);
        let family = asked.map_or(1, |asked| asked.components.len());
        let as_seen = shown.iter().filter(|planned| matches!(planned.sought, Sought::Difference(_))).count();
        let what = match as_seen {
            0 if was_open => "Power to show necessity or equivalence",
            0 => "Power to show equivalence again",
            _ if !was_open => "Power to show necessity again, at the observed effect",
            _ if as_seen == shown.len() => "Power to show necessity at the observed effect",
            _ => "Power to show necessity",
        };
        let mut lines: Vec<PowerLine> = shown.iter().map(|planned| power_line(planned, self.unit)).collect();
        lines.retain(|line| !line.points.is_empty());
        // Up to the largest required number of seeds, and a little beyond.
        let last = lines.iter().flat_map(|line| &line.points).map(|point| point.0).max()?;
        let units = u32::try_from(analysis.units).unwrap_or(last);
        let enough = |line: &PowerLine| line.enough(POWER).unwrap_or(last);
        let most = lines.iter().map(enough).max()?.max(units);
        let most = (most.saturating_add(most / 4 + 2)).min(last);
        lines.iter_mut().for_each(|line| line.points.retain(|point| point.0 <= most));
        Some(Power {
            name: "power".into(),
            title: format!("{what}, level {LEVEL} over {family} component{}", if family == 1 { "" } else { "s" }),
            unit: analysis.unit_of_analysis.name().into(),
            lines,
            target: POWER,
            present: Some(units),
        })
    }
}

fn stability(report: &Report) -> Stability {
    let Report { analysis, stability, .. } = report;
    let row = |(index, component): (usize, &Component)| {
        let judged = |verdict: Combined| Judged {
            name: verdict.name(component.changed).into(),
            word: verdict.word(component.changed).into(),
        };
        let at = |verdicts: &Vec<Option<Combined>>| verdicts.get(index).copied().flatten().map(judged);
        StabilityRow {
            label: component.label.clone(),
            reported: component.combined.map(judged),
            settings: stability.settings.iter().map(|other| at(&other.verdicts)).collect(),
            left_out: stability.left_out.iter().map(|left| at(&left.verdicts)).collect(),
        }
    };
    let reference = report.tuning.iter().find(|tuning| tuning.search == 0 && tuning.arm == "reference");
    let chosen = reference.and_then(|tuning| tuning.points.get(tuning.chosen?));
    Stability {
        name: "stability".into(),
        title: "Stability of the verdicts".into(),
        chosen: chosen.map(|point| setting_in_words(&point.settings)).filter(|_| !stability.settings.is_empty()),
        settings: stability.settings.iter().map(|other| setting_in_words(&other.settings)).collect(),
        unit: analysis.unit_of_analysis.one().into(),
        units: stability.left_out.len(),
        rows: analysis.components.iter().enumerate().map(row).collect(),
    }
}

/// `learning rate 0.0156`.
fn setting_in_words(settings: &Settings) -> String {
    let in_words = |(path, value): (&str, &Value)| {
        let name = path.rsplit('.').next().unwrap_or(path).replace('_', " ");
        match value {
            Value::Number(value) => format!("{name} {}", number(*value)),
            value => format!("{name} {value}"),
        }
    };
    settings.iter().map(in_words).collect::<Vec<String>>().join(", ")
}

fn expected_best(study: &Study, searches: &[&Tuning]) -> ExpectedBest {
    let arms = searches.iter().map(|tuning| {
        let (label, role) = arm(study, tuning);
        Searched { label, role, best: tuning.expected_best.clone(), falling: tuning.under_tuned }
    });
    let y = CurveAxis { label: "expected best loss".into(), ..loss(study) };
    ExpectedBest { name: "expected".into(), title: titled(study, "Expected best loss of the search"), y, arms: arms.collect() }
}

fn sensitivity(study: &Study, searches: &[&Tuning]) -> Sensitivity {
    let sweep = |tuning: &&Tuning| {
        let (label, role) = arm(study, tuning);
        let mut chosen = None;
        let mut trials = Vec::new();
        for (index, point) in tuning.points.iter().enumerate() {
            let (Ok(rate), Some(loss)) = (point.settings.number(RATE), point.score) else { continue };
            if tuning.chosen == Some(index) {
                chosen = Some(trials.len());
            }
            trials.push(Trial { rate, loss, diverged: point.diverged > 0 });
        }
        Sweep { label, role, trials, chosen }
    };
    let ranges: Vec<&Dimension> = searches.iter().flat_map(|tuning| &tuning.space).filter(|one| one.path == RATE).collect();
    let range = ranges.iter().map(|one| (one.low, one.high)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    Sensitivity {
        name: "sensitivity".into(),
        title: titled(study, "Sensitivity to the learning rate"),
        x: CurveAxis { label: "learning rate".into(), unit: None, range },
        y: loss(study),
        edge: EDGE,
        ceiling: None,
        arms: searches.iter().map(sweep).filter(|sweep| !sweep.trials.is_empty()).collect(),
    }
}

/// The power of a component's necessity test.
fn power_line(planned: &Planned, unit: &str) -> PowerLine {
    // The figure requires no fewer than the verdict does.
    let fewest = planned.needs().map_or(FEWEST_PAIRS as u32, |needs| u32::try_from(needs.pairs).unwrap_or(u32::MAX));
    PowerLine {
        label: planned.component.label.clone(),
        role: Role::Necessity,
        sought: sought_in_words(planned.sought, unit),
        effect: planned.effect(),
        points: planned.powers().collect(),
        fewest,
    }
}

fn loss(study: &Study) -> CurveAxis {
    CurveAxis { label: "loss".into(), unit: (!study.unit.is_empty()).then(|| study.unit.clone()), range: None }
}

/// The title; if the study repeats its search, the title says that the first one is drawn.
fn titled(study: &Study, title: &str) -> String {
    if study.design.searches > 1 { format!("{title} (first of {} repetitions)", study.design.searches) } else { title.into() }
}

/// The label and the role of an arm with a search.
fn arm(study: &Study, tuning: &Tuning) -> (String, Role) {
    match study.variants.iter().find(|variant| variant.name == tuning.arm) {
        Some(variant) => (variant.label.clone(), Role::Necessity),
        None if tuning.arm == Arm::Reference.name() => (Arm::Reference.label().into(), Role::Reference),
        None => (Arm::Aa.label().into(), Role::Sham),
    }
}

fn gap(component: &Component, question: Question, missing: impl FnOnce() -> String) -> Measured {
    component.answers.get(&question).map_or_else(|| Measured::Missing(missing()), |answer| Measured::Known(estimate(answer)))
}

fn estimate(answer: &Answer) -> Estimate {
    Estimate { value: answer.gap.mean, interval: answer.gap.ci95.map(ends), seeds: answer.values.clone() }
}

/// Why there is nothing to ablate, in a few words, because it stands in every row of some studies: its first clause. The card has all of it.
fn not_ablatable(reason: &str) -> String {
    let clause = reason.split(';').next().unwrap_or_default();
    let clause = clause.strip_prefix("it ").unwrap_or(clause);
    format!("{NOT_ABLATABLE}: {}", clause.strip_suffix(" cannot be ablated").unwrap_or(clause))
}

/// The outcome of an arm of recovery: H, S or Z.
fn after(recovered: &Recovered, arm: usize) -> Option<Measured> {
    let estimate = |value| Estimate { value, interval: recovered.intervals[arm].map(ends), seeds: vec![] };
    recovered.means[arm].map(estimate).map(Measured::Known)
}

fn ends(interval: Interval) -> (f64, f64) {
    (interval.low, interval.high)
}

fn approximation(grade: &Grade) -> Option<String> {
    matches!(grade, Grade::Approximate { .. }).then(|| grade.reason().to_string())
}
