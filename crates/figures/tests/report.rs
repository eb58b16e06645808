//! The figures of a stored study, to the byte; see `snapshots.rs` for how to change them.

mod common;

use ablation_figures::{Figure, study_figures, study_thumbnail, table_figures};
use ablation_protocol::{Grade, Outcomes, schedule};
use ablation_report::{
    Combined, LeftOut, Options, Place, Question, Record, Report, Row, Rows, Subject, analyse, read_record, report,
};
use ablation_stats::{Extent, Verdict};
use common::check;

fn record() -> Record {
    read_record(include_str!("../../report/tests/records/six.ablation.json")).unwrap()
}

fn renamed(figure: &Figure, suffix: &str) -> Figure {
    Figure { name: format!("report{suffix}-{}", figure.name), ..figure.clone() }
}

#[test]
fn a_study_has_all_its_figures() {
    let record = record();
    let figures = study_figures(&record.study, &record.report);
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    let recovery = ["recovery-1", "recovery-2", "recovery-3", "recovery-4"];
    assert_eq!(names, [&["contrast"][..], &recovery, &["expected", "sensitivity", "ranks", "power"]].concat());
    figures.iter().for_each(|figure| check(&renamed(figure, "")));
    let contrast = &figures[0];
    assert!(contrast.description.contains("weight decay 0.1 → 0: not ablatable: acts only during training; necessity"));
    assert!(contrast.svg.contains(">not ablatable: a replacement<"));
    assert!(contrast.description.contains("≈ − blocks.1.mlp (necessity) is approximate: it matters."));
}

/// What has nothing to show is left out; the card says what.
#[test]
fn figures_that_have_nothing_to_show_are_left_out() {
    let record = record();
    let mut report = record.report.clone();
    for component in &mut report.analysis.components {
        for answer in component.answers.values_mut() {
            (answer.verdict, answer.gap.mean, answer.gap.sd) = (Some(Verdict::Equivalent), 0.001, Some(1e-6));
        }
    }
    let figures = study_figures(&record.study, &report);
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["contrast", "expected", "sensitivity"]);
}

/// At its natural width a unit is a pixel.
#[test]
fn no_text_of_a_report_is_less_than_12_pixels_high() {
    let record = record();
    for figure in study_figures(&record.study, &record.report) {
        let sizes = figure.svg.split(" font-size=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse::<f64>().unwrap());
        assert!(
            sizes.clone().count() > 0 && sizes.clone().all(|size| size >= 12.0),
            "{}: {:?}",
            figure.name,
            sizes.collect::<Vec<_>>()
        );
    }
}

/// Where every verdict stays, there is nothing to draw.
#[test]
fn verdicts_that_hang_on_single_choices_have_a_figure() {
    let record = record();
    let stability = |report: &Report| study_figures(&record.study, report).into_iter().find(|figure| figure.name == "stability");
    assert!(!record.report.stability.settings.is_empty());
    assert!(stability(&record.report).is_none());
    let mut report = record.report.clone();
    report.stability.settings[1].verdicts[4] = Some(Combined::Harmful);
    let same: Vec<Option<Combined>> = report.analysis.components.iter().map(|component| component.combined).collect();
    report.stability.left_out = (0..7).map(|unit| LeftOut { unit, verdicts: same.clone() }).collect();
    report.stability.left_out[2].verdicts[0] = Some(Combined::Undetermined);
    assert_eq!(study_figures(&record.study, &report)[1].name, "stability", "beside the verdicts");
    let figure = stability(&report).unwrap();
    for words in [
        "the reference uses learning rate 0.00582; the others are learning rate 0.0232; learning rate 0.0169.",
        "− position: co-adapted, not necessary as reported; undetermined without seed 3.",
        "weight decay 0.1 → 0: as good with the change as reported; better with the change with learning rate 0.0169.",
    ] {
        assert!(figure.description.contains(words), "{words}: {}", figure.description);
    }
    assert_eq!(figure.table.rows[4][3], "better with the change");
}

/// It holds what the contrast says of the first components, in a fraction of the bytes.
#[test]
fn a_study_has_a_thumbnail_for_lists() {
    let record = record();
    let contrast = &study_figures(&record.study, &record.report)[0];
    let svg = study_thumbnail(&record.study, &record.report);
    assert!(svg.len() < 6_000 && 2 * svg.len() < contrast.svg.len(), "{} bytes", svg.len());
    for component in &record.report.analysis.components {
        assert!(svg.contains(&component.label), "{svg}");
    }
    let name = "report-thumbnail".to_string();
    check(&Figure { name, svg, ..contrast.clone() });
}

/// Table, sentence and figure name one number of seeds, planned at the level that so many components leave.
#[test]
fn the_power_says_what_the_verdicts_say() {
    let record = record();
    let study = record.study.clone();
    let figure = |report: &Report| study_figures(&study, report).into_iter().find(|figure| figure.name == "power").unwrap();
    let needed = record
        .report
        .analysis
        .components
        .iter()
        .find_map(|component| Some(component.answers.get(&Question::Necessity)?.verdict?.needs()?.pairs));
    let open = figure(&record.report);
    assert_eq!(open.title, "Power to show necessity at the observed effect, level 0.05 over 6 components");
    assert!(open.description.contains(&format!("the target is reached with {} seeds", needed.unwrap())), "{}", open.description);
    // With a verdict everywhere, the figure still requires enough seeds for a significant test.
    let mut decided = record.report.clone();
    for component in &mut decided.analysis.components {
        let necessity = component.answers.get_mut(&Question::Necessity).unwrap();
        (necessity.verdict, necessity.gap.sd) = (Some(Verdict::Equivalent), Some(0.015));
    }
    assert!(figure(&decided).description.contains("the target is reached with 6 seeds"), "{}", figure(&decided).description);
    // A difference with a verdict is planned for at the observed effect, also if it is far above the margin.
    let necessity = decided.analysis.components[1].answers.get_mut(&Question::Necessity).unwrap();
    (necessity.verdict, necessity.gap.mean, necessity.gap.sd) =
        (Some(Verdict::BetterWithout { extent: Extent::Material }), -10.0, Some(4.0));
    let found = figure(&decided);
    assert!(
        found.description.contains(", a difference of 10 nats, as seen, 2.50 standard deviations: "),
        "{}",
        found.description
    );
}

/// An external table of accuracies: one component with every arm, and one variant whose training is not known.
#[test]
fn a_table_from_elsewhere_has_the_same_figures() {
    let mut rows = Rows::default();
    let arms = [
        ("all", "reference", 0.90),
        ("all", "sham", 0.91),
        ("all", "aa", 0.90),
        ("attention", "ablated", 0.31),
        ("attention", "recovered", 0.86),
        ("attention", "short-retrain", 0.55),
        ("attention", "retrained", 0.84),
        ("attention", "retrained-untuned", 0.71),
        ("mlp", "ablated", 0.62),
        ("mlp", "retrained", 0.893),
        ("mlp", "retrained-untuned", 0.88),
        ("norm", "ablated", 0.11),
        ("norm", "retrained", 0.902),
        ("norm", "retrained-untuned", 0.902),
        ("relu", "variant", 0.906),
    ];
    for (index, (component, arm, value)) in arms.into_iter().enumerate() {
        for seed in 0..8 {
            let value = value + 0.002 * ((seed * (index + 3)) % 7) as f64;
            let (seed, value) = (seed.to_string(), value.to_string());
            let budget = ["sham", "recovered", "short-retrain"].contains(&arm).then_some("0.05");
            rows.push(Row {
                place: Place::Line(2),
                component,
                arm,
                seed: &seed,
                value: &value,
                budget,
                metric: None,
                parameters: None,
            })
            .unwrap();
        }
    }
    let table = rows.finish(false).unwrap();
    let subject = |name: &String| Subject {
        name: name.clone(),
        label: name.clone(),
        changed: false,
        edge: false,
        untuned_elsewhere: Vec::new(),
    };
    let subjects: Vec<Subject> = table.components.iter().map(subject).collect();
    let options = Options { margin: Some(0.02), higher_is_better: true, budgets: table.budgets.clone(), ..Options::default() };
    let analysis = analyse(&table.series, &subjects, &options).unwrap();
    let figures = table_figures("accuracies", &table, &analysis);
    let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["contrast", "recovery", "ranks"], "the power is 1 at every number of seeds");
    figures.iter().for_each(|figure| check(&renamed(figure, "-table")));
    let contrast = &figures[0];
    assert!(contrast.svg.contains(">better →<") && contrast.description.contains("Positive is better."));
    assert!(
        contrast.description.contains("relu: gap 0.0") && !contrast.description.contains("relu: no"),
        "{}",
        contrast.description
    );
    assert_eq!(contrast.table.columns[7..9], ["gap", "95 % interval"]);
}

/// An approximate primary ablation is hatched too.
#[test]
fn an_approximate_ablation_is_hatched() {
    let mut record = record();
    for way in &mut record.study.variants[0].ablations {
        way.grade = Grade::approximate("the mean is off-distribution here");
    }
    check(&renamed(&study_figures(&record.study, &record.report)[0], "-approximate"));
}

#[test]
fn a_study_that_has_just_begun_says_what_is_missing() {
    let record = record();
    let nothing = report(&record.study, &Outcomes::new()).unwrap();
    let figures = study_figures(&record.study, &nothing);
    assert_eq!(figures.len(), 1);
    assert!(figures[0].svg.contains(">no necessity (no results yet)<"));
    // Only complete runs of the first seed.
    let early = |planned: &&ablation_protocol::Planned| planned.role.pair().is_none_or(|pair| pair.seed < 1);
    let all = schedule(&record.study, &record.outcomes);
    let some: Outcomes =
        all.trials.iter().filter(early).map(|planned| (planned.id.clone(), record.outcomes[&planned.id].clone())).collect();
    let partial = report(&record.study, &some).unwrap();
    let figures = study_figures(&record.study, &partial);
    check(&renamed(&figures[0], "-seed"));
    assert!(figures[0].svg.contains(">one seed, no verdict<"));
    assert!(figures.iter().all(|figure| figure.name != "power"), "one seed has no spread to plan with");
}
