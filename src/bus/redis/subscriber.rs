//! One task a primary that keeps this node subscribed to all channels it wants there, over a
//! connection that does nothing else. Builds the connection again when it is lost, when it stays
//! silent, and now and then without a reason. Started by the hub, which says what is wanted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use redis::RedisError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::backoff::{Backoff, scattered};
use super::line::{Line, Refusal, Signal};
use super::link::Link;
use super::shared::Shared;
use crate::bus::BusEvent;

/// Subscriptions that are asked for at once.
const AT_ONCE: usize = 256;
/// How often channels that were refused are asked for again.
const TICK: Duration = Duration::from_millis(250);
/// Every so many ticks the server is asked whether it lives.
const TICKS_A_PING: u32 = 4;
/// Pings that may stay without an answer one after the other.
const MAX_SILENCES: u32 = 2;
/// Signs of life that are sent must come back within this time, twice as long after each rebuild
/// that did not help.
const CANARY_PATIENCE: Duration = Duration::from_secs(4);
const CANARY_PATIENCE_MAX: Duration = Duration::from_secs(64);

/// What the hub tells a subscriber.
pub(super) enum Order {
    /// One channel more; answered when it is heard.
    Want(String, oneshot::Sender<()>),
    /// One less; answered when nothing more of it will come.
    Leave(String, oneshot::Sender<()>),
    /// Exactly these.
    Replace(HashSet<String>),
}

pub(super) struct Subscriber {
    shared: Arc<Shared>,
    link: Arc<Link>,
    wanted: HashMap<String, Wish>,
    /// Channels that were left, with the notices of it that are still to come.
    leaving: HashMap<String, u32>,
    /// Something may have been missed and the node does not know yet.
    missed: bool,
    canary_patience: Duration,
}

#[derive(Default)]
struct Wish {
    heard: bool,
    /// Whoever asked for it and has no answer yet.
    waiters: Vec<oneshot::Sender<()>>,
}

/// Why a connection is given up.
enum End {
    Done,
    Broken(String),
}

impl Subscriber {
    pub(super) fn new(shared: Arc<Shared>, link: Arc<Link>) -> Self {
        Self {
            shared,
            link,
            wanted: HashMap::new(),
            leaving: HashMap::new(),
            missed: false,
            canary_patience: CANARY_PATIENCE,
        }
    }

    /// Runs until the hub is gone.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Order>) {
        let (mut backoff, mut built) = (Backoff::new(), false);
        loop {
            let reason = match self.build(built).await {
                Ok(line) => {
                    built = true;
                    backoff.reset();
                    self.link.set_listening(true);
                    match self.serve(line, &mut inbox).await {
                        End::Done => return,
                        End::Broken(reason) => {
                            tracing::warn!(redis.node = %self.link.address, reason,
                                "lost the connection that listens");
                            reason
                        }
                    }
                }
                Err(error) => error.to_string(),
            };
            tracing::debug!(redis.node = %self.link.address, reason, "can't listen");
            self.link.set_listening(false);
            self.shared.look.notify_one();
            if self.pause(backoff.next(), &mut inbox).await.is_none() {
                return;
            }
        }
    }

    /// A new connection with all that is wanted.
    async fn build(&mut self, again: bool) -> Result<Line, RedisError> {
        let mut line = Line::open(&self.shared, &self.link).await?;
        self.leaving.clear();
        self.wanted.values_mut().for_each(|wish| wish.heard = false);
        self.listen(&mut line).await?;
        if again {
            self.shared.rebuilt();
            self.missed = true;
        }
        self.tell_missed();
        Ok(line)
    }

    async fn serve(&mut self, mut line: Line, inbox: &mut mpsc::Receiver<Order>) -> End {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut ticks, mut silences, mut orders) = (0, 0, Vec::new());
        let mut renewal = Instant::now() + scattered(self.shared.config.rebuild_after);
        loop {
            let done = tokio::select! {
                biased;
                signal = line.signal() => self.notice(signal),
                count = inbox.recv_many(&mut orders, AT_ONCE) => match count {
                    0 => return End::Done,
                    _ => self.obey(orders.drain(..), &mut line).await,
                },
                _ = tick.tick() => {
                    ticks += 1;
                    self.tend(&mut line, ticks, &mut silences).await
                }
                () = sleep_until(renewal) => {
                    renewal = Instant::now() + scattered(self.shared.config.rebuild_after);
                    // The old one hears until the new one does.
                    match self.build(true).await {
                        Ok(fresh) => line = fresh,
                        Err(error) => tracing::debug!(error = %error, "kept the old connection"),
                    }
                    Ok(())
                }
            };
            self.tell_missed();
            if let Err(reason) = done {
                return End::Broken(reason);
            }
        }
    }

    /// What the server said unasked.
    fn notice(&mut self, signal: Signal) -> Result<(), String> {
        let channel = match signal {
            Signal::Lost => return Err("the connection ended".to_owned()),
            Signal::Silenced(channel) => channel,
        };
        if let Some(count) = self.leaving.get_mut(&channel) {
            *count -= 1;
            if *count == 0 {
                self.leaving.remove(&channel);
            }
        } else if let Some(wish) = self.wanted.get_mut(&channel) {
            // Its slot has moved, or its primary is one no more: the next tick asks again.
            wish.heard = false;
            self.shared.look.notify_one();
        }
        Ok(())
    }

    async fn obey(
        &mut self,
        orders: impl Iterator<Item = Order>,
        line: &mut Line,
    ) -> Result<(), String> {
        let mut left = Vec::new();
        for order in orders {
            left.extend(self.note(order));
        }
        let leaving = left.iter().map(|(channel, _)| line.leave(channel));
        for (gone, (channel, _)) in join_all(leaving).await.into_iter().zip(&left) {
            match gone {
                Ok(()) => *self.leaving.entry(channel.clone()).or_default() += 1,
                // Whoever does not own the slot has nothing to leave.
                Err(Refusal::Later) => {}
                Err(Refusal::Broken(reason)) => return Err(reason),
            }
        }
        for done in left.into_iter().filter_map(|(_, done)| done) {
            let _ = done.send(());
        }
        self.listen(line).await.map_err(|error| error.to_string())
    }

    /// Remembers what an order wants; gives the channels to leave.
    fn note(&mut self, order: Order) -> Vec<(String, Option<oneshot::Sender<()>>)> {
        match order {
            Order::Want(channel, waiter) => {
                let wish = self.wanted.entry(channel).or_default();
                if wish.heard {
                    let _ = waiter.send(());
                } else {
                    wish.waiters.push(waiter);
                }
                Vec::new()
            }
            Order::Leave(channel, done) => {
                self.wanted.remove(&channel);
                vec![(channel, Some(done))]
            }
            Order::Replace(exactly) => {
                let gone = self.wanted.extract_if(|channel, _| !exactly.contains(channel));
                let gone = gone.map(|(channel, _)| (channel, None)).collect();
                for channel in exactly {
                    self.wanted.entry(channel).or_default();
                }
                gone
            }
        }
    }

    /// Asks for all channels that are wanted and not heard.
    async fn listen(&mut self, line: &mut Line) -> Result<(), RedisError> {
        let missing = self.wanted.iter().filter(|(_, wish)| !wish.heard);
        let missing: Vec<_> = missing.map(|(channel, _)| channel.clone()).collect();
        for part in missing.chunks(AT_ONCE) {
            let asked = join_all(part.iter().map(|channel| line.listen(channel))).await;
            for (heard, channel) in asked.into_iter().zip(part) {
                match heard {
                    Ok(()) => self.hear(channel),
                    Err(Refusal::Later) => self.shared.look.notify_one(),
                    Err(Refusal::Broken(reason)) => return Err(broken(reason)),
                }
            }
        }
        Ok(())
    }

    fn hear(&mut self, channel: &str) {
        let Some(wish) = self.wanted.get_mut(channel) else { return };
        wish.heard = true;
        let mut told = false;
        for waiter in wish.waiters.drain(..) {
            told |= waiter.send(()).is_ok();
        }
        // Whoever asked was told that it failed, or believes that it never ended.
        self.missed |= !told && self.shared.names.room_of(channel.as_bytes()).is_some();
    }

    /// The routine: asks again for what was refused, and whether anybody is there.
    async fn tend(
        &mut self,
        line: &mut Line,
        ticks: u32,
        silences: &mut u32,
    ) -> Result<(), String> {
        self.listen(line).await.map_err(|error| error.to_string())?;
        if !ticks.is_multiple_of(TICKS_A_PING) {
            return Ok(());
        }
        match line.ping().await {
            Ok(()) => *silences = 0,
            Err(Refusal::Later) => {}
            Err(Refusal::Broken(reason)) => {
                *silences += 1;
                self.shared.look.notify_one();
                if *silences >= MAX_SILENCES {
                    return Err(reason);
                }
            }
        }
        if self.link.is_alive(CANARY_PATIENCE) {
            self.canary_patience = CANARY_PATIENCE;
        } else if self.link.is_overdue(self.canary_patience) && line.age() > self.canary_patience {
            self.canary_patience = (self.canary_patience * 2).min(CANARY_PATIENCE_MAX);
            return Err("signs of life do not come back".to_owned());
        }
        Ok(())
    }

    /// Waits, and takes orders meanwhile; none when the hub is gone.
    async fn pause(&mut self, pause: Duration, inbox: &mut mpsc::Receiver<Order>) -> Option<()> {
        let end = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(end) => return Some(()),
                order = inbox.recv() => {
                    for (_, done) in self.note(order?) {
                        done.map(|done| done.send(()));
                    }
                }
            }
        }
    }

    fn tell_missed(&mut self) {
        if std::mem::take(&mut self.missed) {
            self.shared.ear.offer(BusEvent::Reconnected);
        }
    }
}

fn broken(reason: String) -> RedisError {
    std::io::Error::other(reason).into()
}
