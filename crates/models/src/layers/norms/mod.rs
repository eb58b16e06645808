//! Normalisation: which function, one per file, and where it stands.

mod layer;
mod rms;

use ablation_settings::{Field, Group, MissingSetting, Settings};

use crate::entry::{self, Entry};
use crate::kernels::{self, Centre, EPSILON, Part};
use crate::parameter::Parameter;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// A normalisation of each row over its width: `(x - centre) / sqrt(mean((x - centre)^2) + 1e-5) * gain + bias`.
pub struct NormKind {
    /// The parameters of a norm at a path, for a width.
    pub parameters: fn(&str, usize) -> Vec<Parameter>,
    centre: Centre,
    biased: bool,
}

impl NormKind {
    /// The norm of each row of `x` at a scope that holds its parameters.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub fn forward(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        scope.capture(SCALE, || self.scale(x.clone()));
        let bias = self.biased.then(|| scope.weight("bias"));
        kernels::norm(x, scope.weight("gain"), bias, self.centre)
    }

    /// What each row is divided by: `sqrt(mean((x - centre)^2) + 1e-5)`.
    ///
    /// # Shapes
    /// - `x`: `[replicas, rows, width]`
    /// - result: `[replicas, rows, 1]`
    fn scale(&self, x: Tensor<3>) -> Tensor<3> {
        let least = kernels::constant(f64::from(EPSILON), &x.device());
        let x = if self.is_centred() { x.clone() - kernels::mean(x) } else { x };
        kernels::root(kernels::mean(x.clone() * x) + least)
    }

    /// Whether the mean of each row is subtracted from it.
    pub(crate) fn is_centred(&self) -> bool {
        self.centre == Centre::Mean
    }

    /// What the norm is as a part of an operation.
    fn kernel(&self) -> kernels::Norm {
        kernels::Norm { centre: self.centre, biased: self.biased }
    }
}

/// The norm that a branch reads the stream through, as a part of an operation.
pub(crate) struct FusedNorm {
    pub norm: kernels::Norm,
    pub gain: Part,
    /// If the norm has one.
    pub bias: Option<Part>,
}

/// All of them; the first is the default.
pub const NORM_KINDS: &[Entry<NormKind>] = &[layer::ENTRY, rms::ENTRY];

/// Where norms may stand; the first is the default.
pub const NORM_PLACEMENTS: &[Entry<NormPlacement>] = &[
    Entry {
        name: "pre",
        label: "before each branch (pre-norm)",
        help: "Each branch reads the residual stream through a norm: x + f(norm(x)).",
        value: NormPlacement::Pre,
    },
    Entry {
        name: "post",
        label: "after each branch (post-norm)",
        help: "The residual stream itself is normalised after each branch: norm(x + f(x)). It needs a warm-up.",
        value: NormPlacement::Post,
    },
    Entry {
        name: "sandwich",
        label: "before and after each branch (sandwich)",
        help: "As before each branch, and what the branch adds is normalised too: x + norm(f(norm(x))).",
        value: NormPlacement::Sandwich,
    },
    Entry { name: "none", label: "none", help: "No normalisation anywhere.", value: NormPlacement::None },
];

/// Where the stream is normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlacement {
    /// What each branch reads, and what the output reads: `x + branch(norm(x))` (Xiong et al. 2020).
    Pre,
    /// The stream itself, after each branch; there is no norm at the end: `norm(x + branch(x))` (Vaswani et al. 2017).
    Post,
    /// As `Pre`, and what each branch adds as well: `x + norm(branch(norm(x)))` (Ding et al. 2021, <https://arxiv.org/abs/2105.13290>).
    Sandwich,
    /// Nowhere.
    None,
}

impl NormPlacement {
    /// Whether branches and the output read the stream through a norm.
    pub(crate) fn is_before(self) -> bool {
        matches!(self, NormPlacement::Pre | NormPlacement::Sandwich)
    }
}

/// What a norm divides each row by can be looked at under the path of the norm and this name.
pub(crate) const SCALE: &str = "scale";

/// The norm of what a branch adds: its path is that of the branch and this name.
pub(crate) const INNER: &str = "norm";

/// The norms of a residual stream: `<branch>_norm` for each branch, and `norm` before the output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norms {
    /// Where they stand.
    pub place: NormPlacement,
    /// Which function.
    pub kind: &'static Entry<NormKind>,
    /// Width of the stream.
    pub width: usize,
}

impl Norms {
    /// The settings that norms are read from.
    pub(crate) fn fields() -> [Field; 2] {
        let place = "Where the residual stream is normalised.";
        let kind = "Normalisation layer.";
        [
            entry::field(NORM_PLACEMENTS, "model.norm", Group::Model, "Norm placement", place).affects(&["norm"]),
            entry::field(NORM_KINDS, "model.norm_kind", Group::Model, "Norm", kind).affects(&["norm"]).absent(NORM_KINDS[0].name),
        ]
    }

    /// The norms in a study's settings.
    pub(crate) fn read(settings: &Settings, width: usize) -> Result<Self, MissingSetting> {
        let place = entry::chosen(NORM_PLACEMENTS, settings, "model.norm")?.value;
        Ok(Norms { place, kind: entry::chosen_or_first(NORM_KINDS, settings, "model.norm_kind")?, width })
    }

    /// Parameters of the norm of the branch at `path`.
    pub(crate) fn of_branch(&self, path: &str) -> Vec<Parameter> {
        let of = |path: &str| (self.kind.value.parameters)(path, self.width);
        let outer = format!("{path}_norm");
        match self.place {
            NormPlacement::None => Vec::new(),
            NormPlacement::Pre | NormPlacement::Post => of(&outer),
            NormPlacement::Sandwich => [of(&outer), of(&format!("{path}.{INNER}"))].concat(),
        }
    }

    /// Parameters of the last norm.
    pub(crate) fn of_output(&self) -> Vec<Parameter> {
        if self.place.is_before() { (self.kind.value.parameters)("norm", self.width) } else { Vec::new() }
    }

    /// The stream `x` with the branch `name`, computed by `compute` of what it reads, and with the norm of that branch.
    ///
    /// # Shapes
    /// - `x`, component, result: `[replicas, rows, width]`
    pub(crate) fn branch<'a>(
        &self,
        scope: &Scope<'a>,
        name: &str,
        x: Tensor<3>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let read = x.clone();
        self.branch_of(scope, name, x, read, compute)
    }

    /// The same of a branch that reads something else than the stream as it is by now: `read`.
    ///
    /// # Shapes
    /// - `x`, `read`, component, result: `[replicas, rows, width]`
    pub(crate) fn branch_of<'a>(
        &self,
        scope: &Scope<'a>,
        name: &str,
        x: Tensor<3>,
        read: Tensor<3>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let norm = format!("{name}_norm");
        let x = scope.branch(name, x, |branch| self.inside(branch, compute(branch, self.before(scope, &norm, read))));
        self.normalised(NormPlacement::Post, scope, &norm, x)
    }

    /// The same of a component that replaces the stream: it has no residual connection.
    ///
    /// # Shapes
    /// - `x`, component, result: `[replicas, rows, width]`
    pub(crate) fn replacing<'a>(
        &self,
        scope: &Scope<'a>,
        name: &str,
        x: Tensor<3>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let norm = format!("{name}_norm");
        let compute = |branch: &Scope<'a>, x| self.inside(branch, compute(branch, self.before(scope, &norm, x)));
        let x = scope.replacing(name, x, compute);
        self.normalised(NormPlacement::Post, scope, &norm, x)
    }

    /// The norm that the branch `name` reads the stream through as a part of an operation; none if there is none, or somebody edits it or
    /// looks at its output.
    pub(crate) fn fused(&self, scope: &Scope, name: &str) -> Option<FusedNorm> {
        let (kind, scope) = (&self.kind.value, scope.at(format_args!("{name}_norm")));
        if self.place != NormPlacement::Pre || scope.is_addressed() || !scope.is_opaque() {
            return None;
        }
        let bias = if kind.biased { Some(scope.part("bias")?) } else { None };
        Some(FusedNorm { norm: kind.kernel(), gain: scope.part("gain")?, bias })
    }

    /// What a branch adds, through the norm for that, if there is one.
    fn inside(&self, branch: &Scope, added: Tensor<3>) -> Tensor<3> {
        self.normalised(NormPlacement::Sandwich, branch, INNER, added)
    }

    /// What the output reads of the stream.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, rows, width]`
    pub(crate) fn output(&self, scope: &Scope, x: Tensor<3>) -> Tensor<3> {
        self.before(scope, "norm", x)
    }

    /// `x` through the norm `name`, if branches and the output read the stream through one.
    fn before(&self, scope: &Scope, name: &str, x: Tensor<3>) -> Tensor<3> {
        if self.place.is_before() { scope.inline(name, x, |scope, x| self.kind.value.forward(scope, x)) } else { x }
    }

    /// `x` through the norm `name`, if norms stand at `place`.
    fn normalised(&self, place: NormPlacement, scope: &Scope, name: &str, x: Tensor<3>) -> Tensor<3> {
        if self.place == place { scope.inline(name, x, |scope, x| self.kind.value.forward(scope, x)) } else { x }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edits::Edits;
    use crate::scope::Pass;
    use crate::weights::{Weights, upload};
    use burn::tensor::Device;

    const WIDTH: usize = 11;
    const SHAPE: [usize; 3] = [2, 3, WIDTH];

    fn host(tensor: Tensor<3>) -> Vec<f64> {
        tensor.into_data().try_into_vec::<f32>().unwrap().into_iter().map(f64::from).collect()
    }

    /// What a norm makes of `x`, and the gradients of `sum(slope * output)`: of the input, then of each parameter.
    fn forward_and_backward(kind: &NormKind, weights: &Weights, x: Vec<f32>, slope: &Tensor<3>) -> (Tensor<3>, Vec<Tensor<3>>) {
        let device = Device::flex();
        let edits = Edits::none(2).resolve(&[], &device.clone().autodiff());
        let leaves = weights.leaves();
        let x = Tensor::from_inner(upload(x, SHAPE, &device)).require_grad();
        let output = kind.forward(&Pass::new(&leaves, &edits).scope().at("norm"), x.clone());
        let gradients = (output.clone() * Tensor::from_inner(slope.clone())).sum().backward();
        let of_weights = leaves.iter().map(|(_, leaf)| leaf.grad(&gradients).expect("the output depends on every parameter"));
        let of_x = x.grad(&gradients).expect("the output depends on the input");
        (output.inner(), std::iter::once(of_x).chain(of_weights).collect())
    }

    fn wave(count: usize, offset: f32) -> Vec<f32> {
        (0..count).map(|index| (index as f32 * 1.3 + offset).sin() * 1.5 + 0.2).collect()
    }

    /// Two replicas with gains and biases of their own, nudged number by number.
    #[test]
    fn gradients_of_every_norm_are_the_slopes_of_its_output() {
        const STEP: f32 = 0.01;
        for entry in NORM_KINDS {
            let parameters = (entry.value.parameters)("norm", WIDTH);
            let numbers = |parameter: &Parameter, replica: usize| wave(parameter.count(), replica as f32 + 0.7);
            let weights = Weights::fill(&parameters, 2, &Device::flex(), numbers);
            let slope = upload::<3>(wave(2 * 3 * WIDTH, 2.1), SHAPE, &Device::flex());
            let x = wave(2 * 3 * WIDTH, 0.4);
            let (_, gradients) = forward_and_backward(&entry.value, &weights, x.clone(), &slope);
            let loss = |weights: &Weights, x: Vec<f32>| {
                let output = forward_and_backward(&entry.value, weights, x, &slope).0;
                host(output).iter().zip(host(slope.clone())).map(|(output, slope)| output * slope).sum::<f64>()
            };
            let compare = |what: &str, seen: f64, gradient: f64| {
                assert!((seen - gradient).abs() < 2e-3 * (1.0 + gradient.abs()), "{} {what}: {seen} and {gradient}", entry.name);
            };
            let of_x = host(gradients[0].clone());
            for index in 0..x.len() {
                let moved = |by: f32| {
                    let mut x = x.clone();
                    x[index] += by;
                    loss(&weights, x)
                };
                compare("input", (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP), of_x[index]);
            }
            for ((path, tensor), gradient) in weights.iter().zip(&gradients[1..]) {
                for (index, gradient) in host(gradient.clone()).into_iter().enumerate() {
                    let moved = |by: f32| {
                        let mut values: Vec<f32> = host(tensor.clone()).into_iter().map(|value| value as f32).collect();
                        values[index] += by;
                        let one = upload::<3>(values, tensor.dims(), &Device::flex());
                        loss(&weights.map(|other, tensor| if other == path { one.clone() } else { tensor.clone() }), x.clone())
                    };
                    compare(path, (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP), gradient);
                }
            }
        }
    }
}
