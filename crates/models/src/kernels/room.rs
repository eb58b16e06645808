//! Memory that is kept from step to step: a step that is like the one before asks the system for nothing that lies in it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// How many rooms may be asked for before one that nobody has used since is given up: a thread that goes on with a smaller model does not hold
/// the memory of a larger one for long.
const PATIENCE: u32 = 4096;

/// A room may be so many times as large as was asked for. One that is larger is left to grow old.
const ROOMY: usize = 4;

thread_local! {
    static SPARE: RefCell<Vec<Spare>> = const { RefCell::new(Vec::new()) };
}

/// Memory that nobody uses.
struct Spare {
    values: Vec<f32>,
    /// How often rooms were asked for since it was used.
    age: u32,
}

/// Bytes of a line of a cache: the widest vectors are read fastest where they begin with one.
const LINE: usize = 64;

/// So many numbers, whatever they were before; the memory is used again after it.
#[derive(Debug)]
pub(super) struct Room {
    /// At least as many: memory that was once written to is not written to again only to be taken.
    values: Vec<f32>,
    /// Where the first line of a cache begins.
    start: usize,
    count: usize,
}

impl Room {
    /// Room for `count` numbers. What they are is not said: whoever takes it writes before it reads.
    pub(super) fn take(count: usize) -> Self {
        let length = count + LINE / size_of::<f32>();
        let mut values = SPARE.with_borrow_mut(|spare| {
            spare.retain_mut(|one| {
                one.age += 1;
                one.age <= PATIENCE
            });
            let fits = |one: &Spare| (length..=ROOMY * length).contains(&one.values.len());
            let fitting = spare.iter().enumerate().filter(|(_, one)| fits(one));
            let smallest = fitting.min_by_key(|(_, one)| one.values.len()).map(|(index, _)| index);
            smallest.map(|index| spare.swap_remove(index).values).unwrap_or_default()
        });
        if values.len() < length {
            values = vec![0.0; length];
        }
        // It may say that there is none.
        let start = values.as_ptr().align_offset(LINE).min(LINE / size_of::<f32>());
        let mut room = Room { values, start, count };
        if cfg!(debug_assertions) {
            // Whoever reads before it writes is found out.
            room.fill(f32::NAN);
        }
        room
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        if values.is_empty() {
            return;
        }
        // A thread that ends has no spare memory any more.
        let _ = SPARE.try_with(|spare| spare.borrow_mut().push(Spare { values, age: 0 }));
    }
}

impl Deref for Room {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[self.start..][..self.count]
    }
}

impl DerefMut for Room {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..][..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spare() -> usize {
        SPARE.with_borrow(|spare| spare.len())
    }

    #[test]
    fn memory_is_used_again_and_the_smallest_that_fits_first() {
        let (large, small) = (Room::take(1000), Room::take(10));
        let [place_of_large, place_of_small] = [&large, &small].map(|room| room.as_ptr());
        drop((large, small));
        let (small, large) = (Room::take(8), Room::take(900));
        assert_eq!((small.as_ptr(), small.len()), (place_of_small, 8));
        assert_eq!((large.as_ptr(), large.len()), (place_of_large, 900));
        assert_eq!(spare(), 0);
    }

    /// Even if what is asked for since would fit into it.
    #[test]
    fn memory_that_is_far_too_large_is_given_up() {
        drop((Room::take(1_000_000), Room::take(1000)));
        for _ in 0..PATIENCE {
            drop(Room::take(1000));
        }
        assert_eq!(spare(), 2);
        drop(Room::take(1000));
        assert_eq!(spare(), 1, "the large one is given up");
    }
}
