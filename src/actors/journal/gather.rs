//! What goes into the next transaction. Pure.

use std::collections::{HashMap, HashSet, VecDeque};

use super::Append;
use crate::domain::TenantId;
use crate::store::RoomBatch;

/// The most rooms in one transaction.
const MAX_ROOMS: usize = 128;
/// Bytes of events after which a tenant's second batch waits for the next, which so comes soon.
const MAX_BYTES: usize = 256 * 1024;
/// Of what waits of a tenant, a transaction takes at least this part: a backlog must not grow.
const PART: usize = 8;

/// How much of a transaction a tenant may have beyond its oldest batch, and who may have nothing of it.
pub(super) struct Bounds {
    pub(super) events: usize,
    pub(super) full: HashSet<TenantId>,
}

/// What a transaction has of one tenant.
#[derive(Default)]
struct Part {
    batches: usize,
    events: usize,
    waiting: usize,
}

/// A transaction, and the tenants in it that have more than it holds.
pub(super) struct Gathered {
    pub(super) appends: Vec<Append>,
    pub(super) backlog: HashSet<TenantId>,
}

/// Takes out the oldest batches, at most one a room, by room: of each tenant one, then of each another
/// until they are heavy or the tenant has its part, so that nobody waits for more than one of another
/// tenant's long batches. What a dead room left behind is not begun: nobody waits for it, and its
/// successor would only find itself overtaken.
pub(super) fn gather(waiting: &mut VecDeque<Append>, bounds: &Bounds) -> Gathered {
    let mut seen = HashSet::new();
    let mut parts: HashMap<TenantId, Part> = HashMap::new();
    let (mut firsts, mut later) = (Vec::new(), Vec::new());
    waiting.retain(|append| !append.done.is_closed());
    for append in &*waiting {
        parts.entry(append.batch.tenant.clone()).or_default().waiting += 1;
    }
    for (arrival, append) in waiting.drain(..).enumerate() {
        let is_oldest = seen.insert(append.batch.room);
        if is_oldest && !bounds.full.contains(&append.batch.tenant) {
            let part = parts.entry(append.batch.tenant.clone()).or_default();
            part.batches += 1;
            if part.batches == 1 || part.events < bounds.events.max(part.waiting / PART) {
                part.events += append.batch.events.len();
                firsts.push((part.batches, arrival, append));
                continue;
            }
        }
        later.push((arrival, append));
    }
    firsts.sort_unstable_by_key(|(turn, arrival, _)| (*turn, *arrival));
    let mut bytes = 0;
    let fits = |(turn, _, append): &&(usize, usize, Append)| {
        let light = bytes < MAX_BYTES;
        bytes += weight(&append.batch);
        *turn == 1 || light
    };
    let count = firsts.iter().take(MAX_ROOMS).take_while(fits).count();
    later.extend(firsts.split_off(count).into_iter().map(|(_, arrival, append)| (arrival, append)));
    // By arrival: a later batch of a room stays behind its earlier one.
    later.sort_unstable_by_key(|(arrival, _)| *arrival);
    waiting.extend(later.into_iter().map(|(_, append)| append));
    let mut appends: Vec<_> = firsts.into_iter().map(|(_, _, append)| append).collect();
    appends.sort_unstable_by_key(|append| append.batch.room);
    let behind: HashSet<_> = waiting.iter().map(|append| &append.batch.tenant).collect();
    let tenants = appends.iter().map(|append| &append.batch.tenant);
    let backlog = tenants.filter(|tenant| behind.contains(tenant)).cloned().collect();
    Gathered { appends, backlog }
}

/// Bytes of a batch's events.
fn weight(batch: &RoomBatch) -> usize {
    batch.events.iter().map(|event| event.row.body.len()).sum()
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::super::Appended;
    use super::*;
    use crate::domain::{Instant, OpId, RoomId, UserId};
    use crate::store::{EventRow, Head, NewEvent};

    fn alone() -> Bounds {
        Bounds { events: usize::MAX, full: HashSet::new() }
    }

    fn append(room: u128, expected: u64) -> (Append, oneshot::Receiver<Appended>) {
        let (done, outcome) = oneshot::channel();
        let batch = RoomBatch {
            room: RoomId(uuid::Uuid::from_u128(room)),
            tenant: TenantId::parse("north").expect("is a name"),
            expected: Head { epoch: 1, seq: expected },
            events: Vec::new(),
            policy: None,
        };
        (Append { batch, done }, outcome)
    }

    /// Newer rooms have greater ids: taken in order of ids they would wait as long as the older ones
    /// keep the journal busy.
    #[test]
    fn rooms_are_served_in_order_of_arrival_whatever_their_ids() {
        let count = MAX_ROOMS as u128 + 10;
        let (mut waiting, outcomes): (VecDeque<_>, Vec<_>) =
            (0..count).rev().map(|room| append(room, 0)).unzip();
        let first = gather(&mut waiting, &alone()).appends;
        assert_eq!(first.len(), MAX_ROOMS);
        assert!(first.is_sorted_by_key(|append| append.batch.room));
        assert!(first.iter().all(|append| append.batch.room.0.as_u128() >= 10));
        assert_eq!(gather(&mut waiting, &alone()).appends.len(), 10);
        drop(outcomes);
    }

    #[test]
    fn a_second_batch_of_a_room_waits_and_replaces_nothing() {
        let (one, _one) = append(7, 0);
        let (two, _two) = append(7, 1);
        let (dead, _) = append(8, 0);
        let mut waiting = VecDeque::from([one, two, dead]);
        for expected in [0, 1] {
            let taken = gather(&mut waiting, &alone()).appends;
            let heads: Vec<_> = taken.iter().map(|append| append.batch.expected.seq).collect();
            assert_eq!(heads, [expected]);
        }
        assert!(gather(&mut waiting, &alone()).appends.is_empty());
    }

    fn heavy(room: u128, tenant: &str, bytes: usize) -> (Append, oneshot::Receiver<Appended>) {
        let (mut append, outcome) = append(room, 0);
        append.batch.tenant = TenantId::parse(tenant).expect("is a name");
        let row = EventRow {
            seq: 1,
            op_id: OpId(uuid::Uuid::from_u128(room)),
            actor: UserId::parse("author").expect("is a name"),
            at: Instant(0),
            kind: "batch".to_owned(),
            body: vec![b'x'; bytes],
        };
        append.batch.events = vec![NewEvent { row, occupancy: Vec::new() }];
        (append, outcome)
    }

    /// A tenant that wrote a megabyte in each of its rooms had all of them committed at once, and
    /// whoever came behind waited for that and for the next.
    #[test]
    fn one_tenants_heavy_batches_go_one_by_one_and_another_tenant_goes_between() {
        let floods = (1..=4).map(|room| heavy(room, "south", MAX_BYTES));
        let others = [heavy(9, "north", 400), heavy(8, "north", 400)];
        let (mut waiting, _outcomes): (VecDeque<_>, Vec<_>) = floods.chain(others).unzip();
        let mut rooms = || -> Vec<u128> {
            gather(&mut waiting, &alone())
                .appends
                .iter()
                .map(|append| append.batch.room.0.as_u128())
                .collect()
        };
        let taken: Vec<Vec<u128>> = (0..5).map(|_| rooms()).collect();
        assert_eq!(taken, [vec![1, 9], vec![2, 8], vec![3], vec![4], vec![]]);
    }

    /// A tenant that wrote in many rooms at once had all of it in one transaction, and whoever came a
    /// moment later waited for its end.
    #[test]
    fn beside_others_a_tenant_has_a_part_of_each_transaction() {
        let floods = (1..=10).map(|room| heavy(room, "south", 400));
        let others = [heavy(20, "north", 400)];
        let (mut waiting, _outcomes): (VecDeque<_>, Vec<_>) = floods.chain(others).unzip();
        let bounds = Bounds { events: 4, full: HashSet::new() };
        let mut rooms = |bounds: &Bounds| -> (Vec<u128>, Vec<String>) {
            let Gathered { appends, backlog } = gather(&mut waiting, bounds);
            let rooms = appends.iter().map(|append| append.batch.room.0.as_u128()).collect();
            (rooms, backlog.iter().map(ToString::to_string).collect())
        };
        let more = || vec!["south".to_owned()];
        assert_eq!(rooms(&bounds), (vec![1, 2, 3, 4, 20], more()), "the other one is done");
        let south = TenantId::parse("south").expect("is a name");
        let full = Bounds { events: 4, full: HashSet::from([south]) };
        assert_eq!(rooms(&full).0, Vec::<u128>::new(), "it has the writers that it may have");
        assert_eq!(rooms(&bounds), (vec![5, 6, 7, 8], more()), "in order of arrival");
        assert_eq!(rooms(&alone()), (vec![9, 10], Vec::new()));
    }

    /// With a fixed part a tenant with many rooms would wait longer and longer beside another one.
    #[test]
    fn the_part_grows_with_what_waits() {
        let (mut waiting, _outcomes): (VecDeque<_>, Vec<_>) =
            (1..=80).map(|room| heavy(room, "south", 400)).unzip();
        let bounds = Bounds { events: 4, full: HashSet::new() };
        assert_eq!(gather(&mut waiting, &bounds).appends.len(), 80 / PART);
    }
}
