//! `analyze`: results of any framework, as text and as JSON, and tables that people really have.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Ended, ablation};

/// Analyses a table in a file of its own.
fn analyze(bytes: impl AsRef<[u8]>, options: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.csv");
    fs::write(&path, bytes).unwrap();
    ablation([&["analyze", path.to_str().unwrap()], options].concat())
}

fn vectors() -> Vec<Value> {
    let text = include_str!("statistics.json");
    serde_json::from_str::<Value>(text).unwrap()["cases"].as_array().unwrap().clone()
}

/// Rows `[component, arm, seed, value]` of a case of the vectors.
fn rows(case: &Value) -> Vec<[String; 4]> {
    let runs = |component: &str, arm: &str, values: &Value| -> Vec<[String; 4]> {
        let values = values.as_array().unwrap().iter().enumerate();
        values.map(|(seed, value)| [component.into(), arm.into(), seed.to_string(), value.to_string()]).collect()
    };
    let variants = case["variants"].as_object().unwrap().iter();
    runs("all", "reference", &case["ref"])
        .into_iter()
        .chain(variants.flat_map(|(name, values)| runs(name, "variant", values)))
        .collect()
}

fn csv(rows: &[[String; 4]]) -> String {
    "component,arm,seed,value\n".to_string() + &rows.iter().map(|row| row.join(",") + "\n").collect::<String>()
}

/// Asserts that every expected number, list and count is in `found`, to 1e-9 in proportion where numbers are large.
#[track_caller]
fn matches(found: &Value, expected: &Value, at: &str) {
    match expected {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| matches(&found[name], value, &format!("{at}.{name}"))),
        Value::Array(list) => {
            assert_eq!(found.as_array().map(Vec::len), Some(list.len()), "{at}: {found}");
            list.iter().enumerate().for_each(|(index, value)| matches(&found[index], value, &format!("{at}[{index}]")));
        }
        _ => {
            let (found, expected) = (found.as_f64().unwrap_or(f64::NAN), expected.as_f64().unwrap());
            assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{at}: {found} instead of {expected}");
        }
    }
}

#[test]
fn every_published_vector_is_reproduced() {
    for case in vectors() {
        let margin = case["margin"].to_string();
        for table in [csv(&rows(&case)), as_json(&rows(&case)).to_string()] {
            let found = analyze(table, &["--json", "--margin", &margin]).json();
            for (index, (name, expected)) in case["expect"].as_object().unwrap().iter().enumerate() {
                let component = &found["components"][index];
                assert_eq!(component["component"], *name);
                matches(component, expected, &format!("{}, {name}", case["name"]));
                matches(&component["arms"]["variant"], expected, "as an arm");
                for (test, values) in case["family"].as_object().unwrap() {
                    matches(&component["family"][test], &values[index], test);
                }
            }
            matches(&found["family"], &case["family"], &format!("{}, family", case["name"]));
        }
    }
}

#[test]
fn the_worked_example_gets_its_three_verdicts() {
    let table = csv(&rows(&vectors()[0]));
    let found = analyze(&table, &["--json", "--margin", "0.01"]).json();
    let verdict = |index: usize| (&found["components"][index]["verdict"], &found["components"][index]["extent"]);
    assert_eq!(verdict(0), (&json!("worse"), &json!("material")));
    assert_eq!(verdict(1), (&json!("equivalent"), &Value::Null));
    assert_eq!(verdict(2).0, "inconclusive");
    assert!(found["components"][2]["units_needed"].as_u64().unwrap() > 8);
    let text = analyze(&table, &["--margin", "0.01"]).worked();
    for words in
        ["3 components, 8 seeds", "worse, by the margin or more", "[0.0448, 0.0574]", "0.1328", "8 of 8", "inconclusive: "]
    {
        assert!(text.contains(words), "`{words}` in\n{text}");
    }
    assert!(text.lines().all(|line| line == line.trim_end()));
    let without = analyze(&table, &[]).worked();
    assert!(without.contains("no --margin") && !without.contains("of 8  equivalent"), "{without}");
}

/// Accuracies read as losses turn every verdict around, and no number looks wrong.
#[test]
fn a_model_that_is_better_without_anything_is_asked_about_the_direction() {
    let run =
        |component: &str, arm: &str, seed: usize, value: f64| [component.into(), arm.into(), seed.to_string(), value.to_string()];
    let runs = |seed: usize| {
        let noise = 0.001 * (seed * seed % 7) as f64;
        [run("all", "reference", seed, 0.9 + noise), run("a", "variant", seed, 0.8), run("b", "variant", seed, 0.7)]
    };
    let table = csv(&(0..8).flat_map(runs).collect::<Vec<_>>());
    let note = "every component came out better than the reference, if lower values are better; say `--direction higher` if they are \
                not, or `--direction lower`";
    analyze(&table, &[]).noted(note);
    for direction in ["higher", "lower"] {
        analyze(&table, &["--direction", direction]).worked();
    }
    // Gains that are negligible, and a gain of one alone, are no reason to ask.
    analyze(&table, &["--margin", "0.5"]).worked();
    let one: String = table.lines().filter(|line| !line.starts_with("b,")).map(|line| format!("{line}\n")).collect();
    analyze(&one, &[]).worked();
}

/// Programs read arrays by place: each has an element for every component, also for one whose runs failed.
#[test]
fn a_component_without_statistics_keeps_its_place() {
    let table = |a: &str, c: &str| {
        let mut table = "component,arm,seed,value\n".to_string();
        for seed in 0..6 {
            table += &format!(",reference,{seed},1.5{seed}\n");
            for (component, value) in [("a", a), ("b", "nan"), ("c", c)] {
                let value = if value == "nan" { value.to_string() } else { format!("{value}{}", seed * seed % 7) };
                table += &format!("{component},retrained,{seed},{value}\n");
            }
        }
        table
    };
    let found = analyze(table("2.5", "1.6"), &["--json", "--failed", "nan"]).json();
    for (test, values) in found["family"].as_object().unwrap() {
        let values = values.as_array().unwrap();
        assert!(values.len() == 3 && values[1].is_null(), "{test}: {values:?}");
    }
    assert!(found["family"]["maxT_step_down"][2].is_number());
    assert_eq!(found["components"][1]["reason"], "6 of 6 runs of the arm `retrained` failed");
    assert_eq!((&found["components"][1]["mean"], &found["components"][0]["reason"]), (&Value::Null, &Value::Null));

    let all_failed = table("nan", "nan");
    let found = analyze(&all_failed, &["--json", "--failed", "nan"]).json();
    assert_eq!(found["family"]["holm_on_t"], json!([null, null, null]));
    let csv = analyze(&all_failed, &["--format", "csv", "--failed", "nan"]).worked();
    assert_eq!(csv.lines().count(), 1 + 3, "{csv}");
    let card = analyze(&all_failed, &["--format", "md", "--failed", "nan"]).worked();
    assert!(card.contains("in the table: 18 runs, of which 18 failed"), "{card}");
    assert!(!card.contains("not measured yet") && !card.contains("no results yet;"), "{card}");
}

#[test]
fn copies_of_a_run_and_a_margin_that_no_value_reaches_are_said_in_every_form() {
    let mut table = "component,arm,seed,value\n".to_string();
    for seed in 0..12 {
        let run = seed % 6;
        table += &format!(",reference,{seed},0.9{run}1\na,retrained,{seed},0.8{}3\n", run * run % 7);
    }
    let copies = "12 of 12 seeds carry values that are identical to those of another seed in every arm";
    let margin = "is larger than every value in the table";
    for format in ["text", "md", "html", "card", "table", "latex"] {
        let out = analyze(&table, &["--margin", "1", "--format", format]).worked();
        assert!(out.contains(copies) && out.contains(margin), "{format}: {out}");
        assert!(!out.contains("solves the task exactly"), "{format}: {out}");
    }
    let found = analyze(&table, &["--margin", "1", "--json"]).worked();
    assert!(found.contains(copies) && found.contains(margin));
}

/// A swap that is an addition: rotary positions, and the learned ones are still there (256 positions of width 384 would be gone).
#[test]
fn a_part_that_is_still_there_is_given_away_by_the_parameters() {
    let losses = [1.6895, 1.6957, 1.7042, 1.6883];
    let arms =
        [("all", "reference", 10_745_088, 0.0), ("rope", "variant", 10_646_784, 0.04), ("kept", "variant", 10_745_088, 0.01)];
    let table = |column: &str, more: &str| {
        let mut table = format!("component,arm,seed,value,{column}\n");
        for (name, arm, parameters, gap) in arms {
            losses
                .iter()
                .enumerate()
                .for_each(|(seed, loss)| table += &format!("{name},{arm},{seed},{},{parameters}\n", loss + gap));
        }
        table + more
    };
    for column in ["n_params", "Parameters", "#params", "trainable parameters"] {
        for format in ["text", "html", "card"] {
            let out = analyze(table(column, ""), &["--format", format]).worked();
            assert!(out.contains("`rope` (variant) 98304 fewer"), "{format}: {out}");
            assert!(out.contains("`kept` (variant) has as many parameters as the reference"), "{format}: {out}");
        }
    }
    let uneven =
        analyze(table("params", "wide,variant,0,1.7,5\nwide,variant,1,1.7,6\nwide,variant,2,1.7,6\nwide,variant,3,1.7,6\n"), &[])
            .worked();
    assert!(uneven.contains("`wide` (variant) or of its reference differ in their number of parameters"), "{uneven}");
    let unmatched =
        analyze(table("params", "a,matched,0,1,5\na,matched,1,1,5\na,matched,2,1,5\na,matched,3,1,N/A\n"), &[]).worked();
    assert!(unmatched.contains("`a` (matched) has 5 parameters and the reference 10745088: it is not matched"), "{unmatched}");
    for wrong in ["10.7M", "-3", "1.5", "1e300"] {
        analyze(table("params", &format!("x,variant,0,1,{wrong}\n")), &[]).refused(&[
            wrong,
            "no count of parameters",
            "write a whole number",
        ]);
    }
    let json = r#"[{"component":"all","arm":"reference","seed":0,"value":1,"parameters":8},{"component":"a","arm":"variant","seed":0,"value":1.5,"parameters":8}]"#;
    assert!(analyze(json, &[]).worked().contains("as many parameters"));
}

fn as_json(rows: &[[String; 4]]) -> Value {
    let row = |[component, arm, seed, value]: &[String; 4]| json!({"component": component, "arm": arm, "seed": seed.parse::<u64>().unwrap(), "value": value.parse::<f64>().unwrap()});
    rows.iter().map(row).collect()
}

#[test]
fn the_dialect_of_the_file_makes_no_difference() {
    let rows = rows(&vectors()[1]);
    let plain = csv(&rows);
    let expected = analyze(&plain, &["--json"]).worked();
    let mut backwards = rows.clone();
    backwards.reverse();
    let columns = |order: [usize; 4], separator: &str, end: &str, quote: &str| {
        let header = ["component", "arm", "seed", "value"].map(String::from);
        let line = |row: &[String; 4]| order.map(|column| format!("{quote}{}{quote}", row[column])).join(separator) + end;
        std::iter::once(&header).chain(&rows).map(line).collect::<String>()
    };
    for (what, table) in [
        ("rows backwards", csv(&backwards)),
        ("columns in another order, semicolons, CRLF", columns([3, 1, 0, 2], ";", "\r\n", "")),
        ("tabs and quotes", columns([0, 1, 2, 3], "\t", "\n", "\"")),
        ("blanks around cells", columns([0, 1, 2, 3], " , ", "\n", "")),
        ("byte order mark", format!("\u{feff}{plain}")),
        ("no newline at the end", plain.trim_end().to_string()),
        ("blank lines and lines of separators only", plain.replace('\n', "\n,,,\n\n")),
        ("capitals in the header", plain.replace("component,arm", "Component,ARM")),
        ("capitals in arms", plain.replace("reference", "Reference").replace("variant", "VARIANT")),
        ("symbols for arms", plain.replace(",reference", ",R").replace(",variant", ",V")),
        ("empty component of the reference", plain.replace("all,", ",")),
        ("a dash", plain.replace("all,", "-,")),
        ("JSON", as_json(&rows).to_string()),
        ("JSON with rows", json!({"rows": as_json(&rows)}).to_string()),
        ("JSON with a mark and blanks", format!("\u{feff} \n{}", serde_json::to_string_pretty(&as_json(&backwards)).unwrap())),
    ] {
        assert_eq!(analyze(table, &["--json"]).worked(), expected, "{what}");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_ablation"))
        .args(["analyze", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(plain.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap(), expected, "standard input");
}

#[test]
fn columns_that_mean_nothing_are_ignored_and_named() {
    let plain = csv(&rows(&vectors()[1]));
    let wider = plain.replace('\n', ",x\n").replacen("value,x", "value,host", 1);
    let ended = analyze(&wider, &["--json"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), "note: not read: `host`\n"));
    assert_eq!(ended.out, analyze(&plain, &["--json"]).worked());
}

/// All arms of the protocol: ablation costs 1, of which recovery leaves 0.02; retraining without it costs nothing.
fn protocol(seeds: usize) -> String {
    let mut table = "component;arm;seed;value;budget\n".to_string();
    for seed in 0..seeds {
        let luck = (seed * seed % 7) as f64 * 0.01;
        let noise = (seed % 3) as f64 * 0.0001;
        let mut row = |component: &str, arm: &str, value: f64, budget: &str| {
            table.push_str(&format!("{component};{arm};s{seed};{};{budget}\n", value + luck));
        };
        row("", "reference", 1.5, "");
        row("", "aa", 1.5 - noise + 0.0001, "");
        for (budget, left) in [("0.05", 0.3), ("0.2", 0.02)] {
            row("", "sham", 1.49, budget);
            row("mlp", "recovered", 1.49 + left + noise, budget);
            row("mlp", "short-retrain", 2.0 + noise, budget);
        }
        for (component, harm) in [("mlp", 0.0), ("attention", 0.5)] {
            row(component, "ablated", 2.5 + harm + noise, "");
            row(component, "retrained", 1.5 + harm + noise - 0.0001, "");
            row(component, "retrained-untuned", 1.6 + harm - noise, "");
        }
    }
    table
}

#[test]
fn all_arms_of_the_protocol_give_combined_verdicts() {
    let found = analyze(protocol(8), &["--json", "--margin", "0.05"]).json();
    let [attention, mlp] = &found["components"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&mlp["combined"], &attention["combined"]), (&json!("co_adapted"), &json!("overstated_by_ablation")));
    assert_eq!((&mlp["question"], &mlp["verdict"]), (&json!("necessity"), &json!("equivalent")));
    let mean = |component: &Value, arm: &str| component["arms"][arm]["mean"].as_f64().unwrap();
    assert!((mean(mlp, "disruption") - 1.0).abs() < 1e-3 && (mean(attention, "necessity") - 0.5).abs() < 1e-3);
    assert_eq!(mlp["recovery"][1]["budget"], 0.2);
    assert_eq!(found["ranks"]["components"], json!([0, 1]));
    assert_eq!(found["noise_floor_exceeded"], false);
    let text = analyze(protocol(8), &["--margin", "0.05"]).worked();
    for words in [
        "mlp: co-adapted, not necessary; untuned gap misleading",
        "attention: useful, overstated by ablation",
        "A/A control",
        "D − R",
    ] {
        assert!(text.contains(words), "`{words}` in\n{text}");
    }
}

#[test]
fn the_table_of_verdicts_comes_in_the_formats_of_papers() {
    let format = |name: &str| analyze(protocol(8), &["--margin", "0.05", "--format", name]).worked();
    assert!(format("table").contains("| mlp | 1.00 "), "{}", format("table"));
    assert!(format("latex").contains("\\toprule"));
    assert_eq!(format("csv").lines().count(), 1 + 7 + 5 + 1, "a row a gap, and the A/A control");
    analyze(protocol(2), &["--format", "csv", "--json"]).refused(&["--json"]);
}

#[test]
fn higher_may_be_better() {
    let table = csv(&rows(&vectors()[0])).replace(",1.", ",0.");
    let verdict = |options: &[&str]| analyze(&table, &[options, &["--json"]].concat()).json()["components"][0].clone();
    let (lower, higher) = (verdict(&[]), verdict(&["--direction", "higher"]));
    assert_eq!((&lower["verdict"], &higher["verdict"]), (&json!("worse"), &json!("better-without")));
    assert_eq!(lower["mean"], higher["mean"], "a gap is arm minus reference, whatever is better");
}

#[test]
fn one_seed_is_analysed_without_a_verdict() {
    let table = "component,arm,seed,value\n,reference,a,1\nx,ablated,a,2\n";
    let found = analyze(table, &["--json", "--margin", "0.1"]).json();
    let component = &found["components"][0];
    assert_eq!((&component["n"], &component["mean"], &component["verdict"]), (&json!(1), &json!(1.0), &Value::Null));
    assert!(component["sd"].is_null() && component["ci95"].is_null() && component["combined"].is_null());
    assert!(analyze(table, &[]).worked().contains("One seed: no verdict;"));
}

/// Five seeds cannot find a difference, so they do not find that there is none either, and this is read first.
#[test]
fn too_few_seeds_are_said_before_any_number() {
    let table = |seeds: usize| {
        let runs = (0..seeds).flat_map(|seed| {
            [["all", "reference", "1"], ["a", "variant", "1.0001"]]
                .map(|[component, arm, value]| [component.to_string(), arm.to_string(), seed.to_string(), value.to_string()])
        });
        csv(&runs.collect::<Vec<_>>())
    };
    let verdict = |seeds: usize| analyze(table(seeds), &["--margin", "0.1", "--json"]).json()["components"][0]["verdict"].clone();
    assert_eq!((verdict(5), verdict(7)), ("inconclusive".into(), "worse".into()));
    let text = |seeds: usize| analyze(table(seeds), &["--margin", "0.1"]).worked();
    assert!(text(5).lines().nth(1).unwrap().starts_with("5 seeds: the sign-flip test needs 6 for a p-value below 0.05"));
    assert!(!text(7).contains("the sign-flip test needs"));
}

/// Whoever trained elsewhere gets the card and the figures too.
#[test]
fn a_table_has_a_card_and_figures() {
    let card = |name: &str| analyze(protocol(8), &["--margin", "0.05", "--format", name]).worked();
    let markdown = card("md");
    let begins = "# Protocol card: runs\n\n## Summary of results\n\n* ";
    assert!(markdown.starts_with(begins), "{}", &markdown[..200]);
    for number in 0..15 {
        assert!(markdown.contains(&format!("\n## {number}. ")), "section {number}");
    }
    for words in [
        "* **table sha256**: ",
        "in the table: 8 runs",
        "not applicable: a table of results does not say",
        "ablation analyze TABLE --margin 0.05",
    ] {
        assert!(markdown.contains(words), "`{words}` in\n{markdown}");
    }
    let page = card("html");
    assert!(
        page.starts_with("<!doctype html>") && page.matches("<svg").count() >= 3 && page.contains("<h2>Summary of results</h2>")
    );
    let json: Value = serde_json::from_str(&card("card")).unwrap();
    assert_eq!((json["schema"].as_str(), json["sections"].as_array().map(Vec::len)), (Some("ablation-card/v1"), Some(15)));
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn");
    analyze(protocol(8), &["--margin", "0.05", "--svg", drawn.to_str().unwrap()]).worked();
    let contrast = fs::read_to_string(drawn.join("contrast.svg")).unwrap();
    assert!(contrast.contains("<title>Disruption and necessity: runs</title>"), "{contrast}");
    // Where higher is better lower is worse, in every seed.
    let table = csv(&(0..8)
        .flat_map(|seed| {
            [["all", "reference", "0.9"], ["a", "ablated", "0.4"]]
                .map(|[component, arm, value]| [component.to_string(), arm.to_string(), seed.to_string(), value.to_string()])
        })
        .collect::<Vec<_>>());
    let found: Value = serde_json::from_str(&analyze(table, &["--direction", "higher", "--format", "card"]).worked()).unwrap();
    let item = |section: usize, name: &str| {
        let items = found["sections"][section]["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == name).unwrap()["content"].clone()
    };
    let gaps = item(8, "gaps");
    let column = gaps["columns"].as_array().unwrap().iter().position(|name| name == "P(worse)").unwrap();
    let share = |column: usize| gaps["rows"][0][column].as_f64();
    assert_eq!((share(column), share(column + 2)), (Some(1.0), Some(1.0)));
    assert!(item(1, "found")["items"][0].as_str().unwrap().starts_with("a: the ablated model is worse by 0.50"));
    // What is left out is on the card as well.
    let table = "component,arm,seed,value\n,R,1,1\n,R,2,1\n,R,3,1\nx,D,1,2\nx,D,2,2\nx,D,3,2\nx,N,1,1\nx,N,2,1\n";
    let partial = analyze(table, &["--partial", "--format", "md"]);
    assert!(partial.out.contains("| necessity | 3 |") && partial.out.contains("TABLE --partial"), "{}", partial.out);
}

/// All seeds are worse, and one by a hundred times as much as the others.
#[test]
fn where_test_and_interval_differ_it_is_said() {
    let runs = (0..10).flat_map(|seed| {
        let worse = if seed == 3 { 9.0 } else { 0.1 + 0.001 * f64::from(seed) };
        [["all", "reference", "1"], ["a", "ablated", &(1.0 + worse).to_string()]]
            .map(|[component, arm, value]| [component.to_string(), arm.to_string(), seed.to_string(), value.to_string()])
    });
    let text = analyze(csv(&runs.collect::<Vec<_>>()), &[]).worked();
    assert!(text.contains("  worse\n") && text.contains("the sign of the difference is supported and its size is not"), "{text}");
}

#[test]
fn a_component_may_have_a_reference_of_its_own() {
    let table = "component,arm,seed,value\nall,R,1,1\nall,R,2,2\na,R,1,5\na,R,2,5\na,V,1,6\na,V,2,6\nb,V,1,2\nb,V,2,2\n";
    let found = analyze(table, &["--json"]).json();
    assert_eq!((&found["components"][0]["mean"], &found["components"][1]["mean"]), (&json!(1.0), &json!(0.5)));
}

#[test]
fn a_partial_table_uses_the_seeds_that_all_arms_have() {
    let table = "component,arm,seed,value\n,R,1,1\n,R,2,1\n,R,3,1\nx,D,1,2\nx,D,2,2\nx,D,3,2\nx,N,1,1\nx,N,2,1\n";
    analyze(table, &[]).refused(&["component `x` lacks the seed `3` in the arm `retrained`", "--partial"]);
    let out = analyze(table, &["--json", "--partial"]).noted("left out of necessity, co-adaptation gap, for lack of a run: `3`");
    let found: Value = serde_json::from_str(&out).unwrap();
    let arms = &found["components"][0]["arms"];
    assert_eq!((&arms["necessity"]["n"], &arms["disruption"]["n"]), (&json!(2), &json!(3)));
    let strangers = "component,arm,seed,value\n,R,1,1\nx,D,2,2\n";
    analyze(strangers, &["--partial"]).refused(&["nothing can be asked of component `x`"]);
}

#[test]
fn what_the_table_does_not_answer_is_said() {
    let table: String = (0..8).map(|seed| format!(",R,{seed},1\nx,D,{},2\nx,N,{seed},1.{seed}\n", seed + 100)).collect();
    let table = format!("component,arm,seed,value\n{table}");
    let note = "no seed has all that these compare: `disruption`";
    let err = analyze(&table, &["--partial"]).err;
    assert!(err.contains(note) && err.contains("left out of necessity"), "{err}");
    // Numbers without a verdict say what one would take.
    let ablated: String = (0..8).map(|seed| format!(",R,{seed},1\nx,D,{seed},2.{seed}\n")).collect();
    let text = analyze(format!("component,arm,seed,value\n{ablated}"), &[]).worked();
    assert!(
        text.ends_with("\nx: no verdict\n  A verdict on necessity takes an arm `retrained`, which is missing from the table.\n"),
        "{text}"
    );
}

/// Every refusal names the file, the place and the way out.
#[test]
fn what_cannot_be_analysed_is_refused() {
    const GOOD: &str = "component,arm,seed,value\n,reference,0,1\na,ablated,0,2\n";
    let refused = |table: &str, words: &[&str]| analyze(table, &[]).refused(&[words, &["runs.csv"]].concat());
    refused("", &["it is empty", "component,arm,seed,value"]);
    refused(" \n\n", &["it is empty"]);
    refused("\u{feff}", &["it is empty"]);
    refused("a,ablated,0,2\nb,ablated,0,3\n", &["line 1 is no header but a run"]);
    refused("component,arm,seed,value\n", &["no rows"]);
    refused("component,arm,seed,loss\n", &["no column `value`", "`loss`", "the column with the loss or score"]);
    refused("model,arm,seed,value\n", &["no column `component`", "`model`"]);
    refused("component,arm,value\n", &["no column `seed`"]);
    refused("component,seed,value\n", &["no column `arm`"]);
    refused("component,arm,seed,value,seed\n", &["the column `seed` twice"]);
    refused(&GOOD.replace("ablated", "ablatd"), &["line 3, column `arm`: there is no arm `ablatd`; did you mean `ablated`?"]);
    refused(
        &GOOD.replace(",2\n", ",nan\n"),
        &["line 3, column `value`: `nan` cannot be averaged", "a run that diverged", "`--failed nan`"],
    );
    refused(&GOOD.replace(",2\n", ",Infinity\n"), &["line 3, column `value`"]);
    refused(&GOOD.replace(",2\n", ",\n"), &["line 3, column `value`: it is empty"]);
    refused(&GOOD.replace(",2\n", ",1e300\n"), &["line 3, column `value`", "beyond 1e100"]);
    refused(&(GOOD.to_string() + "a,ablated,0,3\n"), &["line 4: component `a` has arm `ablated` and seed `0` already", "line 3"]);
    refused(&(GOOD.to_string() + "a,ablated,1,3\n"), &["lacks the seed `1` in the arm `reference`"]);
    refused(&GOOD.replace(",reference", "b,ablated"), &["no reference"]);
    refused(&GOOD.replace(",2\n", "\n"), &["line 3 has 3 cells where the header has 4"]);
    refused(&GOOD.replace(",2\n", ",2,5\n"), &["line 3 has 5 cells where the header has 4"]);
    refused(&(GOOD.to_string() + "\"a,ablated,1,3\n"), &["line 4 has 1 cells", "close every quote"]);
    refused("component,arm,seed,value\n,reference,0,\"1,5\"\n", &["line 2, column `value`", "write a decimal point: 1.5"]);
    refused("component,arm,seed,value\n-,reference,0,0,3295\n", &["line 2 has 5 cells", "a decimal comma made two cells"]);
    refused(
        "component;arm;seed;value\n-;reference;1;22. Mai\n",
        &["line 2, column `value`", "`22. Mai` is not a number", "a date"],
    );
    refused(&GOOD.replace(",2\n", ",98.0±1.4\n"), &["line 3, column `value`", "a mean with its spread", "a row for each run"]);
    // Not text of the right kind.
    analyze([0xff, 0xfe, b'a'], &[]).refused(&["UTF-16", "save it as UTF-8"]);
    analyze(b"component,arm,seed,value\nk\x81rper,ablated,0,1\n", &[])
        .refused(&["neither UTF-8 nor Windows-1252", "(line 2, byte 26)"]);
    // JSON.
    let row = r#"{"component": "a", "arm": "ablated", "seed": 0, "value": 1}"#;
    refused(&format!("[{row}, {}", &row[..30]), &["ends in the middle", "cut off"]);
    refused("[", &["ends in the middle"]);
    refused("[1]", &["row 1 is 1; write an object such as"]);
    refused(&format!("[{row}] {row}"), &["not JSON of this shape"]);
    refused(r#"{"data": []}"#, &["a list called `rows`"]);
    refused(r#"{"rows": 3}"#, &["expected a list of rows"]);
    refused("[]", &["no rows"]);
    refused(&format!("[{}]", row.replace("1}", "\"1\"}")), &["row 1, column `value`: \"1\" cannot be used; write a number"]);
    refused(&format!("[{}]", row.replace("1}", "null}")), &["row 1, column `value`: it is empty"]);
    refused(&format!("[{}]", row.replace("1}", "NaN}")), &["JSON has no NaN"]);
    refused(&format!("[{}]", row.replace("0,", "[0],")), &["row 1, column `seed`: [0] cannot be used"]);
    refused(&format!("[{}]", row.replace("\"a\"", "7")), &["row 1, column `component`: 7 cannot be used; write a text"]);
    refused(&format!("[{}]", row.replace("\"seed\": 0, ", "")), &["row 1 has no `seed`"]);
    refused(&format!("[{}]", row.replace("1}", "1e999}")), &["number out of range"]);
    refused(&"[".repeat(100_000), &["not JSON of this shape"]);
    // Options and files.
    for margin in ["0", "-0.1", "nan", "inf"] {
        analyze(GOOD, &["--margin", margin]).refused(&["--margin", "larger than 0"]);
    }
    ablation(["analyze", "no/such.csv"]).refused(&["no/such.csv", "cannot be read"]);
    #[cfg(unix)]
    ablation(["analyze", "/dev/zero"]).refused(&["more than 268435456 bytes"]);
}

#[test]
fn names_cannot_steer_the_terminal() {
    let text = analyze("component,arm,seed,value\n,R,0,1\n\"\u{1b}[2Jx\ny\",V,0,2\n", &[]).worked();
    assert!(!text.contains('\u{1b}') && text.contains("\\u001b[2Jx\\u000ay"), "{text}");
}

#[test]
fn a_hundred_thousand_rows_are_no_trouble() {
    let mut table = "component,arm,seed,value\n".to_string();
    for seed in 0..1000 {
        table.push_str(&format!(",reference,{seed},{}\n", seed % 17));
        for component in 0..99 {
            table.push_str(&format!("c{component},variant,{seed},{}\n", (seed * 31 + component * seed) % 23));
        }
    }
    let found = analyze(table, &["--json"]).json();
    assert_eq!((found["components"].as_array().unwrap().len(), &found["components"][98]["n"]), (99, &json!(1000)));
    assert_eq!(found["components"][10]["component"], "c10");
}

#[test]
fn help_shows_a_table() {
    let help = ablation(["analyze", "--help"]).worked();
    for words in ["component,arm,seed,value", "retrained", "--margin <X>", "--partial"] {
        assert!(help.contains(words), "{words}");
    }
}

/// Rows of one reference and one variant in six seeds, as different programs save them.
const SAVED: &str = "component,arm,seed,value\n\
    -,reference,1000,0.3295\n-,reference,1001,0.4008\n-,reference,1002,0.4915\n\
    graph,retrained-untuned,1000,0.2364\ngraph,retrained-untuned,1001,0.201\ngraph,retrained-untuned,1002,0.326\n";

#[test]
fn every_spreadsheet_saves_the_same_table() {
    let expected = analyze(SAVED, &["--json"]).worked();
    let commas = SAVED.replace(',', ";").replace('.', ",");
    let utf16 = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{}", SAVED.replace(',', "\t")).encode_utf16().flat_map(unit).collect()
    };
    let quoted: String =
        SAVED.lines().map(|line| format!("\"{}\"\n", line.split(',').collect::<Vec<_>>().join("\",\""))).collect();
    let percent = SAVED.replace("0.3295", "32.95 %").replace("0.4008", "40.08%").replace("0.4915", "49.15\u{a0}%");
    let percent = percent.replace("0.2364", "23.64 %").replace("0.201", "20.10 %").replace("0.326\n", "32.60 %\n");
    for (what, table) in [
        ("semicolons and decimal commas", commas.clone().into_bytes()),
        ("the same with a mark and CRLF", format!("\u{feff}{}", commas.replace('\n', "\r\n")).into_bytes()),
        ("CR only", SAVED.replace('\n', "\r").into_bytes()),
        ("sep=", format!("sep=;\n{commas}").into_bytes()),
        ("sep= of commas, CRLF", format!("sep=,\n{SAVED}").replace('\n', "\r\n").into_bytes()),
        ("UTF-16, little end first", utf16(u16::to_le_bytes, "\u{feff}")),
        ("UTF-16, big end first", utf16(u16::to_be_bytes, "\u{feff}")),
        ("UTF-16 without a mark", utf16(u16::to_le_bytes, "")),
        ("quotes and rows of nothing", format!("{quoted}\n\n,,,\n").into_bytes()),
        ("no-break spaces", SAVED.replace("0.3295", "\u{a0}0.3295\u{a0}").into_bytes()),
        ("plus and minus of typography", SAVED.replace("0.201", "+0.201").into_bytes()),
        ("JSON that repeats no key", as_json_table(SAVED).into_bytes()),
    ] {
        assert_eq!(analyze(table, &["--json"]).worked(), expected, "{what}");
    }
    let read = analyze(percent, &["--json"]);
    assert_eq!(read.out, expected);
    assert!(read.err.starts_with("note: the values are in per cent and read as shares"), "{}", read.err);
    let latin: Vec<u8> =
        SAVED.replace("graph", "R_ckkopplung").bytes().map(|byte| if byte == b'_' { 0xfc } else { byte }).collect();
    let read = analyze(latin, &["--json"]);
    assert!(read.out.contains("Rückkopplung") && read.err.contains("read as Windows-1252"), "{}", read.err);
    // What can be read in two ways is read in none.
    let mixed = "component;arm;seed;value\n-;reference;1;1.234,5\n-;reference;2;1.201,2\ng;variant;1;987,1\ng;variant;2;1002.3\n";
    analyze(mixed, &[])
        .refused(&["line 5, column `value`: `1002.3` has a decimal point, and `1.234,5` at line 2 a decimal comma"]);
    analyze(SAVED.replace("0.4008", "40.08%"), &[])
        .refused(&["line 3, column `value`: `40.08%` has a per cent sign, and `0.3295` at line 2"]);
}

/// The rows of a table as JSON.
fn as_json_table(table: &str) -> String {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{{\"component\": \"{}\", \"arm\": \"{}\", \"seed\": {}, \"value\": {}}}", cells[0], cells[1], cells[2], cells[3])
    };
    format!("[{}]", table.lines().skip(1).map(row).collect::<Vec<_>>().join(",\n"))
}

/// An editor and the message count the same lines, whatever ends them.
#[test]
fn messages_have_the_line_and_the_column_as_they_stand_in_the_file() {
    let table = "Component,ARM,Seed,Val\u{a0}\n\n,reference,0,1\na,ablated,0,x\n".replace("Val\u{a0}", "Value");
    for end in ["\n", "\r\n", "\r"] {
        analyze(table.replace('\n', end), &[]).refused(&["line 4, column `Value`: `x` is not a number"]);
        let with_separator = format!("sep=,\n{table}").replace('\n', end);
        analyze(with_separator, &[]).refused(&["line 5, column `Value`"]);
        analyze(table.replace("a,ablated", "\"a\nb\",ablated").replace('\n', end), &[]).refused(&["line 4, column `Value`"]);
        analyze(table.replace(",x", "").replace('\n', end), &[]).refused(&["line 4 has 3 cells"]);
    }
    analyze("component,ARM,arm,seed,value\n", &[]).refused(&["as `ARM` and as `arm`"]);
    analyze("[{\"Component\": \"a\", \"Arm\": \"ablatd\", \"seed\": 0, \"VALUE\": 1}]", &[]).refused(&["row 1, column `Arm`"]);
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    let row = r#"{"component": "a", "arm": "ablated", "seed": 0, "value": 1"#;
    analyze(format!("[{row}, \"value\": 2}}]"), &[]).refused(&["row 1 has one field twice, `value`; keep one of them"]);
    analyze(format!("[{row}, \"Value\": 2}}]"), &[]).refused(&["row 1 has one field twice, `value` and `Value`"]);
}

/// Six seeds in which one arm is the reference, one is another arm, and one is really different.
fn not_connected() -> String {
    let mut table = "component,arm,seed,value\n".to_string();
    for (seed, value) in [0.8123, 0.809, 0.8144, 0.8101, 0.8117, 0.8099].into_iter().enumerate() {
        let near = value + 0.0001 * (seed % 2) as f64;
        table += &format!("-,reference,{seed},{value}\npositions,retrained-untuned,{seed},{value}\n");
        table += &format!("gate,retrained-untuned,{seed},{near}\ncopy,retrained-untuned,{seed},{near}\n");
        table += &format!("bias,retrained-untuned,{seed},{}\n", value + 0.00005 * (seed % 3) as f64);
    }
    table
}

#[test]
fn a_switch_that_is_not_connected_is_unchanged_and_never_equivalent() {
    for margin in ["0.01", "1", "1000000"] {
        let found = analyze(not_connected(), &["--json", "--margin", margin]).json();
        let verdict = |name: &str| {
            let all = found["components"].as_array().unwrap();
            all.iter().find(|component| component["component"] == name).unwrap()["verdict"].clone()
        };
        assert_eq!(["positions", "gate", "copy", "bias"].map(verdict), ["unchanged", "unchanged", "unchanged", "equivalent"]);
        let names = |group: &Value| group.as_array().unwrap().iter().map(|one| one["component"].clone()).collect::<Vec<_>>();
        let groups: Vec<Vec<Value>> = found["identical"].as_array().unwrap().iter().map(names).collect();
        assert_eq!(groups, [vec![Value::Null, "positions".into()], vec!["copy".into(), "gate".into()]]);
    }
    let output = |format: &str| analyze(not_connected(), &["--margin", "0.01", "--format", format]).worked();
    let text = output("text");
    for words in [
        "unchanged: identical in every seed",
        "same in every seed",
        "Identical in every seed: the reference, `positions` (retrained without, untuned). Nothing was changed between them, or the switch is not",
        "Identical in every seed: `copy` (retrained without, untuned), `gate` (retrained without, untuned).",
    ] {
        assert!(text.contains(words), "`{words}` in\n{text}");
    }
    for format in ["md", "html", "card", "table", "latex"] {
        assert!(output(format).contains("dentical in every seed"), "{format}");
    }
    let row = |name: &str| output("csv").lines().find(|line| line.starts_with(name)).unwrap().to_string();
    assert!(
        row("positions").contains(",unchanged,") && row("gate").contains(",unchanged,") && row("bias").contains(",equivalent,")
    );
    // One seed is enough to see that every digit is the same, and a combined verdict says it too.
    let one = "component,arm,seed,value\n,reference,0,0.5462\na,variant,0,0.5462\nb,ablated,0,0.7\nb,retrained,0,0.5462\n";
    let found = analyze(one, &["--json", "--margin", "0.1"]).json();
    assert_eq!(
        (&found["components"][0]["verdict"], &found["components"][1]["combined"]),
        (&json!("unchanged"), &json!("unchanged"))
    );
    assert!(analyze(one, &[]).worked().contains("\nb: unchanged\n  Two arms have the same values in every seed"));
}

#[test]
fn ties_at_the_limit_of_a_metric_have_a_p_value_of_one() {
    let mut table = "component,arm,seed,value\n".to_string();
    for seed in 0..3 {
        table += &format!("-,reference,{seed},1.0\nB,variant,{seed},1.0\nA,variant,{seed},0.37{seed}\n");
    }
    let found = analyze(&table, &["--json", "--direction", "higher"]).json();
    let arm = |index: usize| &found["components"][index];
    assert_eq!((&arm(1)["verdict"], &arm(1)["p_t"], &arm(1)["signflip"]), (&json!("unchanged"), &json!(1.0), &json!([8, 8])));
    assert_eq!(arm(0)["signflip"], json!([2, 8]));
    let text = analyze(&table, &["--direction", "higher"]).worked();
    assert!(
        text.contains("the best value of the table, 1, in 3 of 3 seeds") && text.contains("(with these the smallest is 0.25"),
        "{text}"
    );
    assert!(!text.contains("NaN"));
}

#[test]
fn runs_that_failed_are_counted_and_not_averaged() {
    let mut table = "component,arm,seed,value\n".to_string();
    for (seed, walk) in ["1000000.0", "16.2302303", "1000000.0", "1000000.0", "0.3251022"].into_iter().enumerate() {
        table += &format!(
            "-,reference,{seed},0.0851\nvote,retrained-untuned,{seed},0.2{seed}\nwalk,retrained-untuned,{seed},{walk}\n"
        );
    }
    let question = "column `value`: 1000000 (line 4, line 10, line 13) lies far outside of all other values";
    analyze(&table, &[]).refused(&[question, "`--failed 1000000`", "`--failed none`"]);
    let text = analyze(&table, &["--failed", "1000000"]).worked();
    assert!(
        text.contains("3 of 5 runs of `walk` (retrained-untuned) failed (seeds `0`, `2`, `3`)") && !text.contains("600003"),
        "{text}"
    );
    assert!(text.contains("The reference has the same value in every seed (0.08510)"), "{text}");
    let found = analyze(&table, &["--failed", "1000000", "--json"]).json();
    assert_eq!((&found["failures"][0]["failed"], &found["failures"][0]["runs"]), (&json!(3), &json!(5)));
    assert_eq!((&found["components"][1]["component"], &found["components"][1]["n"]), (&json!("walk"), &Value::Null));
    for format in ["md", "html", "card", "table", "latex", "csv"] {
        assert!(!analyze(&table, &["--failed", "1e6", "--format", format]).worked().contains("600003"), "{format}");
    }
    assert!(analyze(&table, &["--failed", "none"]).worked().contains("walk"));
    let note = "no run is marked as failed by `--failed 777`: that value is not in the table";
    analyze(&table, &["--failed", "1000000", "--failed", "777"]).noted(note);
    analyze(&table, &["--failed", "none", "--failed", "3"]).refused(&["`--failed none`"]);
    analyze(&table, &["--failed", "x"]).refused(&["give a number such as 1000000"]);
    let nan = table.replace("1000000.0", "NaN");
    assert!(analyze(nan, &["--failed", "nan"]).worked().contains("3 of 5 runs of `walk`"));
}

#[test]
fn seeds_are_paired_by_what_they_are_and_not_by_how_they_are_spelt() {
    let spelt = |spell: fn(usize) -> String| {
        let runs = (0..6).map(|seed| {
            let back = 5 - seed;
            format!("-,reference,{seed},{}\npart,retrained-untuned,{},{}\n", 10 * seed, spell(back), 10 * back + 1)
        });
        format!("component,arm,seed,value\n{}", runs.collect::<String>())
    };
    for spell in
        [|seed: usize| seed.to_string(), |seed| format!("{seed}.0"), |seed| format!("0{seed}"), |seed| format!("seed_{seed}")]
    {
        let found: Value = serde_json::from_str(&analyze(spelt(spell), &["--json"]).out).unwrap();
        let component = &found["components"][0];
        assert_eq!((&component["mean"], &component["sd"], &component["n"]), (&json!(1.0), &json!(0.0), &json!(6)));
    }
    assert!(
        analyze(spelt(|seed| format!("{seed}.0")), &[])
            .err
            .contains("seeds that are spelt in several ways are taken as one: `0`, `0.0` as `0`")
    );
    let text = analyze(spelt(|seed| seed.to_string()), &[]).worked();
    assert!(text.contains("same in every seed"), "an interval without width: {text}");
}

/// What a table does not say is not claimed, and what holds of many is said once.
#[test]
fn a_foreign_table_is_not_credited_with_a_search_and_notes_are_not_repeated() {
    let mut table = "component,arm,seed,value\n".to_string();
    for seed in 0..8 {
        table += &format!(",R,{seed},1.{seed}\n");
        for component in ["a", "b", "c"] {
            table += &format!("{component},D,{seed},2.{seed}{}\n", component.len() + seed % 3);
        }
    }
    for format in ["text", "md", "html", "card", "table", "latex"] {
        let out = analyze(&table, &["--format", format]).err + &analyze(&table, &["--format", format]).out;
        assert!(!out.contains("own search") && !out.contains("own hyper-parameter search"), "{format}: {out}");
    }
    let text = analyze(&table, &[]).worked();
    assert!(text.contains("Arms as the table labels them: R = reference; D = ablated."), "{text}");
    assert!(text.contains("\na, b, c: no verdict\n") && text.matches("A verdict on necessity takes").count() == 1, "{text}");
}

/// Escapes, controls of both sets and of the bidirectional algorithm, in every format.
#[test]
fn what_steers_is_shown_as_an_escape_in_every_format() {
    const STEERING: [char; 16] = [
        '\u{1b}', '\u{7}', '\u{7f}', '\u{9b}', '\u{85}', '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202d}',
        '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    let name: String = STEERING.iter().map(|c| format!("x{c}")).collect();
    let table = format!("component,arm,seed,value,{name}\n,R,0,1,\n,R,1,1.5,\n\"{name}\",D,0,2,\n\"{name}\",D,1,2,\n");
    let mut outputs: Vec<Ended> = ["text", "md", "html", "card", "table", "latex", "csv"]
        .iter()
        .map(|format| analyze(&table, &["--format", format]))
        .collect();
    outputs.push(analyze(&table, &["--json"]));
    outputs.push(analyze(table.replace(",2,", ",oops,"), &[]));
    outputs.push(analyze(table.replace(",D,", &format!(",{name},")), &[]));
    for ended in &outputs {
        let out = format!("{}{}", ended.out, ended.err).replace("\r\n", "\n");
        assert!(!out.contains(|c: char| STEERING.contains(&c)), "{out:?}");
    }
    assert!(outputs[0].out.contains("x\\u202e") && outputs[7].out.contains("x\\u202e"));
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn");
    analyze(&table, &["--svg", drawn.to_str().unwrap(), "--json"]);
    for file in fs::read_dir(drawn).unwrap() {
        let svg = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!svg.contains(|c: char| STEERING.contains(&c)));
    }
}

/// A reader that compares every column with every other one would take minutes.
#[test]
fn a_hundred_thousand_columns_are_no_trouble() {
    let names: String = (0..100_000).map(|column| format!(",c{column}")).collect();
    let row = |start: &str| format!("{start}{}\n", ",1".repeat(100_000));
    let table = format!("component,arm,seed,value{names}\n{}{}", row(",R,0,1"), row("a,V,0,2"));
    let ended = analyze(table, &["--json"]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.err.ends_with("`c19` and 99980 more\n") && ended.err.len() < 1000, "{}", ended.err);
}
