//! How the two sides of a product lie in memory.

/// Which sides are transposed, and whether a bias is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    /// The left-hand matrix lies as `[inner, rows]`.
    pub left_transposed: bool,
    /// The right-hand matrix lies as `[columns, inner]`.
    pub right_transposed: bool,
    /// Whether there is a bias, one number for each column.
    pub biased: bool,
}

impl Sides {
    /// The shape of the product, `[replicas, rows, columns]`.
    pub(super) fn product(self, [left, right]: [[usize; 3]; 2]) -> [usize; 3] {
        assert_eq!(left[0], right[0], "as many matrices on either side");
        [left[0], if self.left_transposed { left[2] } else { left[1] }, if self.right_transposed { right[1] } else { right[2] }]
    }

    /// How the gradient of the left-hand matrix is a product: of the output's gradient and the right-hand matrix, in this order unless the left-hand
    /// matrix is transposed.
    pub(super) fn of_left_gradient(self) -> Self {
        let [left_transposed, right_transposed] =
            if self.left_transposed { [self.right_transposed, true] } else { [false, !self.right_transposed] };
        Sides { left_transposed, right_transposed, biased: false }
    }

    /// How the gradient of the right-hand matrix is a product: of the left-hand matrix and the output's gradient, in this order unless the right-hand
    /// matrix is transposed.
    pub(super) fn of_right_gradient(self) -> Self {
        let [left_transposed, right_transposed] =
            if self.right_transposed { [true, self.left_transposed] } else { [!self.left_transposed, false] };
        Sides { left_transposed, right_transposed, biased: false }
    }
}
