//! Products of matrices on the CPU, the same to the bit on every processor.
//!
//! Every number of a product is `((a₀b₀ + a₁b₁) + a₂b₂) + …`: products and sums are rounded one by one, in the order of the index, and never
//! fused. Vectors run along the columns of the result, where nothing is summed, so their width changes no result: SSE, AVX, AVX-512, NEON,
//! WebAssembly and plain code agree (`tests` below), and a model trained natively is the model trained in a browser.
//!
//! A block of the right-hand matrix is packed into panels as wide as a tile of the result, unless it is small and lies so already; a tile stays
//! in registers while it runs down a panel (Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication").

mod lanes;
mod panels;
mod strips;
mod tile;

use std::cell::RefCell;

use panels::Panels;
use strips::Strips;
use tile::Tiles;

use super::room::Room;

/// Most rows of the right-hand matrix in a block: its panels stay in the caches nearby. A sum that goes on in the next block goes on in the
/// same order.
const DEPTH: usize = 256;

thread_local! {
    /// Room for the packed blocks of the right-hand and the left-hand matrix, kept from product to product.
    static PACKED: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// A matrix in memory: by rows, transposed, or a part of a larger one.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Distance of neighbours in a column, and in a row.
    down: usize,
    right: usize,
}

impl<'a> Matrix<'a> {
    /// `values` row by row.
    pub(super) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "the values of a {rows} by {columns} matrix");
        Matrix { values, rows, columns, down: columns, right: 1 }
    }

    /// So many columns from `first` on of `values`, whose rows are `down` apart.
    pub(super) fn part(values: &'a [f32], first: usize, rows: usize, columns: usize, down: usize) -> Self {
        let end = rows.checked_sub(1).map_or(first, |last| first + last * down + columns);
        Matrix { values: &values[first..end], rows, columns, down, right: 1 }
    }

    /// Rows and columns exchanged, without moving a number.
    pub(super) fn transposed(self) -> Self {
        Matrix { values: self.values, rows: self.columns, columns: self.rows, down: self.right, right: self.down }
    }
}

/// A right-hand matrix that is multiplied several times, and packed once.
pub(super) struct Right<'a> {
    matrix: Matrix<'a>,
    tiles: Tiles,
    /// Its blocks one after the other, where packing pays.
    packed: Option<Room>,
}

impl<'a> Right<'a> {
    /// Packs a matrix.
    pub(super) fn packed(matrix: Matrix<'a>) -> Self {
        Self::packed_for(fastest(matrix.columns), matrix)
    }

    fn packed_for(tiles: Tiles, matrix: Matrix<'a>) -> Self {
        let packed = panels::pays(matrix, DEPTH.min(matrix.rows), tiles.width).then(|| {
            let mut room = Room::take(matrix.rows * panels::padded(matrix.columns, tiles.width));
            let mut rest = &mut *room;
            for (first, depth) in blocks(matrix.rows) {
                let block =
                    rest.split_off_mut(..depth * panels::padded(matrix.columns, tiles.width)).expect("room for every block");
                panels::pack(matrix, first, depth, tiles.width, block);
            }
            room
        });
        Right { matrix, tiles, packed }
    }

    /// `output = left right + bias`; `left` and `output` row by row, and one number of the bias for each column of the output, or none.
    pub(super) fn product(&self, left: &[f32], bias: &[f32], output: &mut [f32]) {
        let (inner, columns) = (self.matrix.rows, self.matrix.columns);
        let left = Matrix::new(left, left.len() / inner, inner);
        let packed = self.packed.as_deref().unwrap_or_default();
        product_by(self.tiles, left, self.matrix, packed, Output::whole(output, left.rows, columns), bias);
    }
}

/// Where a product goes.
struct Output<'a> {
    values: &'a mut [f32],
    /// Distance of its rows: what lies between them is left alone.
    stride: usize,
    /// Whether sums go on from what is there.
    is_added_to: bool,
}

impl<'a> Output<'a> {
    /// Row by row, to be overwritten.
    fn whole(values: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "the output of a product of {rows} rows and {columns} columns");
        Output { values, stride: columns, is_added_to: false }
    }
}

/// `output = left right + bias`; `output` row by row, and one number of the bias for each of its columns, or none.
pub(super) fn product(left: Matrix, right: Matrix, bias: &[f32], output: &mut [f32]) {
    product_by(fastest(right.columns), left, right, &[], Output::whole(output, left.rows, right.columns), bias);
}

/// `output = left right`, the rows of the output `stride` apart: what lies between them is left alone.
pub(super) fn product_into(left: Matrix, right: Matrix, output: &mut [f32], stride: usize) {
    let output = Output { values: output, stride, is_added_to: false };
    product_by(fastest(right.columns), left, right, &[], output, &[]);
}

/// `output = ((output + left₀ right₀) + left₁ right₁) + …`, number by number, `output` row by row: the sum of a product of which `output` has the first
/// terms.
pub(super) fn add_product(left: Matrix, right: Matrix, output: &mut [f32]) {
    let output = Output { is_added_to: true, ..Output::whole(output, left.rows, right.columns) };
    product_by(fastest(right.columns), left, right, &[], output, &[]);
}

/// The vectors of this processor that are just wide enough, or the widest: what is wider than the product computes zeros.
fn fastest(columns: usize) -> Tiles {
    let available = || tile::ALL.iter().copied().skip(1).filter(|tiles| (tiles.is_there)());
    let fit = available().find(|tiles| tiles.width >= columns).or_else(|| available().next_back());
    fit.unwrap_or(tile::ALL[0])
}

/// `packed`: the blocks of the right-hand matrix, if they have been packed before.
fn product_by(tiles: Tiles, left: Matrix, right: Matrix, packed: &[f32], output: Output, bias: &[f32]) {
    let Output { values, stride, is_added_to } = output;
    assert_eq!(left.columns, right.rows, "the inner sizes of a product");
    assert!(stride >= right.columns, "rows of {} columns that are {stride} apart", right.columns);
    assert!(bias.is_empty() || bias.len() == right.columns, "a bias of {} numbers for {} columns", bias.len(), right.columns);
    if left.rows == 0 || right.columns == 0 {
        return;
    }
    let output = &mut values[..(left.rows - 1) * stride + right.columns];
    if right.rows == 0 && !is_added_to {
        for row in output.chunks_mut(stride) {
            row[..right.columns].fill(0.0);
            row.iter_mut().zip(bias).for_each(|(output, bias)| *output += bias);
        }
    }
    PACKED.with_borrow_mut(|[panels_room, strips_room]| {
        for (first, depth) in blocks(right.rows) {
            let size = panels::padded(right.columns, tiles.width);
            let panels = if !packed.is_empty() {
                Panels::packed(&packed[first * size..][..depth * size], depth, tiles.width)
            } else if panels::pays(right, depth, tiles.width) {
                panels_room.resize(depth * size, 0.0);
                panels::pack(right, first, depth, tiles.width, panels_room);
                Panels::packed(panels_room, depth, tiles.width)
            } else {
                Panels::in_place(right, first, tiles.width)
            };
            let left = match strips::pays(left, right.columns, tiles.width) {
                true => Strips::packed(left, first, depth, tiles.height, strips_room),
                false => Strips::in_place(left, first),
            };
            // A bias is added to whole sums.
            let bias = if first + depth == right.rows { bias } else { &[] };
            let goes_on = first > 0 || is_added_to;
            (tiles.run)(tile::Block { left, goes_on, depth, panels, bias, columns: right.columns, output, stride });
        }
    });
}

/// Blocks of so many rows of a right-hand matrix: the first row and the number of each.
fn blocks(rows: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).step_by(DEPTH).map(move |first| (first, DEPTH.min(rows - first)))
}

/// The first `there` numbers of rows that are `stride` apart, side by side in rows of `width`; missing numbers are zeros.
fn gather(from: &[f32], stride: usize, there: usize, width: usize, to: &mut [f32]) {
    // A copy of a length that the compiler knows is a few instructions, and of any other a call.
    match width {
        _ if there < width => {
            for (row, to) in to.chunks_exact_mut(width).enumerate() {
                let (to, missing) = to.split_at_mut(there);
                to.copy_from_slice(&from[row * stride..][..there]);
                missing.fill(0.0);
            }
        }
        4 => gather_whole::<4>(from, stride, to),
        6 => gather_whole::<6>(from, stride, to),
        8 => gather_whole::<8>(from, stride, to),
        16 => gather_whole::<16>(from, stride, to),
        32 => gather_whole::<32>(from, stride, to),
        _ => unreachable!("no tile has {width} rows or columns"),
    }
}

fn gather_whole<const WIDTH: usize>(from: &[f32], stride: usize, to: &mut [f32]) {
    for (row, to) in to.as_chunks_mut::<WIDTH>().0.iter_mut().enumerate() {
        to.copy_from_slice(&from[row * stride..][..WIDTH]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition.
    fn plain([rows, depth, columns]: [usize; 3], left: Matrix, right: Matrix) -> Vec<f32> {
        let number = |index: usize| {
            let (row, column) = (index / columns, index % columns);
            let term =
                |k: usize| left.values[row * left.down + k * left.right] * right.values[k * right.down + column * right.right];
            (0..depth).map(term).fold(0.0f32, |sum, term| sum + term)
        };
        (0..rows * columns).map(number).collect()
    }

    fn apart(values: &mut [f32], stride: usize) -> Output<'_> {
        Output { values, stride, is_added_to: false }
    }

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    /// Every kind of tiles, with and without a bias.
    fn agrees(shape: [usize; 3], turned: [bool; 2], number: impl Fn(usize) -> f32) {
        let [rows, depth, columns] = shape;
        let values = |offset: usize, count: usize| (0..count).map(|index| number(index + offset)).collect::<Vec<f32>>();
        let (a, b) = (values(0, rows * depth), values(77, depth * columns));
        let side = |values, rows, columns, turned| {
            if turned { Matrix::new(values, columns, rows).transposed() } else { Matrix::new(values, rows, columns) }
        };
        let (left, right) = (side(&a, rows, depth, turned[0]), side(&b, depth, columns, turned[1]));
        let bias = values(5, columns);
        let expected = plain(shape, left, right);
        let biased: Vec<f32> = expected.iter().enumerate().map(|(index, sum)| sum + bias[index % columns]).collect();
        for tiles in tile::ALL.iter().copied().filter(|tiles| (tiles.is_there)()) {
            for (bias, expected) in [(&[][..], &expected), (&bias, &biased)] {
                let mut output = vec![f32::NAN; rows * columns];
                product_by(tiles, left, right, &[], apart(&mut output, columns), bias);
                assert_eq!(bits(&output), bits(expected), "{} of {shape:?}, turned {turned:?}", tiles.name);
            }
        }
    }

    fn wave(index: usize) -> f32 {
        (index as f32 * 1.7).sin() * 3.0
    }

    proptest! {
        #[test]
        fn every_width_of_vectors_gives_the_bits_of_the_definition(
            rows in 0usize..40, depth in 0usize..40, columns in 0usize..70, turned: [bool; 2],
        ) {
            agrees([rows, depth, columns], turned, wave);
        }
    }

    #[test]
    fn sums_longer_than_a_block_and_shapes_that_fit_no_tile_agree() {
        for shape in [
            [1, 1, 1],
            [5, DEPTH, 33],
            [13, DEPTH + 1, 7],
            [6, 3 * DEPTH + 5, 65],
            [257, 34, 1],
            [3, 2, 257],
            [300, 40, 64],
            [5, 2 * DEPTH + 3, 8],
            [40, DEPTH + 3, 16],
            [5, DEPTH + 3, 32],
        ] {
            for turned in [[false, false], [true, false], [false, true], [true, true]] {
                agrees(shape, turned, wave);
            }
        }
    }

    /// Whether the right-hand matrix is packed before, or the sum goes on from its first terms.
    #[test]
    fn products_in_parts_have_the_bits_of_whole_products() {
        for (rows, depth, columns) in [(5, 3, 4), (300, 40, 64), (7, DEPTH + 9, 33), (2 * DEPTH + 1, 128, 128), (50, 600, 70)] {
            let (a, b): (Vec<f32>, Vec<f32>) =
                ((0..rows * depth).map(wave).collect(), (0..depth * columns).map(|index| wave(index + 7)).collect());
            let bias: Vec<f32> = (0..columns).map(|index| wave(index + 3)).collect();
            let (left, right) = (Matrix::new(&a, rows, depth), Matrix::new(&b, depth, columns));
            let mut expected = vec![0.0; rows * columns];
            product(left, right, &bias, &mut expected);
            // The same matrices as the gradient of weights is made of: the sum runs over rows.
            let mut whole = vec![7.0; depth * columns];
            product(left.transposed(), Matrix::new(&expected, rows, columns), &[], &mut whole);
            for tiles in tile::ALL.iter().copied().filter(|tiles| (tiles.is_there)()) {
                let (ready, middle) = (Right::packed_for(tiles, right), rows / 2);
                let mut output = vec![7.0; rows * columns];
                let (first, second) = output.split_at_mut(middle * columns);
                ready.product(&a[..middle * depth], &bias, first);
                ready.product(&a[middle * depth..], &bias, second);
                assert_eq!(bits(&output), bits(&expected), "{rows} by {depth} by {columns}, packed before for {}", tiles.name);

                let mut sums = vec![0.0; depth * columns];
                for rows in [0..middle, middle..rows] {
                    let left = Matrix::new(&a[rows.start * depth..rows.end * depth], rows.len(), depth).transposed();
                    let right = Matrix::new(&expected[rows.start * columns..rows.end * columns], rows.len(), columns);
                    let goes_on = Output { is_added_to: true, ..apart(&mut sums, columns) };
                    product_by(tiles, left, right, &[], goes_on, &[]);
                }
                assert_eq!(bits(&whole), bits(&sums), "{depth} by {rows} by {columns}, in two parts by {}", tiles.name);
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_where_it_belongs() {
        let number = |index: usize| match index % 97 {
            13 => f32::NAN,
            29 => f32::INFINITY,
            53 => f32::MIN_POSITIVE / 4.0,
            _ => wave(index),
        };
        // One payload of "not a number" is as good as another, so what is one is not compared by its bits.
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..20 * 9).map(number).collect(), (0..9 * 37).map(wave).collect());
        let (left, right) = (Matrix::new(&a, 20, 9), Matrix::new(&b, 9, 37));
        let expected = plain([20, 9, 37], left, right);
        for tiles in tile::ALL.iter().copied().filter(|tiles| (tiles.is_there)()) {
            let mut output = vec![0.0; 20 * 37];
            product_by(tiles, left, right, &[], apart(&mut output, 37), &[]);
            for (found, expected) in output.iter().zip(&expected) {
                assert!(found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan()), "{}", tiles.name);
            }
        }
    }

    #[test]
    fn parts_of_matrices_are_multiplied_in_their_place() {
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..6 * 20).map(wave).collect(), (0..9 * 20).map(|index| wave(index + 7)).collect());
        // Columns 4 to 8 of the one by columns 8 to 12 of the other, transposed, into columns 3 to 12 of rows of 15.
        let (left, right) = (Matrix::part(&a, 4, 6, 4, 20), Matrix::part(&b, 8, 9, 4, 20).transposed());
        let expected = plain([6, 4, 9], left, right);
        let mut output = vec![7.0; 6 * 15];
        product_into(left, right, &mut output[3..], 15);
        for (index, &found) in output.iter().enumerate() {
            let (row, column) = (index / 15, index % 15);
            let is_inside = (3..12).contains(&column);
            assert_eq!(found, if is_inside { expected[row * 9 + column - 3] } else { 7.0 }, "row {row}, column {column}");
        }
    }

    /// As attention reads its values: not packed where they fill whole panels.
    #[test]
    fn parts_are_read_where_they_are_by_every_kind_of_tiles_and_get_a_bias() {
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..6 * 9).map(wave).collect(), (0..9 * 48).map(|index| wave(index + 7)).collect());
        let (left, right) = (Matrix::new(&a, 6, 9), Matrix::part(&b, 4, 9, 32, 48));
        let bias: Vec<f32> = (0..32).map(|index| wave(index + 3)).collect();
        let expected = plain([6, 9, 32], left, right);
        for tiles in tile::ALL.iter().copied().filter(|tiles| (tiles.is_there)()) {
            let mut output = vec![7.0; 6 * 37];
            product_by(tiles, left, right, &[], apart(&mut output, 37), &bias);
            for (index, &found) in output.iter().enumerate() {
                let (row, column) = (index / 37, index % 37);
                let expected = if column < 32 { expected[row * 32 + column] + bias[column] } else { 7.0 };
                assert_eq!(found, expected, "{}: row {row}, column {column}", tiles.name);
            }
        }
    }

    #[test]
    fn the_vectors_are_as_wide_as_the_product_where_there_are_such() {
        let there: Vec<Tiles> = tile::ALL.iter().copied().filter(|tiles| (tiles.is_there)()).collect();
        assert!(there.len() > 1, "nothing is compared on this machine");
        assert_eq!(fastest(1000).name, there[there.len() - 1].name);
        assert_eq!(fastest(8).width, 8);
    }
}
