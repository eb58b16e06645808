//! Formulas of single numbers that are said once, for the CPU and for the kernels of a GPU.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::kernels;

/// What a formula calculates with: a number, or a number of a kernel that is being written.
pub trait Arithmetic:
    Clone + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self> + Sized
{
    /// A constant of the formula that `self` is calculated with.
    fn constant(&self, value: f32) -> Self;

    /// The square root.
    fn root(self) -> Self;

    /// The exponential, finite for every number and more than zero up to -87.
    fn exp(self) -> Self;

    /// The natural logarithm of a number above zero.
    fn ln(self) -> Self;

    /// -1, 0 or 1.
    fn sign(self) -> Self;

    /// The larger of the two; `self` where it is not a number.
    fn max(self, other: Self) -> Self;
}

impl Arithmetic for f32 {
    #[inline(always)]
    fn constant(&self, value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn root(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn exp(self) -> Self {
        kernels::exp(self)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        // Not the platform's, which differ in the last bit.
        libm::logf(self)
    }

    #[inline(always)]
    fn sign(self) -> Self {
        // `signum` of zero is one.
        f32::from(self > 0.0) - f32::from(self < 0.0)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // Not `f32::max`, which drops what is not a number.
        if self <= other { other } else { self }
    }
}
