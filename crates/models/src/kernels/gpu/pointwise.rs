//! A function of each number by itself and its gradient, a thread a number.

use burn::backend::TensorMetadata;
use burn::cubecl;
use cubecl::prelude::*;
use cubecl::std::tensor::layout::linear::LinearView;

use super::matrices::Matrices;
use super::product::{self, Factors, Gate};
use super::term::Term;
use super::{Float, empty, threads};
use crate::kernels::Pointwise;

/// The kernels of one [`Pointwise`] function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Launch {
    /// `value(x)`, of `x`.
    pub(super) forward: fn(Float) -> Float,
    /// `grad slope(x)`, of `x` and `grad`.
    pub(super) backward: fn(Float, Float) -> Float,
    /// `value(x)` and `x`, of a product with a bias, which is `x`.
    pub(super) product: fn(&Factors, &Matrices) -> [Float; 2],
    /// `grad slope(x)`, of a product, which is `grad`, and `x`.
    pub(super) product_backward: fn(&Factors, Option<Gate>, Float) -> Float,
}

impl Launch {
    pub(crate) const fn of<P: Pointwise>() -> Self {
        Launch {
            forward: forward::<P>,
            backward: backward::<P>,
            product: product::activated::<P>,
            product_backward: product::sloped::<P>,
        }
    }
}

fn forward<P: Pointwise>(x: Float) -> Float {
    let output = empty(&x, x.shape());
    let (count, dim) = threads(&x, x.shape().num_elements());
    values::launch::<P>(&output.client, count, dim, x.into_linear_view(), output.clone().into_buffer_arg());
    output
}

fn backward<P: Pointwise>(x: Float, grad: Float) -> Float {
    let output = empty(&x, x.shape());
    let (count, dim) = threads(&x, x.shape().num_elements());
    let (x, grad) = (x.into_linear_view(), grad.into_linear_view());
    gradients::launch::<P>(&output.client, count, dim, x, grad, output.clone().into_buffer_arg());
    output
}

#[cube(launch)]
fn values<P: Pointwise>(x: LinearView<'_, f32>, output: &mut [f32]) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    output[ABSOLUTE_POS] = value::<P>(x.read(ABSOLUTE_POS));
}

#[cube(launch)]
fn gradients<P: Pointwise>(x: LinearView<'_, f32>, grad: LinearView<'_, f32>, output: &mut [f32]) {
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    output[ABSOLUTE_POS] = grad.read(ABSOLUTE_POS) * slope::<P>(x.read(ABSOLUTE_POS));
}

#[cube]
pub(super) fn value<P: Pointwise>(x: f32) -> f32 {
    intrinsic!(|scope| P::value(Term { scope, value: x }).value)
}

#[cube]
pub(super) fn slope<P: Pointwise>(x: f32) -> f32 {
    intrinsic!(|scope| P::slope(Term { scope, value: x }).value)
}
