//! Where in the model a forward pass stands, and what it is given there.
//!
//! A model is a pure function of its weights, the edits and the input. The scope carries the first two and the address, so that a
//! layer names its parameters and its sites by one word each and the full path follows from where it is called.
//!
//! Each kind of [placement](ablation_protocol::Placement) has a method: [`Scope::branch`], [`Scope::inline`], [`Scope::source`] and
//! [`Scope::slices`]; a group is no more than [`Scope::at`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use burn::tensor::Device;

use crate::dropout::Dropout;
use crate::kernels::Part;
use crate::resolved::{Gate, Input, PATTERN, Patterns, ResolvedEdits};
use crate::tensor::Tensor;
use crate::weights::Weights;

/// Everything a forward pass is given besides its input.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// Parameters.
    pub weights: &'a Weights,
    /// What is changed at which site.
    pub edits: &'a ResolvedEdits,
    /// Where to keep activations, if anybody asked.
    pub cache: Option<&'a ActivationCache>,
    /// Dropout, when training with it.
    pub dropout: Option<&'a Dropout>,
}

impl<'a> Pass<'a> {
    /// A pass that only computes.
    pub fn new(weights: &'a Weights, edits: &'a ResolvedEdits) -> Self {
        Pass { weights, edits, cache: None, dropout: None }
    }

    /// The root of the model.
    pub fn scope(&'a self) -> Scope<'a> {
        Scope { pass: self, path: String::new() }
    }
}

/// Keeps the activations at chosen paths during a forward pass, as they are before an edit.
#[derive(Debug, Default)]
pub struct ActivationCache {
    paths: Vec<String>,
    captured: RefCell<BTreeMap<String, Tensor<3>>>,
}

impl ActivationCache {
    /// A cache for the given paths: those of sites, or of an attention pattern, `blocks.0.attn.pattern`.
    pub fn of(paths: impl IntoIterator<Item = String>) -> Self {
        ActivationCache { paths: paths.into_iter().collect(), captured: RefCell::default() }
    }

    /// What was captured, in the order asked for. A path that the pass did not reach is missing.
    pub fn take(self) -> Vec<(String, Tensor<3>)> {
        let mut captured = self.captured.into_inner();
        self.paths.into_iter().filter_map(|path| captured.remove(&path).map(|tensor| (path, tensor))).collect()
    }

    fn captures(&self, path: &str) -> bool {
        self.paths.iter().any(|one| one == path)
    }
}

/// An address in the model during a pass.
pub struct Scope<'a> {
    pass: &'a Pass<'a>,
    path: String,
}

impl<'a> Scope<'a> {
    /// The scope of a component.
    pub fn at(&self, name: impl std::fmt::Display) -> Scope<'a> {
        Scope { pass: self.pass, path: self.join(name) }
    }

    /// A parameter of this component: `[replicas, rows, columns]`.
    pub fn weight(&self, name: &str) -> Tensor<3> {
        self.pass.weights.get(&self.join(name)).clone()
    }

    /// Where a parameter of this component lies in [`Scope::trained`]; none if it does not lie there.
    pub(crate) fn part(&self, name: &str) -> Option<Part> {
        self.pass.weights.part(&self.join(name))
    }

    /// The buffer of what is trained: `[replicas, trained numbers]`.
    pub(crate) fn trained(&self) -> Tensor<2> {
        self.pass.weights.buffer().clone()
    }

    /// How this branch enters the residual stream, if it does nothing but that.
    pub(crate) fn gate(&self) -> Option<Gate> {
        let is_read = self.pass.cache.is_some_and(|cache| cache.captures(&self.path));
        if is_read || self.pass.dropout.is_some() {
            return None;
        }
        self.pass.edits.gate(&self.path)
    }

    /// What multiplies the outputs of gated sites: `[replicas, 1, gates]`.
    pub(crate) fn gates(&self) -> Option<Tensor<3>> {
        self.pass.edits.gates().cloned()
    }

    /// Adds the component `name`, computed by `compute`, to the residual stream `x`.
    ///
    /// A component that every replica leaves out is not computed.
    ///
    /// # Shapes
    /// - `x`, component, result: `[replicas, examples * positions, width]`
    pub fn branch(&self, name: impl std::fmt::Display, x: Tensor<3>, compute: impl FnOnce(&Scope<'a>) -> Tensor<3>) -> Tensor<3> {
        let scope = self.at(name);
        match scope.edited(Input::Stream(&x), compute) {
            None => x,
            Some(output) => match scope.pass.dropout {
                None => x + output,
                Some(dropout) => x + dropout.apply(&scope.path, output),
            },
        }
    }

    /// The component `name`, computed by `compute`, in place of the stream `x`: a branch without a residual connection. Left out, it lets the
    /// stream pass.
    ///
    /// # Shapes
    /// - `x`, component, result: `[replicas, examples * positions, width]`
    pub(crate) fn replacing(
        &self,
        name: impl std::fmt::Display,
        x: Tensor<3>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        self.inline(name, x, |scope, x| {
            let output = compute(scope, x);
            scope.pass.dropout.map_or(output.clone(), |dropout| dropout.apply(&scope.path, output))
        })
    }

    /// The component `name`, which starts something new of a shape; zeros if every replica leaves it out.
    ///
    /// # Shapes
    /// - `shape`, component, result: `[replicas, rows, width]`
    pub fn source(
        &self,
        name: impl std::fmt::Display,
        shape: [usize; 3],
        device: &Device,
        compute: impl FnOnce(&Scope<'a>) -> Tensor<3>,
    ) -> Tensor<3> {
        self.at(name).edited(Input::None { rows: shape[1] }, compute).unwrap_or_else(|| Tensor::zeros(shape, device))
    }

    /// Passes the stream `x` through the component `name`, computed by `compute`.
    ///
    /// # Shapes
    /// - `x`, component, result: `[replicas, examples * positions, width]`
    pub fn inline(
        &self,
        name: impl std::fmt::Display,
        x: Tensor<3>,
        compute: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let input = x.clone();
        self.at(name).edited(Input::Stream(&x), |scope| compute(scope, input)).unwrap_or_else(|| x.zeros_like())
    }

    /// Edits the `count` slices of `x`, such as the heads of an attention: slice `i` is the site `name.i` and owns the columns from
    /// `i * channels / count` on. All slices are edited in one operation.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, channels]`
    pub fn slices(&self, name: &str, x: Tensor<3>, count: usize) -> Tensor<3> {
        let scope = self.at(name);
        if let Some(cache) = self.pass.cache {
            let channels = x.dims()[2] / count;
            for slice in 0..count {
                let path = scope.join(slice);
                if cache.captures(&path) {
                    cache.captured.borrow_mut().insert(path, x.clone().narrow(2, slice * channels, channels));
                }
            }
        }
        let input = x.clone();
        scope.edited(Input::Stream(&input), |_| x).unwrap_or_else(|| input.zeros_like())
    }

    /// Whether somebody asked for the activation `name`.
    pub fn captures(&self, name: &str) -> bool {
        self.pass.cache.is_some_and(|cache| cache.captures(&self.join(name)))
    }

    /// What is done to the attention pattern of this component, of each replica one entry for each head; `None` where no replica changes it.
    pub(crate) fn pattern(&self) -> Option<&'a Patterns> {
        self.pass.edits.pattern(&self.join(PATTERN))
    }

    /// Whether somebody edits this component or asked for its activation.
    pub(crate) fn is_addressed(&self) -> bool {
        self.pass.edits.at(&self.path).is_some() || self.pass.cache.is_some_and(|cache| cache.captures(&self.path))
    }

    /// Whether nobody edits anything inside this component or asked for an activation there, so that it may be computed in one piece.
    pub(crate) fn is_opaque(&self) -> bool {
        let is_inside = |path: &str| path.strip_prefix(&self.path).is_some_and(|rest| rest.starts_with('.'));
        let is_captured = |cache: &ActivationCache| cache.paths.iter().any(|path| is_inside(path));
        !self.pass.edits.paths().any(is_inside) && !self.pass.cache.is_some_and(is_captured)
    }

    /// Keeps a tensor that is no site, such as an attention pattern, for whoever asked for `name`.
    pub fn capture(&self, name: &str, tensor: impl FnOnce() -> Tensor<3>) {
        let path = self.join(name);
        if let Some(cache) = self.pass.cache.filter(|cache| cache.captures(&path)) {
            cache.captured.borrow_mut().insert(path, tensor());
        }
    }

    /// The output of this site after its edits; `None` if nothing is left of it. A component whose output nobody uses is not computed.
    fn edited(&self, input: Input, compute: impl FnOnce(&Scope<'a>) -> Tensor<3>) -> Option<Tensor<3>> {
        let cache = self.pass.cache.filter(|cache| cache.captures(&self.path));
        let edit = self.pass.edits.at(&self.path);
        let used = edit.is_none_or(|edit| edit.keeps);
        let output = (used || cache.is_some()).then(|| compute(self));
        if let (Some(cache), Some(output)) = (cache, &output) {
            cache.captured.borrow_mut().insert(self.path.clone(), output.clone());
        }
        match edit {
            None => output,
            Some(edit) => edit.apply(output, input),
        }
    }

    fn join(&self, name: impl std::fmt::Display) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }
}
