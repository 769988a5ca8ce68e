//! The folded state of a room: courses, resources, templates, policy, and what clashes.

/// The state of one room after some event.
#[derive(Clone, Debug)]
pub struct Timetable {
    head: u64,
}

impl Timetable {
    /// Sequence number of the last event folded in.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }
}
