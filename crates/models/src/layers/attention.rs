//! Multi-head self-attention (Vaswani et al. 2017), usually without biases. Several heads may share their keys and values (Shazeer 2019,
//! <https://arxiv.org/abs/1911.02150>; Ainslie et al. 2023, <https://arxiv.org/abs/2305.13245>), and queries and keys may be normalised
//! (Henry et al. 2020, <https://arxiv.org/abs/2010.04245>).

use burn::tensor::Device;

use crate::edits::Pattern;
use crate::entry::Entry;
use crate::kernels::{self, Heads};
use crate::layers::linear::affine;
use crate::layers::norms::NormKind;
use crate::layers::positions::Position;
use crate::layers::trunk::Fused;
use crate::parameter::Parameter;
use crate::resolved::{PATTERN, Patterns};
use crate::scope::Scope;
use crate::tensor::{self, Mask, Tensor};
use crate::weights::upload;

/// What the sum of a pattern of which nothing is left counts as.
const LEAST_SUM: f32 = 1e-30;

/// Attention with `heads` heads of width `width / heads`.
#[derive(Clone, Copy)]
pub(crate) struct Attention {
    pub width: usize,
    pub heads: usize,
    /// Heads of keys and values; divides `heads`. Each serves as many heads of queries beside each other.
    pub key_heads: usize,
    /// Whether the projections have biases.
    pub biased: bool,
    /// The norm of each query and each key, if they are normalised.
    pub norm: Option<&'static Entry<NormKind>>,
    /// How positions enter queries and keys.
    pub position: Position,
    /// Whether a position looks back only; otherwise it looks both ways.
    pub causal: bool,
    /// How many positions one looks at at most where it looks back only, itself among them; all of them if there is no limit.
    pub window: Option<usize>,
    /// Standard deviation of the rows of `output` at the start, relative to `1 / sqrt(width)`.
    pub output_gain: f64,
}

impl Attention {
    pub(crate) fn parameters(&self, path: &str) -> Vec<Parameter> {
        let matrix = |name: &str, width, gain| Parameter::matrix(format!("{path}.{name}.weight"), self.width, width, gain);
        let keys = self.key_heads * self.head_width();
        let mut parameters = vec![
            matrix("query", self.width, 1.0),
            matrix("key", keys, 1.0),
            matrix("value", keys, 1.0),
            matrix("output", self.width, self.output_gain),
        ];
        if self.biased {
            let widths = [("query", self.width), ("key", keys), ("value", keys), ("output", self.width)];
            parameters.extend(widths.map(|(name, width)| Parameter::bias(format!("{path}.{name}.bias"), width)));
        }
        if let Some(norm) = self.norm {
            let of = |name: &str| (norm.value.parameters)(&format!("{path}.{name}_norm"), self.head_width());
            parameters.extend(["query", "key"].map(of).concat());
        }
        parameters
    }

    fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Attention over sequences of `positions` tokens.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, width]`
    pub(crate) fn forward(&self, scope: &Scope, x: Tensor<3>, positions: usize) -> Tensor<3> {
        let project = |name: &str, x: Tensor<3>| affine(&scope.at(name), x, self.biased);
        // One reader of what comes in, so that the gradients of query, key and value are summed before anything else is added. Without a norm
        // in between the stream would be read three times, and a model whose norm is left out alone would round otherwise than in a fleet.
        let x = x * 1.0;
        let query = self.placed(scope, "query", project("query", x.clone()), positions, self.heads);
        let key = self.placed(scope, "key", project("key", x.clone()), positions, self.key_heads);
        let (key, value) = (self.shared(key), self.shared(project("value", x)));
        let fused = |[query, key, value]: [Tensor<3>; 3]| kernels::attention(query, key, value, self.kernel(positions));
        let projected = [query, key, value];
        let z = match scope.pattern() {
            None if scope.captures(PATTERN) => self.composed(scope, projected, positions),
            None => fused(projected),
            // Heads whose pattern nobody changes keep their bits.
            Some(patterns) => {
                let changed = self.changed_columns(patterns, &projected[0].device());
                fused(projected.clone()).mask_where(changed, self.composed(scope, projected, positions))
            }
        };
        project("output", scope.slices("heads", z, self.heads))
    }

    /// Queries or keys, normalised and with the positions in them.
    ///
    /// # Shapes
    /// - `x`, result: `[replicas, examples * positions, heads * head width]`
    fn placed(&self, scope: &Scope, name: &str, x: Tensor<3>, positions: usize, heads: usize) -> Tensor<3> {
        let [replicas, rows, channels] = x.dims();
        let x = match self.norm {
            None => x,
            Some(norm) => {
                let each = x.reshape([replicas, rows * heads, self.head_width()]);
                norm.value.forward(&scope.at(format_args!("{name}_norm")), each).reshape([replicas, rows, channels])
            }
        };
        self.position.place(x, positions, heads)
    }

    /// Keys or values for every head of queries.
    ///
    /// # Shapes
    /// - `x`: `[replicas, rows, key heads * head width]`
    /// - result: `[replicas, rows, heads * head width]`
    fn shared(&self, x: Tensor<3>) -> Tensor<3> {
        if self.key_heads == self.heads {
            return x;
        }
        let [replicas, rows, _] = x.dims();
        let apart = x.reshape([replicas * rows, self.key_heads, 1, self.head_width()]);
        apart.repeat_dim(2, self.heads / self.key_heads).reshape([replicas, rows, self.width])
    }

    /// The same as a part of an operation; none if it has to be put together.
    pub(crate) fn fused(&self, scope: &Scope, positions: usize) -> Option<Fused> {
        if !self.is_plain() {
            return None;
        }
        let [query, key, value, output] = ["query", "key", "value", "output"].map(|name| scope.at(name).part("weight"));
        Some(Fused::Attention(self.kernel(positions), [query?, key?, value?, output?]))
    }

    /// Whether queries, keys and values are the products that the one operation makes.
    fn is_plain(&self) -> bool {
        self.key_heads == self.heads && !self.biased && self.norm.is_none() && !self.position.places()
    }

    fn kernel(&self, positions: usize) -> Heads {
        let window = self.window.unwrap_or(positions);
        Heads { positions, heads: self.heads, causal: self.causal, window, sloped: self.position.slopes() }
    }

    /// The same out of primitives, for those who want to see the pattern.
    fn composed(&self, scope: &Scope, projected: [Tensor<3>; 3], positions: usize) -> Tensor<3> {
        let [replicas, rows, width] = projected[0].dims();
        let (examples, head_width) = (rows / positions, width / self.heads);
        // [replicas, examples * positions, width] -> [replicas * examples * heads, positions, head width]
        let apart = [replicas * examples, positions, self.heads, head_width];
        let together = [replicas * examples * self.heads, positions, head_width];
        let [query, key, value] = projected.map(|x| x.reshape(apart).swap_dims(1, 2).reshape(together));
        let scores = kernels::product_transposed(query, key) * (1.0 / (head_width as f64).sqrt());
        let scores = if self.causal || self.position.slopes() {
            let added = self.added_to_scores(positions, &scores.device()).repeat_dim(0, replicas * examples);
            scores + added
        } else {
            scores
        };
        let pattern = scores.softmax(2);
        let pattern = match scope.pattern() {
            None => pattern,
            Some(patterns) => self.changed(pattern, patterns, positions),
        };
        scope.capture(PATTERN, || pattern.clone().reshape([replicas, examples * self.heads * positions, positions]));
        let heads = kernels::product(pattern, value).reshape([replicas * examples, self.heads, positions, head_width]);
        heads.swap_dims(1, 2).reshape([replicas, rows, width])
    }

    /// The columns of those heads whose pattern is changed.
    ///
    /// # Shapes
    /// - result: `[replicas, 1, width]`
    fn changed_columns(&self, patterns: &Patterns, device: &Device) -> Mask<3> {
        let columns = |pattern: &Option<Pattern>| std::iter::repeat_n(pattern.is_some(), self.head_width());
        let changed: Vec<bool> = patterns.iter().flatten().flat_map(columns).collect();
        tensor::mask(changed, [patterns.len(), 1, self.width], device)
    }

    /// The patterns after what is done to them.
    ///
    /// # Shapes
    /// - `pattern`, result: `[replicas * examples * heads, positions, positions]`
    fn changed(&self, pattern: Tensor<3>, patterns: &Patterns, positions: usize) -> Tensor<3> {
        let (device, shape, replicas) = (pattern.device(), pattern.dims(), patterns.len());
        let examples = shape[0] / replicas / self.heads;
        let square = self.heads * positions * positions;
        // A number for each replica, head and pair of positions.
        let pairs = |number: &dyn Fn(&Pattern, usize, usize) -> f32, otherwise: f32| {
            let each = |pattern: &Option<Pattern>| -> Vec<f32> {
                let pairs = (0..positions * positions).map(|index| (index / positions, index % positions));
                pairs.map(|(position, source)| pattern.as_ref().map_or(otherwise, |one| number(one, position, source))).collect()
            };
            upload(patterns.iter().flatten().flat_map(each).collect(), [replicas, 1, square], &device)
        };
        let kept = pairs(&|one, position, source| f32::from(!one.without.is_some_and(|gone| gone.is(position, source))), 1.0);
        let pattern = pattern.reshape([replicas, examples, square]) * kept;
        // What rows are divided by: their sums where they are renormalised.
        let sums = pattern.clone().reshape(shape).sum_dim(2).repeat_dim(2, positions).reshape([replicas, examples, square]);
        let renormalised = pairs(&|one, _, _| f32::from(one.renormalised), 0.0);
        // Where nothing is left nothing is divided, by a number too small to change any other sum.
        let otherwise = pairs(&|one, _, _| if one.renormalised { LEAST_SUM } else { 1.0 }, 1.0);
        let divisors = sums * renormalised + otherwise;
        let uniform = |one: &Pattern, position: usize, source: usize| {
            let seen = (0..positions).filter(|&source| self.sees(position, source, positions)).count();
            if self.sees(position, source, positions) { one.uniform / seen as f32 } else { 0.0 }
        };
        let rest = pairs(&|one, _, _| 1.0 - one.uniform, 1.0);
        (pattern / divisors * rest + pairs(&uniform, 0.0)).reshape(shape)
    }

    /// Whether a position may look at another.
    fn sees(&self, position: usize, source: usize, positions: usize) -> bool {
        !self.causal || (source <= position && position < source + self.kernel(positions).window)
    }

    /// What is added to the scores of each head: a large negative number where a position may not look, and what falls with the distance.
    ///
    /// # Shapes
    /// - result: `[heads, positions, positions]`
    fn added_to_scores(&self, positions: usize, device: &Device) -> Tensor<3> {
        // Far below any score, and finite: an infinity times a zero gradient is not a number.
        const HIDDEN: f32 = -1e9;
        let kernel = self.kernel(positions);
        let value = |index: usize| {
            let (head, position, other) = (index / positions / positions, index / positions % positions, index % positions);
            let is_hidden = !self.sees(position, other, positions);
            let slope = if kernel.sloped { kernel.slope(head) } else { 0.0 };
            if is_hidden { HIDDEN } else { -slope * position.abs_diff(other) as f32 }
        };
        let count = self.heads * positions * positions;
        upload((0..count).map(value).collect(), [self.heads, positions, positions], device)
    }
}
