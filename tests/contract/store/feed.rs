//! The feed: one order for all, pages without loss or repeat, whatever is written meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kyo_collaboration::domain::{Instant, OpId, RoomId, TenantId};
use kyo_collaboration::store::{
    AppendOutcome, FeedMark, FeedPage, FeedStart, MAX_FEED_BYTES, Store,
};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::Database;
use super::build::*;

/// How long a follower asks before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who reads page after page and keeps what came.
pub struct Follower {
    pub store: Arc<dyn Store>,
    pub tenant: TenantId,
    pub next: Option<FeedMark>,
    pub had: Vec<FeedMark>,
}

impl Follower {
    pub fn new(store: &Arc<dyn Store>, of: &str) -> Self {
        Self { store: store.clone(), tenant: tenant(of), next: None, had: Vec::new() }
    }

    /// Reads one page and goes on behind it.
    pub async fn page(&mut self, limit: usize) -> FeedPage {
        let start = self.next.map_or(FeedStart::Beginning, FeedStart::After);
        let page = self.store.feed(&self.tenant, start, limit).await.expect("a page");
        assert!(page.items.len() <= limit);
        self.had.extend(page.items.iter().map(|item| item.mark()));
        self.next = page.next;
        page
    }

    /// Reads pages until it has had `count` events; a database may hold them back a little.
    pub async fn until(&mut self, count: usize, limit: usize) {
        let reading = async {
            while self.had.len() < count {
                let page = self.page(limit).await;
                assert!(!page.reset);
                if page.items.is_empty() {
                    sleep(Duration::from_millis(2)).await;
                }
            }
        };
        let outcome = timeout(PATIENCE, reading).await;
        assert!(outcome.is_ok(), "had {} of {count} events", self.had.len());
    }

    /// Each room's events as they came.
    pub fn by_room(&self) -> HashMap<RoomId, Vec<u64>> {
        let mut rooms: HashMap<_, Vec<u64>> = HashMap::new();
        for mark in &self.had {
            rooms.entry(mark.room).or_default().push(mark.seq);
        }
        rooms
    }
}

pub async fn comes_in_pages_without_loss_or_repeat<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (one, two) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    for _ in 0..4 {
        one.grow(2).await;
        two.grow(1).await;
    }
    let mut all = Follower::new(&store, "acme");
    all.until(12, 500).await;
    for limit in [1, 5, 12] {
        let mut follower = Follower::new(&store, "acme");
        let mut more = true;
        while more {
            let page = follower.page(limit).await;
            assert_eq!(page.has_more, follower.had.len() < 12, "{limit} a page");
            more = page.has_more;
        }
        assert_eq!(follower.had, all.had);
        let end = follower.page(limit).await;
        assert_eq!((end.items, end.next, end.reset), (vec![], all.next, false));
    }
    let rooms = all.by_room();
    assert_eq!(
        (&rooms[&one.id], &rooms[&two.id]),
        (&vec![1, 2, 3, 4, 5, 6, 7, 8], &vec![1, 2, 3, 4])
    );
    two.grow(1).await;
    all.until(13, 500).await;
    assert_eq!(all.had.last().map(|mark| (mark.room, mark.seq)), Some((two.id, 5)));
}

pub async fn brings_events_as_they_were_written<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(3).await;
    Follower::new(&room.store, "acme").until(3, 9).await;
    let page = room.store.feed(&room.tenant, FeedStart::Beginning, 9).await.unwrap();
    let events: Vec<_> = page.items.into_iter().map(|item| item.event).collect();
    assert_eq!(events, room.log().await);
}

pub async fn keeps_tenants_apart_in_the_feed<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (ours, theirs) = (Room::new(&store, "acme").await, Room::new(&store, "globex").await);
    ours.grow(2).await;
    theirs.grow(3).await;
    ours.grow(1).await;
    let (mut acme, mut globex) = (Follower::new(&store, "acme"), Follower::new(&store, "globex"));
    acme.until(3, 500).await;
    globex.until(3, 500).await;
    assert_eq!(acme.by_room().into_keys().collect::<Vec<_>>(), [ours.id]);
    assert_eq!(globex.by_room().into_keys().collect::<Vec<_>>(), [theirs.id]);
    let nobody = Follower::new(&store, "initech").page(9).await;
    assert_eq!((nobody.items, nobody.next, nobody.has_more), (vec![], None, false));
    // Another tenant's event is no place in this feed: the answer is that for one that never was.
    let never = FeedMark { op_id: new_op(), ..acme.had[0] };
    for mark in [globex.had[0], never] {
        let page = store.feed(&acme.tenant, FeedStart::After(mark), 9).await.unwrap();
        assert!(page.reset);
        assert_eq!(page.next, acme.next);
    }
}

pub async fn keeps_events_of_archived_rooms<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(2).await;
    room.store.archive_room(&room.tenant, room.id, Instant(9_000)).await.unwrap();
    let mut follower = Follower::new(&room.store, "acme");
    follower.until(2, 500).await;
    assert_eq!(follower.by_room()[&room.id], [1, 2]);
}

pub async fn begins_with_what_is_new<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let latest = async || store.feed(&tenant("acme"), FeedStart::Latest, 9).await.unwrap();
    assert_eq!(latest().await.next, None, "nothing to leave out");
    let room = Room::new(&store, "acme").await;
    room.grow(3).await;
    let mut all = Follower::new(&store, "acme");
    all.until(3, 9).await;
    let page = latest().await;
    assert_eq!((page.items, page.has_more, page.reset), (vec![], false, false));
    assert_eq!(page.next, all.next);
    room.grow(1).await;
    let mut follower = Follower { next: page.next, ..Follower::new(&store, "acme") };
    follower.until(1, 9).await;
    assert_eq!(follower.had[0].seq, 4);
}

pub async fn ends_a_page_at_its_bytes<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let half = usize::try_from(MAX_FEED_BYTES / 2).unwrap();
    for (seq, size) in [(0, half), (1, half), (2, 1), (3, 3 * half), (4, 1)] {
        let big = room.draft(seq).event().body(vec![b'x'; size]);
        assert_eq!(room.append(big).await, AppendOutcome::Committed);
    }
    Follower::new(&room.store, "acme").until(5, 1).await;
    let mut follower = Follower::new(&room.store, "acme");
    for (expected, more) in [(2, true), (1, true), (1, true), (1, false)] {
        let page = follower.page(500).await;
        assert_eq!(
            (page.items.len(), page.has_more),
            (expected, more),
            "after {:?}",
            follower.next
        );
    }
    assert_eq!(follower.by_room()[&room.id], [1, 2, 3, 4, 5]);
}

/// As after an older backup: the event is gone, or another one stands in its place.
pub async fn starts_again_when_its_event_is_not_there<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(3).await;
    let mut all = Follower::new(&room.store, "acme");
    all.until(3, 9).await;
    let last = all.had[2];
    for gone in [
        FeedMark { op_id: OpId(Uuid::nil()), ..last },
        FeedMark { seq: 4, ..last },
        FeedMark { seq: u64::MAX, ..last },
        FeedMark { seq: 0, ..last },
        FeedMark { room: RoomId(Uuid::nil()), ..last },
    ] {
        let page = room.store.feed(&room.tenant, FeedStart::After(gone), 2).await.unwrap();
        assert!(page.reset && page.has_more, "{gone:?}");
        assert_eq!(page.items.iter().map(|item| item.mark()).collect::<Vec<_>>(), all.had[..2]);
        let goes_on = FeedStart::After(page.next.expect("a place"));
        let page = room.store.feed(&room.tenant, goes_on, 2).await.unwrap();
        assert_eq!((page.reset, page.next), (false, Some(last)));
    }
}

const ROOMS: usize = 6;
const WRITERS: usize = 12;
const CALLS: usize = 25;

/// Followers that ask all the time while many write: each event once, in the rooms' order, and the
/// same order for everybody.
pub async fn misses_nothing_while_many_write<D: Database>() {
    let database = D::fresh().await;
    let stores = [database.open().await, database.open().await, database.open().await];
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        let of = if number % 3 == 2 { "globex" } else { "acme" };
        rooms.push(Room::new(&stores[0], of).await);
    }
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let rooms = rooms.iter().map(|room| room.through(&stores[writer % 3])).collect();
        writers.spawn(write_now_and_then(rooms, writer as u64));
    }
    let ours = ROOMS - ROOMS / 3;
    let mut followers = JoinSet::new();
    for (number, limit) in [1, 7, 500].into_iter().enumerate() {
        let mut follower = Follower::new(&stores[number], "acme");
        followers.spawn(async move {
            follower.until(WRITERS * CALLS * ours, limit).await;
            follower
        });
    }
    assert_eq!(writers.join_all().await.len(), WRITERS);
    let followers = followers.join_all().await;
    for follower in &followers {
        let by_room = follower.by_room();
        assert_eq!(by_room.len(), ours);
        for seqs in by_room.values() {
            assert_eq!(*seqs, (1..=(WRITERS * CALLS) as u64).collect::<Vec<_>>());
        }
        assert_eq!(follower.had, followers[0].had, "one order for all");
    }
    let mut late = Follower::new(&stores[0], "acme");
    late.until(followers[0].had.len(), 100).await;
    assert_eq!(late.had, followers[0].had, "also for who comes later");
}

/// One event in each room, sometimes several rooms in a call, with pauses of its own.
async fn write_now_and_then(rooms: Vec<Room>, seed: u64) {
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut left = vec![CALLS; rooms.len()];
    while left.iter().any(|count| *count > 0) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chosen = (dice >> 33) as usize;
        sleep(Duration::from_micros(dice >> 53)).await;
        let (first, span) = (chosen % rooms.len(), 1 + chosen / 7 % 3);
        let mut some: Vec<usize> = (first..first + span).map(|n| n % rooms.len()).collect();
        some.retain(|n| left[*n] > 0);
        let mut drafts = Vec::new();
        for n in &some {
            drafts.push(rooms[*n].draft(rooms[*n].head().await.seq).event());
        }
        let outcomes = append_all(&rooms[0].store, drafts).await;
        for (n, outcome) in some.into_iter().zip(outcomes) {
            match outcome {
                AppendOutcome::Committed => left[n] -= 1,
                AppendOutcome::Stale(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
