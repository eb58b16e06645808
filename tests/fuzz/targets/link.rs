//! A link: whatever it says, it is bent into a shape whose own link needs no bending.
#![no_main]

use ablation_models::Models;
use ablation_protocol::read_linked;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let linked = read_linked(text, &Models);
    let again = read_linked(&linked.link, &Models);
    assert_eq!((again.link, again.corrections), (linked.link, vec![]));
});
