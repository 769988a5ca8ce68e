//! A bus as bad as the contract allows, and worse: it loses without a word, repeats and reorders, it
//! goes away and comes back.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kyo_collaboration::bus::local::LocalHub;
use kyo_collaboration::bus::{
    Bus, BusError, BusEvent, Claim, Claimed, Health, Lease, Link, NodeId, local::LocalBus,
};
use kyo_collaboration::domain::RoomId;
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::{Mutex, watch};

use super::Dice;

/// How a bus misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whim {
    /// It does not.
    Honest,
    /// It accepts everything and carries no message.
    Deaf,
    /// It loses a quarter, sends a quarter twice and holds a quarter back until later ones have gone.
    Wild(u64),
    /// Nothing of this node goes out any more, no sign of life either: to the others it is killed.
    Silent,
    /// It is late to carry out that a lease was given back: so late that nobody sees it do so.
    Clinging,
    /// It can't be reached, and says so.
    Down,
}

/// A local bus behind a whim, which may change.
pub struct Unruly {
    inner: LocalBus,
    whim: watch::Sender<Whim>,
    mood: Mutex<Mood>,
}

struct Mood {
    dice: Dice,
    held: Vec<(RoomId, Bytes)>,
}

impl Unruly {
    /// Joins `hub` as `node`, behind `whim`.
    pub fn join(hub: &LocalHub, node: NodeId, whim: Whim) -> (Self, Receiver<BusEvent>) {
        let (events, from_hub) = mpsc::channel(4_096);
        let inner = hub.connect(node, events);
        let seed = if let Whim::Wild(seed) = whim { seed } else { 1 };
        let mood = Mood { dice: Dice::new(seed), held: Vec::new() };
        let whim = watch::Sender::new(whim);
        let (events, bus_events) = mpsc::channel(4_096);
        tokio::spawn(carry(from_hub, events, whim.subscribe()));
        (Self { inner, whim, mood: Mutex::new(mood) }, bus_events)
    }

    /// From now on it behaves like this.
    pub fn set(&self, whim: Whim) {
        self.whim.send_replace(whim);
    }

    /// Whether a call is to be carried out; an error where there is no bus.
    fn carries(&self) -> Result<bool, BusError> {
        match *self.whim.borrow() {
            Whim::Down => Err(BusError::Unavailable("a test says so".to_owned())),
            Whim::Silent => Ok(false),
            Whim::Honest | Whim::Deaf | Whim::Wild(_) | Whim::Clinging => Ok(true),
        }
    }
}

/// Events of the hub, unless the bus is down; a return is announced as any bus would.
async fn carry(
    mut from: Receiver<BusEvent>,
    to: mpsc::Sender<BusEvent>,
    mut whim: watch::Receiver<Whim>,
) {
    let mut was = *whim.borrow();
    loop {
        tokio::select! {
            changed = whim.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = *whim.borrow_and_update();
                if was == Whim::Down && now != Whim::Down {
                    to.send(BusEvent::Reconnected).await.ok();
                }
                was = now;
            }
            event = from.recv() => match event {
                Some(_) if was == Whim::Down => {}
                Some(event) => drop(to.send(event).await),
                None => return,
            }
        }
    }
}

#[async_trait]
impl Bus for Unruly {
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError> {
        // One that is down remembers what was asked for, and begins when it is back.
        self.inner.subscribe(room).await?;
        self.carries().map(drop)
    }

    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.inner.unsubscribe(room).await
    }

    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError> {
        if !self.carries()? {
            return Ok(());
        }
        let whim = *self.whim.borrow();
        let mut mood = self.mood.lock().await;
        match whim {
            Whim::Wild(_) => {}
            Whim::Honest | Whim::Clinging => return self.inner.publish(room, payload).await,
            Whim::Deaf | Whim::Silent | Whim::Down => return Ok(()),
        }
        match mood.dice.below(4) {
            0 => return Ok(()),
            1 => {
                mood.held.push((room, payload));
                return Ok(());
            }
            2 => self.inner.publish(room, payload.clone()).await?,
            _ => {}
        }
        self.inner.publish(room, payload).await?;
        for (room, late) in std::mem::take(&mut mood.held) {
            self.inner.publish(room, late).await?;
        }
        Ok(())
    }

    async fn beat(&self) -> Result<(), BusError> {
        if self.carries()? { self.inner.beat().await } else { Ok(()) }
    }

    async fn leave(&self) -> Result<(), BusError> {
        if self.carries()? { self.inner.leave().await } else { Ok(()) }
    }

    async fn advertise(&self, address: &str, ttl: Duration) -> Result<(), BusError> {
        if self.carries()? { self.inner.advertise(address, ttl).await } else { Ok(()) }
    }

    async fn whereabouts(&self, node: NodeId) -> Result<Option<String>, BusError> {
        self.carries()?;
        self.inner.whereabouts(node).await
    }

    async fn announce(&self, room: RoomId, value: Bytes, ttl: Duration) -> Result<(), BusError> {
        if self.carries()? { self.inner.announce(room, value, ttl).await } else { Ok(()) }
    }

    async fn withdraw(&self, room: RoomId) -> Result<(), BusError> {
        if self.carries()? { self.inner.withdraw(room).await } else { Ok(()) }
    }

    async fn announced(&self, room: RoomId) -> Result<Vec<(NodeId, Bytes)>, BusError> {
        self.carries()?;
        self.inner.announced(room).await
    }

    async fn claim(&self, room: RoomId, claim: Claim) -> Result<Claimed, BusError> {
        self.carries()?;
        self.inner.claim(room, claim).await
    }

    async fn release(&self, room: RoomId, name: &str, token: u64) -> Result<bool, BusError> {
        if !self.carries()? || *self.whim.borrow() == Whim::Clinging {
            return Ok(true);
        }
        self.inner.release(room, name, token).await
    }

    async fn leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError> {
        self.carries()?;
        self.inner.leases(room).await
    }

    fn health(&self) -> Health {
        // There are other nodes, unlike where the local bus is otherwise used.
        let link = if *self.whim.borrow() == Whim::Down { Link::Down } else { Link::Up };
        Health { link, ..self.inner.health() }
    }

    fn dropped(&self) -> u64 {
        self.inner.dropped()
    }
}
