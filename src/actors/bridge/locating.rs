//! Where replicas are reached: this one says it with every few signs of life, and answers for the
//! others out of what the bus has said (`directory.rs`).

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use super::Bridge;
use super::directory::Lookup;
use crate::bus::NodeId;

/// How long an address stays without being said again.
const SAID_FOR: Duration = Duration::from_secs(30);
/// It is said with one sign of life in so many, one a second: several may be lost.
const SAID_EVERY: u32 = 5;

/// Where this replica is reached; said to the others from now on. True when it has been said.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct ReachableAt(pub Arc<str>);

/// Asks where another replica is reached. The name may be one that somebody made up.
#[derive(Message)]
#[rtype(result = "Option<Arc<str>>")]
pub struct Locate(pub NodeId);

/// What this replica says about itself.
#[derive(Debug, Default)]
pub(super) struct Own {
    address: Option<Arc<str>>,
    beats: u32,
}

impl Bridge {
    /// Says where this replica is, when it is time; what was not said is said with the next sign of
    /// life.
    pub(super) fn advertise_now_and_then(&mut self, ctx: &mut Context<Self>) {
        let is_time = self.own.beats.is_multiple_of(SAID_EVERY);
        self.own.beats = self.own.beats.wrapping_add(1);
        if is_time {
            let saying = self.advertise().map(|said, bridge, _| {
                if !said {
                    bridge.own.beats = 0;
                }
            });
            ctx.spawn(saying);
        }
    }

    /// Says it at once: whoever was told before may have forgotten it.
    pub(super) fn advertise_again(&mut self, ctx: &mut Context<Self>) {
        self.own.beats = 0;
        self.advertise_now_and_then(ctx);
    }

    /// Whether it was said.
    fn advertise(&self) -> ResponseActFuture<Self, bool> {
        let own = self.own.address.clone().filter(|_| !self.parted);
        let (Some(address), Ok((bus, turn))) = (own, self.turn()) else {
            return Box::pin(fut::ready(false));
        };
        let saying = async move {
            let said = bus.advertise(&address, SAID_FOR).await;
            drop(turn);
            let is_said = said.is_ok();
            super::note(said);
            is_said
        };
        Box::pin(saying.into_actor(self))
    }

    /// Asks the bus. What it does not answer changes nothing.
    fn ask_where(&self, node: NodeId) -> ResponseActFuture<Self, Option<Arc<str>>> {
        let turn = self.turn();
        let asking = async move {
            let (bus, _turn) = turn?;
            bus.whereabouts(node).await
        };
        Box::pin(asking.into_actor(self).map(move |found, bridge, _| {
            let found = found.inspect_err(|error| {
                tracing::debug!(node.id = %node, %error, "a replica could not be located");
            });
            let address = found.ok()?.map(Arc::from);
            // Asked before it left, answered after.
            let address = address.filter(|_| !bridge.nodes.has_left(node));
            bridge.directory.learn(node, address.clone(), bridge.clock.monotonic());
            address
        }))
    }
}

impl Handler<ReachableAt> for Bridge {
    type Result = ResponseActFuture<Self, bool>;

    fn handle(&mut self, ReachableAt(address): ReachableAt, _: &mut Self::Context) -> Self::Result {
        if self.own.address.as_ref() != Some(&address) {
            tracing::info!(%address, "the other replicas are told where this one is");
        }
        self.own.address = Some(address);
        self.advertise()
    }
}

impl Handler<Locate> for Bridge {
    type Result = ResponseActFuture<Self, Option<Arc<str>>>;

    fn handle(&mut self, Locate(node): Locate, ctx: &mut Self::Context) -> Self::Result {
        let now = self.clock.monotonic();
        if node == self.node {
            return Box::pin(fut::ready(None));
        }
        match self.directory.look(node, self.nodes.has_heard(node), now) {
            Lookup::Known(address) => Box::pin(fut::ready(address)),
            Lookup::Stale(address) => {
                ctx.spawn(self.ask_where(node).map(|_, _, _| ()));
                Box::pin(fut::ready(Some(address)))
            }
            Lookup::Unknown => self.ask_where(node),
        }
    }
}
