//! Tiles of a product: so many rows and vectors of columns that fit into the registers of a processor.
#![allow(unsafe_code, reason = "a tile is read and written without asking for each number whether it is there")]

use super::lanes::{Lanes, Plain};
use super::panels::Panels;
use super::strips::Strips;

/// Most columns of a tile.
const WIDEST: usize = 32;

/// Most numbers of the left-hand matrix that are multiplied by every panel before further rows are read: they stay in the caches nearby.
const NEARBY: usize = 8192;

/// What a block of the right-hand matrix adds to a product.
pub(super) struct Block<'a> {
    /// Columns of the left-hand matrix.
    pub left: Strips<'a>,
    /// Their number.
    pub depth: usize,
    /// Whether sums go on from what is in the output, which is overwritten otherwise.
    pub goes_on: bool,
    pub panels: Panels<'a>,
    /// What is added to each row once its sums are whole; nothing, or a number for each column.
    pub bias: &'a [f32],
    /// Columns of the product.
    pub columns: usize,
    /// The product.
    pub output: &'a mut [f32],
    /// Distance of its rows.
    pub stride: usize,
}

/// The tiles of one kind of processor.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    /// Its vectors.
    #[cfg_attr(not(test), allow(dead_code, reason = "tests say which tiles failed"))]
    pub name: &'static str,
    /// Rows of a tile.
    pub height: usize,
    /// Columns of a tile, and so of a panel.
    pub width: usize,
    /// Whether this processor has them.
    pub is_there: fn() -> bool,
    /// Adds a block to a product.
    pub run: fn(Block),
}

/// All that this build knows, the widest last. Rows times vectors of a tile are as many sums as a processor has registers for, beside the row
/// of the panel and the number that it is multiplied by: V8 leaves 15 of 16 to a WebAssembly module, AVX-512 has 32.
pub(super) const ALL: &[Tiles] = &[
    Tiles {
        name: "plain",
        height: 4,
        width: 2 * Plain::LANES,
        is_there: || true,
        run: |block| {
            // SAFETY: plain code runs everywhere.
            unsafe { add::<Plain, 4, 2>(block) }
        },
    },
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Tiles {
        name: "simd128",
        height: 4,
        width: 8,
        is_there: || true,
        run: |block| {
            // SAFETY: the module was compiled for these instructions, and is not loaded without them.
            unsafe { add::<core::arch::wasm32::v128, 4, 2>(block) }
        },
    },
    #[cfg(target_arch = "aarch64")]
    Tiles {
        name: "NEON",
        height: 8,
        width: 8,
        is_there: || true,
        run: |block| {
            // SAFETY: every 64-bit ARM processor has these instructions.
            unsafe { add::<core::arch::aarch64::float32x4_t, 8, 2>(block) }
        },
    },
    #[cfg(target_arch = "x86_64")]
    Tiles {
        name: "SSE",
        height: 4,
        width: 8,
        is_there: || true,
        run: |block| {
            // SAFETY: every 64-bit x86 processor has these instructions.
            unsafe { add::<core::arch::x86_64::__m128, 4, 2>(block) }
        },
    },
    #[cfg(target_arch = "x86_64")]
    Tiles {
        name: "AVX",
        height: 6,
        width: 16,
        is_there: || is_x86_feature_detected!("avx"),
        run: |block| {
            // SAFETY: run only where `is_there` says so.
            unsafe { avx(block) }
        },
    },
    #[cfg(target_arch = "x86_64")]
    Tiles {
        name: "AVX-512",
        height: 8,
        width: 32,
        is_there: || is_x86_feature_detected!("avx512f"),
        run: |block| {
            // SAFETY: run only where `is_there` says so.
            unsafe { avx512(block) }
        },
    },
];

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
fn avx(block: Block) {
    // SAFETY: the processor has the instructions of the feature.
    unsafe { add::<core::arch::x86_64::__m256, 6, 2>(block) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(block: Block) {
    // SAFETY: the processor has the instructions of the feature.
    unsafe { add::<core::arch::x86_64::__m512, 8, 2>(block) }
}

/// Adds a block, in tiles of `HEIGHT` rows; the rows that are left over in smaller ones.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn add<V: Lanes, const HEIGHT: usize, const VECTORS: usize>(mut block: Block) {
    let width = VECTORS * V::LANES;
    // Whole tiles, since a packed strip is as high as one.
    let together = (NEARBY / block.depth / HEIGHT).max(1) * HEIGHT;
    for first in (0..block.left.rows).step_by(together) {
        let end = block.left.rows.min(first + together);
        for column in (0..block.columns).step_by(width) {
            let mut row = first;
            // SAFETY: as the caller has promised; rows and columns are those of the product.
            unsafe {
                while row + HEIGHT <= end {
                    tile::<V, HEIGHT, VECTORS>(&mut block, row, column);
                    row += HEIGHT;
                }
                while row + 2 <= end {
                    tile::<V, 2, VECTORS>(&mut block, row, column);
                    row += 2;
                }
                while row < end {
                    tile::<V, 1, VECTORS>(&mut block, row, column);
                    row += 1;
                }
            }
        }
    }
}

/// One tile: its sums stay in registers while it runs down the panel.
///
/// # Safety
/// The processor has the instructions of `V`; rows `row..row + HEIGHT` and the column are in the product.
#[inline(always)]
unsafe fn tile<V: Lanes, const HEIGHT: usize, const VECTORS: usize>(block: &mut Block, row: usize, column: usize) {
    let (left, depth, stride, width) = (block.left, block.depth, block.stride, VECTORS * V::LANES);
    let there = width.min(block.columns - column);
    assert!(width <= WIDEST, "`edge` is as wide as a tile");
    let down = block.panels.down;
    let panel = &block.panels.values[column / width * block.panels.apart..][..(depth - 1) * down + width];
    let bias = if block.bias.is_empty() { &[] } else { &block.bias[column..][..there] };
    let origin = left.origin(row);
    let last = origin + (HEIGHT - 1) * left.down + (depth - 1) * left.right;
    assert!(row + HEIGHT <= left.rows && last < left.values.len(), "rows and columns of the left-hand matrix");
    let output = &mut block.output[row * stride + column..][..(HEIGHT - 1) * stride + there];
    let output = output.as_mut_ptr();
    let mut edge = [0.0f32; WIDEST];
    // SAFETY: by the assertions and the slices every number that is read or written is there: of the left-hand matrix,
    // of the panel, of the bias, and of `HEIGHT` rows of the output. Where these are narrower than the vectors, they pass through `edge`.
    unsafe {
        let mut sums = [[V::zero(); VECTORS]; HEIGHT];
        if block.goes_on {
            for (r, sums) in sums.iter_mut().enumerate() {
                let mut from = output.add(r * stride).cast_const();
                if there < width {
                    from.copy_to_nonoverlapping(edge.as_mut_ptr(), there);
                    from = edge.as_ptr();
                }
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(from.add(v * V::LANES));
                }
            }
        }
        let mut factors = [left.values.as_ptr().add(origin); HEIGHT];
        for (r, factor) in factors.iter_mut().enumerate() {
            *factor = factor.add(r * left.down);
        }
        let mut panel = panel.as_ptr();
        for _ in 0..depth {
            let mut numbers = [V::zero(); VECTORS];
            for (v, numbers) in numbers.iter_mut().enumerate() {
                *numbers = V::load(panel.add(v * V::LANES));
            }
            for (sums, factor) in sums.iter_mut().zip(&mut factors) {
                let by = V::broadcast(*factor);
                for (sum, numbers) in sums.iter_mut().zip(numbers) {
                    *sum = sum.plus_product(by, numbers);
                }
                // After the last number it points to none, and nothing is read there.
                *factor = factor.wrapping_add(left.right);
            }
            // As for the factors.
            panel = panel.wrapping_add(down);
        }
        if !bias.is_empty() {
            let mut from = bias.as_ptr();
            if there < width {
                from.copy_to_nonoverlapping(edge.as_mut_ptr(), there);
                from = edge.as_ptr();
            }
            for sums in &mut sums {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = sum.plus(V::load(from.add(v * V::LANES)));
                }
            }
        }
        for (r, sums) in sums.into_iter().enumerate() {
            let row = output.add(r * stride);
            let to = if there < width { edge.as_mut_ptr() } else { row };
            for (v, sum) in sums.into_iter().enumerate() {
                sum.store(to.add(v * V::LANES));
            }
            if there < width {
                to.copy_to_nonoverlapping(row, there);
            }
        }
    }
}
