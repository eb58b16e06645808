//! Where in the model a forward pass stands, and what it is given there.
//!
//! A model is a pure function of its weights, the edits and the input. The scope carries the first two and the address, so that a
//! layer names its parameters and its sites by one word each and the full path follows from where it is called.

use std::cell::RefCell;
use std::collections::BTreeMap;

use burn::tensor::Tensor;

use crate::dropout::Dropout;
use crate::edits::{self, Edits};
use crate::weights::Weights;

/// Everything a forward pass is given besides its input.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// Parameters.
    pub weights: &'a Weights,
    /// What is changed at which site.
    pub edits: &'a Edits,
    /// Where to keep outputs of sites, if anybody asked.
    pub taps: Option<&'a Taps>,
    /// Dropout, when training with it.
    pub dropout: Option<&'a Dropout>,
}

impl<'a> Pass<'a> {
    /// A pass that only computes.
    pub fn new(weights: &'a Weights, edits: &'a Edits) -> Self {
        Pass { weights, edits, taps: None, dropout: None }
    }

    /// The root of the model.
    pub fn scope(&'a self) -> Scope<'a> {
        Scope { pass: self, path: String::new() }
    }
}

/// Keeps the outputs of chosen sites as they are before an edit.
#[derive(Debug, Default)]
pub struct Taps {
    wanted: Vec<String>,
    seen: RefCell<BTreeMap<String, Tensor<3>>>,
}

impl Taps {
    /// Listens at the given paths.
    pub fn at(paths: impl IntoIterator<Item = String>) -> Self {
        Taps { wanted: paths.into_iter().collect(), seen: RefCell::default() }
    }

    /// What was seen, in the order asked for. A path that the pass did not reach is missing.
    pub fn take(self) -> Vec<(String, Tensor<3>)> {
        let mut seen = self.seen.into_inner();
        self.wanted.into_iter().filter_map(|path| seen.remove(&path).map(|tensor| (path, tensor))).collect()
    }

    fn wants(&self, path: &str) -> bool {
        self.wanted.iter().any(|wanted| wanted == path)
    }
}

/// An address in the model during a pass.
pub struct Scope<'a> {
    pass: &'a Pass<'a>,
    path: String,
}

impl<'a> Scope<'a> {
    /// The scope of a part.
    pub fn at(&self, name: impl std::fmt::Display) -> Scope<'a> {
        Scope { pass: self.pass, path: self.join(name) }
    }

    /// A parameter of this part: `[replicas, rows, columns]`.
    pub fn weight(&self, name: &str) -> Tensor<3> {
        self.pass.weights.get(&self.join(name)).clone()
    }

    /// Adds the part `name`, computed by `part`, to the residual stream `x`.
    ///
    /// A part that every replica leaves out is not computed.
    ///
    /// # Shapes
    /// - `x`, part, result: `[replicas, examples * positions, width]`
    pub fn branch(&self, name: impl std::fmt::Display, x: Tensor<3>, part: impl FnOnce(&Scope<'a>) -> Tensor<3>) -> Tensor<3> {
        let scope = self.at(name);
        match scope.edited(&x, part) {
            None => x,
            Some(output) => match scope.pass.dropout {
                None => x + output,
                Some(dropout) => x + dropout.apply(&scope.path, output),
            },
        }
    }

    /// The part `name`, which reads `input` and starts something new of the given width; zeros if every replica leaves it out.
    ///
    /// # Shapes
    /// - `input`: `[replicas, rows, any]`
    /// - result: `[replicas, rows, width]`
    pub fn source(
        &self,
        name: impl std::fmt::Display,
        input: &Tensor<3>,
        width: usize,
        part: impl FnOnce(&Scope<'a>) -> Tensor<3>,
    ) -> Tensor<3> {
        let [replicas, rows, _] = input.dims();
        self.at(name).edited(input, part).unwrap_or_else(|| Tensor::zeros([replicas, rows, width], &input.device()))
    }

    /// Passes the stream `x` through the part `name`, computed by `part`.
    ///
    /// # Shapes
    /// - `x`, part, result: `[replicas, examples * positions, width]`
    pub fn inline(
        &self,
        name: impl std::fmt::Display,
        x: Tensor<3>,
        part: impl FnOnce(&Scope<'a>, Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let input = x.clone();
        self.at(name).edited(&x, |scope| part(scope, input)).unwrap_or_else(|| x.zeros_like())
    }

    /// Edits the heads of an attention: head `h` owns the columns `h * width / heads ..` of the input of the output projection,
    /// which is where a head is cut (after the projection its columns belong to every head).
    ///
    /// # Shapes
    /// - `z`, result: `[replicas, examples * positions, heads * head width]`
    pub fn heads(&self, z: Tensor<3>, heads: usize) -> Tensor<3> {
        let width = z.dims()[2] / heads;
        let path = |head: usize| self.join(format_args!("heads.{head}"));
        let untouched = (0..heads).all(|head| self.pass.edits.at(&path(head)).is_none());
        if untouched && self.pass.taps.is_none() {
            return z;
        }
        let edited = |head: usize| {
            let slice = z.clone().narrow(2, head * width, width);
            let input = slice.clone();
            self.at(format_args!("heads.{head}")).edited(&input, |_| slice).unwrap_or_else(|| input.zeros_like())
        };
        Tensor::cat((0..heads).map(edited).collect(), 2)
    }

    /// Whether anybody listens at `name`.
    pub fn wants(&self, name: &str) -> bool {
        self.pass.taps.is_some_and(|taps| taps.wants(&self.join(name)))
    }

    /// Offers a tensor that is no site (an attention pattern) to whoever listens at `name`.
    pub fn offer(&self, name: &str, tensor: impl FnOnce() -> Tensor<3>) {
        let path = self.join(name);
        if let Some(taps) = self.pass.taps.filter(|taps| taps.wants(&path)) {
            taps.seen.borrow_mut().insert(path, tensor());
        }
    }

    /// The output of this site after its edits; `None` if nothing is left of it.
    fn edited(&self, input: &Tensor<3>, part: impl FnOnce(&Scope<'a>) -> Tensor<3>) -> Option<Tensor<3>> {
        let tapped = self.pass.taps.is_some_and(|taps| taps.wants(&self.path));
        let edits = self.pass.edits.at(&self.path);
        let output = (tapped || edits.is_none_or(edits::keeps)).then(|| part(self));
        if let (true, Some(output), Some(taps)) = (tapped, &output, self.pass.taps) {
            taps.seen.borrow_mut().insert(self.path.clone(), output.clone());
        }
        match edits {
            None => output,
            Some(edits) => edits::apply(edits, output.filter(|_| edits::keeps(edits)), input),
        }
    }

    fn join(&self, name: impl std::fmt::Display) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }
}
