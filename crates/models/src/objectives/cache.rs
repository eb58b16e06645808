//! Evaluation sets by their address: they are made once, however often and by however many replicas they are asked for.

use std::cell::RefCell;
use std::rc::Rc;

use crate::evaluation::EvaluationSet;

/// More sets than a lane has; a bench has one.
const MOST: usize = 128;

/// Evaluation sets of one objective.
pub(super) struct Cache<T>(RefCell<Vec<(EvaluationSet, Rc<T>)>>);

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Cache(RefCell::new(Vec::new()))
    }
}

impl<T> Cache<T> {
    /// The set of an address, made if it is not there.
    pub(super) fn get(&self, set: &EvaluationSet, make: impl FnOnce() -> T) -> Rc<T> {
        if let Some((_, kept)) = self.0.borrow().iter().find(|(other, _)| other == set) {
            return kept.clone();
        }
        let made = Rc::new(make());
        let mut kept = self.0.borrow_mut();
        if kept.len() == MOST {
            kept.clear();
        }
        kept.push((*set, made.clone()));
        made
    }
}
