//! A fixed set of connections, each used by one unit of work at a time.
//!
//! Why not a ready-made pool: its guard lives in the caller's future, and callers are actors, whose
//! futures are dropped. Then a pool takes a connection back that a blocking thread still uses (the
//! wrapper panics on it), and the wrapper's own runtime handle blocks the arbiter until the thread
//! is done, or panics too. Here the blocking work itself owns the lane and gives it back, so a
//! dropped future changes nothing: what was begun is finished, and nobody waits for it.

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::open::Opener;
use crate::store::{Connections, StoreError};

/// Connections and the queue of the free ones.
pub(super) struct Lanes {
    connections: Vec<Mutex<Wrapped>>,
    opener: Opener,
    free: Mutex<mpsc::Receiver<usize>>,
    back: mpsc::Sender<usize>,
    waiting: AtomicUsize,
}

type Wrapped = SyncConnectionWrapper<SqliteConnection, Detached>;

impl Lanes {
    /// Opens `count` connections.
    pub(super) async fn open(opener: Opener, count: usize) -> Result<Self, StoreError> {
        let (back, free) = mpsc::channel(count);
        let mut connections = Vec::with_capacity(count);
        for index in 0..count {
            let opener = opener.clone();
            let opened = tokio::task::spawn_blocking(move || opener.open()).await;
            let connection = opened.map_err(|e| StoreError::Failed(e.to_string()))??;
            connections.push(Mutex::new(Wrapped::with_runtime(connection, Detached)));
            give_back(&back, index);
        }
        Ok(Self { connections, opener, free: Mutex::new(free), back, waiting: AtomicUsize::new(0) })
    }

    /// Runs `work` on a free connection. Dropping the future before a connection was free leaves
    /// `work` undone; after that, `work` runs to its end.
    pub(super) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let lane = self.lane().await?;
        let opener = self.opener.clone();
        let mut connection = self.connections[lane.index].lock().await;
        let running = connection.spawn_blocking(move |conn| {
            let result = heal(conn, &opener).and_then(|()| work(conn));
            drop(lane);
            Ok(result)
        });
        drop(connection);
        running.await?
    }

    /// What the connections do.
    pub(super) fn count(&self) -> Connections {
        let idle = self.back.max_capacity() - self.back.capacity();
        let in_use = self.connections.len().saturating_sub(idle);
        Connections { in_use, idle, waiting: self.waiting.load(Ordering::Relaxed) }
    }

    /// Waits for its turn, in order of arrival, as long as for another process's lock.
    async fn lane(&self) -> Result<Lane, StoreError> {
        let _waits = Waits::among(&self.waiting);
        let turn = async { self.free.lock().await.recv().await };
        match timeout(self.opener.patience(), turn).await {
            Ok(Some(index)) => Ok(Lane { index, back: self.back.clone() }),
            Ok(None) => Err(StoreError::Unavailable("closed".to_owned())),
            Err(_) => Err(StoreError::Unavailable("no free connection in time".to_owned())),
        }
    }
}

/// One more who waits, until it is dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn among(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to use one connection; goes back when dropped, also while a panic unwinds.
struct Lane {
    index: usize,
    back: mpsc::Sender<usize>,
}

impl Drop for Lane {
    fn drop(&mut self) {
        give_back(&self.back, self.index);
    }
}

/// Each index is in the queue at most once and the queue holds them all, so it is never full; it is
/// closed only when nobody is left to use the lane.
fn give_back(back: &mpsc::Sender<usize>, index: usize) {
    let _ = back.try_send(index);
}

/// Replaces a connection that a panic or a failed rollback left inside a transaction.
fn heal(conn: &mut SqliteConnection, opener: &Opener) -> Result<(), StoreError> {
    if AnsiTransactionManager::is_broken_transaction_manager(conn) {
        tracing::warn!("replacing a database connection that was left inside a transaction");
        *conn = opener.open()?;
    }
    Ok(())
}

/// Blocking work on the runtime of whoever asks, which goes on when its future is dropped.
struct Detached;

impl SpawnBlocking for Detached {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        let running = tokio::task::spawn_blocking(task);
        async move { running.await.map_err(Into::into) }.boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use diesel::connection::{Connection, SimpleConnection};
    use futures_util::FutureExt;

    use super::*;

    async fn one_lane(folder: &tempfile::TempDir, patience: u64) -> Lanes {
        let path = folder.path().join("lanes.db");
        let opener = Opener::writer(path, Duration::from_millis(patience));
        let lanes = Lanes::open(opener, 1).await.unwrap();
        let table = "CREATE TABLE IF NOT EXISTS marks (mark INTEGER PRIMARY KEY)";
        lanes.run(|conn| Ok(conn.batch_execute(table)?)).await.unwrap();
        lanes
    }

    /// A connection is replaced when a panic left it in a transaction, and the transaction is gone.
    #[tokio::test]
    async fn a_panic_costs_its_own_work_only() {
        let folder = tempfile::tempdir().unwrap();
        let lanes = one_lane(&folder, 20_000).await;
        let panicked = lanes.run(|conn| {
            conn.immediate_transaction::<(), StoreError, _>(|conn| {
                conn.batch_execute("INSERT INTO marks VALUES (1)")?;
                panic!("a bug")
            })
        });
        assert!(matches!(panicked.await, Err(StoreError::Unavailable(_))));
        let mark_again = |conn: &mut SqliteConnection| {
            conn.immediate_transaction(|conn| {
                Ok(conn.batch_execute("INSERT INTO marks VALUES (1)")?)
            })
        };
        lanes.run(mark_again).await.unwrap();
    }

    /// Who works and who waits is counted, and nobody is left in the count.
    #[tokio::test]
    async fn connections_are_counted_by_what_they_do() {
        let folder = tempfile::tempdir().unwrap();
        let lanes = one_lane(&folder, 20_000).await;
        let idle = Connections { idle: 1, ..Connections::default() };
        assert_eq!(lanes.count(), idle);
        let (go, told) = std::sync::mpsc::channel();
        let mut first = Box::pin(lanes.run(move |_| Ok(told.recv().is_ok())));
        let mut second = Box::pin(lanes.run(|_| Ok(true)));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        assert_eq!(lanes.count(), Connections { in_use: 1, idle: 0, waiting: 1 });
        go.send(()).unwrap();
        assert!(first.await.unwrap() && second.await.unwrap());
        assert_eq!(lanes.count(), idle);
    }

    /// A full disk makes SQLite roll everything back by itself, which Diesel does not expect.
    #[tokio::test]
    async fn a_transaction_that_the_database_ended_is_passing() {
        let folder = tempfile::tempdir().unwrap();
        let lanes = one_lane(&folder, 20_000).await;
        let ended = lanes.run(|conn| {
            conn.immediate_transaction::<(), StoreError, _>(|conn| {
                conn.transaction(|conn| {
                    conn.batch_execute("INSERT INTO marks VALUES (1); ROLLBACK")?;
                    Err(StoreError::Unavailable("database or disk is full".to_owned()))
                })
            })
        });
        let outcome = ended.await;
        assert!(matches!(outcome, Err(StoreError::Unavailable(_))), "{outcome:?}");
        let again = lanes.run(|conn| {
            conn.immediate_transaction(|conn| {
                Ok(conn.batch_execute("INSERT INTO marks VALUES (1)")?)
            })
        });
        again.await.unwrap();
    }

    /// On the single-threaded runtime of an arbiter, where the wrapper's own handle would panic.
    #[tokio::test]
    async fn a_dropped_future_keeps_the_lane_until_its_work_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let lanes = one_lane(&folder, 20_000).await;
        let (go, wait) = std::sync::mpsc::channel();
        let begun = lanes.run(move |conn| {
            wait.recv().expect("the signal to go on");
            Ok(conn.batch_execute("INSERT INTO marks VALUES (1)")?)
        });
        assert!(begun.now_or_never().is_none());
        let waiting = lanes.run(|conn| Ok(conn.batch_execute("DELETE FROM marks WHERE mark = 1")?));
        assert!(waiting.now_or_never().is_none(), "the lane is taken");
        go.send(()).unwrap();
        let repeated = lanes.run(|conn| Ok(conn.batch_execute("INSERT INTO marks VALUES (1)")?));
        let refused = repeated.await.unwrap_err().to_string();
        assert!(
            refused.contains("UNIQUE"),
            "the first was done, the second never begun: {refused}"
        );
    }

    #[tokio::test]
    async fn a_turn_that_does_not_come_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let lanes = one_lane(&folder, 20).await;
        let (go, wait) = std::sync::mpsc::channel();
        let begun = lanes.run(move |_| {
            wait.recv().expect("the signal to go on");
            Ok(())
        });
        assert!(begun.now_or_never().is_none());
        assert!(matches!(lanes.run(|_| Ok(())).await, Err(StoreError::Unavailable(_))));
        go.send(()).unwrap();
    }
}
