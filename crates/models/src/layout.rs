//! Where each parameter lies in the buffers of a model.
//!
//! A model has two buffers: what is trained and what is frozen. The trained one holds the parameters that decay first, so that
//! "which numbers decay" is one comparison, then the others; within each part, parameters lie in path order. The order does not
//! depend on which other parameters a model has, so sums over the buffer of a smaller model add the same numbers in the same order.

use std::ops::Range;

use ablation_settings::{arrange, arrange_by_key};

use crate::parameter::Parameter;

/// The place of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Address.
    pub path: String,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Index of its first number in the buffer that it lies in.
    pub offset: usize,
    /// Whether it lies in the buffer of frozen parameters.
    pub frozen: bool,
    /// Whether these are the numbers of another parameter, and whether with rows and columns swapped.
    tied: Option<Tied>,
}

/// Whose numbers a tied parameter shares.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Tied {
    /// Index of that parameter's place.
    owner: usize,
    transposed: bool,
}

impl Place {
    /// Its numbers in one replica's part of the buffer.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.rows * self.columns
    }
}

/// The table of all places of an architecture, in path order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    places: Vec<Place>,
    /// Indices of the trained places that have numbers of their own, in the order of the buffer.
    order: Vec<usize>,
    decaying: usize,
    trained: usize,
    frozen: usize,
}

impl Layout {
    /// Lays out the parameters of an architecture.
    ///
    /// # Panics
    /// If a parameter is tied to one that is not listed, is itself tied, or has another shape: a mistake of the architecture.
    pub fn new(parameters: &[Parameter]) -> Self {
        let mut sorted: Vec<&Parameter> = parameters.iter().collect();
        arrange(&mut sorted, |a, b| a.path.cmp(&b.path));
        let mut places: Vec<Place> = sorted.iter().map(|parameter| unplaced(parameter, &sorted)).collect();
        let mut place = |belongs: &dyn Fn(&Parameter) -> bool, start: usize| {
            let own = sorted.iter().zip(&mut places).filter(|(parameter, _)| parameter.tied.is_none() && belongs(parameter));
            own.fold(start, |offset, (_, place)| {
                place.offset = offset;
                place.range().end
            })
        };
        let decaying = place(&|parameter| !parameter.frozen && parameter.decays, 0);
        let trained = place(&|parameter| !parameter.frozen && !parameter.decays, decaying);
        let frozen = place(&|parameter| parameter.frozen, 0);
        for index in 0..places.len() {
            if let Some(Tied { owner, .. }) = places[index].tied {
                (places[index].offset, places[index].frozen) = (places[owner].offset, places[owner].frozen);
            }
        }
        Layout { order: order(&places), places, decaying, trained, frozen }
    }

    /// The same without frozen parameters: what an optimiser keeps state of.
    pub fn trained_only(&self) -> Self {
        let places: Vec<Place> = self.own().filter(|place| !place.frozen).cloned().collect();
        Layout { order: order(&places), places, frozen: 0, ..*self }
    }

    /// Trained numbers of one replica.
    pub fn trained(&self) -> usize {
        self.trained
    }

    /// How many of the trained numbers decay: the first ones.
    pub fn decaying(&self) -> usize {
        self.decaying
    }

    /// Frozen numbers of one replica.
    pub fn frozen(&self) -> usize {
        self.frozen
    }

    /// The parameters that have numbers of their own, in path order.
    pub fn own(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.tied.is_none())
    }

    /// The trained parameters in the order in which they lie in the buffer, each with its index among [`Layout::places`].
    pub(crate) fn in_buffer(&self) -> impl Iterator<Item = (&Place, usize)> {
        self.order.iter().map(|&index| (&self.places[index], index))
    }

    /// Every place with the index of the place whose numbers it has and whether rows and columns are swapped, in path order.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&Place, Option<(usize, bool)>)> {
        (0..self.places.len()).map(|index| self.place(index))
    }

    /// One of [`Layout::places`].
    pub(crate) fn place(&self, index: usize) -> (&Place, Option<(usize, bool)>) {
        let place = &self.places[index];
        (place, place.tied.map(|tied| (tied.owner, tied.transposed)))
    }

    /// Index of a path among [`Layout::places`].
    pub(crate) fn index(&self, path: &str) -> Option<usize> {
        self.places.binary_search_by(|place| place.path.as_str().cmp(path)).ok()
    }
}

/// The trained places that have numbers of their own, by offset.
fn order(places: &[Place]) -> Vec<usize> {
    let trained = |index: &usize| places[*index].tied.is_none() && !places[*index].frozen;
    let mut order: Vec<usize> = (0..places.len()).filter(trained).collect();
    arrange_by_key(&mut order, |&index| places[index].offset);
    order
}

/// The place of a parameter before it has an offset. `sorted`: all parameters in path order.
fn unplaced(parameter: &Parameter, sorted: &[&Parameter]) -> Place {
    let tied = parameter.tied.as_ref().map(|tie| {
        let owner = sorted.iter().position(|other| other.path == tie.to);
        let owner = owner.unwrap_or_else(|| panic!("`{}` is tied to `{}`, which is no parameter", parameter.path, tie.to));
        let (rows, columns) = (sorted[owner].rows, sorted[owner].columns);
        let shape = if tie.transposed { (columns, rows) } else { (rows, columns) };
        assert!(sorted[owner].tied.is_none(), "`{}` is tied to `{}`, which is tied itself", parameter.path, tie.to);
        assert_eq!((parameter.rows, parameter.columns), shape, "`{}` has the shape of `{}`", parameter.path, tie.to);
        Tied { owner, transposed: tie.transposed }
    });
    let (rows, columns) = (parameter.rows, parameter.columns);
    Place { path: parameter.path.clone(), rows, columns, offset: 0, frozen: parameter.frozen, tied }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_decay_lie_first_and_frozen_ones_apart() {
        let layout = Layout::new(&[
            Parameter::table("b.table".into(), 4, 3, 1.0),
            Parameter::matrix("c.matrix".into(), 3, 3, 1.0),
            Parameter::matrix("d.frozen".into(), 2, 2, 1.0).frozen(),
            Parameter::matrix("a.matrix".into(), 3, 4, 1.0).tied_to_transposed("b.table"),
            Parameter::matrix("e.matrix".into(), 1, 5, 1.0),
        ]);
        assert_eq!((layout.decaying(), layout.trained(), layout.frozen()), (14, 26, 4));
        let ranges: Vec<_> = layout.places().map(|(place, tied)| (place.path.as_str(), place.range(), tied)).collect();
        let expected = [
            ("a.matrix", 14..26, Some((1, true))),
            ("b.table", 14..26, None),
            ("c.matrix", 0..9, None),
            ("d.frozen", 0..4, None),
            ("e.matrix", 9..14, None),
        ];
        assert_eq!(ranges, expected);
        assert_eq!(
            layout.trained_only().own().map(|place| place.path.as_str()).collect::<Vec<_>>(),
            ["b.table", "c.matrix", "e.matrix"]
        );
    }

    #[test]
    #[should_panic(expected = "`a` is tied to `b`, which is no parameter")]
    fn a_tie_to_nothing_is_a_mistake_of_the_architecture() {
        Layout::new(&[Parameter::bias("a".into(), 3).tied_to("b")]);
    }
}
