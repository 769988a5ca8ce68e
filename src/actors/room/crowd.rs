//! People across replicas: what this room says of its own and hears of the others. At most one
//! message a tick goes out, only while there is something to say; an announcement on the bus, said
//! again every few seconds, heals what was lost and tells rooms that begin later.

use std::time::{Duration, Instant};

use actix::prelude::*;

use super::Room;
use super::live::Live;
use super::peers::{Peers, Step};
use crate::actors::bridge::{Announce, Kept, Look, Publish, Withdraw};
use crate::bus::NodeId;
use crate::domain;
use crate::protocol::peer::{
    Mark, PeerMessage, Said, Speech, decode_announcement, decode_peer, encode_announcement,
    encode_people,
};

/// How often a room with people looks after what it says and hears.
const ROUND: Duration = Duration::from_secs(1);
/// How often its announcement is said again; it stays on the bus three times as long.
const REFRESH: Duration = Duration::from_millis(2_500);
/// Least time between two announcements, and between two looks at the others'.
const LEAST: Duration = Duration::from_millis(500);
/// Silence of a replica in this room after which its announcement is looked for.
const QUIET: Duration = Duration::from_secs(5);
/// Silence after which its people go even though the bus does not answer.
const SILENT: Duration = Duration::from_millis(8_500);
/// How long the first to join wait for the others' announcements.
const GATHER: Duration = Duration::from_millis(500);
/// How much longer than the grace of a cut session of another replica it is shown, in milliseconds,
/// so that clocks may differ: it is for that replica to end it.
const SKEW_MS: i64 = 2_000;

/// How long somebody who was away on a replica that left in order is shown, in milliseconds: the
/// time in which clients are back after a deploy.
const MOVING_MS: i64 = 2_000;

/// The bus delivers this room's messages from now on.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Subscribed;

/// Messages may have been lost here and elsewhere: say everything again, and read it.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Resound;

/// Another replica is gone.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct NodeGone {
    /// Which.
    pub node: NodeId,
    /// It said so: who was away there may be on the way to another one.
    pub in_order: bool,
}

/// What a room says and hears.
#[derive(Debug, Default)]
pub struct Crowd {
    /// This life of the room; a later one of the same replica is greater.
    life: u64,
    /// The number of what was said last.
    seq: u64,
    /// The number of what the bus keeps.
    announced: u64,
    announced_at: Option<Instant>,
    announcing: bool,
    /// The bus keeps something else than what is, or not for long any more.
    outdated: bool,
    /// The numbers are to be told.
    pulse: bool,
    /// What the bus keeps about the others is to be read.
    unread: bool,
    peers: Peers,
    looking: bool,
    looked_at: Option<Instant>,
    /// The room has just begun, and does not know the others yet.
    pub(super) gathering: bool,
}

impl Crowd {
    /// Of a room that begins.
    #[must_use]
    pub fn new() -> Self {
        // The first half of a version 7 UUID: time, and a counter within the millisecond.
        let life = (uuid::Uuid::now_v7().as_u128() >> 64) as u64;
        Self { life, ..Self::default() }
    }

    /// Whether a tick is needed though nothing happened.
    pub(super) fn is_due(&self) -> bool {
        self.pulse || self.outdated
    }
}

impl Live {
    /// Begins to listen to the others, who are waited for a moment.
    pub(super) fn gather(&mut self, ctx: &mut Context<Room>) {
        if self.deps.alone {
            return;
        }
        self.crowd.gathering = true;
        ctx.run_later(GATHER, |room, ctx| {
            if let Some(live) = room.live() {
                live.gathered(ctx);
            }
        });
        ctx.run_interval(ROUND, |room, ctx| {
            if let Some(live) = room.live() {
                live.round(ctx);
            }
        });
    }

    /// Tells the others what this tick says of this replica's people.
    pub(super) fn speak(&mut self, speech: Speech, ctx: &mut Context<Room>) {
        if self.deps.alone {
            return;
        }
        self.say(&speech);
        // Now, when what is announced is what the numbers stand for.
        if self.crowd.outdated {
            self.announce(ctx);
        }
    }

    fn say(&mut self, speech: &Speech) {
        let crowd = &mut self.crowd;
        let pulse = std::mem::take(&mut crowd.pulse);
        if speech.is_empty() && !pulse {
            return;
        }
        let mut prev = crowd.seq;
        crowd.seq += u64::from(!speech.is_empty());
        let lasting = !speech.people.is_empty() || !speech.left.is_empty();
        crowd.outdated |= lasting;
        if !lasting && !pulse && crowd.peers.is_empty() {
            // Pointers alone, and nobody elsewhere to see them; the next message shows the gap.
            return;
        }
        let shortened = speech.shortened();
        if shortened.is_some() {
            // The others see that they missed something, and read the announcement.
            prev = crowd.seq;
        }
        let locks = self.holdings.checksum(None);
        let mark =
            Mark { life: crowd.life, prev, seq: crowd.seq, announced: crowd.announced, locks };
        let payload = encode_people(mark, shortened.as_ref().unwrap_or(speech));
        self.deps.metrics.presence_published_total.inc();
        // A bridge that is too busy for it loses it like a bus.
        self.deps.bridge.try_send(Publish::plain(self.key.room, payload)).ok();
    }

    /// A message of another replica about its people or their locks.
    pub(super) fn hear(&mut self, node: NodeId, payload: &[u8], ctx: &mut Context<Room>) {
        match decode_peer(payload) {
            PeerMessage::People(said) => self.hear_people(node, said, ctx),
            PeerMessage::Locks(said) => self.hear_locks(node, said, ctx),
            PeerMessage::Unknown => {}
        }
    }

    fn hear_people(&mut self, node: NodeId, said: Said, ctx: &mut Context<Room>) {
        let mark = said.mark;
        let now = self.deps.clock.monotonic();
        let steps = self.crowd.peers.hear(node, said, now);
        self.walk(node, steps, ctx);
        let is_pulse = mark.prev == mark.seq;
        let astray = is_pulse && self.holdings.checksum(Some(node)) != mark.locks;
        if self.crowd.peers.wants_to_read() || astray {
            self.look(ctx);
        }
    }

    fn walk(&mut self, node: NodeId, steps: Vec<Step>, ctx: &mut Context<Room>) {
        let now = self.deps.clock.now();
        let grace = self.deps.config.presence_grace.as_millis() as i64 + SKEW_MS;
        for step in steps {
            match step {
                Step::Enter(person) => {
                    let until = person.cut.map(|at| domain::Instant(at + grace));
                    self.roster.enter(node, person, until, now);
                }
                Step::Move(change) => self.roster.moved(change),
                Step::Leave(session, reason) => {
                    if self.roster.depart(&session, reason) {
                        self.release_locks_of(&session, ctx);
                    }
                }
            }
        }
        self.tick_soon(ctx);
        self.expire_presence_later(ctx);
    }

    fn lose(&mut self, node: NodeId, in_order: bool, ctx: &mut Context<Room>) {
        let moving = domain::Instant(self.deps.clock.now().0 + MOVING_MS);
        for step in self.crowd.peers.lose(node) {
            if let Step::Leave(session, _) = step {
                self.roster.orphan(&session, in_order.then_some(moving));
            }
        }
        let released = self.holdings.end_node(node);
        self.tell_released(released);
        self.tick_soon(ctx);
        self.expire_presence_later(ctx);
    }

    /// Leaves on the bus who is here, unless that was done just now: then the next round does it.
    fn announce(&mut self, ctx: &mut Context<Room>) {
        let now = self.deps.clock.monotonic();
        let crowd = &mut self.crowd;
        if crowd.announcing || crowd.announced_at.is_some_and(|at| now - at < LEAST) {
            return;
        }
        crowd.outdated = false;
        let people = self.roster.ours();
        let room = self.key.room;
        if people.is_empty() {
            crowd.announced_at = None;
            self.deps.bridge.try_send(Withdraw { room }).ok();
            return;
        }
        crowd.announcing = true;
        crowd.announced_at = Some(now);
        let seq = crowd.seq;
        let value = encode_announcement(crowd.life, seq, people);
        let announcing = self.deps.bridge.send(Announce { room, value });
        self.aside(ctx, announcing, move |live, announced, ctx| {
            live.crowd.announcing = false;
            if matches!(announced, Ok(Ok(()))) {
                live.crowd.announced = seq;
                live.crowd.pulse = true;
                live.tick_soon(ctx);
            } else {
                live.crowd.outdated = true;
            }
        });
    }

    /// Reads what the bus keeps about the others, unless that was done just now: then the next
    /// round does it.
    pub(super) fn look(&mut self, ctx: &mut Context<Room>) {
        let now = self.deps.clock.monotonic();
        let crowd = &mut self.crowd;
        crowd.unread = true;
        if crowd.looking || crowd.looked_at.is_some_and(|at| now - at < LEAST) {
            return;
        }
        (crowd.looking, crowd.unread, crowd.looked_at) = (true, false, Some(now));
        let highest = self.holdings.highest();
        let looking = self.deps.bridge.send(Look { room: self.key.room });
        self.aside(ctx, looking, move |live, kept, ctx| {
            live.crowd.looking = false;
            match kept {
                Ok(Ok(kept)) => live.seen(kept, highest, ctx),
                Ok(Err(_)) | Err(_) => live.crowd.unread = true,
            }
            live.gathered(ctx);
        });
    }

    fn seen(&mut self, kept: Kept, highest: u64, ctx: &mut Context<Room>) {
        let now = self.deps.clock.monotonic();
        self.reconcile_locks(kept.leases, highest, ctx);
        for (node, value) in kept.announced {
            if let Some(all) = decode_announcement(&value) {
                let steps = self.crowd.peers.read(node, all, now);
                self.walk(node, steps, ctx);
            }
        }
        // Neither said nor announced: nobody is there any more.
        for node in self.crowd.peers.silent(now, QUIET) {
            self.lose(node, false, ctx);
        }
    }

    fn round(&mut self, ctx: &mut Context<Room>) {
        let now = self.deps.clock.monotonic();
        self.crowd.outdated |= self.crowd.announced_at.is_some_and(|at| now - at >= REFRESH);
        self.tick_soon(ctx);
        for node in self.crowd.peers.silent(now, SILENT) {
            self.lose(node, false, ctx);
        }
        let quiet = !self.crowd.peers.silent(now, QUIET).is_empty();
        if quiet || self.crowd.unread || self.crowd.peers.wants_to_read() {
            self.look(ctx);
        }
        self.mend_leases(ctx);
    }

    /// Lets in who waited for the others' announcements.
    fn gathered(&mut self, ctx: &mut Context<Room>) {
        if std::mem::take(&mut self.crowd.gathering) {
            for ask in std::mem::take(&mut self.late) {
                self.answer(ask, ctx);
            }
        }
    }

    /// Takes back what this room has announced, when it ends.
    pub(super) fn withdraw(&mut self) {
        if self.crowd.announced_at.take().is_some() {
            self.deps.bridge.try_send(Withdraw { room: self.key.room }).ok();
        }
    }
}

impl Handler<Subscribed> for Room {
    type Result = ();

    fn handle(&mut self, _: Subscribed, ctx: &mut Self::Context) {
        if let Some(live) = self.live() {
            live.look(ctx);
        }
    }
}

impl Handler<Resound> for Room {
    type Result = ();

    fn handle(&mut self, _: Resound, ctx: &mut Self::Context) {
        if let Some(live) = self.live().filter(|live| !live.deps.alone) {
            // Also where nobody is: then that is what is to be heard.
            (live.crowd.outdated, live.crowd.pulse) = (true, true);
            live.tick_soon(ctx);
            live.look(ctx);
        }
    }
}

impl Handler<NodeGone> for Room {
    type Result = ();

    fn handle(&mut self, NodeGone { node, in_order }: NodeGone, ctx: &mut Self::Context) {
        if let Some(live) = self.live() {
            live.lose(node, in_order, ctx);
        }
    }
}
