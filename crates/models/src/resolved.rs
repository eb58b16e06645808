//! Edits as tensors on a device, made once for a set of edits and read by every forward pass.

use std::collections::BTreeMap;
use std::rc::Rc;

use ablation_protocol::{Placement, Site};
use burn::tensor::Device;

use crate::edits::{Edit, Edits, Pattern};
use crate::kernels;
use crate::patching::Patching;
use crate::tensor::{self, Mask, Tensor};
use crate::weights::upload;

/// The edits of a fleet on a device.
#[derive(Clone, Debug, Default)]
pub struct ResolvedEdits {
    sites: BTreeMap<String, Affine>,
    /// The factors of the sites of which nothing else is changed, side by side in the order of their paths: `[replicas, 1, sites]`.
    gates: Option<Tensor<3>>,
    /// What is done to attention patterns, by their path: `blocks.0.attn.pattern`.
    patterns: BTreeMap<String, Patterns>,
    /// What is put out for a corrupted input, if that is asked of any site.
    pub(crate) patching: Option<Rc<Patching>>,
}

/// Name of the attention pattern inside an attention.
pub(crate) const PATTERN: &str = "pattern";

/// What is done to the patterns of an attention: of each replica, one entry for each head.
pub(crate) type Patterns = Vec<Vec<Option<Pattern>>>;

/// How a site that is at most multiplied by a factor enters the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// As it is.
    Open,
    /// Multiplied by a factor of each replica: which of [`ResolvedEdits::gates`].
    Factor(usize),
    /// Not at all, in every replica.
    Shut,
}

impl Edits {
    /// The tensors of these edits for a model with the given sites.
    pub fn resolve(&self, sites: &[Site], device: &Device) -> ResolvedEdits {
        let mut resolved = BTreeMap::new();
        for site in sites.iter().filter(|site| !matches!(site.placement, Placement::Slice | Placement::Group)) {
            if let Some(edits) = self.outputs_at(&site.path) {
                let span = Span { edits: Some(edits), start: 0, channels: site.channels };
                resolved.insert(site.path.clone(), Affine::new(&[span], self.replicas(), device));
            }
        }
        for (path, spans) in self.slices(sites) {
            if spans.iter().any(|span| span.edits.is_some()) {
                resolved.insert(path.to_string(), Affine::new(&spans, self.replicas(), device));
            }
        }
        let mut factors: Vec<Tensor<3>> = Vec::new();
        for edit in resolved.values_mut() {
            if let Some(factor) = edit.factor().cloned() {
                edit.gate = factors.len();
                factors.push(factor);
            }
        }
        let gates = (!factors.is_empty()).then(|| Tensor::cat(factors, 2));
        let patching = Patching::new(self, sites, device).map(Rc::new);
        ResolvedEdits { sites: resolved, gates, patterns: self.patterns(sites), patching }
    }

    /// The edits at a site, if any of them changes its output.
    fn outputs_at(&self, path: &str) -> Option<&[Edit]> {
        self.at(path).filter(|edits| edits.iter().any(Edit::changes_output))
    }

    /// What is done to patterns: in a head what is done to that head, or else what is done to the attention that it is a part of.
    fn patterns(&self, sites: &[Site]) -> BTreeMap<String, Patterns> {
        let mut patterns: BTreeMap<String, Patterns> = BTreeMap::new();
        for site in sites.iter().filter(|site| site.placement == Placement::Slice) {
            let Some(whole) = &site.parent else { continue };
            let at = |path: &str, replica: usize| self.at(path).and_then(|edits| edits[replica].pattern);
            let of_attention = patterns.entry(format!("{whole}.{PATTERN}")).or_insert_with(|| vec![Vec::new(); self.replicas()]);
            for (replica, heads) in of_attention.iter_mut().enumerate() {
                heads.push(at(&site.path, replica).or_else(|| at(whole, replica)));
            }
        }
        patterns.retain(|_, replicas| replicas.iter().flatten().any(Option::is_some));
        patterns
    }

    /// The slices of every sliced tensor, side by side: those of `blocks.0.attn.heads` are `blocks.0.attn.heads.0` and so on.
    fn slices<'a>(&'a self, sites: &'a [Site]) -> BTreeMap<&'a str, Vec<Span<'a>>> {
        let mut slices: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for site in sites.iter().filter(|site| site.placement == Placement::Slice) {
            let whole = site.path.rsplit_once('.').map_or("", |(whole, _)| whole);
            let spans = slices.entry(whole).or_default();
            let start = spans.last().map_or(0, |span| span.start + span.channels);
            spans.push(Span { edits: self.outputs_at(&site.path), start, channels: site.channels });
        }
        slices
    }
}

impl ResolvedEdits {
    /// The edit at a site or at a sliced tensor; `None` where no replica edits it.
    pub(crate) fn at(&self, path: &str) -> Option<&Affine> {
        self.sites.get(path)
    }

    /// How a site enters the residual stream; none if it is changed by more than a factor.
    pub(crate) fn gate(&self, path: &str) -> Option<Gate> {
        let Some(edit) = self.sites.get(path) else { return Some(Gate::Open) };
        edit.factor()?;
        Some(if edit.keeps { Gate::Factor(edit.gate) } else { Gate::Shut })
    }

    /// The factors of gates: `[replicas, 1, gates]`.
    pub(crate) fn gates(&self) -> Option<&Tensor<3>> {
        self.gates.as_ref()
    }

    /// The sites, sliced tensors and attention patterns that some replica edits.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.sites.keys().chain(self.patterns.keys()).map(String::as_str)
    }

    /// What is done to the attention pattern at a path; `None` where no replica changes it.
    pub(crate) fn pattern(&self, path: &str) -> Option<&Patterns> {
        self.patterns.get(path)
    }

    /// The output of the site or sliced tensor at `path` after its edit.
    ///
    /// # Shapes
    /// - `output`, `input`, result: `[replicas, examples * positions, channels]`
    pub fn apply(&self, path: &str, output: Tensor<3>, input: &Tensor<3>) -> Tensor<3> {
        match self.sites.get(path) {
            None => output,
            Some(affine) => {
                let nothing = output.zeros_like();
                affine.apply(Some(output), Input::Stream(input)).unwrap_or(nothing)
            }
        }
    }

    /// Replaces the constant of an edited site by a tensor, which may be one that is trained. Nothing happens where no replica edits the
    /// site.
    ///
    /// # Shapes
    /// - `constant`: `[replicas, rows, channels]`, with 1 row, one row per position, or one row for each row of the batch
    pub fn set_constant(&mut self, path: &str, constant: Tensor<3>) {
        if let Some(affine) = self.sites.get_mut(path) {
            affine.constant = Some(constant);
        }
    }

    /// Replaces some columns of the constant of an edited site or sliced tensor, of some replicas.
    ///
    /// # Shapes
    /// - `columns`: `[replicas, 1, channels]`
    /// - `values`: `[replicas, rows, channels]`
    pub(crate) fn set_columns(&mut self, path: &str, columns: Mask<3>, values: Tensor<3>) {
        let Some(affine) = self.sites.get_mut(path) else { return };
        let others = match affine.constant.take() {
            Some(constant) => rows(constant, values.dims()[1]),
            None => Tensor::full(values.dims(), -0.0, &values.device()),
        };
        affine.constant = Some(others.mask_where(columns, values));
    }

    /// The constant of an edited site or sliced tensor as a leaf of the gradient tape: `[replicas, rows, channels]`; `None` where there is none.
    pub(crate) fn train_constant(&mut self, path: &str) -> Option<Tensor<3>> {
        let constant = &mut self.sites.get_mut(path)?.constant;
        *constant = constant.take().map(Tensor::require_grad);
        constant.clone()
    }
}

/// Neighbouring channels of a tensor with their edits, one per replica; none where no replica edits them.
struct Span<'a> {
    edits: Option<&'a [Edit]>,
    start: usize,
    channels: usize,
}

impl Span<'_> {
    fn edit(&self, replica: usize) -> &Edit {
        const NONE: &Edit = &Edit::NONE;
        self.edits.map_or(NONE, |edits| &edits[replica])
    }
}

/// `A <- keep * (A - (A U) diag(s) U^T) + pass * input + G * (input - c mean(input)) + C`; a term that is nothing in every replica is left out.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    /// Whether any replica uses the output. If none does, it is not computed.
    pub keeps: bool,
    /// `[replicas, 1, 1 or channels]`; none if 1 everywhere.
    keep: Option<Tensor<3>>,
    /// Which of [`ResolvedEdits::gates`] the same is, where the edit is nothing else.
    gate: usize,
    /// `U` as `[replicas, channels, directions]`, and `diag(s) U^T` as `[replicas, directions, channels]`.
    projection: Option<[Tensor<3>; 2]>,
    pass: Option<Pass>,
    scaled: Option<ScaledInput>,
    /// `[replicas, 1 or any number of rows, channels]`.
    constant: Option<Tensor<3>>,
    /// The replicas that edit nothing, where the arithmetic above would not leave every bit of them alone: `[replicas, 1, 1]`.
    unedited: Option<Mask<3>>,
}

/// What a site reads.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    /// `[replicas, rows, channels]`.
    Stream(&'a Tensor<3>),
    /// Nothing that could pass: the site starts something new.
    None {
        /// Rows of its output.
        rows: usize,
    },
}

impl<'a> Input<'a> {
    fn stream(self) -> Option<&'a Tensor<3>> {
        match self {
            Input::Stream(stream) => Some(stream),
            Input::None { .. } => None,
        }
    }

    fn rows(self) -> usize {
        match self {
            Input::Stream(stream) => stream.dims()[1],
            Input::None { rows } => rows,
        }
    }
}

/// How much of the input passes.
#[derive(Clone, Debug)]
enum Pass {
    Whole,
    /// `[replicas, 1, 1]`.
    Factors(Box<Tensor<3>>),
}

/// `G * (input - c mean(input))`.
#[derive(Clone, Debug)]
struct ScaledInput {
    /// What subtracts the mean of a row, where any replica does: `[replicas, channels, channels]`.
    centre: Option<Tensor<3>>,
    /// `[replicas, 1 or any number of rows, channels]`.
    factors: Tensor<3>,
}

impl ScaledInput {
    /// Only for a site that is no slice: a slice has no input of its own.
    fn new(spans: &[Span], replicas: usize, device: &Device) -> Option<Self> {
        let [span] = spans else { return None };
        let scaled = |replica| span.edit(replica).scaled.as_ref();
        let rows = (0..replicas).filter_map(scaled).map(|one| one.factors.values.len() / one.factors.channels).max()?;
        let channels = span.channels;
        let mut factors = vec![0.0; replicas * rows * channels];
        for (replica, factors) in factors.chunks_exact_mut(rows * channels).enumerate() {
            let Some(one) = scaled(replica) else { continue };
            factors.iter_mut().zip(one.factors.values.iter().cycle()).for_each(|(factor, given)| *factor = *given);
        }
        let is_centred = |replica| scaled(replica).is_some_and(|one| one.centred);
        let centre = |index: usize| {
            let (replica, from, to) = (index / channels / channels, index / channels % channels, index % channels);
            let mean = if is_centred(replica) { 1.0 / channels as f32 } else { 0.0 };
            if from == to { 1.0 - mean } else { -mean }
        };
        let centres = (0..replicas).any(is_centred).then(|| (0..replicas * channels * channels).map(centre).collect());
        Some(ScaledInput {
            centre: centres.map(|centres| upload(centres, [replicas, channels, channels], device)),
            factors: upload(factors, [replicas, rows, channels], device),
        })
    }

    fn apply(&self, input: &Tensor<3>) -> Tensor<3> {
        let centred = match &self.centre {
            None => input.clone(),
            Some(centre) => kernels::product(input.clone(), centre.clone()),
        };
        multiply_rows(centred, self.factors.clone())
    }
}

impl Affine {
    fn new(spans: &[Span], replicas: usize, device: &Device) -> Self {
        let channels: usize = spans.iter().map(|span| span.channels).sum();
        let sliced = spans.len() > 1;
        // Of a slice the input is the slice itself, so what passes is kept.
        let kept = |edit: &Edit| if sliced { edit.keep + edit.pass } else { edit.keep };
        let passed = |edit: &Edit| if sliced { 0.0 } else { edit.pass };
        let keep = numbers(spans, replicas, kept);
        let pass = numbers(spans, replicas, passed);
        let projection = projection(spans, replicas, channels, device);
        let scaled = ScaledInput::new(spans, replicas, device);
        let unedited = unedited(spans, replicas);
        let inexact = projection.is_some() || scaled.is_some() || pass.iter().any(|&factor| factor != 0.0);
        let mixed = inexact && unedited.contains(&true);
        let columns = keep.len() / replicas;
        Affine {
            keeps: keep.iter().any(|&factor| factor != 0.0),
            keep: keep.iter().any(|&factor| factor != 1.0).then(|| upload(keep, [replicas, 1, columns], device)),
            gate: 0,
            projection,
            pass: if pass.iter().all(|&factor| factor == 0.0) {
                None
            } else if pass.iter().all(|&factor| factor == 1.0) {
                Some(Pass::Whole)
            } else {
                Some(Pass::Factors(Box::new(upload(pass, [replicas, 1, columns], device))))
            },
            scaled,
            constant: constant(spans, replicas, channels, device),
            unedited: mixed.then(|| tensor::mask(unedited, [replicas, 1, 1], device)),
        }
    }

    /// The output after the edit; `None` if nothing is left of it. `output`: none if it was not computed.
    ///
    /// # Shapes
    /// - `output`, result: `[replicas, examples * positions, channels]`
    pub(crate) fn apply(&self, output: Option<Tensor<3>>, input: Input) -> Option<Tensor<3>> {
        let output = output.filter(|_| self.keeps);
        let kept = output.clone().map(|output| self.kept(output));
        let passed = self.pass.as_ref().zip(input.stream()).map(|(pass, input)| match pass {
            Pass::Whole => input.clone(),
            Pass::Factors(factors) => input.clone() * (**factors).clone(),
        });
        let scaled = self.scaled.as_ref().zip(input.stream()).map(|(scaled, input)| scaled.apply(input));
        let sum = [kept, passed, scaled].into_iter().flatten().reduce(|sum, term| sum + term);
        let edited = match (sum, &self.constant) {
            (sum, None) => sum,
            (None, Some(constant)) => Some(rows(constant.clone(), input.rows())),
            (Some(sum), Some(constant)) => Some(add_rows(sum, constant.clone())),
        };
        match (edited, output, &self.unedited) {
            (Some(edited), Some(output), Some(unedited)) => Some(edited.mask_where(unedited.clone(), output)),
            (edited, _, _) => edited,
        }
    }

    /// The factor of each replica, if the edit is nothing else: `[replicas, 1, 1]`.
    fn factor(&self) -> Option<&Tensor<3>> {
        let is_else = self.projection.is_some() || self.pass.is_some() || self.scaled.is_some() || self.constant.is_some();
        self.keep.as_ref().filter(|keep| !is_else && keep.dims()[2] == 1)
    }

    /// `keep * (A - (A U) diag(s) U^T)`.
    fn kept(&self, output: Tensor<3>) -> Tensor<3> {
        let rest = match &self.projection {
            None => output,
            Some([directions, back]) => {
                let along = kernels::product(output.clone(), directions.clone());
                output - kernels::product(along, back.clone())
            }
        };
        match &self.keep {
            None => rest,
            Some(keep) => rest * keep.clone(),
        }
    }
}

/// One number per replica, or for a sliced tensor one per replica and channel.
fn numbers(spans: &[Span], replicas: usize, number: impl Fn(&Edit) -> f32) -> Vec<f32> {
    let times = |span: &Span| if spans.len() > 1 { span.channels } else { 1 };
    let of_replica = |replica| spans.iter().flat_map(move |span| std::iter::repeat_n((span, replica), times(span)));
    (0..replicas).flat_map(of_replica).map(|(span, replica)| number(span.edit(replica))).collect()
}

/// `U`, and `diag(s) U^T`, of all replicas; those with fewer directions are filled with zeros.
fn projection(spans: &[Span], replicas: usize, channels: usize, device: &Device) -> Option<[Tensor<3>; 2]> {
    let count = |replica| spans.iter().map(|span| span.edit(replica).directions.len()).sum::<usize>();
    let most = (0..replicas).map(count).max().filter(|&most| most > 0)?;
    let mut units = vec![0.0; replicas * channels * most];
    let mut back = units.clone();
    for replica in 0..replicas {
        let directions = spans.iter().flat_map(|span| span.edit(replica).directions.iter().map(move |one| (span.start, one)));
        for (index, (start, direction)) in directions.enumerate() {
            for (channel, &value) in direction.unit().iter().enumerate() {
                units[(replica * channels + start + channel) * most + index] = value;
                back[(replica * most + index) * channels + start + channel] = direction.strength() * value;
            }
        }
    }
    Some([upload(units, [replicas, channels, most], device), upload(back, [replicas, most, channels], device)])
}

/// The constants of all replicas, each repeated to as many rows as the longest has: `[replicas, rows, channels]`.
fn constant(spans: &[Span], replicas: usize, channels: usize, device: &Device) -> Option<Tensor<3>> {
    let rows_of = |span: &Span, replica| span.edit(replica).constant.as_ref().map(|one| one.values.len() / one.channels);
    let rows = (0..replicas).flat_map(|replica| spans.iter().filter_map(move |span| rows_of(span, replica))).max()?;
    // Minus zero added to a number changes no bit of it, not even the sign of a zero.
    let mut values = vec![-0.0; replicas * rows * channels];
    for replica in 0..replicas {
        for span in spans {
            let Some(constant) = &span.edit(replica).constant else { continue };
            for (row, given) in constant.values.chunks_exact(span.channels).cycle().take(rows).enumerate() {
                values[(replica * rows + row) * channels + span.start..][..span.channels].copy_from_slice(given);
            }
        }
    }
    Some(upload(values, [replicas, rows, channels], device))
}

/// Whether each replica edits nothing.
fn unedited(spans: &[Span], replicas: usize) -> Vec<bool> {
    (0..replicas).map(|replica| spans.iter().all(|span| !span.edit(replica).changes_output())).collect()
}

/// The rows of a constant repeated to so many.
fn rows(constant: Tensor<3>, count: usize) -> Tensor<3> {
    let given = constant.dims()[1];
    constant.repeat_dim(1, count.div_ceil(given)).narrow(1, 0, count)
}

/// `x` with the rows of a constant added, over and over.
fn add_rows(x: Tensor<3>, constant: Tensor<3>) -> Tensor<3> {
    let [replicas, count, channels] = x.dims();
    let given = constant.dims()[1];
    if given == 1 || given == count {
        x + constant
    } else if count % given == 0 {
        // Examples side by side, so that the constant is read again for each instead of copied.
        let flat = x.reshape([replicas, count / given, given * channels]) + constant.reshape([replicas, 1, given * channels]);
        flat.reshape([replicas, count, channels])
    } else {
        x + rows(constant, count)
    }
}

/// `x` with its rows multiplied by the rows of `factors`, over and over. The rows of `x` are a multiple of those.
fn multiply_rows(x: Tensor<3>, factors: Tensor<3>) -> Tensor<3> {
    let [replicas, count, channels] = x.dims();
    let given = factors.dims()[1];
    let flat = x.reshape([replicas, count / given, given * channels]) * factors.reshape([replicas, 1, given * channels]);
    flat.reshape([replicas, count, channels])
}
