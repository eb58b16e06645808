//! A record: refused, or one that is written as it was read.
#![no_main]

use ablation_report::{read_record, record_outcomes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = record_outcomes(text);
    if let Ok(record) = read_record(text) {
        assert_eq!(read_record(&record.to_json()), Ok(record));
    }
});
