//! One task a primary that says what waits in the queue, many at once and in order, over a connection
//! of its own. Builds the connection again when it is lost or stays silent. Started by the hub.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult};
use tokio::sync::{mpsc, oneshot};

use super::backoff::Backoff;
use super::link::{Link, Outgoing};
use super::shared::Shared;

/// Messages whose answers may be outstanding; more wait in the queue.
const IN_FLIGHT: usize = 256;
/// Answers that may fail to come one after the other before the connection counts as dead.
const MAX_SILENCES: u32 = 2;

pub(super) struct Publisher {
    shared: Arc<Shared>,
    link: Arc<Link>,
}

/// Why a connection is given up.
enum End {
    /// Nothing more will be said.
    Done,
    Broken(RedisError),
}

impl Publisher {
    pub(super) fn new(shared: Arc<Shared>, link: Arc<Link>) -> Self {
        Self { shared, link }
    }

    /// Runs until the queue's senders are gone.
    pub(super) async fn run(self, mut queue: mpsc::Receiver<Outgoing>) {
        let (mut backoff, mut built) = (Backoff::new(), false);
        loop {
            let error = match self.shared.dialer.open(&self.link.address).await {
                Ok(connection) => {
                    if built {
                        self.shared.rebuilt();
                    }
                    built = true;
                    backoff.reset();
                    self.link.set_speaking(true);
                    match self.serve(&connection, &mut queue).await {
                        End::Done => return,
                        End::Broken(error) => {
                            tracing::warn!(redis.node = %self.link.address, error = %error,
                                "lost the connection that publishes");
                            error
                        }
                    }
                }
                Err(error) => error,
            };
            tracing::debug!(redis.node = %self.link.address, error = %error, "can't publish");
            self.link.set_speaking(false);
            self.shared.look.notify_one();
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn serve(
        &self,
        connection: &MultiplexedConnection,
        queue: &mut mpsc::Receiver<Outgoing>,
    ) -> End {
        let mut flying = FuturesUnordered::new();
        let mut silences = 0;
        loop {
            // Polling what flies first sends new messages in the order in which they were taken.
            tokio::select! {
                biased;
                Some(answer) = flying.next(), if !flying.is_empty() => match answer {
                    Ok(()) => silences = 0,
                    Err(error) => {
                        self.shared.failed();
                        silences = if is_refusal(&error) { 0 } else { silences + 1 };
                        self.shared.look.notify_one();
                        if error.is_unrecoverable_error() || silences >= MAX_SILENCES {
                            // The others will not be answered either.
                            (0..flying.len()).for_each(|_| self.shared.failed());
                            return End::Broken(error);
                        }
                    }
                },
                message = queue.recv(), if flying.len() < IN_FLIGHT => match message {
                    None => return End::Done,
                    // What waited so long is history: its receivers have asked the database since.
                    Some(message) if message.since.elapsed() > self.shared.config.call_timeout => {
                        self.shared.failed();
                    }
                    Some(message) => flying.push(say(connection.clone(), message)),
                },
            }
        }
    }
}

async fn say(mut connection: MultiplexedConnection, message: Outgoing) -> RedisResult<()> {
    let Outgoing { channel, frame, sent, .. } = message;
    let mut command = redis::cmd("SPUBLISH");
    // The number of receivers says nothing: it counts those of one node of the shard.
    command.arg(channel).arg(frame).query_async::<i64>(&mut connection).await?;
    sent.map(|sent: oneshot::Sender<()>| sent.send(()));
    Ok(())
}

/// Whether the server has answered, if only to refuse.
fn is_refusal(error: &RedisError) -> bool {
    error.code().is_some()
}
