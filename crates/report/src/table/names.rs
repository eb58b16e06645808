//! Names of components and seeds.

use std::collections::BTreeMap;

use ablation_settings::{arrange, natural};

/// Names in the order in which they were met.
#[derive(Default)]
pub(super) struct Names {
    /// The names.
    pub(super) names: Vec<String>,
    indices: BTreeMap<String, usize>,
}

impl Names {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The place of a name, which is new or not.
    pub(super) fn index(&mut self, name: &str) -> usize {
        if let Some(&index) = self.indices.get(name) {
            return index;
        }
        self.names.push(name.to_string());
        self.indices.insert(name.to_string(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// The names as people count, and the place of each among them.
    pub(super) fn sorted(&self) -> (Vec<String>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        arrange(&mut order, |&a, &b| natural::compare(&self.names[a], &self.names[b]));
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, &index)| ranks[index] = rank);
        (order.iter().map(|&index| self.names[index].clone()).collect(), ranks)
    }
}
