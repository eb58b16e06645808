//! One AdamW update of one parameter of all replicas, in one pass over memory.

/// What an update needs besides the tensors.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Learning rate over the bias correction of the mean gradient, one a replica.
    pub sizes: Vec<f32>,
    /// What weight decay leaves of a weight, one a replica.
    pub shrink: Vec<f32>,
    /// One over the root of the bias correction of the mean squared gradient.
    pub scale: f32,
    /// What is kept of the mean gradient, and what comes in. Two numbers, because in single precision one minus 0.999 is off by a
    /// hundred-thousandth.
    pub beta_1: [f32; 2],
    /// The same of the mean squared gradient.
    pub beta_2: [f32; 2],
    /// Added to the root.
    pub epsilon: f32,
}

impl Step {
    /// Updates weights and means in place. All slices hold the replicas one after another.
    pub(super) fn update(&self, weight: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
        let each = weight.len() / self.sizes.len();
        for (replica, (&size, &shrink)) in self.sizes.iter().zip(&self.shrink).enumerate() {
            let part = replica * each..(replica + 1) * each;
            let (weight, first, second) = (&mut weight[part.clone()], &mut first[part.clone()], &mut second[part.clone()]);
            for (((weight, first), second), &gradient) in weight.iter_mut().zip(first).zip(second).zip(&gradient[part]) {
                *first = self.beta_1[0] * *first + self.beta_1[1] * gradient;
                *second = self.beta_2[0] * *second + self.beta_2[1] * gradient * gradient;
                *weight = shrink * *weight - size * *first / (second.sqrt() * self.scale + self.epsilon);
            }
        }
    }
}
