//! Tensors beside each other in one piece of memory: one kernel writes them all, and others read each where it lies.

use burn::tensor::{DType, Shape};

use super::{Float, empty};

/// Tensors in one piece of memory.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    /// All numbers, those between two tensors included.
    pub whole: Float,
    shapes: Vec<Shape>,
    /// Where each tensor begins.
    pub starts: Vec<usize>,
}

impl Joined {
    /// Memory for tensors of these shapes on the device of `on`, to be filled.
    pub(super) fn empty(on: &Float, shapes: Vec<Shape>) -> Self {
        let (starts, end) = starts(on, &shapes);
        Joined { whole: empty(on, [end]), shapes, starts }
    }

    /// Tensors that lie in such memory.
    pub(super) fn of(whole: Float, shapes: Vec<Shape>) -> Self {
        let starts = starts(&whole, &shapes).0;
        Joined { whole, shapes, starts }
    }

    /// One of the tensors.
    pub(super) fn tensor(&self, index: usize) -> Float {
        let bytes = |numbers: usize| (numbers * size_of::<f32>()) as u64;
        let (shape, start) = (self.shapes[index].clone(), self.starts[index]);
        let behind = self.whole.meta.num_elements() - start - shape.num_elements();
        let memory = self.whole.handle.clone().offset_start(bytes(start)).offset_end(bytes(behind));
        Float::new_contiguous(self.whole.client.clone(), self.whole.device.clone(), shape, memory, DType::F32)
    }

    /// All of them.
    pub(super) fn tensors<const N: usize>(&self) -> [Float; N] {
        std::array::from_fn(|index| self.tensor(index))
    }
}

/// Where each tensor begins, and where the last one ends: devices bind memory from certain places on only.
fn starts(on: &Float, shapes: &[Shape]) -> (Vec<usize>, usize) {
    let step = (on.client.properties().memory.alignment as usize / size_of::<f32>()).max(1);
    shapes.iter().fold((Vec::new(), 0), |(mut starts, end), shape| {
        let start = end.next_multiple_of(step);
        starts.push(start);
        (starts, start + shape.num_elements())
    })
}
