//! The affine map `y = x W + b`.

use crate::kernels;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// `x W + b` with the parameters `weight` `[inputs, outputs]` and `bias` `[1, outputs]` of the scope.
///
/// # Shapes
/// - `x`: `[replicas, rows, inputs]`
/// - result: `[replicas, rows, outputs]`
pub(crate) fn linear(scope: &Scope, x: Tensor<3>) -> Tensor<3> {
    affine(scope, x, true)
}

/// The same, which has a bias only if it is `biased`.
///
/// # Shapes
/// - `x`: `[replicas, rows, inputs]`
/// - result: `[replicas, rows, outputs]`
pub(crate) fn affine(scope: &Scope, x: Tensor<3>, biased: bool) -> Tensor<3> {
    if !biased {
        return kernels::product(x, scope.weight("weight"));
    }
    kernels::affine(x, scope.weight("weight"), scope.weight("bias"))
}
