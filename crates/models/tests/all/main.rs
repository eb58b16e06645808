//! Models, fleets and lanes from outside.
//!
//! One program, because linking the tensor library once for each file takes longer than most of these tests.

mod common;

mod addresses;
mod averaging;
mod bench;
mod bits;
mod dead_head;
mod differences;
mod images;
mod input_parts;
mod lane;
mod laws;
mod losses;
mod mixture;
mod needs;
mod operators;
mod optimizers;
mod options;
mod oracles;
mod patching;
mod pruning;
mod reference;
mod run;
mod shapes;
mod subspace;
mod sweep;
mod text;
mod together;
mod truth;
