//! What is special about the feed of a server: transactions commit side by side, in another order than
//! they began in, and events may come from another server.

use diesel::sql_types::{BigInt, Uuid as Id};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kyo_collaboration::domain::RoomId;
use kyo_collaboration::store::{self, FeedMark, FeedStart, StoreError};
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};
use uuid::Uuid;

use super::{Schema, count};
use crate::patience::{until, within};
use crate::store::Database;
use crate::store::build::*;
use crate::store::feed::Follower;

/// A replica whose commit takes its time: the event is written and the transaction stays open.
async fn begin_slowly(schema: &Schema, room: &Room) -> AsyncPgConnection {
    let mut slow = schema.bare().await;
    let id = room.id;
    let write = format!(
        "BEGIN;
         UPDATE rooms SET head_seq = head_seq + 1 WHERE id = '{id}';
         INSERT INTO events (room_id, seq, op_id, actor, at, kind, body, tenant_id)
         SELECT id, head_seq, gen_random_uuid(), 'olga', now(), 'course_create', '', tenant_id
         FROM rooms WHERE id = '{id}'"
    );
    slow.batch_execute(&write).await.expect("it is written");
    slow
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Id)]
    room_id: Uuid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    tx: i64,
}

/// A follower that goes by the same numbers and does not look at who is still open.
struct Naive {
    conn: AsyncPgConnection,
    tx: i64,
    had: Vec<(RoomId, u64)>,
}

impl Naive {
    async fn page(&mut self) {
        let query = "SELECT room_id, seq, tx FROM events WHERE tx > $1 ORDER BY tx, room_id, seq";
        let query = sql_query(query).bind::<BigInt, _>(self.tx);
        for place in query.load::<Place>(&mut self.conn).await.expect("a page") {
            self.tx = place.tx;
            self.had.push((RoomId(place.room_id), place.seq as u64));
        }
    }
}

#[tokio::test]
async fn a_slow_transaction_holds_the_feed_back_and_is_not_missed() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let (slow_room, fast_room) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    let mut naive = Naive { conn: schema.bare().await, tx: 0, had: Vec::new() };
    let mut follower = Follower::new(&store, "acme");
    fast_room.grow(1).await;
    follower.until(1, 9).await;
    naive.page().await;

    let mut slow = begin_slowly(&schema, &slow_room).await;
    fast_room.grow(2).await;
    naive.page().await;
    for _ in 0..20 {
        let page = follower.page(9).await;
        assert_eq!((page.items, page.has_more), (vec![], false), "held back");
    }
    let latest = store.feed(&follower.tenant, FeedStart::Latest, 9).await.unwrap();
    assert_eq!(latest.next, follower.next, "what is held back is yet to come");
    slow.batch_execute("COMMIT").await.unwrap();
    follower.until(4, 9).await;
    naive.page().await;

    let places: Vec<_> = follower.had.iter().map(|mark| (mark.room, mark.seq)).collect();
    let (slow, fast) = (slow_room.id, fast_room.id);
    assert_eq!(places, [(fast, 1), (slow, 1), (fast, 2), (fast, 3)]);
    assert_eq!(naive.had, [(fast, 1), (fast, 2), (fast, 3)], "who does not wait misses one");
}

#[tokio::test]
async fn a_slow_transaction_that_is_undone_leaves_nothing() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let (slow_room, fast_room) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    let slow = begin_slowly(&schema, &slow_room).await;
    fast_room.grow(1).await;
    let mut follower = Follower::new(&store, "acme");
    assert_eq!(follower.page(9).await.items, []);
    drop(slow);
    follower.until(1, 9).await;
    assert_eq!(follower.had[0].room, fast_room.id);
}

/// Slow and fast transactions of three replicas, and a follower that asks all the time.
#[tokio::test]
async fn nothing_is_missed_between_slow_and_fast_transactions() {
    const SLOW: usize = 4;
    const ROUNDS: usize = 15;
    const FAST: usize = 60;
    let schema = Schema::fresh().await;
    let stores = [schema.open().await, schema.open().await, schema.open().await];
    let mut rooms = Vec::new();
    for n in 0..SLOW + stores.len() {
        rooms.push(Room::new(&stores[n % 3], "acme").await);
    }
    let mut writers = JoinSet::new();
    for (n, room) in rooms[..SLOW].iter().enumerate() {
        let (room, mut slow) = (room.clone(), begin_slowly(&schema, room).await);
        let schema = Schema { url: schema.url.clone() };
        writers.spawn(async move {
            for round in 1..=ROUNDS {
                sleep(Duration::from_millis((n * 13 + round * 7) as u64 % 40)).await;
                slow.batch_execute("COMMIT").await.expect("it commits");
                if round < ROUNDS {
                    slow = begin_slowly(&schema, &room).await;
                }
            }
        });
    }
    for room in &rooms[SLOW..] {
        let room = room.clone();
        writers.spawn(async move {
            for round in 0..FAST {
                room.grow(1 + round % 2).await;
                sleep(Duration::from_millis(round as u64 % 5)).await;
            }
        });
    }
    let all = SLOW * ROUNDS + stores.len() * FAST * 3 / 2;
    let mut follower = Follower::new(&stores[0], "acme");
    while !writers.is_empty() {
        follower.page(10).await;
        while writers.try_join_next().is_some() {}
    }
    follower.until(all, 10).await;
    assert_eq!(follower.had.len(), all);
    let by_room = follower.by_room();
    for (n, room) in rooms.iter().enumerate() {
        let last = if n < SLOW { ROUNDS } else { FAST * 3 / 2 };
        assert_eq!(by_room[&room.id], (1..=last as u64).collect::<Vec<_>>());
    }
}

/// A transaction of another database of the same server holds the feed back too, one that only reads
/// does not.
#[tokio::test]
async fn a_writer_next_door_makes_it_late_and_a_reader_does_not() {
    let (schema, next_door) = (Schema::fresh().await, Schema::empty().await);
    let room = Room::new(&schema.open().await, "acme").await;
    let mut follower = Follower::new(&room.store, "acme");
    let mut reader = schema.bare().await;
    let read = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM events";
    reader.batch_execute(read).await.unwrap();
    room.grow(1).await;
    follower.until(1, 9).await;
    let mut writer = next_door.bare().await;
    writer
        .batch_execute("CREATE TABLE notes (n int); BEGIN; INSERT INTO notes VALUES (1)")
        .await
        .unwrap();
    room.grow(1).await;
    assert_eq!(follower.page(9).await.items, []);
    writer.batch_execute("COMMIT").await.unwrap();
    follower.until(2, 9).await;
}

/// What a dump that was made on a server with higher numbers looks like when it is loaded: the numbers
/// are data, and the rows were all written now.
async fn load_elsewhere(schema: &Schema, ahead: i64) {
    let load = format!("UPDATE events SET tx = tx + {ahead}");
    schema.bare().await.batch_execute(&load).await.expect("it is loaded");
}

#[tokio::test]
async fn a_dump_in_another_server_keeps_its_order_and_its_followers() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let rooms = [Room::new(&store, "acme").await, Room::new(&store, "acme").await];
    for _ in 0..4 {
        rooms[1].grow(1).await;
        rooms[0].grow(1).await;
    }
    let mut before = Follower::new(&store, "acme");
    before.until(8, 9).await;
    let mut follower = Follower { next: Some(before.had[2]), ..Follower::new(&store, "acme") };
    for loads in 1..=3 {
        load_elsewhere(&schema, 1_000_000).await;
        let refused = store.feed(&follower.tenant, FeedStart::Beginning, 9).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{loads}: {refused:?}");
        let epoch = rooms[0].head().await.epoch;
        let report = store::migrate(&schema.config()).await.unwrap();
        assert_eq!(report.renewed, 2, "clients may have seen other events there");
        assert!(rooms[0].head().await.epoch > epoch);
        rooms[0].grow(1).await;
        before.until(8 + loads, 9).await;
        let mut fresh = Follower::new(&store, "acme");
        fresh.until(8 + loads, 9).await;
        assert_eq!(fresh.had, before.had);
        follower.page(2).await;
    }
    follower.until(8, 9).await;
    assert_eq!(follower.had, before.had[3..]);
    let negative = "SELECT count(*) FROM events WHERE tx < 0";
    let mut bare = schema.bare().await;
    assert_eq!(count(&mut bare, negative).await, 10, "what was written here keeps its number");
    store::migrate(&schema.config()).await.unwrap();
    assert_eq!(count(&mut bare, negative).await, 10, "nothing to do");
}

/// As after a restore to an earlier moment: the newest events are gone, and others come in their place.
#[tokio::test]
async fn a_follower_that_knows_more_than_the_database_starts_again() {
    let schema = Schema::fresh().await;
    let room = Room::new(&schema.open().await, "acme").await;
    room.grow(3).await;
    let mut follower = Follower::new(&room.store, "acme");
    follower.until(3, 9).await;
    let early = Some(follower.had[0]);
    let back = "DELETE FROM events WHERE seq > 1; UPDATE rooms SET head_seq = 1";
    schema.bare().await.batch_execute(back).await.unwrap();
    room.grow(3).await;
    let fourth = async || {
        let page = room.store.feed(&room.tenant, FeedStart::Beginning, 9).await.unwrap();
        page.next.filter(|mark: &FeedMark| mark.seq == 4)
    };
    let newest = until("the new events", fourth).await;
    let page = within("a page", follower.page(9)).await;
    assert!(page.reset);
    assert_eq!((page.items.len(), page.next), (4, Some(newest)));
    let mut other = Follower { next: early, ..Follower::new(&room.store, "acme") };
    let page = other.page(9).await;
    assert_eq!((page.reset, page.items.len(), page.next), (false, 3, Some(newest)));
}
