//! The peak learning rate all the way.

use super::Schedule;
use crate::entry::Entry;

pub(super) const ENTRY: Entry<Schedule> =
    Entry { name: "constant", label: "constant", help: "Stays at the peak.", value: |_| 1.0 };
