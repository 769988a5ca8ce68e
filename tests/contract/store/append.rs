//! Compare and append.

use std::time::Duration;

use futures_util::FutureExt;
use kyo_collaboration::domain::{Instant, RoomId};
use kyo_collaboration::store::{AppendOutcome, Head, StoreError};
use tokio::time::timeout;
use uuid::Uuid;

use super::Database;
use super::build::*;

const PATIENCE: Duration = Duration::from_secs(20);

pub async fn commits_and_reads_back<D: Database>() {
    let database = D::fresh().await;
    let room = Room::new(&database.open().await, "acme").await;
    let draft = room.draft(0).event().event();
    assert_eq!(room.append(draft.clone()).await, AppendOutcome::Committed);
    let written: Vec<_> = draft.0.events.into_iter().map(|event| event.row).collect();
    assert_eq!(room.log().await, written);
    let other = room.through(&database.open().await);
    assert_eq!(other.log().await, written);
    other.assert_log_is_gapless_to(2).await;
}

pub async fn takes_nothing_for_nothing<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    assert_eq!(store.append(Vec::new()).await.unwrap(), []);
}

pub async fn refuses_a_stale_seq<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    room.grow(3).await;
    let head = Head { epoch: EPOCH, seq: 3 };
    for decided_at in [0, 2, 4, 9] {
        let outcome = room.append(room.draft(decided_at).event()).await;
        assert_eq!(outcome, AppendOutcome::Stale(head), "decided at {decided_at}");
    }
    room.assert_log_is_gapless_to(3).await;
}

pub async fn refuses_a_stale_epoch<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let mut draft = room.draft(0).event();
    draft.0.expected.epoch += 1;
    let head = Head { epoch: EPOCH, seq: 0 };
    assert_eq!(room.append(draft).await, AppendOutcome::Stale(head));
    room.assert_log_is_gapless_to(0).await;
}

pub async fn answers_a_repeat_before_staleness<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let repeated = new_op();
    assert_eq!(room.append(room.draft(0).event().op(repeated)).await, AppendOutcome::Committed);
    room.grow(1).await;
    for decided_at in [0, 3, 7] {
        let outcome = room.append(room.draft(decided_at).event().op(repeated).event()).await;
        assert_eq!(outcome, AppendOutcome::Duplicate { index: 1, seq: 2 });
    }
    let mut other_epoch = room.draft(3).op(repeated);
    other_epoch.0.expected.epoch -= 1;
    assert_eq!(room.append(other_epoch).await, AppendOutcome::Duplicate { index: 0, seq: 2 });
    room.assert_log_is_gapless_to(3).await;
}

pub async fn keeps_operations_of_rooms_apart<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (one, two) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    let op = new_op();
    assert_eq!(one.append(one.draft(0).op(op)).await, AppendOutcome::Committed);
    assert_eq!(two.append(two.draft(0).op(op)).await, AppendOutcome::Committed);
}

pub async fn takes_effect_per_room_or_not_at_all<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let mut rooms = Vec::new();
    for _ in 0..5 {
        rooms.push(Room::new(&store, "acme").await);
    }
    let repeated = new_op();
    assert_eq!(rooms[1].append(rooms[1].draft(0).op(repeated)).await, AppendOutcome::Committed);
    store.archive_room(&rooms[3].tenant, rooms[3].id, Instant(9_000)).await.unwrap();
    let slot = || (trainer("anna"), hours(9, 10));
    let take = |draft: Draft, by| draft.take(by, slot().0, slot().1);
    let outcomes = append_all(
        &store,
        vec![
            take(rooms[0].draft(0).event(), "yoga"),
            rooms[1].draft(1).event().op(repeated),
            // Its first event alone would pass; nothing of the room may stay.
            take(
                rooms[2].draft(0).event().take("spin", studio("red"), hours(9, 10)).event(),
                "spin",
            ),
            rooms[3].draft(0).event(),
            // Passes only when the refused room's studio is free again.
            rooms[4].draft(0).event().take("pump", studio("red"), hours(9, 10)).event(),
        ],
    )
    .await;
    let taken = vec![rooms[0].occupied("yoga", slot().0, slot().1)];
    let expected = [
        AppendOutcome::Committed,
        AppendOutcome::Duplicate { index: 1, seq: 1 },
        AppendOutcome::Refused { index: 1, taken },
        AppendOutcome::Gone,
        AppendOutcome::Committed,
    ];
    assert_eq!(outcomes, expected);
    for (room, last) in rooms.iter().zip([1, 1, 0, 0, 2]) {
        room.assert_log_is_gapless_to(last).await;
    }
}

pub async fn keeps_big_batches_whole<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let mut draft = (0..2_000).fold(room.draft(0), |draft, _| draft.event());
    draft.0.events[1_234].row.body = vec![7; 4 << 20];
    let written: Vec<_> = draft.0.events.iter().map(|event| event.row.clone()).collect();
    assert_eq!(room.append(draft).await, AppendOutcome::Committed);
    assert!(room.log().await == written, "all rows as they were given");
}

pub async fn sets_the_policy_with_the_events<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let policy = |of: Room| async move {
        of.store.room(&of.tenant, of.id).await.unwrap().expect("the room").policy
    };
    let mut stale = room.draft(5).event();
    stale.0.policy = Some(b"never".to_vec());
    room.append(stale).await;
    assert_eq!(policy(room.clone()).await, b"policy 0");
    let mut fresh = room.draft(0).event();
    fresh.0.policy = Some(b"policy 1".to_vec());
    assert_eq!(room.append(fresh).await, AppendOutcome::Committed);
    room.grow(1).await;
    assert_eq!(policy(room.clone()).await, b"policy 1");
}

pub async fn refuses_misuse_without_a_trace<D: Database>() {
    let (_database, store) = one_store::<D>().await;
    let (room, other) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    let op = new_op();
    let mut gap = room.draft(0).event().event();
    gap.0.events[1].row.seq = 3;
    let anna = trainer("anna");
    let no_time = room.draft(0).event().take("yoga", anna, hours(9, 9));
    for misuse in [room.draft(0), gap, room.draft(0).op(op).op(op), no_time] {
        let batches = vec![other.draft(0).event().0, misuse.0];
        assert!(matches!(store.append(batches).await, Err(StoreError::Failed(_))));
    }
    let twice = vec![room.draft(0).event().0, room.draft(1).event().0];
    assert!(matches!(store.append(twice).await, Err(StoreError::Failed(_))));
    room.assert_log_is_gapless_to(0).await;
    other.assert_log_is_gapless_to(0).await;
}

/// On an idle store the first poll begins a write.
pub async fn finishes_what_was_begun_when_dropped<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let mut dropped = 0;
    for round in 0..20 {
        let draft = (0..50).fold(room.draft(round * 51), |draft, _| draft.event());
        let begun = room.store.append(vec![draft.0]).now_or_never();
        dropped += usize::from(begun.is_none());
        let all_there = async {
            while room.head().await.seq < round * 51 + 50 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, all_there).await.expect("the write is finished");
        // Answered only when the store is idle again.
        room.grow(1).await;
    }
    assert!(dropped > 0, "a commit takes longer than one poll, but for an unlucky pause");
    room.assert_log_is_gapless_to(20 * 51).await;
}

pub async fn knows_no_room_of_another_tenant<D: Database>() {
    let (_database, room) = one_room::<D>().await;
    let mut stranger = room.draft(0).event();
    stranger.0.tenant = tenant("globex");
    assert_eq!(room.append(stranger).await, AppendOutcome::Gone);
    let mut nowhere = room.draft(0).event();
    nowhere.0.room = RoomId(Uuid::now_v7());
    assert_eq!(room.append(nowhere).await, AppendOutcome::Gone);
    room.assert_log_is_gapless_to(0).await;
}
