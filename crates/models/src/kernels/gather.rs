//! Rows of a table by integer tokens: an embedding.

/// Rows of `width` numbers out of tables of `vocabulary` rows, `rows` of them a replica.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub rows: usize,
    pub vocabulary: usize,
    pub width: usize,
}

impl Tables {
    /// `output[row] = table[tokens[row]]`, each replica from its own table.
    pub(super) fn forward(self, table: &[f32], tokens: &[usize], output: &mut [f32]) {
        for (row, (&token, output)) in tokens.iter().zip(output.chunks_exact_mut(self.width)).enumerate() {
            output.copy_from_slice(&table[self.entry(row, token)]);
        }
    }

    /// The gradient of the table, which must start at zero. Rows are added in their order, so the sum is always the same.
    pub(super) fn backward(self, tokens: &[usize], grad: &[f32], output: &mut [f32]) {
        for (row, (&token, grad)) in tokens.iter().zip(grad.chunks_exact(self.width)).enumerate() {
            for (output, grad) in output[self.entry(row, token)].iter_mut().zip(grad) {
                *output += grad;
            }
        }
    }

    /// Where a token's row lies in the tables of all replicas.
    fn entry(self, row: usize, token: usize) -> std::ops::Range<usize> {
        assert!(token < self.vocabulary, "token {token} is not below the vocabulary of {}", self.vocabulary);
        let start = (row / self.rows * self.vocabulary + token) * self.width;
        start..start + self.width
    }
}
