//! A subscriber's connection: what is asked of it, what is heard on it.
//!
//! The library takes a notice that a channel's slot has moved for the answer to the oldest command.
//! So every answer is compared with its question, and a connection whose answers don't fit is given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::frame::{Frame, Said};
use super::link::Link;
use super::shared::Shared;
use crate::bus::BusEvent;

/// Notices that wait for the subscriber; more, and it begins anew.
const NOTICES: usize = 1_024;

/// What the server says unasked.
pub(super) enum Signal {
    /// It will say no more.
    Lost,
    /// Nothing more comes on this channel.
    Silenced(String),
}

/// Why something was not done.
pub(super) enum Refusal {
    /// The server will not, for now.
    Later,
    /// The connection is of no more use.
    Broken(String),
}

pub(super) struct Line {
    connection: MultiplexedConnection,
    signals: mpsc::Receiver<Signal>,
    /// Notices did not fit.
    overrun: Arc<AtomicBool>,
    since: Instant,
}

impl Line {
    pub(super) async fn open(shared: &Arc<Shared>, link: &Arc<Link>) -> RedisResult<Self> {
        let (notices, signals) = mpsc::channel(NOTICES);
        let overrun = Arc::<AtomicBool>::default();
        let (mouth, place, flag) = (shared.clone(), link.clone(), overrun.clone());
        let hear = move |push: PushInfo| -> Result<(), redis::aio::SendError> {
            let signal = match push.kind {
                PushKind::SMessage => {
                    hear(&mouth, &place, push.data);
                    return Ok(());
                }
                PushKind::SUnsubscribe => text(push.data.first()).map(str::to_owned),
                PushKind::Disconnection => None,
                _ => return Ok(()),
            };
            if notices.try_send(signal.map_or(Signal::Lost, Signal::Silenced)).is_err() {
                flag.store(true, Ordering::Release);
            }
            Ok(())
        };
        let connection = shared.dialer.open_ear(&link.address, hear).await?;
        Ok(Self { connection, signals, overrun, since: Instant::now() })
    }

    pub(super) async fn signal(&mut self) -> Signal {
        match self.signals.recv().await {
            // Those that wait tell of the overrun: the queue was full.
            Some(signal) if !self.overrun.load(Ordering::Acquire) => signal,
            _ => Signal::Lost,
        }
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) async fn listen(&self, channel: &str) -> Result<(), Refusal> {
        self.confirmed("SSUBSCRIBE", channel, &PushKind::SSubscribe).await
    }

    pub(super) async fn leave(&self, channel: &str) -> Result<(), Refusal> {
        self.confirmed("SUNSUBSCRIBE", channel, &PushKind::SUnsubscribe).await
    }

    pub(super) async fn ping(&self) -> Result<(), Refusal> {
        let mut connection = self.connection.clone();
        let pong = redis::cmd("PING").query_async::<Value>(&mut connection).await;
        pong.map(drop).map_err(|error| refusal(&error))
    }

    async fn confirmed(&self, verb: &str, channel: &str, kind: &PushKind) -> Result<(), Refusal> {
        let mut connection = self.connection.clone();
        let answer = redis::cmd(verb).arg(channel).query_async::<Value>(&mut connection).await;
        match answer {
            Ok(Value::Push { kind: said, data })
                if said == *kind && text(data.first()) == Some(channel) =>
            {
                Ok(())
            }
            Ok(_) => Err(Refusal::Broken("an answer to another question".to_owned())),
            Err(error) => Err(refusal(&error)),
        }
    }
}

fn refusal(error: &RedisError) -> Refusal {
    match error.code() {
        Some(_) => Refusal::Later,
        None => Refusal::Broken(error.to_string()),
    }
}

/// `[channel, payload]` from the network to the courier, without waiting.
fn hear(shared: &Shared, link: &Link, data: Vec<Value>) {
    let mut data = data.into_iter();
    let (Some(Value::BulkString(channel)), Some(Value::BulkString(payload))) =
        (data.next(), data.next())
    else {
        return;
    };
    let Some(Frame { from, said }) = Frame::decode(Bytes::from(payload)) else {
        // Of a newer replica, or of somebody else.
        return shared.failed();
    };
    if from == shared.node {
        if said == Said::Alive {
            link.pulse_came_back();
        }
        return;
    }
    let event = match (said, shared.names.room_of(&channel)) {
        (Said::Message(payload), Some(room)) => BusEvent::Message { room, from, payload },
        (Said::Message(_), None) => return shared.failed(),
        (Said::Alive, _) => BusEvent::Alive(from),
        (Said::Left, _) => BusEvent::Left(from),
    };
    shared.ear.offer(event);
}

fn text(value: Option<&Value>) -> Option<&str> {
    match value? {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}
