//! Activation patching: `A(x) <- A(pi(x))`, with `pi(x)` the same example after a part of its tokens was corrupted (interchange interventions;
//! Zhang & Nanda 2023, <https://arxiv.org/abs/2309.16042>, who find replaced tokens better than noise, which no model was trained on).
//!
//! This is the direction that corrupts one component of a clean run (noising). A share of the positions reads the tokens of another example there;
//! the length stays. Which positions is drawn for each example, and a larger share replaces all that a smaller one does. The other example is
//! one of the reference set, so it is never the example itself, and its token may by chance be the same.

use ablation_protocol::Placement;

use super::{Operator, Parameter, Request, Resolve};
use crate::activations::Tokens;
use crate::edits::Edit;
use crate::grades::{Graded, sound};
use crate::patching::Corruption;

const SHARE: Parameter = Parameter {
    name: "share",
    label: "Share corrupted",
    help: "Share of the positions of each example whose tokens are replaced, at least one: 1 is another example, 0 is the reference.",
    minimum: 0.0,
    maximum: 1.0,
    default: 0.5,
    intact: Some(0.0),
    at_zero: &[],
};

pub(super) const OPERATOR: Operator = Operator {
    name: "patch",
    label: "Patch",
    help: "The output becomes that for the same example with tokens replaced, at positions drawn at random, by those of another example \
           (activation patching, counterfactual ablation). Fine-tuning patches every batch, and trains the component with the rest.",
    phrase: "patched from inputs with tokens replaced (share {share})",
    parameters: &[SHARE],
    kinds: &[],
    fits: &[(Placement::Branch, PAIRED), (Placement::Slice, PAIRED), (Placement::Source, PAIRED)],
    by_position: false,
    resolve: Resolve::Tokens(patch),
};

const PAIRED: Graded = sound(
    "Its outputs stay those that later layers know, for nearly the same input: what is lost is what it says about the replaced tokens.",
);

fn patch(request: &Request, reference: &Tokens) -> Edit {
    let Tokens { values, positions } = reference;
    let (share, examples) = (request.parameter(&SHARE), values.len() / positions);
    let least = if share > 0.0 { 1 } else { 0 };
    let count = (libm::round(share * *positions as f64) as usize).max(least);
    let stream = request.stream.at("patch");
    // Where the examples of the reference set are patched themselves, none from its own tokens.
    let shift = 1 + stream.at("shift").draws().below(examples.saturating_sub(1).max(1) as u64) as usize;
    let mut tokens = vec![None; values.len()];
    for example in 0..examples {
        let mut order: Vec<usize> = (0..*positions).collect();
        stream.index(example as u64).draws().shuffle(&mut order);
        let other = (example + shift) % examples * positions;
        order.iter().take(count).for_each(|position| tokens[example * positions + position] = Some(values[other + position]));
    }
    Edit { patched: Some(Corruption { tokens }), ..Edit::ZERO }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ablation_protocol::ModelCatalog;
    use ablation_random::Stream;
    use ablation_settings::read_link;

    use super::*;
    use crate::catalog::Models;

    const POSITIONS: usize = 8;

    /// Which tokens take the place of which, of a reference set of four examples that no token is in twice.
    fn replaced(share: f64, seed: u64) -> Vec<Option<i32>> {
        let sites = Models.sites(&read_link("v=1&p=repeat", &Models).0.settings).unwrap();
        let parameters = BTreeMap::from([("share".to_string(), share)]);
        let request = Request { site: &sites[0], parameters: &parameters, stream: Stream::root(seed) };
        let tokens = Tokens { values: (0..4 * POSITIONS as i32).collect(), positions: POSITIONS };
        patch(&request, &tokens).patched.unwrap().tokens
    }

    #[test]
    fn tokens_are_replaced_by_those_at_the_same_position_of_another_example() {
        for (share, count) in [(0.0, 0), (0.01, 1), (0.5, 4), (1.0, 8)] {
            let rows = replaced(share, 3);
            for (example, tokens) in rows.chunks_exact(POSITIONS).enumerate() {
                assert_eq!(tokens.iter().flatten().count(), count, "{share}");
                for (position, token) in tokens.iter().enumerate() {
                    let Some(token) = token.map(|token| token as usize) else { continue };
                    assert!(token % POSITIONS == position && token / POSITIONS != example, "{example} {position} {token}");
                }
            }
        }
    }

    #[test]
    fn what_is_replaced_is_drawn_for_each_example_and_grows_with_the_share() {
        let (few, many) = (replaced(0.25, 3), replaced(0.75, 3));
        assert!(few.iter().zip(&many).all(|(few, many)| few.is_none() || few == many));
        let places = |rows: &[Option<i32>]| rows.iter().map(Option::is_some).collect::<Vec<_>>();
        assert_ne!(places(&few[..POSITIONS]), places(&few[POSITIONS..2 * POSITIONS]));
        assert_ne!(few, replaced(0.25, 4), "another seed, other tokens");
        assert_eq!(few, replaced(0.25, 3));
    }
}
