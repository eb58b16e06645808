//! Input from people who mistype, and from people who try. Every refusal names the value and the way out.

use std::fs;

use crate::run::{ablation, tiny};

#[test]
fn corrections_are_warnings_and_the_study_goes_on() {
    let cases = [
        ("model.width=4096", "`model.width=4096` becomes `256`: Width goes from 8 to 256"),
        ("model.widht=8", "did you mean `model.width`"),
        ("train.learning_rate=fast", "takes a number from"),
        ("train.learning_rate=NaN", "becomes `0.005`"),
        ("model.layers=1e99", "takes a whole number from 1 to 8"),
        ("data.kind=chess", "is one of: repeat"),
        ("task.length=8", "`task.length=8` becomes `data.length=8`: `task.length` is called `data.length` since version 2"),
        ("model.width=30", "`model.heads=4` becomes `1`: Heads is one of: 1, 2, 3, 5"),
        ("train.lr=0.1", "did you mean `train.learning_rate`"),
        ("task.kind=chess", "`task.kind` is called `data.kind` since version 2"),
        ("p=two-moons", "no such setting"),
        ("\u{1b}]0;title\u{7}=1", "no such setting"),
    ];
    for (set, warning) in cases {
        let ended = ablation(["catalog", "--set", set]);
        assert_eq!(ended.code, Some(0), "{set}");
        assert!(ended.err.starts_with("warning: ") && ended.err.contains(warning), "{set}: {}", ended.err);
        assert!(!ended.err.contains('\u{1b}'), "what was typed does not steer the terminal");
    }
}

#[test]
fn strict_refuses_what_would_be_corrected() {
    ablation(["catalog", "--strict", "--set", "model.width=4096"]).refused(&["`model.width=4096`", "from 8 to 256"]);
    ablation(["catalog", "--strict", "--set", "a=1", "--set", "b=2"]).refused(&["`a=1`", "`b=2`"]);
    assert_eq!(ablation(["catalog", "--strict"]).code, Some(0));
}

#[test]
fn a_preset_that_does_not_exist_is_refused_with_the_list() {
    ablation(["catalog", "--preset", "moons"]).refused(&["`moons`", "two-moons"]);
    ablation(["catalog", "--link", "v=1&p=moons"]).refused(&["no such preset", "two-moons"]);
}

#[test]
fn a_link_that_cannot_be_read_is_refused() {
    for link in
        ["v=2&p=repeat", "p=repeat", "%%%", "v=1&z=!!!", "v=1&z=AAAA", "", "#", "https://example.org/", &"x".repeat(100_000)]
    {
        ablation(["catalog", "--link", link]).refused(&["--link"]);
    }
    assert_eq!(ablation(["catalog", "--link", "https://example.org/ablation/#v=1&p=two-moons&view.theme=dark"]).code, Some(0));
}

#[test]
fn a_study_file_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        ablation(["catalog".as_ref(), "--settings".as_ref(), path.as_os_str()])
    };
    with("short.json", br#"{"model.width": 16, "tra"#).refused(&["short.json", "not JSON", "write one JSON object"]);
    with("empty.json", b"").refused(&["empty.json", "not JSON"]);
    with("latin.json", b"{\"data.kind\": \"d\xe9\"}").refused(&["latin.json", "not UTF-8", "byte 16"]);
    with("list.json", b"[1, 2]").refused(&["list.json", "not an object"]);
    with("nested.json", br#"{"model": {"width": 16}}"#).refused(&["`model`", "a number or a text"]);
    with("twice.json", br#"{"model.width": 16, "model.width": 8}"#)
        .refused(&["twice.json", "the key `model.width` stands twice"]);
    with("null.json", br#"{"model.width": null}"#).refused(&["`model.width`", "`null`"]);
    with("deep.json", "[".repeat(100_000).as_bytes()).refused(&["deep.json", "not JSON"]);
    with("large.json", &vec![b' '; 2 << 20]).refused(&["large.json", "bytes"]);
    ablation(["catalog", "--settings", "no/such/file.json"]).refused(&["no/such/file.json", "cannot be read"]);
    // By its former name.
    ablation(["catalog".as_ref(), "--study".as_ref(), folder.path().as_os_str()]).refused(&["cannot be read"]);
    #[cfg(unix)]
    ablation(["catalog", "--study", "/dev/zero"]).refused(&["more than 1048576 bytes"]);
    let ended = with("good.json", "\u{feff}{\"model.width\": 16, \"data.kind\": \"two-moons\"}".as_bytes());
    let text = ended.worked();
    assert!(text.contains("model.width=16") && text.contains("data.kind=two-moons"), "{text}");
}

#[test]
fn a_setting_without_a_value_is_refused() {
    ablation(["catalog", "--set", "model.width"]).refused(&["PATH=VALUE"]);
    ablation(["catalog", "--set", "=3"]).refused(&["PATH=VALUE"]);
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_text_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    ablation([OsStr::new("catalog"), OsStr::new("--set"), OsStr::from_bytes(b"a=\xff")]).refused(&["UTF-8"]);
}

#[test]
fn ablations_that_are_not_offered_are_refused() {
    tiny(&["bench", "--site", "unembed"]).refused(&["`unembed` is refused", "Ablate one of its inputs"]);
    tiny(&["bench", "--preset", "two-moons", "--site", "time", "--operator", "zero"]).refused(&["Use the mean"]);
    tiny(&["bench", "--site", "blocks.9"]).refused(&["`blocks.9`", "its components are: embed, position"]);
    tiny(&["bench", "--site", "embed", "--operator", "bisect"])
        .refused(&["`bisect`", "mean, position_mean, resample, patch, optimal, zero, scale"]);
    tiny(&["bench", "--set", "ablation.site=none"]).refused(&["ablate nothing", "--site"]);
    tiny(&["bench", "--operator", "scale", "--parameter", "factor=.5", "--parameter", "factor=.7"])
        .refused(&["`--parameter factor` stands twice"]);
    tiny(&["bench", "--parameter", "factor=0.5"]).refused(&["takes no `factor`"]);
    for factor in ["7", "-inf", "NaN"] {
        let factor = format!("factor={factor}");
        tiny(&["bench", "--operator", "scale", "--parameter", &factor]).refused(&["factor", "from -2 to 2"]);
    }
}

#[test]
fn removals_and_seeds_that_cannot_be_used_are_refused() {
    tiny(&["train", "--remove", "unembed"]).refused(&["training without `unembed` is refused"]);
    tiny(&["train", "--remove", "blocks.9"]).refused(&["`blocks.9`", "its components are: embed"]);
    tiny(&["train", "--remove", "position", "--remove", "position"]).refused(&["`--remove position` stands twice"]);
    tiny(&["train", "--remove", "blocks.0.mlp", "--remove", "blocks.0"])
        .refused(&["`--remove blocks.0.mlp` is a part of `blocks.0`", "write one of them"]);
    tiny(&["train", "--seeds", "0,x"]).refused(&["'x'"]);
    tiny(&["train", "--seeds", "0,1,0"]).refused(&["0 twice"]);
    tiny(&["train", "--seeds", "1000000"]).refused(&["from 0 to 999999"]);
    tiny(&["train", "--seeds", ""]).refused(&["--seeds"]);
}

#[test]
fn a_place_that_cannot_be_written_is_found_before_training() {
    // More steps than the test would wait for.
    let long = ["--set", "train.steps=20000", "--set", "train.batch=512"];
    let ended = ablation(["train", "--save", "no/such/folder/w.safetensors"].iter().chain(&long));
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("`no/such/folder/w.safetensors` cannot be written"), "{}", ended.err);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    ablation(["train", "--save", path].iter().chain(&long)).refused(&["is a folder"]);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let ended = ablation(["bench", "--svg", file.to_str().unwrap()].iter().chain(&long));
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("cannot be made"), "{}", ended.err);
}

#[cfg(not(feature = "gpu"))]
#[test]
fn a_build_without_gpu_says_how_to_get_one() {
    for command in ["train", "bench"] {
        let ended = tiny(&[command, "--device", "gpu"]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
        assert!(ended.err.contains("cargo run --release -p ablation-cli --features gpu --"), "{}", ended.err);
    }
}
