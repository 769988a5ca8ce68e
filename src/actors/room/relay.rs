//! Events of other replicas: applied in order from the bus, fetched from the store where the bus
//! left a gap. The bus is a hint; what it loses, repeats or reorders changes nothing but latency.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;

use super::Room;
use super::live::Live;
use super::traced::Delivery;
use crate::bus::NodeId;
use crate::domain::{Event, Instant};
use crate::protocol::envelope::decode_event;
use crate::protocol::peer::has_kind;
use crate::protocol::raw::RawJson;
use crate::protocol::relay::{Relay, TraceOf, decode_relay, encode_relay};
use crate::store::{EventRow, Head};
use crate::telemetry::metrics::ResyncReason;

/// The most events fetched in one query while catching up.
const PAGE: usize = 500;
/// Why a room begins anew when its log is not the store's.
pub(super) const REPLACED: &str = "the log was replaced by another one or cut short";

/// What replicas tell each other when something beside the log was changed: name, zone, roles or
/// archive. A replica that does not know it asks the store for events, which does no harm.
pub(in crate::actors) const CHANGED: &[u8] = b"changed";

/// A message of another replica about this room.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub struct Remote {
    /// Which replica.
    pub from: NodeId,
    /// What it said.
    pub payload: Bytes,
}

/// Where the log stands, as the store says; nowhere when the room is no longer there. Sent when the
/// bus may have lost something, and now and then.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct HeadIs(pub Option<Head>);

/// What the other replicas are told about committed events.
pub(super) fn relay_payload<'a>(
    head: Head,
    first: u64,
    digest: u32,
    at: Instant,
    traces: &[TraceOf],
    bodies: impl Iterator<Item = &'a [u8]>,
) -> Bytes {
    encode_relay(head.epoch, first, digest, at.0, traces, bodies)
}

impl Handler<Remote> for Room {
    type Result = ();

    fn handle(&mut self, Remote { from, payload }: Remote, ctx: &mut Self::Context) {
        if let Some(live) = self.live() {
            if payload == CHANGED {
                return live.reread(ctx);
            }
            if has_kind(&payload) {
                return live.hear(from, &payload, ctx);
            }
            match decode_relay(&payload) {
                Ok(relay) => live.remote(relay, ctx),
                // Perhaps a newer replica's: the store has the same events in a form we must know.
                Err(_) => live.catch_up(ctx),
            }
        }
    }
}

impl Handler<HeadIs> for Room {
    type Result = ();

    fn handle(&mut self, HeadIs(head): HeadIs, ctx: &mut Self::Context) {
        let Some(live) = self.live() else { return };
        let ours = live.log.head();
        match head {
            None => live.reread(ctx),
            Some(head) if head.epoch != ours.epoch || head.seq > ours.seq => live.catch_up(ctx),
            // What was asked before the last append is no news.
            Some(_) => {}
        }
    }
}

impl Live {
    fn remote(&mut self, relay: Relay, ctx: &mut Context<Room>) {
        let delivery = Delivery::begin(&self.deps.tracer, &relay);
        let _lines = delivery.lines();
        let outcome = self.deliver(relay, ctx);
        delivery.end(outcome);
    }

    /// What became of it, in a word.
    fn deliver(&mut self, relay: Relay, ctx: &mut Context<Room>) -> &'static str {
        if let Some(at) = relay.at {
            // Clocks may differ: what seems to come from the future took no time.
            let took = self.deps.clock.now().0.saturating_sub(at).max(0);
            self.deps.metrics.bus_lag_seconds.observe(Duration::from_millis(took as u64));
        }
        let head = self.log.head();
        if relay.epoch != head.epoch {
            self.catch_up(ctx);
            return "other_log";
        }
        let last = relay.first + relay.events.len() as u64 - 1;
        if last <= head.seq {
            return "known";
        }
        // It may follow on what is being appended or fetched, and nobody says it twice.
        if self.catching_up || self.appending {
            self.behind = true;
            return "waits";
        }
        if relay.first > head.seq + 1 {
            self.deps.metrics.bus_gaps_total.inc();
            self.catch_up(ctx);
            return "gap";
        }
        let known = (head.seq + 1 - relay.first) as usize;
        self.take_in(relay.events.into_iter().skip(known).collect());
        if !self.agrees(relay.digest, ctx) {
            return "differs";
        }
        self.decide_again(ctx);
        "delivered"
    }

    /// Fetches what the store has beyond this room's head. Nothing is appended meanwhile, and a
    /// batch at the journal comes back first: it may be what the store has. A fetch under way may
    /// have been answered before the news: another one follows it.
    pub(super) fn catch_up(&mut self, ctx: &mut Context<Room>) {
        if self.appending || self.catching_up {
            self.behind = true;
            return;
        }
        self.catching_up = true;
        self.fetch(ctx);
    }

    fn fetch(&self, ctx: &mut Context<Room>) {
        let (store, room, head) = (self.deps.store.clone(), self.key.room, self.log.head());
        let fetching = async move {
            let there = store.heads(&[room]).await?;
            let rows = store.events_after(room, head.seq, PAGE).await?;
            Ok::<_, crate::store::StoreError>((there.first().map(|(_, head)| *head), rows))
        };
        self.aside(ctx, fetching, move |live, fetched, ctx| match fetched {
            Ok((Some(there), _)) if there.epoch != head.epoch || there.seq < head.seq => {
                live.restart(ResyncReason::LogReplaced, REPLACED, "", ctx)
            }
            Ok((Some(_), rows)) => live.fetched(rows, ctx),
            Ok((None, _)) => live.close(ctx),
            Err(error) => {
                tracing::warn!(room.id = %live.key.room, error = %error, "catching up failed");
                // Whoever is ahead waits on: what this replica knows would put them back in time.
                live.fetch_later(ctx);
            }
        });
    }

    fn fetch_later(&self, ctx: &mut Context<Room>) {
        let waiting = actix::clock::sleep(Duration::from_millis(250));
        self.aside(ctx, waiting, |live, (), ctx| live.fetch(ctx));
    }

    fn fetched(&mut self, rows: Vec<EventRow>, ctx: &mut Context<Room>) {
        let full = rows.len() == PAGE;
        let head = self.log.committed().head();
        let events: Result<Vec<_>, _> =
            rows.iter().filter(|row| row.seq > head).map(|row| decode_event(&row.body)).collect();
        match events {
            Ok(events) => self.take_in(events),
            Err(error) => {
                let (reason, cause) = (ResyncReason::RoomRestarted, error.to_string());
                return self.restart(reason, "event could not be read", &cause, ctx);
            }
        }
        if full {
            return self.fetch(ctx);
        }
        self.catching_up = false;
        self.decide_again(ctx);
        if std::mem::take(&mut self.behind) {
            return self.catch_up(ctx);
        }
        self.seat_latecomers(ctx);
    }

    fn take_in(&mut self, events: Vec<(Event, RawJson)>) {
        let Some((first, _)) = events.first() else { return };
        let first = first.seq;
        let wires = events.iter().map(|(_, wire)| wire.clone()).collect();
        for (event, wire) in events {
            self.log.absorb(Arc::new(event), wire);
        }
        self.broadcast_events(first, wires);
    }

    /// Every broadcast of another replica carries the digest of its state: two that fold the same
    /// log to different states are a fault that must be seen. It heals by starting from the store.
    fn agrees(&mut self, theirs: u32, ctx: &mut Context<Room>) -> bool {
        let agrees = self.log.committed().digest() == theirs;
        if !agrees {
            self.deps.metrics.digest_mismatches_total.inc();
            let why = "the state differs from another replica's";
            self.restart(ResyncReason::DigestMismatch, why, "", ctx);
        }
        agrees
    }
}
