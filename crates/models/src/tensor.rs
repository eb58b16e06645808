//! Tensors of single precision on a device: what models are written with.
//!
//! The tensor library has such a type. Each of its operations asks whether the numbers are quantised, and a module for the browser then holds the
//! code of quantised tensors, with the comparisons, minima and maxima that these need, although no model here has one. And a tensor that it makes of
//! numbers of the host brings the conversions of every kind of number into every other. Together that is 50 KB that everybody would download, of
//! 620 that are left. This type goes straight to the operations of the backend. It has those that models use, under the names and with the meaning
//! of the tensor library; to add one is to add its line. Whole numbers and truth values have no quantised kind: they are the tensor library's, and
//! only made here.

use std::fmt::{Debug, Formatter};
use std::ops::{Add, Div, Mul, Neg, Range, Sub};

use burn::backend::ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps, TransactionOps, TransactionPrimitive};
use burn::backend::{AutodiffBackend, Dispatch, DispatchAutodiffContext, DispatchTensor, ExecutionError, Scalar, TensorMetadata};
use burn::tensor::{Bool, Device, FloatDType, Int, Shape, Slice, TensorData};

/// Gradients of a loss, by leaf of the gradient tape.
pub type Gradients = <Dispatch as AutodiffBackend>::Gradients;

/// Whole numbers of 32 bits on a device, such as tokens.
pub type Integers<const D: usize> = burn::tensor::Tensor<D, Int>;

/// Truth values on a device.
pub(crate) type Mask<const D: usize> = burn::tensor::Tensor<D, Bool>;

/// Numbers on a device, in `D` dimensions. A clone shares them.
#[derive(Clone)]
pub struct Tensor<const D: usize>(DispatchTensor);

impl<const D: usize> Tensor<D> {
    /// What an operation of the backend gave.
    pub(crate) fn from_dispatch(tensor: DispatchTensor) -> Self {
        debug_assert_eq!(tensor.rank(), D, "the operation gives as many dimensions as are expected");
        Tensor(tensor)
    }

    /// What an operation of the backend takes.
    pub(crate) fn into_dispatch(self) -> DispatchTensor {
        self.0
    }

    /// Numbers of the host, row by row.
    pub fn from_data(data: TensorData, device: &Device) -> Self {
        Tensor::from_dispatch(Dispatch::float_from_data(data, device.as_dispatch()))
    }

    /// The numbers, row by row. For native programs: in a browser a GPU answers later, which is waited for where tensors are read together.
    pub fn into_data(self) -> TensorData {
        burn::tensor::Tensor::from(self).into_data()
    }

    /// [`Tensor::into_data`] of a clone.
    pub fn to_data(&self) -> TensorData {
        self.clone().into_data()
    }

    /// Numbers that nobody reads.
    pub fn empty(shape: [usize; D], device: &Device) -> Self {
        Tensor::from_dispatch(Dispatch::float_empty(Shape::from(shape), device.as_dispatch(), FloatDType::F32))
    }

    /// Zeros.
    pub fn zeros(shape: [usize; D], device: &Device) -> Self {
        Tensor::from_dispatch(Dispatch::float_zeros(Shape::from(shape), device.as_dispatch(), FloatDType::F32))
    }

    /// Zeros of the same shape on the same device.
    pub fn zeros_like(&self) -> Self {
        Tensor::zeros(self.dims(), &self.device())
    }

    /// Ones.
    pub fn ones(shape: [usize; D], device: &Device) -> Self {
        Tensor::from_dispatch(Dispatch::float_ones(Shape::from(shape), device.as_dispatch(), FloatDType::F32))
    }

    /// One number everywhere.
    pub fn full(shape: [usize; D], value: f64, device: &Device) -> Self {
        Tensor::from_dispatch(Dispatch::float_full(
            Shape::from(shape),
            Scalar::Float(value),
            device.as_dispatch(),
            FloatDType::F32,
        ))
    }

    /// The shape.
    pub fn dims(&self) -> [usize; D] {
        self.0.shape().dims()
    }

    /// Where the numbers are.
    pub fn device(&self) -> Device {
        Device::new(self.0.device())
    }

    /// The same numbers, row by row, in another shape with as many.
    pub fn reshape<const E: usize>(self, shape: [usize; E]) -> Tensor<E> {
        Tensor::from_dispatch(Dispatch::float_reshape(self.0, Shape::from(shape)))
    }

    /// The same numbers with a dimension of one more before `dimension`: `[a, b]` to `[a, 1, b]`.
    pub fn unsqueeze_dim<const E: usize>(self, dimension: usize) -> Tensor<E> {
        let dims = self.dims();
        self.reshape(std::array::from_fn(|index| match index {
            _ if index < dimension => dims[index],
            _ if index == dimension => 1,
            _ => dims[index - 1],
        }))
    }

    /// Two different dimensions exchanged.
    pub fn swap_dims(self, first: usize, second: usize) -> Self {
        Tensor::from_dispatch(Dispatch::float_swap_dims(self.0, first, second))
    }

    /// What lies in ranges of the first dimensions; no range is empty.
    pub fn slice<const N: usize>(self, ranges: [Range<usize>; N]) -> Self {
        let slices = self.slices(ranges);
        Tensor::from_dispatch(Dispatch::float_slice(self.0, &slices))
    }

    /// The same numbers with those in ranges of the first dimensions replaced. `values`: of the shape of these ranges.
    pub fn slice_assign<const N: usize>(self, ranges: [Range<usize>; N], values: Self) -> Self {
        let slices = self.slices(ranges);
        Tensor::from_dispatch(Dispatch::float_slice_assign(self.0, &slices, values.0))
    }

    /// A range for every dimension.
    fn slices<const N: usize>(&self, ranges: [Range<usize>; N]) -> Vec<Slice> {
        let dims = self.dims();
        debug_assert!(
            ranges.iter().zip(dims).all(|(range, size)| !range.is_empty() && range.end <= size),
            "{ranges:?} of {dims:?}"
        );
        let whole = dims[N..].iter().map(|&size| 0..size);
        ranges.into_iter().chain(whole).map(Slice::from).collect()
    }

    /// `length` entries of one dimension from `start` on.
    pub fn narrow(self, dimension: usize, start: usize, length: usize) -> Self {
        let dims = self.dims();
        self.slice::<D>(std::array::from_fn(|index| if index == dimension { start..start + length } else { 0..dims[index] }))
    }

    /// The numbers again and again along a dimension.
    pub fn repeat_dim(self, dimension: usize, times: usize) -> Self {
        Tensor::from_dispatch(Dispatch::float_repeat_dim(self.0, dimension, times))
    }

    /// Tensors one after another along a dimension: at least one, none of them empty, and of one shape except there.
    pub fn cat(tensors: Vec<Self>, dimension: usize) -> Self {
        let tensors = tensors.into_iter().map(Tensor::into_dispatch).collect();
        Tensor::from_dispatch(Dispatch::float_cat(tensors, dimension))
    }

    /// The sum of all numbers.
    pub fn sum(self) -> Tensor<1> {
        Tensor::from_dispatch(Dispatch::float_sum(self.0))
    }

    /// Sums along a dimension, which becomes one: `[a, b]` to `[a, 1]`.
    pub fn sum_dim(self, dimension: usize) -> Self {
        Tensor::from_dispatch(Dispatch::float_sum_dim(self.0, dimension))
    }

    /// The softmax along a dimension: numbers above zero whose sum is one.
    pub(crate) fn softmax(self, dimension: usize) -> Self {
        Tensor::from_dispatch(Dispatch::softmax(self.0, dimension))
    }

    /// `other` where the mask is true; mask and `other` of the same shape, or of one that repeats to it.
    pub(crate) fn mask_where(self, mask: Mask<D>, other: Self) -> Self {
        Tensor::from_dispatch(Dispatch::float_mask_where(self.0, mask.into_dispatch(), other.0))
    }

    /// The same numbers on the gradient tape, as a constant.
    #[must_use]
    pub fn from_inner(tensor: Self) -> Self {
        if tensor.is_on_tape() { tensor } else { Tensor::from_dispatch(Dispatch::from_inner(tensor.0)) }
    }

    /// The same numbers off the gradient tape.
    #[must_use]
    pub fn inner(self) -> Self {
        if self.is_on_tape() { Tensor::from_dispatch(Dispatch::inner(self.0)) } else { self }
    }

    /// The same numbers as a leaf of the gradient tape, which they have to be on.
    #[must_use]
    pub fn require_grad(self) -> Self {
        debug_assert!(self.is_on_tape(), "a leaf is on the gradient tape");
        Tensor::from_dispatch(Dispatch::float_set_require_grad(self.0, true))
    }

    /// The gradients by every leaf of the sum of these numbers, which have to be on the gradient tape.
    pub fn backward(&self) -> Gradients {
        Dispatch::backward(self.0.clone())
    }

    /// The gradient by this leaf, of its shape and off the tape; none if it is no leaf or the loss did not reach it.
    pub fn grad(&self, gradients: &Gradients) -> Option<Self> {
        self.is_leaf().then(|| Dispatch::grad(&self.0, gradients))?.map(Tensor::from_dispatch)
    }

    /// The same, taken out of the gradients.
    pub fn grad_remove(&self, gradients: &mut Gradients) -> Option<Self> {
        self.is_leaf().then(|| Dispatch::grad_remove(&self.0, gradients))?.map(Tensor::from_dispatch)
    }

    fn is_leaf(&self) -> bool {
        self.is_on_tape() && Dispatch::float_is_require_grad(&self.0)
    }

    fn is_on_tape(&self) -> bool {
        self.0.autodiff != DispatchAutodiffContext::Disabled
    }
}

/// Whole numbers of the host on a device, row by row.
pub(crate) fn integers<const D: usize>(values: Vec<i32>, shape: [usize; D], device: &Device) -> Integers<D> {
    Integers::from_dispatch(Dispatch::int_from_data(TensorData::new(values, shape), device.as_dispatch()))
}

/// Truth values of the host on a device, row by row.
pub(crate) fn mask<const D: usize>(values: Vec<bool>, shape: [usize; D], device: &Device) -> Mask<D> {
    let data = TensorData::new(values, shape);
    // A GPU has no type of one bit and stores them as it likes.
    #[cfg(feature = "gpu")]
    let data = data.convert_dtype(device.settings().bool_dtype.into());
    Mask::from_dispatch(Dispatch::bool_from_data(data, device.as_dispatch()))
}

/// Reads tensors from their device in one go: the numbers of each, row by row.
///
/// # Errors
/// If the device does not answer.
pub(crate) async fn read<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<TensorData>, ExecutionError> {
    let tensors = tensors.into_iter().map(Tensor::into_dispatch).collect();
    let transaction = TransactionPrimitive::<Dispatch>::new(tensors, Vec::new(), Vec::new(), Vec::new());
    Ok(Dispatch::tr_execute(transaction).await?.read_floats)
}

impl<const D: usize> Debug for Tensor<D> {
    /// The shape; the numbers are on a device.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tensor({:?})", self.dims())
    }
}

/// Operations of each number of one tensor with that of another. A dimension of one is repeated to the other's.
macro_rules! operators {
    ($($operator:ident $method:ident $dispatched:ident,)*) => {$(
        impl<const D: usize> $operator for Tensor<D> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                Tensor::from_dispatch(Dispatch::$dispatched(self.0, other.0))
            }
        }
    )*};
}

operators! {
    Add add float_add,
    Sub sub float_sub,
    Mul mul float_mul,
    Div div float_div,
}

impl<const D: usize> Mul<f64> for Tensor<D> {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Tensor::from_dispatch(Dispatch::float_mul_scalar(self.0, Scalar::Float(factor)))
    }
}

impl<const D: usize> Div<f64> for Tensor<D> {
    type Output = Self;

    fn div(self, divisor: f64) -> Self {
        Tensor::from_dispatch(Dispatch::float_div_scalar(self.0, Scalar::Float(divisor)))
    }
}

impl<const D: usize> Neg for Tensor<D> {
    type Output = Self;

    fn neg(self) -> Self {
        Tensor::from_dispatch(Dispatch::float_neg(self.0))
    }
}

impl<const D: usize> From<Tensor<D>> for burn::tensor::Tensor<D> {
    /// The tensor library's own, whose operations are many more.
    fn from(tensor: Tensor<D>) -> Self {
        burn::tensor::Tensor::from_dispatch(tensor.0)
    }
}

impl<const D: usize> From<burn::tensor::Tensor<D>> for Tensor<D> {
    fn from(tensor: burn::tensor::Tensor<D>) -> Self {
        Tensor::from_dispatch(tensor.into_dispatch())
    }
}
