//! Ablation of a subspace of the residual stream: `x <- x - (x - mu)_S` on some channels `S`, with `mu` their mean over the reference set
//! ("embedding dimensions").
//!
//! The channels are ablated in what passes, and no weights are wiped: a table that is tied to the unembedding stays whole. Where a branch
//! writes, what it writes into the channels becomes its mean, so ablating all that writes - embedding, positions, blocks - is the subspace of the
//! whole stream. At a norm it is what the layer behind it reads. A mean and not zero, because a norm that follows would scale up the rest.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::activations::Activations;
use crate::edits::Edit;
use crate::grades::approximate;

const FIRST: Parameter = Parameter {
    name: "first",
    label: "First channel",
    help: "The first channel that is ablated, counted from 0.",
    minimum: 0.0,
    maximum: f64::INFINITY,
    default: 0.0,
    intact: None,
    at_zero: &[],
};

const CHANNELS: Parameter = Parameter {
    name: "channels",
    label: "Channels",
    help: "How many channels are ablated; the first channel follows the last. 0 is the reference, all of them is the mean.",
    minimum: 0.0,
    maximum: f64::INFINITY,
    default: 8.0,
    intact: Some(0.0),
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "subspace",
    label: "Subspace",
    help: "Some channels (embedding dimensions) of the residual stream become their mean over a reference set; all others stay.",
    phrase: "with channels at their mean ({channels} from channel {first} on)",
    parameters: &[FIRST, CHANNELS],
    // What has the channels of the residual stream.
    kinds: &[
        "embedding",
        "position",
        "time",
        "class",
        "block",
        "attention",
        "token mixing",
        "recurrent unit",
        "state space",
        "mlp",
        "norm",
    ],
    fits: &[
        (
            Placement::Source,
            approximate(
                "Channels are no components: training chose their basis. Compare with as many others. Later layers may fill them again.",
            ),
        ),
        (
            Placement::Branch,
            approximate(
                "Channels are no components: training chose their basis. Compare with as many others. Only what it writes is ablated.",
            ),
        ),
        (
            Placement::Group,
            approximate(
                "Channels are no components: training chose their basis. Compare with as many others. Only what the block writes is ablated.",
            ),
        ),
        (
            Placement::Inline,
            approximate(
                "Channels are no components: training chose their basis. Compare with as many others. Only what it puts out is ablated.",
            ),
        ),
    ],
    by_position: false,
    resolve: Resolve::Reference(subspace),
};

fn subspace(request: &Request, reference: &Activations) -> Edit {
    let [first, count] = [&FIRST, &CHANNELS].map(|parameter| request.parameter(parameter) as usize);
    let all = reference.channels;
    let channels: Vec<usize> = (first..).take(count.min(all)).map(|channel| channel % all).collect();
    Edit::constant(reference.mean()).restricted(&channels, all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ablation_protocol::ModelCatalog;
    use ablation_random::Stream;
    use ablation_settings::read_link;

    use super::*;
    use crate::catalog::Models;

    #[test]
    fn channels_become_their_mean_and_the_first_follows_the_last() {
        let sites = Models.sites(&read_link("v=1&p=repeat", &Models).0.settings).unwrap();
        let reference = Activations { values: vec![1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 8.0], positions: 2, channels: 4 };
        let ablated = |first: f64, channels: f64| {
            let parameters = BTreeMap::from([("first".to_string(), first), ("channels".to_string(), channels)]);
            let edit = subspace(&Request { site: &sites[0], parameters: &parameters, stream: Stream::root(0) }, &reference);
            let gone: Vec<usize> = edit.directions.iter().filter_map(|one| one.unit().iter().position(|&x| x == 1.0)).collect();
            (edit.keep, gone, edit.constant.unwrap().values)
        };
        assert_eq!(ablated(1.0, 2.0), (1.0, vec![1, 2], vec![0.0, 2.0, 2.0, 0.0]));
        assert_eq!(ablated(3.0, 2.0), (1.0, vec![3, 0], vec![2.0, 0.0, 0.0, 6.0]));
        assert_eq!(ablated(4.0, 9.0).1, [0, 1, 2, 3], "no channel twice");
        let (keep, gone, constant) = ablated(2.0, 0.0);
        assert!(keep == 1.0 && gone.is_empty() && constant.iter().all(|x| x.to_bits() == (-0.0f32).to_bits()), "nothing changes");
    }

    #[test]
    fn a_narrow_site_has_no_more_channels_than_it_has() {
        let link = "v=1&p=two-moons&data.kind=two-moons&model.width=8";
        let sites = Models.sites(&read_link(link, &Models).0.settings).unwrap();
        let option = sites[0].ablation("subspace").unwrap();
        let ranges: Vec<_> = option.parameters.iter().map(|one| (one.minimum, one.maximum, one.default)).collect();
        assert_eq!(ranges, [(0.0, 8.0, 0.0), (0.0, 8.0, 8.0)]);
    }
}
