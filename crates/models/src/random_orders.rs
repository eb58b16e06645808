//! Random orders of components: what any other order of leaving them out costs.

use ablation_random::Stream;

/// So many random orders of `count` components, as indices, each drawn at an address of its own below `seed`.
pub fn random_orders(count: usize, orders: usize, seed: u64) -> Vec<Vec<usize>> {
    let stream = Stream::root(seed).at("orders");
    let order = |draw: u64| {
        let mut order: Vec<usize> = (0..count).collect();
        stream.index(draw).draws().shuffle(&mut order);
        order
    };
    (0..orders as u64).map(order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_holds_every_component_once_and_more_orders_change_none() {
        let orders = random_orders(6, 4, 3);
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5]);
        }
        assert_eq!(random_orders(6, 9, 3)[..4], orders);
        assert_ne!(random_orders(6, 4, 4), orders);
    }
}
