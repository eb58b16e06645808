//! [`ablation_fuzz::assignment`] on what a fuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| ablation_fuzz::assignment(text));
