//! The sum of what each replica has, a group of threads a replica.

use burn::backend::TensorMetadata;
use burn::cubecl;
use burn::tensor::Shape;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::{Float, empty};

/// Threads of a group: what every WebGPU device can run at once.
const THREADS: u32 = 256;

/// The sum, or the sum of the squares, of the numbers of each replica: `[replicas, ...]` to the given shape of one number per replica.
pub(super) fn sums(values: Float, shape: impl Into<Shape>, squared: bool) -> Float {
    let output = empty(&values, shape);
    let replicas = values.shape()[0];
    let each = values.shape().num_elements() / replicas;
    let (count, dim) = (CubeCount::Static(replicas as u32, 1, 1), CubeDim::new_1d(THREADS));
    let (view, buffer) = (values.into_linear_view(), output.clone().into_buffer_arg());
    of_replicas::launch(&output.client, count, dim, view, buffer, each, squared, THREADS as usize);
    output
}

#[cube(launch)]
fn of_replicas(values: LinearView<'_, f32>, output: &mut [f32], each: usize, #[comptime] squared: bool, #[comptime] most: usize) {
    let replica = CUBE_POS_X as usize;
    let (thread, threads) = (UNIT_POS_X as usize, CUBE_DIM_X as usize);
    let mut total = 0.0f32;
    let mut index = thread;
    while index < each {
        let value = values.read(replica * each + index);
        if squared {
            total += value * value;
        } else {
            total += value;
        }
        index += threads;
    }
    let mut totals = Shared::new_slice(most);
    totals[thread] = total;
    sync_cube();
    let mut half = threads / 2;
    while half > 0 {
        if thread < half {
            let other = totals[thread + half];
            totals[thread] += other;
        }
        sync_cube();
        half /= 2;
    }
    if thread == 0 {
        output[replica] = totals[0];
    }
}
