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
    assert!(found["components"][2]["blocks"].as_u64().unwrap() > 8);
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

/// All arms of the protocol: cutting costs 1, of which healing leaves 0.02; never having had it costs nothing.
fn protocol(seeds: usize) -> String {
    let mut table = "component;arm;seed;value;budget\n".to_string();
    for seed in 0..seeds {
        let luck = (seed * seed % 7) as f64 * 0.01;
        let noise = (seed % 3) as f64 * 0.0001;
        let mut row = |component: &str, arm: &str, value: f64, budget: &str| {
            table.push_str(&format!("{component};{arm};s{seed};{};{budget}\n", value + luck));
        };
        row("", "reference", 1.5, "");
        row("", "placebo", 1.5 + noise - 0.0001, "");
        for (budget, left) in [("0.05", 0.3), ("0.2", 0.02)] {
            row("", "sham", 1.49, budget);
            row("mlp", "healed", 1.49 + left + noise, budget);
            row("mlp", "relearn", 2.0 + noise, budget);
        }
        for (component, harm) in [("mlp", 0.0), ("attention", 0.5)] {
            row(component, "cut", 2.5 + harm + noise, "");
            row(component, "retrained-own", 1.5 + harm + noise - 0.0001, "");
            row(component, "retrained-same", 1.6 + harm - noise, "");
        }
    }
    table
}

#[test]
fn all_arms_of_the_protocol_give_combined_verdicts() {
    let found = analyze(protocol(8), &["--json", "--margin", "0.05"]).json();
    let [attention, mlp] = &found["components"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!((&mlp["combined"], &attention["combined"]), (&json!("co_adapted"), &json!("overstated")));
    assert_eq!((&mlp["question"], &mlp["verdict"]), (&json!("necessity"), &json!("equivalent")));
    let mean = |of: &Value, arm: &str| of["arms"][arm]["mean"].as_f64().unwrap();
    assert!((mean(mlp, "disruption") - 1.0).abs() < 1e-3 && (mean(attention, "necessity") - 0.5).abs() < 1e-3);
    assert_eq!(mlp["healing"][1]["budget"], 0.2);
    assert_eq!(found["ranks"]["components"], json!([0, 1]));
    assert_eq!(found["noise_floor_exceeded"], false);
    let text = analyze(protocol(8), &["--margin", "0.05"]).worked();
    for words in [
        "mlp: co-adapted, not necessary; untuned gap misleading",
        "attention: useful, overstated by ablation",
        "placebo",
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
    assert_eq!(format("csv").lines().count(), 1 + 7 + 5 + 1, "a row a gap, and the placebo");
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
    let table = "component,arm,seed,value\n,reference,a,1\nx,cut,a,2\n";
    let found = analyze(table, &["--json", "--margin", "0.1"]).json();
    let component = &found["components"][0];
    assert_eq!((&component["n"], &component["mean"], &component["verdict"]), (&json!(1), &json!(1.0), &Value::Null));
    assert!(component["sd"].is_null() && component["ci95"].is_null() && component["combined"].is_null());
    assert!(analyze(table, &[]).worked().contains("one seed: no verdict;"));
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
    assert!(text(5).lines().nth(1).unwrap().starts_with("5 seeds: no test of fewer than 6 can find a difference"));
    assert!(!text(7).contains("fewer than"));
}

/// Whoever trained elsewhere gets the card and the figures too.
#[test]
fn a_table_has_a_card_and_figures() {
    let card = |name: &str| analyze(protocol(8), &["--margin", "0.05", "--format", name]).worked();
    let markdown = card("md");
    let begins = "# Protocol card: runs\n\n## Found\n\n* ";
    assert!(markdown.starts_with(begins), "{}", &markdown[..200]);
    for number in 0..15 {
        assert!(markdown.contains(&format!("\n## {number}. ")), "block {number}");
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
    assert_eq!((json["schema"].as_str(), json["blocks"].as_array().map(Vec::len)), (Some("ablation-card/v1"), Some(15)));
    let folder = tempfile::tempdir().unwrap();
    let drawn = folder.path().join("drawn");
    analyze(protocol(8), &["--margin", "0.05", "--svg", drawn.to_str().unwrap()]).worked();
    let contrast = fs::read_to_string(drawn.join("contrast.svg")).unwrap();
    assert!(contrast.contains("<title>Disruption and necessity: runs</title>"), "{contrast}");
    // Where higher is better lower is worse, in every seed.
    let table = csv(&(0..8)
        .flat_map(|seed| {
            [["all", "reference", "0.9"], ["a", "cut", "0.4"]]
                .map(|[component, arm, value]| [component.to_string(), arm.to_string(), seed.to_string(), value.to_string()])
        })
        .collect::<Vec<_>>());
    let found: Value = serde_json::from_str(&analyze(table, &["--direction", "higher", "--format", "card"]).worked()).unwrap();
    let item = |block: usize, name: &str| {
        let items = found["blocks"][block]["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == name).unwrap()["content"].clone()
    };
    let gaps = item(8, "gaps");
    let column = gaps["columns"].as_array().unwrap().iter().position(|name| name == "P(worse)").unwrap();
    assert_eq!((&gaps["rows"][0][column], &gaps["rows"][0][column + 2]), (&json!(1.0), &json!(1.0)));
    assert!(item(1, "found")["items"][0].as_str().unwrap().starts_with("a: cutting it costs 0.50"));
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
        [["all", "reference", "1"], ["a", "cut", &(1.0 + worse).to_string()]]
            .map(|[component, arm, value]| [component.to_string(), arm.to_string(), seed.to_string(), value.to_string()])
    });
    let text = analyze(csv(&runs.collect::<Vec<_>>()), &[]).worked();
    assert!(text.contains("  worse\n") && text.contains("its direction is shown and its size is not"), "{text}");
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
    analyze(table, &[]).refused(&["component `x` lacks the seed `3` in the arm `retrained-own`", "--partial"]);
    let out = analyze(table, &["--json", "--partial"]).noted("left out of necessity, surplus, for lack of a run: `3`");
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
    let cut: String = (0..8).map(|seed| format!(",R,{seed},1\nx,D,{seed},2.{seed}\n")).collect();
    let text = analyze(format!("component,arm,seed,value\n{cut}"), &[]).worked();
    assert!(
        text.ends_with("\nx: no verdict\n  whether it is needed is told by an arm `retrained-own`, which the table has not.\n"),
        "{text}"
    );
}

/// Every refusal names the file, the place and the way out.
#[test]
fn what_cannot_be_analysed_is_refused() {
    const GOOD: &str = "component,arm,seed,value\n,reference,0,1\na,cut,0,2\n";
    let refused = |table: &str, words: &[&str]| analyze(table, &[]).refused(&[words, &["runs.csv"]].concat());
    refused("", &["it is empty", "component,arm,seed,value"]);
    refused(" \n\n", &["it is empty"]);
    refused("\u{feff}", &["it is empty"]);
    refused("a,cut,0,2\nb,cut,0,3\n", &["line 1 is no header but a run"]);
    refused("component,arm,seed,value\n", &["no rows"]);
    refused("component,arm,seed,loss\n", &["no column `value`", "`loss`", "the column with the loss or score"]);
    refused("model,arm,seed,value\n", &["no column `component`", "`model`"]);
    refused("component,arm,value\n", &["no column `seed`"]);
    refused("component,seed,value\n", &["no column `arm`"]);
    refused("component,arm,seed,value,seed\n", &["the column `seed` twice"]);
    refused(&GOOD.replace("cut", "cutt"), &["line 3, column `arm`: there is no arm `cutt`; did you mean `cut`?"]);
    refused(&GOOD.replace(",2\n", ",nan\n"), &["line 3, column `value`: `nan` cannot be averaged", "a diverged run"]);
    refused(&GOOD.replace(",2\n", ",Infinity\n"), &["line 3, column `value`"]);
    refused(&GOOD.replace(",2\n", ",\n"), &["line 3, column `value`: it is empty"]);
    refused(&GOOD.replace(",2\n", ",1e300\n"), &["line 3, column `value`", "beyond 1e100"]);
    refused(&(GOOD.to_string() + "a,cut,0,3\n"), &["line 4: component `a` has arm `cut` and seed `0` already", "line 3"]);
    refused(&(GOOD.to_string() + "a,cut,1,3\n"), &["lacks the seed `1` in the arm `reference`"]);
    refused(&GOOD.replace(",reference", "b,cut"), &["no reference"]);
    refused(&GOOD.replace(",2\n", "\n"), &["line 3 has 3 cells where the header has 4"]);
    refused(&GOOD.replace(",2\n", ",2,5\n"), &["line 3 has 5 cells where the header has 4"]);
    refused(&(GOOD.to_string() + "\"a,cut,1,3\n"), &["line 4 has 1 cells", "close every quote"]);
    refused("component;arm;seed;value\n;reference;0;1,5\n", &["line 2, column `value`", "write a decimal point: 1.5"]);
    // Not text of the right kind.
    analyze([0xff, 0xfe, b'a', 0], &[]).refused(&["UTF-16", "save it as UTF-8"]);
    analyze(b"component,arm,seed,value\nk\xf6rper,cut,0,1\n", &[]).refused(&["not UTF-8 text (line 2, byte 26)"]);
    // JSON.
    let row = r#"{"component": "a", "arm": "cut", "seed": 0, "value": 1}"#;
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
    assert!(!text.contains('\u{1b}') && text.contains("\u{fffd}[2Jx\u{fffd}y"), "{text}");
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
    for words in ["component,arm,seed,value", "retrained-own", "--margin <X>", "--partial"] {
        assert!(help.contains(words), "{words}");
    }
}
