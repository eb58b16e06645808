//! What is done to the outputs of sites during a forward pass.
//!
//! Training without a component, every ablation operator and every gate of a fleet are one affine operation:
//!
//! ```text
//! A <- keep * (A - (A U) diag(s) U^T) + pass * input + G * (input - c mean(input)) + C          one of these a replica
//! ```
//!
//! The reference is `keep = 1` and nothing else; a branch without which the model is trained is `keep = 0`; a norm that is left out lets
//! its input pass, `pass = 1`. `U` are directions of the channels that are projected out, each with a strength `s`; `G` multiplies each
//! channel of the input at each position, of which the mean over the channels may be subtracted first (`c = 1`), as a norm does whose scale
//! is frozen; `C` is one row for all positions, one row per position, or one row for each row of the batch. An attention pattern is no
//! output of a site and no affine map reaches it: it has an edit of its own ([`Pattern`]). `C` may also be what the site puts out for a
//! corrupted input, which a forward pass finds out first ([`Corruption`]). Edits are arguments of the forward pass: the
//! weights are never touched, so there is nothing to restore. This module is the description on the host; [`crate::ResolvedEdits`] are the
//! tensors.

use std::collections::BTreeMap;

use ablation_protocol::{Placement, Site};

use crate::patching::Corruption;

/// A constant that is added to a site's output: one row, one row per position, or one row for each row of a batch. A batch with more rows
/// begins again with the first, one with fewer leaves the last out.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Row by row.
    pub values: Vec<f32>,
    /// Channels of the site's output, the length of a row.
    pub channels: usize,
}

impl Constant {
    /// The same rows, beginning with row `first`; those before it come last.
    #[must_use]
    pub fn beginning_with(mut self, first: usize) -> Self {
        self.values.rotate_left(first * self.channels);
        self
    }
}

/// The input of a site, of which the mean over the channels may be subtracted, with each channel multiplied.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// What each channel is multiplied by: one row for all positions, or one row per position.
    pub factors: Constant,
    /// Whether the mean of each row of the input is subtracted from it first.
    pub centred: bool,
}

/// What is done to the attention pattern of a head, of which a row says how much a position reads from each: first a source is left out,
/// then what is left is blended with the uniform pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// The source that no position reads, if there is one.
    pub without: Option<ReadSource>,
    /// Whether what a position reads from the others is scaled to sum to 1 again. A position that reads nothing else reads nothing.
    pub renormalised: bool,
    /// Share of the uniform pattern over what a position may see, from 0 to 1.
    pub uniform: f32,
}

/// A source of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadSource {
    /// The first position, whatever the distance.
    First,
    /// The position so many back: 0 is the position itself, 1 the one before it.
    Back(usize),
}

impl ReadSource {
    /// Whether it is `source` for a position.
    pub(crate) fn is(self, position: usize, source: usize) -> bool {
        match self {
            ReadSource::First => source == 0,
            ReadSource::Back(back) => source + back == position,
        }
    }
}

/// A direction of a site's channels that is projected out.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    unit: Vec<f32>,
    strength: f32,
}

impl Direction {
    /// The direction of a vector of any length but zero. `strength`: 1 removes the component along it, 2 reflects it.
    ///
    /// Several directions of one site have to be orthogonal to each other.
    pub fn new(vector: &[f32], strength: f32) -> Self {
        let norm = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
        Direction { unit: vector.iter().map(|&value| (f64::from(value) / norm) as f32).collect(), strength }
    }

    /// The direction at length 1.
    pub fn unit(&self) -> &[f32] {
        &self.unit
    }

    /// How much of the component along it is removed.
    pub fn strength(&self) -> f32 {
        self.strength
    }
}

/// What one replica does at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Multiplies the output.
    pub keep: f32,
    /// Projected out of the output.
    pub directions: Vec<Direction>,
    /// Multiplies the input; only for sites whose input has the channels of their output.
    pub pass: f32,
    /// The input with each channel multiplied, which is added; for the same sites.
    pub scaled: Option<Scaled>,
    /// Added.
    pub constant: Option<Constant>,
    /// Done to the attention pattern inside; only for an attention or a head.
    pub pattern: Option<Pattern>,
    /// The output is that for the input with this corruption, in the model without it; only of an edit that keeps nothing.
    pub patched: Option<Corruption>,
    /// Rows that the constant begins with in further draws of it. What is measured is the mean over all draws.
    pub draws: Vec<usize>,
}

impl Edit {
    /// No edit: the site as it is.
    pub const NONE: Edit = Edit::of(1.0, 0.0);
    /// The site's output is zero.
    pub const ZERO: Edit = Edit::of(0.0, 0.0);
    /// The site's input passes unchanged.
    pub const THROUGH: Edit = Edit::of(0.0, 1.0);

    const fn of(keep: f32, pass: f32) -> Self {
        Edit { keep, directions: Vec::new(), pass, scaled: None, constant: None, pattern: None, patched: None, draws: Vec::new() }
    }

    /// The edit of a model without the site: an inline site lets its input pass, any other puts out zeros.
    pub fn removal(site: &Site) -> Self {
        if site.placement == Placement::Inline { Edit::THROUGH } else { Edit::ZERO }
    }

    /// The site's output is a constant.
    pub fn constant(constant: Constant) -> Self {
        Edit { constant: Some(constant), ..Edit::ZERO }
    }

    /// The output after the edit, on the host, row by row. None if it is more than a factor and a constant.
    pub(crate) fn applied(&self, values: &[f32]) -> Option<Vec<f32>> {
        let is_else = !self.directions.is_empty() || self.pass != 0.0 || self.scaled.is_some() || self.pattern.is_some();
        if is_else || self.patched.is_some() {
            return None;
        }
        let constant = |index: usize| self.constant.as_ref().map_or(0.0, |one| one.values[index % one.values.len()]);
        Some(values.iter().enumerate().map(|(index, value)| self.keep * value + constant(index)).collect())
    }

    /// The same done to some channels only; all others stay as they are. Only of an edit that passes nothing of the input.
    #[must_use]
    pub(crate) fn restricted(&self, channels: &[usize], all: usize) -> Self {
        let unit = |&channel: &usize| {
            let mut vector = vec![0.0; all];
            vector[channel] = 1.0;
            Direction { unit: vector, strength: 1.0 - self.keep }
        };
        let masked = |constant: &Constant| {
            // Minus zero added to a number changes no bit of it.
            let cell = |(index, value): (usize, &f32)| if channels.contains(&(index % all)) { *value } else { -0.0 };
            Constant { values: constant.values.iter().enumerate().map(cell).collect(), channels: all }
        };
        Edit {
            directions: channels.iter().map(unit).collect(),
            constant: self.constant.as_ref().map(masked),
            draws: self.draws.clone(),
            ..Edit::NONE
        }
    }

    /// Whether it changes the output of the site itself, and not only what is inside.
    pub(crate) fn changes_output(&self) -> bool {
        let is_else = !self.directions.is_empty() || self.scaled.is_some() || self.constant.is_some();
        self.keep != 1.0 || self.pass != 0.0 || is_else
    }
}

/// The sites at which an edit of `path` takes place: a group is the branches inside it and the inline sites that its stream passes
/// through; every other site is itself.
pub fn targets<'a>(sites: &'a [Site], path: &str) -> Vec<&'a Site> {
    let Some(site) = sites.iter().find(|site| site.path == path) else { return Vec::new() };
    if !site.is_group() {
        return vec![site];
    }
    let inside = |other: &&Site| other.parent.as_deref() == Some(path) && !other.leads_into_branch(sites);
    sites.iter().filter(inside).flat_map(|other| targets(sites, &other.path)).collect()
}

/// The tensor that holds the output of a site: its path, the first of the site's columns and how many columns there are. Slices are columns of
/// one tensor, those of `blocks.0.attn.heads` are `blocks.0.attn.heads.0` and so on; every other site has a tensor of its own.
pub(crate) fn tensor_of<'a>(sites: &[Site], site: &'a Site) -> (&'a str, usize, usize) {
    let sliced = site.path.rsplit_once('.').filter(|_| site.placement == Placement::Slice);
    let Some((path, _)) = sliced else { return (&site.path, 0, site.channels) };
    let is_slice = |one: &Site| one.placement == Placement::Slice;
    let beside = |one: &&Site| is_slice(one) && one.path.rsplit_once('.').is_some_and(|(whole, _)| whole == path);
    let start = sites.iter().filter(beside).take_while(|one| one.path != site.path).map(|one| one.channels).sum();
    (path, start, sites.iter().filter(beside).map(|one| one.channels).sum())
}

/// The edits of a fleet: for each site that is edited in any replica, one [`Edit`] a replica.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    replicas: usize,
    sites: BTreeMap<String, Vec<Edit>>,
}

impl Edits {
    /// No edits: the reference.
    pub fn none(replicas: usize) -> Self {
        Edits { replicas, sites: BTreeMap::new() }
    }

    /// Sets what one replica does at one site.
    pub fn set(&mut self, replica: usize, site: &str, edit: Edit) {
        let replicas = self.replicas;
        let edits = self.sites.entry(site.to_string()).or_insert_with(|| vec![Edit::NONE; replicas]);
        edits[replica] = edit;
    }

    /// What one replica does, as a fleet of one.
    #[must_use]
    pub fn of_replica(&self, replica: usize) -> Self {
        let sites = self.sites.iter().map(|(path, edits)| (path.clone(), vec![edits[replica].clone()])).collect();
        Edits { replicas: 1, sites }
    }

    /// The further draws of one replica's constants, each as a replica of its own; `None` if there are none.
    pub fn further_draws(&self, replica: usize) -> Option<Self> {
        let count = self.sites.values().map(|edits| edits[replica].draws.len()).max().filter(|&count| count > 0)?;
        let mut further = Edits::none(count);
        for (path, edits) in &self.sites {
            let Edit { constant, draws, .. } = &edits[replica];
            for draw in 0..count {
                let first = draws.get(draw).copied().unwrap_or(0);
                let constant = constant.clone().map(|constant| constant.beginning_with(first));
                further.set(draw, path, Edit { constant, draws: Vec::new(), ..edits[replica].clone() });
            }
        }
        Some(further)
    }

    /// The edits at a site, one per replica; `None` where no replica edits it.
    pub fn at(&self, site: &str) -> Option<&[Edit]> {
        let edits = self.sites.get(site)?;
        edits.iter().any(|edit| *edit != Edit::NONE).then_some(edits)
    }

    /// Number of replicas.
    pub fn replicas(&self) -> usize {
        self.replicas
    }
}
