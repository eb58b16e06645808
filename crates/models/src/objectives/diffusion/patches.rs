//! A grid of numbers as positions of a model: square patches in reading order (Dosovitskiy et al. 2021, <https://arxiv.org/abs/2010.11929>).

/// How the numbers of a grid are told to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Patches {
    /// Patches of an example.
    pub positions: usize,
    /// Numbers of a patch.
    pub channels: usize,
    /// Index in the grid of each number as the model reads it.
    order: Vec<usize>,
}

impl Patches {
    /// Patches of `size` by `size` cells of a grid of height, width and channels; `size` divides height and width.
    pub fn square([height, width, channels]: [usize; 3], size: usize) -> Self {
        let size = size.max(1);
        let mut order = Vec::with_capacity(height * width * channels);
        for (top, left) in (0..height / size).flat_map(|row| (0..width / size).map(move |column| (row * size, column * size))) {
            for (row, column) in (0..size).flat_map(|row| (0..size).map(move |column| (top + row, left + column))) {
                order.extend((0..channels).map(|channel| (row * width + column) * channels + channel));
            }
        }
        Patches { positions: (height / size) * (width / size), channels: size * size * channels, order }
    }

    /// The whole grid as one position, in its own order.
    pub fn whole([height, width, channels]: [usize; 3]) -> Self {
        let size = height * width * channels;
        Patches { positions: 1, channels: size, order: (0..size).collect() }
    }

    /// The numbers of a grid in the order in which the model reads them.
    pub fn read<'a>(&'a self, grid: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.order.iter().map(|&index| grid[index])
    }

    /// The grid of numbers in the order of the model; what is beyond one example is left out.
    pub fn grid(&self, read: &[f32]) -> Vec<f32> {
        let mut grid = vec![0.0; self.order.len()];
        self.order.iter().zip(read).for_each(|(&index, &value)| grid[index] = value);
        grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_read_row_by_row_and_put_together_again() {
        let grid: Vec<f32> = (0..16).map(|index| index as f32).collect();
        let patches = Patches::square([4, 4, 1], 2);
        assert_eq!((patches.positions, patches.channels), (4, 4));
        let read: Vec<f32> = patches.read(&grid).collect();
        assert_eq!(read[..8], [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
        assert_eq!(patches.grid(&read), grid);
    }

    #[test]
    fn channels_of_a_cell_stay_together() {
        let grid: Vec<f32> = (0..8).map(|index| index as f32).collect();
        let patches = Patches::square([2, 2, 2], 1);
        assert_eq!((patches.positions, patches.channels), (4, 2));
        assert_eq!(patches.read(&grid).collect::<Vec<_>>(), grid);
        let whole = Patches::whole([2, 2, 2]);
        assert_eq!((whole.positions, whole.channels, whole.read(&grid).collect::<Vec<_>>()), (1, 8, grid));
    }
}
