//! Where the matrices of each replica lie in a buffer, so that kernels read parameters where they are and write gradients where they belong.

use burn::backend::TensorMetadata;
use burn::cubecl;
use burn::tensor::DType;
use cubecl::prelude::*;

use super::Float;
use super::joined::Joined;
use crate::kernels::Part;

/// Matrices of one shape in a buffer, one or a few for each replica.
#[derive(Clone, Debug)]
pub(super) struct Matrices {
    /// The memory that they lie in.
    memory: Float,
    /// Where the first replica's begin.
    starts: Vec<usize>,
    /// Numbers from one replica, row or column to the next.
    steps: [usize; 3],
}

impl Matrices {
    /// A tensor `[replicas, rows, columns]`, whichever way it lies.
    pub(super) fn of(tensor: &Float) -> Self {
        let steps = tensor.meta.strides();
        Matrices { memory: flat(tensor), starts: vec![0], steps: [steps[0], steps[1], steps[2]] }
    }

    /// Tensors of one shape `[replicas, rows, columns]` beside each other.
    pub(super) fn joined(joined: &Joined) -> Self {
        let [_, rows, columns] = joined.tensor(0).shape().dims();
        Matrices { memory: joined.whole.clone(), starts: joined.starts.clone(), steps: [rows * columns, columns, 1] }
    }

    /// Parameters of one shape in a buffer `[replicas, numbers]` whose rows lie in one piece.
    pub(super) fn parameters(buffer: &Float, parts: &[Part]) -> Self {
        let starts = parts.iter().map(|part| part.offset).collect();
        Matrices { memory: flat(buffer), starts, steps: [buffer.meta.strides()[0], parts[0].columns, 1] }
    }

    /// Each matrix by itself.
    pub(super) fn apart<const N: usize>(&self) -> [Matrices; N] {
        std::array::from_fn(|index| Matrices { starts: vec![self.starts[index]], ..self.clone() })
    }

    /// The same with rows and columns swapped.
    pub(super) fn transposed(self) -> Self {
        let [replica, row, column] = self.steps;
        Matrices { steps: [replica, column, row], ..self }
    }

    /// A tensor on their device.
    pub(super) fn memory(&self) -> &Float {
        &self.memory
    }

    /// Numbers from one replica to the next.
    pub(super) fn step(&self) -> usize {
        self.steps[0]
    }

    pub(super) fn buffer(&self) -> BufferArg {
        self.memory.clone().into_buffer_arg()
    }

    pub(super) fn places(&self) -> PlacesLaunch {
        let mut starts = SequenceArg::new();
        self.starts.iter().for_each(|&start| starts.push(start));
        let [replica, row, column] = self.steps;
        PlacesLaunch::new(starts, replica, row, column)
    }
}

/// All memory of a tensor, as a list of numbers.
fn flat(tensor: &Float) -> Float {
    let numbers = tensor.handle.size() as usize / size_of::<f32>();
    Float::new_contiguous(tensor.client.clone(), tensor.device.clone(), [numbers].into(), tensor.handle.clone(), DType::F32)
}

/// The same inside a kernel.
#[derive(CubeType, CubeLaunch)]
pub(super) struct Places {
    starts: Sequence<usize>,
    replica: usize,
    row: usize,
    column: usize,
}

#[cube]
impl Places {
    /// Where one of the matrices of a replica begins. Where there is one only, it stands for all.
    pub(super) fn start(&self, index: usize, replica: usize) -> usize {
        let mut start = self.starts[0];
        #[unroll]
        for other in 1..self.starts.len() {
            start = select(index == other, self.starts[other], start);
        }
        start + replica * self.replica
    }

    /// Where a number of the matrix that begins at `start` is.
    pub(super) fn index(&self, start: usize, row: usize, column: usize) -> usize {
        start + row * self.row + column * self.column
    }
}
