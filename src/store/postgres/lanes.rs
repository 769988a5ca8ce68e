//! A bounded set of connections, each used by one unit of work at a time.
//!
//! Work and connections live on the runtime that opened the store, not on the caller's: callers are
//! actors, whose futures are dropped and whose runtimes stop. So work that was begun runs to its end,
//! and a connection is never left between a question and its answer. One that is not known to be in
//! order afterwards (work that panicked, was given up, or left a transaction open) is closed rather
//! than used again.

use std::time::Duration;

use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, QueueMode, RecycleError, RecycleResult,
};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::open::{Opened, Opener};
use crate::store::{Config, Connections, StoreError};

/// Beyond the server's own limit for a statement: time for its answer to come.
const GRACE: Duration = Duration::from_secs(2);

/// The connections.
pub(super) struct Lanes {
    pool: Pool<Opener>,
    home: Handle,
    patience: Duration,
    deadline: Duration,
}

impl Lanes {
    /// None is opened before it is needed, and never more than `config.pool`.
    pub(super) fn new(opener: Opener, config: &Config) -> Result<Self, StoreError> {
        let home = opener.home().clone();
        let pool = Pool::builder(opener).max_size(config.pool).queue_mode(QueueMode::Lifo);
        let pool = pool.build().map_err(|e| StoreError::Failed(e.to_string()))?;
        Ok(Self {
            pool,
            home,
            patience: Duration::from_millis(config.busy_timeout_ms),
            deadline: Duration::from_millis(config.statement_timeout_ms) + GRACE,
        })
    }

    /// Runs `work` on a free connection. Dropping the future before a connection was free leaves
    /// `work` undone; after that, `work` runs to its end. Work that takes longer than a statement may
    /// and a little more is given up, and its connection with it.
    pub(super) async fn run<R, W>(&self, work: W) -> Result<R, StoreError>
    where
        R: Send + 'static,
        for<'c> W: Work<&'c mut AsyncPgConnection, Result<R, StoreError>, Running: Send>
            + AsyncFnOnce(&'c mut AsyncPgConnection) -> Result<R, StoreError>
            + Send
            + 'static,
    {
        let mut lane = Lane::of(self.turn().await?);
        let deadline = self.deadline;
        let running = self.home.spawn(async move {
            let result = match timeout(deadline, work(&mut lane.opened().sql)).await {
                Ok(result) => result,
                Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
            };
            lane.give_back(matches!(result, Err(StoreError::Unavailable(_))));
            result
        });
        running.await.map_err(|e| StoreError::Unavailable(format!("work was cut short: {e}")))?
    }

    /// What the connections do.
    pub(super) fn count(&self) -> Connections {
        let status = self.pool.status();
        Connections {
            in_use: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// Waits for its turn, in order of arrival.
    async fn turn(&self) -> Result<Object<Opener>, StoreError> {
        match timeout(self.patience, self.pool.get()).await {
            Ok(Ok(object)) => Ok(object),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("no free connection in time".to_owned())),
        }
    }
}

/// An async closure whose future can be named, so that it can be asked to be `Send`.
pub(super) trait Work<T, R>: FnOnce(T) -> Self::Running {
    /// The work under way.
    type Running: Future<Output = R>;
}

impl<F, T, R, Running> Work<T, R> for F
where
    F: FnOnce(T) -> Running,
    Running: Future<Output = R>,
{
    type Running = Running;
}

/// The right to use one connection. Dropped without having been given back, also while a panic
/// unwinds, it closes the connection and makes room for another.
struct Lane(Option<Object<Opener>>);

impl Lane {
    fn of(object: Object<Opener>) -> Self {
        Self(Some(object))
    }

    fn opened(&mut self) -> &mut Opened {
        self.0.as_mut().expect("it is there until it is given back")
    }

    fn give_back(mut self, doubtful: bool) {
        let opened = self.opened();
        let broken = AnsiTransactionManager::is_broken_transaction_manager(&mut opened.sql);
        if !doubtful && !broken && !opened.is_closed() {
            drop(self.0.take());
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

impl Manager for Opener {
    type Type = Opened;
    type Error = StoreError;

    async fn create(&self) -> Result<Opened, StoreError> {
        let opener = self.clone();
        let opening = self.home().spawn(async move { opener.open().await });
        opening.await.map_err(|e| StoreError::Unavailable(e.to_string()))?
    }

    /// Costs nothing: a connection that the server or the network ended is known by its task.
    async fn recycle(&self, opened: &mut Opened, _: &Metrics) -> RecycleResult<StoreError> {
        if opened.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}
