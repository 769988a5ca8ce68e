//! A room's rules, and who may do what in it.

use super::{Overlap, Rule};

/// How an operation with an older base is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleEdits {
    /// Fine as long as no field that it sets was changed since.
    Merge,
    /// Always refused.
    Strict,
}

/// The rules of one room, set by its owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How an older base is treated.
    pub stale_edits: StaleEdits,
    /// The rule for trainers and studios that were never registered.
    pub default_overlap: Overlap,
}

impl Default for Policy {
    fn default() -> Self {
        Self { stale_edits: StaleEdits::Merge, default_overlap: Overlap::Forbid }
    }
}

impl Policy {
    /// What holds on a trainer or studio that was never registered.
    #[must_use]
    pub fn default_rule(self) -> Rule {
        Rule { overlap: self.default_overlap, buffer: 0, capacity: None }
    }
}

/// What a person may do in a room; each includes the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Watches.
    Viewer,
    /// Edits.
    Editor,
    /// Edits, restores, sets policy, overrides.
    Owner,
}
