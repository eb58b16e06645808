//! Activation patching: sites that put out what they do for a corrupted input.
//!
//! The outputs have to be those for the *same* example with a part of it corrupted, whatever is evaluated, trained on or written, and an edit is
//! made where none of these examples is known. So an edit says only how inputs are corrupted ([`Corruption`]), and every forward pass is two: the
//! corrupted input goes through the model without its patches, then the input itself, with what patched sites put out the first time. What else is
//! done to the model is done in both. A patched component still computes, so fine-tuning trains it with the rest. Replicas are corrupted each in
//! its own way, so a fleet finds what each finds alone.

use std::collections::BTreeMap;

use ablation_protocol::Site;
use burn::tensor::Device;

use crate::batch::{Batch, Content};
use crate::edits::{Edit, Edits, tensor_of};
use crate::resolved::ResolvedEdits;
use crate::tensor::{Mask, Tensor, integers, mask};

/// What takes the place of the tokens that a model reads, row by row. A batch with more rows begins again with the first, one with fewer leaves
/// the last out.
#[derive(Clone, Debug, PartialEq)]
pub struct Corruption {
    /// The token of each row; none where the row keeps its own.
    pub tokens: Vec<Option<i32>>,
}

/// The patches of a fleet on a device.
#[derive(Clone, Debug)]
pub(crate) struct Patching {
    /// All edits but the patches.
    unpatched: ResolvedEdits,
    /// One for each input that goes through the model.
    inputs: Vec<CorruptedInput<Mask<3>>>,
}

/// A corrupted input and the sites that are to put out what they do for it.
#[derive(Clone, Debug)]
struct CorruptedInput<Columns> {
    /// One a replica; none in replicas that are not patched from this input.
    corruptions: Vec<Option<Corruption>>,
    /// Whether each column is patched, by the path of its tensor: `[replicas, 1, channels]`.
    columns: BTreeMap<String, Columns>,
}

impl Patching {
    /// The patches among some edits, if there are any.
    pub(crate) fn new(edits: &Edits, sites: &[Site], device: &Device) -> Option<Self> {
        let mut all = sites.iter().filter_map(|site| edits.at(&site.path)).flatten();
        if all.all(|edit| edit.patched.is_none()) {
            return None;
        }
        let replicas = edits.replicas();
        let mut unpatched = Edits::none(replicas);
        let mut inputs: Vec<CorruptedInput<Vec<bool>>> = Vec::new();
        for site in sites {
            let (path, start, width) = tensor_of(sites, site);
            for (replica, edit) in edits.at(&site.path).unwrap_or_default().iter().enumerate() {
                let Some(corruption) = &edit.patched else {
                    unpatched.set(replica, &site.path, edit.clone());
                    continue;
                };
                unpatched.set(replica, &site.path, Edit::NONE);
                let fits = |known: &Option<Corruption>| known.as_ref().is_none_or(|known| known == corruption);
                let index = inputs.iter().position(|input| fits(&input.corruptions[replica])).unwrap_or(inputs.len());
                if index == inputs.len() {
                    inputs.push(CorruptedInput { corruptions: vec![None; replicas], columns: BTreeMap::new() });
                }
                inputs[index].corruptions[replica] = Some(corruption.clone());
                let cells = inputs[index].columns.entry(path.to_string()).or_insert_with(|| vec![false; replicas * width]);
                cells[replica * width + start..][..site.channels].fill(true);
            }
        }
        let on_device = |cells: Vec<bool>| {
            let width = cells.len() / replicas;
            mask(cells, [replicas, 1, width], device)
        };
        let uploaded = |input: CorruptedInput<Vec<bool>>| CorruptedInput {
            corruptions: input.corruptions,
            columns: input.columns.into_iter().map(|(path, cells)| (path, on_device(cells))).collect(),
        };
        let inputs: Vec<_> = inputs.into_iter().map(uploaded).collect();
        Some(Patching { unpatched: unpatched.resolve(sites, device), inputs })
    }
}

impl<Columns> CorruptedInput<Columns> {
    /// A batch with its tokens replaced.
    fn of(&self, batch: &Batch) -> Batch {
        // No operator corrupts numbers.
        let Content::Tokens(tokens) = &batch.input else { return batch.clone() };
        let ([replicas, rows], device) = (tokens.dims(), tokens.device());
        let mut others = vec![None; replicas * rows];
        for (others, corruption) in others.chunks_exact_mut(rows).zip(&self.corruptions) {
            let Some(corruption) = corruption else { continue };
            others.iter_mut().zip(corruption.tokens.iter().cycle()).for_each(|(other, token)| *other = *token);
        }
        let is_replaced: Vec<bool> = others.iter().map(Option::is_some).collect();
        let others: Vec<i32> = others.into_iter().map(Option::unwrap_or_default).collect();
        let is_replaced = mask(is_replaced, [replicas, rows], &device);
        let others = integers(others, [replicas, rows], &device);
        Batch { input: Content::Tokens(tokens.clone().mask_where(is_replaced, others)), ..batch.clone() }
    }
}

impl ResolvedEdits {
    /// These edits with what patched sites are to put out for a batch; none if no site is patched. `run`: the outputs of the model at some paths,
    /// under other edits and for another batch.
    ///
    /// Gradients pass through both inputs: where a patched model is trained further, what is followed is the slope of its own loss.
    pub(crate) fn patched(
        &self,
        batch: &Batch,
        run: impl Fn(&ResolvedEdits, &Batch, Vec<String>) -> Vec<(String, Tensor<3>)>,
    ) -> Option<ResolvedEdits> {
        let patching = self.patching.as_ref()?;
        let mut patched = self.clone();
        for input in &patching.inputs {
            let paths = input.columns.keys().cloned().collect();
            for (path, output) in run(&patching.unpatched, &input.of(batch), paths) {
                patched.set_columns(&path, input.columns[&path].clone(), output);
            }
        }
        Some(patched)
    }
}
