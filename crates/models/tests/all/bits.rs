//! Training gives the same bits on every processor and in every browser: digests of whole benches, weights and what optimisers remember, before
//! and after training. The browser tests hold the built page to the same file (`tests/web/identical.test.js`).
//!
//! After a change of the arithmetic that is meant, `UPDATE_EXPECT=1 cargo nextest run --workspace -E 'test(bits::)'` writes it again; then
//! `NUMERICS` has to be raised, and the stored records have to be made again.

use std::path::Path;

use crate::common::*;
use ablation_models::{Bench, NUMERICS};
use pollster::block_on;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Every backbone; sizes that no vector divides; norms, masks and activations that are not the first of their lists; and shapes that are
/// larger than a tile of a product in every direction.
const LINKS: [&str; 6] = [
    "v=1&p=repeat&ablation.site=none&model.layers=1&model.width=16&train.steps=80",
    "v=1&p=repeat&ablation.site=position&ablation.operator=mean",
    "v=1&p=repeat&ablation.site=none&data.kind=masked-repeat&data.length=7&model.layers=1&model.width=18&model.heads=3&model.norm=post&model.norm_kind=rms&model.activation=silu&train.batch=3&train.clip=0",
    "v=1&p=repeat&ablation.site=none&data.length=40&model.width=72&model.layers=1&model.activation=relu&train.batch=4&train.optimizer=sgd",
    "v=1&p=two-moons&ablation.site=none&model.width=16&train.steps=80",
    "v=1&p=glyphs&ablation.site=none&model.layers=1&train.batch=8&train.steps=60",
];
const STEPS: u64 = 40;

fn digest(bench: &Bench) -> String {
    let bytes = block_on(bench.checkpoint()).expect("the CPU answers");
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn found(link: &str) -> Value {
    let mut bench = Bench::new(link, &device()).expect("a valid link");
    let initial = digest(&bench);
    for _ in 0..STEPS {
        block_on(bench.step(1)).expect("the CPU answers");
    }
    json!({ "link": link, "steps": STEPS, "initial": initial, "trained": digest(&bench) })
}

#[test]
fn training_gives_the_bits_that_are_stored() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bits.json");
    let found = json!({ "numerics": NUMERICS, "benches": LINKS.map(found) });
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, format!("{found:#}\n")).expect("the file can be written");
    }
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let expected: Value = serde_json::from_str(&text).expect("the file is JSON");
    assert_eq!(found, expected, "if that is meant, read the head of this file");
}
