//! What rooms ask of the bus beside messages: announcements and leases. Each request is one call
//! whose answer goes back to the room; a bus in trouble refuses at once instead of gathering them.

use std::sync::Arc;

use actix::prelude::*;
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::Bridge;
use crate::bus::{Bus, BusError, Claim, Claimed, Lease, Link, NodeId};
use crate::domain::RoomId;
use crate::protocol::peer::{HolderSaid, decode_holder};

/// How long an announcement stays without being said again; two may be missed.
const ANNOUNCED_FOR: std::time::Duration = std::time::Duration::from_millis(7_500);
/// How often a lease is taken anew to get a number above those that were given without the bus.
const CLIMBS: usize = 64;

/// Leaves on the bus who of this replica is in a room.
#[derive(Message)]
#[rtype(result = "Result<(), BusError>")]
pub struct Announce {
    /// Which room.
    pub room: RoomId,
    /// Opaque.
    pub value: Bytes,
}

/// Takes that back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Withdraw {
    /// Which room.
    pub room: RoomId,
}

/// Asks what the bus keeps about a room.
#[derive(Message)]
#[rtype(result = "Result<Kept, BusError>")]
pub struct Look {
    /// Which room.
    pub room: RoomId,
}

/// What the bus keeps about a room; what is left of dead replicas is not in it.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// What the others announced.
    pub announced: Vec<(NodeId, Bytes)>,
    /// Leases, with their holders.
    pub leases: Vec<(HolderSaid, Lease)>,
}

/// Asks for a lease; one of a dead replica's is no obstacle.
#[derive(Message)]
#[rtype(result = "Result<Claimed, BusError>")]
pub struct Take {
    /// Which room.
    pub room: RoomId,
    /// The wish.
    pub claim: Claim,
    /// The highest number that the room has seen: the lease's is above it.
    pub above: u64,
}

/// Gives a lease back.
#[derive(Message)]
#[rtype(result = "Result<bool, BusError>")]
pub struct GiveBack {
    /// Which room.
    pub room: RoomId,
    /// What.
    pub name: String,
    /// Its number.
    pub token: u64,
}

/// Tells the other replicas that this one ends; the last thing a drain asks of the bus.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Part;

impl Bridge {
    /// The bus and a turn to ask it something, unless it can't be asked.
    pub(super) fn turn(&self) -> Result<(Arc<dyn Bus>, OwnedSemaphorePermit), BusError> {
        if self.bus.health().link == Link::Down {
            return Err(BusError::Unavailable("it is down".to_owned()));
        }
        let turn = self.turns.clone().try_acquire_owned();
        let turn = turn.map_err(|_| BusError::Unavailable("too many requests".to_owned()))?;
        Ok((self.bus.clone(), turn))
    }

    fn believed(&mut self, kept: (Vec<(NodeId, Bytes)>, Vec<Lease>)) -> Kept {
        let (mut announced, leases) = kept;
        announced.retain(|(node, _)| self.believes(*node));
        let held =
            leases.into_iter().filter_map(|lease| Some((decode_holder(&lease.holder)?, lease)));
        Kept { announced, leases: held.filter(|(holder, _)| self.holds(holder)).collect() }
    }

    /// Whether a lease of this holder is to be respected.
    fn holds(&mut self, holder: &HolderSaid) -> bool {
        holder.node.parse().is_ok_and(|id| self.believes(NodeId(id)))
    }

    fn believes(&mut self, node: NodeId) -> bool {
        let now = self.clock.monotonic();
        node == self.node || self.nodes.is_alive(node, now)
    }
}

impl Handler<Announce> for Bridge {
    type Result = ResponseFuture<Result<(), BusError>>;

    fn handle(
        &mut self,
        Announce { room, value }: Announce,
        _: &mut Self::Context,
    ) -> Self::Result {
        let turn = self.turn();
        Box::pin(async move {
            let (bus, _turn) = turn?;
            bus.announce(room, value, ANNOUNCED_FOR).await
        })
    }
}

impl Handler<Withdraw> for Bridge {
    type Result = ();

    fn handle(&mut self, Withdraw { room }: Withdraw, ctx: &mut Self::Context) {
        // Without a turn it ends by itself.
        if let Ok((bus, turn)) = self.turn() {
            let withdrawing = async move {
                super::note(bus.withdraw(room).await);
                drop(turn);
            };
            ctx.spawn(withdrawing.into_actor(self));
        }
    }
}

impl Handler<Look> for Bridge {
    type Result = ResponseActFuture<Self, Result<Kept, BusError>>;

    fn handle(&mut self, Look { room }: Look, _: &mut Self::Context) -> Self::Result {
        let turn = self.turn();
        let looking = async move {
            let (bus, _turn) = turn?;
            Ok((bus.announced(room).await?, bus.leases(room).await?))
        };
        Box::pin(
            looking.into_actor(self).map(|kept, bridge, _| kept.map(|kept| bridge.believed(kept))),
        )
    }
}

impl Handler<Take> for Bridge {
    type Result = ResponseActFuture<Self, Result<Claimed, BusError>>;

    fn handle(&mut self, Take { room, claim, above }: Take, _: &mut Self::Context) -> Self::Result {
        let turn = self.turn();
        let again = claim.clone();
        let claiming = async move {
            let (bus, turn) = turn?;
            let claimed = climb(&*bus, room, claim, above).await?;
            Ok::<_, BusError>((bus, turn, claimed))
        };
        let judged = claiming.into_actor(self).map(|claimed, bridge: &mut Self, _| {
            let (bus, turn, claimed) = claimed?;
            let orphaned = match &claimed {
                Claimed::Held(lease) => {
                    let theirs = decode_holder(&lease.holder);
                    theirs.filter(|holder| !bridge.holds(holder)).map(|_| lease.token)
                }
                Claimed::Granted(_) => None,
            };
            Ok((bus, turn, claimed, orphaned))
        });
        let done = judged.then(move |judged: Result<_, BusError>, bridge, _| {
            let done = async move {
                let (bus, _turn, claimed, orphaned) = judged?;
                match orphaned {
                    None => Ok(claimed),
                    Some(token) => {
                        climb(&*bus, room, Claim { instead_of: Some(token), ..again }, above).await
                    }
                }
            };
            done.into_actor(bridge)
        });
        Box::pin(done)
    }
}

impl Handler<GiveBack> for Bridge {
    type Result = ResponseFuture<Result<bool, BusError>>;

    fn handle(
        &mut self,
        GiveBack { room, name, token }: GiveBack,
        _: &mut Self::Context,
    ) -> Self::Result {
        let turn = self.turn();
        Box::pin(async move {
            let (bus, _turn) = turn?;
            bus.release(room, &name, token).await
        })
    }
}

impl Handler<Part> for Bridge {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Part, _: &mut Self::Context) -> Self::Result {
        let bus = self.bus.clone();
        self.parted = true;
        Box::pin(async move { super::note(bus.leave().await) })
    }
}

/// Takes a lease whose number is above all that the room has given, also those that a replica had to
/// give by itself while it had no bus.
async fn climb(bus: &dyn Bus, room: RoomId, claim: Claim, above: u64) -> Result<Claimed, BusError> {
    let mut claimed = bus.claim(room, claim.clone()).await?;
    for _ in 0..CLIMBS {
        match claimed {
            Claimed::Granted(token) if token <= above => {
                let higher = Claim { instead_of: Some(token), ..claim.clone() };
                claimed = bus.claim(room, higher).await?;
            }
            claimed => return Ok(claimed),
        }
    }
    Err(BusError::Unavailable("its numbers are behind".to_owned()))
}
