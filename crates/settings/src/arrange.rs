//! Sorting for places where code that everybody downloads matters more than the time that a sort takes.
//!
//! The standard library's sort is compiled anew for every type and every comparison, each time ten kilobytes of WebAssembly, and reports,
//! figures and plans sort dozens of short lists. Here the sort itself is compiled once: it moves numbers, and asks for the rest.

use std::cmp::Ordering;

/// Sorts like `slice::sort_by`: equal items stay in the order that they are in.
pub fn arrange<T>(items: &mut [T], mut order: impl FnMut(&T, &T) -> Ordering) {
    let places = sorted(items.len(), &mut |one, other| order(&items[one], &items[other]));
    put(items, places);
}

/// Sorts like `slice::sort_by_cached_key`: equal items stay in the order that they are in, and each key is computed once.
pub fn arrange_by_key<T, K: Ord>(items: &mut [T], key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    let places = sorted(keys.len(), &mut |one, other| keys[one].cmp(&keys[other]));
    put(items, places);
}

/// For each place of the sorted list the index of what stands there.
fn sorted(count: usize, order: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|&one, &other| order(one, other));
    places
}

/// Moves to each place the item whose index is given for it, one cycle after another.
fn put<T>(items: &mut [T], mut places: Vec<usize>) {
    for start in 0..places.len() {
        let mut place = start;
        while places[place] != start {
            let next = places[place];
            items.swap(place, next);
            places[place] = place;
            place = next;
        }
        places[place] = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_the_standard_library_does_and_keeps_the_order_of_equals() {
        for count in 0..200_u64 {
            // A number of few values, and the place that it began at.
            let items: Vec<(u64, u64)> = (0..count).map(|n| ((n * n * 7919 + 13 * n) % (1 + count / 3), n)).collect();
            let (mut expected, mut compared, mut keyed) = (items.clone(), items.clone(), items);
            expected.sort_by_key(|one| std::cmp::Reverse(one.0));
            arrange(&mut compared, |a, b| b.0.cmp(&a.0));
            arrange_by_key(&mut keyed, |item| std::cmp::Reverse(item.0));
            assert_eq!((&compared, &keyed), (&expected, &expected), "{count}");
        }
    }
}
