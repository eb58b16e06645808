//! Layer normalisation (Ba, Kiros & Hinton 2016, <https://arxiv.org/abs/1607.06450>).

use super::NormKind;
use crate::entry::Entry;
use crate::kernels::Centre;
use crate::parameter::Parameter;

pub(super) const ENTRY: Entry<NormKind> = Entry {
    name: "layer",
    label: "LayerNorm",
    help: "Normalises each vector to mean 0 and variance 1 over its channels, then scales and shifts (LayerNorm).",
    value: NormKind { parameters, centre: Centre::Mean, biased: true },
};

/// Of `(x - mean) / sqrt(variance + 1e-5) * gain + bias` over the width, with the biased variance.
fn parameters(path: &str, width: usize) -> Vec<Parameter> {
    vec![Parameter::gain(format!("{path}.gain"), width), Parameter::bias(format!("{path}.bias"), width)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{self, fused_and_composed_norms_agree};

    #[test]
    fn a_fused_layer_norm_is_the_composed_one() {
        fused_and_composed_norms_agree(
            |x, gain, bias| kernels::norm(x, gain, Some(bias), Centre::Mean),
            |x, gain, bias| {
                let centred = x.clone() - x.mean_dim(2);
                let variance = (centred.clone() * centred.clone()).mean_dim(2);
                centred / (variance + 1e-5).sqrt() * gain + bias
            },
        );
    }
}
