//! [`ablation_fuzz::record`] on what a fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| ablation_fuzz::record(text));
