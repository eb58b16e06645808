//! Formulas that are said once, written into kernels.

use std::ops::{Add, Div, Mul, Neg, Sub};

use burn::cubecl;
use cubecl::ir::Scope;
use cubecl::prelude::*;

use crate::arithmetic::Arithmetic;

/// The largest number whose exponential is finite, and whose inverse is not zero.
const LARGEST: f32 = 87.0;

/// A number of a kernel that is being written: calculating with it writes the calculation.
#[derive(Clone)]
pub(super) struct Term<'a> {
    pub scope: &'a Scope,
    pub value: NativeExpand<f32>,
}

impl Add for Term<'_> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Term { value: sum::expand(self.scope, self.value, other.value), ..self }
    }
}

impl Sub for Term<'_> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Term { value: difference::expand(self.scope, self.value, other.value), ..self }
    }
}

impl Mul for Term<'_> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Term { value: product::expand(self.scope, self.value, other.value), ..self }
    }
}

impl Div for Term<'_> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Term { value: quotient::expand(self.scope, self.value, other.value), ..self }
    }
}

impl Neg for Term<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        Term { value: negative::expand(self.scope, self.value), ..self }
    }
}

impl Arithmetic for Term<'_> {
    fn constant(&self, value: f32) -> Self {
        Term { scope: self.scope, value: value.into() }
    }

    fn root(self) -> Self {
        Term { value: root::expand(self.scope, self.value), ..self }
    }

    fn exp(self) -> Self {
        Term { value: exponential::expand(self.scope, self.value), ..self }
    }

    fn ln(self) -> Self {
        Term { value: logarithm::expand(self.scope, self.value), ..self }
    }

    fn sign(self) -> Self {
        Term { value: sign::expand(self.scope, self.value), ..self }
    }

    fn max(self, other: Self) -> Self {
        Term { value: larger::expand(self.scope, self.value, other.value), ..self }
    }
}

#[cube]
fn sum(a: f32, b: f32) -> f32 {
    a + b
}

#[cube]
fn difference(a: f32, b: f32) -> f32 {
    a - b
}

#[cube]
fn product(a: f32, b: f32) -> f32 {
    a * b
}

#[cube]
fn quotient(a: f32, b: f32) -> f32 {
    a / b
}

#[cube]
fn negative(x: f32) -> f32 {
    -x
}

#[cube]
fn root(x: f32) -> f32 {
    x.sqrt()
}

#[cube]
fn exponential(x: f32) -> f32 {
    x.min(LARGEST).exp()
}

#[cube]
fn logarithm(x: f32) -> f32 {
    x.ln()
}

#[cube]
fn sign(x: f32) -> f32 {
    let mut sign = 0.0f32;
    if x > 0.0 {
        sign = 1.0f32;
    }
    if x < 0.0 {
        sign = -1.0f32;
    }
    sign
}

#[cube]
fn larger(a: f32, b: f32) -> f32 {
    let mut larger = a;
    if a <= b {
        larger = b;
    }
    larger
}
