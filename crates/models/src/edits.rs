//! What is done to the outputs of sites during a forward pass.
//!
//! Removal from the start, every cut and every gate of a fleet are one operation, so one mechanism serves all of them:
//!
//! ```text
//! output <- keep * output + pass * input + constant          (one triple a replica)
//! ```
//!
//! The intact model is `keep = 1`; absent is `keep = 0`; a site that stands in the residual stream and is removed lets its input
//! pass (`pass = 1`). Edits are arguments of the forward pass: the weights are never touched, so there is nothing to restore.

use std::collections::BTreeMap;

use ablation_protocol::{Operator, Site, SiteKind};
use burn::tensor::{Device, Tensor};

use crate::weights::upload;

/// A constant that stands in for a site's output: one row for all positions, or one row a position.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Row by row.
    pub values: Vec<f32>,
    /// Width of the site's output.
    pub width: usize,
}

/// What one replica does at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Multiplies the output.
    pub keep: f32,
    /// Multiplies the input; only for sites that stand in the stream.
    pub pass: f32,
    /// Added.
    pub constant: Option<Constant>,
}

impl Edit {
    /// The site as it is.
    pub const INTACT: Edit = Edit { keep: 1.0, pass: 0.0, constant: None };
    /// The site's output is nothing.
    pub const NOTHING: Edit = Edit { keep: 0.0, pass: 0.0, constant: None };
    /// The site's input goes through.
    pub const THROUGH: Edit = Edit { keep: 0.0, pass: 1.0, constant: None };

    /// The edit that leaves a site out: a branch adds nothing, a site in the stream lets its input through.
    pub fn absence(site: &Site) -> Self {
        match site.kind {
            SiteKind::Norm | SiteKind::Activation => Edit::THROUGH,
            _ => Edit::NOTHING,
        }
    }

    /// The edit of an operator at a site. `reference` are the site's outputs on the reference set, which the means are taken of; an
    /// operator that takes a mean of nothing leaves nothing.
    pub fn cut(site: &Site, operator: Operator, reference: Option<&SiteOutputs>) -> Self {
        match operator {
            Operator::Zero => Edit::NOTHING,
            Operator::Skip => Edit::absence(site),
            Operator::Scale { factor } => Edit { keep: factor as f32, ..Edit::INTACT },
            Operator::Mean => Edit { constant: reference.map(SiteOutputs::mean), ..Edit::NOTHING },
            Operator::MeanByPosition => Edit { constant: reference.map(SiteOutputs::mean_by_position), ..Edit::NOTHING },
        }
    }
}

/// The sites at which an edit of `path` takes place: a block is the branches inside it and the norms that its stream passes through;
/// every other site is itself.
pub fn targets<'a>(sites: &'a [Site], path: &str) -> Vec<&'a Site> {
    let is_block = sites.iter().any(|site| site.path == path && site.kind == SiteKind::Block);
    sites
        .iter()
        .filter(|site| match is_block {
            true => (site.branch || site.inline) && site.parent.as_deref() == Some(path),
            false => site.path == path,
        })
        .collect()
}

/// Outputs of one site for one replica: `[examples, positions, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteOutputs {
    /// Row by row.
    pub values: Vec<f32>,
    /// Positions of an example.
    pub positions: usize,
    /// Width of the output.
    pub width: usize,
}

impl SiteOutputs {
    /// Mean over examples and positions.
    pub fn mean(&self) -> Constant {
        self.mean_of_rows(1)
    }

    /// Mean over examples at each position.
    pub fn mean_by_position(&self) -> Constant {
        self.mean_of_rows(self.positions)
    }

    /// Sums in double precision: the constant must not depend on how many examples it is taken of.
    fn mean_of_rows(&self, groups: usize) -> Constant {
        let rows = self.values.len() / self.width;
        let mut sums = vec![0.0f64; groups * self.width];
        for (row, values) in self.values.chunks_exact(self.width).enumerate() {
            let sums = &mut sums[row % groups * self.width..][..self.width];
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let values = sums.iter().map(|sum| (sum * groups as f64 / rows as f64) as f32).collect();
        Constant { values, width: self.width }
    }
}

/// The edits of a fleet: for each site that is edited in any replica, one [`Edit`] a replica.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    replicas: usize,
    sites: BTreeMap<String, Vec<Edit>>,
}

impl Edits {
    /// No edits: the intact model.
    pub fn none(replicas: usize) -> Self {
        Edits { replicas, sites: BTreeMap::new() }
    }

    /// Sets what one replica does at one site.
    pub fn set(&mut self, replica: usize, site: &str, edit: Edit) {
        let replicas = self.replicas;
        let edits = self.sites.entry(site.to_string()).or_insert_with(|| vec![Edit::INTACT; replicas]);
        edits[replica] = edit;
    }

    /// What one replica does, as a fleet of one.
    #[must_use]
    pub fn of_replica(&self, replica: usize) -> Self {
        let sites = self.sites.iter().map(|(path, edits)| (path.clone(), vec![edits[replica].clone()])).collect();
        Edits { replicas: 1, sites }
    }

    /// The edits at a site, one a replica; `None` where no replica edits it.
    pub fn at(&self, site: &str) -> Option<&[Edit]> {
        let edits = self.sites.get(site)?;
        edits.iter().any(|edit| *edit != Edit::INTACT).then_some(edits)
    }
}

/// Whether any replica uses the site's own output. If none does, it is not computed.
pub(crate) fn keeps(edits: &[Edit]) -> bool {
    edits.iter().any(|edit| edit.keep != 0.0)
}

/// `keep * output + pass * input + constant`; a term that is zero in every replica is left out, so that an intact replica is the
/// plain model bit for bit. `None` if nothing is left.
///
/// # Shapes
/// - `output`, `input`, result: `[replicas, examples * positions, width]`
pub(crate) fn apply(edits: &[Edit], output: Option<Tensor<3>>, input: &Tensor<3>) -> Option<Tensor<3>> {
    let device = input.device();
    let scaled = |tensor: Tensor<3>, factors: Vec<f32>| {
        let plain = factors.iter().all(|&factor| factor == 1.0);
        if plain { tensor } else { tensor * upload::<3>(factors, [edits.len(), 1, 1], &device) }
    };
    let kept = output.map(|output| scaled(output, edits.iter().map(|edit| edit.keep).collect()));
    let passed =
        edits.iter().any(|edit| edit.pass != 0.0).then(|| scaled(input.clone(), edits.iter().map(|edit| edit.pass).collect()));
    let constant = constants(edits, input.dims()[1], &device);
    [kept, passed, constant].into_iter().flatten().reduce(|sum, term| sum + term)
}

/// The constants of all replicas as `[replicas, 1 or rows, width]`, tiled over the examples of a batch.
fn constants(edits: &[Edit], rows: usize, device: &Device) -> Option<Tensor<3>> {
    let longest = edits.iter().filter_map(|edit| edit.constant.as_ref()).max_by_key(|constant| constant.values.len())?;
    let (length, width) = (longest.values.len(), longest.width);
    let mut values = Vec::with_capacity(edits.len() * length);
    for edit in edits {
        match &edit.constant {
            None => values.extend(std::iter::repeat_n(0.0, length)),
            Some(constant) => values.extend(constant.values.iter().cycle().take(length)),
        }
    }
    let positions = length / width;
    let constant = upload::<3>(values, [edits.len(), positions, width], device);
    Some(constant.repeat_dim(1, rows / positions))
}
