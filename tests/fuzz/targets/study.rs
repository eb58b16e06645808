//! [`ablation_fuzz::study`] on what a fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| ablation_fuzz::study(text));
