//! A server that restarts, dies, freezes or is cut off while replicas append: whatever was answered
//! is there afterwards, exactly once, and the stores go on by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use kyo_collaboration::domain::OpId;
use kyo_collaboration::store::{self, AppendOutcome, Config, Store, StoreError};
use tokio::task::JoinSet;

use super::{IDLE_IN_TRANSACTION, Schema, count};
use crate::patience::{until, within};
use crate::servers::{Postgres, Proxy, Shutdown};
use crate::store::Database;
use crate::store::audit::entry;
use crate::store::build::*;

const WRITERS: usize = 6;

/// Short, so that a frozen server is noticed in the time of a test.
fn config(url: String) -> Config {
    Config {
        url,
        pool: 4,
        statement_timeout_ms: 500,
        lock_timeout_ms: 300,
        connect_timeout_ms: 1_000,
        ..Config::default()
    }
}

/// Rooms that are written without a pause.
struct Writers {
    rooms: Vec<Room>,
    stop: Arc<AtomicBool>,
    commits: Arc<AtomicUsize>,
    faults: Arc<AtomicUsize>,
    running: JoinSet<(Room, Vec<OpId>)>,
}

impl Writers {
    async fn start(stores: &[Arc<dyn Store>]) -> Self {
        let mut writers = Self {
            rooms: Vec::new(),
            stop: Arc::default(),
            commits: Arc::default(),
            faults: Arc::default(),
            running: JoinSet::new(),
        };
        for n in 0..WRITERS {
            let room = Room::new(&stores[n % stores.len()], "acme").await;
            writers.rooms.push(room.clone());
            let (stop, commits) = (writers.stop.clone(), writers.commits.clone());
            writers.running.spawn(write(room, n, stop, commits, writers.faults.clone()));
        }
        writers.go_on().await;
        writers
    }

    /// Waits for more commits than can have been under way.
    async fn go_on(&self) {
        let goal = self.commits.load(Ordering::Relaxed) + 10 * WRITERS;
        until("commits", async || (self.commits.load(Ordering::Relaxed) >= goal).then_some(()))
            .await;
    }

    /// Waits until writers were told that the store is not available.
    async fn notice(&self) {
        let before = self.faults.load(Ordering::Relaxed);
        until("faults", async || (self.faults.load(Ordering::Relaxed) > before).then_some(()))
            .await;
    }

    /// Every operation that was answered is in the log once, and the log has no other.
    async fn judge(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(written) = within("the last answers", self.running.join_next()).await {
            let (room, acked) = written.unwrap();
            let logged: Vec<OpId> = room.log().await.iter().map(|event| event.op_id).collect();
            assert_eq!(logged, acked);
            room.assert_log_is_gapless_to(acked.len() as u64).await;
        }
    }
}

/// As a room does: asks again with the same operation until there is an answer.
async fn write(
    room: Room,
    n: usize,
    stop: Arc<AtomicBool>,
    commits: Arc<AtomicUsize>,
    faults: Arc<AtomicUsize>,
) -> (Room, Vec<OpId>) {
    let mut acked = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let op = new_op();
        let seq = acked.len() as u64;
        let draft = room.draft(seq).op(op).clear("yoga");
        let draft = draft.take("yoga", trainer(&format!("trainer {n}")), hours(9, 10));
        loop {
            match room.store.append(vec![draft.0.clone()]).await.map(|mut all| all.remove(0)) {
                Ok(AppendOutcome::Committed) => break,
                Ok(AppendOutcome::Duplicate { index: 0, seq: at }) if at == seq + 1 => break,
                Err(StoreError::Unavailable(_)) => {
                    faults.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => panic!("{op:?} after {seq}: {other:?}, log {:?}", room.log().await.last()),
            }
        }
        acked.push(op);
        commits.fetch_add(1, Ordering::Relaxed);
    }
    (room, acked)
}

/// What fails at the commit itself, after the statement has given its row.
const FAILS_AT_COMMIT: &str = "
    CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not today'; END$$;
    CREATE CONSTRAINT TRIGGER no AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION no();
    CREATE CONSTRAINT TRIGGER no AFTER UPDATE OF name ON rooms DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION no();
    CREATE CONSTRAINT TRIGGER no AFTER INSERT ON operator_audit DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION no();";

/// A server that shuts down sends the row of a call and then undoes it: such a row was taken for a
/// commit, and an acked operation was lost.
#[tokio::test]
async fn a_row_without_its_commit_is_no_commit() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let room = Room::new(&store, "acme").await;
    schema.bare().await.batch_execute(FAILS_AT_COMMIT).await.unwrap();
    for draft in [room.draft(0).event(), room.draft(0).event().event()] {
        assert!(store.append(vec![draft.0]).await.is_err());
    }
    let renamed = store.update_room(&room.tenant, room.id, Some("Hall 2".to_owned()), None);
    assert!(renamed.await.is_err());
    assert!(store.add_audit(entry(&room.tenant, "a")).await.is_err());
    room.assert_log_is_gapless_to(0).await;
}

/// Two stores with writers on a server of their own, reached directly.
async fn begin() -> (Postgres, Writers) {
    let server = Postgres::start().await;
    let config = config(server.url());
    store::migrate(&config).await.unwrap();
    let stores = [store::connect(&config).await.unwrap(), store::connect(&config).await.unwrap()];
    let writers = Writers::start(&stores).await;
    (server, writers)
}

async fn end(server: &Postgres, writers: Writers) {
    writers.go_on().await;
    writers.judge().await;
    let mut watcher = AsyncPgConnection::establish(&server.url()).await.unwrap();
    until("no open transaction", async || {
        (count(&mut watcher, IDLE_IN_TRANSACTION).await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_restart_loses_nothing() {
    let (server, writers) = begin().await;
    for how in [Shutdown::Fast, Shutdown::Immediate] {
        server.restart(how).await;
        writers.go_on().await;
    }
    end(&server, writers).await;
}

#[tokio::test]
async fn a_killed_server_loses_nothing() {
    let (server, writers) = begin().await;
    for _ in 0..2 {
        server.kill9();
        writers.notice().await;
        server.start_again().await;
        writers.go_on().await;
    }
    end(&server, writers).await;
}

#[tokio::test]
async fn a_frozen_server_is_given_up_and_found_again() {
    let (server, writers) = begin().await;
    server.freeze();
    writers.notice().await;
    server.thaw();
    end(&server, writers).await;
}

#[tokio::test]
async fn a_cut_line_loses_nothing() {
    let server = Postgres::start().await;
    store::migrate(&config(server.url())).await.unwrap();
    let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).await;
    let config = config(format!("postgres://kyo@{}/kyo", proxy.address()));
    let writers = Writers::start(&[store::connect(&config).await.unwrap()]).await;
    for _ in 0..5 {
        proxy.cut();
        writers.notice().await;
        proxy.heal();
        writers.go_on().await;
    }
    // Nothing moves, nothing ends: only the clock tells.
    proxy.black_hole();
    writers.notice().await;
    proxy.heal();
    end(&server, writers).await;
}

/// Futures of all kinds that are dropped at once or after a moment.
#[tokio::test]
async fn dropped_futures_leave_no_open_transaction() {
    let schema = Schema::fresh().await;
    let store = schema.open().await;
    let room = Room::new(&store, "acme").await;
    for round in 0..60 {
        let seq = room.head().await.seq;
        let draft = (0..20).fold(room.draft(seq), |draft, _| draft.event());
        let dropped: [futures_util::future::BoxFuture<'_, ()>; 3] = [
            store.append(vec![draft.0]).map(drop).boxed(),
            store.load(&room.tenant, room.id, 100).map(drop).boxed(),
            store.create_room(new_room("acme")).map(drop).boxed(),
        ];
        for future in dropped {
            let _ = tokio::time::timeout(Duration::from_micros(round * 20), future).await;
        }
    }
    let mut watcher = schema.bare().await;
    until("no open transaction", async || {
        (count(&mut watcher, IDLE_IN_TRANSACTION).await == 0).then_some(())
    })
    .await;
    let last = room.head().await.seq;
    room.assert_log_is_gapless_to(last).await;
    room.grow(1).await;
}
