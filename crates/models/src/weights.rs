//! The parameters of a fleet in one buffer `[replicas, numbers]`.
//!
//! Clipping, optimiser, checkpoints and copies of replicas are passes over the buffer, and so are runs of branches in one operation. Other
//! layers ask for one parameter by its path and get a tensor `[replicas, rows, columns]`, sliced out of the buffer when it is first asked for.

use std::cell::{Cell, OnceCell};
use std::convert::Infallible;
use std::rc::Rc;

use ablation_protocol::Seeds;
use ablation_settings::arrange_by_key;
use burn::tensor::{Device, TensorData};

use crate::kernels::Part;
use crate::layout::{Layout, Place};
use crate::parameter::Parameter;
use crate::tensor::{Gradients, Tensor};

/// The parameters of every replica of a fleet.
#[derive(Clone, Debug)]
pub struct Weights {
    layout: Rc<Layout>,
    /// `[replicas, trained numbers]`.
    trained: Tensor<2>,
    /// `[replicas, frozen numbers]`, if there are any.
    frozen: Option<Tensor<2>>,
    /// The buffer of what is trained as one leaf of the gradient tape, if these weights are leaves.
    leaf: Option<Tensor<2>>,
    /// One a place of the layout.
    views: Vec<View>,
}

/// A parameter as its layers see it.
#[derive(Clone, Debug, Default)]
struct View {
    /// The tensor, if anybody asked for it.
    tensor: OnceCell<Tensor<3>>,
    /// Whether an operation reads the parameter where it lies in the buffer.
    in_place: Cell<bool>,
}

impl Weights {
    /// Initial weights, one replica per seed.
    pub fn draw(parameters: &[Parameter], seeds: &[u64], device: &Device) -> Self {
        let seeds: Vec<Seeds> = seeds.iter().map(|&seed| Seeds::new(seed, seed)).collect();
        Weights::start(parameters, &seeds, device)
    }

    /// Initial weights of trainings with these seeds.
    pub fn start(parameters: &[Parameter], seeds: &[Seeds], device: &Device) -> Self {
        Weights::fill(parameters, seeds.len(), device, |parameter, replica| parameter.draw(&seeds[replica]))
    }

    /// Weights whose numbers are given for each parameter that has its own, and each replica, row by row.
    pub fn fill(
        parameters: &[Parameter],
        replicas: usize,
        device: &Device,
        mut values: impl FnMut(&Parameter, usize) -> Vec<f32>,
    ) -> Self {
        let layout = Rc::new(Layout::new(parameters));
        let (mut trained, mut frozen) = (vec![0.0; replicas * layout.trained()], vec![0.0; replicas * layout.frozen()]);
        for parameter in parameters.iter().filter(|parameter| parameter.tied.is_none()) {
            let place = layout.places().find(|(place, _)| place.path == parameter.path).expect("every parameter has a place").0;
            let (buffer, each) = if place.frozen { (&mut frozen, layout.frozen()) } else { (&mut trained, layout.trained()) };
            for (replica, part) in buffer.chunks_exact_mut(each).enumerate() {
                part[place.range()].copy_from_slice(&values(parameter, replica));
            }
        }
        let tensor = |values, each| upload(values, [replicas, each], device);
        let frozen = (layout.frozen() > 0).then(|| tensor(frozen, layout.frozen()));
        Weights::new(layout.clone(), tensor(trained, layout.trained()), frozen)
    }

    fn new(layout: Rc<Layout>, trained: Tensor<2>, frozen: Option<Tensor<2>>) -> Self {
        let views = vec![View::default(); layout.places().count()];
        Weights { layout, trained, frozen, leaf: None, views }
    }

    /// The tensor at a path: `[replicas, rows, columns]`.
    ///
    /// # Panics
    /// If the architecture does not list the path among its parameters; a test of each family holds the two together.
    pub fn get(&self, path: &str) -> &Tensor<3> {
        let index = self.layout.index(path);
        let index = index.unwrap_or_else(|| panic!("`{path}` is not among the parameters of this architecture"));
        self.tensor(index)
    }

    /// Where the parameter at a path lies in [`Weights::buffer`], for an operation that reads it there; none if it is not among what is trained
    /// or lies there transposed.
    ///
    /// # Panics
    /// As [`Weights::get`].
    pub(crate) fn part(&self, path: &str) -> Option<Part> {
        let index = self.layout.index(path);
        let index = index.unwrap_or_else(|| panic!("`{path}` is not among the parameters of this architecture"));
        let (place, tied) = self.layout.place(index);
        let owner = match tied {
            _ if place.frozen => return None,
            Some((_, true)) => return None,
            Some((owner, false)) => owner,
            None => index,
        };
        self.views[owner].in_place.set(true);
        Some(Part { offset: place.offset, rows: place.rows, columns: place.columns })
    }

    /// What is trained as operations read it: `[replicas, trained numbers]`, a leaf of the gradient tape if these weights are leaves.
    pub(crate) fn buffer(&self) -> &Tensor<2> {
        self.leaf.as_ref().unwrap_or(&self.trained)
    }

    /// Where each parameter lies.
    pub fn layout(&self) -> &Rc<Layout> {
        &self.layout
    }

    /// The buffer of what is trained: `[replicas, trained numbers]`.
    pub fn trained(&self) -> &Tensor<2> {
        &self.trained
    }

    /// Number of models.
    pub fn replicas(&self) -> usize {
        self.trained.dims()[0]
    }

    /// Paths and tensors in path order, without tied parameters, whose numbers are those of another path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor<3>)> {
        let own = self.layout.places().enumerate().filter(|(_, (_, tied))| tied.is_none());
        own.map(|(index, (place, _))| (place.path.as_str(), self.tensor(index)))
    }

    /// The same weights with `change` applied to each tensor that has numbers of its own, in path order.
    pub fn map(&self, mut change: impl FnMut(&str, &Tensor<3>) -> Tensor<3>) -> Self {
        let changed = self.try_map(|path, tensor| Ok::<_, Infallible>(change(path, tensor)));
        changed.unwrap_or_else(|never| match never {})
    }

    /// The same with a `change` that may fail.
    pub fn try_map<E>(&self, mut change: impl FnMut(&str, &Tensor<3>) -> Result<Tensor<3>, E>) -> Result<Self, E> {
        let mut changed: Vec<(&Place, Tensor<2>)> = Vec::new();
        for (index, (place, tied)) in self.layout.places().enumerate() {
            if tied.is_none() {
                changed.push((place, flat(change(&place.path, self.tensor(index))?, place)));
            }
        }
        arrange_by_key(&mut changed, |(place, _)| (place.frozen, place.offset));
        let (frozen, trained): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(place, _)| place.frozen);
        let buffer = |tensors: Vec<(&Place, Tensor<2>)>| Tensor::cat(tensors.into_iter().map(|(_, tensor)| tensor).collect(), 1);
        let frozen = (!frozen.is_empty()).then(|| buffer(frozen));
        Ok(Weights::new(self.layout.clone(), buffer(trained), frozen))
    }

    /// One replica repeated `copies` times.
    pub fn repeat(&self, replica: usize, copies: usize) -> Self {
        let repeated = |buffer: &Tensor<2>| buffer.clone().narrow(0, replica, 1).repeat_dim(0, copies);
        Weights::new(self.layout.clone(), repeated(&self.trained), self.frozen.as_ref().map(repeated))
    }

    /// The same weights with what is trained changed. Whoever holds a tensor of the buffer forces a copy of it when it is written to,
    /// so the tensors that were sliced out of it are dropped first.
    pub(crate) fn updated(self, change: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Self {
        let Weights { layout, trained, frozen, leaf, views } = self;
        drop((leaf, views));
        Weights::new(layout, change(trained), frozen)
    }

    /// A buffer that is laid out as what is trained, as weights: the state of an optimiser.
    pub(crate) fn of_trained(layout: Rc<Layout>, buffer: Tensor<2>) -> Self {
        Weights::new(layout, buffer, None)
    }

    /// The buffers in order, to be read from the device: what is trained, then what is frozen.
    pub(crate) fn buffers(&self) -> Vec<Tensor<2>> {
        std::iter::once(&self.trained).chain(&self.frozen).cloned().collect()
    }

    /// The same weights as leaves of the gradient tape: tied parameters are one leaf, frozen ones are constants.
    pub fn leaves(&self) -> Self {
        let leaf = Tensor::from_inner(self.trained.clone()).require_grad();
        Weights { leaf: Some(leaf), ..Weights::new(self.layout.clone(), self.trained.clone(), self.frozen.clone()) }
    }

    /// The same weights on the gradient tape, as constants: gradients of anything else pass by them.
    pub(crate) fn frozen_on_tape(&self) -> Self {
        let lifted = |buffer: &Tensor<2>| Tensor::from_inner(buffer.clone());
        Weights::new(self.layout.clone(), lifted(&self.trained), self.frozen.as_ref().map(lifted))
    }

    /// The gradients of these leaves in one buffer `[replicas, trained numbers]`. A parameter that the loss did not reach has a
    /// gradient of zero, as it would have in a fleet in which a neighbour reaches it.
    pub fn gradient(&self, gradients: &mut Gradients) -> Tensor<2> {
        let in_place = self.leaf.as_ref().and_then(|leaf| leaf.grad_remove(gradients));
        let mut buffer = in_place.unwrap_or_else(|| self.trained.zeros_like());
        for (place, view) in self.layout.in_buffer() {
            let view = &self.views[view];
            let Some(gradient) = view.tensor.get().and_then(|tensor| tensor.grad_remove(gradients)) else { continue };
            let gradient = flat(gradient, place);
            // Both ways of reading a parameter may have been gone, and each knows its own share.
            let gradient =
                if view.in_place.get() { buffer.clone().slice([0..self.replicas(), place.range()]) + gradient } else { gradient };
            buffer = buffer.slice_assign([0..self.replicas(), place.range()], gradient);
        }
        buffer
    }

    /// The tensor of a place.
    fn tensor(&self, index: usize) -> &Tensor<3> {
        self.views[index].tensor.get_or_init(|| match self.layout.place(index) {
            (_, Some((owner, false))) => self.tensor(owner).clone(),
            (_, Some((owner, true))) => self.tensor(owner).clone().swap_dims(1, 2),
            (place, None) if self.leaf.is_none() => self.slice(place),
            (place, None) if place.frozen => Tensor::from_inner(self.slice(place)),
            (place, None) => Tensor::from_inner(self.slice(place)).require_grad(),
        })
    }

    /// A parameter out of its buffer.
    fn slice(&self, place: &Place) -> Tensor<3> {
        let buffer = if place.frozen { self.frozen.as_ref().unwrap_or(&self.trained) } else { &self.trained };
        let numbers = buffer.clone().narrow(1, place.offset, place.rows * place.columns);
        numbers.reshape([buffer.dims()[0], place.rows, place.columns])
    }
}

impl Default for Weights {
    /// No model at all.
    fn default() -> Self {
        Weights::new(Rc::default(), Tensor::empty([0, 0], &Device::flex()), None)
    }
}

/// A parameter as a part of a buffer: `[replicas, rows, columns]` to `[replicas, rows * columns]`.
fn flat(tensor: Tensor<3>, place: &Place) -> Tensor<2> {
    let replicas = tensor.dims()[0];
    tensor.reshape([replicas, place.rows * place.columns])
}

/// Host numbers as a tensor.
pub fn upload<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), device)
}
