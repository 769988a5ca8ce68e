//! Whether several tenants write: then each has its part, and who is alone has everything.

use std::time::{Duration, Instant};

use crate::domain::TenantId;

/// How long a tenant counts as one that writes.
const RECENT: Duration = Duration::from_secs(1);

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

    /// Whether two have written within a second.
    pub(super) fn are_there(&self, now: Instant) -> bool {
        self.other_at.is_some_and(|at| now.saturating_duration_since(at) < RECENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_there_for_a_second_after_both_have_written() {
        let [north, south] = ["north", "south"].map(|name| TenantId::parse(name).expect("a name"));
        let mut neighbours = Neighbours::default();
        let start = crate::time::Clock::system().monotonic();
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!neighbours.are_there(at(0)));
        neighbours.note(&south, at(0));
        neighbours.note(&south, at(500));
        assert!(!neighbours.are_there(at(500)), "it is alone");
        neighbours.note(&north, at(600));
        neighbours.note(&south, at(700));
        neighbours.note(&south, at(1_500));
        assert!(neighbours.are_there(at(1_599)));
        assert!(!neighbours.are_there(at(1_600)), "north has not written for a second");
        neighbours.note(&north, at(1_601));
        assert!(neighbours.are_there(at(2_499)));
    }
}
