//! What is special about the feed of a file: its order is kept in a table that a trigger fills.

use diesel::connection::SimpleConnection;
use kyo_collaboration::store;

use super::File;
use crate::store::Database;
use crate::store::build::Room;
use crate::store::feed::Follower;

/// The release that knew no feed.
const BEFORE: &str = include_str!("../../../migrations/sqlite/2026-11-24-000001_rooms/up.sql");
/// How Diesel notes that release's migrations.
const NOTED: &str = "CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    INSERT INTO __diesel_schema_migrations (version) VALUES ('20261124000001');";

fn event(room: u8, seq: u8) -> String {
    let row = format!("x'{}', {seq}, x'{room:02x}{seq:02x}{}'", id(room), "00".repeat(14));
    format!("INSERT INTO events VALUES ({row}, 'olga', 0, 'course_create', x'7b7d');")
}

fn id(room: u8) -> String {
    format!("{:02x}", room).repeat(16)
}

fn room(number: u8, tenant: &str) -> String {
    let id = id(number);
    format!("INSERT INTO rooms VALUES (x'{id}', '{tenant}', 'Hall', 'UTC', x'', 0, 9, 0, NULL);")
}

/// Room and place of each event as they come.
async fn feed(file: &File, of: &str, count: usize) -> Vec<(u8, u64)> {
    let mut follower = Follower::new(&file.open().await, of);
    follower.until(count, 2).await;
    assert_eq!(follower.page(9).await.items, []);
    follower.had.iter().map(|mark| (mark.room.0.as_bytes()[0], mark.seq)).collect()
}

#[tokio::test]
async fn events_from_before_the_feed_are_in_it() {
    let file = File::empty();
    std::fs::create_dir_all(file.path().parent().unwrap()).unwrap();
    let mut before = file.bare();
    before.batch_execute(&[BEFORE, NOTED].join("\n")).unwrap();
    let rooms = [room(1, "acme"), room(2, "acme"), room(3, "globex")].concat();
    before.batch_execute(&rooms).unwrap();
    for (room, seq) in [(2, 1), (1, 1), (3, 1), (1, 2), (2, 2), (1, 3)] {
        before.batch_execute(&event(room, seq)).unwrap();
    }
    drop(before);
    assert_eq!(
        store::migrate(&file.config()).await.unwrap().applied,
        ["20261128000001", "20261128000002"]
    );
    assert_eq!(feed(&file, "acme", 5).await, [(2, 1), (1, 1), (1, 2), (2, 2), (1, 3)]);
    assert_eq!(feed(&file, "globex", 1).await, [(3, 1)]);
    // The release before this one goes on writing the rows that it knows.
    file.bare().batch_execute(&[event(2, 3), event(3, 2)].concat()).unwrap();
    assert_eq!(feed(&file, "acme", 6).await.last(), Some(&(2, 3)));
    assert_eq!(feed(&file, "globex", 2).await, [(3, 1), (3, 2)]);
}

#[tokio::test]
async fn a_vacuum_moves_no_follower() {
    let file = File::fresh().await;
    let store = file.open().await;
    let (one, two) = (Room::new(&store, "acme").await, Room::new(&store, "acme").await);
    for _ in 0..5 {
        two.grow(1).await;
        one.grow(1).await;
    }
    let mut follower = Follower::new(&store, "acme");
    follower.page(3).await;
    file.bare().batch_execute("VACUUM").unwrap();
    follower.until(10, 4).await;
    let mut fresh = Follower::new(&store, "acme");
    fresh.until(10, 500).await;
    assert_eq!(follower.had, fresh.had);
}

/// What was rolled back leaves no hole and no trace.
#[tokio::test]
async fn a_write_that_was_refused_is_not_in_the_feed() {
    let file = File::fresh().await;
    let room = Room::new(&file.open().await, "acme").await;
    room.grow(1).await;
    let mut other = file.bare();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let key = room.id.0.simple();
    let row = format!("x'{key}', 2, randomblob(16), 'olga', 0, 'course_create', x''");
    other.batch_execute(&format!("INSERT INTO events VALUES ({row}); ROLLBACK")).unwrap();
    room.append(room.draft(7).event()).await;
    room.grow(1).await;
    let mut follower = Follower::new(&room.store, "acme");
    follower.until(2, 9).await;
    assert_eq!(follower.by_room()[&room.id], [1, 2]);
}
