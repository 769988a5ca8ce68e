//! Whether several tenants write: then each has its part, and who is alone has everything.

use std::time::{Duration, Instant};

use crate::domain::TenantId;

/// How long a tenant counts as one that writes: people edit every few seconds.
const RECENT: Duration = Duration::from_secs(10);

/// The two tenants that wrote last.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    newest: Option<TenantId>,
    /// When somebody else than the newest wrote last.
    other_at: Option<Instant>,
    newest_at: Option<Instant>,
}

impl Neighbours {
    /// A tenant writes.
    pub(super) fn note(&mut self, tenant: &TenantId, now: Instant) {
        if self.newest.as_ref() != Some(tenant) {
            self.newest = Some(tenant.clone());
            self.other_at = self.newest_at;
        }
        self.newest_at = Some(now);
    }

    /// Whether two have written lately.
    pub(super) fn are_there(&self, now: Instant) -> bool {
        self.other_at.is_some_and(|at| now.saturating_duration_since(at) < RECENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_there_for_a_while_after_both_have_written() {
        let [north, south] = ["north", "south"].map(|name| TenantId::parse(name).expect("a name"));
        let mut neighbours = Neighbours::default();
        let start = crate::time::Clock::system().monotonic();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!neighbours.are_there(at(0)));
        neighbours.note(&south, at(0));
        neighbours.note(&south, at(5));
        assert!(!neighbours.are_there(at(5)), "it is alone");
        neighbours.note(&north, at(6));
        neighbours.note(&south, at(7));
        neighbours.note(&south, at(15));
        assert!(neighbours.are_there(at(15)));
        assert!(!neighbours.are_there(at(16)), "north has not written for ten seconds");
        neighbours.note(&north, at(17));
        assert!(neighbours.are_there(at(24)));
    }
}
