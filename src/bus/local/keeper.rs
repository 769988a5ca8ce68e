//! What nodes of one process keep for each other for a while: addresses, announcements and leases.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::bus::{Claim, Claimed, Lease, NodeId};
use crate::domain::RoomId;

/// The owner of all of it. What is over is dropped when its room is looked at again.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    rooms: HashMap<RoomId, Kept>,
    /// One a node.
    addresses: HashMap<NodeId, (String, Instant)>,
    /// The fencing number given last. One for all rooms: it grows in each.
    last_token: u64,
}

#[derive(Debug, Default)]
struct Kept {
    announced: BTreeMap<NodeId, (Bytes, Instant)>,
    leases: BTreeMap<String, Held>,
}

#[derive(Clone, Debug)]
struct Held {
    holder: Bytes,
    token: u64,
    until: Instant,
}

impl Keeper {
    pub(super) fn advertise(&mut self, node: NodeId, address: &str, ttl: Duration) {
        let now = Instant::now();
        self.addresses.retain(|_, (_, until)| *until > now);
        self.addresses.insert(node, (address.to_owned(), now + ttl));
    }

    pub(super) fn whereabouts(&self, node: NodeId) -> Option<String> {
        let (address, until) = self.addresses.get(&node)?;
        (*until > Instant::now()).then(|| address.clone())
    }

    pub(super) fn forget(&mut self, node: NodeId) {
        self.addresses.remove(&node);
    }

    pub(super) fn announce(&mut self, room: RoomId, node: NodeId, value: Bytes, ttl: Duration) {
        let until = Instant::now() + ttl;
        self.rooms.entry(room).or_default().announced.insert(node, (value, until));
    }

    pub(super) fn withdraw(&mut self, room: RoomId, node: NodeId) {
        if let Some(kept) = self.fresh(room) {
            kept.announced.remove(&node);
        }
    }

    pub(super) fn announced(&mut self, room: RoomId, except: NodeId) -> Vec<(NodeId, Bytes)> {
        let Some(kept) = self.fresh(room) else { return Vec::new() };
        let others = kept.announced.iter().filter(|(node, _)| **node != except);
        others.map(|(node, (value, _))| (*node, value.clone())).collect()
    }

    pub(super) fn claim(&mut self, room: RoomId, claim: Claim) -> Claimed {
        let Claim { name, holder, ttl, instead_of } = claim;
        self.fresh(room);
        let kept = self.rooms.entry(room).or_default();
        if let Some(held) = kept.leases.get(&name)
            && Some(held.token) != instead_of
        {
            return Claimed::Held(held.lease(name, Instant::now()));
        }
        self.last_token += 1;
        let held = Held { holder, token: self.last_token, until: Instant::now() + ttl };
        kept.leases.insert(name, held);
        Claimed::Granted(self.last_token)
    }

    pub(super) fn release(&mut self, room: RoomId, name: &str, token: u64) -> bool {
        let Some(kept) = self.fresh(room) else { return false };
        let held = kept.leases.get(name).is_some_and(|held| held.token == token);
        if held {
            kept.leases.remove(name);
        }
        held
    }

    pub(super) fn leases(&mut self, room: RoomId) -> Vec<Lease> {
        let now = Instant::now();
        let Some(kept) = self.fresh(room) else { return Vec::new() };
        kept.leases.iter().map(|(name, held)| held.lease(name.clone(), now)).collect()
    }

    /// What is not over in a room, if anything is.
    fn fresh(&mut self, room: RoomId) -> Option<&mut Kept> {
        let now = Instant::now();
        let kept = self.rooms.get_mut(&room)?;
        kept.announced.retain(|_, (_, until)| *until > now);
        kept.leases.retain(|_, held| held.until > now);
        if kept.announced.is_empty() && kept.leases.is_empty() {
            self.rooms.remove(&room);
        }
        self.rooms.get_mut(&room)
    }
}

impl Held {
    fn lease(&self, name: String, now: Instant) -> Lease {
        let left = self.until.saturating_duration_since(now);
        Lease { name, holder: self.holder.clone(), token: self.token, left }
    }
}
