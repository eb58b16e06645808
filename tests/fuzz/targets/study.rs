//! A study file, TOML or JSON: refused, or a study that can be planned and survives its own file.
#![no_main]

use ablation_cli::study_file::parse;
use ablation_protocol::{Study, plan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for is_json in [false, true] {
        let Ok(study) = parse(text, is_json) else { continue };
        assert!(!plan(&study, &Default::default()).is_empty());
        assert_eq!(Study::from_json(&study.to_json()), Ok(study));
    }
});
