//! Label smoothing: a share of each target is spread evenly over all classes (Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>).

use ablation_settings::{Field, Group, Role};

use super::Addition;

const HELP: &str = "Label smoothing ε: share of each target that is spread evenly over all tokens while the model trains; 0 leaves it out \
    (Szegedy et al. 2016). Curves and test losses are without it.";

pub(super) const ADDITION: Addition = Addition {
    field: || {
        let field = Field::number("train.label_smoothing", Group::Training, "Label smoothing", HELP, (0.0, 0.9), 0.0);
        field.role(Role::PerReplica).absent(0.0)
    },
    // `(1 - ε) loss + ε mean` is `loss + ε (mean - loss)`.
    term: |terms| terms.rows.total(terms.rows.mean(terms.costs())) - terms.loss.clone(),
};
