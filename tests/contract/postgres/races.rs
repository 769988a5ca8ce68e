//! Replicas that want the same at the same time.

use std::ops::Range;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use kyo_collaboration::domain::{Interval, ResourceKey, RoomId};
use kyo_collaboration::store::AppendOutcome::{self, Committed, Refused};
use kyo_collaboration::store::{self, Config, StoreError};
use tokio::task::JoinSet;

use super::{Schema, count};
use crate::patience::{until, within};
use crate::store::Database;
use crate::store::build::*;

const DEADLOCKS: &str = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn of_64_that_want_a_slot_one_gets_it() {
    let schema = Schema::fresh().await;
    let stores = [schema.open().await, schema.open().await];
    let mut attempts = JoinSet::new();
    for n in 0..64 {
        let room = Room::new(&stores[n % 2], "acme").await;
        attempts.spawn(async move {
            let draft = room.draft(0).event();
            let draft = draft.take("yoga", trainer("anna"), hours(9, 10));
            room.append(draft.take("yoga", studio("red"), hours(9, 10))).await
        });
    }
    let outcomes = within("all answers", attempts.join_all()).await;
    let won = outcomes.iter().filter(|outcome| **outcome == Committed).count();
    let lost = |outcome: &&AppendOutcome| matches!(outcome, Refused { index: 0, taken } if taken.len() == 2);
    assert_eq!((won, outcomes.iter().filter(lost).count()), (1, 63));
    let rows = "SELECT count(*) FROM occupancies";
    assert_eq!(count(&mut schema.bare().await, rows).await, 2);
}

/// Each call takes both trainers, the two stores in opposite order, and each gives them up again.
#[tokio::test]
async fn stores_that_cross_each_other_all_get_their_answer() {
    let schema = Schema::fresh().await;
    let mut crossing = JoinSet::new();
    for names in [["anna", "bob"], ["bob", "anna"]] {
        let store = schema.open().await;
        for _ in 0..4 {
            let rooms = [Room::new(&store, "acme").await, Room::new(&store, "acme").await];
            crossing.spawn(cross(rooms, names));
        }
    }
    let commits: usize = within("all answers", crossing.join_all()).await.into_iter().sum();
    assert!(commits > 0);
    let held = "SELECT count(*) FROM occupancies";
    assert_eq!(count(&mut schema.bare().await, held).await, 0, "all was given up");
    assert_eq!(count(&mut schema.bare().await, super::IDLE_IN_TRANSACTION).await, 0);
}

async fn cross(rooms: [Room; 2], names: [&'static str; 2]) -> usize {
    let store = rooms[0].store.clone();
    let (mut seqs, mut commits) = ([0, 0], 0);
    for _ in 0..25 {
        let wants = [0, 1].map(|n| {
            let draft = rooms[n].draft(seqs[n]).event();
            draft.take("yoga", trainer(names[n]), hours(9, 10))
        });
        let outcomes = append_all(&store, wants.to_vec()).await;
        for n in [0, 1] {
            match &outcomes[n] {
                Committed => seqs[n] += 1,
                Refused { .. } => continue,
                other => panic!("{other:?}"),
            }
            let gives = rooms[n].draft(seqs[n]).event().clear("yoga");
            assert_eq!(rooms[n].append(gives).await, Committed);
            seqs[n] += 1;
            commits += 1;
        }
    }
    commits
}

/// The same where each call is one event that wants a trainer and a studio at once, named in opposite
/// order: the server has no circle to end.
#[tokio::test]
async fn events_that_cross_each_other_all_get_their_answer() {
    let schema = Schema::fresh().await;
    let mut crossing = JoinSet::new();
    for wants in [[trainer("anna"), studio("red")], [studio("red"), trainer("anna")]] {
        let store = schema.open().await;
        for _ in 0..4 {
            crossing.spawn(seize(Room::new(&store, "acme").await, wants.clone()));
        }
    }
    let commits: usize = within("all answers", crossing.join_all()).await.into_iter().sum();
    assert!(commits > 0);
    let mut asking = schema.bare().await;
    assert_eq!(count(&mut asking, "SELECT count(*) FROM occupancies").await, 0, "all was given up");
    // What a session has counted shows when it ends.
    until("sessions to end", async || (count(&mut asking, OTHERS).await == 0).then_some(())).await;
    assert_eq!(count(&mut asking, DEADLOCKS).await, 0);
}

async fn seize(room: Room, [one, other]: [ResourceKey; 2]) -> usize {
    let (mut seq, mut commits) = (0, 0);
    for _ in 0..25 {
        let draft = room.draft(seq).event();
        let wants = draft.take("yoga", one.clone(), hours(9, 10));
        match room.append(wants.take("yoga", other.clone(), hours(9, 10))).await {
            Committed => {}
            Refused { .. } => continue,
            unexpected => panic!("{unexpected:?}"),
        }
        assert_eq!(room.append(room.draft(seq + 1).event().clear("yoga")).await, Committed);
        seq += 2;
        commits += 1;
    }
    commits
}

/// Each of two rooms wants what the other one has of the same trainer: on thirty days, so that both give up
/// before either takes. Neither waits for the other while the other waits for it.
#[tokio::test]
async fn rooms_that_want_each_others_places_are_refused_without_a_circle() {
    let schema = Schema::fresh().await;
    let hours = [9, 14];
    let mut rooms = Vec::new();
    for hour in hours {
        let room = Room::new(&schema.open().await, "acme").await;
        let takes = DAYS.fold(room.draft(0).event(), |draft, day| take_day(draft, day, hour));
        assert_eq!(room.append(takes).await, Committed);
        rooms.push(room);
    }
    let [second, first] = [rooms.pop().unwrap(), rooms.pop().unwrap()];
    let mut wanting = JoinSet::new();
    wanting.spawn(exchange(first, hours));
    wanting.spawn(exchange(second, [hours[1], hours[0]]));
    let refused: usize = within("all answers", wanting.join_all()).await.into_iter().sum();
    assert_eq!(refused, 80);
    let mut asking = schema.bare().await;
    assert_eq!(count(&mut asking, "SELECT count(*) FROM occupancies").await, 60);
    until("sessions to end", async || (count(&mut asking, OTHERS).await == 0).then_some(())).await;
    assert_eq!(count(&mut asking, DEADLOCKS).await, 0);
}

const DAYS: Range<i64> = 0..30;

async fn exchange(room: Room, [has, wants]: [i64; 2]) -> usize {
    let mut refused = 0;
    for _ in 0..40 {
        let gives = DAYS.fold(room.draft(1).event(), |draft, day| {
            draft.give_up(&format!("yoga-{day}"), trainer("anna"), hour_of(day, has))
        });
        let wish = DAYS.fold(gives, |draft, day| take_day(draft, day, wants));
        refused += usize::from(matches!(room.append(wish).await, Refused { index: 0, .. }));
    }
    refused
}

fn take_day(draft: Draft, day: i64, hour: i64) -> Draft {
    draft.take(&format!("yoga-{day}"), trainer("anna"), hour_of(day, hour))
}

fn hour_of(day: i64, hour: i64) -> Interval {
    hours(day * 24 + hour, day * 24 + hour + 1)
}

/// One append is held up in the middle, with the lock of Anna's morning: her evening is not locked, and
/// who wants the same morning waits for the outcome.
#[tokio::test]
async fn only_who_wants_the_same_hours_waits() {
    let schema = Schema::fresh().await;
    let config =
        Config { lock_timeout_ms: 60_000, statement_timeout_ms: 60_000, ..schema.config() };
    let store = store::connect(&config).await.unwrap();
    let [first, second, third] = [
        Room::new(&store, "acme").await,
        Room::new(&store, "acme").await,
        Room::new(&store, "acme").await,
    ];
    let mut stranger = schema.bare().await;
    let Interval { start, end } = hours(9, 10);
    let ben = format!(
        "BEGIN; INSERT INTO occupancies VALUES ('{}', 'yoga', 'trainer', 'ben', 'acme',
            tstzrange(to_timestamp({start}), to_timestamp({end})), to_timestamp({end}), 'enforced')",
        third.id,
        start = start.0 / 1000,
        end = end.0 / 1000,
    );
    stranger.batch_execute(&ben).await.unwrap();
    let mut watcher = schema.bare().await;
    let both = first.draft(0).event().take("yoga", trainer("anna"), hours(9, 10));
    let both = both.take("yoga", trainer("ben"), hours(9, 10));
    let held_up = tokio::spawn(async move { first.append(both).await });
    until("the first to wait", async || (waiting(&mut watcher).await == 1).then_some(())).await;

    let evening = second.draft(0).event().take("yoga", trainer("anna"), hours(18, 19));
    assert_eq!(within("the evening", second.append(evening)).await, Committed);
    let morning = second.draft(1).event().take("spin", trainer("anna"), hours(9, 10));
    let another = tokio::spawn(async move { second.append(morning).await });
    let advisory = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event = 'advisory' AND datname = current_database()";
    until("the second to wait for the first one's lock", async || {
        (count(&mut watcher, advisory).await == 1).then_some(())
    })
    .await;
    stranger.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(within("the first", held_up).await.unwrap(), Committed);
    let refused = within("the second", another).await.unwrap();
    assert!(matches!(refused, Refused { index: 0, .. }), "{refused:?}");
}

/// A stranger locks two rooms in the wrong order. The server ends the circle by undoing the append,
/// which is then done again.
#[tokio::test]
async fn what_a_deadlock_undid_is_done_again() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let mut rooms = [Room::new(&store, "acme").await, Room::new(&store, "acme").await];
    rooms.sort_by_key(|room| room.id);
    let [first, second] = rooms;
    let mut stranger = schema.bare().await;
    let touch = |room: RoomId| format!("UPDATE rooms SET name = name WHERE id = '{room}'");
    stranger.batch_execute(&format!("BEGIN; {}", touch(second.id))).await.unwrap();
    let drafts = vec![first.draft(0).event(), second.draft(0).event()];
    let appending = tokio::spawn(async move { append_all(&store, drafts).await });
    let mut watcher = schema.bare().await;
    until("the append to wait", async || (waiting(&mut watcher).await == 1).then_some(())).await;
    // From here on both wait, and the append began to wait before.
    stranger.batch_execute(&touch(first.id)).await.unwrap();
    stranger.batch_execute("COMMIT").await.unwrap();
    assert_eq!(within("the append", appending).await.unwrap(), [Committed, Committed]);
    until("the deadlock to be counted", async || {
        // What a session has counted shows when it ends. The second try may lock the first room again
        // before the stranger wakes up, and then they are in a circle once more.
        let mut asking = AsyncPgConnection::establish(&schema.url).await.unwrap();
        (count(&mut asking, DEADLOCKS).await >= 1).then_some(())
    })
    .await;
}

async fn waiting(watcher: &mut AsyncPgConnection) -> i64 {
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()";
    count(watcher, waiting).await
}

/// A room that another transaction holds too long is not waited for.
#[tokio::test]
async fn a_locked_room_is_unavailable() {
    let schema = Schema::fresh().await;
    let config = Config { lock_timeout_ms: 50, ..schema.config() };
    let store = store::connect(&config).await.unwrap();
    let room = Room::new(&store, "acme").await;
    let mut stranger = schema.bare().await;
    let hold = format!("BEGIN; UPDATE rooms SET name = name WHERE id = '{}'", room.id);
    stranger.batch_execute(&hold).await.unwrap();
    let refused = store.append(vec![room.draft(0).event().0]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    stranger.batch_execute("COMMIT").await.unwrap();
    room.assert_log_is_gapless_to(0).await;
    assert_eq!(room.append(room.draft(0).event()).await, Committed);
}

#[test]
fn a_runtime_that_stops_leaves_its_write_whole_and_the_store_usable() {
    crate::store::races::outlive_a_runtime_that_stops::<Schema>();
}

/// The widest of calls take the way round: every change in order, one round trip.
#[tokio::test]
async fn a_refused_room_of_many_hinders_no_other() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let holder = Room::new(&store, "acme").await;
    let held = holder.draft(0).event().take("own", trainer("t 7"), hours(7, 8));
    assert_eq!(holder.append(held).await, Committed);
    let mut rooms = Vec::new();
    for _ in 0..32 {
        rooms.push(Room::new(&store, "acme").await);
    }
    let draft = |(n, room): (i64, &Room)| {
        let draft = room.draft(0).event().take("a", trainer(&format!("t {n}")), hours(n, n + 1));
        draft.event().take("b", studio(&format!("s {n}")), hours(n, n + 1))
    };
    let outcomes = append_all(&store, (0..).zip(&rooms).map(draft).collect()).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Refused { index: 0, taken } if n == 7 => assert_eq!(taken[0].room, holder.id),
            outcome => assert_eq!(*outcome, Committed, "room {n}"),
        }
    }
}
