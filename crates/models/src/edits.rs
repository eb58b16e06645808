//! What is done to the outputs of sites during a forward pass.
//!
//! Training without a component, every ablation operator and every gate of a fleet are one affine operation:
//!
//! ```text
//! A <- keep * (A - (A U) diag(s) U^T) + pass * input + C          one of these a replica
//! ```
//!
//! The reference is `keep = 1` and nothing else; a branch without which the model is trained is `keep = 0`; a norm that is left out lets
//! its input pass, `pass = 1`. `U` are directions of the channels that are projected out, each with a strength `s`; `C` is one row for all
//! positions, one row per position, or one row for each row of the batch. Edits are arguments of the forward pass: the weights are never
//! touched, so there is nothing to restore. This module is the description on the host; [`crate::ResolvedEdits`] are the tensors.

use std::collections::BTreeMap;

use ablation_protocol::{Placement, Site};

/// A constant that is added to a site's output: one row, one row per position, or one row for each row of a batch. A batch with more rows
/// begins again with the first, one with fewer leaves the last out.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Row by row.
    pub values: Vec<f32>,
    /// Channels of the site's output, the length of a row.
    pub channels: usize,
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
        let norm = libm::sqrt(vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum());
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
    /// Added.
    pub constant: Option<Constant>,
}

impl Edit {
    /// No edit: the site as it is.
    pub const NONE: Edit = Edit { keep: 1.0, directions: Vec::new(), pass: 0.0, constant: None };
    /// The site's output is zero.
    pub const ZERO: Edit = Edit { keep: 0.0, directions: Vec::new(), pass: 0.0, constant: None };
    /// The site's input passes unchanged.
    pub const THROUGH: Edit = Edit { keep: 0.0, directions: Vec::new(), pass: 1.0, constant: None };

    /// The edit of a model without the site: an inline site lets its input pass, any other puts out zeros.
    pub fn removal(site: &Site) -> Self {
        if site.placement == Placement::Inline { Edit::THROUGH } else { Edit::ZERO }
    }

    /// The site's output is a constant.
    pub fn constant(constant: Constant) -> Self {
        Edit { constant: Some(constant), ..Edit::ZERO }
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
