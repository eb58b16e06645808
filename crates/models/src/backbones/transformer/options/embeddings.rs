//! Whether the unembedding is the transposed embedding (Press & Wolf 2017, <https://arxiv.org/abs/1608.05859>). Only of tokens: numbers that go in
//! and come out are of different kinds.

use ablation_data::Layout;
use ablation_settings::Group;

use super::BlockOption;
use crate::entry::{self, Entry};

const PATH: &str = "model.embeddings";

const EMBEDDINGS: &[Entry<bool>] = &[
    Entry { name: "separate", label: "separate", help: "Two matrices.", value: false },
    Entry { name: "tied", label: "tied", help: "The unembedding is the transposed embedding.", value: true },
];

pub(super) const OPTION: BlockOption = BlockOption {
    field: |_, layout| {
        let field = || entry::field(EMBEDDINGS, PATH, Group::Model, "Embeddings", "Whether input and output share a matrix.");
        let is_tokens = matches!(layout, Layout::Tokens { .. });
        is_tokens.then(|| field().affects(&["embedding", "unembedding"]).absent(EMBEDDINGS[0].name))
    },
    apply: |settings, config| {
        config.tied = entry::chosen_or_first(EMBEDDINGS, settings, PATH)?.value;
        Ok(())
    },
};
