//! Runs a script where its room's slot lies, over the pool of that primary: follows redirections,
//! waits while a cluster finds itself, and gives up in time.

use std::sync::Arc;

use deadpool_redis::PoolError;
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::watch;

use super::names::slot_of;
use super::script::Routine;
use super::shared::{Routes, Shared};
use super::topology::Address;
use crate::bus::BusError;

/// One call: a script with the keys of one room or node.
pub(super) struct Call<'a> {
    pub routine: &'a Routine,
    pub keys: &'a [String],
    pub args: &'a [Vec<u8>],
}

/// Where the next attempt goes.
enum Target {
    Owner,
    /// The slot lies there now.
    Moved(Address),
    /// This key lies there already, the slot not yet.
    Ask(Address),
}

/// What an error means for the next attempt.
enum Verdict {
    Elsewhere(Target),
    Later,
    /// It may have had its effect.
    Unclear,
    Never,
}

impl Call<'_> {
    /// Attempts until it is done or the time for calls is over.
    pub(super) async fn run(
        &self,
        shared: &Arc<Shared>,
        routes: &watch::Receiver<Routes>,
    ) -> Result<Value, BusError> {
        let mut last = None;
        let attempts = self.attempt_all(shared, routes, &mut last);
        let done = tokio::time::timeout(shared.config.call_timeout, attempts).await;
        let done = done.unwrap_or_else(|_| {
            let reason = last.map_or("no answer in time".to_owned(), |error| error.to_string());
            Err(BusError::Unavailable(reason))
        });
        if done.is_err() {
            shared.failed();
        }
        done
    }

    async fn attempt_all(
        &self,
        shared: &Shared,
        routes: &watch::Receiver<Routes>,
        last: &mut Option<RedisError>,
    ) -> Result<Value, BusError> {
        let mut target = Target::Owner;
        loop {
            let error = match self.attempt(shared, routes, &target).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let verdict = verdict(&error);
            target = Target::Owner;
            match verdict {
                Verdict::Never => return Err(BusError::Failed(error.to_string())),
                Verdict::Unclear if !self.routine.repeatable => {
                    shared.look.notify_one();
                    return Err(BusError::Unavailable(error.to_string()));
                }
                Verdict::Elsewhere(other) => {
                    if matches!(other, Target::Moved(_)) {
                        shared.look.notify_one();
                    }
                    target = other;
                }
                Verdict::Unclear | Verdict::Later => {
                    shared.look.notify_one();
                    *last = Some(error);
                    tokio::time::sleep(shared.config.retry_delay).await;
                }
            }
        }
    }

    async fn attempt(
        &self,
        shared: &Shared,
        routes: &watch::Receiver<Routes>,
        target: &Target,
    ) -> RedisResult<Value> {
        let pool = match target {
            Target::Ask(address) => return self.ask(shared, address).await,
            Target::Moved(address) => {
                let routes = routes.borrow();
                let link = routes.links().iter().find(|link| link.address == *address);
                link.map(|link| link.pool.clone())
            }
            Target::Owner => {
                let slot = slot_of(self.keys.first().map_or("", String::as_str));
                routes.borrow().owner(slot).map(|link| link.pool.clone())
            }
        };
        let pool = pool.ok_or((ErrorKind::ClusterConnectionNotFound, "the slot has no owner"))?;
        let mut connection = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => not_sent(&error),
            other => {
                (ErrorKind::ClusterConnectionNotFound, "no connection", other.to_string()).into()
            }
        })?;
        let by_hash = self.routine.by_hash(self.keys, self.args);
        let mut done = by_hash.query_async(&mut connection).await;
        if matches!(&done, Err(error) if error.kind() == ServerErrorKind::NoScript.into()) {
            let by_code = self.routine.by_code(self.keys, self.args);
            done = by_code.query_async(&mut connection).await;
        }
        if matches!(&done, Err(error) if error.code().is_none()) {
            // It may be dead, and the pool would only learn that by asking it.
            drop(deadpool_redis::Connection::take(connection));
        }
        done
    }

    async fn ask(&self, shared: &Shared, address: &Address) -> RedisResult<Value> {
        let mut connection = shared.dialer.open(address).await.map_err(|error| not_sent(&error))?;
        let mut both = redis::pipe();
        both.cmd("ASKING").ignore();
        both.add_command(self.routine.by_code(self.keys, self.args));
        let (value,) = both.query_async::<(Value,)>(&mut connection).await?;
        Ok(value)
    }
}

/// Marks an error that came before anything was sent.
fn not_sent(error: &RedisError) -> RedisError {
    (ErrorKind::ClusterConnectionNotFound, "not connected", error.to_string()).into()
}

fn verdict(error: &RedisError) -> Verdict {
    let node = || {
        let (host, port) = error.redirect_node()?.0.rsplit_once(':')?;
        Some(Address { host: host.to_owned(), port: port.parse().ok()? })
    };
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::Moved) => {
            node().map_or(Verdict::Later, |node| Verdict::Elsewhere(Target::Moved(node)))
        }
        ErrorKind::Server(ServerErrorKind::Ask) => {
            node().map_or(Verdict::Later, |node| Verdict::Elsewhere(Target::Ask(node)))
        }
        ErrorKind::Server(
            ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::BusyLoading
            | ServerErrorKind::ReadOnly,
        )
        | ErrorKind::ClusterConnectionNotFound => Verdict::Later,
        ErrorKind::Io => Verdict::Unclear,
        _ if error.code() == Some("UNBLOCKED") || error.code() == Some("NOREPLICAS") => {
            Verdict::Later
        }
        _ => Verdict::Never,
    }
}
