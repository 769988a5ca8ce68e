//! `[drain]`.

use super::Section;

/// How the process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    /// Milliseconds from SIGTERM until the process ends, whatever is left. Default 60000; must be
    /// shorter than what the platform waits before it kills (ECS `stopTimeout`, at most 120 s).
    pub deadline_ms: u64,
}

impl Drain {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        Self { deadline_ms: section.integer("deadline_ms", 1_000..=115_000) }
    }
}
