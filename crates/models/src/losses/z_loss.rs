//! Z-loss: keeps the softmax's denominator near one (Chowdhery et al. 2022, PaLM, <https://arxiv.org/abs/2204.02311>; Zoph et al. 2022, ST-MoE,
//! <https://arxiv.org/abs/2202.08906>).

use ablation_settings::{Field, Group, Role};

use super::Addition;

const HELP: &str = "Coefficient of the z-loss, ln² Z of the softmax's denominator Z, which keeps scores from drifting; 0 leaves it out. PaLM has \
    0.0001 (Chowdhery et al. 2022), ST-MoE 0.001 (Zoph et al. 2022). Curves and test losses are without it.";

pub(super) const ADDITION: Addition = Addition {
    field: || {
        let field = Field::number("train.z_loss", Group::Training, "Z-loss", HELP, (0.0, 1.0), 0.0);
        field.role(Role::PerReplica).absent(0.0)
    },
    term: |terms| {
        let log = terms.rows.log_partition();
        terms.rows.total(log.clone() * log)
    },
};
