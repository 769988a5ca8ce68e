//! Several writers and readers on two stores of one database, as two replicas are.

use std::collections::HashSet;
use std::sync::Arc;

use kyo_collaboration::store::{AppendOutcome, Head, Store};
use tokio::task::JoinSet;

use super::Database;
use super::build::*;

const WRITERS: usize = 24;

async fn two_stores<D: Database>(database: &D) -> [Arc<dyn Store>; 2] {
    [database.open().await, database.open().await]
}

pub async fn let_one_of_many_commit<D: Database>() {
    let database = D::fresh().await;
    let stores = two_stores(&database).await;
    let room = Room::new(&stores[0], "acme").await;
    for round in 0..10 {
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let room = room.through(&stores[writer % 2]);
            writers.spawn(async move { room.append(room.draft(round).event()).await });
        }
        let outcomes = writers.join_all().await;
        let committed = outcomes.iter().filter(|o| **o == AppendOutcome::Committed).count();
        let stale = AppendOutcome::Stale(Head { epoch: EPOCH, seq: round + 1 });
        assert_eq!(committed, 1);
        assert_eq!(outcomes.iter().filter(|o| **o == stale).count(), WRITERS - 1);
    }
    room.assert_log_is_gapless_to(10).await;
}

pub async fn leave_a_log_without_gaps<D: Database>() {
    let database = D::fresh().await;
    let stores = two_stores(&database).await;
    let room = Room::new(&stores[0], "acme").await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(insist(room.through(&stores[writer % 2]), 5));
    }
    let ops: HashSet<_> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(ops.len(), WRITERS * 5);
    room.assert_log_is_gapless_to(ops.len() as u64).await;
    let logged: HashSet<_> = room.log().await.iter().map(|event| event.op_id).collect();
    assert_eq!(logged, ops);
}

/// Appends `count` operations one by one, deciding again whenever another was first.
async fn insist(room: Room, count: usize) -> Vec<kyo_collaboration::domain::OpId> {
    let mut ops = Vec::new();
    let mut seq = 0;
    while ops.len() < count {
        let op = new_op();
        loop {
            match room.append(room.draft(seq).op(op)).await {
                AppendOutcome::Committed => break seq += 1,
                AppendOutcome::Stale(head) => seq = head.seq,
                other => panic!("{other:?}"),
            }
        }
        ops.push(op);
    }
    ops
}

pub async fn give_a_slot_to_one_room<D: Database>() {
    let database = D::fresh().await;
    let stores = two_stores(&database).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let room = Room::new(&stores[writer % 2], "acme").await;
        writers.spawn(async move {
            let draft = room.draft(0).event().take("yoga", trainer("anna"), hours(9, 10));
            (room.append(draft).await, room.id)
        });
    }
    let outcomes = writers.join_all().await;
    let winners: Vec<_> = outcomes
        .iter()
        .filter(|(o, _)| *o == AppendOutcome::Committed)
        .map(|(_, id)| *id)
        .collect();
    let [winner] = winners[..] else { panic!("one room has the slot, not {}", winners.len()) };
    for (outcome, _) in outcomes.iter().filter(|(_, id)| *id != winner) {
        let AppendOutcome::Refused { index: 0, taken } = outcome else { panic!("{outcome:?}") };
        assert_eq!(taken[0].room, winner);
    }
}

pub async fn never_tear_a_load<D: Database>() {
    let database = D::fresh().await;
    let [writing, reading] = two_stores(&database).await;
    let room = Room::new(&writing, "acme").await;
    let writer = tokio::spawn(write_with_snapshots(room.clone(), 60));
    let mut loads = 0;
    while !writer.is_finished() || loads == 0 {
        let loaded = reading.load(&room.tenant, room.id, 4).await.unwrap().expect("the room");
        let head = loaded.record.head.seq;
        assert!(loaded.snapshot.seq <= head);
        let from = loaded.snapshot.seq.min(head.saturating_sub(4));
        let seqs: Vec<u64> = loaded.events.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (from + 1..=head).collect::<Vec<_>>());
        loads += 1;
    }
    writer.await.unwrap();
}

async fn write_with_snapshots(room: Room, batches: u64) {
    for batch in 0..batches {
        room.grow(3).await;
        let snapshot = kyo_collaboration::store::SnapshotRow {
            seq: (batch + 1) * 3,
            body: format!("state {batch}").into_bytes(),
        };
        room.store.put_snapshot(room.id, snapshot).await.expect("a saved snapshot");
    }
}

/// Two rooms that only ever grow together, in one call, are never seen apart.
pub async fn show_only_committed_rooms<D: Database>() {
    let database = D::fresh().await;
    let [writing, reading] = two_stores(&database).await;
    let (one, two) = (Room::new(&writing, "acme").await, Room::new(&writing, "acme").await);
    let ids = [one.id, two.id];
    let writer = tokio::spawn(async move {
        for seq in 0..100 {
            let drafts = vec![one.draft(seq).event(), two.draft(seq).event()];
            let outcomes = append_all(&one.store, drafts).await;
            assert_eq!(outcomes, [AppendOutcome::Committed, AppendOutcome::Committed]);
        }
    });
    while !writer.is_finished() {
        let heads = reading.heads(&ids).await.unwrap();
        assert_eq!(heads[0].1, heads[1].1);
    }
    writer.await.unwrap();
}

/// Rooms live on arbiters, each a runtime of its own; one that stops takes its futures with it.
pub fn outlive_a_runtime_that_stops<D: Database>() {
    let main = runtime();
    let (_database, room) = main.block_on(one_room::<D>());
    for _ in 0..50 {
        let head = main.block_on(room.head());
        let draft = (0..20).fold(room.draft(head.seq), |draft, _| draft.event());
        let (store, batch) = (room.store.clone(), draft.0);
        let arbiter = runtime();
        arbiter.block_on(async {
            tokio::spawn(async move { store.append(vec![batch]).await });
            tokio::task::yield_now().await;
        });
        drop(arbiter);
        // Comes before the write or after it; a write that comes later is stale.
        main.block_on(insist(room.clone(), 1));
        let more = main.block_on(room.head()).seq - head.seq;
        assert!(more == 1 || more == 21, "{more} of 20 and one");
    }
    let last = main.block_on(room.head()).seq;
    main.block_on(room.assert_log_is_gapless_to(last));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
