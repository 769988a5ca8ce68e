//! A bus as bad as the contract allows, and worse: it loses without a word, repeats and reorders.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kyo_collaboration::bus::local::LocalBus;
use kyo_collaboration::bus::{Bus, BusError, Claim, Claimed, Health, Lease, NodeId};
use kyo_collaboration::domain::RoomId;
use tokio::sync::Mutex;

use super::Dice;

/// How a bus misbehaves.
#[derive(Clone, Copy, Debug)]
pub enum Whim {
    /// It does not.
    Honest,
    /// It accepts everything and carries nothing.
    Deaf,
    /// It loses a quarter, sends a quarter twice and holds a quarter back until later ones have gone.
    Wild(u64),
}

/// A local bus behind a whim.
pub struct Unruly {
    inner: LocalBus,
    mood: Mutex<Mood>,
}

struct Mood {
    whim: Whim,
    dice: Dice,
    held: Vec<(RoomId, Bytes)>,
}

impl Unruly {
    /// Puts `whim` in front of `inner`.
    pub fn new(inner: LocalBus, whim: Whim) -> Self {
        let seed = if let Whim::Wild(seed) = whim { seed } else { 1 };
        let mood = Mood { whim, dice: Dice::new(seed), held: Vec::new() };
        Self { inner, mood: Mutex::new(mood) }
    }
}

#[async_trait]
impl Bus for Unruly {
    async fn subscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.inner.subscribe(room).await
    }

    async fn unsubscribe(&self, room: RoomId) -> Result<(), BusError> {
        self.inner.unsubscribe(room).await
    }

    async fn publish(&self, room: RoomId, payload: Bytes) -> Result<(), BusError> {
        let mut mood = self.mood.lock().await;
        match mood.whim {
            Whim::Deaf => return Ok(()),
            Whim::Honest => return self.inner.publish(room, payload).await,
            Whim::Wild(_) => {}
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
        self.inner.beat().await
    }

    async fn leave(&self) -> Result<(), BusError> {
        self.inner.leave().await
    }

    async fn announce(&self, room: RoomId, value: Bytes, ttl: Duration) -> Result<(), BusError> {
        self.inner.announce(room, value, ttl).await
    }

    async fn withdraw(&self, room: RoomId) -> Result<(), BusError> {
        self.inner.withdraw(room).await
    }

    async fn announced(&self, room: RoomId) -> Result<Vec<(NodeId, Bytes)>, BusError> {
        self.inner.announced(room).await
    }

    async fn claim(&self, room: RoomId, claim: Claim) -> Result<Claimed, BusError> {
        self.inner.claim(room, claim).await
    }

    async fn release(&self, room: RoomId, name: &str, token: u64) -> Result<bool, BusError> {
        self.inner.release(room, name, token).await
    }

    async fn leases(&self, room: RoomId) -> Result<Vec<Lease>, BusError> {
        self.inner.leases(room).await
    }

    fn health(&self) -> Health {
        self.inner.health()
    }

    fn dropped(&self) -> u64 {
        self.inner.dropped()
    }
}
