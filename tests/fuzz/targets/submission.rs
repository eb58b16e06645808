//! [`ablation_fuzz::submission`] on what a fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| ablation_fuzz::submission(text));
