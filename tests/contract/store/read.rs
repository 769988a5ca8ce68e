//! History, snapshots and what a room starts from.

use kyo_collaboration::domain::Role;
use kyo_collaboration::store::{AppendOutcome, EventRow, MAX_TAIL_BYTES, SnapshotRow};

use super::Database;
use super::build::*;

const NONE: [u64; 0] = [];

fn seqs(events: &[EventRow]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

fn snapshot(seq: u64, body: &str) -> SnapshotRow {
    SnapshotRow { seq, body: body.as_bytes().to_vec() }
}

pub async fn pages_history_both_ways<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (room, other) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    room.grow(10).await;
    other.grow(3).await;
    let after = async |seq, limit| seqs(&store.events_after(room.id, seq, limit).await.unwrap());
    assert_eq!(after(0, 4).await, [1, 2, 3, 4]);
    assert_eq!(after(4, 100).await, [5, 6, 7, 8, 9, 10]);
    assert_eq!(after(10, 4).await, NONE);
    assert_eq!(after(u64::MAX, 4).await, NONE);
    assert_eq!(after(3, 0).await, NONE);
    let before = async |seq, limit| seqs(&store.events_before(room.id, seq, limit).await.unwrap());
    assert_eq!(before(u64::MAX, 3).await, [8, 9, 10]);
    assert_eq!(before(8, 3).await, [5, 6, 7]);
    assert_eq!(before(3, 100).await, [1, 2]);
    assert_eq!(before(1, 3).await, NONE);
    assert_eq!(before(0, 3).await, NONE);
}

pub async fn finds_an_event_by_its_operation<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (room, other) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    let op = new_op();
    room.append(room.draft(0).event().op(op)).await;
    let found = store.event_by_op(room.id, op).await.unwrap();
    assert_eq!(found.as_ref(), room.log().await.last());
    assert_eq!(store.event_by_op(room.id, new_op()).await.unwrap(), None);
    assert_eq!(store.event_by_op(other.id, op).await.unwrap(), None);
}

pub async fn keeps_the_first_snapshot<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(20).await;
    for saved in [snapshot(5, "five"), snapshot(12, "twelve"), snapshot(5, "five again")] {
        room.store.put_snapshot(room.id, saved).await.unwrap();
    }
    for (seq, newest) in [
        (0, snapshot(0, "state 0")),
        (4, snapshot(0, "state 0")),
        (5, snapshot(5, "five")),
        (11, snapshot(5, "five")),
        (12, snapshot(12, "twelve")),
        (u64::MAX, snapshot(12, "twelve")),
    ] {
        assert_eq!(room.store.snapshot_at(room.id, seq).await.unwrap(), Some(newest), "at {seq}");
    }
    let other = Room::new(&room.store, "acme").await;
    let untouched = other.store.snapshot_at(other.id, 99).await.unwrap();
    assert_eq!(untouched, Some(snapshot(0, "state 0")));
}

pub async fn loads_snapshot_tail_and_members<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.store.put_member(room.id, &user("emil"), Role::Editor).await.unwrap();
    let load = async |tail| room.store.load(&room.tenant, room.id, tail).await.unwrap().unwrap();
    let empty = load(10).await;
    assert_eq!((empty.snapshot, seqs(&empty.events)), (snapshot(0, "state 0"), vec![]));
    room.grow(10).await;
    room.store.put_snapshot(room.id, snapshot(7, "seven")).await.unwrap();
    for (tail, from) in [(0, 8), (3, 8), (4, 7), (9, 2), (10, 1), (usize::MAX, 1)] {
        let loaded = load(tail).await;
        assert_eq!(loaded.snapshot, snapshot(7, "seven"));
        assert_eq!(seqs(&loaded.events), (from..=10).collect::<Vec<_>>(), "tail {tail}");
        assert_eq!(loaded.record.head, room.head().await);
        let members = [(user("emil"), Role::Editor), (user("olga"), Role::Owner)];
        assert_eq!(loaded.members, members);
    }
}

pub async fn loads_no_more_of_the_tail_than_fits<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    // Four of these fit exactly.
    let size = usize::try_from(MAX_TAIL_BYTES / 4).unwrap();
    for seq in 0..7 {
        let big = room.draft(seq).event().body(vec![b'x'; size]);
        assert_eq!(room.append(big).await, AppendOutcome::Committed);
    }
    let load = async |tail| {
        let loaded = room.store.load(&room.tenant, room.id, tail).await.unwrap().unwrap();
        seqs(&loaded.events)
    };
    assert_eq!(load(2).await, [1, 2, 3, 4, 5, 6, 7], "all after the snapshot, whatever their size");
    room.store.put_snapshot(room.id, snapshot(6, "six")).await.unwrap();
    assert_eq!(load(500).await, [3, 4, 5, 6, 7]);
    assert_eq!(load(usize::MAX).await, [3, 4, 5, 6, 7]);
    assert_eq!(load(3).await, [5, 6, 7]);
    let bigger = room.draft(7).event().body(vec![b'x'; size * 4 + 1]);
    assert_eq!(room.append(bigger).await, AppendOutcome::Committed);
    room.store.put_snapshot(room.id, snapshot(8, "eight")).await.unwrap();
    assert_eq!(load(500).await, NONE, "not even the newest fits");
    room.grow(1).await;
    assert_eq!(load(500).await, [9]);
}
