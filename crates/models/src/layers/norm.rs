//! Layer normalisation (Ba, Kiros & Hinton 2016), and where it stands.

use burn::tensor::Tensor;

use crate::kernels;
use crate::parameter::Parameter;
use crate::scope::Scope;

/// Added to the variance.
const EPSILON: f64 = 1e-5;

/// `(x - mean) / sqrt(variance + 1e-5) * gain + bias` over the width, with the biased variance.
#[derive(Clone, Copy, Debug)]
struct LayerNorm {
    width: usize,
}

impl LayerNorm {
    fn parameters(&self, path: &str) -> Vec<Parameter> {
        vec![Parameter::gain(format!("{path}.gain"), self.width), Parameter::bias(format!("{path}.bias"), self.width)]
    }

    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    fn forward(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        let (gain, bias) = (scope.weight("gain"), scope.weight("bias"));
        if kernels::available(&x.device()) {
            return kernels::layer_norm(x, gain, bias);
        }
        let centred = x.clone() - x.mean_dim(2);
        let variance = (centred.clone() * centred.clone()).mean_dim(2);
        centred / (variance + EPSILON).sqrt() * gain + bias
    }
}

/// Where the stream is normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// What each branch reads, and what the output reads: `x + branch(norm(x))` (Xiong et al. 2020).
    Pre,
    /// The stream itself, after each branch; there is no norm at the end: `norm(x + branch(x))` (Vaswani et al. 2017).
    Post,
    /// Nowhere.
    None,
}

impl Norm {
    /// The value of `model.norm`.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "pre" => Norm::Pre,
            "post" => Norm::Post,
            _ => Norm::None,
        }
    }
}

/// The norms of a residual stream: `<branch>_norm` for each branch, and `norm` before the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norms {
    pub place: Norm,
    pub width: usize,
}

impl Norms {
    /// Parameters of the norm of the branch at `path`.
    pub(crate) fn of_branch(&self, path: &str) -> Vec<Parameter> {
        if self.place == Norm::None { Vec::new() } else { self.norm().parameters(&format!("{path}_norm")) }
    }

    /// Parameters of the last norm.
    pub(crate) fn of_output(&self) -> Vec<Parameter> {
        if self.place == Norm::Pre { self.norm().parameters("norm") } else { Vec::new() }
    }

    /// The stream `x` with the branch `name`, computed by `part` of what it reads, and with the norm of that branch.
    ///
    /// # Shapes
    /// - `x`, part, result: `[replicas, rows, width]`
    pub(crate) fn branch<'a>(
        &self,
        scope: &Scope<'a>,
        name: &str,
        x: Tensor<3>,
        part: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let norm = format!("{name}_norm");
        let stream = x.clone();
        let x = scope.branch(name, x, |branch| part(branch, self.normalised(Norm::Pre, scope, &norm, stream)));
        self.normalised(Norm::Post, scope, &norm, x)
    }

    /// What the output reads of the stream.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub(crate) fn output(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        self.normalised(Norm::Pre, scope, "norm", x)
    }

    /// `x` through the norm `name`, if norms stand at `place`.
    fn normalised(&self, place: Norm, scope: &Scope, name: &str, x: Tensor<3>) -> Tensor<3> {
        if self.place == place { scope.inline(name, x, |scope, x| self.norm().forward(scope, x)) } else { x }
    }

    fn norm(&self) -> LayerNorm {
        LayerNorm { width: self.width }
    }
}
