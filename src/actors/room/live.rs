//! The working state of a loaded room, and what it does with each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_util::future::LocalBoxFuture;
use jiff::tz::TimeZone;
use tokio::sync::oneshot;

use super::alarm::Alarm;
use super::ask::{Ask, Caller, Want};
use super::crowd::Crowd;
use super::holdings::Holdings;
use super::members::Members;
use super::past::PastReads;
use super::pipeline::{Past, Pipeline};
use super::presence::Ticking;
use super::reading::StateCache;
use super::recent::Recent;
use super::roster::Roster;
use super::witness::Witness;
use super::{Over, Room, RoomDeps};
use crate::actors::bridge::Follow;
use crate::actors::measure::Measure;
use crate::actors::post::post_to;
use crate::actors::registry::RoomKey;
use crate::actors::reply::Given;
use crate::auth::room_role;
use crate::domain::{Role, UserId};
use crate::protocol::envelope::decode_event;
use crate::protocol::error::WireError;
use crate::protocol::server::{RoomClosed, RoomClosedReason, ServerMessage, encode};
use crate::protocol::state::{decode_timetable, encode_timetable};
use crate::protocol::text::Text;
use crate::store::{LoadedRoom, RoomRecord, SnapshotRow};

/// How often a room looks for idle people and for its own end.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
/// Rounds of it after which the row and the roles are read again, should a change not have been
/// heard of.
const REREAD_ROUNDS: u32 = 6;
/// Stillness after which a participant is idle, in milliseconds.
const IDLE_AFTER_MS: i64 = 60_000;
/// Bytes of events after which a snapshot is saved however few they are, so that what is folded to
/// load a room stays bounded.
const MAX_UNSAVED_BYTES: usize = 4 * 1024 * 1024;

/// What is read again.
type Read = Result<(Option<RoomRecord>, Vec<(UserId, Role)>), crate::store::StoreError>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rereading {
    Idle,
    Busy,
    /// It was asked for while it was under way.
    Again,
}

/// A loaded room.
pub struct Live {
    pub(super) key: RoomKey,
    pub(super) deps: RoomDeps,
    pub(super) record: RoomRecord,
    pub(super) roles: HashMap<UserId, Role>,
    pub(super) log: Pipeline,
    pub(super) members: Members,
    pub(super) roster: Roster,
    pub(super) ticking: Ticking,
    pub(super) crowd: Crowd,
    pub(super) holdings: Holdings,
    /// Locks that the bus is being asked for.
    pub(super) claiming: usize,
    pub(super) state: StateCache,
    pub(super) past_reads: PastReads,
    pub(super) saved: u64,
    pub(super) failures: u32,
    /// A batch is with the journal.
    pub(super) appending: bool,
    /// Something is known to be in the store that is not here.
    pub(super) behind: bool,
    /// The store is being asked for it.
    pub(super) catching_up: bool,
    /// It has ended, and waits for the room to hear it: nothing is done any more.
    pub(super) over: Option<Over>,
    /// Requests that wait until the store was asked.
    pub(super) late: Vec<Ask>,
    pub(super) grace: Alarm,
    pub(super) lock_expiry: Alarm,
    rereading: Rereading,
    rounds: u32,
    pub(super) flushed: Vec<oneshot::Sender<()>>,
    pub(super) empty_since: Option<Instant>,
    pub(super) witness: Witness,
}

impl Live {
    /// Reads a room from the store.
    ///
    /// # Errors
    /// `not_found` when it is not this tenant's or archived, `unavailable` when the store is,
    /// `internal` when what it holds can't be read.
    pub async fn load(deps: RoomDeps, key: RoomKey) -> Result<Self, WireError> {
        deps.metrics.room_loads_total.inc();
        let loaded = deps.store.load(&key.tenant, key.room, deps.config.tail).await;
        match loaded {
            Ok(Some(loaded)) => Self::build(deps, key, loaded),
            Ok(None) => Err(WireError::not_found()),
            Err(error) => {
                deps.metrics.store_error(&error);
                tracing::warn!(room.id = %key.room, error = %error, "room could not be loaded");
                Err(WireError::unavailable(500))
            }
        }
    }

    fn build(deps: RoomDeps, key: RoomKey, loaded: LoadedRoom) -> Result<Self, WireError> {
        let saved = loaded.snapshot.seq;
        let past = fold(&deps, &loaded)
            .map_err(|cause| incident(&key, "room could not be read from its log", &cause))?;
        let epoch = loaded.record.head.epoch;
        Ok(Self {
            roles: loaded.members.into_iter().collect(),
            log: Pipeline::new(key.room, key.tenant.clone(), epoch, past),
            members: Members::new(key.room),
            roster: Roster::default(),
            ticking: Ticking::default(),
            crowd: Crowd::new(),
            holdings: Holdings::default(),
            claiming: 0,
            state: StateCache::default(),
            past_reads: PastReads::new(deps.past_reads.clone()),
            saved,
            failures: 0,
            appending: false,
            behind: false,
            catching_up: false,
            over: None,
            late: Vec::new(),
            grace: Alarm::default(),
            lock_expiry: Alarm::default(),
            rereading: Rereading::Idle,
            rounds: 0,
            flushed: Vec::new(),
            empty_since: Some(deps.clock.monotonic()),
            witness: Witness::new(deps.clock.now()),
            record: loaded.record,
            key,
            deps,
        })
    }

    /// Follows the room on other replicas and keeps house.
    pub(super) fn begin(&mut self, ctx: &mut Context<Room>) {
        let follow = Follow { room: self.key.room, addr: ctx.address() };
        post_to(&self.deps.bridge, follow);
        self.gather(ctx);
        ctx.run_interval(HOUSEKEEPING, |room, ctx| {
            if room.live().is_some_and(|live| live.housekeeping(ctx)) {
                room.end(Over::Replaced, ctx);
            }
        });
    }

    /// Does what is asked.
    pub(super) fn answer(&mut self, ask: Ask, ctx: &mut Context<Room>) {
        if self.is_late(&ask) { self.come_late(ask, ctx) } else { self.answer_now(ask, ctx) }
    }

    pub(super) fn answer_now(&mut self, ask: Ask, ctx: &mut Context<Room>) {
        let Ask { who, want, reply } = ask;
        self.touch(&who);
        match want {
            Want::Join(join) => self.join(&who, *join, reply, ctx),
            Want::Leave(departure) => self.leave(&who, departure, reply, ctx),
            Want::Op { command, dry_run, span } => {
                self.operation(&who, *command, dry_run, span, reply, ctx);
            }
            Want::Cursor(cursor) => self.point(&who, cursor, ctx),
            Want::Select(selection) => self.select(&who, selection, ctx),
            Want::Lock { course_id, ttl_ms } => self.lock(&who, course_id, ttl_ms, reply, ctx),
            Want::Unlock { course_id, token } => self.unlock(&who, course_id, token, reply, ctx),
            Want::History { page, limit } => self.history(page, limit, reply, ctx),
            Want::Snapshot { seq } => self.snapshot(seq, reply, ctx),
            Want::Participants => {
                reply.send(Ok(Given::Participants(self.roster.participants())));
            }
        }
    }

    /// What a person may do here now.
    pub(super) fn role(&self, who: &Caller) -> Role {
        room_role(who.principal.role, self.roles.get(&who.principal.user).copied())
    }

    /// Runs something slow beside the room and comes back with its result.
    pub(super) fn aside<T: 'static>(
        &self,
        ctx: &mut Context<Room>,
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut Self, T, &mut Context<Room>) + 'static,
    ) {
        let work: LocalBoxFuture<'static, T> = Box::pin(work);
        ctx.spawn(actix::fut::wrap_future::<_, Room>(work).map(|result, room, ctx| {
            if let Some(live) = room.live() {
                then(live, result, ctx);
            }
        }));
    }

    /// Resolves when nothing waits for the store any more.
    pub(super) fn when_flushed(&mut self) -> oneshot::Receiver<()> {
        let (done, flushed) = oneshot::channel();
        self.flushed.push(done);
        self.note_flushed();
        flushed
    }

    /// Tells whoever waits that nothing is pending, if so.
    pub(super) fn note_flushed(&mut self) {
        if self.log.pending() == 0 {
            for done in self.flushed.drain(..) {
                done.send(()).ok();
            }
        }
    }

    /// Reads the room's row and members again; once more when that was asked for meanwhile, because
    /// the answer may be from before.
    pub(super) fn reread(&mut self, ctx: &mut Context<Room>) {
        if self.rereading != Rereading::Idle {
            self.rereading = Rereading::Again;
            return;
        }
        self.rereading = Rereading::Busy;
        let (store, key) = (self.deps.store.clone(), self.key.clone());
        let reading = async move {
            let record = store.room(&key.tenant, key.room).await?;
            Ok::<_, crate::store::StoreError>((record, store.members(key.room).await?))
        };
        self.aside(ctx, reading, |live, read, ctx| {
            let before = std::mem::replace(&mut live.rereading, Rereading::Idle);
            live.reread_done(read, ctx);
            if before == Rereading::Again {
                live.reread(ctx);
            }
        });
    }

    fn reread_done(&mut self, read: Read, ctx: &mut Context<Room>) {
        match read {
            Ok((Some(record), members)) if record.archived_at.is_none() => {
                self.roles = members.into_iter().collect();
                let roles = &self.roles;
                self.roster
                    .set_roles(|user, standing| room_role(standing, roles.get(user).copied()));
                self.tick_soon(ctx);
                self.log.set_timezone(zone(&record));
                self.record = record;
            }
            Ok(_) => self.close(ctx),
            // Tried again with the next change, and now and then.
            Err(error) => tracing::warn!(error = %error, "room could not be read again"),
        }
    }

    /// Ends the room for everyone: it was archived.
    pub(super) fn close(&mut self, ctx: &mut Context<Room>) {
        let (room, reason) = (Text(self.key.room), RoomClosedReason::Archived);
        let closed = RoomClosed { room, reason };
        let farewell = encode(None, &ServerMessage::RoomClosed(closed));
        let sessions: Vec<_> = self.members.iter().map(|(session, _)| session.clone()).collect();
        for session in sessions {
            self.members.dismiss(&session, &farewell);
        }
        for wish in self.log.abandon() {
            wish.answer(Err(WireError::not_found()));
        }
        self.end(Over::Closed(WireError::not_found()), ctx);
    }

    /// The phase belongs to the room, which is told rather than reached for.
    pub(super) fn end(&mut self, over: Over, ctx: &mut Context<Room>) {
        self.over = Some(over.clone());
        ctx.notify(super::End(over));
    }

    /// Saves a snapshot when enough happened since the last one.
    pub(super) fn save_if_due(&mut self, least: u64, ctx: &mut Context<Room>) {
        let head = self.log.committed().head();
        if head < self.saved + least && self.log.unsaved_bytes() < MAX_UNSAVED_BYTES {
            return;
        }
        self.saved = head;
        self.log.saved();
        let snapshot = SnapshotRow { seq: head, body: encode_timetable(self.log.committed()) };
        let (store, room) = (self.deps.store.clone(), self.key.room);
        self.aside(ctx, async move { store.put_snapshot(room, snapshot).await }, |_, saved, _| {
            if let Err(error) = saved {
                // The log is whole without it; the next one is due after as many events.
                tracing::warn!(error = %error, "snapshot could not be saved");
            }
        });
    }

    /// Marks idle people and reads the roles now and then; true when the room has been empty for
    /// long enough to end.
    fn housekeeping(&mut self, ctx: &mut Context<Room>) -> bool {
        let now = self.deps.clock.now();
        self.roster.idle(crate::domain::Instant(now.0 - IDLE_AFTER_MS));
        self.tick_soon(ctx);
        self.rounds = self.rounds.wrapping_add(1);
        if self.rounds.is_multiple_of(REREAD_ROUNDS) {
            self.reread(ctx);
        }
        if !self.is_deserted() {
            return false;
        }
        self.save_if_due(1, ctx);
        true
    }

    fn is_deserted(&mut self) -> bool {
        let waiting = self.log.pending() + self.late.len() + self.roster.here();
        let used = !self.members.is_empty() || waiting > 0;
        if used {
            self.empty_since = None;
            return false;
        }
        let clock = &self.deps.clock;
        let since = self.empty_since.get_or_insert_with(|| clock.monotonic());
        clock.monotonic() - *since >= self.deps.config.hibernate_after
    }

    fn touch(&mut self, who: &Arc<Caller>) {
        self.empty_since = None;
        if let Some(session) = &who.session {
            self.roster.active(session, self.deps.clock.now());
        }
    }
}

fn fold(deps: &RoomDeps, loaded: &LoadedRoom) -> Result<Past, String> {
    let mut state = decode_timetable(&loaded.snapshot.body, zone(&loaded.record))
        .map_err(|error| error.to_string())?;
    let first = loaded.events.first().map_or(loaded.record.head.seq, |row| row.seq - 1);
    let (mut recent, mut unsaved) = (Recent::new(first, deps.config.tail), 0);
    for row in &loaded.events {
        let (event, wire) = decode_event(&row.body).map_err(|error| error.to_string())?;
        let event = Arc::new(event);
        if event.seq == state.head() + 1 {
            state.evolve(&event);
            unsaved += wire.len();
        }
        recent.push(event, wire);
    }
    if state.head() == loaded.record.head.seq {
        Ok(Past { state, recent, unsaved })
    } else {
        Err(format!("log ends at {} of {}", state.head(), loaded.record.head.seq))
    }
}

fn zone(record: &RoomRecord) -> TimeZone {
    TimeZone::get(&record.timezone).unwrap_or(TimeZone::UTC)
}

/// Logs a fault under a number that the client is told too.
pub(super) fn incident(key: &RoomKey, what: &'static str, cause: &str) -> WireError {
    let incident = uuid::Uuid::now_v7().to_string();
    tracing::error!(room.id = %key.room, incident, cause, what);
    WireError::internal(&incident)
}
