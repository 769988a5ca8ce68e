//! The transactions that are on their way, and who is in as many of them as is good.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Append;
use crate::domain::TenantId;
use crate::store::RoomBatch;

/// While a transaction that is mostly one tenant's runs, another one of this tenant begins when this part of
/// it waits: many small ones cost the database more, and few who wait in them are answered sooner.
const SHARE: usize = 2;

/// How many events each tenant has somewhere.
#[derive(Debug, Default)]
pub(super) struct Events(HashMap<TenantId, usize>);

impl Events {
    /// What these hold.
    pub(super) fn of<'a>(appends: impl IntoIterator<Item = &'a Append>) -> Self {
        let mut events = Self::default();
        for append in appends {
            events.add(&append.batch);
        }
        events
    }

    /// One batch more.
    pub(super) fn add(&mut self, batch: &RoomBatch) {
        let events = self.0.entry(batch.tenant.clone()).or_default();
        *events += batch.events.len();
    }

    /// How much of it is this tenant's, if that is most of it.
    fn mostly(&self, tenant: &TenantId) -> Option<usize> {
        let own = self.count(tenant);
        (own * 2 > self.0.values().sum::<usize>()).then_some(own)
    }

    fn count(&self, tenant: &TenantId) -> usize {
        self.0.get(tenant).copied().unwrap_or_default()
    }
}

/// A transaction that is on its way.
#[derive(Debug)]
pub(super) struct Running {
    /// What it holds.
    pub(super) events: Events,
    /// The tenants of which it left something behind.
    pub(super) backlog: HashSet<TenantId>,
}

/// Who begins no further transaction before the end of one of these: who left something behind in
/// `most` of them, and whose own they mostly are while few events wait.
pub(super) fn full(running: &[Arc<Running>], waiting: &Events, most: usize) -> HashSet<TenantId> {
    let tenants: HashSet<_> = running.iter().flat_map(|one| one.events.0.keys()).collect();
    let is_full = |tenant: &&TenantId| {
        let backlogs = running.iter().filter(|one| one.backlog.contains(*tenant)).count();
        let largest = running.iter().filter_map(|one| one.events.mostly(tenant)).max();
        backlogs >= most || largest.is_some_and(|events| waiting.count(tenant) * SHARE < events)
    };
    tenants.into_iter().filter(is_full).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).expect("is a name")
    }

    fn events(of: &[(&str, usize)]) -> Events {
        Events(of.iter().map(|(name, count)| (tenant(name), *count)).collect())
    }

    fn running(of: &[(&str, usize)], backlog: &[&str]) -> Arc<Running> {
        let backlog = backlog.iter().map(|name| tenant(name)).collect();
        Arc::new(Running { events: events(of), backlog })
    }

    fn is_full(running: &[Arc<Running>], waiting: &[(&str, usize)], most: usize) -> Vec<String> {
        let full = full(running, &events(waiting), most);
        let mut names: Vec<_> = full.iter().map(ToString::to_string).collect();
        names.sort();
        names
    }

    /// Two writers that shared what one could have taken cost PostgreSQL a fifth more for each event.
    #[test]
    fn a_second_transaction_begins_when_half_of_the_first_waits() {
        let one = [running(&[("south", 20)], &[])];
        assert_eq!(is_full(&one, &[], usize::MAX), ["south"]);
        assert_eq!(is_full(&one, &[("south", 9)], usize::MAX), ["south"]);
        assert_eq!(is_full(&one, &[("south", 10)], usize::MAX), Vec::<String>::new());
        let two = [running(&[("south", 2)], &[]), running(&[("south", 20)], &[])];
        assert_eq!(is_full(&two, &[("south", 9)], usize::MAX), ["south"], "the largest counts");
    }

    #[test]
    fn a_single_event_does_not_hold_up_the_next() {
        let one = [running(&[("south", 1)], &[])];
        assert_eq!(is_full(&one, &[("south", 1)], usize::MAX), Vec::<String>::new());
    }

    /// It would wait for the end of somebody else's paste.
    #[test]
    fn who_has_a_small_part_of_a_transaction_begins_another_at_once() {
        let one = [running(&[("south", 256), ("north", 3)], &[])];
        assert_eq!(is_full(&one, &[("north", 1), ("south", 1)], 2), ["south"]);
    }

    #[test]
    fn whoever_is_in_none_of_them_is_not_full() {
        let one = [running(&[("south", 20)], &["south"])];
        assert_eq!(is_full(&one, &[("north", 1), ("south", 40)], 1), ["south"]);
        assert_eq!(is_full(&[], &[("north", 1)], 1), Vec::<String>::new());
    }

    #[test]
    fn a_backlog_leaves_a_writer_to_the_others() {
        let left = running(&[("south", 16), ("north", 1)], &["south"]);
        let waiting = [("north", 1), ("south", 40)];
        assert_eq!(is_full(std::slice::from_ref(&left), &waiting, 2), Vec::<String>::new());
        assert_eq!(is_full(&[left.clone(), left], &waiting, 2), ["south"]);
    }
}
