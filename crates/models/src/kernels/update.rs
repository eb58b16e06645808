//! One update of all numbers of all replicas: clipping, weight decay and the rule of an optimiser, in two passes over memory.

use std::rc::Rc;

use super::vector::sum;
use crate::layout::Layout;
use crate::optimizers::{Number, Rule, UpdateNumbers};

/// An update of a fleet.
#[derive(Clone)]
pub(crate) struct Update {
    pub(super) layout: Rc<Layout>,
    pub(super) replicas: Vec<UpdateNumbers>,
    states: usize,
    run: fn(&UpdateNumbers, [f32; 2], Part),
    /// The same on a GPU.
    #[cfg(feature = "gpu")]
    pub(super) launch: fn(super::gpu::update::Buffers),
}

/// Numbers of one replica that decay alike. State that the rule does not have is empty.
struct Part<'a> {
    weight: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Update {
    pub(super) fn new<R: Rule>(layout: &Rc<Layout>, replicas: Vec<UpdateNumbers>) -> Self {
        Update {
            layout: layout.clone(),
            replicas,
            states: R::STATES,
            run: run::<R>,
            #[cfg(feature = "gpu")]
            launch: super::gpu::update::launch::<R>,
        }
    }

    /// Updates weights and state in place. The slices hold the replicas one after another.
    pub(super) fn apply(&self, weight: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let each = self.layout.trained();
        for (replica, numbers) in self.replicas.iter().enumerate() {
            let factor = clipping(numbers.clip, &gradient[replica * each..][..each], &self.layout);
            let start = replica * each;
            let decaying = start..start + self.layout.decaying();
            let others = decaying.end..start + each;
            for (range, shrink) in [(decaying, numbers.shrink), (others, 1.0)] {
                let state = |kept: bool| if kept { range.clone() } else { 0..0 };
                let part = Part {
                    weight: &mut weight[range.clone()],
                    gradient: &gradient[range.clone()],
                    first: &mut first[state(self.states > 0)],
                    second: &mut second[state(self.states > 1)],
                };
                (self.run)(numbers, [factor, shrink], part);
            }
        }
    }
}

/// What the gradient of a replica is multiplied by so that its norm is at most `limit` (Pascanu et al. 2013). Parameters are summed
/// one by one, in the order of the buffer: one that has no gradient adds nothing, as if it were not there.
fn clipping(limit: Option<f32>, gradient: &[f32], layout: &Layout) -> f32 {
    let Some(limit) = limit else { return 1.0 };
    let square = |gradient: &[f32]| sum([gradient], |[number]| number * number);
    let total: f32 = layout.in_buffer().map(|(place, _)| square(&gradient[place.range()])).sum();
    let factor = limit / (total.sqrt() + 1e-6);
    // A norm that is not a number stays one, so that a replica that diverged is seen.
    if factor > 1.0 { 1.0 } else { factor }
}

fn run<R: Rule>(numbers: &UpdateNumbers, [factor, shrink]: [f32; 2], part: Part) {
    let Part { weight, gradient, first, second } = part;
    let count = weight.len();
    let gradient = &gradient[..count];
    let first = if R::STATES > 0 { &mut first[..count] } else { first };
    let second = if R::STATES > 1 { &mut second[..count] } else { second };
    for index in 0..count {
        let number = Number {
            weight: weight[index] * shrink,
            first: if R::STATES > 0 { first[index] } else { 0.0 },
            second: if R::STATES > 1 { second[index] } else { 0.0 },
        };
        let number = R::update(number, gradient[index] * factor, &numbers.rule);
        weight[index] = number.weight;
        if R::STATES > 0 {
            first[index] = number.first;
        }
        if R::STATES > 1 {
            second[index] = number.second;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Arithmetic;
    use crate::kernels;
    use crate::optimizers::{AdamW, OPTIMIZERS, Step, numbers};
    use crate::parameter::Parameter;
    use crate::recipe::Recipe;
    use crate::schedules::SCHEDULES;
    use crate::weights::upload;
    use burn::tensor::{Device, Tensor};

    /// A rule says its formula for whatever can be calculated with: here whole buffers.
    impl Arithmetic for Tensor<2> {
        fn constant(&self, value: f32) -> Self {
            self.full_like(value)
        }

        fn root(self) -> Self {
            self.sqrt()
        }

        fn exp(self) -> Self {
            Tensor::exp(self)
        }

        fn ln(self) -> Self {
            Tensor::log(self)
        }

        fn sign(self) -> Self {
            Tensor::sign(self)
        }

        fn max(self, other: Self) -> Self {
            self.max_pair(other)
        }
    }

    /// The same update out of primitives.
    fn composed<R: Rule>(
        update: &Update,
        weights: Tensor<2>,
        gradient: Tensor<2>,
        state: Vec<Tensor<2>>,
    ) -> (Tensor<2>, Vec<Tensor<2>>) {
        let device = weights.device();
        let column = |number: &dyn Fn(&UpdateNumbers) -> f32| {
            Tensor::from(upload(update.replicas.iter().map(number).collect(), [update.replicas.len(), 1], &device))
        };
        let gradient = if update.replicas.iter().any(|numbers| numbers.clip.is_some()) {
            // Without a limit the norm is compared with a number that no finite norm reaches.
            let limits = column(&|numbers| numbers.clip.unwrap_or(f32::MAX));
            let norm = (gradient.clone() * gradient.clone()).sum_dim(1).sqrt();
            gradient * (limits / (norm + 1e-6)).clamp_max(1.0)
        } else {
            gradient
        };
        let (decaying, trained) = (update.layout.decaying(), update.layout.trained());
        let weights = if update.replicas.iter().any(|numbers| numbers.shrink != 1.0) && decaying > 0 {
            let shrunk = weights.clone().narrow(1, 0, decaying) * column(&|numbers| numbers.shrink);
            Tensor::cat(vec![shrunk, weights.narrow(1, decaying, trained - decaying)], 1)
        } else {
            weights
        };
        let mut state = state.into_iter();
        let mut kept = || state.next().unwrap_or_else(|| Tensor::zeros([1, 1], &device));
        let (first, second) = (kept(), kept());
        let coefficients = std::array::from_fn(|index| column(&|numbers| numbers.rule[index]));
        let Number { weight: weights, first, second } =
            R::update(Number { weight: weights, first, second }, gradient, &coefficients);
        (weights, [first, second].into_iter().take(R::STATES).collect())
    }

    #[test]
    fn fused_and_composed_updates_agree() {
        let device = Device::flex();
        let recipe = |learning_rate, weight_decay, clip| Recipe {
            steps: 10,
            batch: 1,
            learning_rate,
            weight_decay,
            clip,
            warmup: 0,
            schedule: &SCHEDULES[0],
            dropout: 0.0,
            averaging: 0.0,
            optimizer: &OPTIMIZERS[0],
            own: Vec::new(),
            loss: Default::default(),
            pruning: None,
        };
        let recipes = [recipe(0.01, 0.1, 0.0), recipe(0.3, 0.0, 0.5)];
        let parameters = [Parameter::matrix("a".into(), 3, 2, 1.0), Parameter::bias("b".into(), 3)];
        let layout = Rc::new(Layout::new(&parameters));
        let tensor = |offset: f32| -> Tensor<2> {
            upload((0..18_u8).map(|i| (f32::from(i) + offset).sin()).collect(), [2, 9], &device).into()
        };
        for made in [0, 5] {
            let numbers = numbers::<AdamW>(&Step { layout: &layout, recipes: &recipes, made });
            let (weights, gradient) = (tensor(0.3), tensor(2.9));
            let state = vec![tensor(1.7), tensor(5.0).abs()];
            let update = Update::new::<AdamW>(&layout, numbers.clone());
            let composed = composed::<AdamW>(&update, weights.clone(), gradient.clone(), state.clone());
            let own = state.into_iter().map(Into::into).collect();
            let (weights, state) = kernels::update::<AdamW>(&layout, numbers, weights.into(), gradient.into(), own);
            let fused = (weights.into(), state.into_iter().map(Into::into).collect());
            let all = |(weights, state): (Tensor<2>, Vec<Tensor<2>>)| std::iter::once(weights).chain(state);
            for (fused, composed) in all(fused).zip(all(composed)) {
                let values = |tensor: Tensor<2>| tensor.into_data().try_into_vec::<f32>().unwrap();
                for (a, b) in values(fused).into_iter().zip(values(composed)) {
                    assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{a} and {b} after {made} updates");
                }
            }
        }
    }
}
