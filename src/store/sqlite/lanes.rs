//! A fixed set of connections, each used by one unit of work at a time.
//!
//! Why not a ready-made pool: its guard lives in the caller's future, and callers are actors, whose
//! futures are dropped. Then a pool takes a connection back that a blocking thread still uses (the
//! wrapper panics on it), and the wrapper's own runtime handle blocks the arbiter until the thread
//! is done, or panics too. Here the blocking work itself owns the lane and gives it back, so a
//! dropped future changes nothing: what was begun is finished, and nobody waits for it.

use std::error::Error;

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::open::Opener;
use crate::store::StoreError;

/// Connections and the queue of the free ones.
pub(super) struct Lanes {
    connections: Vec<Mutex<Wrapped>>,
    opener: Opener,
    free: Mutex<mpsc::Receiver<usize>>,
    back: mpsc::Sender<usize>,
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
        Ok(Self { connections, opener, free: Mutex::new(free), back })
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

    /// Waits for its turn, in order of arrival, as long as for another process's lock.
    async fn lane(&self) -> Result<Lane, StoreError> {
        let turn = async { self.free.lock().await.recv().await };
        match timeout(self.opener.patience(), turn).await {
            Ok(Some(index)) => Ok(Lane { index, back: self.back.clone() }),
            Ok(None) => Err(StoreError::Unavailable("closed".to_owned())),
            Err(_) => Err(StoreError::Unavailable("no free connection in time".to_owned())),
        }
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
