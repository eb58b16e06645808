//! Root mean square normalisation (Zhang & Sennrich 2019, <https://arxiv.org/abs/1910.07467>).

use super::NormKind;
use crate::entry::Entry;
use crate::kernels::Centre;
use crate::parameter::Parameter;

pub(super) const ENTRY: Entry<NormKind> = Entry {
    name: "rms",
    label: "RMSNorm",
    help: "Divides each vector by the root mean square of its channels, then scales; it neither centres nor shifts (RMSNorm).",
    value: NormKind { parameters, centre: Centre::Zero, biased: false },
};

/// Of `x / sqrt(mean(x^2) + 1e-5) * gain` over the width.
fn parameters(path: &str, width: usize) -> Vec<Parameter> {
    vec![Parameter::gain(format!("{path}.gain"), width)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{self, fused_and_composed_norms_agree};
    use crate::weights::upload;
    use burn::tensor::Device;

    #[test]
    fn a_fused_rms_norm_is_the_composed_one() {
        fused_and_composed_norms_agree(
            |x, gain, _| kernels::norm(x, gain, None, Centre::Zero),
            |x, gain, _| {
                let square = (x.clone() * x.clone()).mean_dim(2);
                x / (square + 1e-5).sqrt() * gain
            },
        );
    }

    #[test]
    fn a_row_has_a_root_mean_square_of_one_and_keeps_its_mean() {
        let row = |values: [f32; 4]| upload::<3>(values.to_vec(), [1, 1, 4], &Device::flex());
        let output = kernels::norm(row([1.0, 7.0, 1.0, 7.0]), row([1.0, 1.0, 1.0, 2.0]), None, Centre::Zero);
        let output = output.into_data().try_into_vec::<f32>().unwrap();
        for (given, expected) in output.iter().zip([0.2, 1.4, 0.2, 2.8]) {
            assert!((given - expected).abs() < 1e-6, "{output:?}");
        }
    }
}
