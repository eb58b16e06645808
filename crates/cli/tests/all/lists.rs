//! `catalog` and `sites`.

use ablation_models::presets;

use crate::run::{ablation, keys};

#[test]
fn the_catalogue_names_every_preset_and_setting() {
    let text = ablation(["catalog"]).worked();
    for preset in presets() {
        assert!(text.contains(&preset.name) && text.contains(&preset.help), "{}", preset.name);
    }
    for word in ["model.position", "learned | none", "ablation.site"] {
        assert!(text.contains(word), "{word}");
    }
    assert!(text.lines().all(|line| line == line.trim_end()));
}

#[test]
fn the_settings_are_those_of_the_chosen_study() {
    let text = ablation(["catalog", "--preset", "two-moons", "--set", "model.width=48.0"]).worked();
    assert!(
        text.contains("Preset two-moons (Two moons) with model.width=48\n")
            && text.contains("objective.diffusion_steps")
            && !text.contains("model.heads")
    );
}

#[test]
fn the_catalogue_as_json_has_links_and_fields() {
    let json = ablation(["catalog", "--json"]).json();
    assert_eq!(keys(&json), ["fields", "link", "presets", "version"]);
    assert_eq!(json["version"], "1");
    assert_eq!(json["presets"][0]["link"], "v=1&p=repeat");
    assert!(json["fields"].as_array().unwrap().iter().all(|field| field["path"].is_string() && !field["value"].is_null()));
}

#[test]
fn the_sites_say_what_may_be_done_and_why() {
    let text = ablation(["sites", "--preset", "two-moons"]).worked();
    assert!(text.starts_with("Preset two-moons (Two moons): "), "{text}");
    assert!(
        text.contains("\ntime  time embedding\n")
            && text.contains("ablate: zero")
            && text.contains("refused")
            && text.contains("Use the mean.")
    );
    let json = ablation(["sites", "--set", "model.layers=1", "--json"]).json();
    assert_eq!(keys(&json), ["link", "parameters", "sites"]);
    let sites = json["sites"].as_array().unwrap();
    let paths: Vec<&str> = sites.iter().map(|site| site["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"blocks.0.attn.heads.3") && !paths.contains(&"blocks.1"));
    assert!(sites.iter().all(|site| !site["removal"]["reason"].as_str().unwrap().is_empty()));
}

#[test]
fn help_says_how_it_ends_and_shows_examples() {
    let help = ablation(["--help"]).worked();
    assert!(help.contains("Exit codes:") && help.contains("ablation bench --preset repeat"));
    let usage = "ablation run [OPTIONS] <STUDY>\n       ablation run [OPTIONS] --trial <LINE> --into <FOLDER>";
    assert!(ablation(["run", "--help"]).worked().contains(usage));
    ablation(["run"]).refused(&[usage]);
    assert!(ablation(["bench", "--help"]).worked().contains("--parameter <NAME=X>"));
}
