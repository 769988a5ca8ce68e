//! The rooms this session has joined or is joining, and the way to each.

use std::collections::{HashMap, VecDeque};

use actix::dev::SendError;
use actix::prelude::*;

use super::Session;
use crate::actors::measure::Measure;
use crate::actors::registry::{Open, RoomKey};
use crate::actors::reply::ReplyTo;
use crate::actors::room::{Ask, Departure, Join, Note, Room, Want};
use crate::domain::RoomId;
use crate::protocol::client::RoomRef;
use crate::protocol::error::WireError;
use crate::protocol::server::{Resync, ResyncReason, ServerMessage};
use crate::protocol::text::Text;
use crate::telemetry::metrics;

/// Requests that wait for one room's address.
const MAX_WAITING: usize = 256;

/// The way to one room.
enum Link {
    /// Its address is being asked for; requests wait in order.
    Opening(VecDeque<Ask>),
    /// It is known.
    Open(Addr<Room>),
}

/// All of them.
#[derive(Default)]
pub(super) struct Links(HashMap<RoomId, Link>);

impl Links {
    /// Which, in order.
    pub(super) fn rooms(&self) -> Vec<RoomId> {
        let mut rooms: Vec<_> = self.0.keys().copied().collect();
        rooms.sort();
        rooms
    }
}

impl Session {
    /// Joins a room, opening the way to it.
    pub(super) fn join(
        &mut self,
        room: RoomRef,
        join: Box<Join>,
        reply: ReplyTo,
        ctx: &mut Context<Self>,
    ) {
        let Some(room) = room else { return reply.error(WireError::not_found()) };
        let known = self.links.0.contains_key(&room);
        if !known && self.links.0.len() >= self.deps.limits.rooms_per_session {
            return reply.error(WireError::forbidden("too many rooms are joined"));
        }
        let Some(ask) = self.ask(Want::Join(join), reply) else { return };
        if !known {
            self.links.0.insert(room, Link::Opening(VecDeque::new()));
            self.open(room, ctx);
        }
        self.forward(room, ask, ctx);
    }

    /// Asks a joined room; one that was not joined is `forbidden`, whatever it is.
    pub(super) fn ask_joined(
        &mut self,
        room: RoomRef,
        want: Want,
        reply: ReplyTo,
        ctx: &mut Context<Self>,
    ) {
        match room.filter(|room| self.links.0.contains_key(room)) {
            Some(room) => {
                if let Some(ask) = self.ask(want, reply) {
                    self.forward(room, ask, ctx);
                }
            }
            None => reply.error(WireError::forbidden("join the room first")),
        }
    }

    /// Asks a room, joined or not.
    pub(super) fn ask_any(
        &mut self,
        room: RoomRef,
        want: Want,
        reply: ReplyTo,
        ctx: &mut Context<Self>,
    ) {
        let Some(room) = room else { return reply.error(WireError::not_found()) };
        let Some(ask) = self.ask(want, reply) else { return };
        if self.links.0.contains_key(&room) {
            return self.forward(room, ask, ctx);
        }
        let opening = self.deps.registry.send(Open(self.key(room, &ask)));
        ctx.spawn(opening.into_actor(self).map(move |opened, _, _| match opened {
            Ok(addr) => hand_over(&addr, ask),
            Err(_) => ask.reply.error(WireError::unavailable(500)),
        }));
    }

    /// Whether a room is joined or being joined.
    pub(super) fn has_joined(&self, room: &RoomId) -> bool {
        self.links.0.contains_key(room)
    }

    /// Tells a joined room something that has no reply.
    pub(super) fn tell(&mut self, room: RoomId, want: Want) {
        if let Some(Link::Open(addr)) = self.links.0.get(&room)
            && let Some(ask) = self.ask(want, ReplyTo::nobody())
        {
            addr.try_send(ask).ok();
        }
    }

    /// Leaves one room. The way to it is kept until the room has the request: a member that no
    /// session knows of would never leave.
    pub(super) fn leave(&mut self, room: RoomRef, reply: ReplyTo) {
        let forbidden = WireError::forbidden("join the room first");
        let Some(room) = room else { return reply.error(forbidden) };
        let Some(ask) = self.ask(Want::Leave(Departure::Left), reply) else { return };
        match self.links.0.get_mut(&room) {
            None => ask.reply.error(forbidden),
            Some(Link::Opening(waiting)) if waiting.len() < MAX_WAITING => waiting.push_back(ask),
            Some(Link::Opening(_)) => ask.reply.error(WireError::busy(200)),
            Some(Link::Open(addr)) => match addr.try_send(ask) {
                Err(SendError::Full(ask)) => ask.reply.error(WireError::busy(200)),
                Ok(()) | Err(SendError::Closed(_)) => drop(self.links.0.remove(&room)),
            },
        }
    }

    /// Leaves every room; the rooms hear it even when they are busy.
    pub(super) fn leave_all(&mut self, departure: Departure) {
        for (_, link) in std::mem::take(&mut self.links.0) {
            if let Link::Open(addr) = link
                && let Some(ask) = self.ask(Want::Leave(departure), ReplyTo::nobody())
            {
                crate::actors::post::post_to(&addr, ask);
            }
        }
    }

    /// What a room says of itself.
    pub(super) fn noted(&mut self, note: Note, ctx: &mut Context<Self>) {
        match note {
            Note::Closed(room) => drop(self.forget(room)),
            Note::Refused { room, addr } => {
                if self.leads_to(room, &addr) {
                    self.links.0.remove(&room);
                }
            }
            Note::Again { room, addr, ask } => {
                if self.leads_to(room, &addr) {
                    self.reopen(room, *ask, ctx);
                } else {
                    self.forward(room, *ask, ctx);
                }
            }
            Note::Lost(room, why) => {
                if self.forget(room) && !self.closing {
                    self.deps.metrics.resync(why);
                    let diverged = why == metrics::ResyncReason::DigestMismatch;
                    let reason =
                        if diverged { ResyncReason::Diverged } else { ResyncReason::Rebuilt };
                    let room = Text(room);
                    self.push(&ServerMessage::Resync(Resync { room, reason }));
                }
            }
        }
    }

    /// Forgets the way to a room that says it is over; false when there was none. Should a successor
    /// have let this session in meanwhile, it hears that nobody is there.
    fn forget(&mut self, room: RoomId) -> bool {
        let link = self.links.0.remove(&room);
        if let Some(Link::Open(addr)) = &link
            && let Some(ask) = self.ask(Want::Leave(Departure::Cut), ReplyTo::nobody())
        {
            crate::actors::post::post_to(addr, ask);
        }
        link.is_some()
    }

    fn leads_to(&self, room: RoomId, addr: &Addr<Room>) -> bool {
        matches!(self.links.0.get(&room), Some(Link::Open(known)) if known == addr)
    }

    fn ask(&self, want: Want, reply: ReplyTo) -> Option<Ask> {
        self.caller.clone().map(|who| Ask { who, want, reply })
    }

    fn key(&self, room: RoomId, ask: &Ask) -> RoomKey {
        RoomKey { tenant: ask.who.principal.tenant.clone(), room }
    }

    fn forward(&mut self, room: RoomId, ask: Ask, ctx: &mut Context<Self>) {
        match self.links.0.get_mut(&room) {
            Some(Link::Opening(waiting)) if waiting.len() < MAX_WAITING => waiting.push_back(ask),
            Some(Link::Opening(_)) => ask.reply.error(WireError::busy(200)),
            None => ask.reply.error(WireError::forbidden("join the room first")),
            Some(Link::Open(addr)) => match addr.try_send(ask) {
                Ok(()) => {}
                Err(SendError::Full(ask)) => ask.reply.error(WireError::busy(200)),
                // The room hibernated or died: a join finds its successor, and whoever was a member
                // is told by the room's tether.
                Err(SendError::Closed(ask)) => self.reopen(room, ask, ctx),
            },
        }
    }

    fn reopen(&mut self, room: RoomId, ask: Ask, ctx: &mut Context<Self>) {
        if matches!(ask.want, Want::Join(_)) {
            self.links.0.insert(room, Link::Opening(VecDeque::from([ask])));
            self.open(room, ctx);
        } else {
            ask.reply.error(WireError::busy(100));
        }
    }

    fn open(&self, room: RoomId, ctx: &mut Context<Self>) {
        let Some(caller) = &self.caller else { return };
        let key = RoomKey { tenant: caller.principal.tenant.clone(), room };
        let opening = self.deps.registry.send(Open(key));
        ctx.spawn(opening.into_actor(self).map(move |opened, session, _| match opened {
            Ok(addr) => session.opened(room, addr),
            Err(_) => session.not_opened(room),
        }));
    }

    fn opened(&mut self, room: RoomId, addr: Addr<Room>) {
        let Some(link) = self.links.0.get_mut(&room) else { return };
        let Link::Opening(waiting) = std::mem::replace(link, Link::Open(addr.clone())) else {
            return;
        };
        let mut stays = true;
        for ask in waiting {
            match ask.want {
                Want::Join(_) => stays = true,
                Want::Leave(_) => stays = false,
                _ => {}
            }
            hand_over(&addr, ask);
        }
        if !stays {
            self.links.0.remove(&room);
        }
    }

    fn not_opened(&mut self, room: RoomId) {
        if let Some(Link::Opening(waiting)) = self.links.0.remove(&room) {
            for ask in waiting {
                ask.reply.error(WireError::unavailable(500));
            }
        }
    }
}

/// Gives a request to a room, or answers that it can't.
pub(crate) fn hand_over(addr: &Addr<Room>, ask: Ask) {
    match addr.try_send(ask) {
        Ok(()) => {}
        Err(SendError::Full(ask) | SendError::Closed(ask)) => ask.reply.error(WireError::busy(200)),
    }
}
