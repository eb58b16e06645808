//! Parts of the input as components: what a model makes of some positions of every example, taken away from a trained model or from the start.
//!
//! Features of an input are ablated to find out which of them matter, and a trained model that has never seen an input without them may fail for
//! that reason alone; training again without them tells the two apart (ROAR; Hooker et al. 2019, <https://arxiv.org/abs/1806.10758>). A part is
//! a run of positions. It is taken out of the embeddings, as columns of the tensor in which an example is one row, so the mean of a part is that of
//! each of its positions, which says nothing of the example. The positions themselves stay.

use ablation_protocol::Placement;
use ablation_settings::{Choice, Field, Group, Settings};

use crate::anatomy::Component;
use crate::scope::Scope;
use crate::tensor::Tensor;

/// The setting: a number of parts of the same length.
const PATH: &str = "model.input_parts";

/// The kind of its sites.
const KIND: &str = "input";

/// Name of the parts inside the embedding.
const PARTS: &str = "parts";

/// Parts at most.
const MOST: usize = 16;

/// Into how many parts the positions are divided; 1 if there are none that could be ablated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InputParts(usize);

impl InputParts {
    /// The whole input.
    pub(crate) const WHOLE: InputParts = InputParts(1);

    /// The setting for examples of so many positions; none if they can't be divided.
    pub(crate) fn field(positions: usize) -> Option<Field> {
        let counts = (2..=MOST).filter(|count| positions.is_multiple_of(*count));
        let part = |count: usize| {
            let help = format!("Runs of {} positions, one behind the other.", positions / count);
            Choice::new(&count.to_string(), &count.to_string(), &help)
        };
        let whole = Choice::new("1", "whole", "The input has no parts that are components.");
        let options: Vec<Choice> = std::iter::once(whole).chain(counts.map(part)).collect();
        let help = "Into how many parts the positions of an example are divided, each a component that can be ablated or left out. It changes nothing \
            else.";
        (options.len() > 1).then(|| Field::choice(PATH, Group::Model, "Parts of the input", help, options).absent("1"))
    }

    /// What settings say for examples of so many positions.
    pub(crate) fn read(settings: &Settings, positions: usize) -> Self {
        let count = settings.text(PATH).ok().and_then(|count| count.parse().ok());
        count.filter(|&count| count > 0 && positions.is_multiple_of(count)).map_or(InputParts::WHOLE, InputParts)
    }

    /// Its sites, inside the embedding.
    pub(crate) fn components(self, embedding: &Component) -> Vec<Component> {
        if self == InputParts::WHOLE {
            return Vec::new();
        }
        let each = embedding.positions / self.0;
        let label = |first: usize| match each {
            1 => format!("input at position {first}"),
            _ => format!("input at positions {first} to {}", first + each - 1),
        };
        let part = |index: usize| Component {
            path: format!("{}.{PARTS}.{index}", embedding.path),
            parent: Some(embedding.path.clone()),
            kind: KIND,
            placement: Placement::Slice,
            label: label(index * each),
            help: "What the model reads at a run of positions of every example.",
            // An example is one row.
            positions: 1,
            channels: each * embedding.channels,
            ..embedding.clone()
        };
        (0..self.0).map(part).collect()
    }

    /// The embeddings after the edits of parts. `scope`: that of the embedding.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    pub(crate) fn edited(self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        if self == InputParts::WHOLE || scope.is_opaque() {
            return x;
        }
        let [replicas, rows, width] = x.dims();
        let examples = x.reshape([replicas, rows / positions, positions * width]);
        scope.slices(PARTS, examples, self.0).reshape([replicas, rows, width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_divided_evenly_or_not_at_all() {
        let counts = |positions: usize| {
            let options = InputParts::field(positions).map(|field| field.kind);
            let Some(ablation_settings::Kind::Choice { options, .. }) = options else { return Vec::new() };
            options.into_iter().map(|option| option.value.parse().unwrap()).collect::<Vec<usize>>()
        };
        assert_eq!(counts(16), [1, 2, 4, 8, 16]);
        assert_eq!(counts(7), [1, 7]);
        assert!(counts(1).is_empty() && counts(17).is_empty());
        let read = |count: &str| InputParts::read(&Settings::default().with(PATH, count), 16);
        assert_eq!([read("4"), read("5"), read("0"), read("x")], [InputParts(4), InputParts(1), InputParts(1), InputParts(1)]);
        assert_eq!(InputParts::read(&Settings::default(), 16), InputParts::WHOLE);
    }
}
