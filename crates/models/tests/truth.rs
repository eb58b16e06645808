//! Studies whose truth is known, run for real: tiny models, trained from scratch, twenty times over.
//!
//! One component the task cannot do without, one change that cannot matter, and the reference against itself. What the protocol says of them
//! has to be right at the rates it promises; a protocol that is only ever shown interesting components is never found out.

use std::collections::BTreeMap;

use ablation_models::{Hardware, Lane, Models, cpu, pack};
use ablation_protocol::{Outcomes, Study, Trial, plan, read_study};
use ablation_report::{Combined, Question, Report, report};
use ablation_stats::Verdict;
use serde_json::json;

const REPETITIONS: u64 = 20;

/// Repeating four letters, with a model that learns it in a second.
fn study(seed: u64) -> Study {
    let file = json!({
        "version": 2,
        "preset": "repeat",
        "seed": seed,
        "settings": {
            "task": {"length": 8, "vocabulary": 4},
            "model": {"layers": 1, "width": 8, "heads": "1"},
            // Far above every norm of a gradient here, so that twice as much is the same.
            "train": {"steps": 60, "batch": 8, "warmup": 5, "clip": 50.0},
        },
        "variants": [
            {"name": "needed", "remove": "embed", "ablations": ["mean"]},
            {"name": "idle", "set": {"train.clip": 100.0}},
        ],
        // The unit is a repetition of the search: of a single search every seed shares the luck, and the A/A control then differs from the
        // reference more often than the level says.
        "search": {"trials": 4, "searches": 6},
        "final": {"seeds": 1},
        "recovery": {"budgets": [0.05], "rates": [1.0], "short_retrain": false},
    });
    read_study(file, &Models).expect("the study is valid")
}

/// Runs a study to its end.
fn run(study: &Study) -> Report {
    let (mut outcomes, mut weights) = (Outcomes::new(), BTreeMap::new());
    loop {
        let ready: Vec<Trial> = plan(study, &outcomes).into_iter().map(|planned| planned.trial).collect();
        if ready.is_empty() {
            return report(study, &outcomes).expect("losses are numbers");
        }
        for members in pack(&ready.iter().collect::<Vec<_>>(), Hardware::Cpu { cores: 1 }) {
            let trials: Vec<Trial> = members.into_iter().map(|index| ready[index].clone()).collect();
            let finished = pollster::block_on(async {
                let mut lane = Lane::new(&trials, &weights, &cpu())?;
                lane.step(u64::MAX).await?;
                lane.finish("CPU").await
            });
            for finished in finished.expect("the trials are valid") {
                weights.extend(finished.weights.map(|bytes| (finished.outcome.trial.clone(), bytes)));
                outcomes.insert(finished.outcome.trial.clone(), finished.outcome);
            }
        }
    }
}

#[test]
fn planted_truths_are_found_and_nothing_else() {
    let (mut needed, mut idle, mut aa_control) = (0, 0, 0);
    for seed in 0..REPETITIONS {
        let report = run(&study(seed));
        assert!(report.progress.complete);
        let [first, second] = &report.analysis.components[..] else { panic!("two components") };
        let verdict = |question: Question| first.answers[&question].verdict;
        assert!(matches!(verdict(Question::Necessity), Some(Verdict::Worse { .. })), "seed {seed}: {:?}", first.answers);
        assert!(matches!(verdict(Question::Disruption), Some(Verdict::Worse { .. })), "seed {seed}");
        needed += usize::from(matches!(first.combined, Some(Combined::Necessary | Combined::OverstatedByAblation)));
        let claims = |verdict: Option<Verdict>| matches!(verdict, Some(Verdict::Worse { .. } | Verdict::BetterWithout { .. }));
        idle += usize::from(claims(second.answers[&Question::Necessity].verdict));
        aa_control += usize::from(claims(report.analysis.aa_control.and_then(|answer| answer.verdict)));
    }
    assert_eq!(needed, 20, "a component that the task cannot do without is found every time");
    assert_eq!(idle, 0, "a change that cannot matter is never said to");
    // At a level of 0.05 one is expected, and more than three in 1.6 % of such tests.
    assert!(aa_control <= 3, "the reference differs from itself in {aa_control} of 20 studies");
}
